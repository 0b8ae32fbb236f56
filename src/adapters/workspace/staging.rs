//! [`Staging`]: what imports left, read back. What does not read back as it was written is damage, never another record.

use super::reader::{Reads, at_most};
use super::seal::{self, Seal};
use super::{fault, journal, keeper, runs};
use crate::domain::contract::Entity;
use crate::domain::import::{Act, Delivery, DeliveryState, Import, ImportState, Inertness, MappedId, Staged};
use crate::domain::shadow::{RecordId, Shadow};
use crate::domain::text::shown;
use crate::ports::staging::Staging;
use crate::ports::workspace::StoreError;
use async_trait::async_trait;
use futures::TryStreamExt;
use sqlx::SqliteConnection;
use std::collections::BTreeMap;

/// The columns of an import that its seal covers, in this order, then the seal.
type ImportRow = (i64, String, String, Option<String>, String, String, String, String, Option<String>, Option<String>, i64);

const IMPORTS: &str = "SELECT id, state, started_at, finished_at, request, snapshots, entities, load, pack, failure, seal FROM imports \
     WHERE service = ?1 ORDER BY id DESC LIMIT ?2";
const ONE: &str = "SELECT id, state, started_at, finished_at, request, snapshots, entities, load, pack, failure, seal FROM imports WHERE id = ?1";

/// Seals an import as it is now; to be called after each change of it, in the same transaction.
pub(super) async fn seal_import(conn: &mut SqliteConnection, id: i64) -> Result<(), StoreError> {
    let row: ImportRow = sqlx::query_as(ONE).bind(id).fetch_one(&mut *conn).await.map_err(fault::store)?;
    sqlx::query("UPDATE imports SET seal = ?2 WHERE id = ?1").bind(id).bind(seal_of(&row)).execute(conn).await.map_err(fault::store)?;
    Ok(())
}

fn seal_of(row: &ImportRow) -> i64 {
    let (id, state, started, finished, request, snapshots, entities, load, pack, failure, _) = row;
    let seal = Seal::of("import").number(Some(*id)).text(Some(state)).text(Some(started)).text(finished.as_deref()).text(Some(request));
    seal.text(Some(snapshots)).text(Some(entities)).text(Some(load)).text(pack.as_deref()).text(failure.as_deref()).value()
}

/// The seal of a delivery.
pub(super) fn seal_of_delivery(delivery: &Delivery) -> i64 {
    let d = delivery;
    let seal = Seal::of("delivery").text(Some(d.id.entity.word())).text(Some(&d.id.external_id)).text(Some(d.act.word())).text(Some(&d.key));
    seal.text(Some(d.state.word())).number(Some(i64::from(d.tries))).text(Some(&d.reason)).text(d.target_id.as_deref()).value()
}

/// The seal of a pair of ids.
pub(super) fn seal_of_pair(pair: &MappedId) -> i64 {
    Seal::of("pair").text(Some(pair.id.entity.word())).text(Some(&pair.id.external_id)).text(Some(&pair.target_id)).value()
}

/// The seal of a look at inertness.
pub(super) fn seal_of_look(service: &str, look: &str) -> i64 {
    Seal::of("inertness").text(Some(service)).text(Some(look)).value()
}

/// The newest imports, newest first.
pub(super) async fn imports(conn: &mut SqliteConnection, service: &str, limit: i64) -> Result<Vec<Import>, StoreError> {
    let rows: Vec<ImportRow> = sqlx::query_as(IMPORTS).bind(service.to_owned()).bind(limit).fetch_all(conn).await.map_err(fault::store)?;
    rows.into_iter().map(import).collect()
}

fn import(row: ImportRow) -> Result<Import, StoreError> {
    seal::check(|| format!("import {}", row.0), row.10, seal_of(&row))?;
    let (id, state, started, finished, request, snapshots, entities, load, pack, failure, _) = row;
    let bent = |what: &str| fault::damaged(format!("import {id}: {what}"));
    let at = |text: &str| journal::parse_instant(text).ok_or_else(|| bent("its time was changed"));
    Ok(Import {
        id,
        request: runs::from_json("request of an import", &request)?,
        state: serde_json::from_value(state.into()).map_err(|_| bent("its state is none"))?,
        started_at: at(&started)?,
        finished_at: finished.as_deref().map(at).transpose()?,
        snapshots: runs::from_json("snapshots of an import", &snapshots)?,
        entities: runs::from_json("plan of an import", &entities)?,
        load: runs::from_json("load of an import", &load)?,
        pack,
        failure,
    })
}

fn record_id(entity: &str, external_id: String) -> Result<RecordId, StoreError> {
    let entity = Entity::named(entity).ok_or_else(|| fault::damaged(format!("{} is no entity", shown(entity, 40))))?;
    Ok(RecordId { entity, external_id })
}

type StagedRow = (String, String, String, String, i64);

/// The staged copy of a service.
pub(super) async fn staged(conn: &mut SqliteConnection, service: &str) -> Result<BTreeMap<RecordId, Staged>, StoreError> {
    let sql = "SELECT entity, external_id, shadow, digest, import_id FROM staged WHERE service = ?1";
    let rows: Vec<StagedRow> = sqlx::query_as(sql).bind(service.to_owned()).fetch_all(conn).await.map_err(fault::store)?;
    let read = |(entity, external_id, text, digest, import): StagedRow| {
        let id = record_id(&entity, external_id)?;
        let shadow: Shadow = runs::from_json("a staged record", &text)?;
        if shadow.id() != id || shadow.digest() != digest {
            return Err(fault::damaged(format!("the staged {id} is not what was staged")));
        }
        Ok((id, Staged { shadow, import }))
    };
    rows.into_iter().map(read).collect()
}

type DeliveryRow = (String, String, String, String, String, i64, String, Option<String>, i64);

/// The newest delivery of each record of a service.
pub(super) async fn deliveries(conn: &mut SqliteConnection, service: &str) -> Result<BTreeMap<RecordId, Delivery>, StoreError> {
    let sql = "SELECT entity, external_id, act, key, state, tries, reason, target_id, seal FROM deliveries WHERE service = ?1";
    let rows: Vec<DeliveryRow> = sqlx::query_as(sql).bind(service.to_owned()).fetch_all(conn).await.map_err(fault::store)?;
    let read = |(entity, external_id, act, key, state, tries, reason, target_id, stored): DeliveryRow| {
        let id = record_id(&entity, external_id)?;
        let bent = || fault::damaged(format!("the delivery of {id} is not what was stored"));
        let act = [Act::Put, Act::Retire].into_iter().find(|a| a.word() == act).ok_or_else(bent)?;
        let state = DeliveryState::named(&state).ok_or_else(bent)?;
        let tries = u32::try_from(tries).map_err(|_| bent())?;
        let delivery = Delivery { id, act, key, state, tries, reason, target_id };
        seal::check(|| format!("the delivery of {}", delivery.id), stored, seal_of_delivery(&delivery))?;
        Ok((delivery.id.clone(), delivery))
    };
    rows.into_iter().map(read).collect()
}

/// Pairs of ids of a service.
pub(super) async fn mapping(conn: &mut SqliteConnection, service: &str) -> Result<Vec<MappedId>, StoreError> {
    let sql = "SELECT entity, external_id, target_id, seal FROM mapped_ids WHERE service = ?1 ORDER BY entity, external_id";
    let rows: Vec<(String, String, String, i64)> = sqlx::query_as(sql).bind(service.to_owned()).fetch_all(conn).await.map_err(fault::store)?;
    let read = |(entity, external_id, target_id, stored): (String, String, String, i64)| {
        let pair = MappedId { id: record_id(&entity, external_id)?, target_id };
        seal::check(|| format!("the pair of ids of {}", pair.id), stored, seal_of_pair(&pair))?;
        Ok(pair)
    };
    rows.into_iter().map(read).collect()
}

/// The newest look at inertness of a service. Its name is compared here and not in the statement: a bent name or index must
/// not make a look disappear.
pub(super) async fn inertness(conn: &mut SqliteConnection, service: &str) -> Result<Option<Inertness>, StoreError> {
    let mut looks = sqlx::query_as("SELECT service, look, seal FROM inertness NOT INDEXED ORDER BY id DESC").fetch(conn);
    while let Some((of, look, stored)) = looks.try_next().await.map_err(fault::store)? {
        let (of, look): (String, String) = (of, look);
        seal::check(|| "a look at inertness".to_owned(), stored, seal_of_look(&of, &look))?;
        if of == service {
            return runs::from_json("a look at inertness", &look).map(Some);
        }
    }
    Ok(None)
}

#[async_trait]
impl<T: Reads> Staging for T {
    async fn imports(&self, service: &str, limit: usize) -> Result<Vec<Import>, StoreError> {
        let mut conn = self.reader().conn().await?;
        let mut found = imports(&mut conn, service, at_most(limit)).await?;
        if found.iter().any(|i| i.state == ImportState::Running) && self.reader().is_left_alone() {
            // It may have ended well in between: look again before saying otherwise.
            found = imports(&mut conn, service, at_most(limit)).await?;
            for left in found.iter_mut().filter(|i| i.state == ImportState::Running) {
                left.state = ImportState::Interrupted;
                left.failure = Some(keeper::LEFT.to_owned());
            }
        }
        Ok(found)
    }

    async fn staged(&self, service: &str) -> Result<BTreeMap<RecordId, Staged>, StoreError> {
        staged(&mut *self.reader().conn().await?, service).await
    }

    async fn deliveries(&self, service: &str) -> Result<BTreeMap<RecordId, Delivery>, StoreError> {
        deliveries(&mut *self.reader().conn().await?, service).await
    }

    async fn mapping(&self, service: &str) -> Result<Vec<MappedId>, StoreError> {
        mapping(&mut *self.reader().conn().await?, service).await
    }

    async fn inertness(&self, service: &str) -> Result<Option<Inertness>, StoreError> {
        inertness(&mut *self.reader().conn().await?, service).await
    }
}

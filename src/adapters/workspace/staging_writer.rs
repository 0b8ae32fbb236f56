//! [`StagingWriter`]: what an import may write while the lock is held, each call one transaction.

use super::keeper::{Keeper, LEFT};
use super::runs::json as to_json;
use super::writer::Writer;
use super::{fault, journal, staging};
use crate::domain::import::{Delivery, Import, ImportRequest, ImportState, Inertness, LoadTally, MappedId};
use crate::ports::staging::{ImportEnd, StageChange, StagingWriter};
use crate::ports::workspace::StoreError;
use async_trait::async_trait;
use serde_json::{Value, json};
use sqlx::{Sqlite, SqliteConnection, Transaction};

/// Looks at inertness kept of each service; older ones are in the journal where they said anything.
const LOOKS_KEPT: i64 = 200;

/// One write: begun, done, committed, or nothing of it.
macro_rules! transaction {
    ($self:ident, |$tx:ident| $work:expr) => {{
        let keeper: &Keeper = &$self.keeper;
        let mut slot = keeper.slot().await;
        let result = async {
            let mut $tx: Transaction<'_, Sqlite> = slot.begin(keeper).await?;
            let value = $work;
            $tx.commit().await.map_err(fault::store)?;
            Ok(value)
        }
        .await;
        slot.settle(result)
    }};
}

#[async_trait]
impl StagingWriter for Writer {
    async fn begin_import(&self, request: &ImportRequest) -> Result<Import, StoreError> {
        transaction!(self, |tx| begin(&mut tx, &self.keeper, request).await?)
    }

    async fn stage(&self, import: &Import, change: StageChange<'_>) -> Result<(), StoreError> {
        transaction!(self, |tx| stage(&mut tx, &self.keeper, import, change).await?)
    }

    async fn note_deliveries(&self, service: &str, deliveries: &[Delivery]) -> Result<(), StoreError> {
        transaction!(self, |tx| put_deliveries(&mut tx, service, deliveries).await?)
    }

    async fn map_ids(&self, service: &str, mapping: &[MappedId]) -> Result<(), StoreError> {
        transaction!(self, |tx| map_ids(&mut tx, service, mapping).await?)
    }

    async fn end_import(&self, import: &Import, end: &ImportEnd) -> Result<Import, StoreError> {
        transaction!(self, |tx| finish(&mut tx, &self.keeper, import, end).await?)
    }

    async fn note_inertness(&self, service: &str, actor: &str, inertness: &Inertness) -> Result<(), StoreError> {
        transaction!(self, |tx| look(&mut tx, &self.keeper, service, actor, inertness).await?)
    }

    async fn settle_parked(&self, service: &str, actor: &str, verb: &str, deliveries: &[Delivery]) -> Result<(), StoreError> {
        transaction!(self, |tx| {
            put_deliveries(&mut tx, service, deliveries).await?;
            let ids: Vec<Value> = deliveries.iter().map(|d| json!({ "entity": d.id.entity, "id": d.id.external_id })).collect();
            journal::append(&mut tx, self.keeper.now(), actor, &format!("parked_{verb}"), &json!({ "service": service, "records": ids })).await?;
        })
    }
}

async fn begin(conn: &mut SqliteConnection, keeper: &Keeper, request: &ImportRequest) -> Result<Import, StoreError> {
    let at = keeper.now();
    // The lock proves that nobody is at work on one that is stored as running.
    let left: Vec<i64> = sqlx::query_scalar("SELECT id FROM imports WHERE state = 'running'").fetch_all(&mut *conn).await.map_err(fault::store)?;
    for id in left {
        let sql = "UPDATE imports SET state = 'interrupted', finished_at = ?2, failure = ?3 WHERE id = ?1";
        sqlx::query(sql).bind(id).bind(journal::instant(at)).bind(LEFT).execute(&mut *conn).await.map_err(fault::store)?;
        staging::seal_import(conn, id).await?;
        journal::append(conn, at, &keeper.actor, "import_recovered", &json!({ "import": id, "state": ImportState::Interrupted })).await?;
    }
    let newest: Option<i64> = sqlx::query_scalar("SELECT max(id) FROM imports").fetch_one(&mut *conn).await.map_err(fault::store)?;
    let id = newest.unwrap_or(0) + 1;
    let load = to_json(&LoadTally::default())?;
    sqlx::query("INSERT INTO imports (id, service, state, started_at, request, load) VALUES (?1, ?2, 'running', ?3, ?4, ?5)")
        .bind(id)
        .bind(request.service.clone())
        .bind(journal::instant(at))
        .bind(to_json(request)?)
        .bind(load)
        .execute(&mut *conn)
        .await
        .map_err(fault::store)?;
    staging::seal_import(conn, id).await?;
    let facts = json!({
        "import": id, "service": request.service, "only": request.only.len(), "all": request.all, "retire": request.retire,
        "stage_only": request.stage_only, "config": request.config_digest, "program": request.program,
    });
    journal::append(conn, at, &request.actor, "import_started", &facts).await?;
    one(conn, &request.service, id).await
}

async fn one(conn: &mut SqliteConnection, service: &str, id: i64) -> Result<Import, StoreError> {
    let newest = staging::imports(conn, service, 1).await?.pop();
    newest.filter(|i| i.id == id).ok_or_else(|| StoreError::Absent { what: format!("import {id}") })
}

async fn stage(conn: &mut SqliteConnection, keeper: &Keeper, import: &Import, change: StageChange<'_>) -> Result<(), StoreError> {
    let service = &import.request.service;
    let put = "INSERT INTO staged (service, entity, external_id, shadow, digest, import_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
               ON CONFLICT DO UPDATE SET shadow = excluded.shadow, digest = excluded.digest, import_id = excluded.import_id";
    for shadow in change.put {
        sqlx::query(put)
            .bind(service.clone())
            .bind(shadow.entity().word())
            .bind(shadow.external_id().to_owned())
            .bind(to_json(shadow)?)
            .bind(shadow.digest())
            .bind(import.id)
            .execute(&mut *conn)
            .await
            .map_err(fault::store)?;
    }
    let gone = "DELETE FROM staged WHERE service = ?1 AND entity = ?2 AND external_id = ?3";
    for id in change.withdraw {
        let query = sqlx::query(gone).bind(service.clone()).bind(id.entity.word()).bind(id.external_id.clone());
        query.execute(&mut *conn).await.map_err(fault::store)?;
    }
    let update = "UPDATE imports SET snapshots = ?2, entities = ?3 WHERE id = ?1 AND state = 'running'";
    let query = sqlx::query(update).bind(import.id).bind(to_json(&change.snapshots)?).bind(to_json(change.entities)?);
    if query.execute(&mut *conn).await.map_err(fault::store)?.rows_affected() != 1 {
        return Err(StoreError::Absent { what: format!("a running import {}", import.id) });
    }
    staging::seal_import(conn, import.id).await?;
    let total: i64 = sqlx::query_scalar("SELECT count(*) FROM staged WHERE service = ?1")
        .bind(service.clone())
        .fetch_one(&mut *conn)
        .await
        .map_err(fault::store)?;
    let facts = json!({ "import": import.id, "service": service, "put": change.put.len(), "withdrawn": change.withdraw.len(), "staged": total });
    journal::append(conn, keeper.now(), &import.request.actor, "import_staged", &facts).await?;
    Ok(())
}

async fn put_deliveries(conn: &mut SqliteConnection, service: &str, deliveries: &[Delivery]) -> Result<(), StoreError> {
    let sql = "INSERT INTO deliveries (service, entity, external_id, act, key, state, tries, reason, target_id, seal) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO UPDATE SET act = excluded.act, key = excluded.key, \
               state = excluded.state, tries = excluded.tries, reason = excluded.reason, target_id = excluded.target_id, seal = excluded.seal";
    for delivery in deliveries {
        sqlx::query(sql)
            .bind(service.to_owned())
            .bind(delivery.id.entity.word())
            .bind(delivery.id.external_id.clone())
            .bind(delivery.act.word())
            .bind(delivery.key.clone())
            .bind(delivery.state.word())
            .bind(i64::from(delivery.tries))
            .bind(delivery.reason.clone())
            .bind(delivery.target_id.clone())
            .bind(staging::seal_of_delivery(delivery))
            .execute(&mut *conn)
            .await
            .map_err(fault::store)?;
    }
    Ok(())
}

async fn map_ids(conn: &mut SqliteConnection, service: &str, mapping: &[MappedId]) -> Result<(), StoreError> {
    let cleared = sqlx::query("DELETE FROM mapped_ids WHERE service = ?1").bind(service.to_owned());
    cleared.execute(&mut *conn).await.map_err(fault::store)?;
    for pair in mapping {
        sqlx::query("INSERT INTO mapped_ids (service, entity, external_id, target_id, seal) VALUES (?1, ?2, ?3, ?4, ?5)")
            .bind(service.to_owned())
            .bind(pair.id.entity.word())
            .bind(pair.id.external_id.clone())
            .bind(pair.target_id.clone())
            .bind(staging::seal_of_pair(pair))
            .execute(&mut *conn)
            .await
            .map_err(fault::store)?;
    }
    Ok(())
}

async fn finish(conn: &mut SqliteConnection, keeper: &Keeper, import: &Import, end: &ImportEnd) -> Result<Import, StoreError> {
    let at = keeper.now();
    let sql = "UPDATE imports SET state = ?2, finished_at = ?3, load = ?4, pack = ?5, failure = ?6 WHERE id = ?1 AND state = 'running'";
    let done = sqlx::query(sql)
        .bind(import.id)
        .bind(end.state.word())
        .bind(journal::instant(at))
        .bind(to_json(&end.load)?)
        .bind(end.pack.clone())
        .bind(end.failure.clone())
        .execute(&mut *conn)
        .await
        .map_err(fault::store)?;
    if done.rows_affected() != 1 {
        return Err(StoreError::Absent { what: format!("a running import {}", import.id) });
    }
    staging::seal_import(conn, import.id).await?;
    let service = &import.request.service;
    let facts = json!({ "import": import.id, "service": service, "load": end.load, "pack": end.pack, "failure": end.failure });
    journal::append(conn, at, &import.request.actor, &format!("import_{}", end.state.word()), &facts).await?;
    one(conn, service, import.id).await
}

async fn look(conn: &mut SqliteConnection, keeper: &Keeper, service: &str, actor: &str, inertness: &Inertness) -> Result<(), StoreError> {
    let text = to_json(inertness)?;
    let query = sqlx::query("INSERT INTO inertness (service, look, seal) VALUES (?1, ?2, ?3)").bind(service.to_owned());
    query.bind(text.clone()).bind(staging::seal_of_look(service, &text)).execute(&mut *conn).await.map_err(fault::store)?;
    let trim = "DELETE FROM inertness WHERE service = ?1 AND id NOT IN (SELECT id FROM inertness WHERE service = ?1 ORDER BY id DESC LIMIT ?2)";
    sqlx::query(trim).bind(service.to_owned()).bind(LOOKS_KEPT).execute(&mut *conn).await.map_err(fault::store)?;
    if inertness.holds() {
        return Ok(());
    }
    let kind = if inertness.is_breached() { "inertness_breached" } else { "inertness_unknown" };
    let broken: Vec<Value> = inertness.broken().map(|c| json!(c)).collect();
    let facts = json!({ "service": service, "occasion": inertness.occasion, "import": inertness.import, "run": inertness.run, "checks": broken });
    journal::append(conn, keeper.now(), actor, kind, &facts).await?;
    Ok(())
}

//! [`Gates`] and [`GatesWriter`]: acts about gates and the flip, each kept with its journal entry.

use super::keeper::{Keeper, Slot};
use super::reader::Reads;
use super::writer::Writer;
use super::{fault, gate_minutes, journal, runs, seal};
use crate::domain::gate::{GateAct, GateDeed};
use crate::ports::gates::{Gates, GatesWriter};
use crate::ports::workspace::StoreError;
use async_trait::async_trait;

fn seal_of(id: i64, act: &str) -> i64 {
    seal::of_text("gate act", 0, id, act)
}

/// An act as it is stored: number, service, the act itself, seal.
pub(super) type StoredAct = (i64, String, String, i64);

/// An act.
pub(super) fn read((id, service, text, stored): StoredAct) -> Result<GateAct, StoreError> {
    let what = || format!("act {id} about gates");
    seal::check(what, stored, seal_of(id, &text))?;
    let act: GateAct = runs::from_json(&what(), &text)?;
    if (act.id, &act.service) == (id, &service) { Ok(act) } else { Err(fault::damaged(what())) }
}

#[async_trait]
impl<T: Reads> Gates for T {
    async fn gate_acts(&self, service: &str) -> Result<Vec<GateAct>, StoreError> {
        let mut conn = self.reader().conn().await?;
        gate_minutes::numbered(&mut conn).await?;
        let sql = "SELECT id, service, act, seal FROM gate_acts WHERE service = ?1 ORDER BY id";
        let found: Vec<StoredAct> = sqlx::query_as(sql).bind(service.to_owned()).fetch_all(&mut *conn).await.map_err(fault::store)?;
        found.into_iter().map(read).collect()
    }
}

#[async_trait]
impl GatesWriter for Writer {
    async fn gate_act(&self, service: &str, actor: &str, deed: &GateDeed, seen: Option<i64>) -> Result<GateAct, StoreError> {
        let mut slot = self.keeper.slot().await;
        let result = keep(&self.keeper, &mut slot, (service, actor, deed), seen).await;
        slot.settle(result)
    }
}

async fn keep(keeper: &Keeper, slot: &mut Slot, (service, actor, deed): (&str, &str, &GateDeed), seen: Option<i64>) -> Result<GateAct, StoreError> {
    let mut tx = slot.begin(keeper).await?;
    let newest = gate_minutes::numbered(&mut tx).await?;
    let at = keeper.now();
    if let Some(seen) = seen {
        let sql = "SELECT id, service, act, seal FROM gate_acts WHERE service = ?1 AND id > ?2 ORDER BY id LIMIT 1";
        let first: Option<StoredAct> =
            sqlx::query_as(sql).bind(service.to_owned()).bind(seen).fetch_optional(&mut *tx).await.map_err(fault::store)?;
        if let Some(first) = first.map(read).transpose()? {
            return Err(StoreError::Overtaken { by: first.actor, what: first.deed.journal_kind().replace('_', " "), at: first.at });
        }
    }
    let act = GateAct { id: newest + 1, service: service.to_owned(), at, actor: actor.to_owned(), deed: deed.clone() };
    let text = runs::json(&act)?;
    sqlx::query("INSERT INTO gate_acts (id, service, act, seal) VALUES (?1, ?2, ?3, ?4)")
        .bind(act.id)
        .bind(act.service.clone())
        .bind(text.clone())
        .bind(seal_of(act.id, &text))
        .execute(&mut *tx)
        .await
        .map_err(fault::store)?;
    journal::append(&mut tx, act.at, &act.actor, act.deed.journal_kind(), &gate_minutes::facts(&act)?).await?;
    tx.commit().await.map_err(fault::store)?;
    Ok(act)
}

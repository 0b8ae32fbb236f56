//! Acts about gates and the journal held against each other: every act has its entry, and every entry of an act has it, with the same
//! content. An act that was put in, edited, renumbered or taken out is found, whoever sealed it again.

use super::fault;
use super::gates::{StoredAct, read};
use crate::domain::gate::GateAct;
use crate::domain::journal::canonical;
use crate::ports::workspace::{JournalEntry, StoreError};
use serde_json::Value;
use sqlx::SqliteConnection;

/// How many acts there are: they are numbered from 1 without a gap, those of all services in one row.
pub(super) async fn numbered(conn: &mut SqliteConnection) -> Result<i64, StoreError> {
    let sql = "SELECT count(*), coalesce(min(id), 1), coalesce(max(id), 0) FROM gate_acts";
    let (count, first, last): (i64, i64, i64) = sqlx::query_as(sql).fetch_one(conn).await.map_err(fault::store)?;
    let missing = || fault::damaged(format!("acts about gates are missing: {count} of them, numbered to {last}"));
    if (first, last) == (1, count) { Ok(count) } else { Err(missing()) }
}

/// What the journal keeps of an act.
pub(super) fn facts(act: &GateAct) -> Result<Value, StoreError> {
    act.journal_facts().map_err(|e| fault::unreadable("packing an act", &e))
}

/// Walks acts beside the journal, both in the order they were made.
#[derive(Debug, Default)]
pub(super) struct GateMinutes {
    acts: i64,
}

impl GateMinutes {
    /// The next entry of the journal, whatever it is of.
    pub async fn entry(&mut self, conn: &mut SqliteConnection, entry: &JournalEntry) -> Result<(), StoreError> {
        // Entries of other things are passed by without being unpacked.
        let may_be = entry.facts.contains(GateAct::FACT);
        if !may_be || serde_json::from_str::<Value>(&entry.facts).is_ok_and(|facts| facts.get(GateAct::FACT).is_none()) {
            return Ok(());
        }
        self.acts += 1;
        let id = self.acts;
        let wrong = |what: &str| fault::damaged(format!("act {id} about gates, which journal entry {} is of, {what}", entry.seq));
        let sql = "SELECT id, service, act, seal FROM gate_acts WHERE id = ?1";
        let found: Option<StoredAct> = sqlx::query_as(sql).bind(id).fetch_optional(conn).await.map_err(fault::store)?;
        let act = read(found.ok_or_else(|| wrong("is gone"))?)?;
        let said = (entry.kind.as_str(), entry.at, entry.actor.as_str(), entry.facts.as_str());
        let kept = (act.deed.journal_kind(), act.at, act.actor.as_str(), &*canonical(&facts(&act)?));
        if said == kept { Ok(()) } else { Err(wrong("is not what was written")) }
    }

    /// After the last entry: nothing may be left that no entry is of.
    pub async fn finish(self, conn: &mut SqliteConnection) -> Result<(), StoreError> {
        let acts = numbered(conn).await?;
        if acts == self.acts { Ok(()) } else { Err(fault::damaged(format!("act {} about gates has no entry in the journal", self.acts + 1))) }
    }
}

//! Decisions and the journal held against each other: every decision has its entry, and every entry of a decision has it, with the same
//! content. An act that was put in, edited, renumbered or taken out is found, its rows among it, whoever sealed it again.

use super::fault;
use super::reviews::{StoredSubject, read_act, read_subject};
use crate::domain::journal::canonical;
use crate::domain::review::{Act, Deed};
use crate::ports::workspace::{JournalEntry, StoreError};
use serde_json::Value;
use sqlx::SqliteConnection;

const ACT: &str = "SELECT id, service, act, seal FROM review_acts WHERE id = ?1";
const SUBJECTS: &str = "SELECT act_id, key, cause, currency, delta, tax, seal FROM review_subjects WHERE act_id = ?1 ORDER BY id";

/// How many acts there are: they are numbered from 1 without a gap, those of all services in one row.
pub(super) async fn numbered(conn: &mut SqliteConnection) -> Result<i64, StoreError> {
    let sql = "SELECT count(*), coalesce(min(id), 1), coalesce(max(id), 0) FROM review_acts";
    let (count, first, last): (i64, i64, i64) = sqlx::query_as(sql).fetch_one(conn).await.map_err(fault::store)?;
    if (first, last) == (1, count) { Ok(count) } else { Err(fault::damaged(format!("decisions are missing: {count} of them, numbered to {last}"))) }
}

/// What the journal keeps of an act.
pub(super) fn facts(act: &Act) -> Result<Value, StoreError> {
    act.journal_facts().map_err(|e| fault::unreadable("packing a decision", &e))
}

/// Walks decisions beside the journal, both in the order they were made.
#[derive(Debug, Default)]
pub(super) struct Minutes {
    acts: i64,
    subjects: i64,
}

impl Minutes {
    /// The next entry of the journal, whatever it is of.
    pub async fn entry(&mut self, conn: &mut SqliteConnection, entry: &JournalEntry) -> Result<(), StoreError> {
        if !Deed::JOURNAL_KINDS.contains(&entry.kind.as_str()) {
            return Ok(());
        }
        self.acts += 1;
        let id = self.acts;
        let wrong = |what: &str| fault::damaged(format!("decision {id}, which journal entry {} is of, {what}", entry.seq));
        let found = sqlx::query_as(ACT).bind(id).fetch_optional(&mut *conn).await.map_err(fault::store)?;
        let mut act = read_act(found.ok_or_else(|| wrong("is gone"))?)?;
        let found: Vec<StoredSubject> = sqlx::query_as(SUBJECTS).bind(id).fetch_all(&mut *conn).await.map_err(fault::store)?;
        for subject in found {
            act.subjects.push(read_subject(subject)?.1);
            self.subjects += 1;
        }
        let said = (entry.kind.as_str(), entry.at, entry.actor.as_str(), entry.facts.as_str());
        let kept = (act.deed.journal_kind(), act.at, act.actor.as_str(), &*canonical(&facts(&act)?));
        if said == kept { Ok(()) } else { Err(wrong("is not what was written")) }
    }

    /// After the last entry: nothing may be left that no entry is of.
    pub async fn finish(self, conn: &mut SqliteConnection) -> Result<(), StoreError> {
        let acts = numbered(&mut *conn).await?;
        if acts != self.acts {
            return Err(fault::damaged(format!("decision {} has no entry in the journal", self.acts + 1)));
        }
        let subjects: i64 = sqlx::query_scalar("SELECT count(*) FROM review_subjects").fetch_one(conn).await.map_err(fault::store)?;
        if subjects == self.subjects { Ok(()) } else { Err(fault::damaged("rows of decisions that were never made")) }
    }
}

//! The journal as it is stored: entries are only ever appended. What binds them to each other is said by [`crate::domain::journal`].

use super::fault;
use super::gate_minutes::GateMinutes;
use super::minutes::Minutes;
use crate::domain::journal::{NO_HASH, canonical};
pub(super) use crate::domain::journal::{instant, parse_instant};
use crate::ports::workspace::{JournalEntry, JournalHead, StoreError};
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

/// Entries read at a time by the walk.
const STRIDE: i64 = 1000;

/// Appends an entry inside the caller's transaction.
pub(super) async fn append(
    conn: &mut SqliteConnection,
    at: DateTime<Utc>,
    actor: &str,
    kind: &str,
    facts: &Value,
) -> Result<JournalEntry, StoreError> {
    let last: Option<(i64, String)> =
        sqlx::query_as("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1").fetch_optional(&mut *conn).await.map_err(fault::store)?;
    let (seq, previous) = last.map_or((1, NO_HASH.to_owned()), |(seq, hash)| (seq + 1, hash));
    let mut entry = JournalEntry { seq, at, actor: actor.to_owned(), kind: kind.to_owned(), facts: canonical(facts), previous, hash: String::new() };
    entry.hash = entry.hash_of();
    sqlx::query("INSERT INTO journal (seq, at, actor, kind, facts, previous, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")
        .bind(entry.seq)
        .bind(instant(entry.at))
        .bind(entry.actor.clone())
        .bind(entry.kind.clone())
        .bind(entry.facts.clone())
        .bind(entry.previous.clone())
        .bind(entry.hash.clone())
        .execute(conn)
        .await
        .map_err(fault::store)?;
    Ok(entry)
}

/// The newest entries, newest first.
pub(super) async fn newest(conn: &mut SqliteConnection, limit: i64) -> Result<Vec<JournalEntry>, StoreError> {
    let sql = "SELECT seq, at, actor, kind, facts, previous, hash FROM journal ORDER BY seq DESC LIMIT ?1";
    let rows = sqlx::query(sql).bind(limit).fetch_all(conn).await.map_err(fault::store)?;
    rows.iter().map(read).collect()
}

/// Entries after a place, in their order.
pub(super) async fn after(conn: &mut SqliteConnection, seq: i64, limit: i64) -> Result<Vec<JournalEntry>, StoreError> {
    let sql = "SELECT seq, at, actor, kind, facts, previous, hash FROM journal WHERE seq > ?1 ORDER BY seq LIMIT ?2";
    let rows = sqlx::query(sql).bind(seq).bind(limit).fetch_all(conn).await.map_err(fault::store)?;
    rows.iter().map(read).collect()
}

/// The newest entry of a kind.
pub(super) async fn newest_of(conn: &mut SqliteConnection, kind: &str) -> Result<Option<JournalEntry>, StoreError> {
    let sql = "SELECT seq, at, actor, kind, facts, previous, hash FROM journal WHERE kind = ?1 ORDER BY seq DESC LIMIT 1";
    let row = sqlx::query(sql).bind(kind.to_owned()).fetch_optional(conn).await.map_err(fault::store)?;
    row.as_ref().map(read).transpose()
}

/// Length and hash of the last entry.
pub(super) async fn head(conn: &mut SqliteConnection) -> Result<JournalHead, StoreError> {
    let last = newest(conn, 1).await?.pop();
    last.map(|e| JournalHead { length: e.seq, hash: e.hash }).ok_or_else(|| fault::damaged("the journal is empty"))
}

/// Walks the chain from the first entry on, and the acts beside it; the error names the first that does not hold.
pub(super) async fn verify(conn: &mut SqliteConnection) -> Result<JournalHead, StoreError> {
    let mut head = JournalHead::before_all();
    let (mut minutes, mut gate_minutes) = (Minutes::default(), GateMinutes::default());
    let below: Option<i64> = sqlx::query_scalar("SELECT min(seq) FROM journal").fetch_one(&mut *conn).await.map_err(fault::store)?;
    if below != Some(1) {
        return Err(fault::damaged("the journal does not begin with entry 1"));
    }
    loop {
        let entries = after(&mut *conn, head.length, STRIDE).await?;
        if entries.is_empty() {
            gate_minutes.finish(&mut *conn).await?;
            minutes.finish(&mut *conn).await?;
            return Ok(head);
        }
        for entry in entries {
            entry.follows(&head).map_err(|what| fault::damaged(format!("journal entry {}: {what}", entry.seq)))?;
            gate_minutes.entry(&mut *conn, &entry).await?;
            minutes.entry(&mut *conn, &entry).await?;
            head = JournalHead { length: entry.seq, hash: entry.hash };
        }
    }
}

fn read(row: &SqliteRow) -> Result<JournalEntry, StoreError> {
    let seq: i64 = row.try_get(0).map_err(fault::store)?;
    let text = |i: usize| row.try_get::<String, _>(i).map_err(|_| fault::damaged(format!("journal entry {seq} is not text")));
    let at = text(1)?;
    // One instant has many spellings; only the one that was written is accepted.
    let read = parse_instant(&at).filter(|t| instant(*t) == at);
    let at = read.ok_or_else(|| fault::damaged(format!("journal entry {seq}: its time was changed")))?;
    Ok(JournalEntry { seq, at, actor: text(2)?, kind: text(3)?, facts: text(4)?, previous: text(5)?, hash: text(6)? })
}

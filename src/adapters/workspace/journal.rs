//! The journal: append-only, each entry bound to the one before it by blake3 over an unambiguous encoding.
//!
//! Order is by `seq`, never by the clock: a clock that went back is journalled as it was. The walk finds every edit,
//! insertion, deletion and reordering. It cannot find that the newest entries were cut off, nor that somebody rebuilt the
//! whole chain: for that an older head must be kept elsewhere, which is why reports print it.

use super::fault;
use super::minutes::Minutes;
use crate::ports::workspace::{JournalEntry, JournalHead, StoreError};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::Value;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

/// Separates these hashes from all others, and names the encoding.
const DOMAIN: &str = "dualrun journal entry v1";
/// `previous` of the first entry.
const NO_HASH: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// The first entry of every journal.
const FIRST_KIND: &str = "workspace_created";
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
    entry.hash = hash_of(&entry);
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

/// Length and hash of the last entry.
pub(super) async fn head(conn: &mut SqliteConnection) -> Result<JournalHead, StoreError> {
    let last = newest(conn, 1).await?.pop();
    last.map(|e| JournalHead { length: e.seq, hash: e.hash }).ok_or_else(|| fault::damaged("the journal is empty"))
}

/// Walks the chain from the first entry on, and the decisions beside it; the error names the first that does not hold.
pub(super) async fn verify(conn: &mut SqliteConnection) -> Result<JournalHead, StoreError> {
    let sql = "SELECT seq, at, actor, kind, facts, previous, hash FROM journal WHERE seq > ?1 ORDER BY seq LIMIT ?2";
    let mut head = JournalHead { length: 0, hash: NO_HASH.to_owned() };
    let mut minutes = Minutes::default();
    let below: Option<i64> = sqlx::query_scalar("SELECT min(seq) FROM journal").fetch_one(&mut *conn).await.map_err(fault::store)?;
    if below != Some(1) {
        return Err(fault::damaged("the journal does not begin with entry 1"));
    }
    loop {
        let rows = sqlx::query(sql).bind(head.length).bind(STRIDE).fetch_all(&mut *conn).await.map_err(fault::store)?;
        if rows.is_empty() {
            minutes.finish(&mut *conn).await?;
            return Ok(head);
        }
        for row in &rows {
            let entry = read(row)?;
            check(&entry, &head)?;
            minutes.entry(&mut *conn, &entry).await?;
            head = JournalHead { length: entry.seq, hash: entry.hash };
        }
    }
}

fn check(entry: &JournalEntry, before: &JournalHead) -> Result<(), StoreError> {
    let wrong = |what: &str| Err(fault::damaged(format!("journal entry {}: {what}", entry.seq)));
    if entry.seq != before.length + 1 {
        return wrong("an entry before it is missing");
    }
    if entry.previous != before.hash {
        return wrong("it does not follow the entry before it");
    }
    if entry.hash != hash_of(entry) {
        return wrong("it was changed after it was written");
    }
    if entry.seq == 1 && entry.kind != FIRST_KIND {
        return wrong("a journal begins with workspace_created");
    }
    Ok(())
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

/// Hash over the domain word and every field, each with its length before it.
fn hash_of(entry: &JournalEntry) -> String {
    let mut hasher = blake3::Hasher::new();
    let (seq, at) = (entry.seq.to_string(), instant(entry.at));
    for field in [DOMAIN, &seq, &at, &entry.actor, &entry.kind, &entry.facts, &entry.previous] {
        hasher.update(&(field.len() as u64).to_le_bytes());
        hasher.update(field.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}

/// An instant as it is stored: UTC, nine decimals.
pub(super) fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Nanos, true)
}

/// Reads what [`instant`] wrote.
pub(super) fn parse_instant(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|t| t.with_timezone(&Utc))
}

/// JSON with its keys in byte order and no white space, whatever order the caller wrote them in.
pub(super) fn canonical(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort_unstable();
            let parts: Vec<String> = keys.iter().map(|k| format!("{}:{}", Value::from(k.as_str()), canonical(&map[*k]))).collect();
            format!("{{{}}}", parts.join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        plain => plain.to_string(),
    }
}

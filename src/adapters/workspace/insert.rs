//! What a run leaves into the file: many at a statement, since each statement is a turn of the connection's own thread.

use super::{blocks, fault, ranks, seal};
use crate::ports::workspace::StoreError;
use sqlx::sqlite::Sqlite;
use sqlx::{QueryBuilder, SqliteConnection};

/// Texts of one INSERT.
const BATCH: usize = 250;
/// Blocks of one INSERT.
const BLOCKS: usize = 16;

/// An entry of either table, sealed when it is inserted.
#[derive(Debug)]
pub(super) struct Entry {
    place: i64,
    body: Vec<u8>,
    /// What only blocks have: how many rows, and their details.
    block: Option<(i64, Vec<u8>)>,
}

impl Entry {
    /// A block of rows.
    pub fn block(place: i64, rows: i64, (lines, details): (Vec<u8>, Vec<u8>)) -> Self {
        Self { place, body: lines, block: Some((rows, details)) }
    }

    /// An entry of ranks.
    pub const fn ranks(place: i64, body: Vec<u8>) -> Self {
        Self { place, body, block: None }
    }

    /// How many bytes it has.
    pub fn bytes(&self) -> usize {
        self.body.len() + self.block.as_ref().map_or(0, |(_, details)| details.len())
    }
}

/// Inserts blocks and ranks inside the caller's transaction.
pub(super) async fn entries(conn: &mut SqliteConnection, entries: Vec<Entry>) -> Result<(), StoreError> {
    let (mut blocks, mut ranks): (Vec<_>, Vec<_>) = entries.into_iter().partition(|e| e.block.is_some());
    while !blocks.is_empty() {
        let some: Vec<Entry> = blocks.drain(..blocks.len().min(BLOCKS)).collect();
        let whole = some.len() == BLOCKS;
        let mut sql: QueryBuilder<Sqlite> = QueryBuilder::new("INSERT INTO row_blocks (place, rows, seal, details_seal, lines, details) ");
        sql.push_values(some, |mut b, e| {
            let (rows, details) = e.block.unwrap_or_default();
            let (seal, details_seal) = (blocks::seal_of(e.place, rows, &e.body), blocks::seal_of_details(e.place, &details));
            b.push_bind(e.place).push_bind(rows).push_bind(seal).push_bind(details_seal).push_bind(e.body).push_bind(details);
        });
        // Only the full batch comes again and is worth keeping prepared.
        sql.build().persistent(whole).execute(&mut *conn).await.map_err(fault::store)?;
    }
    while !ranks.is_empty() {
        let some: Vec<Entry> = ranks.drain(..ranks.len().min(BLOCKS)).collect();
        let mut sql: QueryBuilder<Sqlite> = QueryBuilder::new("INSERT INTO ranks (place, body, seal) ");
        sql.push_values(some, |mut b, e| {
            let seal = ranks::seal_of(e.place, &e.body);
            b.push_bind(e.place).push_bind(e.body).push_bind(seal);
        });
        sql.build().persistent(false).execute(&mut *conn).await.map_err(fault::store)?;
    }
    Ok(())
}

/// JSON texts that belong to a run, in order: findings with their weight, or rejected rows.
pub(super) async fn findings(conn: &mut SqliteConnection, run: i64, texts: Vec<(i64, String)>) -> Result<(), StoreError> {
    let numbered: Vec<_> = (1i64..).zip(texts).collect();
    for chunk in numbered.chunks(BATCH) {
        let mut sql: QueryBuilder<Sqlite> = QueryBuilder::new("INSERT INTO findings (run_id, place, weight, finding, seal) ");
        sql.push_values(chunk, |mut b, (place, (weight, text))| {
            let seal = seal::of_text("finding", run, *place, text);
            b.push_bind(run).push_bind(*place).push_bind(*weight).push_bind(text.clone()).push_bind(seal);
        });
        sql.build().persistent(false).execute(&mut *conn).await.map_err(fault::store)?;
    }
    Ok(())
}

/// Rows that could not be read, in the order given.
pub(super) async fn rejected(conn: &mut SqliteConnection, run: i64, texts: Vec<String>) -> Result<(), StoreError> {
    let numbered: Vec<_> = (1i64..).zip(texts).collect();
    for chunk in numbered.chunks(BATCH) {
        let mut sql: QueryBuilder<Sqlite> = QueryBuilder::new("INSERT INTO rejected (run_id, place, error, seal) ");
        sql.push_values(chunk, |mut b, (place, text)| {
            b.push_bind(run).push_bind(*place).push_bind(text.clone()).push_bind(seal::of_text("rejected", run, *place, text));
        });
        sql.build().persistent(false).execute(&mut *conn).await.map_err(fault::store)?;
    }
    Ok(())
}

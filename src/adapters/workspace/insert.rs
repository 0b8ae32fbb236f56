//! What a run leaves into the file: many at a statement, since each statement is a turn of the connection's own thread.

use super::{blocks, explanations, fault, glances, ranks, seal};
use crate::ports::workspace::StoreError;
use sqlx::sqlite::Sqlite;
use sqlx::{QueryBuilder, SqliteConnection};

/// Texts of one INSERT.
const BATCH: usize = 250;
/// Blocks of one INSERT.
const BLOCKS: usize = 16;

/// An entry of a table that a run's rows leave, sealed when it is inserted.
#[derive(Debug)]
pub(super) struct Entry {
    place: i64,
    what: What,
}

#[derive(Debug)]
enum What {
    Block(Block),
    Ranks(Vec<u8>),
    Glances(Vec<u8>),
    Evidence(String),
}

#[derive(Debug)]
struct Block {
    rows: i64,
    lines: Vec<u8>,
    details: Vec<u8>,
}

impl Entry {
    /// A block of rows.
    pub fn block(place: i64, rows: i64, (lines, details): (Vec<u8>, Vec<u8>)) -> Self {
        Self { place, what: What::Block(Block { rows, lines, details }) }
    }

    /// An entry of ranks.
    pub const fn ranks(place: i64, body: Vec<u8>) -> Self {
        Self { place, what: What::Ranks(body) }
    }

    /// What rows of a block that differ tell of each other.
    pub const fn glances(place: i64, body: Vec<u8>) -> Self {
        Self { place, what: What::Glances(body) }
    }

    /// Whether it is what rows tell of each other.
    pub const fn is_glances(&self) -> bool {
        matches!(self.what, What::Glances(_))
    }

    /// What is kept beside a row.
    pub const fn evidence(place: i64, body: String) -> Self {
        Self { place, what: What::Evidence(body) }
    }

    /// How many bytes it has.
    pub fn bytes(&self) -> usize {
        match &self.what {
            What::Block(block) => block.lines.len() + block.details.len(),
            What::Ranks(body) | What::Glances(body) => body.len(),
            What::Evidence(body) => body.len(),
        }
    }
}

/// Inserts entries inside the caller's transaction.
pub(super) async fn entries(conn: &mut SqliteConnection, entries: Vec<Entry>) -> Result<(), StoreError> {
    let (mut blocks, mut ranks, mut glances, mut evidence) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for Entry { place, what } in entries {
        match what {
            What::Block(block) => blocks.push((place, block)),
            What::Ranks(body) => ranks.push((place, ranks::seal_of(place, &body), body)),
            What::Glances(body) => glances.push((place, glances::seal_of(place, &body), body)),
            What::Evidence(body) => evidence.push((place, body)),
        }
    }
    while !blocks.is_empty() {
        let some: Vec<(i64, Block)> = blocks.drain(..blocks.len().min(BLOCKS)).collect();
        let whole = some.len() == BLOCKS;
        let mut sql: QueryBuilder<Sqlite> = QueryBuilder::new("INSERT INTO row_blocks (place, rows, seal, details_seal, lines, details) ");
        sql.push_values(some, |mut b, (place, Block { rows, lines, details })| {
            let (seal, details_seal) = (blocks::seal_of(place, rows, &lines), blocks::seal_of_details(place, &details));
            b.push_bind(place).push_bind(rows).push_bind(seal).push_bind(details_seal).push_bind(lines).push_bind(details);
        });
        // Only the full batch comes again and is worth keeping prepared.
        sql.build().persistent(whole).execute(&mut *conn).await.map_err(fault::store)?;
    }
    for (into, mut bodies) in [("INSERT INTO ranks (place, seal, body) ", ranks), ("INSERT INTO glances (place, seal, body) ", glances)] {
        while !bodies.is_empty() {
            let some: Vec<(i64, i64, Vec<u8>)> = bodies.drain(..bodies.len().min(BLOCKS)).collect();
            let whole = some.len() == BLOCKS;
            let mut sql: QueryBuilder<Sqlite> = QueryBuilder::new(into);
            sql.push_values(some, |mut b, (place, seal, body)| {
                b.push_bind(place).push_bind(seal).push_bind(body);
            });
            sql.build().persistent(whole).execute(&mut *conn).await.map_err(fault::store)?;
        }
    }
    while !evidence.is_empty() {
        let some: Vec<(i64, String)> = evidence.drain(..evidence.len().min(BATCH)).collect();
        let whole = some.len() == BATCH;
        let mut sql: QueryBuilder<Sqlite> = QueryBuilder::new("INSERT INTO evidence (place, body, seal) ");
        sql.push_values(some, |mut b, (place, body)| {
            let seal = explanations::seal_of_evidence(place, &body);
            b.push_bind(place).push_bind(body).push_bind(seal);
        });
        sql.build().persistent(whole).execute(&mut *conn).await.map_err(fault::store)?;
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

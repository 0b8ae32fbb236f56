//! What a side sells and sold, kept once a run: plans with their charges one by one, since traces ask for single ones, and prices
//! and exchange rates each all together.

use super::runs::{self, json as packed};
use super::{fault, seal};
use crate::domain::evidence::Shelf;
use crate::domain::row::Terms;
use crate::domain::side::Side;
use crate::ports::workspace::StoreError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::sqlite::Sqlite;
use sqlx::{QueryBuilder, SqliteConnection};

/// Plans of one INSERT.
const BATCH: usize = 250;

/// The number of a side in both tables, and where its plans' seals say they stand: older schemas sealed the target's so.
const fn code(side: Side) -> i64 {
    match side {
        Side::Target => 0,
        Side::Source => 1,
    }
}

/// Stores a side's shelf in place of what was stored of it.
pub(super) async fn store(conn: &mut SqliteConnection, run: i64, side: Side, shelf: &Shelf) -> Result<(), StoreError> {
    drop_side(conn, run, Some(side)).await?;
    for terms in shelf.terms.chunks(BATCH) {
        let texts = terms.iter().map(|t| Ok((t.plan.id.clone(), packed(t)?))).collect::<Result<Vec<_>, StoreError>>()?;
        let mut sql: QueryBuilder<Sqlite> = QueryBuilder::new("INSERT INTO shelves (run_id, side, plan_id, terms, seal) ");
        sql.push_values(texts, |mut b, (plan, text)| {
            let seal = seal::of_text("terms", run, code(side), &text);
            b.push_bind(run).push_bind(code(side)).push_bind(plan).push_bind(text).push_bind(seal);
        });
        sql.build().persistent(false).execute(&mut *conn).await.map_err(fault::store)?;
    }
    store_list(conn, run, side, &PRICES, &shelf.prices).await?;
    store_list(conn, run, side, &RATES, &shelf.rates).await
}

/// A table of lists, one of each side of a run that has any.
struct Lists {
    /// What its seals are of.
    what: &'static str,
    insert: &'static str,
    select: &'static str,
}

const PRICES: Lists = Lists {
    what: "prices",
    insert: "INSERT INTO price_lists (run_id, side, prices, seal) VALUES (?1, ?2, ?3, ?4)",
    select: "SELECT prices, seal FROM price_lists WHERE run_id = ?1 AND side = ?2",
};

const RATES: Lists = Lists {
    what: "rates",
    insert: "INSERT INTO rate_lists (run_id, side, rates, seal) VALUES (?1, ?2, ?3, ?4)",
    select: "SELECT rates, seal FROM rate_lists WHERE run_id = ?1 AND side = ?2",
};

async fn store_list<T: Serialize + Sync>(conn: &mut SqliteConnection, run: i64, side: Side, of: &Lists, list: &[T]) -> Result<(), StoreError> {
    if list.is_empty() {
        return Ok(());
    }
    let text = packed(&list)?;
    let seal = seal::of_text(of.what, run, code(side), &text);
    sqlx::query(of.insert).bind(run).bind(code(side)).bind(text).bind(seal).execute(conn).await.map_err(fault::store)?;
    Ok(())
}

/// Takes away what was stored of a side, or of both.
pub(super) async fn drop_side(conn: &mut SqliteConnection, run: i64, side: Option<Side>) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM shelves WHERE run_id = ?1 AND side = coalesce(?2, side)",
        "DELETE FROM price_lists WHERE run_id = ?1 AND side = coalesce(?2, side)",
        "DELETE FROM rate_lists WHERE run_id = ?1 AND side = coalesce(?2, side)",
    ] {
        sqlx::query(sql).bind(run).bind(side.map(code)).execute(&mut *conn).await.map_err(fault::store)?;
    }
    Ok(())
}

/// A side's shelf.
pub(super) async fn shelf(conn: &mut SqliteConnection, run: i64, side: Side) -> Result<Shelf, StoreError> {
    let sql = "SELECT plan_id, terms, seal FROM shelves WHERE run_id = ?1 AND side = ?2 ORDER BY plan_id";
    let found: Vec<(String, String, i64)> = sqlx::query_as(sql).bind(run).bind(code(side)).fetch_all(&mut *conn).await.map_err(fault::store)?;
    let terms = found.iter().map(|(plan, text, stored)| read(run, side, plan, text, *stored)).collect::<Result<_, _>>()?;
    Ok(Shelf { terms, prices: list(conn, run, side, &PRICES).await?, rates: list(conn, run, side, &RATES).await? })
}

/// One plan of a side with its charges.
pub(super) async fn plan(conn: &mut SqliteConnection, run: i64, side: Side, plan: &str) -> Result<Option<Terms>, StoreError> {
    let sql = "SELECT terms, seal FROM shelves WHERE run_id = ?1 AND side = ?2 AND plan_id = ?3";
    let found: Option<(String, i64)> =
        sqlx::query_as(sql).bind(run).bind(code(side)).bind(plan.to_owned()).fetch_optional(conn).await.map_err(fault::store)?;
    found.map(|(text, stored)| read(run, side, plan, &text, stored)).transpose()
}

async fn list<T: DeserializeOwned>(conn: &mut SqliteConnection, run: i64, side: Side, of: &Lists) -> Result<Vec<T>, StoreError> {
    let found: Option<(String, i64)> = sqlx::query_as(of.select).bind(run).bind(code(side)).fetch_optional(conn).await.map_err(fault::store)?;
    let Some((text, stored)) = found else { return Ok(Vec::new()) };
    let what = || format!("{} of the {side} in run {run}", of.what);
    seal::check(what, stored, seal::of_text(of.what, run, code(side), &text))?;
    runs::from_json(&what(), &text)
}

fn read(run: i64, side: Side, plan: &str, text: &str, stored: i64) -> Result<Terms, StoreError> {
    let what = || format!("terms of plan {plan:?} in run {run}");
    seal::check(what, stored, seal::of_text("terms", run, code(side), text))?;
    let terms: Terms = runs::from_json(&what(), text)?;
    if terms.plan.id == plan { Ok(terms) } else { Err(fault::damaged(format!("{} are those of another plan", what()))) }
}

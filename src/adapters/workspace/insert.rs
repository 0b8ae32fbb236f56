//! Rows into the file: many at a statement, since one statement a row costs ten times as much.

use super::columns::Stored;
use super::{fault, seal};
use crate::ports::workspace::StoreError;
use sqlx::sqlite::Sqlite;
use sqlx::{QueryBuilder, SqliteConnection};

/// Rows of one INSERT.
const BATCH: usize = 250;

/// Inserts rows and their details inside the caller's transaction.
pub(super) async fn rows(conn: &mut SqliteConnection, mut rows: Vec<Stored>) -> Result<(), StoreError> {
    while !rows.is_empty() {
        let rest = rows.split_off(rows.len().min(BATCH));
        let (lines, details): (Vec<_>, Vec<_>) =
            rows.into_iter().map(|mut r| (r.place, std::mem::take(&mut r.detail), r)).map(|(p, d, r)| (r, (p, d))).unzip();
        insert_lines(conn, lines).await?;
        insert_details(conn, details).await?;
        rows = rest;
    }
    Ok(())
}

async fn insert_lines(conn: &mut SqliteConnection, rows: Vec<Stored>) -> Result<(), StoreError> {
    let whole = rows.len() == BATCH;
    let mut sql: QueryBuilder<Sqlite> = QueryBuilder::new(
        "INSERT INTO rows (place, run_id, subject, key, period_start, period_end, customer, plan, verdict, basis, review, actual, \
         actual_currency, expected, expected_currency, delta, exact_delta, at_stake, actual_tax, expected_tax, rated, drafted, documents, seal) ",
    );
    sql.push_values(rows, |mut b, r| {
        let seal = r.seal();
        let a = r.amounts;
        b.push_bind(r.place).push_bind(r.run).push_bind(r.subject).push_bind(r.key).push_bind(r.period.0).push_bind(r.period.1);
        b.push_bind(r.customer).push_bind(r.plan).push_bind(r.verdict).push_bind(r.basis).push_bind(r.review);
        b.push_bind(a.actual).push_bind(a.actual_currency.map(|c| c.code().to_owned()));
        b.push_bind(a.expected).push_bind(a.expected_currency.map(|c| c.code().to_owned()));
        b.push_bind(a.delta).push_bind(r.exact_delta).push_bind(r.at_stake).push_bind(a.actual_tax).push_bind(a.expected_tax);
        b.push_bind(a.rated).push_bind(a.drafted).push_bind(r.documents).push_bind(seal);
    });
    // Only the full batch comes again and is worth keeping prepared.
    sql.build().persistent(whole).execute(conn).await.map_err(fault::store)?;
    Ok(())
}

async fn insert_details(conn: &mut SqliteConnection, details: Vec<(i64, String)>) -> Result<(), StoreError> {
    let whole = details.len() == BATCH;
    let mut sql: QueryBuilder<Sqlite> = QueryBuilder::new("INSERT INTO row_details (place, detail, seal) ");
    sql.push_values(details, |mut b, (place, detail)| {
        let seal = seal::of_text("detail", 0, place, &detail);
        b.push_bind(place).push_bind(detail).push_bind(seal);
    });
    sql.build().persistent(whole).execute(conn).await.map_err(fault::store)?;
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

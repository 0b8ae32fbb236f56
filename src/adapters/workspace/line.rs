//! A stored row back into a [`RowLine`].

use super::columns::{self, Amounts};
use super::fault;
use super::seal::{self, Seal};
use crate::domain::text::Untrusted;
use crate::ports::workspace::{RowLine, StoreError};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// What [`read`] expects, in this order.
pub(super) const COLUMNS: &str = "place, subject, key, period_start, period_end, customer, plan, verdict, basis, review, actual, actual_currency, \
     expected, expected_currency, delta, exact_delta, at_stake, actual_tax, expected_tax, rated, drafted, documents, cause, seal";

/// A row as read: the line, its amounts and the money at stake.
#[derive(Debug)]
pub(super) struct Read {
    pub line: RowLine,
    pub amounts: Amounts,
    pub at_stake: i64,
}

/// Reads one row selected by [`COLUMNS`].
pub(super) fn read(row: &SqliteRow) -> Result<Read, StoreError> {
    let place = int(row, 0)?;
    seal::check(|| format!("row {} of run {}", columns::seq(place), columns::run(place)), int(row, 23)?, sealed(row)?)?;
    let amounts = amounts(row)?;
    let text = |i: usize| row.try_get::<String, _>(i).map(Untrusted::new).map_err(fault::store);
    let line = RowLine {
        seq: columns::seq(place),
        subject: columns::subject(int(row, 1)?)?,
        key: text(2)?,
        period: columns::period(int(row, 3)?, int(row, 4)?)?,
        customer: text(5)?,
        plan: text(6)?,
        verdict: columns::verdict(int(row, 7)?)?,
        basis: maybe(row, 8)?.map(columns::basis).transpose()?,
        review: columns::review(int(row, 9)?)?,
        actual: amounts.actual,
        actual_currency: amounts.actual_currency,
        expected: amounts.expected,
        expected_currency: amounts.expected_currency,
        delta: amounts.delta,
        exact_delta: row.try_get(15).map_err(fault::store)?,
        actual_tax: amounts.actual_tax,
        expected_tax: amounts.expected_tax,
        rated: amounts.rated,
        drafted: amounts.drafted,
        documents: text(21)?,
        cause: row.try_get(22).map_err(fault::store)?,
    };
    Ok(Read { line, amounts, at_stake: int(row, 16)? })
}

fn amounts(row: &SqliteRow) -> Result<Amounts, StoreError> {
    let currency = |i: usize| {
        let code: Option<String> = row.try_get(i).map_err(fault::store)?;
        code.as_deref().map(columns::currency).transpose()
    };
    Ok(Amounts {
        actual: maybe(row, 10)?,
        actual_currency: currency(11)?,
        expected: maybe(row, 12)?,
        expected_currency: currency(13)?,
        delta: maybe(row, 14)?,
        actual_tax: maybe(row, 17)?,
        expected_tax: maybe(row, 18)?,
        rated: maybe(row, 19)?,
        drafted: maybe(row, 20)?,
    })
}

/// Columns of [`COLUMNS`] that are text.
const TEXTS: [usize; 8] = [2, 5, 6, 11, 13, 15, 21, 22];

/// The seal of the columns as they are now.
fn sealed(row: &SqliteRow) -> Result<i64, StoreError> {
    let mut seal = Seal::of("row");
    for i in 0..23 {
        seal = if TEXTS.contains(&i) { seal.text(row.try_get(i).map_err(fault::store)?) } else { seal.number(maybe(row, i)?) };
    }
    Ok(seal.value())
}

fn int(row: &SqliteRow, i: usize) -> Result<i64, StoreError> {
    row.try_get(i).map_err(fault::store)
}

fn maybe(row: &SqliteRow, i: usize) -> Result<Option<i64>, StoreError> {
    row.try_get(i).map_err(fault::store)
}

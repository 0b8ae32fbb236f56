//! What the rows of a run that differ tell of each other, apart from the blocks: of a large book nearly every block has such a row, and
//! all of them would have to be read for a few bytes each.

use super::columns::{place, seq};
use super::insert::{self, Entry};
use super::runs::{self, Visible};
use super::seal::{self, Seal};
use super::unpack::{Line, day};
use super::{blocks, fault};
use crate::domain::currency::Currency;
use crate::domain::glance::{Glance, text_digest};
use crate::domain::money::Money;
use crate::domain::pack::{Bent, Cut, put_signed};
use crate::domain::period::Period;
use crate::domain::text::Untrusted;
use crate::domain::verdict::Verdict;
use crate::ports::workspace::StoreError;
use chrono::{Datelike, NaiveDate};
use sqlx::SqliteConnection;
use std::ops::ControlFlow;

const LINKED: u8 = 1;
const CUSTOMER: u8 = 1 << 1;
const ACTUAL: u8 = 1 << 2;
const EXPECTED: u8 = 1 << 3;

/// Appends a glance to those of its block.
pub(super) fn put(out: &mut Vec<u8>, glance: &Glance) {
    let Glance { key, customer, is_linked, period, actual, expected } = glance;
    let bit = |is: bool, bit: u8| if is { bit } else { 0 };
    out.push(bit(*is_linked, LINKED) | bit(customer.is_some(), CUSTOMER) | bit(actual.is_some(), ACTUAL) | bit(expected.is_some(), EXPECTED));
    out.extend_from_slice(key);
    out.extend(customer.iter().flatten());
    let days = |date: NaiveDate| i64::from(date.num_days_from_ce());
    put_signed(out, days(period.start));
    put_signed(out, days(period.end));
    for money in [actual, expected].into_iter().flatten() {
        out.extend_from_slice(money.currency.code().as_bytes());
        put_signed(out, money.minor);
    }
}

fn glance(cut: &mut Cut<'_>) -> Result<Glance, Bent> {
    let mask = cut.byte()?;
    let has = |bit: u8| mask & bit != 0;
    let key = cut.sixteen()?;
    let customer = if has(CUSTOMER) { Some(cut.sixteen()?) } else { None };
    let period = Period { start: day(cut.signed()?)?, end: day(cut.signed()?)? };
    let mut money = |bit: u8| {
        if !has(bit) {
            return Ok(None);
        }
        let known = std::str::from_utf8(cut.bytes(3)?).ok().and_then(Currency::known).ok_or(Bent("a currency of it is unknown"))?;
        Ok(Some(Money { currency: known, minor: cut.signed()? }))
    };
    let (actual, expected) = (money(ACTUAL)?, money(EXPECTED)?);
    Ok(Glance { key, customer, is_linked: has(LINKED), period, actual, expected })
}

/// The seal of an entry of the table.
pub(super) fn seal_of(place: i64, body: &[u8]) -> i64 {
    Seal::of("glances").number(Some(place)).bytes(Some(body)).value()
}

/// Those of a run, in the order of its rows.
pub(super) async fn of_run(conn: &mut SqliteConnection, run: &Visible) -> Result<Vec<Glance>, StoreError> {
    let sql = "SELECT place, body, seal FROM glances WHERE place >= ?1 AND place < ?2 ORDER BY place";
    let bounds = (place(run.id, 0), place(run.id + 1, 0));
    let found: Vec<(i64, Vec<u8>, i64)> = sqlx::query_as(sql).bind(bounds.0).bind(bounds.1).fetch_all(conn).await.map_err(fault::store)?;
    let mut all = Vec::new();
    for (place, body, stored) in found {
        let what = || format!("what rows from {} on of run {} tell of each other", seq(place), run.id);
        seal::check(what, stored, seal_of(place, &body))?;
        let mut cut = Cut::new(&body);
        while !cut.is_empty() {
            all.push(glance(&mut cut).map_err(|Bent(why)| fault::damaged(format!("{}: {why}", what())))?);
        }
    }
    let counted: u64 = Verdict::ALL.into_iter().filter(|v| v.differs()).map(|v| run.sums.rows_of(v)).sum();
    if u64::try_from(all.len()) != Ok(counted) {
        return Err(fault::damaged(format!("{counted} rows of run {} differ, {} tell of each other", run.id, all.len())));
    }
    Ok(all)
}

/// Takes them out of the blocks of every run that was stored without them. A run that is damaged gets none, and says so when it is asked:
/// the others go on.
pub(super) async fn of_older(conn: &mut SqliteConnection) -> Result<(), StoreError> {
    let sql = "SELECT id FROM runs WHERE state IN ('complete', 'incomplete') ORDER BY id";
    let found: Vec<i64> = sqlx::query_scalar(sql).fetch_all(&mut *conn).await.map_err(fault::store)?;
    for id in found {
        match of_blocks(conn, id).await {
            Ok(entries) => insert::entries(conn, entries).await?,
            Err(StoreError::Damaged { .. }) => {}
            Err(other) => return Err(other),
        }
    }
    Ok(())
}

async fn of_blocks(conn: &mut SqliteConnection, id: i64) -> Result<Vec<Entry>, StoreError> {
    let mut entries = Vec::new();
    let Some(run) = runs::visible(conn, id).await? else { return Ok(entries) };
    blocks::each(conn, &run, blocks::all(&run), true, |stored| {
        let mut body = Vec::new();
        let _ = stored.each(|_, line| {
            if line.verdict.differs() {
                put(&mut body, &at_line(line)?);
            }
            Ok(ControlFlow::Continue(()))
        })?;
        if !body.is_empty() {
            entries.push(Entry::glances(place(id, stored.first), body));
        }
        Ok(ControlFlow::Continue(()))
    })
    .await?;
    Ok(entries)
}

/// As [`Glance::at`] has it.
fn at_line(line: &Line<'_>) -> Result<Glance, Bent> {
    let customer = line.word(line.customer)?;
    Ok(Glance {
        key: text_digest(&Untrusted::new(line.key().text()?)),
        customer: (!customer.is_empty()).then(|| text_digest(&Untrusted::new(customer))),
        is_linked: !line.subject.is_unlinked(),
        period: line.period,
        actual: line.monies.actual,
        expected: line.monies.expected,
    })
}

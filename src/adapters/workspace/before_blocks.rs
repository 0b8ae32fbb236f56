//! Rows as schemas 1 and 2 stored them, one by one: read once more, and packed into blocks.
//!
//! Only runs that ended with a result have rows worth keeping; what others left goes with the old tables.

use super::columns::{self, place, seq};
use super::packing::{Bundle, Packing};
use super::seal::{self, Seal};
use super::{fault, insert, runs};
use crate::domain::currency::Currency;
use crate::domain::exact::Exact;
use crate::domain::money::Money;
use crate::domain::period::Period;
use crate::domain::records::DocumentKind;
use crate::domain::row::{AppliedTax, DocumentPart, LinePart, RatingInputs, ReconRow, SubscriptionFacts};
use crate::domain::side::Side;
use crate::domain::text::Untrusted;
use crate::domain::verdict::Verdict;
use crate::ports::workspace::{RowBundle, StoreError};
use chrono::NaiveDate;
use serde::Deserialize;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

/// Rows read at a time.
const STRIDE: i64 = 500;

const ROWS: &str = "SELECT place, subject, key, period_start, period_end, customer, plan, verdict, basis, review, actual, actual_currency, expected, \
     expected_currency, delta, exact_delta, at_stake, actual_tax, expected_tax, rated, drafted, documents, cause, rows.seal, detail, row_details.seal \
     FROM rows LEFT JOIN row_details USING (place) WHERE place > ?1 AND place < ?2 ORDER BY place LIMIT ?3";
/// Columns of [`ROWS`] that are text and sealed.
const TEXTS: [usize; 8] = [2, 5, 6, 11, 13, 15, 21, 22];
/// The seal of a row's columns, its detail, and the seal of that.
const SEAL_AT: usize = 23;
const DETAIL_AT: usize = 24;
const DETAIL_SEAL_AT: usize = 25;

/// Packs the rows of every run that has a result and takes the old tables away.
pub(super) async fn convert(conn: &mut SqliteConnection) -> Result<(), StoreError> {
    let sql = "SELECT id, row_count FROM runs WHERE state IN ('complete', 'incomplete') ORDER BY id";
    let found: Vec<(i64, i64)> = sqlx::query_as(sql).fetch_all(&mut *conn).await.map_err(fault::store)?;
    for (run, rows) in found {
        convert_run(conn, run, rows).await?;
    }
    for sql in ["DROP TABLE rows", "DROP TABLE row_details"] {
        sqlx::query(sql).execute(&mut *conn).await.map_err(fault::store)?;
    }
    Ok(())
}

async fn convert_run(conn: &mut SqliteConnection, run: i64, rows: i64) -> Result<(), StoreError> {
    // The header's own seal says whether the number of rows is right.
    runs::one(conn, run).await?;
    let (mut packing, mut bundle): (_, Box<dyn RowBundle>) = (Packing::of(run), Box::new(Bundle::default()));
    let mut last = 0;
    loop {
        let found = sqlx::query(ROWS).bind(place(run, last)).bind(place(run + 1, 0)).bind(STRIDE).fetch_all(&mut *conn).await;
        let found = found.map_err(fault::store)?;
        for row in &found {
            let (number, row) = read(run, row)?;
            last += 1;
            if number != last {
                return Err(missing(run, last));
            }
            bundle.take(&row, None)?;
            if bundle.is_full() {
                let full = std::mem::replace(&mut bundle, Box::new(Bundle::default()));
                insert::entries(conn, of_schema_3(packing.take(full)?)).await?;
            }
        }
        if found.len() < usize::try_from(STRIDE).unwrap_or(usize::MAX) {
            break;
        }
    }
    if last != rows {
        return Err(missing(run, last + 1));
    }
    let mut entries = packing.take(bundle)?;
    entries.extend(packing.end());
    insert::entries(conn, of_schema_3(entries)).await
}

/// Without what a later schema brings, and makes of the blocks itself.
fn of_schema_3(entries: Vec<insert::Entry>) -> Vec<insert::Entry> {
    entries.into_iter().filter(|entry| !entry.is_glances()).collect()
}

fn missing(run: i64, seq: i64) -> StoreError {
    fault::damaged(format!("row {seq} of run {run} is missing"))
}

/// A row and its number, if it is what was sealed.
fn read(run: i64, row: &SqliteRow) -> Result<(i64, ReconRow), StoreError> {
    let place = number(row, 0)?;
    let n = seq(place);
    let what = || format!("row {n} of run {run}");
    let mut sealed = Seal::of("row");
    for i in 0..SEAL_AT {
        sealed = if TEXTS.contains(&i) { sealed.text(maybe_text(row, i)?.as_deref()) } else { sealed.number(maybe(row, i)?) };
    }
    seal::check(what, number(row, SEAL_AT)?, sealed.value())?;
    let detail = maybe_text(row, DETAIL_AT)?.ok_or_else(|| fault::damaged(format!("{} has lost its detail", what())))?;
    seal::check(|| format!("the detail of {}", what()), number(row, DETAIL_SEAL_AT)?, seal::of_text("detail", 0, place, &detail))?;
    let bent = |crate::domain::pack::Bent(why)| fault::damaged(format!("{}: {why}", what()));
    let unknown = || bent(crate::domain::pack::Bent("a code of it is unknown"));
    let code = |i: usize| Ok::<_, StoreError>(u8::try_from(number(row, i)?).unwrap_or(u8::MAX));
    let packed: Packed = serde_json::from_str(&detail).map_err(|e| fault::unreadable(&what(), &e))?;
    let text = |i: usize| row.try_get::<String, _>(i).map(Untrusted::new).map_err(fault::store);
    let Packed(customer_id, why, deployments, source, target, inputs, documents, odd) = packed;
    let source = source.map(Facts::back);
    let target = target.map(Facts::back);
    let known = source.as_ref().or(target.as_ref()).map(|f| f.customer_id.clone());
    let customer_id = customer_id.map(Untrusted::new).or(known).ok_or_else(|| fault::damaged(format!("{} has no customer id", what())))?;
    let exact_delta = maybe_text(row, 15)?.as_deref().map(str::parse::<Exact>).transpose();
    let monies = match odd {
        Some(odd) => odd.map(|m| m.map(Minor::money)),
        None => monies(row)?,
    };
    let [actual, expected, delta, actual_tax, expected_tax, delta_tax, rated, drafted] = monies;
    // Of old, an absent basis was an absent number and the first basis nought.
    let basis = maybe(row, 8)?.map_or(Ok(0), |b| u8::try_from(b + 1)).map_err(|_| unknown())?;
    Ok((
        n,
        ReconRow {
            subject: columns::subject(code(1)?).map_err(bent)?,
            key: text(2)?,
            period: Period { start: day(number(row, 3)?).ok_or_else(unknown)?, end: day(number(row, 4)?).ok_or_else(unknown)? },
            customer: text(5)?,
            customer_id,
            plan: text(6)?,
            verdict: Verdict::of_code(code(7)?).ok_or_else(unknown)?,
            basis: columns::basis(basis).map_err(bent)?,
            actual,
            expected,
            delta,
            exact_delta: exact_delta.map_err(|_| unknown())?,
            actual_tax,
            expected_tax,
            delta_tax,
            rated,
            drafted,
            documents: documents.into_iter().map(Document::back).collect(),
            deployments: deployments.into_iter().map(Untrusted::new).collect(),
            why,
            source,
            target,
            inputs: inputs.into_iter().map(Inputs::back).collect(),
            review: columns::review(code(9)?).map_err(bent)?,
        },
    ))
}

/// The amounts the columns tell.
fn monies(row: &SqliteRow) -> Result<[Option<Money>; 8], StoreError> {
    let currency = |i: usize| {
        let code = maybe_text(row, i)?;
        let known = |code: &str| Currency::known(code).ok_or_else(|| fault::damaged(format!("unknown currency {code:?}")));
        code.as_deref().map(known).transpose()
    };
    let (ours, theirs) = (currency(11)?, currency(13)?);
    let of =
        |i: usize, currency: Option<Currency>| Ok::<_, StoreError>(maybe(row, i)?.zip(currency).map(|(minor, currency)| Money { minor, currency }));
    let (actual_tax, expected_tax) = (of(17, ours)?, of(18, theirs)?);
    let delta_tax = expected_tax.zip(actual_tax).and_then(|(e, a)| e.minus(a));
    Ok([of(10, ours)?, of(12, theirs)?, of(14, ours.or(theirs))?, actual_tax, expected_tax, delta_tax, of(19, theirs)?, of(20, theirs)?])
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct Minor(i64, Currency);

impl Minor {
    const fn money(self) -> Money {
        Money { minor: self.0, currency: self.1 }
    }
}

/// customer id (where neither side's facts have it), why, deployments, source, target, inputs, documents, odd money.
#[derive(Deserialize)]
struct Packed(Option<String>, Option<String>, Vec<String>, Option<Facts>, Option<Facts>, Vec<Inputs>, Vec<Document>, Option<[Option<Minor>; 8]>);

/// customer, plan, started, ended, trial end, quantity, override, discount, status, due.
#[derive(Deserialize)]
struct Facts(String, String, NaiveDate, Option<NaiveDate>, Option<NaiveDate>, Exact, Option<Exact>, Exact, String, bool);

impl Facts {
    fn back(self) -> SubscriptionFacts {
        let Self(customer, plan, started_on, ended_on, trial_end, quantity, price_override, discount_percent, status, due) = self;
        let (customer_id, plan_id) = (Untrusted::new(customer), Untrusted::new(plan));
        SubscriptionFacts {
            customer_id,
            plan_id,
            started_on,
            ended_on,
            trial_end,
            quantity,
            price_override,
            discount_percent,
            status: status.into(),
            due,
        }
    }
}

/// plan, quantity, override, discount, days, of days, usage, taxes.
#[derive(Deserialize)]
struct Inputs(String, Exact, Option<Exact>, Exact, i64, i64, Vec<(String, Exact)>, Option<Vec<(String, Exact)>>);

impl Inputs {
    fn back(self) -> RatingInputs {
        let Self(plan_id, quantity, price_override, discount_percent, days, of_days, usage, taxes) = self;
        let taxes = taxes.map(|all| all.into_iter().map(|(name, rate)| AppliedTax { name: Untrusted::new(name), rate }).collect());
        RatingInputs { plan_id, quantity, price_override, discount_percent, days, of_days, usage, taxes, stretches: Vec::new() }
    }
}

/// side, id, number, kind, issued, net, exact, tax, lines of (description, quantity, amount).
#[derive(Deserialize)]
struct Document(
    Side,
    String,
    Option<String>,
    DocumentKind,
    Option<NaiveDate>,
    Minor,
    Exact,
    Option<Minor>,
    Vec<(Option<String>, Option<Exact>, Exact)>,
);

impl Document {
    fn back(self) -> DocumentPart {
        let Self(side, id, number, kind, issued_on, net, exact, tax, lines) = self;
        let line = |(description, quantity, amount): (Option<String>, _, _)| LinePart {
            description: description.map(Untrusted::new),
            quantity,
            amount,
            one_off: false,
        };
        DocumentPart {
            side,
            id: Untrusted::new(id),
            number: number.map(Untrusted::new),
            kind,
            issued_on,
            net: net.money(),
            exact,
            tax: tax.map(Minor::money),
            lines: lines.into_iter().map(line).collect(),
        }
    }
}

fn day(days: i64) -> Option<NaiveDate> {
    i32::try_from(days).ok().and_then(NaiveDate::from_num_days_from_ce_opt)
}

fn number(row: &SqliteRow, i: usize) -> Result<i64, StoreError> {
    row.try_get(i).map_err(fault::store)
}

fn maybe(row: &SqliteRow, i: usize) -> Result<Option<i64>, StoreError> {
    row.try_get(i).map_err(fault::store)
}

fn maybe_text(row: &SqliteRow, i: usize) -> Result<Option<String>, StoreError> {
    row.try_get(i).map_err(fault::store)
}

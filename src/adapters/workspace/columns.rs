//! A row's columns as they are stored: what lists show, sort and filter by. The rest is in [`super::detail`].

use super::detail::Monies;
use super::fault;
use super::seal::Seal;
use crate::domain::currency::Currency;
use crate::domain::period::Period;
use crate::domain::row::{DocumentPart, ReconRow, Subject};
use crate::domain::side::Side;
use crate::domain::verdict::{Basis, Review, Verdict};
use crate::ports::workspace::StoreError;
use chrono::{Datelike, NaiveDate};

/// Rows of a run are numbered below this.
const RUN_SPAN: i64 = 1 << 32;

/// Where a run's row of that number stands in the table.
pub(super) const fn place(run: i64, seq: i64) -> i64 {
    run * RUN_SPAN + seq
}

/// The run of a row.
pub(super) const fn run(place: i64) -> i64 {
    place / RUN_SPAN
}

/// The number of a row in its run.
pub(super) const fn seq(place: i64) -> i64 {
    place % RUN_SPAN
}

/// A row made ready for storing.
#[derive(Debug)]
pub(super) struct Stored {
    pub place: i64,
    pub run: i64,
    pub subject: i64,
    pub key: String,
    pub period: (i64, i64),
    pub customer: String,
    pub plan: String,
    pub verdict: i64,
    pub basis: Option<i64>,
    pub review: i64,
    pub amounts: Amounts,
    pub exact_delta: Option<String>,
    pub at_stake: i64,
    pub documents: String,
    pub detail: String,
}

/// The amounts of a row in minor units. The source's are of `actual_currency`, all others of `expected_currency`; a
/// delta is of the currency the row is shown in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Amounts {
    pub actual: Option<i64>,
    pub actual_currency: Option<Currency>,
    pub expected: Option<i64>,
    pub expected_currency: Option<Currency>,
    pub delta: Option<i64>,
    pub actual_tax: Option<i64>,
    pub expected_tax: Option<i64>,
    pub rated: Option<i64>,
    pub drafted: Option<i64>,
}

impl Amounts {
    /// What of a row's money fits the columns. An amount of another currency than its column's is left out here.
    pub fn of(m: &Monies) -> Self {
        let actual_currency = m.actual.or(m.actual_tax).map(|x| x.currency);
        let expected_currency = m.expected.or(m.rated).or(m.drafted).or(m.expected_tax).map(|x| x.currency);
        let shown = actual_currency.or(expected_currency);
        let of = |money: Option<crate::domain::money::Money>, currency| money.filter(|x| Some(x.currency) == currency).map(|x| x.minor);
        Self {
            actual: of(m.actual, actual_currency),
            actual_currency,
            expected: of(m.expected, expected_currency),
            expected_currency,
            delta: of(m.delta, shown),
            actual_tax: of(m.actual_tax, actual_currency),
            expected_tax: of(m.expected_tax, expected_currency),
            rated: of(m.rated, expected_currency),
            drafted: of(m.drafted, expected_currency),
        }
    }
}

impl Stored {
    /// Over every column, in the order [`super::line`] reads them.
    pub fn seal(&self) -> i64 {
        let a = &self.amounts;
        let code = |currency: &Option<Currency>| currency.map(|c| c.code().to_owned());
        Seal::of("row")
            .number(Some(self.place))
            .number(Some(self.subject))
            .text(Some(&self.key))
            .number(Some(self.period.0))
            .number(Some(self.period.1))
            .text(Some(&self.customer))
            .text(Some(&self.plan))
            .number(Some(self.verdict))
            .number(self.basis)
            .number(Some(self.review))
            .number(a.actual)
            .text(code(&a.actual_currency).as_deref())
            .number(a.expected)
            .text(code(&a.expected_currency).as_deref())
            .number(a.delta)
            .text(self.exact_delta.as_deref())
            .number(Some(self.at_stake))
            .number(a.actual_tax)
            .number(a.expected_tax)
            .number(a.rated)
            .number(a.drafted)
            .text(Some(&self.documents))
            .text(None)
            .value()
    }

    /// Makes a row ready.
    pub fn of(run: i64, seq: i64, row: &ReconRow) -> Result<Self, StoreError> {
        let monies = Monies::of(row);
        Ok(Self {
            place: place(run, seq),
            run,
            subject: subject_code(row.subject),
            key: row.key.raw().to_owned(),
            period: (day(row.period.start), day(row.period.end)),
            customer: row.customer.raw().to_owned(),
            plan: row.plan.raw().to_owned(),
            verdict: i64::from(row.verdict.code()),
            basis: row.basis.map(basis_code),
            review: review_code(row.review),
            amounts: Amounts::of(&monies),
            exact_delta: row.exact_delta.map(|d| d.to_string()),
            at_stake: row.at_stake(),
            documents: documents_text(&row.documents),
            detail: super::detail::pack(row, &monies)?,
        })
    }
}

/// `S:INV-77 T:DR-5`, in the order the row lists them.
fn documents_text(parts: &[DocumentPart]) -> String {
    let mut text = String::new();
    for part in parts {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(match part.side {
            Side::Source => "S:",
            Side::Target => "T:",
        });
        text.push_str(part.id.raw());
    }
    text
}

fn day(date: NaiveDate) -> i64 {
    i64::from(date.num_days_from_ce())
}

/// The days of a stored period.
pub(super) fn period(start: i64, end: i64) -> Result<Period, StoreError> {
    let date = |n: i64| i32::try_from(n).ok().and_then(NaiveDate::from_num_days_from_ce_opt);
    let days = date(start).zip(date(end));
    days.map(|(start, end)| Period { start, end }).ok_or_else(|| fault::damaged(format!("no such days: {start} to {end}")))
}

/// A period as it is stored.
pub(super) fn days(period: Period) -> (i64, i64) {
    (day(period.start), day(period.end))
}

pub(super) const fn subject_code(subject: Subject) -> i64 {
    match subject {
        Subject::Subscription => 0,
        Subject::Order => 1,
        Subject::UnlinkedDocument => 2,
        Subject::UnlinkedRemainder => 3,
    }
}

pub(super) fn subject(code: i64) -> Result<Subject, StoreError> {
    let all = [Subject::Subscription, Subject::Order, Subject::UnlinkedDocument, Subject::UnlinkedRemainder];
    all.into_iter().find(|s| subject_code(*s) == code).ok_or_else(|| unknown("subject", code))
}

pub(super) fn verdict(code: i64) -> Result<Verdict, StoreError> {
    u8::try_from(code).ok().and_then(Verdict::of_code).ok_or_else(|| unknown("verdict", code))
}

pub(super) const fn basis_code(basis: Basis) -> i64 {
    match basis {
        Basis::Draft => 0,
        Basis::Rated => 1,
    }
}

pub(super) fn basis(code: i64) -> Result<Basis, StoreError> {
    [Basis::Draft, Basis::Rated].into_iter().find(|b| basis_code(*b) == code).ok_or_else(|| unknown("basis", code))
}

pub(super) const fn review_code(review: Review) -> i64 {
    match review {
        Review::Open => 0,
        Review::Explained => 1,
        Review::Waived => 2,
        Review::Resolved => 3,
    }
}

pub(super) fn review(code: i64) -> Result<Review, StoreError> {
    let all = [Review::Open, Review::Explained, Review::Waived, Review::Resolved];
    all.into_iter().find(|r| review_code(*r) == code).ok_or_else(|| unknown("review", code))
}

/// A stored currency code.
pub(super) fn currency(code: &str) -> Result<Currency, StoreError> {
    Currency::known(code).ok_or_else(|| fault::damaged(format!("unknown currency {code:?}")))
}

fn unknown(what: &str, code: i64) -> StoreError {
    fault::damaged(format!("unknown {what} {code}"))
}

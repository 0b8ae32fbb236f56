//! What of a row lists sort and filter by, and the numbers that stand for words in the store.

use super::block::Monies;
use crate::domain::currency::Currency;
use crate::domain::money::Money;
use crate::domain::pack::Bent;
use crate::domain::row::Subject;
use crate::domain::verdict::{Basis, Review};

/// Rows of a run are numbered below this.
const RUN_SPAN: i64 = 1 << 32;

/// Where a run's row of that number stands in the table.
pub(super) const fn place(run: i64, seq: i64) -> i64 {
    run * RUN_SPAN + seq
}

/// The run of a row.
pub(super) const fn run_of(place: i64) -> i64 {
    place / RUN_SPAN
}

/// The number of a row in its run.
pub(super) const fn seq(place: i64) -> i64 {
    place % RUN_SPAN
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
    #[inline]
    pub fn of(m: &Monies) -> Self {
        let actual_currency = m.actual.or(m.actual_tax).map(|x| x.currency);
        let expected_currency = m.expected.or(m.rated).or(m.drafted).or(m.expected_tax).map(|x| x.currency);
        let shown = actual_currency.or(expected_currency);
        let of = |money: Option<Money>, currency| money.filter(|x| Some(x.currency) == currency).map(|x| x.minor);
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

    /// The currency the row is shown in.
    pub fn currency(&self) -> Option<Currency> {
        self.actual_currency.or(self.expected_currency)
    }
}

pub(super) const fn subject_code(subject: Subject) -> u8 {
    match subject {
        Subject::Subscription => 0,
        Subject::Order => 1,
        Subject::UnlinkedDocument => 2,
        Subject::UnlinkedRemainder => 3,
    }
}

pub(super) fn subject(code: u8) -> Result<Subject, Bent> {
    let all = [Subject::Subscription, Subject::Order, Subject::UnlinkedDocument, Subject::UnlinkedRemainder];
    all.into_iter().find(|s| subject_code(*s) == code).ok_or(Bent("its subject is unknown"))
}

pub(super) const fn basis_code(basis: Option<Basis>) -> u8 {
    match basis {
        None => 0,
        Some(Basis::Draft) => 1,
        Some(Basis::Rated) => 2,
    }
}

pub(super) fn basis(code: u8) -> Result<Option<Basis>, Bent> {
    let all = [None, Some(Basis::Draft), Some(Basis::Rated)];
    all.into_iter().find(|b| basis_code(*b) == code).ok_or(Bent("its basis is unknown"))
}

pub(super) const fn review_code(review: Review) -> u8 {
    match review {
        Review::Open => 0,
        Review::Explained => 1,
        Review::Waived => 2,
        Review::Resolved => 3,
    }
}

pub(super) fn review(code: u8) -> Result<Review, Bent> {
    let all = [Review::Open, Review::Explained, Review::Waived, Review::Resolved];
    all.into_iter().find(|r| review_code(*r) == code).ok_or(Bent("its review is unknown"))
}

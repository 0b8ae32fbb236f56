//! The columns of a row, once: for the terminal's table, the text report, CSV and JSON.

use super::{money, words};
use crate::domain::currency::Currency;
use crate::domain::text::shown;
use crate::ports::workspace::{RowLine, SortColumn, UNEXPLAINED};
use words::Signs;

/// A column of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Column {
    /// `2026-05`, or the first day of an anchored period.
    Period,
    /// Key or order; for people also the id of an unlinked document, which machines find in `documents`.
    SubscriptionId,
    /// The verdict.
    Verdict,
    /// `draft` or `rated`.
    Basis,
    /// What the source billed.
    ActualNet,
    /// What the target would bill.
    ExpectedNet,
    /// expected − actual.
    DeltaNet,
    /// The same before rounding.
    ExactDelta,
    /// Tax the source billed.
    ActualTax,
    /// Tax the target would bill.
    ExpectedTax,
    /// dualrun's rating.
    RatedNet,
    /// The target's own documents.
    DraftedNet,
    /// `S:INV-77 T:DR-5`.
    Documents,
    /// Currency of the row: the actual's, else the expected's.
    Currency,
    /// Currency of the expected.
    ExpectedCurrency,
    /// Customer.
    Customer,
    /// Plan.
    Plan,
    /// `subscription`, `order`, `whole`, `remainder`.
    Subject,
    /// Named cause.
    Cause,
    /// `open`, `explained`, `waived`, `resolved`.
    Review,
}

/// Which edge a column's text keeps to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// How a column is laid out for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Its heading, short.
    pub heading: &'static str,
    /// Its edge.
    pub align: Align,
    /// Columns it needs at least; a number's column is never narrower than its widest number.
    pub min: usize,
    /// Columns it wants at most.
    pub ideal: usize,
    /// Dropped last where 0, first where large.
    pub priority: u8,
    /// The sort it stands for.
    pub sort: Option<SortColumn>,
}

impl Column {
    /// The order of machine formats. Fixed: other programs read it.
    pub const MACHINE: [Self; 20] = [
        Self::Period,
        Self::SubscriptionId,
        Self::Verdict,
        Self::Basis,
        Self::ActualNet,
        Self::ExpectedNet,
        Self::DeltaNet,
        Self::ExactDelta,
        Self::ActualTax,
        Self::ExpectedTax,
        Self::RatedNet,
        Self::DraftedNet,
        Self::Documents,
        Self::Currency,
        Self::ExpectedCurrency,
        Self::Customer,
        Self::Plan,
        Self::Subject,
        Self::Cause,
        Self::Review,
    ];

    /// The order of tables for people; [`super::fit::fit`] takes what there is room for.
    pub const TABLE: [Self; 13] = [
        Self::Verdict,
        Self::SubscriptionId,
        Self::Customer,
        Self::Plan,
        Self::Period,
        Self::Currency,
        Self::ActualNet,
        Self::ExpectedNet,
        Self::DeltaNet,
        Self::Basis,
        Self::Cause,
        Self::Review,
        Self::Documents,
    ];

    /// Its name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Period => "period",
            Self::SubscriptionId => "subscription_id",
            Self::Verdict => "verdict",
            Self::Basis => "basis",
            Self::ActualNet => "actual_net",
            Self::ExpectedNet => "expected_net",
            Self::DeltaNet => "delta_net",
            Self::ExactDelta => "exact_delta",
            Self::ActualTax => "actual_tax",
            Self::ExpectedTax => "expected_tax",
            Self::RatedNet => "rated_net",
            Self::DraftedNet => "drafted_net",
            Self::Documents => "documents",
            Self::Currency => "currency",
            Self::ExpectedCurrency => "expected_currency",
            Self::Customer => "customer",
            Self::Plan => "plan",
            Self::Subject => "subject",
            Self::Cause => "cause",
            Self::Review => "review",
        }
    }

    /// How it is laid out for people.
    pub const fn shape(self) -> Shape {
        use Align::{Left, Right};
        use SortColumn as S;
        let (heading, align, min, ideal, priority, sort) = match self {
            Self::Verdict => ("VERDICT", Left, 11, 11, 1, Some(S::Verdict)),
            Self::SubscriptionId => ("SUBSCRIPTION", Left, 12, 36, 0, Some(S::Key)),
            Self::Customer => ("CUSTOMER", Left, 10, 24, 4, Some(S::Customer)),
            Self::Plan => ("PLAN", Left, 8, 20, 5, Some(S::Plan)),
            Self::Period => ("PERIOD", Left, 7, 10, 8, None),
            Self::Currency => ("CUR", Left, 3, 3, 3, None),
            Self::ActualNet => ("ACTUAL", Right, 8, 26, 1, Some(S::Actual)),
            Self::ExpectedNet => ("EXPECTED", Right, 8, 26, 1, Some(S::Expected)),
            Self::DeltaNet => ("DELTA", Right, 8, 27, 0, Some(S::Delta)),
            Self::Basis => ("BASIS", Left, 5, 5, 7, None),
            Self::Cause => ("CAUSE", Left, 11, 24, 6, None),
            Self::Review => ("REVIEW", Left, 9, 9, 9, None),
            Self::Documents => ("DOCUMENTS", Left, 12, 40, 10, None),
            Self::ExactDelta => ("EXACT DELTA", Right, 8, 27, 11, None),
            Self::ActualTax => ("ACT. TAX", Right, 8, 26, 11, None),
            Self::ExpectedTax => ("EXP. TAX", Right, 8, 26, 11, None),
            Self::RatedNet => ("RATED", Right, 8, 26, 11, None),
            Self::DraftedNet => ("DRAFTED", Right, 8, 26, 11, None),
            Self::ExpectedCurrency => ("EXP. CUR", Left, 8, 8, 11, None),
            Self::Subject => ("SUBJECT", Left, 7, 12, 11, None),
        };
        Shape { heading, align, min, ideal, priority, sort }
    }

    /// The cell for people: safe to print, one line, money grouped and differences signed; an absent value is `–`
    /// where a number could stand, and empty elsewhere.
    pub fn text(self, row: &RowLine) -> String {
        match self {
            Self::Period => row.period.to_string(),
            Self::SubscriptionId => row.key.shown(self.shape().ideal),
            Self::Verdict => verdict_text(row, Signs::Unicode),
            Self::Basis => row.basis.map_or("", |b| b.word()).to_owned(),
            Self::ActualNet => amount(row.actual, row.actual_currency),
            Self::ExpectedNet => amount(row.expected, row.expected_currency),
            Self::DeltaNet => delta(row),
            Self::ExactDelta => row.exact_delta.as_deref().map_or_else(absent, |t| shown(t, self.shape().ideal)),
            Self::ActualTax => amount(row.actual_tax, row.actual_currency),
            Self::ExpectedTax => amount(row.expected_tax, row.expected_currency),
            Self::RatedNet => amount(row.rated, row.expected_currency),
            Self::DraftedNet => amount(row.drafted, row.expected_currency),
            Self::Documents => row.documents.shown(self.shape().ideal),
            Self::Currency => currencies(row),
            Self::ExpectedCurrency => row.expected_currency.map_or_else(String::new, |c| c.to_string()),
            Self::Customer => row.customer.shown(self.shape().ideal),
            Self::Plan => row.plan.shown(self.shape().ideal),
            Self::Subject => row.subject.word().to_owned(),
            Self::Cause => cause(row),
            Self::Review => row.review.word().to_owned(),
        }
    }

    /// True where the column holds money or another number, which must never be cut.
    pub const fn is_number(self) -> bool {
        matches!(self.shape().align, Align::Right)
    }
}

/// The verdict's sign and label: `✗ delta`.
pub fn verdict_text(row: &RowLine, signs: Signs) -> String {
    format!("{} {}", words::verdict_sign(row.verdict, signs), words::verdict_label(row.verdict))
}

/// The currency a row is shown in: the actual's, else the expected's.
pub fn row_currency(row: &RowLine) -> Option<&Currency> {
    row.actual_currency.as_ref().or(row.expected_currency.as_ref())
}

fn absent() -> String {
    "–".to_owned()
}

fn amount(minor: Option<i64>, currency: Option<Currency>) -> String {
    match (minor, currency) {
        (Some(minor), Some(currency)) => money::grouped(minor, currency),
        _ => absent(),
    }
}

fn delta(row: &RowLine) -> String {
    match (row.delta, row_currency(row)) {
        (Some(minor), Some(currency)) => money::signed(minor, *currency),
        _ => absent(),
    }
}

/// `CAD`, or `C≠U` where the two sides differ: told apart at a glance, spelled out in the detail.
fn currencies(row: &RowLine) -> String {
    match (row.actual_currency, row.expected_currency) {
        (Some(a), Some(e)) if a != e => format!("{}≠{}", &a.code()[..1], &e.code()[..1]),
        _ => row_currency(row).map_or_else(String::new, ToString::to_string),
    }
}

fn cause(row: &RowLine) -> String {
    use crate::domain::verdict::Verdict;
    match (&row.cause, row.verdict) {
        (Some(cause), _) => shown(cause, Column::Cause.shape().ideal),
        (None, Verdict::Unlinked) => "no subscription".to_owned(),
        (None, verdict) if verdict.asks_for_cause() => UNEXPLAINED.to_owned(),
        (None, _) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::period::{Grid, Month};
    use crate::domain::row::Subject;
    use crate::domain::verdict::{Review, Verdict};
    use crate::present::machine::Fields;

    #[test]
    fn machine_columns_are_plain_and_absent_values_empty() {
        let cad = Currency::known("CAD");
        let row = RowLine {
            seq: 1,
            subject: Subject::Subscription,
            key: "sub-1".into(),
            period: Grid::CALENDAR.period_in(Month::parse("2026-05").unwrap()),
            customer: "A\u{1b}[2J".into(),
            plan: "".into(),
            verdict: Verdict::MissingInTarget,
            basis: None,
            actual: Some(123_450),
            actual_currency: cad,
            expected: None,
            expected_currency: None,
            delta: Some(-123_450),
            exact_delta: Some("-1234.5".to_owned()),
            actual_tax: None,
            expected_tax: None,
            rated: None,
            drafted: None,
            documents: "S:INV-1".into(),
            cause: None,
            review: Review::Open,
        };
        let fields: Vec<String> = Column::MACHINE.iter().map(|c| Fields::default().of(*c, &row).to_owned()).collect();
        let expected = "2026-05|sub-1|missing_in_target||1234.50||-1234.50|-1234.5|||||S:INV-1|CAD||A\u{1b}[2J||subscription||open";
        assert_eq!(fields.join("|"), expected);
        assert_eq!((Column::ActualNet.text(&row), Column::DeltaNet.text(&row)), ("1,234.50".to_owned(), "-1,234.50".to_owned()));
        assert_eq!((Column::ExpectedNet.text(&row), Column::Customer.text(&row)), ("–".to_owned(), "A\\u{1b}[2J".to_owned()));
        let names: Vec<&str> = Column::MACHINE.iter().map(|c| c.name()).collect();
        assert!(names.join(",").starts_with("period,subscription_id,verdict,basis,actual_net,expected_net,delta_net,exact_delta,actual_tax"));
    }
}

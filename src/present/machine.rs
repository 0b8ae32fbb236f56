//! Fields of machine formats, many of them: each is written into the same room, and what rows repeat is not made again.

use super::columns::{Column, row_currency};
use super::money;
use crate::domain::currency::Currency;
use crate::domain::period::Period;
use crate::ports::workspace::RowLine;

/// Writes fields, one at a time.
#[derive(Debug, Default)]
pub struct Fields {
    room: String,
    /// The last period and its text.
    period: Option<(Period, String)>,
}

impl Fields {
    /// The field of a column: exact, plain, empty where absent. Text from outside is as it came: the writer must escape it.
    pub fn of<'a>(&'a mut self, column: Column, row: &'a RowLine) -> &'a str {
        match column {
            Column::Period => self.period(row.period),
            // A document's id must not be taken for a subscription's by whoever joins on this column.
            Column::SubscriptionId if row.subject.is_unlinked() => "",
            Column::SubscriptionId => row.key.raw(),
            Column::Verdict => row.verdict.word(),
            Column::Basis => row.basis.map_or("", |b| b.word()),
            Column::ActualNet => self.money(row.actual, row.actual_currency),
            Column::ExpectedNet => self.money(row.expected, row.expected_currency),
            Column::DeltaNet => self.money(row.delta, row_currency(row).copied()),
            Column::ExactDelta => row.exact_delta.as_deref().unwrap_or_default(),
            Column::ActualTax => self.money(row.actual_tax, row.actual_currency),
            Column::ExpectedTax => self.money(row.expected_tax, row.expected_currency),
            Column::RatedNet => self.money(row.rated, row.expected_currency),
            Column::DraftedNet => self.money(row.drafted, row.expected_currency),
            Column::Documents => row.documents.raw(),
            Column::Currency => row_currency(row).map_or("", Currency::code),
            Column::ExpectedCurrency => row.expected_currency.as_ref().map_or("", Currency::code),
            Column::Customer => row.customer.raw(),
            Column::Plan => row.plan.raw(),
            Column::Subject => row.subject.word(),
            Column::Cause => row.cause.as_deref().unwrap_or_default(),
            Column::Review => row.review.word(),
        }
    }

    fn money(&mut self, minor: Option<i64>, currency: Option<Currency>) -> &str {
        self.room.clear();
        if let (Some(minor), Some(currency)) = (minor, currency) {
            money::push_plain(&mut self.room, minor, currency);
        }
        &self.room
    }

    fn period(&mut self, period: Period) -> &str {
        if self.period.as_ref().is_none_or(|(known, _)| *known != period) {
            self.period = Some((period, period.to_string()));
        }
        self.period.as_ref().map_or("", |(_, text)| text)
    }
}

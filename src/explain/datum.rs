//! Which row or column of which side a cause stands on. One datum speaks for one cause of a row: two causes each need their own.

use crate::domain::currency::Currency;
use crate::domain::evidence::Change;
use crate::domain::side::Side;
use chrono::NaiveDate;

/// What a row of the data is told from the others by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Datum {
    /// A column of a side's subscription, by the contract's name.
    Subscription(Side, &'static str),
    /// The day on which a side's subscription begins or ends within the interval: one datum, however many of its rows tell it.
    Boundary {
        /// Whose.
        side: Side,
        /// Which.
        day: NaiveDate,
        /// Whether it begins there.
        begins: bool,
    },
    /// The changes of a kind that a side has of one day: recorded twice, they are one change.
    Event(Side, Change, NaiveDate),
    /// A coupon, by its place among those kept of its side.
    Coupon(Side, usize),
    /// An earlier or present price, by its place on its side's shelf.
    PriceVersion(Side, usize),
    /// A stored exchange rate of a side, from one currency to another since a day.
    ExchangeRate(Side, Currency, Currency, NaiveDate),
    /// The flat price of a side's plan.
    ListPrice(Side),
    /// A column of the charge of a metric, by the contract's name.
    Charge(Side, String, &'static str),
    /// The documents of a side, with their lines and taxes.
    Documents(Side),
    /// Usage of a metric that arrived late.
    LateUsage(String),
    /// Usage of a metric that came again.
    RepeatedUsage(String),
    /// How a side is declared to bill.
    Declared(Side),
    /// Other rows of the run, or of other periods.
    OtherRows,
}

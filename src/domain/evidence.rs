//! What may explain a difference beside the numbers it stands on: dated prices, exchange rates, discounts and changes of either side, and usage
//! that arrived late or twice. Kept with the rows that differ; nothing of it decides an amount.

use super::currency::Currency;
use super::decode::When;
use super::exact::Exact;
use super::row::Terms;
use super::side::Side;
use super::text::Untrusted;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// A price a plan or a charge had for some time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PriceVersion {
    /// The plan, by the side's own id.
    pub plan_id: String,
    /// The charge's metric; `None` is the flat price.
    pub metric: Option<String>,
    /// The price, in major units.
    pub price: Exact,
    /// First day; `None` has always held.
    pub valid_from: Option<NaiveDate>,
    /// First day it held no more, whatever the side's ends; `None` still holds.
    pub valid_until: Option<NaiveDate>,
}

/// What one currency costs in another, from a day on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ExchangeRate {
    /// The currency of which one unit is bought.
    pub from: Currency,
    /// The currency it is paid in.
    pub to: Currency,
    /// First day. It holds until the next rate of its pair.
    pub valid_from: NaiveDate,
    /// Units of `to` for one of `from`, more than nought.
    pub rate: Exact,
}

/// What a discount takes off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiscountKind {
    /// Per cent.
    Percent,
    /// An amount, in major units.
    Fixed,
}

impl DiscountKind {
    /// The word in files and JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Percent => "percent",
            Self::Fixed => "fixed",
        }
    }
}

/// A coupon of a subscription.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Discount {
    /// Place in the order of stacking, lowest first.
    pub position: i64,
    /// Its code, for people.
    pub code: Untrusted,
    /// What it takes off.
    pub kind: DiscountKind,
    /// How much: per cent, or major units.
    pub value: Exact,
    /// First day; `None` has always held.
    pub valid_from: Option<NaiveDate>,
    /// First day it held no more, whatever the side's ends; `None` still holds.
    pub valid_until: Option<NaiveDate>,
}

impl Discount {
    /// Whether it holds on some day of a half-open span.
    pub fn meets(&self, start: NaiveDate, end: NaiveDate) -> bool {
        self.valid_from.is_none_or(|from| from < end) && self.valid_until.is_none_or(|until| start < until)
    }
}

/// What a dated change is a change of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// The status: paused, cancelled, active again.
    Status,
    /// The plan.
    Plan,
    /// The quantity: seats.
    Quantity,
    /// Something else, by the side's own word.
    Other,
}

/// A dated change of a subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The moment, or the day, as stored.
    pub at: When,
    /// The day in the service's zone.
    pub day: NaiveDate,
    /// Of what.
    pub what: Change,
    /// The side's own word for it.
    pub word: Untrusted,
    /// What it was.
    pub from: Option<Untrusted>,
    /// What it became.
    pub to: Option<Untrusted>,
}

/// What one side says of a subscription.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SideEvidence {
    /// Its coupons, in the order of stacking.
    pub discounts: Vec<Discount>,
    /// Its changes, oldest first.
    pub events: Vec<Event>,
}

/// Usage of a row's period that arrived when the period was over.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LateUsage {
    /// The metric.
    pub metric: String,
    /// The local day it arrived.
    pub arrived_on: NaiveDate,
    /// How much.
    pub quantity: Exact,
}

/// Usage that the midnights of a side's own zone put into another period.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MovedUsage {
    /// The side that puts usage into periods so.
    pub side: Side,
    /// Its zone.
    pub zone: String,
    /// The metric.
    pub metric: String,
    /// Whether it comes into the row's period from another, or leaves it.
    pub comes: bool,
    /// How much.
    pub quantity: Exact,
}

/// What is kept beside a row that differs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Evidence {
    /// What the source says.
    pub source: SideEvidence,
    /// What the target says.
    pub target: SideEvidence,
    /// Usage of the period that came after its end, added up by metric and day.
    pub late: Vec<LateUsage>,
    /// Usage that came again under a name already counted, and was therefore left out, by metric.
    pub repeated: Vec<(String, Exact)>,
    /// Usage that a side's own zone puts into another period, added up by side and metric. Runs from before it was looked for have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moved: Vec<MovedUsage>,
}

impl Evidence {
    /// What a side says.
    pub const fn of(&self, side: Side) -> &SideEvidence {
        match side {
            Side::Source => &self.source,
            Side::Target => &self.target,
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What a side sells and sold: kept once a run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Shelf {
    /// Plans with their charges, in byte order of the plan's id.
    pub terms: Vec<Terms>,
    /// Their earlier and present prices, where the side maps them.
    pub prices: Vec<PriceVersion>,
    /// Its exchange rates, where the side maps them, in order and each once. Runs from before they were read have none.
    pub rates: Vec<ExchangeRate>,
}

impl Shelf {
    /// A plan with its charges.
    pub fn plan(&self, id: &str) -> Option<&Terms> {
        self.terms.binary_search_by(|terms| terms.plan.id.as_str().cmp(id)).ok().map(|at| &self.terms[at])
    }

    /// The rate of a pair that holds on a day: the latest that began by then. `None` where there is none, or two that began on one day say
    /// otherwise: neither is chosen.
    pub fn rate(&self, from: Currency, to: Currency, day: NaiveDate) -> Option<&ExchangeRate> {
        let after = self.rates.partition_point(|r| (r.from, r.to, r.valid_from) <= (from, to, day));
        let (last, before) = self.rates[..after].split_last()?;
        let is_torn = before.last().is_some_and(|other| (other.from, other.to, other.valid_from) == (from, to, last.valid_from));
        ((last.from, last.to) == (from, to) && !is_torn).then_some(last)
    }

    /// Each pair of currencies that has a rate, once.
    pub fn exchanged(&self) -> impl Iterator<Item = (Currency, Currency)> {
        let mut rest = self.rates.as_slice();
        std::iter::from_fn(move || {
            let pair = rest.first().map(|r| (r.from, r.to))?;
            // A book of daily rates has thousands for each pair: they are leapt over.
            rest = &rest[rest.partition_point(|r| (r.from, r.to) <= pair)..];
            Some(pair)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(from: &str, to: &str, day: &str, rate: &str) -> ExchangeRate {
        let known = |code: &str| Currency::known(code).unwrap();
        ExchangeRate { from: known(from), to: known(to), valid_from: day.parse().unwrap(), rate: rate.parse().unwrap() }
    }

    #[test]
    fn the_latest_rate_by_a_day_holds_and_of_two_of_one_day_neither() {
        let mut rates = vec![
            rate("USD", "CAD", "2026-05-01", "1.35"),
            rate("USD", "CAD", "2026-05-20", "1.36"),
            rate("USD", "CAD", "2026-06-01", "1.4"),
            rate("USD", "CAD", "2026-06-01", "1.41"),
            rate("EUR", "CAD", "2026-01-01", "1.5"),
            rate("USD", "EUR", "2026-01-01", "0.9"),
        ];
        rates.sort();
        let shelf = Shelf { rates, ..Shelf::default() };
        let known = |code: &str| Currency::known(code).unwrap();
        let on = |from: &str, to: &str, day: &str| shelf.rate(known(from), known(to), day.parse().unwrap()).map(|r| r.rate.to_string());
        for (day, holds) in
            [("2026-04-30", None), ("2026-05-01", Some("1.35")), ("2026-05-19", Some("1.35")), ("2026-05-31", Some("1.36")), ("2026-06-02", None)]
        {
            assert_eq!(on("USD", "CAD", day).as_deref(), holds, "{day}");
        }
        assert_eq!((on("CAD", "USD", "2026-05-05"), on("EUR", "CAD", "2027-01-01").as_deref()), (None, Some("1.5")));
        let pairs: Vec<String> = shelf.exchanged().map(|(from, to)| format!("{from}{to}")).collect();
        assert_eq!(pairs, ["EURCAD", "USDCAD", "USDEUR"]);
        assert_eq!(Shelf::default().exchanged().count(), 0);
    }
}

//! One subscription in one month: what it used, what was billed for it, and what must come of it.

use super::plan::{Plan, SOLD};
use super::{LargeBook, salt};
use crate::domain::verdict::Verdict;

/// Ten-thousandths of a major unit in a cent: source amounts have up to four decimals.
const PER_CENT: i64 = 100;

/// What was injected into a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Billed as rated.
    Plain,
    /// The flat price was billed for 3 to 26 of 30 days.
    Proration,
    /// The flat price was billed 10 % higher.
    ListPrice,
    /// Not billed at all.
    NotBilled,
    /// Billed 0.0020 to 0.0089 beside the rating: a match or a cent off, as it rounds.
    SubCent,
    /// The same amount billed twice.
    Duplicate,
    /// Billed in two parts that add up.
    Split,
    /// Billed as rated; the target does not know the subscription.
    NotInTarget,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 8] =
        [Self::Plain, Self::Proration, Self::ListPrice, Self::NotBilled, Self::SubCent, Self::Duplicate, Self::Split, Self::NotInTarget];

    /// Its word in the printed counts.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Proration => "proration",
            Self::ListPrice => "list_price",
            Self::NotBilled => "not_billed",
            Self::SubCent => "sub_cent",
            Self::Duplicate => "duplicate",
            Self::Split => "split",
            Self::NotInTarget => "not_in_target",
        }
    }
}

/// A billed document of a cell: its net amount in ten-thousandths, and its tax in cents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Billed {
    /// Net, in ten-thousandths of a major unit.
    pub net: i64,
    /// Tax, in cents.
    pub tax: i64,
}

/// One subscription in one month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// Its subscription's number, from nought.
    pub subscription: u64,
    /// Its month's number, from nought.
    pub month: u64,
    /// Its plan.
    pub plan: Plan,
    /// What was injected.
    pub kind: Kind,
    /// What it used, in ten-thousandths of a unit.
    pub used: u64,
    /// The rating, in cents.
    pub expected: i64,
    at: u64,
}

/// 13 % of whole cents, half-up.
pub fn tax_on(cents: i64) -> i64 {
    (cents * 26 + 100) / 200
}

/// Ten-thousandths to cents, half-up; amounts here are never below nought.
pub fn rounded(net: i64) -> i64 {
    (2 * net + PER_CENT) / (2 * PER_CENT)
}

impl LargeBook {
    /// A subscription's plan.
    pub fn plan_of(&self, subscription: u64) -> Plan {
        Plan::sold(self.draw(salt::PLAN, subscription) % SOLD)
    }

    /// One of a cell's four raw usage records, in ten-thousandths of a unit.
    pub fn usage(&self, subscription: u64, month: u64, record: u64, plan: Plan) -> u64 {
        let at = (month * 4 + record) * self.subscriptions + subscription;
        self.draw(salt::USAGE, at) % (plan.included() * 8_000)
    }

    /// A cell by its subscription and month, both from nought.
    pub fn cell(&self, subscription: u64, month: u64) -> Cell {
        let plan = self.plan_of(subscription);
        let at = month * self.subscriptions + subscription;
        let used = (0..4).map(|record| self.usage(subscription, month, record, plan)).sum();
        let kind = if self.in_target(subscription) { kind_of(self.draw(salt::KIND, at)) } else { Kind::NotInTarget };
        let expected = plan.overage(used).plus(i128::from(plan.flat_cents()), 1).half_up();
        Cell { subscription, month, plan, kind, used, expected, at }
    }

    /// What the source billed for a cell: no document, one or two.
    pub fn billed(&self, cell: &Cell) -> Vec<Billed> {
        let whole = |cents: i64| Billed { net: cents * PER_CENT, tax: tax_on(cents) };
        match cell.kind {
            Kind::Plain | Kind::NotInTarget => vec![whole(cell.expected)],
            Kind::NotBilled => Vec::new(),
            Kind::Duplicate => vec![whole(cell.expected); 2],
            Kind::Proration => {
                let days = 3 + i128::from(self.draw(salt::SHARE, cell.at) % 24);
                vec![whole(with_flat_share(cell, days, 30))]
            }
            Kind::ListPrice => vec![whole(with_flat_share(cell, 11, 10))],
            Kind::SubCent => {
                let draw = self.draw(salt::SUB_CENT, cell.at);
                let off = 20 + i64::try_from(draw / 2 % 70).unwrap_or(0);
                let net = cell.expected * PER_CENT + if draw.is_multiple_of(2) { off } else { -off };
                vec![Billed { net, tax: tax_on(rounded(net)) }]
            }
            // The second part carries the rest of the tax, so that both columns add up.
            Kind::Split => {
                let (first, second) = (cell.expected / 3, cell.expected - cell.expected / 3);
                vec![whole(first), Billed { net: second * PER_CENT, tax: tax_on(cell.expected) - tax_on(first) }]
            }
        }
    }

    /// Whether the target drafted a cell; the others are rated.
    pub fn drafted(&self, cell: &Cell) -> bool {
        cell.kind != Kind::NotInTarget && !self.draw(salt::DRAFT, cell.at).is_multiple_of(500)
    }

    /// Whether a void invoice stands beside a cell's documents.
    pub fn has_void(&self, cell: &Cell) -> bool {
        self.draw(salt::VOID, cell.at).is_multiple_of(500)
    }
}

/// The rating with another share of the flat price, in cents.
fn with_flat_share(cell: &Cell, num: i128, den: i128) -> i64 {
    cell.plan.overage(cell.used).plus(i128::from(cell.plan.flat_cents()) * num, den).half_up()
}

/// Shares in ten-thousandths.
fn kind_of(draw: u64) -> Kind {
    match draw % 10_000 {
        0..300 => Kind::Proration,
        300..400 => Kind::ListPrice,
        400..420 => Kind::NotBilled,
        420..470 => Kind::SubCent,
        470..480 => Kind::Duplicate,
        480..500 => Kind::Split,
        _ => Kind::Plain,
    }
}

/// The verdict of a cell by the rules of the numbers: each document rounded alone, equal at the cent, a duplicate only
/// when n equal documents come to n times the expected amount.
pub fn verdict(cell: &Cell, billed: &[Billed]) -> Verdict {
    let actual: i64 = billed.iter().map(|b| rounded(b.net)).sum();
    let tax: i64 = billed.iter().map(|b| b.tax).sum();
    let several = i64::try_from(billed.len()).unwrap_or(0);
    let equal = billed.windows(2).all(|pair| pair.first() == pair.last());
    if cell.kind == Kind::NotInTarget {
        Verdict::MissingInTarget
    } else if billed.is_empty() {
        Verdict::MissingInSource
    } else if several > 1 && equal && actual == several * cell.expected {
        Verdict::Duplicate
    } else if actual == cell.expected && tax == tax_on(cell.expected) {
        Verdict::Match
    } else {
        Verdict::Delta
    }
}

//! What a rating stands on, and ways to alter it.

use crate::domain::currency::Currency;
use crate::domain::exact::Exact;
use crate::domain::money::Money;
use crate::domain::profile::{SideProfile, Stage};
use crate::domain::records::Charge;
use crate::domain::rounding::to_minor;
use crate::domain::row::{RatingInputs, Terms};
use crate::rating::{Ground, rate_charges};

/// What is rated otherwise than the target's catalogue says.
#[derive(Debug, Clone, PartialEq)]
pub enum Alter<'a> {
    /// The flat price of one unit, in the place of list price and override.
    Flat(Exact),
    /// Units of the plan.
    Quantity(Exact),
    /// Per cent off, in the place of the discount there is.
    Percent(Exact),
    /// The part of the interval.
    Part { of: i64, whole: i64 },
    /// The usage of a metric.
    Usage(&'a str, Exact),
    /// The charge of its metric.
    Charge(Box<Charge>),
    /// Plan and charges.
    Terms(&'a Terms),
    /// Per cent off, in the place of the discount there is, and then an amount that is added before rounding.
    Off { percent: Exact, then: Exact },
    /// The amount itself.
    Whole(Exact),
}

/// A rating's ground. Copies nothing of what it stands on: a row has many views, and most of them come to nothing.
#[derive(Debug, Clone)]
pub struct View<'a> {
    /// What the row was rated by.
    pub inputs: &'a RatingInputs,
    /// Plan and charges, before any that stand in the place of others.
    pub terms: &'a Terms,
    ground: Ground<'a>,
    /// Usage of metrics, in the place of the row's.
    usage: Vec<(&'a str, Exact)>,
    /// Charges in the place of those of their metric, or beside them.
    charges: Vec<&'a Charge>,
    extra: Exact,
    whole: Option<Exact>,
    /// Whether the part of the interval is one that was tried: then it is what it says, however the target prorates.
    pub parted: bool,
}

impl<'a> View<'a> {
    pub fn new(inputs: &'a RatingInputs, terms: &'a Terms) -> Self {
        let ground = Ground::of(inputs, &terms.plan);
        Self { inputs, terms, ground, usage: Vec::new(), charges: Vec::new(), extra: Exact::ZERO, whole: None, parted: false }
    }

    /// The price of one unit and interval.
    pub fn flat(&self) -> Exact {
        self.ground.price_override.unwrap_or(self.terms.plan.flat_price)
    }

    pub fn currency(&self) -> Currency {
        self.terms.plan.currency
    }

    /// The same, altered; `None` where the numbers do not fit. A price, quantity, part or plan that is tried is that of the whole
    /// interval, also where the rating had several.
    pub fn altered(&self, alter: &'a Alter<'a>) -> Option<Self> {
        let mut view = self.clone();
        match alter {
            Alter::Flat(price) => (view.ground.price_override, view.ground.stretches) = (Some(*price), &[]),
            Alter::Quantity(quantity) => (view.ground.quantity, view.ground.stretches) = (*quantity, &[]),
            Alter::Percent(percent) => view.ground.discount_percent = *percent,
            Alter::Part { of, whole } => {
                (view.ground.days, view.ground.of_days, view.parted) = (*of, *whole, true);
                view.ground.stretches = &[];
            }
            Alter::Usage(metric, quantity) => view.usage.push((metric, *quantity)),
            Alter::Charge(charge) => view.charges.push(charge),
            Alter::Terms(terms) => {
                (view.terms, view.ground.plan, view.ground.price_override, view.ground.stretches) = (terms, &terms.plan, None, &[]);
                view.charges.clear();
            }
            Alter::Off { percent, then } => (view.ground.discount_percent, view.extra) = (*percent, view.extra.add(*then).ok()?),
            Alter::Whole(amount) => view.whole = Some(*amount),
        }
        Some(view)
    }

    /// What was used of a metric: by the newest word on it, else by the row.
    fn used(&self, metric: &str) -> Exact {
        let rated = || self.inputs.usage.iter().find(|(known, _)| known == metric).map(|(_, used)| *used);
        let said = self.usage.iter().rfind(|(known, _)| *known == metric).map(|(_, used)| *used);
        said.or_else(rated).unwrap_or(Exact::ZERO)
    }

    /// The charges with what was used of each: the terms' own, unless another stands in their place, then those that have none.
    fn charged(&self) -> impl Iterator<Item = (&Charge, Exact)> {
        let instead = |charge: &Charge| self.charges.iter().rfind(|other| other.metric == charge.metric).copied();
        let own = self.terms.charges.iter().map(move |charge| instead(charge).unwrap_or(charge));
        let is_new = |(at, charge): &(usize, &&Charge)| {
            let same = |other: &Charge| other.metric == charge.metric;
            !self.terms.charges.iter().any(same) && !self.charges[at + 1..].iter().any(|other| same(other))
        };
        let new = self.charges.iter().enumerate().filter(is_new).map(|(_, charge)| *charge);
        own.chain(new).map(|charge| (charge, self.used(&charge.metric)))
    }

    /// What it comes to: before rounding, and rounded by a profile. `None` where it cannot be rated.
    pub fn amount(&self, profile: &SideProfile) -> Option<(Exact, Money)> {
        let currency = self.currency();
        let minor = |exact: Exact| to_minor(exact, currency, profile.round_mode).ok();
        let (mut exact, mut net) = if let Some(whole) = self.whole {
            (whole, minor(whole)?)
        } else {
            // The tax on top is not asked for.
            let ground = Ground { taxes: self.ground.taxes.filter(|_| profile.tax_inclusive), ..self.ground };
            let rating = rate_charges(&ground, self.charged(), profile, |_| ()).ok()?;
            (rating.exact, rating.net)
        };
        if !self.extra.is_zero() {
            let due = !exact.is_negative();
            exact = exact.add(self.extra).ok()?;
            net = match profile.round_per {
                Stage::Invoice => minor(exact)?,
                Stage::Line => net.plus(minor(self.extra)?)?,
            };
            // What is taken off is taken off what is due, and no more.
            if due && exact.is_negative() {
                (exact, net) = (Exact::ZERO, Money::zero(currency));
            }
        }
        Some((exact, net))
    }
}

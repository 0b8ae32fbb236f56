//! What a rating stands on, and ways to alter it.

use crate::domain::currency::Currency;
use crate::domain::exact::Exact;
use crate::domain::money::Money;
use crate::domain::profile::{SideProfile, Stage};
use crate::domain::records::Charge;
use crate::domain::rounding::to_minor;
use crate::domain::row::{RatingInputs, Terms};
use crate::rating::rate;
use std::borrow::Cow;

/// What is rated otherwise than the target's catalogue says.
#[derive(Debug, Clone, PartialEq)]
pub enum Alter {
    /// The flat price of one unit, in the place of list price and override.
    Flat(Exact),
    /// Units of the plan.
    Quantity(Exact),
    /// Per cent off, in the place of the discount there is.
    Percent(Exact),
    /// The part of the interval.
    Part { of: i64, whole: i64 },
    /// The usage of a metric.
    Usage(String, Exact),
    /// The charge of its metric.
    Charge(Box<Charge>),
    /// Plan and charges.
    Terms(Box<Terms>),
    /// Per cent off, in the place of the discount there is, and then an amount that is added before rounding.
    Off { percent: Exact, then: Exact },
    /// The amount itself.
    Whole(Exact),
}

/// A rating's ground.
#[derive(Debug, Clone)]
pub struct View<'a> {
    pub inputs: RatingInputs,
    pub terms: Cow<'a, Terms>,
    extra: Exact,
    whole: Option<Exact>,
    /// Whether the part of the interval is one that was tried: then it is what it says, however the target prorates.
    pub parted: bool,
}

impl<'a> View<'a> {
    pub fn new(inputs: &RatingInputs, terms: &'a Terms) -> Self {
        Self { inputs: inputs.clone(), terms: Cow::Borrowed(terms), extra: Exact::ZERO, whole: None, parted: false }
    }

    /// The price of one unit and interval.
    pub fn flat(&self) -> Exact {
        self.inputs.price_override.unwrap_or(self.terms.plan.flat_price)
    }

    pub fn currency(&self) -> Currency {
        self.terms.plan.currency
    }

    /// The same, altered; `None` where the numbers do not fit.
    pub fn altered(&self, alter: &Alter) -> Option<Self> {
        let mut view = self.clone();
        match alter {
            Alter::Flat(price) => view.inputs.price_override = Some(*price),
            Alter::Quantity(quantity) => view.inputs.quantity = *quantity,
            Alter::Percent(percent) => view.inputs.discount_percent = *percent,
            Alter::Part { of, whole } => (view.inputs.days, view.inputs.of_days, view.parted) = (*of, *whole, true),
            Alter::Usage(metric, quantity) => match view.inputs.usage.binary_search_by(|(known, _)| known.as_str().cmp(metric)) {
                Ok(at) => view.inputs.usage[at].1 = *quantity,
                Err(at) => view.inputs.usage.insert(at, (metric.clone(), *quantity)),
            },
            Alter::Charge(charge) => {
                let charges = &mut view.terms.to_mut().charges;
                match charges.iter_mut().find(|c| c.metric == charge.metric) {
                    Some(place) => *place = (**charge).clone(),
                    None => charges.push((**charge).clone()),
                }
            }
            Alter::Terms(terms) => {
                view.terms = Cow::Owned((**terms).clone());
                view.inputs.price_override = None;
            }
            Alter::Off { percent, then } => (view.inputs.discount_percent, view.extra) = (*percent, view.extra.add(*then).ok()?),
            Alter::Whole(amount) => view.whole = Some(*amount),
        }
        Some(view)
    }

    /// What it comes to: before rounding, and rounded by a profile. `None` where it cannot be rated.
    pub fn amount(&self, profile: &SideProfile) -> Option<(Exact, Money)> {
        let currency = self.currency();
        let minor = |exact: Exact| to_minor(exact, currency, profile.round_mode).ok();
        let (mut exact, mut net) = if let Some(whole) = self.whole {
            (whole, minor(whole)?)
        } else {
            let rating = rate(&self.inputs, &self.terms, profile).ok()?;
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

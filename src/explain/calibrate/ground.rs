//! A made-up row on which both sides agree, with what an operator's data has around it.

use super::inject::exchange;
use crate::domain::currency::Currency;
use crate::domain::decode::When;
use crate::domain::evidence::{Change, Discount, DiscountKind, Event, Evidence, PriceVersion, Shelf};
use crate::domain::exact::Exact;
use crate::domain::money::Money;
use crate::domain::period::{Grid, Month, Period, Zone};
use crate::domain::profile::{BasisRule, Proration, ServiceProfile, SideProfile, SubscriptionState, Vocabulary};
use crate::domain::random::draw;
use crate::domain::records::tiers::Tiers;
use crate::domain::records::{Charge, ChargeModel, DocumentKind, Interval, Plan};
use crate::domain::rounding::{RoundMode, to_minor};
use crate::domain::row::{AppliedTax, DocumentPart, RatingInputs, ReconRow, Subject, SubscriptionFacts, Terms};
use crate::domain::side::Side;
use crate::domain::text::Untrusted;
use crate::domain::verdict::{Basis, Verdict};
use crate::explain::case::{Around, Billed};
use crate::explain::company::{Group, Scaled};
use chrono::{Days, NaiveDate};

/// The metric of its usage.
pub const METRIC: &str = "cpu";
/// Per cent of its tax.
pub const TAX: i128 = 13;

/// A row, and everything an explainer is given with it.
#[derive(Clone)]
pub struct Ground {
    seed: u64,
    at: u64,
    drawn: u64,
    pub currency: Currency,
    pub row: ReconRow,
    pub evidence: Evidence,
    /// What source and target sell.
    pub shelves: [Shelf; 2],
    pub profile: ServiceProfile,
    pub history: Vec<Billed>,
    /// What the other rows of its run say.
    pub scaled: Option<Scaled>,
    pub group: Option<Group>,
}

impl Ground {
    /// The `at`-th row of a seed.
    pub fn new(seed: u64, at: u64, currency: Currency) -> Self {
        let period = Grid::CALENDAR.period_in(Month::of(NaiveDate::from_ymd_opt(2025, 1, 1).unwrap_or_default()));
        let mut ground = Self {
            seed,
            at,
            drawn: 0,
            currency,
            row: blank(period),
            evidence: Evidence::default(),
            shelves: <[Shelf; 2]>::default(),
            profile: profile(currency),
            history: Vec::new(),
            scaled: None,
            group: None,
        };
        ground.build();
        ground
    }

    /// A number below `n`.
    pub fn below(&mut self, n: u64) -> u64 {
        self.drawn += 1;
        draw(self.seed, self.at, self.drawn) % n.max(1)
    }

    pub fn whole(&mut self, from: u64, to: u64) -> Exact {
        Exact::whole(i128::from(from + self.below(to - from + 1)))
    }

    /// A list price of 10.00 to 999.99.
    pub fn price(&mut self) -> Exact {
        let whole = [1_000, 1_900, 2_500, 4_999, 9_900, 12_345, 20_000, 49_900, 99_999][usize::try_from(self.below(9)).unwrap_or(0)];
        let cents = if self.below(2) == 0 { 0 } else { self.below(900) };
        cents_of(whole + cents)
    }

    /// What other rows say of it.
    pub fn around(&self) -> Around<'_> {
        Around { history: &self.history, compared: &[], agreeing: &[], scaled: self.scaled.clone(), group: self.group }
    }

    fn build(&mut self) {
        let month = Month::new(2024, 1).unwrap_or(Month::of(NaiveDate::default())).plus(i32::try_from(self.below(24)).unwrap_or(0));
        let period = Grid::CALENDAR.period_in(month);
        self.row = blank(period);
        let flat = self.price();
        let metered = self.below(2) == 0;
        let mut charges = Vec::new();
        let mut usage = Vec::new();
        if metered {
            let included = self.whole(0, 20).mul(Exact::whole(100)).unwrap_or(Exact::ZERO);
            charges.push(charge("p-1", included, Exact::scaled(i128::from(75 + self.below(4_000)), 6).unwrap_or(Exact::ONE)));
            let used = self.whole(2_500, 60_000);
            usage.push((METRIC.to_owned(), used));
        }
        let target = Terms { plan: plan("p-1", flat, self.currency), charges };
        let others: Vec<Terms> =
            (2..5).map(|n| Terms { plan: plan(&format!("p-{n}"), self.price(), self.currency), charges: target.charges.clone() }).collect();
        let terms: Vec<Terms> = std::iter::once(target).chain(others).collect();
        self.shelves = [Shelf { terms: terms.clone(), ..Shelf::default() }, Shelf { terms, ..Shelf::default() }];
        let long_ago = period.start - Days::new(200 + self.below(600));
        let mut facts = SubscriptionFacts::plain(long_ago);
        (facts.customer_id, facts.plan_id) = ("c-1".into(), "p-1".into());
        (self.row.source, self.row.target) = (Some(facts.clone()), Some(facts));
        let days = period.days();
        let taxes = Some(vec![AppliedTax { name: "HST".into(), rate: Exact::whole(TAX) }]);
        let inputs = RatingInputs {
            plan_id: "p-1".to_owned(),
            quantity: Exact::ONE,
            price_override: None,
            discount_percent: Exact::ZERO,
            days,
            of_days: days,
            usage,
            taxes,
            stretches: Vec::new(),
        };
        self.row.inputs = vec![inputs];
        self.rerate();
        self.clutter();
    }

    /// Things that data has and that say nothing of this row: an old coupon, a change long ago, a price that was.
    fn clutter(&mut self) {
        let start = self.row.period.start;
        if self.below(3) == 0 {
            let until = start - Days::new(1 + self.below(60));
            let value = self.whole(5, 50);
            self.evidence.source.discounts.push(Discount {
                position: 0,
                code: "OLD".into(),
                kind: DiscountKind::Percent,
                value,
                valid_from: Some(until - Days::new(90)),
                valid_until: Some(until),
            });
        }
        if self.below(3) == 0 {
            let day = start - Days::new(10 + self.below(100));
            self.event(day, Change::Quantity, "1", "1");
        }
        if self.below(4) == 0 {
            let price = self.price();
            let gone = start - Days::new(900);
            self.version(price, Some(gone - Days::new(50)), Some(gone));
        }
    }

    /// What the target bills, from what the row holds; both sides agree afterwards.
    pub fn rerate(&mut self) {
        let amount = self.rated();
        let money = self.round(amount);
        self.row.rated = Some(money);
        self.row.expected = Some(money);
        self.bill(amount);
    }

    /// flat × quantity × days ÷ D + usage beyond what is included × unit price ÷ package: this file's own arithmetic.
    pub fn rated(&self) -> Exact {
        let (inputs, terms) = (&self.row.inputs[0], &self.shelves[1].terms[0]);
        let flat = inputs.price_override.unwrap_or(terms.plan.flat_price);
        let part = Exact::ratio(inputs.days.into(), inputs.of_days.into()).unwrap_or(Exact::ONE);
        let flat = product(&[flat, inputs.quantity, part]);
        plus(flat, self.metered(self.used()))
    }

    pub fn used(&self) -> Exact {
        self.row.inputs[0].usage.first().map_or(Exact::ZERO, |(_, q)| *q)
    }

    /// What usage costs by the target's charge.
    pub fn metered(&self, used: Exact) -> Exact {
        self.shelves[1].terms[0].charges.first().map_or(Exact::ZERO, |charge| by_charge(charge, used))
    }

    /// Rounded as both sides round.
    pub fn round(&self, amount: Exact) -> Money {
        to_minor(amount, self.currency, RoundMode::HalfUp).unwrap_or(Money::zero(self.currency))
    }

    /// Makes the source bill an amount in one invoice.
    pub fn bill(&mut self, amount: Exact) {
        let money = self.round(amount);
        self.bill_rounded(money);
    }

    pub fn bill_rounded(&mut self, money: Money) {
        self.row.documents = vec![document("INV-1", DocumentKind::Charge, money, self.row.period.end)];
        self.settle(Some(money));
    }

    /// Sets actual and deltas.
    pub fn settle(&mut self, actual: Option<Money>) {
        self.row.actual = actual;
        let nought = Money::zero(self.currency);
        self.row.delta = self.row.expected.unwrap_or(nought).minus(actual.unwrap_or(nought));
        self.row.verdict = match (self.row.actual, self.row.expected) {
            (None, _) => Verdict::MissingInSource,
            (_, None) => Verdict::MissingInTarget,
            _ => Verdict::Delta,
        };
    }

    pub fn facts(&mut self, side: Side) -> &mut SubscriptionFacts {
        let facts = if side == Side::Source { &mut self.row.source } else { &mut self.row.target };
        facts.get_or_insert_with(|| SubscriptionFacts::plain(NaiveDate::default()))
    }

    /// A day within the period, not its first.
    pub fn day(&mut self) -> NaiveDate {
        let days = self.row.period.days().unsigned_abs();
        self.row.period.start + Days::new(2 + self.below(days - 4))
    }

    pub fn event(&mut self, day: NaiveDate, what: Change, from: &str, to: &str) {
        let words = |w: &str| Some(Untrusted::new(w));
        let (from, to) = (words(from), words(to));
        self.evidence.source.events.push(Event { at: When::Day(day), day, what, word: "changed".into(), from, to });
    }

    pub fn version(&mut self, price: Exact, valid_from: Option<NaiveDate>, valid_until: Option<NaiveDate>) {
        self.shelves[0].prices.push(PriceVersion { plan_id: "p-1".to_owned(), metric: None, price, valid_from, valid_until });
    }

    /// Takes away every row that says why: only the amounts stay.
    pub fn strip(&mut self) {
        self.evidence = Evidence::default();
        self.history.clear();
        (self.scaled, self.group) = (None, None);
        self.shelves[0] = self.shelves[1].clone();
        self.row = super::stripped(&self.row);
        self.profile = profile(self.currency);
    }

    /// An amount out of thin air, in data that could tempt: most rows have a day, a coupon, a price of their own, or rates.
    pub fn noise(&mut self) {
        let day = self.day();
        match self.below(6) {
            0 => self.facts(Side::Source).started_on = day,
            1 => {
                let value = self.whole(5, 60);
                self.coupon(DiscountKind::Percent, value);
            }
            2 => {
                let price = self.price();
                let start = self.row.period.start;
                self.version(price, None, Some(start + Days::new(1)));
            }
            3 => {
                let start = self.row.period.start;
                let rate = exchange::rate(self, start);
                if let Some(rate) = rate.filter(|_| self.below(2) == 0) {
                    self.shelves[0].terms[0].plan.currency = rate.from;
                }
            }
            _ => {}
        }
        let list = self.row.expected.map_or(1, |m| m.minor.unsigned_abs());
        let minor = i64::try_from(1 + self.below(2 * list)).unwrap_or(1);
        let actual = Money::new(minor, self.currency);
        self.bill_rounded(if Some(actual) == self.row.expected { Money::new(minor + 1, self.currency) } else { actual });
    }

    pub fn coupon(&mut self, kind: DiscountKind, value: Exact) {
        let start = self.row.period.start;
        let position = i64::try_from(self.evidence.source.discounts.len()).unwrap_or(0);
        let code = format!("C{position}");
        self.evidence.source.discounts.push(Discount {
            position,
            code: code.as_str().into(),
            kind,
            value,
            valid_from: Some(start - Days::new(3)),
            valid_until: None,
        });
    }
}

pub fn document(id: &str, kind: DocumentKind, net: Money, issued_on: NaiveDate) -> DocumentPart {
    let exact = net.exact().unwrap_or(Exact::ZERO);
    DocumentPart { side: Side::Source, id: id.into(), number: None, kind, issued_on: Some(issued_on), net, exact, tax: None, lines: Vec::new() }
}

pub fn by_charge(charge: &Charge, used: Exact) -> Exact {
    let over = used.sub(charge.included).unwrap_or(Exact::ZERO).max(Exact::ZERO);
    let packages = over.div(charge.package_size).unwrap_or(Exact::ZERO);
    let packages = if charge.model == ChargeModel::Package { packages.ceil() } else { packages };
    let amount = product(&[packages, charge.unit_price.unwrap_or(Exact::ZERO)]);
    let amount = charge.minimum.map_or(amount, |least| amount.max(least));
    charge.maximum.map_or(amount, |most| amount.min(most))
}

pub fn product(factors: &[Exact]) -> Exact {
    factors.iter().try_fold(Exact::ONE, |all, one| all.mul(*one)).unwrap_or(Exact::ZERO)
}

pub fn plus(a: Exact, b: Exact) -> Exact {
    a.add(b).unwrap_or(Exact::ZERO)
}

pub fn cents_of(cents: u64) -> Exact {
    Exact::scaled(i128::from(cents), 2).unwrap_or(Exact::ONE)
}

pub fn plan(id: &str, flat_price: Exact, currency: Currency) -> Plan {
    Plan { id: id.to_owned(), name: id.into(), currency, interval: Interval { months: 1 }, flat_price, active: true }
}

pub fn charge(plan: &str, included: Exact, unit_price: Exact) -> Charge {
    Charge {
        plan_id: plan.to_owned(),
        metric: METRIC.to_owned(),
        model: ChargeModel::Standard,
        model_word: "standard".to_owned(),
        included,
        package_size: Exact::ONE,
        unit_price: Some(unit_price),
        tiers: Tiers::None,
        minimum: None,
        maximum: None,
    }
}

fn profile(currency: Currency) -> ServiceProfile {
    let subscriptions = [("active", SubscriptionState::Active), ("cancelled", SubscriptionState::Ended), ("paused", SubscriptionState::Inactive)];
    let side = |side: Side| SideProfile {
        vocabulary: Vocabulary { subscriptions: subscriptions.map(|(word, state)| (word.to_owned(), state)).into(), ..Vocabulary::default() },
        proration: Proration::None,
        ..SideProfile::plain(side)
    };
    ServiceProfile {
        service: "calibration".to_owned(),
        zone: Zone::UTC,
        currency: Some(currency),
        usage_from: Side::Source,
        basis: BasisRule::Rated,
        tolerance: Exact::ZERO,
        source: side(Side::Source),
        target: side(Side::Target),
    }
}

fn blank(period: Period) -> ReconRow {
    ReconRow {
        customer: "c-1".into(),
        customer_id: "c-1".into(),
        plan: "p-1".into(),
        verdict: Verdict::Delta,
        basis: Some(Basis::Rated),
        ..ReconRow::blank(Subject::Subscription, "sub-1".into(), period)
    }
}

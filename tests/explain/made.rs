//! A made-up row of one plan on which both sides agree, to be altered.

use super::side_profile;
use dualrun::domain::currency::Currency;
use dualrun::domain::decode::When;
use dualrun::domain::evidence::{Change, Discount, DiscountKind, Event, Evidence, PriceVersion, Shelf};
use dualrun::domain::exact::Exact;
use dualrun::domain::explanation::{Cause, Certainty, Explanation};
use dualrun::domain::money::Money;
use dualrun::domain::period::{Month, Period, Zone};
use dualrun::domain::profile::{BasisRule, Proration, ServiceProfile};
use dualrun::domain::records::{DocumentKind, Interval, Plan};
use dualrun::domain::row::{DocumentPart, LinePart, RatingInputs, ReconRow, Subject, SubscriptionFacts, Terms};
use dualrun::domain::side::Side;
use dualrun::domain::verdict::{Basis, Review, Verdict};
use dualrun::explain::{Agreeing, Around, Billed, Case, Population, Rules, explain};

pub fn day(text: &str) -> chrono::NaiveDate {
    text.parse().unwrap()
}

pub fn cad() -> Currency {
    Currency::known("CAD").unwrap()
}

pub fn money(cents: i64) -> Money {
    Money::new(cents, cad())
}

pub fn exact(cents: i64) -> Exact {
    Exact::scaled(i128::from(cents), 2).unwrap()
}

/// numerator × cents ÷ denominator, to the nearest cent, half up: this file's own arithmetic.
pub fn part_of(cents: i64, of: i64, whole: i64) -> i64 {
    let (of, whole) = (i128::from(cents) * i128::from(of), i128::from(whole));
    i64::try_from((2 * of + whole).div_euclid(2 * whole)).unwrap()
}

#[derive(Debug, Clone)]
pub struct Made {
    pub row: ReconRow,
    pub evidence: Evidence,
    pub shelves: [Shelf; 2],
    pub profile: ServiceProfile,
    pub history: Vec<Billed>,
    pub compared: Vec<Month>,
    pub agreeing: Vec<Agreeing>,
}

impl Made {
    /// May 2026 of a subscription that began a year before, at a list price in cents; the target does not prorate.
    pub fn new(list: i64) -> Self {
        let period = Period { start: day("2026-05-01"), end: day("2026-06-01") };
        let plan = |id: &str, flat: i64| Terms {
            plan: Plan {
                id: id.to_owned(),
                name: id.into(),
                currency: cad(),
                interval: Interval { months: 1 },
                flat_price: exact(flat),
                active: true,
            },
            charges: Vec::new(),
        };
        let shelf = Shelf { terms: vec![plan("p-1", list), plan("p-2", 3 * list + 1_700)], ..Shelf::default() };
        let facts = SubscriptionFacts { customer_id: "c-1".into(), plan_id: "p-1".into(), ..SubscriptionFacts::plain(day("2025-05-01")) };
        let inputs = RatingInputs {
            plan_id: "p-1".to_owned(),
            quantity: Exact::ONE,
            price_override: None,
            discount_percent: Exact::ZERO,
            days: 31,
            of_days: 31,
            usage: Vec::new(),
            taxes: None,
            stretches: Vec::new(),
        };
        let (source, target) = (side_profile::plain(), side_profile::plain());
        let profile = ServiceProfile {
            service: "made".to_owned(),
            zone: Zone::UTC,
            currency: Some(cad()),
            usage_from: Side::Source,
            basis: BasisRule::DraftFirst,
            tolerance: Exact::ZERO,
            source,
            target: dualrun::domain::profile::SideProfile { side: Side::Target, proration: Proration::None, ..target },
        };
        let row = ReconRow {
            subject: Subject::Subscription,
            key: "sub-1".into(),
            period,
            customer: "Customer".into(),
            customer_id: "c-1".into(),
            plan: "p-1".into(),
            verdict: Verdict::Delta,
            basis: Some(Basis::Rated),
            actual: None,
            expected: Some(money(list)),
            delta: None,
            exact_delta: None,
            actual_tax: None,
            expected_tax: None,
            delta_tax: None,
            rated: Some(money(list)),
            drafted: None,
            documents: Vec::new(),
            deployments: Vec::new(),
            why: None,
            source: Some(facts.clone()),
            target: Some(facts),
            inputs: vec![inputs],
            review: Review::Open,
        };
        let made = Self {
            row,
            evidence: Evidence::default(),
            shelves: [shelf.clone(), shelf],
            profile,
            history: Vec::new(),
            compared: Vec::new(),
            agreeing: Vec::new(),
        };
        made.billed(list)
    }

    /// In one invoice.
    pub fn billed(mut self, cents: i64) -> Self {
        self.row.documents = vec![document("INV-1", DocumentKind::Charge, cents)];
        self.settled(Some(cents))
    }

    pub fn settled(mut self, actual: Option<i64>) -> Self {
        self.row.actual = actual.map(money);
        self.row.verdict = if actual.is_some() { Verdict::Delta } else { Verdict::MissingInSource };
        self.row.delta = self.row.expected.unwrap().minus(money(actual.unwrap_or(0)));
        self
    }

    /// The target's own document, and its amount as what is expected.
    pub fn drafted(mut self, cents: i64) -> Self {
        let actual = self.row.actual.map(|m| m.minor);
        (self.row.drafted, self.row.expected) = (Some(money(cents)), Some(money(cents)));
        self.row.documents.push(DocumentPart { side: Side::Target, ..document("DR-1", DocumentKind::Charge, cents) });
        self.settled(actual)
    }

    pub fn source(&mut self) -> &mut SubscriptionFacts {
        self.row.source.as_mut().unwrap()
    }

    pub fn target(&mut self) -> &mut SubscriptionFacts {
        self.row.target.as_mut().unwrap()
    }

    pub fn line(&mut self, words: &str, cents: i64, one_off: bool) {
        let line = LinePart { description: Some(words.into()), quantity: None, amount: exact(cents), one_off };
        self.row.documents[0].lines.push(line);
    }

    pub fn coupon(&mut self, kind: DiscountKind, value: Exact, from: Option<&str>, until: Option<&str>) {
        let (valid_from, valid_until) = (from.map(day), until.map(day));
        self.evidence.source.discounts.push(Discount { position: 0, code: "C".into(), kind, value, valid_from, valid_until });
    }

    pub fn event(&mut self, on: &str, what: Change, from: &str, to: &str) {
        let day = day(on);
        let (from, to) = (Some(from.into()), Some(to.into()));
        self.evidence.source.events.push(Event { at: When::Day(day), day, what, word: "status".into(), from, to });
        self.evidence.source.events.sort_by_key(|e| e.day);
    }

    pub fn version(&mut self, plan: &str, cents: i64, from: Option<&str>, until: Option<&str>) {
        let (valid_from, valid_until) = (from.map(day), until.map(day));
        self.shelves[0].prices.push(PriceVersion { plan_id: plan.to_owned(), metric: None, price: exact(cents), valid_from, valid_until });
    }

    /// `None` where there is nothing to explain.
    pub fn told(&self) -> Option<Explanation> {
        let rules = Rules::new(self.profile.clone());
        let around = Around { history: &self.history, compared: &self.compared, agreeing: &self.agreeing, ..Around::default() };
        let case = Case::new(&self.row, &self.evidence, [&self.shelves[0], &self.shelves[1]], &rules, around)?;
        Some(explain(&case, Population { rows: 100 }))
    }

    pub fn confirmed(&self) -> Option<Vec<Cause>> {
        let told = self.told()?;
        let first = told.hypotheses.first().map(|h| h.causes.clone());
        first.filter(|_| told.certainty == Certainty::Confirmed)
    }
}

pub fn document(id: &str, kind: DocumentKind, cents: i64) -> DocumentPart {
    let issued_on = Some(day("2026-06-01"));
    DocumentPart {
        side: Side::Source,
        id: id.into(),
        number: None,
        kind,
        issued_on,
        net: money(cents),
        exact: exact(cents),
        tax: None,
        lines: Vec::new(),
    }
}

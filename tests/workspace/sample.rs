//! Made-up runs for the workspace's tests: every verdict, ties, NULLs, several currencies, hostile text; the same for a seed.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use dualrun::domain::currency::Currency;
use dualrun::domain::evidence::{Discount, DiscountKind, Evidence, LateUsage, SideEvidence};
use dualrun::domain::exact::Exact;
use dualrun::domain::money::Money;
use dualrun::domain::period::{Month, Period};
use dualrun::domain::profile::BasisRule;
use dualrun::domain::records::DocumentKind;
use dualrun::domain::row::{AppliedTax, DocumentPart, LinePart, RatingInputs, ReconRow, Subject, SubscriptionFacts};
use dualrun::domain::run::{Digests, Run, RunRequest, RunState, Tally, UsageReading, UsageWay};
use dualrun::domain::side::Side;
use dualrun::domain::text::Untrusted;
use dualrun::domain::verdict::{Basis, Review, Verdict};
use dualrun::ports::clock::Clock;
use dualrun::ports::workspace::{RunEnd, RunWriter, StoreError, WorkspaceWriter};
use std::sync::atomic::{AtomicI64, Ordering};

/// A clock that goes on by a second at each look.
#[derive(Debug, Default)]
pub struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::seconds(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// A small generator: good enough to mix, and the same everywhere.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }

    pub fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.below(all.len() as u64)).unwrap()]
    }

    fn money(&mut self, currency: Currency) -> Option<Money> {
        let minor = [0, 0, 1, 913, 913, 20_000, -4_000, i64::from(u32::MAX)];
        (self.below(4) > 0).then(|| Money::new(self.of(&minor), currency))
    }
}

pub fn request(month: &str) -> RunRequest {
    RunRequest {
        service: "nexacloud".into(),
        month: Month::parse(month).unwrap(),
        only: vec![],
        dry_run: false,
        recheck_of: None,
        basis: BasisRule::DraftFirst,
        actor: "ana".into(),
        program: "0.1.0".into(),
        config_digest: "c0ffee".into(),
    }
}

/// `n` rows in stored order.
pub fn rows(n: usize, seed: u64) -> Vec<ReconRow> {
    let mut dice = Dice::new(seed);
    let start = NaiveDate::from_ymd_opt(2026, 5, 1).unwrap();
    let period = Period { start, end: NaiveDate::from_ymd_opt(2026, 6, 1).unwrap() };
    (0..n).map(|i| row(&mut dice, &format!("sub-{i:07}"), period)).collect()
}

fn row(dice: &mut Dice, key: &str, period: Period) -> ReconRow {
    let currencies = ["CAD", "CAD", "CAD", "JPY", "KWD"].map(|c| Currency::known(c).unwrap());
    let (ours, theirs) = (dice.of(&currencies), dice.of(&currencies));
    let delta = dice.money(ours);
    let source = (dice.below(3) > 0).then(|| facts(dice, period));
    ReconRow {
        subject: dice.of(&[Subject::Subscription, Subject::Subscription, Subject::Order, Subject::UnlinkedDocument, Subject::UnlinkedRemainder]),
        key: Untrusted::new(key),
        period,
        customer: dice.of(&["Acme Ltd", "Bolt Inc", "100 % Größe_\u{202e}x", "", "acme ltd"]).into(),
        customer_id: source.as_ref().map_or_else(|| "C-9".into(), |f| f.customer_id.clone()),
        plan: dice.of(&["Large", "Medium", "Small"]).into(),
        verdict: dice.of(&Verdict::ALL),
        basis: dice.of(&[None, Some(Basis::Draft), Some(Basis::Rated)]),
        actual: dice.money(ours),
        expected: dice.money(theirs),
        delta,
        exact_delta: delta.map(|d| d.exact().unwrap().add(Exact::ratio(1, 3).unwrap()).unwrap()),
        actual_tax: dice.money(ours),
        expected_tax: dice.money(theirs),
        delta_tax: dice.money(theirs),
        rated: dice.money(theirs),
        drafted: dice.money(dice_currency(theirs, ours, key)),
        documents: (0..dice.below(3)).map(|i| document(dice, i, ours)).collect(),
        deployments: (0..dice.below(2)).map(|i| Untrusted::new(format!("dep {i}"))).collect(),
        why: (dice.below(5) == 0).then(|| "currency differs".into()),
        target: (dice.below(3) > 0).then(|| facts(dice, period)),
        source,
        inputs: (0..dice.below(2)).map(|_| inputs(dice)).collect(),
        review: dice.of(&[Review::Open, Review::Explained, Review::Waived, Review::Resolved]),
    }
}

/// Now and then a draft in a third currency, which no column can hold.
fn dice_currency(usual: Currency, odd: Currency, key: &str) -> Currency {
    if key.ends_with('7') { odd } else { usual }
}

fn facts(dice: &mut Dice, period: Period) -> SubscriptionFacts {
    SubscriptionFacts {
        customer_id: dice.of(&["C-1", "C-2"]).into(),
        plan_id: "P-1".into(),
        started_on: period.start,
        ended_on: (dice.below(2) == 0).then_some(period.end),
        trial_end: None,
        quantity: Exact::whole(2),
        price_override: (dice.below(2) == 0).then(|| Exact::ratio(1, 7).unwrap()),
        discount_percent: Exact::whole(0),
        status: "active".into(),
        due: dice.below(2) == 0,
    }
}

fn inputs(dice: &mut Dice) -> RatingInputs {
    RatingInputs {
        plan_id: dice.of(&["P-1", "P-unknown"]).to_owned(),
        quantity: Exact::whole(1),
        price_override: None,
        discount_percent: "2.5".parse().unwrap(),
        days: 9,
        of_days: 31,
        usage: vec![("cpu_seconds".into(), Exact::whole(12_000))],
        taxes: (dice.below(2) == 0).then(|| vec![AppliedTax { name: "GST".into(), rate: Exact::whole(5) }]),
        stretches: Vec::new(),
    }
}

fn document(dice: &mut Dice, i: u64, currency: Currency) -> DocumentPart {
    DocumentPart {
        side: dice.of(&Side::BOTH),
        id: Untrusted::new(format!("INV-{i}\" OR 1=1")),
        number: (dice.below(2) == 0).then(|| "2026/7".into()),
        kind: dice.of(&[DocumentKind::Charge, DocumentKind::Credit]),
        issued_on: NaiveDate::from_ymd_opt(2026, 6, 1),
        net: Money::new(913, currency),
        exact: "9.13".parse().unwrap(),
        tax: dice.money(currency),
        lines: vec![LinePart { description: Some("\u{1b}[2J".into()), quantity: None, amount: "9.13".parse().unwrap(), one_off: false }],
    }
}

/// A plain end of a complete run of these rows.
pub fn end(rows: &[ReconRow]) -> RunEnd {
    let mut tally = Tally::default();
    for row in rows {
        tally.counts.add(row.verdict);
    }
    let digests = Digests { source: "s".into(), target: "t".into(), run: format!("r{}", rows.len()) };
    tally.usage_reading = Some(UsageReading { way: UsageWay::Sums, why: "as configured".into(), records: 640, sums: Some(10), refused: false });
    RunEnd { state: RunState::Complete, tally, digests, findings: vec![], rejected: vec![], recheck: None }
}

/// What is kept beside some of the rows that differ.
pub fn evidence_of(row: &ReconRow) -> Option<Evidence> {
    if !row.verdict.differs() || row.key.raw().ends_with(['1', '4', '8']) {
        return None;
    }
    let coupon = Discount {
        position: 1,
        code: row.key.clone(),
        kind: DiscountKind::Percent,
        value: Exact::ratio(1, 3).unwrap(),
        valid_from: Some(row.period.start),
        valid_until: None,
    };
    let late = LateUsage { metric: "cpu_seconds".into(), arrived_on: row.period.end, quantity: "0.25".parse().unwrap() };
    Some(Evidence { source: SideEvidence { discounts: vec![coupon], events: vec![] }, late: vec![late], ..Evidence::default() })
}

/// Writes some rows of a run.
pub async fn lay(run: &mut dyn RunWriter, rows: &[ReconRow]) -> Result<(), StoreError> {
    let mut bundle = run.bundle();
    for row in rows {
        if bundle.is_full() {
            let full = std::mem::replace(&mut bundle, run.bundle());
            run.rows(full).await?;
        }
        // Why a row was not taken is said by the run as well.
        let _ = bundle.take(row, evidence_of(row).as_ref());
    }
    run.rows(bundle).await
}

/// Writes a whole run.
pub async fn store(writer: &dyn WorkspaceWriter, request: &RunRequest, rows: &[ReconRow]) -> Run {
    let mut run = writer.begin(request).await.unwrap();
    for batch in rows.chunks(97) {
        lay(&mut *run, batch).await.unwrap();
    }
    run.finish(end(rows)).await.unwrap()
}

//! Small random books: a month of a few dozen subscriptions on two sides that mostly agree. One seed, one book.

use dualrun::demo::Book;
use std::fmt::Write as _;

/// splitmix64: small, and the same for ever.
pub struct Dice(u64);

impl Dice {
    /// A seed.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    /// The next number below `n`.
    pub fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % n
    }

    /// True once in `n`.
    pub fn once_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    /// One of several.
    pub fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[usize::try_from(self.below(all.len() as u64)).expect("small")]
    }

    /// Swaps everything around.
    pub fn shuffle<T>(&mut self, all: &mut [T]) {
        for i in (1..all.len()).rev() {
            all.swap(i, usize::try_from(self.below(i as u64 + 1)).expect("small"));
        }
    }
}

/// A table: its columns, and rows of optional fields.
#[derive(Clone, Debug)]
pub struct Rows {
    pub entity: &'static str,
    pub columns: &'static [&'static str],
    pub rows: Vec<Vec<Option<String>>>,
}

/// A book as rows.
#[derive(Clone, Debug)]
pub struct RandomBook {
    pub source: Vec<Rows>,
    pub target: Vec<Rows>,
}

const PLANS: &[&str] = &["id", "name", "currency", "interval", "interval_count", "flat_price", "active"];
const CHARGES: &[&str] = &["plan_id", "metric", "model", "included", "package_size", "unit_price"];
const SUBSCRIPTIONS: &[&str] =
    &["id", "customer_id", "plan_id", "status", "started_on", "ended_on", "trial_end", "quantity", "price_override", "discount_percent", "currency"];
const USAGE: &[&str] = &["subscription_id", "metric", "occurred_at", "quantity", "ingested_at", "idempotency_key"];
const INVOICES: &[&str] =
    &["id", "number", "subscription_id", "customer_id", "status", "kind", "period_start", "issued_on", "currency", "subtotal", "tax"];
const TAXES: &[&str] = &["name", "rate", "region", "customer_id", "valid_from", "valid_to", "exempt"];
const CUSTOMERS: &[&str] = &["id", "name", "region"];

#[allow(clippy::unnecessary_wraps, reason = "a field that is there, among fields that may be NULL")]
fn some(text: impl Into<String>) -> Option<String> {
    Some(text.into())
}

fn cents(minor: u64) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}

impl RandomBook {
    /// The book of a seed.
    pub fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let mut writer = Writer::default();
        for plan in 0..4 + dice.below(4) {
            writer.plan(&mut dice, plan);
        }
        for n in 0..6 + dice.below(30) {
            writer.subscription(&mut dice, n);
        }
        for n in 0..dice.below(5) {
            let net = dice.below(90_000);
            let id = format!("ONE-{n}");
            writer.invoice(&mut dice, true, &id, None, net, "paid", false);
        }
        writer.finish()
    }

    /// The tables of a side.
    pub fn side(&self, source: bool) -> &[Rows] {
        if source { &self.source } else { &self.target }
    }

    /// The same rows in another order.
    pub fn shuffled(mut self, seed: u64) -> Self {
        let mut dice = Dice::new(seed ^ 0xABCD);
        for table in self.source.iter_mut().chain(&mut self.target) {
            dice.shuffle(&mut table.rows);
        }
        self
    }

    /// The two sides swapped: what was billed becomes what is drafted.
    pub fn swapped(self) -> Self {
        Self { source: self.target, target: self.source }
    }

    /// As a book, with a profile.
    pub fn book(&self, profile: &str) -> Book {
        let files = |tables: &[Rows]| -> Vec<(String, Vec<u8>)> { tables.iter().map(|t| (format!("{}.csv", t.entity), csv(t))).collect() };
        read_files(profile, &files(&self.source), &files(&self.target))
    }
}

/// A book of files in memory: names and bytes of each side.
pub fn read_files(profile: &str, source: &[(String, Vec<u8>)], target: &[(String, Vec<u8>)]) -> Book {
    let source: Vec<(&str, &[u8])> = source.iter().map(|(n, b)| (n.as_str(), b.as_slice())).collect();
    let target: Vec<(&str, &[u8])> = target.iter().map(|(n, b)| (n.as_str(), b.as_slice())).collect();
    Book::read(profile, &source, &target, false).unwrap_or_else(|e| panic!("{e}"))
}

fn csv(table: &Rows) -> Vec<u8> {
    let mut out = table.columns.join(",");
    out.push('\n');
    for row in &table.rows {
        let fields: Vec<&str> = row.iter().map(|f| f.as_deref().unwrap_or("")).collect();
        let _ = writeln!(out, "{}", fields.join(","));
    }
    out.into_bytes()
}

#[derive(Default)]
struct Writer {
    plans: Vec<(String, u64)>,
    metered: Vec<bool>,
    plan_rows: Vec<Vec<Option<String>>>,
    charge_rows: Vec<Vec<Option<String>>>,
    source_subscriptions: Vec<Vec<Option<String>>>,
    target_subscriptions: Vec<Vec<Option<String>>>,
    usage: Vec<Vec<Option<String>>>,
    invoices: Vec<Vec<Option<String>>>,
    drafts: Vec<Vec<Option<String>>>,
}

impl Writer {
    fn plan(&mut self, dice: &mut Dice, n: u64) {
        let id = format!("p{n}");
        let flat = *dice.of(&[0, 500, 999, 1005, 2500, 5000, 20_000, 12_345]);
        let months = *dice.of(&["1", "1", "1", "1", "3", "12"]);
        let active = if dice.once_in(9) { "false" } else { "true" };
        self.plan_rows.push([&id, "Plan", "CAD", "month", months, &cents(flat), active].map(some).to_vec());
        let metered = dice.once_in(2);
        if metered {
            let model = *dice.of(&["standard", "package"]);
            let size = *dice.of(&["1", "500", "1000"]);
            let price = *dice.of(&["0.000417", "0.0075", "4.50", "0.01"]);
            let included = *dice.of(&["0", "1000", "36000"]);
            self.charge_rows.push([&id, "events", model, included, size, price].map(some).to_vec());
        }
        self.plans.push((id, flat));
        self.metered.push(metered);
    }

    fn subscription(&mut self, dice: &mut Dice, n: u64) {
        let id = format!("sub-{n:03}");
        let at = usize::try_from(dice.below(self.plans.len() as u64)).expect("small");
        let (plan, flat) = self.plans[at].clone();
        let started = dice.of(&["2025-11-03", "2026-02-01", "2026-05-01", "2026-05-23", "2026-05-31", "2026-06-02"]).to_string();
        let ended = dice.once_in(6).then(|| dice.of(&["2026-05-01", "2026-05-11", "2026-05-31", "2026-06-15", "2026-04-20"]).to_string());
        let ended = ended.filter(|e| *e >= started);
        let status = if ended.is_some() {
            "ended"
        } else if dice.once_in(10) {
            "paused"
        } else {
            "active"
        };
        let trial = dice.once_in(8).then(|| dice.of(&["2026-05-10", "2026-06-01", "2026-07-01", "2026-01-01"]).to_string());
        let quantity = *dice.of(&["1", "1", "1", "2", "3", "0.5"]);
        let price = dice.once_in(6).then(|| dice.of(&["33.3333", "12.345", "0", "42.60"]).to_string());
        let discount = dice.once_in(5).then(|| dice.of(&["10", "20", "100", "12.5"]).to_string());
        let row = vec![some(&id), some("c1"), some(plan), some(status), some(started), ended, trial, some(quantity), price, discount, some("CAD")];
        if !dice.once_in(15) {
            self.source_subscriptions.push(row.clone());
        }
        if !dice.once_in(10) {
            self.target_subscriptions.push(row);
        }
        if self.metered[at] || dice.once_in(6) {
            for r in 0..dice.below(4) {
                let when = *dice.of(&[
                    "2026-05-01T04:00:00Z",
                    "2026-05-15T12:00:00Z",
                    "2026-06-01T03:59:59Z",
                    "2026-06-01T04:00:00Z",
                    "2026-05-01T03:59:59Z",
                ]);
                let quantity = format!("{}.{:02}", dice.below(60_000), dice.below(100));
                self.usage.push(vec![some(&id), some("events"), some(when), some(quantity), None, some(format!("{id}-{r}"))]);
            }
        }
        self.documents(dice, &id, flat);
    }

    fn documents(&mut self, dice: &mut Dice, id: &str, flat: u64) {
        let copies = *dice.of(&[0, 1, 1, 1, 1, 1, 1, 2]);
        for n in 0..copies {
            let net = if dice.once_in(3) { dice.below(30_000) } else { flat };
            let status = *dice.of(&["paid", "paid", "paid", "open", "void", "draft"]);
            let credit = dice.once_in(12);
            self.invoice(dice, true, &format!("INV-{id}-{n}"), Some(id), net, status, credit);
        }
        if dice.once_in(4) {
            let net = if dice.once_in(2) { dice.below(30_000) } else { flat };
            let status = *dice.of(&["draft", "posted", "cancel"]);
            self.invoice(dice, false, &format!("DR-{id}"), Some(id), net, status, false);
        }
    }

    #[allow(clippy::too_many_arguments, reason = "one invoice, field by field")]
    fn invoice(&mut self, dice: &mut Dice, source: bool, id: &str, subscription: Option<&str>, net: u64, status: &str, credit: bool) {
        let tail = if dice.once_in(8) { format!("{:02}", dice.below(100)) } else { String::new() };
        let subtotal = format!("{}{tail}", cents(net));
        let tax = (!dice.once_in(10)).then(|| cents((net * 13 + 50) / 100 + u64::from(dice.once_in(9))));
        let day = *dice.of(&["2026-05-01", "2026-05-01", "2026-05-01", "2026-05-20", "2026-04-01", "2026-06-01"]);
        let with_period = !dice.once_in(5);
        let kind = if credit { "credit" } else { "charge" };
        let row = vec![
            some(id),
            some(id),
            subscription.map(ToOwned::to_owned),
            some("c1"),
            some(status),
            some(kind),
            with_period.then(|| day.to_owned()),
            some(if with_period { "2026-06-01" } else { day }),
            some("CAD"),
            some(subtotal),
            tax,
        ];
        if source { self.invoices.push(row) } else { self.drafts.push(row) }
    }

    fn finish(self) -> RandomBook {
        let customers = Rows { entity: "customers", columns: CUSTOMERS, rows: vec![["c1", "One", "ON"].map(some).to_vec()] };
        let plans = Rows { entity: "plans", columns: PLANS, rows: self.plan_rows };
        let charges = Rows { entity: "charges", columns: CHARGES, rows: self.charge_rows };
        let taxes = Rows { entity: "taxes", columns: TAXES, rows: vec![vec![some("HST"), some("13"), some("ON"), None, None, None, some("false")]] };
        let table = |entity, columns, rows| Rows { entity, columns, rows };
        RandomBook {
            source: vec![
                customers.clone(),
                plans.clone(),
                charges.clone(),
                taxes.clone(),
                table("subscriptions", SUBSCRIPTIONS, self.source_subscriptions),
                table("usage", USAGE, self.usage),
                table("invoices", INVOICES, self.invoices),
            ],
            target: vec![
                customers,
                plans,
                charges,
                taxes,
                table("subscriptions", SUBSCRIPTIONS, self.target_subscriptions),
                table("usage", USAGE, Vec::new()),
                table("invoices", INVOICES, self.drafts),
            ],
        }
    }
}

/// The profile all random books share: half-up, per invoice, both sides alike but for their document words.
pub const PROFILE: &str = r#"
[service]
name = "random"
currency = "CAD"
time_zone = "America/Toronto"
period = "2026-05"
usage_from = "source"
tolerance = "0"
[source]
key = "text"
active = ["active"]
ended = ["ended"]
inactive = ["paused"]
billable = ["paid", "open", "posted"]
left_out = { void = "void", draft = "draft", cancel = "void" }
ends = "exclusive"
proration = "day"
round_per = "invoice"
round_mode = "half_up"
tax_per = "invoice"
[target]
key = "text"
active = ["active"]
ended = ["ended"]
inactive = ["paused"]
billable = ["draft", "posted", "paid", "open"]
left_out = { cancel = "void", void = "void" }
ends = "exclusive"
proration = "day"
round_per = "invoice"
round_mode = "half_up"
tax_per = "invoice"
"#;

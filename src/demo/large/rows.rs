//! The tables of a large book and their rows, written batch by batch as text.

use super::LargeBook;
use super::cell::{Billed, rounded, tax_on};
use super::plan::{PLANS, Plan};
use super::salt;
use crate::domain::contract::Entity;
use crate::domain::decode::Batch;
use crate::domain::exact::decimal_text;
use crate::domain::period::Month;
use crate::domain::side::Side;
use chrono::Days;
use std::fmt::Display;
use std::io::Write as _;

/// A table of one side: its columns, each with its PostgreSQL type. In SQLite they are all TEXT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LargeTable {
    /// Which side.
    pub side: Side,
    /// Which entity.
    pub entity: Entity,
    /// Column names and PostgreSQL types.
    pub columns: &'static [(&'static str, &'static str)],
}

/// Rows a batch holds at least, except the last.
const BATCH_ROWS: usize = 1000;

const CUSTOMERS: &[(&str, &str)] =
    &[("id", "text"), ("name", "text"), ("country", "text"), ("region", "text"), ("currency", "text"), ("status", "text")];
const PLAN: &[(&str, &str)] = &[
    ("id", "text"),
    ("name", "text"),
    ("currency", "text"),
    ("interval", "text"),
    ("interval_count", "integer"),
    ("flat_price", "numeric(18,4)"),
    ("active", "boolean"),
];
const CHARGES: &[(&str, &str)] = &[
    ("plan_id", "text"),
    ("metric", "text"),
    ("model", "text"),
    ("included", "numeric(18,4)"),
    ("package_size", "numeric(18,4)"),
    ("unit_price", "numeric(16,6)"),
];
const SOURCE_SUBSCRIPTIONS: &[(&str, &str)] =
    &[("id", "uuid"), ("customer_id", "text"), ("plan_id", "text"), ("status", "text"), ("started_on", "date"), ("quantity", "numeric(12,4)")];
const TARGET_SUBSCRIPTIONS: &[(&str, &str)] = &[
    ("id", "text"),
    ("customer_id", "text"),
    ("plan_id", "text"),
    ("status", "text"),
    ("started_on", "date"),
    ("quantity", "numeric(12,4)"),
    ("state", "text"),
    ("has_payment_token", "boolean"),
    ("charge_linked", "boolean"),
];
const USAGE: &[(&str, &str)] = &[("subscription_id", "uuid"), ("metric", "text"), ("occurred_at", "timestamptz"), ("quantity", "numeric(18,4)")];
macro_rules! invoice_columns {
    ($key:literal) => {
        &[
            ("id", "text"),
            ("subscription_id", $key),
            ("customer_id", "text"),
            ("status", "text"),
            ("period_start", "date"),
            ("period_end", "date"),
            ("issued_on", "date"),
            ("currency", "text"),
            ("subtotal", "numeric(18,4)"),
            ("tax", "numeric(18,4)"),
            ("total", "numeric(18,4)"),
        ]
    };
}
const SOURCE_INVOICES: &[(&str, &str)] = invoice_columns!("uuid");
const TARGET_INVOICES: &[(&str, &str)] = invoice_columns!("text");
const TAXES: &[(&str, &str)] = &[("name", "text"), ("rate", "numeric(16,4)"), ("region", "text"), ("exempt", "boolean")];

impl LargeTable {
    /// The tables of a side, in the order they are written.
    pub fn all(side: Side) -> Vec<Self> {
        let tables: &[(Entity, &'static [(&'static str, &'static str)])] = match side {
            Side::Source => &[
                (Entity::Customers, CUSTOMERS),
                (Entity::Plans, PLAN),
                (Entity::Charges, CHARGES),
                (Entity::Subscriptions, SOURCE_SUBSCRIPTIONS),
                (Entity::Usage, USAGE),
                (Entity::Invoices, SOURCE_INVOICES),
            ],
            Side::Target => &[
                (Entity::Customers, CUSTOMERS),
                (Entity::Plans, PLAN),
                (Entity::Charges, CHARGES),
                (Entity::Subscriptions, TARGET_SUBSCRIPTIONS),
                (Entity::Invoices, TARGET_INVOICES),
                (Entity::Taxes, TAXES),
            ],
        };
        tables.iter().map(|&(entity, columns)| Self { side, entity, columns }).collect()
    }

    /// Its column names.
    pub fn names(&self) -> Vec<&'static str> {
        self.columns.iter().map(|c| c.0).collect()
    }
}

/// The rows of one table, batch after batch. One batch is in memory.
#[derive(Debug)]
pub struct Batches<'a> {
    book: &'a LargeBook,
    table: LargeTable,
    months: Vec<Month>,
    step: u64,
    steps: u64,
}

impl LargeBook {
    /// The rows of one of its tables.
    pub fn batches(&self, table: LargeTable) -> Batches<'_> {
        let steps = match (table.entity, table.side) {
            (Entity::Customers, _) => self.customers(),
            (Entity::Plans | Entity::Charges, _) => PLANS,
            (Entity::Subscriptions, _) => self.subscriptions,
            (Entity::Usage, _) => self.cells() * 4,
            (Entity::Invoices, Side::Source) => self.cells() + self.unlinked_documents(),
            (Entity::Invoices, Side::Target) => self.cells(),
            _ => 1,
        };
        Batches { book: self, table, months: self.months().collect(), step: 0, steps }
    }
}

impl Batches<'_> {
    /// Empties `batch` and fills it with the next rows; false at the end. It must be as wide as the table.
    pub fn next_into(&mut self, batch: &mut Batch) -> bool {
        batch.clear();
        while self.step < self.steps && batch.len() < BATCH_ROWS {
            let mut row = RowWriter { batch };
            self.write(&mut row, self.step);
            self.step += 1;
        }
        !batch.is_empty()
    }

    fn write(&self, row: &mut RowWriter<'_>, step: u64) {
        match (self.table.entity, self.table.side) {
            (Entity::Customers, side) => customer(row, side, step + 1),
            (Entity::Plans, side) => plan(row, side, Plan(step + 1)),
            (Entity::Charges, side) => charge(row, side, Plan(step + 1)),
            (Entity::Subscriptions, side) => self.subscription(row, side, step),
            (Entity::Usage, _) => self.usage(row, step),
            (Entity::Invoices, Side::Source) => self.source_invoices(row, step),
            (Entity::Invoices, Side::Target) => self.draft(row, step),
            _ => {
                row.put("HST").put(13).put("ON").put(false);
            }
        }
    }

    fn subscription(&self, row: &mut RowWriter<'_>, side: Side, subscription: u64) {
        let book = self.book;
        if side == Side::Target && !book.in_target(subscription) {
            return;
        }
        let started = self.months.first().map(|m| m.first_day() - Days::new(1 + book.draw(salt::START, subscription) % 700));
        row.key(book, side, subscription).put(customer_id(side, book.customer_of(subscription))).put(plan_id(side, book.plan_of(subscription)));
        row.put(if side == Side::Source { "active" } else { "3_progress" }).date(started).put(1);
        if side == Side::Target {
            row.put("draft").put(false).put(false);
        }
    }

    /// Month after month, as a live system appends; noon in UTC of one of the first 28 days lies inside the month in the service's zone.
    fn usage(&self, row: &mut RowWriter<'_>, step: u64) {
        let book = self.book;
        let (subscription, record) = (step % book.subscriptions, step / book.subscriptions % 4);
        let month = step / book.subscriptions / 4;
        let plan = book.plan_of(subscription);
        let day = record * 7 + book.draw(salt::DAY, step) % 7;
        let quantity = book.usage(subscription, month, record, plan);
        let first = self.first_day(month);
        row.key(book, Side::Source, subscription).put("cpu_seconds");
        row.put(format_args!("{}T12:00:00Z", first.map_or_else(String::new, |d| (d + Days::new(day)).to_string())));
        row.decimal(quantity, 4);
    }

    fn source_invoices(&self, row: &mut RowWriter<'_>, step: u64) {
        let book = self.book;
        if step >= book.cells() {
            return self.unlinked(row, step - book.cells());
        }
        let cell = book.cell(step % book.subscriptions, step / book.subscriptions);
        for (part, billed) in ('a'..).zip(book.billed(&cell)) {
            self.invoice(row, &Document { side: Side::Source, id: format!("INV-{step}{part}"), status: "paid", billed }, &cell);
        }
        if book.has_void(&cell) {
            let billed = Billed { net: cell.expected * 100, tax: tax_on(cell.expected) };
            self.invoice(row, &Document { side: Side::Source, id: format!("INV-{step}v"), status: "void", billed }, &cell);
        }
    }

    fn draft(&self, row: &mut RowWriter<'_>, step: u64) {
        let cell = self.book.cell(step % self.book.subscriptions, step / self.book.subscriptions);
        if self.book.drafted(&cell) {
            let billed = Billed { net: cell.expected * 100, tax: tax_on(cell.expected) };
            self.invoice(row, &Document { side: Side::Target, id: format!("DR-{step}"), status: "draft", billed }, &cell);
        }
    }

    fn invoice(&self, row: &mut RowWriter<'_>, document: &Document, cell: &super::cell::Cell) {
        let (side, billed) = (document.side, document.billed);
        row.put(&document.id).key(self.book, side, cell.subscription).put(customer_id(side, self.book.customer_of(cell.subscription)));
        row.put(document.status).date(self.first_day(cell.month));
        let next = self.first_day(cell.month).map(|d| Month::of(d).plus(1).first_day());
        row.date(if side == Side::Source { next.and_then(|d| d.pred_opt()) } else { next }).date(next);
        row.put("CAD").amount(billed.net).amount(billed.tax * 100).amount(billed.net + billed.tax * 100);
    }

    /// A document with no subscription, issued inside its month.
    fn unlinked(&self, row: &mut RowWriter<'_>, document: u64) {
        let book = self.book;
        let net = book.unlinked_cents(document) * 100;
        let month = self.first_day(document % book.months);
        let tax = tax_on(rounded(net)) * 100;
        row.put(format_args!("ONE-{document}")).null().put(customer_id(Side::Source, book.customer_of(document))).put("paid").null().null();
        row.date(month.map(|d| d + Days::new(document % 28))).put("CAD").amount(net).amount(tax).amount(net + tax);
    }

    fn first_day(&self, month: u64) -> Option<chrono::NaiveDate> {
        usize::try_from(month).ok().and_then(|m| self.months.get(m)).map(|m| m.first_day())
    }
}

/// A document to be written.
struct Document {
    side: Side,
    id: String,
    status: &'static str,
    billed: Billed,
}

fn customer_id(side: Side, customer: u64) -> String {
    if side == Side::Source { format!("cust-{customer}") } else { (1000 + customer).to_string() }
}

fn plan_id(side: Side, plan: Plan) -> String {
    format!("{}{}", if side == Side::Source { "p-" } else { "PRD-" }, plan.0)
}

fn customer(row: &mut RowWriter<'_>, side: Side, customer: u64) {
    row.put(customer_id(side, customer)).put(format_args!("Customer {customer}")).put("CA").put("ON").put("CAD").put("active");
}

fn plan(row: &mut RowWriter<'_>, side: Side, plan: Plan) {
    row.put(plan_id(side, plan)).put(format_args!("Plan {}", plan.0)).put("CAD").put("month").put(1);
    row.amount(plan.flat_cents() * 100).put(plan.active());
}

fn charge(row: &mut RowWriter<'_>, side: Side, plan: Plan) {
    row.put(plan_id(side, plan)).put("cpu_seconds").put("standard").put(plan.included());
    if plan.per_package() {
        row.put(3600).decimal(plan.price_digits(), 4);
    } else {
        row.null().decimal(plan.price_digits(), 6);
    }
}

/// Appends the fields of a row, one after another.
struct RowWriter<'b> {
    batch: &'b mut Batch,
}

impl RowWriter<'_> {
    fn put(&mut self, value: impl Display) -> &mut Self {
        // Writing to a vector in memory has no way to fail.
        let _ = write!(self.batch.buffer(), "{value}");
        self.batch.end_field();
        self
    }

    fn null(&mut self) -> &mut Self {
        self.batch.push(None);
        self
    }

    fn date(&mut self, day: Option<chrono::NaiveDate>) -> &mut Self {
        match day {
            Some(day) => self.put(day),
            None => self.null(),
        }
    }

    /// So many units of `10^-scale`.
    fn decimal(&mut self, units: u64, scale: u32) -> &mut Self {
        self.put(decimal_text(i128::from(units), scale))
    }

    /// Ten-thousandths of a major unit.
    fn amount(&mut self, net: i64) -> &mut Self {
        self.put(decimal_text(i128::from(net), 4))
    }

    /// A subscription's id: a UUID; one in seven of the target's is written in capitals.
    fn key(&mut self, book: &LargeBook, side: Side, subscription: u64) -> &mut Self {
        let bits = book.key_bits(subscription);
        let part = |shift: u32, digits: u32| (bits >> shift) & ((1u128 << (digits * 4)) - 1);
        let (first, second, third, fourth, fifth) = (part(96, 8), part(80, 4), part(64, 4), part(48, 4), part(0, 12));
        if side == Side::Target && subscription.is_multiple_of(7) {
            self.put(format_args!("{first:08X}-{second:04X}-{third:04X}-{fourth:04X}-{fifth:012X}"))
        } else {
            self.put(format_args!("{first:08x}-{second:04x}-{third:04x}-{fourth:04x}-{fifth:012x}"))
        }
    }
}

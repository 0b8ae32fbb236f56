//! Rows into a [block](super::block).

use super::block::{self, MONIES, MORE, Monies, VERSION, given, head};
use super::columns::{basis_code, review_code, subject_code};
use super::words::Words;
use crate::domain::currency::Currency;
use crate::domain::exact::Exact;
use crate::domain::key::uuid_of;
use crate::domain::money::Money;
use crate::domain::pack::{put, put_exact, put_id, put_signed, put_size};
use crate::domain::period::Period;
use crate::domain::records::DocumentKind;
use crate::domain::row::{DocumentPart, LinePart, RatingInputs, ReconRow, Stretch, SubscriptionFacts};
use crate::domain::side::Side;
use chrono::{Datelike, NaiveDate};

/// Rows of a full block: so few that one row is found at once, so many that they share their words.
const ROWS: usize = 256;
/// A block with this many bytes is full whatever its rows.
const BYTES: usize = 256 * 1024;

/// The block a run's next rows go into.
#[derive(Debug)]
pub(super) struct Packer {
    rows: usize,
    words: Words,
    periods: Vec<Period>,
    currencies: Vec<Currency>,
    lines: Vec<u8>,
    details: Vec<u8>,
    /// The key before, where it is no UUID: keys in order begin alike.
    key: Vec<u8>,
    plain: SubscriptionFacts,
}

impl Default for Packer {
    fn default() -> Self {
        Self {
            rows: 0,
            words: Words::default(),
            periods: Vec::new(),
            currencies: Vec::new(),
            lines: Vec::new(),
            details: Vec::new(),
            key: Vec::new(),
            plain: SubscriptionFacts::plain(NaiveDate::default()),
        }
    }
}

impl Packer {
    /// Rows taken in since the last block.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Whether the block should be taken.
    pub fn is_full(&self) -> bool {
        self.rows >= ROWS || self.lines.len() + self.details.len() + self.words.len() >= BYTES
    }

    /// The block of all rows since the last one: lines and details.
    pub fn take(&mut self) -> (Vec<u8>, Vec<u8>) {
        let mut out = Vec::with_capacity(self.lines.len() + self.words.len() * 2 + 64);
        out.push(VERSION);
        put_size(&mut out, self.rows);
        self.words.finish(&mut out);
        put_size(&mut out, self.periods.len());
        for period in self.periods.drain(..) {
            put_signed(&mut out, days(period.start));
            put_signed(&mut out, days(period.end));
        }
        put_size(&mut out, self.currencies.len());
        for currency in self.currencies.drain(..) {
            out.extend_from_slice(currency.code().as_bytes());
        }
        out.append(&mut self.lines);
        self.key.clear();
        self.rows = 0;
        // The next block will need as much room.
        let room = Vec::with_capacity(self.details.len());
        (out, std::mem::replace(&mut self.details, room))
    }

    /// Takes a row in; its amounts are handed over with it, since the caller has them.
    pub fn push(&mut self, row: &ReconRow, monies: &Monies) {
        self.rows += 1;
        self.head(row);
        let customer = self.words.name(row.customer.raw());
        put_size(&mut self.lines, customer);
        let plan = self.words.number(row.plan.raw());
        put_size(&mut self.lines, plan);
        self.monies(monies, row.exact_delta);
        put_size(&mut self.lines, row.documents.len());
        for part in &row.documents {
            put_id(&mut self.lines, part.id.raw(), part.side == Side::Target);
        }
        let before = self.details.len();
        self.detail(row, monies);
        put_size(&mut self.lines, self.details.len() - before);
    }

    fn head(&mut self, row: &ReconRow) {
        let period = self.periods.iter().rposition(|p| *p == row.period).unwrap_or_else(|| {
            self.periods.push(row.period);
            self.periods.len() - 1
        });
        let key = row.key.raw().as_bytes();
        let packed = uuid_of(key);
        let first = u64::from(subject_code(row.subject))
            | u64::from(row.verdict.code()) << head::VERDICT
            | u64::from(basis_code(row.basis)) << head::BASIS
            | u64::from(review_code(row.review)) << head::REVIEW
            | u64::from(packed.is_some()) << head::UUID
            | (period as u64) << head::PERIOD;
        put(&mut self.lines, first);
        if let Some(packed) = packed {
            return self.lines.extend_from_slice(&packed);
        }
        let shared = self.key.iter().zip(key).take_while(|(a, b)| a == b).count();
        put_size(&mut self.lines, shared);
        put_size(&mut self.lines, key.len() - shared);
        self.lines.extend_from_slice(&key[shared..]);
        self.key.truncate(shared);
        self.key.extend_from_slice(&key[shared..]);
    }

    fn monies(&mut self, monies: &Monies, exact_delta: Option<Exact>) {
        let all = monies.all();
        let usual = all.iter().flatten().next().map(|m| m.currency);
        let mut mask = 0;
        for (i, money) in all.iter().enumerate() {
            let how = match money {
                None => given::NONE,
                Some(_) if monies.told(i) == *money => given::TOLD,
                Some(m) if Some(m.currency) == usual => given::HERE,
                Some(_) => given::ODD,
            };
            mask |= how << (2 * i);
        }
        let usual = usual.map(|c| number_of(&mut self.currencies, c));
        let told = monies.delta.and_then(|d| d.exact().ok());
        let exact = match exact_delta {
            None => given::NONE,
            Some(_) if told == exact_delta => given::TOLD,
            Some(_) => given::HERE,
        };
        put(&mut self.lines, mask | exact << (2 * MONIES));
        if let Some(usual) = usual {
            put_size(&mut self.lines, usual);
        }
        for (i, money) in all.into_iter().enumerate() {
            match (mask >> (2 * i) & 3, money) {
                (given::HERE, Some(m)) => put_signed(&mut self.lines, m.minor),
                (given::ODD, Some(m)) => put_money(&mut self.lines, &mut self.currencies, m),
                _ => {}
            }
        }
        if let (given::HERE, Some(delta)) = (exact, exact_delta) {
            put_exact(&mut self.lines, delta);
        }
    }

    fn detail(&mut self, row: &ReconRow, monies: &Monies) {
        let known = row.source.as_ref().or(row.target.as_ref()).map(|f| &f.customer_id);
        let customer = known != Some(&row.customer_id);
        let first = small(row.inputs.len())
            | bit(row.source.is_some(), block::detail::SOURCE)
            | bit(row.target.is_some(), block::detail::TARGET)
            | bit(customer, block::detail::CUSTOMER)
            | bit(row.why.is_some(), block::detail::WHY)
            | bit(!row.deployments.is_empty(), block::detail::DEPLOYMENTS);
        let out = &mut self.details;
        put(out, first);
        if customer {
            put_id(out, row.customer_id.raw(), false);
        }
        if let Some(why) = &row.why {
            put_size(out, self.words.number(why));
        }
        if !row.deployments.is_empty() {
            put_size(out, row.deployments.len());
            row.deployments.iter().for_each(|d| put_id(out, d.raw(), false));
        }
        self.plain.started_on = row.period.start;
        let mut base = &self.plain;
        for facts in [&row.source, &row.target].into_iter().flatten() {
            put_facts(out, &mut self.words, facts, base, row.period);
            base = facts;
        }
        put_more(out, row.inputs.len());
        let base = row.target.as_ref().unwrap_or(&self.plain);
        for inputs in &row.inputs {
            put_inputs(out, &mut self.words, inputs, base, row.period);
        }
        for part in &row.documents {
            self.document(part, monies, row.period);
        }
    }

    fn document(&mut self, part: &DocumentPart, monies: &Monies, period: Period) {
        let DocumentPart { side, id, number, kind, issued_on, net, exact, tax, lines } = part;
        let (told_net, told_tax) = monies.told_of_document(*side);
        let number_given = match number {
            None => given::NONE,
            Some(n) if n == id => given::TOLD,
            Some(_) => given::HERE,
        };
        let tax_given = match tax {
            None => given::NONE,
            Some(_) if *tax == told_tax => given::TOLD,
            Some(_) => given::HERE,
        };
        let (odd_net, odd_exact) = (told_net != Some(*net), net.exact() != Ok(*exact));
        let mask = number_given << block::document::NUMBER
            | bit(issued_on.is_some(), block::document::ISSUED)
            | small(lines.len()) << block::document::LINES
            | tax_given << block::document::TAX
            | bit(*kind == DocumentKind::Credit, block::document::CREDIT)
            | bit(odd_net, block::document::NET)
            | bit(odd_exact, block::document::EXACT);
        let out = &mut self.details;
        put(out, mask);
        put_more(out, lines.len());
        if let (given::HERE, Some(number)) = (number_given, number) {
            put_id(out, number.raw(), false);
        }
        if let Some(issued) = issued_on {
            put_day(out, *issued, period.end);
        }
        if odd_net {
            put_money(out, &mut self.currencies, *net);
        }
        if odd_exact {
            put_exact(out, *exact);
        }
        if let (given::HERE, Some(tax)) = (tax_given, tax) {
            put_money(out, &mut self.currencies, *tax);
        }
        for line in lines {
            put_line(out, &mut self.words, line, *exact);
        }
    }
}

fn put_facts(out: &mut Vec<u8>, words: &mut Words, facts: &SubscriptionFacts, base: &SubscriptionFacts, period: Period) {
    let SubscriptionFacts { customer_id, plan_id, started_on, ended_on, trial_end, quantity, price_override, discount_percent, status, due } = facts;
    let mask = bit(*customer_id != base.customer_id, block::facts::CUSTOMER)
        | bit(*plan_id != base.plan_id, block::facts::PLAN)
        | bit(*started_on != base.started_on, block::facts::STARTED)
        | bit(*ended_on != base.ended_on, block::facts::ENDED)
        | bit(*trial_end != base.trial_end, block::facts::TRIAL)
        | bit(*quantity != base.quantity, block::facts::QUANTITY)
        | bit(*price_override != base.price_override, block::facts::OVERRIDE)
        | bit(*discount_percent != base.discount_percent, block::facts::DISCOUNT)
        | bit(*due != base.due, block::facts::DUE)
        | bit(*status != base.status, block::facts::STATUS);
    put(out, mask);
    let differs = |what: u64| mask & what != 0;
    if differs(block::facts::CUSTOMER) {
        put_id(out, customer_id.raw(), false);
    }
    if differs(block::facts::PLAN) {
        put_size(out, words.number(plan_id.raw()));
    }
    if differs(block::facts::STARTED) {
        put_day(out, *started_on, period.start);
    }
    for (which, date) in [(block::facts::ENDED, ended_on), (block::facts::TRIAL, trial_end)] {
        if differs(which) {
            out.push(u8::from(date.is_some()));
            if let Some(day) = date {
                put_day(out, *day, period.start);
            }
        }
    }
    if differs(block::facts::QUANTITY) {
        put_exact(out, *quantity);
    }
    if differs(block::facts::OVERRIDE) {
        put_maybe(out, *price_override);
    }
    if differs(block::facts::DISCOUNT) {
        put_exact(out, *discount_percent);
    }
    if differs(block::facts::STATUS) {
        put_size(out, words.number(status));
    }
}

fn put_inputs(out: &mut Vec<u8>, words: &mut Words, inputs: &RatingInputs, base: &SubscriptionFacts, period: Period) {
    let RatingInputs { plan_id, quantity, price_override, discount_percent, days, of_days, usage, taxes, stretches } = inputs;
    let mask = bit(!usage.is_empty(), block::inputs::USAGE)
        | bit(taxes.is_some(), block::inputs::TAXES)
        | bit(plan_id != base.plan_id.raw(), block::inputs::PLAN)
        | bit(*quantity != base.quantity, block::inputs::QUANTITY)
        | bit(*price_override != base.price_override, block::inputs::OVERRIDE)
        | bit(*discount_percent != base.discount_percent, block::inputs::DISCOUNT)
        | bit(*days != block::days_of(period), block::inputs::DAYS)
        | bit(of_days != days, block::inputs::OF_DAYS)
        | bit(!stretches.is_empty(), block::inputs::STRETCHES);
    put(out, mask);
    let differs = |what: u64| mask & what != 0;
    if !usage.is_empty() {
        put_size(out, usage.len());
        for (metric, sum) in usage {
            put_size(out, words.number(metric));
            put_exact(out, *sum);
        }
    }
    if let Some(taxes) = taxes {
        put_size(out, taxes.len());
        for tax in taxes {
            put_size(out, words.number(tax.name.raw()));
            put_exact(out, tax.rate);
        }
    }
    if differs(block::inputs::PLAN) {
        put_size(out, words.number(plan_id));
    }
    if differs(block::inputs::QUANTITY) {
        put_exact(out, *quantity);
    }
    if differs(block::inputs::OVERRIDE) {
        put_maybe(out, *price_override);
    }
    if differs(block::inputs::DISCOUNT) {
        put_exact(out, *discount_percent);
    }
    if differs(block::inputs::DAYS) {
        put_signed(out, *days);
    }
    if differs(block::inputs::OF_DAYS) {
        put_signed(out, *of_days);
    }
    if !stretches.is_empty() {
        put_size(out, stretches.len());
        for Stretch { from, plan_id, price, overridden, quantity, days } in stretches {
            put_day(out, *from, period.start);
            put_size(out, words.number(plan_id));
            put_exact(out, *price);
            out.push(u8::from(*overridden));
            put_exact(out, *quantity);
            put_signed(out, *days);
        }
    }
}

fn put_line(out: &mut Vec<u8>, words: &mut Words, line: &LinePart, told: Exact) {
    let LinePart { description, quantity, amount, one_off } = line;
    let quantity_given = match quantity {
        None => given::NONE,
        Some(n) if *n == Exact::ONE => given::TOLD,
        Some(_) => given::HERE,
    };
    let mask = bit(description.is_some(), block::line::DESCRIPTION)
        | quantity_given << block::line::QUANTITY
        | bit(*amount != told, block::line::AMOUNT)
        | bit(*one_off, block::line::ONE_OFF);
    put(out, mask);
    if let Some(description) = description {
        put_size(out, words.number(description.raw()));
    }
    if let (given::HERE, Some(quantity)) = (quantity_given, quantity) {
        put_exact(out, *quantity);
    }
    if *amount != told {
        put_exact(out, *amount);
    }
}

/// The number of a currency; a new one is taken in.
fn number_of(currencies: &mut Vec<Currency>, currency: Currency) -> usize {
    currencies.iter().position(|c| *c == currency).unwrap_or_else(|| {
        currencies.push(currency);
        currencies.len() - 1
    })
}

fn put_money(out: &mut Vec<u8>, currencies: &mut Vec<Currency>, money: Money) {
    put_size(out, number_of(currencies, money.currency));
    put_signed(out, money.minor);
}

fn put_maybe(out: &mut Vec<u8>, n: Option<Exact>) {
    out.push(u8::from(n.is_some()));
    if let Some(n) = n {
        put_exact(out, n);
    }
}

fn put_day(out: &mut Vec<u8>, day: NaiveDate, near: NaiveDate) {
    put_signed(out, days(day) - days(near));
}

/// A count in two bits, where it fits them.
fn small(count: usize) -> u64 {
    (count as u64).min(MORE)
}

/// A count that does not fit two bits.
fn put_more(out: &mut Vec<u8>, count: usize) {
    if small(count) == MORE {
        put_size(out, count);
    }
}

fn bit(set: bool, bit: u64) -> u64 {
    if set { bit } else { 0 }
}

fn days(date: NaiveDate) -> i64 {
    i64::from(date.num_days_from_ce())
}

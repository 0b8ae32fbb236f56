//! The rows of one month, in byte order of their keys, made one at a time.

use super::expected::{DueOf, Expected, Unknown, due_of, expected, facts};
use super::judge::{Comparison, judge};
use crate::domain::exact::{Exact, NumberError};
use crate::domain::key::Key;
use crate::domain::money::Money;
use crate::domain::period::{Grid, Month, Period};
use crate::domain::profile::{BasisRule, ServiceProfile};
use crate::domain::rounding::{RoundMode, to_units};
use crate::domain::row::{DocumentPart, RatingInputs, ReconRow, Subject};
use crate::domain::side::Side;
use crate::domain::text::Untrusted;
use crate::domain::verdict::{Basis, Review, Verdict};
use crate::ledger::catalogue::Catalogue;
use crate::ledger::documents::DocumentLedger;
use crate::ledger::parts::Part;
use crate::ledger::scope::{Scope, Slot};
use crate::ledger::usage::UsageLedger;
use std::collections::{BTreeMap, HashSet};

/// Everything that was read, settled and ready to be judged.
#[derive(Debug)]
pub struct Books {
    /// What is declared.
    pub profile: ServiceProfile,
    /// What is asked for.
    pub scope: Scope,
    /// The source's catalogue.
    pub source: Catalogue,
    /// The target's catalogue.
    pub target: Catalogue,
    /// The source's documents.
    pub actual: DocumentLedger,
    /// The target's documents.
    pub drafts: DocumentLedger,
    /// Usage of the declared side.
    pub usage: UsageLedger,
}

impl Books {
    /// Whether an id stands for anything that was read on either side.
    pub fn knows(&self, key: &Key) -> bool {
        let listed = |c: &Catalogue| c.subscriptions.contains_key(key) || c.broken_subscriptions.contains(key) || c.orders.contains_key(key);
        listed(&self.source) || listed(&self.target) || self.actual.names(key) || self.drafts.names(key) || self.usage.keys().any(|k| k == key)
    }

    /// A side's catalogue.
    pub const fn catalogue(&self, side: Side) -> &Catalogue {
        match side {
            Side::Source => &self.source,
            Side::Target => &self.target,
        }
    }

    /// A side's documents.
    pub const fn documents(&self, side: Side) -> &DocumentLedger {
        match side {
            Side::Source => &self.actual,
            Side::Target => &self.drafts,
        }
    }
}

/// What a month has rows for, in byte order, and what it has beside them.
#[derive(Debug)]
pub struct MonthPlan<'a> {
    books: &'a Books,
    slot: Slot,
    month: Month,
    subjects: Vec<(Untrusted, Entry<'a>)>,
    /// Due in the source, not in the target, and billed by nobody: a finding, not a row.
    pub unbilled: Vec<Key>,
    /// Used something without being due or billed anywhere: a finding, not a row.
    pub idle_usage: Vec<Key>,
}

#[derive(Debug)]
enum Entry<'a> {
    Subscription(Key),
    Order(Key, Group),
    Unlinked(&'a Part),
}

impl<'a> MonthPlan<'a> {
    /// Finds the rows of a month.
    pub fn new(books: &'a Books, slot: Slot, month: Month) -> Self {
        let orders = unsplit_orders(books, slot);
        let in_orders: HashSet<&Key> = orders.values().flat_map(|g| g.deployments.iter().chain(&g.orders)).collect();
        let mut plan = Self { books, slot, month, subjects: Vec::new(), unbilled: Vec::new(), idle_usage: Vec::new() };
        let keys: HashSet<&Key> = books
            .source
            .subscriptions
            .keys()
            .chain(books.target.subscriptions.keys())
            .chain(&books.source.broken_subscriptions)
            .chain(&books.target.broken_subscriptions)
            .chain(books.actual.keys())
            .chain(books.drafts.keys())
            .chain(books.usage.keys())
            .filter(|k| books.scope.wants(k) && !in_orders.contains(k) && !orders.contains_key(*k))
            .collect();
        for key in keys {
            plan.consider(key);
        }
        for (order, group) in orders {
            let deployments = &group.deployments;
            if deployments.iter().any(|k| books.scope.wants(k)) {
                plan.subjects.push((order.text(), Entry::Order(order, group)));
            }
        }
        if books.scope.is_full() {
            for part in books.actual.unlinked(slot) {
                plan.subjects.push((part.document.id.clone(), Entry::Unlinked(part)));
            }
        }
        let months = &books.scope;
        let period = |entry: &Entry<'_>| match entry {
            Entry::Subscription(key) | Entry::Order(key, _) => (months.period(key, month), 0),
            Entry::Unlinked(_) => (Grid::CALENDAR.period_in(month), 1),
        };
        plan.subjects.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| period(&a.1).cmp(&period(&b.1))));
        plan.unbilled.sort_unstable();
        plan.idle_usage.sort_unstable();
        plan
    }

    fn consider(&mut self, key: &Key) {
        let books = self.books;
        let period = books.scope.period(key, self.month);
        let has = |d: &DocumentLedger| !d.of(key, self.slot).is_empty() || d.is_unreadable(key, self.slot);
        let documents = has(&books.actual) || has(&books.drafts);
        let target_due = books.target.broken_subscriptions.contains(key) || !matches!(due_of(&books.target, key, period), DueOf::Nobody);
        if documents || target_due {
            self.subjects.push((key.text(), Entry::Subscription(key.clone())));
        } else if !matches!(due_of(&books.source, key, period), DueOf::Nobody) {
            self.unbilled.push(key.clone());
        } else if books.usage.has(key, self.slot) {
            self.idle_usage.push(key.clone());
        }
    }

    /// The month.
    pub const fn month(&self) -> Month {
        self.month
    }

    /// How many rows there are.
    pub const fn len(&self) -> usize {
        self.subjects.len()
    }

    /// True without rows.
    pub const fn is_empty(&self) -> bool {
        self.subjects.is_empty()
    }

    /// The rows, in byte order of (key, period).
    pub fn rows(&self) -> impl Iterator<Item = ReconRow> + '_ {
        self.subjects.iter().map(|(_, entry)| match entry {
            Entry::Subscription(key) => {
                let alone = Group { orders: Vec::new(), deployments: vec![key.clone()] };
                row(self.books, Subject::Subscription, key, &alone, self.slot, self.month)
            }
            Entry::Order(order, group) => row(self.books, Subject::Order, order, group, self.slot, self.month),
            Entry::Unlinked(part) => unlinked(self.books, part, self.month),
        })
    }
}

/// What one row stands for: a subscription, or orders whose documents do not split by deployment, with all their deployments.
#[derive(Debug)]
struct Group {
    orders: Vec<Key>,
    deployments: Vec<Key>,
}

/// Orders of several deployments that hold target money their lines do not split, by the first of their ids. Orders that share a
/// deployment are one row: its money cannot be told apart.
fn unsplit_orders(books: &Books, slot: Slot) -> BTreeMap<Key, Group> {
    let several = books.target.orders.iter().filter(|(_, deployments)| deployments.len() > 1);
    let mut groups: Vec<Group> = Vec::new();
    for (order, deployments) in several.filter(|(order, _)| !books.drafts.of(order, slot).is_empty()) {
        let (touching, apart): (Vec<Group>, Vec<Group>) = groups.into_iter().partition(|g| g.deployments.iter().any(|d| deployments.contains(d)));
        let mut merged = Group { orders: vec![order.clone()], deployments: deployments.clone() };
        for group in touching {
            merged.orders.extend(group.orders);
            merged.deployments.extend(group.deployments);
        }
        merged.orders.sort();
        merged.deployments.sort();
        merged.deployments.dedup();
        groups = apart;
        groups.push(merged);
    }
    groups.into_iter().filter_map(|g| Some((g.orders.first()?.clone(), g))).collect()
}

/// One side's documents of a row, added up.
#[derive(Default)]
struct Sum {
    net: Option<Money>,
    exact: Exact,
    tax: Option<Money>,
    parts: Vec<DocumentPart>,
}

fn add_up(parts: &[DocumentPart]) -> Result<Sum, Unknown> {
    let mut sum = Sum::default();
    let mut taxes: Option<Vec<Money>> = Some(Vec::new());
    let too_big = |_: NumberError| "the sum of its documents does not fit".to_owned();
    for document in parts {
        sum.net = match sum.net {
            None => Some(document.net),
            Some(net) if net.currency != document.net.currency => return Err("its documents are in several currencies".to_owned()),
            Some(net) => Some(net.plus(document.net).ok_or(NumberError::Overflow).map_err(too_big)?),
        };
        sum.exact = sum.exact.add(document.exact).map_err(too_big)?;
        taxes = taxes.zip(document.tax).map(|(mut all, tax)| {
            all.push(tax);
            all
        });
        sum.parts.push(document.clone());
    }
    // One document without a stored tax makes the row's tax unknown, never nought.
    sum.tax = taxes.filter(|t| !t.is_empty()).and_then(|t| t.into_iter().try_fold(Money::zero(sum.net?.currency), Money::plus));
    Ok(sum)
}

fn documents(books: &Books, side: Side, keys: &[Key], slot: Slot) -> Result<Sum, (Unknown, Vec<DocumentPart>)> {
    let ledger = books.documents(side);
    let mut parts: Vec<&Part> = keys.iter().flat_map(|k| ledger.of(k, slot)).collect();
    parts.sort_by(|a, b| a.document.id.cmp(&b.document.id).then(a.header.cmp(&b.header)));
    let Some(parts) = merged(&parts) else {
        return Err(("the sum of its documents does not fit".to_owned(), parts.iter().map(|p| p.document.clone()).collect()));
    };
    let listed = || parts.clone();
    if keys.iter().any(|k| ledger.is_unreadable(k, slot)) {
        return Err((format!("a {side} document of it cannot be read"), listed()));
    }
    add_up(&parts).map_err(|why| (why, listed()))
}

/// Parts of one document that stand in one row are one part of it: so that only documents that really share an id look like it.
fn merged(parts: &[&Part]) -> Option<Vec<DocumentPart>> {
    let mut out: Vec<(usize, DocumentPart)> = Vec::with_capacity(parts.len());
    for part in parts {
        match out.last_mut().filter(|(header, _)| *header == part.header) {
            None => out.push((part.header, part.document.clone())),
            Some((_, same)) => {
                same.net = same.net.plus(part.document.net)?;
                same.exact = same.exact.add(part.document.exact).ok()?;
                same.tax = same.tax.zip(part.document.tax).and_then(|(a, b)| a.plus(b));
                same.lines.extend(part.document.lines.iter().cloned());
            }
        }
    }
    Some(out.into_iter().map(|(_, part)| part).collect())
}

/// The ratings of a row's deployments, added up.
#[derive(Default)]
struct Rated {
    net: Option<Money>,
    exact: Exact,
    tax: Option<Money>,
    inputs: Vec<RatingInputs>,
}

fn ratings(books: &Books, keys: &[Key], slot: Slot, month: Month) -> Result<Rated, Unknown> {
    let mut sum = Rated::default();
    let mut taxes: Option<Money> = None;
    let mut tax_known = true;
    for key in keys {
        let (inputs, rating) = match expected(books, key, slot, books.scope.period(key, month)) {
            Expected::Nothing => continue,
            Expected::Unknown(why) => return Err(why),
            Expected::Rated(both) => *both,
        };
        sum.net = match sum.net {
            None => Some(rating.net),
            Some(net) => Some(net.plus(rating.net).ok_or_else(|| "its deployments are in several currencies".to_owned())?),
        };
        sum.exact = sum.exact.add(rating.exact).map_err(|_| "the sum of its ratings does not fit".to_owned())?;
        match rating.tax {
            Some(tax) => taxes = Some(taxes.map_or(Some(tax), |t| t.plus(tax)).unwrap_or(tax)),
            None => tax_known = false,
        }
        sum.inputs.push(inputs);
    }
    sum.tax = taxes.filter(|_| tax_known);
    Ok(sum)
}

/// What decides the expected amount of a row, and what it is.
struct Chosen {
    basis: Option<Basis>,
    amount: Result<Option<(Money, Exact, Option<Money>)>, Unknown>,
}

fn choose(rule: BasisRule, drafted: &Result<Sum, (Unknown, Vec<DocumentPart>)>, rated: &Result<Rated, Unknown>) -> Chosen {
    let by_draft = || match drafted {
        Ok(sum) => Ok(sum.net.map(|net| (net, sum.exact, sum.tax))),
        Err((why, _)) => Err(why.clone()),
    };
    let by_rating = || match rated {
        Ok(sum) => Ok(sum.net.map(|net| (net, sum.exact, sum.tax))),
        Err(why) => Err(why.clone()),
    };
    let has_draft = drafted.as_ref().map_or(true, |sum| sum.net.is_some());
    let (basis, amount) = match rule {
        BasisRule::Draft => (Basis::Draft, by_draft()),
        BasisRule::DraftFirst if has_draft => (Basis::Draft, by_draft()),
        BasisRule::DraftFirst | BasisRule::Rated => (Basis::Rated, by_rating()),
    };
    let none = matches!(amount, Ok(None));
    Chosen { basis: (!none).then_some(basis), amount }
}

fn row(books: &Books, subject: Subject, row_key: &Key, group: &Group, slot: Slot, month: Month) -> ReconRow {
    let keys = group.deployments.as_slice();
    let period = keys.first().map_or_else(|| books.scope.period(row_key, month), |k| books.scope.period(k, month));
    let own: Vec<Key> = keys.iter().chain(&group.orders).cloned().collect();
    let actual = documents(books, Side::Source, &own, slot);
    let drafted = documents(books, Side::Target, &own, slot);
    let rated = ratings(books, keys, slot, month);
    let Chosen { basis, amount } = choose(books.profile.basis, &drafted, &rated);
    let mut out = blank(subject, row_key.text(), period);
    out.deployments = if subject == Subject::Order { keys.iter().map(Key::text).collect() } else { Vec::new() };
    out.basis = basis;
    describe(&mut out, books, keys, period);
    out.rated = rated.as_ref().ok().and_then(|r| r.net);
    out.drafted = drafted.as_ref().ok().and_then(|d| d.net);
    out.inputs = rated.map(|r| r.inputs).unwrap_or_default();
    if let Ok(Some((money, _, tax))) = &amount {
        (out.expected, out.expected_tax) = (Some(*money), *tax);
    }
    if let Ok(sum) = &actual {
        (out.actual, out.actual_tax) = (sum.net, sum.tax);
    }
    let exact_actual = actual.as_ref().map_or(Exact::ZERO, |s| s.exact);
    let nothing = matches!(&actual, Ok(sum) if sum.net.is_none()) && matches!(amount, Ok(None));
    let undrafted = || nothing.then(|| "the basis asked for has no amount for it, and the source billed nothing".to_owned());
    let periods: HashSet<Period> = keys.iter().map(|k| books.scope.period(k, month)).collect();
    let torn = || (periods.len() > 1).then(|| "its deployments have different billing periods".to_owned());
    let unknown = actual.as_ref().err().map(|(why, _)| why.clone()).or_else(|| amount.as_ref().err().cloned()).or_else(undrafted).or_else(torn);
    let parts = |d: Result<Sum, (Unknown, Vec<DocumentPart>)>| d.map_or_else(|(_, parts)| parts, |sum| sum.parts);
    out.documents = parts(actual);
    out.documents.extend(parts(drafted));
    match unknown {
        Some(why) => {
            out.verdict = Verdict::NotComparable;
            out.why = Some(why);
        }
        None => compare(&mut out, books, exact_actual, amount.ok().flatten().map_or(Exact::ZERO, |(_, exact, _)| exact)),
    }
    out
}

/// Fills verdict and deltas of a row whose sides can both be read.
fn compare(out: &mut ReconRow, books: &Books, exact_actual: Exact, exact_expected: Exact) {
    let of_source: Vec<&DocumentPart> = out.documents.iter().filter(|d| d.side == Side::Source).collect();
    let equal = of_source.windows(2).all(|w| w[0].net == w[1].net && w[0].kind == w[1].kind);
    let alone = out.subject == Subject::Subscription;
    let twice = out.documents.windows(2).any(|w| w[0].side == w[1].side && w[0].id == w[1].id);
    let digits = out.currency().map_or(2, crate::domain::currency::Currency::exponent);
    let comparison = Comparison {
        actual: out.actual,
        expected: out.expected,
        actual_tax: out.actual_tax,
        expected_tax: out.expected_tax,
        repeated_id: twice,
        equal_documents: if alone && equal && of_source.len() > 1 { i64::try_from(of_source.len()).unwrap_or(0) } else { 0 },
        tolerance: to_units(books.profile.tolerance, digits, RoundMode::Down).unwrap_or(0),
    };
    out.verdict = judge(&comparison);
    if out.verdict == Verdict::NotComparable {
        let words = |m: Option<Money>| m.map_or_else(String::new, |m| m.currency.to_string());
        out.why = Some(format!("source in {}, target in {}", words(out.actual), words(out.expected)));
        return;
    }
    let Some(currency) = out.currency() else { return };
    let or_nought = |m: Option<Money>| m.unwrap_or(Money::zero(currency));
    out.delta = or_nought(out.expected).minus(or_nought(out.actual));
    out.exact_delta = exact_expected.sub(exact_actual).ok();
    out.delta_tax = out.expected_tax.zip(out.actual_tax).and_then(|(e, a)| e.minus(a));
}

/// Names the customer and plan of a row, and keeps both sides' subscriptions.
fn describe(out: &mut ReconRow, books: &Books, keys: &[Key], period: Period) {
    let Some(key) = keys.first() else { return };
    out.source = facts(books, Side::Source, key, period);
    out.target = facts(books, Side::Target, key, period);
    if let Some(side) = out.source.as_ref() {
        out.customer = Untrusted::new(books.source.customer_name(side.customer_id.raw()));
        out.customer_id = side.customer_id.clone();
    } else if let Some(side) = out.target.as_ref() {
        out.customer = Untrusted::new(books.target.customer_name(side.customer_id.raw()));
        out.customer_id = side.customer_id.clone();
    }
    let plan = |catalogue: &Catalogue, id: &Untrusted| {
        catalogue.plans.get(id.raw()).map(|t| t.plan.name.clone()).filter(|n| !n.raw().is_empty()).unwrap_or_else(|| id.clone())
    };
    if let Some(side) = out.target.as_ref() {
        out.plan = plan(&books.target, &side.plan_id);
    } else if let Some(side) = out.source.as_ref() {
        out.plan = plan(&books.source, &side.plan_id);
    }
}

fn unlinked(books: &Books, part: &Part, month: Month) -> ReconRow {
    let subject = if part.remainder { Subject::UnlinkedRemainder } else { Subject::UnlinkedDocument };
    let period = Grid::CALENDAR.period_in(month);
    let mut out = blank(subject, part.document.id.clone(), period);
    out.verdict = Verdict::Unlinked;
    out.actual = Some(part.document.net);
    out.actual_tax = part.document.tax;
    if let Some(id) = &part.customer_id {
        out.customer = Untrusted::new(books.source.customer_name(id));
        out.customer_id = Untrusted::new(id.as_str());
    }
    out.documents = vec![part.document.clone()];
    out
}

fn blank(subject: Subject, key: Untrusted, period: Period) -> ReconRow {
    ReconRow {
        subject,
        key,
        period,
        customer: Untrusted::default(),
        customer_id: Untrusted::default(),
        plan: Untrusted::default(),
        verdict: Verdict::NotComparable,
        basis: None,
        actual: None,
        expected: None,
        delta: None,
        exact_delta: None,
        actual_tax: None,
        expected_tax: None,
        delta_tax: None,
        rated: None,
        drafted: None,
        documents: Vec::new(),
        deployments: Vec::new(),
        why: None,
        source: None,
        target: None,
        inputs: Vec::new(),
        review: Review::Open,
    }
}

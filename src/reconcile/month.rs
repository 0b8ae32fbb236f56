//! The rows of a month, made one at a time from what was read of each key.

use super::cell::Cell;
use super::expected::{Expected, Unknown, expected, kept};
use super::judge::{Comparison, judge};
use super::known::Standing;
use crate::domain::exact::{Exact, NumberError};
use crate::domain::money::Money;
use crate::domain::period::{Grid, Month, Period};
use crate::domain::profile::BasisRule;
use crate::domain::rounding::{RoundMode, to_units};
use crate::domain::row::{DocumentPart, RatingInputs, ReconRow, Subject};
use crate::domain::side::Side;
use crate::domain::text::Untrusted;
use crate::domain::verdict::{Basis, Review, Verdict};
use crate::ledger::books::Books;
use crate::ledger::posting::Posted;

/// What a cell comes to.
#[derive(Debug)]
pub enum Outcome {
    /// A row.
    Row(Box<ReconRow>),
    /// Due in the source, not in the target, and billed by nobody: a finding, not a row.
    Unbilled,
    /// Used something without being due or billed anywhere: a finding, not a row.
    IdleUsage,
    /// Nothing due, no usage and no document, or not asked for.
    Nothing,
}

/// Judges the cell of a key that stands for itself.
pub fn outcome<'a>(books: &'a Books, cell: &Cell<'a>) -> Outcome {
    if !books.scope.wants(cell.known.party.key) {
        return Outcome::Nothing;
    }
    let broken = || cell.known.party.id.is_some_and(|id| books.target.broken_subscriptions.contains(&id));
    if !cell.actual.is_empty() || !cell.drafts.is_empty() || broken() || cell.dues().target.is_due() {
        Outcome::Row(row(books, Subject::Subscription, cell.known.key.clone(), &[cell], &[]))
    } else if cell.dues().source.is_due() {
        Outcome::Unbilled
    } else if cell.usage.any {
        Outcome::IdleUsage
    } else {
        Outcome::Nothing
    }
}

/// One side's documents of a row, added up.
struct Sum {
    net: Option<Money>,
    exact: Exact,
    tax: Option<Money>,
    parts: Vec<DocumentPart>,
}

fn add_up(parts: Vec<DocumentPart>) -> Result<Sum, (Unknown, Vec<DocumentPart>)> {
    match sums(&parts) {
        Ok((net, exact, tax)) => Ok(Sum { net, exact, tax, parts }),
        Err(why) => Err((why, parts)),
    }
}

/// Net, net before rounding, and tax of documents.
fn sums(parts: &[DocumentPart]) -> Result<(Option<Money>, Exact, Option<Money>), Unknown> {
    let Some(first) = parts.first() else { return Ok((None, Exact::ZERO, None)) };
    let (mut net, mut exact) = (first.net, first.exact);
    // One document without a stored tax makes the row's tax unknown, never nought.
    let mut tax = first.tax;
    for document in &parts[1..] {
        if net.currency != document.net.currency {
            return Err("its documents are in several currencies".to_owned());
        }
        let too_big = |_: NumberError| "the sum of its documents does not fit".to_owned();
        net = net.plus(document.net).ok_or(NumberError::Overflow).map_err(too_big)?;
        exact = exact.add(document.exact).map_err(too_big)?;
        tax = tax.zip(document.tax).and_then(|(all, one)| all.plus(one));
    }
    Ok((Some(net), exact, tax))
}

fn documents<'a>(side: Side, cells: &[&Cell<'a>], orders: &[&Cell<'a>]) -> Result<Sum, (Unknown, Vec<DocumentPart>)> {
    let held = || cells.iter().chain(orders).map(|cell| cell.documents(side));
    let Some(parts) = merged(held().flat_map(|h| &h.parts)) else {
        let all = held().flat_map(|h| &h.parts).map(|p| p.document.clone()).collect();
        return Err(("the sum of its documents does not fit".to_owned(), all));
    };
    if held().any(|h| h.unreadable) {
        return Err((format!("a {side} document of it cannot be read"), parts));
    }
    add_up(parts)
}

/// Parts of one document that stand in one row are one part of it: so that only documents that really share an id look like it.
fn merged<'p>(parts: impl Iterator<Item = &'p Posted>) -> Option<Vec<DocumentPart>> {
    let mut serials: Vec<Option<u64>> = Vec::new();
    let mut out: Vec<DocumentPart> = Vec::new();
    for part in parts {
        let known = part.serial.and_then(|_| serials.iter().position(|serial| *serial == part.serial));
        let Some(same) = known.and_then(|at| out.get_mut(at)) else {
            if part.serial.is_some() || !serials.is_empty() {
                serials.resize(out.len(), None);
                serials.push(part.serial);
            }
            out.reserve_exact(1);
            out.push(part.document.clone());
            continue;
        };
        same.net = same.net.plus(part.document.net)?;
        same.exact = same.exact.add(part.document.exact).ok()?;
        same.tax = same.tax.zip(part.document.tax).and_then(|(a, b)| a.plus(b));
        same.lines.extend(part.document.lines.iter().cloned());
    }
    out.sort_by(super::cell::order);
    Some(out)
}

/// The ratings of a row's deployments, added up.
#[derive(Default)]
struct Rated {
    net: Option<Money>,
    exact: Exact,
    tax: Option<Money>,
    inputs: Vec<RatingInputs>,
}

fn ratings<'a>(books: &'a Books, cells: &[&Cell<'a>]) -> Result<Rated, Unknown> {
    let mut sum = Rated::default();
    let mut taxes: Option<Money> = None;
    let mut tax_known = true;
    for cell in cells {
        let (inputs, rating) = match expected(books, cell) {
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

/// Makes the row of cells that are judged as one: a subscription alone, or the deployments of orders with those orders.
pub(super) fn row<'a>(books: &'a Books, subject: Subject, row_key: Untrusted, cells: &[&Cell<'a>], orders: &[&Cell<'a>]) -> Box<ReconRow> {
    let period = cells.iter().chain(orders).next().map_or(Grid::CALENDAR.period_in(books.scope.month(0)), |cell| cell.period);
    let actual = documents(Side::Source, cells, orders);
    let drafted = documents(Side::Target, cells, orders);
    let rated = ratings(books, cells);
    let Chosen { basis, amount } = choose(books.profile.basis, &drafted, &rated);
    let mut out = Box::new(blank(subject, row_key, period));
    out.deployments = if subject == Subject::Order { cells.iter().map(|c| c.known.key.clone()).collect() } else { Vec::new() };
    out.basis = basis;
    describe(&mut out, cells);
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
    let differ = cells.windows(2).any(|pair| pair[0].period != pair[1].period);
    let torn = || differ.then(|| "its deployments have different billing periods".to_owned());
    let unknown = actual.as_ref().err().map(|(why, _)| why.clone()).or_else(|| amount.as_ref().err().cloned()).or_else(undrafted).or_else(torn);
    let parts = |d: Result<Sum, (Unknown, Vec<DocumentPart>)>| d.map_or_else(|(_, parts)| parts, |sum| sum.parts);
    out.documents = parts(actual);
    let mut drafted = parts(drafted);
    if out.documents.is_empty() {
        out.documents = drafted;
    } else {
        out.documents.reserve_exact(drafted.len());
        out.documents.append(&mut drafted);
    }
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
    // The source's stand first.
    let of_source = &out.documents[..out.documents.partition_point(|d| d.side == Side::Source)];
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
fn describe(out: &mut ReconRow, cells: &[&Cell<'_>]) {
    let Some(cell) = cells.first() else { return };
    let [source, target] = Side::BOTH.map(|side| kept(cell, side));
    if let Some((standing, _)) = source.or(target) {
        out.customer = standing.customer.clone();
        out.customer_id = standing.customer_id().clone();
    }
    if let Some((standing, _)) = target.or(source) {
        out.plan = standing.plan.clone();
    }
    let facts = |(standing, due): (&Standing<'_>, bool)| standing.facts(due);
    (out.source, out.target) = (source.map(facts), target.map(facts));
}

/// The row of money without a subscription.
pub fn unlinked(books: &Books, part: &Posted, month: Month) -> ReconRow {
    let subject = if part.remainder { Subject::UnlinkedRemainder } else { Subject::UnlinkedDocument };
    let mut out = blank(subject, part.document.id.clone(), Grid::CALENDAR.period_in(month));
    out.verdict = Verdict::Unlinked;
    out.actual = Some(part.document.net);
    out.actual_tax = part.document.tax;
    if let Some(id) = &part.customer_id {
        out.customer = Untrusted::new(books.source.customer_name(id.raw()));
        out.customer_id = id.clone();
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

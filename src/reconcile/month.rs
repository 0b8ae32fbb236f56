//! The rows of a month, made one at a time from what was read of each key.

use super::cell::Cell;
use super::expected::{Expected, Unknown, expected, kept};
use super::known::Standing;
use super::settle::{Rated, Sides, Sum, add_up, settle, too_big};
use crate::domain::period::{Grid, Month};
use crate::domain::row::{DocumentPart, ReconRow, Subject};
use crate::domain::side::Side;
use crate::domain::text::Untrusted;
use crate::domain::verdict::Verdict;
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

/// Lists one side's documents of a row behind those that are `listed`, and adds them up.
fn documents(side: Side, cells: &[&Cell<'_>], orders: &[&Cell<'_>], listed: &mut Vec<DocumentPart>) -> Result<Sum, Unknown> {
    let held = || cells.iter().chain(orders).map(|cell| cell.documents(side));
    let first = listed.len();
    let merged = merge(held().flat_map(|h| &h.parts), listed);
    listed[first..].sort_by(super::cell::order);
    if !merged {
        return Err(too_big());
    }
    if held().any(|h| h.unreadable) {
        return Err(format!("a {side} document of it cannot be read"));
    }
    add_up(&listed[first..])
}

/// Parts of one document that stand in one row are one part of it: so that only documents that really share an id look like it.
/// A part with which the sum does not fit stands for itself, and it is false.
fn merge<'p>(parts: impl Iterator<Item = &'p Posted>, listed: &mut Vec<DocumentPart>) -> bool {
    let mut places: Vec<(u64, usize)> = Vec::new();
    let mut fits = true;
    for part in parts {
        let same = part.serial.and_then(|serial| places.iter().find(|(known, _)| *known == serial)).and_then(|(_, at)| listed.get_mut(*at));
        let Some(same) = same else {
            places.extend(part.serial.map(|serial| (serial, listed.len())));
            listed.push(part.document.clone());
            continue;
        };
        let (Some(net), Ok(exact)) = (same.net.plus(part.document.net), same.exact.add(part.document.exact)) else {
            fits = false;
            listed.push(part.document.clone());
            continue;
        };
        (same.net, same.exact) = (net, exact);
        same.tax = same.tax.zip(part.document.tax).and_then(|(a, b)| a.plus(b));
        same.lines.extend(part.document.lines.iter().cloned());
    }
    fits
}

fn ratings<'a>(books: &'a Books, cells: &[&Cell<'a>]) -> Result<Rated, Unknown> {
    let mut rated = Rated::default();
    for cell in cells {
        let (inputs, rating) = match expected(books, cell) {
            Expected::Nothing => continue,
            Expected::Unknown(why) => return Err(why),
            Expected::Rated(both) => *both,
        };
        rated.sum.add(&rating).map_err(str::to_owned)?;
        rated.inputs.push(inputs);
    }
    Ok(rated)
}

/// Makes the row of cells that are judged as one: a subscription alone, or the deployments of orders with those orders.
pub(super) fn row<'a>(books: &'a Books, subject: Subject, row_key: Untrusted, cells: &[&Cell<'a>], orders: &[&Cell<'a>]) -> Box<ReconRow> {
    let both = || cells.iter().chain(orders);
    let period = both().next().map_or_else(|| Grid::CALENDAR.period_in(books.scope.month(0)), |cell| cell.period);
    let mut listed = Vec::with_capacity(both().map(|cell| cell.actual.parts.len() + cell.drafts.parts.len()).sum());
    let actual = documents(Side::Source, cells, orders, &mut listed);
    let drafted = documents(Side::Target, cells, orders, &mut listed);
    let rated = ratings(books, cells);
    let mut out = Box::new(ReconRow::blank(subject, row_key, period));
    out.deployments = if subject == Subject::Order { cells.iter().map(|c| c.known.key.clone()).collect() } else { Vec::new() };
    describe(&mut out, cells);
    out.documents = listed;
    let differ = cells.windows(2).any(|pair| pair[0].period != pair[1].period);
    settle(&mut out, &books.profile, Sides { actual, drafted, rated }, differ);
    out
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
    let mut out = ReconRow::blank(subject, part.document.id.clone(), Grid::CALENDAR.period_in(month));
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

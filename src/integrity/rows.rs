//! What only a judged row can tell, and what stands beside the rows.

use super::codes;
use super::notices::Notices;
use crate::domain::finding::About;
use crate::domain::row::ReconRow;
use crate::domain::side::Side;
use crate::domain::verdict::Verdict;
use crate::ledger::books::Books;
use crate::reconcile::cell::Cell;
use crate::reconcile::worth;

pub(super) fn check(books: &Books, row: &ReconRow, cell: Option<&Cell<'_>>, notices: &mut Notices) {
    let key = row.key.raw();
    let of_source = row.documents.iter().filter(|d| d.side == Side::Source);
    let twice = of_source.clone().zip(of_source.clone().skip(1)).any(|(a, b)| a.id == b.id);
    match row.verdict {
        Verdict::Duplicate if !twice => {
            for document in of_source {
                notices.note(&codes::DUPLICATE_DOCUMENT, Side::Source, document.id.raw(), Some(document.net));
            }
        }
        Verdict::NotComparable => {
            let parts = row.documents.iter().map(|d| d.net.currency);
            let currencies: std::collections::BTreeSet<_> = row.actual.iter().chain(&row.expected).map(|m| m.currency).chain(parts).collect();
            if currencies.len() > 1 {
                notices.note(&codes::CURRENCY_MIX, About::Both, key, row.actual);
            }
        }
        Verdict::Duplicate | Verdict::Unlinked => {}
        _ if of_source.count() > 1 && !twice => notices.note(&codes::SEVERAL_DOCUMENTS, Side::Source, key, row.actual),
        _ => {}
    }
    if let (Some(drafted), Some(rated)) = (row.drafted, row.rated)
        && drafted != rated
    {
        notices.note(&codes::DRAFT_RATING_DIFFER, Side::Target, key, drafted.minus(rated));
    }
    if books.target.has_taxes && row.inputs.iter().any(|i| i.taxes.is_none()) {
        notices.note(&codes::NO_TAX_RATE, Side::Target, key, row.expected);
    }
    if !books.target.has_taxes && row.actual_tax.is_some() && row.expected.is_some() && row.expected_tax.is_none() {
        notices.note(&codes::TAX_NOT_COMPARED, Side::Target, key, row.actual_tax);
    }
    if let Some(cell) = cell {
        anchors(books, row, cell, notices);
        late(books, row, cell, notices);
    }
}

fn anchors(books: &Books, row: &ReconRow, cell: &Cell<'_>, notices: &mut Notices) {
    if !books.source.subscriptions.any_grid_said() || !books.target.subscriptions.any_grid_said() {
        return;
    }
    let grids = Side::BOTH.map(|side| cell.known.last(side).map(|standing| standing.subscription.grid));
    if let [Some(source), Some(target)] = grids
        && source.is_said()
        && target.is_said()
        && source != target
    {
        notices.note(&codes::ANCHORS_DIFFER, About::Both, row.key.raw(), row.delta);
    }
}

/// Usage that arrived on a later day than the row's first invoice was issued.
fn late(books: &Books, row: &ReconRow, cell: &Cell<'_>, notices: &mut Notices) {
    if cell.usage.late.is_empty() {
        return;
    }
    let issued = row.documents.iter().filter(|d| d.side == Side::Source).filter_map(|d| d.issued_on).min();
    let Some(issued) = issued else { return };
    for record in cell.usage.late.iter().filter(|l| l.ingested_on > issued) {
        let name = record.name.unwrap_or(row.key.raw());
        notices.note(&codes::LATE_USAGE, books.profile.usage_from, name, None);
    }
}

/// A subscription that has no row and should be known all the same.
pub(super) fn unbilled(books: &Books, cell: &Cell<'_>, notices: &mut Notices) {
    notices.note(&codes::DUE_UNBILLED, Side::Source, cell.known.key.raw(), worth(books, cell));
}

/// Usage of a subscription that has no row.
pub(super) fn idle_usage(cell: &Cell<'_>, notices: &mut Notices) {
    notices.note(&codes::IDLE_USAGE, About::Both, cell.known.key.raw(), None);
}

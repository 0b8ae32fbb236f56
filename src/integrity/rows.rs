//! What only a judged row can tell, and what stands beside the rows.

use super::codes;
use super::notices::Notices;
use crate::domain::finding::About;
use crate::domain::key::Key;
use crate::domain::row::{DocumentPart, ReconRow};
use crate::domain::side::Side;
use crate::domain::verdict::Verdict;
use crate::ledger::scope::Slot;
use crate::reconcile::month::{Books, MonthPlan};
use crate::reconcile::worth;

pub(super) fn check(books: &Books, slot: Slot, row: &ReconRow, notices: &mut Notices) {
    let key = row.key.raw();
    let of = |side: Side| row.documents.iter().filter(move |d| d.side == side);
    let of_source: Vec<&DocumentPart> = of(Side::Source).collect();
    let twice = of_source.windows(2).any(|w| w[0].id == w[1].id);
    match row.verdict {
        Verdict::Duplicate if !twice => {
            for document in &of_source {
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
        _ if of_source.len() > 1 && !twice => notices.note(&codes::SEVERAL_DOCUMENTS, Side::Source, key, row.actual),
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
    let grids = [&books.source, &books.target].map(|c| c.subscriptions.get(&Key::stored(key)).and_then(|s| s.last()).map(|s| s.grid));
    if let [Some(source), Some(target)] = grids
        && source.is_said()
        && target.is_said()
        && source != target
    {
        notices.note(&codes::ANCHORS_DIFFER, About::Both, key, row.delta);
    }
    late(books, slot, row, notices);
}

/// Usage that arrived on a later day than the row's first invoice was issued.
fn late(books: &Books, slot: Slot, row: &ReconRow, notices: &mut Notices) {
    if books.usage.late.is_empty() || row.subject.is_unlinked() {
        return;
    }
    let issued = row.documents.iter().filter(|d| d.side == Side::Source).filter_map(|d| d.issued_on).min();
    let Some(issued) = issued else { return };
    let key = Key::stored(row.key.raw());
    for record in books.usage.late.get(&key).into_iter().flatten().filter(|l| l.slot == slot && l.ingested_on > issued) {
        notices.note(&codes::LATE_USAGE, books.profile.usage_from, record.id.raw(), None);
    }
}

/// Subscriptions that have no row and should be known all the same.
pub(super) fn beside(books: &Books, plan: &MonthPlan<'_>, slot: Slot, notices: &mut Notices) {
    for key in &plan.unbilled {
        let worth = worth(books, key, slot, books.scope.period(key, plan.month()));
        notices.note(&codes::DUE_UNBILLED, Side::Source, key.as_str(), worth);
    }
    for key in &plan.idle_usage {
        notices.note(&codes::IDLE_USAGE, About::Both, key.as_str(), None);
    }
}

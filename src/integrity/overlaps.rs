//! Days of a subscription that two documents cover.

use super::codes;
use super::notices::Notices;
use crate::domain::key::Key;
use crate::domain::period::Period;
use crate::domain::records::DocumentKind;
use crate::domain::side::Side;
use crate::ledger::documents::Bucket;
use crate::ledger::scope::Slot;
use crate::reconcile::month::Books;
use std::collections::BTreeMap;

/// Two documents that cover exactly the same days add up and are listed as several; those that only overlap are noticed here.
pub(super) fn check(books: &Books, side: Side, slot: Slot, notices: &mut Notices) {
    let mut covered: BTreeMap<&Key, Vec<(Period, &str)>> = BTreeMap::new();
    for header in books.documents(side).in_slot(slot).filter(|h| h.bucket == Bucket::Linked) {
        let invoice = &header.invoice;
        if let (Some(key), Some((start, Some(end))), DocumentKind::Charge) = (&invoice.subscription, invoice.covers, invoice.kind) {
            covered.entry(key).or_default().push((Period { start, end }, invoice.id.as_str()));
        }
    }
    for documents in covered.values_mut().filter(|d| d.len() > 1) {
        documents.sort();
        for pair in documents.windows(2) {
            let [(first, _), (second, id)] = pair else { continue };
            if first != second && first.overlap_days(*second) > 0 {
                notices.note(&codes::OVERLAP, side, *id, None);
            }
        }
    }
}

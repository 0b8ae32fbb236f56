//! Headers, lines and what the vocabulary left out.

use super::codes;
use super::notices::Notices;
use crate::domain::exact::Exact;
use crate::domain::money::Money;
use crate::domain::profile::{DocumentState, SideProfile};
use crate::domain::records::{DocumentStatus, LineKind};
use crate::domain::rounding::to_minor;
use crate::domain::side::Side;
use crate::ledger::documents::{Bucket, Header};
use crate::ledger::parts::line_amount;
use crate::ledger::scope::Slot;
use crate::reconcile::month::Books;

pub(super) fn check(books: &Books, side: Side, slot: Slot, notices: &mut Notices) {
    let ledger = books.documents(side);
    let profile = books.profile.side(side);
    for header in ledger.in_slot(slot) {
        let id = header.invoice.id.as_str();
        let money = to_minor(header.invoice.subtotal, header.invoice.currency, profile.round_mode).ok();
        match header.bucket {
            Bucket::Void => notices.note(&codes::VOID, side, id, money),
            Bucket::Draft => notices.note(&codes::DRAFT, side, id, money),
            Bucket::Zero => {
                notices.note(&codes::ZERO, side, id, None);
                let taxed = header.invoice.tax.is_some_and(|t| !t.is_zero());
                if taxed || header.lines.iter().any(|l| !l.amount.is_zero()) {
                    let tax = header.invoice.tax.and_then(|t| to_minor(t, header.invoice.currency, profile.round_mode).ok());
                    notices.note(&codes::ZERO_WITH_MONEY, side, id, tax);
                }
            }
            Bucket::UnknownStatus => notices.note(&codes::UNKNOWN_DOCUMENT_STATUS, side, id, money),
            Bucket::Linked | Bucket::Unlinked => billable(header, profile, ledger.has_lines, money, notices),
            Bucket::OtherPeriod | Bucket::Unreadable => {}
        }
    }
    for id in &ledger.stray_lines {
        notices.note(&codes::STRAY_LINE, side, id.raw(), None);
    }
    let code = if side == Side::Source { &codes::UNLINKED_INVOICE } else { &codes::UNLINKED_TARGET };
    for part in ledger.unlinked(slot) {
        notices.note(code, side, part.document.id.raw(), Some(part.document.net));
    }
}

fn billable(header: &Header, profile: &SideProfile, has_lines: bool, money: Option<Money>, notices: &mut Notices) {
    let invoice = &header.invoice;
    let side = profile.side;
    debug_assert!(matches!(invoice.status, DocumentStatus::Known(DocumentState::Billable)));
    if invoice.blank_subscription {
        notices.note(&codes::BLANK_ID, side, invoice.id.as_str(), money);
    }
    if has_lines && header.lines.is_empty() {
        notices.note(&codes::HEADER_ONLY, side, invoice.id.as_str(), money);
    } else if has_lines && let Some((exact, rounded)) = beyond_lines(header, profile) {
        notices.note(&codes::HEADER_LINES_DIFFER, side, format!("{} {exact}", invoice.id), Some(rounded));
    }
    if let (Some(tax), Some(total)) = (invoice.tax, invoice.total) {
        let should = if profile.tax_inclusive { Ok(invoice.subtotal) } else { invoice.subtotal.add(tax) };
        let differs = should.ok().and_then(|s| total.sub(s).ok()).and_then(|d| to_minor(d, invoice.currency, profile.round_mode).ok());
        if let Some(money) = differs.filter(|m| m.minor != 0) {
            notices.note(&codes::TOTAL_DIFFERS, side, invoice.id.as_str(), Some(money));
        }
    }
}

/// What the header holds beyond its lines, where the two differ at the minor unit.
fn beyond_lines(header: &Header, profile: &SideProfile) -> Option<(Exact, Money)> {
    let mut lines = Exact::ZERO;
    for line in header.lines.iter().filter(|l| l.kind != LineKind::Tax) {
        lines = lines.add(line_amount(header, line.kind, line.amount, profile).ok()?).ok()?;
    }
    let (currency, mode) = (header.invoice.currency, profile.round_mode);
    let (head, sum) = (to_minor(header.invoice.subtotal, currency, mode).ok()?, to_minor(lines, currency, mode).ok()?);
    let beyond = head.minus(sum).filter(|m| m.minor != 0)?;
    Some((header.invoice.subtotal.sub(lines).ok()?, beyond))
}

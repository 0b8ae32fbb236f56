//! Headers, lines and what the vocabulary left out.

use super::codes;
use super::notices::Notices;
use crate::domain::exact::Exact;
use crate::domain::money::Money;
use crate::domain::profile::{DocumentState, SideProfile};
use crate::domain::records::{DocumentStatus, LineKind};
use crate::domain::rounding::to_minor;
use crate::ledger::documents::{Bucket, Header};
use crate::ledger::parts::line_amount;

pub(super) fn check(header: &Header<'_>, profile: &SideProfile, has_lines: bool, notices: &mut Notices) {
    let id = header.invoice.id;
    let side = profile.side;
    let money = || to_minor(header.invoice.subtotal, header.invoice.currency, profile.round_mode).ok();
    match header.bucket {
        Bucket::Void => notices.note(&codes::VOID, side, id, money()),
        Bucket::Draft => notices.note(&codes::DRAFT, side, id, money()),
        Bucket::Zero => {
            notices.note(&codes::ZERO, side, id, None);
            let taxed = header.invoice.tax.is_some_and(|t| !t.is_zero());
            if taxed || header.lines.iter().any(|l| !l.amount.is_zero()) {
                let tax = header.invoice.tax.and_then(|t| to_minor(t, header.invoice.currency, profile.round_mode).ok());
                notices.note(&codes::ZERO_WITH_MONEY, side, id, tax);
            }
        }
        Bucket::UnknownStatus => notices.note(&codes::UNKNOWN_DOCUMENT_STATUS, side, id, money()),
        Bucket::Linked | Bucket::Unlinked => billable(header, profile, has_lines, notices),
        Bucket::OtherPeriod | Bucket::Unreadable => {}
    }
}

fn billable(header: &Header<'_>, profile: &SideProfile, has_lines: bool, notices: &mut Notices) {
    let invoice = &header.invoice;
    let side = profile.side;
    let money = || to_minor(invoice.subtotal, invoice.currency, profile.round_mode).ok();
    debug_assert!(matches!(invoice.status, DocumentStatus::Known(DocumentState::Billable)));
    if invoice.blank_subscription {
        notices.note(&codes::BLANK_ID, side, invoice.id, money());
    }
    if has_lines && header.lines.is_empty() {
        notices.note(&codes::HEADER_ONLY, side, invoice.id, money());
    } else if has_lines && let Some((exact, rounded)) = beyond_lines(header, profile) {
        notices.note(&codes::HEADER_LINES_DIFFER, side, format!("{} {exact}", invoice.id), Some(rounded));
    }
    if let (Some(tax), Some(total)) = (invoice.tax, invoice.total) {
        let should = if profile.tax_inclusive { Ok(invoice.subtotal) } else { invoice.subtotal.add(tax) };
        let differs = should.ok().and_then(|s| total.sub(s).ok()).and_then(|d| to_minor(d, invoice.currency, profile.round_mode).ok());
        if let Some(money) = differs.filter(|m| m.minor != 0) {
            notices.note(&codes::TOTAL_DIFFERS, side, invoice.id, Some(money));
        }
    }
}

/// What the header holds beyond its lines, where the two differ at the minor unit.
fn beyond_lines(header: &Header<'_>, profile: &SideProfile) -> Option<(Exact, Money)> {
    let mut lines = Exact::ZERO;
    for line in header.lines.iter().filter(|l| l.kind != LineKind::Tax) {
        lines = lines.add(line_amount(header, line.kind, line.amount, profile).ok()?).ok()?;
    }
    let (currency, mode) = (header.invoice.currency, profile.round_mode);
    let (head, sum) = (to_minor(header.invoice.subtotal, currency, mode).ok()?, to_minor(lines, currency, mode).ok()?);
    let beyond = head.minus(sum).filter(|m| m.minor != 0)?;
    Some((header.invoice.subtotal.sub(lines).ok()?, beyond))
}

//! Amounts that cannot be meant: below nought, or beyond reason.

use super::codes;
use super::notices::Notices;
use crate::domain::exact::Exact;
use crate::domain::profile::SideProfile;
use crate::domain::records::DocumentKind;
use crate::domain::rounding::to_minor;
use crate::domain::side::Side;
use crate::ledger::books::Books;
use crate::ledger::documents::{Bucket, Header};

/// Beyond this many major units an amount is more likely cents than money.
const ABSURD: Exact = Exact::whole(10_000_000);

pub(super) fn check_document(header: &Header<'_>, profile: &SideProfile, notices: &mut Notices) {
    if !matches!(header.bucket, Bucket::Linked | Bucket::Unlinked) {
        return;
    }
    let invoice = &header.invoice;
    let money = || to_minor(invoice.subtotal, invoice.currency, profile.round_mode).ok();
    // A credit is stored below nought by now, whatever the side's sign rule: one above nought has the wrong sign.
    let wrong_sign = match invoice.kind {
        DocumentKind::Charge => invoice.subtotal.is_negative(),
        DocumentKind::Credit => !invoice.subtotal.is_negative() && !invoice.subtotal.is_zero(),
    };
    if wrong_sign {
        notices.note(&codes::NEGATIVE, profile.side, invoice.id, money());
    }
    if invoice.subtotal.abs().is_ok_and(|a| a > ABSURD) {
        notices.note(&codes::ABSURD, profile.side, invoice.id, money());
    }
}

pub(super) fn check_catalogue(books: &Books, side: Side, notices: &mut Notices) {
    for (_, s) in books.catalogue(side).all(&books.keys) {
        let below = s.quantity.is_negative() || s.price_override.is_some_and(Exact::is_negative) || s.discount_percent.is_negative();
        if below || s.discount_percent > Exact::whole(100) {
            notices.note(&codes::NEGATIVE, side, s.key.to_key().as_str(), None);
        }
    }
    for tax in &books.catalogue(side).repeated_taxes {
        notices.note(&codes::DUPLICATE_TAX, side, tax.as_str(), None);
    }
    for (id, terms) in &books.catalogue(side).plans {
        let prices = terms.charges.iter().flat_map(|c| [c.unit_price, Some(c.included)]).flatten().chain([terms.plan.flat_price]);
        if prices.into_iter().any(Exact::is_negative) {
            notices.note(&codes::NEGATIVE, side, id.as_str(), None);
        }
        if terms.plan.flat_price > ABSURD {
            notices.note(&codes::ABSURD, side, id.as_str(), None);
        }
    }
}

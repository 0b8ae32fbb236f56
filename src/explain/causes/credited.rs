//! S7: without its credit notes the sides agree, A + Σ credits = T. Evidence: the notes.

use super::{Case, Tries, whole};
use crate::domain::explanation::{Cause, Step};
use crate::domain::money::Money;
use crate::domain::records::DocumentKind;
use crate::explain::datum::Datum;
use crate::explain::tries::Named;

pub fn tries<'a>(case: &Case<'a>, tries: &mut Tries<'_, 'a>) {
    if case.is_tax() {
        return;
    }
    let of = |kind: DocumentKind| case.sought_documents().filter(move |d| d.kind == kind);
    let sum = of(DocumentKind::Charge).try_fold(Money::zero(case.currency()), |sum, d| sum.plus(d.net));
    if of(DocumentKind::Credit).next().is_none() || sum != Some(case.given) {
        return;
    }
    let ids: Vec<String> = of(DocumentKind::Credit).map(|d| format!("{} of {}", d.id.shown(40), d.net)).collect();
    whole(
        tries,
        case,
        Cause::Credited,
        Step::Scope,
        String::new(),
        1,
        Some(Named::record(format!("credit note {}", ids.join(", ")), [Datum::Documents(case.sought_side())])),
    );
}

//! C1: the sign is turned, A = −T. Evidence: the document is a refund.

use super::{Case, Tries, whole};
use crate::domain::explanation::{Cause, Step};
use crate::domain::records::DocumentKind;
use crate::explain::datum::Datum;
use crate::explain::tries::Named;

pub fn tries<'a>(case: &Case<'a>, tries: &mut Tries<'_, 'a>) {
    if case.given.minor == 0 || case.given.minor.checked_neg() != Some(case.sought.minor) {
        return;
    }
    let credits: Vec<String> = case.sought_documents().filter(|d| d.kind == DocumentKind::Credit).map(|d| d.id.shown(40)).collect();
    let only = credits.len() == case.sought_documents().count() && !credits.is_empty();
    let named = only.then(|| format!("{} is a credit", credits.join(", "))).map(|words| Named::record(words, [Datum::Documents(case.sought_side())]));
    whole(tries, case, Cause::Sign, Step::Scope, String::new(), 1, named);
}

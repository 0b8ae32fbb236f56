//! S3: n equal invoices where one was expected, A = n × T. Evidence: their ids; none of them a credit note. Two of one long period that
//! are dated a month apart are those of two months (P6).

use super::{Case, Tries, month_end_anchor, whole};
use crate::domain::explanation::{Cause, Step};
use crate::domain::records::DocumentKind;
use crate::explain::datum::Datum;
use crate::explain::tries::Named;

pub fn tries<'a>(case: &Case<'a>, tries: &mut Tries<'_, 'a>) {
    let invoices: Vec<_> = case.sought_documents().collect();
    let count = i64::try_from(invoices.len()).unwrap_or(i64::MAX);
    let alike = invoices.windows(2).all(|w| w[0].net == w[1].net) && invoices.iter().all(|d| d.kind == DocumentKind::Charge);
    let is_multiple = case.given.minor != 0 && case.given.minor.checked_mul(count) == Some(case.sought.minor);
    if count < 2 || !alike || !is_multiple || month_end_anchor::drifted(case).is_some() {
        return;
    }
    let ids: Vec<String> = invoices.iter().map(|d| d.id.shown(40)).collect();
    whole(
        tries,
        case,
        Cause::DuplicateInvoice,
        Step::Scope,
        format!("{count} ×"),
        1,
        Some(Named::record(format!("invoices {}", ids.join(", ")), [Datum::Documents(case.sought_side())])),
    );
}

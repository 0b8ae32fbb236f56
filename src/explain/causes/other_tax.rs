//! X3: no tax, or another of the rates. Evidence: the source stores nought, or the rate of one row alone.

use super::{Case, Tries, whole};
use crate::domain::explanation::{Cause, Step};
use crate::domain::rounding::to_minor;
use crate::domain::side::Side;
use crate::explain::datum::Datum;
use crate::explain::tries::Named;
use crate::rating::tax::share;

pub fn tries<'a>(case: &Case<'a>, tries: &mut Tries<'_, 'a>) {
    if !case.is_tax() {
        return;
    }
    if case.sought.minor == 0 {
        whole(
            tries,
            case,
            Cause::OtherTax,
            Step::Tax,
            "none".to_owned(),
            1,
            Some(Named::record("the source stores a tax of nought".to_owned(), [Datum::Documents(Side::Source)])),
        );
        return;
    }
    let [inputs] = case.row.inputs.as_slice() else { return };
    let (Some(taxes), Some(net)) = (&inputs.taxes, case.row.actual.and_then(|m| m.exact().ok())) else { return };
    for tax in taxes.iter().filter(|_| taxes.len() > 1) {
        let part = share(net, tax.rate).and_then(|t| to_minor(t, case.currency(), case.rating().round_mode));
        if part == Ok(case.sought) {
            let words = format!("{} {} %", tax.name.shown(20), tax.rate);
            whole(
                tries,
                case,
                Cause::OtherTax,
                Step::Tax,
                words.clone(),
                u32::try_from(taxes.len()).unwrap_or(u32::MAX),
                Some(Named::dated(format!("tax {words} alone"), [Datum::Documents(Side::Source)])),
            );
        }
    }
}

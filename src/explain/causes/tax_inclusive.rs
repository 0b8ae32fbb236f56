//! X1: one side's amount holds the tax. A = T + q(T × r), r from the tax row. Evidence: the tax stored beside it is that tax. That an
//! amount is a whole cent without tax is none: most amounts are.

use super::{Case, Tries, whole};
use crate::domain::exact::Exact;
use crate::domain::explanation::{Cause, Step};
use crate::domain::rounding::to_minor;
use crate::explain::datum::Datum;
use crate::explain::tries::Named;
use crate::rating::tax::{net_share, share};

pub fn tries<'a>(case: &Case<'a>, tries: &mut Tries<'_, 'a>) {
    let Some(taxes) = case.base.as_ref().and_then(|b| b.inputs.taxes.as_ref()) else { return };
    let Ok(rate) = taxes.iter().try_fold(Exact::ZERO, |sum, tax| sum.add(tax.rate)) else { return };
    let Some((net, _)) = tries.base.filter(|_| !rate.is_zero()) else { return };
    let mode = case.rating().round_mode;
    let tax = case.given.exact().and_then(|given| share(given, rate));
    let added = tax.and_then(|tax| to_minor(tax, case.currency(), mode)).ok();
    let names: Vec<String> = taxes.iter().map(|t| format!("{} {} %", t.name.shown(20), t.rate)).collect();
    let side = case.sought_side();
    let stored = |tax| case.sought_tax().is_some_and(|stored| Some(stored) == tax);
    if added.is_some_and(|tax| case.given.plus(tax) == Some(case.sought)) {
        let named = stored(added).then(|| format!("{}; the {side} stores that tax and holds it in its subtotal", names.join(", ")));
        whole(tries, case, Cause::TaxInclusive, Step::Tax, names.join(", "), 1, named.map(|words| Named::record(words, [Datum::Documents(side)])));
    }
    let less = net_share([rate]).and_then(|share| net.mul(share)).ok();
    let without = less.and_then(|less| to_minor(less, case.currency(), mode).ok());
    if without == Some(case.sought) {
        let held = without.and_then(|net| case.given.minus(net));
        let named = stored(held).then(|| format!("{}; the {side} stores as tax what the price holds", names.join(", ")));
        whole(
            tries,
            case,
            Cause::TaxInclusive,
            Step::Tax,
            format!("less {}", names.join(", ")),
            1,
            named.map(|words| Named::record(words, [Datum::Documents(side)])),
        );
    }
}

//! U1: usage that arrived after the invoice was made is not on it. Evidence: what arrived after the day it was issued; days of another
//! cut-off are no evidence.

use super::{Case, Tries, by_usage};
use crate::domain::exact::Exact;
use crate::domain::explanation::{Cause, Step};
use crate::domain::text::shown;
use crate::explain::datum::Datum;
use crate::explain::tries::{Named, Try};
use chrono::NaiveDate;
use std::collections::BTreeSet;

pub fn tries<'a>(case: &Case<'a>, tries: &mut Tries<'_, 'a>) {
    let late = &case.evidence.late;
    if late.is_empty() {
        return;
    }
    let issued: BTreeSet<NaiveDate> = case.sought_documents().filter_map(|d| d.issued_on).collect();
    // What arrived on the day of the invoice may have come before it or after it.
    let by_invoice: BTreeSet<NaiveDate> = issued.iter().flat_map(|day| [Some(*day), day.succ_opt()]).flatten().collect();
    let cutoffs: BTreeSet<NaiveDate> = late.iter().map(|l| l.arrived_on).chain(by_invoice.iter().copied()).collect();
    let metrics: BTreeSet<&str> = late.iter().map(|l| l.metric.as_str()).collect();
    for cutoff in &cutoffs {
        let (mut words, mut used) = (Vec::new(), Vec::new());
        for metric in &metrics {
            let after = late.iter().filter(|l| l.metric == *metric && l.arrived_on >= *cutoff);
            let Ok(after) = after.map(|l| l.quantity).try_fold(Exact::ZERO, Exact::add) else { return };
            if after.is_zero() {
                continue;
            }
            let Ok(before) = case.used(metric).sub(after) else { return };
            words.push(format!("{after} of {}", shown(metric, 30)));
            used.push((*metric, before));
        }
        let Some((alter, exact, money)) = by_usage(case, used) else { continue };
        let by = by_invoice.contains(cutoff);
        let named = by.then(|| format!("{} arrived on {cutoff} or later, the invoice is of {}", words.join(", "), days(&issued)));
        let named = named.map(|words| Named::dated(words, metrics.iter().map(|metric| Datum::LateUsage((*metric).to_owned()))));
        let choices = u32::try_from(cutoffs.len()).unwrap_or(u32::MAX);
        let free = i32::from(named.is_none());
        tries.amount(Try { cause: Cause::LateUsage, parameters: words.join(", "), alter, step: Step::Quantity, choices, named, free }, exact, money);
    }
}

fn days(days: &BTreeSet<NaiveDate>) -> String {
    days.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

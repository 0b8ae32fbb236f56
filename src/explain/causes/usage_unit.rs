//! C3: the billing side counts usage in another unit, exactly and by a factor that exists. Evidence: both quantities, the rated one and that
//! of an invoice line. Never tested on money: where no line counts it so, there is nothing to try.

use super::{Case, Tries};
use crate::domain::exact::Exact;
use crate::domain::explanation::{Cause, Step};
use crate::domain::text::shown;
use crate::explain::datum::Datum;
use crate::explain::tries::{Named, Try};
use crate::explain::view::Alter;

/// Seconds and hours, months of hours, binary and decimal multiples, bits.
const FACTORS: [i128; 10] = [60, 3600, 86_400, 730, 720, 744, 1000, 1024, 1024 * 1024, 8];

pub fn tries<'a>(case: &Case<'a>, tries: &mut Tries<'_, 'a>) {
    let Some(base) = &case.base else { return };
    let quantities: Vec<Exact> = case.sought_documents().flat_map(|d| &d.lines).filter_map(|l| l.quantity).collect();
    for (metric, used) in base.inputs.usage.iter().filter(|(_, used)| !used.is_zero()) {
        for factor in FACTORS.map(Exact::whole) {
            for (other, sign) in [(used.mul(factor), '×'), (used.div(factor), '÷')] {
                let Some(other) = other.ok().filter(|other| quantities.contains(other)) else { continue };
                let metric_words = shown(metric, 30);
                tries.offer(Try {
                    cause: Cause::UsageUnit,
                    parameters: format!("{metric_words} {sign} {factor}"),
                    alter: Alter::Usage(metric, other),
                    step: Step::Quantity,
                    choices: 20,
                    free: 0,
                    named: Some(Named::record(
                        format!("a line of the invoice counts {other} of {metric_words}, {used} was used"),
                        [Datum::Documents(case.sought_side())],
                    )),
                });
            }
        }
    }
}

//! U6: started units are whole ones on the billing side, of all that was used or of what is beyond the quota, and parts of them here; or
//! units that are not full are left out. Evidence: both quantities, the rated one and that of an invoice line. Records that were each
//! rounded by themselves cannot be told from their sum: what no line counts is not tried.

use super::{Case, Tries};
use crate::domain::exact::Exact;
use crate::domain::explanation::{Cause, Step};
use crate::domain::text::shown;
use crate::explain::datum::Datum;
use crate::explain::tries::{Named, Try};
use crate::explain::view::Alter;
use crate::rating::metered::{Started, beyond, packages};

/// A minute and an hour, in seconds; the package of the charge goes before them.
const UNITS: [i128; 2] = [60, 3600];
/// Three units, up or down, of all or of what is beyond the quota.
const CHOICES: u32 = 12;

pub fn tries<'a>(case: &Case<'a>, tries: &mut Tries<'_, 'a>) {
    let Some(base) = &case.base else { return };
    let counted: Vec<Exact> = case.sought_documents().flat_map(|d| &d.lines).filter_map(|l| l.quantity).collect();
    if counted.is_empty() {
        return;
    }
    for charge in &base.terms.charges {
        let Some((metric, used)) = base.inputs.usage.iter().find(|(metric, used)| *metric == charge.metric && !used.is_zero()) else { continue };
        let Ok(over) = beyond(*used, charge.included) else { continue };
        let units = std::iter::once(charge.package_size).chain(UNITS.map(Exact::whole).into_iter().filter(|unit| *unit != charge.package_size));
        for unit in units {
            for (started, words) in [(Started::Up, "started"), (Started::Down, "full")] {
                for (quantity, free) in [(*used, Exact::ZERO), (over, charge.included)] {
                    let told = || {
                        let whole = packages(quantity, unit, started).ok()?;
                        let other = whole.mul(unit).and_then(|all| all.add(free)).ok()?;
                        (counted.contains(&whole) && other != *used && whole.mul(unit) != Ok(quantity)).then_some((whole, other))
                    };
                    let Some((whole, other)) = told() else { continue };
                    let metric_words = shown(metric, 30);
                    tries.offer(Try {
                        cause: Cause::PartialUnits,
                        parameters: format!("{metric_words} in {words} units of {unit}"),
                        alter: Alter::Usage(metric, other),
                        step: Step::Quantity,
                        choices: CHOICES,
                        named: Some(Named::record(
                            format!("a line of the invoice counts {whole} of {metric_words}: {quantity} in {words} units of {unit}"),
                            [Datum::Documents(case.sought_side())],
                        )),
                        free: 0,
                    });
                }
            }
        }
    }
}

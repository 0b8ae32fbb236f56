//! X2: the same taxes taken by line, by rate, or once on the whole. Evidence: the source's declared profile, where it is the one that
//! fits.

use super::{Case, Tries, whole};
use crate::domain::explanation::{Cause, Step};
use crate::domain::profile::{SideProfile, Stage, TaxStage};
use crate::domain::rounding::RoundMode;
use crate::domain::side::Side;
use crate::explain::tries::Named;
use crate::rating::rate;

/// Where tax may be taken.
const TAXED: [TaxStage; 3] = [TaxStage::Line, TaxStage::Invoice, TaxStage::Once];

pub fn tries<'a>(case: &Case<'a>, tries: &mut Tries<'_, 'a>) {
    let [inputs] = case.row.inputs.as_slice() else { return };
    let Some(terms) = case.target.plan(&inputs.plan_id).filter(|_| case.is_tax()) else { return };
    let declared = &case.profile().source;
    for tax_per in TAXED {
        for round_per in [Stage::Line, Stage::Invoice] {
            for (_, round_mode) in RoundMode::WORDS {
                let profile = SideProfile { round_per, round_mode, tax_per, ..case.profile().target.clone() };
                let tax = rate(inputs, terms, &profile).ok().and_then(|r| r.tax);
                if tax != Some(case.sought) {
                    continue;
                }
                let is_declared = (tax_per, round_per, round_mode) == (declared.tax_per, declared.round_per, declared.round_mode);
                let named =
                    is_declared.then(|| "the source is declared to tax and round so".to_owned()).map(|words| Named::declared(words, Side::Source));
                whole(tries, case, Cause::TaxStage, Step::Tax, words(tax_per, round_per, round_mode), 4, named);
            }
        }
    }
}

/// `tax by line, lines rounded, half_up`.
fn words(tax_per: TaxStage, round_per: Stage, mode: RoundMode) -> String {
    let per = match tax_per {
        TaxStage::Line => "tax by line",
        TaxStage::Invoice => "tax by rate",
        TaxStage::Once => "tax once",
    };
    let rounded = if round_per == Stage::Line { "lines rounded" } else { "rounded once" };
    format!("{per}, {rounded}, {}", super::rounding::mode_word(mode))
}

//! P3: the price of a day is rounded before it is multiplied: A = q(q_k(L ÷ D) × d), k 2, 4 or 6, or the
//! currency's. Evidence: the first or last day.

use super::{Case, Tries};
use crate::domain::exact::Exact;
use crate::domain::explanation::{Cause, Step};
use crate::explain::tries::{Named, Try};
use crate::explain::view::Alter;
use crate::rating::metered::small_unit_price;

/// Decimals of a price of a day, beside those of its currency.
const DIGITS: [u32; 3] = [2, 4, 6];

pub fn tries<'a>(case: &Case<'a>, tries: &mut Tries<'_, 'a>) {
    let Some(base) = &case.base else { return };
    let Ok(list) = base.flat().mul(base.inputs.quantity) else { return };
    for part in case.parts() {
        let parted = Alter::Part { of: part.of, whole: part.whole };
        let prorated = base.altered(&parted);
        let plain = prorated.as_ref().and_then(|v| case.amount(v)).map(|(_, money)| money);
        let of_minor = Some(case.currency().exponent()).filter(|digits| !DIGITS.contains(digits));
        for digits in DIGITS.into_iter().chain(of_minor) {
            let whole = Exact::whole(part.whole.into());
            // As a flat price of one unit, so that discount and rounding follow as for any other.
            let Ok(daily) = small_unit_price(list, whole, digits) else { continue };
            let Ok(price) = daily.mul(whole).and_then(|all| all.div(base.inputs.quantity)) else { continue };
            let priced = Alter::Flat(price);
            let view = prorated.as_ref().and_then(|v| v.altered(&priced));
            let Some((exact, money)) = view.and_then(|view| case.amount(&view)) else { continue };
            // Where the unrounded price of a day makes the same, nothing tells that it was rounded.
            if plain == Some(money) {
                continue;
            }
            let one = Try {
                cause: Cause::DailyPriceRounded,
                parameters: format!("{daily} × {} days", part.of),
                alter: Alter::Whole(exact),
                step: Step::Proration,
                choices: 9,
                named: Some(Named::dated(part.words.clone(), part.data.clone())),
                free: 0,
            };
            tries.amount(one, exact, money);
        }
    }
}

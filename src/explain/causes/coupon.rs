//! R3: a coupon, per cent or fixed, alone or stacked with the others in the order of their position; or a discount that one side's
//! subscription has and the other's has not. Evidence: the coupon's row, which must hold in the period.

use super::{Case, Tries};
use crate::domain::evidence::{Discount, DiscountKind};
use crate::domain::exact::{Exact, NumberError};
use crate::domain::explanation::{Cause, Step};
use crate::domain::side::Side;
use crate::explain::datum::Datum;
use crate::explain::tries::{Named, Try};
use crate::explain::view::{Alter, View};
use crate::rating::discount::keep;

pub fn tries<'a>(case: &Case<'a>, tries: &mut Tries<'_, 'a>) {
    let Some(base) = &case.base else { return };
    let mut offer = |alter: Alter<'a>, parameters: String, choices: u32, named: Option<Named>| {
        tries.offer(Try { cause: Cause::Coupon, parameters, alter, step: Step::Discount, choices, named, free: 0 });
    };
    let own = base.inputs.discount_percent;
    if let Some(percent) = case.facts(Side::Source).map(|f| f.discount_percent).filter(|p| *p != own) {
        offer(
            Alter::Percent(percent),
            format!("{percent} %"),
            1,
            Some(Named::standing(
                format!("source subscription has {percent} % off, the target's {own} %"),
                Datum::Subscription(Side::Source, "discount_percent"),
            )),
        );
    }
    let interval = crate::explain::dates::interval(case);
    for side in Side::BOTH {
        let all = &case.evidence.of(side).discounts;
        let held: Vec<&Discount> = all.iter().filter(|d| d.meets(interval.start, interval.end)).collect();
        let sets = sets(&held);
        let choices = u32::try_from(2 * sets.len()).unwrap_or(u32::MAX);
        for set in sets {
            let words: Vec<String> = set.iter().map(|d| describe(d)).collect();
            let codes: Vec<String> = set.iter().map(|d| d.code.shown(20)).collect();
            // Together they hold where each does.
            let holds = (set.iter().filter_map(|d| d.valid_from).max(), set.iter().filter_map(|d| d.valid_until).min());
            let data = || set.iter().filter_map(|d| Some(Datum::Coupon(side, all.iter().position(|other| std::ptr::eq(other, *d))?)));
            let named = || Some(Named::dated(format!("{side} coupon {}: {}", codes.join(", "), words.join(", then ")), data()).over(holds));
            for alter in alters(&set, own, base).into_iter().flatten() {
                offer(alter, words.join(", "), choices, named());
            }
        }
    }
}

fn describe(discount: &Discount) -> String {
    match discount.kind {
        DiscountKind::Percent => format!("{} %", discount.value),
        DiscountKind::Fixed => format!("{} off", discount.value),
    }
}

/// Coupons of which every set is tried: of more only each alone, and all of them.
const MOST: usize = 4;

/// The stacks that coupons of a period can make, in the order of their position; all of them also from the last to the first.
fn sets<'e>(held: &[&'e Discount]) -> Vec<Vec<&'e Discount>> {
    let chosen = |set: u32| held.iter().enumerate().filter(|(at, _)| set & (1 << at) != 0).map(|(_, d)| *d).collect::<Vec<_>>();
    let mut sets: Vec<Vec<&Discount>> = if held.len() > MOST {
        held.iter().map(|d| vec![*d]).chain([held.to_vec()]).collect()
    } else {
        (1..1u32 << held.len()).map(chosen).collect()
    };
    // The order only matters where both kinds are stacked.
    if held.iter().any(|d| d.kind != held[0].kind) {
        sets.push(held.iter().rev().copied().collect());
    }
    sets
}

/// What a stack of coupons does: off everything that is left by the discount there is, or off the flat price alone.
/// Per cents of several are taken one after the other, or added up.
fn alters(stack: &[&Discount], own: Exact, base: &View<'_>) -> [Option<Alter<'static>>; 3] {
    let flat = base.flat();
    let stacked = || -> Result<(Exact, Exact), NumberError> {
        let (mut kept, mut fixed) = (keep(own)?, Exact::ZERO);
        for discount in stack {
            match discount.kind {
                DiscountKind::Percent => {
                    let left = keep(discount.value)?;
                    (kept, fixed) = (kept.mul(left)?, fixed.mul(left)?);
                }
                DiscountKind::Fixed => fixed = fixed.sub(discount.value)?,
            }
        }
        Ok((kept, fixed))
    };
    let Ok((kept, fixed)) = stacked() else { return [None, None, None] };
    let hundred = Exact::whole(100);
    let Ok(percent) = kept.mul(hundred).and_then(|kept| hundred.sub(kept)) else { return [None, None, None] };
    // Of the flat price alone, where there is more than that.
    let part = own.is_zero() && !base.terms.charges.is_empty();
    if fixed.is_zero() {
        let of_flat = flat.mul(kept).ok().map(Alter::Flat).filter(|_| part);
        let added = stack.iter().try_fold(own, |sum, d| sum.add(d.value)).ok().filter(|sum| stack.len() > 1 && *sum <= hundred);
        return [Some(Alter::Percent(percent)), of_flat, added.map(Alter::Percent)];
    }
    let of_flat = flat.mul(kept).and_then(|left| left.add(fixed)).ok().map(Alter::Flat).filter(|_| part);
    [Some(Alter::Off { percent, then: fixed }), of_flat, None]
}

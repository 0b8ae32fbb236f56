//! The causes, in the order they are tried in: what needs no arithmetic first, rounding last.
//!
//! What nothing a run keeps could confirm is a candidate at most, and what is only solved for is no cause.

mod charge_model;
mod commitment;
mod complement_proration;
mod coupon;
mod credited;
mod daily_price_rounded;
mod duplicate_invoice;
mod exchange;
mod inactive;
mod late_usage;
mod merged_mapping;
mod minor_unit;
mod month_end_anchor;
mod one_off_line;
mod one_sided;
mod other_plan;
mod other_price;
mod other_tax;
mod partial_units;
mod period_shift;
mod plan_change;
mod pooled_quota;
mod prorated_quota;
mod proration_by_day;
mod proration_by_second;
mod repeated_usage;
mod rounding;
mod seats;
mod sign;
mod tax_inclusive;
mod tax_stage;
mod trial;
mod truncated_price;
mod usage_unit;
mod zone_boundary;

use super::case::Case;
use super::tries::{Named, Tries, Try};
use super::view::Alter;
use crate::domain::exact::Exact;
use crate::domain::explanation::{Cause, Step};
use crate::domain::money::Money;

/// A cause: it puts what it could have made before the tries.
pub type Trier = for<'a> fn(&Case<'a>, &mut Tries<'_, 'a>);

/// Each of them, in order.
pub const IN_ORDER: [Trier; 35] = [
    duplicate_invoice::tries,
    month_end_anchor::tries,
    merged_mapping::tries,
    period_shift::tries,
    inactive::tries,
    credited::tries,
    one_off_line::tries,
    sign::tries,
    minor_unit::tries,
    usage_unit::tries,
    exchange::tries,
    partial_units::tries,
    other_price::tries,
    other_plan::tries,
    coupon::tries,
    trial::tries,
    one_sided::tries,
    commitment::tries,
    seats::tries,
    charge_model::tries,
    proration_by_day::tries,
    proration_by_second::tries,
    daily_price_rounded::tries,
    plan_change::tries,
    complement_proration::tries,
    late_usage::tries,
    zone_boundary::tries,
    pooled_quota::tries,
    prorated_quota::tries,
    repeated_usage::tries,
    tax_inclusive::tries,
    tax_stage::tries,
    other_tax::tries,
    rounding::tries,
    truncated_price::tries,
];

/// What the rating would come to with other quantities used: the alteration, and its amount before rounding and after. One metric can be
/// rated with another cause; several are an amount of their own. `None` of no metric, or where it cannot be rated.
fn by_usage<'a>(case: &Case<'a>, used: impl IntoIterator<Item = (&'a str, Exact)>) -> Option<(Alter<'a>, Exact, Money)> {
    let mut alters: Vec<Alter<'a>> = used.into_iter().map(|(metric, quantity)| Alter::Usage(metric, quantity)).collect();
    let view = alters.iter().try_fold(case.base.clone()?, |view, alter| view.altered(alter))?;
    let (exact, money) = case.amount(&view)?;
    let alter = match alters.len() {
        0 => return None,
        1 => alters.swap_remove(0),
        _ => Alter::Whole(exact),
    };
    Some((alter, exact, money))
}

/// Offers a cause that was found to make the amount without the rating: the test is its own, and stands in its file.
fn whole<'a>(tries: &mut Tries<'_, 'a>, case: &Case<'a>, cause: Cause, step: Step, parameters: String, choices: u32, named: Option<Named>) {
    let exact = case.sought_exact();
    let free = i32::from(named.is_none());
    tries.amount(Try { cause, parameters, alter: Alter::Whole(exact), step, choices, named, free }, exact, case.sought);
}

//! The causes, in the order they are tried in: what needs no arithmetic first, rounding last.
//!
//! Some of the taxonomy have a name and no file, because nothing a run keeps could confirm them, and what is only solved for is no cause:
//! U2 asks for usage record by record on both sides of a period's ends, which is read for one period and kept in sums. Such rows come out
//! unexplained.

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

use super::case::Case;
use super::tries::{Named, Tries, Try};
use super::view::Alter;
use crate::domain::explanation::{Cause, Step};

/// A cause: it puts what it could have made before the tries.
pub type Trier = for<'a> fn(&Case<'a>, &mut Tries<'_, 'a>);

/// Each of them, in order.
pub const IN_ORDER: [Trier; 34] = [
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
    pooled_quota::tries,
    prorated_quota::tries,
    repeated_usage::tries,
    tax_inclusive::tries,
    tax_stage::tries,
    other_tax::tries,
    rounding::tries,
    truncated_price::tries,
];

/// Offers a cause that was found to make the amount without the rating: the test is its own, and stands in its file.
fn whole<'a>(tries: &mut Tries<'_, 'a>, case: &Case<'a>, cause: Cause, step: Step, parameters: String, choices: u32, named: Option<Named>) {
    let exact = case.sought_exact();
    let free = i32::from(named.is_none());
    tries.amount(Try { cause, parameters, alter: Alter::Whole(exact), step, choices, named, free }, exact, case.sought);
}

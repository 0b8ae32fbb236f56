//! Why a row differs: named causes with what they stand on, and the bridge from actual to expected. An explained delta is never a
//! match, and a candidate counts as unexplained.

use super::exact::Exact;
use serde::{Deserialize, Serialize};

/// A cause of the taxonomy: what each asks for stands in `explain/causes/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// S2: on one side only.
    OneSided,
    /// S3: the same invoice more than once.
    DuplicateInvoice,
    /// S4: two subscriptions of one side stand for one of the other.
    MergedMapping,
    /// S5: the sides bill the same amounts a period apart.
    PeriodShift,
    /// S6: billed though not active, or the reverse.
    Inactive,
    /// S7: a credit note or void on one side only.
    Credited,
    /// S8: a one-off line inside a subscription's invoice.
    OneOffLine,
    /// C1: the sign is turned.
    Sign,
    /// C2: minor units taken for major ones, or the reverse.
    MinorUnit,
    /// C3: usage in another unit.
    UsageUnit,
    /// C4: converted between currencies.
    Exchange,
    /// R1: an earlier price, or one of its own.
    OtherPrice,
    /// R2: another plan.
    OtherPlan,
    /// R3: a coupon.
    Coupon,
    /// R4: a trial.
    Trial,
    /// R5: a minimum or a cap.
    Commitment,
    /// R6: another number of seats.
    Seats,
    /// R7: another charge model.
    ChargeModel,
    /// P1: part of the period, by days.
    ProrationByDay,
    /// P2: part of the period, by seconds.
    ProrationBySecond,
    /// P3: part of the period, the daily price rounded first.
    DailyPriceRounded,
    /// P4: the plan changed within the period.
    PlanChange,
    /// P5: the other part of the period.
    ComplementProration,
    /// P6: an anchor at a month's end.
    MonthEndAnchor,
    /// U1: usage that came after the invoice.
    LateUsage,
    /// U2: periods of another zone.
    ZoneBoundary,
    /// U3: a quota shared, or not.
    PooledQuota,
    /// U4: a quota prorated, or not.
    ProratedQuota,
    /// U5: usage counted twice.
    RepeatedUsage,
    /// U6: started units rounded up each by itself.
    PartialUnits,
    /// X1: prices that hold tax.
    TaxInclusive,
    /// X2: tax rounded elsewhere.
    TaxStage,
    /// X3: another tax, or none.
    OtherTax,
    /// X4: rounded elsewhere, or otherwise.
    Rounding,
    /// X5: a unit price with fewer decimals.
    TruncatedPrice,
}

impl Cause {
    /// All of them, in the order they are tried in.
    pub const ALL: [Self; 35] = [
        Self::OneSided,
        Self::DuplicateInvoice,
        Self::MergedMapping,
        Self::PeriodShift,
        Self::Inactive,
        Self::Credited,
        Self::OneOffLine,
        Self::Sign,
        Self::MinorUnit,
        Self::UsageUnit,
        Self::Exchange,
        Self::OtherPrice,
        Self::OtherPlan,
        Self::Coupon,
        Self::Trial,
        Self::Commitment,
        Self::Seats,
        Self::ChargeModel,
        Self::ProrationByDay,
        Self::ProrationBySecond,
        Self::DailyPriceRounded,
        Self::PlanChange,
        Self::ComplementProration,
        Self::MonthEndAnchor,
        Self::LateUsage,
        Self::ZoneBoundary,
        Self::PooledQuota,
        Self::ProratedQuota,
        Self::RepeatedUsage,
        Self::PartialUnits,
        Self::TaxInclusive,
        Self::TaxStage,
        Self::OtherTax,
        Self::Rounding,
        Self::TruncatedPrice,
    ];

    /// Its short name and its word: `("P1", "proration_by_day")`.
    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::OneSided => ("S2", "one_sided"),
            Self::DuplicateInvoice => ("S3", "duplicate_invoice"),
            Self::MergedMapping => ("S4", "merged_mapping"),
            Self::PeriodShift => ("S5", "period_shift"),
            Self::Inactive => ("S6", "inactive"),
            Self::Credited => ("S7", "credited"),
            Self::OneOffLine => ("S8", "one_off_line"),
            Self::Sign => ("C1", "sign"),
            Self::MinorUnit => ("C2", "minor_unit"),
            Self::UsageUnit => ("C3", "usage_unit"),
            Self::Exchange => ("C4", "exchange"),
            Self::OtherPrice => ("R1", "other_price"),
            Self::OtherPlan => ("R2", "other_plan"),
            Self::Coupon => ("R3", "coupon"),
            Self::Trial => ("R4", "trial"),
            Self::Commitment => ("R5", "commitment"),
            Self::Seats => ("R6", "seats"),
            Self::ChargeModel => ("R7", "charge_model"),
            Self::ProrationByDay => ("P1", "proration_by_day"),
            Self::ProrationBySecond => ("P2", "proration_by_second"),
            Self::DailyPriceRounded => ("P3", "daily_price_rounded"),
            Self::PlanChange => ("P4", "plan_change"),
            Self::ComplementProration => ("P5", "complement_proration"),
            Self::MonthEndAnchor => ("P6", "month_end_anchor"),
            Self::LateUsage => ("U1", "late_usage"),
            Self::ZoneBoundary => ("U2", "zone_boundary"),
            Self::PooledQuota => ("U3", "pooled_quota"),
            Self::ProratedQuota => ("U4", "prorated_quota"),
            Self::RepeatedUsage => ("U5", "repeated_usage"),
            Self::PartialUnits => ("U6", "partial_units"),
            Self::TaxInclusive => ("X1", "tax_inclusive"),
            Self::TaxStage => ("X2", "tax_stage"),
            Self::OtherTax => ("X3", "other_tax"),
            Self::Rounding => ("X4", "rounding"),
            Self::TruncatedPrice => ("X5", "truncated_price"),
        }
    }

    /// Its short name: `P1`.
    pub const fn id(self) -> &'static str {
        self.names().0
    }

    /// The word in files, filters and JSON.
    pub const fn word(self) -> &'static str {
        self.names().1
    }

    /// The cause of a word or a short name, whatever its case; what is neither letter nor digit stands for one underscore. A short name
    /// may be followed by words: `P1 proration`.
    pub fn named(name: &str) -> Option<Self> {
        let parts: Vec<String> = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|p| !p.is_empty()).map(str::to_ascii_lowercase).collect();
        let word = parts.join("_");
        let own = Self::ALL.into_iter().find(|cause| cause.word() == word);
        let short = || Self::ALL.into_iter().find(|cause| parts.first().is_some_and(|p| cause.id().eq_ignore_ascii_case(p)));
        own.or_else(|| ALSO.iter().find(|(_, words)| words.contains(&word.as_str())).map(|(cause, _)| *cause)).or_else(short)
    }
}

/// What people also call a cause, in books that others labelled.
const ALSO: &[(Cause, &[&str])] = &[
    (
        Cause::OneSided,
        &[
            "missing",
            "missing_target",
            "missing_source",
            "missing_in_target",
            "missing_in_source",
            "missing_in_target_source",
            "missing_subscription",
        ],
    ),
    (Cause::DuplicateInvoice, &["duplicate", "duplicated_invoice", "double_invoice"]),
    (
        Cause::MergedMapping,
        &["merged", "merged_customer", "duplicated_mapping", "duplicate_mapping", "merged_subscription", "duplicated_merged_customer_or_sub_mapping"],
    ),
    (Cause::PeriodShift, &["shift", "shifted", "advance_arrears", "advance_vs_arrears", "period_shift_advance_vs_arrears"]),
    (Cause::Inactive, &["paused", "cancelled", "canceled", "draft", "pause", "suspended", "paused_cancelled_draft"]),
    (Cause::Credited, &["credit", "credit_note", "void", "voided", "void_credited"]),
    (Cause::OneOffLine, &["one_off", "one_off_fee", "oneoff", "one_time", "one_time_fee", "setup_fee", "one_off_line_inside_a_subscription_invoice"]),
    (Cause::Sign, &["sign_flip", "sign_flipped", "wrong_sign"]),
    (Cause::MinorUnit, &["minor_units", "cents", "scale"]),
    (Cause::UsageUnit, &["unit_conversion", "unit", "wrong_unit"]),
    (Cause::Exchange, &["fx", "exchange_rate"]),
    (
        Cause::OtherPrice,
        &[
            "grandfathered",
            "grandfathered_price",
            "grandfathered_override_price",
            "override",
            "override_price",
            "own_price",
            "price_override",
            "price_version",
            "price",
            "old_price",
            "list_price",
        ],
    ),
    (Cause::OtherPlan, &["wrong_plan", "wrong_plan_mapped", "plan_mapping", "plan", "mapped_plan"]),
    (
        Cause::Coupon,
        &[
            "discount",
            "coupon_fixed",
            "coupon_percent",
            "coupon_percent_fixed",
            "coupon_stacked",
            "discount_fixed",
            "discount_percent",
            "stacked_coupons",
        ],
    ),
    (Cause::Trial, &["free_trial", "trial_period"]),
    (Cause::Commitment, &["minimum", "minimum_commitment", "minimum_commitment_cap", "cap", "maximum"]),
    (Cause::Seats, &["seat", "seat_count", "seat_change", "quantity"]),
    (Cause::ChargeModel, &["tier_mode", "tiers", "model"]),
    (
        Cause::ProrationByDay,
        &[
            "proration",
            "proration_day",
            "proration_days",
            "proration_start",
            "proration_end",
            "start_in_period",
            "end_in_period",
            "start_end_in_period",
            "start_end_in_period_by_day",
            "mid_period_start",
            "mid_period_end",
            "prorated",
            "proration_pause",
        ],
    ),
    (Cause::ProrationBySecond, &["proration_second", "proration_seconds", "seconds", "by_second"]),
    (Cause::DailyPriceRounded, &["daily_price", "daily_rounding", "daily_price_rounded_first", "daily_rate_first"]),
    (Cause::PlanChange, &["mid_cycle_plan_change", "mid_period_plan_change", "plan_swap", "swap", "upgrade", "downgrade"]),
    (Cause::ComplementProration, &["complement", "complement_error"]),
    (Cause::MonthEndAnchor, &["anchor", "month_end", "anchor_drift"]),
    (Cause::LateUsage, &["late", "cut_off", "cutoff", "late_cut_off", "usage_late"]),
    (Cause::ZoneBoundary, &["time_zone", "timezone", "tz", "time_zone_boundary", "timezone_boundary"]),
    (Cause::PooledQuota, &["pooled", "quota_pooled", "quota_pooled_vs_per_sub"]),
    (Cause::ProratedQuota, &["quota_prorated", "quota_proration", "quota_prorated_or_not"]),
    (Cause::RepeatedUsage, &["dedupe", "double_push", "dedupe_double_push", "duplicate_usage", "duplicated_usage", "repeated_keys"]),
    (Cause::PartialUnits, &["partial_unit", "partial_unit_rounding", "unit_rounding"]),
    (Cause::TaxInclusive, &["inclusive", "inclusive_tax", "inclusive_vs_exclusive", "tax_in_subtotal"]),
    (Cause::TaxStage, &["tax_per_line", "tax_rounding", "per_line_per_rate_per_component_total"]),
    (Cause::OtherTax, &["wrong_tax", "missing_tax", "extra_tax", "tax_rate", "missing_extra_tax_wrong_rate", "wrong_tax_rate"]),
    (Cause::Rounding, &["rounding_mode", "rounding_stage", "rounding_stage_mode", "declared_rounding"]),
    (Cause::TruncatedPrice, &["truncated", "unit_price_truncated", "truncated_unit_price"]),
];

/// How sure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// Exact, a named row of the data, and no rival near it.
    Confirmed,
    /// Exact, and rivals that are exact too stand near it.
    Ambiguous,
    /// Exact, and no row of the data says so.
    Candidate,
    /// Nothing fits.
    Unexplained,
}

impl Certainty {
    /// All of them, surest first.
    pub const ALL: [Self; 4] = [Self::Confirmed, Self::Ambiguous, Self::Candidate, Self::Unexplained];

    /// The word in files, filters and JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Ambiguous => "ambiguous",
            Self::Candidate => "candidate",
            Self::Unexplained => "unexplained",
        }
    }
}

/// What a step of the bridge changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// What is billed at all: documents, lines, periods.
    Scope,
    /// The price.
    Price,
    /// The quantity.
    Quantity,
    /// What is free.
    Quota,
    /// The part of the period.
    Proration,
    /// The discount.
    Discount,
    /// Where and how it is rounded.
    Rounding,
    /// Tax.
    Tax,
}

impl Step {
    /// The word in files and JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Scope => "scope",
            Self::Price => "price",
            Self::Quantity => "quantity",
            Self::Quota => "quota",
            Self::Proration => "proration",
            Self::Discount => "discount",
            Self::Rounding => "rounding",
            Self::Tax => "tax",
        }
    }
}

/// One step of a bridge, in major units, before any rounding that is not itself a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Component {
    /// What it changes.
    pub step: Step,
    /// By how much.
    pub amount: Exact,
    /// How to redo it: `200.00 × 9/31`.
    pub words: String,
}

/// A cause that closes a delta, or two of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hypothesis {
    /// One, or two that each have a row of their own.
    pub causes: Vec<Cause>,
    /// What tells it from others of its cause, and is shared by rows with the same reason: `10 %`, `p-7`, `31`.
    pub parameters: String,
    /// What it says, to be redone by hand: `200.00 × 9/31 = 58.06`.
    pub words: String,
    /// The row of the data that says so; `None` where none does.
    pub evidence: Option<String>,
    /// How many amounts it could have produced.
    pub choices: u32,
    /// How much it tells, in 1/16 bit: 16 stands for one chance in two that it fits by luck.
    pub bits: i32,
    /// `bits` with what speaks for it and against it, in 1/16 bit.
    pub score: i32,
}

/// Which of three sides disagrees with the other two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OddOne {
    /// The source billed something else than its list, and the target's draft agrees with the rating.
    SourceOffList,
    /// The target's draft agrees with the source, and its catalogue rates otherwise.
    TargetCatalogue,
    /// Source and rating agree: the target's own engine makes another amount of its catalogue.
    TargetEngine,
    /// All three differ.
    All,
}

impl OddOne {
    /// The word in files and JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::SourceOffList => "source_off_list",
            Self::TargetCatalogue => "target_catalogue",
            Self::TargetEngine => "target_engine",
            Self::All => "all_differ",
        }
    }
}

/// Why a row differs, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// How sure it is.
    pub certainty: Certainty,
    /// What fits, best first; the others are its rivals. Empty where nothing does.
    pub hypotheses: Vec<Hypothesis>,
    /// From actual to expected, in the order of the steps; sums to the delta with `residual`.
    pub bridge: Vec<Component>,
    /// What the bridge leaves, to the last digit.
    pub residual: Exact,
    /// How many of 10,000 random amounts the tries made for it would have hit.
    pub chance: u32,
    /// The nearest that does not fit, where nothing does.
    pub nearest: Option<String>,
    /// What would decide it: the datum to look for.
    pub wanted: Option<String>,
    /// Of source, draft and rating, which disagrees.
    pub odd_one: Option<OddOne>,
}

impl Explanation {
    /// Its first cause, where it is more than a guess: confirmed, and nothing else.
    pub fn cause(&self) -> Option<Cause> {
        let first = self.hypotheses.first().filter(|_| self.certainty == Certainty::Confirmed);
        first.and_then(|h| h.causes.first().copied())
    }

    /// For lists: `proration_by_day 9/31`, with `?` where it is no more than a candidate or has rivals; `None` unexplained.
    pub fn label(&self) -> Option<String> {
        let first = self.hypotheses.first()?;
        let causes: Vec<&str> = first.causes.iter().map(|c| c.word()).collect();
        let sure = match self.certainty {
            Certainty::Confirmed => "",
            Certainty::Ambiguous | Certainty::Candidate => "?",
            Certainty::Unexplained => return None,
        };
        let words = [causes.join(" + "), first.parameters.clone()].join(" ");
        Some(format!("{}{sure}", words.trim_end()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn causes_have_names_of_their_own() {
        let names: BTreeSet<&str> = Cause::ALL.iter().flat_map(|c| [c.id(), c.word()]).collect();
        assert_eq!(names.len(), 2 * Cause::ALL.len());
        assert_eq!(
            (Cause::named("p1"), Cause::named("Proration by-day"), Cause::named("luck"), Cause::named("goodwill credit")),
            (Some(Cause::ProrationByDay), Some(Cause::ProrationByDay), None, None)
        );
        assert_eq!(Cause::named(" P5: start in period"), Some(Cause::ComplementProration));
        assert_eq!(Cause::named("paused/cancelled/draft"), Some(Cause::Inactive));
        for (cause, words) in ALSO {
            assert!(words.iter().all(|word| Cause::named(word) == Some(*cause)), "{cause:?}");
        }
    }
}

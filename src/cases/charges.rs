//! Section 1 of the format: charge models.

use super::Operation;
use super::answer::Answer;
use super::fields::{Fault, Fields};
use crate::domain::exact::Exact;
use crate::domain::records::tiers::{BlockTier, Tier, ascending};
use crate::domain::rounding::Rounding;
use crate::rating::discount::less_percent;
use crate::rating::metered::{Line, Started, beyond, linear, linear_sum, overage, packages, small_unit_price, started_units};
use crate::rating::percentage::Percentage;
use crate::rating::spend::{clamp, still_to_bill, true_up};
use crate::rating::tiers::{BlockPolicy, graduated, graduated_between, package_tiers, volume};

pub(super) const OPERATIONS: &[(&str, Operation)] = &[
    ("graduated", |f| {
        let amount = graduated(&tiers(f)?, f.dec("qty")?)?;
        rounded(f, amount)
    }),
    ("graduated_delta", |f| Ok(amount(graduated_between(&tiers(f)?, f.dec("qty_before")?, f.dec("qty_after")?)?))),
    ("volume", |f| {
        let amount = volume(&tiers(f)?, f.dec("qty")?)?;
        rounded(f, amount)
    }),
    ("package", package),
    ("package_tiers", |f| {
        let policy = f.choice("policy", &[("ALL_TIERS", BlockPolicy::AllTiers), ("TOP_TIER", BlockPolicy::TopTier)])?;
        Ok(amount(package_tiers(&block_tiers(f)?, f.dec("qty")?, policy)?))
    }),
    ("linear", |f| {
        let amount = linear(f.dec("qty")?, f.dec("unit")?)?;
        rounded(f, amount)
    }),
    ("linear_sum", |f| Ok(amount(linear_sum(&lines(f)?)?))),
    ("overage", |f| {
        let amount = overage(f.dec("flat")?, f.dec("included")?, f.dec("unit")?, f.dec("qty")?)?;
        rounded(f, amount)
    }),
    ("percentage", |f| {
        let terms =
            Percentage { rate: f.dec("rate")?, fixed: f.dec_or_nought("fixed")?, free_base: f.dec_or_nought("free_base")?, ..Percentage::default() };
        let events = Exact::whole(f.int_or::<i64>("paid_events", 0)?.into());
        Ok(amount(terms.of_total(f.dec("base")?, events)?))
    }),
    ("percentage_per_event", |f| {
        let terms = Percentage {
            rate: f.dec("rate")?,
            fixed: f.dec_or_nought("fixed")?,
            free_base: f.dec_or_nought("free_base")?,
            free_events: f.int_or("free_events", 0)?,
            minimum: f.optional_dec("min")?,
            maximum: f.optional_dec("max")?,
        };
        Ok(amount(terms.of_events(&f.decs("events")?)?))
    }),
    ("min_max_spend", |f| {
        let billed = f.dec_or_nought("previously_billed")?;
        Ok(amount(still_to_bill(f.dec("amount")?, f.optional_dec("min")?, f.optional_dec("max")?, billed)?))
    }),
    ("discount_then_clamp", |f| {
        let discounted = less_percent(linear_sum(&lines(f)?)?, f.dec("discount_pct")?)?;
        Ok(amount(clamp(discounted, Some(f.dec("min")?), Some(f.dec("max")?))))
    }),
    ("true_up", |f| {
        let amount = true_up(f.dec("minimum")?, f.int("days")?, f.int("period_days")?, &f.decs("fees")?)?;
        rounded(f, amount)
    }),
    ("late_usage", |f| {
        let (tiers, cutoff, last) = (tiers(f)?, f.dec("qty_cutoff")?, f.dec("qty_final")?);
        let answer = Answer::one("first", graduated(&tiers, cutoff)?).and("final", graduated(&tiers, last)?);
        Ok(answer.and("catch_up", graduated_between(&tiers, cutoff, last)?))
    }),
    ("ceil_units", |f| Ok(Answer::one("units", started_units(&f.wholes("durations")?, f.positive_int("per")?)?))),
    ("unit_price_round_first", |f| {
        let unit = small_unit_price(f.dec("unit_num")?, f.dec("unit_den")?, f.int("unit_dp")?)?;
        Ok(Answer::one("unit", unit).and("amount", linear(f.dec("qty")?, unit)?))
    }),
];

fn amount(amount: Exact) -> Answer {
    Answer::one("amount", amount)
}

/// The amount by `dp` and `mode`, where there are any.
pub(super) fn rounded(f: &mut Fields<'_>, exact: Exact) -> Result<Answer, Fault> {
    Ok(amount(Rounding::maybe(f.optional_rounding()?, exact)?))
}

fn package(f: &mut Fields<'_>) -> Result<Answer, Fault> {
    let started = f.choice_or("round", &[("up", Started::Up), ("down", Started::Down)], Started::Up)?;
    let over = beyond(f.dec("qty")?, f.dec_or_nought("free_units")?)?;
    let packages = packages(over, f.positive("package_size")?, started)?;
    Ok(amount(linear(packages, f.dec("price")?)?).and("packages", packages))
}

fn tiers(f: &mut Fields<'_>) -> Result<Vec<Tier>, Fault> {
    let tiers = f.objects("tiers", |t| Ok(Tier { up_to: t.dec_or_null("up_to")?, unit: t.dec("unit")?, flat: t.dec_or_nought("flat")? }))?;
    if ascending(&tiers) { Ok(tiers) } else { Err(Fault::wrong("tiers", "anything but ascending with the last one open")) }
}

fn block_tiers(f: &mut Fields<'_>) -> Result<Vec<BlockTier>, Fault> {
    f.objects("tiers", |t| Ok(BlockTier { block: t.positive("block")?, max_blocks: Some(t.int("max_blocks")?), price: t.dec("price")? }))
}

fn lines(f: &mut Fields<'_>) -> Result<Vec<Line>, Fault> {
    f.objects("lines", |line| Ok((line.dec("qty")?, line.dec("unit")?)))
}

//! Section 2 of the format: a whole rating, of everything it stands on.

use super::Operation;
use super::answer::Answer;
use super::fields::{Fault, Fields};
use crate::domain::currency::Currency;
use crate::domain::exact::Exact;
use crate::domain::explanation::Cause;
use crate::domain::money::Money;
use crate::domain::profile::{Proration, SideProfile, Stage, TaxStage, ZeroUsage};
use crate::domain::records::tiers::{BlockTier, Tier, Tiers, ascending, ending_open};
use crate::domain::records::{Charge, ChargeModel, Interval, Plan};
use crate::domain::rounding::RoundMode;
use crate::domain::row::{AppliedTax, RatingInputs, Stretch, Terms};
use crate::domain::side::Side;
use crate::domain::text::Untrusted;
use crate::rating::rate_lines;
use std::collections::BTreeSet;

pub(super) const OPERATIONS: &[(&str, Operation)] = &[("rating", rated)];

/// Whose rating it is: for people, nothing hangs on it.
const LABELS: [&str; 3] = ["subscription", "period", "customer"];

fn rated(f: &mut Fields<'_>) -> Result<Answer, Fault> {
    for label in LABELS {
        f.optional_text(label)?;
    }
    f.optional_object("cause", cause)?;
    let terms = terms(f)?;
    let inputs = inputs(f, &terms)?;
    let profile = f.object("profile", profile)?;
    let mut lines = Vec::new();
    let rating = rate_lines(&inputs, &terms, &profile, |line| lines.push(line.exact))?;
    let tax = rating.tax.map(Money::exact).transpose()?;
    let mut answer = Answer::one("exact", rating.exact).and("net", rating.net.exact()?).and("tax", tax).and("lines", lines);
    if let Some(billed) = f.optional_dec("actual")? {
        answer = answer.and("delta", rating.beyond(billed)?);
    }
    if let Some(billed) = f.optional_dec("actual_tax")? {
        answer = answer.and("delta_tax", rating.tax_beyond(billed)?);
    }
    Ok(answer)
}

/// Why the source billed something else: known words, so that a team can sort its cases by them.
fn cause(f: &mut Fields<'_>) -> Result<(), Fault> {
    for word in f.texts("causes")? {
        if !Cause::ALL.iter().any(|cause| cause.word() == word) {
            return Err(Fault::wrong("causes", word));
        }
    }
    f.optional_text("parameters")?;
    f.optional_text("words")?;
    Ok(())
}

fn terms(f: &mut Fields<'_>) -> Result<Terms, Fault> {
    let plan = f.object("plan", plan)?;
    let charges = f.optional_objects("charges", |f| charge(f, &plan.id))?.unwrap_or_default();
    once("charges", charges.iter().map(|charge| charge.metric.as_str()))?;
    Ok(Terms { plan, charges })
}

fn plan(f: &mut Fields<'_>) -> Result<Plan, Fault> {
    let code = f.text("currency")?;
    Ok(Plan {
        id: f.text("id")?.to_owned(),
        name: Untrusted::new(f.optional_text("name")?.unwrap_or_default()),
        currency: Currency::known(code).ok_or_else(|| Fault::wrong("currency", code))?,
        // A rating is one of a whole interval, however long: its days say so.
        interval: Interval { months: 1 },
        flat_price: f.dec("flat_price")?,
        active: true,
    })
}

fn charge(f: &mut Fields<'_>, plan: &str) -> Result<Charge, Fault> {
    let word = f.text("model")?;
    let model = ChargeModel::of(word);
    if model == ChargeModel::Unsupported {
        return Err(Fault::wrong("model", word));
    }
    let package_size = f.optional_dec("package_size")?.unwrap_or(Exact::ONE);
    if package_size <= Exact::ZERO {
        return Err(Fault::wrong("package_size", package_size));
    }
    Ok(Charge {
        plan_id: plan.to_owned(),
        metric: f.text("metric")?.to_owned(),
        model,
        model_word: word.to_owned(),
        included: f.dec_or_nought("included")?,
        package_size,
        unit_price: if model.has_one_price() { Some(f.dec("unit_price")?) } else { None },
        tiers: tiers(f, model)?,
        minimum: f.optional_dec("minimum")?,
        maximum: f.optional_dec("maximum")?,
    })
}

fn tiers(f: &mut Fields<'_>, model: ChargeModel) -> Result<Tiers, Fault> {
    match model {
        ChargeModel::Graduated | ChargeModel::Volume => units(f, "unit"),
        ChargeModel::GraduatedPercentage => units(f, "rate"),
        ChargeModel::PackageTiers | ChargeModel::PackageTopTier => {
            let block =
                |t: &mut Fields<'_>| Ok(BlockTier { block: t.positive("block")?, max_blocks: t.int_or_null("max_blocks")?, price: t.dec("price")? });
            let tiers = f.objects("tiers", block)?;
            if ending_open(&tiers) { Ok(Tiers::Blocks(tiers)) } else { Err(Fault::wrong("tiers", "anything but bounded with the last one open")) }
        }
        _ => Ok(Tiers::None),
    }
}

fn units(f: &mut Fields<'_>, price: &str) -> Result<Tiers, Fault> {
    let tiers = f.objects("tiers", |t| Ok(Tier { up_to: t.dec_or_null("up_to")?, unit: t.dec(price)?, flat: t.dec_or_nought("flat")? }))?;
    if ascending(&tiers) { Ok(Tiers::Units(tiers)) } else { Err(Fault::wrong("tiers", "anything but ascending with the last one open")) }
}

fn inputs(f: &mut Fields<'_>, terms: &Terms) -> Result<RatingInputs, Fault> {
    let usage = f.optional_objects("usage", |f| Ok((f.text("metric")?.to_owned(), f.dec("quantity")?)))?.unwrap_or_default();
    once("usage", usage.iter().map(|(metric, _)| metric.as_str()))?;
    Ok(RatingInputs {
        plan_id: terms.plan.id.clone(),
        quantity: f.optional_dec("quantity")?.unwrap_or(Exact::ONE),
        price_override: f.optional_dec("price_override")?,
        discount_percent: f.dec_or_nought("discount_percent")?,
        days: f.int("days")?,
        of_days: f.int("of_days")?,
        usage,
        taxes: f.optional_objects("taxes", |f| Ok(AppliedTax { name: Untrusted::new(f.text("name")?), rate: f.dec("rate")? }))?,
        stretches: f.optional_objects("stretches", stretch)?.unwrap_or_default(),
    })
}

fn stretch(f: &mut Fields<'_>) -> Result<Stretch, Fault> {
    Ok(Stretch {
        from: f.date("from")?,
        plan_id: f.text("plan")?.to_owned(),
        price: f.dec("price")?,
        overridden: f.flag_or("own_price", false)?,
        quantity: f.dec("quantity")?,
        days: f.int("days")?,
    })
}

/// A metric that stood twice would be rated once.
fn once<'a>(name: &str, metrics: impl Iterator<Item = &'a str>) -> Result<(), Fault> {
    let mut seen = BTreeSet::new();
    for metric in metrics {
        if !seen.insert(metric) {
            return Err(Fault::wrong(name, format!("of {metric:?} twice")));
        }
    }
    Ok(())
}

/// By the names and words of `dualrun.toml`, which it is a part of.
fn profile(f: &mut Fields<'_>) -> Result<SideProfile, Fault> {
    Ok(SideProfile {
        round_per: f.choice("round_per", &Stage::WORDS)?,
        round_mode: f.choice("round_mode", &RoundMode::WORDS)?,
        tax_per: f.choice_or("tax_per", &TaxStage::WORDS, TaxStage::Invoice)?,
        tax_inclusive: f.flag_or("tax_inclusive", false)?,
        proration: f.choice_or("proration", &Proration::WORDS, Proration::Day)?,
        zero_usage: f.choice_or("zero_usage", &ZeroUsage::WORDS, ZeroUsage::Charged)?,
        ..SideProfile::plain(Side::Target)
    })
}

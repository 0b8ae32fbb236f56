//! Corrections and what they would do, for people.

use super::explain::apart;
use super::trace::exact_text;
use super::{money, numbers};
use crate::domain::exact::Exact;
use crate::domain::fixes::{Effect, Fix, Fixes, Standing};
use crate::domain::profile::{Proration, Stage, TaxStage};
use crate::domain::records::Charge;
use crate::domain::rounding::RoundMode;
use crate::domain::text::shown;
use crate::domain::verdict::Verdict;

/// Columns an id of the data may take.
const ID: usize = 40;

/// What to correct, in a sentence: `plan PRD-L of the target: flat price 200.00 → 150.00`.
pub fn words(fix: &Fix) -> String {
    match fix {
        Fix::FlatPrice { plan, from, to } => {
            format!("plan {} of the target: flat price {} → {}", shown(plan, ID), exact_text(*from), exact_text(*to))
        }
        Fix::Charge { plan, metric, from, to } => {
            format!("plan {} of the target: {} {}", shown(plan, ID), shown(metric, ID), charge(from.as_deref(), to.as_deref()))
        }
        Fix::Rounding { per, mode } => {
            let per = if *per == Stage::Line { "each line" } else { "the invoice once" };
            format!("the target rounds {per}, {}", mode_word(*mode))
        }
        Fix::TaxPer { per } => format!("the target rounds tax {}", tax_word(*per)),
        Fix::TaxInclusive { to } => format!("the target's prices {} tax", if *to { "include" } else { "do not include" }),
        Fix::Proration { to } => format!("the target charges part of a period {}", proration_word(*to)),
        Fix::Changes { kept: true, .. } => {
            "the target rates pauses and changes of plan or quantity by its events (changes = \"rated\"); rows it would add are not in this run"
                .to_owned()
        }
        Fix::Changes { kept: false, .. } => {
            "the target rates pauses and changes of plan or quantity by its events (changes = \"rated\"); this run kept none of its events, \
             which have to be mapped first"
                .to_owned()
        }
        Fix::Mapping { source_plan, from, to } => {
            format!("subscriptions on plan {} of the source: plan {} → {} of the target", shown(source_plan, ID), shown(from, ID), shown(to, ID))
        }
        Fix::Carry { what } => format!("every subscription of the target takes {} from the source's", what.word()),
    }
}

fn charge(from: Option<&Charge>, to: Option<&Charge>) -> String {
    let (Some(from), Some(to)) = (from, to) else {
        return match to {
            Some(to) => format!("is charged as in the source, {}", to.unit_price.map_or_else(|| to.model_word.clone(), exact_text)),
            None => "is not charged".to_owned(),
        };
    };
    let number = |value: Option<Exact>| value.map_or_else(|| "none".to_owned(), exact_text);
    let numbers = [
        ("unit price", from.unit_price, to.unit_price),
        ("package", Some(from.package_size), Some(to.package_size)),
        ("included", Some(from.included), Some(to.included)),
        ("minimum", from.minimum, to.minimum),
        ("maximum", from.maximum, to.maximum),
    ];
    let mut changes: Vec<String> =
        numbers.into_iter().filter(|(_, a, b)| a != b).map(|(what, a, b)| format!("{what} {} → {}", number(a), number(b))).collect();
    if from.model_word != to.model_word {
        changes.insert(0, format!("model {} → {}", shown(&from.model_word, ID), shown(&to.model_word, ID)));
    }
    if from.tiers != to.tiers {
        changes.push("the source's tiers".to_owned());
    }
    changes.join(", ")
}

fn mode_word(mode: RoundMode) -> &'static str {
    RoundMode::WORDS.into_iter().find(|(_, known)| *known == mode).map_or("", |(word, _)| word)
}

const fn tax_word(per: TaxStage) -> &'static str {
    match per {
        TaxStage::Line => "on each line",
        TaxStage::Invoice => "by rate",
        TaxStage::Once => "once",
    }
}

const fn proration_word(rule: Proration) -> &'static str {
    match rule {
        Proration::Day => "by its days",
        Proration::Fixed30 => "by 30 days a month",
        Proration::Days30360 => "by 30/360",
        Proration::DailyPrice => "by a rounded price of a day",
        Proration::Ratio9 => "by a ratio of nine decimals",
        Proration::None => "whole",
    }
}

/// What a rule of proration is called in a configuration.
pub const fn proration_key(rule: Proration) -> &'static str {
    match rule {
        Proration::Day => "day",
        Proration::Fixed30 => "fixed_30",
        Proration::Days30360 => "30_360",
        Proration::DailyPrice => "daily_price",
        Proration::Ratio9 => "ratio_9",
        Proration::None => "none",
    }
}

/// `12 of 40 rows match, 30.0 % · net +5.00, gross 9.00 CAD`.
pub fn standing(of: &Standing) -> String {
    let rate = of.match_rate().and_then(|rate| i64::try_from(rate).ok()).map_or_else(String::new, |rate| format!(", {}", numbers::percent(rate)));
    let (matches, rows) = (of.counts.of(Verdict::Match), of.counts.total());
    format!("{} of {} match{rate} · {}", numbers::count(matches), numbers::counted(rows, "row", "rows"), apart(&of.money))
}

/// `3 rows, 3 more match · net -5.00, gross -5.00 CAD`.
pub fn effect(of: &Effect) -> String {
    let mut parts = vec![numbers::counted(of.rows(), "row", "rows")];
    if of.gained() > 0 {
        parts.push(format!("{} more match", numbers::count(of.gained())));
    }
    if of.lost() > 0 {
        parts.push(format!("{} match no more", numbers::count(of.lost())));
    }
    if of.redrawn > 0 {
        parts.push(format!("{} once the target makes its document anew", numbers::count(of.redrawn)));
    }
    if of.untold > 0 {
        parts.push(format!("{} not to be told", numbers::count(of.untold)));
    }
    let one = |(c, (net, gross)): (&_, &(i64, i64))| format!("net {}, gross {} {c}", money::signed(*net, *c), money::signed(*gross, *c));
    let money: Vec<String> = of.money.iter().map(one).collect();
    std::iter::once(parts.join(", ")).chain(money).collect::<Vec<_>>().join(" · ")
}

/// All of it, for people.
pub fn lines(of: &Fixes) -> Vec<String> {
    let mut out = vec![format!("now   {}", standing(&of.before))];
    if of.chosen.is_empty() {
        out.push("no single correction of prices, rules or mappings closes any of it".to_owned());
    }
    for (number, chosen) in (1..).zip(&of.chosen) {
        out.push(format!("{number}. {}", words(&chosen.fix)));
        out.push(format!("      {}", effect(&chosen.marginal)));
        if chosen.alone != chosen.marginal {
            out.push(format!("      made alone: {}", effect(&chosen.alone)));
        }
        out.push(format!("      then {}", standing(&chosen.after)));
    }
    if !of.others.is_empty() {
        out.push("others, each made alone:".to_owned());
        out.extend(of.others.iter().map(|(fix, alone)| format!("  {} · {}", words(fix), effect(alone))));
    }
    out.push(format!(
        "{} proposed by the rows that differ, {} tried on every row",
        numbers::counted(count(of.proposed), "correction", "corrections"),
        numbers::count(count(of.tried))
    ));
    out
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

//! An explanation as lines a person can redo by hand, and what all of them come to together.

use super::trace::amount_text;
use super::{money, numbers};
use crate::domain::currency::Currency;
use crate::domain::exact::Exact;
use crate::domain::explanation::{Certainty, Component, Explanation, Hypothesis, OddOne};
use crate::domain::rounding::{RoundMode, to_minor};
use crate::domain::row::ReconRow;
use crate::domain::side::Side;
use crate::domain::text::shown;
use crate::domain::together::{Apart, Cluster, Masked, Together, Tolerated, Votes};
use crate::domain::usage_review::{STATISTIC, Unusual, UsageReview};

/// Columns a text of the data may take in one line.
const WIDE: usize = 120;

/// Why a row differs.
pub fn lines(row: &ReconRow, told: &Explanation) -> Vec<String> {
    let Some(currency) = row.currency() else { return Vec::new() };
    let mut out = Vec::new();
    match (told.certainty, told.hypotheses.first()) {
        (Certainty::Unexplained, _) | (_, None) => out.push("unexplained: nothing that the data says closes it".to_owned()),
        (certainty, Some(first)) => {
            out.push(format!("{}: {}", certainty.word(), hypothesis(first)));
            out.push(format!("  {}", shown(&first.words, WIDE)));
            out.push(format!("  {}", evidence(first)));
        }
    }
    out.extend(bridge(told, currency));
    for rival in told.hypotheses.iter().skip(1) {
        out.push(format!("  also fits: {}, {}", hypothesis(rival), evidence(rival)));
    }
    if let Some(nearest) = &told.nearest {
        out.push(format!("  nearest: {}", shown(nearest, WIDE)));
    }
    if let Some(wanted) = &told.wanted {
        out.push(format!("  would decide it: {}", shown(wanted, WIDE)));
    }
    if told.certainty != Certainty::Confirmed && told.chance > 0 {
        out.push(format!("  of 100 random amounts {} would have fitted something that was tried", hundredths(told.chance)));
    }
    if let Some(odd) = told.odd_one {
        out.push(format!("  of three: {}", odd_one(odd)));
    }
    out.push(format!("  to the customer: {}", customer_eye(row)));
    out
}

/// `proration_by_day 9/31 (P1)`.
fn hypothesis(of: &Hypothesis) -> String {
    let causes: Vec<&str> = of.causes.iter().map(|c| c.word()).collect();
    let ids: Vec<&str> = of.causes.iter().map(|c| c.id()).collect();
    let parameters = if of.parameters.is_empty() { String::new() } else { format!(" {}", shown(&of.parameters, WIDE / 2)) };
    format!("{}{parameters} ({})", causes.join(" + "), ids.join(", "))
}

fn evidence(of: &Hypothesis) -> String {
    let tells = format!("one of {} amounts it could have made, {} bits", of.choices, sixteenths(of.bits));
    match &of.evidence {
        Some(row) => format!("because {} ({tells})", shown(row, WIDE)),
        None => format!("no row of the data says so ({tells})"),
    }
}

fn bridge(told: &Explanation, currency: Currency) -> Vec<String> {
    let step =
        |c: &Component| format!("  {:<9} {}   {}", c.step.word(), signed(amount(c.amount, currency), c.amount.is_negative()), shown(&c.words, WIDE));
    let mut out: Vec<String> = told.bridge.iter().map(step).collect();
    out.push(format!("  {:<9} {}", "residual", amount(told.residual, currency)));
    out
}

/// An exact amount: as money where it is whole minor units; a fraction with its first digits before it.
fn amount(value: Exact, currency: Currency) -> String {
    let text = amount_text(value, currency);
    match to_minor(value, currency, RoundMode::Down) {
        Ok(cut) if text.contains('/') => format!("{}… = {text}", money::grouped(cut.minor, currency)),
        _ => text,
    }
}

fn signed(text: String, is_negative: bool) -> String {
    if is_negative { text } else { format!("+{text}") }
}

fn odd_one(odd: OddOne) -> &'static str {
    match odd {
        OddOne::SourceOffList => "the source billed off the list; the target's document agrees with its catalogue",
        OddOne::TargetCatalogue => "the target's catalogue rates otherwise; its own document agrees with the source",
        OddOne::TargetEngine => "the target's own document is the odd one; source and catalogue agree",
        OddOne::All => "source, target's document and catalogue all differ",
    }
}

/// What the customer would notice, in a sentence for support.
pub fn customer_eye(row: &ReconRow) -> String {
    let named = |amount: Option<crate::domain::money::Money>| amount.map(money::named);
    let documents: Vec<String> = row.documents.iter().filter(|d| d.side == Side::Source).take(3).map(|d| d.id.shown(40)).collect();
    let by = if documents.is_empty() { String::new() } else { format!(" by {}", documents.join(", ")) };
    match (named(row.actual), named(row.expected), row.delta) {
        (Some(actual), Some(expected), Some(delta)) if delta.minor != 0 => {
            let way = if delta.minor > 0 { "more" } else { "less" };
            let size = money::grouped(delta.minor.saturating_abs(), delta.currency);
            format!("{} billed {actual}{by}; from the new system it would be {expected}, {size} {way}", row.period)
        }
        (Some(actual), None, _) => format!("{} billed {actual}{by}; from the new system nothing would come", row.period),
        (None, Some(expected), _) => format!("{} was not billed; from the new system it would be {expected}", row.period),
        _ => format!("{}: the net stays, the tax changes", row.period),
    }
}

/// `9.2` of sixteenths, cut.
pub fn sixteenths(bits: i32) -> String {
    format!("{}.{}", bits / 16, bits % 16 * 10 / 16)
}

/// `0.4` of ten-thousandths, cut.
fn hundredths(chance: u32) -> String {
    format!("{}.{}", chance / 100, chance % 100 / 10)
}

/// Money apart by currency: `net +378.68, gross 378.68 CAD`.
pub fn apart(money: &[Apart]) -> String {
    let one = |m: &Apart| format!("net {}, gross {} {}", money::signed(m.net, m.currency), money::grouped(m.gross, m.currency), m.currency);
    if money.is_empty() { "nothing".to_owned() } else { money.iter().map(one).collect::<Vec<_>>().join(" · ") }
}

/// A cluster's name: its causes and parameters, or `unexplained`; `?` where it is no more than a guess.
pub fn cluster_name(of: &Cluster) -> String {
    let causes: Vec<&str> = of.causes.iter().map(|c| c.word()).collect();
    if causes.is_empty() {
        return Certainty::Unexplained.word().to_owned();
    }
    let sure = if of.certainty == Certainty::Confirmed { "" } else { "?" };
    format!("{} {}{sure}", causes.join(" + "), shown(&of.parameters, 40)).trim_end().to_owned()
}

/// `closes 37 of the 40 rows of its plan that differ`.
pub fn votes(of: Votes) -> String {
    format!("closes {} of the {} of its plan that differ", numbers::count(of.closes), numbers::counted(of.of, "row", "rows"))
}

/// What the explanations of a run come to, for people: `most` clusters at most.
pub fn together_lines(of: &Together, most: usize) -> Vec<String> {
    let counts: Vec<String> = Certainty::ALL.iter().map(|c| format!("{} {}", of.of(*c), c.word())).collect();
    let mut out = vec![counts.join(" · ")];
    out.push(format!("confirmed    {}", apart(&of.confirmed)));
    out.push(format!("unexplained  {}", apart(&of.unexplained)));
    for cluster in of.clusters.iter().take(most) {
        let plan = cluster.plan.as_ref().map_or_else(String::new, |p| format!(" · {}", p.shown(30)));
        let keys: Vec<String> = cluster.examples.iter().map(|k| k.shown(40)).collect();
        out.push(format!(
            "  {}{plan} · {} · {} · {}{}",
            cluster_name(cluster),
            numbers::counted(cluster.rows, "row", "rows"),
            apart(&cluster.money),
            keys.join(", "),
            cluster.votes.map_or_else(String::new, |of| format!(" · {}", votes(of)))
        ));
    }
    if of.clusters.len() > most {
        out.push(format!("  and {} more", of.clusters.len() - most));
    }
    out.extend(of.masked.iter().take(5).map(|m| format!("  masked by signs: {}", masked_words(m))));
    out.extend(of.tolerances.iter().filter(|t| t.is_one_sided()).map(|t| format!("  one-sided: {}", one_sided_words(t))));
    out
}

/// What a customer's sum hides.
pub fn masked_words(of: &Masked) -> String {
    let (over, under) = (money::grouped(of.over, of.currency), money::grouped(of.under, of.currency));
    let worst = of.worst.map_or_else(String::new, |w| format!(", worst row {}.{:02} %", w / 100, w % 100));
    format!("{} {over} too much and {under} too little {}{worst}", of.customer.shown(40), of.currency)
}

/// What a tolerance would hide, always to one side.
pub fn one_sided_words(of: &Tolerated) -> String {
    let (hidden, net) = (money::grouped(of.hidden, of.currency), money::signed(of.net, of.currency));
    let tolerance = money::grouped(of.tolerance, of.currency);
    format!("{} within {tolerance} {} hide {hidden}, and {net} of it falls to one side", numbers::counted(of.rows, "row", "rows"), of.currency)
}

/// `cpu 9,000: median 100, deviation 3 over 5 months`.
pub fn unusual_words(of: &Unusual) -> String {
    let [used, median, deviation] = [of.quantity, of.median, of.deviation].map(super::trace::exact_text);
    format!("{} {used}: median {median}, deviation {deviation} over {} months", shown(&of.metric, 40), of.months)
}

/// Usage to be looked at before it is billed; nothing where no other months could be read.
pub fn usage_lines(of: &UsageReview) -> Vec<String> {
    if of.months.is_empty() {
        return Vec::new();
    }
    let (rows, months) = (numbers::counted(of.rows, "row", "rows"), of.months.len());
    let all = u64::try_from(of.unusual.len()).unwrap_or(u64::MAX).saturating_add(of.more);
    let quantities = numbers::counted(all, "quantity stands out", "quantities stand out");
    let mut out = vec![format!("usage of {rows} that differ against up to {months} other months: {quantities} ({STATISTIC})")];
    for one in &of.unusual {
        let who = format!("{} · {} · {}", one.key.shown(60), one.customer.shown(40), one.period);
        out.push(format!("  {who} · {}", unusual_words(one)));
    }
    if of.more > 0 {
        out.push(format!("  and {} more", numbers::count(of.more)));
    }
    out
}

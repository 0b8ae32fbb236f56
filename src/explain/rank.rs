//! Which of the hits is the answer, and how sure it is.

use super::Fit;
use super::agreeing;
use super::bits::{BIT, log2};
use super::bridge;
use super::case::{Case, Population, Refuting};
use super::causes;
use super::tries::{Hit, Named, Tries};
use super::view::Alter;
use crate::domain::explanation::{Certainty, Explanation, Hypothesis, Step};

/// Bits by which a rival must stand below the first.
const MARGIN: i32 = 4 * BIT;
/// Bits a candidate must tell at least.
const LEAST: i32 = 7 * BIT;
/// Bits above what the number of rows and of causes makes likely by luck.
const ABOVE_LUCK: i32 = 3 * BIT;
/// Hypotheses kept: the first and its rivals.
const KEPT: usize = 5;

/// Decides, and lists all that fits. A single cause goes before two; two are sure only where each has a row of its own.
pub fn decide(case: &Case<'_>, mut tries: Tries<'_, '_>, population: Population) -> (Explanation, Vec<Fit>) {
    if tries.hits.is_empty() {
        tries.pair_up();
    }
    // Equals stay in the order they were tried in.
    tries.hits.sort_by_key(|hit| std::cmp::Reverse(hit.score));
    let families = u64::try_from(causes::IN_ORDER.len()).unwrap_or(u64::MAX);
    let luck = log2(u128::from(population.rows.max(1)) * u128::from(families)) + ABOVE_LUCK;
    let refuted = tries.hits.first().and_then(|first| refuted(case, first));
    let (certainty, kept) = match tries.hits.first() {
        None => (Certainty::Unexplained, 0),
        Some(first) => {
            let rivals = tries.hits[1..].iter().filter(|h| is_rival(first, h)).count();
            let is_named = first.is_spoken_for();
            let tells = first.bits >= LEAST.max(luck);
            match (is_named, rivals, tells) {
                // Of many pairs some fits by luck where few amounts are left to be told apart by.
                (true, _, _) if first.of.len() > 1 && first.bits < LEAST => (Certainty::Unexplained, 0),
                (true, 0, _) if refuted.is_some() || first.shares_datum() => (Certainty::Candidate, tries.hits.len().min(KEPT)),
                (true, 0, _) => (Certainty::Confirmed, tries.hits.len().min(KEPT)),
                (true, _, _) | (false, 1.., true) => (Certainty::Ambiguous, (rivals + 1).min(KEPT)),
                (false, 0, true) => (Certainty::Candidate, tries.hits.len().min(KEPT)),
                (false, _, false) => (Certainty::Unexplained, 0),
            }
        }
    };
    let chance = chance(case, &tries);
    let (bridge, residual) = match certainty {
        Certainty::Unexplained => bridge::of_facts(case, &tries),
        _ => bridge::of_hit(case, &tries),
    };
    let unexplained = certainty == Certainty::Unexplained;
    let told = Explanation {
        certainty,
        nearest: unexplained.then(|| nearest(case, &tries)).flatten(),
        wanted: (certainty != Certainty::Confirmed).then(|| refuted.unwrap_or_else(|| wanted(case, &tries))),
        hypotheses: tries.hits.iter().take(kept).map(|hit| hypothesis(case, hit)).collect(),
        bridge,
        residual,
        chance,
        odd_one: case.odd_one,
    };
    (told, tries.hits.iter().map(fit).collect())
}

fn fit(hit: &Hit<'_>) -> Fit {
    Fit { causes: hit.of.iter().map(|t| t.cause).collect(), parameters: parameters(hit) }
}

fn parameters(hit: &Hit<'_>) -> String {
    let each: Vec<&str> = hit.of.iter().map(|t| t.parameters.as_str()).filter(|p| !p.is_empty()).collect();
    each.join(", ")
}

/// Whether a hit stands near the first; or is another cause that a row of the data says too, however it scores: with more data an answer
/// may become unsure, and never silently another one. What several rows have in common is above what each may be by itself.
fn is_rival(first: &Hit<'_>, other: &Hit<'_>) -> bool {
    let causes = |hit: &Hit<'_>| hit.of.iter().map(|t| t.cause).collect::<Vec<_>>();
    let is_joint = first.of.iter().any(|t| t.named.as_ref().is_some_and(Named::is_joint));
    let is_named = other.is_named() && !is_joint && causes(first) != causes(other);
    (other.score > first.score - MARGIN || is_named) && !is_same_reason(first, other)
}

/// Whether two hits say the same of the same row of the data, and only count its days or round otherwise.
fn is_same_reason(a: &Hit<'_>, b: &Hit<'_>) -> bool {
    a.of.len() == b.of.len() && a.of.iter().zip(&b.of).all(|(a, b)| a.cause == b.cause && a.named.is_some() && a.named == b.named)
}

/// A cause that lasts must hold in the neighbouring periods too, and one of a whole plan for all its subscriptions: what to look for where
/// one of them agrees all the same.
fn refuted(case: &Case<'_>, first: &Hit<'_>) -> Option<String> {
    let [one] = first.of.as_slice() else { return None };
    let named = one.named.as_ref()?;
    if let Some(key) = agreeing::refuting(case, one) {
        return Some(format!("why both sides agree on {}, of the same plan, where it would hold as well: {}", key.shown(60), named.words));
    }
    // What a charge costs shows only where there is usage beyond what is included.
    if matches!(one.alter, Alter::Charge(_) | Alter::Whole(_)) {
        return None;
    }
    let (month, how) = case.refuting_month(named.holds?)?;
    let why = match how {
        Refuting::Agrees => format!("both sides agree in {month}"),
        Refuting::Turned => format!("the source is off to the other side in {month}"),
    };
    Some(format!("why {why}, where it would hold as well: {}", named.words))
}

fn hypothesis(case: &Case<'_>, hit: &Hit<'_>) -> Hypothesis {
    let words: Vec<String> = hit.of.iter().map(|t| bridge::words(case, t)).collect();
    let named: Option<Vec<&str>> = hit.of.iter().map(|t| t.named.as_ref().map(|n| n.words.as_str())).collect();
    Hypothesis {
        causes: hit.of.iter().map(|t| t.cause).collect(),
        parameters: parameters(hit),
        words: format!("{} = {}", words.join(", "), case.sought),
        evidence: named.map(|mut words| {
            words.dedup();
            words.join("; ")
        }),
        choices: hit.of.iter().map(|t| t.choices).fold(1, u32::saturating_mul),
        bits: hit.bits,
        score: hit.score,
    }
}

/// Of 10,000 random amounts within reach, how many the tries could have hit.
fn chance(case: &Case<'_>, tries: &Tries<'_, '_>) -> u32 {
    let share = u128::from(tries.tried) * 10_000 / case.reach();
    u32::try_from(share.min(10_000)).unwrap_or(10_000)
}

/// The nearest that does not fit; or what fits by luck as likely as not.
fn nearest(case: &Case<'_>, tries: &Tries<'_, '_>) -> Option<String> {
    if let Some(hit) = tries.hits.first() {
        let what: Vec<String> = hit.of.iter().map(|t| format!("{} {}", t.cause.word(), t.parameters)).collect();
        let why = match (hit.shares_datum(), hit.is_named()) {
            (true, _) => "fits, and one row of the data would have to say both",
            (_, true) => "fits, as one of so many pairs would by luck",
            _ => "fits, and no row of the data says so",
        };
        return Some(format!("{} {why}", what.join(" + ").trim()));
    }
    let (off, cause, parameters, money) = tries.nearest.as_ref()?;
    let off = crate::domain::exact::decimal_text(i128::from(*off), case.currency().exponent());
    Some(format!("{} gives {money}, {off} off", format!("{} {parameters}", cause.word()).trim()))
}

/// The datum to look for.
fn wanted(case: &Case<'_>, tries: &Tries<'_, '_>) -> String {
    if let Some(hit) = tries.hits.first().filter(|h| h.of.iter().any(|t| t.named.is_none())) {
        let step = hit.of.first().map_or(Step::Scope, |t| t.step);
        let row = match step {
            Step::Scope => "the document or line that says so",
            Step::Price => "a row of price_versions, or the price the subscription was sold at",
            Step::Quantity => "an event of the quantity, or the usage the source counted",
            Step::Quota => "the quota the source granted",
            Step::Proration => "an event of the day it began, ended or changed",
            Step::Discount => "a row of discounts",
            Step::Rounding => "the source's rule of rounding",
            Step::Tax => "the tax the source applied",
        };
        return row.to_owned();
    }
    if let Some(hit) = tries.hits.first().filter(|hit| hit.shares_datum()) {
        let causes: Vec<&str> = hit.of.iter().map(|t| t.cause.word()).collect();
        return format!("a row of its own for each of {}: one would have to say both", causes.join(" and "));
    }
    if !tries.hits.is_empty() {
        return "what tells its rivals apart: the source's own words for this amount".to_owned();
    }
    let (side, documents) = (case.sought_side(), || case.sought_documents());
    if documents().next().is_some() && documents().all(|d| d.lines.is_empty()) {
        return format!("the lines of its invoice: map invoice_lines of the {side}");
    }
    if case.evidence.is_empty() && case.source.prices.is_empty() {
        return "coupons, changes and earlier prices: map discounts, events and price_versions of the source".to_owned();
    }
    "the price, quantity or days the source billed it by".to_owned()
}

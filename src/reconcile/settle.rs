//! What the two sides of a row come to: its documents and ratings added up, the basis chosen, the amounts compared.

use super::expected::Unknown;
use crate::domain::exact::Exact;
use crate::domain::judge::{Comparison, judge};
use crate::domain::money::Money;
use crate::domain::profile::{BasisRule, ServiceProfile};
use crate::domain::row::{DocumentPart, RatingInputs, ReconRow};
use crate::domain::verdict::{Basis, Verdict};
use crate::rating::Summed;

/// One side's documents of a row, added up.
#[derive(Default)]
pub(super) struct Sum {
    net: Option<Money>,
    exact: Exact,
    tax: Option<Money>,
}

/// Adds up one side's documents.
pub(super) fn add_up(parts: &[DocumentPart]) -> Result<Sum, Unknown> {
    let Some(first) = parts.first() else { return Ok(Sum::default()) };
    let (mut net, mut exact) = (first.net, first.exact);
    // One document without a stored tax makes the row's tax unknown, never nought.
    let mut tax = first.tax;
    for document in &parts[1..] {
        if net.currency != document.net.currency {
            return Err("its documents are in several currencies".to_owned());
        }
        net = net.plus(document.net).ok_or_else(too_big)?;
        exact = exact.add(document.exact).map_err(|_| too_big())?;
        tax = tax.zip(document.tax).and_then(|(all, one)| all.plus(one));
    }
    Ok(Sum { net: Some(net), exact, tax })
}

pub(super) fn too_big() -> Unknown {
    "the sum of its documents does not fit".to_owned()
}

/// The ratings of a row's deployments, added up.
#[derive(Default)]
pub(super) struct Rated {
    pub sum: Summed,
    pub inputs: Vec<RatingInputs>,
}

/// What decides the expected amount of a row, and what it is.
struct Chosen {
    basis: Option<Basis>,
    amount: Result<Option<(Money, Exact, Option<Money>)>, Unknown>,
}

fn choose(rule: BasisRule, drafted: &Result<Sum, Unknown>, rated: &Result<Rated, Unknown>) -> Chosen {
    let by_draft = || match drafted {
        Ok(sum) => Ok(sum.net.map(|net| (net, sum.exact, sum.tax))),
        Err(why) => Err(why.clone()),
    };
    let by_rating = || match rated {
        Ok(rated) => Ok(rated.sum.net.map(|net| (net, rated.sum.exact, rated.sum.tax()))),
        Err(why) => Err(why.clone()),
    };
    let has_draft = drafted.as_ref().map_or(true, |sum| sum.net.is_some());
    let (basis, amount) = match rule {
        BasisRule::Draft => (Basis::Draft, by_draft()),
        BasisRule::DraftFirst if has_draft => (Basis::Draft, by_draft()),
        BasisRule::DraftFirst | BasisRule::Rated => (Basis::Rated, by_rating()),
    };
    let none = matches!(amount, Ok(None));
    Chosen { basis: (!none).then_some(basis), amount }
}

/// What is known of a row's sides before they are compared.
pub(super) struct Sides {
    pub actual: Result<Sum, Unknown>,
    pub drafted: Result<Sum, Unknown>,
    pub rated: Result<Rated, Unknown>,
}

/// Fills in what a row whose documents are listed comes to. `torn` says that what is judged as one has several periods.
pub(super) fn settle(out: &mut ReconRow, profile: &ServiceProfile, Sides { actual, drafted, rated }: Sides, torn: bool) {
    let Chosen { basis, amount } = choose(profile.basis, &drafted, &rated);
    out.basis = basis;
    out.rated = rated.as_ref().ok().and_then(|r| r.sum.net);
    out.drafted = drafted.as_ref().ok().and_then(|d| d.net);
    out.inputs = rated.map(|r| r.inputs).unwrap_or_default();
    if let Ok(Some((money, _, tax))) = &amount {
        (out.expected, out.expected_tax) = (Some(*money), *tax);
    }
    if let Ok(sum) = &actual {
        (out.actual, out.actual_tax) = (sum.net, sum.tax);
    }
    let exact_actual = actual.as_ref().map_or(Exact::ZERO, |s| s.exact);
    let nothing = matches!(&actual, Ok(sum) if sum.net.is_none()) && matches!(amount, Ok(None));
    let undrafted = || nothing.then(|| "the basis asked for has no amount for it, and the source billed nothing".to_owned());
    let torn = || torn.then(|| "its deployments have different billing periods".to_owned());
    let unknown = actual.as_ref().err().cloned().or_else(|| amount.as_ref().err().cloned()).or_else(undrafted).or_else(torn);
    match unknown {
        Some(why) => {
            out.verdict = Verdict::NotComparable;
            out.why = Some(why);
        }
        None => compare(out, profile.tolerance, exact_actual, amount.ok().flatten().map_or(Exact::ZERO, |(_, exact, _)| exact)),
    }
}

/// Fills verdict and deltas of a row whose sides can both be read.
fn compare(out: &mut ReconRow, tolerance: Exact, exact_actual: Exact, exact_expected: Exact) {
    let comparison = Comparison::of(out, out.expected, out.expected_tax, tolerance);
    out.verdict = judge(&comparison);
    if out.verdict == Verdict::NotComparable {
        let words = |m: Option<Money>| m.map_or_else(String::new, |m| m.currency.to_string());
        out.why = Some(format!("source in {}, target in {}", words(out.actual), words(out.expected)));
        return;
    }
    out.delta = comparison.delta();
    if out.delta.is_none() {
        return;
    }
    out.exact_delta = exact_expected.sub(exact_actual).ok();
    out.delta_tax = out.expected_tax.zip(out.actual_tax).and_then(|(e, a)| e.minus(a));
}

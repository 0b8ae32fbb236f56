//! S8: a line that does not recur stands in the subscription's invoice: one set of such lines, and one only, makes the difference.
//! Evidence: the lines, typed so by their side (`LineKind::OneOff` lists the words); descriptions are never read.

use super::{Case, Tries, whole};
use crate::domain::exact::Exact;
use crate::domain::explanation::{Cause, Step};
use crate::domain::rounding::to_minor;
use crate::domain::row::LinePart;
use crate::domain::text::shown;
use crate::explain::datum::Datum;
use crate::explain::tries::Named;

/// Lines of which all sets are tried: with more, some set fits nearly anything.
const MOST: usize = 8;

pub fn tries<'a>(case: &Case<'a>, tries: &mut Tries<'_, 'a>) {
    if case.is_tax() {
        return;
    }
    let lines: Vec<(&str, &LinePart)> = case.sought_documents().flat_map(|d| d.lines.iter().filter(|l| l.one_off).map(|l| (d.id.raw(), l))).collect();
    if lines.is_empty() || lines.len() > MOST {
        return;
    }
    let mode = case.profile().side(case.sought_side()).round_mode;
    let beyond = case.sought.minus(case.given);
    let sum = |set: u32| chosen(&lines, set).try_fold(Exact::ZERO, |sum, (_, line)| sum.add(line.amount)).ok();
    let fits = |set: &u32| sum(*set).is_some_and(|sum| !sum.is_zero() && to_minor(sum, case.currency(), mode).ok() == beyond);
    let mut sets = (1..1u32 << lines.len()).filter(fits);
    let (Some(set), None) = (sets.next(), sets.next()) else { return };
    let words: Vec<String> = chosen(&lines, set)
        .map(|(id, line)| {
            format!("{} {} of {}", line.description.as_ref().map_or_else(|| "line".to_owned(), |d| d.shown(40)), line.amount, shown(id, 40))
        })
        .collect();
    let amount = sum(set).map_or_else(String::new, |sum| sum.to_string());
    let choices = u32::try_from(lines.len()).unwrap_or(u32::MAX);
    whole(
        tries,
        case,
        Cause::OneOffLine,
        Step::Scope,
        amount,
        choices,
        Some(Named::record(format!("lines typed as not recurring: {}", words.join("; ")), [Datum::Documents(case.sought_side())])),
    );
}

/// The lines of a set: a bit for each.
fn chosen<'l, 'a>(lines: &'l [(&'a str, &'a LinePart)], set: u32) -> impl Iterator<Item = (&'a str, &'a LinePart)> + use<'l, 'a> {
    lines.iter().enumerate().filter(move |(at, _)| set & (1 << at) != 0).map(|(_, line)| *line)
}

//! The money at stake behind everything that blocks, each amount once: what several reasons are about is no more money for it.

use crate::app::error::AppError;
use crate::app::flip::Configured;
use crate::domain::currency::Currency;
use crate::domain::finding::{About, Finding, Weight};
use crate::domain::money::Money;
use crate::domain::period::Period;
use crate::domain::row::Subject;
use crate::domain::run::{Run, newest_compared};
use crate::domain::verdict::{Review, Verdict};
use crate::ports::workspace::{PageFrom, PageRequest, RowFilter, RowLine, Sort, Workspace};
use std::collections::{BTreeMap, BTreeSet};

/// Rows asked for at once.
const PAGE: usize = 1_000;

/// The money at stake, by currency: of each row that does not hold the most that any reason says of it, and what findings say of things
/// that are in no such row. Never less than what is at stake.
pub async fn exposure<W: Workspace + ?Sized>(store: &W, configured: &Configured<'_>) -> Result<Vec<Money>, AppError> {
    let mut runs = store.current_runs().await?;
    runs.retain(|run| run.request.service == configured.service);
    let Some(run) = newest_compared(&runs) else { return Ok(Vec::new()) };
    let findings = store.findings(run.id).await?;
    let mut stakes = Stakes { uncovered: uncovered(run, configured.coverage_floor), wanted: wanted(&findings), ..Stakes::default() };
    let verdicts = Verdict::ALL.into_iter().filter(|v| !matches!(v, Verdict::Match | Verdict::WithinTolerance)).collect();
    let filter = RowFilter { verdicts, ..RowFilter::default() };
    let mut from = PageFrom::Start;
    loop {
        let request = PageRequest { run: run.id, filter: filter.clone(), sort: Sort::default(), from, limit: PAGE };
        let page = store.page(&request).await?;
        for (_, row) in &page.rows {
            stakes.row(row)?;
        }
        match page.rows.last() {
            Some((cursor, _)) if page.more_after => from = PageFrom::After(cursor.clone()),
            _ => break,
        }
    }
    stakes.settle()?;
    for finding in findings.iter().filter(|f| f.weight == Weight::Blocking) {
        stakes.finding(finding)?;
    }
    Ok(stakes.sums.into_iter().map(|(currency, minor)| Money::new(minor, currency)).collect())
}

/// Currencies whose coverage is under its floor.
fn uncovered(run: &Run, floor: i64) -> BTreeSet<Currency> {
    let short = run.tally.money.iter().filter(|(_, totals)| totals.coverage().is_none_or(|coverage| coverage < floor));
    short.map(|(currency, _)| *currency).collect()
}

/// What blocking findings with money are about, as rows name it.
fn wanted(findings: &[Finding]) -> BTreeSet<String> {
    let blocking = findings.iter().filter(|f| f.weight == Weight::Blocking && !f.money.is_empty());
    blocking.flat_map(|f| f.ids.iter().flat_map(|id| names(f.side, id.raw()))).collect()
}

/// A key, or a document of a side as the rows list it.
fn names(side: About, id: &str) -> Vec<String> {
    let documents: &[&str] = match side {
        About::Source => &["S"],
        About::Target => &["T"],
        About::Both => &["S", "T"],
    };
    let documents = documents.iter().map(|side| format!("{side}:{id}"));
    std::iter::once(format!("={id}")).chain(documents).collect()
}

#[derive(Default)]
struct Stakes {
    sums: BTreeMap<Currency, i64>,
    uncovered: BTreeSet<Currency>,
    wanted: BTreeSet<String>,
    /// Of those, how much was counted.
    counted: BTreeMap<String, BTreeMap<Currency, i64>>,
    /// The subscription and period that rows are of now, with its amounts: rows of one come together.
    open: Option<(RowOf, BTreeMap<Currency, i64>)>,
}

/// What a row is of.
type RowOf = (Subject, String, Period);

impl Stakes {
    /// Counts a row that is no match.
    fn row(&mut self, row: &RowLine) -> Result<(), AppError> {
        let amounts = self.amounts(row)?;
        if amounts.is_empty() {
            return Ok(());
        }
        let documents = row.documents.raw().split(' ').map(str::to_owned);
        for name in std::iter::once(format!("={}", row.key.raw())).chain(documents) {
            if self.wanted.contains(&name) {
                let known = self.counted.entry(name).or_default();
                for (currency, amount) in &amounts {
                    let sum = known.entry(*currency).or_default();
                    *sum = sum.saturating_add(*amount);
                }
            }
        }
        let of = (row.subject, row.key.raw().to_owned(), row.period);
        if self.open.as_ref().is_none_or(|(open, _)| *open != of) {
            self.settle()?;
        }
        let (_, most) = self.open.get_or_insert_with(|| (of, BTreeMap::new()));
        for (currency, amount) in amounts {
            let known = most.entry(currency).or_default();
            *known = (*known).max(amount);
        }
        Ok(())
    }

    /// What of a row is at stake, by currency: where both sides can be compared the difference, else what each has; and where too little
    /// is covered, all that was invoiced of what is not.
    fn amounts(&self, row: &RowLine) -> Result<BTreeMap<Currency, i64>, AppError> {
        let mut out = BTreeMap::new();
        let mut say = |currency: Option<Currency>, minor: Option<i64>| -> Result<(), AppError> {
            if let (Some(currency), Some(minor)) = (currency, minor) {
                let known: &mut i64 = out.entry(currency).or_default();
                *known = (*known).max(minor.checked_abs().ok_or_else(too_much)?);
            }
            Ok(())
        };
        let is_open = match row.verdict {
            // A document that somebody decided on asks for nothing more; whether enough is covered is asked below.
            Verdict::Unlinked => row.review == Review::Open,
            _ => row.review != Review::Waived,
        };
        match row.delta {
            _ if !is_open => {}
            Some(delta) => say(row.actual_currency.or(row.expected_currency), Some(delta))?,
            None => {
                say(row.actual_currency, row.actual)?;
                say(row.expected_currency, row.expected)?;
            }
        }
        let is_covered = matches!(row.verdict, Verdict::Delta | Verdict::Duplicate);
        if !is_covered && row.actual_currency.is_some_and(|currency| self.uncovered.contains(&currency)) {
            say(row.actual_currency, row.actual)?;
        }
        Ok(out.into_iter().filter(|(_, minor)| *minor != 0).collect())
    }

    fn settle(&mut self) -> Result<(), AppError> {
        let Some((_, most)) = self.open.take() else { return Ok(()) };
        most.into_iter().try_for_each(|(currency, minor)| self.add(currency, minor))
    }

    /// Counts what a finding says beyond what was counted of the things it is about: a name that is another's by chance takes off no more
    /// than that one's money.
    fn finding(&mut self, finding: &Finding) -> Result<(), AppError> {
        let is_whole = u64::try_from(finding.ids.len()).is_ok_and(|listed| listed == finding.count);
        for (currency, minor) in &finding.money {
            let most = |id: &str| {
                let of = |name: String| self.counted.get(&name).and_then(|known| known.get(currency)).copied();
                names(finding.side, id).into_iter().filter_map(of).max().unwrap_or(0)
            };
            let before = finding.ids.iter().fold(0i64, |sum, id| sum.saturating_add(most(id.raw())));
            let before = if is_whole { before } else { 0 };
            let beyond = minor.checked_abs().ok_or_else(too_much)?.saturating_sub(before).max(0);
            // Another finding about the same is about the same money.
            let first = finding.ids.first().map(|id| most(id.raw()).saturating_add(beyond));
            self.add(*currency, beyond)?;
            if let Some((all, name)) = first.zip(finding.ids.first().and_then(|id| names(finding.side, id.raw()).pop())) {
                self.counted.entry(name).or_default().insert(*currency, all);
            }
        }
        Ok(())
    }

    fn add(&mut self, currency: Currency, minor: i64) -> Result<(), AppError> {
        let sum = self.sums.entry(currency).or_default();
        *sum = sum.checked_add(minor).ok_or_else(too_much)?;
        Ok(())
    }
}

fn too_much() -> AppError {
    AppError::TooMuch("the money behind the blockers is more than a total can hold".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_that_does_not_fit_is_an_error_and_never_a_smaller_one() {
        let cad = Currency::known("CAD").unwrap();
        let mut stakes = Stakes::default();
        stakes.add(cad, i64::MAX).unwrap();
        assert!(matches!(stakes.add(cad, 1), Err(AppError::TooMuch(_))));
    }
}

//! Usage of the rows that differ against the other months of the same subscriptions: their current runs are read once, side by side.

use super::rows::Rows;
use super::{MONTHS, Told};
use crate::domain::exact::Exact;
use crate::domain::row::{RatingInputs, ReconRow, Subject};
use crate::domain::run::Run;
use crate::domain::text::Untrusted;
use crate::domain::usage_review::{Unusual, UsageReview};
use crate::explain::usage::{LEAST, stands_out};
use crate::ports::workspace::{StoreError, Workspace};

/// Quantities that are listed.
const LISTED: usize = 200;

/// Takes the rows that differ in stored order.
pub struct UsageLook<'s, W: ?Sized> {
    store: &'s W,
    months: Vec<Rows>,
    review: UsageReview,
}

/// What a subscription alone was rated by.
fn rated(row: &ReconRow) -> Option<&RatingInputs> {
    match row.inputs.as_slice() {
        [inputs] if row.subject == Subject::Subscription => Some(inputs),
        _ => None,
    }
}

/// What a subscription used in a month that was billed whole.
pub(super) fn whole(row: &ReconRow) -> Option<&Vec<(String, Exact)>> {
    rated(row).filter(|i| i.days == i.of_days).map(|i| &i.usage)
}

/// What of a row's usage stands out from that of its other months.
pub(super) fn standing_out(row: &ReconRow, history: &[Vec<(String, Exact)>]) -> Vec<Unusual> {
    let mut unusual = Vec::new();
    let Some(inputs) = rated(row) else { return unusual };
    for (metric, quantity) in &inputs.usage {
        let used = |of: &Vec<(String, Exact)>| of.iter().find(|(m, _)| m == metric).map_or(Exact::ZERO, |(_, q)| *q);
        let before: Vec<Exact> = history.iter().map(used).collect();
        let Some((median, deviation)) = stands_out(*quantity, &before) else { continue };
        // Part of a month uses less of it.
        if inputs.days < inputs.of_days && *quantity < median {
            continue;
        }
        let (key, customer, metric) = (row.key.clone(), row.customer.clone(), metric.clone());
        let (period, quantity, months) = (row.period, *quantity, before.len());
        unusual.push(Unusual { key, customer, period, metric, quantity, median, deviation, months });
    }
    unusual
}

impl<'s, W: Workspace + ?Sized> UsageLook<'s, W> {
    /// Against the other months near a run's own that have a current run; against none where they are too few.
    pub async fn of(store: &'s W, run: &Run) -> Result<Self, StoreError> {
        let near = |r: &Run| {
            let apart = r.request.month.months_since(run.request.month).abs();
            r.request.service == run.request.service && apart > 0 && apart <= MONTHS
        };
        let mut others: Vec<Run> = store.current_runs().await?.into_iter().filter(near).collect();
        if others.len() < LEAST {
            others.clear();
        }
        let review = UsageReview { months: others.iter().map(|r| r.request.month).collect(), ..UsageReview::default() };
        Ok(Self { store, months: others.iter().map(|r| Rows::of(r.id)).collect(), review })
    }

    /// Takes the next rows.
    pub async fn add(&mut self, rows: &[Told]) -> Result<(), StoreError> {
        if self.months.is_empty() {
            return Ok(());
        }
        for Told { row, .. } in rows {
            if rated(row).is_none_or(|inputs| inputs.usage.is_empty()) {
                continue;
            }
            let history = self.history(&row.key).await?;
            if history.len() < LEAST {
                continue;
            }
            self.review.rows += 1;
            for unusual in standing_out(row, &history) {
                if self.review.unusual.len() >= LISTED {
                    self.review.more += 1;
                } else {
                    self.review.unusual.push(unusual);
                }
            }
        }
        Ok(())
    }

    /// What a key used in each of the other months it was billed in as a whole.
    async fn history(&mut self, key: &Untrusted) -> Result<Vec<Vec<(String, Exact)>>, StoreError> {
        let mut all = Vec::new();
        for month in &mut self.months {
            loop {
                month.fill(self.store).await?;
                match month.front() {
                    Some(row) if row.key < *key => month.skip(),
                    Some(row) if row.key == *key => {
                        all.extend(whole(row).cloned());
                        month.skip();
                    }
                    _ => break,
                }
            }
        }
        Ok(all)
    }

    /// What stands out.
    pub fn finish(self) -> UsageReview {
        self.review
    }
}

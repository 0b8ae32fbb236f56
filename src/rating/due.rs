//! Whether a subscription is due in a period, and for how many days.

use super::proration::{DayCount, billed_days, billed_part};
use crate::domain::period::{Month, Period};
use crate::domain::profile::{Proration, SubscriptionState};
use crate::domain::records::{Interval, Subscription, SubscriptionStatus};

/// A subscription is due: its billing interval starts in the period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// The interval billed: the period, or several months from its start.
    pub interval: Period,
    /// Days of it that are billed: active and out of trial.
    pub days: i64,
    /// Days it has.
    pub of_days: i64,
    /// The part of it that is billed.
    pub billed: Period,
    /// Months of it.
    pub months: u32,
}

impl Due {
    /// Days billed and days of the interval as a side counts them.
    pub fn counted(&self, proration: Proration) -> (i64, i64) {
        let whole = (self.of_days, self.of_days);
        if self.days == self.of_days {
            return whole;
        }
        let months = 30 * i64::from(self.months);
        match (proration, self.billed.end.pred_opt()) {
            (Proration::None, _) => whole,
            (Proration::Fixed30, _) => (self.days.min(months), months),
            (Proration::Days30360, Some(last)) => (DayCount::Strict30.share(self.billed.start, last).num.clamp(0, months), months),
            _ => (self.days, self.of_days),
        }
    }
}

/// Due = active on some day of the period, an interval starts in it, and that interval is not wholly in trial.
/// `ended_on`, where given, decides over the status; without one only an active status is due.
pub fn due<K, T, C>(subscription: &Subscription<K, T, C>, interval: Interval, period: Period) -> Option<Due> {
    let alive = subscription.ended_on.is_some() || subscription.status == SubscriptionStatus::Known(SubscriptionState::Active);
    if !alive {
        return None;
    }
    let end_of_all = chrono::NaiveDate::MAX;
    let active = Period { start: subscription.started_on, end: subscription.ended_on.unwrap_or(end_of_all) };
    if period.overlap_days(active) == 0 {
        return None;
    }
    let grid = subscription.grid;
    // An interval that is not rated counts as monthly here, so that what hangs on it is noticed.
    let months = i32::try_from(interval.months.max(1)).ok()?;
    let mut interval = period;
    if months > 1 {
        let first = Month::of(grid.period_of(subscription.started_on).start);
        let this = Month::of(period.start);
        if this.months_since(first).rem_euclid(months) != 0 {
            return None;
        }
        interval.end = grid.period_in(this.plus(months)).start;
    }
    let billed = billed_part(interval, active, subscription.trial_end);
    let days = billed_days(interval, active, subscription.trial_end, &[]);
    (days > 0).then(|| Due { interval, days, of_days: interval.days(), billed, months: months.unsigned_abs() })
}

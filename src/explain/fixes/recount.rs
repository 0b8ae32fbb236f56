//! Days of a period by another rule than the one a run counted them by.

use crate::domain::period::{Grid, Month, Period};
use crate::domain::profile::{Proration, SubscriptionState};
use crate::domain::records::{Interval, Subscription, SubscriptionStatus, SubscriptionTerms};
use crate::domain::row::{RatingInputs, SubscriptionFacts};
use crate::rating::due;
use chrono::Datelike;

/// Whether a rule keeps the days as they are.
const fn keeps_days(rule: Proration) -> bool {
    matches!(rule, Proration::Day | Proration::DailyPrice | Proration::Ratio9)
}

/// Days billed and days of the interval by the second rule, where a run counted by the first; `None` where too little was kept to
/// tell. What was counted is told anew from the dates, and only believed where the first rule gives what the run had.
pub fn days(period: Period, facts: Option<&SubscriptionFacts>, interval: Interval, now: &RatingInputs, rules: [Proration; 2]) -> Option<(i64, i64)> {
    let [old, new] = rules;
    let counted = (now.days, now.of_days);
    if old == new || (keeps_days(old) && (keeps_days(new) || now.days == now.of_days)) {
        return Some(counted);
    }
    if keeps_days(old) && new == Proration::None {
        return Some((now.of_days, now.of_days));
    }
    let due = due(&subscription(period, facts?, interval)?, interval, period)?;
    (due.counted(old) == counted).then(|| due.counted(new))
}

/// A subscription that is due, as far as its dates decide for what; `None` where its grid cannot be told.
pub fn subscription(period: Period, facts: &SubscriptionFacts, interval: Interval) -> Option<Subscription<(), &str>> {
    let day = period.start.day();
    // The first day of a long interval at a month's end does not tell its last one.
    if interval.months > 1 && day > 28 || interval.months > 1 && day == 28 && Month::of(period.start).first_day().month() == 2 {
        return None;
    }
    let terms = SubscriptionTerms {
        status: SubscriptionStatus::Known(SubscriptionState::Active),
        ended_on: facts.ended_on,
        trial_end: facts.trial_end,
        quantity: facts.quantity,
        price_override: facts.price_override,
        discount_percent: facts.discount_percent,
        grid: Grid::anchored(u8::try_from(day).ok()?)?,
        currency: None,
    };
    Some(Subscription { key: (), customer_id: "", plan_id: facts.plan_id.raw(), started_on: facts.started_on, terms })
}

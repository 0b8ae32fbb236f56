//! What a row would be rated by if the target rated what changed within a period: by the changes the run kept beside it, which it does
//! for rows that differ. Of the others nobody can tell whether anything changed.

use super::recount;
use crate::domain::evidence::{Change, Event, Evidence};
use crate::domain::profile::{ChangesWithin, Proration, SideProfile};
use crate::domain::row::{RatingInputs, ReconRow, Subject, Terms};
use crate::rating::Changes;

/// What is known of what changed in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed<'e> {
    /// Nothing that decides an amount.
    Nothing,
    /// These, and others that decide nothing.
    Kept(&'e [Event]),
    /// The run did not keep it.
    NotKept,
}

/// What changed in a row of the target; `any_kept` is whether the run kept any change of the target at all.
pub fn of<'e>(row: &ReconRow, beside: Option<&'e Evidence>, any_kept: bool) -> Changed<'e> {
    if row.target.is_none() && row.inputs.is_empty() {
        return Changed::Nothing;
    }
    if !any_kept || !row.verdict.differs() {
        return Changed::NotKept;
    }
    let events = beside.map_or(&[][..], |evidence| &evidence.target.events);
    if events.iter().any(|event| event.what != Change::Other) { Changed::Kept(events) } else { Changed::Nothing }
}

/// What a row is rated by then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rechanged {
    /// What it was rated by.
    Same,
    /// This.
    Inputs(Box<RatingInputs>),
    /// Its changes contradict each other: it can be rated no more.
    Fails,
    /// Too little of it was kept.
    Untold,
}

/// Finds a plan by id as it is corrected.
type Corrections<'f, 'a> = dyn Fn(&str) -> Option<&'a Terms> + 'f;

/// Rates a subscription alone by its changes. `rules` are those its days were counted by, and are to be; `terms` finds a plan by id as it
/// is corrected, and `all` are the plans of the target's catalogue.
pub fn inputs<'a>(
    row: &ReconRow,
    now: &RatingInputs,
    events: &[Event],
    (all, terms): (&'a [Terms], &Corrections<'_, 'a>),
    (profile, before): (&SideProfile, Proration),
) -> Rechanged {
    let (Some(facts), Some(own)) = (&row.target, terms(&now.plan_id)) else { return Rechanged::Untold };
    let is_alone = row.subject == Subject::Subscription && row.inputs.len() == 1;
    let is_as_kept =
        (facts.plan_id.raw(), facts.quantity, facts.price_override) == (now.plan_id.as_str(), now.quantity, now.price_override) && facts.due;
    if !is_alone || !is_as_kept {
        return Rechanged::Untold;
    }
    let interval = own.plan.interval;
    let Some(subscription) = recount::subscription(row.period, facts, interval) else { return Rechanged::Untold };
    // The dates that were kept must tell what the run counted.
    let counted = crate::rating::due(&subscription, interval, row.period).map(|due| due.counted(before));
    if counted != Some((now.days, now.of_days)) {
        return Rechanged::Untold;
    }
    let meant = |word: &str| {
        let mut named = all.iter().filter(|t| !word.trim().is_empty() && t.plan.name.raw().trim().eq_ignore_ascii_case(word.trim()));
        let by_name = named.next().filter(|_| named.next().is_none());
        let plan = all.iter().find(|t| t.plan.id == word).or(by_name)?;
        terms(&plan.plan.id)
    };
    let Some(changes) = Changes::of(events, &subscription, &profile.vocabulary, meant) else { return Rechanged::Same };
    // A row that is due no more may be none at all: that is no verdict.
    let Some(due) = changes.due(&subscription, interval, row.period) else { return Rechanged::Untold };
    let Ok(held) = changes.held(&due, profile.proration) else { return Rechanged::Fails };
    let then = RatingInputs {
        plan_id: held.terms.plan.id.clone(),
        quantity: held.quantity,
        price_override: held.price_override,
        days: held.days,
        of_days: held.of_days,
        stretches: held.stretches,
        ..now.clone()
    };
    if then == *now { Rechanged::Same } else { Rechanged::Inputs(Box::new(then)) }
}

/// Whether a side that ignored changes is to rate them.
pub const fn begins(before: ChangesWithin, then: ChangesWithin) -> bool {
    matches!((before, then), (ChangesWithin::Ignored, ChangesWithin::Rated))
}

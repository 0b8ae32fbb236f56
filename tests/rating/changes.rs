//! What changes within an interval, against walking its days one by one.

use crate::oracle::Frac;
use crate::side_profile::plain;
use chrono::{Days, NaiveDate};
use dualrun::domain::currency::Currency;
use dualrun::domain::decode::When;
use dualrun::domain::evidence::{Change, Event};
use dualrun::domain::exact::Exact;
use dualrun::domain::period::{Grid, Month, Period};
use dualrun::domain::profile::{Proration, SideProfile, SubscriptionState, Vocabulary};
use dualrun::domain::records::{Interval, Plan, Subscription, SubscriptionStatus, SubscriptionTerms};
use dualrun::domain::row::{RatingInputs, Terms};
use dualrun::domain::text::Untrusted;
use dualrun::flip::{First, expected_first};
use dualrun::rating::{Changes, Held, Rating, due, rate, steps};
use proptest::prelude::*;

const PLANS: [(&str, i128); 3] = [("small", 5_000), ("medium", 12_345), ("large", 20_001)];
const STATES: [(&str, SubscriptionState); 3] =
    [("active", SubscriptionState::Active), ("paused", SubscriptionState::Inactive), ("cancelled", SubscriptionState::Ended)];

fn cents(n: i128) -> Exact {
    Exact::ratio(n, 100).unwrap()
}

fn terms() -> Vec<Terms> {
    let plan = |(id, price): (&str, i128)| Plan {
        id: id.to_owned(),
        name: Untrusted::new(format!("The {id} plan")),
        currency: Currency::known("CAD").unwrap(),
        interval: Interval { months: 1 },
        flat_price: cents(price),
        active: true,
    };
    PLANS.map(|p| Terms { plan: plan(p), charges: Vec::new() }).into()
}

fn vocabulary() -> Vocabulary {
    Vocabulary { subscriptions: STATES.map(|(word, state)| (word.to_owned(), state)).into(), ..Vocabulary::default() }
}

fn event(day: NaiveDate, what: Change, from: Option<&str>, to: Option<&str>) -> Event {
    Event { at: When::Day(day), day, what, word: "changed".into(), from: from.map(Into::into), to: to.map(Into::into) }
}

fn subscription(plan_id: &str) -> Subscription<(), &str> {
    let terms = SubscriptionTerms {
        status: SubscriptionStatus::Known(SubscriptionState::Active),
        ended_on: None,
        trial_end: None,
        quantity: Exact::ONE,
        price_override: None,
        discount_percent: Exact::ZERO,
        grid: Grid::CALENDAR,
        currency: None,
    };
    Subscription { key: (), customer_id: "c", plan_id, started_on: "2025-01-01".parse().unwrap(), terms }
}

fn month(text: &str) -> Period {
    Grid::CALENDAR.period_in(Month::parse(text).unwrap())
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// What a subscription with these changes is rated by; `None` where it is not due.
fn held<'a>(terms: &'a [Terms], events: &[Event], of: &Subscription<(), &'a str>, period: Period, by: Proration) -> Option<Result<Held<'a>, String>> {
    let plan = |word: &str| terms.iter().find(|t| t.plan.id == word || t.plan.name.raw() == word);
    let Some(changes) = Changes::of(events, of, &vocabulary(), plan) else { panic!("nothing changes: {events:?}") };
    let due = changes.due(of, Interval { months: 1 }, period)?;
    Some(changes.held(&due, by))
}

fn inputs(held: &Held<'_>) -> RatingInputs {
    RatingInputs {
        plan_id: held.terms.plan.id.clone(),
        quantity: held.quantity,
        price_override: held.price_override,
        discount_percent: Exact::ZERO,
        days: held.days,
        of_days: held.of_days,
        usage: Vec::new(),
        taxes: None,
        stretches: held.stretches.clone(),
    }
}

fn rated(held: &Held<'_>, proration: Proration) -> Rating {
    rate(&inputs(held), held.terms, &SideProfile { proration, ..plain() }).unwrap()
}

/// What a subscription is on a day.
#[derive(Debug, Clone, Copy, PartialEq)]
struct State {
    plan: usize,
    quantity: i128,
    status: usize,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Each day costs what the plan of that day costs a day, times the quantity of that day, where it was active. What one of two
    /// neighbouring records leaves out, the other says.
    #[test]
    fn each_day_is_billed_as_it_was(
        at in 0i32..24,
        start in (0usize..3, 1i128..9, 0usize..3),
        all in proptest::collection::vec((-20i64..60, 0usize..3, 0usize..3, 1i128..9, 0u8..4), 1..9),
        own in proptest::option::of(0i128..30_000),
        begins in -40i64..20,
    ) {
        let terms = terms();
        let period = Grid::CALENDAR.period_in(Month::parse("2025-01").unwrap().plus(at));
        let on = |n: i64| period.start + chrono::TimeDelta::days(n);
        let mut all = all;
        all.sort_by_key(|(day, kind, ..)| (*day, *kind));
        all.dedup_by_key(|(day, kind, ..)| (*day, *kind));
        let (mut now, mut events, mut turns) = (State { plan: start.0, quantity: start.1, status: start.2 }, Vec::new(), Vec::new());
        let first = now;
        for (at, kind, which, quantity, leaves_out) in all.iter().copied() {
            let last = now;
            match kind {
                0 => now.plan = which,
                1 => now.quantity = quantity,
                _ => now.status = which,
            }
            let word = |s: State| match kind { 0 => PLANS[s.plan].0.to_owned(), 1 => s.quantity.to_string(), _ => STATES[s.status].0.to_owned() };
            let what = [Change::Plan, Change::Quantity, Change::Status][kind];
            let (from, to) = (word(last), word(now));
            // What it was stands in the record before, where there is one; what it became, in the one after or in the subscription.
            let is_first = !events.iter().any(|e: &Event| e.what == what);
            let before_says = events.iter().rfind(|e: &&Event| e.what == what).is_some_and(|e: &Event| e.to.is_some());
            let from = (is_first || !before_says || leaves_out & 1 == 0).then_some(from.as_str());
            events.push(event(on(at), what, from, (leaves_out & 2 == 0).then_some(to.as_str())));
            turns.push((on(at), now));
        }
        // A status that nothing says is none: the last record of it, and the one before a gap, say what it became.
        for (event, (_, state)) in events.iter_mut().zip(&turns) {
            if event.what == Change::Status {
                event.to = Some(STATES[state.status].0.into());
            }
        }
        let mut of = subscription(PLANS[now.plan].0);
        of.started_on = on(begins);
        of.terms.quantity = Exact::whole(now.quantity);
        of.terms.price_override = own.map(cents);
        of.terms.status = SubscriptionStatus::Known(STATES[now.status].1);
        let has_status = events.iter().any(|e| e.what == Change::Status);
        let state_on = |d: NaiveDate| turns.iter().rfind(|(from, _)| *from <= d).map_or(first, |(_, s)| *s);
        let active = |d: NaiveDate| d >= of.started_on && if has_status { state_on(d).status == 0 } else { first.status == 0 };
        let of_days = period.days();
        let (mut wanted, mut billed) = (Frac::ZERO, 0);
        for d in period.start.iter_days().take_while(|d| *d < period.end).filter(|d| active(*d)) {
            let state = state_on(d);
            let price = own.filter(|_| state.plan == now.plan).unwrap_or(PLANS[state.plan].1);
            wanted = wanted.plus(Frac::new(price * state.quantity, 100 * i128::from(of_days)));
            billed += 1;
        }
        let found = held(&terms, &events, &of, period, Proration::Day);
        prop_assert_eq!(found.is_some(), billed > 0);
        let Some(found) = found else { return Ok(()) };
        let found = found.unwrap();
        prop_assert_eq!(found.days, billed);
        prop_assert_eq!(rated(&found, Proration::Day).exact, wanted.exact());
        // However the side counts, parts of a whole interval are the whole of it.
        for by in [Proration::Fixed30, Proration::Days30360, Proration::Day] {
            let held = held(&terms, &events, &of, period, by).unwrap().unwrap();
            let days: i64 = held.stretches.iter().map(|s| s.days).sum();
            prop_assert!(held.stretches.is_empty() || days == held.days);
            prop_assert!(billed < of_days || held.days == held.of_days);
            prop_assert!(held.days <= held.of_days);
        }
    }

    /// There and back on one day is nothing, in whatever order the two were read.
    #[test]
    fn there_and_back_on_a_day_is_nothing(at in 1u64..30, turned in any::<bool>(), old in 0usize..3, new in 0usize..3) {
        prop_assume!(old != new);
        let (terms, period) = (terms(), month("2026-05"));
        let on = period.start + Days::new(at);
        let at = |hour: u32| When::At(on.and_hms_opt(hour, 0, 0).unwrap().and_utc());
        let there = Event { at: at(9), ..event(on, Change::Plan, Some(PLANS[old].0), Some(PLANS[new].0)) };
        let back = Event { at: at(17), ..event(on, Change::Plan, Some(PLANS[new].0), Some(PLANS[old].0)) };
        let of = subscription(PLANS[old].0);
        let held = held(&terms, &[there.clone(), back.clone()], &of, period, Proration::Day).unwrap().unwrap();
        prop_assert!(held.stretches.is_empty() && held.days == held.of_days);
        prop_assert_eq!(rated(&held, Proration::Day).exact, cents(PLANS[old].1));
        // Without moments, what one became is what the next was: to the third plan by the second.
        let third = (0..3).find(|n| *n != old && *n != new).unwrap();
        let mut pair = [event(on, Change::Plan, Some(PLANS[old].0), Some(PLANS[new].0)), event(on, Change::Plan, Some(PLANS[new].0), Some(PLANS[third].0))];
        if turned {
            pair.reverse();
        }
        let now = subscription(PLANS[third].0);
        let held = self::held(&terms, &pair, &now, period, Proration::Day).unwrap().unwrap();
        let plans: Vec<&str> = held.stretches.iter().map(|s| s.plan_id.as_str()).collect();
        prop_assert_eq!(plans, [PLANS[old].0, PLANS[third].0]);
    }
}

#[test]
fn a_change_is_redone_by_hand() {
    let terms = terms();
    let events = [
        event(day("2026-05-10"), Change::Plan, Some("small"), Some("The large plan")),
        event(day("2026-05-22"), Change::Status, Some("active"), Some("paused")),
        event(day("2026-05-25"), Change::Status, Some("paused"), Some("active")),
        event(day("2026-05-25"), Change::Quantity, Some("1"), Some("3")),
    ];
    let mut of = subscription("large");
    (of.terms.quantity, of.terms.price_override) = (Exact::whole(3), Some(cents(18_000)));
    let held = held(&terms, &events, &of, month("2026-05"), Proration::Day).unwrap().unwrap();
    let lines = steps(&inputs(&held), held.terms, &plain()).unwrap();
    let wanted = [
        "from 2026-05-01 on plan small, flat 50 × 1 × 9/31 days = 14.516129… (450/31)",
        "from 2026-05-10 on plan large, own price 180 × 1 × 12/31 days = 69.677419… (2160/31)",
        "from 2026-05-25 on plan large, own price 180 × 3 × 7/31 days = 121.935483… (3780/31)",
        "net 206.13 = 206.129032… (6390/31) rounded half-up, the sum",
    ];
    assert_eq!(lines[..wanted.len()], wanted);
    // Not prorated, the month costs what the subscription was on its first day.
    let whole = self::held(&terms, &events, &of, month("2026-05"), Proration::None).unwrap().unwrap();
    assert_eq!(steps(&inputs(&whole), whole.terms, &plain()).unwrap()[0], "flat 50 × 1 = 50");
    // April was before all of it, June is as it is now.
    let april = self::held(&terms, &events, &of, month("2026-04"), Proration::Day).unwrap().unwrap();
    assert_eq!((april.terms.plan.id.as_str(), april.quantity, april.price_override), ("small", Exact::ONE, None));
    let june = self::held(&terms, &events, &of, month("2026-06"), Proration::Day).unwrap().unwrap();
    assert_eq!((june.terms.plan.id.as_str(), june.quantity, june.price_override), ("large", Exact::whole(3), Some(cents(18_000))));
}

#[test]
fn what_nobody_says_is_not_rated() {
    let terms = terms();
    let why = |events: &[Event], of: &Subscription<(), &'static str>| {
        held(&terms, events, of, month("2026-05"), Proration::Day).expect("due, or perhaps due").unwrap_err()
    };
    let on = day("2026-05-10");
    let of = subscription("large");
    let plan = |from: Option<&str>, to: Option<&str>| event(on, Change::Plan, from, to);
    assert_eq!(why(&[plan(Some("small"), Some("medium"))], &of), "its plan is not what it became on 2026-05-10");
    assert_eq!(why(&[plan(None, Some("large"))], &of), "no change says what its plan was around 2026-05-10");
    assert_eq!(why(&[plan(Some("gone"), Some("large"))], &of), "plan gone is not in the catalogue, or cannot be read");
    let two = [plan(Some("small"), Some("medium")), event(day("2026-05-20"), Change::Plan, Some("small"), Some("large"))];
    assert_eq!(why(&two, &of), "the next change of its plan after 2026-05-10 contradicts that one");
    let torn = [plan(Some("small"), Some("medium")), plan(Some("small"), Some("large"))];
    assert_eq!(why(&torn, &of), "its changes of 2026-05-10 cannot be put in order");
    assert_eq!(why(&[event(on, Change::Quantity, Some("one"), Some("1"))], &of), "its event of 2026-05-10 has the quantity one, which is no number");
    assert_eq!(
        why(&[event(on, Change::Status, Some("asleep"), Some("active"))], &of),
        "its event of 2026-05-10 has the status asleep, which is no word of its side"
    );
    // Paused by the records, active by the subscription: nobody knows since when.
    assert_eq!(why(&[event(on, Change::Status, Some("active"), Some("paused"))], &of), "its status is not what it became on 2026-05-10");
    // What lies outside the month and says nothing of it spoils nothing.
    let july = [event(day("2026-07-10"), Change::Plan, Some("large"), Some("medium")), event(day("2026-07-20"), Change::Plan, None, Some("gone"))];
    let held = held(&terms, &july, &of, month("2026-05"), Proration::Day).unwrap().unwrap();
    assert_eq!((held.terms.plan.id.as_str(), held.stretches.len()), ("large", 0));
    // And changes of something else change nothing.
    assert!(Changes::of(&[event(on, Change::Other, None, None)], &of, &vocabulary(), |_| None).is_none());
}

/// Paused today, and not all of the month: due by the records, though not by its status.
#[test]
fn paused_now_was_active_then() {
    let terms = terms();
    let mut of = subscription("small");
    of.terms.status = SubscriptionStatus::Known(SubscriptionState::Inactive);
    assert!(due(&of, Interval { months: 1 }, month("2026-05")).is_none());
    let events = [event(day("2026-05-10"), Change::Status, Some("active"), Some("paused"))];
    let held = |month: Period| held(&terms, &events, &of, month, Proration::Day);
    let may = held(month("2026-05")).unwrap().unwrap();
    assert_eq!((may.days, may.of_days, may.stretches.len()), (9, 31, 0));
    assert!(held(month("2026-06")).is_none());
    assert_eq!(held(month("2026-04")).unwrap().unwrap().days, 30);
}

/// The first invoice of the target is one of what the subscription is now, for a whole month.
#[test]
fn what_changed_within_a_month_is_over_in_the_first_invoice() {
    let terms = terms();
    let events = [event(day("2026-05-10"), Change::Plan, Some("small"), Some("large"))];
    let held = held(&terms, &events, &subscription("large"), month("2026-05"), Proration::Day).unwrap().unwrap();
    assert_eq!(held.stretches.len(), 2);
    let first = First { from: day("2026-06-01"), grid: Grid::CALENDAR, in_advance: Some(true), bill_day: None };
    let expected = expected_first(&first, &inputs(&held), held.terms, &plain()).unwrap();
    assert_eq!(expected.net.to_string(), "200.01");
}

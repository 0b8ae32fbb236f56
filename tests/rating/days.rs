//! Proration, periods and anchors against counting day by day.

use crate::oracle::{Frac, month_days};
use chrono::{Datelike as _, Days, NaiveDate};
use dualrun::domain::calendar::{Cycle, anniversaries, billed_on, days_after, first_billing_day, months_after};
use dualrun::domain::exact::Exact;
use dualrun::domain::period::{Grid, Month, Period};
use dualrun::domain::rounding::{RoundMode, Rounding};
use dualrun::rating::allocation::allocate;
use dualrun::rating::cycles::{Billed, fixed_ratio, ratio_after, ratio_before};
use dualrun::rating::proration::{DayCount, Share, billed_days, daily_price_first, prorate, stepwise, swap};
use proptest::prelude::*;

const CENTS: Rounding = Rounding::half_up(2);

fn cents(n: i128) -> Exact {
    Exact::ratio(n, 100).unwrap()
}

fn day() -> impl Strategy<Value = NaiveDate> {
    (2019i32..2030, 1u32..=12, 1u32..=31).prop_map(|(y, m, d)| NaiveDate::from_ymd_opt(y, m, d.min(month_days(y, m))).unwrap())
}

/// Days between two, one by one.
fn counted(from: NaiveDate, to: NaiveDate) -> i64 {
    i64::try_from(from.iter_days().take_while(|d| *d < to).count()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn parts_of_a_period_add_up(amount in -100_000i128..100_000, start in day(), length in 1u64..400, mut cuts in proptest::collection::vec(0u64..400, 0..5)) {
        let end = start + Days::new(length);
        let period = Period { start, end };
        cuts.retain(|c| *c <= length);
        cuts.extend([0, length]);
        cuts.sort_unstable();
        let parts: Vec<Period> = cuts.windows(2).map(|w| Period { start: start + Days::new(w[0]), end: start + Days::new(w[1]) }).collect();
        let exact: Vec<Exact> = parts.iter().map(|part| Share::of_days(period, *part).of(cents(amount)).unwrap()).collect();
        for (part, amount_of_part) in parts.iter().zip(&exact) {
            let wanted = Frac::new(amount * i128::from(counted(part.start, part.end)), 100 * i128::from(counted(start, end)));
            prop_assert_eq!(*amount_of_part, wanted.exact());
        }
        prop_assert_eq!(Exact::sum(exact.iter().copied()).unwrap(), cents(amount));
        let rounded = Exact::sum(exact.iter().map(|e| CENTS.of(*e).unwrap())).unwrap();
        let most = Exact::ratio(i128::try_from(parts.len()).unwrap(), 200).unwrap();
        prop_assert!(rounded.sub(cents(amount)).unwrap().abs().unwrap() <= most);
        // Split by days, nothing is lost.
        if amount >= 0 {
            let days: Vec<Exact> = parts.iter().map(|p| Exact::whole(i128::from(p.days()))).collect();
            let split = allocate(Exact::whole(amount), &days).unwrap();
            prop_assert_eq!(Exact::sum(split).unwrap(), Exact::whole(amount));
        }
        let whole = period.days();
        prop_assert_eq!(prorate(cents(amount), whole, whole).unwrap(), cents(amount));
        prop_assert_eq!(prorate(cents(amount), 0, whole).unwrap(), Exact::ZERO);
        prop_assert_eq!(Share::of_days(period, Period { start, end: start }).num, 0);
        let seconds = |d: NaiveDate| d.and_time(chrono::NaiveTime::MIN).and_utc().timestamp();
        for part in &parts {
            let by_second = Share::of_seconds([seconds(start), seconds(end)], [seconds(part.start), seconds(part.end)]).unwrap();
            prop_assert_eq!(by_second.ratio().unwrap(), Share::of_days(period, *part).ratio().unwrap());
        }
    }

    /// The last day that counts and the first that does not are one day apart.
    #[test]
    fn day_counts_agree_with_their_rules(first in day(), length in 0u64..31) {
        let last = first + Days::new(length);
        let after = last + Days::new(1);
        let actual = DayCount::Actual.share(first, last);
        prop_assert_eq!(actual.num, Period { start: first, end: after }.days());
        prop_assert_eq!(actual.den, i64::from(month_days(first.year(), first.month())));
        let fixed = DayCount::Fixed30.share(first, last);
        prop_assert_eq!((fixed.num, fixed.den), (actual.num, 30));
        let strict = DayCount::Strict30.share(first, last);
        // Counted on a calendar whose months all have thirty days.
        let of30 = |d: NaiveDate| if d.day() == month_days(d.year(), d.month()) { 30 } else { d.day() };
        let index = |d: NaiveDate, day: u32| i64::from(d.year()) * 360 + i64::from(d.month0()) * 30 + i64::from(day);
        prop_assert_eq!((strict.num, strict.den), (index(last, of30(last)) - index(first, first.day()) + 1, 30));
        let month = Grid::CALENDAR.period_of(first);
        prop_assert_eq!(DayCount::Strict30.share(month.start, month.last()), Share { num: 30, den: 30 });
    }

    #[test]
    fn changing_and_changing_back_is_nothing(old in 0i128..100_000, new in 0i128..100_000, den in 1i64..400, part in 0i64..400, mode in 0usize..7) {
        let left = Share { num: part.min(den), den };
        let rounding = Rounding { digits: 2, mode: RoundMode::WORDS[mode].1 };
        for rounding in [None, Some(rounding)] {
            let there = swap(cents(old), cents(new), left, rounding, Exact::ZERO).unwrap();
            let back = swap(cents(new), cents(old), left, rounding, Exact::ZERO).unwrap();
            prop_assert_eq!(there.net.add(back.net).unwrap(), Exact::ZERO);
            prop_assert!(there.credit.neg().unwrap() <= cents(old) && there.charge <= cents(new));
            let next = swap(cents(old), cents(new), left, rounding, cents(new)).unwrap();
            prop_assert_eq!(next.net.sub(there.net).unwrap(), cents(new));
        }
        // The same as the period priced step by step.
        let start = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
        let period = Period { start, end: start + Days::new(den.unsigned_abs()) };
        let change = period.end - Days::new(left.num.unsigned_abs());
        let steps = stepwise(period, &[(start, cents(old)), (change, cents(new))]).unwrap();
        prop_assert_eq!(steps.sub(cents(old)).unwrap(), swap(cents(old), cents(new), left, None, Exact::ZERO).unwrap().net);
    }

    #[test]
    fn a_daily_price_is_rounded_and_nothing_after_it(amount in 0i128..1_000_000, days in 0i64..400, of in 1i64..400, digits in 0u32..7) {
        let rounding = Rounding::half_up(digits);
        let daily = rounding.of(prorate(cents(amount), 1, of).unwrap()).unwrap();
        let mut sum = Exact::ZERO;
        for _ in 0..days {
            sum = sum.add(daily).unwrap();
        }
        prop_assert_eq!(daily_price_first(cents(amount), days, of, rounding).unwrap(), sum);
    }

    #[test]
    fn billed_days_are_alive_out_of_trial_and_not_paused(start in day(), from in -40i64..40, length in 0i64..80, trial in proptest::option::of(-10i64..50), pauses in proptest::collection::vec((-10i64..40, 0i64..20), 0..4)) {
        let at = |n: i64| days_after(start, n).unwrap();
        let period = Period { start, end: at(31) };
        let active = Period { start: at(from), end: at(from + length) };
        let pauses: Vec<Period> = pauses.into_iter().map(|(from, length)| Period { start: at(from), end: at(from + length) }).collect();
        let wanted = (0..31).map(at).filter(|d| active.contains(*d) && trial.is_none_or(|t| *d >= at(t)) && !pauses.iter().any(|p| p.contains(*d))).count();
        prop_assert_eq!(billed_days(period, active, trial.map(at), &pauses), i64::try_from(wanted).unwrap());
    }

    #[test]
    fn anchors_never_drift(anchor in day(), n in 1u32..40) {
        let all = anniversaries(anchor, n).unwrap();
        for (k, date) in (1u32..).zip(&all) {
            let months = anchor.month0() + k;
            let (year, month) = (anchor.year() + i32::try_from(months / 12).unwrap(), months % 12 + 1);
            prop_assert_eq!((date.year(), date.month(), date.day()), (year, month, anchor.day().min(month_days(year, month))));
        }
        if anchor.day() < 29 || anchor.month() != 2 {
            prop_assert_eq!(months_after(anchor, 12).unwrap().day(), anchor.day());
        }
    }

    #[test]
    fn periods_tile_and_arrears_are_advance_one_later(anchor in 1u8..=31, at in day()) {
        let grid = Grid::anchored(anchor).unwrap();
        let here = grid.period_of(at);
        prop_assert!(here.contains(at));
        let next = grid.period_in(Month::of(here.start).plus(1));
        prop_assert_eq!(here.end, next.start);
        prop_assert_eq!(billed_on(grid, at, true), here);
        prop_assert_eq!(billed_on(grid, next.start, false), billed_on(grid, at, true));
        prop_assert_eq!(billed_on(grid, at, false).end, here.start);
    }

    #[test]
    fn whole_periods_are_the_most_that_fit(start in day(), span in 0u64..1_500, which in 0usize..5) {
        let cycle = [Cycle::Months(1), Cycle::Months(3), Cycle::Months(12), Cycle::Days(7), Cycle::Days(30)][which];
        let end = start + Days::new(span);
        let mut n = 0;
        while cycle.after(start, n + 1).unwrap() <= end {
            n += 1;
        }
        prop_assert_eq!(cycle.whole(start, end), Some(n));
    }

    #[test]
    fn the_first_billing_day_is_found_by_looking(from in day(), billing_day in 1u8..=31) {
        let is = |d: &NaiveDate| d.day() == u32::from(billing_day).min(month_days(d.year(), d.month()));
        let found = from.iter_days().find(is).unwrap();
        prop_assert_eq!(first_billing_day(from, billing_day, Cycle::Months(1)), Some(found));
    }

    /// A subscription billed from its own billing day has whole cycles, and a fragment is a ratio of the cycle it lies in.
    #[test]
    fn cycles_are_counted_one_by_one(start in day(), billing_day in 1u8..=31, span in 0u64..400, target in 0u64..400) {
        let end = start + Days::new(span);
        let target = start + Days::new(target);
        let billed = Billed { cycle: Cycle::Months(1), start, end: Some(end), billing_day };
        let is = |d: &NaiveDate| d.day() == u32::from(billing_day).min(month_days(d.year(), d.month()));
        let ratio = |num: i64, den: i64| Rounding::half_up(9).of(Exact::ratio(i128::from(num), i128::from(den)).unwrap()).unwrap();
        let mut sum = Exact::ZERO;
        // Walk from billing day to billing day, beginning with the one before the start.
        let mut from = start;
        while !is(&from) {
            from = from.pred_opt().unwrap();
        }
        loop {
            let until = from.succ_opt().unwrap().iter_days().find(is).unwrap();
            let begins = from.max(start);
            if begins > target || (from >= end && from >= start) {
                break;
            }
            let (begins, ends) = (begins, until.min(end));
            let part = if begins == from && ends == until { Exact::ONE } else { ratio(counted(begins, ends), counted(from, until)) };
            sum = sum.add(part).unwrap();
            from = until;
        }
        prop_assert_eq!(billed.cycles_until(target).unwrap(), sum);
    }
}

#[test]
fn ratios_of_fragments() {
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let number = |text: &str| text.parse::<Exact>().unwrap();
    assert_eq!(fixed_ratio(day("2023-05-23"), day("2023-06-15"), 30).unwrap(), (22, number("0.733333333")));
    assert_eq!(ratio_before(day("2023-05-23"), day("2023-06-15")).unwrap(), number("0.741935484"));
    assert_eq!(ratio_after(day("2023-06-23"), day("2023-07-15")).unwrap(), number("0.733333333"));
    assert!(fixed_ratio(day("2023-05-23"), day("2023-06-15"), 0).is_err());
}

//! One known cause into a row on which both sides agreed, with the row of the data that says so. The amounts are made here by hand,
//! not by what is being measured.

mod documents;
pub(super) mod exchange;

use super::ground::{Ground, METRIC, TAX, by_charge, charge, plus, product};
use crate::domain::decode::When;
use crate::domain::evidence::{Change, DiscountKind, Event, LateUsage};
use crate::domain::exact::Exact;
use crate::domain::explanation::Cause;
use crate::domain::money::Money;
use crate::domain::period::{Grid, Month, Period};
use crate::domain::profile::TaxStage;
use crate::domain::records::ChargeModel;
use crate::domain::rounding::{RoundMode, to_minor};
use crate::domain::side::Side;
use crate::explain::case::Billed;
use crate::explain::company::{Group, Scaled};
use chrono::{Days, NaiveTime};

type Injector = fn(&mut Ground) -> Option<Cause>;

/// Each gives the cause it injected; none where the row has no place for it.
const ALL: [Injector; 43] = [
    one_sided,
    documents::duplicate,
    documents::drifted,
    merged,
    shifted,
    inactive,
    documents::credited,
    documents::one_off,
    documents::refund,
    scaled,
    documents::usage_unit,
    documents::started_units,
    exchange::priced_abroad,
    exchange::converted,
    own_price,
    list_price,
    unit_price,
    version,
    source_plan,
    named_plan,
    percent,
    fixed,
    stacked,
    trial,
    whole_trial,
    least,
    seats,
    named_seats,
    average_seats,
    packages,
    started,
    ended,
    by_second,
    daily,
    changed,
    complement,
    late,
    repeated,
    prorated_quota,
    inclusive,
    declared_rounding,
    truncated,
    tax_by_line,
];

/// Injects a cause into a row. A row that has no place for the one drawn gets the next.
pub fn into(ground: &mut Ground) -> Cause {
    let first = usize::try_from(ground.below(ALL.len() as u64)).unwrap_or(0);
    for n in 0..ALL.len() {
        let mut tried = ground.clone();
        if let Some(cause) = ALL[(first + n) % ALL.len()](&mut tried) {
            *ground = tried;
            return cause;
        }
    }
    Cause::OneSided
}

/// The cause, where it made the sides differ.
fn made(ground: &Ground, cause: Cause) -> Option<Cause> {
    let differs = ground.row.delta.is_some_and(|d| d.minor != 0) || ground.row.delta_tax.is_some_and(|d| d.minor != 0);
    differs.then_some(cause)
}

fn flat(ground: &Ground) -> Exact {
    ground.shelves[1].terms[0].plan.flat_price
}

fn usage_cost(ground: &Ground) -> Exact {
    ground.metered(ground.used())
}

fn has_usage(ground: &Ground) -> bool {
    !usage_cost(ground).is_zero()
}

fn ratio(num: i64, den: i64) -> Exact {
    Exact::ratio(num.into(), den.into()).unwrap_or(Exact::ONE)
}

fn one_sided(ground: &mut Ground) -> Option<Cause> {
    if ground.below(2) == 0 {
        ground.row.target = None;
        ground.row.inputs.clear();
        (ground.row.expected, ground.row.rated, ground.row.basis) = (None, None, None);
        let actual = ground.row.actual;
        ground.settle(actual);
    } else {
        ground.row.source = None;
        ground.row.documents.clear();
        ground.settle(None);
    }
    made(ground, Cause::OneSided)
}

/// The source bills each amount a month later.
fn shifted(ground: &mut Ground) -> Option<Cause> {
    let month = Month::of(ground.row.period.start);
    let money = |cents: u64, ground: &Ground| Money::new(i64::try_from(cents).unwrap_or(1), ground.currency);
    let mut amounts: Vec<Money> = Vec::new();
    for _ in 0..3 {
        let cents = 1_000 + ground.below(90_000);
        amounts.push(money(cents, ground));
    }
    let expected = ground.row.expected?;
    let period = |n: i32| Grid::CALENDAR.period_in(month.plus(n));
    let billed = |n: i32, actual: Money, expected: Money| Billed { period: period(n), actual: Some(actual), expected: Some(expected) };
    ground.history = vec![billed(-1, amounts[0], amounts[1]), billed(0, amounts[1], expected), billed(1, expected, amounts[2])];
    ground.bill_rounded(amounts[1]);
    made(ground, Cause::PeriodShift)
}

fn inactive(ground: &mut Ground) -> Option<Cause> {
    ground.row.documents.clear();
    ground.settle(None);
    if ground.below(2) == 0 {
        ground.facts(Side::Source).status = "inactive".into();
    } else {
        let day = ground.row.period.start - Days::new(5 + ground.below(40));
        ground.event(day, Change::Status, "active", "paused");
    }
    made(ground, Cause::Inactive)
}

/// Every row of the currency is a hundredfold.
fn scaled(ground: &mut Ground) -> Option<Cause> {
    ground.bill(product(&[ground.row.expected?.exact().ok()?, Exact::whole(100)]));
    ground.scaled = Some(Scaled::hundredfold(3 + ground.below(50)));
    made(ground, Cause::MinorUnit)
}

/// The source bills in one what two of the target's subscriptions come to.
fn merged(ground: &mut Ground) -> Option<Cause> {
    let other = ground.price();
    ground.bill(plus(ground.rated(), other));
    ground.group = Some(Group { rows: 2, missing: [1, 0] });
    made(ground, Cause::MergedMapping)
}

fn own_price(ground: &mut Ground) -> Option<Cause> {
    let price = ground.price();
    ground.facts(Side::Source).price_override = Some(price);
    ground.bill(plus(price, usage_cost(ground)));
    made(ground, Cause::OtherPrice)
}

fn list_price(ground: &mut Ground) -> Option<Cause> {
    let price = ground.price();
    ground.shelves[0].terms[0].plan.flat_price = price;
    ground.bill(plus(price, usage_cost(ground)));
    made(ground, Cause::OtherPrice)
}

fn unit_price(ground: &mut Ground) -> Option<Cause> {
    let price = Exact::scaled(i128::from(101 + ground.below(9_000)), 6).ok().filter(|_| has_usage(ground))?;
    let charge = ground.shelves[0].terms[0].charges.first_mut()?;
    charge.unit_price = Some(price);
    let cost = by_charge(&charge.clone(), ground.used());
    ground.bill(plus(flat(ground), cost));
    made(ground, Cause::OtherPrice)
}

fn version(ground: &mut Ground) -> Option<Cause> {
    let price = ground.price();
    let began = ground.facts(Side::Source).started_on;
    ground.version(price, Some(began - Days::new(30)), Some(began + Days::new(60)));
    ground.bill(plus(price, usage_cost(ground)));
    made(ground, Cause::OtherPrice)
}

fn source_plan(ground: &mut Ground) -> Option<Cause> {
    let other = usize::try_from(1 + ground.below(3)).ok()?;
    let terms = ground.shelves[1].terms[other].clone();
    ground.facts(Side::Source).plan_id = terms.plan.id.as_str().into();
    ground.bill(plus(terms.plan.flat_price, usage_cost(ground)));
    made(ground, Cause::OtherPlan)
}

fn named_plan(ground: &mut Ground) -> Option<Cause> {
    let other = usize::try_from(1 + ground.below(3)).ok()?;
    let terms = ground.shelves[1].terms[other].clone();
    let day = ground.row.period.start - Days::new(10);
    ground.event(day, Change::Plan, "p-1", &terms.plan.id);
    ground.bill(plus(terms.plan.flat_price, usage_cost(ground)));
    made(ground, Cause::OtherPlan)
}

fn percent(ground: &mut Ground) -> Option<Cause> {
    let value = ground.whole(5, 60);
    ground.coupon(DiscountKind::Percent, value);
    let keep = Exact::whole(100).sub(value).and_then(|k| k.div(Exact::whole(100))).ok()?;
    ground.bill(product(&[ground.rated(), keep]));
    made(ground, Cause::Coupon)
}

fn fixed(ground: &mut Ground) -> Option<Cause> {
    let value = ground.whole(1, 9);
    ground.coupon(DiscountKind::Fixed, value);
    ground.bill(ground.rated().sub(value).ok()?);
    made(ground, Cause::Coupon)
}

fn stacked(ground: &mut Ground) -> Option<Cause> {
    let (first, second) = (ground.whole(5, 30), ground.whole(5, 30));
    ground.coupon(DiscountKind::Percent, first);
    ground.coupon(DiscountKind::Percent, second);
    let keep = |v: Exact| Exact::whole(100).sub(v).and_then(|k| k.div(Exact::whole(100))).ok();
    ground.bill(product(&[ground.rated(), keep(first)?, keep(second)?]));
    made(ground, Cause::Coupon)
}

fn trial(ground: &mut Ground) -> Option<Cause> {
    let end = ground.day();
    ground.facts(Side::Source).trial_end = Some(end);
    let period = ground.row.period;
    let part = ratio((period.end - end).num_days(), period.days());
    ground.bill(plus(product(&[flat(ground), part]), usage_cost(ground)));
    made(ground, Cause::Trial)
}

fn whole_trial(ground: &mut Ground) -> Option<Cause> {
    let end = ground.row.period.end + Days::new(ground.below(20));
    ground.facts(Side::Source).trial_end = Some(end);
    ground.row.documents.clear();
    ground.settle(None);
    made(ground, Cause::Trial)
}

fn least(ground: &mut Ground) -> Option<Cause> {
    let more = ground.whole(1, 200);
    let least = plus(usage_cost(ground), more);
    let charge = ground.shelves[0].terms[0].charges.first_mut()?;
    charge.minimum = Some(least);
    ground.bill(plus(flat(ground), least));
    made(ground, Cause::Commitment)
}

fn seats(ground: &mut Ground) -> Option<Cause> {
    let seats = ground.whole(2, 40);
    ground.facts(Side::Source).quantity = seats;
    ground.bill(plus(product(&[flat(ground), seats]), usage_cost(ground)));
    made(ground, Cause::Seats)
}

fn named_seats(ground: &mut Ground) -> Option<Cause> {
    let (seats, day) = (2 + ground.below(30), ground.day());
    ground.event(day, Change::Quantity, "1", &seats.to_string());
    ground.bill(plus(product(&[flat(ground), Exact::whole(seats.into())]), usage_cost(ground)));
    made(ground, Cause::Seats)
}

fn average_seats(ground: &mut Ground) -> Option<Cause> {
    let (seats, day) = (2 + ground.below(30), ground.day());
    ground.event(day, Change::Quantity, "1", &seats.to_string());
    let (period, seats) = (ground.row.period, i64::try_from(seats).ok()?);
    let (before, after) = ((day - period.start).num_days(), (period.end - day).num_days());
    ground.bill(plus(product(&[flat(ground), ratio(before + seats * after, period.days())]), usage_cost(ground)));
    made(ground, Cause::Seats)
}

/// The source bills started packages, the target exact ones.
fn packages(ground: &mut Ground) -> Option<Cause> {
    if !has_usage(ground) {
        return None;
    }
    let size = Exact::whole(700);
    let price = Exact::scaled(i128::from(150 + ground.below(900)), 2).ok()?;
    for (shelf, model) in [(1, ChargeModel::Standard), (0, ChargeModel::Package)] {
        let word = if shelf == 0 { "package" } else { "standard" };
        let mut made = charge("p-1", Exact::ZERO, price);
        (made.package_size, made.model, made.model_word) = (size, model, word.to_owned());
        ground.shelves[shelf].terms[0].charges = vec![made];
    }
    ground.rerate();
    let cost = by_charge(&ground.shelves[0].terms[0].charges[0].clone(), ground.used());
    ground.bill(plus(flat(ground), cost));
    made(ground, Cause::ChargeModel)
}

fn started(ground: &mut Ground) -> Option<Cause> {
    let day = ground.day();
    ground.facts(Side::Source).started_on = day;
    let period = ground.row.period;
    let part = ratio((period.end - day).num_days(), period.days());
    ground.bill(plus(product(&[flat(ground), part]), usage_cost(ground)));
    made(ground, Cause::ProrationByDay)
}

/// In months of 30 days, the last day counted.
fn ended(ground: &mut Ground) -> Option<Cause> {
    let day = ground.day();
    ground.event(day, Change::Status, "active", "cancelled");
    let days = (day - ground.row.period.start).num_days() + i64::try_from(ground.below(2)).ok()?;
    ground.bill(plus(product(&[flat(ground), ratio(days, 30)]), usage_cost(ground)));
    made(ground, Cause::ProrationByDay)
}

fn by_second(ground: &mut Ground) -> Option<Cause> {
    let (day, hour, minute) = (ground.day(), ground.below(23), ground.below(60));
    let time = NaiveTime::from_hms_opt(u32::try_from(hour).ok()?, u32::try_from(minute).ok()?, 17)?;
    let at = day.and_time(time).and_utc();
    let (from, to) = (Some("paused".into()), Some("active".into()));
    ground.evidence.source.events.push(Event { at: When::At(at), day, what: Change::Status, word: "status".into(), from, to });
    let midnight = |d: chrono::NaiveDate| d.and_time(NaiveTime::MIN).and_utc();
    let (start, end) = (midnight(ground.row.period.start), midnight(ground.row.period.end));
    let part = ratio((end - at).num_seconds(), (end - start).num_seconds());
    ground.bill(plus(product(&[flat(ground), part]), usage_cost(ground)));
    // By whole days it may come to the same cents: then it cannot be told which.
    let days = [0, 1].map(|n| (ground.row.period.end - day).num_days() + n);
    let lengths = [ground.row.period.days(), 30];
    let by_day = |days: i64, of: i64| ground.round(plus(product(&[flat(ground), ratio(days, of)]), usage_cost(ground)));
    let is_clear = days.iter().all(|d| lengths.iter().all(|of| Some(by_day(*d, *of)) != ground.row.actual));
    made(ground, Cause::ProrationBySecond).filter(|_| is_clear)
}

fn daily(ground: &mut Ground) -> Option<Cause> {
    let day = ground.day();
    ground.facts(Side::Source).started_on = day;
    let period = ground.row.period;
    let days = (period.end - day).num_days();
    let exact = flat(ground).div(Exact::whole(period.days().into())).ok()?;
    let rounded = to_minor(exact, ground.currency, RoundMode::HalfUp).and_then(Money::exact).ok()?;
    let amount = plus(product(&[rounded, Exact::whole(days.into())]), usage_cost(ground));
    let by_day = [(days, period.days()), (days + 1, period.days()), (days, 30), (days + 1, 30), (days - 1, 30)];
    let same = by_day.iter().any(|(d, of)| ground.round(plus(product(&[flat(ground), ratio(*d, *of)]), usage_cost(ground))) == ground.round(amount));
    ground.bill(amount);
    made(ground, Cause::DailyPriceRounded).filter(|_| !same)
}

/// Each part is a line of its own, rounded by itself.
fn changed(ground: &mut Ground) -> Option<Cause> {
    if has_usage(ground) {
        ground.row.inputs[0].usage.clear();
        ground.rerate();
    }
    let (day, other) = (ground.day(), usize::try_from(1 + ground.below(3)).ok()?);
    let (id, new) = (ground.shelves[1].terms[other].plan.id.clone(), ground.shelves[1].terms[other].plan.flat_price);
    ground.event(day, Change::Plan, &id, "p-1");
    let (period, old) = (ground.row.period, flat(ground));
    let (before, after) = ((day - period.start).num_days(), (period.end - day).num_days());
    let parts = [product(&[new, ratio(before, period.days())]), product(&[old, ratio(after, period.days())])].map(|p| ground.round(p));
    ground.bill_rounded(parts[0].plus(parts[1])?);
    made(ground, Cause::PlanChange)
}

fn complement(ground: &mut Ground) -> Option<Cause> {
    let day = ground.day();
    ground.facts(Side::Source).started_on = day;
    let period = ground.row.period;
    let (wrong, right) = ((day - period.start).num_days(), (period.end - day).num_days());
    ground.bill(plus(product(&[flat(ground), ratio(wrong, period.days())]), usage_cost(ground)));
    // Around the middle both parts are days of the same count.
    made(ground, Cause::ComplementProration).filter(|_| (wrong - right).abs() > 2)
}

fn late(ground: &mut Ground) -> Option<Cause> {
    let part = ground.used().div(Exact::whole(4)).ok().filter(|_| has_usage(ground))?;
    let arrived_on = ground.row.period.end + Days::new(1 + ground.below(9));
    ground.evidence.late = vec![LateUsage { metric: METRIC.to_owned(), arrived_on, quantity: part }];
    let before = ground.used().sub(part).ok()?;
    ground.bill(plus(flat(ground), ground.metered(before)));
    made(ground, Cause::LateUsage)
}

fn repeated(ground: &mut Ground) -> Option<Cause> {
    let again = ground.whole(100, 3_000);
    ground.evidence.repeated = vec![(METRIC.to_owned(), again)];
    if !has_usage(ground) {
        return None;
    }
    ground.bill(plus(flat(ground), ground.metered(plus(ground.used(), again))));
    made(ground, Cause::RepeatedUsage)
}

fn prorated_quota(ground: &mut Ground) -> Option<Cause> {
    let day = ground.day();
    let target = ground.shelves[1].terms[0].charges.first().cloned().filter(|c| has_usage(ground) && !c.included.is_zero())?;
    ground.facts(Side::Source).started_on = day;
    let period: Period = ground.row.period;
    let mut charge = target;
    charge.included = product(&[charge.included, ratio((period.end - day).num_days(), period.days())]);
    ground.bill(plus(flat(ground), by_charge(&charge, ground.used())));
    made(ground, Cause::ProratedQuota)
}

/// The source's subtotal holds the tax that it also stores.
fn inclusive(ground: &mut Ground) -> Option<Cause> {
    let net = ground.row.expected?;
    let tax = ground.round(product(&[net.exact().ok()?, ratio(i64::try_from(TAX).ok()?, 100)]));
    ground.row.actual_tax = Some(tax);
    ground.bill_rounded(net.plus(tax)?);
    made(ground, Cause::TaxInclusive)
}

/// The source cuts what the target rounds.
fn declared_rounding(ground: &mut Ground) -> Option<Cause> {
    ground.profile.source.round_mode = RoundMode::Down;
    let cut = to_minor(ground.rated(), ground.currency, RoundMode::Down).ok()?;
    ground.bill_rounded(cut);
    made(ground, Cause::Rounding)
}

fn truncated(ground: &mut Ground) -> Option<Cause> {
    let price = ground.shelves[1].terms[0].charges.first()?.unit_price.filter(|_| has_usage(ground))?;
    let cut = Exact::scaled(to_minor(product(&[price, Exact::whole(100)]), ground.currency, RoundMode::Down).ok()?.minor.into(), 4).ok()?;
    if cut == price || cut.is_zero() {
        return None;
    }
    ground.shelves[0].terms[0].charges[0].unit_price = Some(cut);
    let cost = by_charge(&ground.shelves[0].terms[0].charges[0].clone(), ground.used());
    ground.bill(plus(flat(ground), cost));
    made(ground, Cause::TruncatedPrice)
}

/// The nets agree; the source takes the tax of each line, the target that of the whole.
fn tax_by_line(ground: &mut Ground) -> Option<Cause> {
    if !has_usage(ground) {
        return None;
    }
    ground.profile.source.tax_per = TaxStage::Line;
    let of = |amount: Exact| product(&[amount, ratio(i64::try_from(TAX).unwrap_or(0), 100)]);
    let by_line = ground.round(of(flat(ground))).plus(ground.round(of(usage_cost(ground))))?;
    let once = ground.round(of(ground.row.expected?.exact().ok()?));
    (ground.row.actual_tax, ground.row.expected_tax) = (Some(by_line), Some(once));
    ground.row.delta_tax = once.minus(by_line);
    made(ground, Cause::TaxStage)
}

//! C4: an amount converted between currencies at a rate the data stores, A = q(T × rate). A rate is read, never solved for.
//!
//! Rows whose two sides are in different currencies are `not_comparable`, have no delta and never come here. What comes are rows in one
//! currency of which an amount was made in another:
//! - the source's plan is priced in another currency than it bills in: T is what the source's own prices come to in that currency, to its
//!   minor unit, whether the target has the same numbers in the wrong currency or converted them at another rate;
//! - all name one currency, and one side's numbers are another's: T is the target's amount, and the other currency is the one a line of
//!   the source's invoice names, or the only one that rates stand against.
//!
//! Days: those of the source's documents, those of the target's, the last one of the period; at most three different rates. Evidence: the
//! stored rate, with what says that the other currency has a part in it: the plan, the line, or other months of the subscription that are
//! off by their own rates. A rate alone is of all rows, and fits some by luck: with nothing else it makes a candidate.

use super::{Case, Tries};
use crate::domain::currency::Currency;
use crate::domain::evidence::{ExchangeRate, Shelf};
use crate::domain::exact::Exact;
use crate::domain::explanation::{Cause, Step};
use crate::domain::money::Money;
use crate::domain::period::Month;
use crate::domain::rounding::to_minor;
use crate::domain::row::LinePart;
use crate::domain::side::Side;
use crate::domain::text::{Untrusted, shown};
use crate::explain::datum::Datum;
use crate::explain::tries::{Named, Try};
use crate::explain::view::Alter;
use chrono::NaiveDate;

/// Different rates that are tried for a row.
const RATES: usize = 3;

/// From one currency to another, at a stored rate.
struct Conversion<'a> {
    pair: (Currency, Currency),
    side: Side,
    row: &'a ExchangeRate,
    /// Units of the second currency for one of the first.
    factor: Exact,
    day: NaiveDate,
}

impl<'a> Conversion<'a> {
    /// By the rate of the pair that held on a day, else by that of the reverse pair; the source's before the target's.
    fn on(case: &Case<'a>, pair: (Currency, Currency), day: NaiveDate) -> Option<Self> {
        let of = |side: Side, shelf: &'a Shelf, (from, to): (Currency, Currency)| {
            let row = shelf.rate(from, to, day)?;
            let factor = if (from, to) == pair { row.rate } else { Exact::ONE.div(row.rate).ok()? };
            Some(Self { pair, side, row, factor, day })
        };
        let shelves = [(Side::Source, case.source), (Side::Target, case.target)];
        shelves.into_iter().find_map(|(side, shelf)| of(side, shelf, pair).or_else(|| of(side, shelf, (pair.1, pair.0))))
    }

    /// What an amount comes to: before rounding, and as the source rounds.
    fn of(&self, case: &Case<'_>, amount: Money) -> Option<(Exact, Money)> {
        let exact = amount.exact().and_then(|a| a.mul(self.factor)).ok()?;
        Some((exact, to_minor(exact, case.currency(), case.rating().round_mode).ok()?))
    }

    /// `USD to CAD 1.35`; `CAD to USD 1/1.35`.
    fn words(&self) -> String {
        let by = if (self.row.from, self.row.to) == self.pair { "" } else { "1/" };
        format!("{} to {} {by}{}", self.pair.0, self.pair.1, self.row.rate)
    }

    fn datum(&self) -> Datum {
        Datum::ExchangeRate(self.side, self.row.from, self.row.to, self.row.valid_from)
    }

    fn stored(&self) -> String {
        format!("{} rate from {}: 1 {} = {} {}", self.side, self.row.valid_from, self.row.from, self.row.rate, self.row.to)
    }
}

pub fn tries<'a>(case: &Case<'a>, tries: &mut Tries<'_, 'a>) {
    let has_rates = !(case.source.rates.is_empty() && case.target.rates.is_empty());
    if !has_rates || case.is_tax() || case.sought_side() == Side::Target || case.sought.minor == 0 {
        return;
    }
    match in_another(case) {
        Some((plan, amount)) => {
            let why = format!("source plan {} comes to {amount} {}", shown(plan, 40), amount.currency);
            for rate in conversions(case, &[(amount.currency, case.currency())]) {
                let named = Some(Named::dated(format!("{}; {why}", rate.stored()), [rate.datum()]));
                offer(case, tries, &rate, amount, Step::Price, named);
            }
        }
        None => mislabelled(case, tries),
    }
}

/// What the source's own prices come to where they are in another currency than it bills in; with the plan.
fn in_another<'a>(case: &Case<'a>) -> Option<(&'a str, Money)> {
    let terms = case.source_terms().filter(|t| t.plan.currency != case.currency())?;
    let (plan, own) = (Alter::Terms(terms), case.facts(Side::Source)?.price_override.map(Alter::Flat));
    let view = case.base.as_ref()?.altered(&plan)?;
    let (_, amount) = match &own {
        Some(price) => case.amount(&view.altered(price)?)?,
        None => case.amount(&view)?,
    };
    Some((&terms.plan.id, amount))
}

/// The numbers of one currency under the name of another: the target's, or those the source billed.
fn mislabelled<'a>(case: &Case<'a>, tries: &mut Tries<'_, 'a>) {
    let (own, said) = (case.currency(), said_by_line(case));
    let Some(other) = said.as_ref().map(|(other, _)| *other).or_else(|| only_other(case)) else { return };
    for rate in conversions(case, &[(other, own), (own, other)]) {
        let why = said.as_ref().map(|(other, line)| format!("a line of the invoice names {other}: {line}")).or_else(|| other_months(case, &rate));
        let named = why.map(|why| Named::record(format!("{}; {why}", rate.stored()), [rate.datum()]));
        offer(case, tries, &rate, case.given, Step::Scope, named);
    }
}

fn offer<'a>(case: &Case<'a>, tries: &mut Tries<'_, 'a>, rate: &Conversion<'_>, amount: Money, step: Step, named: Option<Named>) {
    let Some((exact, money)) = rate.of(case, amount) else { return };
    let (choices, free) = (u32::try_from(RATES).unwrap_or(u32::MAX), i32::from(named.is_none()));
    tries.amount(Try { cause: Cause::Exchange, parameters: rate.words(), alter: Alter::Whole(exact), step, choices, named, free }, exact, money);
}

/// The different rates of the row's days, the source's documents first; both ways of a day before those of the next.
fn conversions<'a>(case: &Case<'a>, pairs: &[(Currency, Currency)]) -> Vec<Conversion<'a>> {
    let issued = |side: Side| case.documents(side).filter_map(|d| d.issued_on);
    let days = issued(Side::Source).chain(issued(Side::Target)).chain(case.period().end.pred_opt());
    let mut found: Vec<Conversion<'a>> = Vec::new();
    for rate in days.flat_map(|day| pairs.iter().filter_map(move |pair| Conversion::on(case, *pair, day))) {
        if found.len() < RATES && found.iter().all(|known| known.factor != rate.factor) {
            found.push(rate);
        }
    }
    found
}

/// Another currency with rates that a line of the source's documents names by its code, and the line.
fn said_by_line(case: &Case<'_>) -> Option<(Currency, String)> {
    let words = |line: &LinePart| line.description.as_ref().map(Untrusted::raw).unwrap_or_default().to_owned();
    case.documents(Side::Source).flat_map(|d| &d.lines).map(words).find_map(|line| {
        let codes = line.split(|c: char| !c.is_ascii_alphanumeric()).filter_map(Currency::known);
        let other = codes.filter(|c| *c != case.currency()).find(|c| others(case).any(|known| known == *c))?;
        Some((other, shown(&line, 60)))
    })
}

/// The only currency that rates stand against the row's.
fn only_other(case: &Case<'_>) -> Option<Currency> {
    let first = others(case).next()?;
    others(case).all(|other| other == first).then_some(first)
}

/// Every currency with a rate from or to the row's, as often as it has.
fn others<'a>(case: &Case<'a>) -> impl Iterator<Item = Currency> + use<'a> {
    let own = case.currency();
    let pairs = [case.source, case.target].into_iter().flat_map(Shelf::exchanged);
    pairs.filter(move |(from, to)| (*from == own) != (*to == own)).map(move |(from, to)| if from == own { to } else { from })
}

/// The other months of the key in which both sides bill and differ, where they are off by the rates of their own days, and none is not.
fn other_months(case: &Case<'_>, rate: &Conversion<'_>) -> Option<String> {
    let after = rate.day - case.period().end;
    let others = case.around.history.iter().filter(|b| b.period != case.period());
    let mut months = Vec::new();
    for (billed, actual, expected) in others.filter_map(|b| Some((b, b.actual?, b.expected?))).filter(|(_, a, t)| a != t) {
        let then = billed.period.end.checked_add_signed(after).and_then(|day| Conversion::on(case, rate.pair, day))?;
        let (_, money) = then.of(case, expected).filter(|_| expected.currency == case.currency())?;
        if money != actual {
            return None;
        }
        months.push(Month::of(billed.period.start).to_string());
    }
    (!months.is_empty()).then(|| format!("so is {}", months.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::evidence::Evidence;
    use crate::domain::profile::{BasisRule, ServiceProfile, SideProfile};
    use crate::domain::row::{DocumentPart, ReconRow, Subject};
    use crate::explain::case::{Around, Rules};

    fn known(code: &str) -> Currency {
        Currency::known(code).unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn shelf(rates: &[(&str, &str, &str, &str)]) -> Shelf {
        let row = |(from, to, since, rate): &(&str, &str, &str, &str)| ExchangeRate {
            from: known(from),
            to: known(to),
            valid_from: day(since),
            rate: rate.parse().unwrap(),
        };
        let mut rates: Vec<ExchangeRate> = rates.iter().map(row).collect();
        rates.sort();
        Shelf { rates, ..Shelf::default() }
    }

    /// What is tried of a row of May that was billed on a day of June, and drafted on another.
    fn tried(source: &Shelf, target: &Shelf, pairs: &[(&str, &str)]) -> Vec<String> {
        let period = crate::domain::period::Period { start: day("2026-05-01"), end: day("2026-06-01") };
        let money = |minor| Some(Money::new(minor, known("CAD")));
        let document = |side, on: &str| DocumentPart {
            side,
            id: "I".into(),
            number: None,
            kind: crate::domain::records::DocumentKind::Charge,
            issued_on: Some(day(on)),
            net: Money::new(1, known("CAD")),
            exact: Exact::ONE,
            tax: None,
            lines: Vec::new(),
        };
        let documents = vec![document(Side::Source, "2026-06-02"), document(Side::Target, "2026-06-05")];
        let (actual, expected, delta) = (money(13_500), money(10_000), money(-3_500));
        let row = ReconRow { actual, expected, delta, documents, ..ReconRow::blank(Subject::Subscription, "sub-1".into(), period) };
        let profile = ServiceProfile {
            service: "s".to_owned(),
            zone: crate::domain::period::Zone::UTC,
            currency: None,
            usage_from: Side::Source,
            basis: BasisRule::Rated,
            tolerance: Exact::ZERO,
            source: SideProfile::plain(Side::Source),
            target: SideProfile::plain(Side::Target),
        };
        let (rules, evidence) = (Rules::new(profile), Evidence::default());
        let case = Case::new(&row, &evidence, [source, target], &rules, Around::default()).unwrap();
        let pairs: Vec<(Currency, Currency)> = pairs.iter().map(|(from, to)| (known(from), known(to))).collect();
        conversions(&case, &pairs).iter().map(Conversion::words).collect()
    }

    #[test]
    fn at_most_three_rates_are_tried_and_all_of_them_are_stored() {
        let none = shelf(&[]);
        let daily: Vec<String> = (1..=9).map(|n| format!("2026-06-0{n}")).collect();
        let daily: Vec<_> = daily.iter().map(|d| ("USD", "CAD", d.as_str(), &d[9..])).chain([("USD", "CAD", "2026-05-01", "8.5")]).collect();
        // By the invoice, by the draft, by the last day of the period.
        assert_eq!(tried(&shelf(&daily), &none, &[("USD", "CAD")]), ["USD to CAD 2", "USD to CAD 5", "USD to CAD 8.5"]);
        let both = [("USD", "CAD"), ("CAD", "USD")];
        assert_eq!(tried(&shelf(&daily), &none, &both), ["USD to CAD 2", "CAD to USD 1/2", "USD to CAD 5"]);
        // A rate that stands is tried once; the source's goes before the target's, and a stored one before what turns it.
        let [ours, theirs] = [shelf(&[("USD", "CAD", "2026-01-01", "1.35")]), shelf(&[("CAD", "USD", "2026-01-01", "0.74")])];
        assert_eq!(tried(&ours, &theirs, &both), ["USD to CAD 1.35", "CAD to USD 1/1.35"]);
        assert_eq!(tried(&none, &theirs, &both), ["USD to CAD 1/0.74", "CAD to USD 0.74"]);
        // None that began later, none of another pair, and of two of one day neither.
        for rates in [
            [("USD", "CAD", "2026-06-06", "1.35")].as_slice(),
            &[("EUR", "CAD", "2026-01-01", "1.35")],
            &[("USD", "CAD", "2026-01-01", "1.35"), ("USD", "CAD", "2026-01-01", "1.36")],
        ] {
            assert_eq!(tried(&shelf(rates), &none, &both), [""; 0], "{rates:?}");
        }
    }
}

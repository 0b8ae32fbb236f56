//! C4, amounts converted between currencies: by a rate that is stored, of a day that the data has, and never without.

use super::made::{Made, day, exact};
use dualrun::domain::currency::Currency;
use dualrun::domain::evidence::ExchangeRate;
use dualrun::domain::explanation::{Cause, Certainty};
use dualrun::domain::money::Money;
use dualrun::domain::period::Period;
use dualrun::explain::Billed;

fn known(code: &str) -> Currency {
    Currency::known(code).unwrap()
}

fn rate(made: &mut Made, from: &str, to: &str, since: &str, rate: &str) {
    let row = ExchangeRate { from: known(from), to: known(to), valid_from: day(since), rate: rate.parse().unwrap() };
    made.shelves[0].rates.push(row);
    made.shelves[0].rates.sort();
}

/// The source sells at a price in US dollars, and billed Canadian ones on 1 June.
fn abroad(list: i64, price: i64, billed: i64) -> Made {
    let mut made = Made::new(list).billed(billed);
    (made.shelves[0].terms[0].plan.currency, made.shelves[0].terms[0].plan.flat_price) = (known("USD"), exact(price));
    made
}

fn parameters(made: &Made) -> Option<String> {
    made.told()?.hypotheses.first().filter(|h| h.causes == [Cause::Exchange]).map(|h| h.parameters.clone())
}

#[test]
fn a_price_in_another_currency_is_converted_at_the_rate_of_the_invoice() {
    // 99.00 USD at 1.3521 is 133.8579: whether the target took the number for Canadian dollars, or converted at another rate.
    for list in [9_900, 13_000] {
        let mut made = abroad(list, 9_900, 13_386);
        rate(&mut made, "USD", "CAD", "2026-04-01", "1.31");
        rate(&mut made, "USD", "CAD", "2026-06-01", "1.3521");
        rate(&mut made, "USD", "CAD", "2026-06-02", "1.36");
        rate(&mut made, "EUR", "CAD", "2026-06-01", "1.5");
        let told = made.told().unwrap();
        assert_eq!((made.confirmed(), parameters(&made).as_deref()), (Some(vec![Cause::Exchange]), Some("USD to CAD 1.3521")), "{told:#?}");
        let first = &told.hypotheses[0];
        let says = "source rate from 2026-06-01: 1 USD = 1.3521 CAD; source plan p-1 comes to 99.00 USD";
        assert_eq!((first.evidence.as_deref(), first.choices), (Some(says), 3));
        assert!(told.residual.is_zero());
        // A cent beside it, or without the row, it is nothing.
        assert_eq!(parameters(&Made { shelves: made.shelves.clone(), ..abroad(list, 9_900, 13_387) }), None);
        made.shelves[0].rates.clear();
        assert_eq!((made.confirmed(), parameters(&made)), (None, None));
    }
}

#[test]
fn a_number_of_another_currency_is_no_price_of_an_amount() {
    // The source bills 74.07 CAD and sells at 74.07 USD: the same number, and no reason.
    let mut made = abroad(10_000, 7_407, 7_407);
    assert_eq!(made.confirmed(), None, "{:#?}", made.told());
    made.shelves[0].terms[0].plan.currency = known("CAD");
    assert_eq!(made.confirmed(), Some(vec![Cause::OtherPrice]));
}

#[test]
fn the_day_of_the_invoice_the_draft_and_the_periods_end_count_and_no_other() {
    for (billed, since) in [(13_500, "2026-05-31"), (13_500, "2026-06-01"), (13_500, "2026-01-01")] {
        let mut made = abroad(10_000, 10_000, billed);
        rate(&mut made, "USD", "CAD", since, "1.35");
        assert_eq!(made.confirmed(), Some(vec![Cause::Exchange]), "{since}");
    }
    let mut ended = abroad(10_000, 10_000, 13_500);
    rate(&mut ended, "USD", "CAD", "2026-05-31", "1.35");
    rate(&mut ended, "USD", "CAD", "2026-06-01", "1.4");
    assert_eq!(parameters(&ended).as_deref(), Some("USD to CAD 1.35"));
    let mut later = abroad(10_000, 10_000, 13_500);
    rate(&mut later, "USD", "CAD", "2026-06-02", "1.35");
    let mut over = abroad(10_000, 10_000, 13_500);
    rate(&mut over, "USD", "CAD", "2026-05-01", "1.35");
    rate(&mut over, "USD", "CAD", "2026-05-30", "1.36");
    // Of two rates of one day neither is chosen.
    let mut torn = abroad(10_000, 10_000, 13_500);
    rate(&mut torn, "USD", "CAD", "2026-05-01", "1.35");
    rate(&mut torn, "USD", "CAD", "2026-05-01", "1.36");
    for made in [later, over, torn] {
        assert_eq!((made.confirmed(), parameters(&made)), (None, None));
    }
}

#[test]
fn a_rate_of_the_reverse_pair_divides_and_own_prices_go_first() {
    let mut made = abroad(10_000, 10_000, 13_514);
    rate(&mut made, "CAD", "USD", "2026-05-01", "0.74");
    assert_eq!((made.confirmed(), parameters(&made).as_deref()), (Some(vec![Cause::Exchange]), Some("USD to CAD 1/0.74")));
    let mut own = abroad(10_000, 10_000, 10_800);
    own.source().price_override = Some(exact(8_000));
    rate(&mut own, "USD", "CAD", "2026-05-01", "1.35");
    assert_eq!(own.confirmed(), Some(vec![Cause::Exchange]));
}

/// In yen there are no cents: the amount is rounded in its own currency before it is converted.
#[test]
fn an_amount_is_rounded_in_its_own_currency_first() {
    let mut made = abroad(10_000, 10_000, 11_110);
    (made.shelves[0].terms[0].plan.currency, made.shelves[0].terms[0].plan.flat_price) = (known("JPY"), "11110.4".parse().unwrap());
    rate(&mut made, "JPY", "CAD", "2026-05-01", "0.01");
    assert_eq!(made.confirmed(), Some(vec![Cause::Exchange]));
}

#[test]
fn under_one_currency_a_line_or_another_month_must_say_so() {
    let billed = |cents| {
        let mut made = Made::new(20_000).billed(cents);
        rate(&mut made, "USD", "CAD", "2026-04-01", "1.3521");
        made
    };
    // Either way round; a rate alone is of all rows, and makes no more than a candidate.
    for (cents, says) in [(27_042, "USD to CAD 1.3521"), (14_792, "CAD to USD 1/1.3521")] {
        let mut made = billed(cents);
        assert_eq!(made.confirmed(), None);
        let mut other = made.clone();
        other.line("200.00 US dollars, from EUR", cents, false);
        assert_eq!(other.confirmed(), None, "another currency, of which there is no rate");
        made.line("200.00 USD", cents, false);
        assert_eq!((made.confirmed(), parameters(&made).as_deref()), (Some(vec![Cause::Exchange]), Some(says)));
    }
    // The month before, by the rate of its own day.
    let month = |start: &str, end: &str, actual: i64| Billed {
        period: Period { start: day(start), end: day(end) },
        actual: Some(Money::new(actual, known("CAD"))),
        expected: Some(Money::new(20_000, known("CAD"))),
    };
    let mut lasts = billed(27_042);
    rate(&mut lasts, "USD", "CAD", "2026-06-01", "1.3521");
    rate(&mut lasts, "USD", "CAD", "2026-05-01", "1.4007");
    lasts.history = vec![month("2026-04-01", "2026-05-01", 28_014), month("2026-05-01", "2026-06-01", 27_042)];
    let told = lasts.told().unwrap();
    assert_eq!(lasts.confirmed(), Some(vec![Cause::Exchange]), "{told:#?}");
    assert!(told.hypotheses[0].evidence.as_deref().unwrap().ends_with("so is 2026-04"), "{told:#?}");
    // A month that is off otherwise, and a second currency with rates: which of them it is, nothing says.
    let mut off = lasts.clone();
    off.history.insert(0, month("2026-03-01", "2026-04-01", 21_000));
    assert_eq!(off.confirmed(), None);
    rate(&mut lasts, "EUR", "CAD", "2026-04-01", "1.5");
    assert_eq!((lasts.confirmed(), parameters(&lasts)), (None, None));
}

#[test]
fn rates_that_do_not_fit_are_no_reason_and_break_nothing() {
    for odd in ["1", "0.000000000000000000000000000001", "9999999999999999999999999999"] {
        let mut made = abroad(10_000, 10_000, 13_500);
        rate(&mut made, "USD", "CAD", "2026-05-01", odd);
        assert_eq!((made.confirmed(), parameters(&made)), (None, None), "{odd}");
    }
    // The taxes are another question, and so is what was billed on one side only.
    let mut tax = abroad(10_000, 10_000, 10_000);
    rate(&mut tax, "USD", "CAD", "2026-05-01", "1.35");
    (tax.row.actual_tax, tax.row.expected_tax) = (Some(Money::new(1_755, known("CAD"))), Some(Money::new(1_300, known("CAD"))));
    assert_ne!(tax.told().map(|told| told.certainty), Some(Certainty::Confirmed));
    let mut nothing = Made::new(10_000).settled(None);
    nothing.row.documents.clear();
    rate(&mut nothing, "USD", "CAD", "2026-05-01", "1.35");
    assert_eq!(parameters(&nothing), None);
}

//! Rounding, tax, discounts, splitting and currencies against whole numbers.

use crate::oracle::{self, Frac};
use dualrun::domain::currency::Currency;
use dualrun::domain::exact::{Exact, NumberError};
use dualrun::domain::money::Money;
use dualrun::domain::rounding::{RoundMode, Rounding, to_increment, to_minor, to_system_units};
use dualrun::domain::tolerance::inferred;
use dualrun::rating::allocation::{allocate, shares};
use dualrun::rating::discount::{Discount, after, less_percent, spread, stacked};
use dualrun::rating::proration::{Share, prorated_with_tax};
use dualrun::rating::tax::{
    Document, InvoiceLine, Per, RoundedPart, StackedTax, Step, TaxedLine, components, held, held_together, invoice, on_lines, stack, stack_on_lines,
};
use proptest::prelude::*;

const CENTS: Rounding = Rounding::half_up(2);

fn cents(n: i128) -> Exact {
    Exact::ratio(n, 100).unwrap()
}

fn number(text: &str) -> Exact {
    text.parse().unwrap()
}

/// Cents of `cents × thousandths of a per cent`, half away from zero.
fn tax_cents(net: i128, rate: i128) -> i128 {
    oracle::rounded(net * rate, 100_000, "half_up")
}

fn rate(thousandths: i128) -> Exact {
    Exact::ratio(thousandths, 1000).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rounding_is_what_looking_at_both_neighbours_says(num in -10i128.pow(12)..10i128.pow(12), den in 1i128..10_000, ties in any::<bool>(), digits in 0u32..5) {
        let factor = 10i128.pow(digits);
        // Every other number is a tie.
        let (num, den) = if ties { (2 * num + 1, 2 * factor) } else { (num, den) };
        let value = Exact::ratio(num, den).unwrap();
        let up = |mode: RoundMode| Rounding { digits, mode }.of(value).unwrap();
        for (word, mode) in RoundMode::WORDS {
            let wanted = oracle::rounded(num * factor, den, word);
            prop_assert_eq!(up(mode), Exact::ratio(wanted, factor).unwrap(), "{} of {}", word, value);
            let rounding = Rounding { digits, mode };
            prop_assert_eq!(rounding.of(up(mode)).unwrap(), up(mode));
            let off = up(mode).sub(value).unwrap().abs().unwrap();
            let halves = if word.starts_with("half") { 1 } else { 2 };
            prop_assert!(off <= Exact::ratio(halves, 2 * factor).unwrap());
            let mirrored = match mode { RoundMode::Ceil => RoundMode::Floor, RoundMode::Floor => RoundMode::Ceil, other => other };
            let other = Rounding { digits, mode: mirrored }.of(value.neg().unwrap()).unwrap();
            prop_assert_eq!(other, up(mode).neg().unwrap());
        }
        let tie = (num * factor * 2) % den == 0 && (num * factor) % den != 0;
        prop_assert!(tie || up(RoundMode::HalfUp) == up(RoundMode::HalfEven));
    }

    #[test]
    fn tax_of_lines_by_every_stage(lines in proptest::collection::vec((-100_000i128..100_000, 0usize..3), 0..12)) {
        let rates = [5_000i128, 13_000, 9_975];
        let taxed: Vec<TaxedLine> = lines.iter().map(|(net, at)| TaxedLine { net: cents(*net), rate: rate(rates[*at]) }).collect();
        let of = |per| on_lines(&taxed, per, CENTS).unwrap();
        let each: i128 = lines.iter().map(|(net, at)| tax_cents(*net, rates[*at])).sum();
        let by_rate: i128 = (0..3).map(|at| oracle::rounded(lines.iter().filter(|l| l.1 == at).map(|l| l.0 * rates[at]).sum(), 100_000, "half_up")).sum();
        let once = oracle::rounded(lines.iter().map(|(net, at)| net * rates[*at]).sum(), 100_000, "half_up");
        prop_assert_eq!([Per::Line, Per::Rate, Per::Invoice].map(|per| of(per).tax), [each, by_rate, once].map(cents));
        let net: i128 = lines.iter().map(|l| l.0).sum();
        for per in [Per::Line, Per::Rate, Per::Invoice] {
            prop_assert_eq!((of(per).net, of(per).total), (cents(net), cents(net).add(of(per).tax).unwrap()));
        }
        // Half a cent a line and half a cent for the whole is the most they can be apart.
        let apart = cents(each - once).abs().unwrap();
        prop_assert!(apart <= Exact::ratio(i128::try_from(lines.len()).unwrap() + 1, 200).unwrap());
        // A credit note for all of it takes all of it back.
        let back: Vec<TaxedLine> = taxed.iter().map(|l| TaxedLine { net: l.net.neg().unwrap(), rate: l.rate }).collect();
        prop_assert_eq!(on_lines(&back, Per::Line, CENTS).unwrap().total, of(Per::Line).total.neg().unwrap());
    }

    #[test]
    fn a_held_tax_comes_out_and_goes_in_again(net in 0i128..1_000_000, thousandths in 0i128..30_000) {
        let gross = cents(net + tax_cents(net, thousandths));
        for part in [RoundedPart::Tax, RoundedPart::Net] {
            let taken = held(gross, rate(thousandths), Step::Digits(2), part).unwrap();
            prop_assert_eq!(taken.net.add(taken.tax).unwrap(), gross);
            // The gross can be reached from this net, so no net but it is nearer.
            prop_assert_eq!(taken.net, cents(net));
        }
        let exact = held(gross, rate(thousandths), Step::Exact, RoundedPart::Tax).unwrap();
        prop_assert_eq!(exact.net.mul(Exact::whole(100_000)).unwrap().add(exact.net.mul(Exact::whole(thousandths)).unwrap()).unwrap(), gross.mul(Exact::whole(100_000)).unwrap());
        let (together, taxes) = held_together(gross, &[rate(thousandths)], CENTS).unwrap();
        prop_assert_eq!((together, taxes), (cents(net), vec![cents(tax_cents(net, thousandths))]));
    }

    #[test]
    fn canada_by_parts_and_whole(net in -100_000i128..100_000) {
        let parts = components(cents(net), &[number("5"), number("8")], CENTS).unwrap();
        prop_assert_eq!(&parts.taxes, &[cents(tax_cents(net, 5_000)), cents(tax_cents(net, 8_000))]);
        let whole = components(cents(net), &[number("13")], CENTS).unwrap();
        prop_assert!(parts.tax.sub(whole.tax).unwrap().abs().unwrap() <= cents(1));
        prop_assert_eq!(parts.total, cents(net).add(parts.tax).unwrap());
        // QST is taken of the price without GST.
        let quebec = components(cents(net), &[number("5"), number("9.975")], CENTS).unwrap();
        prop_assert_eq!(quebec.taxes[1], cents(tax_cents(net, 9_975)));
    }

    #[test]
    fn taxes_on_taxes(nets in proptest::collection::vec(0i128..10_000, 1..5), taxes in proptest::collection::vec((0i128..20_000, any::<bool>(), any::<bool>()), 0..4)) {
        let real: Vec<StackedTax> = taxes.iter().map(|(r, affects_next, base_affected)| StackedTax { rate: rate(*r), affects_next: *affects_next, base_affected: *base_affected }).collect();
        let mut sums = vec![Frac::ZERO; taxes.len()];
        let mut rounded = vec![0i128; taxes.len()];
        for net in &nets {
            let (mut exact, mut cents) = (Frac::new(*net, 100), *net);
            for (at, (r, affects_next, base_affected)) in taxes.iter().enumerate() {
                let tax = (if *base_affected { exact } else { Frac::new(*net, 100) }).times(Frac::new(*r, 100_000));
                let tax_in_cents = tax_cents(if *base_affected { cents } else { *net }, *r);
                if *affects_next {
                    (exact, cents) = (exact.plus(tax), cents + tax_in_cents);
                }
                (sums[at], rounded[at]) = (sums[at].plus(tax), rounded[at] + tax_in_cents);
            }
        }
        let lines: Vec<Exact> = nets.iter().map(|n| cents(*n)).collect();
        let document = |per| Document { lines: &lines, taxes: &real, per, rounding: CENTS };
        let by_line = stack_on_lines(&document(Per::Line)).unwrap();
        prop_assert_eq!(&by_line.taxes, &rounded.iter().map(|c| cents(*c)).collect::<Vec<_>>());
        let once: Vec<Exact> = sums.iter().map(|s| CENTS.of(s.exact()).unwrap()).collect();
        prop_assert_eq!(&stack_on_lines(&document(Per::Rate)).unwrap().taxes, &once);
        if let [net] = nets[..] {
            let exact = stack(cents(net), &real, None).unwrap();
            prop_assert_eq!(exact.taxes, sums.iter().map(|s| s.exact()).collect::<Vec<_>>());
        }
    }

    #[test]
    fn coupons_in_their_order(amount in 0i128..100_000, percent in 0i128..=100, fixed in 0i128..50_000) {
        let (ten, five) = (Discount::Percent(Exact::whole(percent)), Discount::Fixed(cents(fixed)));
        let left = Frac::new(amount * (100 - percent), 10_000);
        let first = left.minus(Frac::new(fixed, 100));
        let wanted = if first.num < 0 { Frac::ZERO } else { first };
        prop_assert_eq!(after(cents(amount), &[ten, five]).unwrap(), wanted.exact());
        let kept = (amount - fixed).max(0);
        prop_assert_eq!(after(cents(amount), &[five, ten]).unwrap(), Frac::new(kept * (100 - percent), 10_000).exact());
        prop_assert_eq!(after(cents(amount), &[ten]).unwrap(), less_percent(cents(amount), Exact::whole(percent)).unwrap());
        let off = Exact::sum(stacked(cents(amount), &[ten, five]).unwrap()).unwrap();
        prop_assert!(off <= cents(amount) && wanted.at_most(left));
    }

    #[test]
    fn a_split_loses_nothing(total in 0i128..100_000, weights in proptest::collection::vec(0i128..1_000, 1..9)) {
        let sum: i128 = weights.iter().sum();
        let real: Vec<Exact> = weights.iter().map(|w| Exact::ratio(*w, 10).unwrap()).collect();
        let parts = allocate(Exact::whole(total), &real);
        if sum == 0 {
            prop_assert_eq!(parts.is_ok(), total == 0);
            return Ok(());
        }
        let parts = parts.unwrap();
        prop_assert_eq!(Exact::sum(parts.iter().copied()).unwrap(), Exact::whole(total));
        let exact = shares(Exact::whole(total), &real).unwrap();
        prop_assert_eq!(Exact::sum(exact.iter().copied()).unwrap(), Exact::whole(total));
        prop_assert_eq!(&spread(Exact::whole(total), &real).unwrap(), &exact);
        // Served from the last to the first, each by integer division of what is left.
        let (mut left, mut weight_left) = (total, sum);
        for (at, weight) in weights.iter().enumerate().rev() {
            let wanted = if *weight == 0 { 0 } else { left * weight / weight_left };
            prop_assert_eq!(parts[at], Exact::whole(wanted));
            prop_assert_eq!(exact[at], Exact::ratio(total * weight, sum).unwrap());
            (left, weight_left) = (left - wanted, weight_left - weight);
        }
        if weights.iter().all(|w| *w == weights[0]) {
            let off = |(part, exact): (&Exact, &Exact)| part.sub(*exact).unwrap().abs().unwrap();
            prop_assert!(parts.iter().zip(&exact).map(off).all(|off| off < Exact::ONE));
        }
    }

    /// Prices ten times as high are amounts ten times as high before rounding; a currency's digits only matter at the last stage.
    #[test]
    fn scale_and_digits_matter_where_they_should(amount in 0i128..10_000_000, num in 0i64..31, k in 0u32..4) {
        let share = Share { num, den: 31 };
        let exact = share.of(cents(amount)).unwrap();
        let scaled = share.of(cents(amount * 10i128.pow(k))).unwrap();
        prop_assert_eq!(exact.mul(Exact::whole(10i128.pow(k))).unwrap(), scaled);
        for (code, digits) in [("JPY", 0u32), ("CAD", 2), ("KWD", 3), ("CLF", 4)] {
            let currency = Currency::known(code).unwrap();
            let money = to_minor(exact, currency, RoundMode::HalfUp).unwrap();
            prop_assert_eq!(i128::from(money.minor), oracle::rounded(amount * i128::from(num) * 10i128.pow(digits), 3_100, "half_up"));
        }
    }

    /// Whatever the numbers within the bounds of what can be read, there is an answer or an error.
    #[test]
    fn nothing_panics(a in any::<i128>(), b in any::<i128>(), c in any::<i64>(), d in any::<i64>(), digits in 0u32..60) {
        let parts = |n: i128, den: i64| Exact::ratio(n, i128::from(den.unsigned_abs().max(1))).unwrap();
        let (x, y) = (parts(a, c), parts(b, d));
        for (_, mode) in RoundMode::WORDS {
            let rounding = Rounding { digits, mode };
            let _ = (rounding.of(x), to_increment(x, y, mode), prorated_with_tax(x, Share { num: c, den: d }, y, rounding));
            let _ = on_lines(&[TaxedLine { net: x, rate: y }, TaxedLine { net: y, rate: x }], Per::Rate, rounding);
            let _ = invoice(&[InvoiceLine { quantity: x, unit: y, discount: x }], y, rounding);
        }
        let _ = (to_system_units(x, digits, 100), held(x, y, Step::Increment(x), RoundedPart::Net), allocate(x, &[x, y]), shares(x, &[y, x]));
        let _ = (stacked(x, &[Discount::Percent(y), Discount::Fixed(x)]), Share::of_seconds([c, d], [d, c]));
        let taxes = [StackedTax { rate: x, affects_next: true, base_affected: true }; 3];
        let _ = stack(y, &taxes, None);
    }
}

#[test]
fn money_of_two_currencies_is_never_added() {
    let [cad, usd] = ["CAD", "USD"].map(|code| Money::new(1, Currency::known(code).unwrap()));
    assert_eq!((cad.plus(usd), cad.minus(usd), cad.plus(cad).map(|m| m.minor)), (None, None, Some(2)));
    assert!(["XYZ", "XAU", "XXX", "cad", "CA", "CADD", ""].iter().all(|code| Currency::known(code).is_none()));
}

#[test]
fn tolerance_is_read_off_the_text() {
    assert_eq!(inferred(&["-511.11"]).unwrap(), Some(number("0.005")));
    assert_eq!((inferred(&["500", "-120"]).unwrap(), inferred(&[]).unwrap()), (None, None));
    assert_eq!(inferred(&["1.50", "3.1000"]).unwrap(), Some(number("0.005")));
    assert_eq!(inferred(&["1,5"]), Err(NumberError::NotANumber));
}

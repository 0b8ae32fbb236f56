//! Money as text: plain for machines, grouped for people, signed where it is a difference.

use crate::domain::currency::Currency;
use crate::domain::exact::push_decimal;
use crate::domain::money::Money;

/// Plain machine text of minor units: `-1234.50`, `575` (JPY). The inverse of reading it is exact.
pub fn plain(minor: i64, currency: Currency) -> String {
    let mut out = String::new();
    push_plain(&mut out, minor, currency);
    out
}

/// Appends [`plain`].
pub fn push_plain(out: &mut String, minor: i64, currency: Currency) {
    push_decimal(out, i128::from(minor), currency.exponent());
}

/// For people, thousands apart: `1,234.50`, `-20.00`, `1,200` (JPY).
pub fn grouped(minor: i64, currency: Currency) -> String {
    group(&plain(minor, currency))
}

/// A difference for people, its sign always said: `+190.87`, `-20.00`; nought has none.
pub fn signed(minor: i64, currency: Currency) -> String {
    let text = grouped(minor, currency);
    if minor > 0 { format!("+{text}") } else { text }
}

/// [`grouped`] with its currency: `1,234.50 CAD`.
pub fn named(money: Money) -> String {
    format!("{} {}", grouped(money.minor, money.currency), money.currency)
}

/// [`signed`] with its currency: `+190.87 CAD`.
pub fn signed_named(money: Money) -> String {
    format!("{} {}", signed(money.minor, money.currency), money.currency)
}

/// Amounts of several currencies side by side, never added: `30.00 CAD · 1,200 JPY`; empty for none.
pub fn list(money: impl IntoIterator<Item = (Currency, i64)>) -> String {
    let texts: Vec<String> = money.into_iter().map(|(c, m)| named(Money::new(m, c))).collect();
    texts.join(" · ")
}

/// Puts commas between thousands of a plain decimal.
pub(super) fn group(plain: &str) -> String {
    let (sign, digits) = plain.strip_prefix('-').map_or(("", plain), |d| ("-", d));
    let (whole, decimals) = digits.split_once('.').map_or((digits, None), |(w, d)| (w, Some(d)));
    let mut out = String::with_capacity(plain.len() + whole.len() / 3 + 1);
    out.push_str(sign);
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(decimals) = decimals {
        out.push('.');
        out.push_str(decimals);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::exact::Exact;
    use proptest::prelude::*;

    fn currency(code: &str) -> Currency {
        Currency::known(code).unwrap()
    }

    #[test]
    fn money_is_written_by_its_currency() {
        let (cad, jpy, kwd) = (currency("CAD"), currency("JPY"), currency("KWD"));
        assert_eq!(plain(-123_450, cad), "-1234.50");
        assert_eq!(grouped(123_450, cad), "1,234.50");
        assert_eq!(grouped(-100_000_000, cad), "-1,000,000.00");
        assert_eq!(grouped(1200, jpy), "1,200");
        assert_eq!(grouped(1, kwd), "0.001");
        assert_eq!(grouped(i64::MIN, cad), "-92,233,720,368,547,758.08");
        assert_eq!(list([(cad, 3000), (jpy, 1200)]), "30.00 CAD · 1,200 JPY");
    }

    #[test]
    fn differences_say_their_sign() {
        let cad = currency("CAD");
        assert_eq!(signed(19_087, cad), "+190.87");
        assert_eq!(signed(-2000, cad), "-20.00");
        assert_eq!(signed(0, cad), "0.00");
        assert_eq!(signed(-1, cad), "-0.01");
    }

    proptest! {
        #[test]
        fn commas_change_nothing_else(minor: i64) {
            for code in ["CAD", "JPY", "KWD"] {
                let c = currency(code);
                prop_assert_eq!(Exact::parse(plain(minor, c).as_bytes()), Exact::scaled(i128::from(minor), c.exponent()));
                prop_assert_eq!(grouped(minor, c).replace(',', ""), plain(minor, c));
                prop_assert_eq!(signed(minor, c).trim_start_matches('+').to_owned(), grouped(minor, c));
            }
        }
    }
}

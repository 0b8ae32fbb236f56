//! What exact numbers must do.

use super::*;

fn n(text: &str) -> Exact {
    text.parse().unwrap()
}

#[test]
fn only_plain_decimals_are_numbers() {
    for bad in ["", " 7", "7 ", "1,234.56", "0x10", "1e3", "NaN", "abc", ".5", "5.", "+1", "-", "1_000", "1.2.3", "٣"] {
        assert_eq!(Exact::parse(bad.as_bytes()), Err(NumberError::NotANumber), "{bad:?}");
    }
    assert_eq!(Exact::parse(b"-Infinity"), Err(NumberError::Infinite));
    assert_eq!(Exact::parse(b"1234567890123456789012345678901234567890.12"), Err(NumberError::TooManyDigits));
    assert_eq!(Exact::parse(b"12345678901234567890.1234567890123456789"), Err(NumberError::TooManyDigits));
}

#[test]
fn decimals_keep_every_digit() {
    assert_eq!(n("92233720368547758.07").to_string(), "92233720368547758.07");
    assert_eq!(n("0.000000000000000000000000000001").to_string(), "0.000000000000000000000000000001");
    assert_eq!(n("-0.00").to_string(), "0");
    assert_eq!(n("30.0000000000000000000000000000000000000000").to_string(), "30");
    assert_eq!(Exact::parse_float_text(b"1e-05").unwrap().to_string(), "0.00001");
}

#[test]
fn fractions_are_reduced_and_decimals_end() {
    let share = n("200").mul(Exact::ratio(9, 31).unwrap()).unwrap();
    assert_eq!(share.sub(n("58.06")).unwrap().to_string(), "7/1550");
    assert_eq!(n("33.33").sub(n("33.3333")).unwrap().to_string(), "-0.0033");
}

#[test]
fn decimals_are_written_with_exactly_their_scale() {
    for (mantissa, scale, text) in [
        (0, 0, "0"),
        (0, 2, "0.00"),
        (5, 2, "0.05"),
        (-5, 3, "-0.005"),
        (123, 0, "123"),
        (i128::from(u64::MAX) + 1, 2, "184467440737095516.16"),
        (i128::MIN, 30, "-170141183.460469231731687303715884105728"),
        (i128::MAX, 0, "170141183460469231731687303715884105727"),
    ] {
        assert_eq!(decimal_text(mantissa, scale), text);
    }
    for (num, den, text) in
        [(100, 100, "1"), (910, 100, "9.1"), (-7, 1000, "-0.007"), (0, 100, "0"), (50, 20, "2.5"), (120, 10, "12"), (1, 30, "1/30")]
    {
        assert_eq!(Exact::ratio(num, den).unwrap().to_string(), text);
    }
}

#[test]
fn overflow_is_an_error() {
    let big = n("9999999999999999999999999999");
    assert_eq!(big.mul(big).unwrap_err(), NumberError::Overflow);
}

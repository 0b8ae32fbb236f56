//! Counts, shares, rates and sizes as text.

use super::money::group;

/// A count for people: `1,234,567`.
pub fn count(n: u64) -> String {
    group(&n.to_string())
}

/// A count with its noun: `1 row`, `1,200 rows`.
pub fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// Ten-thousandths as per cent with one decimal: `21.3 %`. `100.0 %` is said only of all, `0.0 %` only of nothing.
pub fn percent(ten_thousandths: i64) -> String {
    let tenths = (ten_thousandths + 5) / 10;
    match (ten_thousandths, tenths) {
        (1..=9999, 1000..) => "99.9 %".to_owned(),
        (1..=9999, 0) => "<0.1 %".to_owned(),
        _ => format!("{}.{} %", tenths / 10, tenths % 10),
    }
}

/// Ten-thousandths as a machine writes them: `0.8178`, `1.0000`.
pub fn share(ten_thousandths: i64) -> String {
    crate::domain::exact::decimal_text(i128::from(ten_thousandths), 4)
}

/// `part` of `whole` in ten-thousandths, rounded down; `None` of nothing.
pub fn ratio(part: u64, whole: u64) -> Option<i64> {
    (whole > 0).then(|| i64::try_from(u128::from(part) * 10_000 / u128::from(whole)).unwrap_or(i64::MAX))
}

/// Rows a second over a time in milliseconds: `12,345 rows/s`; empty where no time has passed.
pub fn rate(rows: u64, milliseconds: u64) -> String {
    if milliseconds == 0 {
        return String::new();
    }
    let per_second = u128::from(rows) * 1000 / u128::from(milliseconds);
    format!("{} rows/s", count(u64::try_from(per_second).unwrap_or(u64::MAX)))
}

/// Bytes for people in steps of 1024: `512 B`, `1.5 KiB`, `2.0 GiB`.
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if n < 1024 {
        return format!("{n} B");
    }
    let mut unit = 0;
    let mut divisor: u64 = 1024;
    while unit + 1 < UNITS.len() && n / divisor >= 1024 {
        divisor *= 1024;
        unit += 1;
    }
    let tenths = u128::from(n) * 10 / u128::from(divisor);
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_never_claim_all_or_nothing_falsely() {
        assert_eq!(percent(2129), "21.3 %");
        assert_eq!(percent(10_000), "100.0 %");
        assert_eq!(percent(9999), "99.9 %");
        assert_eq!(percent(0), "0.0 %");
        assert_eq!(percent(3), "<0.1 %");
        assert_eq!(share(8178), "0.8178");
        assert_eq!(ratio(2, 9), Some(2222));
        assert_eq!(ratio(0, 0), None);
    }

    #[test]
    fn counts_are_grouped() {
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(counted(1, "row", "rows"), "1 row");
        assert_eq!(rate(24_690, 2000), "12,345 rows/s");
        assert_eq!(rate(1, 0), "");
        assert_eq!(bytes(1536), "1.5 KiB");
        assert_eq!(bytes(u64::MAX), "16777215.9 TiB");
    }
}

//! Information in sixteenths of a bit, in whole numbers.

/// Sixteenths of a bit in a bit.
pub const BIT: i32 = 16;

/// log2 of a number, in sixteenths, rounded down; 0 for 0.
pub fn log2(n: u128) -> i32 {
    let Some(whole) = n.checked_ilog2() else { return 0 };
    // Squaring a number between 1 and 2 gives the next binary digit of its logarithm.
    let mut mantissa = if whole >= 31 { n >> (whole - 31) } else { n << (31 - whole) };
    let mut sixteenths = whole.cast_signed();
    for _ in 0..4 {
        mantissa = (mantissa * mantissa) >> 31;
        sixteenths *= 2;
        if mantissa >= 1 << 32 {
            mantissa >>= 1;
            sixteenths += 1;
        }
    }
    sixteenths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_are_rounded_down_to_a_sixteenth() {
        let known = [(1, 0), (2, 16), (3, 25), (10, 53), (501, 143), (1001, 159), (1 << 100, 1600)];
        assert_eq!(known.map(|(n, _)| (n, log2(n))), known);
    }
}

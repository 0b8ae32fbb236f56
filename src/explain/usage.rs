//! Whether a quantity stands out from a subscription's own history: by median and median deviation, which a single odd month does not
//! move. Exact: what is on the line does not stand out.

use crate::domain::exact::{Exact, NumberError};

/// Other months there must be.
pub const LEAST: usize = 4;
/// Median deviations a quantity may be away.
const DEVIATIONS: i128 = 6;

/// Median and median deviation of a history, where a quantity stands out from it: it is farther from the median than six median
/// deviations, and than half the median. `None` where it does not, or where there are too few months to tell.
pub fn stands_out(quantity: Exact, history: &[Exact]) -> Option<(Exact, Exact)> {
    if history.len() < LEAST {
        return None;
    }
    let median = median(history.to_vec()).ok()?;
    let away: Result<Vec<Exact>, NumberError> = history.iter().map(|q| q.sub(median)?.abs()).collect();
    let deviation = self::median(away.ok()?).ok()?;
    let far = quantity.sub(median).ok()?.abs().ok()?;
    let bound = deviation.mul(Exact::whole(DEVIATIONS)).ok()?;
    let half = median.abs().ok()?.div(Exact::whole(2)).ok()?;
    (far > bound && far > half).then_some((median, deviation))
}

/// The middle one, or the mean of the two middle ones; nought of none.
fn median(mut all: Vec<Exact>) -> Result<Exact, NumberError> {
    all.sort_unstable();
    let (low, high) = (all.get(all.len().saturating_sub(1) / 2), all.get(all.len() / 2));
    match (low, high) {
        (Some(low), Some(high)) => low.add(*high)?.div(Exact::whole(2)),
        _ => Ok(Exact::ZERO),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(numbers: &[i64]) -> Vec<Exact> {
        numbers.iter().map(|n| Exact::whole(i128::from(*n))).collect()
    }

    fn out(quantity: i64, history: &[i64]) -> Option<(Exact, Exact)> {
        stands_out(Exact::whole(i128::from(quantity)), &all(history))
    }

    #[test]
    fn far_is_six_deviations_and_half_the_median() {
        let whole = Exact::whole;
        // Median 100, deviation 2: 112 is on the line, and half the median is 50.
        let steady = [98, 99, 100, 102, 104];
        assert_eq!(out(112, &steady), None);
        assert_eq!(out(150, &steady), None);
        assert_eq!(out(151, &steady), Some((whole(100), whole(2))));
        assert_eq!(out(49, &steady), Some((whole(100), whole(2))));
        // One odd month among the others does not hide the next.
        assert_eq!(out(100_000, &[100, 100, 90_000, 100, 101]), Some((whole(100), whole(0))));
        // A wide history allows much.
        assert_eq!(out(900, &[10, 200, 400, 600]), None);
        // What was never used stands out; three months tell nothing.
        assert_eq!(out(1, &[0, 0, 0, 0]), Some((whole(0), whole(0))));
        assert_eq!((out(0, &[0, 0, 0, 0]), out(1_000_000, &[1, 1, 1])), (None, None));
        assert_eq!(out(4, &[1, 2, 3, 100]).map(|(median, _)| median), None);
    }

    proptest! {
        /// The order of the months says nothing, and neither does the unit.
        #[test]
        fn order_and_unit_say_nothing(quantity in 0i64..5_000, mut history in proptest::collection::vec(0i64..1_000, 0..9), unit in 1i64..1_000) {
            let plain = out(quantity, &history).is_some();
            let scaled: Vec<i64> = history.iter().map(|n| n * unit).collect();
            prop_assert_eq!(out(quantity * unit, &scaled).is_some(), plain);
            history.reverse();
            prop_assert_eq!(out(quantity, &history).is_some(), plain);
        }
    }
}

//! A number held against its bounds.

use super::Judged;
use crate::domain::exact::{Exact, decimal_text};
use crate::domain::gate::{Bound, Outcome};

/// Digits shown of a number that never ends.
const DIGITS: u32 = 4;

/// Passes within the bounds; `unit` stands behind the number: ` %`, ` CAD`.
pub(super) fn figure(number: Exact, bound: &Bound, unit: &str) -> Judged {
    let told = format!("{}{unit}", text(number));
    if bound.holds(&number) {
        return Judged::new(Outcome::Pass, told);
    }
    let wanted = match (&bound.at_least, &bound.at_most) {
        (Some(least), _) if number < *least => format!("at least {}", text(*least)),
        (_, Some(most)) => format!("at most {}", text(*most)),
        _ => "within bounds that are not there".to_owned(),
    };
    Judged::new(Outcome::Fail, format!("{told}, where it must be {wanted}"))
}

/// A number for people; one that never ends is cut towards nought and marked.
pub(super) fn text(number: Exact) -> String {
    if let Some((mantissa, decimals)) = number.shortest_decimal() {
        return decimal_text(mantissa, u32::from(decimals));
    }
    let shift = Exact::whole(10_i128.pow(DIGITS));
    let cut = number.mul(shift).ok().and_then(|n| if n.is_negative() { n.ceil() } else { n.floor() }.as_whole());
    cut.map_or_else(|| "a number too long to show".to_owned(), |mantissa| format!("{}…", decimal_text(mantissa, DIGITS)))
}

//! X4: the same rating rounded in another mode, by line or once. Evidence: the declared profile of the side that billed it; the difference is no more
//! than the rounded amounts can make.

use super::{Case, Tries};
use crate::domain::explanation::{Cause, Step};
use crate::domain::profile::{SideProfile, Stage};
use crate::domain::rounding::RoundMode;
use crate::explain::tries::{Named, Try};
use crate::explain::view::Alter;

pub fn tries<'a>(case: &Case<'a>, tries: &mut Tries<'_, 'a>) {
    let Some(base) = &case.base else { return };
    let side = case.sought_side();
    let declared = case.profile().side(side);
    let rounded = i64::try_from(base.terms.charges.len() + 1).unwrap_or(i64::MAX);
    if case.sought.minor.abs_diff(case.given.minor) > rounded.unsigned_abs() {
        return;
    }
    for round_per in [Stage::Line, Stage::Invoice] {
        for (_, round_mode) in RoundMode::WORDS {
            let profile = SideProfile { round_per, round_mode, ..case.rating().clone() };
            let Some((exact, money)) = base.amount(&profile) else { continue };
            if money != case.sought {
                continue;
            }
            let is_declared = (round_per, round_mode) == (declared.round_per, declared.round_mode);
            let per = if round_per == Stage::Line { "by line" } else { "once" };
            let one = Try {
                cause: Cause::Rounding,
                parameters: format!("{per}, {}", mode_word(round_mode)),
                alter: Alter::Whole(exact),
                step: Step::Rounding,
                choices: 14,
                named: is_declared.then(|| format!("the {side} is declared to round so")).map(|words| Named::declared(words, side)),
                free: 0,
            };
            tries.amount(one, exact, money);
        }
    }
}

/// The word of a mode.
pub fn mode_word(mode: RoundMode) -> &'static str {
    RoundMode::WORDS.into_iter().find(|(_, known)| *known == mode).map_or("", |(word, _)| word)
}

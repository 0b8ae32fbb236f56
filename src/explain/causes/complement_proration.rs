//! P5: the other part of the period, D − d for d. Evidence: the first or last day.

use super::{Case, Tries};
use crate::domain::explanation::{Cause, Step};
use crate::explain::dates::PART_CHOICES;
use crate::explain::tries::{Named, Try};
use crate::explain::view::Alter;

pub fn tries<'a>(case: &Case<'a>, tries: &mut Tries<'_, 'a>) {
    if case.base.is_none() {
        return;
    }
    let parts = case.parts();
    for part in parts {
        let of = part.whole - part.of;
        // Around the middle it is a part like any other.
        if parts.iter().any(|p| (p.of, p.whole) == (of, part.whole)) {
            continue;
        }
        tries.offer(Try {
            cause: Cause::ComplementProration,
            parameters: format!("{of}/{}", part.whole),
            alter: Alter::Part { of, whole: part.whole },
            step: Step::Proration,
            choices: PART_CHOICES,
            named: Some(Named::dated(part.words.clone(), part.data.clone())),
            free: 0,
        });
    }
}

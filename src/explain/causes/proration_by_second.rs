//! P2: part of the period, by seconds: A = q(L × (t − ts) ÷ (t − s)), in UTC and in the service's zone. Evidence: the stored moment;
//! it is never searched for.

use super::{Case, Tries};
use crate::domain::explanation::{Cause, Step};
use crate::explain::dates::{Part, interval};
use crate::explain::tries::{Named, Try};
use crate::explain::view::Alter;
use chrono::{DateTime, NaiveTime, Utc};

pub fn tries<'a>(case: &Case<'a>, tries: &mut Tries<'_, 'a>) {
    if case.base.is_none() {
        return;
    }
    let interval = interval(case);
    let zone = case.profile().zone;
    let utc = |day: chrono::NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
    let spans: [(DateTime<Utc>, DateTime<Utc>); 2] =
        [(zone.start_of(interval.start), zone.start_of(interval.end)), (utc(interval.start), utc(interval.end))];
    let boundaries: Vec<_> = case.boundaries().iter().filter(|b| b.at.is_some()).collect();
    if boundaries.is_empty() {
        return;
    }
    // Where whole days make the same, nothing tells that seconds were counted.
    let by_day = |part: &Part| {
        let parted = Alter::Part { of: part.of, whole: part.whole };
        case.amount(&case.base.as_ref()?.altered(&parted)?)
    };
    if case.parts().iter().filter_map(by_day).any(|(_, money)| money == case.sought) {
        return;
    }
    for boundary in boundaries {
        let Some(at) = boundary.at else { continue };
        for (start, end) in spans {
            let whole = (end - start).num_seconds();
            let of = if boundary.begins { (end - at).num_seconds() } else { (at - start).num_seconds() };
            if of <= 0 || of >= whole {
                continue;
            }
            tries.offer(Try {
                cause: Cause::ProrationBySecond,
                parameters: format!("{of}/{whole} s"),
                alter: Alter::Part { of, whole },
                step: Step::Proration,
                choices: 2,
                named: Some(Named::dated(boundary.words.clone(), [boundary.datum()])),
                free: 0,
            });
        }
    }
}

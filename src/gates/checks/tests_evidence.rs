//! Test evidence: reports of tests that ran elsewhere, counted from their cases.

use super::junit::{Case, Report, read};
use super::{Clock, Judged, files};
use crate::domain::gate::{FileSeen, Outcome, TestsCheck};
use chrono::{DateTime, NaiveDateTime, Utc};

/// A time without its zone may be off by this much.
const ANY_ZONE: i64 = 14 * 60 * 60;

/// Judges reports. One that is refused, cut off, empty or contradicts itself spoils all of them.
pub fn tests(check: &TestsCheck, seen: &Result<Vec<FileSeen>, String>, clock: &Clock) -> Judged {
    let found = match files::there("report", seen) {
        Ok(found) => found,
        Err(judged) => return judged,
    };
    let mut faults = Vec::new();
    let mut counts = [0_u64; 4];
    let mut lines = Vec::new();
    for file in found {
        match read(&file.bytes) {
            Err(refusal) => faults.push(Judged::new(refusal.outcome, format!("{}: {}", file.path, refusal.why))),
            Ok(report) => {
                faults.extend(of_report(check, file, &report, clock));
                for case in &report.cases {
                    counts.iter_mut().skip(case.end as usize).take(1).for_each(|n| *n += 1);
                }
                lines.extend(report.cases.iter().filter(|c| c.end != super::junit::End::Passed).map(told));
            }
        }
    }
    let [passed, failed, errors, skipped] = counts;
    let told = format!("{passed} passed, {failed} failed, {errors} with errors, {skipped} skipped in {} reports", found.len());
    if faults.is_empty() && passed < check.least {
        faults.push(Judged::new(Outcome::Fail, format!("{passed} cases passed, where {} are needed", check.least)));
    }
    let lines = lines.into_iter().chain(found.iter().map(files::line));
    match faults.iter().max_by_key(|fault| fault.outcome) {
        None => Judged::new(Outcome::Pass, told).seeing(lines),
        Some(worst) => {
            Judged::new(worst.outcome, &worst.summary).seeing([told].into_iter().chain(faults.iter().map(|f| f.summary.clone())).chain(lines))
        }
    }
}

fn of_report(check: &TestsCheck, file: &FileSeen, report: &Report, clock: &Clock) -> Vec<Judged> {
    let fault = |outcome, why: String| Judged::new(outcome, format!("{}: {why}", file.path));
    let mut faults: Vec<Judged> = report.mismatches.iter().map(|why| fault(Outcome::Fail, why.clone())).collect();
    if report.cases.is_empty() {
        faults.push(fault(Outcome::Fail, "no tests ran".to_owned()));
    }
    let broken = report.cases.iter().filter(|case| case.is_broken()).count();
    if broken > 0 {
        faults.push(fault(Outcome::Fail, format!("{broken} of {} cases do not pass", report.cases.len())));
    }
    let beyond = |case: &&Case| case.end == super::junit::End::Skipped && !check.skips.contains(&case.name);
    let skipped = report.cases.iter().filter(beyond).count();
    if skipped > 0 {
        faults.push(fault(Outcome::Fail, format!("{skipped} cases were skipped that may not be")));
    }
    let times: Vec<(Option<DateTime<Utc>>, bool)> = report.timestamps.iter().map(|text| moment(text)).collect();
    if let Some((at, _)) = report.timestamps.iter().zip(&times).find(|(_, (at, _))| at.is_none()) {
        faults.push(fault(Outcome::Invalid, format!("its clock cannot be read: timestamp=\"{at}\"")));
    }
    let newest = times.iter().filter_map(|(at, has_zone)| Some(((*at)?, *has_zone))).max();
    let oldest = times.iter().filter_map(|(at, has_zone)| Some(((*at)?, *has_zone))).min();
    // A report that says nothing about its time is as old as its file.
    let moments = [newest.unwrap_or((file.modified, true)), oldest.unwrap_or((file.modified, true))];
    let aged =
        moments.into_iter().filter_map(|(at, has_zone)| clock.fault_with(&file.path, at, if has_zone { super::CLOCKS_APART } else { ANY_ZONE }));
    faults.extend(aged.max_by_key(|judged| judged.outcome));
    faults.extend(clock.fault(&file.path, file.modified));
    faults
}

/// A timestamp, and whether it names its zone; without one it is read as UTC.
fn moment(text: &str) -> (Option<DateTime<Utc>>, bool) {
    if let Ok(at) = DateTime::parse_from_rfc3339(text.trim()) {
        return (Some(at.with_timezone(&Utc)), true);
    }
    let naive = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"].iter().find_map(|form| NaiveDateTime::parse_from_str(text.trim(), form).ok());
    (naive.map(|at| at.and_utc()), false)
}

fn told(case: &Case) -> String {
    format!("{}: {}", case.end.word(), case.name)
}

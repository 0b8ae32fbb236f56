//! Schedule parity: each job is active on exactly one side. Twice bills twice; nowhere bills nobody.

use super::Judged;
use crate::domain::gate::{JobSeen, JobsSeen, Outcome, ScheduleCheck};
use std::collections::{BTreeMap, BTreeSet};

/// Judges the jobs of both sides, told apart by their names as written.
pub fn schedule(check: &ScheduleCheck, source: &JobsSeen, target: &JobsSeen) -> Judged {
    let (source, target) = match (jobs("source", source), jobs("target", target)) {
        (Ok(source), Ok(target)) => (source, target),
        (Err(one), Err(other)) => return if one.outcome >= other.outcome { one } else { other },
        (Err(judged), _) | (_, Err(judged)) => return judged,
    };
    let mut names: BTreeSet<&str> = source.iter().chain(target).map(|job| job.name.raw()).collect();
    names.extend(check.jobs.iter().map(String::as_str));
    if names.is_empty() {
        return Judged::new(Outcome::Inconclusive, "no job on either side: nothing to tell");
    }
    let sides = [("source", by_name(source)), ("target", by_name(target))];
    let mut faults: BTreeMap<&str, u64> = BTreeMap::new();
    let mut lines = (Vec::new(), Vec::new());
    for name in &names {
        let found: Vec<(&str, &JobSeen)> =
            sides.iter().flat_map(|(side, jobs)| jobs.get(name).into_iter().flatten().map(|job| (*side, *job))).collect();
        let fault = match (found.len(), found.iter().filter(|(_, job)| job.active).count()) {
            (0, _) => Some("missing"),
            (_, 0) => Some("active nowhere"),
            (_, 1) => None,
            (_, _) => Some("active more than once"),
        };
        if let Some(fault) = fault {
            *faults.entry(fault).or_default() += 1;
        }
        let told = found.iter().map(|(side, job)| of_side(side, job)).collect::<Vec<_>>().join(" · ");
        let line = format!("{} {name}: {}{told}", if fault.is_some() { "✗" } else { "✓" }, fault.map_or_else(String::new, |f| format!("{f}; ")));
        if fault.is_some() { lines.0.push(line) } else { lines.1.push(line) }
    }
    let judged = if faults.is_empty() {
        Judged::new(Outcome::Pass, format!("{} jobs, each active on exactly one side", names.len()))
    } else {
        let told: Vec<String> = faults.iter().map(|(fault, n)| format!("{n} {fault}")).collect();
        Judged::new(Outcome::Fail, format!("{} of {} jobs: {}", faults.values().sum::<u64>(), names.len(), told.join(", ")))
    };
    judged.seeing(lines.0.into_iter().chain(lines.1))
}

fn jobs<'a>(side: &str, seen: &'a JobsSeen) -> Result<&'a [JobSeen], Judged> {
    match seen {
        JobsSeen::Jobs(jobs) => Ok(jobs),
        JobsSeen::Unmapped => {
            let why = format!("the {side} maps no jobs: whether they run there is not known — write jobs in [{side}.queries]");
            Err(Judged::new(Outcome::Inconclusive, why))
        }
        JobsSeen::Invalid(why) => Err(Judged::new(Outcome::Invalid, format!("{side}: {why}"))),
        JobsSeen::Broke(why) => Err(Judged::new(Outcome::Error, format!("{side}: {why}"))),
    }
}

fn by_name(jobs: &[JobSeen]) -> BTreeMap<&str, Vec<&JobSeen>> {
    let mut named: BTreeMap<&str, Vec<&JobSeen>> = BTreeMap::new();
    for job in jobs {
        named.entry(job.name.raw()).or_default().push(job);
    }
    named
}

fn of_side(side: &str, job: &JobSeen) -> String {
    let told = |what: &str, text: &Option<crate::domain::text::Untrusted>| {
        text.as_ref().filter(|t| !t.raw().is_empty()).map_or_else(String::new, |t| format!("{what}{}", t.shown(30)))
    };
    let state = if job.active { "active" } else { "off" };
    format!("{side} {state}{}{}{}", told(", ", &job.cron), told(", last ", &job.last_run), told(", next ", &job.next_run))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(jobs: &[(&str, bool)]) -> JobsSeen {
        let job = |(name, active): &(&str, bool)| JobSeen {
            name: (*name).into(),
            cron: Some("0 2 * * *".into()),
            active: *active,
            last_run: None,
            next_run: Some("2026-06-01 02:00".into()),
        };
        JobsSeen::Jobs(jobs.iter().map(job).collect())
    }

    #[test]
    fn each_job_is_active_on_exactly_one_side() {
        use Outcome::{Error, Fail, Inconclusive, Pass};
        let table: [(&[&str], JobsSeen, JobsSeen, Outcome); 9] = [
            (&["bill"], side(&[("bill", true)]), side(&[("bill", false)]), Pass),
            (&[], side(&[("bill", true)]), side(&[("mail", true)]), Pass),
            (&[], side(&[("bill", true)]), side(&[("bill", true)]), Fail),
            (&[], side(&[("bill", false)]), side(&[("bill", false)]), Fail),
            (&["bill"], side(&[("mail", true)]), side(&[]), Fail),
            (&[], side(&[("bill", true), ("bill", true)]), side(&[]), Fail),
            (&[], side(&[]), side(&[]), Inconclusive),
            (&[], JobsSeen::Unmapped, side(&[("bill", true)]), Inconclusive),
            (&[], JobsSeen::Unmapped, JobsSeen::Broke("gone".into()), Error),
        ];
        for (named, source, target, outcome) in table {
            let check = ScheduleCheck { jobs: named.iter().map(|n| (*n).to_owned()).collect() };
            let judged = schedule(&check, &source, &target);
            assert_eq!(judged.outcome, outcome, "{judged:?}");
        }
        let judged = schedule(&ScheduleCheck { jobs: Vec::new() }, &side(&[("bill", true)]), &side(&[("bill", true)]));
        assert_eq!(judged.summary, "1 of 1 jobs: 1 active more than once");
        assert!(judged.observed[0].contains("source active, 0 2 * * *, next 2026-06-01 02:00"), "{judged:?}");
    }
}

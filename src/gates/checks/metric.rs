//! Metrics: a figure of the workspace within its bounds. A figure that is not there is inconclusive, one of an old or outdated run stale.

use super::figure::{figure, text};
use super::{Clock, Judged};
use crate::domain::exact::Exact;
use crate::domain::gate::{Bound, Figures, Metric, MetricCheck, MonthFigures, MonthStanding, Outcome};
use chrono::NaiveDate;

/// Judges a metric.
pub fn metric(check: &MetricCheck, figures: &Figures, clock: &Clock) -> Judged {
    match &check.metric {
        Metric::RejectedRows => match figures.rejected {
            None => Judged::new(Outcome::Inconclusive, "no run has looked at a whole month"),
            Some((rows, run)) => figure(whole(rows), &check.bound, if rows == 1 { " row unread" } else { " rows unread" }).seeing([of_run(run)]),
        },
        Metric::NotInert => match figures.inertness {
            None => Judged::new(Outcome::Inconclusive, "nobody looked with the checks of inertness as they are now — dualrun inertness"),
            Some((at, broken)) => {
                let judged = figure(whole(broken), &check.bound, if broken == 1 { " check does not hold" } else { " checks do not hold" });
                old_unless_failed(judged, clock.fault("the look", at))
            }
        },
        Metric::CleanCycles { least_rows, least_days } => match &figures.newest {
            None => no_run(),
            Some(newest) => fresh(cycles(&figures.months, *least_rows, *least_days, &check.bound), newest, clock),
        },
        of_month => match &figures.newest {
            None => no_run(),
            Some(newest) => fresh(month(of_month, newest, &check.bound), newest, clock),
        },
    }
}

fn no_run() -> Judged {
    Judged::new(Outcome::Inconclusive, "no run counts yet — dualrun reconcile")
}

fn of_run(run: i64) -> String {
    format!("run #{run}")
}

fn whole(n: u64) -> Exact {
    Exact::whole(n.into())
}

/// What does not hold is told as that; what would pass must also be of a run that is neither outdated nor too old.
fn fresh(judged: Judged, newest: &MonthFigures, clock: &Clock) -> Judged {
    let outdated = (!newest.is_fresh).then(|| {
        Judged::new(
            Outcome::Stale,
            format!("run #{} is of another configuration or of other databases, or the target was acted on since — reconcile again", newest.run),
        )
    });
    old_unless_failed(judged, outdated.or_else(|| clock.fault(&of_run(newest.run), newest.at))).seeing([of_run(newest.run)])
}

fn old_unless_failed(judged: Judged, fault: Option<Judged>) -> Judged {
    match fault {
        Some(fault) if judged.outcome == Outcome::Pass => fault.seeing([judged.summary]),
        _ => judged,
    }
}

fn month(metric: &Metric, of: &MonthFigures, bound: &Bound) -> Judged {
    match metric {
        Metric::UnexplainedGross { currency } => match of.unexplained.get(currency) {
            Some(sum) => figure(*sum, bound, &format!(" {currency} unexplained")),
            None => Judged::new(Outcome::Inconclusive, format!("no row in {currency}: nothing was compared in it")),
        },
        Metric::Coverage { currency } => match of.coverage.get(currency) {
            Some(part) => figure(*part, bound, &format!(" % of the money in {currency} covered")),
            None => Judged::new(Outcome::Inconclusive, format!("nothing was invoiced in {currency}")),
        },
        _ if of.compared == 0 => Judged::new(Outcome::Inconclusive, "no row was compared: an empty run proves nothing"),
        _ => {
            let rate = Exact::ratio(i128::from(of.matching), i128::from(of.compared)).and_then(|part| part.mul(Exact::whole(100)));
            match rate {
                Ok(rate) => figure(rate, bound, " % of the rows match").seeing([format!("{} of {} rows match", of.matching, of.compared)]),
                Err(e) => Judged::new(Outcome::Error, format!("the rate cannot be told: {e}")),
            }
        }
    }
}

/// First days of the months a metric is taken from: the evidence stands on all of them.
pub fn months_of(metric: &Metric, figures: &Figures) -> Vec<NaiveDate> {
    match metric {
        Metric::RejectedRows | Metric::NotInert => Vec::new(),
        Metric::CleanCycles { least_rows, .. } => {
            let (clean, stopped) = row(&figures.months, *least_rows);
            clean.into_iter().chain(stopped.map(|(month, _)| month)).map(|month| month.first).collect()
        }
        Metric::MatchRate | Metric::UnexplainedGross { .. } | Metric::Coverage { .. } => {
            figures.months.last().map(|month| month.first).into_iter().collect()
        }
    }
}

/// Months in a row, back from the newest, in which nothing is open and enough was compared; and what ended the row.
fn row(months: &[MonthStanding], least_rows: u64) -> (Vec<&MonthStanding>, Option<(&MonthStanding, String)>) {
    let mut clean: Vec<&MonthStanding> = Vec::new();
    for month in months.iter().rev() {
        let why = if clean.last().is_some_and(|later| later.first != month.end) {
            Some("the month after it has no run that counts".to_owned())
        } else if month.rows < least_rows.max(1) {
            Some(format!("{} rows, where {} are needed", month.rows, least_rows.max(1)))
        } else if month.open > 0 {
            Some(format!("{} rows open", month.open))
        } else {
            let other = "its run is of another configuration, or of other databases — reconcile it again";
            (!month.is_fresh).then(|| other.to_owned())
        };
        if let Some(why) = why {
            return (clean, Some((month, format!("{}: {why}", month.first.format("%Y-%m")))));
        }
        clean.push(month);
    }
    (clean, None)
}

fn cycles(months: &[MonthStanding], least_rows: u64, least_days: u64, bound: &Bound) -> Judged {
    let (clean, stopped) = row(months, least_rows);
    let days = match (clean.first(), clean.last()) {
        (Some(newest), Some(oldest)) => (newest.end - oldest.first).num_days(),
        _ => 0,
    };
    let count = whole(clean.len() as u64);
    let judged = figure(count, bound, if clean.len() == 1 { " clean month in a row" } else { " clean months in a row" });
    let judged = if judged.outcome == Outcome::Pass && u64::try_from(days).unwrap_or(0) < least_days {
        Judged::new(Outcome::Fail, format!("{} clean months in a row are {days} days, where {least_days} are needed", text(count)))
    } else {
        judged
    };
    judged.seeing(stopped.map(|(_, why)| why))
}

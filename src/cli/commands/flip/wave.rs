//! Checking, applying and backing out one wave: what stands in the way, the phrase, and what came of it.

use super::{Frame, out, standing};
use crate::app::flip::{Apply, Came, Checked, WaveStanding, apply, back_out, check, cost, standing as stands};
use crate::cli::args::WaveArgs;
use crate::cli::error::CliError;
use crate::cli::{Exit, progress, signals};
use crate::domain::flip::Direction;
use crate::domain::text::shown;
use crate::present::{flip, numbers, times};
use crate::report::flip as report;
use serde_json::{Value, json};
use std::io::{BufRead as _, IsTerminal as _};
use std::time::Duration;

impl Frame<'_> {
    /// Applies it. On a terminal everything is checked and shown before the phrase is asked for.
    pub(super) async fn apply(&self, args: &WaveArgs) -> Result<Exit, CliError> {
        let gates = self.gates();
        let observer = || progress::observer(self.context.global.quiet);
        let cancel = signals::cancel_on_signal();
        let phrase = if let Some(phrase) = &args.confirm {
            phrase.clone()
        } else {
            let pack = self.pack(args.wave).await?;
            refuse_without_terminal(&pack.phrase(Direction::Forward), "apply", args.wave)?;
            let checked = check(self.project, args.wave, &gates, observer(), cancel.clone()).await?;
            out::lines(report::totals_lines(&pack))?;
            // Of a wave that was begun its own first steps are in the way of a beginning; going on is judged by itself.
            if !checked.blockers.is_empty() && !checked.begun {
                out::lines(checked_lines(&checked))?;
                return Ok(Exit::Differences);
            }
            asked(&checked.phrase)?
        };
        let asked = Apply { wave: args.wave, phrase, wait: Duration::from_secs(args.wait) };
        let came = apply(self.project, &asked, &gates, observer(), cancel).await?;
        self.told(&came)
    }

    /// Backs it out. What that costs is shown before the phrase is asked for.
    pub(super) async fn back_out(&self, args: &WaveArgs) -> Result<Exit, CliError> {
        let phrase = if let Some(phrase) = &args.confirm {
            phrase.clone()
        } else {
            let flip = stands(self.project).await?;
            let phrase = self.pack(args.wave).await?.phrase(Direction::Back);
            refuse_without_terminal(&phrase, "back-out", args.wave)?;
            out::lines(flip.waves.get(&args.wave).into_iter().flat_map(way_back))?;
            asked(&phrase)?
        };
        let asked = Apply { wave: args.wave, phrase, wait: Duration::from_secs(args.wait) };
        let came = back_out(self.project, &asked, progress::observer(self.context.global.quiet), signals::cancel_on_signal()).await?;
        self.told(&came)
    }

    async fn pack(&self, wave: u32) -> Result<crate::domain::flip::FlipPack, CliError> {
        let flip = stands(self.project).await?;
        let of = flip.waves.get(&wave).ok_or_else(|| CliError::Usage(format!("there is no wave {wave} — dualrun flip plan makes them")))?;
        Ok(of.pack.clone())
    }

    fn told(&self, came: &Came) -> Result<Exit, CliError> {
        let of = came.standing.waves.get(&came.wave);
        if self.context.json() {
            out::json(&json!({
                "wave": came.wave,
                "state": of.map(|w| w.state().word()),
                "whole": came.whole,
                "stopped": came.stopped,
                "stuck": came.stuck.iter().map(|(id, why)| json!({ "subscription": id, "why": why })).collect::<Vec<_>>(),
                "lines": of.map(standing::lines_object),
                "steps": came.steps,
            }))?;
        } else {
            out::lines(came.steps.iter().map(|step| format!("{:<24} {}", shown(&step.what, 40), times::duration(step.milliseconds))))?;
            out::lines(of.into_iter().flat_map(standing::line_states))?;
            out::lines(came.stuck.iter().map(|(id, why)| format!("  {} · {}", shown(id, 60), shown(why, 200))))?;
            out::say(&in_words(came));
        }
        Ok(match (&came.stopped, came.whole) {
            (Some(_), _) => Exit::Incomplete,
            (None, true) => Exit::Clean,
            (None, false) => Exit::Differences,
        })
    }
}

fn in_words(came: &Came) -> String {
    let (wave, of) = (came.wave, came.standing.waves.get(&came.wave));
    let back = of.is_some_and(|w| w.direction() == Direction::Back);
    let (verb, command) = if back { ("backed out", "back-out") } else { ("applied", "apply") };
    if let Some(why) = &came.stopped {
        return format!("wave {wave} is not {verb} whole: {} — dualrun flip {command} {wave} goes on", shown(why, 200));
    }
    if came.whole {
        let then = if back { "nothing of it bills in the target" } else { "dualrun flip hypercare looks at its first invoices" };
        return format!("wave {wave} is {verb}, every line read back — {then}");
    }
    let stuck = numbers::counted(u64::try_from(came.stuck.len()).unwrap_or(u64::MAX), "subscription waits", "subscriptions wait");
    format!("wave {wave} is not {verb} whole: {stuck} for somebody to look — mend it, then dualrun flip {command} {wave} goes on")
}

/// A dry run for people.
pub(super) fn checked_lines(checked: &Checked) -> Vec<String> {
    let run = checked.run.map_or_else(String::new, |run| format!(" · run #{run} over fresh snapshots"));
    let mut out = vec![format!("wave {}{run} · pack {}", checked.wave, checked.pack)];
    if checked.blockers.is_empty() {
        out.push(format!("nothing is in the way — dualrun flip apply {} asks for: {}", checked.wave, checked.phrase));
    } else {
        out.push("in the way:".to_owned());
        out.extend(checked.blockers.iter().map(|b| format!("  {}", shown(b, 300))));
    }
    out
}

/// The same for machines.
pub(super) fn checked_object(checked: &Checked) -> Value {
    json!({
        "wave": checked.wave,
        "pack": checked.pack,
        "phrase": checked.phrase,
        "run": checked.run,
        "certificate": checked.certificate,
        "blockers": checked.blockers,
    })
}

/// What backing out costs now, for people.
pub(super) fn way_back(wave: &WaveStanding) -> Vec<String> {
    let cost = cost(wave);
    let mut out = flip::way_back(wave.no_return.as_ref(), &cost);
    if wave.no_return.is_none() && cost.changes > 0 {
        out.push(format!("dualrun flip back-out {} does it, until the target captures a payment", wave.pack.wave));
    }
    out
}

/// The same for machines.
pub(super) fn cost_object(wave: &WaveStanding) -> Value {
    let cost = cost(wave);
    json!({
        "changes": cost.changes,
        "subscriptions": cost.subscriptions,
        "billed_again": report::amounts(&cost.billed_again),
        "documents_to_cancel": cost.documents,
        "to_credit": report::amounts(&cost.to_credit),
    })
}

fn refuse_without_terminal(phrase: &str, command: &str, wave: u32) -> Result<(), CliError> {
    if std::io::stdin().is_terminal() {
        return Ok(());
    }
    let words = format!(
        "nothing was done: there is no terminal to ask on — dualrun flip {command} {wave} --confirm \"{phrase}\", after dualrun flip show {wave}"
    );
    Err(CliError::Usage(words))
}

/// Asks for the phrase; whatever is typed is judged by the use case.
fn asked(phrase: &str) -> Result<String, CliError> {
    out::say(&format!("to do this, type: {phrase}"));
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(|e| CliError::Usage(format!("stdin: {e}")))?;
    Ok(line)
}

//! `flip`: how it stands; and everything that is done about it, each by one use case.

mod standing;
mod wave;

use super::out;
use crate::app::flip::{
    Decision, Gatekeeper as _, Gates, PlanOptions, check, complete, decide, hypercare, plan, rehearse, simulate, standing as stands,
};
use crate::app::flip::{List, Simulation};
use crate::app::project::Project;
use crate::cli::args::{FlipArgs, FlipCommand};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::{Exit, progress, signals};
use crate::config::Settings;
use crate::domain::text::shown;
use crate::present::flip::ON_THE_COPY;
use crate::present::{money, numbers};
use crate::report::flip as report;
use serde_json::json;
use std::path::Path;
use std::time::Duration;

/// Longest wait for another program that writes the workspace, where none is asked for.
const WAIT: Duration = Duration::from_secs(5);

/// What every command of the flip works with.
struct Frame<'a> {
    context: &'a Context,
    settings: &'a Settings,
    project: &'a Project,
}

/// Runs it.
pub async fn run(context: &Context, args: &FlipArgs) -> Result<Exit, CliError> {
    let settings = context.settings()?;
    let project = context.project(&settings)?;
    let frame = Frame { context, settings: &settings, project: &project };
    match (&args.command, args.wave) {
        (None, None) => frame.standing().await,
        (None, Some(wave)) => frame.check(wave).await,
        (Some(command), _) => frame.command(command).await,
    }
}

impl Frame<'_> {
    const fn gates(&self) -> Gates<'_> {
        Gates(self.project)
    }

    async fn command(&self, command: &FlipCommand) -> Result<Exit, CliError> {
        match command {
            FlipCommand::Plan { list, wait } => self.plan(list, *wait).await,
            FlipCommand::Simulate => self.simulate().await,
            FlipCommand::Show { wave } => self.show(*wave).await,
            FlipCommand::Apply(args) => Box::pin(self.apply(args)).await,
            FlipCommand::BackOut(args) => Box::pin(self.back_out(args)).await,
            FlipCommand::Hold(why) => self.decide(&Decision::Hold, &why.reason).await,
            FlipCommand::Resume(why) => self.decide(&Decision::Resume, &why.reason).await,
            FlipCommand::Postpone { wave, until, why } => self.decide(&Decision::Postpone(*wave, *until), &why.reason).await,
            FlipCommand::Abort { wave, why } => self.decide(&Decision::Abort(*wave), &why.reason).await,
            FlipCommand::Rehearse { wave, rehearsal, confirm } => Box::pin(self.rehearse(*wave, rehearsal, confirm.as_deref())).await,
            FlipCommand::Hypercare { wave } => self.hypercare(*wave).await,
            FlipCommand::Complete(why) => self.complete(&why.reason).await,
        }
    }

    /// What blocks first, then the waves.
    async fn standing(&self) -> Result<Exit, CliError> {
        let blockers = self.gates().certify().await?;
        let standing = stands(self.project).await?;
        let today = self.context.today(self.settings);
        if self.context.json() {
            out::json(&standing::object(&standing, blockers.as_ref().err(), today))?;
        } else {
            out::lines(standing::lines(&standing, blockers.as_ref().err(), today))?;
        }
        Ok(if blockers.is_ok() { Exit::Clean } else { Exit::Differences })
    }

    async fn plan(&self, files: &[std::path::PathBuf], wait: u64) -> Result<Exit, CliError> {
        let lists = files.iter().map(|file| list(file)).collect::<Result<_, _>>()?;
        let options = PlanOptions { lists, wait: Duration::from_secs(wait) };
        let planned = plan(self.project, &options, progress::observer(self.context.global.quiet), signals::cancel_on_signal()).await?;
        if self.context.json() {
            out::json(&report::plan_object(&planned.plan))?;
        } else {
            out::lines(report::plan_lines(&planned.plan))?;
            out::say(match (planned.is_new, planned.plan.waves.is_empty()) {
                (_, true) => "nothing to flip — what each subscription waits for is listed",
                (true, false) => "kept — dualrun flip show WAVE lists every change, dualrun flip WAVE checks one as for good",
                (false, false) => "it is the plan that stood before — dualrun flip WAVE checks a wave as for good",
            });
        }
        Ok(if planned.plan.waves.is_empty() { Exit::Differences } else { Exit::Clean })
    }

    async fn simulate(&self) -> Result<Exit, CliError> {
        let simulation = simulate(self.project, progress::observer(self.context.global.quiet), signals::cancel_on_signal()).await?;
        if self.context.json() {
            out::json(&simulation_object(&simulation))?;
        } else {
            out::lines(simulation_lines(&simulation))?;
        }
        Ok(if simulation.recommended.is_some() { Exit::Clean } else { Exit::Differences })
    }

    async fn show(&self, wave: u32) -> Result<Exit, CliError> {
        let standing = stands(self.project).await?;
        let of = standing.waves.get(&wave).ok_or_else(|| CliError::Usage(format!("there is no wave {wave} — dualrun flip plan makes them")))?;
        if self.context.json() {
            let mut object = report::pack_object(&of.pack);
            object["state"] = of.state().word().into();
            object["standing"] = standing::lines_object(of);
            out::json(&object)?;
        } else {
            out::lines(report::pack_lines(&of.pack))?;
            out::lines(standing::line_states(of))?;
        }
        Ok(Exit::Clean)
    }

    async fn check(&self, wave: u32) -> Result<Exit, CliError> {
        let (gates, observer) = (self.gates(), progress::observer(self.context.global.quiet));
        let checked = check(self.project, wave, &gates, observer, signals::cancel_on_signal()).await?;
        if self.context.json() {
            out::json(&wave::checked_object(&checked))?;
        } else {
            out::lines(wave::checked_lines(&checked))?;
        }
        Ok(if checked.blockers.is_empty() { Exit::Clean } else { Exit::Differences })
    }

    async fn decide(&self, decision: &Decision, reason: &str) -> Result<Exit, CliError> {
        let standing = decide(self.project, decision, reason, WAIT).await?;
        let today = self.context.today(self.settings);
        if self.context.json() {
            out::json(&standing::object(&standing, None, today))?;
        } else {
            out::lines(standing::lines(&standing, None, today))?;
        }
        Ok(Exit::Clean)
    }

    /// Databases say themselves which they are, and the real programs are refused. Where another program writes only its owner knows, so
    /// that somebody must say it.
    async fn rehearse(&self, wave: u32, dir: &Path, confirm: Option<&str>) -> Result<Exit, CliError> {
        let there = self.context.in_dir(dir.to_owned());
        let settings = there.settings()?;
        let copy = there.project(&settings)?;
        if confirm.map(str::trim) != Some(ON_THE_COPY) {
            let flip = copy.flip.iter().flat_map(|flip| std::iter::once(&flip.source).chain(&flip.target));
            let programs: Vec<String> = flip.map(|loader| loader.place()).collect();
            let words = format!("nothing was done: the copy's loaders are {} — if so: --confirm \"{ON_THE_COPY}\"", programs.join(" and "));
            return Err(CliError::Usage(words));
        }
        let observer = progress::observer(self.context.global.quiet);
        let (rehearsal, _) = rehearse(self.project, &copy, wave, observer, signals::cancel_on_signal()).await?;
        if self.context.json() {
            out::json(&rehearsal)?;
        } else {
            out::lines(report::rehearsal_lines(&rehearsal))?;
        }
        Ok(if rehearsal.whole { Exit::Clean } else { Exit::Differences })
    }

    async fn hypercare(&self, wave: u32) -> Result<Exit, CliError> {
        let observer = progress::observer(self.context.global.quiet);
        let cared = hypercare(self.project, wave, WAIT, observer, signals::cancel_on_signal()).await?;
        let alarms = cared.look.alarms().count();
        let of = cared.standing.waves.get(&wave);
        if self.context.json() {
            let mut object = report::look_object(&cared.look);
            object["point_of_no_return"] = of.is_some_and(|w| w.no_return.is_some()).into();
            object["back_out"] = of.map_or_else(|| json!(null), wave::cost_object);
            out::json(&object)?;
        } else {
            out::lines(report::look_lines(&cared.look))?;
            if alarms > 0 {
                let count = numbers::counted(u64::try_from(alarms).unwrap_or(u64::MAX), "first invoice wants", "first invoices want");
                out::say(&format!("{count} a look before anything is sent or charged"));
            }
            out::lines(of.into_iter().flat_map(wave::way_back))?;
        }
        Ok(if alarms == 0 { Exit::Clean } else { Exit::Differences })
    }

    async fn complete(&self, reason: &str) -> Result<Exit, CliError> {
        let standing = complete(self.project, reason, WAIT, signals::cancel_on_signal()).await?;
        if self.context.json() {
            out::json(&standing::object(&standing, None, self.context.today(self.settings)))?;
        } else {
            out::say("complete: every wave is clean and the source bills nobody");
        }
        Ok(Exit::Clean)
    }
}

/// A wave as somebody wrote it: an id a line; blank lines and lines that begin with # are left out.
fn list(file: &Path) -> Result<List, CliError> {
    let place = shown(&file.to_string_lossy(), 200);
    let text = std::fs::read_to_string(file).map_err(|e| CliError::Usage(format!("{place}: {e}")))?;
    let ids = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let subscriptions: Vec<String> = ids.map(ToOwned::to_owned).collect();
    if subscriptions.is_empty() {
        return Err(CliError::Usage(format!("{place} lists nobody — write an id a line")));
    }
    let name = file.file_name().map_or_else(|| "list".to_owned(), |name| name.to_string_lossy().into_owned());
    Ok(List { name, subscriptions })
}

fn simulation_lines(simulation: &Simulation) -> Vec<String> {
    let mut out = vec![format!("{:<10}  {:>6}  {:>5}  {:>6}  {:<24}  {}", "DATE", "NEAR", "TWICE", "NOBODY", "EARLIER", "LATER")];
    for day in &simulation.candidates {
        let list = |of: &std::collections::BTreeMap<_, _>| money::list(of.iter().map(|(c, m)| (*c, *m)));
        let mark = if simulation.recommended == Some(day.on) { "  ← recommended" } else { "" };
        out.push(format!(
            "{}  {:>6}  {:>5}  {:>6}  {:<24}  {}{mark}",
            day.on,
            day.near.len(),
            day.twice,
            day.nobody,
            list(&day.earlier),
            list(&day.later)
        ));
    }
    out.push(match simulation.recommended {
        Some(on) => format!("{on}: {}", simulation.why),
        None => format!("no date: {}", simulation.why),
    });
    out
}

fn simulation_object(simulation: &Simulation) -> serde_json::Value {
    let day = |day: &crate::app::flip::CandidateDay| {
        json!({
            "on": day.on,
            "near_renewal": day.near,
            "days_billed_twice": day.twice,
            "days_billed_by_nobody": day.nobody,
            "earlier": report::amounts(&day.earlier),
            "later": report::amounts(&day.later),
            "unknown": day.unknown,
        })
    };
    json!({
        "recommended": simulation.recommended,
        "why": simulation.why,
        "candidates": simulation.candidates.iter().map(day).collect::<Vec<_>>(),
    })
}

//! What each command does, by where it was given.

use super::{decide, flip, gates, import, jobs, overlays, palette, rows};
use crate::app::standing::Stage;
use crate::domain::period::Month;
use crate::domain::run::RunState;
use crate::domain::text::Untrusted;
use crate::ports::workspace::UNEXPLAINED;
use crate::tui::keymap::{Command, Context};
use crate::tui::layout;
use crate::tui::model::job::JobAsked;
use crate::tui::model::palette::Aim;
use crate::tui::model::{Model, Notice, Overlay, Pane, Question, Screen};
use crate::tui::msg::Effect;

/// Obeys a command.
pub fn obey(model: &mut Model, command: Command) -> Vec<Effect> {
    match command {
        Command::Quit => quit(model),
        Command::Interrupt => interrupt(model),
        Command::Suspend => vec![Effect::Suspend],
        _ if !model.overlays.is_empty() => overlays::obey(model, command),
        Command::Help => {
            model.overlays.push(Overlay::Help { scroll: 0 });
            Vec::new()
        }
        Command::Palette => palette::open(model, Aim::Anything),
        Command::Undo => decide::undo(model),
        Command::Go(screen) => go(model, screen),
        Command::NextScreen => go(model, Screen::ALL[(model.screen.index() + 1) % Screen::ALL.len()]),
        Command::PreviousScreen => go(model, Screen::ALL[(model.screen.index() + Screen::ALL.len() - 1) % Screen::ALL.len()]),
        Command::PreviousMonth => step_month(model, -1),
        Command::NextMonth => step_month(model, 1),
        Command::Reconcile => ask_month(model),
        Command::Recheck => ask_recheck(model),
        Command::Reload => vec![Effect::LoadBook],
        Command::Cancel => {
            if model.job_runs() {
                model.overlays.push(Overlay::Confirm(Question::Cancel));
            }
            Vec::new()
        }
        Command::Copy => copy(model),
        _ if model.screen == Screen::Reconcile => rows::obey(model, command),
        _ if model.screen == Screen::Import => import::obey(model, command),
        _ if model.screen == Screen::Gates => gates::obey(model, command),
        _ if model.screen == Screen::Flip => flip::obey(model, command),
        Command::NextPane | Command::PreviousPane => {
            let step = if command == Command::NextPane { 1 } else { Pane::ALL.len() - 1 };
            model.pane = Pane::ALL[(model.pane.index() + step) % Pane::ALL.len()];
            Vec::new()
        }
        Command::Fixes => fixes(model),
        Command::Open => open(model),
        Command::Back if model.chosen.is_some() => show_run(model, None),
        _ => {
            if let Some(by) = steps(model, command) {
                step(model, by);
            }
            Vec::new()
        }
    }
}

/// How many lines a command of movement goes; `None` for others.
pub fn steps(model: &Model, command: Command) -> Option<isize> {
    let page = || isize::try_from(layout::page_height(model)).unwrap_or(1).saturating_sub(1).max(1);
    match command {
        Command::Up => Some(-1),
        Command::Down => Some(1),
        Command::PageUp => Some(-page()),
        Command::PageDown => Some(page()),
        Command::Top => Some(isize::MIN),
        Command::Bottom => Some(isize::MAX),
        _ => None,
    }
}

/// Changes the screen.
pub fn go(model: &mut Model, screen: Screen) -> Vec<Effect> {
    model.screen = screen;
    model.table.editing = None;
    model.plan.editing = None;
    Vec::new()
}

fn quit(model: &mut Model) -> Vec<Effect> {
    if model.job_runs() {
        model.overlays.push(Overlay::Confirm(Question::Quit));
        return Vec::new();
    }
    vec![Effect::Quit]
}

fn interrupt(model: &mut Model) -> Vec<Effect> {
    if model.job_runs() && !model.leaving {
        return leave(model);
    }
    vec![Effect::Quit]
}

/// Cancels the job and leaves once it has written that it was interrupted.
pub fn leave(model: &mut Model) -> Vec<Effect> {
    model.leaving = true;
    cancel(model)
}

/// Cancels the job.
pub fn cancel(model: &mut Model) -> Vec<Effect> {
    match &mut model.job {
        Some(job) if job.ended.is_none() => {
            job.cancelling = true;
            vec![Effect::CancelJob]
        }
        _ => Vec::new(),
    }
}

fn step_month(model: &mut Model, by: isize) -> Vec<Effect> {
    let months = model.months();
    let at = months.iter().position(|m| Some(*m) == model.month);
    let next = at.and_then(|i| i.checked_add_signed(by)).and_then(|i| months.get(i).copied());
    if let Some(month) = next {
        return show_month(model, month);
    }
    let key = model.setup.keys.name(Context::Global, Command::Reconcile);
    let edge = if by < 0 { "there is no older month".to_owned() } else { format!("there is no newer month: {key} reconciles one") };
    model.notice = Some(Notice::Done(edge));
    Vec::new()
}

/// Shows a month by its current run.
pub fn show_month(model: &mut Model, month: Month) -> Vec<Effect> {
    model.month = Some(month);
    model.chosen = None;
    rows::follow_run(model)
}

/// Shows a run instead of the month's current one, or the current one again.
pub fn show_run(model: &mut Model, run: Option<i64>) -> Vec<Effect> {
    let month = run.and_then(|id| model.book.runs.iter().find(|r| r.id == id)).map(|r| (r.request.month, r.current));
    model.chosen = run.filter(|_| month.is_some_and(|(_, current)| !current));
    if let Some((month, _)) = month {
        model.month = Some(month);
    }
    rows::follow_run(model)
}

pub fn ask_month(model: &mut Model) -> Vec<Effect> {
    if let Some(trouble) = jobs::cannot_run(model) {
        model.notice = Some(Notice::Trouble(trouble));
        return Vec::new();
    }
    let month = model.month.unwrap_or_else(|| Month::of(model.now.date_naive()).plus(-1));
    model.overlays.push(Overlay::Month { input: month.to_string().into(), error: None });
    Vec::new()
}

fn ask_recheck(model: &mut Model) -> Vec<Effect> {
    if let Some(trouble) = jobs::cannot_run(model) {
        model.notice = Some(Notice::Trouble(trouble));
    } else if let Some(run) = model.current_run() {
        let month = run.request.month;
        model.overlays.push(Overlay::Confirm(Question::Recheck(month)));
    } else {
        let key = model.setup.keys.name(Context::Global, Command::Reconcile);
        model.notice = Some(Notice::Done(format!("nothing to check again: reconcile first ({key})")));
    }
    Vec::new()
}

fn copy(model: &Model) -> Vec<Effect> {
    let text = match model.screen {
        Screen::Reconcile => model.table.selected_row().map(|r| r.key.raw().to_owned()),
        Screen::Activity => activity_id(model),
        Screen::Import => model.plan.selected_id().map(|id| id.external_id.clone()),
        _ => model.shown_run().filter(|r| !r.digests.run.is_empty()).map(|r| r.digests.run.clone()),
    };
    text.map(Effect::Copy).into_iter().collect()
}

fn activity_id(model: &Model) -> Option<String> {
    let at = model.panes[model.pane.index()].at;
    match model.pane {
        Pane::Runs => model.book.runs.get(at).map(|r| r.digests.run.clone()).filter(|d| !d.is_empty()),
        Pane::Findings => model.shown_facts()?.findings.get(at).map(|f| f.ids.iter().map(Untrusted::raw).collect::<Vec<_>>().join("\n")),
        Pane::Rejected => model.shown_facts()?.rejected.get(at).map(|r| r.id.clone()),
        Pane::Journal => model.book.journal.get(at).map(|j| j.hash.clone()),
    }
}

fn step(model: &mut Model, by: isize) {
    let (selection, len) = match model.screen {
        Screen::Overview => {
            let len = model.assessment().blockers.len();
            (&mut model.blocker, len)
        }
        Screen::Causes => {
            let len = model.shown_facts().and_then(|f| f.together.as_ref()).map_or(0, |t| t.clusters.len());
            (&mut model.cause, len)
        }
        Screen::Activity => {
            let (i, len) = (model.pane.index(), model.pane_len(model.pane));
            (&mut model.panes[i], len)
        }
        _ => return,
    };
    selection.at = selection.at.saturating_add_signed(by).min(len.saturating_sub(1));
}

fn open(model: &mut Model) -> Vec<Effect> {
    match model.screen {
        Screen::Overview => {
            let stage = model.assessment().blockers.get(model.blocker.at).map(|b| b.stage);
            stage.map_or_else(Vec::new, |s| work_on(model, s))
        }
        Screen::Activity => open_activity(model),
        Screen::Causes => open_cause(model),
        _ => Vec::new(),
    }
}

/// Weighs corrections on the shown run, which must have been compared.
fn fixes(model: &mut Model) -> Vec<Effect> {
    let run = model.shown_run().filter(|run| matches!(run.state, RunState::Complete | RunState::Incomplete)).map(|run| run.id);
    if let Some(run) = run {
        return jobs::start(model, JobAsked::Fixes(run));
    }
    let key = model.setup.keys.name(Context::Global, Command::Reconcile);
    model.notice = Some(Notice::Done(format!("nothing was compared: {key} reconciles")));
    Vec::new()
}

/// Shows the rows of the selected cluster: those of its causes, or those that have none.
fn open_cause(model: &mut Model) -> Vec<Effect> {
    let cluster = model.shown_facts().and_then(|f| f.together.as_ref()).and_then(|t| t.clusters.get(model.cause.at));
    let cause = cluster.map(|c| c.causes.first().map_or(UNEXPLAINED, |cause| cause.word()));
    cause.map_or_else(Vec::new, |cause| rows::show_filtered(model, &format!("cause:{cause}")))
}

/// Goes where a stage is worked on, its filter set.
pub fn work_on(model: &mut Model, stage: Stage) -> Vec<Effect> {
    match stage {
        Stage::Connect => go(model, Screen::Activity),
        Stage::Integrity => {
            model.pane = Pane::Findings;
            go(model, Screen::Activity)
        }
        Stage::Import => go(model, Screen::Import),
        Stage::Reconcile => rows::show_filtered(model, "verdict:differs"),
        Stage::Review => rows::show_filtered(model, "verdict:unlinked"),
        Stage::Gates => go(model, Screen::Gates),
        Stage::Flip => go(model, Screen::Flip),
    }
}

fn open_activity(model: &mut Model) -> Vec<Effect> {
    let at = model.panes[model.pane.index()].at;
    if model.pane == Pane::Runs {
        let id = model.book.runs.get(at).map(|r| r.id);
        return id.map_or_else(Vec::new, |id| show_run(model, Some(id)));
    }
    if let Some((title, lines)) = crate::tui::screens::activity::whole(model, at) {
        model.overlays.push(Overlay::Text { title, lines, scroll: 0 });
    }
    Vec::new()
}

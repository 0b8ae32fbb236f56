//! The Import screen: its table, its questions, and what comes of its jobs.

use super::{LOCK_WAIT, complete, jobs};
use crate::app::import::{Applied, ImportOptions, ParkedVerb, Planned, digest};
use crate::domain::import::{Delivery, ImportState, Inertness};
use crate::domain::shadow::RecordId;
use crate::present::import::filter::{self, LineFilter};
use crate::present::import::{ImportColumn, counts_text, fates, load_text, total};
use crate::present::numbers;
use crate::tui::keymap::Command;
use crate::tui::layout;
use crate::tui::model::job::JobAsked;
use crate::tui::model::plan::{PlanTable, ShownPlan, View};
use crate::tui::model::{Editing, Model, Notice, Overlay, Question, Trouble};
use crate::tui::msg::Effect;
use crate::tui::screens::import::story;
use std::sync::Arc;

/// Obeys a command on the screen.
pub fn obey(model: &mut Model, command: Command) -> Vec<Effect> {
    if model.plan.editing.is_some() {
        edit(model, command);
        return Vec::new();
    }
    if model.plan.open.is_some() && scroll(model, command) {
        return Vec::new();
    }
    let page = isize::try_from(layout::import_height(model).saturating_sub(1).max(1)).unwrap_or(1);
    match command {
        Command::Up | Command::PreviousRow => step(model, -1),
        Command::Down | Command::NextRow => step(model, 1),
        Command::PageUp => step(model, -page),
        Command::PageDown => step(model, page),
        Command::Top => step(model, isize::MIN),
        Command::Bottom => step(model, isize::MAX),
        Command::Open if !model.plan.items.is_empty() => open(model),
        Command::Back => close(model),
        Command::NextPane => turn(model, 1),
        Command::PreviousPane => turn(model, View::ALL.len() - 1),
        Command::EditFilter => {
            model.plan.editing = Some(Editing::of(filter::to_text(&model.plan.filter)));
            complete::look(model);
        }
        Command::ClearFilter => narrow(model, LineFilter::default()),
        Command::NextSort => {
            let at = PlanTable::SORTS.iter().position(|c| *c == model.plan.sort.0).unwrap_or(0);
            sort(model, PlanTable::SORTS[(at + 1) % PlanTable::SORTS.len()]);
        }
        Command::ReverseSort => sort(model, model.plan.sort.0),
        Command::InFull => {
            let lines = story::lines(model);
            model.overlays.push(Overlay::Text { title: "Import in full".to_owned(), lines, scroll: 0 });
        }
        Command::Plan => return jobs::start(model, JobAsked::Plan(options(false, None))),
        Command::Look => return look(model),
        Command::Apply => ask(model, false),
        Command::ApplyAndRetire => ask(model, true),
        Command::Retry => ask_parked(model, ParkedVerb::Retry, false),
        Command::RetryAll => ask_parked(model, ParkedVerb::Retry, true),
        Command::Drop => ask_parked(model, ParkedVerb::Drop, false),
        _ => {}
    }
    Vec::new()
}

fn options(retire: bool, expected: Option<String>) -> ImportOptions {
    ImportOptions { retire, expected, wait: LOCK_WAIT, ..ImportOptions::default() }
}

fn edit(model: &mut Model, command: Command) {
    match command {
        Command::Back => model.plan.editing = None,
        Command::CompleteWord => complete::take(model),
        Command::Open => {
            let text = model.plan.editing.as_ref().map(|e| e.input.value().to_owned()).unwrap_or_default();
            match filter::parse(&text) {
                Ok(filter) => narrow(model, filter),
                Err(error) => {
                    if let Some(editing) = &mut model.plan.editing {
                        editing.error = Some(error.to_string());
                    }
                }
            }
        }
        _ => {}
    }
}

/// Says while typing what a filter lacks.
pub fn check_filter(editing: &mut Editing) {
    let error = filter::parse(editing.input.value()).err();
    editing.wrong = error.as_ref().map(|e| e.at);
    editing.error = error.map(|e| e.to_string());
}

fn narrow(model: &mut Model, filter: LineFilter) {
    model.plan.editing = None;
    model.plan.filter = filter;
    arrange(model);
}

/// Lists anew, as after anything that may change what passes.
pub fn arrange(model: &mut Model) {
    model.plan.arrange(&model.book.deliveries);
    keep_visible(model);
}

/// Keeps the selected row among those drawn.
pub fn keep_visible(model: &mut Model) {
    let height = layout::import_height(model);
    model.plan.keep_visible(height);
}

/// Sorts by a column: money greatest first, words from A; by the same again turns it around.
pub fn sort(model: &mut Model, column: ImportColumn) {
    let (now, descending) = model.plan.sort;
    model.plan.sort = (column, if now == column { !descending } else { column == ImportColumn::Money });
    arrange(model);
}

/// Shows another view.
pub fn show(model: &mut Model, view: View) {
    model.plan.show(view, &model.book.deliveries);
    keep_visible(model);
}

fn turn(model: &mut Model, by: usize) {
    show(model, View::ALL[(model.plan.view.index() + by) % View::ALL.len()]);
}

fn step(model: &mut Model, by: isize) {
    let (before, height) = (model.plan.selected, layout::import_height(model));
    model.plan.step(by, height);
    if model.plan.selected != before && model.plan.open.is_some() {
        model.plan.open = Some(0);
    }
}

/// Opens the selected record.
pub fn open(model: &mut Model) {
    model.plan.open = Some(0);
    keep_visible(model);
}

fn close(model: &mut Model) {
    model.plan.open = None;
    keep_visible(model);
}

/// Scrolls the open record; true where the command did that.
fn scroll(model: &mut Model, command: Command) -> bool {
    let Some(at) = model.plan.open else { return false };
    let to = match command {
        Command::Up => at.saturating_sub(1),
        Command::PageUp => at.saturating_sub(10),
        Command::Down => at.saturating_add(1),
        Command::PageDown => at.saturating_add(10),
        Command::Top => 0,
        _ => return false,
    };
    model.plan.open = Some(to.min(2000));
    true
}

fn look(model: &mut Model) -> Vec<Effect> {
    if model.setup.can_run && model.setup.checks.is_empty() {
        let remedy = "write [inertness] in dualrun.toml: queries of the target that must count nought".to_owned();
        model.notice = Some(Notice::Trouble(Trouble { what: "no check of inertness is configured".to_owned(), remedy }));
        return Vec::new();
    }
    jobs::start(model, JobAsked::Inertness)
}

fn ask(model: &mut Model, retire: bool) {
    let refuse = |what: &str, remedy: &str| Trouble { what: what.to_owned(), remedy: remedy.to_owned() };
    let trouble = match (&model.plan.shown, jobs::cannot_run(model)) {
        (_, Some(trouble)) => Some(trouble),
        (None, None) => Some(refuse("nothing was planned yet: what would be done is not known", "p plans; then a applies")),
        (Some(shown), None) if shown.applied.is_some() => {
            Some(refuse("this plan was applied already: what is left to do is not known", "p plans anew; then a applies"))
        }
        (Some(shown), None) if retire && shown.count(View::Retire) == 0 => Some(refuse("nothing is to be retired", "a applies without retiring")),
        (Some(_), None) => None,
    };
    match trouble {
        Some(trouble) => model.notice = Some(Notice::Trouble(trouble)),
        None => model.overlays.push(Overlay::Confirm(Question::Apply { retire })),
    }
}

/// Imports, after a yes.
pub fn apply(model: &mut Model, retire: bool) -> Vec<Effect> {
    // Just what is on the screen, or nothing.
    let expected = model.plan.shown.as_ref().map(|shown| digest(&shown.plan, retire));
    jobs::start(model, JobAsked::Apply(options(retire, expected)))
}

fn ask_parked(model: &mut Model, verb: ParkedVerb, all: bool) {
    if let Some(trouble) = jobs::cannot_run(model) {
        model.notice = Some(Notice::Trouble(trouble));
        return;
    }
    let rows = if all { 0..model.plan.items.len() } else { model.plan.selected..model.plan.selected + 1 };
    let mut ids: Vec<RecordId> = rows.filter_map(|at| model.plan.row(at, &model.book.deliveries)).map(|r| r.id.clone()).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        model.notice = Some(Notice::Done("nothing is parked here".to_owned()));
    } else {
        model.overlays.push(Overlay::Confirm(Question::Settle(verb, ids)));
    }
}

/// Decides about parked deliveries, after a yes.
pub fn settle(model: &mut Model, verb: ParkedVerb, ids: Vec<RecordId>) -> Vec<Effect> {
    if let Some(trouble) = jobs::cannot_run(model) {
        model.notice = Some(Notice::Trouble(trouble));
        return Vec::new();
    }
    model.plan.settling = true;
    vec![Effect::Settle(verb, ids)]
}

/// It was decided.
pub fn settled(model: &mut Model, verb: ParkedVerb, answer: Result<Vec<Delivery>, Trouble>) -> Vec<Effect> {
    model.plan.settling = false;
    model.notice = Some(match answer {
        Err(trouble) => Notice::Trouble(trouble),
        Ok(decided) => {
            let records = numbers::counted(decided.len() as u64, "record", "records");
            Notice::Done(match verb {
                ParkedVerb::Retry => format!("{records} will be handed over again with the next import (p plans, a applies)"),
                ParkedVerb::Drop => format!("{records} dropped: not handed over again unless the content changes"),
            })
        }
    });
    vec![Effect::LoadBook]
}

/// A plan came.
pub fn planned(model: &mut Model, planned: Planned) {
    model.plan.trouble = None;
    model.plan.shown = Some(Arc::new(ShownPlan::new(planned.plan, planned.inertness, model.now, None)));
    arrange(model);
}

/// An import ended: its plan stays as it was before anything was handed over, and says so.
pub fn applied(model: &mut Model, applied: Applied) {
    model.plan.trouble = None;
    let Applied { plan, import, inertness } = applied;
    model.plan.shown = Some(Arc::new(ShownPlan::new(plan, inertness.clone(), model.now, Some(import.id))));
    model.book.inertness = Some(inertness);
    model.book.imports.last = Some(import);
    arrange(model);
}

/// Somebody looked.
pub fn seen(model: &mut Model, seen: Inertness) {
    model.plan.trouble = None;
    model.book.inertness = Some(seen);
}

/// How a plan ended, in words, and whether it did what was asked.
pub fn planned_words(planned: &Planned) -> (String, bool) {
    let counts = counts_text(&total(&planned.plan.entities, fates));
    match &planned.unkept {
        None => (format!("planned, nothing was changed: {counts}"), true),
        Some(why) => (format!("planned: {counts}; that the target is not inert could not be kept: {why}"), false),
    }
}

/// How an import ended.
pub fn applied_words(applied: &Applied) -> (String, bool) {
    let import = &applied.import;
    let mut words = vec![format!("import #{} {}", import.id, import.state.word())];
    words.push(load_text(&import.load));
    words.extend(import.failure.clone());
    words.retain(|w| !w.is_empty());
    (words.join(": "), matches!(import.state, ImportState::Complete | ImportState::Staged))
}

/// What was seen of the target.
pub fn seen_words(seen: &Inertness) -> (String, bool) {
    match seen.alarm() {
        None => (format!("the target is inert: {} counted nought", numbers::counted(seen.checks.len() as u64, "check", "checks")), true),
        Some(alarm) if seen.is_breached() => (format!("the target is NOT INERT: {alarm}"), false),
        Some(alarm) => (format!("the target is not proven inert: {alarm}"), false),
    }
}

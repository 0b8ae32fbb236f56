//! The one place where the model changes: a message in, effects out. No I/O, nothing awaited.

mod arrivals;
mod columns;
mod commands;
mod complete;
mod decide;
mod deeds;
mod flip;
mod gates;
mod import;
mod jobs;
mod mouse;
mod overlays;
mod palette;
mod rows;
mod seek;
mod tour;
mod views;
mod waive;

use super::layout;
use super::model::{Model, Notice, Overlay};
use super::msg::{Effect, Msg};
use crate::domain::text::shown;
use crossterm::event::{Event, KeyEvent, KeyEventKind};
use std::time::Duration;
use tui_input::backend::crossterm::EventHandler;

/// Seconds between two readings of the workspace while nothing is asked: whoever writes there is heard of sooner.
const LOOK_AGAIN: i64 = 30;
/// The same while it cannot be read.
const TRY_AGAIN: i64 = 5;
/// How long a job waits for another program's lock of the workspace.
pub(super) const LOCK_WAIT: Duration = Duration::from_secs(5);

/// Takes a message in and says what is to be done outside.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Key(key) if key.kind != KeyEventKind::Release => press(model, key),
        Msg::Key(_) => Vec::new(),
        Msg::Mouse(event) => mouse::point(model, event),
        Msg::Paste(text) => paste(model, &text),
        Msg::Resize(width, height) => {
            model.size = (width, height);
            let rows = layout::table_height(model);
            model.table.keep_visible(rows);
            import::keep_visible(model);
            Vec::new()
        }
        Msg::Tick(now) => {
            model.now = now;
            look_again(model)
        }
        Msg::Written(head) => written(model, head.as_deref()),
        Msg::Book(answer) => arrivals::book(model, answer),
        Msg::Facts(run, answer) => arrivals::facts(model, run, answer),
        Msg::Worst(run, answer) => arrivals::worst(model, run, answer),
        Msg::Page(ticket, place, answer) => arrivals::page(model, ticket, place, answer),
        Msg::Looked(ticket, rows, of) => arrivals::looked(model, ticket, (rows, of)),
        Msg::Adding(ticket, totals, far) => arrivals::adding(model, ticket, totals, far),
        Msg::Totals(ticket, answer) => arrivals::totals(model, ticket, answer),
        Msg::Detail(ticket, answer) => arrivals::detail(model, ticket, answer),
        Msg::Progress(heard) => jobs::hear(model, heard),
        Msg::JobEnded(answer) => jobs::ended(model, answer),
        Msg::Settled(verb, answer) => import::settled(model, verb, answer),
        Msg::SignLook(answer) => deeds::looked(model, answer),
        Msg::Touched(answer) => waive::touched(model, answer),
        Msg::RowsTouched(ticket, answer) => decide::touched(model, ticket, answer),
        Msg::Jumped(ticket, answer) => seek::landed(model, ticket, answer),
        Msg::Views(deed, answer) => views::changed(model, &deed, answer),
        Msg::Done(answer) => deeds::done(model, answer),
        Msg::CopySeen(wave, answer) => deeds::copy_seen(model, wave, answer),
        Msg::Copied(Ok(text)) => {
            model.notice = Some(Notice::Done(format!("copied {text}")));
            Vec::new()
        }
        Msg::Exported(Ok(paths)) => {
            let places: Vec<String> = paths.iter().map(|path| shown(&path.to_string_lossy(), 200)).collect();
            model.notice = Some(Notice::Done(format!("case in {}", places.join(", "))));
            Vec::new()
        }
        Msg::Copied(Err(trouble)) | Msg::Exported(Err(trouble)) => {
            model.notice = Some(Notice::Trouble(trouble));
            Vec::new()
        }
    }
}

/// Asks which month to reconcile, as at the first start of a project.
pub fn ask_month(model: &mut Model) {
    commands::ask_month(model);
}

/// Reads the workspace again now and then: another program may have run.
fn look_again(model: &mut Model) -> Vec<Effect> {
    let wait = if model.trouble.is_some() { TRY_AGAIN } else { LOOK_AGAIN };
    if model.job_runs() || (model.now - model.read_at).num_seconds() < wait {
        return Vec::new();
    }
    model.read_at = model.now;
    vec![Effect::LoadBook]
}

/// Reads the workspace at once, where somebody wrote since it was read. What the job here writes is read when it ends.
fn written(model: &mut Model, head: Option<&str>) -> Vec<Effect> {
    let known = model.book.journal.first().map(|entry| entry.hash.as_str()).filter(|_| model.trouble.is_none());
    if model.job_runs() || (head.is_some() && head == known) {
        return Vec::new();
    }
    model.read_at = model.now;
    vec![Effect::LoadBook]
}

fn press(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    model.notice = None;
    let contexts = model.contexts();
    if let Some(command) = model.setup.keys.command(&contexts, key) {
        return commands::obey(model, command);
    }
    if let Some(Overlay::Tour(_)) = model.overlays.last() {
        return tour::leave(model);
    }
    type_into(model, &Event::Key(key));
    Vec::new()
}

/// Hands a key to the input in use, where one is.
fn type_into(model: &mut Model, event: &Event) {
    match model.overlays.last_mut() {
        Some(Overlay::Month { input, error } | Overlay::Typing { input, error, .. }) => {
            input.handle_event(event);
            *error = None;
        }
        Some(Overlay::Waive(form)) => {
            if let Some(input) = form.fields.get_mut(form.at) {
                input.handle_event(event);
            }
            // What is shown is of what was typed before.
            (form.error, form.touched) = (None, None);
        }
        Some(Overlay::Decide(form)) => {
            form.input.handle_event(event);
            form.error = None;
        }
        Some(Overlay::Palette(of)) => {
            let before = of.input.value().to_owned();
            of.input.handle_event(event);
            if of.input.value() != before {
                palette::seek(of);
            }
        }
        Some(_) => {}
        None => {
            if let Some(editing) = complete::editing(model) {
                editing.input.handle_event(event);
                complete::check(model);
            }
        }
    }
}

/// Pasted text goes where typed text would: one line, at most 500 characters.
fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    for c in text.chars().filter(|c| !c.is_control()).take(500) {
        let key = KeyEvent::new(crossterm::event::KeyCode::Char(c), crossterm::event::KeyModifiers::NONE);
        type_into(model, &Event::Key(key));
    }
    Vec::new()
}

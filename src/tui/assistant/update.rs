//! What each message does to the assistant. No I/O, nothing awaited.

use super::model::{Assistant, Effect, Msg, Outcome, Seen, Step};
use crate::config::draft::Draft;
use crate::tui::keymap::{Command, Context};
use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use tui_input::backend::crossterm::EventHandler as _;

/// Characters of a paste that are taken.
const PASTED: usize = 500;

/// Takes a message in and says what is to be done outside.
pub fn update(model: &mut Assistant, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Key(key) if key.kind != KeyEventKind::Release => press(model, key),
        Msg::Key(_) => Vec::new(),
        Msg::Paste(text) => {
            for c in text.chars().filter(|c| !c.is_control()).take(PASTED) {
                type_in(model, KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE));
            }
            Vec::new()
        }
        Msg::Resize(width, height) => {
            model.size = (width, height);
            Vec::new()
        }
        Msg::Probed(ticket, side, probe) => {
            if model.looking == Some(ticket) {
                model.looking = None;
                let step = if side == crate::domain::side::Side::Source { Step::Source } else { Step::Target };
                let of = [model.typed(step, 0), model.typed(step, 1)];
                model.seen.insert(side, Seen { of, probe });
            }
            Vec::new()
        }
        Msg::Written(Ok(files)) => {
            (model.writing, model.written) = (false, files);
            Vec::new()
        }
        Msg::Written(Err(why)) => {
            (model.writing, model.error) = (false, Some(why));
            Vec::new()
        }
    }
}

fn press(model: &mut Assistant, key: KeyEvent) -> Vec<Effect> {
    match model.keys.command(&[Context::Assistant], key) {
        Some(Command::Interrupt) => vec![Effect::Leave(Outcome::Left)],
        Some(Command::Suspend) => vec![Effect::Suspend],
        Some(Command::Back) => back(model),
        Some(Command::Open) => go_on(model),
        Some(Command::NextScreen) => skip(model),
        Some(Command::Down) => turn(model, 1),
        Some(Command::Up) => turn(model, -1),
        _ => {
            type_in(model, key);
            Vec::new()
        }
    }
}

fn type_in(model: &mut Assistant, key: KeyEvent) {
    if model.looking.is_some() {
        return;
    }
    let at = model.at;
    if let Some(field) = model.fields.get_mut(&model.step).and_then(|fields| fields.get_mut(at)) {
        field.input.handle_event(&Event::Key(key));
        model.error = None;
    }
}

fn turn(model: &mut Assistant, by: isize) -> Vec<Effect> {
    let len = model.fields.get(&model.step).map_or(0, Vec::len);
    if len > 0 {
        let at = isize::try_from(model.at).unwrap_or(0) + by;
        model.at = usize::try_from(at.rem_euclid(isize::try_from(len).unwrap_or(1))).unwrap_or(0);
    }
    Vec::new()
}

/// One step back, always; out of the first, out of the assistant. A look under way is ended first.
fn back(model: &mut Assistant) -> Vec<Effect> {
    if model.looking.take().is_some() {
        return vec![Effect::Cancel];
    }
    if model.writing {
        return Vec::new();
    }
    let at = Step::ALL.iter().position(|step| *step == model.step).unwrap_or(0);
    match at.checked_sub(1).filter(|_| model.written.is_empty()) {
        Some(before) => go(model, Step::ALL[before]),
        None => vec![Effect::Leave(Outcome::Left)],
    }
}

fn go(model: &mut Assistant, step: Step) -> Vec<Effect> {
    (model.step, model.at, model.error) = (step, 0, None);
    Vec::new()
}

fn lacks(model: &mut Assistant, (at, why): (usize, String)) -> Vec<Effect> {
    (model.at, model.error) = (at, Some(why));
    Vec::new()
}

fn go_on(model: &mut Assistant) -> Vec<Effect> {
    if model.looking.is_some() || model.writing {
        return Vec::new();
    }
    match model.step {
        Step::Service => match model.service_lacks() {
            Some(lack) => lacks(model, lack),
            None => go(model, Step::Source),
        },
        Step::Source | Step::Target => connect(model),
        Step::Numbers => match model.draft() {
            Ok(_) => go(model, Step::Write),
            Err(lack) => lacks(model, lack),
        },
        Step::Write if !model.written.is_empty() => {
            let outcome = if model.missing().is_empty() { Outcome::Reconcile } else { Outcome::Left };
            vec![Effect::Leave(outcome)]
        }
        Step::Write => match model.draft() {
            Ok(draft) => {
                (model.writing, model.error) = (true, None);
                vec![Effect::Write(draft.text())]
            }
            Err(lack) => {
                go(model, Step::Numbers);
                lacks(model, lack)
            }
        },
    }
}

/// Looks at the side as it is typed; where that was done and it can be used, goes on.
fn connect(model: &mut Assistant) -> Vec<Effect> {
    let (step, Some(side)) = (model.step, model.step.side()) else { return Vec::new() };
    if model.seen_now(side).is_some_and(Seen::holds) {
        return after(model);
    }
    let typed = match model.side_typed(step) {
        Ok(typed) => typed,
        Err((at, why)) => {
            // A secret that was typed by mistake does not stay in sight.
            if at == 1
                && let Some(field) = model.fields.get_mut(&step).and_then(|fields| fields.get_mut(1))
            {
                field.input.reset();
            }
            return lacks(model, (at, why));
        }
    };
    model.ticket += 1;
    (model.looking, model.error) = (Some(model.ticket), None);
    model.seen.remove(&side);
    let (service, zone) = (model.typed(Step::Service, 0), model.typed(Step::Service, 1));
    // The other side stands in for itself: only one of them is looked at.
    let draft = Draft { service, zone, currency: None, source: typed.clone(), target: typed };
    vec![Effect::Probe { ticket: model.ticket, side, text: draft.text() }]
}

fn after(model: &mut Assistant) -> Vec<Effect> {
    if model.step == Step::Source {
        return go(model, Step::Target);
    }
    model.ask_numbers();
    go(model, Step::Numbers)
}

/// Goes on with a side that cannot be reached now: it is written as it is typed.
fn skip(model: &mut Assistant) -> Vec<Effect> {
    if model.looking.is_some() || model.step.side().is_none() {
        return Vec::new();
    }
    match model.side_typed(model.step) {
        Ok(_) => after(model),
        Err(lack) => lacks(model, lack),
    }
}

//! Commands given while something lies on top of the screen.

use super::{columns, commands, decide, deeds, import, jobs, palette, tour, waive};
use crate::domain::period::Month;
use crate::tui::keymap::Command;
use crate::tui::model::{Model, Overlay, Question};
use crate::tui::msg::Effect;
use chrono::{DateTime, Utc};

/// Months one job may cover.
const MOST: i32 = 36;

/// Obeys a command given to the topmost overlay.
pub fn obey(model: &mut Model, command: Command) -> Vec<Effect> {
    if let Some(Overlay::Tour(at)) = model.overlays.last() {
        return tour::obey(model, *at, command);
    }
    match command {
        Command::Back => {
            model.overlays.pop();
            Vec::new()
        }
        Command::Forget => palette::forget(model),
        _ if matches!(model.overlays.last(), Some(Overlay::Columns(_))) => columns::obey(model, command),
        Command::Open => confirm(model),
        Command::Up => scroll(model, -1),
        Command::Down => scroll(model, 1),
        Command::PageUp => scroll(model, -10),
        Command::PageDown => scroll(model, 10),
        _ => Vec::new(),
    }
}

fn scroll(model: &mut Model, by: i16) -> Vec<Effect> {
    if let Some(Overlay::Waive(form)) = model.overlays.last_mut() {
        waive::turn(form, by.into());
    }
    if let Some(Overlay::Palette(of)) = model.overlays.last_mut() {
        palette::step(of, by.into());
    }
    if let Some(Overlay::Text { scroll, .. } | Overlay::Help { scroll } | Overlay::Sign { scroll, .. }) = model.overlays.last_mut() {
        *scroll = scroll.saturating_add_signed(by).min(2000);
    }
    Vec::new()
}

fn confirm(model: &mut Model) -> Vec<Effect> {
    if let Some(Overlay::Confirm(question)) = model.overlays.last() {
        let question = question.clone();
        model.overlays.pop();
        return match question {
            Question::Quit => commands::leave(model),
            Question::Cancel => commands::cancel(model),
            Question::Recheck(month) => jobs::reconcile(model, vec![month], true),
            Question::Apply { retire } => import::apply(model, retire),
            Question::Settle(verb, ids) => import::settle(model, verb, ids),
            Question::TakeBack { act, .. } => decide::take_back(model, act),
        };
    }
    match model.overlays.last_mut() {
        Some(Overlay::Month { input, error }) => match months(input.value().trim(), model.now) {
            Ok(months) => {
                model.overlays.pop();
                jobs::reconcile(model, months, false)
            }
            Err(why) => {
                *error = Some(why.to_owned());
                Vec::new()
            }
        },
        Some(Overlay::Waive(_)) => waive::go_on(model),
        Some(Overlay::Decide(_)) => decide::go_on(model),
        Some(Overlay::Palette(_)) => palette::choose(model),
        Some(Overlay::Typing { .. }) => deeds::typed(model),
        Some(Overlay::Sign { .. }) => deeds::sign(model),
        _ => Vec::new(),
    }
}

/// Months a person types: `2026-05`, `previous`, or `2026-01..2026-05`.
fn months(text: &str, now: DateTime<Utc>) -> Result<Vec<Month>, &'static str> {
    const SHAPE: &str = "write 2026-05, previous, or 2026-01..2026-05";
    if text == "previous" {
        return Ok(vec![Month::of(now.date_naive()).plus(-1)]);
    }
    let (from, to) = text.split_once("..").unwrap_or((text, text));
    let (from, to) = Month::parse(from).zip(Month::parse(to)).ok_or(SHAPE)?;
    match to.months_since(from) {
        n @ 0..MOST => Ok((0..=n).map(|i| from.plus(i)).collect()),
        MOST.. => Err("at most 36 months at once"),
        _ => Err("the first month is after the last"),
    }
}

//! Commands given while something lies on top of the screen.

use super::commands;
use crate::app::reconcile::ReconcileOptions;
use crate::domain::period::Month;
use crate::tui::keymap::Command;
use crate::tui::model::job::Job;
use crate::tui::model::{Model, Overlay, Question, Screen};
use crate::tui::msg::Effect;

/// Obeys a command given to the topmost overlay.
pub fn obey(model: &mut Model, command: Command) -> Vec<Effect> {
    match command {
        Command::Back => {
            model.overlays.pop();
            Vec::new()
        }
        Command::Open => confirm(model),
        Command::Up => scroll(model, -1),
        Command::Down => scroll(model, 1),
        Command::PageUp => scroll(model, -10),
        Command::PageDown => scroll(model, 10),
        _ => Vec::new(),
    }
}

fn scroll(model: &mut Model, by: i16) -> Vec<Effect> {
    if let Some(Overlay::Text { scroll, .. } | Overlay::Help { scroll }) = model.overlays.last_mut() {
        *scroll = scroll.saturating_add_signed(by).min(2000);
    }
    Vec::new()
}

fn confirm(model: &mut Model) -> Vec<Effect> {
    match model.overlays.last_mut() {
        Some(Overlay::Confirm(question)) => {
            let question = *question;
            model.overlays.pop();
            match question {
                Question::Quit => commands::leave(model),
                Question::Cancel => commands::cancel(model),
                Question::Recheck(month) => start(model, month, true),
            }
        }
        Some(Overlay::Month { input, error }) => {
            let Some(month) = Month::parse(input.value().trim()) else {
                *error = Some("a month is written 2026-05".to_owned());
                return Vec::new();
            };
            model.overlays.pop();
            start(model, month, false)
        }
        _ => Vec::new(),
    }
}

fn start(model: &mut Model, month: Month, recheck: bool) -> Vec<Effect> {
    let options = ReconcileOptions { months: vec![month], only: Vec::new(), dry_run: false, recheck, wait: std::time::Duration::from_secs(5) };
    model.job = Some(Job::new(options.clone(), model.now));
    model.screen = Screen::Activity;
    vec![Effect::Start(options)]
}

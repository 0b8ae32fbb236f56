//! The short tour: a station a screen. It ends where it began, and any key leaves it.

use super::commands;
use crate::tui::keymap::Command;
use crate::tui::model::{Model, Overlay, Screen};
use crate::tui::msg::Effect;
use crate::tui::view::tour::STATIONS;

/// Goes to another station, or leaves.
pub fn obey(model: &mut Model, at: usize, command: Command) -> Vec<Effect> {
    let to = match command {
        Command::Down => at + 1,
        Command::Up => at.saturating_sub(1),
        _ => return leave(model),
    };
    match STATIONS.get(to) {
        Some(station) => {
            model.overlays.pop();
            let effects = commands::go(model, station.screen);
            model.overlays.push(Overlay::Tour(to));
            effects
        }
        None => leave(model),
    }
}

/// Leaves it, on the first screen.
pub fn leave(model: &mut Model) -> Vec<Effect> {
    model.overlays.pop();
    commands::go(model, Screen::Overview)
}

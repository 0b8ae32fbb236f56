//! Choosing columns: which are drawn, in which order, how wide.

use super::decide;
use crate::tui::keymap::Command;
use crate::tui::model::lineup::{Choosing, Lineup};
use crate::tui::model::{Model, Overlay};
use crate::tui::msg::Effect;

/// Columns a width goes by.
const STEP: i16 = 2;

/// Opens the chooser.
pub fn open(model: &mut Model) -> Vec<Effect> {
    model.overlays.push(Overlay::Columns(Choosing::default()));
    Vec::new()
}

/// Obeys a command given there.
pub fn obey(model: &mut Model, command: Command) -> Vec<Effect> {
    let before = model.table.look();
    let Some(Overlay::Columns(choosing)) = model.overlays.last_mut() else { return Vec::new() };
    let lineup = &mut model.table.lineup;
    let step = |at: usize, by: isize| at.saturating_add_signed(by).min(lineup.columns.len().saturating_sub(1));
    match command {
        Command::Up => choosing.at = step(choosing.at, -1),
        Command::Down => choosing.at = step(choosing.at, 1),
        Command::Mark => lineup.toggle(choosing.at),
        Command::Wider => lineup.widen(choosing.at, STEP),
        Command::Narrower => lineup.widen(choosing.at, -STEP),
        Command::Earlier => choosing.at = lineup.shift(choosing.at, -1),
        Command::Later => choosing.at = lineup.shift(choosing.at, 1),
        Command::Reset => *lineup = Lineup::default(),
        Command::Open => {
            model.overlays.pop();
        }
        _ => {}
    }
    decide::remember_look(model, before);
    Vec::new()
}

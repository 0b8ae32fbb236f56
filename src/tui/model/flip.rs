//! The lines of the Flip screen: what blocks, then the waves; one selection runs through both.

use super::Model;
use crate::app::flip::{WaveStanding, WaveState};
use crate::app::standing::{Assessment, Blocker};
use chrono::NaiveDate;

/// What is selected, and whether its wave is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FlipView {
    /// The selected line.
    pub at: usize,
    /// Lines scrolled in the open wave; `None` where none is open.
    pub open: Option<u16>,
}

/// A line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlipLine {
    /// Something that blocks, by its place.
    Blocker(usize),
    /// A wave, by its number.
    Wave(u32),
}

impl Model {
    /// What blocks the flip, by the newest month; where that is not known, by the month shown.
    pub fn flip_blockers(&self) -> Vec<Blocker> {
        self.book.way.as_ref().map_or_else(|| self.assessment().blockers, |way| way.blockers.clone())
    }

    /// How many of them keep a wave from being applied: none while the gates are open, be it by broken glass.
    pub fn flip_blocked(&self) -> usize {
        if self.book.way.as_ref().is_some_and(Assessment::opens) { 0 } else { self.flip_blockers().len() }
    }

    /// All lines, in order.
    pub fn flip_lines(&self) -> Vec<FlipLine> {
        let blockers = (0..self.flip_blockers().len()).map(FlipLine::Blocker);
        blockers.chain(self.book.flip.waves.keys().copied().map(FlipLine::Wave)).collect()
    }

    /// The selected line; the last one where there are fewer by now.
    pub fn flip_line(&self) -> Option<FlipLine> {
        let lines = self.flip_lines();
        lines.get(self.flip.at.min(lines.len().saturating_sub(1))).copied()
    }

    /// Keeps a wave selected that was: other reasons above it move its line.
    pub fn keep_flip_line(&mut self, before: Option<FlipLine>) {
        let is_wave = |line: &FlipLine| matches!(line, FlipLine::Wave(_)) && Some(*line) == before;
        if let Some(at) = self.flip_lines().iter().position(is_wave) {
            self.flip.at = at;
        }
    }

    /// The wave that keys act on: the selected one, else the first that is not at its end, else the last.
    pub fn flip_wave(&self) -> Option<(u32, &WaveStanding)> {
        let of = |number: u32| self.book.flip.waves.get(&number).map(|wave| (number, wave));
        if let Some(FlipLine::Wave(number)) = self.flip_line() {
            return of(number);
        }
        let is_open = |wave: &WaveStanding| matches!(wave.state(), WaveState::Planned | WaveState::Applying | WaveState::BackingOut);
        let open = self.book.flip.waves.iter().find(|(_, wave)| is_open(wave));
        open.or_else(|| self.book.flip.waves.last_key_value()).map(|(number, wave)| (*number, wave))
    }

    /// Today in the service's zone.
    pub fn today(&self) -> NaiveDate {
        self.setup.zone.day_of(self.now)
    }
}

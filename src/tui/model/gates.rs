//! The lines of the Gates screen: the stages of the way, those of the runbook under theirs.

use super::Model;
use crate::app::standing::{Stage, StageStanding};

/// A line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GateLine {
    /// A stage of the way.
    Way(Stage),
    /// A stage of the runbook, by its place in it.
    Runbook(usize),
}

impl Model {
    /// All lines, in order.
    pub fn gate_lines(&self) -> Vec<GateLine> {
        let runbook = self.book.gates.as_ref().map_or(0, |gated| gated.standing.stages.len());
        let of = |stage: Stage| {
            let below = if stage == Stage::Gates { 0..runbook } else { 0..0 };
            std::iter::once(GateLine::Way(stage)).chain(below.map(GateLine::Runbook))
        };
        Stage::ALL.into_iter().flat_map(of).collect()
    }

    /// The selected stage of the runbook; `None` where another line is selected.
    pub fn gate_stage(&self) -> Option<&StageStanding> {
        match self.gate_lines().get(self.stage.at)? {
            GateLine::Runbook(at) => self.book.gates.as_ref()?.standing.stages.get(*at),
            GateLine::Way(_) => None,
        }
    }
}

//! The lines of the Gates screen: the stages of the way, those of the runbook under theirs.

use super::Model;
use super::deed::{Made, Waits};
use crate::app::review::WaiverState;
use crate::app::standing::{Stage, StageStanding};
use crate::domain::person::same_person;

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

    /// What one person made and a second has not agreed to yet, each on the terms that are agreed to: about gates with the money it says is
    /// at stake, then waivers of rows with their caps.
    pub fn waits(&self) -> Vec<Waits> {
        let is_own = |by: &str| same_person(by, &self.setup.actor);
        let seen = self.book.flip.seen;
        let of_gates = self.book.gates.iter().flat_map(|gated| &gated.standing.waiting).map(|one| Waits {
            made: Made::Act(one.act, seen),
            by: one.by.clone(),
            what: format!("{} {}", one.what, one.terms),
            money: one.money.clone(),
            is_own: is_own(&one.by),
        });
        let today = self.today();
        let open = self.book.waivers.iter().filter(|waiver| waiver.state(today) == WaiverState::NotConfirmed);
        let of_rows = open.map(|waiver| Waits {
            made: Made::Waiver(waiver.id),
            by: waiver.made_by.clone(),
            what: format!("waive rows from {} until {}: {}", waiver.terms.from, waiver.terms.expires, waiver.terms.reason),
            money: waiver.terms.cap.clone(),
            is_own: is_own(&waiver.made_by),
        });
        of_gates.chain(of_rows).collect()
    }

    /// The selected stage of the runbook; `None` where another line is selected.
    pub fn gate_stage(&self) -> Option<&StageStanding> {
        match self.gate_lines().get(self.stage.at)? {
            GateLine::Runbook(at) => self.book.gates.as_ref()?.standing.stages.get(*at),
            GateLine::Way(_) => None,
        }
    }
}

//! Piles of movements, and the scratch file that takes what they cannot hold.

use crate::domain::pack::Bent;
use crate::ledger::movements::Piles;
use crate::ports::scratch::Scratch;
use crate::ports::workspace::{StoreError, WorkspaceDoor};
use crate::reconcile::slice::Movements;
use std::sync::Arc;

/// What the piles of one stream did not hold. Nothing is written while they hold all.
pub struct Spill {
    door: Arc<dyn WorkspaceDoor>,
    scratch: Option<Box<dyn Scratch>>,
}

impl Spill {
    /// Nothing yet.
    pub fn new(door: &Arc<dyn WorkspaceDoor>) -> Self {
        Self { door: Arc::clone(door), scratch: None }
    }

    /// All of it, leaving nothing.
    pub fn take(&mut self) -> Self {
        Self { door: Arc::clone(&self.door), scratch: self.scratch.take() }
    }

    /// Empties full piles into the scratch file.
    pub fn make_room(&mut self, piles: &mut Piles) -> Result<(), StoreError> {
        if !piles.is_full() {
            return Ok(());
        }
        let scratch = match &mut self.scratch {
            Some(scratch) => scratch,
            none => none.insert(self.door.scratch()?),
        };
        piles.drain(|held| scratch.write(held))
    }

    /// All of one pile, in the order it was laid.
    pub fn collect(&mut self, part: usize, piles: &mut Piles) -> Result<Vec<u8>, StoreError> {
        let rest = piles.take(part);
        match &mut self.scratch {
            None => Ok(rest),
            Some(scratch) => {
                let mut all = scratch.read(part)?;
                all.extend_from_slice(&rest);
                Ok(all)
            }
        }
    }
}

/// All movements of a run, part by part.
pub struct Gathered {
    pub source: (Spill, Piles),
    pub target: (Spill, Piles),
    pub usage: (Spill, Piles),
}

impl Gathered {
    /// Everything of one part; it is gone from here afterwards.
    pub fn part(&mut self, part: usize) -> Result<Movements, StoreError> {
        let of = |(spill, piles): &mut (Spill, Piles)| spill.collect(part, piles);
        Ok(Movements { source: of(&mut self.source)?, target: of(&mut self.target)?, usage: of(&mut self.usage)? })
    }
}

/// What was read back is not what was written, or more than fits: nothing of the run can be known.
pub fn bent(why: Bent) -> StoreError {
    StoreError::Io {
        what: format!("records on their way to their part of the book: {}", why.0),
        remedy: "run it again, with fewer months at a time if it comes again; and report it".to_owned(),
    }
}

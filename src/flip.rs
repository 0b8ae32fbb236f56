//! The flip as decisions: how waves are cut, what a pack holds, whether every day is billed once, when to flip, where each line
//! stands and what comes next, whether first invoices are what was expected. Data in, decisions out.
//!
//! What holds throughout: a step in the target is decided on only where the source was read back as off; what nobody answered for
//! is looked for and not sent again; what cannot be told is never taken for done.

mod cost;
mod course;
mod first;
mod flipped;
mod hypercare;
mod lawful;
mod look;
mod pack;
mod paid;
mod simulate;
mod single_writer;
mod standing;
mod told;
mod waves;

pub use cost::cost;
pub use course::{MOST_TRIES, Next, next};
pub use first::{First, expected_first, grid_of};
pub use flipped::Flipped;
pub use hypercare::{Actual, care};
pub use lawful::walk;
pub use look::seen;
pub use pack::{Changed, Facts, changed, line};
pub use paid::{Paid, captured};
pub use simulate::{Candidate as CandidateDay, Rhythm, Simulation, simulate};
pub use single_writer::{Flaw, FlawKind, as_it_is, as_planned, flaws};
pub use standing::{Allowed, LineStanding, LineState, Standing, WaveStanding, WaveState, fold};
pub use told::told;
pub use waves::{Candidate, Complexity, Cut, CutError, List, Ready, cut};

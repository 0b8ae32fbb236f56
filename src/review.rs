//! What decisions make of the rows of a run. Verdicts stay as they are: what is waived, resolved or explained is never a match.
//!
//! Of several decisions on a row the newest `resolve` or `reopen` goes before waivers, and of the waivers that hold the oldest counts.
//! All that does not hold is told with its reason, and leaves the row open.

mod ledger;
mod pass;

pub use ledger::Ledger;
pub use pass::Pass;

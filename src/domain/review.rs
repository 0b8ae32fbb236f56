//! What people decide about rows that differ: notes, owners, `resolved`, waivers. Decisions are acts that are only ever added to;
//! what holds at a moment is folded from them.

mod act;
mod facts;
mod formula;
mod predicate;
mod tally;
mod waiver;

pub use act::{Act, Deed, Subject, Terms};
pub use facts::{Amounts, Facts, cause_word};
pub use formula::{Expected, Formula, FormulaError, Of, Term};
pub use predicate::Predicate;
pub use tally::{Apart, Reason, ReviewTally, Standing, Sum, WaiverRoll};
pub use waiver::{Waiver, WaiverState};

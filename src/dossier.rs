//! Whether a dossier holds: rows judged anew, counts and money added up, the run's digest, the journal's chain and every act beside it,
//! and how the gates stand folded anew. Takes what was read of its files; says what does not hold.

mod chain;
mod gates;
mod rows;

pub use chain::{Chain, Walked};
pub use gates::{Ground, differences, refold};
pub use rows::{Redone, RunCheck};

//! Why a row differs. Each cause has a file of its own in `causes/`: it alters what the rating stood on, says which row of the data
//! speaks for it and how many amounts it could have made; the amount is always rated anew and must hit to the last minor unit.
//!
//! Facts decide, not arithmetic: what fits without a row of the data is a candidate at most, and counts as unexplained. The scale of
//! proof (bits, priors, rivals within four bits) follows the measured rates of false explanations in the project's reference on rating.

mod agreeing;
mod bits;
mod bridge;
pub mod calibrate;
mod case;
mod causes;
mod company;
mod dates;
mod datum;
pub mod fixes;
mod rank;
pub mod since;
pub mod together;
mod tries;
pub mod usage;
mod view;

pub use agreeing::{Agreeing, may_differ};
pub use case::{Around, Billed, Case, Population, Rules};
pub use company::{Company, Group, Scaled};

use crate::domain::explanation::{Cause, Explanation};

/// Something that closes a delta, whether it is the answer or not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fit {
    /// Its causes.
    pub causes: Vec<Cause>,
    /// What tells it from others of the same causes.
    pub parameters: String,
}

/// Explains a row; `population` is how many rows of the run differ: the more there are, the more an amount must tell.
pub fn explain(case: &Case<'_>, population: Population) -> Explanation {
    explain_with_fits(case, population).0
}

/// The same, with all that closes the delta: its rivals, and what no row of the data speaks for.
pub fn explain_with_fits(case: &Case<'_>, population: Population) -> (Explanation, Vec<Fit>) {
    let mut tries = tries::Tries::new(case);
    for cause in causes::IN_ORDER {
        cause(case, &mut tries);
    }
    rank::decide(case, tries, population)
}

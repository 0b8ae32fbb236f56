//! What was read from the two sides, held compactly until it is judged. Takes decoded rows one by one (`push_*`), counts
//! every one of them, and remembers what could not be read and whose number that makes unknown.

pub mod catalogue;
pub mod documents;
pub mod errors;
pub mod parts;
mod repeated;
pub mod scope;
pub mod usage;

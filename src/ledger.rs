//! What is read from the two sides: catalogues held compactly, movements counted and sent on to the part of the book where they are
//! judged. Takes decoded rows one by one (`push`), counts every one of them, and remembers what could not be read and whose number
//! that makes unknown.

mod adding;
mod ahead;
pub mod books;
pub mod catalogue;
pub mod customers;
pub mod documents;
pub mod errors;
pub mod evidence;
pub mod interned;
pub mod lined;
pub mod movements;
pub mod parts;
pub mod posting;
mod repeated;
pub mod scope;
pub mod subscribers;
pub mod summing;
pub mod usage;

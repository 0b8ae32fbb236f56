//! The workspace on SQLite: `.dualrun/workspace.db` in the project directory.
//!
//! # What holds
//! * One writer: a lock file, held by the operating system for the life of the process, so that `kill -9` frees it. Its
//!   text names the holder. Readers take no lock and open read-only connections.
//! * A run's rows are stored in many transactions and seen in none: readers show rows only of runs that ended complete or
//!   incomplete, and one transaction ends a run, makes it current and journals it.
//! * A run that is still `running` when a writer opens the workspace is computed by nobody. It becomes `interrupted`.
//! * The journal refuses to be edited by any statement and is hash-chained, so that an edit behind SQLite's back is found.
//!   A tail cut off is only seen by who kept an older head: every report prints it and so is a witness.
//! * Headers, blocks of rows and ranks carry seals: a bent file gives an error, never another number. Ranks only say which rows
//!   to look at; what is shown of a row comes from its block.
//!
//! `.dualrun` may be a symbolic link: where the store lies is the operator's choice. It is a directory of its own with a file of
//! its own, so it cannot lie inside either side's database.

mod before_blocks;
mod block;
mod blocks;
mod columns;
mod door;
mod explanations;
mod explanations_writer;
mod fault;
mod filter;
mod gate_minutes;
mod gates;
mod glances;
mod insert;
mod journal;
mod keeper;
mod lock;
mod lookup;
mod lots;
mod minutes;
mod mount;
mod order;
mod pack;
mod packing;
mod pages;
mod ranks;
mod reader;
mod recording;
mod reviews;
mod reviews_writer;
mod runs;
mod schema;
mod scratch;
mod seal;
mod shelves;
mod staging;
mod staging_writer;
mod sums;
mod unpack;
mod views;
mod whole;
mod words;
mod writer;

pub(super) use door::DIRECTORY;
pub use door::{Door, WORKSPACE_FILE};

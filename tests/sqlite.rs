//! The SQLite side adapter against the nasty corpus: rows (S), statements (Q), files (F), and a session's promises.

#[cfg(test)]
#[path = "sqlite/files.rs"]
mod files;
#[cfg(test)]
#[path = "sqlite/harness.rs"]
mod harness;
#[cfg(test)]
#[path = "sqlite/probe.rs"]
mod probe;
#[cfg(test)]
#[path = "sqlite/rows.rs"]
mod rows;
#[cfg(test)]
#[path = "sqlite/sessions.rs"]
mod sessions;
#[cfg(test)]
#[path = "support/side_profile.rs"]
mod side_profile;
#[cfg(test)]
#[path = "sqlite/statements.rs"]
mod statements;

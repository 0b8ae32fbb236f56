//! The savepoint that each piece of work of a session stands in, so that a statement that fails does not end the transaction. It is set
//! with the transaction and anew with what ends a piece of work: a message of its own would be one more round trip.

/// Sets it for the first time.
pub const SET: &str = "SAVEPOINT dualrun";
/// Keeps what was done since, its locks too, and sets it anew.
pub const RENEW: &str = "RELEASE SAVEPOINT dualrun; SAVEPOINT dualrun";
/// Undoes what was done since; the savepoint stays.
pub const BACK: &str = "ROLLBACK TO SAVEPOINT dualrun";

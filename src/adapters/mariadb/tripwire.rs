//! The tripwires: is it still the read-only transaction that was opened, under the settings that were pinned? Sprung after every
//! stream and at the end.

use super::ask;
use super::fault::{Blame, number};
use super::settings::Settings;
use crate::ports::database::{Fault, FaultKind};
use sqlx::mysql::MySqlConnection;

/// "SAVEPOINT does not exist".
const NO_SAVEPOINT: u16 = 1305;

/// Still the same transaction of the same connection, no lock held, no setting changed? A commit, by whatever way, ends the savepoint; and
/// a transaction that was begun read-only stays so to its end. Tables once read stay as they are until then: who alters one waits for
/// us, as on PostgreSQL.
pub async fn check(connection: &mut MySqlConnection, blame: Blame<'_>, id: u64, settings: &Settings) -> Result<(), Fault> {
    let breach =
        |what: String| Err(blame.fault(FaultKind::NotReadOnly, what, "nothing of this session counts; look at what the query's functions do"));
    let row = ask::row(connection, "SELECT CONNECTION_ID(), RELEASE_ALL_LOCKS()").await.map_err(|e| blame.driver(&e))?;
    if row.text(0) != id.to_string() {
        return breach("another connection answers than the one the snapshot was taken on".to_owned());
    }
    if row.text(1) != "0" {
        return breach("the session held a lock by name; it was released".to_owned());
    }
    // Not rolled back to: on MySQL that would let go of the tables that were read.
    match ask::run(connection, "RELEASE SAVEPOINT dualrun").await {
        Ok(()) => ask::run(connection, "SAVEPOINT dualrun").await.map_err(|e| blame.driver(&e))?,
        Err(error) if number(&error) == Some(NO_SAVEPOINT) => return breach("the read-only transaction was ended half-way".to_owned()),
        Err(error) => return Err(blame.driver(&error)),
    }
    let names: Vec<&str> = settings.keys().map(String::as_str).collect();
    let now = super::settings::read(connection, blame, &names).await?;
    match settings.iter().find(|(name, value)| now.get(*name).is_some_and(|n| n != *value)) {
        Some((name, _)) => breach(format!("the setting {name} was changed by a query")),
        None if now.len() == settings.len() => Ok(()),
        None => breach("a setting was changed by a query: the server does not show all of them any more".to_owned()),
    }
}

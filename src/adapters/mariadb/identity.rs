//! Which server and database this is, by what the server says.

use super::ask;
use super::fault::Blame;
use crate::ports::database::{DatabaseKind, Fault, Identity};
use sqlx::mysql::MySqlConnection;

/// What tells servers apart; MariaDB and MySQL name their own number differently, and older ones have none.
const VARIABLES: [&str; 5] = ["server_uuid", "server_uid", "hostname", "port", "datadir"];
const SERVER: &str = "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('server_uuid', 'server_uid', 'hostname', 'port', 'datadir')";

/// Asks.
pub async fn ask(connection: &mut MySqlConnection, blame: Blame<'_>) -> Result<Identity, Fault> {
    let told = ask::rows(connection, SERVER).await.map_err(|e| blame.driver(&e))?;
    let database = ask::row(connection, "SELECT DATABASE()").await.map_err(|e| blame.driver(&e))?;
    let of = |name: &str| told.iter().find(|row| row.text(0).eq_ignore_ascii_case(name)).map(|row| row.text(1).to_owned());
    let mut said: Vec<_> = VARIABLES.into_iter().map(|name| (name, of(name).filter(|said| !said.is_empty()))).collect();
    said.push(("database", Some(database.text(0).to_owned()).filter(|name| !name.is_empty())));
    Ok(Identity { kind: DatabaseKind::MariaDb, said, follows: false })
}

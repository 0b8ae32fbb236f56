//! Which server and database this is, by what the server says.

use super::ask;
use super::fault::Blame;
use crate::ports::database::{DatabaseKind, Fault, Identity};
use sqlx::mysql::MySqlConnection;

/// What tells servers apart; MariaDB and MySQL name their own number differently, and older ones have none.
const VARIABLES: [&str; 5] = ["server_uuid", "server_uid", "hostname", "port", "datadir"];
const SERVER: &str = "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('server_uuid', 'server_uid', 'hostname', 'port', 'datadir')";

const CLUSTER: &str = "SHOW GLOBAL STATUS WHERE Variable_name = 'wsrep_cluster_state_uuid'";

/// Asks.
pub async fn ask(connection: &mut MySqlConnection, blame: Blame<'_>) -> Result<Identity, Fault> {
    let told = ask::rows(connection, SERVER).await.map_err(|e| blame.driver(&e))?;
    let database = ask::row(connection, "SELECT DATABASE()").await.map_err(|e| blame.driver(&e))?;
    let of = |name: &str| told.iter().find(|row| row.text(0).eq_ignore_ascii_case(name)).map(|row| row.text(1).to_owned());
    let mut said: Vec<_> = VARIABLES.into_iter().map(|name| (name, of(name).filter(|said| !said.is_empty()))).collect();
    said.push(("database", Some(database.text(0).to_owned()).filter(|name| !name.is_empty())));
    Ok(Identity { kind: DatabaseKind::MariaDb, said, follows: follows(connection, blame).await? })
}

/// Whether what is written here is written elsewhere too, or comes from there: a node of a cluster, or of servers that follow each other.
/// Which servers it follows a reader is often not told; that it is in a cluster everybody is.
async fn follows(connection: &mut MySqlConnection, blame: Blame<'_>) -> Result<bool, Fault> {
    let cluster = ask::rows(connection, CLUSTER).await.map_err(|e| blame.driver(&e))?;
    if cluster.iter().any(|row| !row.text(1).chars().all(|c| matches!(c, '0' | '-'))) {
        return Ok(true);
    }
    for replicas in ["SHOW ALL SLAVES STATUS", "SHOW SLAVE STATUS", "SHOW REPLICA STATUS"] {
        if ask::rows(connection, replicas).await.is_ok_and(|rows| !rows.is_empty()) {
            return Ok(true);
        }
    }
    Ok(false)
}

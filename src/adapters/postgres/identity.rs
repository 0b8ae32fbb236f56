//! Which server and database this is, by what the server says: a name in a connection, or a host, may be another way to the same.

use super::fault::Blame;
use crate::ports::database::{DatabaseKind, Fault, Identity};
use sqlx::postgres::PgConnection;
use sqlx::{Executor as _, Row as _};

/// A server is started at one microsecond, and a database of it has one oid: a copy of its files is told apart by the first, another
/// database made from it by the second.
const SERVER: &str = "\
SELECT pg_catalog.current_database()::text, \
       (SELECT d.oid::text FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()), \
       (extract(epoch FROM pg_catalog.pg_postmaster_start_time()) * 1000000)::bigint::text, \
       pg_catalog.pg_is_in_recovery(), \
       pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'execute')";
const SYSTEM: &str = "SELECT system_identifier::text FROM pg_catalog.pg_control_system()";

/// Asks.
pub async fn ask(connection: &mut PgConnection, blame: Blame<'_>) -> Result<Identity, Fault> {
    let row = connection.fetch_one(SERVER).await.map_err(|e| blame.driver(&e))?;
    let text = |at: usize| row.try_get::<Option<String>, _>(at).map_err(|e| blame.driver(&e));
    let is = |at: usize| row.try_get::<Option<bool>, _>(at).map(|is| is == Some(true)).map_err(|e| blame.driver(&e));
    let system = if is(4)? {
        let row = connection.fetch_one(SYSTEM).await.map_err(|e| blame.driver(&e))?;
        row.try_get::<Option<String>, _>(0).map_err(|e| blame.driver(&e))?
    } else {
        None
    };
    let said = vec![("system", system), ("started", text(2)?), ("database", text(0)?), ("oid", text(1)?)];
    Ok(Identity { kind: DatabaseKind::Postgres, said, follows: is(3)? })
}

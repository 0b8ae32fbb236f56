//! The tripwires: did the session only read, and what its snapshot shows? Sprung after every stream and at the end.

use super::fault::Blame;
use super::settings::Settings;
use crate::domain::text::shown;
use crate::ports::database::{Fault, FaultKind};
use sqlx::Row as _;
use sqlx::postgres::PgConnection;

const TRIPWIRES: &str = "\
SELECT pg_catalog.pg_backend_pid()::text, pg_catalog.current_setting('transaction_read_only'), \
       pg_catalog.txid_current_if_assigned()::text, \
       (SELECT pg_catalog.count(*)::text FROM pg_catalog.pg_locks WHERE locktype = 'advisory' AND pid = pg_catalog.pg_backend_pid())";

/// Still the same read-only transaction of the same backend, nothing written, nothing locked, no setting changed?
pub async fn check(connection: &mut PgConnection, blame: Blame<'_>, pid: i32, settings: &Settings) -> Result<(), Fault> {
    let row = sqlx::query(TRIPWIRES).fetch_one(&mut *connection).await.map_err(|e| blame.driver(&e))?;
    let get = |at: usize| row.try_get::<Option<String>, _>(at).map_err(|e| blame.driver(&e));
    let breach =
        |what: String| Err(blame.fault(FaultKind::NotReadOnly, what, "nothing of this session counts; look at what the query's functions do"));
    if get(0)?.as_deref() != Some(pid.to_string().as_str()) {
        return breach("another backend answers than the one the snapshot was taken on".to_owned());
    }
    if get(1)?.as_deref() != Some("on") {
        return breach("the transaction is not read-only any more".to_owned());
    }
    if let Some(xid) = get(2)? {
        return breach(format!("the transaction wrote something (it has the id {xid}); it was rolled back"));
    }
    if get(3)?.as_deref() != Some("0") {
        return breach("the session holds an advisory lock; it was released".to_owned());
    }
    let names: Vec<String> = settings.keys().cloned().collect();
    let now = super::settings::read(connection, blame, &names).await?;
    if let Some((name, _)) = settings.iter().find(|(name, value)| now.get(*name) != Some(*value)) {
        return breach(format!("the setting {name} was changed by a query"));
    }
    Ok(())
}

/// Tables read here (their locks are held to the end) whose file is another now than in the snapshot, or that the
/// snapshot does not know: the catalogue is read as of the snapshot, `pg_relation_filenode` as of now. Indexes do not matter.
const REWRITTEN: &str = "\
SELECT CASE WHEN c.oid IS NULL THEN l.relation::pg_catalog.regclass::text ELSE pg_catalog.format('%I.%I', n.nspname, c.relname) END \
FROM pg_catalog.pg_locks l \
LEFT JOIN pg_catalog.pg_class c ON c.oid = l.relation \
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND l.relation::bigint >= 16384 \
  AND CASE WHEN c.oid IS NULL THEN pg_catalog.pg_get_indexdef(l.relation) IS NULL \
           ELSE c.relkind IN ('r', 'm') AND c.relfilenode <> 0 AND c.relfilenode <> pg_catalog.pg_relation_filenode(c.oid) END \
LIMIT 1";

/// TRUNCATE and rewriting ALTERs are not versioned: an older snapshot silently reads such a table as empty. We see it.
pub async fn unchanged_tables(connection: &mut PgConnection, blame: Blame<'_>) -> Result<(), Fault> {
    let row = sqlx::query(REWRITTEN).fetch_optional(&mut *connection).await.map_err(|e| blame.driver(&e))?;
    let Some(row) = row else { return Ok(()) };
    let name = shown(&row.try_get::<String, _>(0).map_err(|e| blame.driver(&e))?, 80);
    let what = format!("the table {name} was truncated, rewritten or made after the snapshot was taken: its rows are not those of the snapshot");
    Err(blame.fault(FaultKind::Damaged, what, "run it again when nobody truncates or alters that table"))
}

//! The tripwires: did the session only read, and what its snapshot shows? Sprung after every stream and at the end.

use super::fault::Blame;
use super::settings::Settings;
use crate::domain::text::shown;
use crate::ports::database::{Fault, FaultKind};
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Executor as _, Row as _};

const TRIPWIRES: &str = "\
SELECT pg_catalog.pg_backend_pid()::text, pg_catalog.current_setting('transaction_read_only'), \
       pg_catalog.txid_current_if_assigned()::text, \
       (SELECT pg_catalog.count(*)::text FROM pg_catalog.pg_locks WHERE locktype = 'advisory' AND pid = pg_catalog.pg_backend_pid())";

/// What the server says of the session, asked in one message.
pub struct Seen {
    session: [Option<String>; 4],
    settings: Settings,
    /// A table that is another one now.
    rewritten: Option<String>,
}

/// Asks, and goes on with `then` in the same message. `settings` are those pinned.
pub async fn look(connection: &mut PgConnection, blame: Blame<'_>, settings: &Settings, then: &str) -> Result<Seen, Fault> {
    let sql = format!("{TRIPWIRES}; {}; {REWRITTEN}; {then}", super::settings::reading(settings.keys().map(String::as_str)));
    let rows = connection.fetch_all(AssertSqlSafe(sql)).await.map_err(|e| blame.driver(&e))?;
    seen(&rows, settings.len()).map_err(|e| blame.driver(&e))
}

fn seen(rows: &[PgRow], settings: usize) -> Result<Seen, sqlx::Error> {
    let Some((session, rest)) = rows.split_first() else { return Err(sqlx::Error::RowNotFound) };
    let Some((settings, rewritten)) = rest.split_at_checked(settings) else { return Err(sqlx::Error::RowNotFound) };
    Ok(Seen {
        session: [session.try_get(0)?, session.try_get(1)?, session.try_get(2)?, session.try_get(3)?],
        settings: super::settings::pairs(settings)?,
        rewritten: rewritten.first().map(|row| row.try_get(0)).transpose()?,
    })
}

impl Seen {
    /// Still the same read-only transaction of the same backend, nothing written, nothing locked, no setting changed?
    pub fn only_read(&self, blame: Blame<'_>, pid: i32, settings: &Settings) -> Result<(), Fault> {
        let breach =
            |what: String| Err(blame.fault(FaultKind::NotReadOnly, what, "nothing of this session counts; look at what the query's functions do"));
        let [backend, read_only, written, locks] = self.session.each_ref().map(Option::as_deref);
        if backend != Some(pid.to_string().as_str()) {
            return breach("another backend answers than the one the snapshot was taken on".to_owned());
        }
        if read_only != Some("on") {
            return breach("the transaction is not read-only any more".to_owned());
        }
        if let Some(xid) = written {
            return breach(format!("the transaction wrote something (it has the id {xid}); it was rolled back"));
        }
        if locks != Some("0") {
            return breach("the session holds an advisory lock; it was released".to_owned());
        }
        if let Some((name, _)) = settings.iter().find(|(name, value)| self.settings.get(*name) != Some(*value)) {
            return breach(format!("the setting {name} was changed by a query"));
        }
        Ok(())
    }

    /// TRUNCATE and rewriting ALTERs are not versioned: an older snapshot silently reads such a table as empty. We see it.
    pub fn same_tables(&self, blame: Blame<'_>) -> Result<(), Fault> {
        let Some(name) = &self.rewritten else { return Ok(()) };
        let name = shown(name, 80);
        let what = format!("the table {name} was truncated, rewritten or made after the snapshot was taken: its rows are not those of the snapshot");
        Err(blame.fault(FaultKind::Damaged, what, "run it again when nobody truncates or alters that table"))
    }
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

//! The file itself: how it is opened, which schema it has, and how an older one becomes the newest.

use super::{before_blocks, fault, glances, journal};
use crate::ports::workspace::StoreError;
use chrono::{DateTime, Utc};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A step to a newer schema.
#[derive(Debug, Clone, Copy)]
pub(super) struct Migration {
    sql: &'static str,
    then: Then,
}

/// What is done after the SQL of a migration.
#[derive(Debug, Clone, Copy)]
enum Then {
    Nothing,
    /// Rows stored one by one are packed into blocks.
    PackRows,
    /// What rows that differ tell of each other is taken out of the blocks.
    Glance,
}

impl Migration {
    const fn of(sql: &'static str) -> Self {
        Self { sql, then: Then::Nothing }
    }
}

/// Every migration, oldest first; each sets `user_version` to its place from 1.
pub(super) const MIGRATIONS: &[Migration] = &[
    Migration::of(include_str!("../../../assets/migrations/0001_workspace.sql")),
    Migration::of(include_str!("../../../assets/migrations/0002_import.sql")),
    Migration { sql: include_str!("../../../assets/migrations/0003_row_blocks.sql"), then: Then::PackRows },
    Migration::of(include_str!("../../../assets/migrations/0004_explanations.sql")),
    Migration::of(include_str!("../../../assets/migrations/0005_reviews.sql")),
    Migration::of(include_str!("../../../assets/migrations/0006_gates.sql")),
    Migration { sql: include_str!("../../../assets/migrations/0007_glances.sql"), then: Then::Glance },
    Migration::of(include_str!("../../../assets/migrations/0008_exchange_rates.sql")),
];
/// `dual` in ASCII.
const APPLICATION_ID: i64 = 0x6475_616c;
/// Bytes of a page, of files made from now on: blocks of rows are some ten thousand bytes.
const PAGE: u32 = 16_384;
/// How long a statement waits for another connection's moment (checkpoint, first WAL set-up).
const BUSY: Duration = Duration::from_secs(10);

/// What stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// No file, or one nothing was written to yet.
    Nothing,
    /// A workspace of that schema.
    Schema(i64),
}

/// For reading: cannot write, whatever the statement.
pub(super) fn reading(path: &Path) -> SqliteConnectOptions {
    common(path).read_only(true).pragma("query_only", "on").pragma("cache_size", "-1000")
}

/// For the one writer.
pub(super) fn writing(path: &Path) -> SqliteConnectOptions {
    common(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .page_size(PAGE)
        .pragma("cache_size", "-2000")
        .pragma("wal_autocheckpoint", "1000")
        .pragma("journal_size_limit", "67108864")
}

fn common(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        .pragma("trusted_schema", "off")
        .pragma("cell_size_check", "on")
        .disable_statement_logging()
}

/// Looks at the file without changing it: a foreign or newer one is left as it is.
pub(super) async fn probe(path: &Path, known: usize) -> Result<Found, StoreError> {
    match std::fs::metadata(path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(e) => return Err(fault::at_path("looking at", path, &e)),
        Ok(file) if file.len() == 0 => return Ok(Found::Nothing),
        Ok(_) => {}
    }
    let mut conn = reading(path).connect().await.map_err(fault::store)?;
    let application: i64 = sqlx::query_scalar("PRAGMA application_id").fetch_one(&mut conn).await.map_err(fault::store)?;
    let version: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut conn).await.map_err(fault::store)?;
    let tables: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_schema").fetch_one(&mut conn).await.map_err(fault::store)?;
    conn.close().await.map_err(fault::store)?;
    let known = i64::try_from(known).unwrap_or(i64::MAX);
    match (application, version, tables) {
        (0, 0, 0) => Ok(Found::Nothing),
        (APPLICATION_ID, v, _) if v > known => Err(StoreError::Newer { found: v, known }),
        (APPLICATION_ID, v, _) if v >= 1 => Ok(Found::Schema(v)),
        _ => Err(fault::damaged("workspace.db is an SQLite file, but not a workspace of dualrun")),
    }
}

/// Brings the file to the newest schema, in one transaction; an older file is copied first.
pub(super) async fn migrate(
    conn: &mut SqliteConnection,
    path: &Path,
    found: Found,
    migrations: &[Migration],
    by: (&str, DateTime<Utc>),
) -> Result<(), StoreError> {
    let done = match found {
        Found::Nothing => 0,
        Found::Schema(v) => usize::try_from(v).unwrap_or(0),
    };
    let Some(missing) = migrations.get(done..).filter(|m| !m.is_empty()) else { return Ok(()) };
    if done > 0 {
        keep_copy(conn, path, done).await?;
    }
    let mut tx = conn.begin_with("BEGIN IMMEDIATE").await.map_err(fault::store)?;
    for migration in missing {
        sqlx::query(migration.sql).execute(&mut *tx).await.map_err(fault::store)?;
        match migration.then {
            Then::Nothing => {}
            Then::PackRows => before_blocks::convert(&mut tx).await?,
            Then::Glance => glances::of_older(&mut tx).await?,
        }
    }
    let (kind, facts) = if done == 0 {
        ("workspace_created", serde_json::json!({ "schema": migrations.len() }))
    } else {
        ("workspace_migrated", serde_json::json!({ "from": done, "schema": migrations.len() }))
    };
    journal::append(&mut tx, by.1, by.0, kind, &facts).await?;
    tx.commit().await.map_err(fault::store)
}

/// A whole copy beside the file, named after the schema it has.
async fn keep_copy(conn: &mut SqliteConnection, path: &Path, schema: usize) -> Result<(), StoreError> {
    let copy = copy_path(path, schema);
    match std::fs::remove_file(&copy) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(fault::at_path("replacing", &copy, &e)),
        _ => {}
    }
    let name = copy.to_str().ok_or_else(|| fault::unavailable("the path is not UTF-8", "use a project directory with a plain name"))?;
    sqlx::query("VACUUM INTO ?1").bind(name.to_owned()).execute(conn).await.map_err(fault::store)?;
    Ok(())
}

fn copy_path(path: &Path, schema: usize) -> PathBuf {
    path.with_extension(format!("schema{schema}.db"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LATER: Migration = Migration::of("ALTER TABLE meta ADD COLUMN note TEXT; PRAGMA user_version = 2;");
    const BROKEN: Migration = Migration::of("CREATE TABLE half (x); INSERT INTO nowhere VALUES (1); PRAGMA user_version = 3;");

    async fn bring_to(path: &Path, migrations: &[Migration]) -> Result<Found, StoreError> {
        let found = probe(path, migrations.len()).await?;
        let mut conn = writing(path).connect().await.unwrap();
        migrate(&mut conn, path, found, migrations, ("ana", DateTime::UNIX_EPOCH)).await?;
        conn.close().await.unwrap();
        probe(path, migrations.len()).await
    }

    #[tokio::test]
    async fn an_older_file_is_copied_and_migrated_whole_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("workspace.db");
        assert_eq!(bring_to(&path, &MIGRATIONS[..1]).await.unwrap(), Found::Schema(1));
        let with_second = [MIGRATIONS[0], LATER];
        assert_eq!(bring_to(&path, &with_second).await.unwrap(), Found::Schema(2));
        assert_eq!(probe(&copy_path(&path, 1), 2).await.unwrap(), Found::Schema(1));

        let with_broken = [MIGRATIONS[0], LATER, BROKEN];
        assert!(matches!(bring_to(&path, &with_broken).await, Err(StoreError::Damaged { .. })));
        assert_eq!(probe(&path, 3).await.unwrap(), Found::Schema(2));
        let mut conn = reading(&path).connect().await.unwrap();
        let kinds: Vec<String> = sqlx::query_scalar("SELECT kind FROM journal ORDER BY seq").fetch_all(&mut conn).await.unwrap();
        assert_eq!(kinds, ["workspace_created", "workspace_migrated"]);
        let half: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_schema WHERE name = 'half'").fetch_one(&mut conn).await.unwrap();
        assert_eq!(half, 0);
    }
}

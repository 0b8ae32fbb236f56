//! One read-only session: one connection, one transaction, one statement at a time.

use super::Sqlite;
use super::fault::{Moment, fault, from_driver, of_query, stopped};
use super::file::{self, Place};
use super::statement::{Statement, one_statement};
use super::value::{ValueError, push_row};
use super::watch::Watch;
use crate::domain::decode::{Batch, ResultColumn, Wire};
use crate::domain::text::shown;
use crate::ports::database::{DatabaseKind, Fault, FaultKind, Identity, Limits, Parameter, Query, RowSink, Session, SnapshotInfo};
use async_trait::async_trait;
use chrono::SecondsFormat;
use futures::TryStreamExt as _;
use sqlx::sqlite::{SqliteArguments, SqliteConnectOptions, SqliteConnection};
use sqlx::{
    Arguments as _, AssertSqlSafe, Column as _, ConnectOptions as _, Connection as _, Executor as _, SqlSafeStr as _, Statement as _, TypeInfo as _,
};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Steps of SQLite's machine between two looks at the watchdog: well under a millisecond.
const STEPS_PER_LOOK: i32 = 4_000;
/// Rows the driver may read ahead; each may hold fields up to the limit.
const ROWS_AHEAD: usize = 64;
/// Rows and bytes after which a batch is handed on.
const BATCH_ROWS: usize = 1_024;
const BATCH_BYTES: usize = 1 << 20;
/// Longest a lock is waited for, whatever the limits say.
const LONGEST_LOCK: Duration = Duration::from_secs(10);

/// An open snapshot of a file.
pub(super) struct SqliteSession {
    info: SnapshotInfo,
    connection: SqliteConnection,
    watch: Arc<Watch>,
    limits: Limits,
    data_version: i64,
    /// `wal`, `delete` …
    pub(super) journal_mode: String,
    pub(super) place: Place,
}

impl SqliteSession {
    /// Opens the file, proves the session read-only, and takes the snapshot with a first query at once.
    pub(super) async fn open(database: &Sqlite, limits: &Limits, cancel: &CancellationToken) -> Result<Self, Fault> {
        let side = database.side;
        let place = file::check(side, &database.connection.path).await?;
        let watch = Watch::new(limits, cancel);
        let at = |e: sqlx::Error, moment| about(from_driver(side, &e, moment, &watch), &place);
        let options = options(&place, limits);
        let mut connection = tokio::select! {
            () = cancel.cancelled() => return Err(stopped(side, &watch)),
            opened = options.connect() => opened.map_err(|e| at(e, Moment::Connecting))?,
        };
        let guard = Arc::clone(&watch);
        connection.lock_handle().await.map_err(|e| at(e, Moment::Connecting))?.set_progress_handler(STEPS_PER_LOOK, move || guard.stop().is_none());

        let running = watch.start();
        if !query_only(&mut connection).await.map_err(|e| at(e, Moment::Connecting))? {
            return Err(fault(side, FaultKind::NotReadOnly, "SQLite did not take query_only", "use a copy of the file"));
        }
        sqlx::query("BEGIN DEFERRED").execute(&mut connection).await.map_err(|e| at(e, Moment::Snapshot))?;
        if !schema_is_text(&mut connection).await.map_err(|e| at(e, Moment::Snapshot))? {
            let what = format!("{}: the names of its tables or columns are not valid UTF-8", file::name(&place.path));
            return Err(fault(side, FaultKind::Damaged, what, "rename them in a copy of the file, or restore it from a backup"));
        }
        let facts = Facts::read(&mut connection).await.map_err(|e| at(e, Moment::Snapshot))?;
        let now = database.clock.now();
        let info = SnapshotInfo {
            side,
            kind: DatabaseKind::Sqlite,
            server: format!("SQLite {}", facts.version),
            place: shown(&database.connection.written, 200),
            transport: "file".to_owned(),
            snapshot: facts.name(&place),
            server_clock: now,
            local_clock: now,
            writable_role: false,
        };
        drop(running);
        Ok(Self { info, connection, watch, limits: limits.clone(), data_version: facts.data_version, journal_mode: facts.journal_mode, place })
    }

    /// Waits until SQLite has let go of an abandoned statement, so that the next one's time starts at nought.
    async fn idle(&mut self) -> Result<(), Fault> {
        match self.connection.lock_handle().await {
            Ok(_) => Ok(()),
            Err(e) => Err(from_driver(self.info.side, &e, Moment::Running, &self.watch)),
        }
    }

    /// Prepares a judged statement and describes its columns.
    async fn describe(&mut self, statement: &Statement) -> Result<Vec<ResultColumn>, sqlx::Error> {
        let prepared = (&mut self.connection).prepare(AssertSqlSafe(statement.sql.as_str()).into_sql_str()).await?;
        let mut columns = Vec::new();
        for column in prepared.columns() {
            let declared = match column.origin().table_column() {
                Some(from) => declared_type(&mut self.connection, &from.table, &from.name).await?,
                None => None,
            };
            let type_name = declared.filter(|d| !d.is_empty()).unwrap_or_else(|| match column.type_info().name() {
                "NULL" => "any".to_owned(),
                known => known.to_lowercase(),
            });
            columns.push(ResultColumn { name: column.name().to_owned(), approximate: approximate(&type_name), type_name, wire: Wire::Text });
        }
        Ok(columns)
    }

    async fn judged(&mut self, query: &Query) -> Result<(Statement, Vec<ResultColumn>), Fault> {
        let statement = one_statement(&query.sql)
            .map_err(|why| of_query(query, FaultKind::Refused, format!("the SQL {why}"), "write one SELECT, WITH or VALUES; nothing was sent"))?;
        check_parameters(query, &statement)?;
        self.idle().await?;
        let watch = Arc::clone(&self.watch);
        let _running = watch.start();
        if watch.stop().is_some() {
            return Err(named(stopped(self.info.side, &watch), query));
        }
        match self.describe(&statement).await {
            Ok(columns) => Ok((statement, columns)),
            Err(e) => Err(named(from_driver(self.info.side, &e, Moment::Preparing, &watch), query)),
        }
    }

    /// The tripwires: what must still hold when the session ends.
    async fn tripwires(&mut self) -> Result<(), Fault> {
        let side = self.info.side;
        let watch = Arc::clone(&self.watch);
        let lost = |e: sqlx::Error| from_driver(side, &e, Moment::Running, &watch);
        if !query_only(&mut self.connection).await.map_err(lost)? {
            return Err(fault(
                side,
                FaultKind::NotReadOnly,
                "the session's query_only was switched off",
                "look for what did it; this run does not count",
            ));
        }
        let changes: i64 = sqlx::query_scalar("SELECT total_changes()").fetch_one(&mut self.connection).await.map_err(lost)?;
        if changes != 0 {
            return Err(fault(side, FaultKind::NotReadOnly, format!("the session changed {changes} rows"), "this run does not count"));
        }
        let version: i64 = sqlx::query_scalar("PRAGMA data_version").fetch_one(&mut self.connection).await.map_err(lost)?;
        if version == self.data_version {
            Ok(())
        } else {
            Err(fault(side, FaultKind::ConnectionLost, "the snapshot was lost half-way: the file's data version changed", "run again"))
        }
    }

    /// Runs one of the doctor's own statements, in its time.
    pub(super) async fn probe(&mut self, sql: &'static str) -> Result<Option<String>, Fault> {
        self.idle().await?;
        let watch = Arc::clone(&self.watch);
        let _running = watch.start();
        let answer = sqlx::query_scalar::<_, String>(sql).persistent(false).fetch_optional(&mut self.connection).await;
        answer.map_err(|e| from_driver(self.info.side, &e, Moment::Running, &watch))
    }
}

#[async_trait]
impl Session for SqliteSession {
    fn info(&self) -> &SnapshotInfo {
        &self.info
    }

    async fn judge(&mut self, query: &Query) -> Result<Vec<ResultColumn>, Fault> {
        self.judged(query).await.map(|(_, columns)| columns)
    }

    async fn identity(&mut self) -> Result<Identity, Fault> {
        file::identity(self.info.side, &self.place.path)
    }

    async fn stream(&mut self, query: &Query, sink: &mut dyn RowSink) -> Result<u64, Fault> {
        let (statement, columns) = self.judged(query).await?;
        let arguments = bind(query, &statement)?;
        sink.columns(&columns)?;
        let side = self.info.side;
        let watch = Arc::clone(&self.watch);
        let _running = watch.start();
        let mut batch = Batch::new(columns.len());
        let mut delivered = 0u64;
        let mut rows = sqlx::query_with(AssertSqlSafe(statement.sql), arguments).persistent(false).fetch(&mut self.connection);
        while let Some(row) = rows.try_next().await.map_err(|e| named(from_driver(side, &e, Moment::Running, &watch), query))? {
            if delivered >= self.limits.max_rows {
                let what = format!("more than {} rows, the most one query may deliver", self.limits.max_rows);
                return Err(of_query(query, FaultKind::Limit, what, "select fewer rows, or raise `max_rows`"));
            }
            push_row(&mut batch, &row, &columns, self.limits.max_field_bytes).map_err(|e| not_taken(query, &columns, delivered, e, &watch))?;
            delivered += 1;
            if batch.len() >= BATCH_ROWS || batch.byte_len() >= BATCH_BYTES {
                // Rows read ahead would still arrive after a cancel: the watchdog only sees SQLite's own steps.
                if watch.stop().is_some() {
                    return Err(named(stopped(side, &watch), query));
                }
                sink.rows(&batch)?;
                batch.clear();
            }
        }
        if watch.stop().is_some() {
            return Err(named(stopped(side, &watch), query));
        }
        if !batch.is_empty() {
            sink.rows(&batch)?;
        }
        Ok(delivered)
    }

    /// None: one connection reads an SQLite file.
    async fn fork(&mut self) -> Result<Option<Box<dyn Session>>, Fault> {
        Ok(None)
    }

    async fn close(mut self: Box<Self>) -> Result<(), Fault> {
        let side = self.info.side;
        let watch = Arc::clone(&self.watch);
        let lost = |e: sqlx::Error| from_driver(side, &e, Moment::Running, &watch);
        // The tripwires are read even when the run was cancelled or its time is over.
        self.connection.lock_handle().await.map_err(lost)?.remove_progress_handler();
        let held = self.tripwires().await;
        sqlx::query("ROLLBACK").execute(&mut self.connection).await.map_err(lost)?;
        self.connection.close().await.map_err(lost)?;
        held
    }
}

fn options(place: &Place, limits: &Limits) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(&place.path)
        .read_only(true)
        .create_if_missing(false)
        .immutable(false)
        .busy_timeout(limits.lock_timeout.min(LONGEST_LOCK))
        .row_buffer_size(ROWS_AHEAD)
        .pragma("query_only", "ON")
        // Functions with side effects must not hide in the file's own views.
        .pragma("trusted_schema", "OFF")
        .pragma("cell_size_check", "ON")
        .disable_statement_logging()
}

async fn query_only(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    Ok(sqlx::query_scalar::<_, i64>("PRAGMA query_only").fetch_one(connection).await? == 1)
}

/// The first query of a session, which takes the snapshot. The driver would end its thread over a name that is no UTF-8.
async fn schema_is_text(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    let mut sound = true;
    let mut rows = sqlx::query_scalar::<_, Option<Vec<u8>>>("SELECT sql FROM sqlite_schema").fetch(connection);
    while let Some(sql) = rows.try_next().await? {
        sound &= sql.is_none_or(|bytes| std::str::from_utf8(&bytes).is_ok());
    }
    Ok(sound)
}

/// What names a snapshot.
struct Facts {
    version: String,
    journal_mode: String,
    data_version: i64,
    schema_version: i64,
    pages: i64,
    page_size: i64,
}

impl Facts {
    async fn read(connection: &mut SqliteConnection) -> Result<Self, sqlx::Error> {
        Ok(Self {
            version: sqlx::query_scalar("SELECT sqlite_version()").fetch_one(&mut *connection).await?,
            journal_mode: sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut *connection).await?,
            data_version: sqlx::query_scalar("PRAGMA data_version").fetch_one(&mut *connection).await?,
            schema_version: sqlx::query_scalar("PRAGMA schema_version").fetch_one(&mut *connection).await?,
            pages: sqlx::query_scalar("PRAGMA page_count").fetch_one(&mut *connection).await?,
            page_size: sqlx::query_scalar("PRAGMA page_size").fetch_one(&mut *connection).await?,
        })
    }

    fn name(&self, place: &Place) -> String {
        let wal = file::beside(&place.path, "-wal").map(|bytes| format!(", wal {bytes} bytes")).unwrap_or_default();
        format!(
            "data version {}, schema {}, {} pages of {}, file {}{wal}",
            self.data_version,
            self.schema_version,
            self.pages,
            self.page_size,
            file::changed(&place.path)
        )
    }
}

async fn declared_type(connection: &mut SqliteConnection, table: &str, column: &str) -> Result<Option<String>, sqlx::Error> {
    let found: Option<String> = sqlx::query_scalar("SELECT lower(type) FROM pragma_table_xinfo(?1) WHERE name = ?2 COLLATE NOCASE")
        .bind(table)
        .bind(column)
        .fetch_optional(connection)
        .await?;
    Ok(found)
}

/// Whether a declared type lets fractions be stored as binary floating point (sqlite.org/datatype3.html, 3.1).
fn approximate(declared: &str) -> bool {
    let holds = |words: &[&str]| words.iter().any(|w| declared.contains(w));
    !holds(&["int", "char", "clob", "text", "blob"]) && holds(&["real", "floa", "doub", "dec", "num"])
}

fn check_parameters(query: &Query, statement: &Statement) -> Result<(), Fault> {
    match statement.parameters.iter().find(|p| !query.parameters.contains_key(*p)) {
        None => Ok(()),
        Some(missing) => {
            let known: Vec<String> = query.parameters.keys().map(|k| format!(":{k}")).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            let what = format!("no value for the parameter :{}", shown(missing, 60));
            Err(of_query(query, FaultKind::InvalidQuery, what, format!("known parameters: {known}")))
        }
    }
}

fn bind(query: &Query, statement: &Statement) -> Result<SqliteArguments, Fault> {
    let mut arguments = SqliteArguments::default();
    for name in &statement.parameters {
        let added = match query.parameters.get(name) {
            Some(Parameter::Date(day)) => arguments.add(day.format("%Y-%m-%d").to_string()),
            Some(Parameter::Instant(at)) => arguments.add(at.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
            Some(Parameter::Integer(n)) => arguments.add(*n),
            Some(Parameter::Text(text)) => arguments.add(text.clone()),
            None => Ok(()),
        };
        added.map_err(|e| of_query(query, FaultKind::InvalidQuery, format!(":{}: {}", shown(name, 60), shown(&e.to_string(), 120)), ""))?;
    }
    Ok(arguments)
}

fn not_taken(query: &Query, columns: &[ResultColumn], row: u64, error: ValueError, watch: &Watch) -> Fault {
    match error {
        ValueError::TooLong { column, bytes } => {
            let name = columns.get(column).map(|c| shown(&c.name, 60)).unwrap_or_default();
            let what = format!("row {}: {name} has {bytes} bytes, more than a field may have", row + 1);
            of_query(query, FaultKind::Limit, what, "cut the value in the query with substr(), or raise `max_field_bytes`")
        }
        ValueError::Driver(e) => named(from_driver(query.side, &e, Moment::Running, watch), query),
    }
}

/// Puts the blame on a query.
fn named(mut fault: Fault, query: &Query) -> Fault {
    fault.query = Some(query.name.clone());
    fault
}

/// Names the file in a fault of opening it.
fn about(mut fault: Fault, place: &Place) -> Fault {
    fault.what = format!("{}: {}", file::name(&place.path), fault.what);
    fault
}

//! The doctor's look at a PostgreSQL side: how far we get, what the role may do, and the proof that a write is refused.

use super::connect::{connect, place, transport};
use super::fault::{Blame, sqlstate};
use super::mercy;
use super::session::{OPENING, slow};
use super::{role, settings};
use crate::domain::side::Side;
use crate::domain::text::shown;
use crate::ports::clock::Clock;
use crate::ports::connection::PostgresConnection;
use crate::ports::database::{DoctorFinding, Fault, Limits, Severity};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Row as _};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Beyond this the clocks are worth a look …
const SKEW_WARNING: TimeDelta = TimeDelta::seconds(2);
/// … and beyond this sign-offs cannot be trusted.
const SKEW_ERROR: TimeDelta = TimeDelta::seconds(60);

/// Collects findings; ends early only when there is nothing left to look at.
pub async fn inspect(side: Side, to: &PostgresConnection, limits: &Limits, cancel: &CancellationToken, clock: &Arc<dyn Clock>) -> Vec<DoctorFinding> {
    let mut doctor = Doctor { side, findings: Vec::new() };
    let ended = tokio::select! {
        biased;
        ended = doctor.examine(to, limits, clock) => ended,
        () = cancel.cancelled() => Err(super::stream::cancelled(Blame::side(side))),
        () = tokio::time::sleep(OPENING) => Err(slow(Blame::side(side))),
    };
    if let Err(fault) = ended {
        doctor.fault(&fault);
    }
    doctor.findings
}

struct Doctor {
    side: Side,
    findings: Vec<DoctorFinding>,
}

impl Doctor {
    async fn examine(&mut self, to: &PostgresConnection, limits: &Limits, clock: &Arc<dyn Clock>) -> Result<(), Fault> {
        let blame = Blame::side(self.side);
        let mut connection = connect(self.side, to).await?;
        self.reached(&mut connection, blame, to, clock).await?;
        let pinned = settings::pin(&mut connection, blame, to, limits).await?;
        self.info("settings_pinned", format!("{} session settings pinned and read back", pinned.len()));
        self.schemas(&mut connection, blame, to).await?;
        for finding in role::inspect(&mut connection, blame).await? {
            self.add(finding.severity, finding.code, finding.message, finding.remedy);
        }
        if to.mercy.watches() {
            self.load(&mut connection, blame, to).await?;
        }
        self.write_refused(&mut connection, blame).await?;
        let _ = connection.close().await;
        Ok(())
    }

    /// Server, transport, clock, standby.
    async fn reached(
        &mut self,
        connection: &mut PgConnection,
        blame: Blame<'_>,
        to: &PostgresConnection,
        clock: &Arc<dyn Clock>,
    ) -> Result<(), Fault> {
        let before = clock.now();
        let row = sqlx::query(REACHED).fetch_one(&mut *connection).await.map_err(|e| blame.driver(&e))?;
        let local = before + (clock.now() - before) / 2;
        let text = |at: usize| row.try_get::<String, _>(at).map_err(|e| blame.driver(&e));
        let (version, user, tls) = (shown(&text(0)?, 60), shown(&text(1)?, 60), shown(&text(2)?, 60));
        let micros: i64 = row.try_get(3).map_err(|e| blame.driver(&e))?;
        let standby: bool = row.try_get(4).map_err(|e| blame.driver(&e))?;
        self.info("connected", format!("{} as {user}: PostgreSQL {version}, {}", place(to), transport(to)));
        match to.tls {
            _ if to.is_local() && tls.is_empty() => self.info("transport", format!("{}: the data does not leave this machine", transport(to))),
            _ if tls.is_empty() => {
                let remedy = "let TLS end at the PostgreSQL server itself";
                self.add(
                    Severity::Warning,
                    "tls_ends_early",
                    "the server sees a connection without TLS: a proxy in between ends it".to_owned(),
                    remedy.to_owned(),
                );
            }
            _ => self.info("tls", format!("{}, {tls}", transport(to))),
        }
        if let Some(server) = DateTime::from_timestamp_micros(micros) {
            self.clock(server, local);
        }
        if standby {
            self.info("in_recovery", "the server is a standby: what it shows may lag behind the primary".to_owned());
        }
        Ok(())
    }

    fn clock(&mut self, server: DateTime<Utc>, local: DateTime<Utc>) {
        let skew = (server - local).abs();
        let message =
            format!("the server's clock and this machine's differ by {}.{:03} s", skew.num_seconds(), skew.subsec_nanos().abs() / 1_000_000);
        let remedy = "synchronise both clocks (NTP): periods, snapshots and sign-offs are dated by them".to_owned();
        match skew {
            s if s > SKEW_ERROR => self.add(Severity::Error, "clock_skew", message, remedy),
            s if s > SKEW_WARNING => self.add(Severity::Warning, "clock_skew", message, remedy),
            _ => self.info("clock", message),
        }
    }

    /// Schemas of the search path that are missing or closed to the role.
    async fn schemas(&mut self, connection: &mut PgConnection, blame: Blame<'_>, to: &PostgresConnection) -> Result<(), Fault> {
        for schema in &to.search_path {
            let row = sqlx::query(
                "SELECT n.oid IS NOT NULL, COALESCE(pg_catalog.has_schema_privilege(n.oid, 'USAGE'), false) \
                 FROM (SELECT 1) AS one LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = $1",
            );
            let row = row.bind(schema).fetch_one(&mut *connection).await.map_err(|e| blame.driver(&e))?;
            let get = |at: usize| row.try_get::<bool, _>(at).map_err(|e| blame.driver(&e));
            let name = shown(schema, 60);
            // `public` is there unless said otherwise, so nobody may have asked for it.
            let severity = if schema == "public" { Severity::Info } else { Severity::Warning };
            if !get(0)? {
                let remedy = "correct search_path in dualrun.toml, unless every query names its schemas".to_owned();
                self.add(severity, "no_such_schema", format!("search_path names the schema {name}, which does not exist"), remedy);
            } else if !get(1)? {
                let remedy = format!("GRANT USAGE ON SCHEMA \"{name}\" TO the role, unless no query reads from it");
                self.add(severity, "schema_closed", format!("the role may not use the schema {name}"), remedy);
            }
        }
        Ok(())
    }

    /// Whether what reading shall pause for can be seen, and how it is now.
    async fn load(&mut self, connection: &mut PgConnection, blame: Blame<'_>, to: &PostgresConnection) -> Result<(), Fault> {
        for (severity, code, message, remedy) in mercy::look(connection, blame).await?.findings(&to.mercy) {
            self.add(severity, code, message, remedy.to_owned());
        }
        Ok(())
    }

    /// Tries a write where it must fail, and rolls back whatever happens.
    async fn write_refused(&mut self, connection: &mut PgConnection, blame: Blame<'_>) -> Result<(), Fault> {
        let begin = sqlx::query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
        begin.execute(&mut *connection).await.map_err(|e| blame.driver(&e))?;
        let first = sqlx::query("SELECT pg_catalog.current_setting('transaction_read_only')").fetch_one(&mut *connection).await;
        first.map_err(|e| blame.driver(&e))?;
        let tried = sqlx::query("CREATE TEMPORARY TABLE dualrun_write_probe (i int)").execute(&mut *connection).await;
        let rolled_back = sqlx::query("ROLLBACK").execute(&mut *connection).await;
        match tried {
            Err(error) if sqlstate(&error).as_deref() == Some("25006") => {
                self.info("write_refused", "a write was tried in the read-only transaction and refused by the server (25006)".to_owned());
            }
            Err(error) => return Err(blame.driver(&error)),
            Ok(_) => {
                let remedy = "do not use this connection: something between here and the server drops READ ONLY".to_owned();
                self.add(
                    Severity::Error,
                    "write_not_refused",
                    "a write in the read-only transaction was not refused; it was rolled back".to_owned(),
                    remedy,
                );
            }
        }
        rolled_back.map(|_| ()).map_err(|e| blame.driver(&e))
    }

    fn info(&mut self, code: &str, message: String) {
        self.add(Severity::Info, code, message, String::new());
    }

    fn fault(&mut self, fault: &Fault) {
        self.add(Severity::Error, fault.kind.word(), fault.what.clone(), fault.remedy.clone());
    }

    fn add(&mut self, severity: Severity, code: &str, message: String, remedy: String) {
        self.findings.push(DoctorFinding { severity, side: Some(self.side), code: code.to_owned(), message, remedy });
    }
}

/// Version, user, TLS version and cipher, clock, standby.
const REACHED: &str = "\
SELECT pg_catalog.current_setting('server_version'), session_user::text, \
       COALESCE((SELECT version || ' ' || cipher FROM pg_catalog.pg_stat_ssl WHERE pid = pg_catalog.pg_backend_pid() AND ssl), ''), \
       (extract(epoch FROM pg_catalog.clock_timestamp()) * 1000000)::bigint, pg_catalog.pg_is_in_recovery()";

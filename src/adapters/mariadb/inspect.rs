//! The doctor's look at a MariaDB or MySQL side: how far we get, what the account may do, and the proof that a write is refused.

use super::ask;
use super::connect::{connect, place, transport};
use super::fault::Blame;
use super::literal::quote;
use super::mercy;
use super::product::Product;
use super::reads::{SNAPSHOT_ENGINES, SYSTEM};
use super::session::{OPENING, slow};
use super::snapshot::{self, READ_ONLY, Tried};
use super::{role, settings};
use crate::domain::side::Side;
use crate::domain::text::shown;
use crate::ports::clock::Clock;
use crate::ports::connection::MariaDbConnection;
use crate::ports::database::{DoctorFinding, Fault, Limits, Severity};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use sqlx::mysql::MySqlConnection;
use sqlx::{AssertSqlSafe, Connection as _};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Beyond this the clocks are worth a look …
const SKEW_WARNING: TimeDelta = TimeDelta::seconds(2);
/// … and beyond this sign-offs cannot be trusted.
const SKEW_ERROR: TimeDelta = TimeDelta::seconds(60);
/// Names shown of a list.
const NAMES: usize = 5;

/// Collects findings; ends early only when there is nothing left to look at.
pub async fn inspect(side: Side, to: &MariaDbConnection, limits: &Limits, cancel: &CancellationToken, clock: &Arc<dyn Clock>) -> Vec<DoctorFinding> {
    let mut doctor = Doctor { side, findings: Vec::new() };
    let ended = tokio::select! {
        biased;
        ended = doctor.examine(to, limits, clock) => ended,
        () = cancel.cancelled() => Err(super::stream::cancelled(Blame::side(side))),
        () = tokio::time::sleep(OPENING) => Err(slow(Blame::side(side))),
    };
    if let Err(fault) = ended {
        doctor.add(Severity::Error, fault.kind.word(), fault.what, fault.remedy);
    }
    doctor.findings
}

struct Doctor {
    side: Side,
    findings: Vec<DoctorFinding>,
}

impl Doctor {
    async fn examine(&mut self, to: &MariaDbConnection, limits: &Limits, clock: &Arc<dyn Clock>) -> Result<(), Fault> {
        let blame = Blame::side(self.side);
        let mut connection = connect(self.side, to).await?;
        let product = Product::of(&mut connection, blame).await?;
        self.reached(&mut connection, blame, to, &product, clock).await?;
        let pinned = settings::pin(&mut connection, blame, limits, &to.mercy).await?;
        self.info("settings_pinned", format!("{} session settings pinned and read back", pinned.len()));
        for finding in role::inspect(&mut connection, blame, &product).await? {
            self.add(finding.severity, finding.code, finding.message, finding.remedy);
        }
        if to.mercy.watches() {
            self.load(&mut connection, blame, &product, to).await?;
        }
        self.sql_mode(&mut connection, blame).await?;
        self.engines(&mut connection, blame, &to.database).await?;
        self.write_refused(&mut connection, blame).await?;
        let _ = connection.close().await;
        Ok(())
    }

    /// Server, transport, clock, replica.
    async fn reached(
        &mut self,
        connection: &mut MySqlConnection,
        blame: Blame<'_>,
        to: &MariaDbConnection,
        product: &Product,
        clock: &Arc<dyn Clock>,
    ) -> Result<(), Fault> {
        let before = clock.now();
        let row = ask::row(connection, "SELECT CURRENT_USER(), UTC_TIMESTAMP(6), @@global.read_only").await.map_err(|e| blame.driver(&e))?;
        let local = before + (clock.now() - before) / 2;
        self.info("connected", format!("{} as {}: {}, {}", place(to), shown(row.text(0), 80), product.name(), transport(to)));
        self.transport(connection, blame, to).await?;
        if let Ok(server) = NaiveDateTime::parse_from_str(row.text(1), "%Y-%m-%d %H:%M:%S%.f") {
            self.clock(server.and_utc(), local);
        }
        if !matches!(row.text(2), "" | "0" | "OFF") {
            self.info("read_only_server", "the server takes no writes: a replica, whose data may lag behind its source".to_owned());
        }
        Ok(())
    }

    async fn transport(&mut self, connection: &mut MySqlConnection, blame: Blame<'_>, to: &MariaDbConnection) -> Result<(), Fault> {
        let status = ask::rows(connection, "SHOW SESSION STATUS WHERE Variable_name IN ('Ssl_version', 'Ssl_cipher')").await;
        let status = status.map_err(|e| blame.driver(&e))?;
        let of = |name: &str| status.iter().find(|r| r.text(0).eq_ignore_ascii_case(name)).map_or("", |r| r.text(1));
        let tls = shown(format!("{} {}", of("Ssl_version"), of("Ssl_cipher")).trim(), 60);
        match transport(to) {
            verified @ "TLS verify-full" if !tls.is_empty() => self.info("tls", format!("{verified}, {tls}")),
            "TLS verify-full" => self.add(
                Severity::Warning,
                "tls_ends_early",
                "the server sees a connection without TLS: a proxy in between ends it".to_owned(),
                "let TLS end at the database server itself".to_owned(),
            ),
            local => self.info("transport", format!("{local}: the data does not leave this machine")),
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

    /// Whether what reading shall pause for can be seen, and how it is now.
    async fn load(&mut self, connection: &mut MySqlConnection, blame: Blame<'_>, product: &Product, to: &MariaDbConnection) -> Result<(), Fault> {
        for (severity, code, message, remedy) in mercy::look(connection, blame, product, &to.mercy, None).await?.findings(&to.mercy) {
            self.add(severity, code, message, remedy.to_owned());
        }
        Ok(())
    }

    /// How the server's other clients write: without strict mode an amount that does not fit is cut, a date that is none becomes nought.
    async fn sql_mode(&mut self, connection: &mut MySqlConnection, blame: Blame<'_>) -> Result<(), Fault> {
        let row = ask::row(connection, "SELECT @@global.sql_mode").await.map_err(|e| blame.driver(&e))?;
        if row.text(0).contains("STRICT_") {
            self.info("sql_mode", "the server refuses values that do not fit (strict sql_mode)".to_owned());
        } else {
            let message = "the server's sql_mode is not strict: what applications write may have been cut to fit (999.99 for 99999.999), dates may be 0000-00-00";
            let remedy = "SET GLOBAL sql_mode = 'STRICT_TRANS_TABLES,…' at the server; what is stored already stays as it is: look at rows at the limit of their type";
            self.add(Severity::Warning, "sql_mode_not_strict", message.to_owned(), remedy.to_owned());
        }
        Ok(())
    }

    /// Tables a snapshot does not hold. A query that reads one is refused; this says so before.
    async fn engines(&mut self, connection: &mut MySqlConnection, blame: Blame<'_>, database: &str) -> Result<(), Fault> {
        let sql = format!(
            "SELECT table_name, engine FROM information_schema.tables WHERE table_schema = {} AND table_type = 'BASE TABLE' \
             AND table_schema NOT IN ({SYSTEM}) AND engine NOT IN ({SNAPSHOT_ENGINES}) ORDER BY 1",
            quote(database)
        );
        let found = ask::rows(connection, AssertSqlSafe(sql)).await.map_err(|e| blame.driver(&e))?;
        let Some(first) = found.first() else { return Ok(()) };
        let named: Vec<String> = found.iter().take(NAMES).map(|r| shown(&format!("{} ({})", r.text(0), r.text(1)), 80)).collect();
        let more = found.len().saturating_sub(NAMES);
        let listed = named.join(", ") + &if more == 0 { String::new() } else { format!(" and {more} more") };
        let message = format!("tables that no snapshot holds; a query that reads one is refused: {listed}");
        let remedy = format!("ALTER TABLE {} ENGINE = InnoDB, for each that is read", shown(first.text(0), 60));
        self.add(Severity::Warning, "tables_outside_snapshot", message, remedy);
        Ok(())
    }

    /// Tries a write where it must fail, and rolls back whatever happens.
    async fn write_refused(&mut self, connection: &mut MySqlConnection, blame: Blame<'_>) -> Result<(), Fault> {
        snapshot::begin(connection, blame).await?;
        let tried = snapshot::try_write(connection, blame).await;
        let rolled_back = ask::run(connection, "ROLLBACK").await;
        match tried? {
            Tried::Refused(READ_ONLY) => {
                self.info("write_refused", format!("a write was tried in the read-only transaction and refused by the server ({READ_ONLY})"));
            }
            Tried::Refused(code) => self.info("write_refused", format!("a write was tried and refused for want of a right ({code})")),
            Tried::Done => {
                let remedy = "do not use this connection: something between here and the server drops READ ONLY".to_owned();
                let message = "a write in the read-only transaction was not refused; it was a temporary table and ended with this session".to_owned();
                self.add(Severity::Error, "write_not_refused", message, remedy);
            }
        }
        rolled_back.map_err(|e| blame.driver(&e))
    }

    fn info(&mut self, code: &str, message: String) {
        self.add(Severity::Info, code, message, String::new());
    }

    fn add(&mut self, severity: Severity, code: &str, message: String, remedy: String) {
        self.findings.push(DoctorFinding { severity, side: Some(self.side), code: code.to_owned(), message, remedy });
    }
}

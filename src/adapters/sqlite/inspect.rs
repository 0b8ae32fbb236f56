//! What `doctor` says about a file: how it is kept, and the proof that a write is refused.

use super::Sqlite;
use super::fault::COPY_REMEDY;
use super::file;
use super::session::SqliteSession;
use crate::domain::text::shown;
use crate::ports::database::{DoctorFinding, Fault, FaultKind, Limits, Session as _, Severity};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Longest the check of the file's pages may take; a large file is checked as far as that goes.
const CHECK_WITHIN: Duration = Duration::from_secs(5);
/// A write-ahead log of this size says that nobody has checkpointed for long.
const LARGE_WAL: u64 = 64 << 20;
/// Writes that must be refused; each is undone by the ROLLBACK even if it were not.
const WRITES: [(&str, &str); 2] =
    [("CREATE TEMP TABLE", "CREATE TEMP TABLE dualrun_write_probe (i)"), ("CREATE TABLE", "CREATE TABLE main.dualrun_write_probe (i)")];

/// Findings, good ones too; a fault is a finding.
pub(super) async fn inspect(database: &Sqlite, limits: &Limits, cancel: &CancellationToken) -> Vec<DoctorFinding> {
    let mut report = Report { database, findings: Vec::new() };
    let limits = Limits { statement_timeout: limits.statement_timeout.min(CHECK_WITHIN), ..limits.clone() };
    match SqliteSession::open(database, &limits, cancel).await {
        Err(fault) => report.fault(&fault),
        Ok(mut session) => {
            report.connected(&session);
            report.journal(&session);
            report.writes(&mut session).await;
            report.pages(&mut session).await;
            if let Err(fault) = Box::new(session).close().await {
                report.fault(&fault);
            }
        }
    }
    report.findings
}

struct Report<'a> {
    database: &'a Sqlite,
    findings: Vec<DoctorFinding>,
}

impl Report<'_> {
    fn add(&mut self, severity: Severity, code: &str, message: String, remedy: &str) {
        let side = Some(self.database.side);
        self.findings.push(DoctorFinding { severity, side, code: code.to_owned(), message, remedy: remedy.to_owned() });
    }

    fn fault(&mut self, fault: &Fault) {
        let code = serde_json::to_value(fault.kind).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
        self.add(Severity::Error, &code, fault.what.clone(), &fault.remedy);
    }

    fn connected(&mut self, session: &SqliteSession) {
        let info = session.info();
        let message = format!("{}, {}, journal mode {}; {}", info.place, info.server, shown(&session.journal_mode, 20), info.snapshot);
        self.add(Severity::Info, "connected", message, "");
        if session.place.writable {
            let message = "this user may write the file; the session cannot".to_owned();
            self.add(
                Severity::Info,
                "file_writable_by_user",
                message,
                "for more distance, run as a user who may only read it, or name a copy in `path`",
            );
        }
    }

    fn journal(&mut self, session: &SqliteSession) {
        if session.journal_mode != "wal" {
            let message = format!("journal mode {}: writers of the file wait for as long as a run reads it", shown(&session.journal_mode, 20));
            self.add(Severity::Warning, "readers_block_writers", message, COPY_REMEDY);
            return;
        }
        if file::index_of_another_owner(&session.place.path) {
            let message = "its -shm belongs to another user than the file: the application may be unable to write".to_owned();
            self.add(
                Severity::Warning,
                "wal_index_of_another_owner",
                message,
                "run as the file's owner, or name a copy in `path`; delete -shm and -wal only when nobody has the file open and the -wal is empty",
            );
        }
        match file::beside(&session.place.path, "-wal") {
            Some(bytes) if bytes > LARGE_WAL => {
                let message =
                    format!("its -wal has {bytes} bytes: it has not been checkpointed for long, and a run that reads holds that up further");
                self.add(Severity::Warning, "wal_large", message, "let the application checkpoint (`pragma wal_checkpoint`) before a run");
            }
            _ => self.add(Severity::Info, "wal", "WAL: writers go on while a run reads, and the run does not see them".to_owned(), ""),
        }
    }

    async fn writes(&mut self, session: &mut SqliteSession) {
        for (name, sql) in WRITES {
            match session.probe(sql).await {
                Err(fault) if fault.kind == FaultKind::Refused => {}
                Err(fault) => return self.fault(&fault),
                Ok(_) => return self.add(Severity::Error, "not_read_only", format!("{name} was not refused"), COPY_REMEDY),
            }
        }
        let tried = WRITES.map(|(name, _)| name).join(" and ");
        self.add(Severity::Info, "write_refused", format!("SQLite refused {tried}"), "");
    }

    async fn pages(&mut self, session: &mut SqliteSession) {
        match session.probe("PRAGMA quick_check(1)").await {
            Ok(Some(answer)) if answer == "ok" => self.add(Severity::Info, "pages_sound", "quick_check found every page sound".to_owned(), ""),
            Ok(answer) => {
                let message = format!("quick_check: {}", shown(&answer.unwrap_or_default(), 200));
                self.add(
                    Severity::Error,
                    "damaged",
                    message,
                    "restore the file from a backup; `sqlite3 file 'pragma integrity_check'` lists the damage",
                );
            }
            Err(fault) if fault.kind == FaultKind::Timeout => {
                let message = format!("the pages were not checked to the end: {}", fault.what);
                self.add(Severity::Info, "pages_not_checked", message, "`sqlite3 file 'pragma quick_check'` checks them all");
            }
            Err(fault) => self.fault(&fault),
        }
    }
}

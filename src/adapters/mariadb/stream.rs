//! Streams a judged query as a prepared statement, and says how it ended.

use super::ask;
use super::fault::{Blame, number};
use super::judge::Judged;
use super::value::{Print, push};
use super::warnings;
use crate::adapters::mercy::Watch;
use crate::domain::decode::Batch;
use crate::ports::database::{Fault, FaultKind, Limits, RowSink};
use futures::{FutureExt as _, StreamExt as _};
use sqlx::mysql::{MySqlConnection, MySqlRow};
use sqlx::{AssertSqlSafe, Column as _, Row as _, TypeInfo as _};
use std::fmt::Write as _;
use std::panic::AssertUnwindSafe;
use tokio_util::sync::CancellationToken;

/// A batch goes to the sink at this many bytes …
const BATCH_BYTES: usize = 64 << 10;
/// … or rows.
const BATCH_ROWS: usize = 1000;

/// Why a stream gave no result.
#[derive(Debug)]
pub enum Ended {
    /// The server ended it; the transaction goes on.
    Failed(Fault),
    /// The connection cannot be used any more.
    Broken(Fault),
    /// We end it, and the server still works on it.
    Stop(Fault),
}

/// What a stream needs beside its connection.
pub struct Rows<'a> {
    /// Who is to blame.
    pub blame: Blame<'a>,
    /// The query.
    pub judged: &'a Judged,
    /// Bounds.
    pub limits: &'a Limits,
    /// Says when to read on, where the side wants to be spared.
    pub watch: &'a Watch,
    /// Checked with every batch, beside the caller's own watch.
    pub cancel: &'a CancellationToken,
}

impl Rows<'_> {
    /// Runs it. Rows handed to the sink count only when this returns well.
    pub async fn run(&self, connection: &mut MySqlConnection, sink: &mut dyn RowSink) -> Result<u64, Ended> {
        warnings::clear(connection, self.blame).await.map_err(Ended::Broken)?;
        let rows = self.pump(connection, sink).await?;
        warnings::check(connection, self.blame).await.map_err(|fault| match fault.kind {
            FaultKind::ConnectionLost => Ended::Broken(fault),
            _ => Ended::Failed(fault),
        })?;
        Ok(rows)
    }

    async fn pump(&self, connection: &mut MySqlConnection, sink: &mut dyn RowSink) -> Result<u64, Ended> {
        self.watch.hold(sink).await;
        let query = sqlx::query(AssertSqlSafe(self.judged.sql.as_str())).persistent(false);
        let mut stream = query.fetch(connection);
        let mut batch = Batch::new(self.judged.columns.len());
        let mut prints: Option<Vec<Print>> = None;
        let mut rows = 0u64;
        // Should the driver's reader panic on what is no row, the stream is over and the connection with it.
        while let Some(row) = AssertUnwindSafe(stream.next()).catch_unwind().await.map_err(|_| self.unreadable(rows))? {
            let row = row.map_err(|e| self.mid_stream(&e, rows))?;
            let prints = match &prints {
                Some(prints) => prints,
                None => prints.insert(self.prints(&row)?),
            };
            for (at, print) in prints.iter().enumerate() {
                push(&mut batch, *print, ask::field(&row, at), self.limits.max_field_bytes).map_err(|_| self.unreadable(rows))?;
            }
            rows += 1;
            if rows > self.limits.max_rows {
                return Err(Ended::Stop(self.row_limit()));
            }
            if batch.byte_len() >= BATCH_BYTES || batch.len() >= BATCH_ROWS {
                sink.rows(&batch).map_err(Ended::Stop)?;
                batch.clear();
                if self.cancel.is_cancelled() {
                    return Err(Ended::Stop(cancelled(self.blame)));
                }
                // Rows that always wait keep the runtime from its timers and signals: a cancel, the clock, the other side.
                tokio::task::yield_now().await;
                // With rows that are not taken, the server waits too.
                self.watch.hold(sink).await;
            }
        }
        if !batch.is_empty() {
            sink.rows(&batch).map_err(Ended::Failed)?;
        }
        Ok(rows)
    }

    /// How each column is printed; the first row must have the columns that were judged.
    fn prints(&self, row: &MySqlRow) -> Result<Vec<Print>, Ended> {
        let told = row.columns().iter().map(|c| c.type_info().name());
        let judged = self.judged.columns.iter().map(|c| c.type_name.as_str());
        if row.len() != self.judged.columns.len() || !told.zip(judged).all(|(now, then)| now.eq_ignore_ascii_case(then)) {
            let what = "its columns are of other types than when it was judged: a table was altered";
            return Err(Ended::Stop(self.blame.fault(FaultKind::Damaged, what, "run it again when nobody alters that table")));
        }
        Ok(row.columns().iter().map(|c| Print::of(c.type_info())).collect())
    }

    /// An error after the first bytes: the rows before it do not count, and the message says so.
    fn mid_stream(&self, error: &sqlx::Error, rows: u64) -> Ended {
        let mut fault = self.blame.driver(error);
        if rows > 0 {
            let _ = write!(fault.what, " after {rows} rows, which do not count");
        }
        match number(error) {
            Some(_) if fault.kind != FaultKind::ConnectionLost => Ended::Failed(fault),
            _ => Ended::Broken(fault),
        }
    }

    fn unreadable(&self, rows: u64) -> Ended {
        Ended::Broken(self.blame.lost(&format!("row {} cannot be read; the rows before it do not count", rows.saturating_add(1))))
    }

    fn row_limit(&self) -> Fault {
        let what = format!("it delivers more than {} rows; none of them count", self.limits.max_rows);
        self.blame.fault(FaultKind::Limit, what, "narrow the query, or raise max_rows")
    }
}

/// The operator stopped it.
pub fn cancelled(blame: Blame<'_>) -> Fault {
    blame.fault(FaultKind::Cancelled, "cancelled by the operator", "")
}

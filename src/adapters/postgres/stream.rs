//! Streams a judged query by COPY, and really stops the server when it has to.

use super::copy::{CopyError, CopyParser};
use super::fault::Blame;
use super::form;
use super::judge::Judged;
use super::savepoint;
use crate::adapters::mercy::Watch;
use crate::domain::decode::Batch;
use crate::ports::database::{Fault, FaultKind, Limits, RowSink};
use futures::StreamExt as _;
use sqlx::Executor as _;
use sqlx::postgres::PgConnection;
use std::fmt::Write as _;
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
pub struct Copy<'a> {
    /// Who is to blame.
    pub blame: Blame<'a>,
    /// The query.
    pub judged: &'a Judged,
    /// Columns that are not sent, and what they are in every row.
    pub constants: &'a [Option<String>],
    /// Bounds.
    pub limits: &'a Limits,
    /// Stands at the head of a value that the server held back for its length; nobody outside can guess it.
    pub mark: &'a str,
    /// Says when to read on, where the side wants to be spared.
    pub watch: &'a Watch,
    /// Checked with every batch, beside the caller's own watch.
    pub cancel: &'a CancellationToken,
}

impl Copy<'_> {
    /// Runs it inside the session's savepoint, which is left as it is. Rows handed to the sink count only when this returns well.
    pub async fn run(&self, connection: &mut PgConnection, sink: &mut dyn RowSink) -> Result<u64, Ended> {
        match self.pump(connection, sink).await {
            Err(Ended::Failed(fault)) => match connection.execute(savepoint::BACK).await {
                Ok(_) => Err(Ended::Failed(fault)),
                Err(_) => Err(Ended::Broken(fault)),
            },
            other => other,
        }
    }

    async fn pump(&self, connection: &mut PgConnection, sink: &mut dyn RowSink) -> Result<u64, Ended> {
        self.watch.hold(sink).await;
        let statement = statement(self.judged, self.constants, self.limits.max_field_bytes, self.mark);
        // After an error here the driver leaves one message of the server unread: the connection is not used again.
        let mut chunks = connection.copy_out_raw(&statement).await.map_err(|e| Ended::Broken(self.blame.driver(&e)))?;
        let mut parser = CopyParser::new(&self.judged.printed(), self.constants, self.limits.max_field_bytes, self.mark);
        let mut batch = Batch::new(self.judged.columns.len());
        let mut rows = 0u64;
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|e| self.mid_stream(&e, rows))?;
            rows += parser.push(&chunk, &mut batch).map_err(|e| Ended::Stop(self.unreadable(e, rows)))?;
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
                // With a COPY that is not read, the server waits too.
                self.watch.hold(sink).await;
            }
        }
        parser.finish().map_err(|e| Ended::Broken(self.unreadable(e, rows)))?;
        if !batch.is_empty() {
            sink.rows(&batch).map_err(Ended::Failed)?;
        }
        Ok(rows)
    }

    /// An error after the first bytes: the rows before it do not count, and the message says so.
    fn mid_stream(&self, error: &sqlx::Error, rows: u64) -> Ended {
        let mut fault = self.blame.driver(error);
        if rows > 0 {
            let _ = write!(fault.what, " after {rows} rows, which do not count");
        }
        match error {
            sqlx::Error::Database(_) if fault.kind != FaultKind::ConnectionLost => Ended::Failed(fault),
            _ => Ended::Broken(fault),
        }
    }

    fn unreadable(&self, error: CopyError, rows: u64) -> Fault {
        match error {
            CopyError::RowTooLong(_) => {
                self.blame.fault(FaultKind::Limit, format!("{error} (row {})", rows + 1), "leave the long column out of the query")
            }
            CopyError::CutRow => self.blame.lost(&format!("{error} after {rows} rows, which do not count")),
            CopyError::Width { .. } | CopyError::Misshapen(_) => self.blame.fault(
                FaultKind::Failed,
                format!("{error} (row {})", rows + 1),
                "report this: the server's COPY format is not as documented",
            ),
        }
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

/// The COPY of a judged query, each column in its form but those that are the same in every row. Brackets and line breaks keep the query's
/// own text apart.
fn statement(judged: &Judged, constants: &[Option<String>], limit: usize, mark: &str) -> String {
    let sql = &judged.sql;
    let names: Vec<String> = (0..judged.types.len()).map(|i| format!("c{i}")).collect();
    let columns = names.iter().zip(judged.sent.iter().zip(&judged.types)).zip(constants);
    let sent = columns.filter(|(_, constant)| constant.is_none());
    let sent: Vec<String> = sent.map(|((name, (sent, info)), _)| form::expression(name, *sent, info, limit, mark)).collect();
    if sent == names {
        return format!("COPY (\n{sql}\n) TO STDOUT (FORMAT binary)");
    }
    format!("COPY (SELECT {} FROM (\n{sql}\n) AS q({})) TO STDOUT (FORMAT binary)", sent.join(", "), names.join(", "))
}

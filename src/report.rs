//! Results to bytes: a run and its rows as text, CSV, JSON and JSON lines. Pure: rows come some at a time, bytes go to a
//! writer, so a report of ten million rows needs the memory of few.

pub mod csv;
pub mod dossier;
pub mod evidence;
pub mod explanation;
pub mod fixes;
pub mod flip;
pub mod glass;
pub mod import_plan;
pub mod json;
pub mod json_text;
pub mod layout;
pub mod review;
pub mod run_object;
pub mod since;
pub mod summary;
pub mod text;

use crate::domain::decode::RowError;
use crate::domain::finding::Finding;
use crate::domain::gate::Glass;
use crate::domain::run::Run;
use crate::domain::together::Together;
use crate::domain::told::{ReviewFacts, Told};
use crate::ports::workspace::{JournalHead, RowLine};

/// What a report is about beside its rows.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The run.
    pub run: &'a Run,
    /// Its findings, blocking first.
    pub findings: &'a [Finding],
    /// Rows that could not be read.
    pub rejected: &'a [RowError],
    /// Head of the journal when the report was made: each report is a witness of it.
    pub journal: &'a JournalHead,
    /// What people decided; `None` where nobody ever decided anything.
    pub review: Option<&'a ReviewFacts>,
    /// What its explanations come to together; `None` where they were not made.
    pub together: Option<&'a Together>,
    /// Every breaking of the glass that ever counted.
    pub glass: &'a [Glass],
    /// The filter the rows passed, as typed; `None` is all rows.
    pub filter: Option<&'a str>,
}

/// Text gathered before it is written.
const GATHERED: usize = 1 << 16;

/// Writes the text gathered, once there is that much of it.
fn write_some(out: &mut impl std::io::Write, text: &mut String, enough: usize) -> std::io::Result<()> {
    if text.len() >= enough {
        out.write_all(text.as_bytes())?;
        text.clear();
    }
    Ok(())
}

/// Writes one report: `begin`, any number of pages, `end`. An error leaves whatever was written; the caller throws it away.
pub trait ReportWriter {
    /// What stands before the rows.
    fn begin(&mut self) -> std::io::Result<()>;
    /// Some rows, in order.
    fn rows(&mut self, rows: &[RowLine]) -> std::io::Result<()>;
    /// What stands after the rows; flushes.
    fn end(&mut self) -> std::io::Result<()>;
}

impl<'a> Facts<'a> {
    /// Of a run with what belongs to it, all its rows.
    pub fn of(told: &'a Told) -> Self {
        Self {
            run: &told.run,
            findings: &told.findings,
            rejected: &told.rejected,
            journal: &told.journal,
            review: told.review.as_ref(),
            together: told.together.as_ref(),
            glass: &told.glass,
            filter: None,
        }
    }
}

impl Facts<'_> {
    /// What every row of a machine format says, beside its run's number, about where it is from, so that a line alone cannot pass for evidence.
    pub fn provenance(&self) -> [(&'static str, String); 3] {
        [
            ("run_state", self.state_word()),
            ("run_digest", self.run.digests.run.clone()),
            ("journal_head", format!("{}:{}", self.journal.length, self.journal.hash)),
        ]
    }

    /// The run's state with everything that keeps it from counting, and broken glass: `complete`, `incomplete`,
    /// `complete dry_run partial` …
    fn state_word(&self) -> String {
        let run = self.run;
        let mut words = vec![run.state.word()];
        if run.request.dry_run {
            words.push("dry_run");
        }
        if !run.request.only.is_empty() {
            words.push("partial");
        }
        if run.snapshots.iter().any(|s| s.writable_role) {
            words.push("writable_role");
        }
        if !self.glass.is_empty() {
            words.push("broken_glass");
        }
        words.join(" ")
    }
}

//! CSV by RFC 4180: one line a row, the machine columns and then where the row is from.
//!
//! Text cells are made harmless as [`crate::domain::spreadsheet`] says: the exact text is in the JSON report.

use super::{Facts, ReportWriter};
use crate::domain::spreadsheet::{cell_text, is_decimal};
use crate::ports::workspace::RowLine;
use crate::present::columns::Column;
use std::borrow::Cow;
use std::io::Write;

/// Writes rows as CSV.
#[derive(Debug)]
pub struct CsvReport<W: Write> {
    out: csv::Writer<W>,
    run: String,
    provenance: [(&'static str, String); 3],
}

impl<W: Write> CsvReport<W> {
    /// A report into `out`.
    pub fn new(out: W, facts: &Facts<'_>) -> Self {
        let out = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
        Self { out, run: facts.run.id.to_string(), provenance: facts.provenance() }
    }
}

impl<W: Write> ReportWriter for CsvReport<W> {
    fn begin(&mut self) -> std::io::Result<()> {
        let names = Column::MACHINE.iter().map(|c| c.name()).chain(["run"]).chain(self.provenance.iter().map(|(name, _)| *name));
        self.out.write_record(names).map_err(io_error)
    }

    fn rows(&mut self, rows: &[RowLine]) -> std::io::Result<()> {
        for row in rows {
            for column in Column::MACHINE {
                let text = column.machine(row);
                let cell = if column.is_number() && is_decimal(&text) { Cow::Borrowed(text.as_str()) } else { cell_text(&text) };
                self.out.write_field(cell.as_bytes()).map_err(io_error)?;
            }
            self.out.write_field(&self.run).map_err(io_error)?;
            for (_, text) in &self.provenance {
                self.out.write_field(text.as_bytes()).map_err(io_error)?;
            }
            self.out.write_record(None::<&[u8]>).map_err(io_error)?;
        }
        Ok(())
    }

    fn end(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

fn io_error(error: csv::Error) -> std::io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => std::io::Error::other(format!("{other:?}")),
    }
}

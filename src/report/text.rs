//! The text report: the summary, then every row as a table. Column widths come from the first rows; numbers are never cut.

use super::layout::cell;
use super::{Facts, ReportWriter, summary};
use crate::ports::workspace::RowLine;
use crate::present::columns::Column;
use crate::present::fit::{GAP, fit};
use std::io::Write;
use unicode_width::UnicodeWidthStr as _;

/// Columns of a report that goes to a file.
pub const FILE_WIDTH: usize = 160;

/// Writes the text report.
#[derive(Debug)]
pub struct TextReport<'a, W: Write> {
    out: W,
    facts: Facts<'a>,
    width: usize,
    columns: Vec<(Column, usize)>,
    /// The first rows, until there are enough of them to tell how wide columns are.
    first: Vec<RowLine>,
}

/// Rows that column widths go by.
const FIRST: usize = 8_192;

impl<'a, W: Write> TextReport<'a, W> {
    /// A report into `out`, as wide as `width` columns.
    pub const fn new(out: W, facts: Facts<'a>, width: usize) -> Self {
        Self { out, facts, width, columns: Vec::new(), first: Vec::new() }
    }
}

impl<W: Write> TextReport<'_, W> {
    /// Writes the first rows, in the columns there is room for by them.
    fn lay_out(&mut self) -> std::io::Result<()> {
        let first = std::mem::take(&mut self.first);
        if first.is_empty() {
            return Ok(());
        }
        self.columns = columns(&first, self.width);
        writeln!(self.out, "{}", heading(&self.columns))?;
        self.lines(&first)
    }

    fn lines(&mut self, rows: &[RowLine]) -> std::io::Result<()> {
        rows.iter().try_for_each(|row| writeln!(self.out, "{}", line(row, &self.columns)))
    }
}

impl<W: Write> ReportWriter for TextReport<'_, W> {
    fn begin(&mut self) -> std::io::Result<()> {
        for line in summary::lines(&self.facts) {
            writeln!(self.out, "{line}")?;
        }
        writeln!(self.out)
    }

    fn rows(&mut self, rows: &[RowLine]) -> std::io::Result<()> {
        if !self.columns.is_empty() {
            return self.lines(rows);
        }
        self.first.extend_from_slice(rows);
        if self.first.len() < FIRST { Ok(()) } else { self.lay_out() }
    }

    fn end(&mut self) -> std::io::Result<()> {
        self.lay_out()?;
        self.out.flush()
    }
}

/// The columns there is room for, by the rows shown first.
pub fn columns(rows: &[RowLine], width: usize) -> Vec<(Column, usize)> {
    let widest = |column: Column| rows.iter().map(|r| column.text(r).width()).max().unwrap_or(0);
    fit(&Column::TABLE, width, widest)
}

/// The heading of those columns.
pub fn heading(columns: &[(Column, usize)]) -> String {
    let cells: Vec<String> = columns.iter().map(|(c, width)| cell(c.shape().heading, *width, c.shape().align)).collect();
    cells.join(&" ".repeat(GAP)).trim_end().to_owned()
}

/// A row in those columns.
pub fn line(row: &RowLine, columns: &[(Column, usize)]) -> String {
    let cells: Vec<String> = columns.iter().map(|(c, width)| cell(&c.text(row), *width, c.shape().align)).collect();
    cells.join(&" ".repeat(GAP)).trim_end().to_owned()
}

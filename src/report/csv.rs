//! CSV by RFC 4180: one line a row, the machine columns and then where the row is from. After the rows stands a line for each waiver, with
//! `waiver` for its subject, its state as its review and its terms as its cause: no row, and no amount in a column that adds up.
//!
//! Text cells are made harmless as [`crate::domain::spreadsheet`] says: the exact text is in the JSON report.

use super::{Facts, GATHERED, ReportWriter, write_some};
use crate::domain::spreadsheet::{cell_text, is_decimal};
use crate::ports::workspace::RowLine;
use crate::present::columns::Column;
use crate::present::machine::Fields;
use std::io::Write;

/// Writes rows as CSV.
#[derive(Debug)]
pub struct CsvReport<W: Write> {
    out: W,
    fields: Fields,
    /// The columns of a row, in their order.
    columns: Vec<Column>,
    /// Lines not yet written.
    text: String,
    /// The cells of every line that say where it is from, and its end.
    from: String,
    /// The names of those.
    names: String,
    /// State and terms of each waiver.
    waivers: Vec<(&'static str, String)>,
}

impl<W: Write> CsvReport<W> {
    /// A report into `out`.
    pub fn new(out: W, facts: &Facts<'_>) -> Self {
        Self::of(out, facts, &Column::MACHINE)
    }

    /// The same with only these columns.
    pub fn of(out: W, facts: &Facts<'_>, columns: &[Column]) -> Self {
        let (mut from, mut names) = (format!(",{}", facts.run.id), ",run".to_owned());
        for (name, text) in facts.provenance() {
            for (line, cell) in [(&mut from, text.as_str()), (&mut names, name)] {
                line.push(',');
                push_cell(line, cell);
            }
        }
        from.push_str(END);
        names.push_str(END);
        // Of a list with other columns a line of a waiver would not say what it is.
        let tells_waivers = [Column::Subject, Column::Review, Column::Cause].iter().all(|column| columns.contains(column));
        let waivers = facts.review.filter(|_| tells_waivers).map(super::review::waiver_texts).unwrap_or_default();
        Self { out, fields: Fields::default(), columns: columns.to_vec(), text: String::new(), from, names, waivers }
    }
}

/// The end of a line.
const END: &str = "\r\n";

/// Whether a text stands in a cell as it is: most do, and are looked at once.
fn is_simple(text: &str) -> bool {
    let is_odd = |b: &u8| !(b' '..=b'~').contains(b) || matches!(b, b'"' | b',');
    // Counted, not looked for: without an end in between, many bytes are looked at at once.
    text.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric) && text.as_bytes().iter().filter(|b| is_odd(b)).count() == 0
}

/// Appends a cell, in quotes where it needs them.
fn push_cell(line: &mut String, cell: &str) {
    if !cell.bytes().any(|b| matches!(b, b'"' | b',' | b'\r' | b'\n')) {
        return line.push_str(cell);
    }
    line.push('"');
    for (i, part) in cell.split('"').enumerate() {
        if i > 0 {
            line.push_str("\"\"");
        }
        line.push_str(part);
    }
    line.push('"');
}

impl<W: Write> ReportWriter for CsvReport<W> {
    fn begin(&mut self) -> std::io::Result<()> {
        let names: Vec<&str> = self.columns.iter().map(|c| c.name()).collect();
        self.text.push_str(&names.join(","));
        self.text.push_str(&self.names);
        write_some(&mut self.out, &mut self.text, 0)
    }

    fn rows(&mut self, rows: &[RowLine]) -> std::io::Result<()> {
        for row in rows {
            for (i, column) in self.columns.iter().copied().enumerate() {
                if i > 0 {
                    self.text.push(',');
                }
                let text = self.fields.of(column, row);
                if is_simple(text) || column.is_number() && is_decimal(text) {
                    self.text.push_str(text);
                } else if !text.is_empty() {
                    push_cell(&mut self.text, &cell_text(text));
                }
            }
            self.text.push_str(&self.from);
            write_some(&mut self.out, &mut self.text, GATHERED)?;
        }
        write_some(&mut self.out, &mut self.text, 0)
    }

    fn end(&mut self) -> std::io::Result<()> {
        for (state, terms) in &self.waivers {
            for (i, column) in self.columns.iter().enumerate() {
                if i > 0 {
                    self.text.push(',');
                }
                match column {
                    Column::Subject => self.text.push_str("waiver"),
                    Column::Review => self.text.push_str(state),
                    Column::Cause => push_cell(&mut self.text, &cell_text(terms)),
                    _ => {}
                }
            }
            self.text.push_str(&self.from);
        }
        write_some(&mut self.out, &mut self.text, 0)?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_simple_text_is_what_the_long_way_makes_of_it(text in "[ -~\u{e9}\u{200b}\r\n\t]{0,9}") {
            let mut cell = String::new();
            push_cell(&mut cell, &cell_text(&text));
            prop_assert!(!is_simple(&text) || cell == text);
        }

        #[test]
        fn cells_are_read_back_as_they_were(cells in proptest::collection::vec("[ -~\r\n\",;日\\t]{0,12}", 2..5)) {
            let mut line = String::new();
            for cell in &cells {
                push_cell(&mut line, cell);
                line.push(',');
            }
            line.push_str(END);
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_bytes());
            let read: Vec<String> = reader.records().next().unwrap().unwrap().iter().map(str::to_owned).collect();
            prop_assert_eq!(&read[..cells.len()], &cells[..]);
        }
    }
}

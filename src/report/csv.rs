//! CSV by RFC 4180: one line a row, the machine columns and then where the row is from.
//!
//! A spreadsheet takes a cell that begins with `=`, `+`, `-`, `@` (or their full-width forms, or a control character) for a
//! formula. Such text, and text that begins with an apostrophe, gets one apostrophe in front; take one leading apostrophe
//! off a text cell to have the original. Amounts are never touched. Characters that could drive a terminal or hide become
//! markers such as `\u{1b}` and `<U+200B>`: the exact text is in the JSON report.

use super::{Facts, ReportWriter};
use crate::domain::text::marked;
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

/// A text cell that drives neither a terminal nor a spreadsheet.
fn cell_text(text: &str) -> Cow<'_, str> {
    match marked(text) {
        Cow::Borrowed(text) => harmless(text),
        Cow::Owned(text) => Cow::Owned(harmless(&text).into_owned()),
    }
}

/// A text cell no spreadsheet takes for a formula.
pub fn harmless(text: &str) -> Cow<'_, str> {
    let dangerous = |c: char| matches!(c, '\'' | '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '\0' | '\t' | '\r' | '\n');
    let first = text.chars().find(|c| *c != ' ');
    if first.is_some_and(dangerous) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// `-20.00`, `575`, `-5/31`: digits with a sign, which no spreadsheet runs as a formula.
fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if let Some((num, den)) = digits.split_once('/') {
        let whole = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
        return whole(num) && whole(den);
    }
    digits.starts_with(|c: char| c.is_ascii_digit()) && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.') && digits.matches('.').count() <= 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn formulas_are_text_and_amounts_are_numbers() {
        for text in ["=1+1", "+33", "-x", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\0=1", "＝1", "＠x", "  =1", "'quoted"] {
            assert_eq!(harmless(text), format!("'{text}"));
        }
        for text in ["sub-1", "", "a=b", "日本"] {
            assert_eq!(harmless(text), text);
        }
        assert_eq!(cell_text("\u{1b}[2J\n=1"), "\\u{1b}[2J␊=1");
        assert_eq!(cell_text("=\u{200b}1"), "'=<U+200B>1");
        assert!(is_decimal("-20.00") && is_decimal("575"));
        assert!(
            is_decimal("-1/3")
                && !is_decimal("-1/")
                && !is_decimal("1/2/3")
                && !is_decimal("")
                && !is_decimal("-")
                && !is_decimal("1.2.3")
                && !is_decimal("=1")
        );
    }

    proptest! {
        #[test]
        fn the_apostrophe_can_be_taken_off_again(text: String) {
            let cell = harmless(&text).into_owned();
            let back = cell.strip_prefix('\'').unwrap_or(&cell);
            prop_assert_eq!(back, text);
        }
    }
}

//! JSON: the run as one object with its rows, or one row object a line. Amounts are text; an absent value is null.

use super::json_text;
use super::run_object::RunObject;
use super::{Facts, ReportWriter};
use crate::ports::workspace::RowLine;
use crate::present::columns::Column;
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use std::io::Write;

/// A row as an object: the machine columns, null where absent, then where it is from.
struct RowObject<'a> {
    row: &'a RowLine,
    from: Option<&'a From>,
}

/// Where a row is from.
#[derive(Debug)]
struct From {
    run: i64,
    words: [(&'static str, String); 3],
}

impl Serialize for RowObject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for column in Column::MACHINE {
            let text = column.machine(self.row);
            map.serialize_entry(column.name(), &(!text.is_empty()).then_some(text))?;
        }
        if let Some(from) = self.from {
            map.serialize_entry("run", &from.run)?;
            for (name, text) in &from.words {
                map.serialize_entry(name, text)?;
            }
        }
        map.end()
    }
}

/// One object: the run, and its rows as `row_list`.
#[derive(Debug)]
pub struct JsonReport<'a, W: Write> {
    out: W,
    facts: Facts<'a>,
    first: bool,
}

impl<'a, W: Write> JsonReport<'a, W> {
    /// A report into `out`.
    pub const fn new(out: W, facts: Facts<'a>) -> Self {
        Self { out, facts, first: true }
    }
}

impl<W: Write> ReportWriter for JsonReport<'_, W> {
    fn begin(&mut self) -> std::io::Result<()> {
        let object = json_text::line(&RunObject::new(&self.facts))?;
        let open = object.strip_suffix('}').unwrap_or(&object);
        let filter = json_text::line(&self.facts.filter)?;
        write!(self.out, "{open},\"filter\":{filter},\"row_list\":[")
    }

    fn rows(&mut self, rows: &[RowLine]) -> std::io::Result<()> {
        for row in rows {
            self.out.write_all(if self.first { b"\n" } else { b",\n" })?;
            self.first = false;
            json_text::write(&mut self.out, &RowObject { row, from: None })?;
        }
        Ok(())
    }

    fn end(&mut self) -> std::io::Result<()> {
        self.out.write_all(b"]}\n")?;
        self.out.flush()
    }
}

/// One row object a line, each saying which run it is from.
#[derive(Debug)]
pub struct JsonLinesReport<W: Write> {
    out: W,
    from: From,
}

impl<W: Write> JsonLinesReport<W> {
    /// A report into `out`.
    pub fn new(out: W, facts: &Facts<'_>) -> Self {
        Self { out, from: From { run: facts.run.id, words: facts.provenance() } }
    }
}

impl<W: Write> ReportWriter for JsonLinesReport<W> {
    fn begin(&mut self) -> std::io::Result<()> {
        Ok(())
    }

    fn rows(&mut self, rows: &[RowLine]) -> std::io::Result<()> {
        for row in rows {
            json_text::write(&mut self.out, &RowObject { row, from: Some(&self.from) })?;
            self.out.write_all(b"\n")?;
        }
        Ok(())
    }

    fn end(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

//! JSON: the run as one object with its rows, or one row object a line. Amounts are text; an absent value is null.

use super::json_text;
use super::run_object::RunObject;
use super::{Facts, GATHERED, ReportWriter, write_some};
use crate::ports::workspace::RowLine;
use crate::present::columns::Column;
use crate::present::machine::Fields;
use std::io::Write;

/// Writes row objects: columns, null where absent, then where the row is from.
#[derive(Debug)]
struct Objects {
    fields: Fields,
    /// The columns, each with what stands before its value: `{"period":`, `,"verdict":` …
    names: Vec<(Column, String)>,
    /// What stands after the last.
    end: String,
}

impl Objects {
    fn new(columns: &[Column], end: String) -> Self {
        let name = |(i, column): (usize, &Column)| (*column, format!("{}\"{}\":", if i == 0 { '{' } else { ',' }, column.name()));
        Self { fields: Fields::default(), names: columns.iter().enumerate().map(name).collect(), end }
    }

    fn push(&mut self, out: &mut String, row: &RowLine) -> serde_json::Result<()> {
        for (column, name) in &self.names {
            out.push_str(name);
            match self.fields.of(*column, row) {
                "" => out.push_str("null"),
                text => json_text::push(out, text)?,
            }
        }
        out.push_str(&self.end);
        Ok(())
    }
}

/// One object: the run, and its rows as `row_list`.
#[derive(Debug)]
pub struct JsonReport<'a, W: Write> {
    out: W,
    facts: Facts<'a>,
    objects: Objects,
    first: bool,
}

impl<'a, W: Write> JsonReport<'a, W> {
    /// A report into `out`.
    pub fn new(out: W, facts: Facts<'a>) -> Self {
        Self { out, facts, objects: Objects::new(&Column::MACHINE, "}".to_owned()), first: true }
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
        let mut text = String::new();
        for row in rows {
            text.push_str(if self.first { "\n" } else { ",\n" });
            self.first = false;
            self.objects.push(&mut text, row)?;
            write_some(&mut self.out, &mut text, GATHERED)?;
        }
        write_some(&mut self.out, &mut text, 0)
    }

    fn end(&mut self) -> std::io::Result<()> {
        self.out.write_all(b"]}\n")?;
        self.out.flush()
    }
}

/// One row object a line, each saying which run it is from. Where there are waivers, or the glass was broken, a first line lists them:
/// the only one that is no row, and the only one with `waivers`.
#[derive(Debug)]
pub struct JsonLinesReport<W: Write> {
    out: W,
    objects: Objects,
    run: i64,
    /// Where a row is from, beside its run.
    words: [(&'static str, String); 3],
    /// Waivers with their money, and broken glass, where there is either.
    header: Option<[serde_json::Value; 2]>,
}

impl<W: Write> JsonLinesReport<W> {
    /// A report into `out`.
    pub fn new(out: W, facts: &Facts<'_>) -> Self {
        Self::of(out, facts, &Column::MACHINE)
    }

    /// The same with only these columns.
    pub fn of(out: W, facts: &Facts<'_>, columns: &[Column]) -> Self {
        Self { out, objects: Objects::new(columns, String::new()), run: facts.run.id, words: facts.provenance(), header: header(facts) }
    }
}

/// What the first line lists: waivers and broken glass.
fn header(facts: &Facts<'_>) -> Option<[serde_json::Value; 2]> {
    let waivers = facts.review.filter(|review| !review.waivers.is_empty()).map(super::review::waivers_object);
    let glass = (!facts.glass.is_empty()).then(|| super::glass::objects(facts.glass));
    let any = waivers.is_some() || glass.is_some();
    any.then(|| [waivers.unwrap_or_else(|| serde_json::json!([])), glass.unwrap_or_default()])
}

impl<W: Write> ReportWriter for JsonLinesReport<W> {
    fn begin(&mut self) -> std::io::Result<()> {
        let mut end = format!(",\"run\":{}", self.run);
        for (name, text) in &self.words {
            end.push(',');
            json_text::push(&mut end, name)?;
            end.push(':');
            json_text::push(&mut end, text)?;
        }
        end.push_str("}\n");
        self.objects.end = end;
        match &self.header {
            None => Ok(()),
            Some([waivers, glass]) => {
                write!(self.out, "{{\"waivers\":{}", json_text::line(waivers)?)?;
                if !glass.is_null() {
                    write!(self.out, ",\"broken_glass\":{}", json_text::line(glass)?)?;
                }
                self.out.write_all(self.objects.end.as_bytes())
            }
        }
    }

    fn rows(&mut self, rows: &[RowLine]) -> std::io::Result<()> {
        let mut text = String::new();
        for row in rows {
            self.objects.push(&mut text, row)?;
            write_some(&mut self.out, &mut text, GATHERED)?;
        }
        write_some(&mut self.out, &mut text, 0)
    }

    fn end(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

//! A large book as a script for `psql`: typed tables filled by COPY, written in one pass with one batch in memory.

use super::{LargeBook, LargeTable};
use crate::demo::postgres_sql::{grant_select, push_copy_field};
use crate::demo::project_text::sql_name;
use crate::domain::decode::Batch;
use crate::domain::side::Side;
use std::io::{self, Write};

/// Writes one side's script (`psql -d DATABASE -f`). It stops at the first error and fails where a table is already there.
/// `reader` is granted SELECT when such a role exists. Give it a buffered writer.
pub fn write_sql(book: &LargeBook, side: Side, reader: &str, out: &mut impl Write) -> io::Result<()> {
    out.write_all(b"\\set ON_ERROR_STOP on\nset client_encoding = 'UTF8';\nset synchronous_commit = off;\nbegin;\n")?;
    for table in LargeTable::all(side) {
        write_table(book, table, out)?;
    }
    let names: Vec<&str> = LargeTable::all(side).iter().map(|t| t.entity.word()).collect();
    writeln!(out, "create unique index on subscriptions (id);\ncommit;\nvacuum analyze {};", names.join(", "))?;
    out.write_all(grant_select(reader).as_bytes())?;
    out.flush()
}

fn write_table(book: &LargeBook, table: LargeTable, out: &mut impl Write) -> io::Result<()> {
    let columns: Vec<String> = table.columns.iter().map(|(name, kind)| format!("{} {kind}", sql_name(name))).collect();
    writeln!(out, "create table {} ({});\ncopy {} from stdin;", table.entity, columns.join(", "), table.entity)?;
    let mut batch = Batch::new(table.columns.len());
    let mut batches = book.batches(table);
    let mut text = String::new();
    while batches.next_into(&mut batch) {
        text.clear();
        for row in 0..batch.len() {
            for column in 0..batch.width() {
                text.push_str(if column == 0 { "" } else { "\t" });
                push_copy_field(&mut text, batch.field(row, column).and_then(|b| std::str::from_utf8(b).ok()));
            }
            text.push('\n');
        }
        out.write_all(text.as_bytes())?;
    }
    out.write_all(b"\\.\n")
}

//! The text of a book's `dualrun.toml`: the profile's keys under the same names, and one plain query per table.
//!
//! The queries do not filter by period: a book is small, and documents of other periods must be seen to be left out.

use super::book::{Book, Table};
use crate::domain::contract::Entity;
use crate::domain::side::Side;
use std::fmt::Write as _;

/// Where a book loaded into PostgreSQL is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostgresPlace {
    /// Host name, address, or the directory of a Unix socket.
    pub host: String,
    /// Port.
    pub port: u16,
    /// A role that can only read.
    pub user: String,
    /// Database of the source.
    pub source_database: String,
    /// Database of the target.
    pub target_database: String,
}

impl Default for PostgresPlace {
    fn default() -> Self {
        Self {
            host: "/var/run/postgresql".to_owned(),
            port: 5432,
            user: "dualrun_ro".to_owned(),
            source_database: "dualrun_source".to_owned(),
            target_database: "dualrun_target".to_owned(),
        }
    }
}

impl PostgresPlace {
    /// The lines of a side that say how to reach it.
    pub fn lines(&self, side: Side) -> String {
        let database = match side {
            Side::Source => &self.source_database,
            Side::Target => &self.target_database,
        };
        format!(
            "kind = \"postgres\"\nhost = {}\nport = {}\ndatabase = {}\nuser = {}\n",
            toml_text(&self.host),
            self.port,
            toml_text(database),
            toml_text(&self.user)
        )
    }
}

/// `dualrun.toml` for `source.db` and `target.db` beside it.
pub fn dualrun_toml_sqlite(book: &Book) -> String {
    // What acts is a program beside the files, so that only a project of files has it.
    let section = |name: &str| book.section_text(name).map_or_else(String::new, |text| format!("\n{text}"));
    format!("{}{}{}", dualrun_toml(book, &sqlite_lines), section("import"), section("flip"))
}

/// `dualrun.toml` for two PostgreSQL databases filled by [`book_to_postgres_sql`](super::postgres_sql::book_to_postgres_sql).
pub fn dualrun_toml_postgres(book: &Book, place: &PostgresPlace) -> String {
    dualrun_toml(book, &|side| place.lines(side))
}

/// The lines of an SQLite side.
pub fn sqlite_lines(side: Side) -> String {
    format!("kind = \"sqlite\"\npath = \"{side}.db\"\n")
}

fn dualrun_toml(book: &Book, reach: &dyn Fn(Side) -> String) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "# book period: {}", book.period().escape_debug());
    out.push_str("\n[service]\n");
    push_keys(&mut out, book, "service", &["period"]);
    for side in Side::BOTH {
        let _ = write!(out, "\n[{side}]\n{}", reach(side));
        push_keys(&mut out, book, side.word(), &[]);
        let _ = writeln!(out, "\n[{side}.queries]");
        for table in book.tables(side) {
            let _ = writeln!(out, "{} = {}", table.entity, toml_text(&select(table)));
        }
    }
    for section in ["inertness", "operators"].into_iter().filter_map(|section| book.section_text(section)) {
        let _ = write!(out, "\n{section}");
    }
    out
}

fn push_keys(out: &mut String, book: &Book, section: &str, without: &[&str]) {
    for (key, value) in book.profile_section(section) {
        if !without.contains(&key.as_str()) {
            let _ = writeln!(out, "{key} = {value}");
        }
    }
}

/// `select a, b from entity`, with all the columns the table has.
fn select(table: &Table) -> String {
    let columns: Vec<String> = table.columns.iter().map(|c| sql_name(c)).collect();
    format!("select {} from {}", columns.join(", "), table.entity)
}

/// A name as both SQLite and PostgreSQL read it: quoted unless it is one of the contract's and no word of theirs. Whoever wrote a book may
/// have named a column of his own by any word.
pub fn sql_name(name: &str) -> String {
    const WORDS: [&str; 4] = ["from", "to", "interval", "position"];
    let is_known = Entity::ALL.iter().any(|e| e.word() == name || e.columns().iter().any(|c| c.name == name));
    if is_known && !WORDS.contains(&name) { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// A string as TOML writes it.
pub fn toml_text(text: &str) -> String {
    toml_edit::Value::from(text).to_string()
}

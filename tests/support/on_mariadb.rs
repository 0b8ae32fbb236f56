//! Books in MariaDB: two databases of the throwaway server, typed columns, an account that may only read.

use crate::memory::{Kept, Memory, Noon};
use crate::project::{assemble, whole};
use crate::server::Server;
use dualrun::adapters::mariadb::MariaDb;
use dualrun::app::progress::Silent;
use dualrun::app::project::Project;
use dualrun::app::reconcile::reconcile;
use dualrun::config::load;
use dualrun::demo::Book;
use dualrun::demo::project_text::{PostgresPlace, dualrun_toml_postgres};
use dualrun::domain::contract::ColumnKind;
use dualrun::domain::side::Side;
use dualrun::ports::connection::Connection;
use dualrun::ports::database::Database;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// The account books are read with.
pub const READER: &str = "book_reader";

/// Fills two new databases `NAME_source` and `NAME_target` of the server and writes the project's `dualrun.toml` to a folder.
pub fn load_book(server: &Server, book: &Book, name: &str, dir: &Path) {
    for side in Side::BOTH {
        let database = format!("{name}_{side}");
        server.sql("", &format!("create database {database}; create user if not exists {READER}@'%'; grant select on {database}.* to {READER}@'%'"));
        server.sql(&database, &book_to_mariadb_sql(book, side));
    }
    let place = PostgresPlace {
        host: server.socket(),
        port: server.port(),
        user: READER.to_owned(),
        source_database: format!("{name}_source"),
        target_database: format!("{name}_target"),
    };
    let text = dualrun_toml_postgres(book, &place).replace("kind = \"postgres\"", "kind = \"mariadb\"");
    std::fs::write(dir.join("dualrun.toml"), with_usage_quoted(&text)).expect("a file");
}

/// The queries with the one table's name quoted that is a word of this server's grammar. Every kind reads it so.
pub fn with_usage_quoted(toml: &str) -> String {
    toml.replace("from usage\"", "from \\\"usage\\\"\"")
}

/// The project of a folder with two MariaDB sides, its rows kept in memory.
pub fn project_in(dir: &Path, memory: &Memory) -> Project {
    let settings = load(dir).unwrap_or_else(|e| panic!("{e}"));
    let database = |side: Side| -> Arc<dyn Database> {
        match settings.side(side).connection(&|_| None).unwrap_or_else(|e| panic!("{e}")) {
            Connection::MariaDb(server) => Arc::new(MariaDb::new(side, server, Arc::new(Noon))),
            other => panic!("not for this test: {:?}", other.kind()),
        }
    };
    assemble(&settings, dir, [database(Side::Source), database(Side::Target)], Arc::new(memory.clone()))
}

/// Reconciles one month of the project in a folder.
pub async fn run_in(dir: &Path, month: &str) -> Kept {
    let memory = Memory::default();
    let project = project_in(dir, &memory);
    reconcile(&project, &whole(&[month]), Arc::new(Silent), CancellationToken::new()).await.unwrap_or_else(|e| panic!("{e}"));
    memory.kept().pop().expect("a run")
}

/// The script that creates and fills one side's tables.
fn book_to_mariadb_sql(book: &Book, side: Side) -> String {
    let mut out = String::from("set sql_mode = 'STRICT_ALL_TABLES', time_zone = '+00:00';\n");
    for table in book.tables(side) {
        let column = |at: usize| table.rows.iter().filter_map(move |r| r.get(at)?.as_deref());
        let types: Vec<String> = table
            .columns
            .iter()
            .enumerate()
            .map(|(at, name)| {
                let kind = table.entity.columns().iter().find(|c| c.name == name.as_str()).map(|c| c.kind);
                column_type(kind, &column(at).collect::<Vec<_>>())
            })
            .collect();
        let typed: Vec<String> = table.columns.iter().zip(&types).map(|(name, kind)| format!("`{name}` {kind}")).collect();
        let _ = writeln!(out, "create table `{}` ({});", table.entity, typed.join(", "));
        for row in &table.rows {
            let values: Vec<String> = row.iter().zip(&types).map(|(field, kind)| literal(field.as_deref(), kind)).collect();
            let _ = writeln!(out, "insert into `{}` values ({});", table.entity, values.join(", "));
        }
    }
    out
}

/// A type that prints each value back; text where none does.
fn column_type(kind: Option<ColumnKind>, values: &[&str]) -> String {
    let all = |fits: fn(&str) -> bool| values.iter().all(|v| fits(v));
    match kind {
        Some(ColumnKind::Number) if all(is_decimal) => {
            let part = |v: &&str| v.trim_start_matches('-').split_once('.').map_or((v.trim_start_matches('-').len(), 0), |(w, d)| (w.len(), d.len()));
            let whole = values.iter().map(|v| part(v).0).max().unwrap_or(1);
            let scale = values.iter().map(|v| part(v).1).max().unwrap_or(0);
            format!("decimal({},{scale})", whole + scale)
        }
        Some(ColumnKind::Bool) if all(|v| matches!(v, "true" | "false")) => "boolean".to_owned(),
        Some(ColumnKind::Time) if all(|v| v.len() == 10 && v.parse::<chrono::NaiveDate>().is_ok()) => "date".to_owned(),
        Some(ColumnKind::Time) if all(|v| instant(v).is_some()) => "timestamp(6) null".to_owned(),
        _ if values.iter().all(|v| v.len() < 250) => "varchar(250)".to_owned(),
        _ => "longtext".to_owned(),
    }
}

/// Within what DECIMAL keeps.
fn is_decimal(value: &str) -> bool {
    let digits = value.strip_prefix('-').unwrap_or(value);
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    plain(whole) && plain(decimals) && (whole == "0" || !whole.starts_with('0')) && whole.len() <= 27 && decimals.len() <= 38
}

/// An instant that a TIMESTAMP keeps, in UTC.
fn instant(value: &str) -> Option<String> {
    let at = chrono::DateTime::parse_from_rfc3339(value).ok()?.to_utc();
    let kept = at.timestamp() > 0 && at.timestamp() < i64::from(i32::MAX) && at.timestamp_subsec_nanos() % 1000 == 0;
    kept.then(|| at.format("%Y-%m-%d %H:%M:%S%.6f").to_string())
}

fn literal(value: Option<&str>, kind: &str) -> String {
    let Some(value) = value else { return "null".to_owned() };
    if kind == "boolean" {
        return value.to_owned();
    }
    let text = if kind.starts_with("timestamp") { instant(value).expect("it fits") } else { value.to_owned() };
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''").replace('\0', "\\0"))
}

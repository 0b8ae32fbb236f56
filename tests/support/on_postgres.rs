//! Books in PostgreSQL: two databases of the throwaway cluster, typed columns, a role that may only read.

use crate::cluster::Cluster;
use crate::memory::{Memory, Noon};
use crate::project::assemble;
use dualrun::adapters::postgres::Postgres;
use dualrun::app::project::Project;
use dualrun::config::load;
use dualrun::demo::Book;
use dualrun::demo::book_to_postgres_sql;
use dualrun::demo::project_text::{PostgresPlace, dualrun_toml_postgres};
use dualrun::domain::side::Side;
use dualrun::ports::connection::Connection;
use dualrun::ports::database::Database;
use std::path::Path;
use std::sync::Arc;

/// The role books are read with.
pub const READER: &str = "book_reader";

/// Fills two new databases `NAME_source` and `NAME_target` and writes the project's `dualrun.toml` to a folder.
pub fn load_book(cluster: &Cluster, book: &Book, name: &str, dir: &Path) {
    cluster.psql("postgres", &format!("do $$ begin create role {READER} login; exception when duplicate_object then null; end $$"));
    for side in Side::BOTH {
        let database = format!("{name}_{side}");
        cluster.create_database(&database);
        cluster.psql(&database, &book_to_postgres_sql(book, side));
        cluster.psql(&database, &format!("grant select on all tables in schema public to {READER}"));
    }
    let place = PostgresPlace {
        host: cluster.socket_directory(),
        port: cluster.port(),
        user: READER.to_owned(),
        source_database: format!("{name}_source"),
        target_database: format!("{name}_target"),
    };
    std::fs::write(dir.join("dualrun.toml"), dualrun_toml_postgres(book, &place)).expect("a file");
}

/// The project of a folder with two PostgreSQL sides, its rows kept in memory.
pub fn project_in(dir: &Path, memory: &Memory) -> Project {
    let settings = load(dir).unwrap_or_else(|e| panic!("{e}"));
    let database = |side: Side| -> Arc<dyn Database> {
        match settings.side(side).connection(&|_| None).unwrap_or_else(|e| panic!("{e}")) {
            Connection::Postgres(server) => Arc::new(Postgres::new(side, server, Arc::new(Noon))),
            other @ Connection::Sqlite(_) => panic!("not for this test: {:?}", other.kind()),
        }
    };
    assemble(&settings, dir, [database(Side::Source), database(Side::Target)], Arc::new(memory.clone()))
}

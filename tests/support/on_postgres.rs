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

/// Makes the role in the shared cluster, once for all tests.
pub fn make_reader(cluster: &Cluster) {
    static MADE: std::sync::Once = std::sync::Once::new();
    MADE.call_once(|| {
        cluster.psql("postgres", &format!("create role {READER} login"));
    });
}

/// Fills two new databases `NAME_source` and `NAME_target` of the shared cluster and writes the project's `dualrun.toml` to a folder.
pub fn load_book(cluster: &Cluster, book: &Book, name: &str, dir: &Path) {
    make_reader(cluster);
    fill(cluster, book, name, dir);
}

/// The same in a cluster of its own.
pub fn load_with(cluster: &Cluster, book: &Book, name: &str, dir: &Path) {
    cluster.psql("postgres", &format!("create role {READER} login"));
    fill(cluster, book, name, dir);
}

fn fill(cluster: &Cluster, book: &Book, name: &str, dir: &Path) {
    for side in Side::BOTH {
        let database = format!("{name}_{side}");
        cluster.create_database(&database);
        cluster.psql(&database, &book_to_postgres_sql(book, side));
        cluster.psql(&database, &format!("grant select on all tables in schema public to {READER}"));
    }
    point_at(cluster, book, name, dir);
}

/// Writes the `dualrun.toml` of a loaded book as a server (or its standby) has it.
pub fn point_at(cluster: &Cluster, book: &Book, name: &str, dir: &Path) {
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
            other => panic!("not for this test: {:?}", other.kind()),
        }
    };
    assemble(&settings, dir, [database(Side::Source), database(Side::Target)], Arc::new(memory.clone()))
}

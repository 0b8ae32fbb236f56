//! The generated book in a throwaway PostgreSQL, set as an operator's would be and not as a test's.

use super::cluster::Cluster;
use super::subject::{Subject, counts};
use dualrun::domain::period::Month;
use dualrun::domain::side::Side;
use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// The role that the book's scripts and its `dualrun.toml` name.
const READER: &str = "dualrun_ro";

/// Starts the server.
pub fn server() -> Cluster {
    let buffers = format!("shared_buffers = {}MB", (memory_mib() / 4).clamp(32, 1024));
    // The last word on a setting holds: these stand behind the tests' own.
    let settings = [
        &buffers,
        "fsync = on",
        "synchronous_commit = on",
        "full_page_writes = on",
        "jit = off",
        "work_mem = 64MB",
        "maintenance_work_mem = 256MB",
        "max_wal_size = 8GB",
        "wal_level = minimal",
        "max_wal_senders = 0",
    ];
    Cluster::start(&settings)
}

/// Has the program write its book, and fills two databases from it, both at once.
pub fn load(cluster: &Cluster, program: &Path, size: &[(&str, u64)]) -> Subject {
    let dir = tempfile::tempdir().expect("a directory");
    eprintln!("generating and loading …");
    let mut demo = Command::new(program);
    demo.arg("demo").args(size.iter().flat_map(|(option, n)| [(*option).to_owned(), n.to_string()]));
    let written = demo.arg("--as-sql").arg(dir.path().join("book")).output().expect("the program can be run");
    assert!(written.status.success(), "{}", String::from_utf8_lossy(&written.stderr));
    let expected: Value = serde_json::from_slice(&written.stdout).expect("JSON");
    cluster.psql("postgres", &format!("create role {READER} login"));
    std::thread::scope(|both| {
        for side in Side::BOTH {
            let script = dir.path().join("book").join(format!("{side}.sql"));
            both.spawn(move || fill(cluster, &script, side));
        }
    });
    let months: Vec<Month> = expected["periods"].as_object().expect("periods").keys().filter_map(|m| Month::parse(m)).collect();
    let toml = std::fs::read_to_string(dir.path().join("book/dualrun.toml")).expect("a dualrun.toml");
    Subject {
        toml: reached(&toml, cluster.port()),
        port: cluster.port(),
        superuser: "postgres".to_owned(),
        psql: cluster.bin.join("psql"),
        first: *months.iter().min().expect("a month"),
        last: *months.iter().max().expect("a month"),
        expected: counts(&expected["counts"]),
    }
}

/// The book's configuration says where databases usually are.
fn reached(toml: &str, port: u16) -> String {
    let mut document: toml_edit::DocumentMut = toml.parse().expect("TOML");
    for side in Side::BOTH {
        document[side.word()]["host"] = toml_edit::value("127.0.0.1");
        document[side.word()]["port"] = toml_edit::value(i64::from(port));
    }
    document.to_string()
}

fn fill(cluster: &Cluster, script: &Path, side: Side) {
    let database = format!("dualrun_{side}");
    cluster.create_database(&database);
    let mut psql = Command::new(cluster.bin.join("psql"));
    psql.args(["-Xq", "-U", "postgres", "-h", &cluster.socket_directory(), "-p", &cluster.port().to_string(), "-d", &database, "-f"]);
    assert!(psql.arg(script).status().expect("psql can be run").success(), "psql failed on {side}");
}

fn memory_mib() -> u64 {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kib = text.lines().find_map(|l| l.strip_prefix("MemTotal:")?.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0) / 1024
}

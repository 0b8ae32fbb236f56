//! A throwaway PostgreSQL cluster for a test binary: own directory, Unix socket and loopback port, `fsync = off`.
//!
//! The server runs under a small shell that reads from a pipe of this process. However the test ends (well, by a panic,
//! by a kill), the pipe closes, the shell stops the server and deletes the directory. A missing server is a failure of
//! the test, never a reason to skip it.
//!
//! Use: `#[path = "support/postgres.rs"] mod cluster;` then `cluster::shared()`.

// A cluster that cannot be had fails the test that asked for it.
#![allow(clippy::expect_used)]

use std::fs;
use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// A running cluster. Its superuser is `postgres`, without a password on the socket and on loopback.
#[derive(Debug)]
pub struct Cluster {
    /// Holds its data, socket and log.
    pub directory: PathBuf,
    /// Where the server's programs are.
    pub bin: PathBuf,
    port: u16,
    /// Holds the pipe that keeps the server alive.
    _watch: Child,
}

/// The cluster of this test binary, started by whoever asks first.
pub fn shared() -> &'static Cluster {
    static SHARED: OnceLock<Cluster> = OnceLock::new();
    SHARED.get_or_init(|| Cluster::start(&[]))
}

impl Cluster {
    /// Starts one with further lines for `postgresql.conf`. Files named there live in [`Cluster::file`]'s directory.
    pub fn start(settings: &[&str]) -> Self {
        Self::start_prepared(settings, |_, _| {})
    }

    /// Like [`Cluster::start`]; `prepare` may put files into the directory (given with the user that must own them) before the server starts.
    pub fn start_prepared(settings: &[&str], prepare: impl FnOnce(&Path, Option<u32>)) -> Self {
        let (bin, directory) = (bin_directory(), new_directory());
        let mut initdb = as_server_user(&bin.join("initdb"));
        initdb.args(["--no-sync", "--no-instructions", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8", "--pgdata"]);
        must_succeed(initdb.arg(directory.join("data")));
        prepare(&directory, server_user());
        Self::run(bin, directory, settings)
    }

    /// Starts the server of a directory that has its data.
    pub fn run(bin: PathBuf, directory: PathBuf, settings: &[&str]) -> Self {
        let port = free_port();
        write_configuration(&directory.join("data"), &directory, port, settings);
        let watch = start_server(&bin, &directory);
        let cluster = Self { directory, bin, port, _watch: watch };
        cluster.wait_until_ready();
        cluster
    }

    /// Directory of the Unix socket; as a host name it means the socket.
    pub fn socket_directory(&self) -> String {
        self.directory.to_string_lossy().into_owned()
    }

    /// Port on 127.0.0.1, also the socket's number.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// A path inside the cluster's directory.
    pub fn file(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Creates an empty database.
    pub fn create_database(&self, name: &str) {
        self.psql("postgres", &format!("CREATE DATABASE \"{name}\""));
    }

    /// Runs SQL as the superuser, each statement on its own; returns the rows, unaligned.
    pub fn psql(&self, database: &str, sql: &str) -> String {
        let mut child = without_libpq_environment(&self.bin.join("psql"))
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", "postgres", "-h"])
            .arg(&self.directory)
            .args(["-p", &self.port.to_string(), "-d", database, "-f", "-"])
            .env("PGOPTIONS", "-c client_min_messages=warning")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("psql can be run");
        child.stdin.take().expect("a pipe").write_all(sql.as_bytes()).expect("psql reads");
        let done = child.wait_with_output().expect("psql ends");
        assert!(done.status.success(), "psql failed: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).expect("UTF-8").trim_end().to_owned()
    }

    fn wait_until_ready(&self) {
        let socket = self.directory.join(format!(".s.PGSQL.{}", self.port));
        let patience = Instant::now() + Duration::from_secs(30);
        while UnixStream::connect(&socket).is_err() || TcpStream::connect(("127.0.0.1", self.port)).is_err() || !self.answers() {
            assert!(Instant::now() < patience, "the server did not start:\n{}", fs::read_to_string(self.file("log")).unwrap_or_default());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn answers(&self) -> bool {
        let mut ready = without_libpq_environment(&self.bin.join("pg_isready"));
        ready.args(["-q", "-U", "postgres", "-h"]).arg(&self.directory).args(["-p", &self.port.to_string()]);
        ready.status().is_ok_and(|s| s.success())
    }
}

/// `initdb` and `postgres`, newest first.
pub fn bin_directory() -> PathBuf {
    let mut found: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|e| e.path().join("bin")).collect();
    found.sort_by_key(|p| std::cmp::Reverse(p.parent().and_then(Path::file_name).and_then(|n| n.to_str()?.parse::<u32>().ok())));
    if let Ok(told) = Command::new("pg_config").arg("--bindir").output() {
        found.push(PathBuf::from(String::from_utf8_lossy(&told.stdout).trim()));
    }
    found
        .into_iter()
        .find(|p| p.join("initdb").is_file() && p.join("postgres").is_file())
        .expect("a PostgreSQL server is needed for this test and is not installed (Debian: apt-get install postgresql)")
}

/// The user id the server must run as: PostgreSQL refuses root.
fn server_user() -> Option<u32> {
    let root = fs::metadata("/proc/self").is_ok_and(|m| m.uid() == 0);
    root.then(|| {
        let users = fs::read_to_string("/etc/passwd").expect("/etc/passwd");
        let line = users.lines().find(|l| l.starts_with("postgres:")).expect("a user named postgres, since root may not run the server");
        line.split(':').nth(2).and_then(|n| n.parse().ok()).expect("its id")
    })
}

/// Gives a file to the server's user, and to nobody else.
pub fn own(path: &Path, user: Option<u32>) {
    if let Some(user) = user {
        std::os::unix::fs::chown(path, Some(user), None).expect("chown");
    }
    // The socket's directory must let the test in, whoever it runs as.
    let mode = if path.is_dir() { 0o755 } else { 0o600 };
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).expect("chmod");
}

/// The caller's `PG*` variables must not send a helper to another server.
fn without_libpq_environment(program: &Path) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os().filter(|(n, _)| n.to_string_lossy().starts_with("PG")) {
        command.env_remove(name);
    }
    command
}

/// A program run as the server's user, without the caller's `PG*` variables.
pub fn as_server_user(program: &Path) -> Command {
    if server_user().is_none() {
        return without_libpq_environment(program);
    }
    let mut command = without_libpq_environment(Path::new("setpriv"));
    command.args(["--reuid=postgres", "--regid=postgres", "--init-groups", "--"]).arg(program);
    command
}

/// A directory of the server's user, short enough for a socket's path.
pub fn new_directory() -> PathBuf {
    let directory = tempfile::Builder::new().prefix("dualrun-pg-").tempdir_in("/tmp").expect("a temporary directory").keep();
    own(&directory, server_user());
    directory
}

/// Runs a program that must end well.
pub fn must_succeed(command: &mut Command) {
    let done = command.current_dir("/").output().expect("the server's programs (and setpriv, when root) can be run");
    assert!(done.status.success(), "{command:?} failed: {}", String::from_utf8_lossy(&done.stderr));
}

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).and_then(|l| l.local_addr()).expect("a free port").port()
}

fn write_configuration(data: &Path, sockets: &Path, port: u16, settings: &[&str]) {
    let mut text = format!(
        "listen_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = '{}'\nfsync = off\nsynchronous_commit = off\n\
         full_page_writes = off\nautovacuum = off\nmax_connections = 60\nshared_buffers = 32MB\nlog_destination = stderr\n",
        sockets.display()
    );
    for line in settings {
        text.push_str(line);
        text.push('\n');
    }
    fs::write(data.join("postgresql.auto.conf"), text).expect("configuration");
    // `pw_role` must give a password; all others are trusted.
    let hba = "local all pw_role scram-sha-256\nhost all pw_role 127.0.0.1/32 scram-sha-256\nlocal all all trust\nhost all all 127.0.0.1/32 trust\nlocal replication all trust\n";
    fs::write(data.join("pg_hba.conf"), hba).expect("pg_hba.conf");
}

/// Starts the server under its watch.
fn start_server(bin: &Path, directory: &Path) -> Child {
    let script = "trap : INT TERM HUP; \"$1/postgres\" -D \"$2/data\" >\"$2/log\" 2>&1 </dev/null & server=$!\n\
                  while read -r _; do :; done\n\
                  kill -QUIT $server 2>/dev/null; wait $server; rm -rf \"$2\"";
    as_server_user(Path::new("/bin/sh"))
        .args(["-c", script, "dualrun-test-cluster"])
        .arg(bin)
        .arg(directory)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the server can be started (setpriv is needed when root)")
}

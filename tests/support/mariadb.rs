//! A throwaway MariaDB server for a test binary: own directory, Unix socket and loopback port, nothing flushed to disk.
//!
//! The server runs under a small shell that reads from a pipe of this process. However the test ends (well, by a panic,
//! by a kill), the pipe closes, the shell stops the server and deletes the directory. A missing server is a failure of
//! the test, never a reason to skip it.
//!
//! Use: `#[path = "support/mariadb.rs"] mod server;` then `server::shared(&[])`.

// A server that cannot be had fails the test that asked for it.
#![allow(clippy::expect_used, clippy::panic)]

use std::fs;
use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// A running server. Its `root` needs no password on the socket.
#[derive(Debug)]
pub struct Server {
    /// Holds its data, socket and log.
    pub directory: PathBuf,
    port: u16,
    /// Holds the pipe that keeps the server alive.
    _watch: Child,
}

/// The server of this test binary, started by whoever asks first, with the options that all its tests ask for.
pub fn shared(options: &[&str]) -> &'static Server {
    static SHARED: OnceLock<Server> = OnceLock::new();
    SHARED.get_or_init(|| Server::start(options, |_| {}))
}

impl Server {
    /// Starts one with further options. `prepare` may put files into the directory before the server starts.
    pub fn start(options: &[&str], prepare: impl FnOnce(&Path)) -> Self {
        let directory = tempfile::Builder::new().prefix("dualrun-my-").tempdir_in("/tmp").expect("a temporary directory").keep();
        fs::set_permissions(&directory, fs::Permissions::from_mode(0o755)).expect("chmod");
        own(&directory);
        // A server that starts deletes what looks like temporary tables in its directory for them, other servers' too.
        let scratch = directory.join("tmp");
        fs::create_dir(&scratch).expect("a directory");
        own(&scratch);
        let mut install = as_server_user("mariadb-install-db");
        install
            .args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"])
            .arg(format!("--datadir={}/data", directory.display()))
            .env("TMPDIR", &scratch);
        must_succeed(&mut install);
        prepare(&directory);
        let port = TcpListener::bind(("127.0.0.1", 0)).and_then(|l| l.local_addr()).expect("a free port").port();
        let watch = start_server(&directory, port, options);
        let server = Self { directory, port, _watch: watch };
        server.wait_until_ready();
        // Anonymous accounts would stand before those of a test.
        server.sql("mysql", "delete from global_priv where User = ''; flush privileges");
        server
    }

    /// The Unix socket.
    pub fn socket(&self) -> String {
        self.file("s.sock").to_string_lossy().into_owned()
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// A path inside the server's directory.
    pub fn file(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Runs SQL as root; returns the rows, tabs between fields.
    pub fn sql(&self, database: &str, sql: &str) -> String {
        self.run(database, sql).unwrap_or_else(|told| panic!("mariadb failed: {told}"))
    }

    /// What the server says against some SQL, run in no database.
    #[allow(dead_code, reason = "not every test binary has errors to provoke")]
    pub fn try_sql(&self, sql: &str) -> Result<String, String> {
        self.run("", sql)
    }

    fn run(&self, database: &str, sql: &str) -> Result<String, String> {
        let mut child =
            self.client().arg(database).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("mariadb can be run");
        child.stdin.take().expect("a pipe").write_all(sql.as_bytes()).expect("mariadb reads");
        let done = child.wait_with_output().expect("mariadb ends");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8").trim_end().to_owned();
        if done.status.success() { Ok(text(done.stdout)) } else { Err(text(done.stderr)) }
    }

    fn client(&self) -> Command {
        let mut command = without_their_environment("mariadb".as_ref());
        command.args(["--no-defaults", "--batch", "--raw", "--skip-column-names", "--default-character-set=utf8mb4", "--user=root"]);
        command.arg(format!("--socket={}", self.socket()));
        command
    }

    fn wait_until_ready(&self) {
        let patience = Instant::now() + Duration::from_secs(30);
        let answers = || self.client().args(["--execute=select 1"]).output().is_ok_and(|o| o.status.success());
        while !answers() || TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(Instant::now() < patience, "the server did not start:\n{}", fs::read_to_string(self.file("log")).unwrap_or_default());
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// The user the server runs as: `mysql` when the test runs as root, else the test's own.
fn server_user() -> Option<u32> {
    let root = fs::metadata("/proc/self").is_ok_and(|m| m.uid() == 0);
    root.then(|| {
        let users = fs::read_to_string("/etc/passwd").expect("/etc/passwd");
        let line = users
            .lines()
            .find(|l| l.starts_with("mysql:"))
            .expect("a user named mysql, since root may not run the server (Debian: apt-get install mariadb-server)");
        line.split(':').nth(2).and_then(|n| n.parse().ok()).expect("its id")
    })
}

/// Gives a file to the server's user.
pub fn own(path: &Path) {
    if let Some(user) = server_user() {
        std::os::unix::fs::chown(path, Some(user), None).expect("chown");
    }
}

/// A program of the server, run as its user; the servers' programs are not on everybody's PATH.
fn as_server_user(program: &str) -> Command {
    let path = ["/usr/sbin", "/usr/bin", "/usr/local/bin", "/usr/local/sbin"].iter().map(|d| Path::new(d).join(program)).find(|p| p.is_file());
    let path = path.unwrap_or_else(|| panic!("{program} is needed for this test and is not installed (Debian: apt-get install mariadb-server)"));
    if server_user().is_none() {
        return without_their_environment(&path);
    }
    let mut command = without_their_environment("setpriv".as_ref());
    command.args(["--reuid=mysql", "--regid=mysql", "--init-groups", "--"]).arg(path);
    command
}

/// The caller's variables must not send a helper to another server, or with another password.
fn without_their_environment(program: &Path) -> Command {
    let mut command = Command::new(program);
    let theirs = |name: &str| ["MYSQL", "MARIADB"].iter().any(|p| name.starts_with(p));
    for (name, _) in std::env::vars_os().filter(|(n, _)| theirs(&n.to_string_lossy())) {
        command.env_remove(name);
    }
    command
}

fn must_succeed(command: &mut Command) {
    let done = command.current_dir("/").output().expect("the server's programs (and setpriv, when root) can be run");
    assert!(done.status.success(), "{command:?} failed: {}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
}

/// Starts the server under its watch.
fn start_server(directory: &Path, port: u16, options: &[&str]) -> Child {
    // The shell that watches runs as the server's user, so it may stop it and delete what is its.
    let script = "trap : INT TERM HUP; dir=$1; shift; \"$@\" >\"$dir/log\" 2>&1 </dev/null & server=$!\n\
                  while read -r _; do :; done\n\
                  kill -KILL $server 2>/dev/null; wait $server; rm -rf \"$dir\"";
    let mariadbd = as_server_user("mariadbd").get_args().last().map(PathBuf::from);
    let mariadbd = mariadbd.unwrap_or_else(|| PathBuf::from(as_server_user("mariadbd").get_program()));
    let mut command = if server_user().is_some() {
        let mut command = without_their_environment("setpriv".as_ref());
        command.args(["--reuid=mysql", "--regid=mysql", "--init-groups", "--", "/bin/sh"]);
        command
    } else {
        without_their_environment("/bin/sh".as_ref())
    };
    command.args(["-c", script, "dualrun-test-server"]).arg(directory).arg(mariadbd).arg("--no-defaults");
    let dir = directory.display();
    for option in [
        format!("--datadir={dir}/data"),
        format!("--tmpdir={dir}/tmp"),
        format!("--socket={dir}/s.sock"),
        format!("--pid-file={dir}/pid"),
        format!("--port={port}"),
        "--bind-address=127.0.0.1".to_owned(),
        "--skip-name-resolve".to_owned(),
        "--innodb-flush-log-at-trx-commit=0".to_owned(),
        "--innodb-buffer-pool-size=32M".to_owned(),
        "--innodb-doublewrite=OFF".to_owned(),
        "--max-connections=80".to_owned(),
        "--character-set-server=utf8mb4".to_owned(),
        "--collation-server=utf8mb4_general_ci".to_owned(),
    ] {
        command.arg(option);
    }
    command.args(options).current_dir("/").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("the server can be started (setpriv is needed when root)")
}

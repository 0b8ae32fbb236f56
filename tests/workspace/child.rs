//! This test binary started once more as another process, to be one of its hidden tests with a directory to work in.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

const DIRECTORY: &str = "DUALRUN_TEST_CHILD_DIR";

/// Where a child works; `None` in the process the tests were started in.
pub fn directory() -> Option<PathBuf> {
    std::env::var_os(DIRECTORY).map(PathBuf::from)
}

/// The command that runs one hidden test of this binary as a child.
pub fn command(test: &str, dir: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture", "--test-threads=1"]).env(DIRECTORY, dir);
    command
}

/// Starts it with pipes at its standard input and output.
pub fn start(mut command: Command) -> (Child, impl Iterator<Item = String> + use<>) {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let out: ChildStdout = child.stdout.take().unwrap();
    (child, BufReader::new(out).lines().map_while(Result::ok))
}

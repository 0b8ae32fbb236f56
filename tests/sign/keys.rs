//! Keys that ssh-keygen makes, an agent that holds them, and what ssh-keygen says of signatures.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A file only its owner can read.
pub fn private(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

/// Whether ssh-keygen believes a signature.
pub fn believed(allowed: &Path, (principal, namespace): (&str, &str), signature: &Path, message: &str, at: Option<&str>) -> bool {
    let mut command = Command::new("ssh-keygen");
    command.args(["-Y", "verify", "-I", principal, "-n", namespace, "-f"]).arg(allowed).arg("-s").arg(signature);
    command.args(at.map(|at| format!("-Overify-time={at}"))).env("TZ", "UTC");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(message.as_bytes()).unwrap();
    child.wait().unwrap().success()
}

/// An agent of its own, ended with it.
pub struct Agent {
    child: Child,
    pub socket: PathBuf,
}

impl Agent {
    /// Holds these keys.
    pub fn with(dir: &Path, keys: &[&Path]) -> Self {
        let socket = dir.join("agent.sock");
        let mut child = Command::new("ssh-agent").arg("-D").arg("-a").arg(&socket).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        // It says where it listens once it does.
        std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.take().unwrap()), &mut String::new()).unwrap();
        let agent = Self { child, socket };
        for key in keys {
            let added = Command::new("ssh-add").arg("-q").arg(key).env("SSH_AUTH_SOCK", &agent.socket).stdin(Stdio::null()).output().unwrap();
            assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
        }
        agent
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

//! Keys that ssh-keygen makes, and signatures by it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Makes a key; `kind` as ssh-keygen names it, with bits where it takes them. The public part, as a line has it.
pub fn key(dir: &Path, name: &str, kind: &str, passphrase: &str) -> (PathBuf, String) {
    let path = dir.join(name);
    let (kind, bits) = kind.split_once('-').map_or((kind, None), |(kind, bits)| (kind, Some(bits)));
    let mut command = Command::new("ssh-keygen");
    command.args(["-q", "-t", kind, "-N", passphrase, "-C", "", "-f"]).arg(&path);
    // Few rounds: how long a passphrase is worked on is not what is tested.
    command.args(["-a", "2"]).args(bits.into_iter().flat_map(|bits| ["-b", bits]));
    let made = command.stdin(Stdio::null()).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let public = std::fs::read_to_string(path.with_extension("pub")).unwrap();
    (path, public.trim().to_owned())
}

/// A signature by ssh-keygen.
pub fn made(key: &Path, namespace: &str, message: &str, options: &[&str]) -> String {
    let mut command = Command::new("ssh-keygen");
    command.args(["-Y", "sign", "-n", namespace, "-f"]).arg(key).args(options);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(message.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

//! Runs the program that prints a secret: arguments as a list, no shell, no input, ten seconds, bounded output.

use super::document::io_words;
use super::secret::MAX_SECRET_BYTES;
use crate::domain::text::shown;
use std::io::Read as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// Longest the program may take: long enough for a key agent, short enough for a person waiting.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How long its output may stay open after it ended, held by a program it left behind.
const AFTER_EXIT: Duration = Duration::from_millis(500);
const POLL: Duration = Duration::from_millis(5);

/// What went wrong and what to do; the program's output is in neither.
type Failure = (String, String);

/// What the program printed. Its errors go nowhere: they could repeat the secret.
pub(super) fn output(argv: &[String], dir: &Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
    output_within(argv, dir, TIMEOUT)
}

fn output_within(argv: &[String], dir: &Path, timeout: Duration) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let Some((program, arguments)) = argv.split_first() else { return Err(("command is empty".to_owned(), String::new())) };
    let name = shown(program, 100);
    // A path with a slash is meant from the configuration's directory, like every other path in it.
    let path = if program.contains('/') { dir.join(program) } else { program.into() };
    let mut child = Command::new(path)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|e| (format!("command {name} cannot be started: {}", io_words(&e)), "write the program's whole path".to_owned()))?;
    let printed = reader(&mut child);
    let status = wait(&mut child, timeout).map_err(|what| (format!("command {name} {what}"), "run it by hand and see why".to_owned()))?;
    if !status.success() {
        return Err((format!("command {name} failed: {status}"), "run it by hand and see why".to_owned()));
    }
    printed
        .recv_timeout(AFTER_EXIT)
        .map_err(|_| (format!("command {name} ended but left its output open"), "let it close its output when it ends".to_owned()))
}

/// Reads the output on a thread of its own, so that a program that prints nothing and stays cannot hold us.
fn reader(child: &mut Child) -> mpsc::Receiver<Zeroizing<Vec<u8>>> {
    let (sender, receiver) = mpsc::channel();
    if let Some(stdout) = child.stdout.take() {
        std::thread::spawn(move || {
            let mut bytes = Zeroizing::new(Vec::new());
            // One byte over the limit is kept, so that too much is seen as such.
            if stdout.take(MAX_SECRET_BYTES + 1).read_to_end(&mut bytes).is_ok() {
                // Nobody listens after a timeout; the bytes are wiped here then.
                drop(sender.send(bytes));
            }
        });
    }
    receiver
}

/// Waits for the end, and ends it when the time is up.
fn wait(child: &mut Child, timeout: Duration) -> Result<ExitStatus, String> {
    let deadline = Instant::now() + timeout;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status),
            Ok(None) if Instant::now() < deadline => std::thread::sleep(POLL),
            ended => {
                // It may have ended this moment; then there is nothing to kill.
                drop(child.kill());
                drop(child.wait());
                return Err(ended.map_or_else(
                    |e| format!("cannot be waited for: {}", io_words(&e)),
                    |_| format!("took longer than {}", humantime::format_duration(timeout)),
                ));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_stays_is_ended() {
        let begun = Instant::now();
        let argv = ["sleep", "30"].map(str::to_owned);
        let (what, _) = output_within(&argv, Path::new("."), Duration::from_millis(100)).unwrap_err();
        assert_eq!(what, "command sleep took longer than 100ms");
        assert!(begun.elapsed() < Duration::from_secs(5));
    }
}

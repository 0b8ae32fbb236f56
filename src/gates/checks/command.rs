//! Command checks: how a program ended. Exit code 0 passes; what says nothing about the question is an error.

use super::Judged;
use crate::domain::gate::{Ended, Outcome, ProgramRun, Said};
use crate::domain::secret_text::looks_secret;
use crate::domain::text::shown_bytes;

/// Lines kept of the beginning and of the end of an output.
const LINES: usize = 8;
/// Columns kept of each.
const COLUMNS: usize = 180;

/// Judges a run.
pub fn command(run: &ProgramRun) -> Judged {
    let (outcome, summary) = match &run.ended {
        Ended::Exit(0) => (Outcome::Pass, "exit code 0".to_owned()),
        Ended::Exit(126) => (Outcome::Error, "exit code 126: it cannot be run".to_owned()),
        Ended::Exit(127) => (Outcome::Error, "exit code 127: something it runs is not there".to_owned()),
        // What a shell says of a program that a signal ended.
        Ended::Exit(code @ 129..) => (Outcome::Error, format!("exit code {code}: ended by a signal, or beyond any answer")),
        Ended::Exit(code) => (Outcome::Fail, format!("exit code {code}")),
        Ended::Signal(24) => (Outcome::Error, "ended by signal 24: it used more processor time than its time allows".to_owned()),
        Ended::Signal(25) => (Outcome::Error, "ended by signal 25: it wrote a file larger than a check may".to_owned()),
        Ended::Signal(signal) => (Outcome::Error, format!("ended by signal {signal}")),
        Ended::Timeout => (Outcome::Error, format!("timeout: ended after {} s", run.took.as_secs())),
        Ended::Flood => (Outcome::Error, "it floods its output, and was ended".to_owned()),
        Ended::Stopped => (Outcome::Error, "stopped by the operator".to_owned()),
        Ended::NotStarted(why) => (Outcome::Error, format!("it cannot be started: {why}")),
    };
    let left = run.left_behind.iter().map(|what| format!("left behind: {what}"));
    let program = run.program.iter().map(|(path, digest)| format!("program {path} ({})", digest.get(..12).unwrap_or(digest)));
    let said = run.output.iter().flat_map(lines);
    Judged::new(outcome, summary).seeing(program.chain(left).chain(said))
}

fn lines(said: &Said) -> Vec<String> {
    if said.bytes == 0 {
        return Vec::new();
    }
    let cut = usize::try_from(said.bytes).unwrap_or(usize::MAX).saturating_sub(said.head.len() + said.tail.len());
    let head: Vec<&[u8]> = said.head.split(|b| *b == b'\n').filter(|l| !l.is_empty()).collect();
    let tail: Vec<&[u8]> = said.tail.split(|b| *b == b'\n').filter(|l| !l.is_empty()).collect();
    let told = |line: &&[u8]| {
        // Judged on more than is shown: a token may begin where the line is cut.
        if looks_secret(&String::from_utf8_lossy(line)) {
            format!("{}: (a line that looks like a password or token is not shown)", said.on)
        } else {
            format!("{}: {}", said.on, shown_bytes(line, COLUMNS))
        }
    };
    let mut out: Vec<String>;
    if tail.is_empty() {
        let hidden = head.len().saturating_sub(2 * LINES);
        out = head.iter().take(if hidden > 0 { LINES } else { 2 * LINES }).map(told).collect();
        if hidden > 0 {
            out.push(format!("{}: … {hidden} lines", said.on));
            out.extend(head.iter().skip(head.len() - LINES).map(told));
        }
    } else {
        out = head.iter().take(LINES).map(told).collect();
        out.push(format!("{}: … {} bytes in all, {cut} of them not kept", said.on, said.bytes));
        out.extend(tail.iter().skip(tail.len().saturating_sub(LINES)).map(told));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn run(ended: Ended, out: &[u8]) -> ProgramRun {
        let said = Said { on: "stdout", bytes: out.len() as u64, head: out.to_vec(), tail: Vec::new() };
        ProgramRun { ended, took: Duration::from_secs(3), program: None, output: vec![said], left_behind: Vec::new() }
    }

    #[test]
    fn only_exit_code_0_passes() {
        use Outcome::{Error, Fail, Pass};
        let table = [
            (Ended::Exit(0), Pass),
            (Ended::Exit(1), Fail),
            (Ended::Exit(3), Fail),
            (Ended::Exit(126), Error),
            (Ended::Exit(127), Error),
            (Ended::Exit(137), Error),
            (Ended::Signal(9), Error),
            (Ended::Timeout, Error),
            (Ended::Flood, Error),
            (Ended::Stopped, Error),
            (Ended::NotStarted("no such file".to_owned()), Error),
        ];
        for (ended, outcome) in table {
            assert_eq!(command(&run(ended.clone(), b"")).outcome, outcome, "{ended:?}");
        }
    }

    #[test]
    fn what_it_says_is_bounded_harmless_and_without_secrets() {
        let judged = command(&run(Ended::Exit(0), b"ok\x00\xff\x1b[2J\npostgres://app:pw@db/app\nlast"));
        assert_eq!(judged.observed.len(), 3);
        assert!(judged.observed.iter().all(|l| !l.contains('\u{1b}') && !l.contains("pw@")), "{judged:?}");
        let many = "line\n".repeat(1000);
        let judged = command(&run(Ended::Exit(0), many.as_bytes()));
        assert_eq!(judged.observed.len(), 2 * LINES + 1);
    }
}

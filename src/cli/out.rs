//! The two streams: data to stdout, words to stderr.

use super::error::CliError;
use crate::report::json_text;
use serde::Serialize;
use std::io::Write as _;

/// A line of words on stderr, under the program's name. Nothing can be done where stderr itself is gone.
pub fn say(words: &str) {
    let _ = writeln!(std::io::stderr().lock(), "dualrun: {words}");
}

/// Lines of data.
pub fn lines<S: AsRef<str>>(lines: impl IntoIterator<Item = S>) -> Result<(), CliError> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let write = || {
        for line in lines {
            writeln!(out, "{}", line.as_ref())?;
        }
        out.flush()
    };
    write().map_err(|e| CliError::stdout(&e))
}

/// One JSON object.
pub fn json(value: &impl Serialize) -> Result<(), CliError> {
    let text = json_text::pretty(value).map_err(CliError::unexpected)?;
    lines([text])
}

/// Bytes as they are.
pub fn bytes(data: &[u8]) -> Result<(), CliError> {
    let mut out = std::io::stdout().lock();
    out.write_all(data).and_then(|()| out.flush()).map_err(|e| CliError::stdout(&e))
}

/// Columns of the terminal on stdout; a file's width elsewhere.
pub fn width() -> usize {
    use std::io::IsTerminal as _;
    let terminal = std::io::stdout().is_terminal().then(crossterm::terminal::size).and_then(Result::ok);
    terminal.map_or(crate::report::text::FILE_WIDTH, |(columns, _)| usize::from(columns).max(60))
}

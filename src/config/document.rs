//! A configuration file as text with places: read within bounds, parsed with every syntax error, problems collected.

use super::problem::{Problem, Problems};
use std::io::Read as _;
use std::ops::Range;
use std::path::{Path, PathBuf};
use toml::de::DeTable;

/// Larger files are no configuration and are not read.
pub(super) const MAX_BYTES: u64 = 1 << 20;
/// More syntax errors than this tell nothing new.
const MAX_SYNTAX_ERRORS: usize = 20;

/// Where in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At {
    /// The file.
    pub file: PathBuf,
    /// From 1; nought where the file as a whole is meant.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

impl At {
    /// The place of a byte in a text.
    pub(super) fn byte(file: &Path, text: &str, byte: usize) -> Self {
        let mut end = byte.min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &text[..end];
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        let line = before.matches('\n').count() + 1;
        Self { file: file.to_path_buf(), line, column: before[line_start..].chars().count() + 1 }
    }

    /// A problem here.
    pub fn problem(&self, what: impl Into<String>, instead: impl Into<String>) -> Problem {
        Problem { file: self.file.clone(), line: self.line, column: self.column, what: what.into(), instead: instead.into() }
    }
}

/// The text being read and what was found wrong with it so far.
pub(super) struct Findings<'i> {
    file: PathBuf,
    text: &'i str,
    problems: Vec<Problem>,
    /// Lines with a syntax error: what they hold is only guessed at.
    broken_lines: Vec<usize>,
    /// Whether something may be there that could not be read.
    unread: bool,
    /// Where a secret stands in plain text: said once, and not said again as an unknown key.
    secrets: Vec<usize>,
}

impl<'i> Findings<'i> {
    pub fn new(file: &Path, text: &'i str) -> Self {
        Self { file: file.to_path_buf(), text, problems: Vec::new(), broken_lines: Vec::new(), unread: false, secrets: Vec::new() }
    }

    /// The place of a span.
    pub fn place(&self, span: &Range<usize>) -> At {
        At::byte(&self.file, self.text, span.start)
    }

    /// Adds a problem at a span; on a line that could not be parsed it would only be noise.
    pub fn at(&mut self, span: &Range<usize>, what: impl Into<String>, instead: impl Into<String>) {
        let at = self.place(span);
        if !self.broken_lines.contains(&at.line) {
            self.problems.push(at.problem(what, instead));
        }
    }

    /// Adds that something is missing. After a syntax error it may be there and unread, so nothing is said.
    pub fn missing(&mut self, span: &Range<usize>, what: impl Into<String>, instead: impl Into<String>) {
        if !self.unread {
            self.at(span, what, instead);
        }
    }

    /// Adds a problem of another file.
    pub fn push(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// Remembers a value that holds a secret.
    pub fn mark_secret(&mut self, span: &Range<usize>) {
        self.secrets.push(span.start);
    }

    /// Whether a value was found to hold a secret.
    pub fn is_secret(&self, span: &Range<usize>) -> bool {
        self.secrets.contains(&span.start)
    }

    pub fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    pub fn into_problems(self) -> Problems {
        Problems::new(self.problems)
    }

    /// Parses the text; syntax errors are findings, and what could be read is returned all the same.
    /// The parser's own messages name no value, so no secret gets out by them.
    pub fn parse(&mut self) -> toml::Spanned<DeTable<'i>> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        for error in errors.into_iter().take(MAX_SYNTAX_ERRORS) {
            let at = self.place(&error.span().unwrap_or(0..0));
            if self.broken_lines.contains(&at.line) {
                continue;
            }
            self.broken_lines.push(at.line);
            let duplicate = error.message().contains("duplicate key");
            self.unread |= !duplicate;
            let line = self.text.lines().nth(at.line - 1).unwrap_or_default();
            let (what, instead) = if duplicate {
                ("duplicate key".to_owned(), "keep one of them")
            } else if line.contains('\0') {
                ("a NUL character".to_owned(), "remove it: no path, name or SQL may hold one")
            } else {
                (format!("not TOML: {}", error.message()), "write it as TOML: key = \"value\"")
            };
            self.problems.push(at.problem(what, instead));
        }
        table
    }
}

/// Reads a text file of at most [`MAX_BYTES`], UTF-8, a regular file.
pub(super) fn read_text(file: &Path) -> Result<String, Problem> {
    let whole = At { file: file.to_path_buf(), line: 0, column: 0 };
    let failed = |e: std::io::Error| whole.problem(format!("cannot be read: {}", io_words(&e)), "check the path and its permissions");
    let handle = open_regular(file).map_err(failed)?;
    let mut bytes = Vec::new();
    handle.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(whole.problem("larger than 1 MiB", "keep the configuration small and the SQL in files of their own"));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').map_or_else(|| text.clone(), str::to_owned)),
        Err(e) => {
            let byte = e.utf8_error().valid_up_to();
            let valid = String::from_utf8_lossy(&e.as_bytes()[..byte]).into_owned();
            Err(At::byte(file, &valid, byte).problem(format!("not valid UTF-8 at byte {byte}"), "save the file as UTF-8"))
        }
    }
}

/// Opens a file for reading if it is a regular one: a pipe or a device would hang or never end.
pub(super) fn open_regular(file: &Path) -> std::io::Result<std::fs::File> {
    if !std::fs::metadata(file)?.is_file() {
        return Err(std::io::ErrorKind::InvalidInput.into());
    }
    std::fs::File::open(file)
}

/// What an I/O error means to the operator, in words that are the same on every system.
pub(super) fn io_words(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        // `open_regular` says so of everything that is no file with contents.
        std::io::ErrorKind::InvalidInput => "it is not a regular file".to_owned(),
        other => other.to_string(),
    }
}

//! What is wrong with a configuration: every problem at once, each with its place and what to write instead.

use crate::domain::text::shown;
use std::path::PathBuf;

/// One mistake. Holds no value of a secret: problems about secrets name the key only.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file it is in.
    pub file: PathBuf,
    /// Line from 1; nought where the file as a whole is meant.
    pub line: usize,
    /// Column from 1, in characters.
    pub column: usize,
    /// What is so.
    pub what: String,
    /// What to write (or run) instead, as a whole phrase: `write currency = "CAD"`. May be empty.
    pub instead: String,
}

/// `dualrun.toml:12:8: unknown zone "Mars/Olympus" — write an IANA name …`
impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let file = self.file.to_string_lossy();
        f.write_str(&shown(file.strip_prefix("./").unwrap_or(&file), 400))?;
        if self.line > 0 {
            write!(f, ":{}:{}", self.line, self.column)?;
        }
        write!(f, ": {}", self.what)?;
        if self.instead.is_empty() { Ok(()) } else { write!(f, " — {}", self.instead) }
    }
}

/// All problems of a configuration, in the order of the file; never empty when returned as an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// In the order of their places, each once.
    pub fn new(mut problems: Vec<Problem>) -> Self {
        problems.sort();
        problems.dedup();
        Self(problems)
    }

    /// Them all.
    pub fn all(&self) -> &[Problem] {
        &self.0
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

/// One per line.
impl std::fmt::Display for Problems {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (i, problem) in self.0.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

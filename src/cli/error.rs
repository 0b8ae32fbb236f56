//! What ends a command early, said in one line with what to do next, and the exit code it means.

use super::{BUG, Exit, USAGE, out};
use crate::app::error::AppError;
use crate::config::Problems;
use crate::ports::workspace::StoreError;
use color_eyre::eyre::Report;

/// Why a command has no result.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// A use case failed.
    #[error(transparent)]
    App(#[from] AppError),
    /// The configuration is wrong; all of it is told.
    #[error(transparent)]
    Config(#[from] Problems),
    /// What was typed cannot be done.
    #[error("{0}")]
    Usage(String),
    /// A file or stdout did not take the result.
    #[error("{0}")]
    Write(String),
    /// Whoever read stdout has gone: a normal end.
    #[error("nobody reads the output any more")]
    ClosedPipe,
    /// What must not be.
    #[error("{0:?}")]
    Unexpected(Report),
}

impl CliError {
    /// An error nobody foresaw.
    pub fn unexpected(error: impl Into<Report>) -> Self {
        Self::Unexpected(error.into())
    }

    /// An error of writing to stdout.
    pub fn stdout(error: &std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe { Self::ClosedPipe } else { Self::Write(format!("stdout: {error}")) }
    }

    /// The exit code.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::App(error) => error.exit_code(),
            Self::Config(_) | Self::Usage(_) => USAGE,
            Self::Write(_) => Exit::Incomplete.code(),
            Self::ClosedPipe => Exit::Clean.code(),
            Self::Unexpected(_) => BUG,
        }
    }

    /// Says it on stderr, each line under the program's name.
    pub fn say(&self) {
        if !matches!(self, Self::ClosedPipe) {
            for line in self.to_string().lines() {
                out::say(line);
            }
        }
    }
}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        Self::App(error.into())
    }
}

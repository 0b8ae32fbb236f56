//! Writing a file whole or not at all: a temporary file beside it, synced, then renamed over it, the directory synced.
//! Whatever goes wrong before the rename (a full disk, a signal), the old file stays as it was.

use super::error::CliError;
use crate::domain::text::shown;
use std::fs::File;
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Where a report goes: a file that appears whole, or stdout.
pub enum Target {
    /// Appears under its name when [`Target::publish`] returned.
    File {
        /// What is written so far.
        temporary: BufWriter<NamedTempFile>,
        /// Its name.
        path: PathBuf,
    },
    /// A device or pipe under a name: it cannot be replaced, only written to.
    Device {
        /// It.
        out: BufWriter<File>,
        /// Its name.
        path: PathBuf,
    },
    /// Stdout.
    Stdout(BufWriter<std::io::Stdout>),
}

impl Target {
    /// Opens a target; `-` is stdout.
    pub fn open(path: &Path) -> Result<Self, CliError> {
        if path == Path::new("-") {
            return Ok(Self::Stdout(BufWriter::new(std::io::stdout())));
        }
        if path.is_dir() || path.file_name().is_none() {
            return Err(CliError::Usage(format!("--out {}: is a directory — name a file in it", name(path))));
        }
        // A link is followed: what it points to is replaced, not the link.
        let path = &path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if path.metadata().is_ok_and(|m| !m.is_file()) {
            let out = File::options().write(true).open(path).map_err(|e| failed(path, &e))?;
            return Ok(Self::Device { out: BufWriter::new(out), path: path.clone() });
        }
        let temporary = tempfile::Builder::new().prefix(".dualrun-").suffix(".tmp").tempfile_in(parent(path)).map_err(|e| failed(path, &e))?;
        Ok(Self::File { temporary: BufWriter::new(temporary), path: path.clone() })
    }

    /// True for stdout.
    pub const fn is_stdout(&self) -> bool {
        matches!(self, Self::Stdout(_))
    }

    /// Says what an error of writing means here.
    pub fn error(&self, error: &std::io::Error) -> CliError {
        match self {
            Self::File { path, .. } | Self::Device { path, .. } => failed(path, error),
            Self::Stdout(_) => CliError::stdout(error),
        }
    }

    /// Makes it visible: everything written is on disk under its name when this returns.
    pub fn publish(self) -> Result<(), CliError> {
        match self {
            Self::Stdout(mut out) => out.flush().map_err(|e| CliError::stdout(&e)),
            Self::Device { mut out, path } => out.flush().map_err(|e| failed(&path, &e)),
            Self::File { temporary, path } => {
                let publish = || {
                    let temporary = temporary.into_inner().map_err(std::io::IntoInnerError::into_error)?;
                    temporary.as_file().sync_all()?;
                    readable_as_usual(&temporary, &path)?;
                    temporary.persist(&path).map_err(|e| e.error)?;
                    File::open(parent(&path))?.sync_all()
                };
                publish().map_err(|e| failed(&path, &e))
            }
        }
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self {
            Self::File { temporary, .. } => temporary.write(bytes),
            Self::Device { out, .. } => out.write(bytes),
            Self::Stdout(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            Self::File { temporary, .. } => temporary.flush(),
            Self::Device { out, .. } => out.flush(),
            Self::Stdout(out) => out.flush(),
        }
    }
}

/// A replaced file keeps its mode. A new one stays 0600: it holds customers' money.
fn readable_as_usual(temporary: &NamedTempFile, path: &Path) -> std::io::Result<()> {
    match std::fs::metadata(path) {
        Ok(old) => temporary.as_file().set_permissions(old.permissions()),
        Err(_) => Ok(()),
    }
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|d| !d.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn name(path: &Path) -> String {
    shown(&path.to_string_lossy(), 200)
}

fn failed(path: &Path, error: &std::io::Error) -> CliError {
    let name = name(path);
    match error.kind() {
        ErrorKind::NotFound => CliError::Usage(format!("--out {name}: its directory does not exist — make it first")),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            CliError::Usage(format!("--out {name}: {error} — name a place this user may write"))
        }
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
            CliError::Write(format!("--out {name}: {error}; an older file there is as it was — free some space and write it again"))
        }
        _ => CliError::Write(format!("--out {name}: {error}; an older file there is as it was")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_seen_before_it_is_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("report.csv");
        std::fs::write(&path, "old").unwrap();
        let mut target = Target::open(&path).unwrap();
        target.write_all(b"half").unwrap();
        target.flush().unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
        drop(target);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
        let mut target = Target::open(&path).unwrap();
        target.write_all(b"new").unwrap();
        target.publish().unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
    }

    #[test]
    fn places_that_cannot_be_written_are_said() {
        let dir = tempfile::tempdir().unwrap();
        for (path, code) in [(dir.path().to_owned(), 2), (dir.path().join("no/such/report.csv"), 2)] {
            assert_eq!(Target::open(&path).map(|_| ()).unwrap_err().exit_code(), code);
        }
    }
}

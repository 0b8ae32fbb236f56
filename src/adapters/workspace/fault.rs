//! What SQLite and the file system say, in the words of [`StoreError`].

use crate::domain::text::shown;
use crate::ports::workspace::StoreError;
use std::path::Path;

/// Primary result codes of SQLite that are told apart (<https://sqlite.org/rescode.html>).
mod code {
    pub const PERM: i32 = 3;
    pub const BUSY: i32 = 5;
    pub const LOCKED: i32 = 6;
    pub const NOMEM: i32 = 7;
    pub const READONLY: i32 = 8;
    pub const IOERR: i32 = 10;
    pub const FULL: i32 = 13;
    pub const CANTOPEN: i32 = 14;
}

/// A failure of SQLite or its driver.
pub(super) fn store(error: sqlx::Error) -> StoreError {
    match error {
        sqlx::Error::Database(e) => {
            let extended = e.code().and_then(|c| c.parse::<i32>().ok()).unwrap_or(0);
            sqlite(extended, e.message())
        }
        sqlx::Error::Io(e) => io("reading or writing the workspace", &e),
        sqlx::Error::PoolTimedOut => unavailable("every connection to it is busy", "wait for the work under way, then try again"),
        sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => unavailable("its connection ended", "start the program again"),
        other => damaged(shown(&other.to_string(), 200)),
    }
}

fn sqlite(extended: i32, message: &str) -> StoreError {
    match extended & 0xff {
        code::FULL => unavailable("no space left for it", "free some disk space and run again; nothing of this step was stored"),
        code::IOERR => {
            let what = format!("the disk refused a read or write (SQLite error {extended})");
            unavailable(&what, "check the disk and its free space, then run again; nothing of this step was stored")
        }
        code::PERM | code::READONLY | code::CANTOPEN => {
            let what = format!("it cannot be opened or written ({})", shown(message, 80));
            unavailable(&what, "give your user read and write permission on the .dualrun directory and the files in it")
        }
        code::BUSY | code::LOCKED => unavailable("a program that is not dualrun keeps it locked", "close that program, then try again"),
        code::NOMEM => unavailable("there is not enough memory", "close other programs, then try again"),
        _ => damaged(shown(message, 200)),
    }
}

/// A failure of the file system.
pub(super) fn io(what: &str, error: &std::io::Error) -> StoreError {
    use std::io::ErrorKind::{NotADirectory, PermissionDenied, ReadOnlyFilesystem, StorageFull};
    let remedy = match error.kind() {
        PermissionDenied => "give your user read and write permission on the .dualrun directory and the files in it",
        ReadOnlyFilesystem => "use a project directory on a file system that can be written",
        StorageFull => "free some disk space and run again",
        NotADirectory => "remove the file that stands where the .dualrun directory belongs",
        _ => "check the disk and the project directory, then run again",
    };
    StoreError::Io { what: format!("{what}: {error}"), remedy: remedy.to_owned() }
}

/// [`io`] about one path.
pub(super) fn at_path(doing: &str, path: &Path, error: &std::io::Error) -> StoreError {
    io(&format!("{doing} {}", shown(&path.to_string_lossy(), 120)), error)
}

/// It cannot be used now, and what to do.
pub(super) fn unavailable(what: &str, remedy: &str) -> StoreError {
    StoreError::Io { what: what.to_owned(), remedy: remedy.to_owned() }
}

/// Something stored is not what was written.
pub(super) fn damaged(what: impl Into<String>) -> StoreError {
    StoreError::Damaged { what: what.into() }
}

/// JSON that does not read back.
pub(super) fn unreadable(what: &str, error: &serde_json::Error) -> StoreError {
    damaged(format!("{what}: {}", shown(&error.to_string(), 160)))
}

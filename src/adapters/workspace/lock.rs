//! The one lock of a workspace: an exclusive lock of the operating system on a file that says who holds it.

use super::fault;
use crate::domain::text::shown;
use crate::ports::workspace::StoreError;
use chrono::{DateTime, Utc};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::time::Duration;
use tokio::time::Instant;

/// The lock file, beside the store.
pub(super) const FILE: &str = "lock";
/// How often a waiting writer looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(40);
/// The holder's words are read no further than this.
const HOLDER_BYTES: u64 = 400;

/// Who takes the lock.
#[derive(Debug, Clone, Copy)]
pub(super) struct Holder<'a> {
    /// The command: `reconcile`.
    pub purpose: &'a str,
    /// Who runs it.
    pub actor: &'a str,
    /// Since when.
    pub since: DateTime<Utc>,
}

impl std::fmt::Display for Holder<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let pid = std::process::id();
        let purpose = self.purpose.strip_prefix("dualrun ").unwrap_or(self.purpose);
        write!(f, "dualrun {purpose} (pid {pid}) by {} since {}", self.actor, self.since.format("%Y-%m-%d %H:%M:%SZ"))
    }
}

/// The lock, held until dropped or until the process is gone.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock, looking again until `wait` is over.
    pub(super) async fn take(path: &Path, holder: Holder<'_>, wait: Duration) -> Result<Self, StoreError> {
        let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
        let mut file = opened.map_err(|e| fault::at_path("opening", path, &e))?;
        let until = Instant::now() + wait;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::Error(e)) => return Err(fault::at_path("locking", path, &e)),
                Err(TryLockError::WouldBlock) if Instant::now() < until => tokio::time::sleep(LOOK_AGAIN).await,
                Err(TryLockError::WouldBlock) => return Err(StoreError::Locked { holder: said_by(&mut file) }),
            }
        }
        sign(&mut file, &holder.to_string()).map_err(|e| fault::at_path("writing", path, &e))?;
        Ok(Self { _file: file })
    }
}

/// Whether a program holds the lock now. Where that cannot be told, one does.
pub(super) fn is_held(path: &Path) -> bool {
    let Ok(file) = File::open(path) else { return true };
    file.try_lock_shared().is_err()
}

/// One write, then the length: a reader never sees an empty file.
fn sign(file: &mut File, text: &str) -> std::io::Result<()> {
    file.rewind()?;
    file.write_all(text.as_bytes())?;
    file.set_len(text.len() as u64)
}

fn said_by(file: &mut File) -> String {
    let mut bytes = Vec::new();
    let read = file.rewind().and_then(|()| file.take(HOLDER_BYTES).read_to_end(&mut bytes));
    let text = String::from_utf8_lossy(&bytes);
    if read.is_err() || text.trim().is_empty() { "another program".to_owned() } else { shown(text.trim(), 160) }
}

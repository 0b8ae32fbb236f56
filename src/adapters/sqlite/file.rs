//! What can be told about the file without opening it. See the module above for why it is never opened here.

use super::fault::{COPY_REMEDY, fault};
use crate::domain::side::Side;
use crate::domain::text::shown;
use crate::ports::database::{DatabaseKind, Fault, FaultKind, Identity};
use chrono::{DateTime, SecondsFormat, Utc};
use std::fs::Metadata;
use std::io::ErrorKind;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Longest the file system may take to say what a path is.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// A path that names a regular, non-empty file.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// Absolute: SQLite takes what begins with `file:` for a URI, whose options could switch off what protects the file.
    pub(super) path: PathBuf,
    /// Whether this user may write the file, as far as its mode says.
    pub(super) writable: bool,
}

/// Refuses what is no file before SQLite could wait for it: a fifo, a device, a directory, an empty file.
pub(super) async fn check(side: Side, path: &Path) -> Result<Place, Fault> {
    let owned = path.to_owned();
    let look = tokio::task::spawn_blocking(move || look(side, &owned));
    match tokio::time::timeout(ANSWER_WITHIN, look).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) | Err(_) => Err(fault(
            side,
            FaultKind::Unreachable,
            format!("the file system does not answer for {}", name(path)),
            "check the mount, or copy the file to a local disk",
        )),
    }
}

fn look(side: Side, path: &Path) -> Result<Place, Fault> {
    let absolute = std::path::absolute(path).map_err(|e| unreadable(side, path, &e))?;
    let meta = std::fs::metadata(&absolute).map_err(|e| unreadable(side, path, &e))?;
    let kind = meta.file_type();
    let what = if kind.is_dir() {
        "a directory"
    } else if kind.is_fifo() {
        "a fifo"
    } else if kind.is_socket() {
        "a socket"
    } else if kind.is_char_device() || kind.is_block_device() {
        "a device"
    } else if meta.len() == 0 {
        "an empty file"
    } else {
        return Ok(Place { writable: writable(&meta), path: absolute });
    };
    Err(fault(side, FaultKind::Damaged, format!("{} is {what}, not an SQLite database", name(path)), "name the database file in `path`"))
}

fn unreadable(side: Side, path: &Path, error: &std::io::Error) -> Fault {
    let (kind, why, remedy) = match error.kind() {
        ErrorKind::NotFound => {
            (FaultKind::Unreachable, "there is no such file".to_owned(), "check `path`; a relative one starts at the project directory")
        }
        ErrorKind::PermissionDenied => {
            (FaultKind::PermissionDenied, "permission denied".to_owned(), "let this user read the file and enter its directory")
        }
        _ => (FaultKind::Unreachable, error.to_string(), COPY_REMEDY),
    };
    fault(side, kind, format!("{}: {why}", name(path)), remedy)
}

/// The file itself: by links, mounts and other spellings it is still the same.
pub(super) fn identity(side: Side, path: &Path) -> Result<Identity, Fault> {
    let meta = std::fs::metadata(path).map_err(|e| unreadable(side, path, &e))?;
    let said = vec![("device", Some(meta.dev().to_string())), ("file", Some(meta.ino().to_string()))];
    Ok(Identity { kind: DatabaseKind::Sqlite, said, follows: false })
}

/// Size and time of change, for the snapshot's name; empty when the file is gone from its directory.
pub(super) fn changed(path: &Path) -> String {
    let Ok(meta) = std::fs::metadata(path) else { return String::new() };
    let when = meta.modified().map(|t| DateTime::<Utc>::from(t).to_rfc3339_opts(SecondsFormat::Nanos, true)).unwrap_or_default();
    format!("{} bytes changed {when}", meta.len())
}

/// Looks at the mode only: asking by opening would cost the locks.
fn writable(meta: &Metadata) -> bool {
    let me = std::fs::metadata("/proc/self").map(|m| (m.uid(), m.gid())).ok();
    let mode = meta.mode();
    match me {
        Some((0, _)) => true,
        Some((uid, _)) if uid == meta.uid() => mode & 0o200 != 0,
        Some((_, gid)) if gid == meta.gid() => mode & 0o020 != 0,
        _ => mode & 0o002 != 0,
    }
}

/// The path for people.
pub(super) fn name(path: &Path) -> String {
    shown(&path.to_string_lossy(), 200)
}

/// The file SQLite keeps beside a database: its `-wal` or `-journal`; its bytes, when it is there.
pub(super) fn beside(path: &Path, suffix: &str) -> Option<u64> {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    std::fs::metadata(PathBuf::from(name)).ok().map(|m| m.len())
}

/// Whether the `-shm` beside a file belongs to somebody else than the file: its owner may then be unable to write.
pub(super) fn index_of_another_owner(path: &Path) -> bool {
    let mut index = path.as_os_str().to_owned();
    index.push("-shm");
    let owner = |p: &Path| std::fs::metadata(p).ok().map(|m| m.uid());
    matches!((owner(path), owner(Path::new(&index))), (Some(file), Some(index)) if file != index)
}

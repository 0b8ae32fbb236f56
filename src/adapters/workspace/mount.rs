//! Which file system a directory lies on. SQLite's WAL needs shared memory and honest locks, which network file systems do
//! not give: two machines would each believe that they hold the one lock.

use super::fault;
use crate::ports::workspace::StoreError;
use std::path::Path;

/// Linux lists the mounts of this process here.
const MOUNTS: &str = "/proc/self/mountinfo";
const NETWORK: [&str; 7] = ["nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "fuse.sshfs"];

/// Refuses a directory on a network file system. Where the mounts cannot be read, nothing is refused.
pub(super) fn refuse_network(directory: &Path) -> Result<(), StoreError> {
    let Ok(mounts) = std::fs::read_to_string(MOUNTS) else { return Ok(()) };
    let real = directory.canonicalize().map_err(|e| fault::at_path("looking at", directory, &e))?;
    match kind_of(&mounts, &real) {
        Some(kind) if NETWORK.contains(&kind) => {
            let what = format!("it would lie on a network file system ({kind}), where one writer at a time cannot be kept");
            Err(fault::unavailable(&what, "use a project directory on a disk of this machine"))
        }
        _ => Ok(()),
    }
}

/// The kind of the innermost mount that holds a path; of two on one place, the later covers the earlier.
fn kind_of<'a>(mounts: &'a str, path: &Path) -> Option<&'a str> {
    let mut innermost: Option<(usize, &str)> = None;
    for line in mounts.lines() {
        let Some((mount, kind)) = line.split_once(" - ") else { continue };
        let Some(point) = mount.split(' ').nth(4).map(unescaped) else { continue };
        if path.starts_with(&point) && innermost.is_none_or(|(length, _)| point.len() >= length) {
            innermost = kind.split(' ').next().map(|kind| (point.len(), kind));
        }
    }
    innermost.map(|(_, kind)| kind)
}

/// The kernel writes blanks and backslashes as three octal digits.
fn unescaped(text: &str) -> String {
    text.replace("\\040", " ").replace("\\011", "\t").replace("\\012", "\n").replace("\\134", "\\")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_mount_decides() {
        let mounts = "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:5 / /home/my\\040books rw shared:1 - nfs4 server:/x rw\n\
                      3 2 8:2 / /home/my\\040books/local rw - xfs /dev/sdb rw\n";
        let of = |path: &str| kind_of(mounts, Path::new(path));
        assert_eq!(of("/home/my"), Some("ext4"));
        assert_eq!(of("/home/my books/project/.dualrun"), Some("nfs4"));
        assert_eq!(of("/home/my books/local/.dualrun"), Some("xfs"));
        assert!(refuse_network(&std::env::temp_dir()).is_ok());
    }
}

//! No room for the workspace, while staging and while loading: it is said, what was stored stays, and after space is made the next
//! import goes on; each record arrives once.

use crate::harness::{configure, sqlite_text, workspace};
use crate::project::{ALL, apply, complete, fresh, is_whole, loader, requests, sound};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A file system of a few MiB, unmounted when dropped.
pub struct Small(PathBuf);

impl Small {
    pub fn mount(size: &str) -> Self {
        let path = tempfile::tempdir().expect("a folder").keep();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &format!("size={size}"), "dualrun-test"]).arg(&path).output();
        let mounted = mounted.expect("mount can be run");
        let why = String::from_utf8_lossy(&mounted.stderr).into_owned();
        assert!(mounted.status.success(), "this test fills a disk of its own and must mount one (as root, in a mount namespace that lets it): {why}");
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Fills what is left but for so many bytes; gives it back when the file goes.
    pub fn fill(&self, but: u64) -> PathBuf {
        let stuffing = self.0.join("stuffing");
        let block = vec![0u8; 4096];
        let mut file = std::fs::File::create(&stuffing).expect("a file");
        while std::io::Write::write_all(&mut file, &block).is_ok() {}
        let size = file.metadata().expect("a file").len().saturating_sub(but);
        file.set_len(size).expect("cut");
        stuffing
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
        let _ = std::fs::remove_dir(&self.0);
    }
}

/// A project whose workspace lies on a small disk, everything else elsewhere.
fn project_on(disk: &Small, elsewhere: &Path) -> PathBuf {
    let dir = disk.path().join("project");
    std::fs::create_dir(&dir).expect("made");
    loader(elsewhere, "", "");
    std::fs::copy(elsewhere.join("dualrun.toml"), dir.join("dualrun.toml")).expect("copied");
    for side in ["source", "target"] {
        configure(&dir, &[(&format!("path = \"{side}.db\""), &format!("path = \"{}\"", elsewhere.join(format!("{side}.db")).display()))]);
    }
    configure(&dir, &[("\"loader.sh\"", &format!("\"{}\"", elsewhere.join("loader.sh").display()))]);
    dir
}

#[test]
fn full_while_staging() {
    let (disk, elsewhere) = (Small::mount("4m"), fresh());
    let dir = project_on(&disk, elsewhere.path());
    crate::project::program(elsewhere.path(), &format!("cd {}; tee -a requests.log | ./demo-target target.db", elsewhere.path().display()));
    for left in [0, 48 << 10, 160 << 10] {
        let stuffing = disk.fill(left);
        let full = apply(&dir);
        std::fs::remove_file(stuffing).expect("room again");
        // A little room may be enough to begin; what cannot be stored is not handed over.
        if left == 0 || full.code != 0 {
            full.fails(3, &["space"]);
        }
        assert!(left > 0 || requests(elsewhere.path()).is_empty(), "nothing is handed over that is not stored");
        crate::project::nothing_twice(elsewhere.path());
    }
    complete(&dir);
    is_whole(elsewhere.path());
    assert_eq!(requests(elsewhere.path()).len(), usize::try_from(ALL).expect("few"), "each was sent once");
    sound(&dir);
}

/// The disk fills while the program works: what it answered cannot be stored, and is found in the target by the next import.
#[test]
fn full_while_loading() {
    let (disk, elsewhere) = (Small::mount("4m"), fresh());
    let dir = project_on(&disk, elsewhere.path());
    let stuffing = disk.path().join("stuffing");
    let script = |fill: &str| format!("cd {}; {fill} tee -a requests.log | ./demo-target target.db", elsewhere.path().display());
    let full = format!("dd if=/dev/zero of={} bs=4k 2> /dev/null;", stuffing.display());
    for at in [1, 9, 23, 40] {
        let fill = format!("[ $(cat requests.log 2> /dev/null | wc -l) -ge {at} ] && {full}");
        crate::project::program(elsewhere.path(), &script(&fill));
        configure(&dir, &[]);
        let said = apply(&dir);
        if said.code != 0 {
            said.fails(3, &["space"]);
        }
        let _ = std::fs::remove_file(&stuffing);
        crate::project::nothing_twice(elsewhere.path());
        assert_eq!(sqlite_text(&workspace(&dir), "pragma integrity_check"), "ok");
    }
    crate::project::program(elsewhere.path(), &script(""));
    complete(&dir);
    is_whole(elsewhere.path());
    assert_eq!(requests(elsewhere.path()).len(), usize::try_from(ALL).expect("few"), "each was sent once");
    sound(&dir);
}

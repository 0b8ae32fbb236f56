//! A disk that is full: it is said, what was stored stays readable, and after space is made work goes on.

use crate::harness::{configure, csv_rows, generated, reconcile, reconciled, said, sqlite_text, workspace};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A file system of a few MiB, unmounted when dropped.
struct Small(PathBuf);

impl Small {
    fn mount(size: &str) -> Self {
        let path = tempfile::tempdir().expect("a folder").keep();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &format!("size={size}"), "dualrun-test"]).arg(&path).output();
        let mounted = mounted.expect("mount can be run");
        let why = String::from_utf8_lossy(&mounted.stderr).into_owned();
        assert!(mounted.status.success(), "this test fills a disk of its own and must mount one (as root, in a mount namespace that lets it): {why}");
        Self(path)
    }

    /// Fills what is left but for so many bytes; gives it back when the file goes.
    fn fill(&self, but: u64) -> PathBuf {
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

/// A project on a small disk whose two databases lie elsewhere.
fn project_on(disk: &Small, databases: &Path) -> PathBuf {
    let dir = disk.0.join("project");
    std::fs::create_dir(&dir).expect("made");
    std::fs::copy(databases.join("dualrun.toml"), dir.join("dualrun.toml")).expect("copied");
    for side in ["source", "target"] {
        configure(&dir, &[(&format!("\"{side}.db\""), &format!("\"{}\"", databases.join(format!("{side}.db")).display()))]);
    }
    dir
}

#[test]
fn a_full_disk_is_said_and_loses_nothing() {
    let (disk, databases) = (Small::mount("12m"), generated(1_200, 5));
    let dir = project_on(&disk, databases.path());
    let first = reconciled(&dir);
    let rows = csv_rows(&dir, &first);
    for left in [0, 8 << 10, 64 << 10, 300 << 10] {
        let stuffing = disk.fill(left);
        let full = reconcile(&dir, &[]);
        full.fails(3, &["workspace", "space"]);
        assert!(full.out.is_empty());
        assert_eq!(csv_rows(&dir, &first), rows, "readable while the disk is full ({left} bytes left)");
        assert_eq!(said(&dir, &["status", "--format", "json"]).json()["months"][0]["current"]["run"], first["run"]);
        std::fs::remove_file(stuffing).expect("room again");
    }
    assert_eq!(sqlite_text(&workspace(&dir), "pragma integrity_check"), "ok");
    let again = reconciled(&dir);
    assert_eq!((&again["digest"], csv_rows(&dir, &again)), (&first["digest"], rows));
    assert_eq!(said(&dir, &["audit", "verify"]).code, 0);
}

#[test]
fn a_disk_too_full_for_a_workspace_gets_none() {
    let (disk, databases) = (Small::mount("2m"), generated(50, 5));
    let dir = project_on(&disk, databases.path());
    let stuffing = disk.fill(0);
    reconcile(&dir, &[]).fails(3, &["workspace", "space"]);
    std::fs::remove_file(stuffing).expect("room again");
    assert_eq!(reconciled(&dir)["state"], "complete");
}

#[test]
fn a_report_onto_a_full_disk_leaves_the_old_one() {
    let (disk, project) = (Small::mount("1m"), generated(400, 5));
    let dir = project.path();
    reconciled(dir);
    let file = disk.0.join("report.csv");
    std::fs::write(&file, "the old report").expect("written");
    let _stuffing = disk.fill(16 << 10);
    let full = said(dir, &["report", "csv", "--out", file.to_str().expect("a path")]);
    full.fails(4, &["report.csv", "as it was"]);
    assert_eq!(std::fs::read_to_string(&file).expect("still there"), "the old report");
    let left: Vec<_> = std::fs::read_dir(&disk.0).expect("a folder").map(|e| e.expect("an entry").file_name()).collect();
    assert_eq!(left.len(), 2, "nothing half-written stays: {left:?}");
}

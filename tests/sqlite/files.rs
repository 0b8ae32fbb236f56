//! F001 to F006: files that must be read whole or refused with the cause, never read half.

use super::harness::{Unchanged, database, execute, make, open, query, rows, writer};
use dualrun::ports::database::{Database, Fault, FaultKind, Limits, Severity};
use sqlx::Connection;
use sqlx::sqlite::SqliteJournalMode;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// Set for the copy of this program that runs as another user: the directory it looks into.
const CHILD: &str = "DUALRUN_TEST_UNPRIVILEGED";

/// A copy of a live WAL database whose second row is only in the `-wal`.
async fn crashed_wal(dir: &Path, name: &str) -> PathBuf {
    let live = dir.join(format!("live-{name}"));
    let mut app = writer(&live, SqliteJournalMode::Wal).await;
    execute(&mut app, "create table t(i); insert into t values (1); pragma wal_checkpoint(truncate); insert into t values (2);").await;
    let copy = dir.join(name);
    for suffix in ["", "-wal"] {
        fs::copy(format!("{}{suffix}", live.display()), format!("{}{suffix}", copy.display())).unwrap();
    }
    app.close().await.unwrap();
    copy
}

/// 5,000 rows over a dozen pages.
async fn full(dir: &Path) -> Vec<u8> {
    let script = "create table t(i); with recursive r(i) as (select 0 union all select i+1 from r where i < 4999) insert into t select i from r;";
    fs::read(make(dir, "full.db", script).await).unwrap()
}

async fn refused(path: &Path) -> Fault {
    let began = Instant::now();
    let fault = open(path).await.err().unwrap_or_else(|| panic!("{} was opened", path.display()));
    assert!(began.elapsed() < Duration::from_secs(2), "{fault}");
    assert!(!fault.remedy.is_empty(), "{fault}");
    fault
}

#[tokio::test]
async fn f001_rows_only_in_the_wal_are_seen() {
    let dir = tempfile::tempdir().unwrap();
    let path = crashed_wal(dir.path(), "hot.db").await;
    let unchanged = Unchanged::of(&path);
    let mut session = open(&path).await.unwrap();
    assert_eq!(rows(session.as_mut(), &query("select i from t order by i")).await.unwrap(), [["1"], ["2"]]);
    session.close().await.unwrap();
    unchanged.holds();
}

#[tokio::test]
async fn f002_a_wal_in_a_directory_that_cannot_be_written_says_so() {
    if let Ok(dir) = std::env::var(CHILD) {
        f002_as_the_other_user(Path::new(&dir)).await;
        return an_index_of_another_owner_is_warned_of(&Path::new(&dir).with_file_name("shared").join("wal.db")).await;
    }
    let dir = tempfile::tempdir().unwrap();
    let locked = dir.path().join("locked");
    fs::create_dir(&locked).unwrap();
    let path = crashed_wal(dir.path(), "hot.db").await;
    for suffix in ["", "-wal"] {
        fs::rename(format!("{}{suffix}", path.display()), format!("{}/x.db{suffix}", locked.display())).unwrap();
    }
    let idle = locked.join("idle.db");
    let mut app = writer(&idle, SqliteJournalMode::Wal).await;
    execute(&mut app, "create table t(i)").await;
    app.close().await.unwrap();
    let wal_file = dir.path().join("wal.db");
    fs::copy(&idle, &wal_file).unwrap();
    fs::write(locked.join("secret.db"), full(dir.path()).await).unwrap();
    for (name, mode) in [("x.db", 0o444), ("x.db-wal", 0o444), ("idle.db", 0o444), ("secret.db", 0o000), ("", 0o555)] {
        fs::set_permissions(locked.join(name), fs::Permissions::from_mode(mode)).unwrap();
    }
    let root = fs::metadata("/proc/self").is_ok_and(|m| std::os::unix::fs::MetadataExt::uid(&m) == 0);
    if root {
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let shared = dir.path().join("shared");
        fs::create_dir(&shared).unwrap();
        fs::rename(&wal_file, shared.join("wal.db")).unwrap();
        fs::set_permissions(&shared, fs::Permissions::from_mode(0o777)).unwrap();
        let program = dir.path().join("program");
        fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
        let child = Command::new("setpriv")
            .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
            .arg(&program)
            .args(["--exact", "files::f002_a_wal_in_a_directory_that_cannot_be_written_says_so"])
            .env(CHILD, &locked)
            .current_dir("/")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&child.stdout);
        assert!(child.status.success() && said.contains("1 passed"), "{said}");
    } else {
        f002_as_the_other_user(&locked).await;
    }
    let left: Vec<_> = fs::read_dir(&locked).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left.len(), 4, "nothing was left beside the file: {left:?}");
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o755)).unwrap();
}

async fn f002_as_the_other_user(dir: &Path) {
    for name in ["x.db", "idle.db"] {
        let fault = refused(&dir.join(name)).await;
        assert_eq!(fault.kind, FaultKind::Damaged, "{fault}");
        assert!(fault.what.contains("-wal") && fault.remedy.contains(".backup copy.db"), "{fault}");
    }
    assert_eq!(refused(&dir.join("secret.db")).await.kind, FaultKind::PermissionDenied);
}

/// Who may write the directory, but not the file, leaves an index its owner cannot write.
async fn an_index_of_another_owner_is_warned_of(path: &Path) {
    let findings = database(path).inspect(&Limits::default(), &CancellationToken::new()).await;
    let warned = findings.iter().find(|f| f.code == "wal_index_of_another_owner").unwrap_or_else(|| panic!("{findings:?}"));
    assert!(warned.severity == Severity::Warning && warned.remedy.contains("owner"));
    assert!(findings.iter().all(|f| f.code != "file_writable_by_user"));
}

#[tokio::test]
async fn f003_a_truncated_file_gives_no_rows() {
    let dir = tempfile::tempdir().unwrap();
    let bytes = full(dir.path()).await;
    for keep in [bytes.len() / 2, bytes.len() - 4096, 5_000, 100, 60] {
        let path = dir.path().join("truncated.db");
        fs::write(&path, &bytes[..keep]).unwrap();
        let fault = refused(&path).await;
        assert_eq!(fault.kind, FaultKind::Damaged, "{keep}: {fault}");
        assert!(fault.what.contains("truncated.db"), "{fault}");
        let findings = database(&path).inspect(&Limits::default(), &CancellationToken::new()).await;
        assert!(findings.iter().any(|f| f.severity == Severity::Error && f.code == "damaged"), "{findings:?}");
    }
}

#[tokio::test]
async fn f004_a_flipped_byte_is_a_fault_or_changes_no_value() {
    let dir = tempfile::tempdir().unwrap();
    let mut bytes = full(dir.path()).await;
    bytes[5_000] ^= 0xff;
    let path = dir.path().join("bitflip.db");
    fs::write(&path, &bytes).unwrap();
    let unchanged = Unchanged::of(&path);
    let read = match open(&path).await {
        Err(fault) => Err(fault),
        Ok(mut session) => rows(session.as_mut(), &query("select i from t")).await,
    };
    match read {
        Err(fault) => assert_eq!(fault.kind, FaultKind::Damaged, "{fault}"),
        Ok(table) => assert!(table.iter().enumerate().all(|(i, row)| row[0] == i.to_string()) && table.len() == 5_000),
    }
    unchanged.holds();
}

#[tokio::test]
async fn damage_found_half_way_leaves_no_rows_and_doctor_finds_it() {
    let dir = tempfile::tempdir().unwrap();
    let mut bytes = full(dir.path()).await;
    let page = bytes.len() / 4096 / 2;
    bytes[page * 4096..][..64].fill(0xa5);
    let path = dir.path().join("smashed.db");
    fs::write(&path, &bytes).unwrap();
    let mut session = open(&path).await.unwrap();
    let fault = rows(session.as_mut(), &query("select i from t")).await.unwrap_err();
    assert!(fault.kind == FaultKind::Damaged && fault.query.as_deref() == Some("source.test") && fault.remedy.contains("integrity_check"), "{fault}");
    session.close().await.unwrap();
    let findings = database(&path).inspect(&Limits::default(), &CancellationToken::new()).await;
    assert!(findings.iter().any(|f| f.severity == Severity::Error && f.code == "damaged" && !f.remedy.is_empty()), "{findings:?}");
}

#[tokio::test]
async fn names_that_are_no_utf8_are_refused_before_the_driver_meets_them() {
    let dir = tempfile::tempdir().unwrap();
    let path = make(dir.path(), "names.db", "create table t(id, colZZumn)").await;
    let mut bytes = fs::read(&path).unwrap();
    let at = bytes.windows(2).position(|w| w == b"ZZ").unwrap();
    bytes[at..at + 2].copy_from_slice(&[0xff, 0xfe]);
    fs::write(&path, &bytes).unwrap();
    let fault = refused(&path).await;
    assert!(fault.kind == FaultKind::Damaged && fault.what.contains("UTF-8"), "{fault}");
}

#[tokio::test]
async fn f005_what_is_no_database_is_refused_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    fs::write(at("notadb.db"), "hello world\n".repeat(100)).unwrap();
    fs::write(at("empty.db"), "").unwrap();
    fs::create_dir(at("dir.db")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", at("zero.db")).unwrap();
    assert!(Command::new("mkfifo").arg(at("fifo.db")).status().unwrap().success());
    let table = [
        ("notadb.db", FaultKind::Damaged, "no SQLite database"),
        ("empty.db", FaultKind::Damaged, "an empty file"),
        ("dir.db", FaultKind::Damaged, "a directory"),
        ("zero.db", FaultKind::Damaged, "a device"),
        ("fifo.db", FaultKind::Damaged, "a fifo"),
        ("absent.db", FaultKind::Unreachable, "no such file"),
    ];
    for (name, kind, words) in table {
        let fault = refused(&at(name)).await;
        assert!(fault.kind == kind && fault.what.contains(name) && fault.what.contains(words), "{fault}");
    }
    assert!(!at("absent.db").exists());
}

#[tokio::test]
async fn f006_a_hot_rollback_journal_is_no_stale_read() {
    let dir = tempfile::tempdir().unwrap();
    let live = make(dir.path(), "live.db", "create table t(i, pad); with recursive r(i) as (select 0 union all select i+1 from r where i < 4999) insert into t select i, hex(zeroblob(50)) from r;").await;
    let path = dir.path().join("hot.db");
    let mut app = writer(&live, SqliteJournalMode::Delete).await;
    execute(&mut app, "pragma cache_size = 1; begin; update t set i = -1;").await;
    for suffix in ["", "-journal"] {
        fs::copy(format!("{}{suffix}", live.display()), format!("{}{suffix}", path.display())).unwrap();
    }
    app.close().await.unwrap();
    let unchanged = Unchanged::of(&path);
    let fault = refused(&path).await;
    assert_eq!(fault.kind, FaultKind::Damaged, "{fault}");
    assert!(fault.what.contains("rollback journal") && fault.remedy.contains(".backup copy.db"), "{fault}");
    unchanged.holds();
}

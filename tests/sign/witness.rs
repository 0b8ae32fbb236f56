//! Every report and the last line of every acting command is a witness of the journal.

use crate::project::Signing;
use dualrun::ports::workspace::WorkspaceDoor as _;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};

#[tokio::test]
async fn reports_and_exit_lines_show_a_cut() {
    let of = Signing::built_to_agree().await;
    let file = |name: &str| of.dir().join(name).to_str().unwrap().to_owned();
    let mut witnesses = Vec::new();
    for kind in ["json", "jsonl", "csv", "text"] {
        let path = file(&format!("report.{kind}"));
        assert_eq!(of.run("eva", &["report", kind, "--out", &path]).0, 0);
        witnesses.push(path);
    }
    let (_, status, _) = of.run("eva", &["status", "--format", "json"]);
    std::fs::write(file("status.json"), status).unwrap();
    witnesses.push(file("status.json"));
    let last_line = |what: &[&str], who: &str| {
        let (_, _, err) = of.run(who, what);
        let line = err.lines().last().unwrap_or_default().to_owned();
        assert!(line.starts_with("dualrun: journal ") && line.contains(" entries, head "), "{what:?}: {err}");
        line
    };
    let signed = last_line(&["sign", "agree", "-y", "--key", of.key("ana").to_str().unwrap()], "ana");
    last_line(&["note", "sub-1108", "asked", "-q"], "ana");
    last_line(&["resolve", "sub-1108", "--reason", "credited", "--apply"], "ana");
    last_line(&["inertness"], "ana");
    // Refused, and yet the line is there: whoever reads a log has a witness.
    last_line(&["sign", "agree", "-y", "--attested"], "ana");
    let quiet = ["status", "sign list", "sign verify", "waive list", "resolve sub-1108 --reason r", "audit verify", "sign agree --message"];
    for looks in quiet.map(|words| words.split(' ').collect::<Vec<_>>()) {
        assert!(!of.run("ana", &looks).2.contains("journal"), "{looks:?} does not act");
    }
    std::fs::write(file("log"), signed).unwrap();
    witnesses.push(file("log"));
    // An entry that nothing else is held against.
    of.door().write("note", "eva", std::time::Duration::from_secs(5)).await.unwrap().append("eva", "note", "{}").await.unwrap();
    let newest = of.run("ana", &["audit", "verify", "--format", "json"]).1;
    std::fs::write(file("audit.json"), &newest).unwrap();
    witnesses.push(file("audit.json"));
    let against: Vec<&str> = witnesses.iter().flat_map(|path| ["--against", path.as_str()]).collect();
    let (code, verified) = of.json("eva", &[&["audit", "verify"], &against[..]].concat());
    assert_eq!((code, verified["against"].as_array().map(Vec::len)), (0, Some(7)));

    let mut conn = SqliteConnectOptions::new().filename(of.dir().join(".dualrun/workspace.db")).connect().await.unwrap();
    for cut in ["DROP TRIGGER journal_is_not_cut", "DELETE FROM journal WHERE seq = (SELECT max(seq) FROM journal)"] {
        sqlx::query(cut).execute(&mut conn).await.unwrap();
    }
    conn.close().await.unwrap();
    assert_eq!(of.run("eva", &["audit", "verify", "--against", &witnesses[0]]).0, 0, "an older witness does not reach so far");
    let (code, _, err) = of.run("eva", &["audit", "verify", "--against", &file("audit.json")]);
    assert!(code == 3 && err.contains("entry ") && err.contains(" is gone"), "{code} {err}");
    let (code, _, err) = of.run("eva", &["audit", "verify", "--against", &file("runbook.toml")]);
    assert!(code == 2 && err.contains("says no head of a journal"), "{err}");
}

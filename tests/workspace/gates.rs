//! Acts about gates: kept with their journal entries, told who was first, and held against the journal and older reports.

use crate::writer;
use dualrun::app::audit::{Witness, verify_against};
use dualrun::domain::gate::GateDeed;
use dualrun::ports::workspace::{JournalHead, StoreError, WorkspaceWriter};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqliteConnection};
use std::path::Path;

const SERVICE: &str = "nexacloud";

fn no_go(reason: &str) -> GateDeed {
    GateDeed::NoGo { stage: "s".into(), environment: "p".into(), reason: reason.into() }
}

async fn raw(dir: &Path) -> SqliteConnection {
    SqliteConnectOptions::new().filename(dir.join(".dualrun/workspace.db")).connect().await.unwrap()
}

#[tokio::test]
async fn acts_come_back_in_order_and_a_later_one_is_told_who_was_first() {
    let dir = tempfile::tempdir().unwrap();
    let writer = writer(dir.path()).await;
    let act = async |service: &str, who: &str, reason: &str, seen: Option<i64>| writer.gate_act(service, who, &no_go(reason), seen).await;
    assert_eq!(act(SERVICE, "ana", "one", Some(0)).await.unwrap().id, 1);
    assert_eq!(act("other", "ben", "two", Some(0)).await.unwrap().id, 2, "what happens to another service is seen by nobody here");
    let late = act(SERVICE, "ben", "three", Some(0)).await.unwrap_err();
    assert!(matches!(&late, StoreError::Overtaken { by, what, .. } if by == "ana" && what == "stage refused"), "{late}");
    assert_eq!(act(SERVICE, "ben", "three", Some(1)).await.unwrap().id, 3);
    assert_eq!(act(SERVICE, "cyd", "four", None).await.unwrap().id, 4);
    let acts = writer.gate_acts(SERVICE).await.unwrap();
    assert_eq!(acts.iter().map(|a| (a.id, a.actor.as_str())).collect::<Vec<_>>(), [(1, "ana"), (3, "ben"), (4, "cyd")]);
    let journal = writer.journal_after(1, 10).await.unwrap();
    assert_eq!(journal.iter().map(|e| (e.seq, e.kind.as_str())).collect::<Vec<_>>(), (2..6).map(|n| (n, "stage_refused")).collect::<Vec<_>>());
    assert_eq!(writer.newest_entry("stage_refused").await.unwrap().map(|e| e.actor).as_deref(), Some("cyd"));
    assert!(writer.newest_entry("config_adopted").await.unwrap().is_none());
    writer.verify_journal().await.unwrap();
}

/// Two workspaces: in the second, what an attacker would rather have, each act properly sealed.
#[tokio::test]
async fn acts_that_were_changed_put_in_or_taken_out_are_found_although_sealed() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (here, there) = (writer(dir.path()).await, writer(other.path()).await);
    for (n, forged) in ["one", "TWO", "three", "four"].into_iter().enumerate() {
        if n < 3 {
            here.gate_act(SERVICE, "ana", &no_go(["one", "two", "three"][n]), None).await.unwrap();
        }
        there.gate_act(SERVICE, "ana", &no_go(forged), None).await.unwrap();
    }
    drop(there);
    let mut conn = raw(dir.path()).await;
    let forged = other.path().join(".dualrun/workspace.db");
    sqlx::query(AssertSqlSafe(format!("ATTACH '{}' AS forged", forged.display()))).execute(&mut conn).await.unwrap();
    for statement in ["UPDATE gate_acts SET act = ''", "DELETE FROM gate_acts"] {
        let refused = sqlx::query(statement).execute(&mut conn).await.unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{refused}");
    }
    for statement in ["DROP TRIGGER gate_acts_are_not_edited", "DROP TRIGGER gate_acts_are_not_cut", "CREATE TABLE kept AS SELECT * FROM gate_acts"] {
        sqlx::query(statement).execute(&mut conn).await.unwrap();
    }
    for (change, found) in [
        (
            "INSERT OR REPLACE INTO gate_acts SELECT * FROM forged.gate_acts WHERE id = 2",
            "act 2 about gates, which journal entry 3 is of, is not what",
        ),
        ("INSERT INTO gate_acts SELECT * FROM forged.gate_acts WHERE id = 4", "act 4 about gates has no entry"),
        ("DELETE FROM gate_acts WHERE id = 3", "act 3 about gates, which journal entry 4 is of, is gone"),
        ("DELETE FROM gate_acts WHERE id = 1", "act 1 about gates, which journal entry 2 is of, is gone"),
        ("UPDATE gate_acts SET service = 'other' WHERE id = 2", "act 2 about gates"),
        ("UPDATE gate_acts SET act = replace(act, 'two', 'TWO') WHERE id = 2", "act 2 about gates is not what was written"),
        ("DELETE FROM gate_acts", "act 1 about gates"),
    ] {
        sqlx::query(change).execute(&mut conn).await.unwrap();
        let said = here.verify_journal().await.unwrap_err().to_string();
        assert!(said.contains(found), "{change}: {said}");
        sqlx::query("DELETE FROM gate_acts").execute(&mut conn).await.unwrap();
        sqlx::query("INSERT INTO gate_acts SELECT * FROM kept").execute(&mut conn).await.unwrap();
    }
    // A gap is seen by whoever reads, and nothing is added after it.
    sqlx::query("DELETE FROM gate_acts WHERE id = 2").execute(&mut conn).await.unwrap();
    assert!(here.gate_acts(SERVICE).await.unwrap_err().to_string().contains("acts about gates are missing"));
    assert!(here.gate_act(SERVICE, "ana", &no_go("more"), None).await.is_err());
    conn.close().await.unwrap();
}

/// A workspace whose first entries are the same wherever it is, and then say something of its own.
async fn journal(dir: &Path, same: i64, length: i64, own: &str) -> std::sync::Arc<dyn WorkspaceWriter> {
    let writer = writer(dir).await;
    for n in 2..=length {
        let word = if n <= same { "same" } else { own };
        writer.append("ana", "note", &format!("{{\"n\":{n},\"word\":\"{word}\"}}")).await.unwrap();
    }
    writer
}

async fn witness(store: &dyn WorkspaceWriter, length: i64) -> Witness {
    let entry = store.journal_after(length - 1, 1).await.unwrap().pop().unwrap();
    Witness { head: JournalHead { length, hash: entry.hash }, from: format!("report {length}") }
}

#[tokio::test]
async fn an_older_report_shows_a_journal_that_was_cut_or_written_anew() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (here, forged) = (journal(dir.path(), 20, 20, "").await, journal(other.path(), 7, 25, "forged").await);
    let mut seen = Vec::new();
    for length in [18, 5, 1, 20] {
        seen.push(witness(&*here, length).await);
    }
    assert_eq!(verify_against(&*here, seen.clone()).await.unwrap().length, 20);
    let said = async |store: &dyn WorkspaceWriter, seen: &[Witness]| verify_against(store, seen.to_vec()).await.unwrap_err().to_string();
    // The whole chain holds in itself, and is another.
    forged.verify_journal().await.unwrap();
    let fork = said(&*forged, &seen).await;
    assert!(
        fork.contains("journal entry 18 is not the one report 18 saw: after entry 5, which an older report proves, the chain was written anew"),
        "{fork}"
    );
    let fork = said(&*forged, &seen[..1]).await;
    assert!(fork.contains("journal entry 18 is not the one report 18 saw: the chain was written anew at or before it"), "{fork}");
    assert!(verify_against(&*forged, seen[1..3].to_vec()).await.is_ok(), "up to there they are one");

    let mut conn = raw(dir.path()).await;
    sqlx::query("DROP TRIGGER journal_is_not_cut").execute(&mut conn).await.unwrap();
    sqlx::query("DELETE FROM journal WHERE seq > 18").execute(&mut conn).await.unwrap();
    here.verify_journal().await.unwrap();
    let cut = said(&*here, &seen).await;
    assert!(cut.contains("the journal has 18 entries, and report 20 saw 20: entries 19 to 20 are gone"), "{cut}");
    // What is written after the cut does not hide it.
    for _ in 0..5 {
        here.append("eve", "note", "{}").await.unwrap();
    }
    let fork = said(&*here, &seen).await;
    assert!(fork.contains("journal entry 20 is not the one report 20 saw: after entry 18"), "{fork}");
}

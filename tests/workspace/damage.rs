//! Files that are not what was written: newer, foreign, bent. An error with a remedy, never a panic.

use crate::sample::{end, evidence_of, lay, request, rows};
use crate::{door, writer};
use dualrun::domain::evidence::Shelf;
use dualrun::domain::side::Side;
use dualrun::domain::verdict::Review;
use dualrun::ports::workspace::{PageFrom, PageRequest, RowDetail, RowFilter, RowLine, Sort, SortColumn, StoreError, WorkspaceDoor};
use sqlx::sqlite::{SqliteConnectOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, QueryBuilder, Sqlite, SqliteConnection};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

async fn raw(dir: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(dir.join(".dualrun/workspace.db")).create_if_missing(true);
    options.synchronous(SqliteSynchronous::Off).connect().await.unwrap()
}

async fn both_ways(dir: &Path) -> [StoreError; 2] {
    let read = door(dir).read().await.err().unwrap();
    [read, door(dir).write("reconcile", "ana", Duration::ZERO).await.err().unwrap()]
}

#[tokio::test]
async fn a_newer_workspace_is_refused_and_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    drop(writer(dir.path()).await);
    let mut conn = raw(dir.path()).await;
    sqlx::query("PRAGMA user_version = 99").execute(&mut conn).await.unwrap();
    // The connections of the writer close behind its back and would bring the file up to date while it is looked at.
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut conn).await.unwrap();
    conn.close().await.unwrap();
    let before = std::fs::read(dir.path().join(".dualrun/workspace.db")).unwrap();
    for error in both_ways(dir.path()).await {
        assert_eq!(error, StoreError::Newer { found: 99, known: 8 });
    }
    assert_eq!(std::fs::read(dir.path().join(".dualrun/workspace.db")).unwrap(), before);
}

#[tokio::test]
async fn a_file_that_is_no_workspace_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join(".dualrun")).unwrap();
    std::fs::write(dir.path().join(".dualrun/workspace.db"), "not a database, but long enough to look at".repeat(99)).unwrap();
    assert!(both_ways(dir.path()).await.iter().all(|e| matches!(e, StoreError::Damaged { .. })));

    std::fs::remove_file(dir.path().join(".dualrun/workspace.db")).unwrap();
    let mut conn = raw(dir.path()).await;
    sqlx::query("CREATE TABLE invoices (id TEXT)").execute(&mut conn).await.unwrap();
    conn.close().await.unwrap();
    let before = std::fs::read(dir.path().join(".dualrun/workspace.db")).unwrap();
    for error in both_ways(dir.path()).await {
        assert!(error.to_string().contains("not a workspace of dualrun"), "{error}");
    }
    assert_eq!(std::fs::read(dir.path().join(".dualrun/workspace.db")).unwrap(), before, "a foreign database was changed");
}

#[tokio::test]
async fn a_file_in_the_way_of_the_directory_is_named() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join(".dualrun"), "").unwrap();
    let error = door(dir.path()).write("reconcile", "ana", Duration::ZERO).await.err().unwrap();
    assert!(matches!(&error, StoreError::Io { .. }), "{error}");
}

/// What was read, by name: each must be what was written, or not be read at all.
type Truth = BTreeMap<String, String>;

/// Reads everything; whatever comes, it comes as a result.
async fn read_all(dir: &Path, seen: &mut Truth) -> Result<(), StoreError> {
    let Some(store) = door(dir).read().await? else { return Ok(()) };
    for run in store.newest_runs("nexacloud").await? {
        seen.insert(format!("newest {}", run.id), format!("{run:?}"));
    }
    for run in store.runs(10).await? {
        seen.insert(format!("run {}", run.id), format!("{run:?}"));
        let totals = store.totals(run.id, &RowFilter::default()).await?;
        seen.insert(format!("totals {}", run.id), format!("{totals:?}"));
        for line in crate::all(&*store, run.id, &RowFilter::default()).await? {
            seen.insert(format!("taken {}", line.seq), format!("{:?}", RowLine { cause: None, review: Review::Open, ..line }));
        }
        for column in [SortColumn::Key, SortColumn::AtStake, SortColumn::Delta, SortColumn::Customer] {
            let sort = Sort { column, descending: true };
            let request = PageRequest { run: run.id, filter: RowFilter::default(), sort, from: PageFrom::Start, limit: 500 };
            for (cursor, mut line) in store.page(&request).await?.rows {
                // A cause that was struck is not named, and explains nothing: less is said, nothing else.
                line.review = Review::Open;
                seen.extend(line.cause.take().map(|cause| (format!("cause {}", cursor.seq), cause)));
                seen.insert(format!("line {}", cursor.seq), format!("{line:?}"));
                if cursor.seq % 40 == 0 {
                    let mut detail = RowDetail { explanation: None, evidence: None, ..store.detail(run.id, cursor.seq).await? };
                    detail.row.review = Review::Open;
                    seen.insert(format!("detail {}", cursor.seq), format!("{detail:?}"));
                }
            }
        }
    }
    for (seq, row, evidence) in store.rows_at(1, &store.differing(1).await?).await? {
        seen.insert(format!("differing {seq}"), format!("{row:?}"));
        seen.extend(evidence.map(|evidence| (format!("evidence {seq}"), format!("{evidence:?}"))));
    }
    for (n, glance) in store.glances(1).await?.into_iter().enumerate() {
        seen.insert(format!("glance {n}"), format!("{glance:?}"));
    }
    for (seq, explanation) in store.explanations(1, None, 500).await? {
        seen.insert(format!("explanation {seq}"), format!("{explanation:?}"));
    }
    for side in Side::BOTH {
        seen.extend(store.shelf(1, side).await?.terms.iter().map(|terms| (format!("{} of the {side}", terms.plan.id), format!("{terms:?}"))));
    }
    seen.extend(store.clusters(1).await?.map(|clusters| ("clusters".to_owned(), clusters)));
    crate::staging::read_all(&*store, seen).await?;
    store.verify_journal().await?;
    Ok(())
}

#[tokio::test]
async fn flipped_bits_give_an_error_or_the_right_number_never_another() {
    let dir = tempfile::tempdir().unwrap();
    let store_of = writer(dir.path()).await;
    let all = rows(400, 1);
    let mut run = store_of.begin(&request("2026-05")).await.unwrap();
    run.shelf(Side::Source, &Shelf { terms: vec![crate::round_trip::terms()], ..Shelf::default() }).await.unwrap();
    lay(&mut *run, &all).await.unwrap();
    run.finish(end(&all)).await.unwrap();
    let made = crate::explanations::explanations(&all);
    store_of.explained(1, true, &made).await.unwrap();
    store_of.keep_clusters(1, "[]").await.unwrap();
    crate::staging::one_of_everything(&*store_of).await;
    drop(store_of);
    let path = dir.path().join(".dualrun/workspace.db");
    let mut conn = raw(dir.path()).await;
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut conn).await.unwrap();
    conn.close().await.unwrap();
    let good = std::fs::read(&path).unwrap();
    let mut truth = Truth::new();
    read_all(dir.path(), &mut truth).await.unwrap();
    let kept = all.iter().filter(|r| r.verdict.differs()).count() + all.iter().filter_map(evidence_of).count() + made.len();
    let glances = all.iter().filter(|r| r.verdict.differs()).count();
    let named = made.iter().filter(|(_, e)| e.label().is_some()).count();
    assert_eq!(truth.len(), 1 + 1 + 1 + 2 * 400 + 10 + 6 + kept + glances + named + 1 + 1);
    let mut dice = crate::sample::Dice::new(3);
    let mut refused = 0;
    for flip in 0..300u64 {
        // Every third flip strikes the first pages, where the schema and the headers are.
        let span = if flip % 3 == 0 { 32_768 } else { good.len() as u64 };
        let mut bad = good.clone();
        // Noughts are mostly room nobody uses: a flip there strikes nothing.
        let struck = std::iter::repeat_with(|| usize::try_from(dice.below(span)).unwrap()).find(|at| good[*at] != 0).unwrap();
        bad[struck] ^= 1 << dice.below(8);
        std::fs::write(&path, bad).unwrap();
        let mut seen = Truth::new();
        refused += u32::from(read_all(dir.path(), &mut seen).await.is_err());
        for (name, value) in seen {
            assert_eq!(truth.get(&name), Some(&value), "{name} after flip {flip}");
        }
    }
    println!("{refused} of 300 flips refused");
    assert!(refused > 40, "only {refused} of 300 flips were noticed");
    std::fs::write(&path, good).unwrap();
    let mut again = Truth::new();
    read_all(dir.path(), &mut again).await.unwrap();
    assert_eq!(again, truth);
}

const FIELDS: [&str; 6] = ["at", "actor", "kind", "facts", "previous", "hash"];

async fn get(conn: &mut SqliteConnection, field: &str, seq: i64) -> String {
    let mut sql: QueryBuilder<Sqlite> = QueryBuilder::new("SELECT ");
    sql.push(field).push(" FROM journal WHERE seq = ").push_bind(seq);
    sql.build_query_scalar().fetch_one(conn).await.unwrap()
}

async fn set(conn: &mut SqliteConnection, field: &str, seq: i64, value: String) {
    let mut sql: QueryBuilder<Sqlite> = QueryBuilder::new("UPDATE journal SET ");
    sql.push(field).push(" = ").push_bind(value).push(" WHERE seq = ").push_bind(seq);
    sql.build().execute(conn).await.unwrap();
}

async fn with_journal(dir: &Path, length: i64) -> SqliteConnection {
    let writer = writer(dir).await;
    for n in 2..=length {
        writer.append("ana", "note", &format!("{{\"n\":{n}}}")).await.unwrap();
    }
    drop(writer);
    let mut conn = raw(dir).await;
    for statement in ["UPDATE journal SET actor = 'eve'", "DELETE FROM journal WHERE seq = 2"] {
        let refused = sqlx::query(statement).execute(&mut conn).await.unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{refused}");
    }
    for trigger in ["DROP TRIGGER journal_is_not_edited", "DROP TRIGGER journal_is_not_cut"] {
        sqlx::query(trigger).execute(&mut conn).await.unwrap();
    }
    conn
}

#[tokio::test]
async fn every_changed_byte_of_the_journal_is_found() {
    const LENGTH: i64 = 50;
    let dir = tempfile::tempdir().unwrap();
    let mut conn = with_journal(dir.path(), LENGTH).await;
    let store = door(dir.path()).read().await.unwrap().unwrap();
    let mut edits = 0;
    for seq in 1..=LENGTH {
        for field in FIELDS {
            let good = get(&mut conn, field, seq).await;
            for at in 0..good.len() {
                let mut bad = good.clone().into_bytes();
                bad[at] = if bad[at] == b'7' { b'8' } else { b'7' };
                set(&mut conn, field, seq, String::from_utf8(bad).unwrap()).await;
                let found = store.verify_journal().await.unwrap_err().to_string();
                assert!(found.contains("journal entry"), "{field} of {seq}: {found}");
                edits += 1;
            }
            set(&mut conn, field, seq, good.clone() + " ").await;
            assert!(store.verify_journal().await.is_err(), "{field} of {seq} grew");
            set(&mut conn, field, seq, good).await;
        }
    }
    assert!(edits > 8_000, "{edits}");
    assert_eq!(store.verify_journal().await.unwrap().length, LENGTH);
}

#[tokio::test]
async fn entries_taken_away_put_in_or_moved_are_found() {
    let dir = tempfile::tempdir().unwrap();
    let mut conn = with_journal(dir.path(), 20).await;
    let store = door(dir.path()).read().await.unwrap().unwrap();
    let head = store.journal_head().await.unwrap();
    sqlx::query("CREATE TABLE kept AS SELECT * FROM journal").execute(&mut conn).await.unwrap();
    for statements in [
        &["DELETE FROM journal WHERE seq = 1"][..],
        &["DELETE FROM journal WHERE seq = 7"],
        &["DELETE FROM journal WHERE seq = 7", "UPDATE journal SET seq = seq - 1 WHERE seq > 7"],
        &["DELETE FROM journal"],
        &["INSERT INTO journal SELECT 21, at, actor, kind, facts, previous, hash FROM journal WHERE seq = 20"],
        &["UPDATE journal SET seq = 99 WHERE seq = 8", "UPDATE journal SET seq = 8 WHERE seq = 9", "UPDATE journal SET seq = 9 WHERE seq = 99"],
        &["INSERT INTO journal SELECT 0, at, actor, kind, facts, previous, hash FROM journal WHERE seq = 1"],
    ] {
        let mut tx = conn.begin().await.unwrap();
        for statement in statements {
            sqlx::query(*statement).execute(&mut *tx).await.unwrap();
        }
        tx.commit().await.unwrap();
        assert!(store.verify_journal().await.is_err(), "{statements:?}");
        restore(&mut conn).await;
    }
    // A tail that was cut off holds in itself; only an older head, kept elsewhere, shows it.
    sqlx::query("DELETE FROM journal WHERE seq > 18").execute(&mut conn).await.unwrap();
    let cut = store.verify_journal().await.unwrap();
    assert_eq!((cut.length, cut.hash == head.hash), (18, false));
}

/// Puts the journal back from the copy.
async fn restore(conn: &mut SqliteConnection) {
    sqlx::query("DELETE FROM journal").execute(&mut *conn).await.unwrap();
    sqlx::query("INSERT INTO journal SELECT * FROM kept").execute(conn).await.unwrap();
}

#[tokio::test]
async fn a_block_that_is_gone_or_too_many_is_seen_by_who_takes_all_rows() {
    for bend in [
        "DELETE FROM row_blocks WHERE place = (SELECT min(place) FROM row_blocks)",
        "DELETE FROM row_blocks WHERE place = (SELECT max(place) FROM row_blocks)",
        "DELETE FROM row_blocks WHERE place = (SELECT place FROM row_blocks ORDER BY place LIMIT 1 OFFSET 1)",
        "INSERT INTO row_blocks (place, rows, seal, lines, details, details_seal)
         SELECT place + rows, rows, seal, lines, details, details_seal FROM row_blocks ORDER BY place DESC LIMIT 1",
    ] {
        let dir = tempfile::tempdir().unwrap();
        let store = writer(dir.path()).await;
        crate::sample::store(&*store, &request("2026-05"), &rows(1_000, 1)).await;
        assert_eq!(crate::all(&*store, 1, &RowFilter::default()).await.unwrap().len(), 1_000);
        let mut conn = raw(dir.path()).await;
        sqlx::query(bend).execute(&mut conn).await.unwrap();
        for filter in [RowFilter::default(), RowFilter { text: Some("0".into()), ..RowFilter::default() }] {
            let seen = crate::all(&*store, 1, &filter).await;
            assert!(matches!(seen, Err(StoreError::Damaged { .. })), "{bend}: {seen:?}");
        }
    }
}

//! Decisions: kept for good and journalled; how rows stand by them shows in lists, is found, and ends by the clock.

use crate::page;
use crate::sample::{request, rows, store};
use chrono::{DateTime, TimeDelta, Utc};
use dualrun::adapters::workspace::Door;
use dualrun::domain::currency::Currency;
use dualrun::domain::review::{Act, Amounts, Deed, ReviewTally, Standing, Subject, WaiverRoll};
use dualrun::domain::row::ReconRow;
use dualrun::domain::verdict::{Review, Verdict};
use dualrun::ports::clock::Clock;
use dualrun::ports::workspace::{PageFrom, PageRequest, RowFilter, RowLine, Sort, SortColumn, StoreError, WorkspaceDoor, WorkspaceWriter};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqliteConnection};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// A clock that stands where it is put, in days after the sample's first.
#[derive(Debug, Default)]
struct Put(AtomicI64);

impl Put {
    fn to(&self, day: i64) {
        self.0.store(day, Ordering::Relaxed);
    }
}

impl Clock for Put {
    fn now(&self) -> DateTime<Utc> {
        on(self.0.load(Ordering::Relaxed))
    }
}

fn on(day: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000 + day)
}

async fn writer(dir: &Path) -> (Arc<dyn WorkspaceWriter>, Arc<Put>) {
    let clock = Arc::new(Put::default());
    let door = Door::new(dir, Arc::clone(&clock) as Arc<dyn Clock>);
    (door.write("waive", "ana", Duration::from_secs(5)).await.unwrap(), clock)
}

async fn raw(dir: &Path) -> SqliteConnection {
    SqliteConnectOptions::new().filename(dir.join(".dualrun/workspace.db")).connect().await.unwrap()
}

fn subject(key: &str, cause: Option<&str>, delta: Option<i64>) -> Subject {
    let amounts = delta.map(|delta| Amounts { currency: Currency::known("CAD").unwrap(), delta, tax: (delta > 500).then_some(-1) });
    Subject { key: key.into(), cause: cause.map(str::to_owned), amounts }
}

fn act(service: &str, deed: Deed, subjects: Vec<Subject>) -> Act {
    let month = request("2026-05").month;
    let run = if service == "other" { 2 } else { 1 };
    Act { id: 0, service: service.into(), at: on(0), actor: "ana".into(), run, month, deed, subjects }
}

/// Run 2: the same month of another service.
async fn another_service(writer: &dyn WorkspaceWriter) {
    let of = dualrun::domain::run::RunRequest { service: "other".into(), ..request("2026-05") };
    assert_eq!(store(writer, &of, &rows(20, 3)).await.id, 2);
}

fn noted(text: &str) -> Deed {
    Deed::Note { text: text.into() }
}

#[tokio::test]
async fn decisions_come_back_are_journalled_and_cannot_be_changed() {
    let dir = tempfile::tempdir().unwrap();
    let (writer, _) = writer(dir.path()).await;
    store(&*writer, &request("2026-05"), &rows(20, 7)).await;
    another_service(&*writer).await;
    let many: Vec<Subject> = (0..450).map(|i| subject(&format!("sub-{i}"), Some("coupon"), Some(i))).collect();
    let mut made = Vec::new();
    for (service, deed, subjects) in [
        ("nexacloud", noted("seen \u{202e} it"), vec![subject("sub-1", None, None)]),
        ("other", noted("another service"), vec![subject("sub-1", None, Some(1))]),
        ("nexacloud", Deed::Resolve { reason: "credited".into() }, many.clone()),
        ("nexacloud", Deed::Confirm { waiver: 3 }, vec![]),
    ] {
        made.push(writer.decide(&act(service, deed, subjects)).await.unwrap());
    }
    assert_eq!(made.iter().map(|a| a.id).collect::<Vec<_>>(), [1, 2, 3, 4]);
    let acts = writer.acts("nexacloud").await.unwrap();
    assert_eq!(acts.iter().map(|a| (a.id, a.subjects.len())).collect::<Vec<_>>(), [(1, 0), (3, 0), (4, 0)]);
    assert_eq!(acts[0].deed, made[0].deed);
    let subjects = writer.subjects("nexacloud").await.unwrap();
    assert_eq!((subjects.len(), &subjects[0].1, &subjects[449].1), (451, &made[0].subjects[0], &many[448]));
    let on_key = writer.acts_on("nexacloud", "sub-1").await.unwrap();
    assert_eq!(on_key.iter().map(|a| (a.id, a.subjects.clone())).collect::<Vec<_>>(), [(1, made[0].subjects.clone()), (3, vec![many[1].clone()])]);

    let journal = writer.journal(4).await.unwrap();
    let kinds: Vec<&str> = journal.iter().rev().map(|e| e.kind.as_str()).collect();
    assert_eq!(kinds, ["review_noted", "review_noted", "review_resolved", "waiver_confirmed"]);
    assert!(
        journal[1].facts.starts_with("{\"act\":3,\"deed\":{\"kind\":\"resolve\",\"reason\":\"credited\"},\"month\":\"2026-05\","),
        "{}",
        journal[1].facts
    );
    assert_eq!(journal[1].actor, "ana");
    writer.verify_journal().await.unwrap();

    let mut conn = raw(dir.path()).await;
    for change in [
        "UPDATE review_acts SET act = '{}'",
        "DELETE FROM review_acts WHERE id = 4",
        "UPDATE review_subjects SET delta = 1",
        "DELETE FROM review_subjects",
    ] {
        let refused = sqlx::query(AssertSqlSafe(change)).execute(&mut conn).await.unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{change}: {refused}");
    }
    // Whoever takes the guard away is found by the seal.
    for (change, is_act) in
        [("UPDATE review_acts SET act = replace(act, 'seen', 'SEEN')", true), ("UPDATE review_subjects SET delta = 7 WHERE act_id = 3", false)]
    {
        let guard = if is_act { "review_acts_are_not_edited" } else { "review_subjects_are_not_edited" };
        sqlx::query(AssertSqlSafe(format!("DROP TRIGGER {guard}"))).execute(&mut conn).await.unwrap();
        sqlx::query(AssertSqlSafe(change)).execute(&mut conn).await.unwrap();
    }
    conn.close().await.unwrap();
    assert!(matches!(writer.acts("nexacloud").await, Err(StoreError::Damaged { .. })));
    assert!(matches!(writer.subjects("nexacloud").await, Err(StoreError::Damaged { .. })));
}

/// Every review state by filter and by line is the one that is true.
async fn stand(store: &dyn WorkspaceWriter, truth: &[Review]) {
    for review in [Review::Open, Review::Explained, Review::Waived, Review::Resolved] {
        let wanted: Vec<i64> = (1..).zip(truth).filter(|(_, r)| **r == review).map(|(seq, _)| seq).collect();
        let filter = RowFilter { review: Some(review), ..RowFilter::default() };
        let lines = page(store, &filter, SortColumn::Key).await;
        assert!(lines.iter().all(|l| l.review == review));
        assert_eq!(lines.iter().map(|l| l.seq).collect::<Vec<_>>(), wanted, "{review:?}");
        assert_eq!(page(store, &filter, SortColumn::AtStake).await.len(), wanted.len());
    }
    for line in page(store, &RowFilter::default(), SortColumn::AtStake).await {
        assert_eq!(line.review, truth[usize::try_from(line.seq).unwrap() - 1], "row {}", line.seq);
    }
}

/// Some thousand rows nobody decided on yet, half of them of confirmed causes, and how they stand.
async fn stored(writer: &dyn WorkspaceWriter) -> (Vec<ReconRow>, Vec<Review>) {
    // More than are asked for at once.
    let mut all = rows(9_000, 7);
    for row in &mut all {
        row.review = Review::Open;
    }
    store(writer, &request("2026-05"), &all).await;
    let made = crate::explanations::explanations(&all);
    writer.explained(1, true, &made).await.unwrap();
    let mut truth = vec![Review::Open; all.len()];
    for (seq, told) in &made {
        if told.certainty == dualrun::domain::explanation::Certainty::Confirmed {
            truth[usize::try_from(*seq).unwrap() - 1] = Review::Explained;
        }
    }
    (all, truth)
}

#[tokio::test]
async fn how_rows_stand_shows_in_lists_is_found_and_ends_by_the_clock() {
    let dir = tempfile::tempdir().unwrap();
    let (writer, clock) = writer(dir.path()).await;
    let (all, mut truth) = stored(&*writer).await;
    stand(&*writer, &truth).await;
    assert_eq!(writer.review(1).await.unwrap(), None);

    let asks: Vec<i64> = (1..).zip(&all).filter(|(_, r)| r.verdict != Verdict::Match).map(|(seq, _)| seq).collect();
    let standing = |(n, seq): (usize, &i64)| {
        let of = |review, waiver: Option<i64>| Standing { review, waiver, until: waiver.map(|_| on(10)), why: format!("because {n}") };
        let standing = match n % 4 {
            0 => of(Review::Waived, Some(1)),
            1 => of(Review::Resolved, None),
            2 => Standing { until: None, ..of(Review::Open, Some(1)) },
            _ => return None,
        };
        Some((*seq, standing))
    };
    let standings: Vec<(i64, Standing)> = asks.iter().enumerate().filter_map(standing).collect();
    let waived: Vec<i64> = standings.iter().filter(|(_, s)| s.review == Review::Waived).map(|(seq, _)| *seq).collect();
    let mut tally = ReviewTally::default();
    tally.waived.compared.rows = waived.len() as u64;
    tally.waivers = vec![WaiverRoll { waiver: 1, until: on(10), waived: tally.waived.clone(), reopened: std::collections::BTreeMap::new() }];
    writer.keep_review(1, &standings, &tally).await.unwrap();
    for (seq, standing) in &standings {
        truth[usize::try_from(*seq).unwrap() - 1] = standing.review;
    }
    stand(&*writer, &truth).await;
    assert_eq!(writer.review(1).await.unwrap(), Some(tally.clone()));
    assert_eq!(writer.standing(1, standings[0].0).await.unwrap().as_ref(), Some(&standings[0].1));
    assert_eq!(writer.detail(1, standings[0].0).await.unwrap().row.review, Review::Waived);
    let found = writer.find(1, all[usize::try_from(standings[0].0).unwrap() - 1].key.raw(), None).await.unwrap().unwrap();
    assert_eq!((found.seq, found.review), (standings[0].0, Review::Waived));

    // On the last day it holds; then every row of it is open, whoever has or has not looked.
    clock.to(9);
    stand(&*writer, &truth).await;
    clock.to(10);
    for seq in &waived {
        truth[usize::try_from(*seq).unwrap() - 1] = Review::Open;
    }
    stand(&*writer, &truth).await;
    let over = writer.standing(1, waived[0]).await.unwrap().unwrap();
    assert_eq!((over.review, over.why.as_str()), (Review::Open, "waiver #1 expired"));
    let tally_then = writer.review(1).await.unwrap().unwrap();
    assert_eq!((tally_then.waived.all().rows, tally_then.open.compared.rows), (0, waived.len() as u64));

    let beyond = [(9_001, standings[0].1.clone())];
    assert!(matches!(writer.keep_review(1, &beyond, &tally).await, Err(StoreError::Absent { .. })));
    assert!(matches!(writer.keep_review(2, &[], &tally).await, Err(StoreError::Absent { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_filter_asks_for_must_not_change_while_all_rows_are_taken() {
    let dir = tempfile::tempdir().unwrap();
    let (writer, _) = writer(dir.path()).await;
    let (all, _) = stored(&*writer).await;
    let seq = (1..).zip(&all).find(|(_, r)| r.verdict == Verdict::Delta).unwrap().0;
    for (review, is_refused) in [(Some(Review::Open), true), (None, false)] {
        let filter = RowFilter { review, ..RowFilter::default() };
        let mut seen = 0;
        let mut look = |rows: &[RowLine]| {
            if seen == 0 {
                let resolved = Standing { review: Review::Resolved, waiver: None, until: None, why: "meanwhile".into() };
                let (decided, tally) = ([(seq, resolved)], ReviewTally::default());
                let kept = writer.keep_review(1, &decided, &tally);
                tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(kept)).unwrap();
            }
            seen += rows.len();
            ControlFlow::Continue(())
        };
        let taken = writer.each_row(1, &filter, &mut look).await;
        assert_eq!(taken.is_err(), is_refused, "{taken:?}");
        assert!(!is_refused || taken.is_err_and(|e| e.to_string().contains("changed while its rows were read")));
        assert_eq!(seen == 9_000, !is_refused);
    }
}

#[tokio::test]
async fn nothing_counts_between_a_decision_and_the_look_after_it() {
    let dir = tempfile::tempdir().unwrap();
    let (writer, _) = writer(dir.path()).await;
    let (all, mut truth) = stored(&*writer).await;
    let seq = (1..).zip(&all).find(|(_, r)| r.verdict == Verdict::Delta).unwrap().0;
    let waived = Standing { review: Review::Waived, waiver: Some(1), until: Some(on(10)), why: "agreed".into() };
    writer.keep_review(1, &[(seq, waived.clone())], &ReviewTally::default()).await.unwrap();
    let at = usize::try_from(seq).unwrap() - 1;
    truth[at] = Review::Waived;
    writer.decide(&act("nexacloud", noted("a note decides nothing"), vec![])).await.unwrap();
    another_service(&*writer).await;
    let others = act("other", Deed::Revoke { waiver: 1, reason: "of another service".into() }, vec![]);
    writer.decide(&others).await.unwrap();
    // Nobody decides on a run of another service or month, or on one that is not there.
    let june = request("2026-06").month;
    for foreign in [Act { run: 1, ..others.clone() }, Act { month: june, ..others.clone() }, Act { run: 9, ..others.clone() }] {
        assert!(matches!(writer.decide(&foreign).await, Err(StoreError::Absent { .. })), "{foreign:?}");
    }
    stand(&*writer, &truth).await;
    writer.decide(&act("nexacloud", Deed::Revoke { waiver: 1, reason: "wrong".into() }, vec![])).await.unwrap();
    truth[at] = Review::Open;
    stand(&*writer, &truth).await;
    assert_eq!(writer.review(1).await.unwrap(), None);
    assert!(writer.standing(1, seq).await.unwrap().unwrap().why.contains("decisions were made since"));
    writer.keep_review(1, &[(seq, waived)], &ReviewTally::default()).await.unwrap();
    truth[at] = Review::Waived;
    stand(&*writer, &truth).await;
}

#[tokio::test]
async fn a_standing_that_is_not_what_was_written_is_refused() {
    for change in [
        "UPDATE standings SET review = 2",
        "UPDATE standings SET until = NULL",
        "UPDATE standings SET until = '2999-01-01T00:00:00.000000000Z'",
        "UPDATE standings SET why = 'no'",
        "UPDATE reviewed SET stale = 1 - stale",
        "UPDATE reviewed SET tally = replace(tally, '\"rows\":1', '\"rows\":9')",
    ] {
        let dir = tempfile::tempdir().unwrap();
        let (writer, _) = writer(dir.path()).await;
        let (all, _) = stored(&*writer).await;
        let seq = (1..).zip(&all).find(|(_, r)| r.verdict == Verdict::Delta).unwrap().0;
        let standing = Standing { review: Review::Open, waiver: Some(1), until: Some(on(10)), why: "agreed".into() };
        let mut tally = ReviewTally::default();
        tally.open.compared.rows = 1;
        writer.keep_review(1, &[(seq, standing)], &tally).await.unwrap();
        let mut conn = raw(dir.path()).await;
        sqlx::query(change).execute(&mut conn).await.unwrap();
        conn.close().await.unwrap();
        let filter = RowFilter { review: Some(Review::Waived), ..RowFilter::default() };
        let request = PageRequest { run: 1, filter, sort: Sort::default(), from: PageFrom::Start, limit: 10 };
        let refused = writer.page(&request).await.err();
        assert!(matches!(refused, Some(StoreError::Damaged { .. })), "{change}: {refused:?}");
    }
}

/// A row of an act: number, act, key, cause, currency, delta, tax.
type StoredSubject = (i64, i64, String, Option<String>, Option<String>, Option<i64>, Option<i64>);

/// Seals again what was changed, as somebody could who can write the file and knows the program.
async fn sealed_again(conn: &mut SqliteConnection) {
    let acts: Vec<(i64, String)> = sqlx::query_as("SELECT id, act FROM review_acts").fetch_all(&mut *conn).await.unwrap();
    for (id, act) in acts {
        sqlx::query("UPDATE review_acts SET seal = ?1 WHERE id = ?2").bind(seal_of_act(id, &act)).bind(id).execute(&mut *conn).await.unwrap();
    }
    let sql = "SELECT id, act_id, key, cause, currency, delta, tax FROM review_subjects";
    let subjects: Vec<StoredSubject> = sqlx::query_as(sql).fetch_all(&mut *conn).await.unwrap();
    for (id, act, key, cause, currency, delta, tax) in subjects {
        let hash = Sealing::of("subject").number(Some(act)).text(Some(&key)).text(cause.as_deref()).text(currency.as_deref());
        let seal = hash.number(delta).number(tax).value();
        sqlx::query("UPDATE review_subjects SET seal = ?1 WHERE id = ?2").bind(seal).bind(id).execute(&mut *conn).await.unwrap();
    }
}

/// The seal as the program makes it, written down anew.
struct Sealing(blake3::Hasher);

impl Sealing {
    fn of(kind: &str) -> Self {
        Self(blake3::Hasher::new()).text(Some("dualrun seal v1")).text(Some(kind))
    }

    fn number(mut self, n: Option<i64>) -> Self {
        self.0.update(&[u8::from(n.is_some())]);
        self.0.update(&n.unwrap_or(0).to_le_bytes());
        self
    }

    fn text(mut self, text: Option<&str>) -> Self {
        self = self.number(text.map(|t| i64::try_from(t.len()).unwrap()));
        self.0.update(text.unwrap_or_default().as_bytes());
        self
    }

    fn value(self) -> i64 {
        i64::from_le_bytes(self.0.finalize().as_bytes()[..8].try_into().unwrap())
    }
}

fn seal_of_act(id: i64, act: &str) -> i64 {
    Sealing::of("act").number(Some(0)).number(Some(id)).text(Some(act)).value()
}

#[tokio::test]
async fn decisions_are_held_against_the_journal() {
    for (change, found) in [
        ("SELECT 1", None),
        // Edited, and taken out from the end or between.
        ("UPDATE review_acts SET act = replace(act, 'credited', 'refunded') WHERE id = 2", Some("decision 2, which journal entry")),
        ("UPDATE review_acts SET act = replace(act, '\"ana\"', '\"ben\"') WHERE id = 1", Some("decision 1, which journal entry")),
        ("DELETE FROM review_acts WHERE id = 3", Some("decision 3, which journal entry")),
        ("DELETE FROM review_acts WHERE id = 1", Some("decision 1, which journal entry")),
        // Put in behind the last, a copy of another; moved to another service.
        (
            "INSERT INTO review_acts SELECT 4, service, replace(act, '\"id\":3', '\"id\":4'), 0 FROM review_acts WHERE id = 3",
            Some("decision 4 has no entry"),
        ),
        ("UPDATE review_acts SET service = 'other' WHERE id = 2", Some("decision 2")),
        // Its rows edited, taken out, put in.
        ("UPDATE review_subjects SET delta = 7 WHERE act_id = 2 AND key = 'sub-1'", Some("decision 2, which journal entry")),
        ("DELETE FROM review_subjects WHERE act_id = 2 AND key = 'sub-2'", Some("decision 2, which journal entry")),
        (
            "INSERT INTO review_subjects SELECT 99, 3, key, cause, currency, delta, tax, 0 FROM review_subjects LIMIT 1",
            Some("decision 3, which journal entry"),
        ),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let (writer, _) = writer(dir.path()).await;
        store(&*writer, &request("2026-05"), &rows(20, 7)).await;
        let about = vec![subject("sub-1", Some("coupon"), Some(5)), subject("sub-2", None, None)];
        for (deed, subjects) in [(noted("seen"), vec![]), (Deed::Resolve { reason: "credited".into() }, about), (Deed::Confirm { waiver: 1 }, vec![])]
        {
            writer.decide(&act("nexacloud", deed, subjects)).await.unwrap();
        }
        let mut conn = raw(dir.path()).await;
        sqlx::query("PRAGMA foreign_keys = off").execute(&mut conn).await.unwrap();
        for guard in ["acts_are_not_edited", "acts_are_not_cut", "subjects_are_not_edited", "subjects_are_not_cut"] {
            sqlx::query(AssertSqlSafe(format!("DROP TRIGGER review_{guard}"))).execute(&mut conn).await.unwrap();
        }
        sqlx::query(change).execute(&mut conn).await.unwrap();
        sealed_again(&mut conn).await;
        conn.close().await.unwrap();
        let said = writer.verify_journal().await.err().map(|e| e.to_string());
        match found {
            None => assert_eq!(said, None),
            Some(words) => assert!(said.as_ref().is_some_and(|said| said.contains(words)), "{change}: {said:?}"),
        }
        // A gap between them is found by whoever reads them.
        if change.ends_with("WHERE id = 1") && change.starts_with("DELETE") {
            assert!(matches!(writer.acts("nexacloud").await, Err(StoreError::Damaged { .. })));
            assert!(writer.decide(&act("nexacloud", noted("late"), vec![])).await.is_err());
        }
    }
}

//! What may explain a row and what was made of it: kept beside the rows, found by cause, gone with the run.

use crate::round_trip::terms;
use crate::sample::{end, evidence_of, lay, request, rows, store};
use crate::{door, page, writer};
use dualrun::domain::currency::Currency;
use dualrun::domain::evidence::{ExchangeRate, PriceVersion, Shelf};
use dualrun::domain::exact::Exact;
use dualrun::domain::explanation::{Cause, Certainty, Explanation, Hypothesis};
use dualrun::domain::glance::Glance;
use dualrun::domain::row::ReconRow;
use dualrun::domain::run::RunState;
use dualrun::domain::side::Side;
use dualrun::domain::verdict::Verdict;
use dualrun::ports::workspace::{PageFrom, PageRequest, RowFilter, Sort, SortColumn, StoreError, WorkspaceDoor};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqliteConnection};
use std::path::Path;

async fn raw(dir: &Path) -> SqliteConnection {
    SqliteConnectOptions::new().filename(dir.join(".dualrun/workspace.db")).connect().await.unwrap()
}

fn differing(rows: &[ReconRow]) -> Vec<(i64, &ReconRow)> {
    (1i64..).zip(rows).filter(|(_, row)| row.verdict.differs()).collect()
}

fn glances(rows: &[ReconRow]) -> Vec<Glance> {
    differing(rows).into_iter().map(|(_, row)| Glance::at(row)).collect()
}

fn hypothesis(cause: Cause, parameters: &str) -> Hypothesis {
    let evidence = Some("discount TEN".into());
    Hypothesis { causes: vec![cause], parameters: parameters.into(), words: "200 × 9/31".into(), evidence, choices: 4, bits: 90, score: 70 }
}

fn explanation(certainty: Certainty, hypotheses: Vec<Hypothesis>) -> Explanation {
    let residual = Exact::ratio(1, 3).unwrap();
    Explanation { certainty, hypotheses, bridge: vec![], residual, chance: 3, nearest: None, wanted: Some("a coupon".into()), odd_one: None }
}

/// One of four for each row that differs: proration, a coupon perhaps, looked at in vain, not looked at.
pub fn explanations(rows: &[ReconRow]) -> Vec<(i64, Explanation)> {
    let made = |(n, (seq, _)): (usize, (i64, &ReconRow))| {
        let made = match n % 4 {
            0 => explanation(Certainty::Confirmed, vec![hypothesis(Cause::ProrationByDay, "9/31")]),
            1 => explanation(Certainty::Candidate, vec![hypothesis(Cause::Coupon, "10 %")]),
            2 => explanation(Certainty::Unexplained, vec![]),
            _ => return None,
        };
        Some((seq, made))
    };
    differing(rows).into_iter().enumerate().filter_map(made).collect()
}

fn by_cause(cause: &str) -> RowFilter {
    RowFilter { cause: Some(cause.into()), ..RowFilter::default() }
}

#[tokio::test]
async fn rows_that_differ_come_in_order_with_what_is_kept_beside_them() {
    let dir = tempfile::tempdir().unwrap();
    let writer = writer(dir.path()).await;
    let all = rows(1_500, 3);
    // Those of another run never show.
    for (month, rows) in [("2026-05", &all), ("2026-06", &rows(40, 9))] {
        store(&*writer, &request(month), rows).await;
    }
    let truth = differing(&all);
    assert_eq!(writer.glances(1).await.unwrap(), glances(&all));
    let seqs = writer.differing(1).await.unwrap();
    assert_eq!(seqs, truth.iter().map(|(seq, _)| *seq).collect::<Vec<_>>());
    for limit in [1, 7, 100, 5_000] {
        for (seqs, truth) in seqs.chunks(limit).zip(truth.chunks(limit)).take(20) {
            let page = writer.rows_at(1, seqs).await.unwrap();
            assert_eq!(page.len(), truth.len());
            for ((seq, row, evidence), (wanted, truth)) in page.iter().zip(truth) {
                assert_eq!((seq, row), (wanted, *truth));
                assert_eq!(*evidence, evidence_of(row), "row {seq}");
            }
        }
    }
    assert_eq!(writer.rows_at(1, &[]).await.unwrap(), []);
    assert!(writer.rows_at(1, &[1, 1_501]).await.is_err());
    assert!(seen_evidence(&all) > 100);
    assert!(matches!(writer.differing(3).await, Err(StoreError::Absent { .. })));
}

fn seen_evidence(rows: &[ReconRow]) -> usize {
    rows.iter().filter_map(evidence_of).count()
}

#[tokio::test]
async fn both_sides_shelves_come_back() {
    let dir = tempfile::tempdir().unwrap();
    let writer = writer(dir.path()).await;
    let price = PriceVersion { plan_id: "P-1".into(), metric: None, price: "9.13".parse().unwrap(), valid_from: None, valid_until: None };
    let known = |code| Currency::known(code).unwrap();
    let rate = ExchangeRate { from: known("USD"), to: known("CAD"), valid_from: "2026-05-01".parse().unwrap(), rate: "1.3521".parse().unwrap() };
    let source = Shelf { terms: vec![terms()], prices: vec![price], rates: vec![rate] };
    let mut target = Shelf { terms: vec![terms()], ..Shelf::default() };
    target.terms[0].plan.flat_price = Exact::whole(50);
    let mut run = writer.begin(&request("2026-05")).await.unwrap();
    // Said twice, the last holds.
    for (side, shelf) in [(Side::Source, &target), (Side::Source, &source), (Side::Target, &target)] {
        run.shelf(side, shelf).await.unwrap();
    }
    assert_eq!(writer.shelf(1, Side::Source).await.unwrap(), Shelf::default(), "seen before the run ended");
    run.finish(end(&[])).await.unwrap();
    assert_eq!(writer.shelf(1, Side::Source).await.unwrap(), source);
    assert_eq!(writer.shelf(1, Side::Target).await.unwrap(), target);
}

#[tokio::test]
async fn causes_show_in_lists_and_are_found() {
    let dir = tempfile::tempdir().unwrap();
    let writer = writer(dir.path()).await;
    let all = rows(700, 5);
    let run = store(&*writer, &request("2026-05"), &all).await;
    let asking: Vec<i64> = differing(&all).into_iter().filter(|(_, r)| r.verdict != Verdict::WithinTolerance).map(|(seq, _)| seq).collect();
    assert_eq!(page(&*writer, &by_cause("unexplained"), SortColumn::Key).await.iter().map(|l| l.seq).collect::<Vec<_>>(), asking);
    assert_eq!(page(&*writer, &by_cause("proration"), SortColumn::AtStake).await.len(), 0);

    let made = explanations(&all);
    for (n, some) in made.chunks(61).enumerate() {
        writer.explained(1, n == 0, some).await.unwrap();
    }
    writer.keep_clusters(1, "{\"clusters\":2}").await.unwrap();
    let label = |seq| made.iter().find(|(s, _)| *s == seq).and_then(|(_, e)| e.label());
    for line in page(&*writer, &RowFilter::default(), SortColumn::Key).await {
        assert_eq!(line.cause, label(line.seq), "row {}", line.seq);
        assert_eq!(writer.find(1, line.key.raw(), None).await.unwrap().unwrap(), line);
    }
    for (asked, says) in [("PRORATION", "proration_by_day 9/31"), ("10 %", "coupon 10 %?"), ("_by_day 9", "proration_by_day 9/31")] {
        for column in [SortColumn::Key, SortColumn::AtStake, SortColumn::Customer] {
            let found = page(&*writer, &by_cause(asked), column).await;
            assert!(found.iter().all(|l| l.cause.as_deref() == Some(says)), "{asked}");
            assert_eq!(found.len(), made.iter().filter(|(_, e)| e.label().as_deref() == Some(says)).count(), "{asked}");
        }
    }
    let without: Vec<i64> = asking.iter().copied().filter(|seq| label(*seq).is_none()).collect();
    assert_eq!(page(&*writer, &by_cause("Unexplained"), SortColumn::Key).await.iter().map(|l| l.seq).collect::<Vec<_>>(), without);
    let deltas = RowFilter { verdicts: vec![Verdict::Delta], ..by_cause("coupon") };
    assert!(page(&*writer, &deltas, SortColumn::AtStake).await.iter().all(|l| l.verdict == Verdict::Delta));

    assert_eq!(writer.explanations(1, None, 5_000).await.unwrap(), made);
    assert_eq!(writer.explanations(1, Some(made[9].0), 4).await.unwrap(), made[10..14]);
    assert_eq!(writer.explanation(1, made[7].0).await.unwrap().as_ref(), Some(&made[7].1));
    assert_eq!(writer.detail(1, made[0].0).await.unwrap().explanation.as_ref(), Some(&made[0].1));
    assert_eq!(writer.clusters(1).await.unwrap().as_deref(), Some("{\"clusters\":2}"));

    // A later pass takes the place of the earlier one, in lists that were made before as well.
    writer.explained(1, true, &made[..2]).await.unwrap();
    assert_eq!(page(&*writer, &by_cause("proration"), SortColumn::AtStake).await.len(), 1);
    assert_eq!((writer.explanations(1, None, 9).await.unwrap().len(), writer.clusters(1).await.unwrap()), (2, None));
    assert_eq!(writer.run(1).await.unwrap(), run, "what was derived changed the run");
    for seq in [0, 701] {
        assert!(matches!(writer.explained(1, false, &[(seq, made[0].1.clone())]).await, Err(StoreError::Absent { .. })));
    }
    assert_eq!(writer.explanations(1, None, 9).await.unwrap().len(), 2);
}

#[tokio::test]
async fn what_an_unfinished_run_kept_goes_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let writer = writer(dir.path()).await;
    let all = rows(9_000, 1);
    store(&*writer, &request("2026-04"), &all[..50]).await;
    let mut run = writer.begin(&request("2026-05")).await.unwrap();
    run.shelf(Side::Source, &Shelf { terms: vec![terms()], ..Shelf::default() }).await.unwrap();
    lay(&mut *run, &all).await.unwrap();
    assert!(matches!(writer.explained(2, true, &[]).await, Err(StoreError::Absent { .. })));
    assert_eq!(writer.differing(2).await.unwrap(), [0i64; 0]);
    assert_eq!(writer.rows_at(2, &[1]).await.unwrap(), []);
    run.abandon(RunState::Interrupted, "stopped").await.unwrap();
    let left = "SELECT (SELECT count(*) FROM evidence), (SELECT count(*) FROM shelves)";
    let left: (i64, i64) = sqlx::query_as(left).fetch_one(&mut raw(dir.path()).await).await.unwrap();
    assert_eq!(left, (i64::try_from(seen_evidence(&all[..50])).unwrap(), 0));
}

#[tokio::test]
async fn what_is_bent_is_refused() {
    for (change, asked) in [
        ("UPDATE explanations SET label = 'coupon 20 %' WHERE place = (SELECT min(place) FROM explanations)", 0),
        ("UPDATE explanations SET label = NULL WHERE place = (SELECT min(place) FROM explanations)", 0),
        ("UPDATE explanations SET body = replace(body, '9/31', '8/31')", 1),
        ("UPDATE evidence SET body = replace(body, '0.25', '0.26')", 2),
        ("UPDATE explained SET clusters = 'none'", 3),
        ("UPDATE shelves SET terms = replace(terms, '200', '201')", 4),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let writer = writer(dir.path()).await;
        let all = rows(60, 2);
        let mut run = writer.begin(&request("2026-05")).await.unwrap();
        run.shelf(Side::Target, &Shelf { terms: vec![terms()], ..Shelf::default() }).await.unwrap();
        lay(&mut *run, &all).await.unwrap();
        run.finish(end(&all)).await.unwrap();
        writer.explained(1, true, &explanations(&all)).await.unwrap();
        writer.keep_clusters(1, "[]").await.unwrap();
        let changed = sqlx::query(change).execute(&mut raw(dir.path()).await).await.unwrap();
        assert!(changed.rows_affected() > 0, "{change}");
        let request = |filter| PageRequest { run: 1, filter, sort: Sort::default(), from: PageFrom::Start, limit: 99 };
        let refused = match asked {
            0 => {
                assert!(matches!(writer.page(&request(RowFilter::default())).await, Err(StoreError::Damaged { .. })));
                writer.page(&request(by_cause("proration"))).await.err()
            }
            1 => writer.explanations(1, None, 99).await.err(),
            2 => writer.rows_at(1, &writer.differing(1).await.unwrap()).await.err(),
            3 => writer.clusters(1).await.err(),
            _ => writer.shelf(1, Side::Target).await.err(),
        };
        assert!(matches!(refused, Some(StoreError::Damaged { .. })), "{change}: {refused:?}");
    }
}

/// The last steps taken back: a file as the dualrun before them left one.
const SCHEMA_3: &str = "
    CREATE TABLE terms (run_id INTEGER NOT NULL REFERENCES runs (id), plan_id TEXT NOT NULL, terms TEXT NOT NULL, seal INTEGER NOT NULL,
      PRIMARY KEY (run_id, plan_id)) STRICT, WITHOUT ROWID;
    INSERT INTO terms SELECT run_id, plan_id, terms, seal FROM shelves WHERE side = 0;
    DROP TABLE shelves; DROP TABLE price_lists; DROP TABLE rate_lists; DROP TABLE evidence; DROP TABLE explanations; DROP TABLE explained;
    DROP TABLE review_subjects; DROP TABLE review_acts; DROP TABLE standings; DROP TABLE reviewed; DROP TABLE gate_acts; DROP TABLE glances;
    PRAGMA user_version = 3;";

#[tokio::test]
async fn a_workspace_from_before_explanations_is_brought_up_to_date() {
    let dir = tempfile::tempdir().unwrap();
    let all = rows(80, 4);
    let before = writer(dir.path()).await;
    let mut run = before.begin(&request("2026-05")).await.unwrap();
    let shelf = Shelf { terms: vec![terms()], ..Shelf::default() };
    run.shelf(Side::Target, &shelf).await.unwrap();
    lay(&mut *run, &all).await.unwrap();
    run.finish(end(&all)).await.unwrap();
    drop(before);
    let mut conn = raw(dir.path()).await;
    sqlx::query(AssertSqlSafe(SCHEMA_3)).execute(&mut conn).await.unwrap();
    conn.close().await.unwrap();
    let told = door(dir.path()).read().await.err().unwrap().to_string();
    assert!(told.contains("schema 3 of an older dualrun"), "{told}");

    let writer = writer(dir.path()).await;
    assert_eq!(writer.shelf(1, Side::Target).await.unwrap(), shelf);
    assert_eq!(writer.shelf(1, Side::Source).await.unwrap(), Shelf::default());
    let found = writer.rows_at(1, &writer.differing(1).await.unwrap()).await.unwrap();
    let rows: Vec<(i64, &ReconRow)> = found.iter().map(|(seq, row, _)| (*seq, row)).collect();
    assert_eq!(rows, differing(&all));
    assert!(found.iter().all(|(_, _, evidence)| evidence.is_none()));
    assert_eq!(writer.glances(1).await.unwrap(), glances(&all));
    let rated = (1i64..).zip(&all).find(|(_, r)| r.inputs.iter().any(|i| i.plan_id == "P-1")).unwrap().0;
    assert_eq!(writer.detail(1, rated).await.unwrap().terms, [Some(terms())]);
    writer.explained(1, true, &explanations(&all)).await.unwrap();
    assert_eq!(writer.journal(1).await.unwrap()[0].kind, "workspace_migrated");
}

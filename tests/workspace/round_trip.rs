//! What was written comes back, and only what ended is seen.

use crate::sample::{end, evidence_of, lay, request, rows, store};
use crate::{door, writer};
use chrono::DateTime;
use dualrun::domain::contract::Entity;
use dualrun::domain::currency::Currency;
use dualrun::domain::decode::{Reason, RowError};
use dualrun::domain::evidence::Shelf;
use dualrun::domain::exact::Exact;
use dualrun::domain::finding::{About, Finding, Weight};
use dualrun::domain::records::tiers::{Tier, Tiers};
use dualrun::domain::records::{Charge, ChargeModel, Interval, Plan};
use dualrun::domain::row::Terms;
use dualrun::domain::run::{DatabaseKind, RecheckOutcome, RunRequest, RunState, SnapshotInfo};
use dualrun::domain::side::Side;
use dualrun::domain::verdict::Verdict;
use dualrun::ports::workspace::{StoreError, WorkspaceDoor};
use std::collections::BTreeMap;

fn finding(weight: Weight) -> Finding {
    let money = BTreeMap::from([(Currency::known("CAD").unwrap(), -5)]);
    let code = format!("{}_code", weight.word());
    Finding { code, side: About::Both, weight, count: 2, ids: vec!["a".into()], money, message: "m".into(), remedy: "r".into() }
}

pub fn terms() -> Terms {
    let currency = Currency::known("CAD").unwrap();
    let plan =
        Plan { id: "P-1".into(), name: "Large".into(), currency, interval: Interval { months: 1 }, flat_price: Exact::whole(200), active: true };
    let charge = Charge {
        plan_id: "P-1".into(),
        metric: "cpu_seconds".into(),
        model: ChargeModel::Package,
        model_word: "package".into(),
        included: Exact::whole(36_000),
        package_size: Exact::whole(3_600),
        unit_price: Some("0.0075".parse().unwrap()),
        tiers: Tiers::Units(vec![Tier { up_to: None, unit: "0.5".parse().unwrap(), flat: Exact::whole(2) }]),
        minimum: None,
        maximum: None,
    };
    Terms { plan, charges: vec![charge] }
}

fn snapshot(writable_role: bool) -> SnapshotInfo {
    SnapshotInfo {
        side: Side::Source,
        kind: DatabaseKind::Sqlite,
        server: "SQLite 3.51.3".into(),
        place: "source.db".into(),
        transport: "file".into(),
        snapshot: "7".into(),
        server_clock: DateTime::UNIX_EPOCH,
        local_clock: DateTime::UNIX_EPOCH,
        writable_role,
    }
}

#[tokio::test]
async fn a_run_comes_back_whole() {
    let dir = tempfile::tempdir().unwrap();
    let writer = writer(dir.path()).await;
    let rows = rows(600, 1);
    for verdict in Verdict::ALL {
        assert!(rows.iter().any(|r| r.verdict == verdict), "the sample has no {}", verdict.word());
    }
    let mut run = writer.begin(&request("2026-05")).await.unwrap();
    run.snapshots(&[snapshot(false)]).await.unwrap();
    let shelf = Shelf { terms: vec![terms()], ..Shelf::default() };
    run.shelf(Side::Target, &shelf).await.unwrap();
    lay(&mut *run, &rows).await.unwrap();
    let rejected = RowError {
        side: Side::Target,
        entity: Entity::Invoices,
        id: "7".into(),
        column: "subtotal".into(),
        raw: "NaN".into(),
        reason: Reason::NotANumber,
    };
    let mut ending = end(&rows);
    ending.findings = vec![finding(Weight::Note), finding(Weight::Blocking), finding(Weight::Warning)];
    ending.rejected = vec![rejected.clone()];
    ending.recheck = Some(RecheckOutcome { now_matches: 1, still_differs: 2, gone: 3 });
    let stored = run.finish(ending).await.unwrap();
    drop(writer);

    let reader = door(dir.path()).read().await.unwrap().unwrap();
    assert_eq!(reader.run(1).await.unwrap(), stored);
    assert_eq!(reader.current_runs().await.unwrap(), vec![stored.clone()]);
    assert_eq!((stored.state, stored.current, stored.snapshots.len()), (RunState::Complete, true, 1));
    for (seq, row) in (1i64..).zip(&rows) {
        let detail = reader.detail(1, seq).await.unwrap();
        assert_eq!(&detail.row, row, "row {seq}");
        assert_eq!((detail.evidence, detail.explanation), (evidence_of(row), None), "row {seq}");
        let known: Vec<bool> = row.inputs.iter().map(|i| i.plan_id == "P-1").collect();
        assert_eq!(detail.terms.iter().map(Option::is_some).collect::<Vec<_>>(), known);
        assert!(detail.terms.into_iter().flatten().all(|t| t == terms()));
        let line = reader.find(1, row.key.raw(), Some(row.period)).await.unwrap().unwrap();
        assert_eq!((line.seq, line.verdict, &line.customer), (seq, row.verdict, &row.customer));
        assert_eq!(line.actual.zip(line.actual_currency), row.actual.map(|m| (m.minor, m.currency)));
    }
    let weights: Vec<Weight> = reader.findings(1).await.unwrap().iter().map(|f| f.weight).collect();
    assert_eq!(weights, [Weight::Blocking, Weight::Warning, Weight::Note]);
    assert_eq!(reader.rejected(1, 10).await.unwrap(), [rejected]);
    assert_eq!(reader.find(1, "sub-", None).await.unwrap(), None);
    assert_eq!(reader.find(1, "zzz", None).await.unwrap(), None);
    assert!(matches!(reader.detail(1, 601).await, Err(StoreError::Absent { .. })));
    assert!(matches!(reader.run(2).await, Err(StoreError::Absent { .. })));
}

#[tokio::test]
async fn only_complete_full_read_only_runs_become_current() {
    let dir = tempfile::tempdir().unwrap();
    let writer = writer(dir.path()).await;
    let current = async || writer.current_runs().await.unwrap().iter().map(|r| (r.id, r.request.month.to_string())).collect::<Vec<_>>();
    store(&*writer, &request("2026-05"), &rows(3, 1)).await;
    store(&*writer, &request("2026-04"), &rows(3, 2)).await;
    let of = |(id, month): (i64, &str)| (id, month.to_owned());
    assert_eq!(current().await, [(2, "2026-04"), (1, "2026-05")].map(of));

    let mut dry = request("2026-05");
    dry.dry_run = true;
    store(&*writer, &dry, &rows(3, 3)).await;
    let mut few = request("2026-05");
    few.only = vec!["sub-1".into()];
    store(&*writer, &few, &rows(3, 4)).await;
    let mut writable = writer.begin(&request("2026-05")).await.unwrap();
    writable.snapshots(&[snapshot(true)]).await.unwrap();
    writable.finish(end(&[])).await.unwrap();
    let mut incomplete = end(&[]);
    incomplete.state = RunState::Incomplete;
    writer.begin(&request("2026-05")).await.unwrap().finish(incomplete).await.unwrap();
    assert_eq!(current().await, [(2, "2026-04"), (1, "2026-05")].map(of));

    store(&*writer, &request("2026-05"), &rows(3, 5)).await;
    assert_eq!(current().await, [(2, "2026-04"), (7, "2026-05")].map(of));
    assert_eq!(writer.runs(2).await.unwrap().iter().map(|r| r.id).collect::<Vec<_>>(), [7, 6]);
    writer.verify_journal().await.unwrap();
}

#[tokio::test]
async fn a_recheck_shows_on_its_parents_rows() {
    let dir = tempfile::tempdir().unwrap();
    let writer = writer(dir.path()).await;
    let before = rows(40, 1);
    store(&*writer, &request("2026-05"), &before).await;
    let mut after = before.clone();
    after.remove(10);
    after[20].verdict = Verdict::Match;
    let mut again = request("2026-05");
    again.recheck_of = Some(1);
    store(&*writer, &again, &after).await;
    let unfinished = writer.begin(&again).await.unwrap();
    assert_eq!(writer.detail(1, 11).await.unwrap().rechecks, [(2, None)]);
    assert_eq!(writer.detail(1, 22).await.unwrap().rechecks, [(2, Some(Verdict::Match))]);
    drop(unfinished);
}

#[tokio::test]
async fn rows_out_of_order_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let writer = writer(dir.path()).await;
    let mut rows = rows(3, 1);
    rows.swap(0, 2);
    let mut run = writer.begin(&request("2026-05")).await.unwrap();
    let error = lay(&mut *run, &rows).await.unwrap_err();
    assert!(error.to_string().contains("out of order"), "{error}");
    assert_eq!(run.finish(end(&rows)).await.unwrap_err(), error, "a run that is not whole was published");
}

#[tokio::test]
async fn configurations_are_adopted_in_the_journal() {
    let dir = tempfile::tempdir().unwrap();
    let writer = writer(dir.path()).await;
    assert_eq!(writer.adopted_config().await.unwrap(), None);
    writer.adopt_config("ben", "d1").await.unwrap();
    writer.adopt_config("ana", "d2").await.unwrap();
    assert_eq!(writer.adopted_config().await.unwrap().as_deref(), Some("d2"));
    let noted = writer.append("ana", "note", "{\"b\": 1, \"a\": [ true ]}").await.unwrap();
    assert_eq!(noted.facts, "{\"a\":[true],\"b\":1}");
    assert!(writer.append("ana", "note", "not json").await.is_err());
    let journal = writer.journal(10).await.unwrap();
    let kinds: Vec<&str> = journal.iter().map(|e| e.kind.as_str()).collect();
    assert_eq!(kinds, ["note", "config_adopted", "config_adopted", "workspace_created"]);
    assert_eq!(writer.verify_journal().await.unwrap(), writer.journal_head().await.unwrap());
    assert_eq!(journal[0], noted);
}

/// However many runs of a few, dry ones and those of another service came after it, the one that speaks for a month is found.
#[tokio::test]
async fn the_newest_run_of_a_whole_month_is_found_behind_any_others() {
    let dir = tempfile::tempdir().unwrap();
    let writer = writer(dir.path()).await;
    let done = store(&*writer, &request("2026-05"), &rows(3, 1)).await;
    let failed = writer.begin(&request("2026-06")).await.unwrap().abandon(RunState::Failed, "no answer").await.unwrap();
    for _ in 0..20 {
        let few = RunRequest { only: vec!["sub-1".into()], ..request("2026-06") };
        let dry = RunRequest { dry_run: true, ..request("2026-05") };
        let other = RunRequest { service: "other".into(), ..request("2026-06") };
        for request in [few, dry, other] {
            store(&*writer, &request, &rows(1, 2)).await;
        }
    }
    let found = writer.newest_runs("nexacloud").await.unwrap();
    assert_eq!(found.iter().map(|run| (run.id, run.state)).collect::<Vec<_>>(), [(done.id, RunState::Complete), (failed.id, RunState::Failed)]);
    assert_eq!(writer.newest_runs("other").await.unwrap().len(), 1);
    assert_eq!(writer.newest_runs("nobody").await.unwrap(), []);
}

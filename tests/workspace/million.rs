//! What a run of a million rows costs to store and to look at. Told, not judged: numbers of one machine hold for no other.
//!
//! `cargo test --release --test workspace million -- --ignored --nocapture`; `ROWS` and `DIR` in the environment change how many
//! rows, and where they stay: a run already there is only looked at.

#![expect(clippy::print_stdout, reason = "its numbers are for people")]

use crate::sample::{end, request};
use crate::{door, writer};
use chrono::NaiveDate;
use dualrun::domain::currency::Currency;
use dualrun::domain::exact::Exact;
use dualrun::domain::money::Money;
use dualrun::domain::period::Period;
use dualrun::domain::records::DocumentKind;
use dualrun::domain::row::{DocumentPart, LinePart, RatingInputs, ReconRow, Subject, SubscriptionFacts};
use dualrun::domain::side::Side;
use dualrun::domain::text::Untrusted;
use dualrun::domain::verdict::{Basis, Review, Verdict};
use dualrun::ports::workspace::{PageFrom, PageRequest, RowFilter, Sort, SortColumn, WorkspaceDoor};
use std::path::Path;
use std::time::{Duration, Instant};

/// A row as most runs have it: one in twenty differs, the others match.
fn row(i: u64, period: Period, currency: Currency) -> ReconRow {
    let mixed = i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20;
    let minor = 900 + i64::try_from(mixed % 40_000).unwrap();
    let (actual, differs) = (Money::new(minor, currency), mixed.is_multiple_of(20));
    let expected = Money::new(if differs { minor + 1 + i64::try_from(mixed % 977).unwrap() } else { minor }, currency);
    let delta = expected.minus(actual).unwrap();
    let customer = format!("C-{:06}", mixed % 300_000);
    let plan = ["small", "medium", "large", "huge"][usize::try_from(mixed % 4).unwrap()];
    let facts = |plan_id: String| SubscriptionFacts {
        customer_id: Untrusted::new(customer.as_str()),
        plan_id: Untrusted::new(plan_id),
        started_on: NaiveDate::from_num_days_from_ce_opt(738_000 + i32::try_from(mixed % 1_000).unwrap()).unwrap(),
        ended_on: None,
        trial_end: None,
        quantity: Exact::ONE,
        price_override: None,
        discount_percent: Exact::ZERO,
        status: "active".into(),
        due: true,
    };
    let document = |side, id: String, money: Money| DocumentPart {
        side,
        number: Some(Untrusted::new(format!("2026-{i:07}"))),
        id: Untrusted::new(id),
        kind: DocumentKind::Charge,
        issued_on: Some(period.end),
        net: money,
        exact: Exact::scaled(i128::from(money.minor), 2).unwrap(),
        tax: None,
        lines: vec![LinePart {
            description: Some(plan.into()),
            quantity: Some(Exact::ONE),
            amount: Exact::scaled(i128::from(money.minor), 2).unwrap(),
        }],
    };
    ReconRow {
        subject: Subject::Subscription,
        key: Untrusted::new(format!("sub-{i:08}")),
        period,
        customer: Untrusted::new(format!("Customer {:06} Ltd", mixed % 300_000)),
        customer_id: Untrusted::new(customer.as_str()),
        plan: plan.into(),
        verdict: if differs { Verdict::Delta } else { Verdict::Match },
        basis: Some(Basis::Draft),
        actual: Some(actual),
        expected: Some(expected),
        delta: Some(delta),
        exact_delta: Some(Exact::scaled(i128::from(delta.minor), 2).unwrap()),
        actual_tax: None,
        expected_tax: None,
        delta_tax: None,
        rated: Some(expected),
        drafted: Some(expected),
        documents: vec![document(Side::Source, format!("INV-{mixed:x}"), actual), document(Side::Target, format!("DR-{mixed:x}"), expected)],
        deployments: vec![],
        why: None,
        source: Some(facts(format!("p-{plan}"))),
        target: Some(facts(plan.to_owned())),
        inputs: vec![RatingInputs {
            plan_id: plan.to_owned(),
            quantity: Exact::ONE,
            price_override: None,
            discount_percent: Exact::ZERO,
            days: 31,
            of_days: 31,
            usage: vec![
                ("cpu_seconds".into(), Exact::whole(i128::from(mixed % 90_000))),
                ("gb_hours".into(), Exact::scaled(i128::from(mixed % 700), 2).unwrap()),
            ],
            taxes: None,
        }],
        review: Review::Open,
    }
}

/// Processor time of this process so far, and the most memory it ever had, in MiB: as Linux tells them.
fn spent() -> (Duration, u64) {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let after_name: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks: u64 = after_name[11..13].iter().map(|n| n.parse::<u64>().unwrap()).sum();
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let most = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap();
    (Duration::from_millis(ticks * 10), most.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "told, not judged, and only of use in a release build"]
async fn a_million_rows() {
    let number = |name: &str| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
    let rows = number("ROWS").unwrap_or(1_000_000);
    let temporary = tempfile::tempdir().unwrap();
    let dir = std::env::var_os("DIR").map_or_else(|| temporary.path().to_owned(), std::path::PathBuf::from);
    if !dir.join(".dualrun").exists() {
        written(&dir, rows).await;
    }
    looked_at(&dir, rows).await;
}

async fn written(dir: &Path, rows: u64) {
    let writer = writer(dir).await;
    let currency = Currency::known("CAD").unwrap();
    let period = Period { start: NaiveDate::from_ymd_opt(2026, 5, 1).unwrap(), end: NaiveDate::from_ymd_opt(2026, 6, 1).unwrap() };
    let batches = || (0..rows).step_by(256).map(move |from| (from..rows.min(from + 256)).map(|i| row(i, period, currency)).collect::<Vec<_>>());
    let before = spent();
    let made: usize = batches().map(|b| b.len()).sum();
    let making = spent().0.saturating_sub(before.0);
    let (began, before) = (Instant::now(), spent());
    let mut run = writer.begin(&request("2026-05")).await.unwrap();
    let mut ending = end(&[]);
    for batch in batches() {
        for row in &batch {
            ending.tally.counts.add(row.verdict);
        }
        run.rows(batch).await.unwrap();
    }
    run.finish(ending).await.unwrap();
    let (wall, after) = (began.elapsed(), spent());
    for thread in std::fs::read_dir("/proc/self/task").unwrap() {
        let of = |file: &str| std::fs::read_to_string(thread.as_ref().unwrap().path().join(file)).unwrap();
        let nanos: u64 = of("schedstat").split_whitespace().next().unwrap().parse().unwrap();
        println!("  {} {:?}", of("comm").trim(), Duration::from_nanos(nanos));
    }
    println!(
        "{made} rows: made in {making:?} of CPU; made and stored in {:?} of CPU, {wall:?}; {} MiB at most",
        after.0.saturating_sub(before.0),
        after.1
    );
    drop(writer);
    let bytes = std::fs::metadata(dir.join(".dualrun/workspace.db")).unwrap().len();
    println!("{} bytes a row", bytes / rows);
}

async fn looked_at(dir: &Path, rows: u64) {
    let store = door(dir).read().await.unwrap().unwrap();
    let page = |column, from| PageRequest { run: 1, filter: RowFilter::default(), sort: Sort { column, descending: true }, from, limit: 50 };
    for column in [
        SortColumn::Key,
        SortColumn::AtStake,
        SortColumn::Delta,
        SortColumn::Verdict,
        SortColumn::Actual,
        SortColumn::Expected,
        SortColumn::Customer,
        SortColumn::Plan,
    ] {
        let began = Instant::now();
        let first = store.page(&page(column, PageFrom::Start)).await.unwrap();
        let (took, began) = (began.elapsed(), Instant::now());
        store.page(&page(column, PageFrom::After(first.rows[49].0.clone()))).await.unwrap();
        let (next, began) = (began.elapsed(), Instant::now());
        store.page(&page(column, PageFrom::End)).await.unwrap();
        println!("{column:?}: first page {took:?}, next {next:?}, last {:?}", began.elapsed());
    }
    let began = Instant::now();
    store.detail(1, i64::try_from(rows / 2).unwrap()).await.unwrap();
    println!("a detail in {:?}", began.elapsed());
    let began = Instant::now();
    assert!(store.find(1, &format!("sub-{:08}", rows / 3), None).await.unwrap().is_some());
    println!("found by key in {:?}", began.elapsed());
    let filter = RowFilter { text: Some("999 ltd".into()), ..RowFilter::default() };
    let began = Instant::now();
    let totals = store.totals(1, &filter).await.unwrap();
    println!("{} rows of a text in {:?}; {} MiB at most", totals.rows, began.elapsed(), spent().1);
}

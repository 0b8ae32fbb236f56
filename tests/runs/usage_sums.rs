//! Usage as the server's own sums is what its records are: the same rows, findings, errors, counts and digests. And it is read that way
//! only where an earlier run counted that it pays.

use crate::differential::{configuration, load};
use crate::memory::{Kept, Memory};
use crate::random_book::{Dice, RandomBook};
use dualrun::app::progress::Silent;
use dualrun::app::project::Project;
use dualrun::app::reconcile::reconcile;
use dualrun::domain::contract::Entity;
use dualrun::domain::run::{Run, UsageReading, UsageRule, UsageWay};
use dualrun::ports::database::Parameter;
use std::path::Path;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

const BOOKS: u64 = 60;
const COLUMNS: &[&str] = &["subscription_id", "metric", "period_start", "quantity"];

/// A random book whose usage is many records of the months' first days; in every other book one of them is no plain quantity of a
/// subscription.
fn book(seed: u64, cells: u64, records: u64) -> RandomBook {
    let mut book = RandomBook::new(seed);
    let mut dice = Dice::new(seed ^ 0x5EED);
    let Some(usage) = book.source.iter_mut().find(|t| t.entity == "usage") else { panic!("usage") };
    usage.columns = COLUMNS;
    usage.rows.clear();
    for cell in 0..cells {
        // Some of subscriptions nobody has.
        let id = format!("sub-{:03}", cell % 40);
        for _ in 0..records {
            let metric = *dice.of(&["events", "events", "events", "Events", "seats"]);
            let day = *dice.of(&["2026-05-01", "2026-05-01", "2026-05-31", "2026-06-01", "2026-04-30"]);
            let decimals = usize::try_from(dice.below(5)).expect("small");
            let quantity = format!("{}.{}", dice.below(60_000), &"70500"[..decimals]);
            usage.rows.push([&id, metric, day, quantity.trim_end_matches('.')].map(|text| Some(text.to_owned())).to_vec());
        }
    }
    if is_odd(seed) && !usage.rows.is_empty() {
        let at = usize::try_from(dice.below(usage.rows.len() as u64)).expect("small");
        let (column, odd) = *dice.of(ODD);
        usage.rows[at][column] = odd.map(ToOwned::to_owned);
    }
    dice.shuffle(&mut usage.rows);
    book
}

const fn is_odd(seed: u64) -> bool {
    seed % 2 == 1
}

/// Columns, and what makes a record one that is looked at by itself.
const ODD: &[(usize, Option<&str>)] = &[
    (0, None),
    (0, Some(" ")),
    (1, None),
    (1, Some("")),
    (2, None),
    (2, Some("infinity")),
    (2, Some("5874897-12-31")),
    (3, None),
    (3, Some("NaN")),
    (3, Some("Infinity")),
    (3, Some("-Infinity")),
    (3, Some("-0.01")),
    (3, Some("1000000000000000.01")),
    (3, Some("100000000000000000000000000000000000000")),
    (3, Some("0.0000000000001")),
    (3, Some("0.00000000000000000000000000000000000000001")),
];

/// A project of the books in a folder.
fn project(dir: &Path, memory: &Memory, n: u64) -> Project {
    let mut project = crate::on_postgres::project_in(dir, memory);
    for query in project.source.queries.values_mut().chain(project.target.queries.values_mut()) {
        query.parameters.insert("book".to_owned(), Parameter::Integer(i64::try_from(n).expect("small")));
    }
    project
}

async fn run(project: &Project, memory: &Memory, months: &[&str]) -> Vec<Kept> {
    let before = memory.kept().len();
    reconcile(project, &crate::project::whole(months), Arc::new(Silent), CancellationToken::new()).await.unwrap_or_else(|e| panic!("{e}"));
    memory.kept().split_off(before)
}

/// How the only run read usage; the run is left as one that tells nothing of it, nor which run it is.
fn told(run: &mut Run) -> UsageReading {
    run.snapshots.clear();
    run.id = 0;
    run.tally.usage_reading.take().expect("how usage was read")
}

/// Both ways over the same data must come to the same; returns how the second read.
async fn both(project: &mut Project, memory: &Memory, case: &str) -> (UsageReading, UsageReading) {
    project.limits.usage_sums = UsageRule::Records;
    let records = run(project, memory, &["2026-05", "2026-06"]).await;
    project.limits.usage_sums = UsageRule::Sums;
    let sums = run(project, memory, &["2026-05", "2026-06"]).await;
    let mut ways = None;
    for (mut records, mut sums) in records.into_iter().zip(sums) {
        ways = Some((told(&mut records.run), told(&mut sums.run)));
        assert_eq!(records.run, sums.run, "{case}");
        assert_eq!(records.rows, sums.rows, "{case}");
        assert_eq!(records.findings, sums.findings, "{case}");
        assert_eq!(records.rejected, sums.rejected, "{case}");
        let inputs = |kept: &Kept| format!("{:?}", kept.rows.iter().map(|r| &r.inputs).collect::<Vec<_>>());
        assert_eq!(inputs(&records), inputs(&sums), "{case}: digit by digit");
    }
    ways.expect("a month")
}

#[tokio::test(flavor = "multi_thread")]
async fn sums_are_what_their_records_are() {
    let cluster = crate::cluster::shared();
    let books: Vec<RandomBook> = (0..BOOKS).map(|n| book(n, 1 + n % 50, 1 + n % 9)).collect();
    load(cluster, "usage_sums", &books);
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("dualrun.toml"), configuration(cluster, "usage_sums", &books[0])).expect("a file");
    for n in 0..BOOKS {
        let memory = Memory::default();
        let (records, sums) = both(&mut project(dir.path(), &memory, n), &memory, &format!("book {n}")).await;
        assert_eq!((records.way, records.refused), (UsageWay::Records, false), "book {n}");
        assert_eq!(records.records, sums.records, "book {n}");
        let wanted = if is_odd(n) { (UsageWay::Records, true) } else { (UsageWay::Sums, false) };
        assert_eq!((sums.way, sums.refused), wanted, "book {n}: {}", sums.why);
        assert_eq!(records.sums, sums.sums, "book {n}: what a run counts is what the server makes");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_summed_is_read_record_by_record() {
    let cluster = crate::cluster::shared();
    let books = [book(2, 10, 5)];
    load(cluster, "unsummed", &books);
    cluster.psql("unsummed", "create collation s.same_letters (provider = icu, locale = 'und-u-ks-level2', deterministic = false)");
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("dualrun.toml"), configuration(cluster, "unsummed", &books[0])).expect("a file");
    let cases = [
        ("", Ok(())),
        ("metric collate s.same_letters as metric", Ok(())),
        ("quantity::bigint as quantity", Ok(())),
        ("substr(subscription_id, 5)::int as subscription_id", Ok(())),
        ("period_start::timestamptz as period_start", Ok(())),
        ("period_start::text as period_start", Ok(())),
        ("quantity::float8 as quantity", Err("floating point")),
        ("quantity::text as quantity", Err("not exact")),
        ("metric::char(9) as metric", Err("may differ")),
        ("substr(subscription_id, 5)::numeric as subscription_id", Err("may differ")),
        ("ctid::text as idempotency_key", Err("idempotency_key of its own")),
        ("period_start as ingested_at", Err("ingested_at of its own")),
        ("1 as other", Err("other of its own")),
        ("period_start as occurred_at", Err("occurred_at of its own")),
    ];
    for (with, wanted) in cases {
        let memory = Memory::default();
        let mut project = project(dir.path(), &memory, 0);
        let own = with.rsplit(' ').next().unwrap_or_default();
        let mut columns: Vec<&str> = COLUMNS.iter().copied().filter(|c| *c != own).collect();
        columns.extend(Some(with).filter(|w| !w.is_empty()));
        let query = project.source.queries.get_mut(&Entity::Usage).expect("mapped");
        query.sql = format!("select {} from usage where book = :book order by random(); -- all of it", columns.join(", "));
        let (records, sums) = both(&mut project, &memory, with).await;
        match wanted {
            Ok(()) => assert_eq!((sums.way, sums.sums), (UsageWay::Sums, records.sums), "{with}: {}", sums.why),
            Err(why) => {
                assert_eq!((sums.way, sums.refused), (UsageWay::Records, true), "{with}");
                assert!(sums.why.contains(why), "{with}: {}", sums.why);
            }
        }
    }
}

/// More records than a query may deliver are too many in either way.
#[tokio::test(flavor = "multi_thread")]
async fn sums_do_not_get_past_max_rows() {
    let cluster = crate::cluster::shared();
    let books = [book(4, 1, 300)];
    load(cluster, "too_many", &books);
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("dualrun.toml"), configuration(cluster, "too_many", &books[0])).expect("a file");
    let mut said = Vec::new();
    for rule in [UsageRule::Records, UsageRule::Sums] {
        let memory = Memory::default();
        let mut project = project(dir.path(), &memory, 0);
        (project.limits.usage_sums, project.limits.max_rows) = (rule, 299);
        let options = crate::project::whole(&["2026-05"]);
        let ended = reconcile(&project, &options, Arc::new(Silent), CancellationToken::new()).await;
        said.push(ended.expect_err("too many rows").to_string());
    }
    assert!(said[0].contains("299 rows") && said[0] == said[1], "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_run_chooses_by_what_this_one_counted() {
    let cluster = crate::cluster::shared();
    let (thin, dense) = (book(6, 20, 40), book(8, 4, 1_500));
    load(cluster, "dense", &[thin.clone(), dense]);
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("dualrun.toml"), configuration(cluster, "dense", &thin)).expect("a file");
    for (n, wanted) in [(0, UsageWay::Records), (1, UsageWay::Sums)] {
        let memory = Memory::default();
        let mut project = project(dir.path(), &memory, n);
        let first = told(&mut run(&project, &memory, &["2026-05"]).await[0].run);
        assert_eq!((first.way, first.why.as_str()), (UsageWay::Records, "no earlier run counted them"));
        for n in 1..3 {
            let next = told(&mut run(&project, &memory, &["2026-05"]).await[0].run);
            assert_eq!((next.way, next.records, next.sums), (wanted, first.records, first.sums), "{}", next.why);
            assert!(next.why.starts_with(&format!("run #{n} counted ")), "{}", next.why);
        }
        "another".clone_into(&mut project.config_digest);
        let other = told(&mut run(&project, &memory, &["2026-05"]).await[0].run);
        assert_eq!(other.why, "no earlier run counted them", "under another configuration");
    }
}

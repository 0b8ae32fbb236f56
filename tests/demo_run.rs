//! What the program makes of its own demo and of a generated book, on SQLite and on PostgreSQL: the known dual run to
//! the cent, and exactly the counts and money the generator says.

#![allow(clippy::expect_used, clippy::panic, reason = "functions that only tests call")]

#[path = "support/postgres.rs"]
mod cluster;
#[path = "support/memory.rs"]
mod memory;
#[path = "demo_run/postgres.rs"]
mod postgres;
#[path = "support/project.rs"]
mod project;
#[path = "support/slow_link.rs"]
mod slow_link;

use dualrun::adapters::book_files::write_large_sqlite;
use dualrun::app::progress::Silent;
use dualrun::app::reconcile::reconcile;
use dualrun::demo::LargeBook;
use dualrun::domain::currency::Currency;
use dualrun::domain::run::RunState;
use dualrun::domain::verdict::Verdict;
use memory::{Kept, Memory};
use std::path::Path;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

const MONTHS: [&str; 7] = ["2025-11", "2025-12", "2026-01", "2026-02", "2026-03", "2026-04", "2026-05"];

fn counts(kept: &Kept) -> [u64; 8] {
    Verdict::ALL.map(|v| kept.run.tally.counts.of(v))
}

fn cad() -> Currency {
    Currency::known("CAD").expect("a currency")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_embedded_demo_is_the_known_dual_run() {
    let folder = project::specimen().join("../../../demo-data");
    let (_dir, memory) = project::run_book(&folder, false, &MONTHS).await;
    let runs = memory.kept();
    let rates: Vec<_> = runs.iter().map(|k| (k.run.tally.counts.of(Verdict::Match), k.run.tally.counts.of(Verdict::Delta))).collect();
    assert_eq!(rates, [(9, 1), (9, 1), (10, 0), (8, 2), (9, 1), (8, 2), (2, 4)]);
    assert!(runs.iter().all(|k| k.run.state == RunState::Complete && k.run.tally.rejected == 0));
    let may = runs.last().expect("a run");
    assert_eq!(counts(may), [2, 0, 4, 0, 0, 3, 0, 0]);
    let money = may.run.tally.money.get(&cad()).expect("CAD");
    assert_eq!((money.actual, money.expected, money.net, money.gross), (48_227, 86_095, 37_868, 37_868));
    assert_eq!((money.unlinked, money.covered, money.invoiced), (178_285, 48_227, 226_512));
    assert_eq!(money.coverage(), Some(2_129));
    let buckets = |name: &str| may.run.tally.source_invoices.get(name).copied().unwrap_or(0);
    assert_eq!((buckets("void"), buckets("draft"), buckets("zero"), buckets("unlinked"), buckets("linked")), (1, 2, 5, 3, 6));
}

async fn run_generated(dir: &Path) -> Vec<Kept> {
    let memory = Memory::default();
    let project = project::project(dir, Arc::new(memory.clone()));
    let options = project::whole(&["2026-04", "2026-05"]);
    reconcile(&project, &options, Arc::new(Silent), CancellationToken::new()).await.unwrap_or_else(|e| panic!("{e}"));
    memory.kept()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_generated_book_comes_to_what_its_generator_says() {
    let dir = tempfile::tempdir().expect("a folder");
    let book = LargeBook::new(1000, 2, 5).expect("a size");
    let files = write_large_sqlite(&book, dir.path()).await.unwrap_or_else(|e| panic!("{e}"));
    let expected = book.expected_counts();
    let by_draft = run_generated(dir.path()).await;
    let text = std::fs::read_to_string(&files.config).expect("a configuration");
    std::fs::write(&files.config, text.replace("\"draft_first\"", "\"rated\"")).expect("written");
    let by_rating = run_generated(dir.path()).await;
    assert_eq!((by_draft.len(), by_rating.len()), (2, 2));
    for ((drafted, rated), month) in by_draft.iter().zip(&by_rating).zip(&expected.months) {
        for kept in [drafted, rated] {
            assert_eq!(kept.run.state, RunState::Complete);
            assert_eq!(kept.run.tally.counts, month.counts, "{}", month.month);
            assert_eq!(kept.run.tally.money.get(&cad()), Some(&month.money), "{}", month.month);
        }
        assert_eq!(drafted.run.tally.basis, month.basis, "{}", month.month);
        assert_eq!(rated.run.tally.basis.rated, month.basis.draft + month.basis.rated, "{}", month.month);
    }
}

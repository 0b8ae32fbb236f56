//! How long looks at a stored run take, asked of the workspace itself: what a terminal waits for before it can draw.

use dualrun::adapters::clock::SystemClock;
use dualrun::adapters::workspace::Door;
use dualrun::ports::workspace::{PageFrom, PageRequest, RowFilter, Sort, SortColumn, WorkspaceDoor};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

const COLUMNS: [SortColumn; 8] = [
    SortColumn::Key,
    SortColumn::AtStake,
    SortColumn::Delta,
    SortColumn::Verdict,
    SortColumn::Actual,
    SortColumn::Expected,
    SortColumn::Customer,
    SortColumn::Plan,
];

/// Pages in every order, a detail, a key, the totals of a text and of a cause, and all rows that differ.
pub fn print(project: &Path, run: i64) {
    tokio::runtime::Runtime::new().expect("a runtime").block_on(async {
        let door = Door::new(project, Arc::new(SystemClock));
        let store = door.read().await.expect("a workspace that can be read").expect("a workspace");
        let page = |column, from| PageRequest { run, filter: RowFilter::default(), sort: Sort { column, descending: true }, from, limit: 50 };
        let rows = store.totals(run, &RowFilter::default()).await.expect("totals").rows;
        println!("run {run}: {rows} rows");
        for column in COLUMNS {
            let began = Instant::now();
            let first = store.page(&page(column, PageFrom::Start)).await.expect("a page");
            let (took, began) = (began.elapsed(), Instant::now());
            let last = first.rows.last().expect("rows").0.clone();
            store.page(&page(column, PageFrom::After(last))).await.expect("a page");
            let (next, began) = (began.elapsed(), Instant::now());
            store.page(&page(column, PageFrom::End)).await.expect("a page");
            println!("{column:?}: first page {took:?}, next {next:?}, last {:?}", began.elapsed());
        }
        let middle = i64::try_from(rows / 2 + 1).expect("a number");
        let began = Instant::now();
        let detail = store.detail(run, middle).await.expect("a detail");
        println!("a detail in {:?}", began.elapsed());
        let began = Instant::now();
        assert!(store.find(run, detail.row.key.raw(), None).await.expect("a look").is_some());
        println!("found by key in {:?}", began.elapsed());
        let text = RowFilter { text: Some("99".into()), ..RowFilter::default() };
        let began = Instant::now();
        let found = store.totals(run, &text).await.expect("totals").rows;
        println!("{found} rows of a text in {:?}", began.elapsed());
        let (began, mut differing) = (Instant::now(), 0);
        for seqs in store.differing(run).await.expect("rows that differ").chunks(1_000) {
            differing += store.rows_at(run, seqs).await.expect("rows that differ").len();
        }
        println!("{differing} rows that differ, whole, in {:?}", began.elapsed());
        let cause = RowFilter { cause: Some("unexplained".into()), ..RowFilter::default() };
        let began = Instant::now();
        let found = store.totals(run, &cause).await.expect("totals").rows;
        println!("{found} rows unexplained in {:?}", began.elapsed());
    });
}

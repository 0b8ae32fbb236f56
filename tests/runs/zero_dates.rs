//! Dates that are none: what the driver would take for NULL, an open end, is an error of its row, and the run is incomplete.

use dualrun::adapters::book_files::read_book;
use dualrun::domain::decode::Reason;
use dualrun::domain::run::RunState;

#[tokio::test(flavor = "multi_thread")]
async fn a_zero_date_is_an_error_of_its_row() {
    let dir = tempfile::tempdir().expect("a folder");
    let book = read_book(&crate::project::specimen(), false).unwrap_or_else(|e| panic!("{e}"));
    let server = crate::server::shared(&[]);
    crate::on_mariadb::load_book(server, &book, "zeros", dir.path());
    server.sql(
        "zeros_source",
        "set sql_mode = '';
         alter table subscriptions modify started_on date, modify ended_on date;
         update subscriptions set ended_on = '0000-00-00' where id = 'sub-1101';
         update subscriptions set started_on = '2025-00-03' where id = 'sub-1102'",
    );
    let kept = crate::on_mariadb::run_in(dir.path(), "2026-05").await;
    assert_eq!(kept.run.state, RunState::Incomplete);
    let told: Vec<(&str, &str, &str, Reason)> = kept.rejected.iter().map(|e| (e.id.as_str(), e.column.as_str(), e.raw.as_str(), e.reason)).collect();
    for wanted in [("sub-1101", "ended_on", "0000-00-00", Reason::NotADate), ("sub-1102", "started_on", "2025-00-03", Reason::NotADate)] {
        assert!(told.contains(&wanted), "{wanted:?} in {told:#?}");
    }
}

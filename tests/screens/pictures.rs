//! Whole screens as pictures, at the two sizes they are made for.

use crate::demo_book::{demo, month, run, unreadable};
use crate::driver::Driver;
use crate::fake_workspace::{FakeDoor, now};
use chrono::TimeDelta;
use dualrun::app::progress::Progress;
use dualrun::domain::contract::Entity;
use dualrun::domain::run::RunState;
use dualrun::domain::side::Side;
use dualrun::ports::workspace::StoreError;
use dualrun::tui::Msg;
use insta::assert_snapshot;

const SIZES: [((u16, u16), &str); 2] = [((140, 42), "140x42"), ((80, 24), "80x24")];

fn pictures(name: &str, keys: &str) {
    for (size, label) in SIZES {
        let mut driver = Driver::demo(size);
        driver.press(keys);
        assert_snapshot!(format!("{name}_{label}"), driver.picture());
    }
}

#[test]
fn overview() {
    pictures("overview", "1");
}

#[test]
fn reconcile() {
    pictures("reconcile", "3");
}

#[test]
fn reconcile_detail() {
    pictures("reconcile_detail", "3jjj<enter>");
}

#[test]
fn reconcile_detail_of_a_key_with_history() {
    pictures("reconcile_history", "3/sub-1004<enter><enter>");
}

#[test]
fn reconcile_filtered() {
    pictures("reconcile_filtered", "3/verdict:delta money:>10<enter>s");
}

#[test]
fn a_filter_that_says_nothing_tells_why() {
    pictures("reconcile_filter_error", "3/verdict:dleta");
}

#[test]
fn no_row_passes() {
    pictures("reconcile_none", "3/nobody<enter>");
}

#[test]
fn causes() {
    pictures("causes", "4");
}

#[test]
fn gates() {
    pictures("gates", "5jjj");
}

#[test]
fn flip() {
    pictures("flip", "6");
}

#[test]
fn activity() {
    pictures("activity", "7");
}

#[test]
fn activity_findings() {
    pictures("activity_findings", "7<right>");
}

#[test]
fn activity_finding_whole() {
    pictures("activity_finding", "7<right><enter>");
}

#[test]
fn activity_journal() {
    pictures("activity_journal", "7<left>");
}

#[test]
fn help() {
    pictures("help", "3?");
}

#[test]
fn which_month() {
    pictures("month", "r<backspace><enter>");
}

#[test]
fn a_running_job_is_told() {
    for (size, label) in SIZES {
        let mut driver = Driver::demo(size);
        driver.press("r<enter>");
        driver.send(Msg::Tick(now() + TimeDelta::seconds(2)));
        let read = |side, entity, rows, done| Progress::Read { side, entity, rows, bytes: rows * 48, done };
        driver.send(Msg::Progress(vec![
            Progress::Phase("reading documents".to_owned()),
            read(Side::Source, Entity::Invoices, 12_400, true),
            read(Side::Source, Entity::Usage, 1_310_000, false),
            read(Side::Target, Entity::Invoices, 310, true),
        ]));
        driver.send(Msg::Tick(now() + TimeDelta::seconds(10)));
        assert_snapshot!(format!("job_reading_{label}"), driver.picture());
        driver.send(Msg::Progress(vec![
            Progress::Phase("judging 2026-05".to_owned()),
            Progress::Judged { keys: 250_000, of: 1_000_000, rows: 250_000 },
        ]));
        driver.send(Msg::Tick(now() + TimeDelta::seconds(15)));
        assert_snapshot!(format!("job_{label}"), driver.picture());
        driver.press("q");
        assert_snapshot!(format!("job_quit_{label}"), driver.picture());
    }
}

#[test]
fn an_incomplete_dry_run_of_a_few_is_marked_loudly() {
    for (size, label) in SIZES {
        let mut workspace = demo();
        let rows = crate::demo_book::may();
        let mut odd = run(15, month("2026-05"), &rows);
        odd.state = RunState::Incomplete;
        odd.request.dry_run = true;
        odd.request.only = vec!["sub-1001".to_owned(), "sub-1002".to_owned()];
        odd.current = false;
        odd.finished_at = Some(now() - TimeDelta::minutes(2));
        odd.tally.rejected = 3;
        workspace.runs.push(odd);
        workspace.rows.insert(15, rows);
        workspace.rejected.insert(15, vec![unreadable("INV-13", "NaN"), unreadable("INV-14", "1e400")]);
        let mut driver = Driver::holding(workspace, size);
        driver.press("7<enter>");
        assert_snapshot!(format!("marks_{label}"), driver.picture());
        driver.press("<right><right>");
        assert_snapshot!(format!("rejected_{label}"), driver.picture());
    }
}

#[test]
fn nothing_yet() {
    for (size, label) in SIZES {
        for (screen, key) in [("overview", "1"), ("reconcile", "3"), ("gates", "5"), ("flip", "6"), ("activity", "7")] {
            let mut driver = Driver::over(FakeDoor::Empty, size);
            driver.press(key);
            assert_snapshot!(format!("empty_{screen}_{label}"), driver.picture());
        }
    }
}

#[test]
fn loading() {
    let (driver, _) = Driver::unread(FakeDoor::Empty, (80, 24));
    assert_snapshot!("loading_80x24", driver.picture());
}

#[test]
fn a_broken_workspace_says_what_to_do() {
    let door = FakeDoor::Broken(StoreError::Newer { found: 9, known: 1 });
    assert_snapshot!("broken_80x24", Driver::over(door, (80, 24)).picture());
}

#[test]
fn an_error_keeps_the_last_good_data() {
    let mut driver = Driver::demo((80, 24));
    let trouble = dualrun::tui::model::Trouble::of(&StoreError::Io { what: "disk full".to_owned(), remedy: "free some space".to_owned() });
    driver.send(Msg::Book(Err(trouble)));
    assert_snapshot!("last_good_80x24", driver.picture());
}

#[test]
fn too_small() {
    assert_snapshot!("too_small", Driver::demo((40, 10)).picture());
}

//! What returns at the next start, and what becomes of a text that cannot be used.

use crate::demo_book::demo;
use crate::driver::Driver;
use crate::fake_workspace::FakeDoor;
use dualrun::ports::workspace::SortColumn;
use dualrun::tui::model::{Pane, Remembered, Screen};
use insta::assert_snapshot;
use std::sync::Arc;

/// Started again with what was kept.
fn again(kept: Result<Option<String>, String>) -> Driver {
    let (mut driver, effects) = Driver::unread(FakeDoor::Holds(Arc::new(demo())), (100, 30));
    driver.model.recall(kept);
    driver.settle(effects);
    driver
}

#[test]
fn screen_filter_order_and_selection_return() {
    let mut driver = Driver::demo((100, 30));
    driver.press("7<right>3/verdict:delta<enter>sjj");
    let (picture, row) = (driver.picture(), driver.model.table.selected_row().unwrap().key.clone());
    let kept = Remembered::of(&driver.model).text();
    let mut back = again(Ok(Some(kept.clone())));
    assert_eq!(back.picture(), picture);
    assert_eq!((back.model.screen, back.model.pane, back.model.table.sort.column), (Screen::Reconcile, Pane::Findings, SortColumn::Delta));
    assert_eq!(back.model.table.selected_row().unwrap().key, row);
    assert_eq!(Remembered::of(&back.model).text(), kept, "a start changes nothing of it");
    back.press("1");
    assert_ne!(Remembered::of(&back.model).text(), kept);
}

#[test]
fn a_row_far_below_is_found_again_by_its_place() {
    let mut workspace = demo();
    let rows: Vec<_> =
        (0..900).map(|n| crate::demo_book::row(crate::demo_book::month("2026-05"), &format!("sub-{n:04}"), "Acme", "Large", 100, 200 + n)).collect();
    workspace.rows.insert(14, rows);
    let mut driver = Driver::holding(workspace.clone(), (100, 30));
    driver.press("3G<up><up>");
    let row = driver.model.table.selected_row().unwrap().key.clone();
    let kept = Remembered::of(&driver.model).text();
    let (mut back, effects) = Driver::unread(FakeDoor::Holds(Arc::new(workspace)), (100, 30));
    back.model.recall(Ok(Some(kept)));
    back.settle(effects);
    assert_eq!(back.model.table.selected_row().unwrap().key, row);
    assert!(back.model.table.more_before && back.model.table.base.is_none(), "rows before it are there, and not counted");
    back.press("g");
    assert!(back.model.table.selected_row().unwrap().key.raw() > row.raw(), "the worst first");
}

#[test]
fn an_older_month_returns_and_the_newest_is_followed() {
    let mut driver = Driver::demo((100, 30));
    driver.press("[[");
    let month = driver.model.month;
    assert_eq!(again(Ok(Some(Remembered::of(&driver.model).text()))).model.month, month);
    driver.press("]]");
    assert!(!Remembered::of(&driver.model).text().contains("2026-05\",\"filter"), "the newest month is not held on to");
}

#[test]
fn a_text_that_cannot_be_used_is_told_in_one_line_and_changes_nothing() {
    let fresh = Driver::demo((100, 30)).picture();
    let later = Remembered::of(&Driver::demo((100, 30)).model).text().replace("\"version\":1", "\"version\":2");
    for broken in [Ok(Some("{".to_owned())), Ok(Some(later)), Err("permission denied".to_owned()), Ok(Some("\u{1b}[2J".to_owned()))] {
        let mut driver = again(broken);
        assert_eq!(driver.picture(), fresh);
        driver.press("7");
        let told: Vec<String> = driver.picture().lines().filter(|l| l.contains("it starts as new")).map(str::to_owned).collect();
        assert_eq!(told.len(), 1, "{}", driver.picture());
    }
    let mut driver = again(Err("permission denied (os error 13)".to_owned()));
    driver.press("7");
    assert_snapshot!("forgotten_100x30", driver.picture());
    assert!(again(Ok(None)).model.forgotten.is_none(), "a first start is no loss");
}

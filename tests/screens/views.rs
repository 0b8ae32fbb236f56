//! Views of the table: columns chosen, scrolled and kept under a name.

use crate::demo_book::demo;
use crate::driver::Driver;
use dualrun::app::views::load;
use dualrun::ports::workspace::{FilterTotals, SortColumn};
use dualrun::present::columns::Column;
use dualrun::tui::Msg;
use dualrun::tui::model::lineup::Lineup;
use insta::assert_snapshot;

#[test]
fn columns_are_chosen_and_their_widths_kept() {
    for (size, label) in [((140, 42), "140x42"), ((80, 24), "80x24")] {
        let mut driver = Driver::demo(size);
        // Customer goes, Plan is wider.
        driver.press("3Cjj j++");
        assert_snapshot!(format!("columns_{label}"), driver.picture());
        driver.press("<esc>");
        assert_snapshot!(format!("chosen_{label}"), driver.picture());
    }
    let mut driver = Driver::demo((140, 42));
    driver.press("3Cjj j++JJq");
    let lineup = &driver.model.table.lineup;
    assert!(!lineup.shown().contains(&Column::Customer));
    assert_eq!((lineup.width(Column::Plan), lineup.shown()[3]), (Some(24), Column::Currency));
    driver.press("uuuuu");
    assert_eq!(driver.model.table.lineup, Lineup::default(), "each step is taken back");
}

#[test]
fn columns_scroll_and_the_key_stays() {
    let mut driver = Driver::demo((80, 24));
    driver.press("3>>>>>>>>");
    assert_snapshot!("scrolled_80x24", driver.picture());
    let head = |driver: &Driver| driver.picture().lines().find(|l| l.contains("SUBSCRIPTION")).unwrap().to_owned();
    assert!(head(&driver).contains("BASIS") && !head(&driver).contains("VERDICT"));
    driver.press("<<<<<<<<<<");
    assert_eq!(driver.model.table.lineup.first, 0);
    assert!(head(&driver).contains("VERDICT"));
}

#[test]
fn a_view_is_saved_taken_up_and_forgotten() {
    let mut driver = Driver::demo((100, 30));
    std::fs::create_dir(driver.folder.path().join(".dualrun")).unwrap();
    driver.press("3/verdict:delta<enter>sCjj <esc>Vlarge ones<enter>");
    assert!(driver.picture().contains("kept as view large ones"), "{}", driver.picture());
    let kept = load(driver.folder.path()).unwrap();
    assert_eq!((kept[0].name.as_str(), kept[0].filter.as_str(), kept[0].sort.column), ("large ones", "verdict:delta", SortColumn::Delta));
    driver.press("c1:view large");
    assert_snapshot!("view_100x30", driver.picture());
    driver.press("<enter>");
    let table = &driver.model.table;
    assert_eq!((table.rows.len(), table.sort.column), (4, SortColumn::Delta));
    assert!(!table.lineup.shown().contains(&Column::Customer));
    driver.press("Vlarge");
    driver.send(Msg::Key(crossterm::event::KeyCode::Delete.into()));
    assert!(driver.picture().contains("view large ones is forgotten"));
    assert_eq!(load(driver.folder.path()).unwrap(), []);
}

#[test]
fn views_are_there_when_the_workspace_is_read() {
    let mut driver = Driver::holding(demo(), (100, 30));
    std::fs::create_dir(driver.folder.path().join(".dualrun")).unwrap();
    driver.press("3Vmine<enter>");
    driver.model.book.views.clear();
    driver.send(Msg::Key(crossterm::event::KeyCode::F(5).into()));
    assert_eq!(driver.model.book.views.len(), 1);
}

#[test]
fn the_word_of_a_filter_is_completed() {
    for (size, label) in [((140, 42), "140x42"), ((80, 24), "80x24")] {
        let mut driver = Driver::demo(size);
        driver.press("3/money:>10 verdict:d");
        assert_snapshot!(format!("offers_{label}"), driver.picture());
        driver.press("<tab><enter>");
        assert_eq!(dualrun::present::filter::to_text(&driver.model.table.filter), "verdict:delta money:>10");
    }
    let mut driver = Driver::demo((80, 24));
    driver.press("3/pl<tab>ex<tab>");
    assert_eq!(driver.model.table.editing.as_ref().unwrap().input.value(), "plan:ex", "no such plan is at hand");
    driver.press("<esc>2/fa<tab>cr<tab>");
    assert_eq!(driver.model.plan.editing.as_ref().unwrap().input.value(), "fate:create ");
}

#[test]
fn totals_arrive_as_they_are_added_up_and_are_not_taken_for_the_whole() {
    let mut driver = Driver::demo((140, 42));
    driver.press("3*");
    let (ticket, whole) = (driver.model.table.totals_ticket, driver.model.table.totals.clone().unwrap());
    let so_far = FilterTotals { rows: 3, money: whole.money.iter().map(|(c, net, stake)| (*c, net / 2, stake / 2)).collect() };
    driver.send(Msg::Adding(ticket - 1, FilterTotals::default(), (1, 9)));
    assert_eq!(driver.model.table.totals.as_ref(), Some(&whole), "an older question's answer");
    driver.send(Msg::Adding(ticket, so_far, (420_000, 1_000_000)));
    assert_snapshot!("adding_140x42", driver.picture());
    driver.send(Msg::Totals(ticket, Ok(whole.clone())));
    assert!(driver.picture().contains("9 marked") && !driver.picture().contains("so far"));
}

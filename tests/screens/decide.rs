//! Deciding on rows: a waiver filled in, a note, corrections weighed.

use crate::driver::Driver;
use dualrun::app::review::Chosen;
use dualrun::domain::review::{Deed, Expected};
use dualrun::ports::workspace::SortColumn;
use dualrun::tui::model::Overlay;
use dualrun::tui::model::deed::DeedAsked;
use dualrun::tui::model::job::JobAsked;
use dualrun::tui::model::undo::{Undo, Way};
use dualrun::tui::msg::Kept;
use dualrun::tui::{Effect, Msg};
use insta::assert_snapshot;
use std::collections::BTreeSet;

const SIZES: [((u16, u16), &str); 3] = [((140, 42), "140x42"), ((100, 30), "100x30"), ((80, 24), "80x24")];

#[test]
fn a_waiver_shows_what_it_touches_before_it_is_made() {
    for (size, label) in SIZES {
        let mut driver = Driver::demo(size);
        driver.press("3/verdict:delta<enter>w");
        assert_snapshot!(format!("waive_{label}"), driver.picture());
        driver.press("agreed with finance<down>2026-12-31<enter>");
        assert_snapshot!(format!("waive_touched_{label}"), driver.picture());
        assert!(driver.left.is_empty());
        driver.press("<enter>");
        let [Effect::Do(DeedAsked::Waive { run: 14, terms })] = &driver.left[..] else { panic!("{:?}", driver.left) };
        assert_eq!((terms.expected.clone(), terms.owner.as_str(), terms.reason.as_str()), (Expected::AsNow, "ana", "agreed with finance"));
        assert!(driver.model.overlays.is_empty());
    }
}

#[test]
fn what_was_shown_is_of_what_was_typed() {
    let mut driver = Driver::demo((100, 30));
    driver.press("3/verdict:delta<enter>wagreed<down>2026-12-31<enter>");
    let touched = |driver: &Driver| matches!(driver.model.overlays.last(), Some(Overlay::Waive(form)) if form.touched.is_some());
    assert!(touched(&driver));
    driver.press("<up>!");
    assert!(!touched(&driver), "another word is another waiver");
    driver.press("<enter>");
    assert!(driver.left.is_empty() && touched(&driver), "it is shown anew before it is made");
}

#[test]
fn a_waiver_that_lacks_a_word_says_which() {
    let mut driver = Driver::demo((100, 30));
    driver.press("3/verdict:delta<enter>w<enter>");
    assert!(driver.picture().contains("say why it is accepted"));
    driver.press("x<down>soon<enter>");
    assert!(driver.picture().contains("no day: write 2026-12-31"));
    assert!(driver.left.is_empty());
}

#[test]
fn a_note_is_about_the_selected_row() {
    let mut driver = Driver::demo((100, 30));
    driver.press("3t<enter>");
    assert!(driver.picture().contains("say it in words"));
    driver.press("asked the customer<enter>");
    let row = Chosen::Rows(BTreeSet::from([driver.model.table.selected_row().unwrap().seq]));
    let deed = Deed::Note { text: "asked the customer".to_owned() };
    assert_eq!(driver.left, [Effect::Do(DeedAsked::Rows { run: 14, rows: row, deed })]);
}

#[test]
fn marked_rows_are_said_mended_together_once_it_is_shown_what_that_touches() {
    for (size, label) in [((140, 42), "140x42"), ((80, 24), "80x24")] {
        let mut driver = Driver::demo(size);
        driver.press("3/verdict:differs<enter>  ");
        assert_snapshot!(format!("marked_{label}"), driver.picture());
        assert_eq!(driver.model.table.marks.count(None), Some(2));
        driver.press("mcredit note in June");
        assert_snapshot!(format!("mended_{label}"), driver.picture());
        assert!(driver.left.is_empty(), "it is only asked");
        let rows = Chosen::Rows(driver.model.table.marks.turned.clone());
        driver.press("<enter>");
        let deed = Deed::Resolve { reason: "credit note in June".to_owned() };
        assert_eq!(driver.left, [Effect::Do(DeedAsked::Rows { run: 14, rows, deed })]);
    }
}

#[test]
fn what_is_shown_is_of_the_rows_that_were_chosen() {
    let mut driver = Driver::demo((100, 30));
    driver.press("3/verdict:delta<enter>m<esc>jm");
    let Some(Overlay::Decide(form)) = driver.model.overlays.last_mut() else { panic!("no form") };
    form.touched = None;
    let ticket = form.ticket;
    driver.send(Msg::RowsTouched(ticket - 1, Ok(vec!["another's".to_owned()])));
    assert!(!driver.picture().contains("another's"));
    driver.press("done<enter>");
    assert!(driver.left.is_empty(), "what it touches is not known yet");
    driver.send(Msg::RowsTouched(ticket, Ok(vec!["its own".to_owned()])));
    driver.press("<enter>");
    assert_eq!(driver.left.len(), 1);
}

#[test]
fn all_of_a_filter_are_marked_and_turned_around() {
    let mut driver = Driver::demo((140, 42));
    driver.press("3/verdict:delta<enter>*");
    let count = |driver: &Driver| driver.model.table.marks.count(driver.model.table.totals.as_ref().map(|t| t.rows));
    assert_eq!(count(&driver), Some(4));
    driver.press("g ");
    assert_eq!(count(&driver), Some(3));
    assert!(driver.picture().contains("3 marked"));
    driver.press("mgone<enter>");
    let [Effect::Do(DeedAsked::Rows { rows: Chosen::Filter(filter, but), .. })] = &driver.left[..] else { panic!("{:?}", driver.left) };
    assert_eq!((filter.as_ref(), but.len()), (&driver.model.table.filter, 1));
    driver.press("*");
    assert_eq!(count(&driver), Some(1), "turned around");
    driver.press("v");
    assert!(driver.model.table.marks.is_empty(), "marks are on the rows of a filter");
    driver.press("u");
    assert_eq!((count(&driver), driver.model.table.filter.verdicts.len()), (Some(1), 1), "and come back with it");
}

#[test]
fn a_waiver_of_single_marks_is_none() {
    let mut driver = Driver::demo((140, 42));
    driver.press("3 w");
    assert!(driver.picture().contains("a waiver is about the rows of a filter"));
    assert!(driver.model.overlays.is_empty());
    driver.press("c*wall of them<down>2026-12-31<enter>");
    assert!(driver.picture().contains("a waiver of everything is none"), "{}", driver.picture());
    driver.press("<esc>cv*w");
    assert!(matches!(driver.model.overlays.last(), Some(Overlay::Waive(form)) if form.fields[0].value() == "verdict:match"));
}

fn kept(driver: &mut Driver, words: &str, way: Way) {
    let undo = Some(Undo { words: words.to_owned(), way });
    driver.send(Msg::Done(Ok(Kept { words: words.to_owned(), undo })));
}

#[test]
fn what_was_done_last_is_taken_back() {
    let mut driver = Driver::demo((100, 30));
    driver.press("3u");
    assert!(driver.picture().contains("nothing to take back"));
    driver.press("ssu");
    assert_eq!(driver.model.table.sort.column, SortColumn::Delta, "the second of two sorts");
    kept(&mut driver, "act 7: mended: sub-1001 by ana", Way::Act(7));
    driver.press("u");
    assert_snapshot!("take_back_100x30", driver.picture());
    driver.press("n");
    assert!(driver.left.is_empty());
    driver.press("uy");
    assert_eq!(driver.left, [Effect::Do(DeedAsked::TakeBack(7))]);
    kept(&mut driver, "act 8: a note about sub-1001 by ana", Way::Not("say another".to_owned()));
    driver.press("u");
    assert!(driver.picture().contains("it cannot be taken back — say another"), "{}", driver.picture());
    driver.press("u");
    assert_eq!(driver.model.table.sort.column, SortColumn::AtStake);
}

#[test]
fn corrections_are_weighed_as_a_job() {
    let mut driver = Driver::demo((100, 30));
    driver.press("4f");
    assert_eq!(driver.left, [Effect::Start(JobAsked::Fixes(14))]);
}

//! Deciding on rows: a waiver filled in, a note, corrections weighed.

use crate::driver::Driver;
use dualrun::domain::review::Expected;
use dualrun::tui::Effect;
use dualrun::tui::model::Overlay;
use dualrun::tui::model::deed::DeedAsked;
use dualrun::tui::model::job::JobAsked;
use insta::assert_snapshot;

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
    assert!(matches!(&driver.left[..], [Effect::Do(DeedAsked::Note { run: 14, text, .. })] if text == "asked the customer"));
}

#[test]
fn corrections_are_weighed_as_a_job() {
    let mut driver = Driver::demo((100, 30));
    driver.press("4f");
    assert_eq!(driver.left, [Effect::Start(JobAsked::Fixes(14))]);
}

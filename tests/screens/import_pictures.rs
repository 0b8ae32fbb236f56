//! The Import screen as pictures, and what an import shows on the others.

use crate::demo_book::demo;
use crate::demo_import::{applied, breach, inert, planned, with_import};
use crate::driver::Driver;
use crate::fake_workspace::{FakeDoor, now};
use chrono::TimeDelta;
use dualrun::app::progress::Progress;
use dualrun::domain::contract::Entity;
use dualrun::domain::side::Side;
use dualrun::tui::Msg;
use dualrun::tui::model::Trouble;
use dualrun::tui::model::job::JobDone;
use insta::assert_snapshot;

const SIZES: [((u16, u16), &str); 2] = [((140, 42), "140x42"), ((80, 24), "80x24")];

/// With an import behind it and a plan made just now, the target inert.
pub fn with_plan(size: (u16, u16)) -> Driver {
    let mut driver = Driver::holding(with_import(demo(), inert()), size);
    driver.press("2p");
    driver.send(Msg::JobEnded(Ok(JobDone::Planned(Box::new(planned(inert()))))));
    driver.left.clear();
    driver
}

fn pictures(name: &str, keys: &str) {
    for (size, label) in SIZES {
        let mut driver = with_plan(size);
        driver.press(keys);
        assert_snapshot!(format!("{name}_{label}"), driver.picture());
    }
}

#[test]
fn plan() {
    pictures("plan", "j");
}

#[test]
fn filtered() {
    pictures("filtered", "<right><right>");
}

#[test]
fn rejected() {
    pictures("rejected", "<right><right><right>");
}

#[test]
fn parked() {
    pictures("parked", "<left><left>");
}

#[test]
fn retire() {
    pictures("retire", "<left>");
}

#[test]
fn record_that_differs() {
    pictures("record_differs", "jj<enter>");
}

#[test]
fn record_that_changed_since_it_was_staged() {
    pictures("record_update", "<end><enter>");
}

#[test]
fn record_to_retire() {
    pictures("record_retire", "<left><enter>");
}

#[test]
fn record_that_is_parked() {
    pictures("record_parked", "<left><left><enter>");
}

#[test]
fn narrowed_by_words_and_sorted_by_money() {
    pictures("narrowed", "<right>/entity:subscriptions,plans target:missing,retire<enter>s");
}

#[test]
fn a_filter_that_says_nothing_tells_why() {
    pictures("filter_error", "/fate:crated");
}

#[test]
fn before_anything_is_applied_it_says_exactly_what_would_be() {
    pictures("ask_apply", "a");
    pictures("ask_retire", "A");
}

#[test]
fn before_parked_records_are_decided_on_they_are_listed() {
    pictures("ask_retry", "<left><left>T");
    pictures("ask_drop", "<left><left>D");
}

#[test]
fn everything_in_full() {
    pictures("in_full", "d");
}

#[test]
fn keys_of_the_screen() {
    pictures("help", "?");
}

#[test]
fn nothing_yet() {
    for (size, label) in SIZES {
        let mut driver = Driver::over(FakeDoor::Empty, size);
        driver.press("2");
        assert_snapshot!(format!("empty_{label}"), driver.picture());
    }
}

#[test]
fn an_import_of_before_without_a_plan() {
    for (size, label) in SIZES {
        let mut driver = Driver::holding(with_import(demo(), inert()), size);
        driver.press("2");
        assert_snapshot!(format!("no_plan_{label}"), driver.picture());
    }
}

#[test]
fn no_checks_and_no_loader_are_problems_with_remedies() {
    for (size, label) in SIZES {
        let mut driver = Driver::over(FakeDoor::Empty, size);
        driver.model.setup.checks.clear();
        driver.model.setup.loader = None;
        driver.press("2i");
        assert_snapshot!(format!("no_checks_{label}"), driver.picture());
    }
}

#[test]
fn reading_and_handing_over_are_told_as_they_go() {
    for (size, label) in SIZES {
        let mut driver = with_plan(size);
        driver.press("ay");
        let read = |side, entity, rows, done| Progress::Read { side, entity, rows, bytes: rows * 48, done };
        driver.send(Msg::Progress(vec![
            Progress::Phase("reading both sides".to_owned()),
            read(Side::Source, Entity::Customers, 2, true),
            read(Side::Source, Entity::Plans, 3, false),
            read(Side::Target, Entity::Customers, 1, true),
        ]));
        driver.send(Msg::Tick(now() + TimeDelta::seconds(3)));
        assert_snapshot!(format!("reading_{label}"), driver.picture());
        let loaded = |done, rejected, parked| Progress::Loaded { done, of: 12_000, rejected, parked };
        driver.send(Msg::Progress(vec![Progress::Phase("loading".to_owned()), loaded(0, 0, 0)]));
        driver.send(Msg::Tick(now() + TimeDelta::seconds(13)));
        driver.send(Msg::Progress(vec![loaded(4000, 2, 1)]));
        driver.send(Msg::Tick(now() + TimeDelta::seconds(14)));
        assert_snapshot!(format!("loading_{label}"), driver.picture());
        driver.press("7");
        assert_snapshot!(format!("loading_activity_{label}"), driver.picture());
        driver.press("2x");
        assert_snapshot!(format!("ask_cancel_{label}"), driver.picture());
    }
}

#[test]
fn after_an_import_its_plan_stays_as_it_was() {
    for (size, label) in SIZES {
        let mut driver = Driver::holding(with_import(demo(), breach()), size);
        driver.press("2p");
        driver.send(Msg::JobEnded(Ok(JobDone::Applied(Box::new(applied())))));
        assert_snapshot!(format!("applied_{label}"), driver.picture());
    }
}

#[test]
fn a_breach_is_an_alarm_on_every_screen() {
    for (size, label) in SIZES {
        let mut driver = Driver::holding(with_import(demo(), breach()), size);
        for (key, screen) in [("1", "overview"), ("2", "import"), ("3", "reconcile"), ("5", "gates"), ("7", "activity")] {
            driver.press(key);
            assert_snapshot!(format!("breach_{screen}_{label}"), driver.picture());
        }
    }
}

#[test]
fn a_side_that_is_down_leaves_the_last_plan() {
    for (size, label) in SIZES {
        let mut driver = with_plan(size);
        driver.press("p");
        let trouble =
            Trouble { what: "source: connection refused at db.internal:5432".to_owned(), remedy: "start it, or check source.host".to_owned() };
        driver.send(Msg::JobEnded(Err(trouble)));
        driver.press("j");
        assert_snapshot!(format!("trouble_{label}"), driver.picture());
    }
}

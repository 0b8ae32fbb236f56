//! Charts where a look beats reading: gross over the months, money by verdict, causes burnt down, the pace of a job.

use crate::demo_book::demo;
use crate::driver::Driver;
use crate::fake_workspace::now;
use chrono::TimeDelta;
use dualrun::app::progress::Progress;
use dualrun::domain::contract::Entity;
use dualrun::domain::side::Side;
use dualrun::tui::Msg;

fn line<'a>(picture: &'a str, words: &str) -> &'a str {
    picture.lines().find(|l| l.contains(words)).unwrap_or_else(|| panic!("no {words:?}:\n{picture}"))
}

#[test]
fn gross_and_money_by_verdict_are_drawn_at_every_size() {
    for size in [(80, 24), (100, 30), (140, 42)] {
        let picture = Driver::demo(size).picture();
        assert!(line(&picture, "gross   ▂").contains("▂▂▂▁▂▂█  most 378.68 CAD"), "{picture}");
        let (delta, unlinked) = (line(&picture, "✗ delta"), line(&picture, "○ unlinked"));
        let bar = |line: &str| line.chars().filter(|c| *c == '█').count();
        assert!(bar(unlinked) > bar(delta) && unlinked.contains("1,782.85 CAD") && delta.contains("378.68 CAD"), "{picture}");
    }
}

#[test]
fn what_nothing_confirmed_explains_is_told_over_the_months() {
    let mut workspace = demo();
    let mut driver = Driver::holding(workspace.clone(), (100, 30));
    driver.press("4");
    assert!(!driver.picture().contains("rows in 2026"), "one month is no burn-down");
    workspace.clusters.insert(13, workspace.clusters[&14].clone());
    let mut driver = Driver::holding(workspace, (100, 30));
    driver.press("4");
    let picture = driver.picture();
    assert!(line(&picture, "rows in 2026").contains("not confirmed ██  2 rows in 2026-04, 2 rows in 2026-05"), "{picture}");
}

#[test]
fn the_pace_of_a_job_is_drawn_second_by_second() {
    let mut driver = Driver::demo((140, 42));
    driver.press("r<enter>7");
    for (second, rows) in [(1, 1_000), (2, 3_000), (3, 3_000), (5, 11_000)] {
        driver.send(Msg::Tick(now() + TimeDelta::seconds(second)));
        driver.send(Msg::Progress(vec![Progress::Read { side: Side::Source, entity: Entity::Usage, rows, bytes: rows * 48, done: false }]));
    }
    assert_eq!(driver.model.job.as_ref().unwrap().pace, [1_000, 2_000, 0, 4_000, 4_000]);
    assert!(driver.picture().contains("▂▄▁██ each second"), "{}", driver.picture());
}

//! What the Import screen does at each message, and what must hold of its pictures.

use crate::demo_book::demo;
use crate::demo_import::{applied, bare, breach, inert, parked, plan_of, planned, with_import};
use crate::driver::Driver;
use crate::fake_workspace::{FakeDoor, now};
use crate::import_pictures::with_plan;
use chrono::TimeDelta;
use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use dualrun::app::import::{ImportOptions, ParkedVerb, Planned};
use dualrun::domain::contract::Entity;
use dualrun::domain::import::{DeliveryState, Fate, InTarget, Light, PlanLine};
use dualrun::domain::shadow::RecordId;
use dualrun::present::import::ImportColumn;
use dualrun::tui::model::job::{JobAsked, JobDone};
use dualrun::tui::model::plan::View;
use dualrun::tui::model::{Notice, Overlay, Question, Screen, Trouble};
use dualrun::tui::theme::{Depth, Theme};
use dualrun::tui::{Effect, Msg};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

const SIZE: (u16, u16) = (80, 24);

fn ids(driver: &Driver) -> Vec<String> {
    let plan = &driver.model.plan;
    (0..plan.items.len()).filter_map(|at| plan.row(at, &driver.model.book.deliveries)).map(|r| r.id.external_id.clone()).collect()
}

fn trouble(driver: &Driver) -> String {
    match &driver.model.notice {
        Some(Notice::Trouble(t)) => format!("{} — {}", t.what, t.remedy),
        other => panic!("no trouble: {other:?}"),
    }
}

/// A plan of many lines.
fn large(lines: usize) -> Planned {
    let line = |n: usize| bare(Entity::Subscriptions, &format!("sub-{n:06}"), "Acme", Fate::Create, Some(InTarget::Missing));
    Planned { plan: plan_of((0..lines).map(line).collect()), inertness: inert(), unkept: None }
}

#[test]
fn planning_starts_at_once_and_stays_on_the_screen() {
    let mut driver = Driver::demo(SIZE);
    driver.press("2p");
    assert_eq!(driver.left, [Effect::Start(JobAsked::Plan(ImportOptions { wait: std::time::Duration::from_secs(5), ..ImportOptions::default() }))]);
    assert_eq!(driver.model.screen, Screen::Import);
    driver.press("pi");
    assert_eq!(driver.left.len(), 1, "one job at a time");
    assert!(trouble(&driver).contains("an import's plan is running already"));
}

#[test]
fn nothing_is_applied_without_a_plan_and_a_yes() {
    let mut driver = Driver::demo(SIZE);
    driver.press("2a");
    assert!(driver.model.overlays.is_empty() && trouble(&driver).contains("p plans"));
    let mut driver = with_plan(SIZE);
    driver.press("a<enter>");
    assert!(matches!(driver.model.overlays.last(), Some(Overlay::Confirm(Question::Apply { retire: false }))), "Enter is no yes");
    driver.press("n");
    assert!(driver.left.is_empty() && driver.model.overlays.is_empty());
    driver.press("ay");
    let Some(Effect::Start(JobAsked::Apply(options))) = driver.left.first() else { panic!("{:?}", driver.left) };
    assert!(options.expected.is_some(), "just what was shown, or nothing");
    assert!(!options.retire && !options.all && !options.stage_only && options.only.is_empty());
}

#[test]
fn retiring_is_asked_for_apart() {
    let mut driver = with_plan(SIZE);
    driver.press("A");
    let picture = driver.picture();
    assert!(picture.contains("Retire in the target: 2 records") && picture.contains("pl-old") && picture.contains("sub-7777"), "{picture}");
    driver.press("y");
    let Some(Effect::Start(JobAsked::Apply(options))) = driver.left.first() else { panic!("{:?}", driver.left) };
    assert!(options.retire);
    let mut none = Driver::demo(SIZE);
    none.press("2p");
    none.send(Msg::JobEnded(Ok(JobDone::Planned(Box::new(large(3))))));
    none.press("A");
    assert!(none.model.overlays.is_empty() && trouble(&none).contains("nothing is to be retired"));
}

#[test]
fn a_plan_that_was_applied_is_not_applied_again() {
    let mut driver = Driver::holding(with_import(demo(), inert()), SIZE);
    driver.press("2p");
    driver.send(Msg::JobEnded(Ok(JobDone::Applied(Box::new(applied())))));
    assert_eq!(driver.model.plan.shown.as_ref().unwrap().applied, Some(3));
    driver.press("a");
    assert!(driver.model.overlays.is_empty() && trouble(&driver).contains("applied already"));
}

#[test]
fn with_a_target_that_is_not_inert_the_question_says_nothing_is_handed_over() {
    let mut driver = Driver::holding(with_import(demo(), breach()), (140, 42));
    driver.press("2p");
    driver.send(Msg::JobEnded(Ok(JobDone::Planned(Box::new(planned(breach()))))));
    driver.press("a");
    assert!(driver.picture().contains("NOTHING while the target is not proven inert"), "{}", driver.picture());
}

#[test]
fn a_question_that_acts_is_told_whole_at_the_least_comfortable_size() {
    let mut driver = Driver::holding(with_import(demo(), breach()), SIZE);
    driver.press("2p");
    driver.send(Msg::JobEnded(Ok(JobDone::Planned(Box::new(planned(breach()))))));
    driver.press("A");
    let picture = driver.picture();
    for words in [
        "NOT INERT",
        "Stage in",
        "NOTHING while",
        "CHANGES THE TARGET",
        "Retire in",
        "pl-old",
        "sub-7777",
        "Held back",
        "database.",
        "y yes     n no",
    ] {
        assert!(picture.contains(words), "{words}\n{picture}");
    }
}

#[test]
fn an_import_is_cancelled_only_after_a_yes() {
    let mut driver = with_plan(SIZE);
    driver.press("ay");
    driver.press("xn");
    assert_eq!(driver.left.len(), 1);
    driver.press("x<enter>");
    assert_eq!(driver.left.last(), Some(&Effect::CancelJob));
    driver.send(Msg::JobEnded(Err(Trouble { what: "stopped while loading".to_owned(), remedy: "run it again".to_owned() })));
    assert!(!driver.model.job_runs() && driver.model.plan.shown.is_some());
    assert_eq!(driver.model.plan.trouble.as_ref().unwrap().what, "stopped while loading");
}

#[test]
fn parked_records_are_decided_on_one_by_one_or_all_shown_after_a_yes() {
    let mut driver = with_plan(SIZE);
    driver.press("<left><left>");
    assert_eq!((driver.model.plan.view, ids(&driver)), (View::Parked, vec!["sub-1003".to_owned(), "sub-1010".to_owned()]));
    driver.press("jR<enter>n");
    assert!(driver.left.is_empty());
    driver.press("Ry");
    assert_eq!(driver.left.pop(), Some(Effect::Settle(ParkedVerb::Retry, vec![RecordId::new(Entity::Subscriptions, "sub-1010")])));
    driver.press("D");
    assert!(trouble(&driver).contains("being written"), "one decision at a time");
    driver.send(Msg::Settled(ParkedVerb::Retry, Ok(vec![parked("sub-1010")])));
    driver.press("/1003<enter>Ty");
    assert_eq!(
        driver.left.pop(),
        Some(Effect::Settle(ParkedVerb::Retry, vec![RecordId::new(Entity::Subscriptions, "sub-1003")])),
        "only what is listed"
    );
    driver.send(Msg::Settled(ParkedVerb::Retry, Err(Trouble { what: "locked".to_owned(), remedy: "wait".to_owned() })));
    assert!(trouble(&driver).contains("locked"));
    driver.press("Dy");
    assert_eq!(driver.left.pop(), Some(Effect::Settle(ParkedVerb::Drop, vec![RecordId::new(Entity::Subscriptions, "sub-1003")])));
}

#[test]
fn while_a_job_runs_x_cancels_it_in_the_parked_view_too() {
    let mut driver = with_plan(SIZE);
    driver.press("<left><left>px");
    assert!(matches!(driver.model.overlays.last(), Some(Overlay::Confirm(Question::Cancel))));
}

#[test]
fn views_filters_and_sorts_list_what_they_say() {
    let mut driver = with_plan(SIZE);
    let changes = ["pl-odd", "sub-1002", "pl-large", "cust-2", "pl-large/cpu_seconds", "sub-1001", "sub-1003", "pl-old", "sub-7777", "pl-medium"];
    assert_eq!(ids(&driver), changes);
    driver.press("v");
    assert_eq!(ids(&driver).len(), 12);
    driver.press("v");
    assert_eq!(ids(&driver), ["pl-old", "sub-1009"]);
    driver.press("v");
    assert_eq!(ids(&driver), ["pl-odd"]);
    driver.press("<left><left>/entity:subscriptions money:>60<enter>");
    assert_eq!(ids(&driver), ["sub-1002", "sub-1001"], "most pressing first");
    driver.press("/fate:crated<enter>");
    assert!(driver.model.plan.editing.as_ref().unwrap().error.is_some());
    driver.press("<esc>cs");
    assert_eq!((driver.model.plan.sort, ids(&driver)[0].as_str()), ((ImportColumn::Money, true), "pl-large"));
    assert_eq!(ids(&driver).last().unwrap(), "sub-7777", "what has no money stands last");
    driver.press("S");
    assert_eq!((ids(&driver)[0].as_str(), ids(&driver).last().unwrap().as_str()), ("pl-medium", "sub-7777"));
}

#[test]
fn the_selected_record_stays_selected_when_the_list_changes() {
    let mut driver = with_plan(SIZE);
    driver.press("jj");
    assert_eq!(driver.model.plan.selected_id().unwrap().external_id, "pl-large");
    driver.press("v");
    assert_eq!(driver.model.plan.selected, 0, "another view begins at its top");
    driver.press("jjjs");
    let selected = driver.model.plan.selected_id().unwrap().external_id.clone();
    driver.press("p");
    driver.send(Msg::JobEnded(Ok(JobDone::Planned(Box::new(planned(inert()))))));
    assert_eq!(driver.model.plan.selected_id().unwrap().external_id, selected);
}

#[test]
fn a_hundred_thousand_lines_are_walked_and_only_a_window_is_drawn() {
    let mut driver = Driver::holding(with_import(demo(), inert()), SIZE);
    driver.press("2p");
    driver.send(Msg::JobEnded(Ok(JobDone::Planned(Box::new(large(100_000))))));
    driver.press("<end>");
    assert!(driver.picture().contains("sub-099999"));
    let began = std::time::Instant::now();
    for _ in 0..100 {
        driver.press("<pgup>");
        driver.picture();
    }
    assert!(began.elapsed().as_secs() < 10, "{:?}", began.elapsed());
    driver.press("<home>");
    assert_eq!((driver.model.plan.selected, driver.picture().contains("sub-000000")), (0, true));
}

#[test]
fn the_record_opens_walks_scrolls_and_closes() {
    let mut driver = with_plan((140, 42));
    driver.press("jj<enter>");
    assert!(driver.picture().contains("not read back"));
    driver.press("<right>");
    assert_eq!((driver.model.plan.selected, driver.model.plan.open), (3, Some(0)));
    driver.press("jj");
    assert_eq!((driver.model.plan.selected, driver.model.plan.open), (3, Some(2)));
    driver.press("<left><esc>");
    assert_eq!((driver.model.plan.selected, driver.model.plan.open), (2, None));
    driver.press("y");
    assert_eq!(driver.left, [Effect::Copy("pl-large".to_owned())]);
}

#[test]
fn the_newest_delivery_is_shown_not_the_plan_s() {
    let mut workspace = with_import(demo(), inert());
    for delivery in workspace.deliveries.values_mut() {
        delivery.state = DeliveryState::Dropped;
    }
    let mut driver = Driver::holding(workspace, (140, 42));
    driver.press("2p");
    driver.send(Msg::JobEnded(Ok(JobDone::Planned(Box::new(planned(inert()))))));
    driver.press("/delivery:dropped<enter>");
    assert_eq!(ids(&driver), ["sub-1003"]);
    assert!(driver.picture().contains("- dropped"), "{}", driver.picture());
}

#[test]
fn only_a_look_that_is_kept_takes_an_alarm_back() {
    let mut driver = Driver::holding(with_import(demo(), breach()), SIZE);
    assert!(driver.picture().contains("TARGET NOT INERT"));
    let mut clear = planned(inert());
    clear.inertness.at = now();
    driver.press("2p");
    driver.send(Msg::JobEnded(Ok(JobDone::Planned(Box::new(clear)))));
    assert!(driver.picture().contains("TARGET NOT INERT"), "a plan's look is kept nowhere");
    let mut calm = Driver::holding(with_import(demo(), inert()), SIZE);
    assert!(!calm.picture().contains("INERT  "));
    let mut bad = planned(breach());
    bad.inertness.at = now();
    calm.press("2p");
    calm.send(Msg::JobEnded(Ok(JobDone::Planned(Box::new(bad)))));
    for screen in ["1", "2", "3", "4", "5", "6", "7"] {
        calm.press(screen);
        let picture = calm.picture();
        assert!(picture.contains("■ TARGET NOT INERT  no payment token: 2 (sub-1003)"), "{screen}\n{picture}");
    }
}

#[test]
fn what_cannot_be_told_is_an_alarm_too() {
    let mut seen = inert();
    seen.checks[2].light = Light::Unknown { why: "permission denied".to_owned() };
    let driver = Driver::holding(with_import(demo(), seen), SIZE);
    assert!(driver.picture().contains("? TARGET NOT PROVEN INERT  mail queue empty: not known, permission denied"), "{}", driver.picture());
}

#[test]
fn a_look_is_a_job_and_its_answer_counts_at_once() {
    let mut driver = Driver::over(FakeDoor::Empty, SIZE);
    driver.press("2i");
    assert_eq!(driver.left, [Effect::Start(JobAsked::Inertness)]);
    driver.send(Msg::JobEnded(Ok(JobDone::Inertness(breach()))));
    assert!(driver.model.book.inertness.as_ref().unwrap().is_breached());
    assert!(trouble(&driver).contains("NOT INERT"));
    let mut none = Driver::over(FakeDoor::Empty, SIZE);
    none.model.setup.checks.clear();
    none.press("2i");
    assert!(none.left.is_empty() && trouble(&none).contains("[inertness]"));
}

#[test]
fn what_was_seen_before_the_load_is_shown_while_it_runs() {
    let mut driver = Driver::holding(with_import(demo(), breach()), SIZE);
    driver.press("2p");
    driver.send(Msg::JobEnded(Ok(JobDone::Planned(Box::new(planned(breach()))))));
    driver.press("ay");
    driver.model.book.inertness = None;
    driver.send(Msg::Progress(vec![dualrun::app::progress::Progress::Loaded { done: 0, of: 3, rejected: 0, parked: 0 }]));
    assert!(driver.model.book.inertness.is_some(), "the workspace was read again");
}

#[test]
fn rate_and_time_left_follow_what_was_handed_over() {
    let mut driver = with_plan((140, 42));
    driver.press("ay");
    let loaded = |done| dualrun::app::progress::Progress::Loaded { done, of: 1000, rejected: 0, parked: 0 };
    driver.send(Msg::Progress(vec![loaded(0)]));
    driver.send(Msg::Tick(now() + TimeDelta::seconds(10)));
    driver.send(Msg::Progress(vec![loaded(250)]));
    let picture = driver.picture();
    assert!(picture.contains("250 of 1,000 records  about 30 s left") && picture.contains("25 records/s"), "{picture}");
}

#[test]
fn the_mouse_reaches_views_rows_and_headings() {
    let mut driver = with_plan(SIZE);
    let click = |column, row| Msg::Mouse(MouseEvent { kind: MouseEventKind::Down(MouseButton::Left), column, row, modifiers: KeyModifiers::NONE });
    let place = |driver: &Driver, text: &str| {
        let picture = driver.picture();
        let (y, line) = picture.lines().enumerate().find(|(_, l)| l.contains(text)).unwrap_or_else(|| panic!("{text}\n{picture}"));
        let x = line[..line.find(text).unwrap()].width();
        (u16::try_from(x).unwrap(), u16::try_from(y).unwrap())
    };
    let (x, y) = place(&driver, "All 12");
    driver.send(click(x, y));
    assert_eq!(driver.model.plan.view, View::All);
    let (x, y) = place(&driver, "MONEY");
    driver.send(click(x, y));
    assert_eq!(driver.model.plan.sort.0, ImportColumn::Money);
    let (x, y) = place(&driver, "sub-1002");
    driver.send(click(x, y));
    assert_eq!((driver.model.plan.selected_id().unwrap().external_id.as_str(), driver.model.plan.open), ("sub-1002", None));
    driver.send(click(x, y));
    assert_eq!(driver.model.plan.open, Some(0));
}

/// Everything on the screen from outside is hostile.
fn hostile() -> Planned {
    let text = "\u{1b}[2J\u{202e}evil\u{200b}\n日本語";
    let mut lines: Vec<PlanLine> = planned(inert()).plan.lines;
    for line in &mut lines {
        line.name = text.into();
        line.id.external_id = format!("{text}{}", line.id.external_id);
        if let Some(target) = &mut line.target {
            text.clone_into(&mut target.target_id);
            for (_, value) in &mut target.fields {
                *value = Some(text.to_owned());
            }
        }
        match &mut line.fate {
            Fate::Filtered(why) | Fate::Rejected(why) => text.clone_into(why),
            _ => {}
        }
        if let Some(InTarget::Retire(why) | InTarget::Unknown(why)) = &mut line.in_target {
            text.clone_into(why);
        }
    }
    let mut inertness = breach();
    for check in &mut inertness.checks {
        text.clone_into(&mut check.name);
    }
    inertness.at = now();
    Planned { plan: plan_of(lines), inertness, unkept: None }
}

#[test]
fn no_control_character_and_no_overflow_whatever_is_in_the_plan() {
    for size in [(60, 16), (80, 24), (140, 42), (250, 60)] {
        for keys in ["", "<enter>", "j<enter>", "<left><enter>", "<left><left>", "A", "d", "<left><left>T", "vvv", "/fate:\u{7}x"] {
            let mut workspace = with_import(demo(), inert());
            for delivery in workspace.deliveries.values_mut() {
                delivery.reason = "\u{1b}[2J\u{202e}evil".to_owned();
            }
            workspace.imports[0].failure = Some("\u{1b}[2J\u{202e}evil".to_owned());
            let mut driver = Driver::holding(workspace, size);
            driver.press("2p");
            driver.send(Msg::JobEnded(Ok(JobDone::Planned(Box::new(hostile())))));
            driver.press(keys);
            for cell in driver.buffer().content() {
                assert!(
                    !cell.symbol().chars().any(|c| c.is_control() || matches!(c, '\u{200b}' | '\u{202e}')),
                    "{size:?} {keys}: {:?}",
                    cell.symbol()
                );
            }
            for line in driver.picture().lines() {
                assert!(line.width() <= usize::from(size.0), "{size:?} {keys}: {line}");
            }
        }
    }
}

#[test]
fn without_colour_signs_and_words_carry_everything() {
    for signs in [dualrun::present::words::Signs::Unicode, dualrun::present::words::Signs::Ascii] {
        let mut driver = Driver::holding(with_import(demo(), breach()), (140, 42));
        driver.model.setup.theme = Theme { depth: Depth::Mono, signs, ..Theme::default() };
        driver.press("2p");
        driver.send(Msg::JobEnded(Ok(JobDone::Planned(Box::new(planned(breach()))))));
        for keys in ["", "<enter>", "<esc><left><enter>", "<esc><left>", "d", "<esc>T", "<esc>a"] {
            driver.press(keys);
            let buffer = driver.buffer();
            assert!(buffer.content().iter().all(|c| c.fg == Color::Reset && c.bg == Color::Reset), "{keys}");
            let picture = driver.picture();
            if signs == dualrun::present::words::Signs::Ascii {
                assert!(picture.is_ascii(), "{keys}: {picture}");
            }
            let y = u16::try_from(picture.lines().position(|l| l.contains("TARGET NOT INERT")).unwrap()).unwrap();
            assert!((0..140).all(|x| buffer[(x, y)].modifier.contains(Modifier::REVERSED)), "{keys}: the alarm stands out");
        }
    }
}

#[test]
fn any_size_can_be_drawn() {
    for width in (60..160).step_by(9) {
        for height in (16..50).step_by(3) {
            for keys in ["", "<enter>"] {
                let mut driver = with_plan((80, 24));
                driver.press(keys);
                driver.send(Msg::Resize(width, height));
                let picture = driver.picture();
                assert!(picture.lines().any(|l| l.starts_with('▸')), "{width}x{height}\n{picture}");
            }
        }
    }
}

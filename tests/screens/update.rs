//! What the terminal does at each message, without drawing.

use crate::demo_book::{demo, may, month, row, run};
use crate::driver::Driver;
use crate::fake_workspace::{FakeDoor, FakeWorkspace, cad};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use dualrun::app::standing::Stage;
use dualrun::domain::currency::Currency;
use dualrun::domain::evidence::Shelf;
use dualrun::domain::exact::Exact;
use dualrun::domain::records::{Interval, Plan};
use dualrun::domain::review::{Apart, ReviewTally, Sum};
use dualrun::domain::row::{RatingInputs, Terms};
use dualrun::domain::run::RunState;
use dualrun::domain::side::Side;
use dualrun::domain::verdict::Verdict;
use dualrun::ports::workspace::{SortColumn, StoreError};
use dualrun::tui::model::job::{JobAsked, JobDone};
use dualrun::tui::model::table::KEPT;
use dualrun::tui::model::{Loaded, Notice, Overlay, Pane, Screen, Trouble};
use dualrun::tui::{Effect, Msg, update};

const SIZE: (u16, u16) = (80, 24);

fn control(c: char) -> Msg {
    Msg::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL))
}

fn keys_shown(driver: &Driver) -> Vec<String> {
    driver.model.table.rows.iter().map(|(_, r)| r.key.raw().to_owned()).collect()
}

fn large(rows: i64) -> FakeWorkspace {
    let mut workspace = demo();
    let june = month("2026-06");
    let rows: Vec<_> = (0..rows).map(|i| row(june, &format!("sub-{i:06}"), "Acme", "Large", 100, 100 + i)).collect();
    workspace.runs.push(run(15, june, &rows));
    workspace.rows.insert(15, rows);
    workspace
}

#[test]
fn the_newest_current_month_is_shown_first_and_months_are_walked() {
    let mut driver = Driver::demo(SIZE);
    assert_eq!(driver.model.month, Some(month("2026-05")));
    driver.press("[[");
    assert_eq!((driver.model.month, driver.model.shown_run().unwrap().id), (Some(month("2026-03")), 12));
    assert_eq!(driver.model.table.run, Some(12));
    driver.press("[[[[[[[[");
    assert_eq!(driver.model.month, Some(month("2025-11")));
    driver.press("]");
    assert_eq!(driver.model.month, Some(month("2025-12")));
}

#[test]
fn a_filter_narrows_and_an_unknown_word_changes_nothing() {
    let mut driver = Driver::demo(SIZE);
    driver.press("3/verdict:delta money:>100<enter>");
    assert_eq!(keys_shown(&driver), ["sub-1001", "sub-1002"]);
    assert_eq!(driver.model.table.totals.as_ref().unwrap().rows, 2);
    driver.press("/ verdikt:delta<enter>");
    assert!(driver.model.table.editing.as_ref().unwrap().error.as_ref().unwrap().contains("verdikt"));
    assert_eq!(keys_shown(&driver), ["sub-1001", "sub-1002"]);
    driver.press("<esc>c");
    assert_eq!(driver.model.table.rows.len(), 9);
}

#[test]
fn letters_typed_into_a_filter_are_letters() {
    let mut driver = Driver::demo(SIZE);
    driver.press("3/qrx?1<enter>");
    assert_eq!(driver.model.table.filter.text.as_deref(), Some("qrx?1"));
    assert_eq!((driver.model.screen, driver.left.len()), (Screen::Reconcile, 0));
    driver.press("c/");
    driver.send(Msg::Paste("cust:\"acme ltd\"\u{1b}\n".to_owned()));
    driver.press("<enter>");
    assert_eq!(driver.model.table.filter.customer.as_deref(), Some("acme ltd"));
}

/// A press of the left button.
fn click(driver: &mut Driver, column: u16, row: u16) {
    driver.send(Msg::Mouse(MouseEvent { kind: MouseEventKind::Down(MouseButton::Left), column, row, modifiers: KeyModifiers::NONE }));
}

/// The place of a text on the screen.
fn place(driver: &Driver, text: &str) -> (u16, u16) {
    let picture = driver.picture();
    let (y, line) = picture.lines().enumerate().find(|(_, l)| l.contains(text)).unwrap_or_else(|| panic!("no {text} in\n{picture}"));
    let x = line.split(text).next().unwrap().chars().count();
    (u16::try_from(x).unwrap(), u16::try_from(y).unwrap())
}

#[test]
fn lists_are_worked_by_mouse() {
    for size in [(140, 42), (80, 24)] {
        let mut driver = Driver::demo(size);
        let second = driver.model.assessment().blockers[1].what.chars().take(12).collect::<String>();
        let (x, y) = place(&driver, &second);
        click(&mut driver, x, y);
        assert_eq!((driver.model.blocker.at, driver.model.screen), (1, Screen::Overview), "{size:?}");
        driver.press("4");
        let (x, y) = place(&driver, "proration_by_day");
        click(&mut driver, x, y);
        let at = driver.model.cause.at;
        assert!(at > 0, "{size:?}");
        click(&mut driver, x, y);
        assert_eq!(driver.model.screen, Screen::Reconcile, "{size:?}");
        driver.press("1:go to");
        let (x, y) = place(&driver, "go to Gates");
        click(&mut driver, x, y);
        assert!(matches!(&driver.model.overlays[..], [Overlay::Palette(_)]));
        click(&mut driver, x, y);
        assert_eq!((driver.model.screen, driver.model.overlays.len()), (Screen::Gates, 0), "{size:?}");
    }
}

#[test]
fn sorting_goes_column_by_column_and_turns_around() {
    let mut driver = Driver::demo(SIZE);
    driver.press("3s");
    assert_eq!(driver.model.table.sort.column, SortColumn::Delta);
    assert_eq!(keys_shown(&driver)[0], "sub-1001");
    driver.press("S");
    assert_eq!(keys_shown(&driver).last().unwrap(), "sub-1001");
}

/// The demo with what one of its rows was rated by.
fn rated() -> FakeWorkspace {
    let mut workspace = demo();
    let row = workspace.rows.get_mut(&14).unwrap().iter_mut().find(|row| row.key.raw() == "sub-1002").unwrap();
    let price = row.rated.unwrap().exact().unwrap();
    row.inputs = vec![RatingInputs {
        plan_id: "large".to_owned(),
        quantity: Exact::ONE,
        price_override: None,
        discount_percent: Exact::ZERO,
        days: 31,
        of_days: 31,
        usage: Vec::new(),
        taxes: None,
        stretches: Vec::new(),
    }];
    let plan = Plan {
        id: "large".to_owned(),
        name: "Large".into(),
        currency: Currency::known("CAD").unwrap(),
        interval: Interval { months: 1 },
        flat_price: price,
        active: true,
    };
    let shelf = Shelf { terms: vec![Terms { plan, charges: Vec::new() }], ..Shelf::default() };
    workspace.shelves.insert((14, Side::Target), shelf);
    workspace
}

#[test]
fn the_open_row_is_exported_as_a_case() {
    let mut driver = Driver::holding(rated(), SIZE);
    driver.press("3e");
    assert_eq!(driver.model.notice, None, "no row is open");
    driver.press("/sub-1002<enter><enter>e");
    let file = driver.folder.path().join("cases/sub-1002-2026-05.json");
    let Some(Notice::Done(words)) = &driver.model.notice else { panic!("{:?}", driver.model.notice) };
    assert_eq!(words, &format!("case in {}", file.display()));
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(dualrun::cases::run(&dualrun::cases::read(&text).unwrap()).holds() && !text.contains("Bolt"), "{text}");
    // Another case of that name stays, and the operator is told how to replace it.
    std::fs::write(&file, "{}").unwrap();
    driver.press("e");
    let Some(Notice::Trouble(trouble)) = &driver.model.notice else { panic!("{:?}", driver.model.notice) };
    assert!(trouble.what.contains("says something else") && trouble.remedy.contains("--force"), "{trouble:?}");
    // A row that was not rated has nothing to replay.
    driver.press("<esc>c/sub-1001<enter><enter>e");
    let Some(Notice::Trouble(trouble)) = &driver.model.notice else { panic!("{:?}", driver.model.notice) };
    assert!(trouble.what.contains("has no rating"), "{trouble:?}");
}

#[test]
fn a_row_is_exported_once_it_is_there() {
    let mut driver = Driver::holding(rated(), SIZE);
    driver.press("3");
    let press = |driver: &mut Driver, code: KeyCode| update(&mut driver.model, Msg::Key(code.into()));
    // The row asked for has not come.
    let asked = press(&mut driver, KeyCode::Enter);
    assert!(matches!(asked.as_slice(), [Effect::LoadDetail { .. }]), "{asked:?}");
    assert_eq!(press(&mut driver, KeyCode::Char('e')), []);
    driver.press("<esc><enter>");
    let seq = driver.model.detail.as_ref().unwrap().seq;
    assert_eq!(press(&mut driver, KeyCode::Char('e')), [Effect::Export { run: 14, seq }]);
}

#[test]
fn a_large_run_is_walked_by_pages_and_only_a_window_is_kept() {
    let mut driver = Driver::holding(large(5000), SIZE);
    driver.press("3");
    assert_eq!(driver.model.table.rows.len(), 64);
    for _ in 0..200 {
        driver.press("<pgdn>");
    }
    let table = &driver.model.table;
    let at = table.base.unwrap() + table.selected as u64;
    assert_eq!(table.selected_row().unwrap().key.raw(), format!("sub-{:06}", 4999 - at));
    assert!(table.rows.len() <= KEPT && at > 3000, "{at}");
    driver.press("G");
    assert_eq!(driver.model.table.selected_row().unwrap().key.raw(), "sub-000000");
    assert_eq!(driver.model.table.base.unwrap() + driver.model.table.selected as u64, 4999);
    for _ in 0..30 {
        driver.press("<pgup>");
    }
    let table = &driver.model.table;
    assert_eq!(table.selected_row().unwrap().key.raw(), format!("sub-{:06}", 4999 - (table.base.unwrap() + table.selected as u64)));
    driver.press("g");
    assert_eq!(driver.model.table.selected_row().unwrap().key.raw(), "sub-004999");
}

#[test]
fn a_long_look_tells_how_far_it_is_and_keys_go_on_meanwhile() {
    let mut driver = Driver::holding(large(500), SIZE);
    driver.press("3");
    // The answer to this sort does not come.
    let asked = update(&mut driver.model, Msg::Key(KeyCode::Char('s').into()));
    let Some(Effect::LoadPage { ticket, .. }) = asked.first() else { panic!("{asked:?}") };
    driver.send(Msg::Looked(*ticket, 420, 500));
    assert!(driver.picture().contains("sorting … 420 of 500"), "{}", driver.picture());
    driver.press("<down><down>");
    assert_eq!(driver.model.table.selected, 2);
    // A newer question makes the older one's words stale.
    driver.press("s");
    driver.send(Msg::Looked(*ticket, 430, 500));
    assert!(driver.model.table.looked.is_none() && driver.model.table.loading.is_none());
}

#[test]
fn the_detail_opens_follows_and_closes_one_level_at_a_time() {
    let mut driver = Driver::demo(SIZE);
    driver.press("3/sub-10<enter><enter>");
    assert_eq!(driver.model.detail.as_ref().unwrap().row.as_ref().unwrap().row.key.raw(), "sub-1001");
    driver.press("<right>");
    assert_eq!(driver.model.detail.as_ref().unwrap().row.as_ref().unwrap().row.key.raw(), "sub-1002");
    assert_eq!(driver.model.detail.as_ref().unwrap().history.len(), 7);
    driver.press("<esc>");
    assert!(driver.model.detail.is_none() && driver.model.table.filter.text.is_some());
    driver.press("<esc>");
    assert!(driver.model.table.filter.text.is_none());
}

#[test]
fn an_answer_to_an_older_question_is_dropped() {
    let mut driver = Driver::demo(SIZE);
    driver.press("3");
    let before = keys_shown(&driver);
    driver.send(Msg::Page(1, dualrun::tui::model::Place::Start, Ok(dualrun::ports::workspace::RowPage::default())));
    driver.send(Msg::Totals(1, Err(Trouble { what: "old".to_owned(), remedy: String::new() })));
    assert_eq!(keys_shown(&driver), before);
    assert!(driver.model.table.trouble.is_none());
}

#[test]
fn an_error_keeps_what_was_good() {
    let mut driver = Driver::demo(SIZE);
    driver.send(Msg::Book(Err(Trouble::of(&StoreError::Damaged { what: "page 7".to_owned() }))));
    assert_eq!(driver.model.book.runs.len(), 7);
    assert_eq!(driver.model.trouble.as_ref().unwrap().remedy, "restore a copy; reports already written stay valid");
    driver.press("<esc>");
    assert!(driver.model.trouble.is_some());
}

#[test]
fn without_a_workspace_the_flip_is_blocked() {
    let driver = Driver::over(FakeDoor::Empty, SIZE);
    assert_eq!(driver.model.loaded, Loaded::Absent);
    assert!(driver.model.assessment().blockers.len() >= 4);
}

#[test]
fn reconciling_asks_for_a_month_and_starts_one_job_only() {
    let mut driver = Driver::demo(SIZE);
    driver.press("r");
    assert!(matches!(driver.model.overlays.last(), Some(Overlay::Month { .. })));
    driver.press("x<enter>");
    assert!(driver.left.is_empty(), "2026-05x is no month");
    driver.press("<backspace><enter>");
    let Some(Effect::Start(JobAsked::Reconcile(options))) = driver.left.first() else { panic!("{:?}", driver.left) };
    assert_eq!((options.months.as_slice(), options.recheck, options.dry_run), (&[month("2026-05")][..], false, false));
    assert_eq!(driver.model.screen, Screen::Activity);
    driver.press("rR");
    assert_eq!(driver.left.len(), 1);
}

#[test]
fn several_months_are_one_job() {
    let mut driver = Driver::demo(SIZE);
    driver.press("r");
    driver.press(&"<backspace>".repeat(7));
    driver.press("2026-01..2026-03<enter>");
    let Some(Effect::Start(JobAsked::Reconcile(options))) = driver.left.first() else { panic!("{:?}", driver.left) };
    assert_eq!(options.months, [month("2026-01"), month("2026-02"), month("2026-03")]);
}

#[test]
fn a_job_is_cancelled_only_after_a_yes() {
    let mut driver = Driver::demo(SIZE);
    driver.press("xr<enter>xn");
    assert_eq!(driver.left.len(), 1, "only the start");
    driver.press("xy");
    assert_eq!(driver.left.last(), Some(&Effect::CancelJob));
    assert!(driver.model.job.as_ref().unwrap().cancelling);
}

#[test]
fn quitting_waits_for_the_job_and_a_second_time_does_not() {
    let mut driver = Driver::demo(SIZE);
    driver.press("r<enter>qn");
    assert!(!driver.left.contains(&Effect::Quit));
    driver.press("qy");
    assert_eq!(driver.left.last(), Some(&Effect::CancelJob));
    driver.send(Msg::JobEnded(Ok(JobDone::Runs(Vec::new()))));
    assert_eq!(driver.left.last(), Some(&Effect::Quit));

    let mut driver = Driver::demo(SIZE);
    driver.press("r<enter>");
    driver.send(control('c'));
    assert_eq!(driver.left.last(), Some(&Effect::CancelJob));
    driver.send(control('c'));
    assert_eq!(driver.left.last(), Some(&Effect::Quit));
    let mut idle = Driver::demo(SIZE);
    idle.press("q");
    assert_eq!(idle.left, [Effect::Quit]);
}

#[test]
fn a_run_that_does_not_count_is_shown_apart_and_escape_goes_back() {
    let mut driver = Driver::demo(SIZE);
    driver.press("r<enter>");
    let mut ended = run(16, month("2026-05"), &may());
    (ended.state, ended.current) = (RunState::Incomplete, false);
    driver.send(Msg::JobEnded(Ok(JobDone::Runs(vec![ended]))));
    assert!(!driver.model.job_runs());
    // The workspace of this test does not hold it, so the book drops it again: the current run is shown.
    assert_eq!(driver.model.shown_run().unwrap().id, 14);

    let mut workspace = demo();
    let mut odd = run(16, month("2026-05"), &may());
    (odd.request.dry_run, odd.current) = (true, false);
    workspace.runs.push(odd);
    workspace.rows.insert(16, may());
    let mut driver = Driver::holding(workspace, SIZE);
    assert_eq!(driver.model.shown_run().unwrap().id, 14, "a dry run is never shown unasked");
    driver.press("7<enter>");
    assert_eq!((driver.model.shown_run().unwrap().id, driver.model.table.run), (16, Some(16)));
    assert!(driver.picture().contains("DRY RUN"));
    driver.press("3/sub<enter><esc>");
    assert_eq!(driver.model.shown_run().unwrap().id, 16, "the filter goes first");
    driver.press("<esc>");
    assert_eq!(driver.model.shown_run().unwrap().id, 14);
}

#[test]
fn what_blocks_leads_to_where_it_is_worked_on() {
    let mut driver = Driver::demo(SIZE);
    driver.press("6jjjj<enter>");
    assert_eq!((driver.model.screen, driver.model.table.filter.verdicts.as_slice()), (Screen::Reconcile, &[Verdict::Unlinked][..]));
    assert_eq!(driver.model.table.rows.len(), 3);
}

#[test]
fn the_key_of_the_selected_row_is_copied_as_it_is() {
    let mut driver = Driver::demo(SIZE);
    driver.press("3y");
    assert_eq!(driver.left, [Effect::Copy("INV-90".to_owned())]);
}

#[test]
fn the_mouse_reaches_tabs_rows_and_headings() {
    let mut driver = Driver::demo(SIZE);
    let click = |column, row| Msg::Mouse(MouseEvent { kind: MouseEventKind::Down(MouseButton::Left), column, row, modifiers: KeyModifiers::NONE });
    driver.send(click(25, 1));
    assert_eq!(driver.model.screen, Screen::Reconcile);
    driver.send(click(10, 7));
    assert_eq!(driver.model.table.selected, 2);
    let heading = driver.picture().lines().nth(4).unwrap().find("SUBSCRIPTION").unwrap();
    driver.send(click(u16::try_from(heading).unwrap(), 4));
    assert_eq!(driver.model.table.sort.column, SortColumn::Key);
    driver.send(Msg::Mouse(MouseEvent { kind: MouseEventKind::ScrollDown, column: 1, row: 8, modifiers: KeyModifiers::NONE }));
    assert_eq!(driver.model.table.selected, 1);
    driver.press("7");
    driver.send(click(14, 6));
    assert_eq!(driver.model.pane, Pane::Findings);
    driver.send(click(14, 9));
    assert_eq!((driver.model.panes[Pane::Findings.index()].at, driver.model.overlays.len()), (1, 0));
    driver.send(click(14, 9));
    assert!(matches!(driver.model.overlays.last(), Some(Overlay::Text { title, .. }) if title == "header only invoice"));
    driver.press("<esc>5");
    driver.send(click(5, 7));
    assert_eq!(driver.model.stage.at, 3);
}

#[test]
fn what_two_people_accepted_blocks_no_more_and_never_passes_for_a_match() {
    let mut workspace = demo();
    let waived = Sum { rows: 4, money: [(cad(0).currency, (37_868, 37_868))].into() };
    let tally = ReviewTally { waived: Apart { compared: waived, ..Apart::default() }, ..ReviewTally::default() };
    workspace.reviews.insert(14, tally);
    let driver = Driver::holding(workspace, SIZE);
    let stage = driver.model.assessment().stages.into_iter().find(|s| s.stage == Stage::Reconcile).unwrap();
    assert_eq!((stage.outcome.word(), stage.summary.contains("4 of them waived")), ("waived", true), "{}", stage.summary);
}

#[test]
fn what_another_program_wrote_is_read_at_once_and_only_then() {
    let mut model = Driver::demo((100, 30)).model;
    let head = model.book.journal[0].hash.clone();
    assert_eq!(update(&mut model, Msg::Written(Some(head.clone()))), []);
    assert_eq!(update(&mut model, Msg::Written(Some("another".to_owned()))), [Effect::LoadBook]);
    assert_eq!(update(&mut model, Msg::Written(None)), [Effect::LoadBook], "why it cannot be read is told by reading it");
    model.trouble = Some(Trouble { what: "gone".to_owned(), remedy: String::new() });
    assert_eq!(update(&mut model, Msg::Written(Some(head))), [Effect::LoadBook], "it can be read again");
}

//! What must hold of any picture, in whatever state: no character that commands a terminal, no broken frame, no number cut
//! without a mark, no hint of a key that does nothing, and the selected line in sight.

use crate::demo_book::demo;
use crate::demo_flip::{acts, gates, plan};
use crate::demo_import::{inert, with_import};
use crate::driver::{Driver, text};
use crate::fake_workspace::{FakeDoor, FakeWorkspace};
use crate::rules::hostile;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use dualrun::domain::gate::SignatureRule;
use dualrun::present::words::Signs;
use dualrun::tui::keymap::{BINDINGS, Command, Context};
use dualrun::tui::layout::{LEAST, regions};
use dualrun::tui::model::{Model, Overlay, Screen};
use dualrun::tui::view;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use std::collections::BTreeSet;

/// Every key of the table, as it is pressed.
pub fn keys() -> Vec<KeyEvent> {
    BINDINGS.iter().flat_map(|b| b.keys).map(|key| event(&key.name())).collect()
}

/// A key by its name on the screen.
fn event(name: &str) -> KeyEvent {
    let plain = |code| KeyEvent::new(code, KeyModifiers::NONE);
    let only = |text: &str| text.chars().next().filter(|_| text.chars().count() == 1);
    match name {
        "Space" => plain(KeyCode::Char(' ')),
        "⏎" => plain(KeyCode::Enter),
        "Esc" => plain(KeyCode::Esc),
        "Tab" => plain(KeyCode::Tab),
        "S-Tab" => plain(KeyCode::BackTab),
        "↑" => plain(KeyCode::Up),
        "↓" => plain(KeyCode::Down),
        "←" => plain(KeyCode::Left),
        "→" => plain(KeyCode::Right),
        "PgUp" => plain(KeyCode::PageUp),
        "PgDn" => plain(KeyCode::PageDown),
        "Home" => plain(KeyCode::Home),
        "End" => plain(KeyCode::End),
        "Del" => plain(KeyCode::Delete),
        "Ins" => plain(KeyCode::Insert),
        "Bksp" => plain(KeyCode::Backspace),
        _ => match (only(name), name.strip_prefix('^').and_then(only), name.strip_prefix('F').and_then(|n| n.parse().ok())) {
            (Some(c), ..) => plain(KeyCode::Char(c)),
            (_, Some(c), _) => KeyEvent::new(KeyCode::Char(c.to_ascii_lowercase()), KeyModifiers::CONTROL),
            (.., Some(n)) => plain(KeyCode::F(n)),
            _ => panic!("a key of another name: {name}"),
        },
    }
}

/// Everything but the numbers, which cost pictures of their own.
pub fn hold(model: &Model, buffer: &Buffer, told: &str) {
    no_commands(buffer, told);
    hints_are_true(model, &text(buffer), told);
    if is_drawn(model) && model.setup.theme.signs == Signs::Unicode {
        frames_are_whole(model, buffer, told);
        selection_is_seen(model, buffer, told);
    }
}

fn is_drawn(model: &Model) -> bool {
    model.size.0 >= LEAST.0 && model.size.1 >= LEAST.1
}

fn no_commands(buffer: &Buffer, told: &str) {
    let forbidden = |c: &char| {
        c.is_control() || matches!(*c, '\u{200b}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
    };
    for cell in buffer.content() {
        assert_eq!(cell.symbol().chars().find(forbidden), None, "{told}: {:?}\n{}", cell.symbol(), text(buffer));
    }
}

/// Words of the screens that name a key, where nothing lies on top.
const NAMED: [(&str, char); 16] = [
    ("r reconciles", 'r'),
    ("Press r", 'r'),
    ("x cancels", 'x'),
    ("a goes on", 'a'),
    ("a applies it", 'a'),
    ("b backs it out", 'b'),
    ("b goes on back", 'b'),
    ("d dry run", 'd'),
    ("c first invoices", 'c'),
    ("h resumes it", 'h'),
    ("p cuts waves", 'p'),
    ("p plans anew", 'p'),
    ("p makes new waves", 'p'),
    ("p plans waves", 'p'),
    ("y copy", 'y'),
    ("w waive", 'w'),
];

/// Answers that the foot of something on top offers.
const ANSWERS: [(&str, &str); 9] = [
    ("y yes", "y"),
    ("n no", "n"),
    ("y sign", "y"),
    ("n leave", "n"),
    ("⏎ do it", "⏎"),
    ("⏎ look", "⏎"),
    ("⏎ make it", "⏎"),
    ("↑ ↓ field", "↓"),
    ("Esc leave", "Esc"),
];

fn hints_are_true(model: &Model, picture: &str, told: &str) {
    let contexts = model.contexts();
    for (names, words) in model.setup.keys.hints(&contexts, model.job_runs()) {
        for name in names.split(' ') {
            let does = model.setup.keys.command(&contexts, event(name));
            let says = |command: Command| BINDINGS.iter().any(|b| b.command == command && (b.hint == words || b.hint.is_empty()));
            assert!(does.is_some_and(says), "{told}: {name} is hinted as {words}, and does {does:?}\n{picture}");
        }
    }
    let offered: Vec<(&str, KeyEvent)> = if contexts == [Context::Filter] {
        // Keys are typed; the screen around stays what it was.
        Vec::new()
    } else if model.overlays.is_empty() {
        NAMED.iter().map(|(words, key)| (*words, KeyEvent::new(KeyCode::Char(*key), KeyModifiers::NONE))).collect()
    } else {
        // The last lines of the frame on top; what is read in it may name keys of the screen below.
        ANSWERS.iter().filter(|(words, _)| picture.contains(&format!("│ {words}"))).map(|(words, key)| (*words, event(key))).collect()
    };
    for (words, key) in offered.into_iter().filter(|(words, _)| picture.contains(words)) {
        assert!(model.setup.keys.command(&contexts, key).is_some(), "{told}: {words:?} names a key that does nothing\n{picture}");
    }
}

/// The frame whose upper left corner stands there, where all of it does.
fn frame_at(buffer: &Buffer, (x, y): (u16, u16)) -> Option<Rect> {
    let (width, height) = (buffer.area.width, buffer.area.height);
    let at = |x: u16, y: u16| if x < width && y < height { buffer[(x, y)].symbol() } else { "" };
    let right = (x + 1..width).find(|right| matches!(at(*right, y), "┐" | "┌"))?;
    let bottom = (y + 1..height).find(|bottom| at(x, *bottom) != "│")?;
    // The lower edge may say that there is more below.
    let sides = (y + 1..bottom).all(|y| at(right, y) == "│") && at(x + 1, bottom) == "─" && at(right - 1, bottom) == "─";
    let corners = at(x, y) == "┌" && at(right, y) == "┐" && at(x, bottom) == "└" && at(right, bottom) == "┘";
    (corners && sides).then(|| Rect::new(x, y, right - x + 1, bottom - y + 1))
}

/// Each frame's corner meets its other three, and its sides are unbroken. Of frames below something on top nothing is asked, but
/// the one on top is whole.
fn frames_are_whole(model: &Model, buffer: &Buffer, told: &str) {
    if !model.overlays.is_empty() {
        assert!(on_top(buffer, is_tour(model)).is_some(), "{told}: what lies on top is broken\n{}", text(buffer));
        return;
    }
    for at in buffer.area.positions().filter(|at| buffer[*at].symbol() == "┌") {
        assert!(frame_at(buffer, (at.x, at.y)).is_some(), "{told}: the frame at {at} is broken\n{}", text(buffer));
    }
}

fn is_tour(model: &Model) -> bool {
    matches!(model.overlays.last(), Some(Overlay::Tour(_)))
}

/// What lies on top: the smallest whole frame around the middle, or at the foot.
fn on_top(buffer: &Buffer, at_the_foot: bool) -> Option<Rect> {
    let (width, height) = (buffer.area.width, buffer.area.height);
    let middle = Position::new(width / 2, if at_the_foot { height.saturating_sub(3) } else { height / 2 });
    let frames = buffer.area.positions().filter(|at| buffer[*at].symbol() == "┌").filter_map(|at| frame_at(buffer, (at.x, at.y)));
    frames.filter(|frame| frame.contains(middle)).min_by_key(|frame| u32::from(frame.width) * u32::from(frame.height))
}

fn selection_is_seen(model: &Model, buffer: &Buffer, told: &str) {
    let is_list = match model.screen {
        _ if !model.overlays.is_empty() => false,
        Screen::Overview => model.shown_run().is_some() && !model.assessment().blockers.is_empty(),
        Screen::Import => !model.plan.items.is_empty(),
        Screen::Reconcile => !model.table.rows.is_empty() && model.shown_run().is_some(),
        Screen::Causes => {
            model.shown_facts().and_then(|f| f.together.as_ref()).is_some_and(|t| !t.clusters.is_empty() && t.rows.iter().sum::<u64>() > 0)
        }
        Screen::Gates => true,
        Screen::Flip => model.flip.open.is_none() && !model.flip_lines().is_empty(),
        Screen::Activity => model.pane_len(model.pane) > 0,
    };
    let body = regions(model).body;
    let seen = body.positions().any(|at| buffer[at].symbol() == "▸");
    assert!(seen || !is_list, "{told}: nothing is seen to be selected on {:?}\n{}", model.screen, text(buffer));
}

/// Numbers as they stand in a picture, without those that a `…` marks as cut and those that belong to a name or a digest.
fn numbers(picture: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for line in picture.lines() {
        let chars: Vec<char> = line.chars().collect();
        let mut at = 0;
        while at < chars.len() {
            if !chars[at].is_ascii_digit() {
                at += 1;
                continue;
            }
            let end = (at..chars.len()).find(|i| !(chars[*i].is_ascii_digit() || matches!(chars[*i], '.' | ','))).unwrap_or(chars.len());
            let (before, after) = (at.checked_sub(1).map(|i| chars[i]), chars.get(end).copied());
            let named = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | ':' | '#' | '%');
            let number: String = chars[at..end].iter().collect();
            let number = number.trim_end_matches(['.', ',']);
            // A line of a digest may be digits alone.
            let is_digest = number.len() > 15 && !number.contains(['.', ',']);
            if !(before.is_some_and(named) || after.is_some_and(|c| named(c) || c == '…') || is_digest) && number.len() > 1 {
                found.insert(number.to_owned());
            }
            at = end;
        }
    }
    found
}

/// The screen, or what lies on top of it: what is covered is cut by that.
fn drawn(model: &Model, size: (u16, u16)) -> String {
    let model = Model { size, ..model.clone() };
    let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).unwrap();
    terminal.draw(|frame| view(&model, frame)).unwrap();
    let buffer = terminal.backend().buffer();
    let Some(frame) = on_top(buffer, is_tour(&model)).filter(|_| !model.overlays.is_empty()) else { return text(buffer) };
    let line = |y: u16| (frame.left()..frame.right()).map(|x| buffer[(x, y)].symbol()).collect::<String>();
    (frame.top()..frame.bottom()).map(line).collect::<Vec<_>>().join("\n")
}

/// A number that a wide picture of the same state does not hold is one whose end was cut off.
pub fn numbers_are_whole(model: &Model, told: &str) {
    if !is_drawn(model) {
        return;
    }
    let narrow = drawn(model, model.size);
    let wide: BTreeSet<String> = [model.size.1, 60, 120].into_iter().flat_map(|height| numbers(&drawn(model, (320, height)))).collect();
    let cut: Vec<String> = numbers(&narrow).difference(&wide).cloned().collect();
    assert!(cut.is_empty(), "{told}: cut without a mark: {cut:?}\n{narrow}");
}

/// States worth looking at, as keys from the first screen.
const WAYS: [&str; 34] = [
    "1",
    "1jj",
    "2",
    "2jj",
    "2<right><right>",
    "2<enter>",
    "2d",
    "2/create",
    "3",
    "3jjj",
    "3<enter>",
    "3jj<enter>jjj",
    "3/verdict:x",
    "3G",
    "3w",
    "3t",
    "4",
    "4j",
    "5",
    "5jjjjjj<enter>",
    "5jjjjjjj<enter>",
    "5jjjjjj<enter><enter>",
    "6",
    "6G",
    "6G<enter>",
    "6h",
    "6a",
    "6b",
    "7",
    "7<right>",
    "7<right><enter>",
    "7<right><right><enter>",
    "7<left>",
    "?",
];

fn everything(workspace: FakeWorkspace) -> FakeWorkspace {
    FakeWorkspace { gate_acts: acts(vec![plan()]), ..with_import(workspace, inert()) }
}

#[test]
fn every_picture_holds_what_any_picture_must() {
    for (name, workspace) in [("the demo", demo()), ("hostile data", hostile())] {
        for size in [LEAST, (80, 24), (100, 30), (140, 42), (250, 60)] {
            for keys in WAYS {
                let mut driver = Driver::under(gates(SignatureRule::Attested), everything(workspace.clone()), size);
                driver.press(keys);
                let told = format!("{name}, {size:?}, {keys}");
                hold(&driver.model, &driver.buffer(), &told);
                numbers_are_whole(&driver.model, &told);
            }
        }
    }
}

#[test]
fn nothing_yet_holds_it_too() {
    for size in [LEAST, (80, 24), (140, 42)] {
        for keys in ["1", "2", "3", "4", "5", "6", "7", "?", "r"] {
            let mut driver = Driver::over(FakeDoor::Empty, size);
            driver.press(keys);
            hold(&driver.model, &driver.buffer(), &format!("nothing yet, {size:?}, {keys}"));
        }
    }
}

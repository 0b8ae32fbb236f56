//! What must hold of every picture, whatever is in the data and however large the terminal.

use crate::demo_book::{demo, month, row, run};
use crate::driver::Driver;
use crate::fake_workspace::FakeWorkspace;
use dualrun::tui::theme::{Depth, Theme};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

pub const HOSTILE: [&str; 9] = [
    "\u{1b}[2J\u{1b}]0;owned\u{7}",
    "\u{202e}evil\u{2066}",
    "zero\u{200b}width\u{feff}",
    "line\nbreak\r\ttab",
    "\u{9b}31mC1",
    "日本語のとても長い名前です、とても長い",
    "e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}",
    "👨‍👩‍👧‍👦 family \u{e0041}tag",
    "averyveryveryveryveryveryveryveryveryveryveryverylongidentifierwithoutanyblank",
];

pub fn hostile() -> FakeWorkspace {
    let mut workspace = demo();
    let may = month("2026-05");
    let rows: Vec<_> = HOSTILE
        .iter()
        .zip(1..)
        .map(|(text, n)| {
            let mut row = row(may, "sub-0001", text, text, n * 1000, n * 1_234_567_891);
            row.key = (*text).into();
            row.documents[0].id = (*text).into();
            row.documents[0].lines[0].description = Some((*text).into());
            row.why = Some((*text).to_owned());
            row
        })
        .collect();
    let shown = run(15, may, &rows);
    workspace.runs.last_mut().unwrap().current = false;
    workspace.runs.push(shown);
    let mut findings = workspace.findings[&14].clone();
    findings[0].ids = HOSTILE.map(Into::into).to_vec();
    findings[0].message = HOSTILE.concat();
    workspace.findings.insert(15, findings);
    workspace.rejected.insert(15, HOSTILE.map(|h| crate::demo_book::unreadable(h, h)).to_vec());
    workspace.journal[0].facts = HOSTILE.concat();
    workspace.rows.insert(15, rows);
    workspace
}

/// Every screen worth looking at, as keys from the first.
const WAYS: [&str; 24] = [
    "1",
    "2",
    "3",
    "3<enter>",
    "3jj<enter>jjj",
    "3/verdict:x",
    "4",
    "5",
    "6",
    "7",
    "7<right>",
    "7<right><enter>",
    "7<right><right><enter>",
    "?",
    "3w",
    "3t",
    "6h",
    "6a",
    "3:",
    "3:sub",
    "3V",
    "3C",
    "3  m",
    "3>>>*",
];

#[test]
fn no_control_character_and_no_overflow_on_any_screen() {
    for size in [(60, 16), (80, 24), (140, 42), (250, 60)] {
        for keys in WAYS {
            let mut driver = Driver::holding(hostile(), size);
            driver.press(keys);
            let buffer = driver.buffer();
            for cell in buffer.content() {
                let bad = cell.symbol().chars().find(|c| {
                    c.is_control()
                        || matches!(*c, '\u{200b}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
                });
                assert_eq!(bad, None, "{size:?} {keys}: {:?}", cell.symbol());
            }
            for line in driver.picture().lines() {
                assert!(line.width() <= usize::from(size.0), "{size:?} {keys}: {line}");
            }
        }
    }
}

#[test]
fn money_is_never_cut_in_the_table() {
    for width in [60, 66, 72, 80, 100, 140] {
        let mut driver = Driver::holding(hostile(), (width, 24));
        driver.press("3");
        let picture = driver.picture();
        for (_, n) in HOSTILE.iter().zip(1i64..) {
            let delta = dualrun::present::money::signed(n * 1_234_567_891 - n * 1000, crate::fake_workspace::cad(0).currency);
            assert!(picture.contains(&delta), "{width}: {delta}\n{picture}");
        }
    }
}

#[test]
fn the_selected_row_is_seen_in_colour_and_without() {
    for depth in [Depth::Many, Depth::Sixteen, Depth::Mono] {
        let mut driver = Driver::demo((80, 24));
        driver.model.setup.theme = Theme { depth, ..Theme::default() };
        driver.press("3jjjj");
        let buffer = driver.buffer();
        let picture = driver.picture();
        let y = u16::try_from(picture.lines().position(|l| l.starts_with('▸')).unwrap()).unwrap();
        let line: Vec<_> = (0..80).map(|x| buffer[(x, y)].clone()).collect();
        let marked = line.iter().all(|c| c.modifier.contains(Modifier::REVERSED) || c.bg != Color::Reset);
        assert!(marked, "{depth:?}: {picture}");
        let others = (0..80).filter(|x| buffer[(*x, y + 1)].modifier.contains(Modifier::REVERSED)).count();
        assert_eq!(others, 0, "{depth:?}");
        if depth == Depth::Mono {
            assert!(buffer.content().iter().all(|c| c.fg == Color::Reset && c.bg == Color::Reset));
        }
    }
}

#[test]
fn ascii_terminals_get_ascii_signs() {
    let mut driver = Driver::demo((80, 24));
    driver.model.setup.theme = Theme { depth: Depth::Mono, signs: dualrun::present::words::Signs::Ascii, ..Theme::default() };
    for keys in WAYS {
        driver.press(&format!("<esc><esc>{keys}"));
        let picture = driver.picture();
        assert!(picture.is_ascii(), "{keys}: {picture}");
    }
}

#[test]
fn any_size_can_be_drawn() {
    for width in (1..160).step_by(7) {
        for height in (1..50).step_by(3) {
            let mut driver = Driver::demo((80, 24));
            driver.press("3<enter>");
            driver.send(dualrun::tui::Msg::Resize(width, height));
            let picture = driver.picture();
            assert!(width < 60 || height < 16 || picture.lines().any(|l| l.starts_with('▸')), "{width}x{height}\n{picture}");
        }
    }
}

#[test]
fn whatever_lies_on_top_can_be_drawn_at_any_size() {
    for keys in ["3:", "3Jx", "3C", "3 mx", "3E", "?"] {
        let mut driver = Driver::demo((80, 24));
        driver.press(keys);
        for (width, height) in [(1, 1), (59, 15), (60, 16), (61, 17), (80, 17), (110, 20), (300, 90), (300, 3), (2, 90)] {
            driver.send(dualrun::tui::Msg::Resize(width, height));
            let lines = driver.picture().lines().filter(|l| l.contains('┌')).count();
            assert!(width < 60 || height < 16 || lines > 0, "{keys} {width}x{height}");
        }
    }
}

/// Counts of a large run stand whole or not at all: a number whose end is cut off is another number.
#[test]
fn counts_of_a_million_rows_are_never_cut() {
    let mut workspace = demo();
    let newest = workspace.runs.last_mut().unwrap();
    newest.tally.counts = serde_json::from_value(serde_json::json!([951_441, 0, 45_932, 1_941, 0, 5_000, 686, 0])).unwrap();
    for (width, told) in [(140, "951,441 of 1,005,000"), (100, "951,441 of 1,005,000"), (80, "951,441"), (64, "")] {
        let picture = Driver::holding(workspace.clone(), (width, 24)).picture();
        let trend = picture.lines().skip_while(|l| !l.contains("Trend")).find(|l| l.contains("2026-05")).expect("the trend's line");
        let after = trend.split_once(" %").expect("the rate").1;
        let counts: Vec<&str> = after.split(|c: char| !(c.is_ascii_digit() || c == ',' || c == 'o' || c == 'f' || c == ' ')).collect();
        assert_eq!(counts.first().map(|c| c.trim()), Some(told), "{width}: {trend}");
    }
}

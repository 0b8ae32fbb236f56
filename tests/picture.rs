//! The real program in a pseudo-terminal, seen as pictures. Always checks that the demo's screens say what they must, its short tour
//! first; with `DUALRUN_PICTURES=DIR` it also writes them there as the pictures of the README.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking, its helpers too")]

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

const ROWS: u16 = 42;
const COLUMNS: u16 = 140;
/// Size of a cell in the picture.
const CELL: (u16, u16) = (9, 19);
const BACKGROUND: &str = "#16181d";
const FOREGROUND: &str = "#d6d9df";
/// The sixteen colours of a terminal, in their order.
const PALETTE: [&str; 16] = [
    "#2b2f38", "#e06c75", "#8fc779", "#e0b56a", "#6aa3e8", "#c58ae0", "#5fbfc7", "#c8ccd4", "#6b7280", "#ff8a92", "#a8e08f", "#f5cf86", "#8abdff",
    "#dba6f5", "#7fdce5", "#ffffff",
];

/// What the program writes, as it comes.
fn output(mut reader: Box<dyn std::io::Read + Send>) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut buffer = [0; 16384];
        while let Ok(n @ 1..) = reader.read(&mut buffer) {
            if sender.send(buffer[..n].to_vec()).is_err() {
                return;
            }
        }
    });
    receiver
}

/// Reads until the words are on the screen and nothing more comes for a moment.
fn settled(parser: &mut vt100::Parser, bytes: &Receiver<Vec<u8>>, words: &[&str]) {
    let deadline = Instant::now() + Duration::from_mins(1);
    loop {
        match bytes.recv_timeout(Duration::from_millis(300)) {
            Ok(chunk) => parser.process(&chunk),
            Err(_) if words.iter().all(|w| parser.screen().contents().contains(w)) => return,
            Err(_) => assert!(Instant::now() < deadline, "{words:?} never came:\n{}", parser.screen().contents()),
        }
    }
}

/// A picture: its file, the keys that lead there from the one before, and words that must be in it.
const PICTURES: [(&str, &str, &[&str]); 3] = [
    ("overview.svg", "x", &["nexacloud", "2026-05", "BLOCKED", "1,782.85", "378.68", "21.3 %"]),
    ("row.svg", "3jjj\r", &["sub-1002", "+141.94", "INV-77", "200 × 9/31"]),
    ("causes.svg", "\u{1b}4", &["confirmed", "unexplained", "+231.74"]),
];

#[test]
fn the_demos_screens_are_the_pictures_of_the_readme() {
    let pair = native_pty_system().openpty(PtySize { rows: ROWS, cols: COLUMNS, pixel_width: 0, pixel_height: 0 }).unwrap();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_dualrun"));
    command.args(["demo", "--as", "ana"]);
    command.env_remove("NO_COLOR");
    command.env("TERM", "xterm-256color");
    command.env("LANG", "C.UTF-8");
    let mut child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let bytes = output(pair.master.try_clone_reader().unwrap());
    let mut keys = pair.master.take_writer().unwrap();
    let mut parser = vt100::Parser::new(ROWS.try_into().unwrap(), COLUMNS.try_into().unwrap(), 0);
    settled(&mut parser, &bytes, &["1 of 6", "Two systems bill the same customers", "any other key leaves"]);
    keys.write_all(b"   ").unwrap();
    settled(&mut parser, &bytes, &["4 of 6", "Nobody flips alone", "Stages"]);
    for (file, typed, words) in PICTURES {
        // An Esc followed too soon by a key is read as Alt with that key.
        let (escape, rest) = typed.strip_prefix('\u{1b}').map_or(("", typed), |rest| ("\u{1b}", rest));
        keys.write_all(escape.as_bytes()).unwrap();
        std::thread::sleep(Duration::from_millis(if escape.is_empty() { 0 } else { 300 }));
        keys.write_all(rest.as_bytes()).unwrap();
        settled(&mut parser, &bytes, words);
        if let Some(dir) = std::env::var_os("DUALRUN_PICTURES") {
            std::fs::write(std::path::Path::new(&dir).join(file), svg(parser.screen())).unwrap();
        }
    }
    keys.write_all(b"q").unwrap();
    assert!(child.wait().unwrap().success());
}

/// The screen as SVG: one rectangle a run of background, one text a run of letters of one style.
fn svg(screen: &vt100::Screen) -> String {
    let (width, height) = (COLUMNS * CELL.0 + 24, ROWS * CELL.1 + 24);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{BACKGROUND}\"/>\n\
         <g font-family=\"'DejaVu Sans Mono','Liberation Mono',Menlo,Consolas,monospace\" font-size=\"15\" xml:space=\"preserve\">\n"
    );
    for row in 0..ROWS {
        let mut column = 0;
        while column < COLUMNS {
            let look = look(screen, row, column);
            let end = (column..COLUMNS).find(|c| self::look(screen, row, *c) != look).unwrap_or(COLUMNS);
            run(&mut out, screen, row, column..end, &look);
            column = end;
        }
    }
    out.push_str("</g>\n</svg>\n");
    out
}

#[derive(PartialEq)]
struct Look {
    ink: String,
    paper: String,
    bold: bool,
    faint: bool,
}

fn look(screen: &vt100::Screen, row: u16, column: u16) -> Look {
    let cell = screen.cell(row, column).unwrap();
    let (ink, paper) = (colour(cell.fgcolor(), FOREGROUND), colour(cell.bgcolor(), BACKGROUND));
    let (ink, paper) = if cell.inverse() { (paper, ink) } else { (ink, paper) };
    Look { ink, paper, bold: cell.bold(), faint: cell.dim() }
}

fn colour(colour: vt100::Color, default: &str) -> String {
    match colour {
        vt100::Color::Default => default.to_owned(),
        vt100::Color::Rgb(r, g, b) => format!("#{r:02x}{g:02x}{b:02x}"),
        vt100::Color::Idx(i @ 0..16) => PALETTE[usize::from(i)].to_owned(),
        vt100::Color::Idx(i @ 16..232) => {
            let level = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
            let i = i - 16;
            format!("#{:02x}{:02x}{:02x}", level(i / 36), level(i / 6 % 6), level(i % 6))
        }
        vt100::Color::Idx(i) => format!("#{0:02x}{0:02x}{0:02x}", 8 + 10 * (i - 232)),
    }
}

fn run(out: &mut String, screen: &vt100::Screen, row: u16, columns: std::ops::Range<u16>, look: &Look) {
    let (x, y) = (12 + columns.start * CELL.0, 12 + row * CELL.1);
    let width = (columns.end - columns.start) * CELL.0;
    if look.paper != BACKGROUND {
        writeln!(out, "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{}\" fill=\"{}\"/>", CELL.1, look.paper).unwrap();
    }
    let text: String = columns
        .map(|c| {
            let cell = screen.cell(row, c).unwrap();
            if cell.contents().is_empty() { " ".to_owned() } else { cell.contents().to_owned() }
        })
        .collect();
    if text.trim().is_empty() {
        return;
    }
    // Blanks that no reader of the picture collapses.
    let escaped = text.replace(' ', "\u{a0}").replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let weight = if look.bold { " font-weight=\"bold\"" } else { "" };
    let faint = if look.faint { " opacity=\"0.65\"" } else { "" };
    // The length is given, so that the grid holds whatever font the reader has.
    let place = format!("x=\"{x}\" y=\"{}\" textLength=\"{width}\" lengthAdjust=\"spacingAndGlyphs\"", y + 15);
    writeln!(out, "<text {place} fill=\"{}\"{weight}{faint}>{escaped}</text>", look.ink).unwrap();
}

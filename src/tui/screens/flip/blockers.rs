//! What blocks the flip: the shortest list, each with its money and what to do.

use crate::app::standing::Blocker;
use crate::domain::text::shown;
use crate::present::columns::Align::{Left, Right};
use crate::present::money;
use crate::tui::layout::WIDE;
use crate::tui::model::Model;
use crate::tui::model::table::window;
use crate::tui::paint::{cell, lines, piece};
use crate::tui::theme::{Meaning, Theme};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use unicode_width::UnicodeWidthStr;

/// How much of a blocker is told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    /// What and money, its remedy in a line below.
    TwoLines,
    /// All in one line.
    OneLine,
    /// What and money; the remedy only of the selected, below all.
    Short,
}

/// The list of blockers, the selected one kept in sight, told as fully as there is room for.
pub fn list(model: &Model, frame: &mut Frame<'_>, area: Rect, (blockers, chosen): (&[Blocker], Option<usize>)) {
    let theme = model.setup.theme;
    if blockers.is_empty() {
        lines(frame, area, vec![Line::from(piece(theme, Meaning::Match, " nothing blocks"))]);
        return;
    }
    let selected = chosen.unwrap_or(0).min(blockers.len() - 1);
    let (told, from, height) = seen(area, selected, blockers.len());
    let money_width = blockers.iter().map(|b| money_text(b).width()).max().unwrap_or(0).min(usize::from(area.width) / 3);
    let rows = blockers.iter().enumerate().skip(from).take(height.max(1));
    let width = usize::from(area.width);
    let mut drawn: Vec<Line<'static>> =
        rows.flat_map(|(i, b)| blocker(theme, b, chosen.is_some() && i == selected, [width, money_width], told)).collect();
    if told == Told::Short {
        drawn.push(remedy(theme, &blockers[selected], width, &format!(" {} of {}: ", selected + 1, blockers.len())));
    }
    lines(frame, area, drawn);
}

/// How much is told of each in an area, the first drawn, and how many.
fn seen(area: Rect, selected: usize, len: usize) -> (Told, usize, usize) {
    let room = usize::from(area.height);
    let told = match (len * 2 <= room, area.width + 2 >= WIDE) {
        (true, _) => Told::TwoLines,
        (false, true) => Told::OneLine,
        (false, false) => Told::Short,
    };
    let height = if told == Told::TwoLines { room / 2 } else { room - usize::from(told == Told::Short && room > 1) };
    (told, window(0, selected, height, len), height)
}

/// The blocker drawn at a line of a list's area.
pub fn at(area: Rect, (selected, len): (usize, usize), y: u16) -> Option<usize> {
    let (told, from, height) = seen(area, selected.min(len.saturating_sub(1)), len);
    let line = usize::from(y.checked_sub(area.y)?) / if told == Told::TwoLines { 2 } else { 1 };
    (line < height && from + line < len).then_some(from + line)
}

fn money_text(blocker: &Blocker) -> String {
    money::list(blocker.money.iter().copied())
}

fn remedy(theme: Theme, b: &Blocker, width: usize, before: &str) -> Line<'static> {
    let text = format!("{before}{} {}", theme.signs.pick("→", "->"), b.remedy);
    Line::from(piece(theme, Meaning::Muted, shown(&text, width)))
}

fn blocker(theme: Theme, b: &Blocker, selected: bool, [width, money_width]: [usize; 2], told: Told) -> Vec<Line<'static>> {
    let marker = if selected { theme.signs.pick("▸", ">") } else { " " };
    let stage = format!("{marker}{} {}", theme.signs.pick("■", "#"), cell(b.stage.word(), 10, Left));
    let rest = width.saturating_sub(stage.width() + money_width + 3);
    let what_width = if told == Told::OneLine { rest * 9 / 20 } else { rest };
    let mut spans = vec![
        piece(theme, Meaning::Delta, stage),
        piece(theme, Meaning::Normal, format!(" {}", cell(&b.what, what_width, Left))),
        piece(theme, Meaning::Title, format!(" {} ", cell(&money_text(b), money_width, Right))),
    ];
    let style = if selected { theme.style(Meaning::Selected) } else { ratatui::style::Style::new() };
    if told == Told::OneLine {
        let arrow = theme.signs.pick("→", "->");
        spans.push(piece(theme, Meaning::Muted, format!(" {arrow} {}", shown(&b.remedy, (rest - what_width).saturating_sub(3)))));
    }
    let mut out = vec![Line::from(spans).style(style)];
    if told == Told::TwoLines {
        out.push(remedy(theme, b, width.saturating_sub(1), "              "));
    }
    out
}

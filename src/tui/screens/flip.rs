//! Flip: BLOCKED, the shortest list of what blocks with money and remedy, and why nothing can be flipped yet.
//!
//! ```text
//! ┌ Flip ──────────────────────────────────────────────────────────────────────────────────┐
//! │ ■ BLOCKED, 5 reasons                                                                     │
//! │ Integrity   coverage CAD 21.29 % of the invoiced money        1,782.85 CAD               │
//! │             → link the unlinked documents, or agree a lower floor                        │
//! └──────────────────────────────────────────────────────────────────────────────────────────┘
//! ```

use crate::app::standing::Blocker;
use crate::domain::text::shown;
use crate::present::columns::Align::{Left, Right};
use crate::present::{money, numbers};
use crate::tui::model::Model;
use crate::tui::model::table::window;
use crate::tui::paint::{cell, lines, panel, piece, wrap};
use crate::tui::theme::{Meaning, Theme};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;
use unicode_width::UnicodeWidthStr;

/// Draws the screen.
pub fn draw(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let theme = model.setup.theme;
    let inner = panel(frame, theme, area, "Flip");
    let [head, list] = Layout::vertical([Constraint::Length(5), Constraint::Min(1)]).areas(inner);
    let n = model.assessment().blockers.len() as u64;
    let reasons = numbers::counted(n, "reason", "reasons");
    let width = usize::from(head.width).saturating_sub(2);
    let mut words = vec![Line::from(vec![
        piece(theme, Meaning::Normal, " "),
        piece(theme, Meaning::Blocked, format!(" {} BLOCKED ", theme.signs.pick("■", "#"))),
        piece(theme, Meaning::Title, format!("  {reasons}, most urgent first")),
    ])];
    let why = "Nothing can be flipped yet: this version reads and compares. It writes to neither system, \
               and waves, flip packs and the way back come with the flip itself. Until then this list is what stands between you and it.";
    words.extend(wrap(why, width).into_iter().map(|l| Line::from(piece(theme, Meaning::Muted, format!(" {l}")))));
    lines(frame, head, words);
    blockers(model, frame, list, false);
}

/// The list of blockers, the selected one kept in sight: a line each where there is room, else two.
pub fn blockers(model: &Model, frame: &mut Frame<'_>, area: Rect, one_line: bool) {
    let theme = model.setup.theme;
    let blockers = model.assessment().blockers;
    if blockers.is_empty() {
        lines(frame, area, vec![Line::from(piece(theme, Meaning::Match, " nothing blocks"))]);
        return;
    }
    let each = if one_line { 1 } else { 2 };
    let height = usize::from(area.height) / each;
    let selected = model.blocker.at.min(blockers.len() - 1);
    let from = window(0, selected, height, blockers.len());
    let money_width = blockers.iter().map(|b| money_text(b).width()).max().unwrap_or(0).min(usize::from(area.width) / 3);
    let rows = blockers.iter().enumerate().skip(from).take(height.max(1));
    let drawn = rows.flat_map(|(i, b)| blocker(theme, b, i == selected, usize::from(area.width), money_width, one_line)).collect();
    lines(frame, area, drawn);
}

fn money_text(blocker: &Blocker) -> String {
    money::list(blocker.money.iter().copied())
}

fn blocker(theme: Theme, b: &Blocker, selected: bool, width: usize, money_width: usize, one_line: bool) -> Vec<Line<'static>> {
    let marker = if selected { theme.signs.pick("▸", ">") } else { " " };
    let stage = format!("{marker}{} {}", theme.signs.pick("■", "#"), cell(b.stage.word(), 10, Left));
    let rest = width.saturating_sub(stage.width() + money_width + 4);
    let what_width = if one_line { rest * 9 / 20 } else { rest };
    let mut spans = vec![
        piece(theme, Meaning::Delta, stage),
        piece(theme, Meaning::Normal, format!(" {}", cell(&b.what, what_width, Left))),
        piece(theme, Meaning::Title, format!(" {}", cell(&money_text(b), money_width, Right))),
    ];
    let arrow = theme.signs.pick("→", "->");
    let style = if selected { theme.style(Meaning::Selected) } else { ratatui::style::Style::new() };
    if one_line {
        spans.push(piece(theme, Meaning::Muted, format!("  {arrow} {}", shown(&b.remedy, (rest - what_width).saturating_sub(3)))));
        return vec![Line::from(spans).style(style)];
    }
    let remedy = format!("             {arrow} {}", shown(&b.remedy, width.saturating_sub(16)));
    vec![Line::from(spans).style(style), Line::from(piece(theme, Meaning::Muted, remedy))]
}

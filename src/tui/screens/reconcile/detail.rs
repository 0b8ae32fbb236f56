//! The open row: how each number came to be, its documents, both sides, and the same key over the months.
//!
//! ```text
//! ┌ sub-1002 · Bolt Inc · 2026-05 ──────────────────────────────────────────────────────────┐
//! │ VERDICT                                  │ ACTUAL                                        │
//! │   delta: not equal                       │   58.06 CAD billed by the source              │
//! │   +141.94 CAD = expected 200.00 − …      │     INV-77 of 2026-05-01  58.06 CAD           │
//! │ EXPECTED                                 │ HISTORY                                       │
//! │   200.00 CAD by rated                    │   2026-04 ✓ match    200.00  200.00  0.00     │
//! └──────────────────────────────────────────────────────────────────────────────────────────┘
//! ```

use crate::app::explain::beside::Beside;
use crate::domain::text::shown;
use crate::ports::workspace::RowDetail;
use crate::present::columns::Align::{Left, Right};
use crate::present::columns::Column;
use crate::present::explain::unusual_words;
use crate::present::trace::{self, Section};
use crate::present::words::{verdict_label, verdict_sign};
use crate::report::review::act_line;
use crate::tui::layout::WIDE;
use crate::tui::model::{Detail, History, Model};
use crate::tui::paint::{cell, lines, nothing, panel, piece, wrap};
use crate::tui::theme::{Meaning, Theme};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;
use unicode_width::UnicodeWidthStr;

/// Draws the open row.
pub fn draw(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let theme = model.setup.theme;
    let Some(detail) = &model.detail else { return };
    let title = match (&detail.row, model.table.selected_row()) {
        (Some(d), _) => [d.row.key.shown(40), d.row.customer.shown(30), d.row.period.to_string()].join(" · "),
        (None, Some(row)) => [row.key.shown(40), row.customer.shown(30), row.period.to_string()].join(" · "),
        (None, None) => "row".to_owned(),
    };
    let inner = panel(frame, theme, area, &title);
    match (&detail.row, &detail.trouble) {
        (Some(_), _) => content(model, frame, inner, detail),
        (None, Some(trouble)) => nothing(frame, theme, inner, &trouble.what, &trouble.remedy),
        (None, None) => nothing(frame, theme, inner, "Reading the row …", ""),
    }
}

fn content(model: &Model, frame: &mut Frame<'_>, area: Rect, detail: &Detail) {
    let theme = model.setup.theme;
    let Some(row) = &detail.row else { return };
    let mut sections = trace::sections(row, &detail.steps);
    sections.extend(decisions(row, detail));
    sections.extend(other_runs(detail));
    let columns: Vec<(Rect, Vec<Line<'static>>)> = if area.width >= WIDE - 2 {
        let [left, right] = Layout::horizontal([Constraint::Fill(1), Constraint::Fill(1)]).spacing(2).areas(area);
        let on_left = |s: &&Section| matches!(s.title.as_str(), "verdict" | "why" | "expected");
        let width = usize::from(left.width);
        let mut right_lines = written(theme, sections.iter().filter(|s| !on_left(s)), usize::from(right.width));
        right_lines.extend(history(theme, detail));
        vec![(left, written(theme, sections.iter().filter(on_left), width)), (right, right_lines)]
    } else {
        let mut all = written(theme, sections.iter(), usize::from(area.width));
        all.extend(history(theme, detail));
        vec![(area, all)]
    };
    let longest = columns.iter().map(|(_, l)| l.len()).max().unwrap_or(0);
    let most = longest.saturating_sub(usize::from(area.height));
    let from = usize::from(detail.scroll).min(most);
    for (rect, text) in columns {
        lines(frame, rect, text.into_iter().skip(from).take(usize::from(rect.height)).collect());
    }
    if from < most {
        let at = Rect { x: area.x + area.width.saturating_sub(12), y: area.y + area.height, width: 10, height: 1 };
        lines(frame, at, vec![Line::from(piece(theme, Meaning::Accent, " more ↓ j "))]);
    }
}

/// How the row stands by decisions, and the decisions; nothing where nobody decided or said anything.
fn decisions(row: &RowDetail, detail: &Detail) -> Option<Section> {
    let why = detail.why.as_ref().filter(|why| !why.is_empty()).map(|why| format!("{}: {}", row.row.review.word(), shown(why, 300)));
    let lines: Vec<String> = why.into_iter().chain(detail.acts.iter().map(|act| act_line(act).trim_start().to_owned())).collect();
    (!lines.is_empty()).then(|| Section { title: "decisions and notes".to_owned(), lines })
}

/// What changed since the run before, and usage that stands out; nothing where neither is so.
fn other_runs(detail: &Detail) -> Vec<Section> {
    let Beside { since, unusual } = &detail.beside;
    let mut out = Vec::new();
    if let Some((run, change)) = since {
        let lines = crate::present::since::lines(change).into_iter().skip(1).map(|line| line.trim().to_owned());
        out.push(Section { title: format!("since run #{run}"), lines: lines.collect() });
    }
    if !unusual.is_empty() {
        out.push(Section { title: "usage to look at before it is billed".to_owned(), lines: unusual.iter().map(unusual_words).collect() });
    }
    out
}

fn written<'a>(theme: Theme, sections: impl Iterator<Item = &'a Section>, width: usize) -> Vec<Line<'static>> {
    let mut out = Vec::new();
    for section in sections {
        out.push(Line::from(piece(theme, Meaning::Title, format!(" {}", section.title.to_uppercase()))));
        for text in &section.lines {
            out.extend(wrap(&format!("   {text}"), width).into_iter().map(|l| Line::from(piece(theme, Meaning::Normal, l))));
        }
    }
    out
}

/// The key in the current run of each month, newest first, numbers under each other.
fn history(theme: Theme, detail: &Detail) -> Vec<Line<'static>> {
    if detail.history.is_empty() {
        return Vec::new();
    }
    let columns = [Column::ActualNet, Column::ExpectedNet, Column::DeltaNet];
    let widths = columns.map(|c| {
        let texts = detail.history.iter().filter_map(|h| h.row.as_ref()).map(|r| c.text(r).width());
        texts.chain([c.shape().heading.len()]).max().unwrap_or(0)
    });
    let mut heads = format!("   {:<7}  {:<12}", "", "");
    for (column, width) in columns.iter().zip(widths) {
        heads.push_str(&cell(column.shape().heading, width + 2, Right));
    }
    let mut out = vec![Line::from(piece(theme, Meaning::Title, " HISTORY, CURRENT RUNS")), Line::from(piece(theme, Meaning::Muted, heads))];
    out.extend(detail.history.iter().rev().map(|h| month(theme, h, columns, widths)));
    out
}

fn month(theme: Theme, history: &History, columns: [Column; 3], widths: [usize; 3]) -> Line<'static> {
    let Some(row) = &history.row else {
        return Line::from(piece(theme, Meaning::Muted, format!("   {}  no row", history.month)));
    };
    let word = format!("{} {}", verdict_sign(row.verdict, theme.signs), verdict_label(row.verdict));
    let mut spans =
        vec![piece(theme, Meaning::Normal, format!("   {}  ", history.month)), piece(theme, Theme::verdict(row.verdict), cell(&word, 12, Left))];
    for (column, width) in columns.into_iter().zip(widths) {
        spans.push(piece(theme, Meaning::Normal, cell(&column.text(row), width + 2, Right)));
    }
    Line::from(spans)
}

//! Activity: the job with its phases, rows, rate and time left; past runs, findings, unreadable rows, the journal.
//!
//! ```text
//! ┌ Job ────────────────────────────────────────────────────────────────────────────────────┐
//! │ ▶ reconciling 2026-05   reading documents   12 s   41,000 rows/s        x cancels        │
//! │ source  usage      410,000 rows   18.2 MiB  …                                            │
//! └──────────────────────────────────────────────────────────────────────────────────────────┘
//!  Runs 8 │ Findings 3 │ Unreadable rows 0 │ Journal 12
//! ┌ Runs ────────────────────────────────────────────────────────────────────────────────────┐
//! │ ▸ #14  2026-05  ✓ complete  current   9 rows   2 match · 4 delta   4 min ago   ana        │
//! └──────────────────────────────────────────────────────────────────────────────────────────┘
//! ```

mod lists;

pub use lists::whole;

use super::working;
use crate::present::numbers;
use crate::tui::layout::activity_regions;
use crate::tui::model::{Model, Pane};
use crate::tui::paint::{lines, piece};
use crate::tui::theme::Meaning;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Draws the screen.
pub fn draw(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let parts = activity_regions(model, area);
    working::draw(model, frame, parts.job);
    names(model, frame, parts.names);
    lists::draw(model, frame, parts.list);
}

fn name(model: &Model, pane: Pane) -> String {
    format!(" {} {} ", pane.title(), numbers::count(model.pane_len(pane) as u64))
}

/// The list whose name is drawn `x` columns from the left edge.
pub fn pane_at(model: &Model, x: u16) -> Option<Pane> {
    let mut from = 1;
    Pane::ALL.into_iter().find(|pane| {
        let width = name(model, *pane).chars().count();
        let found = (from..from + width).contains(&usize::from(x));
        from += width + 1;
        found
    })
}

fn names(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let theme = model.setup.theme;
    let mut spans = vec![Span::raw(" ")];
    for pane in Pane::ALL {
        let text = name(model, pane);
        let style = theme.style(if pane == model.pane { Meaning::Accent } else { Meaning::Muted });
        let style = if pane == model.pane { style.add_modifier(ratatui::style::Modifier::REVERSED) } else { style };
        spans.push(Span::styled(text, style));
        spans.push(Span::raw(" "));
    }
    spans.push(piece(theme, Meaning::Muted, theme.signs.pick("← →", "< >")));
    lines(frame, area, vec![Line::from(spans)]);
}

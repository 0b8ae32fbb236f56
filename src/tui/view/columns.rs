//! The chooser of columns drawn.
//!
//! ```text
//! ┌ Columns of the table ──────────────────┐
//! │   ✓ VERDICT        verdict       11    │
//! │ ▸ – CUSTOMER       customer      by itself │
//! └────────────────────────────────────────┘
//! ```

use super::overlay::in_frame;
use crate::present::columns::Align::{Left, Right};
use crate::tui::keymap::{Command, Context};
use crate::tui::layout;
use crate::tui::model::Model;
use crate::tui::model::lineup::{Choosing, Lineup};
use crate::tui::model::table::window;
use crate::tui::paint::{cell, lines, piece};
use crate::tui::theme::Meaning;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

/// Draws it.
pub fn draw(model: &Model, frame: &mut Frame<'_>, choosing: Choosing) {
    let theme = model.setup.theme;
    let columns = &model.table.lineup.columns;
    let inner = in_frame(model, frame, "Columns of the table", layout::columns(model));
    let inside = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let height = usize::from(layout::columns_list(model).height);
    let from = window(0, choosing.at, height, columns.len());
    let mut out = Vec::new();
    for (at, chosen) in columns.iter().enumerate().skip(from).take(height) {
        let sign = if chosen.shown { theme.signs.pick("✓", "x") } else { theme.signs.pick("·", ".") };
        let marker = if at == choosing.at { theme.signs.pick("▸ ", "> ") } else { "  " };
        let width = match (chosen.column == Lineup::STICKY, chosen.width) {
            (_, Some(width)) => width.to_string(),
            (true, None) => "stays".to_owned(),
            (false, None) => "by itself".to_owned(),
        };
        let meaning = if chosen.shown { Meaning::Normal } else { Meaning::Muted };
        let line = Line::from(vec![
            piece(theme, Meaning::Accent, marker),
            piece(theme, if chosen.shown { Meaning::Match } else { Meaning::Muted }, format!("{sign} ")),
            piece(theme, meaning, cell(chosen.column.shape().heading, 14, Left)),
            piece(theme, Meaning::Muted, cell(chosen.column.name(), 18, Left)),
            piece(theme, meaning, cell(&width, 10, Right)),
        ]);
        out.push(line.style(if at == choosing.at { theme.style(Meaning::Selected) } else { Style::new() }));
    }
    out.resize(height + 1, Line::default());
    let key = |command| model.setup.keys.name(Context::Columns, command);
    let both = |a, b| format!("{} {}", key(a), key(b));
    let hints = [
        vec![(key(Command::Mark), "show"), (both(Command::Narrower, Command::Wider), "width"), (both(Command::Earlier, Command::Later), "place")],
        vec![(key(Command::Reset), "as made"), (key(Command::Open), "done"), (key(Command::Back), "done")],
    ];
    for group in hints {
        let spans =
            group.into_iter().flat_map(|(name, words)| [piece(theme, Meaning::Accent, name), piece(theme, Meaning::Muted, format!(" {words}    "))]);
        out.push(Line::from(spans.collect::<Vec<_>>()));
    }
    lines(frame, inside, out);
}

//! The palette drawn: what is typed, what it finds, the keys of each, and where it belongs.
//!
//! ```text
//! ┌ Palette ───────────────────────────────────────────────────────────┐
//! │  wai▏                                                              │
//! │  ▸ w       waive the row's cause, or the rows of the filter …  Rec… │
//! │    jump to wai                                                  row │
//! └────────────────────────────────────────────────────────────────────┘
//! ```

use super::overlay::in_frame;
use crate::domain::text::shown;
use crate::present::columns::Align::{Left, Right};
use crate::tui::keymap::{Command, Context};
use crate::tui::layout;
use crate::tui::model::Model;
use crate::tui::model::palette::{Aim, Found, Item, Palette};
use crate::tui::model::table::window;
use crate::tui::paint::{cell, lines, piece};
use crate::tui::theme::{Meaning, Theme};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// Columns of the keys.
const KEYS: usize = 9;
/// Columns of where it belongs.
const GROUP: usize = 11;

/// Draws it.
pub fn draw(model: &Model, frame: &mut Frame<'_>, palette: &Palette) {
    let theme = model.setup.theme;
    let title = match palette.aim {
        Aim::Anything => "Palette: a command, a screen, a view, an id",
        Aim::Views => "Views",
        Aim::Jump => "Jump to an id, or to a word of a row",
        Aim::Files => "Write what is seen",
    };
    let inner = in_frame(model, frame, title, layout::palette(model, palette));
    let inside = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let width = usize::from(inside.width);
    let room = width.saturating_sub(2);
    let scroll = palette.input.visual_scroll(room);
    let visible: String = palette.input.value().chars().skip(scroll).collect();
    let mut out = vec![Line::from(piece(theme, Meaning::Selected, cell(&format!(" {visible}"), width, Left)))];
    let height = usize::from(layout::palette_list(model, palette).height);
    let from = window(0, palette.at, height, palette.found.len());
    for (i, found) in palette.found.iter().enumerate().skip(from).take(height) {
        if let Some(item) = palette.items.get(found.item) {
            out.push(line(theme, (item, found), palette.input.value(), i == palette.at, width));
        }
    }
    if palette.found.is_empty() {
        out.push(Line::from(piece(theme, Meaning::Muted, if palette.aim == Aim::Jump { "  type an id" } else { "  nothing is called so" })));
    }
    out.resize(usize::from(inside.height).saturating_sub(1), Line::default());
    out.push(keys(model, palette, width));
    lines(frame, inside, out);
    let cursor = u16::try_from(palette.input.visual_cursor().saturating_sub(scroll)).unwrap_or(0);
    frame.set_cursor_position((inside.x + (1 + cursor).min(inside.width.saturating_sub(1)), inside.y));
}

fn line(theme: Theme, (item, found): (&Item, &Found), typed: &str, selected: bool, width: usize) -> Line<'static> {
    let marker = if selected { theme.signs.pick("▸ ", "> ") } else { "  " };
    let room = width.saturating_sub(2 + KEYS + GROUP + 1);
    let words = if item.choice.takes_text() { format!("{} {}", item.words, typed.trim()) } else { item.words.clone() };
    let mut spans = vec![piece(theme, Meaning::Accent, marker), piece(theme, Meaning::Accent, cell(&item.keys, KEYS, Left))];
    spans.extend(marked(theme, &cell(&words, room, Left), &found.letters));
    spans.push(piece(theme, Meaning::Muted, format!(" {}", cell(item.group, GROUP, Right))));
    Line::from(spans).style(if selected { theme.style(Meaning::Selected) } else { Style::new() })
}

/// A text with the letters that were typed standing out.
fn marked(theme: Theme, text: &str, letters: &[u32]) -> Vec<Span<'static>> {
    let mut spans: Vec<(bool, String)> = Vec::new();
    for (at, c) in (0u32..).zip(text.chars()) {
        let is_typed = letters.binary_search(&at).is_ok();
        match spans.last_mut() {
            Some((was, run)) if *was == is_typed => run.push(c),
            _ => spans.push((is_typed, c.to_string())),
        }
    }
    spans.into_iter().map(|(is_typed, run)| piece(theme, if is_typed { Meaning::Accent } else { Meaning::Normal }, run)).collect()
}

fn keys(model: &Model, palette: &Palette, width: usize) -> Line<'static> {
    let theme = model.setup.theme;
    let key = |command| model.setup.keys.name(Context::Palette, command);
    let mut hints = vec![(key(Command::Open), "do it"), (format!("{} {}", key(Command::Up), key(Command::Down)), "choose")];
    if palette.aim == Aim::Views {
        hints.push((key(Command::Forget), "forget the view"));
    }
    hints.push((key(Command::Back), "leave"));
    let mut spans = Vec::new();
    for (name, words) in hints {
        spans.push(piece(theme, Meaning::Accent, shown(&name, 12)));
        spans.push(piece(theme, Meaning::Muted, format!(" {words}    ")));
    }
    let count = format!("{} of {}", palette.found.len(), palette.items.len());
    let used: usize = spans.iter().map(|s| s.content.width()).sum();
    spans.push(piece(theme, Meaning::Muted, cell(&count, width.saturating_sub(used), Right)));
    Line::from(spans)
}

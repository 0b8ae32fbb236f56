//! The form of a waiver as lines: its fields, what is wrong, and what it would touch.

use crate::domain::text::shown;
use crate::present::columns::Align::Left;
use crate::tui::keymap::{Command, Context};
use crate::tui::model::Model;
use crate::tui::model::waive::{FIELDS, WaiveForm};
use crate::tui::paint::{cell, piece, wrap};
use crate::tui::theme::{Meaning, Theme};
use ratatui::text::{Line, Span};

/// Columns of a field's name.
pub const NAME: usize = 8;

/// Its lines, and where the cursor stands in them.
pub fn lines(model: &Model, form: &WaiveForm, width: usize) -> (Vec<Line<'static>>, (u16, u16)) {
    let theme = model.setup.theme;
    let [go_on, up, down, leave] =
        [Command::Open, Command::Up, Command::Down, Command::Back].map(|command| model.setup.keys.name(Context::Waive, command));
    let room = width.saturating_sub(NAME + 2).max(1);
    let mut out = Vec::new();
    let mut cursor = (0, 0);
    for (at, ((name, known), input)) in FIELDS.iter().zip(&form.fields).enumerate() {
        let is_here = at == form.at;
        let scroll = if is_here { input.visual_scroll(room) } else { 0 };
        let visible: String = input.value().chars().skip(scroll).collect();
        if is_here {
            let column = NAME + 2 + input.visual_cursor().saturating_sub(scroll).min(room);
            cursor = (u16::try_from(column).unwrap_or(0), u16::try_from(out.len()).unwrap_or(0));
        }
        let (text, meaning) = match (visible.is_empty(), is_here) {
            (_, true) => (cell(&visible, room, Left), Meaning::Selected),
            (true, false) => (shown(known, room), Meaning::Muted),
            (false, false) => (shown(&visible, room), Meaning::Normal),
        };
        let name = piece(theme, if is_here { Meaning::Accent } else { Meaning::Muted }, format!("{}  ", cell(name, NAME, Left)));
        out.push(Line::from(vec![name, piece(theme, meaning, text)]));
    }
    let (_, known) = FIELDS[form.at.min(FIELDS.len() - 1)];
    out.push(match &form.error {
        Some(error) => Line::from(piece(theme, Meaning::Delta, shown(error, width))),
        None => Line::from(piece(theme, Meaning::Muted, shown(known, width))),
    });
    out.push(Line::default());
    match &form.touched {
        None => out.extend(plain(theme, &format!("{go_on} shows first what it would touch; nothing is made yet."), width)),
        Some(touched) => {
            out.extend(touched.iter().flat_map(|line| plain(theme, line, width)));
            out.push(Line::default());
            out.extend(plain(
                theme,
                &format!("{go_on} makes it. It counts for nothing until a second person confirms it; a waived row never counts as a match."),
                width,
            ));
        }
    }
    let key = |name: String| piece(theme, Meaning::Accent, name);
    out.push(Line::from(vec![
        key(go_on),
        Span::raw(if form.touched.is_some() { " make it     " } else { " look     " }),
        key(format!("{up} {down}")),
        Span::raw(" field     "),
        key(leave),
        Span::raw(" leave"),
    ]));
    (out, cursor)
}

fn plain(theme: Theme, text: &str, width: usize) -> Vec<Line<'static>> {
    wrap(text, width).into_iter().map(|line| Line::from(piece(theme, Meaning::Normal, line))).collect()
}

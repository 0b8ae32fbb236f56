//! The whole screen from the model. Pure: same model, same picture.
//!
//! ```text
//!  dualrun  nexacloud  SQLite ▸ PostgreSQL  ◂ 2026-05 ▸  run #14 ✓ complete  10:42 (4 min ago)   READ-ONLY ✓ ✓   ana
//!  1 Overview  2 Import  3 Reconcile  4 Causes  5 Gates  6 Flip  7 Activity
//!  ■ BLOCKED 5 reasons   CAD gross 378.68 · unlinked 1,782.85                          ▶ reconciling 2026-05 …
//!  (the target is not inert)
//!  (marks of a run that counts for nothing)
//!  the screen
//!  (a word to the operator)
//!  ⏎ open  / filter  …  ? help  q quit
//! ```

mod chrome;
mod columns;
mod deciding;
mod overlay;
mod palette;
mod question;
pub mod signing;
pub mod tour;
mod typing;
mod waiving;

use super::layout::{LEAST, regions};
use super::model::{Loaded, Model, Screen};
use super::paint;
use super::screens::{activity, causes, flip, gates, import, overview, reconcile};
use super::theme::Meaning;
use crate::present::words::Signs;
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// Draws the model.
pub fn view(model: &Model, frame: &mut Frame<'_>) {
    let area = frame.area();
    if (area.width, area.height) != model.size {
        // The terminal changed between the message and the picture: everything is laid out for what it is now.
        return view(&Model { size: (area.width, area.height), ..model.clone() }, frame);
    }
    if let Some(paper) = model.setup.theme.paper() {
        frame.buffer_mut().set_style(area, paper);
    }
    if area.width < LEAST.0 || area.height < LEAST.1 {
        too_small(model, frame, area);
        return;
    }
    let parts = regions(model);
    chrome::header(model, frame, parts.header);
    chrome::tabs(model, frame, parts.tabs);
    chrome::strip(model, frame, parts.strip);
    chrome::alarm(model, frame, parts.alarm);
    chrome::marks(model, frame, parts.marks);
    body(model, frame, parts.body);
    chrome::notice(model, frame, parts.notice);
    chrome::footer(model, frame, parts.footer);
    overlay::draw(model, frame);
    if model.setup.theme.signs == Signs::Ascii {
        in_ascii(frame.buffer_mut());
    }
}

/// Replaces the punctuation this program itself writes, and what else is not ASCII by `?`: a terminal of another encoding would show
/// something else, and could take the bytes of a name for a command.
pub(super) fn in_ascii(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        let plain = match cell.symbol() {
            "·" | "│" => "|",
            "–" | "−" | "—" => "-",
            "…" => "~",
            "×" => "x",
            "≠" => "/",
            "⏎" => "E",
            "→" => ">",
            "←" => "<",
            "↑" => "^",
            "↓" => "v",
            symbol if symbol.is_ascii() => continue,
            _ => "?",
        };
        cell.set_symbol(plain);
    }
}

fn body(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    match model.screen {
        Screen::Overview => overview::draw(model, frame, area),
        Screen::Import => import::draw(model, frame, area),
        Screen::Reconcile => reconcile::draw(model, frame, area),
        Screen::Causes => causes::draw(model, frame, area),
        Screen::Gates => gates::draw(model, frame, area),
        Screen::Flip => flip::draw(model, frame, area),
        Screen::Activity => activity::draw(model, frame, area),
    }
}

/// Where there is no run to show: says why and what to do. True when it drew.
pub fn without_run(model: &Model, frame: &mut Frame<'_>, area: Rect) -> bool {
    let theme = model.setup.theme;
    if model.shown_run().is_some() {
        return false;
    }
    match (&model.trouble, model.loaded) {
        (Some(trouble), _) => paint::nothing(frame, theme, area, &trouble.what, &trouble.remedy),
        (None, Loaded::No) => paint::nothing(frame, theme, area, "Reading the workspace …", ""),
        (None, Loaded::Absent | Loaded::Yes) if model.setup.can_run => {
            paint::nothing(
                frame,
                theme,
                area,
                "Nothing was reconciled yet.",
                "Press r and type a month: both databases are read, read-only, and compared.",
            );
        }
        (None, _) => {
            let next = "Start in the directory of a dualrun.toml (-C DIR), make one with dualrun init, or look at dualrun demo.";
            paint::nothing(frame, theme, area, "There is no workspace here, and no project to reconcile.", next);
        }
    }
    true
}

fn too_small(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let text = format!("too small, need {}×{}", LEAST.0, LEAST.1);
    let wrapped = paint::wrap(&text, usize::from(area.width).max(1));
    let style = model.setup.theme.style(Meaning::Warning);
    paint::lines(frame, area, wrapped.into_iter().map(|l| Line::styled(l, style)).collect());
}

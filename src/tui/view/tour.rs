//! The stations of the short tour: what a screen is for, in a few words at its foot, the screen itself in sight.

use crate::tui::model::{Model, Screen};
use crate::tui::paint::{self, piece};
use crate::tui::theme::Meaning;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// A station.
pub struct Station {
    /// The screen that is seen.
    pub screen: Screen,
    /// Its title.
    pub title: &'static str,
    /// What is to be seen there.
    pub words: &'static str,
}

/// All of them, in order.
pub const STATIONS: [Station; 6] = [
    Station {
        screen: Screen::Overview,
        title: "Two systems bill the same customers",
        words: "The source bills today, the target shall bill tomorrow. Both are read, never written to, and compared month by month. This page \
                says how much of the invoiced money is covered, how far both sides are apart, and what blocks the flip.",
    },
    Station {
        screen: Screen::Reconcile,
        title: "Every subscription, every month",
        words: "A row is a subscription in a month: what was invoiced, what the target would bill, and the difference. Worst first. Enter \
                opens a row with its arithmetic, its documents and its history; / filters; w accepts a known difference, with a second person.",
    },
    Station {
        screen: Screen::Causes,
        title: "Why they differ",
        words: "Differences are named where the data proves a reason to the cent. What nothing explains stays open, and says so: an \
                explained difference is still no match. f shows which few corrections would close most.",
    },
    Station {
        screen: Screen::Gates,
        title: "Nobody flips alone",
        words: "The runbook's stages, in order. Each check keeps what was seen; two different people sign the same digest. Whatever changes \
                after that voids the signatures. Unknown never passes.",
    },
    Station {
        screen: Screen::Flip,
        title: "In waves, with a way back",
        words: "A small wave first. Every change has its inverse, the source is switched off before the target bills, and each wave asks for \
                a phrase. While anything blocks, nothing is applied.",
    },
    Station {
        screen: Screen::Overview,
        title: "Now yours",
        words: "1 to 7 change screens, arrows or j k move, Enter opens, Esc goes back one step. r reconciles a month. The last line always \
                names the keys that matter here, ? lists all of them, q leaves.",
    },
];

/// Draws a station at the foot of the screen, above the keys.
pub fn draw(model: &Model, frame: &mut Frame<'_>, at: usize) {
    let Some(station) = STATIONS.get(at) else { return };
    let (theme, area) = (model.setup.theme, frame.area());
    let width = area.width.saturating_sub(4).min(100);
    let mut lines: Vec<Line<'static>> = paint::wrap(station.words, usize::from(width).saturating_sub(4)).into_iter().map(Line::from).collect();
    let last = at + 1 == STATIONS.len();
    lines.push(Line::from(vec![
        piece(theme, Meaning::Accent, theme.signs.pick("→", ">")),
        Span::raw(if last { " ends the tour" } else { " goes on" }),
        piece(theme, Meaning::Muted, "     any other key leaves"),
    ]));
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2).min(area.height.saturating_sub(4));
    let rect = Rect { x: (area.width - width) / 2, y: area.height.saturating_sub(height + 1), width, height };
    let inner = super::overlay::in_frame(model, frame, &format!("{} of {} · {}", at + 1, STATIONS.len(), station.title), rect);
    paint::lines(frame, Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner }, lines);
}

//! Flip: first the shortest list of what blocks, then the waves, then the chosen one; a wave opens to its pack.
//!
//! ```text
//! ┌ What blocks the flip, 5 reasons ────────────────────────────────────────────────────────┐
//! │ ■ Integrity   coverage CAD 21.29 % of the invoiced money        1,782.85 CAD            │
//! └─────────────────────────────────────────────────────────────────────────────────────────┘
//! ┌ Waves, by run #14 of 2026-05 ────────────────────────────────────────────────────────────┐
//! │    WAVE  STATE       SUBS  FIRST INVOICES     LARGEST  NEXT                               │
//! │ ▸     1  ✓ applied      2      400.00 CAD  200.00 CAD  c first invoices · b backs it out  │
//! │       2  ◌ planned     10      860.95 CAD  200.00 CAD  d dry run · a applies it           │
//! └──────────────────────────────────────────────────────────────────────────────────────────┘
//! ┌ Wave 1 ──────────────────────────────────────────────────────────────────────────────────┐
//! │ way back  backing out now: 8 changes of 2 subscriptions undone; …                         │
//! └──────────────────────────────────────────────────────────────────────────────────────────┘
//! ```

pub mod blockers;
mod pack;
mod waves;
pub mod words;

use super::working;
use crate::present::numbers;
use crate::tui::model::Model;
use crate::tui::model::flip::FlipLine;
use crate::tui::paint::panel;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};

/// Lines of the job's panel.
const JOB: u16 = 5;
/// On fewer lines the job has no panel.
const TIGHT: u16 = 15;
/// From so many lines on, the chosen wave has a panel of its own.
const ROOMY: u16 = 26;

/// Draws the screen.
pub fn draw(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    // Where it is tight, the line above all screens tells of the job.
    let works = area.height >= TIGHT && model.job.as_ref().is_some_and(|job| job.ended.is_none() && job.asked.is_of_flip());
    let [area, job] = Layout::vertical([Constraint::Min(3), Constraint::Length(if works { JOB } else { 0 })]).areas(area);
    if works {
        working::draw(model, frame, job);
    }
    match (model.flip.open, model.flip_wave()) {
        (Some(scroll), Some((number, wave))) => pack::draw(model, frame, area, (number, wave, scroll)),
        _ => list(model, frame, area),
    }
}

fn list(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let theme = model.setup.theme;
    let blockers = model.flip_blockers();
    let wave = model.flip_wave();
    let chosen = if wave.is_some() && area.height >= ROOMY { 9 } else { 0 };
    let wanted = waves::height(model, usize::from(area.width.saturating_sub(2)));
    let room = area.height.saturating_sub(chosen);
    // What blocks comes first, and neither list pushes the other out.
    let n = u16::try_from(blockers.len()).unwrap_or(u16::MAX).max(1);
    let most = room.saturating_sub(wanted).max(room * 2 / 5);
    // Two lines each where there is room for them, else one, and the remedy of the selected.
    let top = if n.saturating_mul(2).saturating_add(2) <= most { n * 2 + 2 } else { most.min(n.saturating_add(3)) }.max(3);
    let [top, middle, bottom] = Layout::vertical([Constraint::Length(top), Constraint::Min(3), Constraint::Length(chosen)]).areas(area);
    let title = match blockers.len() {
        0 => "What blocks the flip".to_owned(),
        n => format!("What blocks the flip, {}", numbers::counted(n as u64, "reason", "reasons")),
    };
    let selected = match model.flip_line() {
        Some(FlipLine::Blocker(at)) => Some(at),
        _ => None,
    };
    let inner = panel(frame, theme, top, &title);
    blockers::list(model, frame, inner, (&blockers, selected));
    waves::draw(model, frame, middle);
    if let Some((number, wave)) = wave.filter(|_| chosen > 0) {
        pack::summary(model, frame, bottom, (number, wave));
    }
}

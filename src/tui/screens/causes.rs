//! Causes: named reasons of deltas. None are named in this version; what is unexplained is counted honestly.
//!
//! ```text
//! ┌ Causes ────────────────────────────────────────────────┐
//! │ No cause is named yet: 4 deltas are unexplained, …     │
//! └────────────────────────────────────────────────────────┘
//! ```

use crate::domain::run::RunState;
use crate::domain::verdict::Verdict;
use crate::present::{money, numbers};
use crate::tui::model::Model;
use crate::tui::paint::{nothing, panel};
use crate::tui::view::without_run;
use ratatui::Frame;
use ratatui::layout::Rect;

/// Draws the screen.
pub fn draw(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let inner = panel(frame, model.setup.theme, area, "Causes");
    if without_run(model, frame, inner) {
        return;
    }
    let Some(run) = model.shown_run() else { return };
    if !matches!(run.state, RunState::Complete | RunState::Incomplete) {
        let what = format!("Run #{} {}: nothing was compared, so there is nothing to explain yet.", run.id, run.state.word());
        nothing(frame, model.setup.theme, inner, &what, "Activity (7) says why; r reconciles again.");
        return;
    }
    let counts = &run.tally.counts;
    let open = counts.total() - counts.of(Verdict::Match) - counts.of(Verdict::WithinTolerance) - counts.of(Verdict::Unlinked);
    if open == 0 {
        nothing(frame, model.setup.theme, inner, "No row differs: there is nothing to explain.", "Unlinked documents are under Reconcile (3).");
        return;
    }
    let gross = money::list(run.tally.money.iter().filter(|(_, m)| m.gross != 0).map(|(c, m)| (*c, m.gross)));
    let rows = numbers::counted(open, "row is", "rows are");
    let what = format!("No cause is named yet: {rows} unexplained, {gross} gross. Naming causes comes with the review; nothing is guessed here.");
    nothing(frame, model.setup.theme, inner, &what, "Open a row in Reconcile (3) to see how each number came to be.");
}

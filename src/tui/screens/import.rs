//! Import: nothing is staged in this version, said plainly; the stage blocks.
//!
//! ```text
//! ┌ Import ────────────────────────────────────────────────┐
//! │ Nothing is staged. The staged import is not part of …  │
//! └────────────────────────────────────────────────────────┘
//! ```

use crate::tui::model::Model;
use crate::tui::paint::{nothing, panel};
use ratatui::Frame;
use ratatui::layout::Rect;

/// Draws the screen.
pub fn draw(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let inner = panel(frame, model.setup.theme, area, "Import");
    let what = "Nothing is staged; the plan of shadows to create, update or retire comes with the import, and until then this stage blocks the flip.";
    nothing(frame, model.setup.theme, inner, what, "What the target already holds is compared as it is: see Reconcile (3).");
}

//! Gates: the stages of the way with their outcome; of the selected one what it requires and what is missing.
//!
//! ```text
//! ┌ Stages, 1 of 7 hold ────────────┐┌ Reconcile ───────────────────────────────────────────┐
//! │ ✓ Connect    pass               ││ outcome   ✗ fail                                     │
//! │▸✗ Reconcile  fail               ││ state     2 match · 4 delta                          │
//! │ ◌ Gates      not run            ││ requires  a complete, full, current run …            │
//! └─────────────────────────────────┘│ missing   4 rows do not match        378.68 CAD      │
//!                                    │           → open Reconcile (3), worst first          │
//!                                    └──────────────────────────────────────────────────────┘
//! ```

use crate::app::standing::{Assessment, Stage, StageState};
use crate::present::columns::Align::Left;
use crate::present::money;
use crate::present::words::{outcome_label, outcome_sign};
use crate::tui::layout::WIDE;
use crate::tui::model::Model;
use crate::tui::paint::{cell, labelled, lines, panel, piece};
use crate::tui::theme::{Meaning, Theme};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;

/// Draws the screen.
pub fn draw(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let theme = model.setup.theme;
    let assessment = model.assessment();
    let [stages, chosen] = Layout::horizontal([Constraint::Length(stages_width(area.width)), Constraint::Min(20)]).areas(area);
    let hold = assessment.stages.iter().filter(|s| s.outcome.opens()).count();
    let inner = panel(frame, theme, stages, &format!("Stages, {hold} of {} hold", assessment.stages.len()));
    let selected = model.stage.at.min(assessment.stages.len().saturating_sub(1));
    let list = assessment.stages.iter().enumerate().map(|(i, s)| stage_line(theme, s, i == selected, usize::from(inner.width)));
    lines(frame, inner, list.collect());
    if let Some(stage) = assessment.stages.get(selected) {
        let inner = panel(frame, theme, chosen, stage.stage.word());
        lines(frame, inner, whole(theme, &assessment, stage, usize::from(inner.width)));
    }
}

/// Columns the list of stages takes of so many.
pub const fn stages_width(width: u16) -> u16 {
    if width >= WIDE { 36 } else { 30 }
}

fn stage_line(theme: Theme, stage: &StageState, selected: bool, width: usize) -> Line<'static> {
    let word = stage.outcome.word();
    let marker = if selected { theme.signs.pick("▸", ">") } else { " " };
    let spans = vec![
        piece(theme, Meaning::Accent, marker),
        piece(theme, Theme::outcome(word), format!("{} ", outcome_sign(word, theme.signs))),
        piece(theme, Meaning::Title, cell(stage.stage.word(), 11, Left)),
        piece(theme, Theme::outcome(word), cell(&outcome_label(word), width.saturating_sub(14), Left)),
    ];
    Line::from(spans).style(if selected { theme.style(Meaning::Selected) } else { ratatui::style::Style::new() })
}

/// What a stage needs before the next may count on it.
const fn required(stage: Stage) -> &'static str {
    match stage {
        Stage::Connect => "both databases reached, and each role proven unable to write",
        Stage::Integrity => "no blocking finding about the data itself, and coverage of the invoiced money at its floor or above",
        Stage::Import => "every shadow staged, loaded inert and read back: no rejected row",
        Stage::Reconcile => "a complete run of the whole month under the present configuration, in which every row matches",
        Stage::Review => "every difference and every unlinked document decided by somebody",
        Stage::Gates => "the runbook's checks held, and two different people signed one digest",
        Stage::Flip => "every stage above holds, for the same digest",
    }
}

fn whole(theme: Theme, assessment: &Assessment, stage: &StageState, width: usize) -> Vec<Line<'static>> {
    let word = stage.outcome.word();
    let mut out = Vec::new();
    let mut labelled = |label: &str, text: &str, meaning: Meaning| out.extend(labelled(theme, label, text, meaning, width));
    labelled("outcome", &format!("{} {}", outcome_sign(word, theme.signs), outcome_label(word)), Theme::outcome(word));
    labelled("state", &stage.summary, Meaning::Normal);
    labelled("requires", required(stage.stage), Meaning::Normal);
    labelled("", " ", Meaning::Normal);
    let missing: Vec<_> = assessment.blockers.iter().filter(|b| stage.stage == Stage::Flip || b.stage == stage.stage).collect();
    if missing.is_empty() {
        labelled("missing", if stage.outcome.opens() { "nothing" } else { "see the stages above" }, Meaning::Match);
    }
    for (i, b) in missing.into_iter().enumerate() {
        let money = money::list(b.money.iter().copied());
        let what = if stage.stage == Stage::Flip { format!("{}: {}", b.stage.word(), b.what) } else { b.what.clone() };
        let what = if money.is_empty() { what } else { format!("{what}, {money}") };
        labelled(if i == 0 { "missing" } else { "" }, &what, Meaning::Delta);
        labelled("", &format!("{} {}", theme.signs.pick("→", "->"), b.remedy), Meaning::Muted);
    }
    out
}

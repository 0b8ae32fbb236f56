//! Gates: the stages of the way with their outcome, the runbook's under theirs; of the selected one what it requires, what its checks
//! came to, who signed, and what is missing.
//!
//! ```text
//! ┌ Gates, 1 of 6 stages ───────────┐┌ Source truth ────────────────────────────────────────┐
//! │ ✓ Connect    pass               ││ outcome   ◌ not run                                  │
//! │ ✗ Reconcile  fail               ││ requires  the source's own data is sound             │
//! │ ◌ Gates      not run            ││ checks    ✓ no-orphans   pass    0 rows   3 min ago  │
//! │▸  ◌ truth    2 of 3             ││          ▸◌ coverage     not run never made          │
//! │   ◌ import   waits              ││ signed    ◌ finance      not signed                  │
//! └─────────────────────────────────┘└──────────────────────────────────────────────────────┘
//! ```

use crate::app::standing::{Assessment, CheckStanding, Stage, StageStanding, StageState};
use crate::domain::text::shown;
use crate::present::columns::Align::Left;
use crate::present::words::{outcome_label, outcome_sign};
use crate::present::{money, times};
use crate::tui::layout::WIDE;
use crate::tui::model::Model;
use crate::tui::model::gates::GateLine;
use crate::tui::model::table::window;
use crate::tui::paint::{cell, labelled, lines, panel, piece};
use crate::tui::theme::{Meaning, Theme};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;

/// Columns of the label before a fact.
const LABEL: usize = 10;

/// Draws the screen.
pub fn draw(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let theme = model.setup.theme;
    let assessment = model.assessment();
    let [stages, chosen] = Layout::horizontal([Constraint::Length(stages_width(area.width)), Constraint::Min(20)]).areas(area);
    let hold = assessment.stages.iter().filter(|s| s.outcome.opens()).count();
    let inner = panel(frame, theme, stages, &format!("Stages, {hold} of {} hold", assessment.stages.len()));
    let all = model.gate_lines();
    let selected = model.stage.at.min(all.len().saturating_sub(1));
    let from = window(0, selected, usize::from(inner.height), all.len());
    let width = usize::from(inner.width);
    let list = all.iter().enumerate().skip(from).map(|(i, line)| stage_line(model, &assessment, *line, (i == selected, width)));
    lines(frame, inner, list.collect());
    match all.get(selected) {
        Some(GateLine::Way(stage)) => {
            let inner = panel(frame, theme, chosen, stage.word());
            if let Some(stage) = assessment.stages.iter().find(|s| s.stage == *stage) {
                lines(frame, inner, whole(theme, &assessment, stage, usize::from(inner.width)));
            }
        }
        Some(GateLine::Runbook(_)) => {
            if let Some(stage) = model.gate_stage() {
                let inner = panel(frame, theme, chosen, &shown(&stage.title, 60));
                of_runbook(model, frame, inner, stage);
            }
        }
        None => {}
    }
}

/// Columns the list of stages takes of so many.
pub const fn stages_width(width: u16) -> u16 {
    if width >= WIDE { 36 } else { 30 }
}

fn stage_line(model: &Model, assessment: &Assessment, line: GateLine, (selected, width): (bool, usize)) -> Line<'static> {
    let theme = model.setup.theme;
    let (indent, name, outcome, words) = match line {
        GateLine::Way(stage) => {
            let state = assessment.stages.iter().find(|s| s.stage == stage);
            let outcome = state.map_or("not_run", |s| s.outcome.word());
            let words = state.filter(|_| stage == Stage::Gates).map(|s| s.summary.clone());
            ("", stage.word().to_owned(), outcome, words.unwrap_or_else(|| outcome_label(outcome)))
        }
        GateLine::Runbook(at) => {
            let stage = model.book.gates.as_ref().and_then(|gated| gated.standing.stages.get(at));
            let name = stage.map_or_else(String::new, |s| shown(&s.id, 40));
            ("  ", name, stage.map_or("not_run", |s| s.outcome.word()), stage.map_or_else(String::new, in_short))
        }
    };
    let marker = if selected { theme.signs.pick("▸", ">") } else { " " };
    let name_width = 11;
    let rest = width.saturating_sub(name_width + indent.len() + 3);
    let spans = vec![
        piece(theme, Meaning::Accent, marker),
        piece(theme, Theme::outcome(outcome), format!("{indent}{} ", outcome_sign(outcome, theme.signs))),
        piece(theme, Meaning::Title, cell(&name, name_width, Left)),
        piece(theme, Theme::outcome(outcome), cell(&words, rest, Left)),
    ];
    Line::from(spans).style(if selected { theme.style(Meaning::Selected) } else { ratatui::style::Style::new() })
}

/// How far a stage of the runbook is: its checks, then its signatures.
fn in_short(stage: &StageStanding) -> String {
    let (held, counted) = stage.held();
    match (stage.outcome.opens(), held == counted && counted > 0) {
        (true, _) => outcome_label(stage.outcome.word()),
        (false, true) => format!("{} of {} signed", stage.filled(), stage.seats.len()),
        (false, false) => format!("{held} of {counted} checks"),
    }
}

/// A stage of the runbook, the selected check kept in sight.
fn of_runbook(model: &Model, frame: &mut Frame<'_>, area: Rect, stage: &StageStanding) {
    let (theme, width) = (model.setup.theme, usize::from(area.width));
    let word = stage.outcome.word();
    let mut out = Vec::new();
    out.extend(labelled(theme, "outcome", &format!("{} {}", outcome_sign(word, theme.signs), outcome_label(word)), Theme::outcome(word), width));
    out.extend(labelled(theme, "state", &shown(&stage.summary, 400), Meaning::Normal, width));
    for (i, sentence) in stage.requires.iter().enumerate() {
        out.extend(labelled(theme, if i == 0 { "requires" } else { "" }, &shown(sentence, 400), Meaning::Normal, width));
    }
    out.push(Line::default());
    let mut at = out.len();
    for (i, check) in stage.checks.iter().enumerate() {
        let is_selected = model.check == Some(i);
        if is_selected {
            at = out.len();
        }
        out.push(check_line(model, check, (i == 0, is_selected), width));
        if is_selected && !check.outcome.opens() {
            out.extend(labelled(theme, "", &format!("    {}", shown(&check.why, 400)), Meaning::Muted, width));
        }
    }
    out.push(Line::default());
    out.extend(signatures(theme, stage, width));
    for forbidden in &stage.forbids {
        let place = if forbidden.environments.is_empty() { String::new() } else { format!(" (in {})", forbidden.environments.join(", ")) };
        out.extend(labelled(theme, "forbids", &shown(&format!("{}{place}", forbidden.action), 400), Meaning::Muted, width));
    }
    for (i, step) in stage.back_out.iter().enumerate() {
        out.extend(labelled(theme, if i == 0 { "back out" } else { "" }, &shown(step, 400), Meaning::Muted, width));
    }
    let from = window(0, at, usize::from(area.height), out.len());
    lines(frame, area, out.into_iter().skip(from).collect());
}

fn check_line(model: &Model, check: &CheckStanding, (first, selected): (bool, bool), width: usize) -> Line<'static> {
    let theme = model.setup.theme;
    let word = check.outcome.word();
    let age = check.observed_at.map_or_else(String::new, |at| times::relative(model.now, at));
    let told = format!("{}{}", if check.observe_only { "only observed: " } else { "" }, check.why);
    let (name, label, age_width) = (24.min(width / 4), 13, 13);
    let rest = width.saturating_sub(LABEL + 3 + name + label + age_width + 2);
    let marker = if selected { theme.signs.pick("▸", ">") } else { " " };
    let spans = vec![
        piece(theme, Meaning::Muted, cell(if first { " checks" } else { "" }, LABEL, Left)),
        piece(theme, Meaning::Accent, marker),
        piece(theme, Theme::outcome(word), format!("{} ", outcome_sign(word, theme.signs))),
        piece(theme, Meaning::Normal, cell(&check.check, name, Left)),
        piece(theme, Theme::outcome(word), format!(" {}", cell(&outcome_label(word), label - 1, Left))),
        piece(theme, Meaning::Normal, cell(&told, rest, Left)),
        piece(theme, Meaning::Muted, format!(" {}", cell(&age, age_width, Left))),
    ];
    Line::from(spans).style(if selected { theme.style(Meaning::Selected) } else { ratatui::style::Style::new() })
}

fn signatures(theme: Theme, stage: &StageStanding, width: usize) -> Vec<Line<'static>> {
    let mut out = Vec::new();
    for (i, seat) in stage.seats.iter().enumerate() {
        let label = if i == 0 { "signed" } else { "" };
        let (sign, told, meaning) = match &seat.signed {
            Some(by) => ("pass", by.told(), Meaning::Match),
            None => ("not_run", "not signed".to_owned(), Meaning::Muted),
        };
        let text = format!("{} {}: {}", outcome_sign(sign, theme.signs), shown(&seat.role, 30), shown(&told, 60));
        out.extend(labelled(theme, label, &text, meaning, width));
    }
    for void in &stage.void {
        let text = format!("{} as {} does not count: {}", shown(&void.person, 40), shown(&void.role, 30), shown(&void.why, 200));
        out.extend(labelled(theme, "", &text, Meaning::Delta, width));
    }
    for (who, why) in &stage.refused {
        out.extend(labelled(theme, "no-go", &format!("{}: {}", shown(who, 40), shown(why, 200)), Meaning::Delta, width));
    }
    out
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

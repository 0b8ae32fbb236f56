//! The lists of Activity, a line an item, and an item whole.

use crate::domain::decode::RowError;
use crate::domain::finding::{Finding, Weight};
use crate::domain::run::Run;
use crate::domain::text::shown;
use crate::domain::verdict::Verdict;
use crate::ports::workspace::JournalEntry;
use crate::present::columns::Align::{Left, Right};
use crate::present::words::{run_marks, state_sign, weight_sign};
use crate::present::{money, numbers, times};
use crate::tui::model::table::window;
use crate::tui::model::{Model, Pane};
use crate::tui::paint::{cell, lines, nothing, panel, piece};
use crate::tui::theme::{Meaning, Theme};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// Draws the list in use, its selected line kept in sight.
pub fn draw(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let theme = model.setup.theme;
    let of_run = model.shown_run().map_or_else(String::new, |r| format!(" of run #{}", r.id));
    let title = match model.pane {
        Pane::Findings | Pane::Rejected => format!("{}{of_run}", model.pane.title()),
        Pane::Runs | Pane::Journal => model.pane.title().to_owned(),
    };
    let inner = panel(frame, theme, area, &title);
    let len = model.pane_len(model.pane);
    if len == 0 {
        let (what, next) = empty(model);
        nothing(frame, theme, inner, what, next);
        return;
    }
    let selected = model.panes[model.pane.index()].at.min(len - 1);
    let height = usize::from(inner.height);
    let from = window(0, selected, height, len);
    let drawn = (from..len).take(height).filter_map(|i| {
        let line = item(model, i, usize::from(inner.width).saturating_sub(2))?;
        let marker = if i == selected { theme.signs.pick("▸ ", "> ") } else { "  " };
        let mut spans = vec![piece(theme, Meaning::Accent, marker)];
        spans.extend(line);
        Some(Line::from(spans).style(if i == selected { theme.style(Meaning::Selected) } else { Style::new() }))
    });
    lines(frame, inner, drawn.collect());
}

const fn empty(model: &Model) -> (&'static str, &'static str) {
    match model.pane {
        Pane::Runs => ("No run yet.", "r reconciles a month."),
        Pane::Findings => ("Nothing was found beside the rows.", "Findings name orphans, duplicate ids, unlinked money and the like."),
        Pane::Rejected => ("Every row could be read.", "Rows that cannot be read are listed here, and make a run incomplete."),
        Pane::Journal => ("The journal is empty.", "Every run and every decision is written there."),
    }
}

fn item(model: &Model, at: usize, width: usize) -> Option<Vec<Span<'static>>> {
    let theme = model.setup.theme;
    match model.pane {
        Pane::Runs => model.book.runs.get(at).map(|r| run(model, r, width)),
        Pane::Findings => model.shown_facts()?.findings.get(at).map(|f| finding(theme, f, width)),
        Pane::Rejected => model.shown_facts()?.rejected.get(at).map(|r| vec![piece(theme, Meaning::Delta, shown(&rejected(r), width))]),
        Pane::Journal => model.book.journal.get(at).map(|j| vec![piece(theme, Meaning::Normal, shown(&journal(j), width))]),
    }
}

fn run(model: &Model, run: &Run, width: usize) -> Vec<Span<'static>> {
    let theme = model.setup.theme;
    let marks = run_marks(run);
    let (word, meaning) = match (run.current, marks.is_empty()) {
        (true, _) => ("current".to_owned(), Meaning::Match),
        (false, true) => ("superseded".to_owned(), Meaning::Muted),
        (false, false) => (marks.join(" · ").to_lowercase(), Meaning::Warning),
    };
    let counts = &run.tally.counts;
    let sums = format!("{} match · {} delta", numbers::count(counts.of(Verdict::Match)), numbers::count(counts.of(Verdict::Delta)));
    let at = run.finished_at.unwrap_or(run.started_at);
    let head = format!(
        "{} {}  {} {}",
        cell(&format!("#{}", run.id), 6, Left),
        run.request.month,
        state_sign(run.state, theme.signs),
        cell(run.state.word(), 11, Left)
    );
    let age = cell(&times::relative(model.now, at), 12, Right);
    let mut spans = vec![piece(theme, Meaning::Normal, head)];
    if width < 105 {
        // Narrow: the sums give way to what makes a run count or not.
        spans.push(piece(theme, meaning, format!(" {}", cell(&word, width.saturating_sub(56).clamp(10, 36), Left))));
        spans.push(piece(theme, Meaning::Normal, format!("{} {age}", cell(&numbers::counted(counts.total(), "row", "rows"), 12, Right))));
        return spans;
    }
    let rows = cell(&numbers::counted(counts.total(), "row", "rows"), 14, Right);
    spans.push(piece(theme, meaning, format!(" {}", cell(&word, width.saturating_sub(98).clamp(10, 36), Left))));
    spans.push(piece(theme, Meaning::Normal, format!("{rows}  {} {age}", cell(&sums, 26, Left))));
    spans.push(piece(theme, Meaning::Muted, format!("  {}", shown(&run.request.actor, 14))));
    spans
}

const fn weight_meaning(weight: Weight) -> Meaning {
    match weight {
        Weight::Note => Meaning::Muted,
        Weight::Warning => Meaning::Warning,
        Weight::Blocking => Meaning::Delta,
    }
}

fn finding(theme: Theme, f: &Finding, width: usize) -> Vec<Span<'static>> {
    let meaning = weight_meaning(f.weight);
    let money = money::list(f.money.iter().map(|(c, m)| (*c, *m)));
    let head = format!("{} {} {} ", weight_sign(f.weight, theme.signs), cell(f.weight.word(), 8, Left), cell(f.side.word(), 6, Left));
    let count = cell(&numbers::count(f.count), 7, Right);
    let code = cell(&f.code.replace('_', " "), 24, Left);
    let used = 18 + 24 + 8 + 2;
    let money = if money.is_empty() { String::new() } else { format!("{money}  ") };
    let rest = shown(&format!("{money}{}", f.message), width.saturating_sub(used));
    vec![
        piece(theme, meaning, head),
        piece(theme, Meaning::Title, code),
        piece(theme, meaning, count),
        piece(theme, Meaning::Normal, format!("  {rest}")),
    ]
}

fn rejected(r: &RowError) -> String {
    format!("{} {} {}: {} = {}: {}", r.side, r.entity, r.id, r.column, r.raw, r.reason)
}

fn journal(j: &JournalEntry) -> String {
    format!("#{:<5} {}  {:<18} {:<12} {}", j.seq, times::to_the_second(j.at), shown(&j.kind, 18), shown(&j.actor, 12), j.facts)
}

/// The selected item of the list in use, whole: title and lines safe to print.
pub fn whole(model: &Model, at: usize) -> Option<(String, Vec<String>)> {
    match model.pane {
        Pane::Runs => None,
        Pane::Findings => {
            let f = model.shown_facts()?.findings.get(at)?;
            let mut out = vec![
                format!("{}, {}, {}", f.weight.word(), f.side.word(), numbers::counted(f.count, "case", "cases")),
                shown(&f.message, 1000),
                format!("→ {}", shown(&f.remedy, 1000)),
            ];
            if !f.money.is_empty() {
                out.push(format!("money {}", money::list(f.money.iter().map(|(c, m)| (*c, *m)))));
            }
            out.push(String::new());
            out.extend(f.ids.iter().map(|id| format!("  {}", id.shown(100))));
            if f.count > f.ids.len() as u64 {
                out.push(format!("  … and {} more", numbers::count(f.count - f.ids.len() as u64)));
            }
            Some((f.code.replace('_', " "), out))
        }
        Pane::Rejected => model.shown_facts()?.rejected.get(at).map(|r| ("Unreadable row".to_owned(), vec![shown(&rejected(r), 1000)])),
        Pane::Journal => {
            let j = model.book.journal.get(at)?;
            let facts = shown(&j.facts, 4000);
            let hash = format!("hash {}", shown(&j.hash, 64));
            let before = format!("before {}", shown(&j.previous, 64));
            let head = format!("{} by {}", shown(&j.kind, 60), shown(&j.actor, 60));
            Some((format!("Journal #{}", j.seq), vec![times::to_the_second(j.at), head, facts, before, hash]))
        }
    }
}

//! Import: what is staged, whether the target is inert, what an import would do, and each record of it.
//!
//! ```text
//! ┌ Import ──────────────────────────────────────┐┌ Is the target inert?  4 min ago, after a load ──┐
//! │ staged  145 records, read 2 h ago            ││ ✗ no payment token    2 (sub-1003)              │
//! │ last    #3 ! incomplete · ana · 4 min ago    ││ ✓ no mail queued      inert                     │
//! └──────────────────────────────────────────────┘└─────────────────────────────────────────────────┘
//! ┌ Plan, made just now ────────────────────────────────────────────────────────────────────────────┐
//! │                 read   create  update …            present  differs  missing  retire            │
//! │ subscriptions     87        6       1                   80        2        5       0            │
//! └─────────────────────────────────────────────────────────────────────────────────────────────────┘
//!  Changes 12  All 145  Filtered 81  Rejected 1  Parked 2  Retire 3
//!  filter: none (/)   sort: ID ▴                                                   row 1 of 12
//!   ENTITY   ID        NAME    CUR   MONEY   IMPORT     TARGET     DELIVERY   WHY
//! ▸ plans    pl-large  Large   CAD  200.00   = unchanged ≠ differs  ■ parked   flat_price 40 ≠ 50
//! ```

mod record;
pub mod story;
pub mod top;

use super::{reconcile, working};
use crate::domain::text::shown;
use crate::present::import::filter;
use crate::present::import::filter::LineFilter;
use crate::present::import::{ImportColumn, ImportRow};
use crate::present::numbers;
use crate::tui::keymap::{Command, Context};
use crate::tui::layout::{import_is_roomy, import_regions, view_spans, view_text};
use crate::tui::model::plan::View;
use crate::tui::model::table::window;
use crate::tui::model::{Loaded, Model};
use crate::tui::paint::{bar, lines, nothing, part, spread};
use crate::tui::sheet::{Lay, RowState, Sheet};
use crate::tui::theme::Meaning;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

/// Draws the screen.
pub fn draw(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let parts = import_regions(model, area);
    let working = model.job.as_ref().is_some_and(|j| j.ended.is_none() && j.asked.is_of_import());
    if parts.summary.height > 0 {
        top::summary(model, frame, parts.summary, import_is_roomy(area));
        top::lights(model, frame, parts.lights, import_is_roomy(area));
        if working {
            working::draw(model, frame, parts.plan);
        } else {
            top::plan(model, frame, parts.plan, import_is_roomy(area));
        }
    }
    if let Some(trouble) = &model.plan.trouble {
        let kept = if model.plan.shown.is_some() { " (shown: the last plan)" } else { "" };
        let remedy = if trouble.remedy.is_empty() { String::new() } else { format!(" — {}", trouble.remedy) };
        bar(frame, parts.trouble, &format!(" ! {}{remedy}{kept}", trouble.what), model.setup.theme.style(Meaning::Delta));
    }
    if parts.names.height > 0 {
        names(model, frame, parts.names);
    }
    match &model.plan.editing {
        Some(editing) => reconcile::edit_line(model, frame, parts.line, editing, filter::KNOWN),
        None => state_line(model, frame, parts.line),
    }
    table(model, frame, parts.table);
    if parts.record.height > 0 {
        record::draw(model, frame, parts.record);
    }
}

fn names(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let theme = model.setup.theme;
    let mut spans = vec![Span::raw(" ")];
    for (view, ..) in view_spans(model) {
        let chosen = view == model.plan.view;
        let meaning = match (chosen, view) {
            (true, _) => Meaning::Accent,
            (false, View::Parked) if model.plan.parked > 0 => Meaning::Delta,
            (false, View::Rejected) if model.plan.shown.as_ref().is_some_and(|s| s.count(view) > 0) => Meaning::Delta,
            _ => Meaning::Muted,
        };
        let style = theme.style(meaning);
        spans.push(Span::styled(view_text(model, view), if chosen { style.add_modifier(Modifier::REVERSED) } else { style }));
        spans.push(Span::raw(" "));
    }
    lines(frame, area, vec![Line::from(spans)]);
}

fn state_line(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let theme = model.setup.theme;
    let table = &model.plan;
    let text = filter::to_text(&table.filter);
    let (filter_text, meaning) = if text.is_empty() {
        (format!("none ({})", model.setup.keys.name(Context::Import, Command::EditFilter)), Meaning::Muted)
    } else {
        (shown(&text, 60), Meaning::Accent)
    };
    let (column, descending) = table.sort;
    let arrow = if descending { theme.signs.pick("▾", "v") } else { theme.signs.pick("▴", "^") };
    let left = vec![
        part(theme, meaning, format!("filter: {filter_text}"), 0),
        part(theme, Meaning::Muted, format!("sort: {} {arrow}", sort_word(column)), 4),
    ];
    let passing = numbers::count(table.items.len() as u64);
    let all = match (table.view, &table.shown) {
        (View::Parked, _) => model.plan.parked,
        (view, shown) => shown.as_ref().map_or(0, |s| s.count(view)),
    };
    let of_all = if all == table.items.len() as u64 { String::new() } else { format!(" (of {})", numbers::count(all)) };
    let place = if table.items.is_empty() {
        format!("no row{of_all}")
    } else {
        format!("row {} of {passing}{of_all}", numbers::count(table.selected as u64 + 1))
    };
    lines(frame, area, vec![spread(usize::from(area.width), left, vec![part(theme, Meaning::Title, place, 1)])]);
}

const fn sort_word(column: ImportColumn) -> &'static str {
    match column {
        ImportColumn::Money => "money",
        ImportColumn::Name => "name",
        ImportColumn::Fate => "import",
        ImportColumn::InTarget => "most pressing",
        _ => "entity, id",
    }
}

/// The rows drawn now, and the number of the first.
fn drawn(model: &Model, height: usize) -> (usize, Vec<ImportRow<'_>>) {
    let table = &model.plan;
    let from = window(table.offset, table.selected, height, table.items.len());
    let rows = (from..table.items.len()).take(height).filter_map(|at| table.row(at, &model.book.deliveries));
    (from, rows.collect())
}

fn sheet(model: &Model, rows: &[ImportRow<'_>], area: Rect) -> Sheet<ImportColumn> {
    Sheet::of(model.setup.theme, &Lay::plain(model.plan.columns(), Some(model.plan.sort)), rows, usize::from(area.width))
}

/// The column drawn at a place of the heading.
pub fn column_at(model: &Model, area: Rect, x: u16) -> Option<ImportColumn> {
    let (_, rows) = drawn(model, usize::from(area.height.saturating_sub(1)));
    sheet(model, &rows, area).column_at(usize::from(x.saturating_sub(area.x)))
}

fn table(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let (from, rows) = drawn(model, usize::from(area.height.saturating_sub(1)));
    if rows.is_empty() {
        let (what, next) = empty(model);
        nothing(frame, model.setup.theme, area, &what, &next);
        return;
    }
    let sheet = sheet(model, &rows, area);
    let mut out = vec![sheet.head()];
    out.extend(rows.into_iter().enumerate().map(|(i, row)| sheet.row(row, RowState { selected: from + i == model.plan.selected, marked: false })));
    lines(frame, area, out);
}

fn empty(model: &Model) -> (String, String) {
    let plan = &model.plan;
    let said = |what: &str, next: &str| (what.to_owned(), next.to_owned());
    let key = |context, command| model.setup.keys.name(context, command);
    if plan.filter != LineFilter::default() && (plan.shown.is_some() || plan.view == View::Parked) {
        let [clear, edit] = [Command::ClearFilter, Command::EditFilter].map(|c| key(Context::Import, c));
        return said("No row passes this filter.", &format!("{clear} takes the filter away, {edit} changes it."));
    }
    match (plan.view, &plan.shown) {
        (View::Parked, _) => said("Nothing is parked.", "What the target refuses, or three tries did not bring over, waits here for a word."),
        (_, None) if model.loaded == Loaded::No && model.trouble.is_none() => said("Reading the workspace …", ""),
        (_, None) if !model.setup.can_run => {
            said("There is no project here to import.", "Start in the directory of a dualrun.toml (-C DIR), or make one with dualrun init.")
        }
        (_, None) if model.job_runs() => {
            said("The lines of the plan stand here once both sides are read.", &format!("{} cancels the job.", key(Context::Global, Command::Cancel)))
        }
        (_, None) => {
            let next = format!(
                "{} reads both sides, read-only, and shows what an import would do; nothing is changed by it.",
                key(Context::Import, Command::Plan)
            );
            said("No plan was made yet.", &next)
        }
        (View::Changes, Some(_)) => said("Nothing would change: the staged copy and the target are as the source has it.", "All lists every record."),
        (View::Filtered, Some(_)) => said("Nothing is left out.", ""),
        (View::Rejected, Some(_)) => said("No record is refused.", ""),
        (View::Retire, Some(_)) => said("Nothing is in the target that should not be.", ""),
        (View::All, Some(_)) => said("Neither side has a record: this plan proves nothing.", "Check the queries with dualrun doctor."),
    }
}

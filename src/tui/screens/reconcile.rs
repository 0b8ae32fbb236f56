//! Reconcile: the table of rows, filtered and sorted, and the open row below it.
//!
//! ```text
//!  filter: verdict:delta money:>10     sort: at stake ▾     row 2 of 3 (of 9)   net +378.68 CAD   at stake 378.68 CAD
//!   VERDICT    SUBSCRIPTION  CUSTOMER   PLAN    PERIOD   CUR   ACTUAL  EXPECTED    DELTA ▾  CAUSE        REVIEW
//!   ✗ delta    sub-1001      Acme Ltd   Large   2026-05  CAD     9.13    200.00    +190.87  unexplained  open
//! ▸ ✗ delta    sub-1002      Bolt Inc   Large   2026-05  CAD    58.06    200.00    +141.94  unexplained  open
//! ┌ sub-1002 · Bolt Inc · 2026-05 ──────────────────────────────────────────────────────────────────────────────┐
//! │ expected                                          actual                                                     │
//! └──────────────────────────────────────────────────────────────────────────────────────────────────────────────┘
//! ```

mod detail;

use crate::domain::text::shown;
use crate::ports::workspace::{FilterTotals, RowLine, SortColumn};
use crate::present::columns::{Column, verdict_text};
use crate::present::fit::{GAP, fit};
use crate::present::{filter, money, numbers};
use crate::tui::layout::table_regions;
use crate::tui::model::table::window;
use crate::tui::model::{Editing, Model};
use crate::tui::paint::{cell, lines, nothing, part, piece, spread};
use crate::tui::theme::{Meaning, Theme};
use crate::tui::view::without_run;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// Columns the selection's marker takes.
const MARKER: u16 = 2;

/// Draws the screen.
pub fn draw(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    if without_run(model, frame, area) {
        return;
    }
    let parts = table_regions(model, area);
    match &model.table.editing {
        Some(editing) => edit_line(model, frame, parts.line, editing),
        None => state_line(model, frame, parts.line),
    }
    table(model, frame, parts.table);
    if parts.detail.height > 0 {
        detail::draw(model, frame, parts.detail);
    }
}

fn edit_line(model: &Model, frame: &mut Frame<'_>, area: Rect, editing: &Editing) {
    let theme = model.setup.theme;
    let width = usize::from(area.width).saturating_sub(10);
    let scroll = editing.input.visual_scroll(width);
    let visible: String = editing.input.value().chars().skip(scroll).collect();
    let input = Line::from(vec![piece(theme, Meaning::Accent, " filter: "), piece(theme, Meaning::Title, shown(&visible, width))]);
    let below = match &editing.error {
        Some(error) => {
            piece(theme, Meaning::Delta, format!(" {} {}", theme.signs.pick("✗", "x"), shown(error, usize::from(area.width).saturating_sub(4))))
        }
        None => piece(theme, Meaning::Muted, format!(" {}", shown(filter::KNOWN, usize::from(area.width).saturating_sub(2)))),
    };
    lines(frame, area, vec![input, Line::from(below)]);
    let cursor = u16::try_from(editing.input.visual_cursor().saturating_sub(scroll)).unwrap_or(0);
    frame.set_cursor_position((area.x + (9 + cursor).min(area.width.saturating_sub(1)), area.y));
}

fn state_line(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let theme = model.setup.theme;
    let table = &model.table;
    let text = filter::to_text(&table.filter);
    let (filter_text, meaning) = if text.is_empty() { ("none (/)".to_owned(), Meaning::Muted) } else { (shown(&text, 48), Meaning::Accent) };
    let arrow = if table.sort.descending { theme.signs.pick("▾", "v") } else { theme.signs.pick("▴", "^") };
    let left = vec![
        part(theme, meaning, format!("filter: {filter_text}"), 0),
        part(theme, Meaning::Muted, format!("sort: {} {arrow}", sort_word(table.sort.column)), 4),
    ];
    let mut right = Vec::new();
    if let Some(trouble) = &table.trouble {
        right.push(part(theme, Meaning::Delta, format!("! {}", shown(&trouble.what, 60)), 1));
    }
    if table.loading.is_some() {
        right.push(part(theme, Meaning::Muted, "loading …", 2));
    }
    right.push(part(theme, Meaning::Title, position(model), 3));
    if let Some(totals) = &table.totals {
        let (net, stake) = totals_text(totals);
        right.push(part(theme, Meaning::Normal, format!("net {net}"), 5));
        right.push(part(theme, Meaning::Normal, format!("at stake {stake}"), 6));
    }
    lines(frame, area, vec![spread(usize::from(area.width), left, right)]);
}

/// `row 2 of 3 (of 9)`: the selected row, those that pass the filter, all of the run.
fn position(model: &Model) -> String {
    let all = model.shown_run().map_or(0, |r| r.tally.counts.total());
    let passing = model.table.totals.as_ref().map_or_else(|| "?".to_owned(), |t| numbers::count(t.rows));
    let of_all = if model.table.totals.as_ref().is_some_and(|t| t.rows == all) { String::new() } else { format!(" (of {})", numbers::count(all)) };
    match model.table.base {
        Some(base) if !model.table.rows.is_empty() => format!("row {} of {passing}{of_all}", numbers::count(base + model.table.selected as u64 + 1)),
        _ => format!("{passing} rows{of_all}"),
    }
}

fn totals_text(totals: &FilterTotals) -> (String, String) {
    let net: Vec<String> = totals.money.iter().map(|(c, net, _)| format!("{} {c}", money::signed(*net, *c))).collect();
    let stake = money::list(totals.money.iter().map(|(c, _, stake)| (*c, *stake)));
    if net.is_empty() { ("–".to_owned(), "–".to_owned()) } else { (net.join(" · "), stake) }
}

const fn sort_word(column: SortColumn) -> &'static str {
    match column {
        SortColumn::Key => "subscription",
        SortColumn::AtStake => "at stake",
        SortColumn::Delta => "delta",
        SortColumn::Actual => "actual",
        SortColumn::Expected => "expected",
        SortColumn::Verdict => "verdict",
        SortColumn::Customer => "customer",
        SortColumn::Plan => "plan",
    }
}

/// The rows drawn now.
fn drawn(model: &Model, height: usize) -> (usize, Vec<&RowLine>) {
    let table = &model.table;
    let from = window(table.offset, table.selected, height, table.rows.len());
    (from, table.rows.iter().skip(from).take(height).map(|(_, row)| row).collect())
}

fn heading(model: &Model, column: Column) -> String {
    let shape = column.shape();
    if shape.sort.is_some() && shape.sort == Some(model.table.sort.column) {
        let signs = model.setup.theme.signs;
        let arrow = if model.table.sort.descending { signs.pick("▾", "v") } else { signs.pick("▴", "^") };
        return format!("{} {arrow}", shape.heading);
    }
    shape.heading.to_owned()
}

/// A cell for people, its number padded so that decimal points stand under each other.
fn text(model: &Model, column: Column, row: &RowLine, decimals: usize) -> String {
    if column == Column::Verdict {
        return verdict_text(row, model.setup.theme.signs);
    }
    let text = column.text(row);
    if column.is_number() { format!("{text}{}", " ".repeat(decimals.saturating_sub(decimals_of(&text)))) } else { text }
}

/// Columns from the decimal point to the end.
fn decimals_of(text: &str) -> usize {
    text.rfind('.').map_or(0, |at| text.len() - at)
}

struct Laid {
    columns: Vec<(Column, usize)>,
    /// Columns after the decimal point, by number column.
    decimals: Vec<usize>,
}

fn lay(model: &Model, rows: &[&RowLine], width: usize) -> Laid {
    let decimals = |c: Column| if c.is_number() { rows.iter().map(|r| decimals_of(&c.text(r))).max().unwrap_or(0) } else { 0 };
    let natural = |c: Column| {
        let d = decimals(c);
        rows.iter().map(|r| text(model, c, r, d).width()).chain([heading(model, c).width()]).max().unwrap_or(0)
    };
    let columns = fit(&Column::TABLE, width, natural);
    let decimals = columns.iter().map(|(c, _)| decimals(*c)).collect();
    Laid { columns, decimals }
}

/// The column drawn at a place of the heading.
pub fn column_at(model: &Model, area: Rect, x: u16) -> Option<Column> {
    let (_, rows) = drawn(model, usize::from(area.height.saturating_sub(1)));
    let mut from = usize::from(area.x + MARKER);
    for (column, width) in lay(model, &rows, usize::from(area.width.saturating_sub(MARKER))).columns {
        if (from..from + width + GAP).contains(&usize::from(x)) {
            return Some(column);
        }
        from += width + GAP;
    }
    None
}

fn table(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let theme = model.setup.theme;
    let (from, rows) = drawn(model, usize::from(area.height.saturating_sub(1)));
    if rows.is_empty() {
        empty(model, frame, area);
        return;
    }
    let laid = lay(model, &rows, usize::from(area.width.saturating_sub(MARKER)));
    let head = laid.columns.iter().map(|(c, w)| cell(&heading(model, *c), *w, c.shape().align)).collect::<Vec<_>>().join(&" ".repeat(GAP));
    let mut out = vec![Line::from(piece(theme, Meaning::Title, format!("  {head}")))];
    for (i, row) in rows.into_iter().enumerate() {
        out.push(row_line(model, row, &laid, from + i == model.table.selected, usize::from(area.width)));
    }
    lines(frame, area, out);
}

fn row_line(model: &Model, row: &RowLine, laid: &Laid, selected: bool, width: usize) -> Line<'static> {
    let theme = model.setup.theme;
    let marker = if selected { theme.signs.pick("▸ ", "> ") } else { "  " };
    let mut spans = vec![piece(theme, Meaning::Accent, marker)];
    for (i, (column, w)) in laid.columns.iter().enumerate() {
        let text = cell(&text(model, *column, row, laid.decimals[i]), *w, column.shape().align);
        let meaning = match column {
            Column::Verdict => Theme::verdict(row.verdict),
            Column::DeltaNet if row.delta.is_some_and(|d| d != 0) => Meaning::Delta,
            Column::SubscriptionId => Meaning::Title,
            Column::Period | Column::Basis | Column::Currency | Column::Review | Column::Documents => Meaning::Muted,
            _ => Meaning::Normal,
        };
        spans.push(piece(theme, meaning, text));
        spans.push(Span::raw(" ".repeat(GAP)));
    }
    if selected {
        let used: usize = spans.iter().map(Span::width).sum();
        spans.push(Span::raw(" ".repeat(width.saturating_sub(used))));
        return Line::from(spans).style(theme.style(Meaning::Selected));
    }
    Line::from(spans)
}

fn empty(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let theme = model.setup.theme;
    let run = model.shown_run();
    let filtered = model.table.filter != crate::ports::workspace::RowFilter::default();
    match (&model.table.trouble, model.table.loading, filtered) {
        (Some(trouble), ..) => nothing(frame, theme, area, &format!("The rows could not be read: {}", trouble.what), &trouble.remedy),
        (None, Some(_), _) => nothing(frame, theme, area, "Reading rows …", ""),
        (None, None, true) => nothing(frame, theme, area, "No row passes this filter.", "c takes the filter away, / changes it."),
        (None, None, false) if run.is_some_and(|r| r.tally.counts.total() == 0) => {
            nothing(
                frame,
                theme,
                area,
                "This run has no rows: it proves nothing.",
                "Check the month and the queries (dualrun doctor), then reconcile again (r).",
            );
        }
        (None, None, false) => nothing(frame, theme, area, "This run kept no rows.", "Only runs that ended well keep them; reconcile again (r)."),
    }
}

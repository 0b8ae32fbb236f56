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
use crate::ports::workspace::{FilterTotals, RowFilter, RowLine, SortColumn};
use crate::present::columns::Column;
use crate::present::{filter, money, numbers};
use crate::tui::keymap::{Command, Context};
use crate::tui::layout::table_regions;
use crate::tui::model::lineup::Lineup;
use crate::tui::model::table::window;
use crate::tui::model::{Editing, Model};
use crate::tui::paint::{lines, nothing, part, piece, spread};
use crate::tui::sheet::{Lay, RowState, Sheet, sorted};
use crate::tui::theme::{Meaning, Theme};
use crate::tui::view::without_run;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// Draws the screen.
pub fn draw(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    if without_run(model, frame, area) {
        return;
    }
    let parts = table_regions(model, area);
    match &model.table.editing {
        Some(editing) => edit_line(model, frame, parts.line, editing, filter::KNOWN),
        None => state_line(model, frame, parts.line),
    }
    table(model, frame, parts.table);
    if parts.detail.height > 0 {
        detail::draw(model, frame, parts.detail);
    }
}

/// A filter being typed, and what is wrong with it or known.
pub fn edit_line(model: &Model, frame: &mut Frame<'_>, area: Rect, editing: &Editing, known: &str) {
    let theme = model.setup.theme;
    let width = usize::from(area.width).saturating_sub(10);
    let scroll = editing.input.visual_scroll(width);
    let visible: String = editing.input.value().chars().skip(scroll).collect();
    let mut input = vec![piece(theme, Meaning::Accent, " filter: ")];
    input.extend(typed(theme, &visible, editing.wrong.map(|at| at.saturating_sub(scroll)), width));
    let room = usize::from(area.width).saturating_sub(4);
    let below = match (&editing.error, editing.offers.is_empty()) {
        (_, false) => offered(theme, &model.setup.keys.name(Context::Filter, Command::CompleteWord), editing, room),
        (Some(error), true) => vec![piece(theme, Meaning::Delta, format!(" {} {}", theme.signs.pick("✗", "x"), shown(error, room)))],
        (None, true) => vec![piece(theme, Meaning::Muted, format!(" {}", shown(known, room)))],
    };
    lines(frame, area, vec![Line::from(input), Line::from(below)]);
    let cursor = u16::try_from(editing.input.visual_cursor().saturating_sub(scroll)).unwrap_or(0);
    frame.set_cursor_position((area.x + (9 + cursor).min(area.width.saturating_sub(1)), area.y));
}

/// What is typed; from where it is wrong on, up to the end of that word, it is told apart.
fn typed(theme: Theme, text: &str, wrong: Option<usize>, width: usize) -> Vec<Span<'static>> {
    let Some(at) = wrong.filter(|at| *at < text.chars().count()) else { return vec![piece(theme, Meaning::Title, shown(text, width))] };
    let before: String = text.chars().take(at).collect();
    let word: String = text.chars().skip(at).take_while(|c| !c.is_whitespace()).collect();
    let after: String = text.chars().skip(at + word.chars().count()).collect();
    let wrong = Span::styled(shown(&word, width), theme.style(Meaning::Delta).add_modifier(Modifier::UNDERLINED));
    vec![piece(theme, Meaning::Title, shown(&before, width)), wrong, piece(theme, Meaning::Title, shown(&after, width))]
}

/// What the word could become; the first is the one that is taken.
fn offered(theme: Theme, key: &str, editing: &Editing, room: usize) -> Vec<Span<'static>> {
    let mut spans = vec![piece(theme, Meaning::Accent, format!(" {key} "))];
    let mut used = key.width() + 2;
    for (i, offer) in editing.offers.iter().enumerate() {
        let word = shown(&offer.word, 40);
        used += word.width() + 2;
        if used > room && i > 0 {
            break;
        }
        spans.push(piece(theme, if i == 0 { Meaning::Title } else { Meaning::Muted }, format!("{word}  ")));
    }
    spans
}

fn state_line(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let theme = model.setup.theme;
    let table = &model.table;
    let text = filter::to_text(&table.filter);
    let (filter_text, meaning) = if text.is_empty() {
        (format!("none ({})", model.setup.keys.name(Context::Table, Command::EditFilter)), Meaning::Muted)
    } else {
        (shown(&text, 48), Meaning::Accent)
    };
    let arrow = if table.sort.descending { theme.signs.pick("▾", "v") } else { theme.signs.pick("▴", "^") };
    let mut left = vec![
        part(theme, meaning, format!("filter: {filter_text}"), 0),
        part(theme, Meaning::Muted, format!("sort: {} {arrow}", sort_word(table.sort.column)), 4),
    ];
    if !table.marks.is_empty() {
        let count = table.marks.count(table.whole_totals().map(|t| t.rows)).map_or_else(|| "?".to_owned(), numbers::count);
        left.push(part(theme, Meaning::Accent, format!("{} {count} marked", theme.signs.pick("●", "*")), 1));
    }
    if table.lineup.first > 0 {
        let all = table.lineup.shown().len();
        left.push(part(theme, Meaning::Muted, format!("columns {} to {all}", table.lineup.first + 2), 3));
    }
    let mut right = Vec::new();
    if let Some(trouble) = &table.trouble {
        right.push(part(theme, Meaning::Delta, format!("! {}", shown(&trouble.what, 60)), 1));
    }
    if table.is_waited_for() {
        right.push(part(theme, Meaning::Muted, awaited(model, "loading …"), 2));
    }
    if let Some((rows, of)) = table.adding {
        right.push(part(theme, Meaning::Muted, format!("so far, {} of {} rows", numbers::count(rows), numbers::count(of)), 2));
    }
    right.push(part(theme, Meaning::Title, position(model), 3));
    if let Some(totals) = &table.totals {
        let (net, stake) = totals_text(totals);
        right.push(part(theme, Meaning::Normal, format!("net {net}"), 5));
        right.push(part(theme, Meaning::Normal, format!("at stake {stake}"), 6));
    }
    lines(frame, area, vec![spread(usize::from(area.width), left, right)]);
}

/// `sorting … 420,000 of 1,000,000` while the run is looked through.
fn awaited(model: &Model, word: &str) -> String {
    let doing = if model.table.filter == RowFilter::default() { "sorting" } else { "filtering" };
    model.table.looked.map_or_else(|| word.to_owned(), |(rows, of)| format!("{doing} … {} of {}", numbers::count(rows), numbers::count(of)))
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

/// The column drawn at a place of the heading.
pub fn column_at(model: &Model, area: Rect, x: u16) -> Option<Column> {
    let (_, rows) = drawn(model, usize::from(area.height.saturating_sub(1)));
    sheet(model, &rows, area).column_at(usize::from(x.saturating_sub(area.x)))
}

fn sheet(model: &Model, rows: &[&RowLine], area: Rect) -> Sheet<Column> {
    let (lineup, columns) = (&model.table.lineup, model.table.lineup.shown());
    let lay = Lay {
        columns: &columns,
        sort: sorted(model.table.sort),
        scrolled: Some((Lineup::STICKY, lineup.first)),
        width: &|column| lineup.width(column),
        marks: !model.table.marks.is_empty(),
    };
    Sheet::of(model.setup.theme, &lay, rows, usize::from(area.width))
}

fn table(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let (from, rows) = drawn(model, usize::from(area.height.saturating_sub(1)));
    if rows.is_empty() {
        empty(model, frame, area);
        return;
    }
    let sheet = sheet(model, &rows, area);
    let mut out = vec![sheet.head()];
    let state = |i, row: &RowLine| RowState { selected: from + i == model.table.selected, marked: model.table.marks.has(row.seq) };
    out.extend(rows.into_iter().enumerate().map(|(i, row)| sheet.row(row, state(i, row))));
    lines(frame, area, out);
}

fn empty(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let theme = model.setup.theme;
    let run = model.shown_run();
    let filtered = model.table.filter != RowFilter::default();
    match (&model.table.trouble, model.table.loading, filtered) {
        (Some(trouble), ..) => nothing(frame, theme, area, &format!("The rows could not be read: {}", trouble.what), &trouble.remedy),
        (None, Some(_), _) => nothing(frame, theme, area, &awaited(model, "Reading rows …"), ""),
        (None, None, true) => {
            let [clear, edit] = [Command::ClearFilter, Command::EditFilter].map(|c| model.setup.keys.name(Context::Table, c));
            nothing(frame, theme, area, "No row passes this filter.", &format!("{clear} takes the filter away, {edit} changes it."));
        }
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

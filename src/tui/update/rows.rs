//! The table of rows and the open row.

use super::{columns, complete, decide, palette, seek, waive};
use crate::domain::period::Month;
use crate::ports::workspace::{PageFrom, PageRequest, RowFilter, SortColumn};
use crate::present::filter;
use crate::tui::keymap::Command;
use crate::tui::layout;
use crate::tui::model::decide::Verb;
use crate::tui::model::marks::Marks;
use crate::tui::model::palette::Aim;
use crate::tui::model::table::PAGE;
use crate::tui::model::{Detail, Editing, Model, Place, Screen};
use crate::tui::msg::Effect;

/// Rows asked for at least.
const LEAST: usize = 64;

/// Obeys a command on the Reconcile screen.
pub fn obey(model: &mut Model, command: Command) -> Vec<Effect> {
    if model.table.editing.is_some() {
        return edit(model, command);
    }
    if model.detail.is_some() && matches!(command, Command::Up | Command::Down | Command::PageUp | Command::PageDown | Command::Top) {
        return scroll_detail(model, command);
    }
    let before = model.table.look();
    let effects = obey_table(model, command);
    if !matches!(command, Command::Undo) {
        decide::remember_look(model, before);
    }
    effects
}

fn obey_table(model: &mut Model, command: Command) -> Vec<Effect> {
    let height = layout::table_height(model);
    let page = isize::try_from(height.saturating_sub(1).max(1)).unwrap_or(1);
    match command {
        Command::Up => step(model, -1),
        Command::Down => step(model, 1),
        Command::PageUp => step(model, -page),
        Command::PageDown => step(model, page),
        Command::Top => jump(model, Place::Start),
        Command::Bottom => jump(model, Place::End),
        Command::NextRow => neighbour(model, 1),
        Command::PreviousRow => neighbour(model, -1),
        Command::Open => open(model),
        Command::Back => {
            model.detail = None;
            keep_visible(model);
            Vec::new()
        }
        Command::Export => export(model),
        Command::Note => decide::open(model, Verb::Note),
        Command::Own => decide::open(model, Verb::Own),
        Command::Resolve => decide::open(model, Verb::Resolve),
        Command::Reopen => decide::open(model, Verb::Reopen),
        Command::Waive => waive::open(model),
        Command::Mark => mark(model),
        Command::MarkAll => {
            if model.table.run.is_some() {
                model.table.marks.turn_around();
            }
            Vec::new()
        }
        Command::Jump => palette::open(model, Aim::Jump),
        Command::NextHit => seek::again(model, true),
        Command::PreviousHit => seek::again(model, false),
        Command::Views => palette::open(model, Aim::Views),
        Command::ExportView => palette::open(model, Aim::Files),
        Command::Columns => columns::open(model),
        Command::ColumnsLeft => scroll_columns(model, -1),
        Command::ColumnsRight => scroll_columns(model, 1),
        Command::EditFilter => {
            model.table.editing = Some(Editing::of(filter::to_text(&model.table.filter)));
            complete::look(model);
            Vec::new()
        }
        // One level further in than the filter: marks go first.
        Command::ClearFilter if !model.table.marks.is_empty() => {
            model.table.marks = Marks::default();
            Vec::new()
        }
        // With no filter left to take away, one level further out is the month's current run.
        Command::ClearFilter if model.table.filter == RowFilter::default() && model.chosen.is_some() => super::commands::show_run(model, None),
        Command::ClearFilter => apply(model, ""),
        Command::NextVerdict => {
            model.table.next_verdict();
            reload(model, Place::Start)
        }
        Command::NextSort => {
            model.table.next_sort();
            reload(model, Place::Start)
        }
        Command::ReverseSort => {
            model.table.sort.descending = !model.table.sort.descending;
            reload(model, Place::Start)
        }
        _ => Vec::new(),
    }
}

fn edit(model: &mut Model, command: Command) -> Vec<Effect> {
    match command {
        Command::Back => {
            model.table.editing = None;
            Vec::new()
        }
        Command::Open => {
            let text = model.table.editing.as_ref().map(|e| e.input.value().to_owned()).unwrap_or_default();
            let before = model.table.look();
            let effects = apply(model, &text);
            decide::remember_look(model, before);
            effects
        }
        Command::CompleteWord => {
            complete::take(model);
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// Says while typing what a filter lacks, and where.
pub fn check_filter(editing: &mut Editing) {
    let error = filter::parse(editing.input.value()).err();
    editing.wrong = error.as_ref().map(|e| e.at);
    editing.error = error.map(|e| e.to_string());
}

fn apply(model: &mut Model, text: &str) -> Vec<Effect> {
    match filter::parse(text) {
        Ok(filter) => {
            let same = filter == model.table.filter;
            model.table.editing = None;
            model.table.set_filter(filter);
            if same { Vec::new() } else { reload(model, Place::Start) }
        }
        Err(error) => {
            if let Some(editing) = &mut model.table.editing {
                editing.error = Some(error.to_string());
            }
            Vec::new()
        }
    }
}

/// Goes to the table, filtered so, worst first.
pub fn show_filtered(model: &mut Model, text: &str) -> Vec<Effect> {
    model.screen = Screen::Reconcile;
    model.detail = None;
    model.table.editing = None;
    model.table.sort_by(SortColumn::AtStake);
    model.table.set_filter(filter::parse(text).unwrap_or_default());
    reload(model, Place::Start)
}

/// Sorts by a column; by the same again turns it around.
pub fn sort_by(model: &mut Model, column: SortColumn) -> Vec<Effect> {
    if model.table.sort.column == column {
        model.table.sort.descending = !model.table.sort.descending;
    } else {
        model.table.sort_by(column);
    }
    reload(model, Place::Start)
}

/// Makes table and facts follow the shown run, where it changed.
pub fn follow_run(model: &mut Model) -> Vec<Effect> {
    let shown = model.shown_run().map(|r| r.id);
    let mut wanted: Vec<i64> = [shown, model.current_run().or_else(|| model.latest_run()).map(|r| r.id)].into_iter().flatten().collect();
    wanted.dedup();
    let mut effects: Vec<Effect> = wanted.into_iter().filter(|id| !model.facts.contains_key(id)).map(Effect::LoadFacts).collect();
    if model.table.run != shown {
        model.table.run = shown;
        model.table.rows.clear();
        model.table.totals = None;
        model.table.trouble = None;
        model.table.base = None;
        model.table.marks = Marks::default();
        decide::forget_marks(model);
        model.detail = None;
        effects.extend(shown.map(Effect::LoadWorst));
        effects.extend(reload(model, Place::Start));
    }
    effects
}

/// Reads the table anew, from its first or its last row.
pub fn reload(model: &mut Model, place: Place) -> Vec<Effect> {
    let from = if place == Place::End { PageFrom::End } else { PageFrom::Start };
    let page = request(model, place, from);
    page.into_iter().chain(total(model)).collect()
}

/// Adds the filter up anew.
pub fn total(model: &mut Model) -> Vec<Effect> {
    let Some(run) = model.table.run else { return Vec::new() };
    let ticket = model.next_ticket();
    model.table.totals_ticket = ticket;
    model.table.adding = None;
    vec![Effect::LoadTotals { ticket, run, filter: model.table.filter.clone() }]
}

/// Reads the rows at hand anew, where they may stand otherwise now; the selected one stays selected as far as it can.
pub fn reread(model: &mut Model) -> Vec<Effect> {
    if model.table.run.is_none() || model.table.rows.is_empty() {
        return Vec::new();
    }
    let key = model.table.selected_row().map(|row| row.key.raw().to_owned());
    let mut effects = total(model);
    match key.filter(|_| model.table.base != Some(0) || model.table.selected > 0) {
        Some(key) => effects.extend(seek::stay_at(model, key)),
        None => effects.extend(request(model, Place::Start, PageFrom::Start)),
    }
    effects
}

fn mark(model: &mut Model) -> Vec<Effect> {
    let Some(row) = model.table.selected_row() else { return Vec::new() };
    let seq = row.seq;
    model.table.marks.toggle(seq);
    // The next one is marked by the same key.
    if model.detail.is_none() { step(model, 1) } else { Vec::new() }
}

fn scroll_columns(model: &mut Model, by: isize) -> Vec<Effect> {
    model.table.lineup.scroll(by);
    Vec::new()
}

fn request(model: &mut Model, place: Place, from: PageFrom) -> Option<Effect> {
    let run = model.table.run?;
    let ticket = model.next_ticket();
    model.table.loading = Some(ticket);
    model.table.looked = None;
    model.table.ahead = matches!(place, Place::Below | Place::Above);
    // What replaces the rows at hand is waited for: little more than is drawn. What is put to them is there before it is needed.
    let limit = if model.table.ahead { PAGE } else { (layout::table_height(model) * 2).clamp(LEAST, PAGE) };
    let request = PageRequest { run, filter: model.table.filter.clone(), sort: model.table.sort, from, limit };
    Some(Effect::LoadPage { ticket, place, request })
}

/// Selects the row that was selected when the program last ended: among the rows that came, else by its place in the same run. A
/// row of another run is found by its key, where it is among the first.
pub fn find_again(model: &mut Model) -> Vec<Effect> {
    let Some(row) = model.recalled.take() else { return Vec::new() };
    let is_same = model.table.run == Some(row.run);
    let found = model.table.rows.iter().position(|(at, line)| if is_same { at.seq == row.cursor.seq } else { line.key.raw() == row.key });
    if let Some(at) = found {
        model.table.selected = at;
        keep_visible(model);
        return Vec::new();
    }
    if is_same && model.table.more_after { request(model, Place::From, PageFrom::At(row.cursor)).into_iter().collect() } else { Vec::new() }
}

fn step(model: &mut Model, by: isize) -> Vec<Effect> {
    let height = layout::table_height(model);
    let wanted = model.table.step(by, height);
    wanted.and_then(|(place, from)| request(model, place, from)).into_iter().collect()
}

fn jump(model: &mut Model, place: Place) -> Vec<Effect> {
    let (elsewhere, by) = if place == Place::End { (model.table.more_after, isize::MAX) } else { (model.table.more_before, isize::MIN) };
    if elsewhere {
        let from = if place == Place::End { PageFrom::End } else { PageFrom::Start };
        return request(model, place, from).into_iter().collect();
    }
    step(model, by)
}

fn keep_visible(model: &mut Model) {
    let height = layout::table_height(model);
    model.table.keep_visible(height);
}

fn neighbour(model: &mut Model, by: isize) -> Vec<Effect> {
    let before = model.table.selected;
    let mut effects = step(model, by);
    if model.table.selected != before && model.detail.is_some() {
        effects.extend(open(model));
    }
    effects
}

/// Opens the selected row.
pub fn open(model: &mut Model) -> Vec<Effect> {
    let (Some(run), Some(row)) = (model.table.run, model.table.selected_row()) else { return Vec::new() };
    let (seq, key) = (row.seq, row.key.raw().to_owned());
    let months: Vec<(Month, i64)> = model.book.current.iter().map(|r| (r.request.month, r.id)).collect();
    let ticket = model.next_ticket();
    model.detail = Some(Detail { seq, ticket, ..Detail::default() });
    keep_visible(model);
    vec![Effect::LoadDetail { ticket, run, seq, key, months }]
}

/// Writes the open row as a case, once it is there whole.
fn export(model: &Model) -> Vec<Effect> {
    let open = model.detail.as_ref().filter(|detail| detail.row.is_some());
    open.zip(model.table.run).map(|(detail, run)| Effect::Export { run, seq: detail.seq }).into_iter().collect()
}

fn scroll_detail(model: &mut Model, command: Command) -> Vec<Effect> {
    if let Some(detail) = &mut model.detail {
        detail.scroll = match command {
            Command::Up => detail.scroll.saturating_sub(1),
            Command::PageUp => detail.scroll.saturating_sub(10),
            Command::Down => detail.scroll.saturating_add(1),
            Command::PageDown => detail.scroll.saturating_add(10),
            _ => 0,
        }
        .min(2000);
    }
    Vec::new()
}

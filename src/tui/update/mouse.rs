//! The mouse: clicks on tabs, rows and headings, and the wheel.

use super::{commands, import, rows};
use crate::tui::keymap::Command;
use crate::tui::layout;
use crate::tui::model::plan::PlanTable;
use crate::tui::model::table::window;
use crate::tui::model::{Model, Overlay, Screen, Selection};
use crate::tui::msg::Effect;
use crate::tui::screens::flip::blockers;
use crate::tui::screens::{activity, causes, gates, reconcile};
use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Margin, Position, Rect};

/// Answers the mouse.
pub fn point(model: &mut Model, event: MouseEvent) -> Vec<Effect> {
    match event.kind {
        MouseEventKind::ScrollUp => commands::obey(model, Command::Up),
        MouseEventKind::ScrollDown => commands::obey(model, Command::Down),
        MouseEventKind::Down(MouseButton::Left) if model.overlays.is_empty() => click(model, Position::new(event.column, event.row)),
        MouseEventKind::Down(MouseButton::Left) => click_on_top(model, Position::new(event.column, event.row)),
        _ => Vec::new(),
    }
}

/// A line of a list on top is selected, and done when it was already. Questions are answered by keys only: a click is no yes.
fn click_on_top(model: &mut Model, at: Position) -> Vec<Effect> {
    let (list, selected, len) = match model.overlays.last() {
        Some(Overlay::Palette(of)) => (layout::palette_list(model, of), of.at, of.found.len()),
        Some(Overlay::Columns(of)) => (layout::columns_list(model), of.at, model.table.lineup.columns.len()),
        _ => return Vec::new(),
    };
    let height = usize::from(list.height);
    let index = window(0, selected, height, len) + usize::from(at.y.saturating_sub(list.y));
    if !list.contains(at) || index >= len {
        return Vec::new();
    }
    let again = selected == index;
    match model.overlays.last_mut() {
        Some(Overlay::Palette(of)) => of.at = index,
        Some(Overlay::Columns(of)) => of.at = index,
        _ => {}
    }
    let is_palette = matches!(model.overlays.last(), Some(Overlay::Palette(_)));
    if again { commands::obey(model, if is_palette { Command::Open } else { Command::Mark }) } else { Vec::new() }
}

fn click(model: &mut Model, at: Position) -> Vec<Effect> {
    let regions = layout::regions(model);
    if regions.tabs.contains(at) {
        let tab = layout::tab_spans(model.size.0).into_iter().find(|(_, from, to)| (*from..*to).contains(&at.x));
        return tab.map_or_else(Vec::new, |(screen, ..)| commands::go(model, screen));
    }
    match model.screen {
        Screen::Reconcile if model.table.editing.is_none() => click_table(model, regions.body, at),
        Screen::Import if model.plan.editing.is_none() => {
            click_import(model, regions.body, at);
            Vec::new()
        }
        Screen::Gates => {
            let line = usize::from(at.y.saturating_sub(regions.body.y + 1));
            if regions.body.contains(at) && at.x < gates::stages_width(regions.body.width) && line < model.gate_lines().len() {
                (model.stage.at, model.check) = (line, None);
            }
            Vec::new()
        }
        Screen::Activity => click_activity(model, regions.body, at),
        Screen::Overview => {
            let found = model.shown_run().map(|run| layout::overview_regions(model, run, regions.body).blockers).filter(|area| area.contains(at));
            let len = model.assessment().blockers.len();
            let line = found.and_then(|area| blockers::at(area.inner(Margin::new(1, 1)), (model.blocker.at, len), at.y));
            select(model, line, |model| &mut model.blocker)
        }
        Screen::Causes => {
            let line = causes::cluster_at(model, regions.body, at.y);
            select(model, line, |model| &mut model.cause)
        }
        _ => Vec::new(),
    }
}

/// Selects a line, and opens it when it was selected already.
fn select(model: &mut Model, line: Option<usize>, of: impl Fn(&mut Model) -> &mut Selection) -> Vec<Effect> {
    let Some(line) = line else { return Vec::new() };
    if of(model).at == line {
        return commands::obey(model, Command::Open);
    }
    of(model).at = line;
    Vec::new()
}

/// A name chooses its list; a line is selected, and opened when it was already.
fn click_activity(model: &mut Model, body: Rect, at: Position) -> Vec<Effect> {
    let parts = layout::activity_regions(model, body);
    if parts.names.contains(at) {
        if let Some(pane) = activity::pane_at(model, at.x.saturating_sub(parts.names.x)) {
            model.pane = pane;
        }
        return Vec::new();
    }
    let (len, height) = (model.pane_len(model.pane), usize::from(parts.list.height.saturating_sub(2)));
    let selection = &mut model.panes[model.pane.index()];
    let line = usize::from(at.y.saturating_sub(parts.list.y + 1));
    let index = window(0, selection.at.min(len.saturating_sub(1)), height, len) + line;
    if !parts.list.contains(at) || line >= height || index >= len {
        return Vec::new();
    }
    if selection.at == index {
        return commands::obey(model, Command::Open);
    }
    selection.at = index;
    Vec::new()
}

fn click_table(model: &mut Model, body: Rect, at: Position) -> Vec<Effect> {
    let table = layout::table_regions(model, body).table;
    if !table.contains(at) {
        return Vec::new();
    }
    if at.y == table.y {
        let column = reconcile::column_at(model, table, at.x).and_then(|c| c.shape().sort);
        return column.map_or_else(Vec::new, |c| rows::sort_by(model, c));
    }
    let index = model.table.offset + usize::from(at.y - table.y - 1);
    if index >= model.table.rows.len() {
        return Vec::new();
    }
    let again = model.table.selected == index;
    model.table.selected = index;
    if again || model.detail.is_some() { rows::open(model) } else { Vec::new() }
}

/// A name chooses its view, a heading sorts, a row is selected, and opened when it was already.
fn click_import(model: &mut Model, body: Rect, at: Position) {
    let parts = layout::import_regions(model, body);
    if parts.names.contains(at) {
        let found = layout::view_spans(model).into_iter().find(|(_, from, to)| (*from..*to).contains(&at.x.saturating_sub(parts.names.x)));
        if let Some((view, ..)) = found {
            import::show(model, view);
        }
    } else if parts.table.contains(at) && at.y == parts.table.y {
        let column = crate::tui::screens::import::column_at(model, parts.table, at.x);
        if let Some(column) = column.filter(|c| PlanTable::SORTS.contains(c)) {
            import::sort(model, column);
        }
    } else if parts.table.contains(at) {
        let index = model.plan.offset + usize::from(at.y - parts.table.y - 1);
        if index < model.plan.items.len() {
            let again = model.plan.selected == index || model.plan.open.is_some();
            model.plan.selected = index;
            if again {
                import::open(model);
            }
        }
    }
}

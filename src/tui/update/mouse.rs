//! The mouse: clicks on tabs, rows and headings, and the wheel.

use super::{commands, rows};
use crate::tui::keymap::Command;
use crate::tui::layout;
use crate::tui::model::{Model, Screen};
use crate::tui::msg::Effect;
use crate::tui::screens::reconcile;
use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

/// Answers the mouse.
pub fn point(model: &mut Model, event: MouseEvent) -> Vec<Effect> {
    match event.kind {
        MouseEventKind::ScrollUp => commands::obey(model, Command::Up),
        MouseEventKind::ScrollDown => commands::obey(model, Command::Down),
        MouseEventKind::Down(MouseButton::Left) if model.overlays.is_empty() => click(model, Position::new(event.column, event.row)),
        _ => Vec::new(),
    }
}

fn click(model: &mut Model, at: Position) -> Vec<Effect> {
    let regions = layout::regions(model);
    if regions.tabs.contains(at) {
        let tab = layout::tab_spans(model.size.0).into_iter().find(|(_, from, to)| (*from..*to).contains(&at.x));
        return tab.map_or_else(Vec::new, |(screen, ..)| commands::go(model, screen));
    }
    if model.screen != Screen::Reconcile || model.table.editing.is_some() {
        return Vec::new();
    }
    let table = layout::table_regions(model, regions.body).table;
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

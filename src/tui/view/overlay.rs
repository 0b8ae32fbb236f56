//! What lies on top of a screen: help, questions, pages of text.

use super::{columns, deciding, palette, question, signing, tour, typing, waiving};
use crate::domain::text::shown;
use crate::present::columns::Align::Left;
use crate::tui::keymap::{Command, Context};
use crate::tui::layout;
use crate::tui::model::deed::SignLook;
use crate::tui::model::waive::WaiveForm;
use crate::tui::model::{Model, Overlay, Question};
use crate::tui::paint::{self, cell, panel, piece};
use crate::tui::theme::Meaning;
use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;
use tui_input::Input;
use unicode_width::UnicodeWidthStr as _;

/// Draws the topmost overlay.
pub fn draw(model: &Model, frame: &mut Frame<'_>) {
    match model.overlays.last() {
        None => {}
        Some(Overlay::Help { scroll }) => page(model, frame, "Keys", help(model, text_width(frame.area())), *scroll),
        Some(Overlay::Text { title, lines, scroll }) => {
            let lines = lines.iter().flat_map(|l| paint::wrap(l, text_width(frame.area()))).map(Line::from).collect();
            page(model, frame, title, lines, *scroll);
        }
        Some(Overlay::Confirm(question)) => confirm(model, frame, question),
        Some(Overlay::Typing { of, input, error }) => {
            let (title, words) = typing::words(model, of);
            typed(model, frame, (&title, words), (input, error.as_deref()));
        }
        Some(Overlay::Waive(form)) => waive(model, frame, form),
        Some(Overlay::Decide(form)) => {
            let (title, words) = deciding::words(model, form);
            typed(model, frame, (&title, words), (&form.input, form.error.as_deref()));
        }
        Some(Overlay::Palette(of)) => palette::draw(model, frame, of),
        Some(Overlay::Columns(choosing)) => columns::draw(model, frame, *choosing),
        Some(Overlay::Sign { look, scroll }) => sign(model, frame, look, *scroll),
        Some(Overlay::Tour(at)) => tour::draw(model, frame, *at),
        Some(Overlay::Month { input, error }) => {
            let theme = model.setup.theme;
            let mut lines = vec![
                Line::from("Which month? Both databases are read in one snapshot each;"),
                Line::from("nothing is written to them."),
                Line::default(),
                Line::from(vec![
                    Span::raw("  "),
                    piece(theme, Meaning::Selected, format!("{:<18}", shown(input.value(), 18))),
                    piece(theme, Meaning::Muted, "  2026-05, previous, 2026-01..2026-05"),
                ]),
            ];
            lines.push(error.as_ref().map_or_else(Line::default, |e| Line::from(piece(theme, Meaning::Delta, shown(e, 56)))));
            let inner = popup(model, frame, "Reconcile", lines, 62);
            let cursor = u16::try_from(input.visual_cursor()).unwrap_or(0).min(40);
            if inner.height > 3 {
                frame.set_cursor_position((inner.x + 2 + cursor, inner.y + 3));
            }
        }
    }
}

fn confirm(model: &Model, frame: &mut Frame<'_>, question: &Question) {
    let theme = model.setup.theme;
    let (title, words) = question::words(model, question);
    let room = layout::below_alarm(model);
    let width = if question.acts() { room.width.min(82) } else { 66.min(room.width) };
    let wrapped: Vec<String> = words.iter().flat_map(|w| paint::wrap(w, usize::from(width).saturating_sub(4))).collect();
    // Where it is tight, blank lines go: every word is to be read before the answer.
    let tight = wrapped.len() + 6 > usize::from(room.height);
    let mut lines: Vec<Line<'static>> = wrapped.into_iter().filter(|w| !(w.is_empty() && tight)).map(Line::from).collect();
    if !tight {
        lines.push(Line::default());
    }
    let context = if question.acts() { Context::Act } else { Context::Confirm };
    let [yes, no] = [Command::Open, Command::Back].map(|command| model.setup.keys.name(context, command));
    lines.push(Line::from(vec![piece(theme, Meaning::Accent, yes), Span::raw(" yes     "), piece(theme, Meaning::Accent, no), Span::raw(" no")]));
    popup(model, frame, title, lines, width);
}

/// Words, what is typed below them, and what is wrong with it.
fn typed(model: &Model, frame: &mut Frame<'_>, (title, words): (&str, Vec<String>), (input, error): (&Input, Option<&str>)) {
    let theme = model.setup.theme;
    let room = layout::below_alarm(model);
    let width = room.width.min(90);
    let inside = usize::from(width).saturating_sub(6);
    let wrapped: Vec<String> = words.iter().flat_map(|w| paint::wrap(w, usize::from(width).saturating_sub(4))).collect();
    let tight = wrapped.len() + 7 > usize::from(room.height);
    let mut lines: Vec<Line<'static>> = wrapped.into_iter().filter(|w| !(w.is_empty() && tight)).map(Line::from).collect();
    let at = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let scroll = input.visual_scroll(inside);
    let visible: String = input.value().chars().skip(scroll).collect();
    lines.push(Line::from(vec![Span::raw("  "), piece(theme, Meaning::Selected, cell(&visible, inside, Left))]));
    lines.push(error.map_or_else(Line::default, |e| Line::from(piece(theme, Meaning::Delta, format!("  {}", shown(e, inside))))));
    let [key, leave] = [Command::Open, Command::Back].map(|command| model.setup.keys.name(Context::Typing, command));
    lines.push(Line::from(vec![
        piece(theme, Meaning::Accent, key),
        Span::raw(" do it     "),
        piece(theme, Meaning::Accent, leave),
        Span::raw(" leave"),
    ]));
    let inner = popup(model, frame, title, lines, width);
    let cursor = u16::try_from(input.visual_cursor().saturating_sub(scroll)).unwrap_or(0).min(width.saturating_sub(6));
    if inner.height > at {
        frame.set_cursor_position((inner.x + 2 + cursor, inner.y + at));
    }
}

/// A waiver, filled in.
fn waive(model: &Model, frame: &mut Frame<'_>, form: &WaiveForm) {
    let width = layout::below_alarm(model).width.min(92);
    let (lines, (x, y)) = waiving::lines(model, form, usize::from(width).saturating_sub(4));
    let inner = popup(model, frame, &format!("Waive, from {} on", form.month), lines, width);
    if inner.height > y {
        frame.set_cursor_position((inner.x + x, inner.y + y));
    }
}

/// What would be signed, scrolled, and the question always below it.
fn sign(model: &Model, frame: &mut Frame<'_>, look: &SignLook, scroll: u16) {
    let theme = model.setup.theme;
    let width = text_width(frame.area());
    let text: Vec<Line<'static>> = signing::lines(model, look).iter().flat_map(|l| paint::wrap(l, width)).map(Line::from).collect();
    let mut asked: Vec<Line<'static>> = signing::question(model, look).iter().flat_map(|l| paint::wrap(l, width)).map(Line::from).collect();
    let [yes, no] = [Command::Open, Command::Back].map(|command| model.setup.keys.name(Context::Sign, command));
    asked.push(Line::from(vec![piece(theme, Meaning::Accent, yes), Span::raw(" sign     "), piece(theme, Meaning::Accent, no), Span::raw(" leave")]));
    let area = layout::below_alarm(model);
    let foot = asked.len() + 1;
    let height = u16::try_from(text.len() + foot + 2).unwrap_or(u16::MAX).min(area.height.saturating_sub(2));
    let inner = framed(model, frame, &signing::title(look), area.width.saturating_sub(8), height);
    let inside = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let room = usize::from(inside.height).saturating_sub(foot).max(1);
    let from = usize::from(scroll).min(text.len().saturating_sub(room));
    let more = text.len() > from + room;
    let mut drawn: Vec<Line<'static>> = text.into_iter().skip(from).take(room).collect();
    drawn.push(if more { Line::from(piece(theme, Meaning::Warning, "more ↓ — read it before you sign")) } else { Line::default() });
    drawn.extend(asked);
    paint::lines(frame, inside, drawn);
}

fn popup(model: &Model, frame: &mut Frame<'_>, title: &str, lines: Vec<Line<'static>>, width: u16) -> Rect {
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(4);
    let inner = framed(model, frame, title, width, height);
    let inner = Rect { x: inner.x + 1, y: inner.y + 1, width: inner.width.saturating_sub(2), height: inner.height.saturating_sub(1) };
    paint::lines(frame, inner, lines);
    inner
}

fn framed(model: &Model, frame: &mut Frame<'_>, title: &str, width: u16, height: u16) -> Rect {
    in_frame(model, frame, title, layout::on_top(model, width, height))
}

/// A frame on top; gives what is inside.
pub(super) fn in_frame(model: &Model, frame: &mut Frame<'_>, title: &str, rect: Rect) -> Rect {
    make_room(frame, rect);
    if let Some(paper) = model.setup.theme.paper() {
        frame.buffer_mut().set_style(rect, paper);
    }
    panel(frame, model.setup.theme, rect, title)
}

/// Clears a place for something on top. Half of a wide character beside it would lie over its edge, and goes too.
fn make_room(frame: &mut Frame<'_>, rect: Rect) {
    frame.render_widget(Clear, rect);
    for at in (rect.top()..rect.bottom()).filter_map(|y| Some(Position::new(rect.x.checked_sub(1)?, y))) {
        if let Some(cell) = frame.buffer_mut().cell_mut(at).filter(|cell| cell.symbol().width() > 1) {
            cell.set_symbol(" ");
        }
    }
}

const fn text_width(area: Rect) -> usize {
    area.width.saturating_sub(12) as usize
}

fn page(model: &Model, frame: &mut Frame<'_>, title: &str, lines: Vec<Line<'static>>, scroll: u16) {
    let area = layout::below_alarm(model);
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2).min(area.height.saturating_sub(2));
    let inner = framed(model, frame, title, area.width.saturating_sub(8), height);
    let most = lines.len().saturating_sub(usize::from(inner.height));
    let from = usize::from(scroll).min(most);
    let more = lines.len() > from + usize::from(inner.height);
    let inside = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    paint::lines(frame, inside, lines.into_iter().skip(from).take(usize::from(inner.height)).collect());
    if more {
        let at = Rect { x: inner.x + inner.width.saturating_sub(12), y: inner.y + inner.height, width: 10, height: 1 };
        paint::lines(frame, at, vec![Line::from(piece(model.setup.theme, Meaning::Muted, " more ↓ "))]);
    }
}

/// All keys, by context; those of the present screen first.
fn help(model: &Model, width: usize) -> Vec<Line<'static>> {
    const ORDER: [Context; 16] = [
        Context::Blockers,
        Context::Import,
        Context::Parked,
        Context::Record,
        Context::Table,
        Context::Detail,
        Context::Filter,
        Context::Columns,
        Context::Palette,
        Context::Causes,
        Context::Gates,
        Context::Checks,
        Context::Flip,
        Context::Wave,
        Context::Activity,
        Context::Global,
    ];
    let theme = model.setup.theme;
    let here = model.screen_contexts();
    let others = ORDER.into_iter().filter(|c| !here.contains(c));
    let order: Vec<Context> = here.iter().copied().chain(others).collect();
    let mut lines = Vec::new();
    for context in order {
        lines.push(Line::from(piece(theme, Meaning::Title, context.title())));
        for (binding, keys) in model.setup.keys.lines(context) {
            let keys: Vec<String> = keys.iter().map(|k| k.name()).collect();
            for (i, text) in paint::wrap(binding.help, width.saturating_sub(16)).into_iter().enumerate() {
                let keys = if i == 0 { keys.join(" ") } else { String::new() };
                lines.push(Line::from(vec![piece(theme, Meaning::Accent, format!("  {keys:<14}")), piece(theme, Meaning::Normal, text)]));
            }
        }
        if context == Context::Filter {
            for (place, known) in [("Reconcile", crate::present::filter::KNOWN), ("Import", crate::present::import::filter::KNOWN)] {
                lines.push(Line::from(piece(theme, Meaning::Muted, format!("  {place:<14}{known}"))));
            }
        }
        lines.push(Line::default());
    }
    lines
}

//! Answers of effects. An answer to an older question is dropped; a failed one keeps the last good data.

use super::{deeds, import, rows};
use crate::domain::run::Run;
use crate::ports::workspace::{FilterTotals, RowLine, RowPage};
use crate::tui::layout;
use crate::tui::model::{Book, Facts, Loaded, Model, Place, Trouble};
use crate::tui::msg::{DetailAnswer, Effect};

/// The workspace was read.
pub fn book(model: &mut Model, answer: Result<Option<Box<Book>>, Trouble>) -> Vec<Effect> {
    match answer {
        Err(trouble) => {
            model.trouble = Some(trouble);
            return Vec::new();
        }
        Ok(None) => {
            model.trouble = None;
            model.loaded = Loaded::Absent;
            return Vec::new();
        }
        Ok(Some(book)) => {
            model.trouble = None;
            model.loaded = Loaded::Yes;
            forget_changed(model, &book);
            let delivered = model.book.deliveries != book.deliveries;
            let selected = model.flip_line();
            model.book = *book;
            model.keep_flip_line(selected);
            // A runbook may have fewer stages than the last time.
            model.stage.at = model.stage.at.min(model.gate_lines().len().saturating_sub(1));
            deeds::tell_head(model);
            if delivered {
                import::arrange(model);
            }
        }
    }
    let known = model.months();
    if model.month.is_none_or(|m| !known.contains(&m)) {
        model.month = model.book.current.last().or(model.book.runs.first()).map(|r| r.request.month);
        model.chosen = None;
    }
    rows::follow_run(model)
}

/// Forgets facts and rows of runs that went on since they were read, as a run of another program does.
fn forget_changed(model: &mut Model, book: &Book) {
    let state = |runs: &[Run], id: i64| runs.iter().find(|r| r.id == id).map(|r| r.state);
    let changed = |id: &i64| state(&model.book.runs, *id) != state(&book.runs, *id);
    if model.table.run.as_ref().is_some_and(changed) {
        model.table.run = None;
    }
    let gone: Vec<i64> = model.facts.keys().copied().filter(|id| changed(id)).collect();
    for id in gone {
        model.facts.remove(&id);
    }
}

/// Facts of a run came.
pub fn facts(model: &mut Model, run: i64, answer: Result<Facts, Trouble>) -> Vec<Effect> {
    match answer {
        Ok(facts) => {
            model.facts.insert(run, facts);
        }
        Err(trouble) => model.trouble = Some(trouble),
    }
    Vec::new()
}

/// The rows with most money at stake came.
pub fn worst(model: &mut Model, run: i64, answer: Result<Vec<RowLine>, Trouble>) -> Vec<Effect> {
    match answer {
        Ok(rows) if model.table.run == Some(run) => model.worst = (run, rows),
        Ok(_) => {}
        Err(trouble) => model.trouble = Some(trouble),
    }
    Vec::new()
}

/// The run is being looked through for the rows awaited.
pub fn looked(model: &mut Model, ticket: u64, far: (u64, u64)) -> Vec<Effect> {
    if model.table.loading == Some(ticket) {
        model.table.looked = Some(far);
    }
    Vec::new()
}

/// Rows came.
pub fn page(model: &mut Model, ticket: u64, place: Place, answer: Result<RowPage, Trouble>) -> Vec<Effect> {
    if model.table.loading != Some(ticket) {
        return Vec::new();
    }
    model.table.loading = None;
    model.table.looked = None;
    match answer {
        Ok(page) => {
            model.table.trouble = None;
            model.table.take(place, page);
            let height = layout::table_height(model);
            model.table.keep_visible(height);
            return rows::find_again(model);
        }
        Err(trouble) => model.table.trouble = Some(trouble),
    }
    Vec::new()
}

/// The filter is being added up.
pub fn adding(model: &mut Model, ticket: u64, totals: FilterTotals, far: (u64, u64)) -> Vec<Effect> {
    if model.table.totals_ticket == ticket {
        (model.table.totals, model.table.adding) = (Some(totals), Some(far));
    }
    Vec::new()
}

/// The filter was added up.
pub fn totals(model: &mut Model, ticket: u64, answer: Result<FilterTotals, Trouble>) -> Vec<Effect> {
    if model.table.totals_ticket == ticket {
        model.table.adding = None;
        match answer {
            Ok(totals) => model.table.totals = Some(totals),
            Err(trouble) => model.table.trouble = Some(trouble),
        }
    }
    Vec::new()
}

/// A row came whole.
pub fn detail(model: &mut Model, ticket: u64, answer: Result<Box<DetailAnswer>, Trouble>) -> Vec<Effect> {
    let Some(detail) = model.detail.as_mut().filter(|d| d.ticket == ticket) else { return Vec::new() };
    match answer {
        Ok(answer) => {
            detail.row = Some(answer.detail);
            detail.steps = answer.steps;
            detail.history = answer.history;
            detail.beside = answer.beside;
            detail.acts = answer.acts;
            detail.why = answer.why;
            detail.trouble = None;
        }
        Err(trouble) => detail.trouble = Some(trouble),
    }
    Vec::new()
}

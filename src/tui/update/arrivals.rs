//! Answers of effects. An answer to an older question is dropped; a failed one keeps the last good data.

use super::rows;
use crate::domain::run::{Run, RunState};
use crate::ports::workspace::{FilterTotals, RowLine, RowPage};
use crate::present::{numbers, words};
use crate::tui::layout;
use crate::tui::model::job::Ended;
use crate::tui::model::{Book, Facts, Loaded, Model, Notice, Place, Trouble};
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
            model.book = *book;
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

/// Rows came.
pub fn page(model: &mut Model, ticket: u64, place: Place, answer: Result<RowPage, Trouble>) -> Vec<Effect> {
    if model.table.loading != Some(ticket) {
        return Vec::new();
    }
    model.table.loading = None;
    match answer {
        Ok(page) => {
            model.table.trouble = None;
            model.table.take(place, page);
            let height = layout::table_height(model);
            model.table.keep_visible(height);
        }
        Err(trouble) => model.table.trouble = Some(trouble),
    }
    Vec::new()
}

/// The filter was added up.
pub fn totals(model: &mut Model, ticket: u64, answer: Result<FilterTotals, Trouble>) -> Vec<Effect> {
    if model.table.totals_ticket == ticket {
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
            detail.trouble = None;
        }
        Err(trouble) => detail.trouble = Some(trouble),
    }
    Vec::new()
}

/// The job ended.
pub fn job_ended(model: &mut Model, answer: Result<Vec<Run>, Trouble>) -> Vec<Effect> {
    let (words, well) = match &answer {
        Ok(runs) => (ending(runs), runs.iter().all(|r| r.state == RunState::Complete)),
        Err(trouble) => (trouble.what.clone(), false),
    };
    if let Some(job) = &mut model.job {
        job.ended = Some(Ended { at: model.now, words: words.clone(), well });
    }
    if model.leaving {
        return vec![Effect::Quit];
    }
    model.overlays.retain(|o| !matches!(o, crate::tui::model::Overlay::Confirm(_)));
    match answer {
        Ok(runs) => {
            model.notice = Some(Notice::Done(words));
            if let Some(run) = runs.last() {
                model.month = Some(run.request.month);
                model.chosen = (!run.current).then_some(run.id);
                model.facts.remove(&run.id);
                // Found in the book at once, also before it is read again.
                model.book.runs.retain(|r| r.id != run.id);
                model.book.runs.insert(0, run.clone());
            }
        }
        Err(trouble) => model.notice = Some(Notice::Trouble(trouble)),
    }
    vec![Effect::LoadBook]
}

fn ending(runs: &[Run]) -> String {
    let one = |run: &Run| {
        let marks = words::run_marks(run);
        let state = if marks.is_empty() { run.state.word().to_owned() } else { marks.join(" · ") };
        let rows = numbers::counted(run.tally.counts.total(), "row", "rows");
        match run.recheck {
            Some(r) => format!(
                "run #{} {}: {state}, {} match now, {} still differ, {} gone",
                run.id, run.request.month, r.now_matches, r.still_differs, r.gone
            ),
            None => format!("run #{} {}: {state}, {rows}", run.id, run.request.month),
        }
    };
    if runs.is_empty() { "nothing was run".to_owned() } else { runs.iter().map(one).collect::<Vec<_>>().join(" · ") }
}

//! Deeds about rows: asked for the selected or the marked ones, shown what they touch, then done; and taken back.

use super::{jobs, rows};
use crate::app::review::Chosen;
use crate::domain::text::shown;
use crate::present::filter;
use crate::tui::model::decide::{DecideForm, Verb};
use crate::tui::model::deed::DeedAsked;
use crate::tui::model::marks::Marks;
use crate::tui::model::undo::{Look, REMEMBERED, Undo, Way};
use crate::tui::model::{Model, Notice, Overlay, Place, Question, Screen, Trouble};
use crate::tui::msg::Effect;
use std::collections::BTreeSet;
use tui_input::Input;

/// Asks what is to be said of the marked rows, else of the selected one; what that touches is looked at meanwhile.
pub fn open(model: &mut Model, verb: Verb) -> Vec<Effect> {
    if !model.setup.can_run {
        model.notice = jobs::cannot_run(model).map(Notice::Trouble);
        return Vec::new();
    }
    let Some((run, row)) = model.shown_run().zip(model.table.selected_row()) else { return Vec::new() };
    let marks = &model.table.marks;
    let total = model.table.whole_totals().map(|t| t.rows);
    let (rows, count, key) = if marks.is_empty() {
        (Chosen::Rows(BTreeSet::from([row.seq])), Some(1), Some(row.key.shown(40)))
    } else {
        (marks.chosen(&model.table.filter), marks.count(total), None)
    };
    let text = if verb == Verb::Own { model.setup.actor.clone() } else { String::new() };
    let (run, month) = (run.id, run.request.month);
    let ticket = model.next_ticket();
    let form = DecideForm { ticket, run, month, verb, rows: rows.clone(), count, key, input: Input::from(text), error: None, touched: None };
    model.overlays.push(Overlay::Decide(Box::new(form)));
    vec![Effect::TouchRows { ticket, run, rows, decides: verb.decides() }]
}

/// What it would touch came.
pub fn touched(model: &mut Model, ticket: u64, answer: Result<Vec<String>, Trouble>) -> Vec<Effect> {
    if let Some(Overlay::Decide(form)) = model.overlays.last_mut()
        && form.ticket == ticket
    {
        match answer {
            Ok(lines) => form.touched = Some(lines),
            Err(trouble) => form.error = Some(trouble.what),
        }
    }
    Vec::new()
}

/// Does it, once what it touches was shown and something is said.
pub fn go_on(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Decide(form)) = model.overlays.last_mut() else { return Vec::new() };
    let text = form.input.value().trim().to_owned();
    if text.is_empty() {
        form.error = Some("say it in words: nothing was done".to_owned());
        return Vec::new();
    }
    if form.touched.is_none() {
        form.error.get_or_insert_with(|| "what it touches is still being looked at".to_owned());
        return Vec::new();
    }
    let asked = DeedAsked::Rows { run: form.run, rows: form.rows.clone(), deed: form.verb.deed(text) };
    model.overlays.pop();
    vec![Effect::Do(asked)]
}

/// Remembers how the table was looked at, where a command has changed that.
pub fn remember_look(model: &mut Model, before: Look) {
    let now = model.table.look();
    let changes = [
        (now.filter != before.filter, format!("the filter was {}", filter_words(&before))),
        (now.sort != before.sort, "the sort was another".to_owned()),
        (now.lineup.columns != before.lineup.columns, "the columns were others".to_owned()),
        (now.marks != before.marks, "the marks were others".to_owned()),
    ];
    if let Some((_, words)) = changes.into_iter().find(|(changed, _)| *changed) {
        remember(model, Undo { words, way: Way::Look(Box::new(before)) });
    }
}

/// Marks are on the rows of one run: what is remembered of them says nothing of another's.
pub fn forget_marks(model: &mut Model) {
    for undo in &mut model.undo {
        if let Way::Look(look) = &mut undo.way {
            look.marks = Marks::default();
        }
    }
}

fn filter_words(look: &Look) -> String {
    let text = filter::to_text(&look.filter);
    if text.is_empty() { "none".to_owned() } else { shown(&text, 60) }
}

/// Remembers something that was done.
pub fn remember(model: &mut Model, undo: Undo) {
    model.undo.push(undo);
    if model.undo.len() > REMEMBERED {
        model.undo.remove(0);
    }
}

/// Takes the last thing back: at once where it is only a way of looking, after a question where it was kept, and where it cannot be, says
/// why.
pub fn undo(model: &mut Model) -> Vec<Effect> {
    let Some(last) = model.undo.last().cloned() else {
        model.notice = Some(Notice::Done("nothing to take back".to_owned()));
        return Vec::new();
    };
    if !matches!(last.way, Way::Act(_)) {
        model.undo.pop();
    }
    match last.way {
        Way::Not(why) => {
            model.notice = Some(Notice::Trouble(Trouble { what: format!("{}: it cannot be taken back", last.words), remedy: why }));
            Vec::new()
        }
        Way::Act(act) => {
            model.overlays.push(Overlay::Confirm(Question::TakeBack { act, words: last.words }));
            Vec::new()
        }
        Way::Look(look) => {
            let reload = look.filter != model.table.filter || look.sort != model.table.sort;
            model.screen = Screen::Reconcile;
            model.table.take_look(*look);
            model.notice = Some(Notice::Done(format!("as before: {}", last.words)));
            if reload { rows::reload(model, Place::Start) } else { Vec::new() }
        }
    }
}

/// Takes an act back that was asked about.
pub fn take_back(model: &mut Model, act: i64) -> Vec<Effect> {
    model.undo.retain(|undo| undo.way != Way::Act(act));
    vec![Effect::Do(DeedAsked::TakeBack(act))]
}

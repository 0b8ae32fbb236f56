//! The form of a waiver: filled in, shown what it would touch, and then made for a second person to confirm.

use super::jobs;
use crate::app::review::{facts, predicate};
use crate::domain::money::Money;
use crate::domain::review::Terms;
use crate::ports::workspace::{RowFilter, RowLine};
use crate::present::{filter, money};
use crate::tui::model::deed::DeedAsked;
use crate::tui::model::waive::{FIELDS, WaiveForm};
use crate::tui::model::{Model, Notice, Overlay, Trouble};
use crate::tui::msg::Effect;
use tui_input::Input;

/// Opens it: for the rows of the filter, where there is one; else for the selected row's cause, or for the row alone.
pub fn open(model: &mut Model) -> Vec<Effect> {
    if !model.setup.can_run {
        model.notice = jobs::cannot_run(model).map(Notice::Trouble);
        return Vec::new();
    }
    let Some((run, row)) = model.shown_run().zip(model.table.selected_row()) else { return Vec::new() };
    let marks = &model.table.marks;
    // All of a filter is the filter itself.
    if !marks.turned.is_empty() {
        let what = "a waiver is about the rows of a filter: single marks say nothing of later months".to_owned();
        model.notice = Some(Notice::Trouble(Trouble { what, remedy: "filter to what they have in common, or take the marks away".to_owned() }));
        return Vec::new();
    }
    // Where all rows are marked and nothing is filtered, the form says that a waiver of everything is none.
    let by_filter = marks.all || model.table.filter != RowFilter::default();
    let rows = if by_filter { filter::to_text(&model.table.filter) } else { rows_of(row) };
    let totals = model.table.whole_totals().filter(|_| by_filter);
    let cap = totals.map_or_else(|| stake(row), |t| t.money.iter().map(|(c, _, stake)| named(Money::new(*stake, *c))).collect::<Vec<_>>().join(", "));
    let texts = [rows, "now".to_owned(), cap, model.setup.actor.clone(), String::new(), String::new()];
    let (run, month) = (run.id, run.request.month);
    let form = WaiveForm { run, month, fields: texts.map(Input::from), at: 4, error: None, touched: None };
    model.overlays.push(Overlay::Waive(Box::new(form)));
    Vec::new()
}

/// Its cause where it has one; else the row alone.
fn rows_of(row: &RowLine) -> String {
    let cause = facts(row).cause_word().map(str::to_owned);
    let key = if cause.is_none() { Some(row.key.raw().to_owned()) } else { None };
    filter::to_text(&RowFilter { key, cause, ..RowFilter::default() })
}

fn stake(row: &RowLine) -> String {
    facts(row).amounts().map_or_else(String::new, |amounts| named(Money::new(amounts.at_stake(), amounts.currency)))
}

fn named(money: Money) -> String {
    format!("{} {}", money::plain(money.minor, money.currency), money.currency)
}

/// Goes to another field.
pub fn turn(form: &mut WaiveForm, by: isize) {
    let len = isize::try_from(FIELDS.len()).unwrap_or(1);
    let at = isize::try_from(form.at).unwrap_or(0);
    form.at = usize::try_from((at + by).rem_euclid(len)).unwrap_or(0);
}

/// Looks at what it would touch; once that is shown, makes it.
pub fn go_on(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Waive(form)) = model.overlays.last_mut() else { return Vec::new() };
    match terms(form) {
        Err((at, why)) => {
            (form.at, form.error) = (at, Some(why));
            Vec::new()
        }
        Ok(terms) if form.touched.is_some() => {
            let run = form.run;
            model.overlays.pop();
            vec![Effect::Do(DeedAsked::Waive { run, terms: Box::new(terms) })]
        }
        Ok(terms) => vec![Effect::Touch { run: form.run, terms: Box::new(terms) }],
    }
}

/// What it would touch came.
pub fn touched(model: &mut Model, answer: Result<Vec<String>, Trouble>) -> Vec<Effect> {
    if let Some(Overlay::Waive(form)) = model.overlays.last_mut() {
        match answer {
            Ok(lines) => form.touched = Some(lines),
            Err(trouble) => form.error = Some(trouble.what),
        }
    }
    Vec::new()
}

/// What is typed as terms, or the field that is wrong and why.
fn terms(form: &WaiveForm) -> Result<Terms, (usize, String)> {
    let text = |at: usize| form.fields[at].value().trim().to_owned();
    let wanted = filter::parse(&text(0)).map_err(|e| (0, e.to_string()))?;
    let predicate = predicate(&wanted).map_err(|e| (0, e.to_string()))?;
    let expected = text(1).parse().map_err(|e| (1, format!("{e}")))?;
    let one = |text: &str| Money::named(text).filter(|cap| cap.minor >= 0).ok_or_else(|| (2, "no amount: write 200.00 CAD".to_owned()));
    let cap: Vec<Money> = text(2).split(',').map(one).collect::<Result<_, _>>()?;
    if (1..cap.len()).any(|i| cap[..i].iter().any(|other| other.currency == cap[i].currency)) {
        return Err((2, "it names a currency twice".to_owned()));
    }
    for (at, what) in [(3, "somebody answers for it"), (4, "say why it is accepted")] {
        if text(at).is_empty() {
            return Err((at, what.to_owned()));
        }
    }
    let expires = text(5).parse().map_err(|_| (5, "no day: write 2026-12-31".to_owned()))?;
    Ok(Terms { predicate, expected, cap, owner: text(3), reason: text(4), from: form.month, expires })
}

//! The words around a deed about rows: which, what it does, and what it touches.

use crate::domain::text::shown;
use crate::present::numbers;
use crate::tui::model::Model;
use crate::tui::model::decide::{DecideForm, Verb};

/// Title and lines above what is typed.
pub fn words(model: &Model, form: &DecideForm) -> (String, Vec<String>) {
    let actor = shown(&model.setup.actor, 40);
    let whom = form.key.clone().unwrap_or_else(|| form.count.map_or_else(|| "the marked rows".to_owned(), |n| numbers::counted(n, "row", "rows")));
    let (title, what, asked) = match form.verb {
        Verb::Note => ("A note about", "It is shown with the row in every month, and changes nothing about it.", "The word"),
        Verb::Own => ("Whose task:", "The owner is shown with the row in every month; how it stands is as before.", "The owner"),
        Verb::Resolve => ("Mended:", "It holds as long as a row differs by what it differs by now, and is never a match.", "How it was mended"),
        Verb::Reopen => ("Open again:", "What was said of it being mended holds no more.", "Why"),
    };
    let mut lines = vec![what.to_owned()];
    lines.extend(form.touched.clone().unwrap_or_else(|| vec!["Looking at what it touches …".to_owned()]));
    lines.push(String::new());
    lines.push(format!("{asked}, kept with the name {actor}:"));
    (format!("{title} {whom}"), lines)
}

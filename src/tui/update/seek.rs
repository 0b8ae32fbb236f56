//! Going to a row: by its id, or from one row with a word to the next.

use super::{decide, rows};
use crate::domain::text::shown;
use crate::ports::workspace::RowFilter;
use crate::tui::keymap::{Command, Context};
use crate::tui::layout;
use crate::tui::model::table::Seeking;
use crate::tui::model::{Model, Notice, Place, Trouble};
use crate::tui::msg::{Effect, Landing, Seek};

/// Looks for an id or a word, from the beginning of the table.
pub fn jump_to(model: &mut Model, text: String) -> Vec<Effect> {
    model.detail = None;
    model.table.sought = Some(text.clone());
    look_for(model, text, Seek::Id, false)
}

/// Goes back to a row whose table is read anew; without a word where it passes no more.
pub fn stay_at(model: &mut Model, key: String) -> Vec<Effect> {
    look_for(model, key, Seek::Id, true)
}

/// Looks for the next row with the word sought last, or the one before.
pub fn again(model: &mut Model, onward: bool) -> Vec<Effect> {
    let Some(text) = model.table.sought.clone() else {
        let key = model.setup.keys.name(Context::Table, Command::Jump);
        model.notice = Some(Notice::Done(format!("nothing was looked for yet: {key} looks for an id or a word")));
        return Vec::new();
    };
    let Some((cursor, _)) = model.table.rows.get(model.table.selected) else { return Vec::new() };
    let seek = if onward { Seek::After(cursor.clone()) } else { Seek::Before(cursor.clone()) };
    look_for(model, text, seek, false)
}

fn look_for(model: &mut Model, text: String, seek: Seek, stays: bool) -> Vec<Effect> {
    let Some(run) = model.table.run else { return Vec::new() };
    let ticket = model.next_ticket();
    let from_start = seek == Seek::Id;
    model.table.seeking = Some(Seeking { ticket, text: text.clone(), stays, from_start });
    vec![Effect::Jump { ticket, run, filter: model.table.filter.clone(), sort: model.table.sort, text, seek }]
}

/// It was found, or was not. A filter that hides it is taken away, and that is said.
pub fn landed(model: &mut Model, ticket: u64, answer: Result<Option<Landing>, Trouble>) -> Vec<Effect> {
    let Some(seeking) = model.table.seeking.take_if(|seeking| seeking.ticket == ticket) else { return Vec::new() };
    let text = shown(&seeking.text, 60);
    match answer {
        Ok(Some(landing)) => {
            let height = layout::table_height(model);
            // What was on its way is of other rows.
            (model.table.loading, model.table.looked) = (None, None);
            model.table.show_around(landing.page, landing.at, height);
            Vec::new()
        }
        Ok(None) if seeking.stays => rows::reload(model, Place::Start),
        Ok(None) if seeking.from_start && model.table.filter != RowFilter::default() => {
            let before = model.table.look();
            model.table.set_filter(RowFilter::default());
            decide::remember_look(model, before);
            model.notice = Some(Notice::Done(format!("no row of the filter has {text}: the filter is off")));
            let mut effects = rows::reload(model, Place::Start);
            effects.extend(look_for(model, seeking.text, Seek::Id, false));
            effects
        }
        Ok(None) => {
            let what = if seeking.from_start { format!("no row of this run has {text}") } else { format!("no further row has {text}") };
            model.notice = Some(Notice::Trouble(Trouble { what, remedy: String::new() }));
            Vec::new()
        }
        Err(trouble) => {
            model.notice = Some(Notice::Trouble(trouble));
            Vec::new()
        }
    }
}

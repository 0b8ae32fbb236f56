//! Views of the table: taken up, saved, forgotten, and written into files.

use super::{jobs, rows};
use crate::app::views::SavedView;
use crate::domain::text::shown;
use crate::present::filter;
use crate::tui::model::job::{JobAsked, WriteAsked};
use crate::tui::model::lineup::Lineup;
use crate::tui::model::palette::FileKind;
use crate::tui::model::{Model, Notice, Place, Screen, Trouble};
use crate::tui::msg::{Effect, ViewDeed};

/// Longest name of a view.
const NAME: usize = 40;

/// Shows the table by a saved view.
pub fn take_up(model: &mut Model, name: &str) -> Vec<Effect> {
    let Some(view) = model.book.views.iter().find(|view| view.name == name).cloned() else { return Vec::new() };
    let before = model.table.look();
    match filter::parse(&view.filter) {
        Ok(filter) => model.table.set_filter(filter),
        Err(error) => {
            let what = format!("the view {}: {error}", shown(&view.name, NAME));
            model.notice = Some(Notice::Trouble(Trouble { what, remedy: "save it anew".to_owned() }));
            return Vec::new();
        }
    }
    model.screen = Screen::Reconcile;
    model.detail = None;
    model.table.sort = view.sort;
    model.table.lineup = Lineup::of(&view.columns);
    super::decide::remember_look(model, before);
    model.notice = Some(Notice::Done(format!("view {}", shown(&view.name, NAME))));
    rows::reload(model, Place::Start)
}

/// Saves the present view under a name; an older one of that name gives way.
pub fn save(model: &mut Model, name: &str) -> Vec<Effect> {
    if !model.setup.can_run {
        model.notice = jobs::cannot_run(model).map(Notice::Trouble);
        return Vec::new();
    }
    let name: String = name.chars().filter(|c| !c.is_control()).take(NAME).collect();
    let table = &model.table;
    let view = SavedView { name, filter: filter::to_text(&table.filter), sort: table.sort, columns: table.lineup.kept() };
    vec![Effect::ChangeViews(ViewDeed::Keep(view))]
}

/// Forgets a view.
pub fn forget(model: &mut Model, name: String) -> Vec<Effect> {
    if !model.setup.can_run {
        model.notice = jobs::cannot_run(model).map(Notice::Trouble);
        return Vec::new();
    }
    vec![Effect::ChangeViews(ViewDeed::Forget(name))]
}

/// The views as they are now.
pub fn changed(model: &mut Model, deed: &ViewDeed, answer: Result<Vec<SavedView>, Trouble>) -> Vec<Effect> {
    match answer {
        Ok(views) => {
            let words = match deed {
                ViewDeed::Keep(view) => format!("kept as view {}", shown(&view.name, NAME)),
                ViewDeed::Forget(name) => format!("view {} is forgotten", shown(name, NAME)),
            };
            model.book.views = views;
            model.notice = Some(Notice::Done(words));
        }
        Err(trouble) => model.notice = Some(Notice::Trouble(trouble)),
    }
    Vec::new()
}

/// Writes the rows of the filter, sorted so, with the columns shown, into a file.
pub fn write(model: &mut Model, kind: FileKind) -> Vec<Effect> {
    let Some(run) = model.table.run else { return Vec::new() };
    let table = &model.table;
    let asked = WriteAsked { run, filter: table.filter.clone(), sort: table.sort, columns: table.lineup.shown(), kind };
    jobs::start(model, JobAsked::Write(Box::new(asked)))
}

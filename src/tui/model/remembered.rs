//! What returns at the next start: the screen, the tables' filters and orders, and what is selected. A function of the model, so that
//! nothing has to tell that it changed; kept as a small text beside the workspace, and of no weight: what cannot be read is left out.

use super::plan::View;
use super::{Model, Pane, Screen};
use crate::domain::period::Month;
use crate::domain::text::shown;
use crate::ports::workspace::{Cursor, CursorValue, Sort};
use crate::present::filter;
use crate::present::import::filter as import_filter;
use crate::tui::model::plan::PlanTable;
use serde::{Deserialize, Serialize};

/// Raised when an older text would say something else.
const VERSION: u32 = 1;

/// Longest text of a selected row that is held on to, in bytes.
const LONGEST: usize = 500;

const fn length(cursor: &Cursor) -> usize {
    match &cursor.value {
        CursorValue::Text(text) => text.len(),
        CursorValue::Integer(_) | CursorValue::Null => 0,
    }
}

/// A row of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowAt {
    /// Of which run.
    pub run: i64,
    /// Where it is in the order it was seen in.
    pub cursor: Cursor,
    /// Its key, for when the month has another run by then.
    pub key: String,
}

/// What returns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remembered {
    version: u32,
    /// By its title, as the others below.
    screen: String,
    /// Where it is not the newest one.
    month: Option<Month>,
    filter: String,
    sort: Sort,
    row: Option<RowAt>,
    import_view: String,
    import_filter: String,
    import_sort: (String, bool),
    pane: String,
    /// Selected lines, of blockers, causes, stages and the flip.
    lines: [usize; 4],
}

impl Remembered {
    /// What would return if the program ended now.
    pub fn of(model: &Model) -> Self {
        let newest = model.book.current.last().or(model.book.runs.first()).map(|r| r.request.month);
        let row = model.table.rows.get(model.table.selected).zip(model.table.run);
        // A name without end is not held on to: the text must stay small.
        let row = row.filter(|((cursor, row), _)| row.key.raw().len().max(length(cursor)) <= LONGEST);
        let row = row.map(|((cursor, row), run)| RowAt { run, cursor: cursor.clone(), key: row.key.raw().to_owned() });
        Self {
            version: VERSION,
            screen: model.screen.title().to_owned(),
            month: model.month.filter(|month| Some(*month) != newest),
            filter: filter::to_text(&model.table.filter),
            sort: model.table.sort,
            // Until the rows came, the one that is to be found again.
            row: row.or_else(|| model.recalled.clone()),
            import_view: model.plan.view.title().to_owned(),
            import_filter: import_filter::to_text(&model.plan.filter),
            import_sort: (model.plan.sort.0.name().to_owned(), model.plan.sort.1),
            pane: model.pane.title().to_owned(),
            lines: [model.blocker.at, model.cause.at, model.stage.at, model.flip.at],
        }
    }

    /// As it is kept.
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Model {
    /// Takes up where the last start was left. A text that cannot be used changes nothing, and is told in one line on Activity.
    pub fn recall(&mut self, text: Result<Option<String>, String>) {
        let kept = match text {
            Ok(None) => return,
            Ok(Some(text)) => serde_json::from_str::<Remembered>(&text).map_err(|e| shown(&e.to_string(), 100)),
            Err(why) => Err(why),
        };
        match kept {
            Ok(kept) if kept.version == VERSION => self.take_up(kept),
            Ok(kept) => self.forgotten = Some(format!("it is of version {}", kept.version)),
            Err(why) => self.forgotten = Some(shown(&why, 140)),
        }
    }

    fn take_up(&mut self, kept: Remembered) {
        self.screen = Screen::ALL.into_iter().find(|s| s.title() == kept.screen).unwrap_or_default();
        self.month = kept.month;
        self.table.filter = filter::parse(&kept.filter).unwrap_or_default();
        self.table.sort = kept.sort;
        self.recalled = kept.row;
        self.plan.view = View::ALL.into_iter().find(|v| v.title() == kept.import_view).unwrap_or_default();
        self.plan.filter = import_filter::parse(&kept.import_filter).unwrap_or_default();
        if let Some(column) = PlanTable::SORTS.into_iter().find(|c| c.name() == kept.import_sort.0) {
            self.plan.sort = (column, kept.import_sort.1);
        }
        self.pane = Pane::ALL.into_iter().find(|p| p.title() == kept.pane).unwrap_or_default();
        let [blocker, cause, stage, flip] = kept.lines;
        (self.blocker.at, self.cause.at, self.stage.at, self.flip.at) = (blocker, cause, stage, flip);
    }
}

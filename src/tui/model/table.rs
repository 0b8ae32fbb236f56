//! The table of rows: a window of pages around the selection, never the whole run.

use super::Trouble;
use super::lineup::Lineup;
use super::marks::Marks;
use super::undo::Look;
use crate::domain::verdict::Verdict;
use crate::ports::workspace::{Cursor, FilterTotals, PageFrom, RowFilter, RowLine, RowPage, Sort, SortColumn};
use crate::present::complete::Offer;
use tui_input::Input;

/// Rows asked for at once, at most.
pub const PAGE: usize = 200;
/// Rows kept at most; beyond, those farthest from the selection go.
pub const KEPT: usize = 1000;

/// Where the rows of an answer go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Instead of all, beginning with the run's first.
    Start,
    /// Instead of all, ending with the run's last.
    End,
    /// Instead of all, from a row in the midst of the run on.
    From,
    /// Below the last.
    Below,
    /// Above the first.
    Above,
}

/// A filter being typed.
#[derive(Debug, Clone, Default)]
pub struct Editing {
    /// What is typed.
    pub input: Input,
    /// Why it says nothing yet.
    pub error: Option<String>,
    /// Where what is wrong begins, in characters.
    pub wrong: Option<usize>,
    /// What the word at the cursor could become.
    pub offers: Vec<Offer>,
}

impl Editing {
    /// One that begins with a text.
    pub fn of(text: String) -> Self {
        Self { input: Input::from(text), ..Self::default() }
    }
}

/// A row being looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seeking {
    /// The ticket of the answer awaited.
    pub ticket: u64,
    /// An id or a word.
    pub text: String,
    /// The row is the selected one, of a table that is read anew.
    pub stays: bool,
    /// From the beginning, and not from the selected row on.
    pub from_start: bool,
}

/// The table.
#[derive(Debug, Clone)]
pub struct Table {
    /// Of which run.
    pub run: Option<i64>,
    /// Which rows.
    pub filter: RowFilter,
    /// In which order.
    pub sort: Sort,
    /// Rows at hand, in that order.
    pub rows: Vec<(Cursor, RowLine)>,
    /// Rows before the first at hand.
    pub more_before: bool,
    /// Rows after the last at hand.
    pub more_after: bool,
    /// Number of the first row at hand, from 0, where known.
    pub base: Option<u64>,
    /// The selected row, among those at hand.
    pub selected: usize,
    /// The first row drawn, among those at hand.
    pub offset: usize,
    /// The answer awaited.
    pub loading: Option<u64>,
    /// True while the answer awaited is put to the rows at hand, and nobody need wait for it.
    pub ahead: bool,
    /// How far the run has been looked through for it, where that takes a while: rows, of how many.
    pub looked: Option<(u64, u64)>,
    /// The ticket of the totals awaited or shown.
    pub totals_ticket: u64,
    /// What the filter comes to, or what it comes to so far.
    pub totals: Option<FilterTotals>,
    /// How far it is added up, while it is: rows, of how many.
    pub adding: Option<(u64, u64)>,
    /// Why the newest reading failed; the rows are the last good ones.
    pub trouble: Option<Trouble>,
    /// The filter being typed.
    pub editing: Option<Editing>,
    /// Which columns, and how.
    pub lineup: Lineup,
    /// Rows that are marked.
    pub marks: Marks,
    /// The word last looked for.
    pub sought: Option<String>,
    /// The row being looked for.
    pub seeking: Option<Seeking>,
}

impl Default for Table {
    /// Nothing at hand; worst first, because that is what the table is opened for.
    fn default() -> Self {
        Self {
            run: None,
            filter: RowFilter::default(),
            sort: Sort { column: SortColumn::AtStake, descending: true },
            rows: Vec::new(),
            more_before: false,
            more_after: false,
            base: None,
            selected: 0,
            offset: 0,
            loading: None,
            ahead: false,
            looked: None,
            totals_ticket: 0,
            totals: None,
            adding: None,
            trouble: None,
            editing: None,
            lineup: Lineup::default(),
            marks: Marks::default(),
            sought: None,
            seeking: None,
        }
    }
}

impl Table {
    /// The selected row.
    pub fn selected_row(&self) -> Option<&RowLine> {
        self.rows.get(self.selected).map(|(_, row)| row)
    }

    /// What the filter comes to, once all of it is added up.
    pub fn whole_totals(&self) -> Option<&FilterTotals> {
        self.totals.as_ref().filter(|_| self.adding.is_none())
    }

    /// How it is looked at.
    pub fn look(&self) -> Look {
        Look { filter: self.filter.clone(), sort: self.sort, lineup: self.lineup.clone(), marks: self.marks.clone() }
    }

    /// Looks at it so.
    pub fn take_look(&mut self, look: Look) {
        (self.filter, self.sort, self.lineup, self.marks) = (look.filter, look.sort, look.lineup, look.marks);
    }

    /// Filters so. Marks are on the rows of a filter: they go with it.
    pub fn set_filter(&mut self, filter: RowFilter) {
        if filter != self.filter {
            self.marks = Marks::default();
            self.filter = filter;
        }
    }

    /// Shows rows around one of them, in the middle of `height` drawn rows.
    pub fn show_around(&mut self, page: RowPage, at: usize, height: usize) {
        self.replace(page, true);
        self.base = None;
        self.selected = at.min(self.rows.len().saturating_sub(1));
        self.offset = self.selected.saturating_sub(height / 2);
        self.keep_visible(height);
    }

    /// Takes an answer in.
    pub fn take(&mut self, place: Place, page: RowPage) {
        match place {
            Place::Start => self.replace(page, true),
            Place::End => self.replace(page, false),
            Place::From => {
                self.replace(page, true);
                self.base = None;
            }
            Place::Below => {
                self.more_after = page.more_after;
                self.rows.extend(page.rows);
                self.trim_front();
            }
            Place::Above => {
                let new = page.rows.len();
                self.more_before = page.more_before;
                self.rows.splice(0..0, page.rows);
                self.selected += new;
                self.offset += new;
                self.base = self.base.map(|b| b.saturating_sub(new as u64));
                if self.rows.len() > KEPT {
                    self.rows.truncate(KEPT);
                    self.more_after = true;
                }
            }
        }
        self.selected = self.selected.min(self.rows.len().saturating_sub(1));
    }

    fn replace(&mut self, page: RowPage, at_start: bool) {
        self.more_before = page.more_before;
        self.more_after = page.more_after;
        self.rows = page.rows;
        self.selected = if at_start { 0 } else { self.rows.len().saturating_sub(1) };
        self.offset = 0;
        let total = self.whole_totals().map(|t| t.rows);
        self.base = if at_start { Some(0) } else { total.map(|t| t.saturating_sub(self.rows.len() as u64)) };
    }

    fn trim_front(&mut self) {
        let surplus = self.rows.len().saturating_sub(KEPT).min(self.selected);
        if surplus > 0 {
            self.rows.drain(..surplus);
            self.selected -= surplus;
            self.offset = self.offset.saturating_sub(surplus);
            self.base = self.base.map(|b| b + surplus as u64);
            self.more_before = true;
        }
    }

    /// Moves the selection; says which rows are wanted next, if any.
    pub fn step(&mut self, by: isize, height: usize) -> Option<(Place, PageFrom)> {
        let last = self.rows.len().saturating_sub(1);
        self.selected = self.selected.saturating_add_signed(by).min(last);
        self.keep_visible(height);
        if self.loading.is_some() {
            return None;
        }
        // Two screens ahead: the next one is there before it is asked for.
        let near = 2 * height.max(1);
        if by > 0 && self.more_after && self.selected + near > last {
            return self.rows.last().map(|(cursor, _)| (Place::Below, PageFrom::After(cursor.clone())));
        }
        if by < 0 && self.more_before && self.selected < near {
            return self.rows.first().map(|(cursor, _)| (Place::Above, PageFrom::Before(cursor.clone())));
        }
        None
    }

    /// Whether somebody waits for an answer: for other rows, or at the end of those at hand.
    pub fn is_waited_for(&self) -> bool {
        let at_end = self.selected == 0 || self.selected + 1 >= self.rows.len();
        self.loading.is_some() && (!self.ahead || at_end)
    }

    /// Scrolls so that the selection is among `height` drawn rows.
    pub fn keep_visible(&mut self, height: usize) {
        self.offset = window(self.offset, self.selected, height, self.rows.len());
    }

    /// The sort after this one.
    pub fn next_sort(&mut self) {
        const ORDER: [SortColumn; 8] = [
            SortColumn::Key,
            SortColumn::AtStake,
            SortColumn::Delta,
            SortColumn::Actual,
            SortColumn::Expected,
            SortColumn::Verdict,
            SortColumn::Customer,
            SortColumn::Plan,
        ];
        let at = ORDER.iter().position(|c| *c == self.sort.column).unwrap_or(0);
        self.sort_by(ORDER[(at + 1) % ORDER.len()]);
    }

    /// Sorts by a column: money greatest first, words from A.
    pub const fn sort_by(&mut self, column: SortColumn) {
        let descending = matches!(column, SortColumn::AtStake | SortColumn::Delta | SortColumn::Actual | SortColumn::Expected);
        self.sort = Sort { column, descending };
    }

    /// Filters by the verdict after the one filtered by; after the last by none.
    pub fn next_verdict(&mut self) {
        let next = match self.filter.verdicts.as_slice() {
            [] => Some(Verdict::Match),
            [one] => Verdict::of_code(one.code() + 1),
            _ => None,
        };
        self.set_filter(RowFilter { verdicts: next.into_iter().collect(), ..self.filter.clone() });
    }
}

/// The first of `height` drawn lines of `len`, moved as little as needed for `selected` to be drawn.
pub fn window(offset: usize, selected: usize, height: usize, len: usize) -> usize {
    let height = height.max(1);
    let offset = offset.min(selected).max((selected + 1).saturating_sub(height));
    offset.min(len.saturating_sub(height))
}

//! What happens to the model, and what it asks for. Effects are data: [`super::update::update`] never does them.

use super::model::deed::{DeedAsked, SignLook};
use super::model::job::{JobAsked, JobDone};
use super::model::undo::Undo;
use super::model::{Book, Facts, History, Place, Trouble};
use crate::app::explain::beside::Beside;
use crate::app::import::ParkedVerb;
use crate::app::progress::Progress;
use crate::app::review::Chosen;
use crate::app::views::SavedView;
use crate::domain::import::Delivery;
use crate::domain::period::Month;
use crate::domain::review::{Act, Terms};
use crate::domain::shadow::RecordId;
use crate::ports::workspace::{Cursor, FilterTotals, PageRequest, RowDetail, RowFilter, RowLine, RowPage, Sort};
use chrono::{DateTime, Utc};
use crossterm::event::{KeyEvent, MouseEvent};
use std::path::PathBuf;

/// One thing that happened.
#[derive(Debug, Clone)]
pub enum Msg {
    /// A key was pressed.
    Key(KeyEvent),
    /// The mouse did something.
    Mouse(MouseEvent),
    /// Text was pasted.
    Paste(String),
    /// The terminal has a new size.
    Resize(u16, u16),
    /// Time passed.
    Tick(DateTime<Utc>),
    /// The workspace was read; `None` where there is none yet.
    Book(Result<Option<Box<Book>>, Trouble>),
    /// The journal's head is this one by now; `None` where there is none, or it cannot be read.
    Written(Option<String>),
    /// Findings and unreadable rows of a run.
    Facts(i64, Result<Facts, Trouble>),
    /// The rows of a run with most money at stake.
    Worst(i64, Result<Vec<RowLine>, Trouble>),
    /// A page of rows, for the ticket it was asked with.
    Page(u64, Place, Result<RowPage, Trouble>),
    /// How far the reading of a page has come that needs the run looked through: rows, of how many.
    Looked(u64, u64, u64),
    /// What the filter comes to so far: of so many rows looked at, of how many.
    Adding(u64, FilterTotals, (u64, u64)),
    /// What the filter comes to.
    Totals(u64, Result<FilterTotals, Trouble>),
    /// A row whole, its rating in words, and the same key in other months.
    Detail(u64, Result<Box<DetailAnswer>, Trouble>),
    /// The job said something; newest of each kind.
    Progress(Vec<Progress>),
    /// The job ended.
    JobEnded(Result<JobDone, Trouble>),
    /// Parked deliveries were decided about; those, as they are now.
    Settled(ParkedVerb, Result<Vec<Delivery>, Trouble>),
    /// A stage was looked at by whoever may sign it.
    SignLook(Result<Box<SignLook>, Trouble>),
    /// What a waiver would touch, in lines.
    Touched(Result<Vec<String>, Trouble>),
    /// An act of a person was kept, or was not.
    Done(Result<Kept, Trouble>),
    /// What a deed about rows would touch, in lines, for the ticket it was asked with.
    RowsTouched(u64, Result<Vec<String>, Trouble>),
    /// A row was looked for, for the ticket it was asked with; `None` where no row has the word.
    Jumped(u64, Result<Option<Landing>, Trouble>),
    /// The views are these now.
    Views(ViewDeed, Result<Vec<SavedView>, Trouble>),
    /// A row was written as cases into these files, or could not be.
    Exported(Result<Vec<PathBuf>, Trouble>),
    /// The copy of a rehearsal of that wave was looked at: its directory and its programs.
    CopySeen(u32, Result<(PathBuf, Vec<String>), Trouble>),
    /// Something was copied to the clipboard, or could not be.
    Copied(Result<String, Trouble>),
}

/// The answer to [`Effect::LoadDetail`].
#[derive(Debug, Clone)]
pub struct DetailAnswer {
    /// The row.
    pub detail: RowDetail,
    /// Lines of its rating.
    pub steps: Vec<String>,
    /// What was decided about its key.
    pub acts: Vec<Act>,
    /// Why it stands as it does.
    pub why: Option<String>,
    /// The key in the current runs of other months.
    pub history: Vec<History>,
    /// What other runs say of it.
    pub beside: Beside,
}

/// An act that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// It, in words.
    pub words: String,
    /// How it is taken back; `None` where it took something back itself.
    pub undo: Option<Undo>,
}

/// Rows around the one that was looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Landing {
    /// They.
    pub page: RowPage,
    /// The place of the one that was looked for.
    pub at: usize,
}

/// From where a row is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seek {
    /// An id, letter by letter; else the first row with the word.
    Id,
    /// The next row with the word after that one.
    After(Cursor),
    /// The one before it.
    Before(Cursor),
}

/// What is done to the saved views.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ViewDeed {
    /// Keep one.
    Keep(SavedView),
    /// Forget the one of that name.
    Forget(String),
}

/// One thing to be done outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Read runs and journal.
    LoadBook,
    /// Read a run's findings and unreadable rows.
    LoadFacts(i64),
    /// Read the rows of a run with most money at stake.
    LoadWorst(i64),
    /// Read a page of rows.
    LoadPage {
        /// Answers of older tickets are dropped.
        ticket: u64,
        /// Where its rows go.
        place: Place,
        /// Which rows.
        request: PageRequest,
    },
    /// Add a filter up.
    LoadTotals {
        /// Answers of older tickets are dropped.
        ticket: u64,
        /// Of which run.
        run: i64,
        /// Which rows.
        filter: RowFilter,
    },
    /// Read a row whole.
    LoadDetail {
        /// Answers of older tickets are dropped.
        ticket: u64,
        /// Of which run.
        run: i64,
        /// Which row.
        seq: i64,
        /// Its key, looked for in `months`.
        key: String,
        /// Current runs to look in.
        months: Vec<(Month, i64)>,
    },
    /// Write a row as cases.
    Export {
        /// Of which run.
        run: i64,
        /// Which row.
        seq: i64,
    },
    /// Start a job.
    Start(JobAsked),
    /// Decide about the parked deliveries of these external ids.
    Settle(ParkedVerb, Vec<RecordId>),
    /// Look at a stage as somebody who signs it.
    LookToSign(String),
    /// Look at what a waiver would touch.
    Touch {
        /// On which run.
        run: i64,
        /// Its terms.
        terms: Box<Terms>,
    },
    /// Look at the project of a copy on which a wave would be rehearsed.
    LookAtCopy {
        /// The wave.
        wave: u32,
        /// As it was typed.
        dir: PathBuf,
    },
    /// Look at what a deed about rows would touch.
    TouchRows {
        /// Goes back with the answer.
        ticket: u64,
        /// On which run.
        run: i64,
        /// Which rows.
        rows: Chosen,
        /// Whether it is one that decides.
        decides: bool,
    },
    /// Look for a row.
    Jump {
        /// Answers of older tickets are dropped.
        ticket: u64,
        /// Of which run.
        run: i64,
        /// Among which rows.
        filter: RowFilter,
        /// In which order.
        sort: Sort,
        /// An id or a word.
        text: String,
        /// From where.
        seek: Seek,
    },
    /// Change the saved views.
    ChangeViews(ViewDeed),
    /// Do something in somebody's name, at once.
    Do(DeedAsked),
    /// Cancel it.
    CancelJob,
    /// Put text on the terminal's clipboard.
    Copy(String),
    /// Stop into the background.
    Suspend,
    /// Leave.
    Quit,
}

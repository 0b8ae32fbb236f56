//! Everything the terminal knows: plain data, changed only by [`super::update::update`].

pub mod decide;
pub mod deed;
mod detail;
pub mod flip;
pub mod gates;
pub mod job;
pub mod lineup;
pub mod marks;
mod overlay;
pub mod palette;
mod pane;
pub mod plan;
mod remembered;
mod screen;
pub mod table;
pub mod undo;
pub mod waive;

use super::keymap::Keymap;
use super::msg::Effect;
use super::theme::Theme;
use crate::app::flip::Standing as FlipStanding;
use crate::app::standing::{Assessment, Gated, Standing, assess};
use crate::app::views::SavedView;
use crate::domain::currency::Currency;
use crate::domain::decode::RowError;
use crate::domain::finding::Finding;
use crate::domain::import::{ImportStanding, Inertness};
use crate::domain::period::{Month, Zone};
use crate::domain::review::{ReviewTally, Waiver};
use crate::domain::run::{DatabaseKind, Run};
use crate::domain::text::shown;
use crate::domain::together::Together;
use crate::domain::verdict::Verdict;
use crate::ports::workspace::{JournalEntry, RowLine};
use chrono::{DateTime, Utc};
pub use detail::{Detail, History};
use flip::FlipView;
use job::Job;
pub use overlay::{Overlay, Question};
pub use pane::Pane;
use plan::{Deliveries, PlanTable};
pub use remembered::{Remembered, RowAt};
pub use screen::Screen;
use std::collections::BTreeMap;
use std::sync::Arc;
use table::Table;
pub use table::{Editing, Place};
use undo::Undo;

/// What does not change while the program runs.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The service's name.
    pub service: String,
    /// Kind of the source, where configured.
    pub source: Option<DatabaseKind>,
    /// Kind of the target, where configured.
    pub target: Option<DatabaseKind>,
    /// Who acts.
    pub actor: String,
    /// Digest of the configuration as it is now.
    pub config_digest: String,
    /// Digest of the checks of inertness as they are configured now.
    pub inertness_digest: String,
    /// The checks of inertness, by name.
    pub checks: Vec<String>,
    /// What hands records to the target, and where; `None` where no loader is configured.
    pub loader: Option<String>,
    /// Coverage wanted at least, in ten-thousandths.
    pub coverage_floor: i64,
    /// The service's zone, in which days end.
    pub zone: Zone,
    /// Checks that a person answers, `stage/check`, each with what is to be stated.
    pub manual: BTreeMap<String, String>,
    /// Whether anything is configured about the flip.
    pub can_flip: bool,
    /// False where there is no project to reconcile: the workspace can only be looked at.
    pub can_run: bool,
    /// Styles.
    pub theme: Theme,
    /// The keys in force.
    pub keys: Arc<Keymap>,
}

/// Something went wrong, in words safe to print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What.
    pub what: String,
    /// What to do; empty where the words say it themselves.
    pub remedy: String,
}

impl Trouble {
    /// From an error whose text ends in `— remedy`.
    pub fn of(error: &dyn std::fmt::Display) -> Self {
        let text = shown(&error.to_string(), 600);
        match text.rsplit_once(" — ") {
            Some((what, remedy)) => Self { what: what.to_owned(), remedy: remedy.to_owned() },
            None => Self { what: text, remedy: String::new() },
        }
    }
}

/// A word to the operator in the line above the footer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// Something was done.
    Done(String),
    /// Something went wrong.
    Trouble(Trouble),
}

/// What the workspace holds, without rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Book {
    /// The newest runs, newest first.
    pub runs: Vec<Run>,
    /// Current runs, oldest month first.
    pub current: Vec<Run>,
    /// The newest journal entries, newest first.
    pub journal: Vec<JournalEntry>,
    /// Where the imports stand.
    pub imports: ImportStanding,
    /// The newest look at inertness that was kept.
    pub inertness: Option<Inertness>,
    /// The newest delivery of each record.
    pub deliveries: Arc<Deliveries>,
    /// What decisions make of the current runs, by run; those about which nobody decided are not here.
    pub reviews: BTreeMap<i64, ReviewTally>,
    /// How the runbook's gates stand, by the newest month's current run; `None` where there is no runbook.
    pub gates: Option<Gated>,
    /// How the flip stands.
    pub flip: Arc<FlipStanding>,
    /// Digest of the subscriptions that are flipped; empty where none is.
    pub flipped: String,
    /// Rows of the current runs that nothing confirmed explains, by run; a run whose causes were not looked for is not here.
    pub unexplained: BTreeMap<i64, u64>,
    /// Every waiver of rows, however it stands.
    pub waivers: Vec<Waiver>,
    /// The way to the flip by the newest month, as the flip itself asks; `None` where there is no project.
    pub way: Option<Assessment>,
    /// Saved views of the table, by name.
    pub views: Vec<SavedView>,
}

/// Findings and unreadable rows of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// Blocking first.
    pub findings: Vec<Finding>,
    /// The first of them.
    pub rejected: Vec<RowError>,
    /// What its explanations come to together; `None` where they were not made.
    pub together: Option<Together>,
    /// Money at stake by verdict, minor units by currency.
    pub stakes: BTreeMap<Verdict, Vec<(Currency, i64)>>,
}

/// How far reading the workspace came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Loaded {
    /// The first answer is not here yet.
    #[default]
    No,
    /// There is no workspace yet.
    Absent,
    /// It was read.
    Yes,
}

/// A list's selected line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Selection {
    /// Which line.
    pub at: usize,
}

/// The whole state.
#[derive(Debug, Clone)]
pub struct Model {
    /// What does not change.
    pub setup: Setup,
    /// The clock's last word.
    pub now: DateTime<Utc>,
    /// When the workspace was last read unasked.
    pub read_at: DateTime<Utc>,
    /// Columns and lines of the terminal.
    pub size: (u16, u16),
    /// The screen shown.
    pub screen: Screen,
    /// What lies on top, last on top of all.
    pub overlays: Vec<Overlay>,
    /// How far the workspace was read.
    pub loaded: Loaded,
    /// The workspace without its rows.
    pub book: Book,
    /// Why the newest reading of the workspace failed; the book is the last good one.
    pub trouble: Option<Trouble>,
    /// Facts by run, of the runs looked at.
    pub facts: BTreeMap<i64, Facts>,
    /// The month shown.
    pub month: Option<Month>,
    /// A run shown instead of the month's current one.
    pub chosen: Option<i64>,
    /// A run and its rows with most money at stake, worst first.
    pub worst: (i64, Vec<RowLine>),
    /// The table of rows.
    pub table: Table,
    /// The open row.
    pub detail: Option<Detail>,
    /// The import's plan.
    pub plan: PlanTable,
    /// Selected line of Gates, by [`Model::gate_lines`].
    pub stage: Selection,
    /// The selected check of that stage, where its checks are gone into.
    pub check: Option<usize>,
    /// Selected cluster of Causes.
    pub cause: Selection,
    /// What is selected and open on Flip.
    pub flip: FlipView,
    /// Selected blocker of Overview.
    pub blocker: Selection,
    /// The list of Activity in use.
    pub pane: Pane,
    /// Its selected line, by pane.
    pub panes: [Selection; 4],
    /// The running job, or the last one.
    pub job: Option<Job>,
    /// Word to the operator.
    pub notice: Option<Notice>,
    /// What was done last, the newest at the end.
    pub undo: Vec<Undo>,
    /// An act was kept: the word about it names the journal's head once it was read.
    pub owes_head: bool,
    /// A sign-off is being made: it may wait for a person.
    pub signing: bool,
    /// Leaving, as soon as the job ended.
    pub leaving: bool,
    /// The last ticket given.
    pub ticket: u64,
    /// The row that was selected when the program last ended, until it was found again.
    pub recalled: Option<RowAt>,
    /// Why nothing of the last start came back, where it could not be read.
    pub forgotten: Option<String>,
}

impl Model {
    /// The state at the start, and what to do first.
    pub fn new(setup: Setup, now: DateTime<Utc>, size: (u16, u16)) -> (Self, Vec<Effect>) {
        let model = Self {
            setup,
            now,
            read_at: now,
            size,
            screen: Screen::Overview,
            overlays: Vec::new(),
            loaded: Loaded::No,
            book: Book::default(),
            trouble: None,
            facts: BTreeMap::new(),
            month: None,
            chosen: None,
            worst: (0, Vec::new()),
            table: Table::default(),
            detail: None,
            plan: PlanTable::default(),
            stage: Selection::default(),
            check: None,
            cause: Selection::default(),
            flip: FlipView::default(),
            blocker: Selection::default(),
            pane: Pane::Runs,
            panes: [Selection::default(); 4],
            job: None,
            notice: None,
            undo: Vec::new(),
            owes_head: false,
            signing: false,
            leaving: false,
            ticket: 0,
            recalled: None,
            forgotten: None,
        };
        (model, vec![Effect::LoadBook])
    }

    /// A ticket never given before.
    pub const fn next_ticket(&mut self) -> u64 {
        self.ticket += 1;
        self.ticket
    }

    /// True while a job works.
    pub fn job_runs(&self) -> bool {
        self.job.as_ref().is_some_and(|j| j.ended.is_none())
    }

    /// The run on the screen: the chosen one, else the month's current one, else the month's newest.
    pub fn shown_run(&self) -> Option<&Run> {
        let by_id = |id: i64| self.book.runs.iter().chain(&self.book.current).find(|r| r.id == id);
        self.chosen.and_then(by_id).or_else(|| self.current_run()).or_else(|| self.latest_run())
    }

    /// The run of the shown month that counts.
    pub fn current_run(&self) -> Option<&Run> {
        self.book.current.iter().find(|r| Some(r.request.month) == self.month)
    }

    /// The newest run of the shown month, whatever its state.
    pub fn latest_run(&self) -> Option<&Run> {
        self.book.runs.iter().find(|r| Some(r.request.month) == self.month)
    }

    /// Months with a run, oldest first.
    pub fn months(&self) -> Vec<Month> {
        let mut months: Vec<Month> = self.book.current.iter().chain(&self.book.runs).map(|r| r.request.month).collect();
        months.sort_unstable();
        months.dedup();
        months
    }

    /// Facts of the shown run.
    pub fn shown_facts(&self) -> Option<&Facts> {
        self.shown_run().and_then(|r| self.facts.get(&r.id))
    }

    /// Where the flip stands for the shown month: by its current run, never by a chosen one that does not count.
    pub fn assessment(&self) -> Assessment {
        let current = self.current_run();
        let latest = self.book.runs.iter().find(|r| Some(r.request.month) == self.month && r.is_full());
        let findings = current.or(latest).and_then(|r| self.facts.get(&r.id)).map_or(&[][..], |f| &f.findings);
        let review = current.and_then(|r| self.book.reviews.get(&r.id));
        let (config_digest, coverage_floor) = (self.setup.config_digest.as_str(), self.setup.coverage_floor);
        let (imports, inertness) = (&self.book.imports, self.book.inertness.as_ref());
        let (inertness_digest, is_checked) = (self.setup.inertness_digest.as_str(), !self.setup.checks.is_empty() || !self.setup.can_run);
        let gates = self.book.gates.as_ref();
        assess(&Standing {
            latest,
            current,
            findings,
            review,
            imports,
            inertness,
            inertness_digest,
            is_checked,
            config_digest,
            coverage_floor,
            gates,
            flipped: &self.book.flipped,
        })
    }

    /// The newest look at inertness. One that a plan took is not kept in the workspace: it can raise the alarm, and only a kept
    /// look takes it back.
    pub fn inertness(&self) -> Option<&Inertness> {
        let kept = self.book.inertness.as_ref();
        let planned = self.plan.shown.as_ref().map(|s| &s.inertness).filter(|p| kept.is_none_or(|k| p.at > k.at));
        planned.filter(|p| p.alarm().is_some() || kept.is_none_or(|k| k.alarm().is_none())).or(kept)
    }

    /// Lines in a list of Activity.
    pub fn pane_len(&self, pane: Pane) -> usize {
        match pane {
            Pane::Runs => self.book.runs.len(),
            Pane::Findings => self.shown_facts().map_or(0, |f| f.findings.len()),
            Pane::Rejected => self.shown_facts().map_or(0, |f| f.rejected.len()),
            Pane::Journal => self.book.journal.len(),
        }
    }
}

//! A job under way, as the screen tells it: a reconciliation, an import or its plan, a look at inertness.

use crate::app::flip::{Came, Cared, Checked, Planned as Waves, Simulation, Standing};
use crate::app::gates::Made;
use crate::app::import::{Applied, ImportOptions, Planned};
use crate::app::progress::Progress;
use crate::app::reconcile::ReconcileOptions;
use crate::domain::contract::Entity;
use crate::domain::fixes::Fixes;
use crate::domain::flip::Rehearsal;
use crate::domain::import::Inertness;
use crate::domain::run::Run;
use crate::domain::side::Side;
use crate::ports::workspace::{RowFilter, Sort};
use crate::present::columns::Column;
use crate::tui::model::palette::FileKind;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What a job is asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobAsked {
    /// Reconcile months.
    Reconcile(ReconcileOptions),
    /// Show what an import would do.
    Plan(ImportOptions),
    /// Import.
    Apply(ImportOptions),
    /// Look whether the target is inert.
    Inertness,
    /// Make checks of the runbook: stages, or `stage/check`.
    Checks(Vec<String>),
    /// Weigh corrections on a run.
    Fixes(i64),
    /// Something of the flip.
    Flip(FlipAsked),
    /// Write rows into a file.
    Write(Box<WriteAsked>),
}

/// Which rows are written, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteAsked {
    /// Of which run.
    pub run: i64,
    /// Which rows.
    pub filter: RowFilter,
    /// In which order.
    pub sort: Sort,
    /// Which columns, in their order.
    pub columns: Vec<Column>,
    /// As what.
    pub kind: FileKind,
}

/// What a job of the flip is asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlipAsked {
    /// Cut waves.
    Plan,
    /// Check a wave as for good.
    Check(u32),
    /// Apply a wave; with the phrase as it was typed.
    Apply(u32, String),
    /// Back a wave out; with the phrase as it was typed.
    BackOut(u32, String),
    /// Look at the first invoices of a wave.
    Care(u32),
    /// Look at the days ahead.
    Simulate,
    /// Apply and back out a wave on the copy in that directory.
    Rehearse(u32, PathBuf),
    /// Close the flip, and why.
    Complete(String),
}

/// What a job of the flip came to.
#[derive(Debug, Clone)]
pub enum FlipDone {
    /// Waves were cut.
    Planned(Box<Waves>),
    /// A wave was checked.
    Checked(Box<Checked>),
    /// A wave was applied or backed out, as far as it came.
    Came(Box<Came>),
    /// First invoices were looked at.
    Cared(Box<Cared>),
    /// Days were looked at.
    Simulated(Box<Simulation>),
    /// A wave was rehearsed, as far as it came.
    Rehearsed(Box<Rehearsal>, Box<Standing>),
    /// The flip was closed.
    Completed(Box<Standing>),
}

/// What it came to.
#[derive(Debug, Clone)]
pub enum JobDone {
    /// Runs, oldest month first.
    Runs(Vec<Run>),
    /// A plan.
    Planned(Box<Planned>),
    /// An import that acted.
    Applied(Box<Applied>),
    /// What was seen of the target.
    Inertness(Inertness),
    /// Checks that were made.
    Checked(Vec<Made>),
    /// Corrections, weighed on a run.
    Fixes(i64, Box<Fixes>),
    /// Something of the flip.
    Flip(FlipDone),
    /// Rows were written: how many, and into which file.
    Written(u64, PathBuf),
}

impl JobAsked {
    /// What it does, for people: `reconciling`.
    pub const fn doing(&self) -> &'static str {
        match self {
            Self::Reconcile(options) if options.recheck => "checking again",
            Self::Reconcile(_) => "reconciling",
            Self::Plan(_) | Self::Flip(FlipAsked::Plan) => "planning",
            Self::Apply(options) if options.retire => "importing and retiring",
            Self::Apply(_) => "importing",
            Self::Inertness => "looking",
            Self::Checks(_) => "making checks",
            Self::Fixes(_) => "weighing corrections on",
            Self::Write(_) => "writing",
            Self::Flip(FlipAsked::Check(_)) => "checking",
            Self::Flip(FlipAsked::Apply(..)) => "applying",
            Self::Flip(FlipAsked::BackOut(..)) => "backing out",
            Self::Flip(FlipAsked::Care(_)) => "looking at first invoices of",
            Self::Flip(FlipAsked::Simulate) => "looking at",
            Self::Flip(FlipAsked::Rehearse(..)) => "rehearsing",
            Self::Flip(FlipAsked::Complete(_)) => "completing",
        }
    }

    /// What it does that to: `2026-05`, or `2026-01 to 2026-05`.
    pub fn subject(&self) -> String {
        match self {
            Self::Reconcile(options) => match (options.months.first(), options.months.last()) {
                (Some(first), Some(last)) if first != last => format!("{first} to {last}"),
                (Some(first), _) => first.to_string(),
                _ => "no month".to_owned(),
            },
            Self::Plan(_) => "the import".to_owned(),
            Self::Apply(_) => "records".to_owned(),
            Self::Inertness => "whether the target is inert".to_owned(),
            Self::Checks(names) => format!("of {}", names.join(", ")),
            Self::Fixes(run) => format!("run #{run}"),
            Self::Write(asked) => format!("rows of run #{}", asked.run),
            Self::Flip(FlipAsked::Plan) => "waves".to_owned(),
            Self::Flip(FlipAsked::Simulate) => "the days ahead".to_owned(),
            Self::Flip(FlipAsked::Complete(_)) => "the flip".to_owned(),
            Self::Flip(
                FlipAsked::Check(wave)
                | FlipAsked::Apply(wave, _)
                | FlipAsked::BackOut(wave, _)
                | FlipAsked::Care(wave)
                | FlipAsked::Rehearse(wave, _),
            ) => format!("wave {wave}"),
        }
    }

    /// With its article: `a reconciliation`.
    pub const fn noun(&self) -> &'static str {
        match self {
            Self::Reconcile(_) => "a reconciliation",
            Self::Plan(_) => "an import's plan",
            Self::Apply(_) => "an import",
            Self::Inertness => "a look at the target",
            Self::Checks(_) => "a making of checks",
            Self::Fixes(_) => "a preview of corrections",
            Self::Write(_) => "a writing of rows",
            Self::Flip(FlipAsked::Plan) => "a plan of waves",
            Self::Flip(FlipAsked::Check(_)) => "a check of a wave",
            Self::Flip(FlipAsked::Apply(..)) => "a flip",
            Self::Flip(FlipAsked::BackOut(..)) => "a back-out",
            Self::Flip(FlipAsked::Care(_)) => "a look at first invoices",
            Self::Flip(FlipAsked::Simulate) => "a look at the days ahead",
            Self::Flip(FlipAsked::Rehearse(..)) => "a rehearsal",
            Self::Flip(FlipAsked::Complete(_)) => "the closing of the flip",
        }
    }

    /// What cancelling it leaves.
    pub const fn left_behind(&self) -> &'static str {
        match self {
            Self::Reconcile(_) => "Its run stays, marked interrupted, and counts for nothing. What was current stays current.",
            Self::Plan(_) => "It only reads: nothing is left of it, and the last plan stays as it is.",
            Self::Apply(_) => "What was staged stays, what was handed over is known, and the next import goes on from there.",
            Self::Inertness => "It only reads: nothing is kept of a look cut short.",
            Self::Checks(_) => "Evidence of the checks that were made stays; the others are as they were.",
            Self::Flip(FlipAsked::Apply(..) | FlipAsked::BackOut(..)) => {
                "It stops before its next batch. What was changed stays changed and is known; the same key goes on from there."
            }
            Self::Flip(FlipAsked::Rehearse(..)) => {
                "It stops before its next batch. The copy is left as it is by then; the real sides are not touched."
            }
            Self::Fixes(_) => "It only reads: nothing is left of it.",
            Self::Write(_) => "No file is left of it.",
            Self::Flip(_) => "It only reads: nothing was changed, and the waves stay as they are.",
        }
    }

    /// Whether the Import screen tells of it.
    pub const fn is_of_import(&self) -> bool {
        !matches!(self, Self::Reconcile(_) | Self::Checks(_) | Self::Fixes(_) | Self::Flip(_) | Self::Write(_))
    }

    /// Whether the Flip screen tells of it.
    pub const fn is_of_flip(&self) -> bool {
        matches!(self, Self::Flip(_))
    }
}

/// How far one entity was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReadSoFar {
    /// Rows.
    pub rows: u64,
    /// Bytes of text.
    pub bytes: u64,
    /// Its stream ended well.
    pub done: bool,
}

/// How far judging is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JudgedSoFar {
    /// Keys judged.
    pub keys: u64,
    /// Of so many.
    pub of: u64,
    /// Rows they came to.
    pub rows: u64,
}

/// How far handing over is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoadSoFar {
    /// When it began.
    pub since: DateTime<Utc>,
    /// When the newest word of it came.
    pub at: DateTime<Utc>,
    /// Records that arrived, were refused or parked.
    pub done: u64,
    /// Of so many.
    pub of: u64,
    /// Of these refused by the target.
    pub rejected: u64,
    /// Of these parked after their tries.
    pub parked: u64,
}

/// How a job ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// When.
    pub at: DateTime<Utc>,
    /// In words, safe to print.
    pub words: String,
    /// Whether it did what was asked.
    pub well: bool,
}

/// A job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// What was asked.
    pub asked: JobAsked,
    /// When it began.
    pub started: DateTime<Utc>,
    /// Phases so far, with when each began.
    pub phases: Vec<(String, DateTime<Utc>)>,
    /// Rows read.
    pub reads: BTreeMap<(Side, Entity), ReadSoFar>,
    /// Judged so far; `None` before that begins.
    pub judged: Option<JudgedSoFar>,
    /// Records handed to the loader; `None` where nothing is loaded.
    pub loaded: Option<LoadSoFar>,
    /// Cancelling was asked for.
    pub cancelling: bool,
    /// How it ended; `None` while it works.
    pub ended: Option<Ended>,
    /// Rows read, keys judged and records loaded, second by second, the newest last.
    pub pace: Vec<u64>,
    /// The second that was told of last, and all that had been done by then.
    told: (i64, u64),
}

/// Seconds of its pace that are kept.
const PACE: usize = 40;

impl Job {
    /// A job that begins now.
    pub const fn new(asked: JobAsked, now: DateTime<Utc>) -> Self {
        Self {
            asked,
            started: now,
            phases: Vec::new(),
            reads: BTreeMap::new(),
            judged: None,
            loaded: None,
            cancelling: false,
            ended: None,
            pace: Vec::new(),
            told: (0, 0),
        }
    }

    /// Takes in what it said.
    pub fn hear(&mut self, progress: Progress, now: DateTime<Utc>) {
        match progress {
            Progress::Phase(name) => {
                if self.phases.last().is_none_or(|(last, _)| *last != name) {
                    self.phases.push((name, now));
                }
            }
            Progress::Read { side, entity, rows, bytes, done } => {
                self.reads.insert((side, entity), ReadSoFar { rows, bytes, done });
            }
            Progress::Judged { keys, of, rows } => self.judged = Some(JudgedSoFar { keys, of, rows }),
            Progress::Loaded { done, of, rejected, parked } => {
                let since = self.loaded.map_or(now, |l| l.since);
                self.loaded = Some(LoadSoFar { since, at: now, done, of, rejected, parked });
            }
        }
        self.keep_pace(now);
    }

    /// Keeps what was done since the last second that was told of, spread over the seconds since.
    fn keep_pace(&mut self, now: DateTime<Utc>) {
        let second = (now - self.started).num_seconds();
        let done = self.rows_read() + self.judged.map_or(0, |j| j.keys) + self.loaded.map_or(0, |l| l.done);
        let (before, so_far) = self.told;
        let Some(gap) = usize::try_from(second - before).ok().filter(|gap| *gap > 0) else { return };
        let each = done.saturating_sub(so_far) / gap as u64;
        self.pace.extend(std::iter::repeat_n(each, gap.min(PACE)));
        self.pace.drain(..self.pace.len().saturating_sub(PACE));
        self.told = (second, done);
    }

    /// Milliseconds it has worked.
    pub fn milliseconds(&self, now: DateTime<Utc>) -> u64 {
        let end = self.ended.as_ref().map_or(now, |e| e.at);
        u64::try_from((end - self.started).num_milliseconds()).unwrap_or(0)
    }

    /// Rows read of both sides.
    pub fn rows_read(&self) -> u64 {
        self.reads.values().map(|r| r.rows).sum()
    }
}

//! A reconciliation under way, as the screen tells it.

use crate::app::progress::Progress;
use crate::app::reconcile::ReconcileOptions;
use crate::domain::contract::Entity;
use crate::domain::period::Month;
use crate::domain::side::Side;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

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
    pub options: ReconcileOptions,
    /// When it began.
    pub started: DateTime<Utc>,
    /// Phases so far, with when each began.
    pub phases: Vec<(String, DateTime<Utc>)>,
    /// Rows read.
    pub reads: BTreeMap<(Side, Entity), ReadSoFar>,
    /// Rows judged, and of how many.
    pub judged: BTreeMap<Month, (u64, u64)>,
    /// Records handed to the loader: done, of so many, refused, parked. `None` where nothing is loaded.
    pub loaded: Option<(u64, u64, u64, u64)>,
    /// Cancelling was asked for.
    pub cancelling: bool,
    /// How it ended; `None` while it works.
    pub ended: Option<Ended>,
}

impl Job {
    /// A job that begins now.
    pub const fn new(options: ReconcileOptions, now: DateTime<Utc>) -> Self {
        Self {
            options,
            started: now,
            phases: Vec::new(),
            reads: BTreeMap::new(),
            judged: BTreeMap::new(),
            loaded: None,
            cancelling: false,
            ended: None,
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
            Progress::Judged { month, rows, of } => {
                self.judged.insert(month, (rows, of));
            }
            Progress::Loaded { done, of, rejected, parked } => self.loaded = Some((done, of, rejected, parked)),
        }
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

    /// Rows judged and rows to judge.
    pub fn rows_judged(&self) -> (u64, u64) {
        self.judged.values().fold((0, 0), |(rows, of), (r, o)| (rows + r, of + o))
    }

    /// What it is for: `2026-05`, or `2026-01 to 2026-05`.
    pub fn subject(&self) -> String {
        match (self.options.months.first(), self.options.months.last()) {
            (Some(first), Some(last)) if first != last => format!("{first} to {last}"),
            (Some(first), _) => first.to_string(),
            _ => "no month".to_owned(),
        }
    }
}

//! A check: one question that a program, a database, a file or a person answers.

use super::digest::digest_of;
use crate::domain::currency::Currency;
use crate::domain::exact::Exact;
use crate::domain::parameter::Parameter;
use crate::domain::side::Side;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A check of a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Its id, unique in its stage.
    pub id: String,
    /// What it proves, for people.
    pub title: String,
    /// Who answers for it, where somebody does.
    pub owner: Option<String>,
    /// Looked at and shown, and counted apart: it neither opens nor shuts the gate.
    pub observe_only: bool,
    /// Seconds its evidence counts.
    pub max_age_seconds: u64,
    /// What is asked.
    pub kind: CheckKind,
}

/// What a check asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CheckKind {
    /// A database.
    Sql(SqlCheck),
    /// A program.
    Command(CommandCheck),
    /// Reports of tests that ran elsewhere.
    Tests(TestsCheck),
    /// What a log says.
    Log(LogCheck),
    /// What reconciliations came to.
    Metric(MetricCheck),
    /// Whether each scheduled job is active on exactly one side.
    Schedule(ScheduleCheck),
    /// A person.
    Manual(ManualCheck),
}

/// Where an SQL check is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SqlOn {
    /// The source's database.
    Source,
    /// The target's database.
    Target,
    /// dualrun's own workspace.
    Workspace,
}

/// A read-only query and what it must give.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SqlCheck {
    /// Where.
    pub on: SqlOn,
    /// The query, with parameters as the queries of a side have them.
    pub sql: String,
    /// Values of its own parameters, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, Parameter>,
    /// What it must give.
    pub expects: Expectation,
}

/// What a query must give.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "expects", rename_all = "snake_case")]
pub enum Expectation {
    /// No row at all: each row is a violation.
    NoRows,
    /// One row of one column, with this text.
    Value {
        /// The text, byte by byte.
        value: String,
    },
    /// One row of one column, a number within bounds.
    Number {
        /// Its bounds.
        bound: Bound,
    },
}

/// Bounds of a number, each included; both may be given, one must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bound {
    /// No less than this.
    pub at_least: Option<Exact>,
    /// No more than this.
    pub at_most: Option<Exact>,
}

impl Bound {
    /// Whether a number is within. Without any bound nothing is.
    pub fn holds(&self, number: &Exact) -> bool {
        let any = self.at_least.is_some() || self.at_most.is_some();
        any && self.at_least.as_ref().is_none_or(|least| number >= least) && self.at_most.as_ref().is_none_or(|most| number <= most)
    }
}

/// A program, started without a shell. It passes by exit code 0, in time, within its output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandCheck {
    /// The program and its arguments.
    pub argv: Vec<String>,
    /// Names of variables it gets beside the usual few.
    pub env: Vec<String>,
    /// Longest it may take, in seconds.
    pub timeout_seconds: u64,
    /// Most bytes it may write.
    pub output_bytes: u64,
}

/// JUnit reports. Counted from their cases, never from their headers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestsCheck {
    /// Files, relative to the project; `*` stands for a part of a file's name.
    pub files: Vec<String>,
    /// Least cases that must have run and passed.
    pub least: u64,
    /// Cases that may be skipped, by name (`class.name`); any other skip fails.
    pub skips: Vec<String>,
}

/// Event names that must occur in log files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogCheck {
    /// Files, as of [`TestsCheck`].
    pub files: Vec<String>,
    /// Names that must each occur at least once, as whole words.
    pub events: Vec<String>,
}

/// A figure of the workspace and its bounds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetricCheck {
    /// Which.
    pub metric: Metric,
    /// Its bounds.
    pub bound: Bound,
}

/// A figure of the workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "metric", rename_all = "snake_case")]
pub enum Metric {
    /// Rows that match ÷ rows that are compared, in per cent, of the newest month.
    MatchRate,
    /// Σ |delta| of rows with no confirmed cause and no waiver, in major units of a currency, of the newest month.
    UnexplainedGross {
        /// The currency.
        currency: Currency,
    },
    /// Money covered ÷ money invoiced, in per cent, of the newest month, in a currency.
    Coverage {
        /// The currency.
        currency: Currency,
    },
    /// Months in a row up to the newest in which nothing is open.
    CleanCycles {
        /// Least rows a month needs to count.
        least_rows: u64,
        /// Least days those months must span together.
        least_days: u64,
    },
    /// Rows that could not be read in the newest full run.
    RejectedRows,
    /// Checks of inertness that do not hold.
    NotInert,
}

/// Scheduled jobs, by the `jobs` of both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleCheck {
    /// These must be there, on one of the sides. Every other job of either side is looked at as well.
    pub jobs: Vec<String>,
}

/// A person's word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManualCheck {
    /// What the person states.
    pub statement: String,
    /// Whether a file must be attached; its digest is kept.
    pub attachment: bool,
}

impl CheckKind {
    /// The databases its evidence is of. A metric is of the runs, which are of both.
    pub const fn asks(&self) -> &'static [Side] {
        match self {
            Self::Sql(SqlCheck { on: SqlOn::Source, .. }) => &[Side::Source],
            Self::Sql(SqlCheck { on: SqlOn::Target, .. }) => &[Side::Target],
            Self::Schedule(_) | Self::Metric(_) => &Side::BOTH,
            Self::Sql(_) | Self::Command(_) | Self::Tests(_) | Self::Log(_) | Self::Manual(_) => &[],
        }
    }

    /// The patterns of the files it reads.
    pub fn patterns(&self) -> &[String] {
        match self {
            Self::Tests(tests) => &tests.files,
            Self::Log(log) => &log.files,
            Self::Sql(_) | Self::Command(_) | Self::Metric(_) | Self::Schedule(_) | Self::Manual(_) => &[],
        }
    }
}

impl Check {
    /// Digest of what is asked: evidence of another question is none.
    pub fn digest(&self) -> String {
        digest_of("runbook check v1", self)
    }
}

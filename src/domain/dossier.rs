//! The dossier: an evidence pack of plain files that proves a cutover without a database, a workspace or this project. What its
//! files are called and what they hold; how they hang together is checked by the engine of dossiers.

use super::gate::{Glass, MonthStood, Outcome, Place, digest_of};
use super::journal::JournalHead;
use super::person::Operator;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Names the form; raised when it changes.
pub const FORM: &str = "dualrun dossier 1";

/// The names of its files, from the folder on.
pub mod file {
    /// How to check it by hand.
    pub const README: &str = "README.txt";
    /// [`super::Manifest`]: the one file that is not in it.
    pub const MANIFEST: &str = "manifest.json";
    /// [`super::Stand`].
    pub const STAND: &str = "stand.json";
    /// What the configuration's digest is over, byte by byte.
    pub const CONFIGURATION: &str = "configuration.json";
    /// The configuration as it was written; for people.
    pub const CONFIGURATION_TEXT: &str = "dualrun.toml";
    /// The runbook as gates take it.
    pub const RUNBOOK: &str = "runbook.json";
    /// The runbook as it was written; for people.
    pub const RUNBOOK_TEXT: &str = "runbook.toml";
    /// The keys by which signatures hold, as `ssh-keygen -Y verify` reads them.
    pub const ALLOWED_SIGNERS: &str = "allowed_signers";
    /// How the gates stand; absent where there is no runbook.
    pub const GATES: &str = "gates.json";
    /// How the flip stands; absent where nothing was ever done about it.
    pub const FLIP: &str = "flip.json";
    /// Every act about the gates and the flip, a line each, oldest first.
    pub const GATE_ACTS: &str = "gate_acts.jsonl";
    /// Every decision about rows, a line each ([`super::Decision`]), oldest first.
    pub const REVIEWS: &str = "reviews.jsonl";
    /// The whole journal, an entry a line.
    pub const JOURNAL: &str = "journal.jsonl";

    /// A run's header: [`crate::domain::run::Run`].
    pub const RUN: &str = "run.json";
    /// Its findings, a line each.
    pub const FINDINGS: &str = "findings.jsonl";
    /// Its rows that could not be read, a line each.
    pub const REJECTED: &str = "rejected.jsonl";
    /// The target's plans with their charges, a line each.
    pub const TERMS: &str = "terms.jsonl";
    /// Its rows, a line each ([`super::KeptRow`]), in stored order.
    pub const ROWS: &str = "rows.jsonl";
    /// Why rows differ, a line each ([`super::KeptExplanation`]).
    pub const EXPLANATIONS: &str = "explanations.jsonl";
    /// What may explain rows beside their numbers, a line each ([`super::KeptEvidence`]).
    pub const EVIDENCE: &str = "evidence.jsonl";

    /// The name of a file of a run.
    pub fn of_run(run: i64, name: &str) -> String {
        format!("runs/{run}/{name}")
    }
}

/// A file and its digest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sealed {
    /// Its name, from the folder on, parts by `/`.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// BLAKE3 over it, hex (`b3sum`).
    pub blake3: String,
}

/// Every other file of the dossier, and one digest over all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`FORM`].
    pub form: String,
    /// Of which service.
    pub service: String,
    /// When it was made: how the gates stand is said for this moment.
    pub made_at: DateTime<Utc>,
    /// Who had it made.
    pub made_by: String,
    /// The program that made it.
    pub program: String,
    /// The journal's head.
    pub journal: JournalHead,
    /// The files, by name.
    pub files: Vec<Sealed>,
    /// Over everything above.
    pub digest: String,
}

impl Manifest {
    /// The digest over everything else in it.
    pub fn digest_of_all(&self) -> String {
        digest_of("dossier manifest v1", &Self { digest: String::new(), ..self.clone() })
    }

    /// Its bytes: there is one way to write it.
    pub fn text(&self) -> serde_json::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}

/// What sign-offs stand on beside runs, decisions and evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stand {
    /// Digest of the configuration that decides numbers: BLAKE3 over `configuration.json`.
    pub config: String,
    /// Digest of all of the configuration that a sign-off is bound to.
    pub configuration: String,
    /// Part of the invoiced money that must be reconciled, in ten-thousandths.
    pub coverage_floor: i64,
    /// Digest of the checks of inertness.
    pub inertness_digest: String,
    /// The people who may act and sign.
    pub operators: Vec<Operator>,
    /// The program that looked at the gates.
    pub program: String,
    /// Runs that count, oldest month first.
    pub runs: Vec<i64>,
    /// The run the gates stand on; `None` where none counts.
    pub gated_by: Option<i64>,
    /// Files that evidence stands on, with their digests when the dossier was made. They are not in it.
    pub files: BTreeMap<String, String>,
    /// Names that patterns of evidence matched then.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub matched: BTreeMap<String, Vec<String>>,
    /// How each month stood then that evidence of a metric used.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub months: BTreeMap<String, MonthStood>,
    /// What the project would act on; absent in dossiers of before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// Digest of all of a configuration that a sign-off is bound to: what decides the numbers, the floor, the checks of inertness, and
/// the people.
pub fn bound_configuration(config: &str, coverage_floor: i64, inertness_digest: &str, operators: &[Operator]) -> String {
    digest_of("configuration v1", &(config, coverage_floor, inertness_digest, operators))
}

/// A row of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptRow {
    /// Its place in the run, from 1.
    pub seq: i64,
    /// The row.
    pub row: super::row::ReconRow,
}

/// Why a row differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptExplanation {
    /// The row's place.
    pub seq: i64,
    /// Why.
    pub explanation: super::explanation::Explanation,
}

/// What may explain a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptEvidence {
    /// The row's place.
    pub seq: i64,
    /// It.
    pub evidence: super::evidence::Evidence,
}

/// A decision about rows, with the rows it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// The act.
    pub act: super::review::Act,
    /// Its rows.
    pub subjects: Vec<super::review::Subject>,
}

/// Something that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Complaint {
    /// Where: a file, with the line or the id in it where that is known. Safe to be shown.
    pub place: String,
    /// What. Safe to be shown.
    pub what: String,
}

impl Complaint {
    /// A complaint.
    pub fn new(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self { place: place.into(), what: what.into() }
    }
}

/// How a stage stands, for those who read what was verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StageHeld {
    /// Its id.
    pub id: String,
    /// What it comes to, folded anew.
    pub outcome: Outcome,
    /// In a few words.
    pub summary: String,
}

/// How a wave stands, for those who read what was verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WaveHeld {
    /// Its number.
    pub wave: u32,
    /// What it comes to, folded anew.
    pub state: String,
    /// Its subscriptions.
    pub subscriptions: u64,
    /// Whether its first invoices were all clean when they were last looked at; `None` where nobody looked.
    pub clean: Option<bool>,
    /// Whether a payment was captured.
    pub no_return: bool,
}

/// How much was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Checked {
    /// Files.
    pub files: u64,
    /// Bytes of them.
    pub bytes: u64,
    /// Runs.
    pub runs: u64,
    /// Their rows.
    pub rows: u64,
    /// Rows judged anew from their inputs and terms.
    pub rows_redone: u64,
    /// Entries of the journal.
    pub journal_entries: u64,
    /// Acts about the gates.
    pub gate_acts: u64,
    /// Those of them that are steps of the flip.
    pub flip_acts: u64,
    /// Decisions about rows.
    pub decisions: u64,
    /// Signatures.
    pub signatures: u64,
    /// Signatures that hold.
    pub signatures_held: u64,
}

/// What a look at a dossier came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// Of which service; as stated.
    pub service: String,
    /// When it was made; as stated.
    pub made_at: Option<DateTime<Utc>>,
    /// By whom; as stated.
    pub made_by: String,
    /// Its digest over all; as stated.
    pub digest: String,
    /// The journal's head; as walked.
    pub journal: Option<JournalHead>,
    /// How much was looked at.
    pub checked: Checked,
    /// The stages, folded anew.
    pub stages: Vec<StageHeld>,
    /// The waves of the flip, folded anew.
    pub waves: Vec<WaveHeld>,
    /// Every breaking of the glass that ever counted.
    pub broken_glass: Vec<Glass>,
    /// What does not hold. Nothing is all well.
    pub complaints: Vec<Complaint>,
    /// So many more were not kept.
    pub more: u64,
    /// What was told on the way, and is no complaint.
    pub notes: Vec<String>,
    /// What nothing in a dossier can prove, and is taken as it is stated.
    pub taken: Vec<String>,
}

impl Verified {
    /// Whether all of it holds.
    pub fn holds(&self) -> bool {
        self.complaints.is_empty() && self.more == 0
    }
}

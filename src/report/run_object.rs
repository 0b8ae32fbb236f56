//! A run as one JSON object: what `reconcile`, `status` and `report json` print. Money is text with the currency's own
//! decimals, so that no reader's binary floats can change it.

use super::Facts;
use crate::domain::currency::Currency;
use crate::domain::decode::RowError;
use crate::domain::finding::Finding;
use crate::domain::run::{BasisCounts, Counts, Digests, MoneyTotals, RecheckOutcome, Run, SnapshotInfo, Tally, UsageReading};
use crate::domain::verdict::Verdict;
use crate::ports::workspace::JournalHead;
use crate::present::{money as text, numbers, unreadable, words};
use chrono::{DateTime, Utc};
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use std::collections::BTreeMap;

/// A JSON object whose keys keep this order.
#[derive(Debug, Clone)]
pub struct Ordered<V>(pub Vec<(&'static str, V)>);

impl<V: Serialize> Serialize for Ordered<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

/// A run for machines.
#[derive(Debug, Clone, serde::Serialize)]
pub struct RunObject<'a> {
    run: i64,
    service: &'a str,
    period: String,
    state: &'static str,
    current: bool,
    counts_as_evidence: bool,
    dry_run: bool,
    only: &'a [String],
    marks: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    broken_glass: Option<serde_json::Value>,
    digest: &'a str,
    rows: u64,
    subscription_periods: u64,
    counts: Ordered<u64>,
    money: BTreeMap<Currency, Ordered<String>>,
    coverage: BTreeMap<Currency, Option<String>>,
    basis: BasisCounts,
    source_invoices: &'a BTreeMap<String, u64>,
    target_invoices: &'a BTreeMap<String, u64>,
    usage: &'a BTreeMap<String, u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage_reading: Option<&'a UsageReading>,
    #[serde(skip_serializing_if = "Option::is_none")]
    review: Option<serde_json::Value>,
    rejected: u64,
    rejected_rows: Vec<Rejected<'a>>,
    findings: Vec<FindingObject<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    causes: Option<serde_json::Value>,
    journal: Journal<'a>,
    snapshots: &'a [SnapshotInfo],
    digests: &'a Digests,
    config_digest: &'a str,
    actor: &'a str,
    program: &'a str,
    started_at: String,
    finished_at: Option<String>,
    failure: Option<&'a str>,
    recheck_of: Option<i64>,
    recheck: Option<RecheckOutcome>,
}

/// A row that could not be read.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Rejected<'a> {
    side: &'static str,
    entity: &'static str,
    id: &'a str,
    column: &'a str,
    raw: &'a str,
    reason: String,
    remedy: &'static str,
}

/// A finding with its money as text.
#[derive(Debug, Clone, serde::Serialize)]
pub struct FindingObject<'a> {
    code: &'a str,
    side: &'static str,
    weight: &'static str,
    count: u64,
    ids: Vec<&'a str>,
    money: BTreeMap<Currency, String>,
    message: &'a str,
    remedy: &'a str,
}

/// Head of the journal.
#[derive(Debug, Clone, Copy, serde::Serialize)]
pub struct Journal<'a> {
    head: &'a str,
    length: i64,
}

impl<'a> From<&'a JournalHead> for Journal<'a> {
    fn from(head: &'a JournalHead) -> Self {
        Self { head: &head.hash, length: head.length }
    }
}

impl<'a> RunObject<'a> {
    /// The object of a run.
    pub fn new(facts: &Facts<'a>) -> Self {
        let Run { id, request, state, started_at, finished_at, tally, digests, snapshots, failure, recheck, current } = facts.run;
        Self {
            run: *id,
            service: &request.service,
            period: request.month.to_string(),
            state: state.word(),
            current: *current,
            counts_as_evidence: facts.run.counts_as_evidence(),
            dry_run: request.dry_run,
            only: &request.only,
            marks: marks(facts),
            broken_glass: (!facts.glass.is_empty()).then(|| super::glass::objects(facts.glass)),
            digest: &digests.run,
            rows: tally.counts.total(),
            subscription_periods: tally.counts.total() - tally.counts.of(Verdict::Unlinked),
            counts: counts(&tally.counts),
            money: tally.money.iter().map(|(currency, totals)| (*currency, money(*currency, totals))).collect(),
            coverage: tally.money.iter().map(|(currency, totals)| (*currency, coverage(totals))).collect(),
            basis: tally.basis,
            source_invoices: &tally.source_invoices,
            target_invoices: &tally.target_invoices,
            usage: &tally.usage,
            usage_reading: tally.usage_reading.as_ref(),
            review: facts.review.map(super::review::object),
            rejected: tally.rejected,
            rejected_rows: facts.rejected.iter().map(rejected).collect(),
            findings: facts.findings.iter().map(finding).collect(),
            causes: facts.together.map(super::explanation::together),
            journal: facts.journal.into(),
            snapshots,
            digests,
            config_digest: &request.config_digest,
            actor: &request.actor,
            program: &request.program,
            started_at: instant(started_at),
            finished_at: finished_at.as_ref().map(instant),
            failure: failure.as_deref(),
            recheck_of: request.recheck_of,
            recheck: *recheck,
        }
    }
}

/// What keeps the run from counting, and that the glass was broken.
fn marks(facts: &Facts<'_>) -> Vec<String> {
    let mut marks = words::run_marks(facts.run);
    if !facts.glass.is_empty() {
        marks.push("BROKEN GLASS".to_owned());
    }
    marks
}

/// Rows by verdict, all eight, in the order of reports.
pub fn counts(counts: &Counts) -> Ordered<u64> {
    Ordered(Verdict::ALL.into_iter().map(|v| (v.word(), counts.of(v))).collect())
}

/// Share of the invoiced money that has both sides, `0.8178`; `None` where nothing was invoiced.
pub fn coverage(totals: &MoneyTotals) -> Option<String> {
    totals.coverage().map(numbers::share)
}

fn money(currency: Currency, totals: &MoneyTotals) -> Ordered<String> {
    let text = |minor| text::plain(minor, currency);
    Ordered(vec![
        ("actual", text(totals.actual)),
        ("expected", text(totals.expected)),
        ("net", text(totals.net)),
        ("gross", text(totals.gross)),
        ("unlinked", text(totals.unlinked)),
        ("not_comparable_actual", text(totals.not_comparable_actual)),
        ("not_comparable_expected", text(totals.not_comparable_expected)),
        ("covered", text(totals.covered)),
        ("invoiced", text(totals.invoiced)),
        ("tolerated", text(totals.tolerated)),
    ])
}

fn rejected(error: &RowError) -> Rejected<'_> {
    let RowError { side, entity, id, column, raw, reason } = error;
    Rejected { side: side.word(), entity: entity.word(), id, column, raw, reason: reason.to_string(), remedy: unreadable::remedy(*reason) }
}

fn finding(finding: &Finding) -> FindingObject<'_> {
    FindingObject {
        code: &finding.code,
        side: finding.side.word(),
        weight: finding.weight.word(),
        count: finding.count,
        ids: finding.ids.iter().map(crate::domain::text::Untrusted::raw).collect(),
        money: finding.money.iter().map(|(c, m)| (*c, text::plain(*m, *c))).collect(),
        message: &finding.message,
        remedy: &finding.remedy,
    }
}

/// A run in short, for lists.
#[derive(Debug, Clone, serde::Serialize)]
pub struct RunBrief<'a> {
    run: i64,
    period: String,
    state: &'static str,
    current: bool,
    marks: Vec<String>,
    digest: &'a str,
    rows: u64,
    counts: Ordered<u64>,
    money: BTreeMap<Currency, Ordered<String>>,
    coverage: BTreeMap<Currency, Option<String>>,
    basis: BasisCounts,
    finished_at: Option<String>,
    age_seconds: Option<i64>,
}

impl<'a> RunBrief<'a> {
    /// A run as it is `now`.
    pub fn new(run: &'a Run, now: DateTime<Utc>) -> Self {
        let Tally { counts: by_verdict, basis, money: totals, .. } = &run.tally;
        Self {
            run: run.id,
            period: run.request.month.to_string(),
            state: run.state.word(),
            current: run.current,
            marks: words::run_marks(run),
            digest: &run.digests.run,
            rows: by_verdict.total(),
            counts: counts(by_verdict),
            money: totals.iter().map(|(currency, t)| (*currency, money(*currency, t))).collect(),
            coverage: totals.iter().map(|(currency, t)| (*currency, coverage(t))).collect(),
            basis: *basis,
            finished_at: run.finished_at.as_ref().map(instant),
            age_seconds: run.finished_at.map(|at| (now - at).num_seconds()),
        }
    }
}

fn instant(at: &DateTime<Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

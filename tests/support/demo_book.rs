//! The known dual run as a workspace: seven months, 2 match, 4 delta and 3 unlinked in the last.

use super::fake_workspace::{FakeWorkspace, cad, day, now, tally};
use chrono::TimeDelta;
use dualrun::domain::contract::Entity;
use dualrun::domain::decode::{Reason, RowError};
use dualrun::domain::exact::Exact;
use dualrun::domain::explanation::{Cause, Certainty, Component, Explanation, Hypothesis, Step};
use dualrun::domain::finding::{About, Finding, Weight};
use dualrun::domain::money::Money;
use dualrun::domain::period::{Grid, Month};
use dualrun::domain::profile::BasisRule;
use dualrun::domain::records::DocumentKind;
use dualrun::domain::row::{DocumentPart, LinePart, ReconRow, Subject, SubscriptionFacts};
use dualrun::domain::run::{DatabaseKind, Digests, Run, RunRequest, RunState, SnapshotInfo};
use dualrun::domain::side::Side;
use dualrun::domain::verdict::{Basis, Review, Verdict};
use dualrun::explain::together::Gathering;
use dualrun::ports::workspace::JournalEntry;

pub fn month(text: &str) -> Month {
    Month::parse(text).unwrap()
}

fn document(side: Side, id: &str, net: Money, words: Option<&str>) -> DocumentPart {
    let exact = net.exact().unwrap();
    let line = |words: &str| LinePart { description: Some(words.into()), quantity: Some(Exact::ONE), amount: exact, one_off: false };
    DocumentPart {
        side,
        id: id.into(),
        number: Some(format!("R-{}", &id[id.len().saturating_sub(3)..]).as_str().into()),
        kind: DocumentKind::Charge,
        issued_on: Some(day("2026-05-01")),
        net,
        exact,
        tax: Some(Money::new(net.minor * 13 / 100, net.currency)),
        lines: words.into_iter().map(line).collect(),
    }
}

fn facts(customer: &str, plan: &str, started: &str) -> SubscriptionFacts {
    SubscriptionFacts { customer_id: customer.into(), plan_id: plan.into(), ..SubscriptionFacts::plain(day(started)) }
}

/// A subscription's row.
pub fn row(month: Month, key: &str, customer: &str, plan: &str, actual: i64, expected: i64) -> ReconRow {
    let delta = expected - actual;
    ReconRow {
        subject: Subject::Subscription,
        key: key.into(),
        period: Grid::CALENDAR.period_in(month),
        customer: customer.into(),
        customer_id: "cust-1".into(),
        plan: plan.into(),
        verdict: if delta == 0 { Verdict::Match } else { Verdict::Delta },
        basis: Some(Basis::Rated),
        actual: Some(cad(actual)),
        expected: Some(cad(expected)),
        delta: Some(cad(delta)),
        exact_delta: cad(delta).exact().ok(),
        actual_tax: Some(cad(actual * 13 / 100)),
        expected_tax: Some(cad(expected * 13 / 100)),
        delta_tax: Some(cad(expected * 13 / 100 - actual * 13 / 100)),
        rated: Some(cad(expected)),
        drafted: None,
        documents: vec![document(Side::Source, &format!("INV-{}", &key[key.len().saturating_sub(4)..]), cad(actual), Some("Monthly fee"))],
        deployments: Vec::new(),
        why: None,
        source: Some(facts("cust-1", plan, "2025-01-01")),
        target: Some(facts("res.partner,17", plan, "2025-01-01")),
        inputs: Vec::new(),
        review: Review::Open,
    }
}

/// A document's row without a subscription.
pub fn unlinked(month: Month, id: &str, customer: &str, actual: i64) -> ReconRow {
    ReconRow {
        subject: Subject::UnlinkedDocument,
        verdict: Verdict::Unlinked,
        basis: None,
        expected: None,
        delta: None,
        exact_delta: None,
        expected_tax: None,
        delta_tax: None,
        rated: None,
        documents: vec![document(Side::Source, id, cad(actual), None)],
        source: None,
        target: None,
        plan: "".into(),
        ..row(month, id, customer, "", actual, 0)
    }
}

fn snapshot(side: Side, kind: DatabaseKind) -> SnapshotInfo {
    SnapshotInfo {
        side,
        kind,
        server: "SQLite 3.51.3".to_owned(),
        place: format!("{side}.db"),
        transport: "file".to_owned(),
        snapshot: "1".to_owned(),
        server_clock: now(),
        local_clock: now(),
        writable_role: false,
    }
}

/// A complete, current run of these rows.
pub fn run(id: i64, month: Month, rows: &[ReconRow]) -> Run {
    let mut tally = tally(rows);
    tally.source_invoices.insert("read".to_owned(), 12_400);
    tally.target_invoices.insert("read".to_owned(), 310);
    tally.usage.insert("read".to_owned(), 2_600_000);
    Run {
        id,
        request: RunRequest {
            service: "nexacloud".to_owned(),
            month,
            only: Vec::new(),
            dry_run: false,
            recheck_of: None,
            basis: BasisRule::DraftFirst,
            actor: "ana".to_owned(),
            program: "0.1.0".to_owned(),
            config_digest: "config-1".to_owned(),
        },
        state: RunState::Complete,
        started_at: now() - TimeDelta::minutes(5) - TimeDelta::hours(14 - id),
        finished_at: Some(now() - TimeDelta::minutes(4) - TimeDelta::hours(14 - id)),
        tally,
        digests: Digests { source: "a1".repeat(32), target: "b2".repeat(32), run: "c3".repeat(32) },
        snapshots: vec![snapshot(Side::Source, DatabaseKind::Postgres), snapshot(Side::Target, DatabaseKind::Sqlite)],
        failure: None,
        recheck: None,
        current: true,
    }
}

/// The rows of 2026-05, in byte order of their keys.
pub fn may() -> Vec<ReconRow> {
    let may = month("2026-05");
    let mut second = row(may, "sub-1002", "Bolt Inc", "Large", 5806, 20_000);
    second.source = Some(SubscriptionFacts { started_on: day("2026-05-23"), ..facts("cust-2", "large", "2026-05-23") });
    second.documents.push(document(Side::Target, "DR-105", cad(20_000), Some("Large, whole month")));
    second.drafted = Some(cad(20_000));
    second.rated = Some(cad(5806));
    second.basis = Some(Basis::Draft);
    vec![
        unlinked(may, "INV-90", "Crest Ltd", 87_799),
        unlinked(may, "INV-91", "Delta Foods", 87_266),
        unlinked(may, "INV-92", "Echo GmbH", 3220),
        row(may, "sub-1001", "Acme Ltd", "Large", 913, 20_000),
        second,
        row(may, "sub-1003", "Acme Ltd", "Medium", 913, 5000),
        row(may, "sub-1004", "Fjord AS", "Medium", 4500, 5000),
        row(may, "sub-1005", "Gale SA", "Usage", 16_095, 16_095),
        row(may, "sub-1006", "Crest Ltd", "Large", 20_000, 20_000),
    ]
}

fn finding(code: &str, side: About, weight: Weight, count: u64, minor: i64, message: &str, remedy: &str) -> Finding {
    Finding {
        code: code.to_owned(),
        side,
        weight,
        count,
        ids: (0..count.min(3)).map(|i| format!("INV-{}", 90 + i).as_str().into()).collect(),
        money: (minor != 0).then(|| (cad(0).currency, minor)).into_iter().collect(),
        message: message.to_owned(),
        remedy: remedy.to_owned(),
    }
}

/// The whole workspace.
pub fn demo() -> FakeWorkspace {
    let mut workspace = FakeWorkspace::default();
    let months = ["2025-11", "2025-12", "2026-01", "2026-02", "2026-03", "2026-04"];
    for (id, text) in (8..).zip(months) {
        let m = month(text);
        let bad = if text == "2026-02" { 5000 } else { 4500 };
        let rows = vec![row(m, "sub-1004", "Fjord AS", "Medium", bad, 5000), row(m, "sub-1005", "Gale SA", "Usage", 16_000 + id, 16_000 + id)];
        workspace.runs.push(run(id, m, &rows));
        workspace.rows.insert(id, rows);
    }
    let rows = may();
    workspace.runs.push(run(14, month("2026-05"), &rows));
    explain(&mut workspace, 14, &rows);
    workspace.rows.insert(14, rows);
    workspace.findings.insert(
        14,
        vec![
            finding(
                "unlinked_documents",
                About::Source,
                Weight::Warning,
                3,
                178_285,
                "documents name no subscription: one-off fees, or lost links",
                "link them in the source, or decide on each under Review",
            ),
            finding(
                "header_only_invoice",
                About::Source,
                Weight::Warning,
                9,
                0,
                "the charge is in the header, there are no lines",
                "check the exporter",
            ),
            finding("inactive_plans", About::Target, Weight::Note, 145, 0, "plans left out as inactive", "nothing to do"),
        ],
    );
    let entry = |seq: i64, kind: &str, facts: &str| JournalEntry {
        seq,
        at: now() - TimeDelta::minutes(20 - seq),
        actor: "ana".to_owned(),
        kind: kind.to_owned(),
        facts: facts.to_owned(),
        previous: "0".repeat(64),
        hash: format!("{seq:064x}"),
    };
    workspace.journal = vec![
        entry(1, "workspace_created", "{\"schema\":1}"),
        entry(2, "config_adopted", "{\"digest\":\"config-1\"}"),
        entry(3, "run_started", "{\"run\":14,\"month\":\"2026-05\"}"),
        entry(4, "run_complete", "{\"run\":14,\"rows\":9}"),
    ];
    workspace
}

/// Two of the four deltas have a cause the data names.
fn explain(workspace: &mut FakeWorkspace, run: i64, rows: &[ReconRow]) {
    let mut together = Gathering::default();
    for (row, seq) in rows.iter().zip(0..).filter(|(row, _)| row.verdict == Verdict::Delta) {
        let told = match row.key.raw() {
            "sub-1002" => confirmed(Cause::ProrationByDay, "9/31", Step::Proration, "200 × 9/31", "source subscription started on 2026-05-23", row),
            "sub-1004" => confirmed(Cause::Coupon, "10 %", Step::Discount, "10 % off", "source subscription has 10 % off, the target's 0 %", row),
            _ => Explanation {
                certainty: Certainty::Unexplained,
                hypotheses: Vec::new(),
                bridge: Vec::new(),
                residual: row.delta.unwrap().exact().unwrap(),
                chance: 117,
                nearest: Some("other_plan NC-087 gives 9.25, 0.12 off".to_owned()),
                wanted: Some("the price, quantity or days the source billed it by".to_owned()),
                odd_one: None,
            },
        };
        together.add(row, &told, &[]);
        workspace.explanations.insert((run, seq), told);
    }
    workspace.clusters.insert(run, serde_json::to_string(&together.finish()).unwrap());
}

fn confirmed(cause: Cause, parameters: &str, step: Step, words: &str, evidence: &str, row: &ReconRow) -> Explanation {
    let hypothesis = Hypothesis {
        causes: vec![cause],
        parameters: parameters.to_owned(),
        words: format!("{words} = {}", row.actual.unwrap()),
        evidence: Some(evidence.to_owned()),
        choices: 6,
        bits: 187,
        score: 267,
    };
    Explanation {
        certainty: Certainty::Confirmed,
        hypotheses: vec![hypothesis],
        bridge: vec![Component { step, amount: row.delta.unwrap().exact().unwrap(), words: words.to_owned() }],
        residual: Exact::ZERO,
        chance: 40,
        nearest: None,
        wanted: None,
        odd_one: None,
    }
}

/// An unreadable row.
pub fn unreadable(id: &str, raw: &str) -> RowError {
    RowError {
        side: Side::Source,
        entity: Entity::Invoices,
        id: id.to_owned(),
        column: "subtotal".to_owned(),
        raw: raw.to_owned(),
        reason: Reason::Missing,
    }
}

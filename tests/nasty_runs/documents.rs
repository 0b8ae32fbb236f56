//! P064–P076: invoices without, with a wrong, or with several owners; credits; currencies; periods; what they carry along.

use crate::desk::{APRIL, Desk, FAR_READER};
use dualrun::app::doctor::doctor;
use dualrun::app::error::AppError;
use dualrun::domain::decode::Reason;
use dualrun::domain::verdict::Verdict;
use dualrun::ports::database::{FaultKind, Severity};
use std::process::Command;
use tokio_util::sync::CancellationToken;

const SLICE: &str = "id between 'i-P065' and 'i-P073z'";

/// The target has every subscription the slice names but the one nobody knows; so has the source.
fn books(slice: &str) -> Desk {
    let known = format!("select distinct subscription_id as id from src.invoice where ({slice}) and subscription_id not in ('', 'no-such')");
    Desk::against(&known)
        .source(
            "subscriptions",
            &format!("select s.id, 'c' as customer_id, 'p' as plan_id, 'active' as status, date '2020-01-01' as started_on from ({known}) s"),
        )
        .source("invoices", &invoices("number", "null", slice))
}

/// Invoices of a slice with one more column.
fn invoices(column: &str, value: &str, slice: &str) -> String {
    format!(
        "select id, subscription_id, 'paid' as status, case kind when 'credit' then 'credit' else 'charge' end as kind, period_start, period_end, \
         issued as issued_on, currency, amount as subtotal, {value} as {column} from src.invoice where {slice}"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn every_document_lands_where_it_belongs() {
    let kept = books(SLICE).run().await;
    kept.lists_exactly(&[
        ("P071", "source", "invoices", "i-P071", "period_end", "2026-04-01", Reason::EndsBeforeStart),
        ("P071b", "source", "invoices", "i-P071b", "period_end", "2026-03-01", Reason::EndsBeforeStart),
    ]);
    kept.judges(&[
        ("P065", "i-P065", "unlinked", "877.99", ""),
        ("P066", "i-P066", "unlinked", "872.66", ""),
        ("P067", "no-such", "missing_in_target", "10.00", ""),
        ("P068", "P068", "delta", "9.10", "10.00"),
        ("P069", "P069", "delta", "-10.00", "10.00"),
        ("P070", "P070", "not_comparable", "10.00", "10.00"),
        ("P071", "P071", "not_comparable", "", "10.00"),
        ("P071b", "P071b", "not_comparable", "", "10.00"),
        ("P072", "P072", "match", "10.00", "10.00"),
        ("P073", "P073", "match", "10.00", "10.00"),
    ]);
    kept.finds("P065 P066", "unlinked_invoice", "source", &["i-P065", "i-P066"]);
    kept.finds("P067", "orphan_invoice", "source", &["i-P067 no-such"]);
    assert_eq!(kept.documents("P068", "P068"), ["i-P068", "i-P068-2"], "P068: the drill-down lists both");
    kept.finds("P068", "several_documents", "source", &["P068"]);
    let credit = kept.row("P069", "P069");
    assert_eq!(credit.delta.map(|d| d.to_string()).as_deref(), Some("20.00"), "P069: the sign is kept, the net shown");
    assert!(kept.findings.iter().all(|f| f.code != "negative_amount"), "P069: a credit may be below nought");
    let mixed = kept.row("P070", "P070");
    assert_eq!((mixed.delta, mixed.exact_delta, mixed.why.as_deref()), (None, None, Some("source in USD, target in CAD")), "P070");
    kept.finds("P070", "currency_mix", "both", &["P070"]);
    let of = |code: &str| {
        let money = kept.run.tally.money.iter().find(|(c, _)| c.code() == code).map(|(_, m)| m);
        money.map(|m| (m.actual, m.net, m.unlinked, m.not_comparable_actual)).expect(code)
    };
    // CAD: 10.00 + 9.10 − 10.00 + 10.00 + 10.00 billed with an id.
    assert_eq!((of("CAD"), of("USD")), ((2910, 1090, 175_065, 0), (0, 0, 0, 1000)), "P065–P070: currencies never add, unlinked is apart");
}

/// P072, P073: by their issue date, in the service's zone, whatever the zone of server, role or this machine.
#[tokio::test(flavor = "multi_thread")]
async fn the_declared_zone_decides_the_period() {
    let slice = "id between 'i-P072' and 'i-P073z' or id = 'i-P069'";
    let by_issue = |role: &'static str, zone: &str| {
        books(slice).source_setting("period_rule", "\"issued_on\"").role(role).service(&format!("time_zone = \"{zone}\""))
    };
    let toronto = by_issue("reader", "America/Toronto").try_months(&[APRIL, "2026-05"]).await.unwrap_or_else(|e| panic!("{e}"));
    let [april, may] = toronto.as_slice() else { panic!("two runs") };
    // 00:30 of 1 May in Toronto is May; the last microsecond of April UTC, and midnight UTC of 1 May, are April there.
    april.judges(&[
        ("P072", "P072", "missing_in_source", "", "10.00"),
        ("P073", "P073", "match", "10.00", "10.00"),
        ("P069", "P069", "delta", "-10.00", "10.00"),
    ]);
    may.judges(&[("P072", "P072", "match", "10.00", "10.00"), ("P073", "P073", "missing_in_source", "", "10.00")]);
    let far = by_issue(FAR_READER, "America/Toronto").try_months(&[APRIL, "2026-05"]).await.unwrap_or_else(|e| panic!("{e}"));
    for (here, there) in toronto.iter().zip(&far) {
        assert_eq!((&here.run.digests.source, &here.rows), (&there.run.digests.source, &there.rows), "P072: the role's settings change nothing");
    }
    let utc = by_issue("reader", "UTC").run().await;
    utc.judges(&[("P073", "P073", "match", "10.00", "10.00"), ("P069", "P069", "missing_in_source", "", "10.00")]);
}

/// P072 again in processes of other zones and languages: the very same test must hold there.
#[test]
fn the_zone_of_this_machine_decides_nothing() {
    for zone in ["Asia/Kolkata", "America/Toronto", "UTC"] {
        let mut again = Command::new(std::env::current_exe().expect("this binary"));
        again
            .args(["--exact", "documents::the_declared_zone_decides_the_period"])
            .env("TZ", zone)
            .env("LANG", "de_DE.UTF-8")
            .env("LC_ALL", "de_DE.UTF-8");
        let done = again.output().expect("it runs");
        let told = String::from_utf8_lossy(&done.stdout);
        assert!(done.status.success() && told.contains("1 passed"), "P072 TZ={zone}: {told}");
    }
}

/// P074: 31 January, 29 February, 31 March: the anchor comes back.
#[tokio::test(flavor = "multi_thread")]
async fn an_anchor_on_the_31st_never_drifts() {
    let subscription = "'c' as customer_id, 'basic' as plan_id, 'active' as status, date '2024-01-31' as started_on, 31 as anchor_day";
    let desk = books("id = 'i-P074'")
        .source("subscriptions", &format!("select 'P074' as id, {subscription}"))
        .target("subscriptions", &format!("select 'P074' as id, {subscription}"));
    let runs = desk.try_months(&["2024-01", "2024-02", "2024-03"]).await.unwrap_or_else(|e| panic!("{e}"));
    let periods: Vec<_> = runs.iter().map(|k| k.row("P074", "P074").period).map(|p| format!("{} {}", p.start, p.end)).collect();
    assert_eq!(periods, ["2024-01-31 2024-02-29", "2024-02-29 2024-03-31", "2024-03-31 2024-04-30"], "P074");
    runs[0].judges(&[("P074", "P074", "match", "10.00", "10.00")]);
    runs[1].judges(&[("P074", "P074", "missing_in_source", "", "10.00")]);
}

/// P064: the type money is refused before a row is read.
#[tokio::test(flavor = "multi_thread")]
async fn money_of_the_servers_locale_is_refused() {
    let sql = "select id, subscription_id, 'paid' as status, period_start, currency, amount_money as subtotal from src.invoice where id = 'i-P064'";
    let error = books("id = 'i-P064'").source("invoices", sql).try_months(&[APRIL]).await.expect_err("P064: refused");
    assert_eq!(error.exit_code(), 2, "P064");
    let AppError::Database(fault) = error else { panic!("P064: {error}") };
    assert_eq!((fault.kind, fault.side.word()), (FaultKind::Refused, "source"), "P064");
    assert!(fault.what.contains("subtotal is of type money") && fault.remedy.contains("::numeric"), "P064: {fault}");
}

/// P059, P064: the doctor says both before anything is run, each with the cast that mends it.
#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_names_columns_that_are_no_exact_money() {
    for (case, column, severity) in [("P059", "amount_f", Severity::Warning), ("P064", "amount_money", Severity::Error)] {
        let dir = tempfile::tempdir().expect("a folder");
        let sql = format!("select id, subscription_id, 'paid' as status, period_start, currency, {column} as subtotal from src.invoice");
        let findings = doctor(&books(SLICE).source("invoices", &sql).project(dir.path()), CancellationToken::new()).await;
        let found = findings.iter().find(|f| f.message.contains("subtotal") && f.severity == severity);
        let found = found.unwrap_or_else(|| panic!("{case}: nothing about subtotal among {findings:#?}"));
        assert!(found.remedy.contains("numeric"), "{case}: {found:?}");
    }
}

/// P075, P076: raw bytes and deep JSON in a column that is carried along are text, shown bounded, and no parser is asked.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_only_carried_along_is_text() {
    let kept = books("id between 'i-P075' and 'i-P076'")
        .source("invoices", &invoices("number", "coalesce(raw::text, meta::text)", "id between 'i-P075' and 'i-P076'"))
        .run()
        .await;
    kept.lists_exactly(&[]);
    assert_eq!(kept.run.tally.counts.of(Verdict::Match), 2, "P075 P076");
    let number = |case: &str| kept.row(case, case).documents.first().and_then(|d| d.number.clone()).expect("a number");
    assert_eq!(number("P075").raw(), "\\xfffe00c328", "P075: hex");
    assert_eq!(number("P076").raw(), format!("{}{}", "[".repeat(2000), "]".repeat(2000)), "P076");
    assert_eq!(number("P076").shown(10), "[[[[[[[[[…", "P076");
    // Where it is rated, a text that is no list of tiers is a row error, however deep it goes.
    let tiers = "select 'basic' as plan_id, 'x' as metric, 'graduated' as model, (select meta::text from src.invoice where id = 'i-P076') as tiers";
    let kept = books("id = 'i-P076'").target("charges", tiers).run().await;
    kept.judges(&[("P076", "P076", "not_comparable", "10.00", "")]);
    assert_eq!(kept.rejected.iter().map(|e| (e.id.as_str(), e.reason)).collect::<Vec<_>>(), [("basic x", Reason::NotTiers)], "P076");
}

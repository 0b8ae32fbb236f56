//! P037–P045: what a subscription says about itself, and cannot mean.

use crate::desk::Desk;
use dualrun::domain::decode::Reason;
use dualrun::domain::finding::Weight;

const SLICE: &str = "tag between 'P037' and 'P045z'";
const SHELL: &str = "../../etc/passwd;$(touch /tmp/pwn)`id`";

fn books() -> Desk {
    Desk::against(&format!("select id from src.subscription where {SLICE}"))
        .source(
            "subscriptions",
            &format!(
                "select id, customer as customer_id, plan as plan_id, status, started as started_on, ended as ended_on, currency \
                 from src.subscription where {SLICE}"
            ),
        )
        .source(
            "invoices",
            &format!(
                "select 'inv-' || tag as id, id as subscription_id, 'paid' as status, date '2026-04-01' as period_start, currency, \
                 list_price as subtotal from src.subscription where {SLICE}"
            ),
        )
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_meant_is_listed_and_never_added() {
    let kept = books().run().await;
    kept.lists_exactly(&[
        ("P038", "source", "subscriptions", "P038", "ended_on", "2025-01-01", Reason::EndsBeforeStart),
        ("P039", "source", "subscriptions", "P039", "ended_on", "infinity", Reason::Infinite),
        ("P040", "source", "subscriptions", "P040", "started_on", "-infinity", Reason::Infinite),
        ("P041", "source", "subscriptions", "P041", "ended_on", "0044-03-15 BC", Reason::DateOutOfRange),
        ("P042", "source", "subscriptions", "P042", "started_on", "294276-12-31 00:00:00+00", Reason::DateOutOfRange),
        ("P043", "source", "subscriptions", "P043", "currency", "cad ", Reason::UnknownCurrency),
        ("P043", "source", "invoices", "inv-P043", "currency", "cad ", Reason::UnknownCurrency),
        ("P043b", "source", "invoices", "inv-P043b", "currency", "NULL", Reason::UnknownCurrency),
    ]);
    kept.judges(&[
        ("P037", "P037", "match", "10.00", "10.00"),
        ("P037b", "P037b", "match", "10.00", "10.00"),
        ("P043", "P043", "not_comparable", "", "10.00"),
        ("P043b", "P043b", "not_comparable", "", "10.00"),
        ("P044", "P044", "match", "10.00", "10.00"),
        ("P045", SHELL, "match", "10.00", "10.00"),
    ]);
    kept.finds("P037 P037b", "unknown_status", "source", &["P037", "P037b"]);
    assert_eq!(kept.finding("P037", "unknown_status", "source").weight, Weight::Blocking, "P037: a finding that fails");
    assert_eq!(kept.row("P037", "P037").source.as_ref().map(|s| &*s.status), Some("unknown"), "P037: not trimmed into active");
    assert_eq!(kept.row("P043", "P043").why.as_deref(), Some("a source document of it cannot be read"), "P043");
    assert_eq!(kept.row("P044", "P044").customer.raw(), "Robert'); drop table subscription;--", "P044: text only");
    let money: Vec<_> = kept.run.tally.money.iter().map(|(c, m)| (c.code(), m.actual, m.not_comparable_expected)).collect();
    assert_eq!(money, [("CAD", 9000, 2000)], "P043: unknown currencies are in no sum");
}

/// P039: `infinity` is no end only where that is declared; −infinity and the others stay errors.
#[tokio::test(flavor = "multi_thread")]
async fn an_infinite_end_is_open_only_when_declared() {
    let kept = books().source_setting("infinity_is_open", "true").run().await;
    assert!(kept.rejected.iter().all(|e| e.id != "P039"), "P039: {:?}", kept.rejected);
    assert_eq!(kept.row("P039", "P039").source.as_ref().map(|s| (s.ended_on, s.due)), Some((None, true)), "P039");
    for (case, column) in [("P038", "ended_on"), ("P040", "started_on"), ("P041", "ended_on"), ("P042", "started_on")] {
        assert!(kept.rejected.iter().any(|e| e.id == case && e.column == column), "{case}");
    }
}

/// P038–P042 in the target: what it would bill is then not known, never nought and never 10.00.
#[tokio::test(flavor = "multi_thread")]
async fn a_target_subscription_that_cannot_be_read_expects_nothing() {
    let kept = books()
        .target(
            "subscriptions",
            &format!("select id, 'c' as customer_id, 'basic' as plan_id, status, started as started_on, ended as ended_on from src.subscription where {SLICE}"),
        )
        .run()
        .await;
    for case in ["P038", "P039", "P040", "P041", "P042"] {
        let row = kept.row(case, case);
        assert_eq!((row.verdict.word(), row.expected, row.delta), ("not_comparable", None, None), "{case}");
        assert_eq!(row.why.as_deref(), Some("the target's subscription row cannot be read"), "{case}");
        assert!(kept.rejected.iter().any(|e| e.side.word() == "target" && e.id == case), "{case}: {:?}", kept.rejected);
    }
    kept.finds("P037 P037b", "unknown_status", "target", &["P037", "P037b"]);
    kept.judges(&[("P037", "P037", "missing_in_target", "10.00", ""), ("P037b", "P037b", "missing_in_target", "10.00", "")]);
}

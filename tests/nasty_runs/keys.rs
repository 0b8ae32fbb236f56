//! P011–P014, P028–P036 and T001–T008: what a key is, what joins, and what only looks as if it did.

use crate::desk::Desk;
use crate::memory::Kept;
use dualrun::domain::decode::Reason;
use dualrun::domain::verdict::Verdict;

const SLICE: &str = "tag between 'P011' and 'P014z' or tag between 'P028' and 'P036z'";

/// Source: each row of the slice as a subscription with an invoice. Target: the sale orders, each a subscription of 10.00.
fn books(order: &str) -> Desk {
    let orders = format!("select coalesce(ext_id, uuid_id::text) as id from tgt.sale_order {order}");
    Desk::against(&orders)
        .source(
            "subscriptions",
            &format!(
                "select id, customer as customer_id, plan as plan_id, status, started as started_on, currency from src.subscription where {SLICE}"
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

fn check(kept: &Kept) {
    kept.lists_exactly(&[
        ("P028", "source", "subscriptions", "", "id", "NULL", Reason::EmptyId),
        ("P029", "source", "subscriptions", "", "id", "", Reason::EmptyId),
        ("P030", "source", "subscriptions", "   ", "id", "   ", Reason::EmptyId),
        ("T004", "target", "subscriptions", "", "id", "NULL", Reason::EmptyId),
        ("T004", "target", "subscriptions", "", "id", "", Reason::EmptyId),
    ]);
    kept.judges(&[
        ("P011", "sub\u{200b}-11", "missing_in_target", "10.00", ""),
        ("P012", "sub-11", "match", "10.00", "10.00"),
        ("P013", "\u{feff}sub-13", "missing_in_target", "10.00", ""),
        ("P014", "caf\u{e9}", "missing_in_target", "10.00", ""),
        ("P014b", "cafe\u{301}", "missing_in_target", "10.00", ""),
        ("P028", "inv-P028", "unlinked", "10.00", ""),
        ("P029", "inv-P029", "unlinked", "10.00", ""),
        ("P030", "inv-P030", "unlinked", "10.00", ""),
        // 2 × 2 records: two documents add up to 109.00; four pairs would be 218.00.
        ("P031 T003", "dup-31", "not_comparable", "109.00", ""),
        ("P032", "SUB-32", "missing_in_target", "10.00", ""),
        ("P032b", "sub-32", "match", "10.00", "10.00"),
        ("P033", "sub-33 ", "missing_in_target", "10.00", ""),
        ("P033b", "sub-33", "match", "10.00", "10.00"),
        ("P034", "{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}", "missing_in_target", "10.00", ""),
        ("T008", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "missing_in_source", "", "10.00"),
        ("P035", "010", "missing_in_target", "10.00", ""),
        ("P035b", "1e1", "missing_in_target", "10.00", ""),
        ("P035c", "9", "missing_in_target", "10.00", ""),
        ("P035d", "10", "missing_in_target", "10.00", ""),
        ("P036 T001", "_x", "match", "10.00", "10.00"),
        ("P036b T001", "-x", "match", "10.00", "10.00"),
        ("P036c T001", "B", "match", "10.00", "10.00"),
        ("P036d T001", "a", "match", "10.00", "10.00"),
        ("T007", "only-target", "missing_in_source", "", "10.00"),
    ]);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_join_by_their_bytes_and_what_looks_alike_is_said() {
    let kept = books("").run().await;
    check(&kept);
    assert_eq!(kept.rows.len(), 26, "T005 T006: and the two orders nobody else names: {:?}", kept.keys());
    assert_eq!(kept.documents("P031", "dup-31"), ["inv-P031a", "inv-P031b"], "P031: both documents are listed");
    kept.finds("P031 T003", "duplicate_subscription_id", "source", &["dup-31"]);
    kept.finds("P031 T003", "duplicate_subscription_id", "target", &["dup-31"]);
    kept.finds("P030", "blank_id", "source", &["inv-P030"]);
    kept.finds("P028 P029 P030", "unlinked_invoice", "source", &["inv-P028", "inv-P029", "inv-P030"]);
    let alike = ["sub\u{200b}-11", "sub-11", "caf\u{e9}", "cafe\u{301}", "SUB-32", "sub-32", "sub-33 ", "sub-33"];
    kept.finds("P011 P012 P014 P032 P033", "lookalike_id", "source", &alike);
    kept.finds("P034 T008", "lookalike_across_sides", "both", &["{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}"]);
    assert_eq!(kept.row("P011", "sub\u{200b}-11").key.shown(40), "sub<U+200B>-11", "P011: the hidden character is seen");
    assert_eq!(kept.row("P013", "\u{feff}sub-13").key.shown(40), "<U+FEFF>sub-13", "P013: the hidden character is seen");
}

/// T001, P036: the server's own order never decides what pairs.
#[tokio::test(flavor = "multi_thread")]
async fn the_servers_order_changes_nothing() {
    let plain = books("").run().await;
    for order in ["order by ext_id", "order by ext_id collate \"C\"", "order by ext_id collate tgt.enus desc", "order by random()"] {
        let kept = books(order).run().await;
        check(&kept);
        assert_eq!(kept.run.digests.target, plain.run.digests.target, "T001: {order}");
        assert_eq!(kept.rows, plain.rows, "T001 P036: {order}");
    }
}

/// P034, T008: a declared kind or normaliser pairs what was missing on both sides, and nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn uuids_pair_only_when_declared() {
    let kept = books("").setting("key_normaliser", "\"uuid\"").run().await;
    kept.judges(&[
        ("P034 T008", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "match", "10.00", "10.00"),
        ("P035", "010", "missing_in_target", "10.00", ""),
        ("P036c", "B", "match", "10.00", "10.00"),
    ]);
    assert_eq!(kept.rows.len(), 25, "P034: one row where there were two");
    assert!(kept.findings.iter().all(|f| f.code != "lookalike_across_sides"), "P034: the hint is gone");

    let only_uuids = |kept: &Kept| kept.rows.iter().filter(|r| !r.subject.is_unlinked()).count();
    let kept = books("").setting("key", "\"uuid\"").run().await;
    kept.judges(&[("P034 T008", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "match", "10.00", "10.00")]);
    assert_eq!(only_uuids(&kept), 1, "P034: {:?}", kept.keys());
    let no_key = kept.rejected.iter().filter(|e| e.reason == Reason::NotAKey).count();
    assert!(no_key > 30 && kept.rejected.iter().any(|e| e.id == "sub-11" && e.raw == "sub-11"), "P035: ids of another kind are listed, each");

    // Whole numbers: 010 is 10, and 1e1 is no whole number.
    let kept = books("where ext_id = 'nobody'").setting("key", "\"int\"").run().await;
    kept.judges(&[("P035c", "9", "missing_in_target", "10.00", ""), ("P035 P035d", "10", "missing_in_target", "20.00", "")]);
    assert!(kept.rejected.iter().any(|e| e.raw == "1e1" && e.reason == Reason::NotAKey), "P035b: {:?}", kept.rejected);
}

/// T003 by drafts: the two target documents of a key add up once, beside the two of the source.
#[tokio::test(flavor = "multi_thread")]
async fn documents_of_one_key_add_up_once_on_each_side() {
    let desk = books("").service("basis = \"draft\"").target(
        "invoices",
        "select 'so-' || row_number() over (order by partner, ext_id) as id, ext_id as subscription_id, 'posted' as status, period as period_start, \
         currency, amount as subtotal from tgt.sale_order where ext_id <> ''",
    );
    let kept = desk.run().await;
    kept.judges(&[("T003", "dup-31", "delta", "109.00", "20.00"), ("T001", "_x", "match", "10.00", "10.00")]);
    assert_eq!(kept.row("T003", "dup-31").documents.len(), 4, "T003: all four are listed");
    kept.finding("T003", "duplicate_subscription_id", "source");
    kept.finding("T003", "duplicate_subscription_id", "target");
    assert_eq!(kept.run.tally.counts.of(Verdict::Match), 7, "T001: _x -x B a sub-11 sub-32 sub-33");
}

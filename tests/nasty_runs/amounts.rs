//! P050–P063, P077, P078: amounts no decimal type holds, amounts that round, and amounts in another unit.

use crate::desk::Desk;
use crate::memory::Kept;
use dualrun::app::error::AppError;
use dualrun::domain::decode::Reason;
use dualrun::domain::exact::Exact;
use dualrun::domain::finding::Weight;

/// Invoices of the slice, their subtotal by an expression; the target bills 10.00 for each subscription they name.
fn books(subtotal: &str, slice: &str) -> Desk {
    Desk::against(&format!("select distinct subscription_id as id from src.invoice where {slice}")).source("invoices", &invoices(subtotal, slice))
}

fn invoices(subtotal: &str, slice: &str) -> String {
    format!("select id, subscription_id, 'paid' as status, period_start, period_end, currency, {subtotal} as subtotal from src.invoice where {slice}")
}

fn exact_delta(kept: &Kept, case: &str) -> String {
    kept.row(case, case).exact_delta.map_or_else(String::new, |d| d.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_exact_amount_is_listed_and_in_no_sum() {
    let kept = books("amount", "id between 'i-P050' and 'i-P057z'").run().await;
    let long = |text: String| format!("{}…", text.chars().take(59).collect::<String>());
    let huge = long(format!("1{}", "0".repeat(100)));
    let tiny = long(format!("0.{}", "0".repeat(100)));
    let listed = |case, id, raw, reason| (case, "source", "invoices", id, "subtotal", raw, reason);
    kept.lists_exactly(&[
        listed("P050", "i-P050", "NaN", Reason::NotANumber),
        listed("P051", "i-P051", "Infinity", Reason::Infinite),
        listed("P052", "i-P052", "-Infinity", Reason::Infinite),
        listed("P053", "i-P053", "100000000000000000000000000000", Reason::TooManyDigits),
        listed("P054", "i-P054", &huge, Reason::TooManyDigits),
        listed("P055", "i-P055", &tiny, Reason::TooManyDigits),
        listed("P056", "i-P056", "12345678901234567890.1234567890123456789", Reason::TooManyDigits),
        listed("P057", "i-P057", "79228162514264337593543950335", Reason::TooManyDigits),
    ]);
    for case in ["P050", "P051", "P052", "P053", "P054", "P055", "P056", "P057"] {
        kept.judges(&[(case, case, "not_comparable", "", "10.00")]);
        assert_eq!(kept.row(case, case).why.as_deref(), Some("a source document of it cannot be read"), "{case}");
    }
    let money: Vec<_> = kept.run.tally.money.values().map(|m| (m.actual, m.net, m.invoiced, m.not_comparable_expected, m.coverage())).collect();
    assert_eq!(money, [(0, 0, 0, 8000, None)], "P050: in no sum, and coverage of nothing is not known");
    assert_eq!(kept.run.tally.source_invoices.get("unreadable"), Some(&8), "P050: left out of no count");
}

#[tokio::test(flavor = "multi_thread")]
async fn floats_are_read_by_their_shortest_digits() {
    let kept = books("amount_f", "id between 'i-P058' and 'i-P060z'").source_setting("zero_invoices", "\"kept\"").run().await;
    kept.lists_exactly(&[("P060", "source", "invoices", "i-P060", "subtotal", "NaN", Reason::NotANumber)]);
    // P058: nought has no sign. P059: rounded at the currency's unit, its digits beside.
    kept.judges(&[
        ("P058", "P058", "delta", "0.00", "10.00"),
        ("P059", "P059", "delta", "0.30", "10.00"),
        ("P060", "P060", "not_comparable", "", "10.00"),
    ]);
    assert_eq!(exact_delta(&kept, "P059"), "9.69999999999999996", "P059");
}

#[tokio::test(flavor = "multi_thread")]
async fn ties_fall_as_declared_and_small_amounts_lose_nothing() {
    let slice = "id between 'i-P061' and 'i-P061z' or id between 'i-P077' and 'i-P078'";
    let by = |mode: &str| books("amount", slice).source_setting("round_mode", &format!("\"{mode}\""));
    let kept = by("half_up").run().await;
    kept.lists_exactly(&[]);
    kept.judges(&[
        ("P061", "P061", "delta", "0.13", "10.00"),
        ("P061b", "P061b", "delta", "2.68", "10.00"),
        ("P061c", "P061c", "delta", "-0.01", "10.00"),
        ("P077", "P077", "delta", "0.00", "10.00"),
        ("P078", "P078", "delta", "0.00", "10.00"),
    ]);
    assert_eq!(exact_delta(&kept, "P077"), "9.9999996", "P077: shown with all decimals");
    assert_eq!(exact_delta(&kept, "P078"), "9.999999999999999999999999999999", "P078: no digit of thirty is lost");
    assert_eq!(kept.row("P061", "P061").documents.first().map(|d| d.exact.to_string()).as_deref(), Some("0.125"), "P061: the exact amount is kept");
    kept.finds("P061c", "negative_amount", "source", &["i-P061c"]);
    let even = by("half_even").run().await;
    even.judges(&[
        ("P061", "P061", "delta", "0.12", "10.00"),
        ("P061b", "P061b", "delta", "2.68", "10.00"),
        ("P061c", "P061c", "delta", "0.00", "10.00"),
    ]);
    assert_ne!(even.run.request.config_digest, kept.run.request.config_digest, "P061: the mode is part of the configuration's digest");
}

/// P078 beside an amount of many whole digits: no single amount may end a run.
#[tokio::test(flavor = "multi_thread")]
async fn tiny_and_huge_amounts_stand_in_one_run() {
    let kept = books("case id when 'i-P063' then amount_cents * 0.001 else amount end", "id in ('i-P063', 'i-P078', 'i-P077')").run().await;
    kept.lists_exactly(&[]);
    kept.judges(&[("P063", "P063", "delta", "9223372036854775.81", "10.00"), ("P078", "P078", "delta", "0.00", "10.00")]);
    kept.finds("P063", "absurd_amount", "source", &["i-P063"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn cents_are_exact_to_the_last_of_64_bits() {
    let cents = |slice: &str| {
        // One unit for both sides would change the target's ten too: it keeps whole units.
        books("amount_cents", slice).source_setting("money_unit", "\"minor\"")
    };
    let kept = cents("id = 'i-P063'").run().await;
    kept.judges(&[("P063", "P063", "delta", "92233720368547758.07", "10.00")]);
    let kept = cents("id between 'i-P065' and 'i-P069z'").run().await;
    kept.judges(&[("P069", "P069", "match", "10.00", "10.00"), ("P065", "i-P065", "unlinked", "10.00", "")]);

    // P057: a sum beyond 64 bits stops the run with what to do, publishes nothing, and is no bug.
    let error = cents("id in ('i-P063', 'i-P067')").try_months(&["2026-04"]).await.expect_err("a total that does not fit");
    assert!(matches!(&error, AppError::TooMuch(_)) && error.exit_code() == 4, "P057 P063: {error}");
    let told = error.to_string();
    assert!(told.contains("2026-04") && told.contains("at P063") && told.contains("money_unit") && told.contains("nothing was published"), "{told}");
}

/// P062: when every row differs by the factor of the minor unit, the unit is wrong, not the rows.
#[tokio::test(flavor = "multi_thread")]
async fn cents_read_as_whole_units_are_one_finding() {
    let slice = "id between 'i-P072' and 'i-P073' or id in ('i-P067', 'i-P070')";
    let in_cad = |desk: Desk| {
        desk.source("invoices", &format!("select id, subscription_id, 'paid' as status, period_start, 'CAD' as currency, amount_cents as subtotal from src.invoice where {slice}"))
    };
    let kept = in_cad(books("amount_cents", slice)).run().await;
    kept.finds("P062", "unit_mismatch", "both", &["P070", "P072", "P073", "no-such"]);
    let finding = kept.finding("P062", "unit_mismatch", "both");
    assert_eq!((finding.weight, finding.count), (Weight::Blocking, 4), "P062");
    assert!(finding.remedy.contains("money_unit"), "P062");
    // The other way round: the source bills 10, the target's catalogue is in cents.
    let kept = in_cad(books("amount_cents", slice))
        .source_setting("money_unit", "\"minor\"")
        .target("plans", "select 'basic' as id, 'CAD' as currency, 1000 as flat_price")
        .run()
        .await;
    assert_eq!(kept.finding("P062", "unit_mismatch", "both").count, 4, "P062");
    // Declared, all match, and there is nothing to find; one row of another ratio, or two rows, are no proof either.
    let kept = in_cad(books("amount_cents", slice)).source_setting("money_unit", "\"minor\"").run().await;
    assert!(kept.rows.iter().all(|r| r.exact_delta == Some(Exact::ZERO)) && kept.findings.iter().all(|f| f.code != "unit_mismatch"), "P062");
    for slice in ["id in ('i-P072', 'i-P073')", "id in ('i-P062', 'i-P067', 'i-P072', 'i-P073')"] {
        let kept = books("amount_cents", slice).run().await;
        assert!(kept.findings.iter().all(|f| f.code != "unit_mismatch"), "P062: {slice}");
    }
}

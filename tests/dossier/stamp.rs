//! Broken glass: from the moment two people broke it on, every report says so.

use crate::project::Cutover;
use chrono::TimeDelta;
use dualrun::cli::Wiring as _;
use dualrun::domain::currency::Currency;
use dualrun::domain::gate::{BreakGlass, GateDeed, Seal};
use dualrun::domain::money::Money;
use dualrun::wire::Wire;
use serde_json::Value;
use std::collections::BTreeMap;

#[tokio::test]
async fn every_report_after_it_says_that_the_glass_was_broken() {
    let cutover = Cutover::built().await;
    let exposure = vec![Money::new(123_456, Currency::known("CAD").unwrap())];
    let (reason, blockers) = ("the bank closes".to_owned(), vec!["told: never made".to_owned()]);
    let expires = Wire::default().clock().now() + TimeDelta::hours(1);
    let terms = BreakGlass { reason, blockers, stakes: BTreeMap::new(), configuration: None, place: None, exposure, expires, seal: Seal::Attested };
    let act = cutover.act("ana", GateDeed::BreakGlass(Box::new(terms))).await;
    let report = |kind: &str| cutover.must(0, "ana", &["report", kind]);
    for kind in ["text", "json", "jsonl", "csv"] {
        let alone = report(kind).to_lowercase();
        assert!(!alone.contains("broken"), "one person breaks no glass:\n{alone}");
    }
    cutover.act("ben", GateDeed::confirm(act)).await;

    let text = report("text");
    let line = text.lines().find(|line| line.contains("BROKEN GLASS")).unwrap_or_else(|| panic!("{text}"));
    for word in ["ana (attested) and ben (attested)", "1,234.56 CAD", "the bank closes"] {
        assert!(line.contains(word), "{line}");
    }
    let json: Value = serde_json::from_str(&report("json")).unwrap();
    let glass = &json["broken_glass"][0];
    assert_eq!((&glass["by"], &glass["confirmed_by"], &glass["reason"]), (&"ana".into(), &"ben".into(), &"the bank closes".into()));
    assert_eq!((&glass["exposure"][0]["amount"], &json["marks"][0]), (&"1234.56".into(), &"BROKEN GLASS".into()));
    let lines = report("jsonl");
    let first: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!((&first["waivers"], &first["broken_glass"][0]["act"]), (&Value::Array(vec![]), &act.into()));
    assert!(lines.lines().all(|line| line.contains("\"run_state\":\"complete broken_glass\"")));
    assert!(report("csv").lines().skip(1).all(|line| line.contains("complete broken_glass")));

    // Taken back or run out, it was broken all the same.
    cutover.act("ben", GateDeed::Withdraw { act, reason: "not needed".to_owned() }).await;
    assert!(report("text").contains("BROKEN GLASS"));
    let verified = cutover.dossier().verified().unwrap();
    assert!(verified.holds(), "{:#?}", verified.complaints);
    assert_eq!(verified.broken_glass.len(), 1);
}

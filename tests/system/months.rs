//! Several months of one book over one snapshot: rows worked out by hand from its files, and a writer in between who is not seen.

use crate::harness::{configure, csv_rows, dualrun, on_postgres, on_sqlite, said, specimen, until};
use dualrun::domain::side::Side;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

const QUARTER: [&str; 6] = ["reconcile", "--period", "2026-04..2026-06", "--format", "json", "-q"];

fn runs(dir: &Path) -> Vec<Value> {
    let said = said(dir, &QUARTER);
    assert_eq!(said.code, 1, "{said:?}");
    said.json()["runs"].as_array().expect("runs").clone()
}

/// Verdict, actual, expected, delta and the two taxes by period and key; an unlinked row goes by its document.
fn by_key(dir: &Path, run: &Value) -> BTreeMap<String, String> {
    let key = |r: &[String]| format!("{} {}", r[0], if r[1].is_empty() { &r[12] } else { &r[1] });
    let facts = |r: &[String]| [&r[2], &r[4], &r[5], &r[6], &r[8], &r[9]].map(String::as_str).join(" ");
    csv_rows(dir, run).iter().map(|r| (key(r), facts(r))).collect()
}

#[test]
fn months_beside_the_one_worked_out_hold_by_hand_too() {
    let book = specimen();
    let (project, other) = (on_sqlite(&book), on_postgres(&book, "months"));
    let (dir, all) = (project.path(), runs(project.path()));
    assert!(all.iter().all(|r| r["state"] == "complete" && r["current"] == true));
    assert_eq!(all.iter().map(|r| r["rows"].as_u64().expect("a number")).collect::<Vec<_>>(), [52, 64, 53]);
    let [april, may, june] = [0, 1, 2].map(|n| by_key(dir, &all[n]));
    for (rows, key, wanted) in [
        // INV-6101 bills 31.00 where the plan says 30.00; 13 % of each.
        (&june, "2026-06 sub-1101", "delta 31.00 30.00 -1.00 4.03 3.90"),
        (&april, "2026-04 sub-1101", "match 30.00 30.00 0.00 3.90 3.90"),
        // It ended after 15 of April's 30 days: 30.00 × 15/30.
        (&april, "2026-04 sub-1122", "match 15.00 15.00 0.00 1.95 1.95"),
        // 8.00 and 1.00 an event: 7,000 before the anchor's midnight in Toronto, 40 and 270 after it, 9,000 after the next.
        (&april, "2026-04-15 sub-1150", "missing_in_source  7008.00 7008.00  911.04"),
        (&may, "2026-05-15 sub-1150", "match 318.00 318.00 0.00 41.34 41.34"),
        (&june, "2026-06-15 sub-1150", "missing_in_source  9008.00 9008.00  1171.04"),
        // The same on calendar months: 1,000, then 20 and 3, then 4,000.
        (&april, "2026-04 sub-1151", "missing_in_source  1008.00 1008.00  131.04"),
        (&june, "2026-06 sub-1151", "missing_in_source  4008.00 4008.00  521.04"),
        // The target rounds 12.345 half-even.
        (&june, "2026-06 sub-1155", "missing_in_source  12.34 12.34  1.60"),
        (&april, "2026-04 S:INV-5187", "unlinked 70.00   9.10 "),
        (&june, "2026-06 S:INV-5188", "unlinked 71.00   9.23 "),
    ] {
        assert_eq!(rows.get(key).map(String::as_str), Some(wanted), "{key}");
    }
    // Begun on 23 May; ended on 10 May; yearly and quarterly, due in May.
    for (rows, key) in
        [(&april, "sub-1104"), (&june, "sub-1106"), (&april, "sub-1124"), (&june, "sub-1124"), (&april, "sub-1125"), (&june, "sub-1125")]
    {
        assert!(!rows.keys().any(|k| k.ends_with(key)), "{key} is not due");
    }
    // A month alone and the same on PostgreSQL: nothing of it hangs on what else was asked for.
    let alone = said(dir, &["reconcile", "--period", "2026-06", "--format", "json", "-q"]).json();
    assert_eq!(alone["digest"], all[2]["digest"]);
    let there = runs(other.path());
    for (here, there) in all.iter().zip(&there) {
        assert_eq!(here["digest"], there["digest"], "{}", here["period"]);
        assert_eq!(csv_rows(dir, here), csv_rows(other.path(), there));
    }
}

#[test]
fn whoever_writes_meanwhile_is_seen_in_no_month() {
    let project = on_postgres(&specimen(), "writer");
    let dir = project.path();
    // The target's plans take a second, so that a writer surely comes before the invoices are read.
    let second = " from plans where (select count(*) from generate_series(1, 10000) a, generate_series(1, 1500) b) > 0";
    let text = std::fs::read_to_string(dir.join("dualrun.toml")).expect("a file");
    let target = text.rfind(" from plans").expect("the target's plans");
    std::fs::write(dir.join("dualrun.toml"), format!("{}{second}{}", &text[..target], &text[target + " from plans".len()..])).expect("written");
    configure(dir, &[("[service]\n", "# one slow query\n[service]\n")]);
    let before = runs(dir);
    let child = dualrun(dir, &QUARTER).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    let reading = format!(
        "select count(*) from pg_stat_activity where datname = '{}' and query like 'COPY %' and now() - query_start > '50 ms' and state = 'active'",
        project.database(Side::Target)
    );
    until("the slow query runs", Duration::from_secs(20), || project.cluster.psql("postgres", &reading) == "1");
    project.psql(Side::Source, "update invoices set subtotal = subtotal + 1; delete from usage; update invoice_lines set amount = amount + 1");
    project.psql(Side::Target, "update invoices set subtotal = subtotal * 2; update charges set unit_price = 9");
    let output = child.wait_with_output().expect("it ends");
    let meanwhile: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e} {}", String::from_utf8_lossy(&output.stderr)));
    let after = runs(dir);
    for n in 0..3 {
        assert_eq!(meanwhile["runs"][n]["digest"], before[n]["digest"], "month {n} is of the snapshot");
        assert_eq!(meanwhile["runs"][n]["snapshots"][0]["snapshot"], meanwhile["runs"][0]["snapshots"][0]["snapshot"]);
        assert_ne!(after[n]["digest"], before[n]["digest"], "month {n} was changed");
    }
}

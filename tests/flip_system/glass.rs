//! What breaking the glass costs: the money at stake, each amount once, however many reasons are about it.

use crate::harness::{said, sqlite};
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// The demo as it is: four deltas, three documents with no subscription.
fn compared() -> TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    let built = Command::new(env!("CARGO_BIN_EXE_dualrun")).args(["demo", "--setup-only", "--dir"]).arg(dir.path()).output().expect("it runs");
    assert!(built.status.success(), "{built:?}");
    reconcile(dir.path());
    dir
}

fn reconcile(dir: &Path) {
    let compared = said(dir, &["reconcile", "--period", "2026-05", "-q"]);
    assert!(compared.code <= 1, "{compared:#?}");
}

/// What is told to be at stake, and the money of all blockers added up, in minor units.
fn at_stake(dir: &Path) -> (String, i64) {
    let told = said(dir, &["gates", "break-glass", "--reason", "tonight"]);
    told.fails(2, &["nothing was done"]);
    let phrase = told.err.split("--confirm \"").nth(1).and_then(|rest| rest.split('"').next()).expect("a phrase").to_owned();
    let amounts = phrase.split_once(", ").map_or("", |(_, amounts)| amounts).to_owned();
    let blockers = said(dir, &["gates", "--format", "json"]).json()["blockers"].as_array().expect("blockers").clone();
    let cents = |text: &str| text.replace('.', "").parse::<i64>().expect("an amount");
    (amounts, blockers.iter().filter_map(|b| b["money"]["CAD"].as_str()).map(cents).sum())
}

#[test]
fn what_two_reasons_are_about_is_counted_once() {
    let folder = compared();
    let dir = folder.path();
    // 378.68 of deltas; 1,782.85 that is both uncovered and undecided.
    let (amounts, of_blockers) = at_stake(dir);
    assert_eq!((amounts.as_str(), of_blockers), ("2,161.53 CAD", 37_868 + 2 * 178_285), "reasons are listed beside, each with its own money");
    let act = said(dir, &["gates", "break-glass", "--reason", "tonight", "--as", "ana", "--confirm", &phrase(dir), "--format", "json"]);
    assert_eq!(act.code, 0, "{act:#?}");
    assert_eq!(act.json()["act"]["deed"]["exposure"][0]["minor"], 216_153, "{:#}", act.json());
}

fn phrase(dir: &Path) -> String {
    let told = said(dir, &["gates", "break-glass", "--reason", "tonight"]).err;
    told.split("--confirm \"").nth(1).and_then(|rest| rest.split('"').next()).expect("a phrase").to_owned()
}

/// A target's document with no subscription is in no row: it comes on top, once.
#[test]
fn what_is_in_no_row_comes_on_top() {
    let folder = compared();
    let dir = folder.path();
    sqlite(
        &dir.join("target.db"),
        "insert into invoices (id, number, subscription_id, customer_id, status, kind, period_start, period_end, issued_on, currency, subtotal, tax, total) \
         select 'DR-X', 'X', null, customer_id, 'draft', 'charge', '2026-05-01', '2026-05-31', '2026-05-31', 'CAD', '10.00', null, null from subscriptions limit 1",
    );
    reconcile(dir);
    let (amounts, of_blockers) = at_stake(dir);
    assert_eq!((amounts.as_str(), of_blockers), ("2,171.53 CAD", 37_868 + 2 * 178_285 + 1_000));
}

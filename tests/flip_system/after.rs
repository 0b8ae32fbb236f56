//! After a wave: its first invoices, the point of no return, and the end.

use crate::project::{Open, bills, flip, is_whole, planned, project, ready, silent, source, stands, target, undo, wait_for};
use dualrun::app::flip::{Cared, WaveState, check, complete, cost, hypercare};
use dualrun::domain::flip::CareState;
use std::path::Path;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

fn looked(dir: &Path, wave: u32) -> Cared {
    wait_for(hypercare(&project(dir), wave, Duration::from_secs(5), silent(), CancellationToken::new())).unwrap_or_else(|e| panic!("{e}"))
}

/// The target's own invoice of June, of so many cents more than was expected.
fn bill(dir: &Path, wave: u32, off: i64) {
    for line in &stands(dir).waves[&wave].pack.lines {
        let id = &line.subscription;
        let net = dualrun::domain::money::Money::new(line.expected.net.minor + off, line.expected.net.currency);
        let sql = format!(
            "delete from invoices where id = 'JUNE-{id}'; insert into invoices (id, number, subscription_id, customer_id, status, kind, period_start, period_end, issued_on, currency, subtotal, tax, total) select 'JUNE-{id}', 'J', '{id}', customer_id, 'posted', 'charge', '2026-06-01', '2026-06-30', '2026-07-01', 'CAD', '{net}', null, null from subscriptions where id = '{id}'"
        );
        target(dir, &sql);
    }
}

#[test]
fn first_invoices_are_held_against_what_was_expected() {
    let folder = ready();
    let dir = folder.path();
    planned(dir);
    assert!(wait_for(hypercare(&project(dir), 1, Duration::ZERO, silent(), CancellationToken::new())).is_err(), "there is nothing to look at yet");
    is_whole(&flip(dir, 1).expect("applied"));
    let missing = looked(dir, 1).look;
    assert!(missing.lines.iter().all(|l| l.state == CareState::Missing) && missing.alarms().count() == 2, "{missing:?}");
    bill(dir, 1, 1);
    let held = looked(dir, 1);
    assert!(held.look.lines.iter().all(|l| matches!(&l.state, CareState::Held { why } if why == "it is off by 0.01 CAD")), "{:?}", held.look);
    let back = cost(&held.standing.waves[&1]);
    assert_eq!((back.documents, back.changes, back.to_credit.values().sum::<i64>() - back.billed_again.values().sum::<i64>()), (2, 8, 2));
    bill(dir, 1, 0);
    let clean = looked(dir, 1);
    assert!(clean.look.is_clean());
    assert_eq!(clean.standing.waves[&1].state(), WaveState::Clean);
}

#[test]
fn a_captured_payment_is_the_point_of_no_return() {
    let folder = ready();
    let dir = folder.path();
    planned(dir);
    is_whole(&flip(dir, 1).expect("applied"));
    let id = stands(dir).waves[&1].pack.lines[0].subscription.clone();
    // Payments of long before, or of others, are none of the flip.
    target(dir, &format!("insert into captured_payments values ('{id}', '2026-01-01', '1.00'), ('sub-1009', '2999-01-01', '1.00')"));
    assert!(looked(dir, 1).standing.waves[&1].no_return.is_none());
    let today = "strftime('%Y-%m-%d', 'now', '+1 day')";
    target(dir, &format!("insert into captured_payments values ('{id}', {today}, '30.00')"));
    let before = bills(dir);
    let error = undo(dir, 1).expect_err("no way back").to_string();
    assert!(error.contains("point of no return") && error.contains(&id), "{error}");
    assert_eq!(bills(dir), before, "nothing of it was undone");
    let standing = stands(dir);
    assert!(standing.waves[&1].no_return.is_some(), "and it is kept");
    assert!(undo(dir, 1).is_err());
}

/// A payment whose day cannot be read counts.
#[test]
fn a_payment_of_no_day_counts() {
    let folder = ready();
    let dir = folder.path();
    planned(dir);
    is_whole(&flip(dir, 1).expect("applied"));
    let id = stands(dir).waves[&1].pack.lines[1].subscription.clone();
    target(dir, &format!("insert into captured_payments values ('{id}', null, null)"));
    assert!(undo(dir, 1).is_err());
}

#[test]
fn it_is_complete_when_every_wave_is_clean_and_the_source_bills_nobody() {
    let folder = ready();
    let dir = folder.path();
    planned(dir);
    let done = || wait_for(complete(&project(dir), "done", Duration::from_secs(5), CancellationToken::new()));
    let refused = |words: &[&str]| {
        let error = done().expect_err("not complete").to_string();
        assert!(words.iter().all(|w| error.contains(w)), "{error}");
    };
    refused(&["wave 1 is planned", "wave 2 is planned", "the source bills"]);
    for wave in [1, 2] {
        is_whole(&flip(dir, wave).expect("applied"));
    }
    // What was flipped bills, as it shall: nothing of that blocks the next look.
    refused(&["wave 1 is applied, not clean", "the source bills sub-1007 and 2 more"]);
    for wave in [1, 2] {
        bill(dir, wave, 0);
        assert!(looked(dir, wave).look.is_clean(), "{:?}", looked(dir, wave).look);
    }
    refused(&["the source bills sub-1007 and 2 more"]);
    source(dir, "update subscriptions set status = 'cancelled' where id in ('sub-1007', 'sub-1008', 'sub-1009')");
    assert!(done().expect("complete").completed.is_some());
    let again = wait_for(check(&project(dir), 1, &Open, silent(), CancellationToken::new())).expect("looked at");
    assert!(again.blockers.iter().any(|b| b.contains("it is applied")), "{:?}", again.blockers);
}

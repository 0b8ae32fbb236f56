//! Whatever changed between plan and apply is named, and nothing is done.

use crate::project::{
    NOTHING, Open, Shut, acts, bills, flip, is_whole, phrase, planned, project, silent, source, stands, target, wait_for, with_programs,
};
use dualrun::app::flip::{Apply, Decision, WaveState, apply, check, decide};
use dualrun::domain::flip::Direction;
use std::path::Path;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

#[track_caller]
fn is_refused(dir: &Path, words: &[&str]) {
    let before = bills(dir);
    let error = flip(dir, 1).expect_err("refused").to_string();
    for word in words {
        assert!(error.contains(word), "{word} is not said: {error}");
    }
    assert!(acts(dir, "source").is_empty() && acts(dir, "target").is_empty(), "something was sent: {error}");
    assert_eq!((bills(dir), stands(dir).waves[&1].state()), (before, WaveState::Planned));
}

/// One change at a time, each of something else.
#[test]
fn one_cent_or_one_day_is_refused_and_named() {
    let folder = with_programs();
    let dir = folder.path();
    let lines = stands(dir).waves[&1].pack.lines.clone();
    let id = lines[0].subscription.clone();
    let (cent, plan) = (lines[0].expected.net.minor + 1, lines[0].plan.raw().to_owned());
    let price = dualrun::domain::money::Money::new(cent, lines[0].expected.net.currency).to_string();
    let before = std::fs::read(dir.join("source.db")).expect("a file");
    let target_before = std::fs::read(dir.join("target.db")).expect("a file");
    let restore = || {
        std::fs::write(dir.join("source.db"), &before).expect("written");
        std::fs::write(dir.join("target.db"), &target_before).expect("written");
    };
    // A cent in the target's price: what is rated does not match, or what is expected first is a cent more.
    target(dir, &format!("update plans set flat_price = '{price}' where name = '{plan}'"));
    is_refused(dir, &[&id]);
    // A cent in the source's invoice.
    restore();
    source(
        dir,
        &format!(
            "update invoices set subtotal = cast(cast(subtotal as real) + 0.01 as text) where subscription_id = '{id}' and period_end = '2026-06-01'; update invoice_lines set amount = cast(cast(amount as real) + 0.01 as text) where invoice_id in (select id from invoices where subscription_id = '{id}' and period_end = '2026-06-01')"
        ),
    );
    is_refused(dir, &[&id, "delta"]);
    // The source billed another month meanwhile.
    restore();
    source(
        dir,
        &format!(
            "insert into invoices (id, number, subscription_id, customer_id, status, kind, period_start, period_end, issued_on, currency, subtotal, tax, total) values ('INV-N', 'N', '{id}', 'c', 'paid', 'charge', '2026-06-01', '2026-07-01', '2026-07-01', 'CAD', '30.00', '3.90', '33.90')"
        ),
    );
    is_refused(dir, &[&id, "what the source has billed up to was 2026-06-01 and is 2026-07-01"]);
    // The target can bill somebody nobody flipped.
    restore();
    target(dir, "update subscriptions set has_payment_token = 'true' where id = 'sub-1009'");
    is_refused(dir, &["sub-1009", "no wave flipped"]);
    restore();
    target(dir, &format!("update subscriptions set charge_linked = null where id = '{id}'"));
    is_refused(dir, &[&id, "does not say"]);
    // The source stopped by itself.
    restore();
    source(dir, &format!("insert into billing_switch values ('{id}')"));
    let error = flip(dir, 1).expect_err("refused").to_string();
    assert!(error.contains("the source does not bill it"), "{error}");
    restore();
    is_whole(&flip(dir, 1).expect("all is as it was"));
}

#[test]
fn a_phrase_that_is_not_the_pack_s_does_nothing() {
    let folder = with_programs();
    let dir = folder.path();
    let right = phrase(dir, 1, Direction::Forward);
    for typed in ["", "yes", "flip wave 1", &right.replace("2 sub", "3 sub"), &phrase(dir, 1, Direction::Back), &right.to_uppercase()] {
        let asked = Apply { wave: 1, phrase: typed.to_owned(), wait: Duration::ZERO };
        let error = wait_for(apply(&project(dir), &asked, &Open, silent(), CancellationToken::new())).expect_err("another phrase").to_string();
        assert!(error.contains(&right), "{error}");
    }
    assert_eq!(bills(dir), NOTHING);
}

#[test]
fn shut_gates_are_shut_whatever_is_typed() {
    let folder = with_programs();
    let dir = folder.path();
    let asked = Apply { wave: 1, phrase: phrase(dir, 1, Direction::Forward), wait: Duration::ZERO };
    let error = wait_for(apply(&project(dir), &asked, &Shut, silent(), CancellationToken::new())).expect_err("shut");
    assert!(error.to_string().contains("nobody signed") && error.exit_code() == 1, "{error}");
    assert_eq!((bills(dir).as_str(), stands(dir).waves[&1].state()), (NOTHING, WaveState::Planned));
    let checked = wait_for(check(&project(dir), 1, &Shut, silent(), CancellationToken::new())).expect("checked");
    assert_eq!(checked.blockers, ["Gates: nobody signed"]);
}

#[test]
fn another_configuration_wants_another_plan() {
    let folder = with_programs();
    let dir = folder.path();
    crate::harness::configure(dir, &[("growth = 2", "growth = 3")]);
    is_refused(dir, &["the configuration changed since the waves were planned"]);
    planned(dir);
    is_whole(&flip(dir, 1).expect("planned anew"));
}

#[test]
fn postponed_and_aborted_waves_are_not_applied() {
    let folder = with_programs();
    let dir = folder.path();
    let decided = |decision: Decision| wait_for(decide(&project(dir), &decision, "month end", Duration::ZERO));
    decided(Decision::Postpone(1, "2999-01-01".parse().expect("a day"))).expect("postponed");
    is_refused(dir, &["postponed to 2999-01-01", "month end"]);
    decided(Decision::Abort(1)).expect("aborted");
    is_refused(dir, &["aborted"]);
    assert!(decided(Decision::Resume).is_err(), "nobody holds it");
    assert!(decided(Decision::Abort(7)).is_err());
    // Whatever has not begun is planned anew.
    crate::harness::configure(dir, &[("growth = 2", "growth = 4")]);
    planned(dir);
    is_whole(&flip(dir, 1).expect("planned anew"));
}

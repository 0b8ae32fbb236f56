//! Where something is not known, or only looks so: nothing is retired on a guess, made a second time, or told to be as it should.

use crate::changed::{ids, imported};
use crate::harness::configure;
use crate::project::{complete, fresh, gate, import, load, source, target, target_text};
use serde_json::json;

/// What is paused will bill again: it is never ended. Asked for, its status is carried over.
#[test]
fn what_is_paused_is_not_retired() {
    let project = imported();
    let dir = project.path();
    source(dir, "update subscriptions set status = 'paused' where id = 'sub-1006'");
    let plan = import(dir, &["--apply", "--retire"]).json();
    assert_eq!((ids(&plan["retire"]), load(&plan, "of")), (Vec::<&str>::new(), 0));
    let left = plan["records"].as_array().expect("a list").iter().find(|r| r["id"] == "sub-1006").expect("it").clone();
    assert!(left["in_target_why"].as_str().is_some_and(|w| w.contains("it would bill")), "{left}");
    let carried = import(dir, &["--apply", "--all", "--only", "sub-1006"]).json();
    assert_eq!(load(&carried, "verified"), 1);
    assert_eq!(target_text(dir, "select status from subscriptions where id = 'sub-1006'"), "4_paused");
}

/// A plan that is not sold any more, and that somebody put into the target by hand still has, keeps its price there.
#[test]
fn a_plan_that_somebody_is_on_is_not_retired() {
    let project = imported();
    let dir = project.path();
    target(
        dir,
        "insert into subscriptions (id, customer_id, plan_id, status, started_on, state, has_payment_token, charge_linked) values ('hand-1', '41', 'NC-010', '3_progress', '2026-05-01', 'draft', 'false', 'false')",
    );
    source(dir, "update plans set active = 'false' where id = 'p-010'; update subscriptions set status = 'cancelled' where plan_id = 'p-010'");
    let plan = import(dir, &["--apply", "--retire"]).json();
    let retired: Vec<&str> = plan["retire"].as_array().expect("a list").iter().filter_map(|r| r["entity"].as_str()).collect();
    assert!(!retired.contains(&"plans") && !retired.contains(&"charges"), "{retired:?}");
    assert_eq!(target_text(dir, "select active || (select count(*) from charges where plan_id = 'NC-010') from plans where id = 'NC-010'"), "true1");
}

/// The same id in another spelling is the same subscription, also where its row cannot be read any more.
#[test]
fn what_cannot_be_read_any_more_is_not_gone() {
    let project = fresh();
    let dir = project.path();
    let id = "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11";
    source(
        dir,
        &format!(
            "insert into subscriptions (id, customer_id, plan_id, status, started_on) values ('{id}', 'cust-1', 'p-001', 'active', '2026-01-01')"
        ),
    );
    complete(dir);
    source(dir, &format!("update subscriptions set started_on = '2026-13-45' where id = '{id}'"));
    let plan = import(dir, &["--apply", "--retire"]);
    assert_eq!(plan.code, 4);
    assert_eq!(ids(&plan.json()["retire"]), Vec::<&str>::new());
    assert_eq!(target_text(dir, "select status from subscriptions where id like 'a0eebc99%'"), "3_progress");
}

/// A target's id that only looks the same is neither the same nor another: nothing is made beside it.
#[test]
fn a_padded_id_is_no_reason_for_a_second_record() {
    let project = imported();
    let dir = project.path();
    target(dir, "update customers set external_id = 'cust-1 ' where external_id = 'cust-1'");
    let plan = import(dir, &["--apply"]);
    assert_eq!((plan.code, ids(&plan.json()["unknown"])), (1, vec!["cust-1"]), "{}", plan.err);
    assert_eq!(target_text(dir, "select count(*) || '' from customers"), "7");
}

/// A field that decides what is billed and that the target's query does not deliver proves nothing.
#[test]
fn what_nobody_reads_back_holds_the_gate() {
    let project = fresh();
    let dir = project.path();
    configure(
        dir,
        &[(
            "quantity, price_override, discount_percent, anchor_day, in_advance, currency, state",
            "quantity, anchor_day, in_advance, currency, state",
        )],
    );
    let first = import(dir, &["--apply"]);
    assert_eq!(first.code, 1, "{}", first.err);
    let plan = import(dir, &[]);
    assert_eq!((plan.code, &plan.json()["entities"]["subscriptions"]["not_read_back"]), (1, &json!({ "discount_percent": 9, "price_override": 9 })));
    assert_ne!(gate(dir).0, "pass");
}

/// Without a word which plans are on sale, all of them would be taken: that must be said.
#[test]
fn a_source_that_does_not_say_what_is_sold_is_asked_for_it() {
    let project = fresh();
    let dir = project.path();
    configure(dir, &[("interval_count, flat_price, active from plans", "interval_count, flat_price from plans")]);
    let slip = import(dir, &[]);
    assert!(slip.code == 2 && slip.err.contains("AS active"), "{}", slip.err);
    let all = import(dir, &["--all"]).json();
    assert_eq!(all["entities"]["plans"]["create"]["count"], 232);
}

/// Prices that fit no total are no total.
#[test]
fn prices_that_do_not_fit_are_told() {
    let project = fresh();
    let dir = project.path();
    source(dir, "update plans set flat_price = '60000000000000000' where id in ('p-001', 'p-002')");
    let told = import(dir, &[]);
    assert!(told.code == 4 && told.err.contains("do not fit a total at"), "{}", told.err);
}

//! Bad input on either side: each is told with its side, entity and id, what stands on it is rejected with it, nothing of it is
//! handed over, and nothing is retired because of it.

use crate::harness::configure;
use crate::project::{apply, complete, each, ends, fresh, held, import, is_blocked, is_whole, load, loader, requests, sent, source, target};
use serde_json::Value;

/// `entity id` of each rejected record with its reason.
fn rejected(object: &Value) -> Vec<(String, String)> {
    let text = |v: &Value| v.as_str().expect("text").to_owned();
    let of = |r: &Value| (format!("{} {}", text(&r["entity"]), text(&r["id"])), text(&r["why"]));
    object["rejected_records"].as_array().expect("a list").iter().map(of).collect()
}

/// Rejected after this change of the source: exit code, and each record with words of its reason. Nothing of it is sent, nothing
/// else is held up, nothing of the target is to be retired for it, and each row read is accounted for.
#[track_caller]
fn refuses(sql: &str, code: i32, records: &[(&str, &str)]) -> tempfile::TempDir {
    let project = fresh();
    let dir = project.path();
    loader(dir, "tee -a requests.log | ./demo-target target.db", "");
    complete(dir);
    source(dir, sql);
    std::fs::remove_file(dir.join("requests.log")).expect("removed");
    let said = apply(dir);
    assert_eq!(said.code, code, "{said:#?}");
    let object = said.json();
    let found = rejected(&object);
    assert_eq!(found.iter().map(|r| r.0.as_str()).collect::<Vec<_>>(), records.iter().map(|r| r.0).collect::<Vec<_>>(), "{found:#?}");
    for ((_, why), (id, words)) in found.iter().zip(records) {
        assert!(why.contains(words), "{id}: {why}");
    }
    assert_eq!((object["in_target"]["retire"].as_i64(), requests(dir).len()), (Some(0), 0), "{:#} {:#}", object["retire"], object["differs"]);
    for (entity, of) in object["entities"].as_object().expect("entities") {
        let groups = |word: &str| of[word].as_object().expect("groups").values().map(|g| g["count"].as_i64().expect("a number")).sum::<i64>();
        let one = |word: &str| of[word]["count"].as_i64().expect("a number");
        assert_eq!(of["read"].as_i64(), Some(one("create") + one("update") + one("unchanged") + groups("filtered") + groups("rejected")), "{entity}");
    }
    is_whole(dir);
    is_blocked(dir, "rejected");
    project
}

#[test]
fn a_price_that_is_no_number() {
    refuses(
        "update plans set flat_price = 'NaN' where id = 'p-001'",
        4,
        &[
            ("plans p-001", "flat_price = \"NaN\": not a number"),
            ("charges p-001 cpu_seconds", "its plan is not there or cannot be read"),
            ("subscriptions sub-1001", "its plan p-001 is not there or cannot be read"),
            ("subscriptions sub-1002", "its plan p-001"),
        ],
    );
}

/// The target's own charge is not taken for one that should not be there.
#[test]
fn a_charge_that_is_no_number() {
    refuses(
        "update charges set unit_price = 'Infinity' where plan_id = 'p-002'",
        4,
        &[
            ("plans p-002", "one of its charges cannot be read"),
            ("charges p-002 cpu_seconds", "unit_price = \"Infinity\""),
            ("subscriptions sub-1003", "its plan p-002 is rejected"),
            ("subscriptions sub-1004", "its plan p-002 is rejected"),
        ],
    );
}

#[test]
fn an_empty_id() {
    refuses("insert into customers (id, name) values ('  ', 'Nobody')", 4, &[("customers ", "id")]);
}

#[test]
fn a_subscription_that_cannot_be_read() {
    // Its plan is not sold any more and nobody else has it: it is not retired on the word of a row nobody can read.
    refuses(
        "update plans set active = 'false' where id = 'p-003'; update subscriptions set started_on = '2025-02-30' where id = 'sub-1005'",
        4,
        &[("subscriptions sub-1005", "started_on = \"2025-02-30\"")],
    );
}

#[test]
fn a_status_nobody_knows() {
    refuses(
        "update plans set active = 'false' where id = 'p-004'; update subscriptions set status = 'frozen' where id = 'sub-1006'",
        1,
        &[("subscriptions sub-1006", "its status \"frozen\" is in no list of [source]")],
    );
}

#[test]
fn a_customer_or_plan_that_is_not_there() {
    refuses(
        "update subscriptions set customer_id = 'cust-99' where id = 'sub-1002'; update subscriptions set plan_id = 'p-999' where id = 'sub-1003'",
        1,
        &[("subscriptions sub-1002", "its customer cust-99 is not there"), ("subscriptions sub-1003", "its plan p-999 is not there")],
    );
}

#[test]
fn an_id_that_is_there_twice() {
    refuses(
        "insert into customers select id, 'Another', email, country, region, currency, status from customers where id = 'cust-6'; \
         insert into plans select id, name, currency, \"interval\", interval_count, '7', active from plans where id = 'p-014'; \
         insert into subscriptions select id, customer_id, 'p-005', status, started_on, ended_on, trial_end, quantity, price_override, \
         discount_percent, anchor_day, in_advance, currency from subscriptions where id = 'sub-1001'; \
         insert into charges select plan_id, metric, model, '9', package_size, unit_price, tiers, minimum, maximum from charges where plan_id = 'p-009'",
        1,
        &[
            ("customers cust-6", "more than once"),
            ("plans p-009", "or is there twice"),
            ("plans p-014", "more than once"),
            ("charges p-009/cpu_seconds", "its plan p-009 is rejected"),
            ("charges p-014/cpu_seconds", "its plan p-014 is rejected"),
            ("subscriptions sub-1001", "2 rows have this id"),
            ("subscriptions sub-1008", "its customer cust-6 is there more than once"),
            ("subscriptions sub-1009", "its plan p-014 is rejected: it is there more than once"),
        ],
    );
}

/// A row that can be read beside one of the same id that cannot: which of the two counts, nobody knows.
#[test]
fn an_id_that_is_there_twice_once_unreadable() {
    refuses(
        "insert into subscriptions select id, customer_id, plan_id, status, 'soon', ended_on, trial_end, quantity, price_override, \
         discount_percent, anchor_day, in_advance, currency from subscriptions where id = 'sub-1004'",
        4,
        &[("subscriptions sub-1004", "cannot be read"), ("subscriptions sub-1004", "started_on = \"soon\"")],
    );
}

#[test]
fn a_currency_that_is_not_its_plans() {
    refuses(
        "update subscriptions set currency = 'USD' where id = 'sub-1007'",
        1,
        &[("subscriptions sub-1007", "it bills in USD, its plan p-012 is priced in CAD")],
    );
}

/// Names of the source that could drive a terminal or a spreadsheet arrive to the byte, and are shown harmless.
#[test]
fn hostile_names() {
    let project = fresh();
    let dir = project.path();
    source(
        dir,
        "update customers set name = 'A' || char(27) || '[2J' || char(8238) || 'x' || char(10) || 'y' where id = 'cust-1'; update plans set id = 'p-1/%2F 1' where id = 'p-001'; update charges set plan_id = 'p-1/%2F 1' where plan_id = 'p-001'; update subscriptions set plan_id = 'p-1/%2F 1' where plan_id = 'p-001'",
    );
    complete(dir);
    let name = crate::harness::sqlite_text(&dir.join("target.db"), "select hex(name) from customers where external_id = 'cust-1'");
    assert_eq!(name, "411B5B324AE280AE780A79");
    target(dir, "update customers set name = name || char(155) || '1m' where external_id = 'cust-1'");
    for args in [&["import"][..], &["import", "--format", "json"]] {
        let said = crate::harness::said(dir, args);
        let hidden = |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c);
        assert!(!said.out.contains(hidden) && said.out.contains("cust-1"), "{said:?}");
    }
}

/// A target that does not say under which id a record was imported: what is there cannot be told from what is not.
#[test]
fn a_target_that_does_not_deliver_the_sources_id() {
    let project = fresh();
    let dir = project.path();
    target(dir, "insert into customers (id, name, currency, status) values ('7', 'Acme Ltd', 'CAD', 'active')");
    loader(dir, "tee -a requests.log | ./demo-target target.db", "");
    configure(dir, &[("status, external_id from customers", "status from customers")]);
    let object = ends(dir, 1, "incomplete");
    assert_eq!((object["in_target"]["unknown"].as_i64(), load(&object, "held"), sent(dir, "cust-1")), (Some(7), 7 + 9, 0), "{:#}", object["import"]);
    let why = object["unknown"][0]["why"].as_str().expect("why");
    assert!(why.contains("target.queries.customers delivers no external_id") && why.contains("AS external_id"), "{why}");
    is_blocked(dir, "16 records held back");
    configure(
        dir,
        &[(
            "status from customers\"\nplans = 'select id, name, currency, \"interval\", interval_count, flat_price, active, external_id",
            "status, external_id from customers\"\nplans = 'select id, name, currency, \"interval\", interval_count, flat_price, active, external_id",
        )],
    );
    complete(dir);
    assert_eq!(held(dir)[0], (8, 7), "another's record is left alone");
}

/// An empty target without the column is loaded by the ids its loader tells; after a kill nobody knows what is there, and nothing is
/// sent on a guess.
#[test]
fn an_empty_target_without_the_sources_id() {
    let project = fresh();
    let dir = project.path();
    loader(dir, &each("answer=$(real); [ $n = 4 ] && [ -e armed ] && rm armed && kill -9 $PPID && exit 1; printf '%s\\n' \"$answer\""), "");
    configure(dir, &[("status, external_id from customers", "status from customers")]);
    std::fs::write(dir.join("armed"), "").expect("written");
    assert_eq!(apply(dir).code, -1, "killed");
    let object = ends(dir, 1, "incomplete");
    assert_eq!((object["in_target"]["unknown"].as_i64(), held(dir)[0].0), (Some(7), 4), "nothing is created on a guess");
    crate::project::empty(dir);
    std::fs::remove_file(dir.join("seen")).expect("removed");
    let object = complete(dir);
    assert_eq!(load(&object, "verified"), 44);
    assert_eq!(load(&complete(dir), "of"), 0, "what the loader told is remembered");
    is_whole(dir);
}

/// Records of the target that cannot be read: what is missing there cannot be told.
#[test]
fn a_target_that_cannot_be_read_whole() {
    let project = fresh();
    let dir = project.path();
    loader(dir, "tee -a requests.log | ./demo-target target.db", "");
    complete(dir);
    target(dir, "update subscriptions set quantity = 'NaN' where id = 'sub-1003'");
    source(dir, "update subscriptions set discount_percent = '5' where id = 'sub-1001'");
    let object = ends(dir, 1, "incomplete");
    assert_eq!((object["in_target"]["unknown"].as_i64(), load(&object, "verified"), sent(dir, "sub-1003")), (Some(1), 1, 1));
    let why = object["unknown"][0]["why"].as_str().expect("why");
    assert!(why.contains("1 subscriptions of the target cannot be read"), "{why}");
    assert_eq!(import(dir, &[]).code, 1);
}

//! Programs that answer strangely: what counts is what the target shows, each record once, and what is not there is told.

use crate::project::{ALL, complete, each, ends, fresh, is_blocked, is_whole, load, loader, nothing_twice, parked, requests, sent, sound, target};
use serde_json::Value;

/// A loader whose strangeness hurts nobody: everything arrives, no record is sent twice.
#[track_caller]
fn harmless(script: &str) -> Value {
    let project = fresh();
    let dir = project.path();
    loader(dir, script, "");
    let object = complete(dir);
    is_whole(dir);
    sound(dir);
    assert_eq!((load(&object, "verified"), requests(dir).len()), (ALL, usize::try_from(ALL).expect("few")));
    object
}

#[test]
fn twice_the_same() {
    harmless("tee -a requests.log | ./demo-target target.db | sed p");
}

#[test]
fn in_another_order() {
    harmless("tee -a requests.log | ./demo-target target.db | sort -r");
}

#[test]
fn for_records_nobody_asked_about() {
    harmless(&format!("echo '{}'; tee -a requests.log | ./demo-target target.db", r#"{"key":"0000","result":"ok","target_id":"41"}"#));
}

#[test]
fn with_lines_that_are_no_answers_between() {
    harmless("printf 'Loading…\\033[2J\\n\\377\\n[1]\\n{\"key\":3}\\n\\n'; tee -a requests.log | ./demo-target target.db");
}

#[test]
fn without_saying_its_own_ids() {
    harmless("tee -a requests.log | ./demo-target target.db | sed 's/,\"target_id\":\"[^\"]*\"//'");
}

/// It did all and says so, and then ends badly.
#[test]
fn in_full_and_then_a_bad_end() {
    harmless("tee -a requests.log | ./demo-target target.db; exit 3");
}

/// Two answers that contradict each other are none: the target is asked.
#[test]
fn twice_and_not_the_same() {
    harmless("tee -a requests.log | ./demo-target target.db | sed 'p;s/\"ok\"/\"rejected\"/'");
}

#[test]
fn nothing_though_it_did_everything() {
    harmless("tee -a requests.log | ./demo-target target.db > /dev/null");
}

#[test]
fn unknown_though_it_did_everything() {
    harmless("tee -a requests.log | ./demo-target target.db | sed 's/\"ok\"/\"unknown\"/'");
}

/// It does half of each batch and dies: the rest is sent again, nothing of the first half is.
#[test]
fn partly_and_then_a_bad_end() {
    let project = fresh();
    let dir = project.path();
    loader(dir, "cat > in; half=$(( ($(wc -l < in) + 1) / 2 )); head -n $half in | tee -a requests.log | ./demo-target target.db; exit 1", "");
    assert_eq!(load(&complete(dir), "verified"), ALL);
    is_whole(dir);
    assert_eq!(requests(dir).len(), usize::try_from(ALL).expect("few"), "no record was applied twice");
}

/// It says unknown at first, and did nothing: it is looked for, then sent again.
#[test]
fn unknown_and_it_did_nothing_at_first() {
    let project = fresh();
    let dir = project.path();
    let body = "if [ -e tried.$key ]; then real; else touch tried.$key; printf '{\"key\":\"%s\",\"result\":\"unknown\",\"reason\":\"timed out\"}\\n' $key; fi";
    loader(dir, &each(body), "");
    assert_eq!(load(&complete(dir), "verified"), ALL);
    is_whole(dir);
    assert_eq!(requests(dir).len(), 2 * usize::try_from(ALL).expect("few"));
}

#[test]
fn done_where_nothing_is_done() {
    let project = fresh();
    let dir = project.path();
    let lie = "case $id in cust-3|sub-1002) printf '{\"key\":\"%s\",\"result\":\"ok\",\"target_id\":\"99\"}\\n' $key;; *) real;; esac";
    loader(dir, &each(lie), "");
    let object = ends(dir, 1, "incomplete");
    // Without customer 3 the target refuses its two subscriptions: what it says is kept.
    assert_eq!((load(&object, "mismatched"), load(&object, "rejected"), load(&object, "verified")), (2, 2, ALL - 4), "{:#}", object["import"]);
    is_blocked(dir, "2 records in the target otherwise than sent");
    let refused = parked(dir);
    assert_eq!(refused.iter().map(|p| p.0.as_str()).collect::<Vec<_>>(), ["sub-1004", "sub-1007"]);
    assert!(refused.iter().all(|p| p.3 == "the target refuses it: there is no customer cust-3 here"), "{refused:?}");
    // An honest program mends the rest, but for what waits for a word.
    crate::project::program(dir, &each("real"));
    let object = ends(dir, 1, "incomplete");
    assert_eq!((load(&object, "verified"), load(&object, "parked")), (2, 2));
    assert_eq!(crate::harness::said(dir, &["import", "parked", "retry"]).code, 0);
    complete(dir);
    is_whole(dir);
}

#[test]
fn done_and_a_field_is_another() {
    let project = fresh();
    let dir = project.path();
    loader(dir, "sed 's/\"flat_price\":\"50\"/\"flat_price\":\"5\"/;s/billing@dune/billing@dun/' | ./demo-target target.db", "");
    let object = ends(dir, 1, "incomplete");
    assert_eq!((load(&object, "mismatched"), load(&object, "verified")), (2, ALL - 2));
    let reasons =
        "select group_concat(external_id || ': ' || reason, '; ') from (select * from deliveries where state = 'mismatch' order by external_id)";
    let reasons = crate::harness::sqlite_text(&crate::harness::workspace(dir), reasons);
    assert_eq!(
        reasons, "cust-4: email is billing@dun.example and not billing@dune.example; p-002: flat_price is 5 and not 50",
        "the field, what is found, what is wanted"
    );
    let plan = crate::project::import(dir, &[]).json();
    assert_eq!(plan["differs"].as_array().map(Vec::len), Some(2));
    is_blocked(dir, "2 records in the target otherwise than sent");
}

/// It gives a record the id of another.
#[test]
fn with_the_id_of_another() {
    let project = fresh();
    let dir = project.path();
    loader(dir, "./demo-target target.db | sed 's/\"target_id\":\"2\"/\"target_id\":\"1\"/'", "");
    let object = ends(dir, 1, "incomplete");
    assert_eq!(load(&object, "mismatched"), 4, "which of the two is meant is not known, nor whose the subscriptions are: {:#}", object["import"]);
    nothing_twice(dir);
    complete(dir);
    is_whole(dir);
}

/// It makes two of one: what is read back is not one record, and nothing more is sent for it.
#[test]
fn done_twice_over() {
    let project = fresh();
    let dir = project.path();
    loader(dir, "tee -a requests.log | ./demo-target target.db", "");
    complete(dir);
    target(
        dir,
        "insert into customers select '99', name, email, country, region, currency, status, external_id from customers where external_id = 'cust-5'",
    );
    let object = ends(dir, 1, "incomplete");
    assert_eq!((object["in_target"]["unknown"].as_i64(), load(&object, "held")), (Some(1), 1));
    let why = object["unknown"][0]["why"].as_str().expect("why");
    assert!(why.contains("two target records stand for it") && why.contains("99"), "{why}");
    assert_eq!(sent(dir, "cust-5"), 1);
}

/// Reasons are the program's own words: nothing of them drives the terminal, in text or JSON, now or later.
#[test]
fn refused_in_hostile_words() {
    let project = fresh();
    let dir = project.path();
    let hostile = r#"case $id in sub-1003) printf '{"key":"%s","result":"rejected","reason":"no\\u001b[2J\\u202eevil\\u009b31m\\nnext"}\n' $key;; *) real;; esac"#;
    loader(dir, &each(hostile), "");
    let object = ends(dir, 1, "incomplete");
    assert_eq!((load(&object, "rejected"), load(&object, "verified")), (1, ALL - 1));
    let hidden = |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c) || c == '\u{9b}';
    for args in
        [&["import", "parked", "list"][..], &["import", "parked", "list", "--format", "json"], &["import"], &["gates"], &["import", "--apply"]]
    {
        let said = crate::harness::said(dir, args);
        assert!(!said.out.contains(hidden) && !said.err.contains(hidden), "{args:?}: {said:?}");
    }
    let (id, state, tries, reason) = parked(dir).remove(0);
    assert_eq!((id.as_str(), state.as_str(), tries), ("sub-1003", "parked", 1));
    assert!(reason.contains("evil") && reason.contains("u{1b}"), "{reason}");
    assert_eq!(sent(dir, "sub-1003"), 1, "what the target refuses is not tried again");
}

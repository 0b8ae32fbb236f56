//! One record that breaks the program: its batch is split until it stands alone, all others arrive, and it is parked after three
//! tries with what the program said.

use crate::project::{ALL, complete, each, ends, fresh, held, is_blocked, is_whole, load, loader, parked, program, sent, sound, source};

/// Dies on some records, whatever stands beside them; so nothing of a batch with one is answered.
fn dying_on(pattern: &str) -> String {
    format!(
        "tee -a requests.log > in; if grep -qE '\"external_id\":\"({pattern})\",\"target_id\"' in; then echo \"cannot digest that\" >&2; exit 9; fi; ./demo-target target.db < in"
    )
}

#[test]
fn it_is_parked_and_all_others_arrive() {
    let project = fresh();
    let dir = project.path();
    loader(dir, &dying_on("sub-1006"), "");
    let object = ends(dir, 1, "incomplete");
    assert_eq!((load(&object, "verified"), load(&object, "parked")), (ALL - 1, 1), "{:#}", object["import"]);
    assert_eq!(held(dir)[3], (8, 8));
    let (id, state, _, reason) = parked(dir).remove(0);
    assert_eq!((id.as_str(), state.as_str()), ("sub-1006", "parked"));
    assert!(reason.contains("exit status: 9") && reason.contains("cannot digest that"), "{reason}");
    // Among nine, four and two, then alone three times.
    assert_eq!(sent(dir, "sub-1006"), 3 + 3);
    is_blocked(dir, "1 record parked");
    sound(dir);

    // It waits for a word, and is not sent again by itself.
    program(dir, &each("real"));
    let before = sent(dir, "sub-1006");
    let object = ends(dir, 1, "incomplete");
    assert_eq!((load(&object, "parked"), load(&object, "of"), sent(dir, "sub-1006")), (1, 1, before));
}

/// What stands on it is held back and told, and arrives once it does.
#[test]
fn what_needs_it_is_held_back() {
    let project = fresh();
    let dir = project.path();
    loader(dir, &dying_on("p-002"), "batch = 3");
    let object = ends(dir, 1, "incomplete");
    assert_eq!((load(&object, "parked"), load(&object, "held"), load(&object, "verified")), (1, 3, ALL - 4), "its charge and two subscriptions wait");
    is_blocked(dir, "3 records held back");
    assert_eq!(sent(dir, "sub-1003"), 0);
    program(dir, &each("real"));
    // Its content changed: that is another record, and needs no word.
    source(dir, "update plans set name = 'Medium 2' where id = 'p-002'");
    complete(dir);
    is_whole(dir);
}

/// Several, of two entities, and the very first among them.
#[test]
fn several() {
    let project = fresh();
    let dir = project.path();
    loader(dir, &dying_on("cust-1|p-014|sub-1008"), "");
    let object = ends(dir, 1, "incomplete");
    // The customer's two subscriptions, the plan's charge and its one subscription wait.
    assert_eq!((load(&object, "parked"), load(&object, "held"), load(&object, "verified")), (3, 4, ALL - 7), "{:#}", object["import"]);
    program(dir, &each("real"));
    assert_eq!(crate::harness::said(dir, &["import", "parked", "retry"]).code, 0);
    complete(dir);
    is_whole(dir);
}

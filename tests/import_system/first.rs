//! The first import, the second, and the acts that are asked for by a word: everything is carried over once, and what was retired
//! is told with the way back.

use crate::harness::said;
use crate::project::{
    ALL, CARRIED, apply, complete, demo, ends, fresh, gate, import, is_whole, journal, load, loader, requests, sent, sound, source, target,
};
use serde_json::{Value, json};

const TEE: &str = "tee -a requests.log | ./demo-target target.db";

fn counts(object: &Value) -> [i64; 5] {
    ["create", "update", "unchanged", "filtered", "rejected"].map(|word| object[word].as_i64().expect("a number"))
}

/// Every row read is in one bucket, by entity.
#[track_caller]
fn is_conserved(object: &Value) {
    for (entity, of) in object["entities"].as_object().expect("entities") {
        let groups = |word: &str| of[word].as_object().expect("groups").values().map(|g| g["count"].as_i64().expect("a number")).sum::<i64>();
        let one = |word: &str| of[word]["count"].as_i64().expect("a number");
        let told = one("create") + one("update") + one("unchanged") + groups("filtered") + groups("rejected");
        assert_eq!(of["read"].as_i64(), Some(told), "{entity}: {of:#}");
    }
}

#[test]
fn the_first_carries_all_over_and_the_second_nothing() {
    let project = fresh();
    let dir = project.path();
    loader(dir, TEE, "");

    let plan = import(dir, &[]);
    assert_eq!((plan.code, requests(dir).len(), dir.join(".dualrun").exists()), (0, 0, false), "a look changes nothing");
    let plan = plan.json();
    assert_eq!((counts(&plan), &plan["applied"], &plan["import"]), ([ALL, 0, 0, 514, 0], &json!(false), &Value::Null));
    assert_eq!(plan["in_target"]["missing"], ALL);
    is_conserved(&plan);

    let first = complete(dir);
    assert_eq!((counts(&first), load(&first, "verified"), load(&first, "of")), ([ALL, 0, 0, 514, 0], ALL, ALL));
    assert_eq!(first["inertness"]["occasion"], "after_load");
    is_whole(dir);
    let order: Vec<Value> = requests(dir).into_iter().map(|r| r["entity"].clone()).collect();
    let wanted: Vec<&str> = ["customers", "plans", "charges", "subscriptions"]
        .iter()
        .zip(CARRIED)
        .flat_map(|(e, n)| std::iter::repeat_n(*e, usize::try_from(n).expect("few")))
        .collect();
    assert_eq!(order, wanted, "what is referred to comes first");
    for request in requests(dir) {
        let text = request.to_string();
        assert!(["token", "payment_method", "state", "linked"].iter().all(|w| !text.contains(&format!("{w}\""))), "drafts only: {text}");
    }

    let second = complete(dir);
    assert_eq!((counts(&second), load(&second, "of"), &second["in_target"]["present"]), ([0, 0, ALL, 514, 0], 0, &json!(ALL)));
    is_conserved(&second);
    assert_eq!(requests(dir).len(), usize::try_from(ALL).expect("few"), "nothing is sent a second time");
    assert_eq!(gate(dir), ("pass".to_owned(), Vec::new()));
    let kinds = journal(dir);
    assert_eq!(kinds[kinds.len() - 6..].join(" "), "import_started import_staged import_complete import_started import_staged import_complete");
    sound(dir);
}

/// dualrun opens neither side for writing: the source is never touched, the target only by the loader's program.
#[test]
fn no_side_is_written_but_by_the_program() {
    let project = fresh();
    let dir = project.path();
    let lying = "sed 's/^{\"key\":\"\\([0-9a-f]*\\)\".*/{\"key\":\"\\1\",\"result\":\"ok\"}/'";
    loader(dir, lying, "");
    let bytes = |file: &str| std::fs::read(dir.join(file)).expect("a file");
    let before = ["source.db", "target.db"].map(bytes);
    let object = ends(dir, 1, "incomplete");
    assert_eq!((load(&object, "mismatched"), load(&object, "verified")), (ALL, 0), "{:#}", object["import"]);
    assert_eq!(import(dir, &["--apply", "--retire"]).code, 1);
    assert_eq!(["source.db", "target.db"].map(bytes), before);
    let sides = std::fs::read_dir(dir).expect("a folder").map(|e| e.expect("an entry").file_name().into_string().expect("UTF-8"));
    assert!(sides.into_iter().all(|name| !name.contains(".db-")), "no journal beside either side");
}

#[test]
fn only_a_few_with_what_they_need() {
    let project = fresh();
    let dir = project.path();
    loader(dir, TEE, "");
    let few = import(dir, &["--apply", "--only", "sub-1001,sub-1004"]);
    assert_eq!((few.code, counts(&few.json())[0], load(&few.json(), "verified")), (0, 8, 8), "2 customers, 2 plans, 2 charges, 2 subscriptions");
    crate::project::is_blocked(dir, "import #1 is partial: it does not count");
    let few = import(dir, &["--apply", "--only", "sub-1005"]).json();
    assert_eq!((few["withdrawn"].as_array().map(Vec::len), load(&few, "verified")), (Some(0), 4), "what was staged before stays");
    import(dir, &["--only", "sub-9999"]).fails(2, &["sub-9999", "no subscription of that id"]);
    let all = complete(dir);
    assert_eq!((counts(&all)[0], counts(&all)[2], load(&all, "verified")), (ALL - 12, 12, ALL - 12));
    is_whole(dir);
    assert_eq!(sent(dir, "sub-1001"), 1);
}

#[test]
fn staged_only_is_handed_to_nobody() {
    let project = fresh();
    let dir = project.path();
    loader(dir, TEE, "");
    let staged = import(dir, &["--apply", "--stage-only"]);
    assert_eq!((staged.code, staged.json()["import"]["state"].as_str()), (0, Some("staged")), "{staged:#?}");
    assert_eq!((requests(dir).len(), gate(dir).0.as_str()), (0, "not_run"));
    let then = complete(dir);
    assert_eq!((counts(&then), load(&then, "verified")), ([0, 0, ALL, 514, 0], ALL), "what is staged is still to be loaded");
    is_whole(dir);
}

/// Nobody to hand it to is not what `--apply` asks for.
#[test]
fn with_no_loader_it_is_staged_and_told_so() {
    let project = fresh();
    let dir = project.path();
    crate::harness::configure(dir, &[("[import]\nloader = \"command\"\nprogram = [\"./demo-target\", \"target.db\"]", "")]);
    let staged = apply(dir);
    assert_eq!((staged.code, staged.json()["import"]["state"].as_str()), (1, Some("staged")), "{staged:#?}");
    assert!(said(dir, &["import", "--apply"]).err.contains("no loader is named"));
    let gates = said(dir, &["gates"]);
    assert!(gates.out.contains("name a loader in [import]"), "{gates:#?}");
    assert_eq!(import(dir, &["--apply", "--stage-only"]).code, 0);
    assert!(said(dir, &["gates"]).out.contains("dualrun import --apply hands it over"));
}

#[test]
fn inactive_ones_come_when_asked_for() {
    let project = fresh();
    let dir = project.path();
    let all = import(dir, &["--apply", "--all"]);
    let object = all.json();
    assert_eq!((all.code, counts(&object), load(&object, "verified")), (0, [7 + 232 + 232 + 87, 0, 0, 0, 0], 558), "{}", object["import"]);
    is_conserved(&object);
    // They came as what they are: nobody is billed who was not, and nothing is on sale that was not.
    let live = "select (select count(*) from subscriptions where status = '3_progress') || ' ' || (select count(*) from plans where active = 'true')";
    assert_eq!(crate::project::target_text(dir, live), "9 14");
    // Without the word they are not wanted any more: what is staged of them goes, and nothing of them lives that would have to be retired.
    let plan = import(dir, &[]).json();
    assert_eq!((plan["withdrawn"].as_array().map(Vec::len), plan["in_target"]["retire"].as_i64()), (Some(514), Some(0)));
}

#[test]
fn what_should_not_be_there_is_retired_when_asked_for() {
    let project = demo();
    let dir = project.path();
    loader(dir, TEE, "");
    let first = complete(dir);
    let retire = first["retire"].as_array().expect("a list");
    assert_eq!((retire.len(), load(&first, "verified")), (436, 2), "not asked for, they stay");
    crate::project::is_blocked(dir, "436 records in the target that should not be");
    let of = |id: &str| retire.iter().find(|r| r["id"] == id).unwrap_or_else(|| panic!("{id}")).clone();
    let (plan, charge) = (of("p-015"), of("p-015/cpu_seconds"));
    assert_eq!((&plan["act"], &plan["inverse"]), (&json!("retire plan NC-015 (p-015)"), &json!("restore plan NC-015 (p-015)")));
    assert!(
        charge["inverse"]
            .as_str()
            .is_some_and(|i| i.starts_with("put charge p-015/cpu_seconds back: plan p-015, metric cpu_seconds") && i.contains("unit_price 0.0075"))
    );

    let retired = import(dir, &["--apply", "--retire"]);
    assert_eq!((retired.code, load(&retired.json(), "verified")), (0, 436), "{retired:#?}");
    let held = crate::project::held(dir);
    assert_eq!((held[1].0, held[2].0), (232, 14), "plans are off sale, their charges gone");
    let live = crate::harness::sqlite_numbers(&dir.join("target.db"), "select count(*), sum(active = 'true'), 0 from plans");
    assert_eq!(live, [(232, 14, 0)]);
    let acts: Vec<Value> = requests(dir).into_iter().map(|r| r["act"].clone()).collect();
    assert_eq!(acts.iter().filter(|a| **a == "retire").count(), 436);
    let again = import(dir, &["--apply", "--retire"]);
    assert_eq!((again.code, load(&again.json(), "of"), requests(dir).len()), (0, 0, 438), "once is enough");
    assert_eq!(gate(dir).0, "pass");
    // Put on sale again by hand, it is retired again.
    target(dir, "update plans set active = 'true' where id = 'NC-020'");
    let again = import(dir, &["--apply", "--retire"]).json();
    assert_eq!((load(&again, "verified"), &again["retire"][0]["id"]), (1, &json!("p-020")));
    sound(dir);
}

#[test]
fn a_source_that_sells_nothing_any_more_retires_nothing_unasked() {
    let project = fresh();
    let dir = project.path();
    complete(dir);
    source(dir, "delete from subscriptions");
    let emptied = ends(dir, 0, "complete");
    assert_eq!((&emptied["in_target"]["retire"], &emptied["in_target"]["left"], load(&emptied, "of")), (&json!(0), &json!(16), 0));
    is_whole(dir);
    assert_ne!(gate(dir).0, "pass");
    assert_eq!(apply(dir).code, 0);
    source(
        dir,
        "insert into subscriptions (id, customer_id, plan_id, status, started_on) values ('sub-new', 'cust-1', 'p-001', 'active', '2026-05-01')",
    );
    let text = said(dir, &["import", "-q"]).out;
    assert!(text.contains("retire subscription sub-1001 (sub-1001) · not in the source"), "{text}");
}

/// What is applied is what was looked at: retiring as well is another thing, and so is what somebody gave up meanwhile.
#[test]
fn a_digest_binds_what_is_done() {
    let project = demo();
    let dir = project.path();
    loader(dir, TEE, "");
    let digest = |args: &[&str]| import(dir, args).json()["plan_digest"].as_str().expect("a digest").to_owned();
    let (kept, retiring) = (digest(&[]), digest(&["--retire"]));
    assert_ne!(kept, retiring);
    assert!(said(dir, &["import", "--retire", "-q"]).out.contains(&format!("plan     {retiring}")));
    import(dir, &["--apply", "--retire", "--plan", &kept]).fails(1, &["nothing was done"]);
    import(dir, &["--apply", "--plan", &retiring]).fails(1, &["nothing was done"]);
    assert!(requests(dir).is_empty());
    assert_eq!(load(&import(dir, &["--apply", "--retire", "--plan", &retiring]).json(), "verified"), 438);
}

#[test]
fn a_digest_binds_what_waits_for_a_word() {
    let project = fresh();
    let dir = project.path();
    let refusing = r#"case $id in sub-1003) printf '{"key":"%s","result":"rejected","reason":"no"}\n' $key;; *) real;; esac"#;
    loader(dir, &crate::project::each(refusing), "");
    ends(dir, 1, "incomplete");
    let looked = import(dir, &[]).json()["plan_digest"].as_str().expect("a digest").to_owned();
    assert_eq!(said(dir, &["import", "parked", "retry"]).code, 0);
    import(dir, &["--apply", "--plan", &looked]).fails(1, &["what is parked"]);
    let looked = import(dir, &[]).json()["plan_digest"].as_str().expect("a digest").to_owned();
    assert_eq!(load(&import(dir, &["--apply", "--plan", &looked]).json(), "rejected"), 1);
}

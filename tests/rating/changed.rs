//! Pauses, changes of plan and of seats through whole runs: what was billed for each stretch matches where the side declares that it
//! rates them, and is a delta where it does not.

use crate::memory::Kept;
use crate::project::run_book;
use dualrun::app::explain::export::golden;
use dualrun::app::trace::rating_steps;
use dualrun::cases;
use dualrun::config::load;
use dualrun::domain::run::RunState;
use dualrun::domain::side::Side;
use dualrun::domain::verdict::Verdict;
use dualrun::ports::workspace::RowDetail;
use std::path::Path;

const PROFILE: &str = r#"
[service]
name = "changes"
currency = "CAD"
time_zone = "America/Toronto"
period = "2026-05"

[source]
active = ["active"]
inactive = ["paused"]
ended = ["cancelled"]
billable = ["paid"]
ends = "inclusive"
round_per = "line"
round_mode = "half_up"

[target]
active = ["active"]
inactive = ["paused"]
ended = ["cancelled"]
billable = ["draft"]
ends = "exclusive"
round_per = "line"
round_mode = "half_up"
changes = "rated"
"#;

/// A subscription: its plan, status and seats of today, its changes, and what it was billed for May by hand.
type Changed = (&'static str, &'static str, &'static str, &'static str, &'static [&'static str], &'static str);

const BOOK: [Changed; 7] = [
    // 50 × 9/31 + 200 × 22/31, each rounded: 14.52 + 141.94.
    ("sub-plan", "large", "active", "1", &["sub-plan,2026-05-10,plan,small,large"], "156.46"),
    // 200 × 19/31 + 200 × 4 × 12/31: 122.58 + 309.68.
    ("sub-seats", "large", "active", "4", &["sub-seats,2026-05-20,quantity,1,4"], "432.26"),
    // 200 × 24/31.
    ("sub-pause", "large", "active", "1", &["sub-pause,2026-05-08,status,active,paused", "sub-pause,2026-05-15,status,paused,active"], "154.84"),
    // Paused since: 200 × 9/31.
    ("sub-paused", "large", "paused", "1", &["sub-paused,2026-05-10,status,active,paused"], "58.06"),
    // It changed after the month: that was on the small plan.
    ("sub-later", "large", "active", "1", &["sub-later,2026-06-10,plan,small,large"], "50.00"),
    // Nothing changed.
    ("sub-still", "large", "active", "1", &[], "200.00"),
    // The records say that it is on the small plan, the subscription that it is not.
    ("sub-torn", "large", "active", "1", &["sub-torn,2026-05-10,plan,large,small"], "200.00"),
];

fn book(dir: &Path, profile: &str, more: &str) {
    let rows = |line: &dyn Fn(&Changed) -> String| BOOK.iter().map(line).collect::<Vec<_>>().concat();
    let subscriptions = rows(&|(id, plan, status, seats, ..)| format!("{id},c,{plan},{status},2026-01-01,{seats}\n"));
    let events = rows(&|(.., events, _)| events.iter().flat_map(|e| [*e, "\n"]).collect());
    let invoices = rows(&|(id, .., billed)| format!("inv-{id},{id},c,paid,2026-05-01,2026-05-31,2026-06-01,CAD,{billed}\n"));
    let files = [
        ("profile.toml", profile.to_owned()),
        ("source/subscriptions.csv", format!("id,customer_id,plan_id,status,started_on,quantity\n{subscriptions}")),
        ("source/invoices.csv", format!("id,subscription_id,customer_id,status,period_start,period_end,issued_on,currency,subtotal\n{invoices}")),
        (
            "target/plans.csv",
            "id,name,currency,interval,interval_count,flat_price,active\nsmall,Small,CAD,month,1,50.00,true\nlarge,Large,CAD,month,1,200.00,true\n"
                .to_owned(),
        ),
        ("target/subscriptions.csv", format!("id,customer_id,plan_id,status,started_on,quantity\n{subscriptions}")),
        ("target/events.csv", format!("subscription_id,at,what,from,to\n{events}{more}")),
        ("target/customers.csv", "id,name\nc,C\n".to_owned()),
    ];
    for side in ["source", "target"] {
        std::fs::create_dir(dir.join(side)).unwrap();
    }
    for (name, text) in files {
        std::fs::write(dir.join(name), text).unwrap();
    }
}

async fn run(profile: &str, more: &str) -> (tempfile::TempDir, Kept) {
    let folder = tempfile::tempdir().unwrap();
    book(folder.path(), profile, more);
    let (dir, memory) = run_book(folder.path(), false, &["2026-05"]).await;
    (dir, memory.kept().pop().unwrap())
}

fn verdicts(kept: &Kept) -> Vec<(&str, Verdict)> {
    kept.rows.iter().map(|row| (row.key.raw(), row.verdict)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_stretch_is_rated_as_it_was() {
    let (dir, kept) = run(PROFILE, "").await;
    assert_eq!(kept.run.state, RunState::Complete);
    for (key, verdict) in verdicts(&kept) {
        assert_eq!(verdict, if key == "sub-torn" { Verdict::NotComparable } else { Verdict::Match }, "{key}");
    }
    let torn = kept.rows.iter().find(|r| r.key.raw() == "sub-torn").unwrap();
    assert_eq!(torn.why.as_deref(), Some("its plan is not what it became on 2026-05-10"));
    let profile = load(dir.path()).unwrap().service;
    for row in kept.rows.iter().filter(|r| !r.inputs.is_empty()) {
        let terms = row.inputs.iter().map(|i| kept.shelves[&Side::Target].plan(&i.plan_id).cloned()).collect();
        let detail = RowDetail { seq: 1, row: row.clone(), terms, rechecks: Vec::new(), explanation: None, evidence: None };
        if row.key.raw() == "sub-plan" {
            let wanted = [
                "from 2026-05-01 on plan small, flat 50 × 1 × 9/31 days = 14.516129… (450/31)",
                "from 2026-05-10 on plan large, flat 200 × 1 × 22/31 days = 141.935483… (4400/31)",
            ];
            assert_eq!(rating_steps(&detail, &profile)[..2], wanted);
        }
        // As a case of its own it holds too.
        let made = golden(&detail, None, &profile).unwrap();
        let outcome = cases::run(&cases::read(&made[0].case.to_string()).unwrap());
        assert!(outcome.holds(), "{:?}", outcome.fail);
        assert_eq!(made[0].case["expected"]["delta"], "0", "{}", row.key.raw());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_changes_are_not_rated_they_are_what_differs() {
    let (_, kept) = run(&PROFILE.replace("changes = \"rated\"\n", ""), "").await;
    let wanted = [
        ("sub-later", Verdict::Delta),
        ("sub-pause", Verdict::Delta),
        ("sub-paused", Verdict::MissingInTarget),
        ("sub-plan", Verdict::Delta),
        ("sub-seats", Verdict::Delta),
        ("sub-still", Verdict::Match),
        ("sub-torn", Verdict::Match),
    ];
    assert_eq!(verdicts(&kept), wanted);
    assert!(kept.rows.iter().all(|row| row.inputs.iter().all(|i| i.stretches.is_empty())));
}

/// A change that cannot be read is one nobody knows: its subscription is not comparable, and its run incomplete.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_cannot_be_read_leaves_its_row_unknown() {
    let (_, kept) = run(PROFILE, "sub-still,soon,plan,small,large\n").await;
    assert_eq!(kept.run.state, RunState::Incomplete);
    let still = kept.rows.iter().find(|r| r.key.raw() == "sub-still").unwrap();
    assert_eq!(still.verdict, Verdict::NotComparable);
    let (_, kept) = run(&PROFILE.replace("changes = \"rated\"\n", ""), "sub-still,soon,plan,small,large\n").await;
    assert_eq!(kept.run.state, RunState::Incomplete);
    assert_eq!(kept.rows.iter().find(|r| r.key.raw() == "sub-still").unwrap().verdict, Verdict::Match, "it decides nothing there");
}

//! Usage far from a subscription's own other months is shown before it is billed.

use crate::changed_book::{Reconciled, door, reconciled};
use crate::random_book::{PROFILE, read_files};
use dualrun::app::explain::beside::{Beside, beside};
use dualrun::app::explain::{Explainer, History, Pass, UsageLook};
use dualrun::demo::Book;
use dualrun::domain::exact::Exact;
use dualrun::domain::usage_review::UsageReview;
use std::fmt::Write as _;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

const MONTHS: [&str; 6] = ["2026-01", "2026-02", "2026-03", "2026-04", "2026-05", "2026-06"];
/// What each used, month by month: steady, steady and then much, wild, and new in May.
const USED: [(&str, [u32; 6]); 4] = [
    ("sub-calm", [100, 104, 98, 101, 100, 103]),
    ("sub-jump", [100, 104, 98, 101, 100, 9_000]),
    ("sub-new", [0, 0, 0, 0, 5, 9_000]),
    ("sub-wild", [10, 4_000, 900, 2, 700, 4_500]),
];

fn book() -> Book {
    book_with(9_000)
}

/// With what `sub-jump` used in the last month.
fn book_with(jump: u32) -> Book {
    let mut subscriptions = String::from("id,customer_id,plan_id,status,started_on,currency\n");
    let mut usage = String::from("subscription_id,metric,occurred_at,quantity\n");
    let mut invoices = String::from("id,subscription_id,customer_id,status,period_start,issued_on,currency,subtotal\n");
    for (key, used) in USED {
        let started = if key == "sub-new" { "2026-05-01" } else { "2025-01-01" };
        let _ = writeln!(subscriptions, "{key},c1,p0,active,{started},CAD");
        for (month, quantity) in MONTHS.iter().zip(used) {
            let quantity = if (key, *month) == ("sub-jump", "2026-06") { jump } else { quantity };
            // Nobody is billed what the target would, so that every row differs.
            let _ = writeln!(invoices, "{key}-{month},{key},c1,paid,{month}-01,{month}-28,CAD,1.11");
            let _ = writeln!(usage, "{key},calls,{month}-15T12:00:00Z,{quantity}");
        }
    }
    let file = |entity: &str, text: &str| (format!("{entity}.csv"), text.as_bytes().to_vec());
    let both = [
        file("customers", "id,name\nc1,One\n"),
        file("plans", "id,name,currency,flat_price\np0,Plan,CAD,30.00\n"),
        file("charges", "plan_id,metric,unit_price\np0,calls,0.01\n"),
        file("subscriptions", &subscriptions),
    ];
    let source = [both.to_vec(), vec![file("usage", &usage), file("invoices", &invoices)]].concat();
    read_files(PROFILE, &source, &both)
}

async fn look(months: &[&str]) -> UsageReview {
    let now = Reconciled::months(&book(), months).await;
    let explainer = Explainer::open(now.store.as_ref(), &now.run, &now.profile, Arc::new(History::default())).await.expect("an explainer");
    let mut usage = UsageLook::of(now.store.as_ref(), &now.run).await.expect("a look");
    let mut pass = Pass::new(now.store.as_ref(), explainer).await.expect("a pass");
    while let Some(rows) = pass.next(&CancellationToken::new()).await.expect("rows") {
        usage.add(&rows).await.expect("usage");
    }
    usage.finish()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quantity_far_from_its_own_history_stands_out() {
    let found = look(&MONTHS).await;
    assert_eq!((found.months.len(), found.rows, found.more), (5, 3, 0));
    let told: Vec<_> = found.unusual.iter().map(|u| (u.key.raw(), u.metric.as_str(), u.quantity, u.median, u.deviation, u.months)).collect();
    let whole = Exact::whole;
    assert_eq!(told, [("sub-jump", "calls", whole(9_000), whole(100), whole(1), 5)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn three_other_months_tell_nothing() {
    let found = look(&MONTHS[2..]).await;
    assert_eq!((found.months.len(), found.rows, found.unusual.len()), (0, 0, 0));
}

/// The row that is open in the terminal is told the same, and what changed of it since the run before.
#[tokio::test(flavor = "multi_thread")]
async fn an_open_row_is_looked_up_in_the_other_runs() {
    let dir = tempfile::tempdir().expect("a folder");
    let first = reconciled(&book_with(103), dir.path(), &MONTHS).await;
    let now = reconciled(&book(), dir.path(), &["2026-06"]).await;
    let store = door(dir.path()).read().await.expect("a workspace").expect("a workspace");
    let profile = crate::project::project(dir.path(), door(dir.path())).profile;
    let told = async |key: &str, run: i64| -> Beside {
        let mut months = Vec::new();
        for current in store.current_runs().await.expect("runs") {
            months.extend(store.find(current.id, key, None).await.expect("a look").map(|line| (current.id, line)));
        }
        let line = store.find(run, key, None).await.expect("a look").expect("a row");
        let detail = store.detail(run, line.seq).await.expect("a row");
        beside(store.as_ref(), run, &detail, &months, &profile.target).await.expect("other runs")
    };
    let jump = told("sub-jump", now.id).await;
    assert_eq!(jump.unusual, look(&MONTHS).await.unusual);
    let (run, change) = jump.since.expect("a change");
    assert_eq!(run, first.id);
    let words = dualrun::present::since::lines(&change);
    assert!(words.iter().any(|line| line.contains("usage calls 103 → 9000") && line.ends_with("+88.97 CAD")), "{words:?}");
    // Nothing changed of another, and the first run had none before it.
    assert_eq!(told("sub-calm", now.id).await, Beside::default());
    assert_eq!(told("sub-jump", first.id).await.since, None);
}

//! A target that does not rate what changed within a period, previewed as one that does: to the row and the cent what a run comes to
//! that declares it, and nothing of a row of which the run kept too little.

use crate::changed_book::{Made, Reconciled, column};
use crate::random_book::{Dice, Rows};
use dualrun::adapters::book_files::read_book;
use dualrun::app::explain::{Explainer, History, fixes};
use dualrun::demo::Book;
use dualrun::domain::evidence::Evidence;
use dualrun::domain::fixes::{Fix, Fixes};
use dualrun::domain::profile::ChangesWithin;
use dualrun::domain::row::ReconRow;
use dualrun::domain::side::Side;
use dualrun::domain::verdict::{Basis, Verdict};
use dualrun::explain::fixes::{Corrected, Judged, Left};
use dualrun::present::fixes::words;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

const RATED: Fix = Fix::Changes { to: ChangesWithin::Rated, kept: true };

/// A random book whose target recorded changes: most lead to what its subscriptions are, some to something else.
fn changed(seed: u64) -> Made {
    let (mut made, mut dice) = (Made::new(seed), Dice::new(seed ^ 0xC4A6));
    let plans: Vec<String> = made.target("plans").rows.iter().filter_map(|row| row[0].clone()).collect();
    let subscriptions = made.target("subscriptions");
    let [plan, quantity] = ["plan_id", "quantity"].map(|name| column(subscriptions, name));
    let mut rows = Vec::new();
    for row in &subscriptions.rows {
        let id = row[0].clone().expect("an id");
        let mut add = |day: u64, what: &str, from: &str, to: &str| {
            let day = format!("2026-05-{day:02}");
            rows.push([id.as_str(), day.as_str(), what, from, to].map(|f| Some(f.to_owned())).to_vec());
        };
        let (plan, seats) = (row[plan].clone().unwrap_or_default(), row[quantity].clone().unwrap_or_else(|| "1".to_owned()));
        match dice.below(6) {
            0 => add(2 + dice.below(29), "plan", dice.of::<String>(&plans), &plan),
            1 => add(2 + dice.below(29), "quantity", "3", &seats),
            2 => {
                let day = 2 + dice.below(14);
                add(day, "status", "active", "paused");
                add(day + 1 + dice.below(14), "status", "paused", "active");
            }
            3 => add(2 + dice.below(29), "quantity", &seats, "7"),
            _ => {}
        }
    }
    made.book.target.push(Rows { entity: "events", columns: &["subscription_id", "at", "what", "from", "to"], rows });
    made
}

async fn differing(of: &Reconciled) -> Vec<(ReconRow, Option<Evidence>)> {
    let seqs = of.store.differing(of.run.id).await.expect("rows");
    of.store.rows_at(of.run.id, &seqs).await.expect("rows").into_iter().map(|(_, row, evidence)| (row, evidence)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_of_a_row_is_what_it_comes_to() {
    let (mut told, mut moved, mut untold) = (0, 0, 0);
    for seed in 0..14 {
        let mut made = changed(seed);
        let now = Reconciled::of(&made.read()).await;
        made.declare("changes", "\"rated\"");
        let then = Reconciled::of(&made.read()).await;
        let after: BTreeMap<_, _> = then.rows().await.into_iter().map(|row| ((row.key.clone(), row.period), row)).collect();
        let target = Arc::new(now.store.shelf(now.run.id, Side::Target).await.expect("a shelf"));
        let corrected = Corrected::nothing(target, Arc::new(now.profile.clone())).with(&RATED);
        for (row, evidence) in differing(&now).await {
            let left = corrected.left(&row, evidence.as_ref());
            if left == Left::Untold {
                untold += 1;
                continue;
            }
            let then = after.get(&(row.key.clone(), row.period)).unwrap_or_else(|| panic!("seed {seed}: {row:?}"));
            assert_eq!(left.judged(&row), Judged::stored(then), "seed {seed}: {row:#?} {evidence:#?} {then:#?}");
            told += 1;
            moved += usize::from(left.judged(&row) != Judged::stored(&row));
        }
        // Of a rating that agrees no change was kept; a document stays as it is.
        for row in now.rows().await.iter().filter(|row| row.verdict == Verdict::Match) {
            let wanted = if row.basis == Some(Basis::Rated) { Left::Untold } else { Left::Same };
            assert_eq!(corrected.left(row, None), wanted, "seed {seed}: {row:?}");
        }
    }
    assert!(told > 100 && moved > 20 && untold < told, "{told} told, {moved} of them move, {untold} untold");
}

const PROFILE: &str = r#"
[service]
name = "changes"
currency = "CAD"
time_zone = "America/Toronto"
period = "2026-05"

[source]
active = ["active"]
inactive = ["paused"]
billable = ["paid"]
ends = "exclusive"
round_per = "line"
round_mode = "half_up"

[target]
active = ["active"]
inactive = ["paused"]
billable = ["draft"]
ends = "exclusive"
round_per = "line"
round_mode = "half_up"
"#;

/// Two plans; who changed within May, what each was billed by hand, and one that did not change.
fn book(dir: &Path, events_of: &str) -> Book {
    let events = "subscription_id,at,what,from,to\nsub-plan,2026-05-10,plan,small,large\nsub-seats,2026-05-20,quantity,1,4\n\
                  sub-pause,2026-05-08,status,active,paused\nsub-pause,2026-05-15,status,paused,active\n";
    let subscriptions = "id,customer_id,plan_id,status,started_on,quantity\nsub-plan,c,large,active,2026-01-01,1\n\
                         sub-seats,c,large,active,2026-01-01,4\nsub-pause,c,large,active,2026-01-01,1\nsub-still,c,large,active,2026-01-01,1\n";
    // 50 × 9/31 + 200 × 22/31; 200 × 19/31 + 800 × 12/31; 200 × 24/31.
    let invoices = "id,subscription_id,customer_id,status,period_start,issued_on,currency,subtotal\n\
                    i-1,sub-plan,c,paid,2026-05-01,2026-06-01,CAD,156.46\ni-2,sub-seats,c,paid,2026-05-01,2026-06-01,CAD,432.26\n\
                    i-3,sub-pause,c,paid,2026-05-01,2026-06-01,CAD,154.84\ni-4,sub-still,c,paid,2026-05-01,2026-06-01,CAD,200.00\n";
    let plans =
        "id,name,currency,interval,interval_count,flat_price,active\nsmall,Small,CAD,month,1,50.00,true\nlarge,Large,CAD,month,1,200.00,true\n";
    std::fs::write(dir.join("profile.toml"), PROFILE).expect("a file");
    for side in ["source", "target"] {
        std::fs::create_dir(dir.join(side)).expect("a folder");
        for (name, text) in [("subscriptions", subscriptions), ("plans", plans), ("customers", "id,name\nc,C\n")] {
            std::fs::write(dir.join(side).join(format!("{name}.csv")), text).expect("a file");
        }
    }
    std::fs::write(dir.join("source/invoices.csv"), invoices).expect("a file");
    std::fs::write(dir.join(events_of).join("events.csv"), events).expect("a file");
    read_book(dir, false).unwrap_or_else(|e| panic!("{e}"))
}

async fn previewed(events_of: &str) -> (Fixes, Reconciled) {
    let folder = tempfile::tempdir().expect("a folder");
    let now = Reconciled::of(&book(folder.path(), events_of)).await;
    let explainer = Explainer::open(now.store.as_ref(), &now.run, &now.profile, Arc::new(History::default())).await.expect("an explainer");
    let found = fixes(now.store.as_ref(), &now.run, explainer, &CancellationToken::new()).await.unwrap_or_else(|e| panic!("{e}"));
    (found, now)
}

#[tokio::test(flavor = "multi_thread")]
async fn declaring_that_changes_are_rated_is_one_correction() {
    let (found, now) = previewed("target").await;
    let first = &found.chosen[0];
    assert_eq!((&first.fix, first.marginal.gained(), first.marginal.lost(), first.marginal.untold), (&RATED, 3, 0, 1), "{found:#?}");
    assert_eq!((found.before.match_rate(), first.after.match_rate()), (Some(2_500), Some(10_000)), "{now:?}", now = now.run.tally);
    let money = |standing: &dualrun::domain::fixes::Standing| standing.money.iter().map(|m| (m.net, m.gross)).collect::<Vec<_>>();
    // 43.54 + 367.74 + 45.16.
    assert_eq!((money(&found.before), money(&first.after)), (vec![(45_644, 45_644)], vec![(0, 0)]));
    assert!(words(&first.fix).contains("changes = \"rated\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_events_of_the_target_nothing_is_told() {
    let (found, _) = previewed("source").await;
    assert!(found.chosen.iter().all(|chosen| !matches!(chosen.fix, Fix::Changes { .. })), "{found:#?}");
    let (fix, alone) = found.others.iter().find(|(fix, _)| matches!(fix, Fix::Changes { .. })).expect("it is said");
    assert_eq!((fix, alone.rows(), alone.untold), (&Fix::Changes { to: ChangesWithin::Rated, kept: false }, 0, 4));
    assert!(words(fix).contains("have to be mapped first"), "{}", words(fix));
}

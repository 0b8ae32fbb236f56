//! Two runs of a month against each other: what changed is named, and what the changes moved adds up.

use crate::changed_book::{Made, column, door, reconciled};
use crate::random_book::Dice;
use dualrun::app::explain::{Walk, run_before};
use dualrun::domain::money::Money;
use dualrun::domain::since::{Had, RowChange, Since, What};
use std::collections::BTreeMap;
use tokio_util::sync::CancellationToken;

/// The same book a day later.
fn later(made: &Made, seed: u64) -> Made {
    let mut dice = Dice::new(seed ^ 0x1A7E);
    let mut made = made.clone();
    let price = column(made.target("plans"), "flat_price");
    for row in &mut made.target("plans").rows {
        if dice.once_in(4) {
            row[price] = Some("77.77".to_owned());
        }
    }
    let unit = column(made.target("charges"), "unit_price");
    for row in &mut made.target("charges").rows {
        if dice.once_in(2) {
            row[unit] = Some("0.02".to_owned());
        }
    }
    let quantity = column(made.target("subscriptions"), "quantity");
    for row in &mut made.target("subscriptions").rows {
        if dice.once_in(6) {
            row[quantity] = Some("4".to_owned());
        }
    }
    made.target("subscriptions").rows.retain(|_| !dice.once_in(9));
    made.target("invoices").rows.retain(|_| !dice.once_in(4));
    for table in &mut made.book.source {
        match table.entity {
            "invoices" => table.rows.retain(|_| !dice.once_in(7)),
            "usage" => {
                let again: Vec<_> = table.rows.iter().filter(|_| dice.once_in(3)).cloned().collect();
                let named = |(n, mut row): (usize, Vec<Option<String>>)| {
                    row[5] = Some(format!("later-{n}"));
                    row
                };
                table.rows.extend(again.into_iter().enumerate().map(named));
            }
            _ => {}
        }
    }
    made
}

async fn changes(first: &Made, second: &Made) -> Vec<RowChange> {
    let dir = tempfile::tempdir().expect("a folder");
    reconciled(&first.read(), dir.path(), &["2026-05"]).await;
    let run = reconciled(&second.read(), dir.path(), &["2026-05"]).await;
    let store = door(dir.path()).read().await.expect("a workspace").expect("a workspace");
    let before = run_before(store.as_ref(), &run).await.expect("a look").expect("the run before");
    let profile = crate::project::project(dir.path(), door(dir.path())).profile;
    let mut walk = Walk::new(store.as_ref(), [&before, &run], &profile).await.expect("a walk");
    let mut all = Vec::new();
    while let Some(rows) = walk.next(&CancellationToken::new()).await.expect("rows") {
        all.extend(rows);
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_moved_adds_up_and_nothing_is_left_to_the_rules() {
    let mut met: BTreeMap<What, u64> = BTreeMap::new();
    for seed in 200..216 {
        let made = Made::new(seed);
        assert_eq!(changes(&made, &made).await, [], "seed {seed}");
        let mut sum = Since::default();
        for row in changes(&made, &later(&made, seed)).await {
            sum.add(&row);
            let delta = |had: Option<Had>| had.and_then(|h| h.delta).map_or(0, |d| d.minor);
            let moved: i64 = row.changes.iter().filter_map(|c| c.moved).map(|m: Money| m.minor).sum();
            assert_eq!(moved, delta(row.after) - delta(row.before), "seed {seed}: {row:#?}");
            assert!(row.changes.iter().all(|c| c.what != What::Rules), "seed {seed}: {row:#?}");
            assert!(!row.changes.is_empty(), "seed {seed}: {row:#?}");
        }
        for (what, of) in sum.kinds {
            *met.entry(what).or_default() += of.changes;
        }
    }
    let all = [What::RowVanished, What::DocumentGone, What::Basis, What::Price, What::Subscription, What::Usage];
    assert!(all.iter().all(|what| met.contains_key(what)), "{met:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_is_declared_otherwise_is_told_as_such() {
    let made = Made::new(7);
    let mut other = made.clone();
    other.declare("round_mode", "\"up\"");
    other.declare("proration", "\"none\"");
    let changed = changes(&made, &other).await;
    let whats: Vec<What> = changed.iter().flat_map(|row| &row.changes).filter(|c| c.moved.is_some_and(|m| m.minor != 0)).map(|c| c.what).collect();
    assert!(whats.contains(&What::Rules), "{changed:#?}");
    assert!(whats.iter().all(|what| matches!(what, What::Rules | What::Subscription)), "{changed:#?}");
}

//! The staged copy of random books, with whatever can be wrong with a source in them, against a plain oracle over the same rows:
//! staged copy = filter(map(source)), and every row read is in exactly one bucket.

use crate::memory::Noon;
use crate::project::project;
use crate::random_book::{Dice, PROFILE, RandomBook, Rows};
use dualrun::adapters::book_files::write_project;
use dualrun::adapters::workspace::Door;
use dualrun::app::import::{ImportOptions, apply_import, plan_import};
use dualrun::app::progress::Silent;
use dualrun::app::project::Project;
use dualrun::domain::contract::Entity;
use dualrun::domain::import::{EntityPlan, ImportPlan, ImportState};
use dualrun::domain::shadow::{CARRIED, charge_id};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

type Taken = BTreeSet<(Entity, String)>;

fn table<'a>(book: &'a RandomBook, entity: &str) -> &'a Rows {
    book.source.iter().find(|t| t.entity == entity).expect("a table")
}

fn table_mut<'a>(book: &'a mut RandomBook, entity: &str) -> &'a mut Rows {
    book.source.iter_mut().find(|t| t.entity == entity).expect("a table")
}

/// A field of a row by its column.
fn at<'a>(table: &Rows, row: &'a [Option<String>], column: &str) -> &'a str {
    let place = table.columns.iter().position(|c| *c == column).expect("a column");
    row[place].as_deref().unwrap_or("")
}

fn set(table: &mut Rows, row: usize, column: &str, value: &str) {
    let place = table.columns.iter().position(|c| *c == column).expect("a column");
    table.rows[row][place] = (!value.is_empty()).then(|| value.to_owned());
}

/// Spoils a few rows: what an operator meets in real sources.
fn spoil(book: &mut RandomBook, dice: &mut Dice) {
    let ways: &[(&str, &str, &str)] = &[
        ("subscriptions", "status", "limbo"),
        ("subscriptions", "customer_id", "nobody"),
        ("subscriptions", "plan_id", "p-none"),
        ("subscriptions", "started_on", "2026-02-30"),
        ("subscriptions", "id", ""),
        ("subscriptions", "quantity", "NaN"),
        ("subscriptions", "currency", "USD"),
        ("plans", "flat_price", "Infinity"),
        ("plans", "interval", "week"),
        ("plans", "active", "false"),
        ("plans", "id", ""),
        ("charges", "unit_price", "x"),
        ("charges", "plan_id", "p-none"),
    ];
    for _ in 0..dice.below(5) {
        let (entity, column, value) = *dice.of(ways);
        let table = table_mut(book, entity);
        if table.rows.is_empty() {
            continue;
        }
        let row = usize::try_from(dice.below(table.rows.len() as u64)).expect("small");
        if dice.once_in(4) {
            let again = table.rows[row].clone();
            table.rows.push(again);
        } else {
            set(table, row, column, value);
        }
    }
}

fn once<'a>(all: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, usize> {
    let mut counts = BTreeMap::new();
    for id in all {
        *counts.entry(id).or_default() += 1;
    }
    counts
}

/// What must be staged, from the rows alone.
fn oracle(book: &RandomBook) -> Taken {
    let (customers, plans, charges, subscriptions) =
        (table(book, "customers"), table(book, "plans"), table(book, "charges"), table(book, "subscriptions"));
    let plan_ids = once(plans.rows.iter().map(|r| at(plans, r, "id")));
    let charge_ids = once(charges.rows.iter().map(|r| at(charges, r, "plan_id")));
    let subscription_ids = once(subscriptions.rows.iter().map(|r| at(subscriptions, r, "id")));
    let readable = |r: &[Option<String>]| !at(plans, r, "id").is_empty() && at(plans, r, "flat_price") != "Infinity";
    let broken_charge = |plan: &str| {
        charges.rows.iter().any(|r| at(charges, r, "plan_id") == plan && at(charges, r, "unit_price") == "x")
            || charge_ids.get(plan).is_some_and(|n| *n > 1)
    };
    let good_plan = |id: &str| {
        let all: Vec<_> = plans.rows.iter().filter(|r| at(plans, r, "id") == id).collect();
        plan_ids.get(id) == Some(&1) && readable(all[0]) && at(plans, all[0], "interval") == "month" && !broken_charge(id)
    };
    let mut taken = Taken::new();
    let mut used = BTreeSet::new();
    for row in &subscriptions.rows {
        let f = |column: &str| at(subscriptions, row, column);
        let good = subscription_ids[f("id")] == 1
            && !f("id").is_empty()
            && f("status") == "active"
            && f("customer_id") == "c1"
            && good_plan(f("plan_id"))
            && f("currency") == "CAD"
            && f("started_on") != "2026-02-30"
            && f("quantity") != "NaN";
        if good {
            taken.insert((Entity::Subscriptions, f("id").to_owned()));
            used.insert(f("plan_id").to_owned());
        }
    }
    for row in &plans.rows {
        let id = at(plans, row, "id");
        if !id.is_empty() && good_plan(id) && (used.contains(id) || at(plans, row, "active") == "true") {
            taken.insert((Entity::Plans, id.to_owned()));
            for charge in charges.rows.iter().filter(|r| at(charges, r, "plan_id") == id) {
                taken.insert((Entity::Charges, charge_id(id, at(charges, charge, "metric"))));
            }
        }
    }
    if !used.is_empty() {
        taken.insert((Entity::Customers, at(customers, &customers.rows[0], "id").to_owned()));
    }
    taken
}

async fn written(dir: &Path, book: &RandomBook) -> Project {
    for name in ["source.db", "target.db", "dualrun.toml"] {
        let _ = std::fs::remove_file(dir.join(name));
    }
    write_project(&book.book(PROFILE), dir).await.unwrap_or_else(|e| panic!("{e}"));
    project(dir, Arc::new(Door::new(dir, Arc::new(Noon))))
}

async fn staged(project: &Project) -> Taken {
    let store = project.door.read().await.unwrap().unwrap();
    store.staged("random").await.unwrap().into_keys().map(|id| (id.entity, id.external_id)).collect()
}

fn buckets(of: &EntityPlan) -> u64 {
    let sum = |groups: &BTreeMap<String, dualrun::domain::import::Group>| groups.values().map(|g| g.count).sum::<u64>();
    of.create.count + of.update.count + of.unchanged.count + sum(&of.filtered) + sum(&of.rejected)
}

fn conserved(plan: &ImportPlan, book: &RandomBook, seed: u64) {
    for entity in CARRIED {
        let rows = u64::try_from(table(book, entity.word()).rows.len()).unwrap();
        let of = &plan.entities[&entity];
        assert_eq!((of.read, buckets(of)), (rows, rows), "{entity}, seed {seed}: {:?}", of.rejected.keys());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_staged_copy_is_what_the_source_holds_and_nothing_else() {
    let (mut rejected, mut withdrawn) = (0, 0);
    for seed in 0..60 {
        let mut dice = Dice::new(seed ^ 0x5EED);
        let mut book = RandomBook::new(seed);
        spoil(&mut book, &mut dice);
        let dir = tempfile::tempdir().unwrap();
        let project = written(dir.path(), &book).await;
        let options = ImportOptions::default();
        let first = apply_import(&project, &options, Arc::new(Silent), CancellationToken::new()).await.unwrap_or_else(|e| panic!("seed {seed}: {e}"));
        conserved(&first.plan, &book, seed);
        rejected += first.plan.rejected();
        assert_eq!(first.import.state, ImportState::Staged);
        assert_eq!(staged(&project).await, oracle(&book), "seed {seed}");

        // Nothing changed: nothing is staged, whatever the order of the rows.
        let project = written(dir.path(), &book.clone().shuffled(seed)).await;
        let again = apply_import(&project, &options, Arc::new(Silent), CancellationToken::new()).await.unwrap();
        assert_eq!(again.plan.to_stage(), 0, "seed {seed}");
        assert_eq!(again.plan.count(|e| e.unchanged.count), first.plan.taken(), "seed {seed}");

        // The source changed between: the copy follows, and the plan had said so.
        let mut changed = book.clone();
        spoil(&mut changed, &mut dice);
        if let Some(row) = (!table(&changed, "plans").rows.is_empty()).then_some(0) {
            set(table_mut(&mut changed, "plans"), row, "flat_price", "77.77");
        }
        let project = written(dir.path(), &changed).await;
        let planned = plan_import(&project, &options, Arc::new(Silent), CancellationToken::new()).await.unwrap().plan;
        let (before, wanted) = (oracle(&book), oracle(&changed));
        assert_eq!(staged(&project).await, before, "a plan changes nothing, seed {seed}");
        let told: Taken = planned.withdrawn.iter().map(|id| (id.entity, id.external_id.clone())).collect();
        assert_eq!(told, before.difference(&wanted).cloned().collect(), "seed {seed}");
        let created = usize::try_from(planned.count(|e| e.create.count)).unwrap();
        assert_eq!(created, wanted.difference(&before).count(), "seed {seed}");
        let applied = apply_import(&project, &options, Arc::new(Silent), CancellationToken::new()).await.unwrap();
        conserved(&applied.plan, &changed, seed);
        assert_eq!(staged(&project).await, wanted, "seed {seed}");
        withdrawn += told.len();
    }
    assert!(rejected > 50 && withdrawn > 10, "{rejected} rejected, {withdrawn} withdrawn: the books are too tame");
}

/// With some only, what was not asked for stays as it is staged.
#[tokio::test(flavor = "multi_thread")]
async fn a_few_are_staged_beside_what_is_there() {
    for seed in 200..230 {
        let book = RandomBook::new(seed);
        let all = oracle(&book);
        let mut subscriptions = all.iter().filter(|(e, _)| *e == Entity::Subscriptions).map(|(_, id)| id.clone());
        let (Some(one), Some(two)) = (subscriptions.next(), subscriptions.next()) else { continue };
        let dir = tempfile::tempdir().unwrap();
        let project = written(dir.path(), &book).await;
        let of = |ids: &[&String]| ImportOptions { only: ids.iter().map(|i| (*i).clone()).collect(), ..ImportOptions::default() };
        let run = async |options: ImportOptions| apply_import(&project, &options, Arc::new(Silent), CancellationToken::new()).await;
        let subs = |taken: Taken| taken.into_iter().filter(|(e, _)| *e == Entity::Subscriptions).map(|(_, id)| id).collect::<Vec<_>>();
        conserved(&{ run(of(&[&one])).await.unwrap() }.plan, &book, seed);
        assert_eq!(subs(staged(&project).await), std::slice::from_ref(&one), "seed {seed}");
        run(of(&[&two])).await.unwrap();
        assert_eq!(subs(staged(&project).await), [one.clone(), two.clone()], "seed {seed}");
        run(ImportOptions::default()).await.unwrap();
        assert_eq!(staged(&project).await, all, "seed {seed}");
        let slip = run(of(&[&"sub-none".to_owned()])).await.unwrap_err();
        assert!(slip.to_string().contains("sub-none") && slip.exit_code() == 2, "{slip}");
    }
}

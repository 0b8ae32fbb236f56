//! Rows of whole runs as cases: each replays as what its run said, tells no customer and no document, and fails once a number of the
//! catalogue is another.

use crate::memory::Kept;
use crate::project::{run_book, specimen};
use crate::properties::run_with;
use crate::random_book::{PROFILE, RandomBook};
use dualrun::app::error::AppError;
use dualrun::app::explain::export::{Golden, golden};
use dualrun::cases;
use dualrun::config::load;
use dualrun::domain::exact::Exact;
use dualrun::domain::profile::{BasisRule, ServiceProfile};
use dualrun::domain::row::{ReconRow, Subject};
use dualrun::domain::side::Side;
use dualrun::ports::workspace::RowDetail;
use dualrun::report::json_text;
use serde_json::Value;

fn detail(kept: &Kept, row: &ReconRow) -> RowDetail {
    let terms = row.inputs.iter().map(|inputs| kept.shelves[&Side::Target].plan(&inputs.plan_id).cloned()).collect();
    RowDetail { seq: 0, row: row.clone(), terms, rechecks: Vec::new(), explanation: None, evidence: None }
}

fn replayed(case: &Value) -> cases::Outcome {
    cases::run(&cases::read(&json_text::file(case).expect("a text")).expect("a case"))
}

fn number(case: &Value, name: &str) -> Exact {
    case["expected"][name].as_str().unwrap_or_else(|| panic!("no {name}: {case}")).parse().expect("a number")
}

/// Exports what has a rating, and holds it against its row. How many cases there were.
fn hold(kept: &Kept, profile: &ServiceProfile) -> usize {
    let mut count = 0;
    for row in &kept.rows {
        let made = golden(&detail(kept, row), None, profile);
        if row.inputs.is_empty() {
            assert!(matches!(&made, Err(AppError::Usage(why)) if why.contains("has no rating")), "{made:?}");
            continue;
        }
        let made = made.unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(made.len(), row.inputs.len());
        let mut sum = Exact::ZERO;
        for Golden { case, .. } in &made {
            assert!(replayed(case).holds());
            sum = sum.add(number(case, "net")).expect("fits");
            if let (1, Some(actual), Some(_)) = (made.len(), row.actual, row.delta) {
                let beyond = number(case, "net").sub(actual.exact().expect("fits")).expect("fits");
                assert_eq!(number(case, "delta"), beyond);
            }
            let text = case.to_string();
            let names = [&row.customer, &row.customer_id].into_iter().chain(row.documents.iter().map(|d| &d.id));
            for name in names.filter(|name| name.raw().len() > 3) {
                assert!(!text.contains(name.raw()), "{text}");
            }
            assert!(text.contains("customer-1"));
            let mut other = case.clone();
            other["input"]["plan"]["flat_price"] = "777.77".into();
            other["input"]["discount_percent"] = "0".into();
            let overridden = other["input"].get("price_override").is_some() || other["input"]["quantity"] == "0";
            assert!(overridden || !replayed(&other).holds());
            count += 1;
        }
        assert_eq!(Some(sum), row.rated.map(|rated| rated.exact().expect("fits")));
    }
    count
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_random_books_replay_as_they_were_rated() {
    let dir = tempfile::tempdir().expect("a folder");
    dualrun::adapters::book_files::write_project(&RandomBook::new(0).book(PROFILE), dir.path()).await.unwrap_or_else(|e| panic!("{e}"));
    let profile = load(dir.path()).unwrap_or_else(|e| panic!("{e}")).service;
    let mut count = 0;
    for seed in 100..120 {
        count += hold(&run_with(&RandomBook::new(seed), BasisRule::DraftFirst, PROFILE).await, &profile);
    }
    assert!(count > 100, "{count}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_has_a_case_for_each_rating() {
    let (dir, memory) = run_book(&specimen(), false, &["2026-05"]).await;
    let kept = memory.kept().pop().expect("a run");
    let profile = load(dir.path()).unwrap_or_else(|e| panic!("{e}")).service;
    assert!(hold(&kept, &profile) > 10);
    let rated: Vec<&ReconRow> =
        kept.rows.iter().filter(|row| row.inputs.len() == 1 && row.rated.is_some_and(|m| m.currency.code() == "CAD")).collect();
    let [first, second, ..] = rated[..] else { panic!("two rated rows") };
    let order = &ReconRow {
        subject: Subject::Order,
        key: "SO-77".into(),
        deployments: vec![first.key.clone(), second.key.clone()],
        inputs: [first, second].map(|row| row.inputs[0].clone()).to_vec(),
        rated: first.rated.and_then(|one| one.plus(second.rated?)),
        ..first.clone()
    };
    let made = golden(&detail(&kept, order), None, &profile).unwrap_or_else(|e| panic!("{e}"));
    let names: Vec<&str> = made.iter().map(|g| g.name.as_str()).collect();
    assert_eq!(names, ["SO-77-2026-05.1.json", "SO-77-2026-05.2.json"]);
    assert_eq!((&made[0].case["input"]["subscription"], made[1].case["id"].as_str()), (&first.key.raw().into(), Some("SO-77 2026-05 rating 2")));
    assert!(made.iter().all(|g| g.case["input"].get("actual").is_none() && g.case["note"].as_str().is_some_and(|n| n.contains("of 2 ratings"))));
    // Rated by rules that are no longer declared: what it would say is not what the run said.
    let mut row = order.clone();
    row.inputs[0].quantity = Exact::whole(7);
    let error = golden(&detail(&kept, &row), None, &profile).expect_err("another amount");
    assert!(matches!(error, AppError::Changed(_)), "{error}");
    let mut lost = detail(&kept, order);
    lost.terms[1] = None;
    assert!(golden(&lost, None, &profile).expect_err("no terms").to_string().contains("are not kept"));
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_keys_stay_in_their_file_and_their_text() {
    let (dir, memory) = run_book(&specimen(), false, &["2026-05"]).await;
    let kept = memory.kept().pop().expect("a run");
    let profile = load(dir.path()).unwrap_or_else(|e| panic!("{e}")).service;
    let row = kept.rows.iter().find(|row| row.inputs.len() == 1).expect("a rated row");
    let long = "k".repeat(300);
    for key in ["../../etc/passwd", "a/b", "a\u{0}b\n\u{1b}[2J\u{202e}", "..", "\"},{\"id\":\"x", &long] {
        let hostile = ReconRow { key: key.into(), ..row.clone() };
        let [Golden { name, case }] = golden(&detail(&kept, &hostile), None, &profile).unwrap_or_else(|e| panic!("{e}")).try_into().expect("one");
        assert!(name.len() < 120 && name.ends_with("-2026-05.json") && !name.contains(['/', '\\', '\0']) && !name.starts_with('.'), "{name}");
        let text = json_text::file(&case).expect("a text");
        assert!(text.chars().all(|c| c == '\n' || !dualrun::domain::text::is_hidden(c)));
        let again: Value = serde_json::from_str(&text).expect("the same");
        assert_eq!((again["input"]["subscription"].as_str(), replayed(&again).holds()), (Some(key), true));
    }
}

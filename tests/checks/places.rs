//! What evidence stands on, by the real program: files that come later, months that are decided on, databases and keys that are others.

use crate::cli::{demo, dualrun, json};
use chrono::{DateTime, TimeDelta, Utc};
use dualrun::app::gates::gated;
use dualrun::cli::{Wiring as _, gate_setup};
use dualrun::config::load;
use dualrun::domain::gate::{CheckStanding, Outcome, Part};
use dualrun::gates::{Gated, StageStanding};
use dualrun::wire::Wire;
use std::path::Path;

const OWN: &str = r#"
name = "Own"
[[stage]]
id = "s"
title = "S"
signature = "attested"
[[stage.check]]
id = "suite"
title = "Tests"
kind = "tests"
max_age = "366d"
files = ["reports/*.xml"]
[[stage.check]]
id = "rows"
title = "A question to the source"
kind = "sql"
on = "source"
max_age = "366d"
sql = "select id from customers where 1 = 0"
[[stage.check]]
id = "money"
title = "Little is unexplained"
kind = "metric"
max_age = "366d"
metric = "unexplained_gross"
at_most = "1000000"
"#;

const REPORT: &str = "<testsuite tests=\"1\"><testcase name=\"a\"/></testsuite>";

fn project() -> tempfile::TempDir {
    let dir = demo();
    std::fs::write(dir.path().join("runbook.toml"), OWN).unwrap();
    std::fs::create_dir(dir.path().join("reports")).unwrap();
    std::fs::write(dir.path().join("reports/a.xml"), REPORT).unwrap();
    dir
}

async fn stands(dir: &Path, now: DateTime<Utc>) -> Gated {
    let (settings, wire) = (load(dir).unwrap_or_else(|e| panic!("{e}")), Wire::default());
    let store = wire.door(dir).read().await.unwrap().unwrap();
    let run = store.current_runs().await.unwrap().pop();
    let (setup, outside) = (gate_setup(&settings), wire.outside(&settings));
    gated(store.as_ref(), &settings.service.service, (&setup, outside.as_ref()), run.as_ref(), now).await.unwrap().unwrap()
}

fn now() -> DateTime<Utc> {
    Wire::default().clock().now()
}

async fn stage(dir: &Path) -> StageStanding {
    stands(dir, now()).await.standing.stages.remove(0)
}

fn of<'a>(stage: &'a StageStanding, check: &str) -> &'a CheckStanding {
    stage.checks.iter().find(|c| c.check == check).unwrap()
}

fn is_stale(stage: &StageStanding, check: &str, why: &str) {
    let found = of(stage, check);
    assert!(found.outcome == Outcome::Stale && found.why.contains(why), "{found:?}");
}

fn change(dir: &Path, from: &str, to: &str) {
    let file = dir.join("dualrun.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains(from), "{from}: {text}");
    std::fs::write(&file, text.replace(from, to)).unwrap();
}

#[tokio::test]
async fn evidence_is_of_the_files_databases_and_keys_that_were_there() {
    let dir = project();
    let path = dir.path();
    let (code, made) = json(path, &["gates", "run"]);
    assert_eq!(code, 0, "{made:#}");
    let stands_on = |check: usize| made["checks"][check]["stands_on"].clone();
    assert_eq!(
        (&stands_on(0)["matched"]["reports/*.xml"][0], &stands_on(1)["place"]["source"]),
        (&"reports/a.xml".into(), &"sqlite source.db".into())
    );
    assert!(stands_on(2)["months"]["2026-05"].is_string(), "{made:#}");
    for who in ["ana", "ben"] {
        let signed = dualrun(path, &["sign", "s", "--yes", "--attested", "--as", who]);
        assert_eq!(signed.code, 0, "{}{}", signed.out, signed.err);
    }
    assert_eq!(stage(path).await.outcome, Outcome::Pass);

    std::fs::write(path.join("reports/b.xml"), REPORT).unwrap();
    is_stale(&stage(path).await, "suite", "reports/b.xml came since");
    std::fs::remove_file(path.join("reports/b.xml")).unwrap();
    assert_eq!(stage(path).await.outcome, Outcome::Pass);

    // The same bytes in another file are another database.
    std::fs::copy(path.join("source.db"), path.join("copy.db")).unwrap();
    change(path, "path = \"source.db\"", "path = \"copy.db\"");
    let gated = stands(path, now()).await;
    let moved = &gated.standing.stages[0];
    is_stale(moved, "rows", "observed at sqlite source.db, and the source is sqlite copy.db now");
    is_stale(moved, "money", "observed at sqlite source.db");
    assert_eq!(of(moved, "suite").outcome, Outcome::Pass, "reports are of no database");
    assert!(moved.void.iter().all(|v| v.why.contains(Part::Place.word())) && moved.void.len() == 2, "{:?}", moved.void);
    assert!(gated.blockers[0].what.starts_with("run #1 read the source at sqlite "), "{:?}", gated.blockers);
    // Who reconciles there can go on there, and not before.
    let (_, told) = json(path, &["gates", "run", "s/money"]);
    assert_eq!(told["checks"][0]["outcome"], "stale", "{told:#}");
    dualrun(path, &["reconcile", "--period", "2026-05"]);
    assert_eq!(json(path, &["gates", "run"]).0, 0);
    assert!(of(&stage(path).await, "rows").outcome.opens());
    change(path, "path = \"copy.db\"", "path = \"source.db\"");
    assert!(!stage(path).await.outcome.opens(), "and back is another move");
}

#[tokio::test]
async fn what_is_acted_on_is_one_digest_of_loaders_rules_and_keys() {
    let dir = project();
    let path = dir.path();
    let place = async || stage(path).await.binding.0[&Part::Place].clone();
    let mut seen = vec![place().await];
    let mut changed = async |what: &str| {
        let now = place().await;
        assert!(!seen.contains(&now), "{what}");
        seen.push(now);
    };
    std::fs::write(path.join("allowed_signers"), "ana@x ssh-ed25519 AAAA\n").unwrap();
    changed("keys").await;
    std::fs::write(path.join("load.py"), "one").unwrap();
    let file = path.join("dualrun.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let plain: String = text.split("\n[import]").next().unwrap().to_owned();
    let rest = text[plain.len()..].trim_start_matches("\n[import]").find("\n[").map_or("", |at| &text[plain.len() + "\n[import]".len() + at..]);
    let with = |program: &str| std::fs::write(&file, format!("{plain}{rest}\n[import]\nloader = \"command\"\nprogram = {program}\n")).unwrap();
    with("[\"python3\", \"load.py\"]");
    changed("a loader").await;
    std::fs::write(path.join("load.py"), "two").unwrap();
    changed("the script of a loader").await;
    with("[\"env\", \"-u\", \"HOME\", \"./load.py\"]");
    changed("what starts a script").await;
    std::fs::write(path.join("load.py"), "three").unwrap();
    changed("the script behind options").await;
    with("[\"python3\", \"load.py\", \"--live\"]");
    changed("an argument of a loader").await;
    // What a program of the project is given is its own affair.
    std::fs::write(path.join("state.json"), "1").unwrap();
    with("[\"./load.py\", \"state.json\"]");
    changed("another program").await;
    let before = place().await;
    std::fs::write(path.join("state.json"), "2").unwrap();
    assert_eq!(place().await, before);
}

#[tokio::test]
async fn a_metric_is_stale_when_a_decision_on_its_month_comes_or_ends() {
    let dir = project();
    let path = dir.path();
    assert_eq!(json(path, &["gates", "run", "s/money"]).0, 0);
    let (today, ends) = (now(), (now() + TimeDelta::days(10)).format("%Y-%m-%d").to_string());
    let waive = ["waive", "--filter", "cause:coupon", "--delta", "5.00 CAD", "--owner", "b", "--reason", "r", "--expires", &ends];
    let made = dualrun(path, &[&waive[..], &["--cap", "50.00 CAD", "--apply"]].concat());
    assert_eq!(made.code, 0, "{}{}", made.out, made.err);
    assert_eq!(dualrun(path, &["waive", "confirm", "1", "--as", "ben"]).code, 0);
    is_stale(&stage(path).await, "money", "2026-05 stands otherwise since");
    assert_eq!(json(path, &["gates", "run", "s/money"]).0, 0);
    assert_eq!(of(&stage(path).await, "money").outcome, Outcome::Pass);
    // Days after it ended, nobody having done anything.
    let before = stands(path, today + TimeDelta::days(8)).await.standing.stages.remove(0);
    assert_eq!(of(&before, "money").outcome, Outcome::Pass);
    let after = stands(path, today + TimeDelta::days(13)).await.standing.stages.remove(0);
    is_stale(&after, "money", "2026-05 stands otherwise since");
}

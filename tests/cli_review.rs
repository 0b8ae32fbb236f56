//! The real binary on the specimen book: a waiver from its preview to the day it opens again, and decisions on many rows.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking, its helpers too")]

use chrono::{DateTime, Utc};
use dualrun::adapters::clock::SystemClock;
use dualrun::adapters::workspace::Door;
use dualrun::app::review::{Chosen, Decided, Desk, decide_on, take_back};
use dualrun::app::rows::Rows;
use dualrun::domain::period::Zone;
use dualrun::domain::review::Deed;
use dualrun::domain::run::Run;
use dualrun::domain::verdict::Review;
use dualrun::ports::clock::Clock;
use dualrun::ports::workspace::{RowLine, Sort, StoreError, WorkspaceDoor as _};
use serde_json::Value;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

fn run(dir: &Path, who: &str, args: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dualrun"));
    command.env_remove("DUALRUN_OPERATOR").arg("-C").arg(dir).args(["--as", who]).args(args).stdin(Stdio::null());
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}

fn json(dir: &Path, who: &str, args: &[&str]) -> (i32, Value) {
    let (code, out, err) = run(dir, who, &[args, &["--format", "json", "-q"]].concat());
    (code, serde_json::from_str(&out).unwrap_or_else(|e| panic!("{args:?}: {e}\n{out}\n{err}")))
}

/// The specimen, reconciled for May.
fn specimen() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/books/specimen");
    let project = dir.path().to_str().unwrap();
    let (code, _, err) = run(Path::new("."), "ana", &["demo", "--setup-only", "--dir", project, "--book", book.to_str().unwrap()]);
    assert_eq!(code, 0, "{err}");
    assert_eq!(json(dir.path(), "ana", &["reconcile", "--period", "2026-05"]).0, 1);
    dir
}

async fn change_source(dir: &Path, sql: &str) {
    let mut conn = SqliteConnectOptions::new().filename(dir.join("source.db")).connect().await.unwrap();
    sqlx::query(AssertSqlSafe(sql.to_owned())).execute(&mut conn).await.unwrap();
    conn.close().await.unwrap();
}

fn waiver(more: &[&'static str]) -> Vec<&'static str> {
    let terms = ["waive", "--filter", "cause:coupon", "--delta", "5.00 CAD", "--owner", "billing", "--reason", "coupon agreed", "--expires"];
    [&terms[..], &["2999-12-31", "--cap", "8.00 CAD"], more].concat()
}

/// How a key stands in the current run of a month.
fn review(dir: &Path, month: &str, key: &str) -> (String, String) {
    let (_, said) = json(dir, "ana", &["note", key, "--period", month]);
    let text = |name: &str| said[name].as_str().unwrap_or_default().to_owned();
    (text("review"), text("why"))
}

const COUPON: &str = "sub-1108";

#[tokio::test]
async fn a_waiver_is_shown_made_confirmed_by_another_and_opens_again_by_itself() {
    let dir = specimen();
    let dir = dir.path();
    let before = json(dir, "ana", &["report", "json"]).1;
    assert!(before.get("review").is_none(), "nobody decided anything yet");
    let (code, seen) = json(dir, "ana", &waiver(&[]));
    assert_eq!((code, &seen["applied"], &seen["rows"], &seen["money"]["CAD"]["net"]), (0, &false.into(), &1.into(), &"5.00".into()));
    assert_eq!(seen["largest"][0]["key"], COUPON);
    assert_eq!(json(dir, "ana", &["waive", "list"]).1["waivers"], Value::Array(vec![]), "a look changed something");

    let (code, made) = json(dir, "ana", &waiver(&["--apply"]));
    assert_eq!((code, &made["waiver"]), (0, &1.into()));
    let (state, why) = review(dir, "2026-05", COUPON);
    assert_eq!((state.as_str(), why.contains("not confirmed")), ("open", true), "{why}");
    for same in ["ana", " ANA "] {
        let (code, _, err) = run(dir, same, &["waive", "confirm", "1"]);
        assert_eq!((code, err.contains("a second person confirms it")), (2, true), "{err}");
    }
    assert_eq!(json(dir, "ana", &["waive", "list"]).0, 1);
    assert_eq!(json(dir, "bob", &["waive", "confirm", "1"]).1["confirmed_by"], "bob");
    assert_eq!(run(dir, "cyd", &["waive", "confirm", "1"]).0, 2, "twice");
    assert_eq!(review(dir, "2026-05", COUPON).0, "waived");
    assert_eq!(json(dir, "ana", &["waive", "list"]).0, 0);

    // Apart, with its money, in every report; verdicts, sums and digest are what they were.
    let (_, after) = json(dir, "ana", &["report", "json"]);
    for same in ["digest", "counts", "money", "digests"] {
        assert_eq!(before[same], after[same], "{same}");
    }
    let listed = &after["review"]["waivers"][0];
    assert_eq!(
        (&listed["state"], &listed["waived"]["money"]["CAD"]["gross"], &listed["cap"]["CAD"]),
        (&"counts".into(), &"5.00".into(), &"8.00".into())
    );
    let (_, text, _) = run(dir, "ana", &["report", "text"]);
    assert!(text.contains("waiver #1 counts · 1 row +5.00 CAD of at most 8.00 CAD · cause:coupon · delta = 5.00 CAD"), "{text}");
    let (_, lines, _) = run(dir, "ana", &["report", "jsonl"]);
    assert!(lines.starts_with("{\"waivers\":[{") && lines.contains("\"review\":\"waived\""), "{}", &lines[..200]);
    let (_, csv, _) = run(dir, "ana", &["report", "csv", "--filter", "review:waived"]);
    let listed: Vec<&str> = csv.lines().collect();
    assert!(listed.len() == 3 && listed[1].contains(COUPON), "{csv}");
    let told = "waiver #1 counts · 1 row +5.00 CAD of at most 8.00 CAD · cause:coupon · delta = 5.00 CAD";
    assert!(listed[2].contains(told) && listed[2].contains(",waiver,") && listed[2].contains(",counts,"), "{csv}");
    let (code, gates) = json(dir, "ana", &["gates"]);
    let stage = |name: &str| gates["stages"].as_array().unwrap().iter().find(|s| s["stage"] == name).unwrap()["summary"].as_str().unwrap().to_owned();
    assert_eq!((code, stage("reconcile").contains("38 match · 12 delta")), (1, true), "{}", stage("reconcile"));
    assert!(stage("reconcile").ends_with("1 of them waived"));
    let blocks = gates["blockers"].as_array().unwrap().iter().find(|b| b["stage"] == "reconcile").unwrap();
    assert_eq!((&blocks["what"], &blocks["money"]["CAD"]), (&"18 rows do not match and are not waived".into(), &"638.08".into()));
    assert_eq!(json(dir, "ana", &["status"]).1["months"][0]["review"]["states"]["waived"]["rows"], 1);

    expiry(dir).await;

    // The next month's run of the same subscription and cause: carried over, and so is the word said of it.
    run(dir, "ana", &["note", COUPON, "asked the customer", "--owner", "bob"]);
    let june = "INSERT INTO invoices SELECT 'INV-6108', 'R-6108', subscription_id, customer_id, status, kind, '2026-06-01', '2026-06-30', '2026-07-01', \
                currency, subtotal, tax, total FROM invoices WHERE id = 'INV-5108'";
    change_source(dir, june).await;
    json(dir, "ana", &["reconcile", "--period", "2026-06"]);
    assert_eq!(review(dir, "2026-06", COUPON).0, "waived");
    let (_, said) = json(dir, "ana", &["note", COUPON, "--period", "2026-06"]);
    let decisions: Vec<&str> = said["decisions"].as_array().unwrap().iter().map(|d| d["decision"]["kind"].as_str().unwrap()).collect();
    assert_eq!(decisions, ["note", "own"]);

    // The amount moves in a new run of May: open again there, and only there.
    change_source(
        dir,
        "UPDATE invoices SET subtotal = '46.00' WHERE id = 'INV-5108'; UPDATE invoice_lines SET amount = '46.00' WHERE invoice_id = 'INV-5108'",
    )
    .await;
    json(dir, "ana", &["reconcile", "--period", "2026-05"]);
    assert_ne!(review(dir, "2026-05", COUPON).0, "waived");
    assert_eq!(review(dir, "2026-06", COUPON).0, "waived");
    assert_eq!(json(dir, "ana", &["waive", "revoke", "1", "--reason", "mended"]).1["state"], "revoked");
    assert_eq!(review(dir, "2026-06", COUPON).0, "explained");
    assert_eq!(json(dir, "ana", &["audit", "verify"]).0, 0);
}

#[derive(Debug)]
struct At(DateTime<Utc>);

impl Clock for At {
    fn now(&self) -> DateTime<Utc> {
        self.0
    }
}

/// The last day ends in the service's zone; from then on the row is open, and nobody had to look.
async fn expiry(dir: &Path) {
    for (at, wanted) in [("2999-12-31T12:00:00Z", Review::Waived), ("3000-01-02T00:00:00Z", Review::Open)] {
        let store = Door::new(dir, Arc::new(At(at.parse().unwrap()))).read().await.unwrap().unwrap();
        assert_eq!(store.find(1, COUPON, None).await.unwrap().unwrap().review, wanted, "{at}");
        let tally = store.review(1).await.unwrap().unwrap();
        assert_eq!(tally.waived.all().rows, u64::from(wanted == Review::Waived));
    }
}

#[tokio::test]
async fn a_cap_that_is_passed_opens_every_row_of_the_waiver() {
    let dir = specimen();
    let dir = dir.path();
    for (who, args) in [("ana", waiver(&["--apply"])), ("bob", vec!["waive", "confirm", "1"])] {
        assert_eq!(run(dir, who, &args).0, 0);
    }
    // Another subscription gets the same coupon: 10.00 CAD together, of at most 8.00.
    let other = "UPDATE subscriptions SET discount_percent = '10' WHERE id = 'sub-1135'; \
                 UPDATE invoices SET subtotal = '45.00', tax = '5.85', total = '50.85' WHERE id = 'INV-5135'; \
                 DELETE FROM invoice_lines WHERE invoice_id = 'INV-5135'";
    change_source(dir, other).await;
    json(dir, "ana", &["reconcile", "--period", "2026-05"]);
    for key in [COUPON, "sub-1135"] {
        let (state, why) = review(dir, "2026-05", key);
        assert_eq!((state.as_str(), why.contains("pass the cap in CAD")), ("open", true), "{key}: {why}");
    }
    let (code, listed) = json(dir, "ana", &["waive", "list"]);
    assert_eq!((code, &listed["waivers"][0]["reopened"]["cap_passed"]["money"]["CAD"]["gross"]), (1, &"10.00".into()));
    let (code, _, err) = run(dir, "ana", &waiver(&["--apply"]));
    assert_eq!((code, err.contains("pass the cap in CAD already")), (2, true), "{err}");
}

#[test]
fn what_cannot_be_waived_is_refused_with_what_to_write() {
    let dir = specimen();
    let dir = dir.path();
    let with = |name: &str, value: &'static str| {
        let mut args = waiver(&["--apply"]);
        let at = args.iter().position(|a| *a == name).unwrap();
        args[at + 1] = value;
        args
    };
    for (args, words) in [
        (with("--filter", "money:>1"), "leave the other words out"),
        (with("--filter", ""), "a waiver of everything is none"),
        (with("--filter", "cause:trial"), "no row of run #1 would be waived"),
        (with("--filter", "key:sub-1146"), "no row of run #1 would be waived"),
        (with("--delta", "5.001 CAD"), "no amount with its currency"),
        (with("--cap", "8"), "write 200.00 CAD"),
        (with("--cap", "8.00 USD"), "pass the cap in CAD already"),
        (with("--expires", "2026-01-01"), "is over"),
        (with("--owner", " "), "an owner and a reason"),
    ] {
        let (code, _, err) = run(dir, "ana", &args);
        assert_eq!((code, err.contains(words)), (2, true), "{args:?}: {err}");
    }
    assert_eq!(run(dir, "bob", &["waive", "confirm", "9"]).0, 2);
    assert_eq!(json(dir, "ana", &["waive", "list"]).1["waivers"], Value::Array(vec![]));
}

/// Two services may share a workspace: what is decided of one never stands in the rows of the other.
#[test]
fn decisions_are_about_runs_of_their_own_service() {
    let dir = specimen();
    let dir = dir.path();
    let file = dir.join("dualrun.toml");
    let own = std::fs::read_to_string(&file).unwrap();
    let name = own.lines().find(|line| line.starts_with("name = ")).unwrap();
    std::fs::write(&file, own.replacen(name, "name = \"second\"", 1)).unwrap();
    let resolve = ["resolve", "--filter", "verdict:unlinked", "--reason", "credited", "--apply"];
    for (args, words) in [
        ([&resolve[..], &["--run", "1"]].concat(), "run #1 is of service"),
        (resolve.to_vec(), "no complete run"),
        (waiver(&["--apply", "--run", "1"]), "run #1 is of service"),
        (vec!["note", COUPON, "seen", "--run", "1"], "run #1 is of service"),
        (vec!["report", "json", "--run", "1"], "run #1 is of service"),
    ] {
        let (code, _, err) = run(dir, "ana", &args);
        assert_eq!((code, err.contains(words)), (2, true), "{args:?}: {err}");
    }
    // The second service's newest run is the newest of all, and is not what the first one decides on.
    assert_eq!(json(dir, "ana", &["reconcile", "--period", "2026-06"]).0, 1);
    std::fs::write(&file, own).unwrap();
    assert_eq!(json(dir, "ana", &resolve).1["run"], 1);
    let (_, text, _) = run(dir, "ana", &["audit", "verify"]);
    assert!(text.starts_with("the journal holds"), "{text}");
}

#[test]
fn many_rows_are_decided_on_by_a_filter_after_a_look() {
    let dir = specimen();
    let dir = dir.path();
    let resolve = ["resolve", "--filter", "verdict:unlinked", "--reason", "credited"];
    let (code, seen) = json(dir, "ana", &resolve);
    assert_eq!((code, &seen["rows"], &seen["applied"], &seen["money"]["CAD"]["gross"]), (0, &7.into(), &false.into(), &"825.40".into()));
    assert_eq!(seen["largest"].as_array().unwrap().len(), 7);
    assert_eq!(json(dir, "ana", &[&resolve[..], &["--apply"]].concat()).1["applied"], true);
    let (_, gates) = json(dir, "ana", &["gates"]);
    let stage = gates["stages"].as_array().unwrap().iter().find(|s| s["stage"] == "review").unwrap();
    assert_eq!(stage["outcome"], "pass");
    // A new run finds them decided on; one taken back is open again.
    json(dir, "ana", &["reconcile", "--period", "2026-05"]);
    assert_eq!(review(dir, "2026-05", "INV-5182"), ("resolved".into(), "resolved by ana: credited".into()));
    assert_eq!(run(dir, "bob", &["resolve", "INV-5182", "--reopen", "--reason", "not credited", "--apply"]).0, 0);
    assert_eq!(review(dir, "2026-05", "INV-5182"), ("open".into(), "reopened by bob: not credited".into()));
    // Of rows that cannot be compared nothing can be said.
    let (code, none) = json(dir, "ana", &["resolve", "sub-1146", "--reason", "looked at"]);
    assert_eq!((code, &none["rows"], &none["incomparable"]), (1, &0.into(), &1.into()));
    assert_eq!(run(dir, "ana", &["note", "sub-none", "x"]).0, 2);
}

/// Decides as the terminal does, on rows that were marked.
struct Marked<'a>(&'a Path, &'a str);

impl Marked<'_> {
    async fn at_the_desk<T>(&self, work: impl AsyncFnOnce(&Desk<'_>, &Run) -> T) -> T {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let door = Door::new(self.0, Arc::clone(&clock));
        let run = door.read().await.unwrap().unwrap().current_runs().await.unwrap().pop().unwrap();
        let (service, actor) = (run.request.service.as_str(), self.1);
        let desk = Desk { door: &door, clock: clock.as_ref(), service, zone: Zone::UTC, actor, wait: Duration::from_secs(5) };
        work(&desk, &run).await
    }

    async fn say(&self, rows: Chosen, deed: Deed) -> Result<Decided, String> {
        self.at_the_desk(async |desk, run| decide_on(desk, run, &rows, deed).await.map_err(|e| e.to_string())).await
    }

    async fn undo(&self, act: i64) -> Result<(), String> {
        self.at_the_desk(async |desk, _| take_back(desk, act).await.map_err(|e| e.to_string())).await
    }

    /// The numbers of all rows of a filter.
    async fn numbers(&self, text: &str) -> BTreeSet<i64> {
        let filter = dualrun::present::filter::parse(text).unwrap();
        let rows = async |_: &Desk<'_>, run: &Run| {
            let mut seqs = BTreeSet::new();
            let door = Door::new(self.0, Arc::new(SystemClock));
            let store = door.read().await.unwrap().unwrap();
            let pages = Rows { run: run.id, filter, sort: Sort::default() };
            let look = |rows: &[RowLine]| {
                seqs.extend(rows.iter().map(|row| row.seq));
                Ok::<(), StoreError>(())
            };
            pages.each(store.as_ref(), look).await.unwrap();
            seqs
        };
        self.at_the_desk(rows).await
    }
}

#[tokio::test]
async fn marked_rows_are_decided_on_and_what_was_done_is_taken_back_by_who_did_it() {
    let dir = specimen();
    let dir = dir.path();
    let (ana, bob) = (Marked(dir, "ana"), Marked(dir, "bob"));
    let unlinked = ana.numbers("verdict:unlinked").await;
    assert_eq!(unlinked.len(), 7);
    let filter = dualrun::present::filter::parse("verdict:unlinked").unwrap();
    let resolve = || Deed::Resolve { reason: "credited".to_owned() };
    let but_two = Chosen::Filter(Box::new(filter), unlinked.iter().copied().take(2).collect());
    let first = ana.say(but_two, resolve()).await.unwrap();
    assert_eq!((first.touched.sum.rows, first.touched.subjects.len()), (5, 5));
    let second = ana.say(Chosen::Rows(unlinked.iter().copied().take(2).collect()), resolve()).await.unwrap();
    assert_eq!(second.touched.sum.rows, 2);
    assert_eq!(review(dir, "2026-05", "INV-5182").0, "resolved");
    assert!(bob.undo(first.act).await.unwrap_err().contains("act 1 is of ana"));
    ana.undo(first.act).await.unwrap();
    ana.undo(second.act).await.unwrap();
    let (state, why) = review(dir, "2026-05", "INV-5182");
    assert!(state == "open" && why.contains("is taken back"), "{state} {why}");
    let again = ana.undo(first.act).await.unwrap_err();
    assert!(again.contains("came later"), "{again}");
    // A row that matches is no row to decide on, and one to say a word about.
    let matching: BTreeSet<i64> = ana.numbers("verdict:match").await.into_iter().take(1).collect();
    assert!(ana.say(Chosen::Rows(matching.clone()), resolve()).await.unwrap_err().contains("no row of run #1"));
    let note = ana.say(Chosen::Rows(matching.clone()), Deed::Note { text: "as agreed".to_owned() }).await.unwrap();
    assert!(ana.undo(note.act).await.unwrap_err().contains("a note stays"));
    let own = |owner: &str| Deed::Own { owner: owner.to_owned() };
    let to_bob = ana.say(Chosen::Rows(matching.clone()), own("bob")).await.unwrap();
    assert!(ana.undo(to_bob.act).await.unwrap_err().contains("one person's before"));
    let to_cleo = ana.say(Chosen::Rows(matching), own("cleo")).await.unwrap();
    ana.undo(to_cleo.act).await.unwrap();
    let (_, text, _) = run(dir, "ana", &["audit", "verify"]);
    assert!(text.starts_with("the journal holds"), "{text}");
}

#[test]
fn keys_of_ones_own_are_told_checked_and_documented() {
    let dir = specimen();
    let file = dir.path().join("own.toml");
    let with = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dualrun"));
        let output = command.env("DUALRUN_USER_CONFIG", &file).arg("-C").arg(dir.path()).args(args).stdin(Stdio::null()).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    };
    assert_eq!(with(&["config", "check"]).0, 0, "nothing chosen is nothing wrong");
    std::fs::write(&file, "[terminal]\ntheme = \"light\"\n[keys]\ntable.waive = \"W\"\n").unwrap();
    let (code, out, err) = with(&["keys"]);
    assert!(code == 0 && out.contains("  W                 waive") && err.contains("own.toml"), "{out}{err}");
    let told: Value = serde_json::from_str(&with(&["keys", "--format", "json"]).1).unwrap();
    assert_eq!(told["changed"], 1);
    let (_, page, _) = with(&["keys", "--markdown"]);
    assert_eq!(
        page,
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/keys.md")).unwrap(),
        "the page is of the keys as they are made"
    );
    std::fs::write(&file, "[keys]\ntable.waive = \"s\"\n").unwrap();
    for args in [&["keys"][..], &["config", "check"]] {
        let (code, _, err) = with(args);
        assert!(code == 2 && err.contains("own.toml:2:15: \"s\" is table.next_sort already"), "{args:?}: {err}");
    }
    let (code, _, err) = with(&["--theme", "pink", "status"]);
    assert!(code == 2 && err.contains("dark, light, high_contrast, mono"), "{err}");
}

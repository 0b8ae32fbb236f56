//! Charges of every model of the contract through whole runs on SQLite books: what was billed by hand matches, what was billed by
//! another model does not, and tiers that are none are a row error.

use crate::memory::Kept;
use crate::project::run_book;
use assert_cmd::Command;
use dualrun::app::explain::export::golden;
use dualrun::app::trace::rating_steps;
use dualrun::cases;
use dualrun::config::load;
use dualrun::domain::decode::Reason;
use dualrun::domain::row::ReconRow;
use dualrun::domain::run::RunState;
use dualrun::domain::side::Side;
use dualrun::domain::verdict::Verdict;
use dualrun::ports::workspace::RowDetail;
use std::path::Path;

/// Plan, model, included, package size, unit price, tiers, maximum, what is used, what it comes to beside a flat price of 10.
const PLANS: [[&str; 9]; 9] = [
    ["g", "graduated", "", "", "", r#"[{"up_to":"100","unit":"0.5","flat":"2"},{"up_to":null,"unit":0.25}]"#, "", "150", "74.50"],
    [
        "v",
        "volume",
        "",
        "",
        "",
        r#"[{"up_to":100,"unit":2,"flat":10},{"up_to":200,"unit":1},{"up_to":null,"unit":0.5,"flat":50}]"#,
        "",
        "100.5",
        "110.50",
    ],
    ["gp", "graduated_percentage", "", "", "", r#"[{"up_to":"1000","rate":"1.5","flat":"1"},{"up_to":null,"rate":"0.75"}]"#, "", "1500", "29.75"],
    ["pc", "percentage", "250", "", "1.3", "", "5", "800", "15.00"],
    ["pd", "package_down", "5", "10", "3", "", "", "29", "16.00"],
    ["pk", "package", "5", "10", "3", "", "", "29", "19.00"],
    [
        "pt",
        "package_tiers",
        "",
        "",
        "",
        r#"[{"block":"100","max_blocks":"10","price":"1"},{"block":"1000","max_blocks":null,"price":"1"}]"#,
        "",
        "5325",
        "25.00",
    ],
    [
        "tt",
        "package_top_tier",
        "",
        "",
        "",
        r#"[{"block":"1","max_blocks":"10","price":"2"},{"block":"1","max_blocks":null,"price":"1"}]"#,
        "",
        "45",
        "55.00",
    ],
    ["z", "graduated", "", "", "", r#"[{"up_to":"100","unit":"0.5","flat":"2"},{"up_to":null,"unit":"0.25"}]"#, "", "", "12.00"],
];

const PROFILE: &str = r#"
[service]
name = "meters"
currency = "CAD"
time_zone = "America/Toronto"
period = "2026-05"

[source]
active = ["active"]
billable = ["paid"]
ends = "inclusive"
round_per = "line"
round_mode = "half_up"

[target]
active = ["active"]
billable = ["draft"]
profile = "lago"
money_unit = "major"
"#;

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// A book of one subscription a plan, billed by hand.
fn book(dir: &Path, profile: &str, change: impl Fn(&str, &str) -> String) {
    let rows = |line: &dyn Fn(&[&str; 9]) -> Option<String>| PLANS.iter().filter_map(line).collect::<Vec<_>>().concat();
    let plan = |[id, ..]: &[&str; 9]| Some(format!("{id},{id},CAD,month,1,10.00,true\n"));
    let charge = |[id, model, included, size, price, tiers, most, ..]: &[&str; 9]| {
        Some(format!("{id},calls,{model},{included},{size},{price},{},,{most}\n", quoted(tiers)))
    };
    let subscription = |[id, ..]: &[&str; 9]| Some(format!("sub-{id},c,{id},active,2026-01-01\n"));
    let usage = |[id, .., used, _]: &[&str; 9]| (!used.is_empty()).then(|| format!("sub-{id},calls,2026-05-10T12:00:00Z,{used}\n"));
    let invoice = |[id, .., billed]: &[&str; 9]| Some(format!("inv-{id},sub-{id},c,paid,2026-05-01,2026-05-31,2026-06-01,CAD,{billed}\n"));
    let files = [
        ("profile.toml", profile.to_owned()),
        ("source/subscriptions.csv", format!("id,customer_id,plan_id,status,started_on\n{}", rows(&subscription))),
        ("source/usage.csv", format!("subscription_id,metric,occurred_at,quantity\n{}", rows(&usage))),
        (
            "source/invoices.csv",
            format!("id,subscription_id,customer_id,status,period_start,period_end,issued_on,currency,subtotal\n{}", rows(&invoice)),
        ),
        ("target/plans.csv", format!("id,name,currency,interval,interval_count,flat_price,active\n{}", rows(&plan))),
        ("target/charges.csv", format!("plan_id,metric,model,included,package_size,unit_price,tiers,minimum,maximum\n{}", rows(&charge))),
        ("target/subscriptions.csv", format!("id,customer_id,plan_id,status,started_on\n{}", rows(&subscription))),
        ("target/customers.csv", "id,name\nc,C\n".to_owned()),
    ];
    for side in ["source", "target"] {
        std::fs::create_dir(dir.join(side)).unwrap();
    }
    for (name, text) in files {
        std::fs::write(dir.join(name), change(name, &text)).unwrap();
    }
}

async fn run(profile: &str, change: impl Fn(&str, &str) -> String) -> (tempfile::TempDir, Kept) {
    let folder = tempfile::tempdir().unwrap();
    book(folder.path(), profile, change);
    let (dir, memory) = run_book(folder.path(), false, &["2026-05"]).await;
    (dir, memory.kept().pop().unwrap())
}

fn unchanged(_: &str, text: &str) -> String {
    text.to_owned()
}

fn all_match() -> Vec<(String, Verdict)> {
    let mut all = PLANS.map(|[id, ..]| (id.to_owned(), Verdict::Match));
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all.into()
}

fn verdicts(kept: &Kept) -> Vec<(String, Verdict)> {
    kept.rows.iter().map(|row| (row.key.raw().trim_start_matches("sub-").to_owned(), row.verdict)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn charges_of_every_model_match_what_was_billed_by_hand() {
    let (dir, kept) = run(PROFILE, unchanged).await;
    assert_eq!(kept.run.state, RunState::Complete);
    assert_eq!(verdicts(&kept), all_match());
    let profile = load(dir.path()).unwrap().service;
    let detail = |row: &ReconRow| {
        let terms = row.inputs.iter().map(|i| kept.shelves[&Side::Target].plan(&i.plan_id).cloned()).collect();
        RowDetail { seq: 1, row: row.clone(), terms, rechecks: Vec::new(), explanation: None, evidence: None }
    };
    // A case of each model replays by itself, to what was billed.
    for row in &kept.rows {
        let made = golden(&detail(row), None, &profile).unwrap();
        assert!(cases::run(&cases::read(&made[0].case.to_string()).unwrap()).holds());
        assert_eq!(made[0].case["expected"]["delta"], "0", "{}", row.key.raw());
    }
    let row = kept.rows.iter().find(|row| row.key.raw() == "sub-g").unwrap();
    let steps = rating_steps(&detail(row), &profile);
    let wanted = [
        "flat 10 × 1 = 10",
        "calls in the tier to 100: 100 × 0.5 + 2",
        "calls in the last tier: 50 × 0.25",
        "calls (150 used, 0 included) 150 over by graduated, the sum of its tiers = 64.5",
        "net 74.50 = 74.5 rounded half-up, each line",
    ];
    assert_eq!(steps[..wanted.len()], wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_model_or_another_way_is_a_delta() {
    let swapped =
        |name: &str, text: &str| if name == "target/charges.csv" { text.replace("g,calls,graduated,", "g,calls,volume,") } else { text.to_owned() };
    let (_, kept) = run(PROFILE, swapped).await;
    let deltas: Vec<(&str, String)> =
        kept.rows.iter().filter(|r| r.verdict == Verdict::Delta).map(|r| (r.key.raw(), r.delta.unwrap().to_string())).collect();
    assert_eq!(deltas, [("sub-g", "-27.00".to_owned())], "150 × 0.25 is 37.50 where 64.50 was billed");
    let free = PROFILE.replace("profile = \"lago\"", "profile = \"lago\"\nzero_usage = \"free\"");
    let (_, kept) = run(&free, unchanged).await;
    let deltas: Vec<(&str, String)> =
        kept.rows.iter().filter(|r| r.verdict == Verdict::Delta).map(|r| (r.key.raw(), r.delta.unwrap().to_string())).collect();
    assert_eq!(deltas, [("sub-z", "-2.00".to_owned())], "nothing used, and its first tier's fee is not due");
}

/// Usage in other pieces and another order, one of them sent twice under its key, is the same usage.
#[tokio::test(flavor = "multi_thread")]
async fn how_usage_was_recorded_changes_nothing() {
    let (_, whole) = run(PROFILE, unchanged).await;
    let pieces = |name: &str, text: &str| {
        if name != "source/usage.csv" {
            return text.to_owned();
        }
        let piece = |at: &str, used: &str, key: &str| format!("sub-g,calls,2026-05-{at}T12:00:00Z,{used},{key}\n");
        let split = [piece("30", "0.5", "c"), piece("01", "99.5", "a"), piece("12", "50", "b"), piece("01", "99.5", "a")].concat();
        let keyed = text.replace('\n', ",\n").replacen("quantity,", "quantity,idempotency_key", 1);
        keyed.replace("sub-g,calls,2026-05-10T12:00:00Z,150,\n", &split)
    };
    let (_, split) = run(PROFILE, pieces).await;
    assert_eq!(split.rows, whole.rows);
    assert!(split.findings.iter().any(|f| f.code == "repeated_usage"));
}

/// Prices in cents, fees and units alike; a rate is no price.
#[tokio::test(flavor = "multi_thread")]
async fn prices_of_tiers_are_in_the_side_s_unit() {
    let cents = |name: &str, text: &str| match name {
        "target/plans.csv" => text.replace("10.00", "1000"),
        "target/charges.csv" => text
            .replace(r#""unit"":""0.5"",""flat"":""2"""#, r#""unit"":""50"",""flat"":""200"""#)
            .replace(r#""unit"":0.25"#, r#""unit"":25"#)
            .replace(r#""unit"":""0.25"""#, r#""unit"":""25"""#)
            .replace(r#""unit"":2,""flat"":10"#, r#""unit"":200,""flat"":1000"#)
            .replace(r#"200,""unit"":1}"#, r#"200,""unit"":100}"#)
            .replace(r#""unit"":0.5,""flat"":50"#, r#""unit"":50,""flat"":5000"#)
            .replace(r#""flat"":""1"""#, r#""flat"":""100"""#)
            .replace(",1.3,\"\",,5\n", ",1.3,\"\",,500\n")
            .replace(",10,3,", ",10,300,")
            .replace(r#""price"":""1"""#, r#""price"":""100"""#)
            .replace(r#""price"":""2"""#, r#""price"":""200"""#),
        _ => text.to_owned(),
    };
    let (_, kept) = run(&PROFILE.replace("money_unit = \"major\"\n", ""), cents).await;
    assert_eq!(verdicts(&kept), all_match());
}

#[tokio::test(flavor = "multi_thread")]
async fn tiers_that_are_none_are_a_row_error() {
    let broken = |name: &str, text: &str| {
        if name == "target/charges.csv" {
            text.replacen(r#"""up_to"":null"#, r#"""up_to"":""50"""#, 1).replacen("v,calls,volume,,,,\"[", "v,calls,volume,,,,\"x[", 1)
        } else {
            text.to_owned()
        }
    };
    let (_, kept) = run(PROFILE, broken).await;
    assert_eq!(kept.run.state, RunState::Incomplete);
    let errors: Vec<(Side, &str, &str, Reason)> = kept.rejected.iter().map(|e| (e.side, e.id.as_str(), e.column.as_str(), e.reason)).collect();
    assert_eq!(errors, [(Side::Target, "g calls", "tiers", Reason::NotTiers), (Side::Target, "v calls", "tiers", Reason::NotTiers)]);
    assert!(kept.rejected[0].to_string().contains("not a list of tiers"), "{}", kept.rejected[0]);
    for (key, verdict) in verdicts(&kept) {
        assert_eq!(verdict, if ["g", "v"].contains(&key.as_str()) { Verdict::NotComparable } else { Verdict::Match }, "{key}");
    }
}

/// A tax on a tax, and rates rounded one by one or together: 5 % and 9.5 % on it are 9.975 % of the net.
#[tokio::test(flavor = "multi_thread")]
async fn taxes_compound_where_declared() {
    let with_taxes = |name: &str, text: &str| match name {
        "target/customers.csv" => "id,name,region\nc,C,QC\n".to_owned(),
        "target/plans.csv" => text.replace(",10.00,", ",0.50,"),
        _ => text.to_owned(),
    };
    let taxes = "name,rate,region,compound\nQST,9.5,QC,true\nGST,5,QC,false\n";
    let mut seen = Vec::new();
    for per in ["invoice", "once"] {
        let folder = tempfile::tempdir().unwrap();
        book(folder.path(), &PROFILE.replace("profile = \"lago\"", &format!("profile = \"lago\"\ntax_per = \"{per}\"")), with_taxes);
        std::fs::write(folder.path().join("target/taxes.csv"), taxes).unwrap();
        let (dir, memory) = run_book(folder.path(), false, &["2026-05"]).await;
        let kept = memory.kept().pop().unwrap();
        let row = kept.rows.iter().find(|row| row.key.raw() == "sub-z").unwrap();
        let terms = kept.shelves[&Side::Target].plan("z").cloned();
        let detail = RowDetail { seq: 1, row: row.clone(), terms: vec![terms], rechecks: Vec::new(), explanation: None, evidence: None };
        seen.push(rating_steps(&detail, &load(dir.path()).unwrap().service).pop().unwrap());
    }
    // 2.50: 0.125 and 0.249375 are 0.13 and 0.25, together 0.374375.
    assert_eq!(seen[0], "tax 0.38 = GST 5 % + QST: 9.5 % on tax too, 9.975 % on the net, half-up");
    assert_eq!(seen[1], "tax 0.37 = GST 5 % + QST: 9.5 % on tax too, 9.975 % on the net, together, half-up");
}

/// The same through the real program and its workspace file.
#[test]
fn the_program_reconciles_tiers() {
    let (folder, dir) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    book(folder.path(), PROFILE, unchanged);
    let dualrun = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dualrun"));
        let output = command.env("DUALRUN_OPERATOR", "ana").arg("-C").arg(dir.path()).args(args).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let at = dir.path().to_str().unwrap();
    let (code, _, err) = dualrun(&["demo", "--setup-only", "--book", folder.path().to_str().unwrap(), "--dir", at]);
    assert_eq!(code, Some(0), "{err}");
    let (_, out, err) = dualrun(&["reconcile", "--period", "2026-05", "--format", "json", "-q"]);
    let run: serde_json::Value = serde_json::from_str(&out).unwrap_or_else(|e| panic!("{e} {out} {err}"));
    assert_eq!((&run["state"], run["counts"]["match"].as_u64(), run["counts"]["delta"].as_u64()), (&"complete".into(), Some(9), Some(0)), "{out}");
    assert_eq!(run["money"]["CAD"]["expected"], "356.75");
}

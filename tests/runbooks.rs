//! The runbooks that ship, on a real PostgreSQL: every SQL check is prepared and holds on data in which nothing is wrong, and each one
//! fails, naming what it found, where that is seeded once. AlgaPSA's runs completely, with every kind of check it has.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking, its helpers too")]

#[path = "support/postgres.rs"]
mod cluster;

use serde_json::Value;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

const READER: &str = "runbook_reader";
const TENANT: &str = "00000000-0000-0000-0000-000000000000";

fn id(n: u8) -> String {
    format!("{n}0000000-0000-0000-0000-000000000000")
}

fn dualrun(dir: &Path, path: &str, args: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dualrun"));
    command.env_clear().env("PATH", path).args(["--as", "ana", "-C"]).arg(dir).args(args).stdin(Stdio::null());
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn json(dir: &Path, path: &str, args: &[&str]) -> (i32, Value) {
    let (code, out, err) = dualrun(dir, path, &[args, &["--format", "json"]].concat());
    (code, serde_json::from_str(&out).unwrap_or_else(|e| panic!("{e}: {out} {err}")))
}

/// A database of a script, readable and no more.
fn database(name: &str, script: &str) {
    let cluster = cluster::shared();
    let role = format!("do $$ begin create role {READER} login; exception when duplicate_object or unique_violation then null; end $$");
    cluster.psql("postgres", &role);
    cluster.create_database(name);
    cluster.psql(name, &std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/runbooks").join(script)).unwrap());
    cluster.psql(name, &format!("grant select on all tables in schema public to {READER}"));
}

/// A copy of a database with a statement run in it.
fn seeded(of: &str, name: &str, statement: &str) {
    cluster::shared().psql("postgres", &format!("create database \"{name}\" template \"{of}\""));
    cluster::shared().psql(name, statement);
}

/// A project of two databases with one of the shipped runbooks.
fn project(runbook: &str, source: &str, target: &str) -> tempfile::TempDir {
    let (dir, cluster) = (tempfile::tempdir().unwrap(), cluster::shared());
    let side = |name: &str, database: &str| {
        format!(
            "[{name}]\nkind = \"postgres\"\nhost = \"{}\"\nport = {}\ndatabase = \"{database}\"\nuser = \"{READER}\"\nactive = [\"active\"]\n\
             billable = [\"paid\"]\nends = \"exclusive\"\nround_per = \"line\"\nround_mode = \"half_up\"\n[{name}.queries]\nplans = \"select 1\"\n",
            cluster.socket_directory(),
            cluster.port()
        )
    };
    let service = "[service]\nname = \"s\"\ntime_zone = \"UTC\"\ncurrency = \"CAD\"\n";
    std::fs::write(dir.path().join("dualrun.toml"), format!("{service}{}{}", side("source", source), side("target", target))).unwrap();
    let (code, _, err) = dualrun(dir.path(), "", &["init", "--runbook", runbook]);
    assert_eq!(code, 0, "{err}");
    dir
}

/// The checks of a kind, as `stage/check`.
fn of_kind(dir: &Path, kind: &str) -> Vec<String> {
    let settings = dualrun::config::load(dir).unwrap_or_else(|e| panic!("{e}"));
    let runbook = settings.runbook.unwrap();
    let all = runbook.stages.iter().flat_map(|s| s.checks.iter().map(move |c| (s, c)));
    all.filter(|(_, c)| dualrun::report::evidence::kind_word(&c.kind) == kind).map(|(s, c)| format!("{}/{}", s.id, c.id)).collect()
}

/// Every SQL check of a project is prepared on its server and holds, but for those that are only observed.
fn holds(dir: &Path) -> Vec<String> {
    let sql = of_kind(dir, "sql");
    let (_, looked) = json(dir, "", &["gates", "check"]);
    let looked = looked["checks"].as_array().unwrap();
    for name in &sql {
        let (stage, check) = name.split_once('/').unwrap();
        let found = looked.iter().find(|c| c["stage"] == stage && c["check"] == check).unwrap();
        assert_eq!(found["outcome"], "pass", "{found:#}");
    }
    let args: Vec<&str> = ["gates", "run"].into_iter().chain(sql.iter().map(String::as_str)).collect();
    let (code, made) = json(dir, "", &args);
    assert_eq!(code, 0, "{made:#}");
    assert!(made["checks"].as_array().unwrap().iter().all(|c| c["outcome"] == "pass"), "{made:#}");
    sql
}

/// Each SQL check fails once its violation is there, and says what it found.
fn each_fails(sql: &[String], violations: &[(&str, String, &str)], make: impl Fn(&str, &str) -> tempfile::TempDir) {
    let mut named: Vec<&str> = violations.iter().map(|(check, ..)| *check).collect();
    named.sort_unstable();
    let mut all: Vec<&str> = sql.iter().map(String::as_str).collect();
    all.sort_unstable();
    assert_eq!(named, all, "every SQL check has a violation");
    for (check, statement, words) in violations {
        let dir = make(&check.replace(['/', '-'], "_"), statement);
        let (_, made) = json(dir.path(), "", &["gates", "run", check]);
        let found = &made["checks"][0];
        assert_eq!(found["outcome"], "fail", "{check}: {found:#}");
        let told = format!("{} {}", found["summary"], found["observed"]);
        assert!(told.contains(words), "{check} does not name {words}: {found:#}");
    }
}

#[test]
fn each_sql_check_of_algapsa_holds_and_fails() {
    database("alga", "alga.sql");
    let sql = holds(project("alga", "alga", "alga").path());
    assert_eq!(sql.len(), 16);
    let usage = |service: u8, reason: &str| {
        let (client, service) = (id(1), id(service));
        format!(
            "insert into usage_tracking (tenant, client_id, service_id, usage_date, quantity, contract_line_unresolved_reason) \
             values ('{TENANT}', '{client}', '{service}', '2026-05-11', 1, {reason})"
        )
    };
    let shell_line = format!(
        "insert into contract_lines (tenant, contract_line_id, contract_line_name, contract_id) values ('{TENANT}', '{}', 'x', '{}')",
        id(8),
        id(2)
    );
    let nobody = "insert into contracts (tenant, contract_name, status, is_template, is_system_managed_default)";
    let violations = [
        ("ensure/one-per-client", format!("{nobody} values ('{TENANT}', 'x', 'active', false, true)"), "client = NULL"),
        ("ensure/unique-index", "drop index contracts_system_managed_default_unique_per_client".to_owned(), "missing or not valid"),
        ("ensure/identity", "update contracts set status = 'draft' where is_system_managed_default".to_owned(), "status = draft"),
        ("hooks/settings", "delete from client_billing_settings".to_owned(), "contract_id = 20000000"),
        ("resolver/effective", "update usage_tracking set usage_date = '2020-01-01'".to_owned(), "2020-01-01"),
        ("reconciliation/single-matches", usage(6, "null"), "only_line = 50000000"),
        ("reconciliation/unresolved-by-reason", usage(9, "'no_match'"), "reason = no_match"),
        ("invoice-selection/attribution", "update invoice_charges set client_contract_id = null".to_owned(), "INV-1"),
        ("invoice-selection/currency", "update invoices set currency_code = 'EUR'".to_owned(), "currency_code = EUR"),
        ("invoice-selection/header-totals", "update invoices set subtotal = 1001, total_amount = 1131".to_owned(), "subtotal = 1001"),
        ("invoice-selection/unresolved-growth", usage(9, "'ambiguous'"), "1, where it must be at most 0"),
        ("lifecycle/orphans", "delete from clients".to_owned(), "assignment of no client"),
        ("attribution-shell/no-lines", shell_line.clone(), "line 80000000"),
        ("attribution-shell/no-periods", format!("{shell_line}; update recurring_service_periods set obligation_id = '{}'", id(8)), "record_id = "),
        (
            "attribution-shell/cycles",
            "update client_billing_cycles set period_end_date = '2026-04-30' where period_start_date = '2026-04-01'".to_owned(),
            "period_end_date = 2026-04-30",
        ),
        ("attribution-shell/billed-once", "update recurring_service_periods set invoice_charge_detail_id = null".to_owned(), "period_key = 2026-05"),
    ];
    each_fails(&sql, &violations, |name, statement| {
        let copy = format!("alga_{name}");
        seeded("alga", &copy, statement);
        project("alga", &copy, &copy)
    });
}

#[test]
fn each_sql_check_of_nexacloud_and_odoo_holds_and_fails() {
    database("nexa", "nexacloud.sql");
    database("odoo", "odoo.sql");
    let sql = holds(project("nexacloud-odoo", "nexa", "odoo").path());
    let again =
        "insert into sale_order (name, company_id, x_fc_nexacloud_subscription_id) select 'S3', 1, x_fc_nexacloud_subscription_id from sale_order";
    let violations = [
        ("connect/odoo-modules", "update ir_module_module set state = 'uninstalled' where name = 'sale'".to_owned(), "module = sale"),
        ("connect/currency", "update res_company set currency_id = 2".to_owned(), "EUR"),
        ("connect/plans-there", "update plans set is_active = false".to_owned(), "0, where it must be at least 1"),
        ("integrity/header-totals", "update invoices set subtotal = 199".to_owned(), "number = INV-1"),
        ("integrity/active-of-retired-plans", "update plans set is_active = false".to_owned(), "slug = large"),
        ("integrity/billed-after-the-end", "update subscriptions set cancelled_at = '2026-01-01'".to_owned(), "number = INV-1"),
        ("import/one-shadow-each", again.to_owned(), "orders = 2"),
        ("import/drafts-only", "update sale_order set state = 'sale'".to_owned(), "name = S1"),
        ("import/charges-apart", "update fusion_billing_charge set plan_id = 1".to_owned(), "metric = cpu_seconds"),
        ("go/open-drafts", "update invoices set status = 'draft'".to_owned(), "number = INV-1"),
    ];
    each_fails(&sql, &violations, |name, statement| {
        let copy = format!("nexa_{name}");
        let of_source = ["plans", "invoices", "subscriptions"].iter().any(|table| statement.contains(&format!("update {table} ")));
        seeded(if of_source { "nexa" } else { "odoo" }, &copy, statement);
        if of_source { project("nexacloud-odoo", &copy, "odoo") } else { project("nexacloud-odoo", "nexa", &copy) }
    });
    // Neither side maps its scheduler: that is not known, and never a pass.
    let (code, made) = json(project("nexacloud-odoo", "nexa", "odoo").path(), "", &["gates", "run", "go/jobs"]);
    assert_eq!((code, made["checks"][0]["outcome"].as_str()), (1, Some("inconclusive")), "{made:#}");
}

#[test]
fn algapsas_runbook_runs_completely() {
    database("alga_whole", "alga.sql");
    let dir = project("alga", "alga_whole", "alga_whole");
    let place = |name: &str| dir.path().join(name);
    for folder in ["bin", "reports", "logs"] {
        std::fs::create_dir(place(folder)).unwrap();
    }
    std::fs::write(place("bin/npm"), "#!/bin/sh\necho \"$@\"\n").unwrap();
    std::fs::set_permissions(place("bin/npm"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let report = |cases: usize| {
        let cases: Vec<String> = (0..cases).map(|n| format!("<testcase classname=\"c\" name=\"t{n}\"/>")).collect();
        format!("<testsuites><testsuite name=\"c\">{}</testsuite></testsuites>", cases.concat())
    };
    std::fs::write(place("reports/default-contract-hooks.xml"), report(3)).unwrap();
    std::fs::write(place("reports/default-contract-lifecycle-1.xml"), report(1)).unwrap();
    std::fs::write(place("reports/default-contract-lifecycle-2.xml"), report(1)).unwrap();
    let events = ["default_contract.created", "default_contract.reused", "usage.resolved", "usage.ambiguous"];
    std::fs::write(place("logs/billing-1.log"), events.map(|e| format!("{{\"event\":\"{e}\"}}\n")).concat()).unwrap();
    let path = place("bin").to_str().unwrap().to_owned();

    let (code, made) = json(dir.path(), &path, &["gates", "run"]);
    assert_eq!(code, 0, "{made:#}");
    let checks = made["checks"].as_array().unwrap();
    assert!(checks.iter().all(|c| c["outcome"] == "pass"), "{made:#}");
    let kinds: std::collections::BTreeSet<&str> = checks.iter().map(|c| c["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), ["command", "log", "sql", "tests"]);
    assert_eq!(made["manual"], serde_json::json!(["hooks/smoke"]));
    assert_eq!(dualrun(dir.path(), &path, &["gates", "attest", "hooks/smoke", "--note", "tried with two clients"]).0, 0);
    // Stage 5 asks in CI and in staging too, with evidence of its own.
    assert_eq!(dualrun(dir.path(), &path, &["gates", "run", "invoice-selection", "--environment", "staging"]).0, 0);
    // A failing test runner fails the gate.
    std::fs::write(place("bin/npm"), "#!/bin/sh\nexit 1\n").unwrap();
    assert_eq!(dualrun(dir.path(), &path, &["gates", "run", "wording"]).0, 1);
}

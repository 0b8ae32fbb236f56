//! `dualrun.toml`: what loads, what each mistake says, what the digest holds, and where secrets come from.
//!
//! One folder of `tests/config_errors` per kind of mistake: `dualrun.toml` and the exact text an operator sees.
//! `tests/nasty/configs` are hostile files. Run with `DUALRUN_BLESS=1` to write the texts anew, then read the diff.

#![allow(clippy::unwrap_used, clippy::panic, reason = "functions that only tests call")]

use chrono::NaiveDate;
use dualrun::app::parameters::over;
use dualrun::config::keys::{IMPORT, INERTNESS, LIMITS, OPERATOR, SERVICE, SIDE, SIGNING};
use dualrun::config::{self, LoaderSettings, Problems, Settings};
use dualrun::domain::contract::Entity;
use dualrun::domain::currency::Currency;
use dualrun::domain::exact::Exact;
use dualrun::domain::period::{Grid, Month};
use dualrun::domain::profile::{
    BasisRule, DocumentState, Ends, MoneyUnit, NaiveTimestamps, Proration, Stage, SubscriptionState, TaxStage, ZeroUsage,
};
use dualrun::domain::rounding::RoundMode;
use dualrun::domain::side::Side;
use dualrun::ports::connection::{Connection, Mercy, TlsMode};
use dualrun::ports::database::{DatabaseKind, Parameter};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

#[path = "config/secrets.rs"]
mod secrets;

const BASE: &str = r#"
[service]
name = "orchard"
time_zone = "America/Toronto"

[source]
kind = "postgres"
host = "db.internal"
database = "app"
user = "dualrun_ro"
password = { env = "APP_DB_PASSWORD" }
active = ["active"]
billable = ["paid"]
ends = "inclusive"
round_per = "invoice"
round_mode = "half_up"
[source.queries]
invoices = "select 1"

[target]
kind = "sqlite"
path = "target.db"
active = ["running"]
billable = ["posted"]
ends = "exclusive"
round_per = "line"
round_mode = "half_even"
[target.queries]
plans = "select 2"
"#;

fn project(text: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("dualrun.toml"), text).unwrap();
    dir
}

fn load(text: &str) -> Result<Settings, Problems> {
    config::load(project(text).path())
}

/// The base with one text replaced, which must be in it.
fn with(from: &str, to: &str) -> String {
    assert!(BASE.contains(from), "{from}");
    BASE.replacen(from, to, 1)
}

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The text of all problems, without the directory it was found in.
fn told(path: &Path) -> String {
    let dir = if path.is_dir() { path } else { path.parent().unwrap() };
    let text = config::load(path).unwrap_err().to_string();
    format!("{}\n", text.replace(&format!("{}/", dir.display()), ""))
}

fn compare(expected: &Path, text: &str, failed: &mut Vec<String>) {
    if std::env::var_os("DUALRUN_BLESS").is_some() {
        fs::write(expected, text).unwrap();
    }
    let wanted = fs::read_to_string(expected).unwrap_or_default();
    if wanted != text {
        failed.push(format!("{}\nwanted:\n{wanted}\ntold:\n{text}", expected.display()));
    }
}

#[test]
fn each_mistake_has_its_exact_text() {
    let mut failed = Vec::new();
    let folders: Vec<PathBuf> = fs::read_dir(repository("tests/config_errors")).unwrap().map(|e| e.unwrap().path()).collect();
    assert!(folders.len() >= 12);
    for folder in folders {
        let text = told(&folder);
        assert!(!text.contains("CANARY"), "{text}");
        compare(&folder.join("expected.txt"), &text, &mut failed);
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn hostile_files_are_refused_with_their_exact_text() {
    let mut failed = Vec::new();
    let files: Vec<PathBuf> = fs::read_dir(repository("tests/nasty/configs")).unwrap().map(|e| e.unwrap().path()).collect();
    let files: Vec<PathBuf> = files.into_iter().filter(|f| f.extension().is_some_and(|e| e != "txt")).collect();
    assert_eq!(files.len(), 15);
    for file in files {
        let text = told(&file);
        assert!(!text.contains("CANARY"), "{text}");
        compare(&file.with_extension("txt"), &text, &mut failed);
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn a_whole_configuration_loads_with_its_defaults() {
    let settings = load(BASE).unwrap();
    assert_eq!(
        (settings.service.service.as_str(), settings.service.basis, settings.service.usage_from),
        ("orchard", BasisRule::DraftFirst, Side::Source)
    );
    assert_eq!((settings.service.tolerance.to_string().as_str(), settings.service.currency), ("0", None));
    assert_eq!(settings.limits.statement_timeout, Duration::from_mins(10));
    let source = &settings.service.source;
    assert_eq!((source.ends, source.tax_per, source.naive_timestamps), (Ends::Inclusive, TaxStage::Invoice, NaiveTimestamps::Refuse));
    assert!(source.leave_out_zero && source.credits_positive && !source.tax_inclusive && !source.infinity_is_open);
    assert_eq!(source.vocabulary.subscriptions.get("on_hold"), Some(&SubscriptionState::Inactive));
    assert_eq!(source.vocabulary.documents.get("paid"), Some(&DocumentState::Billable));
    assert_eq!((settings.source.place.kind(), settings.target.place.kind()), (DatabaseKind::Postgres, DatabaseKind::Sqlite));
    assert_eq!(settings.digest.len(), 64);
}

#[test]
fn usual_inactive_words_give_way_to_what_is_listed() {
    let settings = load(&with("active = [\"active\"]", "active = [\"active\", \"pending\"]")).unwrap();
    let words = &settings.service.source.vocabulary.subscriptions;
    assert_eq!((words.get("pending"), words.get("draft")), (Some(&SubscriptionState::Active), Some(&SubscriptionState::Inactive)));
    let own = load(&with("active = [\"active\"]", "active = [\"active\"]\ninactive = [\"asleep\"]")).unwrap();
    let words = &own.service.source.vocabulary.subscriptions;
    assert_eq!((words.get("asleep"), words.get("paused")), (Some(&SubscriptionState::Inactive), None));
}

#[test]
fn a_query_gets_the_period_and_its_own_parameters() {
    let query = "{ sql = \"select :company, :tag, :since, :cut, :period_start\", parameters = { company = 7, tag = \"it's\", since = 2026-01-01, cut = 2026-01-01T05:00:00+01:00 } }";
    let settings = load(&with("\"select 1\"", query)).unwrap();
    let may = Grid::CALENDAR.period_in(Month::parse("2026-05").unwrap());
    let query = over(&settings.source.query(Entity::Invoices).unwrap(), may, settings.service.zone);
    assert_eq!(query.name, "source.invoices");
    let text = |name: &str| format!("{:?}", query.parameters.get(name).unwrap());
    assert_eq!(query.parameters.get("company"), Some(&Parameter::Integer(7)));
    assert_eq!(query.parameters.get("since"), Some(&Parameter::Date(NaiveDate::from_ymd_opt(2026, 1, 1).unwrap())));
    assert_eq!(text("cut"), "Instant(2026-01-01T04:00:00Z)");
    assert_eq!((text("period_start").as_str(), text("period_end").as_str()), ("Date(2026-05-01)", "Date(2026-06-01)"));
    assert_eq!((text("period_start_at").as_str(), text("zone").as_str()), ("Instant(2026-05-01T04:00:00Z)", "Text(\"America/Toronto\")"));
    assert!(settings.source.query(Entity::Jobs).is_none());
}

#[test]
fn the_digest_holds_what_decides_numbers_and_nothing_else() {
    let base = load(BASE).unwrap().digest;
    let same = [
        format!("# a comment\n{BASE}"),
        with("name = \"orchard\"\ntime_zone = \"America/Toronto\"", "time_zone = \"America/Toronto\"\nname = 'orchard'"),
        with("db.internal", "other.internal"),
        with("APP_DB_PASSWORD", "OTHER"),
        with("\"select 1\"", "\"\"\"\nselect 1\n\"\"\""),
        with("[source]", "[limits]\nmax_rows = 5\n[[operators]]\nid = \"ana\"\n[source]"),
        with("ends = \"inclusive\"", "ends = \"inclusive\"\nkey = \"text\"\nproration = \"day\""),
        with("time_zone", "tolerance = \"0.00\"\ntime_zone"),
    ];
    for text in &same {
        assert_eq!(load(text).unwrap().digest, base, "{text}");
    }
    let other = [
        with("America/Toronto", "UTC"),
        with("half_up", "half_even"),
        with("\"select 1\"", "\"select 11\""),
        with("\"select 1\"", "{ sql = \"select 1\", parameters = { company = 1 } }"),
        with("[\"paid\"]", "[\"paid\", \"open\"]"),
        with("time_zone", "tolerance = \"0.01\"\ntime_zone"),
    ];
    for text in &other {
        assert_ne!(load(text).unwrap().digest, base, "{text}");
    }
    let dir = project(&with("\"select 1\"", "{ file = \"sql/i.sql\" }"));
    fs::create_dir(dir.path().join("sql")).unwrap();
    fs::write(dir.path().join("sql/i.sql"), "select 1\n").unwrap();
    let settings = config::load(dir.path()).unwrap();
    assert_eq!(settings.digest, base, "the file's path is not in it, its text is");
    assert_eq!(settings.source.query(Entity::Invoices).unwrap().name, "source.invoices (sql/i.sql)");
}

#[test]
fn tls_is_verified_unless_the_host_is_local() {
    let tls = |text: &str| match load(text).unwrap().source.connection(&|_| Some("x".to_owned())).unwrap() {
        Connection::Postgres(postgres) => postgres.tls,
        Connection::MariaDb(_) | Connection::Sqlite(_) => panic!("kind"),
    };
    assert_eq!(tls(BASE), TlsMode::VerifyFull);
    for host in ["localhost", "127.0.0.1", "::1", "/var/run/postgresql"] {
        assert_eq!(tls(&with("db.internal", host)), TlsMode::Off);
        assert_eq!(tls(&with("\"db.internal\"", &format!("\"{host}\"\ntls = \"verify-full\""))), TlsMode::VerifyFull);
    }
}

/// MariaDB and MySQL are one kind under two words; the server says which it is.
#[test]
fn mariadb_and_mysql_are_one_kind() {
    let server = |text: &str| {
        let settings = load(text).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(settings.source.place.kind(), DatabaseKind::MariaDb);
        match settings.source.connection(&|_| Some("CANARY".to_owned())).unwrap() {
            Connection::MariaDb(server) => server,
            Connection::Postgres(_) | Connection::Sqlite(_) => panic!("kind"),
        }
    };
    for word in ["mariadb", "mysql"] {
        let text = with("kind = \"postgres\"", &format!("kind = \"{word}\""));
        let remote = server(&text);
        assert_eq!((remote.port, remote.tls, remote.host.as_str()), (3306, TlsMode::VerifyFull, "db.internal"));
        assert!(remote.password.is_some() && !remote.allow_writable_role && !format!("{remote:?}").contains("CANARY"));
        for host in ["localhost", "127.0.0.1", "/run/mysqld/mysqld.sock"] {
            assert_eq!(server(&text.replace("db.internal", host)).tls, TlsMode::Off);
        }
        let told = load(&text.replace("kind =", "search_path = [\"x\"]\nkind =")).unwrap_err().to_string();
        assert!(told.contains(&format!("search_path does not belong to kind = \"{word}\"")), "{told}");
        let told = load(&text.replace("kind =", "tls = \"off\"\nkind =")).unwrap_err().to_string();
        assert!(told.contains("which is not this machine"), "{told}");
    }
}

#[test]
fn every_word_of_every_choice_is_understood() {
    for key in SIDE.iter().filter(|k| k.name != "kind") {
        let config::keys::Shape::OneOf(words) = key.shape else { continue };
        for word in words {
            let line = format!("{} = \"{word}\"", key.name);
            let kept = BASE.lines().filter(|l| !l.starts_with(&format!("{} =", key.name))).collect::<Vec<_>>().join("\n");
            let both = kept.replacen("[source.queries]", &format!("{line}\n[source.queries]"), 1).replacen(
                "[target.queries]",
                &format!("{line}\n[target.queries]"),
                1,
            );
            // What changed is told by events.
            let events = if key.name == "changes" { "\nevents = \"select 1\"" } else { "" };
            let both = both
                .replace("[source.queries]", &format!("[source.queries]{events}"))
                .replace("[target.queries]", &format!("[target.queries]{events}"));
            // The target is an SQLite file and has no TLS; off is not for a remote host.
            let text = if key.name == "tls" {
                with("db.internal", "/run/pg").replacen("[source.queries]", &format!("{line}\n[source.queries]"), 1)
            } else {
                both
            };
            assert!(load(&text).is_ok(), "{line}: {}", load(&text).unwrap_err());
        }
    }
}

#[test]
fn changes_are_rated_by_events_that_are_mapped() {
    let text = BASE.replacen("[target.queries]", "changes = \"rated\"\n[target.queries]", 1);
    let told = load(&text).unwrap_err().to_string();
    assert!(told.contains("[target] rates changes and maps none — map events in [target.queries]"), "{told}");
    assert!(load(&text.replace("[target.queries]", "[target.queries]\nevents = \"select 1\"")).is_ok());
}

/// The template with those of its options uncommented.
fn uncommented(wanted: impl Fn(&str) -> bool) -> String {
    let option = |line: &'static str| line.strip_prefix('#').filter(|l| l.starts_with(|c: char| c.is_ascii_lowercase() || c == '[' || c == '"'));
    let line = |line: &'static str| option(line).filter(|l| wanted(l)).unwrap_or(line);
    config::template().lines().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_template_loads_as_it_is_and_with_every_option_uncommented() {
    load(config::template()).unwrap();
    assert!(config::template().starts_with(&format!("#:schema {}\n", config::SCHEMA_FILE_NAME)));
    let all = uncommented(|_| true);
    load(&all).unwrap_or_else(|problems| panic!("{problems}"));
    for key in [SERVICE, LIMITS, SIDE, IMPORT, INERTNESS, SIGNING, OPERATOR].concat() {
        let written = all.lines().any(|l| l.starts_with(&format!("{} =", key.name)));
        // An SQLite side's path, a pack's directory and a runbook's file are shown in a sentence; queries and checks are sections.
        assert!(written || ["path", "dir", "runbook", "queries", "checks"].contains(&key.name), "{}", key.name);
    }
}

#[test]
fn defaults_written_out_are_the_defaults() {
    // No default can be written for these: absent means refused, or none, or the usual words.
    let without = [
        "max_active_sessions",
        "max_replica_lag",
        "max_streams",
        "naive_timestamps",
        "inactive",
        "password",
        "profile",
        "root_cert",
        "ssh_principal",
        "tls",
        "usage_zone",
    ];
    let written = uncommented(|line| !without.iter().any(|key| line.starts_with(key)));
    assert!(written.lines().filter(|l| !config::template().lines().any(|t| t == *l)).count() > 15);
    let (written, template) = (load(&written).unwrap(), load(config::template()).unwrap());
    assert_eq!(written.digest, template.digest);
    assert_eq!(format!("{:?} {:?}", written.limits, written.source.place), format!("{:?} {:?}", template.limits, template.source.place));
}

#[test]
fn a_side_says_how_it_is_spared() {
    let side = |kind: &str, keys: &str| {
        let text = BASE.replacen("active = [", &format!("{keys}active = ["), 1).replacen("\"postgres\"", &format!("\"{kind}\""), 1);
        load(&text).map(|settings| settings.source.connection(&|_| Some("x".to_owned())).unwrap())
    };
    let spared = |kind: &str, keys: &str| match side(kind, keys).unwrap() {
        Connection::Postgres(server) => server.mercy,
        Connection::MariaDb(server) => server.mercy,
        Connection::Sqlite(_) => panic!("kind"),
    };
    let all = Mercy { max_streams: Some(2), max_replica_lag: Some(Duration::from_secs(30)), max_active_sessions: Some(40) };
    let (streams, load) = ("max_streams = 2\n", "max_replica_lag = \"30s\"\nmax_active_sessions = 40\n");
    assert_eq!(spared("postgres", &format!("{streams}{load}")), all);
    for kind in ["mariadb", "mysql"] {
        assert_eq!(spared(kind, load), Mercy { max_streams: None, ..all });
        // One session reads there: a number of them would promise what cannot be.
        assert!(side(kind, streams).is_err_and(|told| told.to_string().contains("max_streams does not belong to kind")));
    }
    assert_eq!((spared("postgres", ""), spared("mysql", "")), (Mercy::default(), Mercy::default()));
}

#[test]
fn the_schema_knows_every_key() {
    let schema = config::schema();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    let properties = &schema["properties"];
    let sections = [
        ("service", SERVICE),
        ("limits", LIMITS),
        ("source", SIDE),
        ("target", SIDE),
        ("import", IMPORT),
        ("inertness", INERTNESS),
        ("signing", SIGNING),
    ];
    for (name, keys) in sections {
        let section = &properties[name];
        assert_eq!(section["additionalProperties"], false);
        for key in keys {
            assert!(section["properties"][key.name]["description"].is_string(), "{name}.{}", key.name);
            let by_profile = SIDE == keys && config::known::ANSWERED.contains(&key.name);
            assert_eq!(section["required"].as_array().unwrap().iter().any(|r| r == key.name), key.required && !by_profile);
        }
        assert_eq!(section["properties"].as_object().unwrap().len(), keys.len());
    }
    assert!(properties["operators"]["items"]["properties"]["ssh_principal"].is_object());
    let entities = properties["target"]["properties"]["queries"]["properties"].as_object().unwrap();
    assert_eq!(entities.len(), Entity::ALL.len());
}

#[test]
fn a_known_system_answers_what_is_not_written() {
    let unsaid = BASE.replacen("ends = \"inclusive\"\nround_per = \"invoice\"\nround_mode = \"half_up\"\n", "profile = \"stripe\"\n", 1);
    let source = load(&unsaid).unwrap_or_else(|e| panic!("{e}")).service.source;
    assert_eq!((source.ends, source.round_per, source.round_mode, source.tax_per), (Ends::Exclusive, Stage::Line, RoundMode::HalfUp, TaxStage::Line));
    assert_eq!((source.money_unit, source.zero_usage), (MoneyUnit::Minor, ZeroUsage::Free));
    let code = |code: &str| Currency::known(code).unwrap();
    assert_eq!(["ISK", "MGA"].map(|c| source.minor_digits.get(&code(c)).copied()), [Some(2), Some(0)]);
    let amount = |code: &str| source.major(Exact::whole(1200), Currency::known(code).unwrap()).unwrap().to_string();
    assert_eq!(["ISK", "JPY", "CAD", "KWD"].map(amount), ["12", "1200", "12", "1.2"]);
    let written = unsaid.replacen(
        "profile = \"stripe\"",
        "profile = \"stripe\"\nends = \"inclusive\"\nminor_digits = { KWD = \"2\" }\nzero_usage = \"charged\"",
        1,
    );
    let source = load(&written).unwrap().service.source;
    assert_eq!((source.ends, source.round_per, source.zero_usage), (Ends::Inclusive, Stage::Line, ZeroUsage::Charged));
    assert_eq!(source.minor_digits.into_iter().collect::<Vec<_>>(), [(code("KWD"), 2)]);
    let kill_bill = load(&unsaid.replace("\"stripe\"", "\"killbill\"")).unwrap().service.source;
    assert_eq!((kill_bill.proration, kill_bill.money_unit), (Proration::Ratio9, MoneyUnit::Major));
    let wrong = load(&unsaid.replace("profile = \"stripe\"", "profile = \"stripe\"\nminor_digits = { ISL = \"2\" }")).unwrap_err().to_string();
    assert!(wrong.contains("minor_digits names an unknown currency: \"ISL\""), "{wrong}");
    let wrong = load(&unsaid.replace("\"stripe\"", "\"strype\"")).unwrap_err().to_string();
    assert!(wrong.contains("profile cannot be \"strype\"") && wrong.contains("has no ends"), "{wrong}");
    // What a profile says is as if it were written, and nothing that is not said changes an older project's digest.
    let as_if = with("round_mode = \"half_up\"", "round_mode = \"half_up\"\nminor_digits = {}\nzero_usage = \"charged\"");
    assert_eq!(load(&as_if).unwrap().digest, load(BASE).unwrap().digest);
}

#[test]
fn the_import_and_its_checks_are_read_and_decide_no_number() {
    let plain = load(BASE).unwrap();
    assert!(plain.loader.is_none() && plain.inertness.is_empty());
    let written = format!(
        "{BASE}\n[import]\nloader = \"command\"\nprogram = [\"./load\", \"erp\"]\ntimeout = \"5s\"\n[inertness]\npreset = \"odoo19\"\n[inertness.checks]\n\"draft\" = \"select 0\"\n\"own\" = \"select 1\"\n"
    );
    let settings = load(&written).unwrap_or_else(|e| panic!("{e}"));
    let Some(LoaderSettings::Command { argv, batch, timeout, pause, env }) = &settings.loader else { panic!("{:?}", settings.loader) };
    assert_eq!((argv.join(" "), *batch, timeout.as_secs(), pause.as_secs(), env.len()), ("./load erp".to_owned(), 100, 5, 1, 0));
    let names: Vec<&str> = settings.inertness.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["draft", "no payment token", "charge not linked", "scheduler off", "mail queue empty", "webhook queue empty", "own"]);
    assert_eq!(settings.inertness[0].sql, "select 0", "an own check takes the place of the preset's");
    assert_eq!(settings.digest, plain.digest);
    assert_ne!(settings.inertness_digest, plain.inertness_digest);
    let pack = load(&format!("{BASE}\n[import]\nloader = \"pack\"\n")).unwrap();
    assert!(matches!(&pack.loader, Some(LoaderSettings::Pack { dir }) if dir.ends_with("packs")));
}

#[test]
fn what_is_no_configuration_is_refused_before_it_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let missing = config::load(dir.path()).unwrap_err().to_string();
    assert!(missing.ends_with("dualrun.toml: no such file — run dualrun init, or name the project's directory with -C"), "{missing}");
    let big = project(&"# x\n".repeat(300_000));
    assert!(config::load(big.path()).unwrap_err().to_string().contains("larger than 1 MiB"));
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("dualrun.toml")).unwrap();
    assert!(config::load(folder.path()).unwrap_err().to_string().contains("it is not a regular file"));
    let deep = load(&format!("a = {}", "[".repeat(100_000))).unwrap_err();
    assert!(!deep.all().is_empty() && deep.all().len() < 30);
}

#[test]
fn operators_are_found_as_people_are_told_apart() {
    let settings = load(&format!("{BASE}\n[[operators]]\nid = \"Ana\"\nroles = [\"finance\"]")).unwrap();
    let ana = settings.operator(" ＡＮＡ ").unwrap();
    assert_eq!((ana.id.as_str(), ana.name.as_str(), ana.roles.as_slice()), ("Ana", "Ana", ["finance".to_owned()].as_slice()));
    assert!(settings.operator("anna").is_none());
    assert!(settings.allowed_signers.ends_with("allowed_signers"));
    let elsewhere = load(&format!("{BASE}\n[signing]\nallowed_signers = \"keys/who\"")).unwrap();
    assert!(elsewhere.allowed_signers.ends_with("keys/who") && elsewhere.digest == settings.digest);
}

/// The profile words of the worked specimen, as a project would write them.
const SPECIMEN: &str = r#"
key = "text"
key_normaliser = "uuid"
money_unit = "major"
tax_inclusive = false
active = ["active"]
ended = ["cancelled"]
billable = ["paid", "open"]
left_out = { void = "void", draft = "draft" }
zero_invoices = "left_out"
credit_amounts = "positive"
period_rule = "period_columns"
period_fallback = "issued_on"
ends = "inclusive"
round_per = "invoice"
round_mode = "half_up"
tax_per = "line"
"#;

#[test]
fn the_specimen_s_words_are_the_configuration_s() {
    let words = "active = [\"active\"]\nbillable = [\"paid\"]\nends = \"inclusive\"\nround_per = \"invoice\"\nround_mode = \"half_up\"\n";
    let settings = load(&with(words, SPECIMEN)).unwrap();
    assert_eq!(settings.service.source.tax_per, TaxStage::Line);
    assert_eq!(settings.service.source.vocabulary.documents.get("void"), Some(&DocumentState::Void));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() })]
    /// Whatever is in the file, the answer is settings or problems with places, never a panic.
    #[test]
    fn a_damaged_configuration_is_told_never_a_panic(at in 0..BASE.len(), cut in 0..60usize, put in "[\\PC\"'\\[\\]{}=.\n\\\\#]{0,8}") {
        let end = (at + cut).min(BASE.len());
        let text = format!("{}{put}{}", &BASE[..at], &BASE[end..]);
        if let Err(problems) = load(&text) {
            proptest::prop_assert!(!problems.all().is_empty());
            for problem in problems.all() {
                proptest::prop_assert!(problem.line <= text.lines().count() + 1 && !problem.what.contains(char::is_control));
            }
        }
    }
}

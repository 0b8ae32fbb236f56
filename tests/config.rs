//! `dualrun.toml`: what loads, what each mistake says, what the digest holds, and where secrets come from.
//!
//! One folder of `tests/config_errors` per kind of mistake: `dualrun.toml` and the exact text an operator sees.
//! `tests/nasty/configs` are hostile files. Run with `DUALRUN_BLESS=1` to write the texts anew, then read the diff.

use chrono::NaiveDate;
use dualrun::config::{self, Problems, Settings};
use dualrun::domain::contract::Entity;
use dualrun::domain::period::{Grid, Month};
use dualrun::domain::profile::{BasisRule, DocumentState, Ends, NaiveTimestamps, Stage, SubscriptionState};
use dualrun::domain::side::Side;
use dualrun::ports::connection::{Connection, TlsMode};
use dualrun::ports::database::{DatabaseKind, Parameter};
use secrecy::ExposeSecret as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

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

fn no_env(_: &str) -> Option<String> {
    None
}

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
        compare(&folder.join("expected.txt"), &told(&folder), &mut failed);
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
    assert_eq!((settings.service.service.as_str(), settings.service.basis, settings.service.usage_from), ("orchard", BasisRule::DraftFirst, Side::Source));
    assert_eq!((settings.service.tolerance.to_string().as_str(), settings.service.currency), ("0", None));
    assert_eq!(settings.limits.statement_timeout, Duration::from_mins(10));
    let source = &settings.service.source;
    assert_eq!((source.ends, source.tax_per, source.naive_timestamps), (Ends::Inclusive, Stage::Invoice, NaiveTimestamps::Refuse));
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
    let query = settings.query(Side::Source, Entity::Invoices, may).unwrap();
    assert_eq!(query.name, "source.invoices");
    let text = |name: &str| format!("{:?}", query.parameters.get(name).unwrap());
    assert_eq!(query.parameters.get("company"), Some(&Parameter::Integer(7)));
    assert_eq!(query.parameters.get("since"), Some(&Parameter::Date(NaiveDate::from_ymd_opt(2026, 1, 1).unwrap())));
    assert_eq!(text("cut"), "Instant(2026-01-01T04:00:00Z)");
    assert_eq!((text("period_start").as_str(), text("period_end").as_str()), ("Date(2026-05-01)", "Date(2026-06-01)"));
    assert_eq!((text("period_start_at").as_str(), text("zone").as_str()), ("Instant(2026-05-01T04:00:00Z)", "Text(\"America/Toronto\")"));
    assert!(settings.query(Side::Source, Entity::Jobs, may).is_none());
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
    let window = Grid::CALENDAR.period_in(Month::parse("2026-05").unwrap());
    assert_eq!(settings.query(Side::Source, Entity::Invoices, window).unwrap().name, "source.invoices (sql/i.sql)");
}

fn connect(text: &str, dir: &Path, env: &dyn Fn(&str) -> Option<String>) -> Result<Option<String>, Problems> {
    fs::write(dir.join("dualrun.toml"), text).unwrap();
    match config::load(dir)?.source.connection(env)? {
        Connection::Postgres(postgres) => {
            assert!(!format!("{postgres:?}").contains("CANARY"));
            Ok(postgres.password.map(|p| p.expose_secret().to_owned()))
        }
        Connection::Sqlite(_) => Ok(None),
    }
}

#[test]
fn a_secret_comes_from_the_environment_only_when_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let set = |name: &str| (name == "APP_DB_PASSWORD").then(|| "CANARY-pw-7f3a".to_owned());
    assert_eq!(connect(BASE, dir.path(), &set).unwrap().as_deref(), Some("CANARY-pw-7f3a"));
    let unset = connect(BASE, dir.path(), &no_env).unwrap_err().to_string();
    assert!(unset.ends_with("dualrun.toml:11:20: [source] password: environment variable APP_DB_PASSWORD is not set — set APP_DB_PASSWORD, or name another source"), "{unset}");
    let misplaced = load(&with("APP_DB_PASSWORD", "CANARY-pw-7f3a")).unwrap_err().to_string();
    assert!(misplaced.contains("[source] password env is not the name of an environment variable") && !misplaced.contains("CANARY"), "{misplaced}");
}

#[test]
fn a_secret_file_must_be_private() {
    let dir = tempfile::tempdir().unwrap();
    let secret = dir.path().join("my secret.txt");
    fs::write(&secret, "CANARY-pw-7f3a\n").unwrap();
    let text = with("{ env = \"APP_DB_PASSWORD\" }", "{ file = \"my secret.txt\" }");
    for mode in [0o644, 0o640, 0o602, 0o601] {
        fs::set_permissions(&secret, fs::Permissions::from_mode(mode)).unwrap();
        let refused = connect(&text, dir.path(), &no_env).unwrap_err().to_string();
        assert!(refused.contains("can be read or changed by others") && refused.contains(&format!("run chmod 600 '{}'", secret.display())), "{refused}");
        assert!(!refused.contains("CANARY"));
    }
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(connect(&text, dir.path(), &no_env).unwrap().as_deref(), Some("CANARY-pw-7f3a"));
    fs::write(&secret, "CANARY-pw-7f3a\nsecond line\n").unwrap();
    let two = connect(&text, dir.path(), &no_env).unwrap_err().to_string();
    assert!(two.contains("more than one line") && !two.contains("CANARY"), "{two}");
    fs::remove_file(&secret).unwrap();
    assert!(connect(&text, dir.path(), &no_env).unwrap_err().to_string().contains("cannot be read: entity not found"));
}

#[test]
fn a_secret_command_runs_without_a_shell_or_input() {
    let dir = tempfile::tempdir().unwrap();
    let command = |argv: &str| with("{ env = \"APP_DB_PASSWORD\" }", &format!("{{ command = {argv} }}"));
    let fetched = |argv: &str| connect(&command(argv), dir.path(), &no_env);
    assert_eq!(fetched("[\"/bin/echo\", \"a b; echo $HOME\"]").unwrap().as_deref(), Some("a b; echo $HOME"));
    // Without input `cat` ends at once, and gives nothing.
    assert!(fetched("[\"cat\"]").unwrap_err().to_string().contains("[source] password: source gives nothing"));
    assert!(fetched("[\"false\"]").unwrap_err().to_string().contains("command false failed: exit status: 1"));
    assert!(fetched("[\"./nowhere\"]").unwrap_err().to_string().contains("command ./nowhere cannot be started: entity not found"));
    assert!(fetched("[\"head\", \"-c\", \"20000\", \"/dev/zero\"]").unwrap_err().to_string().contains("more than 16 KiB"));
    assert!(fetched("[\"sh\", \"-c\", \"sleep 3 & echo x\"]").unwrap_err().to_string().contains("left its output open"));
    fs::write(dir.path().join("give.sh"), "#!/bin/sh\nprintf CANARY-pw-7f3a\n").unwrap();
    fs::set_permissions(dir.path().join("give.sh"), fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!(fetched("[\"./give.sh\"]").unwrap().as_deref(), Some("CANARY-pw-7f3a"), "a relative program is found beside the configuration");
}

#[test]
fn tls_is_verified_unless_the_host_is_local() {
    let tls = |text: &str| match load(text).unwrap().source.connection(&|_| Some("x".to_owned())).unwrap() {
        Connection::Postgres(postgres) => postgres.tls,
        Connection::Sqlite(_) => panic!("kind"),
    };
    assert_eq!(tls(BASE), TlsMode::VerifyFull);
    for host in ["localhost", "127.0.0.1", "::1", "/var/run/postgresql"] {
        assert_eq!(tls(&with("db.internal", host)), TlsMode::Off);
        assert_eq!(tls(&with("\"db.internal\"", &format!("\"{host}\"\ntls = \"verify-full\""))), TlsMode::VerifyFull);
    }
}

#[test]
fn every_word_of_every_choice_is_understood() {
    for key in config::keys::SIDE.iter().filter(|k| k.name != "kind") {
        let config::keys::Shape::OneOf(words) = key.shape else { continue };
        for word in words {
            let line = format!("{} = \"{word}\"", key.name);
            let kept: String = BASE.lines().filter(|l| !l.starts_with(&format!("{} =", key.name))).map(|l| format!("{l}\n")).collect();
            let both = kept.replacen("[source.queries]", &format!("{line}\n[source.queries]"), 1).replacen("[target.queries]", &format!("{line}\n[target.queries]"), 1);
            // The target is an SQLite file and has no TLS; off is not for a remote host.
            let text = if key.name == "tls" { with("db.internal", "/run/pg").replacen("[source.queries]", &format!("{line}\n[source.queries]"), 1) } else { both };
            assert!(load(&text).is_ok(), "{line}: {}", load(&text).unwrap_err());
        }
    }
}

#[test]
fn the_template_loads_as_it_is_and_with_every_option_uncommented() {
    let template = config::template();
    load(template).unwrap();
    let option = |line: &str| line.starts_with('#') && line[1..].starts_with(|c: char| c.is_ascii_lowercase());
    let all: String = template.lines().map(|line| format!("{}\n", if option(line) { &line[1..] } else { line })).collect();
    load(&all).unwrap_or_else(|problems| panic!("{problems}"));
    for key in [config::keys::SERVICE, config::keys::LIMITS, config::keys::SIDE, config::keys::OPERATOR].concat() {
        let written = all.lines().any(|l| l.starts_with(&format!("{} =", key.name)));
        // An SQLite side's path is shown in a sentence; queries is a section.
        assert!(written || ["path", "queries"].contains(&key.name), "{}", key.name);
    }
}

#[test]
fn defaults_written_out_are_the_defaults() {
    let template = config::template();
    let option = |line: &str| line.starts_with('#') && line[1..].starts_with(|c: char| c.is_ascii_lowercase());
    // No default can be written for these: absent means refused, or none, or the usual words.
    let without = ["naive_timestamps", "inactive", "password", "root_cert", "ssh_principal", "tls"];
    let all: String = template
        .lines()
        .map(|line| if option(line) && !without.iter().any(|k| line[1..].starts_with(k)) { format!("{}\n", &line[1..]) } else { format!("{line}\n") })
        .collect();
    assert_ne!(all, template);
    assert_eq!(load(&all).unwrap().digest, load(template).unwrap().digest);
}

#[test]
fn the_schema_knows_every_key() {
    let schema = config::schema();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    let properties = &schema["properties"];
    let sections = [("service", config::keys::SERVICE), ("limits", config::keys::LIMITS), ("source", config::keys::SIDE), ("target", config::keys::SIDE)];
    for (name, keys) in sections {
        let section = &properties[name];
        assert_eq!(section["additionalProperties"], false);
        for key in keys {
            assert!(section["properties"][key.name]["description"].is_string(), "{name}.{}", key.name);
            assert_eq!(section["required"].as_array().unwrap().iter().any(|r| r == key.name), key.required);
        }
        assert_eq!(section["properties"].as_object().unwrap().len(), keys.len());
    }
    assert!(properties["operators"]["items"]["properties"]["ssh_principal"].is_object());
    let entities = properties["target"]["properties"]["queries"]["properties"].as_object().unwrap();
    assert_eq!(entities.len(), Entity::ALL.len());
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
    assert!(config::load(folder.path()).unwrap_err().to_string().contains("not a regular file"));
    let deep = load(&format!("a = {}", "[".repeat(100_000))).unwrap_err();
    assert!(!deep.all().is_empty() && deep.all().len() < 30);
}

#[test]
fn operators_are_found_as_people_are_told_apart() {
    let settings = load(&format!("{BASE}\n[[operators]]\nid = \"Ana\"\nroles = [\"finance\"]")).unwrap();
    let ana = settings.operator(" ＡＮＡ ").unwrap();
    assert_eq!((ana.id.as_str(), ana.name.as_str(), ana.roles.as_slice()), ("Ana", "Ana", ["finance".to_owned()].as_slice()));
    assert!(settings.operator("anna").is_none());
}

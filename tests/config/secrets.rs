//! Where a side's password comes from, and that it is in no message.

use super::{BASE, load, with};
use dualrun::config::{self, Problems};
use dualrun::ports::connection::Connection;
use secrecy::ExposeSecret as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

fn no_env(_: &str) -> Option<String> {
    None
}

fn connect(text: &str, dir: &Path, env: &dyn Fn(&str) -> Option<String>) -> Result<Option<String>, Problems> {
    fs::write(dir.join("dualrun.toml"), text).unwrap();
    match config::load(dir)?.source.connection(env)? {
        Connection::Postgres(postgres) => {
            assert!(!format!("{postgres:?}").contains("CANARY"));
            Ok(postgres.password.map(|p| p.expose_secret().to_owned()))
        }
        Connection::MariaDb(_) | Connection::Sqlite(_) => Ok(None),
    }
}

#[test]
fn a_secret_comes_from_the_environment_only_when_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let set = |name: &str| (name == "APP_DB_PASSWORD").then(|| "CANARY-pw-7f3a".to_owned());
    assert_eq!(connect(BASE, dir.path(), &set).unwrap().as_deref(), Some("CANARY-pw-7f3a"));
    let unset = connect(BASE, dir.path(), &no_env).unwrap_err().to_string();
    assert!(
        unset.ends_with(
            "dualrun.toml:11:20: [source] password: environment variable APP_DB_PASSWORD is not set — set APP_DB_PASSWORD, or name another source"
        ),
        "{unset}"
    );
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
        assert!(
            refused.contains("can be read or changed by others") && refused.contains(&format!("run chmod 600 '{}'", secret.display())),
            "{refused}"
        );
        assert!(!refused.contains("CANARY"));
    }
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(connect(&text, dir.path(), &no_env).unwrap().as_deref(), Some("CANARY-pw-7f3a"));
    fs::write(&secret, "CANARY-pw-7f3a\nsecond line\n").unwrap();
    let two = connect(&text, dir.path(), &no_env).unwrap_err().to_string();
    assert!(two.contains("more than one line") && !two.contains("CANARY"), "{two}");
    fs::remove_file(&secret).unwrap();
    assert!(connect(&text, dir.path(), &no_env).unwrap_err().to_string().contains("cannot be read: there is no such file"));
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
    assert!(fetched("[\"./nowhere\"]").unwrap_err().to_string().contains("command ./nowhere cannot be started: there is no such file"));
    assert!(fetched("[\"head\", \"-c\", \"20000\", \"/dev/zero\"]").unwrap_err().to_string().contains("more than 16 KiB"));
    assert!(fetched("[\"sh\", \"-c\", \"sleep 3 & echo x\"]").unwrap_err().to_string().contains("left its output open"));
    fs::write(dir.path().join("give.sh"), "#!/bin/sh\nprintf CANARY-pw-7f3a\n").unwrap();
    fs::set_permissions(dir.path().join("give.sh"), fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!(fetched("[\"./give.sh\"]").unwrap().as_deref(), Some("CANARY-pw-7f3a"), "a relative program is found beside the configuration");
}

//! A project with a runbook, four people and their keys, reconciled; its checks are made as an adapter makes them.

use crate::ssh_keygen::key;
use crate::stated::stated;
use dualrun::adapters::clock::SystemClock;
use dualrun::adapters::workspace::Door;
use dualrun::config::{Settings, load};
use dualrun::domain::gate::{GateAct, Outcome};
use dualrun::ports::workspace::WorkspaceDoor as _;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

const RUNBOOK: &str = r#"
name = "Cutover"

[[stage]]
id = "told"
title = "Everybody was told"
signature = "attested"
[[stage.check]]
id = "mail"
title = "The mail is out"
kind = "manual"
statement = "The mail is out"

[[stage]]
id = "agree"
title = "Both systems agree"
requires = ["every row matches or is waived"]
signers = ["finance", "engineering"]

[[stage.check]]
id = "restored"
title = "The backup was restored"
kind = "manual"
statement = "The backup was restored on another machine"

[[stage.check]]
id = "seen"
title = "Somebody looked"
kind = "manual"
statement = "Somebody looked"
observe_only = true
"#;

const PEOPLE: &str = r#"
[[operators]]
id = "ana"
roles = ["finance"]
ssh_principal = "ana@x"
[[operators]]
id = "ben"
roles = ["engineering"]
ssh_principal = "ben@x"
[[operators]]
id = "cyd"
roles = ["finance", "engineering"]
ssh_principal = "cyd@x"
[[operators]]
id = "dot"
roles = ["finance", "engineering"]
"#;

pub struct Signing {
    dir: TempDir,
}

impl Signing {
    /// Built, reconciled by `cron`, and every check made.
    pub async fn built() -> Self {
        let signing = Self { dir: tempfile::tempdir().unwrap() };
        let project = signing.dir();
        let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/books/specimen");
        let (code, _, err) = signing.run("ana", &["demo", "--setup-only", "--dir", project.to_str().unwrap(), "--book", book.to_str().unwrap()]);
        assert_eq!(code, 0, "{err}");
        let config = project.join("dualrun.toml");
        let text = std::fs::read_to_string(&config).unwrap();
        std::fs::write(&config, text + PEOPLE).unwrap();
        std::fs::write(project.join("runbook.toml"), RUNBOOK).unwrap();
        let keys = project.join("keys");
        std::fs::create_dir(&keys).unwrap();
        let lines: Vec<String> = ["ana", "ben", "cyd"].map(|who| format!("{who}@x {}", key(&keys, who, "ed25519", "").1)).into();
        std::fs::write(project.join("allowed_signers"), lines.join("\n")).unwrap();
        assert_eq!(signing.run("cron", &["reconcile", "--period", "2026-05"]).0, 1);
        for (stage, check) in [("told", "mail"), ("agree", "restored"), ("agree", "seen")] {
            signing.observe(stage, check, Outcome::Pass, "stated").await;
        }
        signing
    }

    /// The same, its first stage signed by names, so that the second can be signed. Acts are six by then, with evidence that says the same.
    pub async fn built_to_agree() -> Self {
        let signing = Self::built().await;
        signing.sign_told();
        signing.observe("agree", "seen", Outcome::Pass, "stated").await;
        signing
    }

    /// Signs the first stage by names; once more where the keys changed, for who signed before did not know of that.
    pub fn sign_told(&self) {
        for who in ["dot", "cyd"] {
            let (code, out, err) = self.run(who, &["sign", "told", "--yes", "--attested"]);
            assert_eq!(code, 0, "{out}{err}");
        }
    }

    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    pub fn key(&self, who: &str) -> PathBuf {
        self.dir().join("keys").join(who)
    }

    pub fn settings(&self) -> Settings {
        load(self.dir()).unwrap_or_else(|e| panic!("{e}"))
    }

    pub fn door(&self) -> Door {
        Door::new(self.dir(), Arc::new(SystemClock))
    }

    /// Makes a check of the runbook's environment.
    pub async fn observe(&self, stage: &str, check: &str, outcome: Outcome, summary: &str) -> GateAct {
        let settings = self.settings();
        let writer = self.door().write("gates run", "cron", Duration::from_secs(30)).await.unwrap();
        writer.gate_act(&settings.service.service, "cron", &stated(&settings, (stage, check), outcome, summary), None).await.unwrap()
    }

    pub async fn acts(&self) -> Vec<GateAct> {
        self.door().read().await.unwrap().unwrap().gate_acts(&self.settings().service.service).await.unwrap()
    }

    pub fn command(&self, who: &str, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dualrun"));
        command.env_remove("DUALRUN_OPERATOR").env_remove("SSH_AUTH_SOCK").arg("-C").arg(self.dir()).args(["--as", who]).args(args);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub fn run(&self, who: &str, args: &[&str]) -> (i32, String, String) {
        let output = self.command(who, args).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
    }

    pub fn json(&self, who: &str, args: &[&str]) -> (i32, Value) {
        let (code, out, err) = self.run(who, &[args, &["--format", "json"]].concat());
        (code, serde_json::from_str(&out).unwrap_or_else(|e| panic!("{args:?}: {e}\n{out}\n{err}")))
    }

    /// Signs by the person's own key, unasked.
    pub fn sign(&self, who: &str, stage: &str, more: &[&str]) -> (i32, String, String) {
        let key = self.key(who);
        self.run(who, &[&["sign", stage, "--yes", "--key", key.to_str().unwrap()], more].concat())
    }
}

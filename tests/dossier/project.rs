//! A project with a runbook, people and their keys: reconciled, checked, decided on, signed by two; and dossiers of it.

use crate::ssh_keygen::{key, made};
use crate::stated::stated;
use dualrun::adapters::dossier_files::DossierFolder;
use dualrun::app::dossier::{NoDossier, Witnesses, verify};
use dualrun::app::gates::gated;
use dualrun::cli::{Wiring as _, gate_setup};
use dualrun::config::{Settings, load};
use dualrun::domain::dossier::{Manifest, Sealed, Verified};
use dualrun::domain::gate::{GateDeed, Outcome, Seal, SignOff};
use dualrun::ports::signer::Statement;
use dualrun::wire::Wire;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

const RUNBOOK: &str = r#"
name = "Cutover"

[[stage]]
id = "agree"
title = "Both systems agree"
signers = ["finance", "engineering"]

[[stage.check]]
id = "restored"
title = "The backup was restored"
kind = "manual"
statement = "The backup was restored on another machine"

[[stage]]
id = "told"
title = "Everybody was told"
[[stage.check]]
id = "mail"
title = "The mail is out"
kind = "manual"
statement = "The mail is out"
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
"#;

/// The built project.
pub struct Cutover {
    dir: TempDir,
}

impl Cutover {
    /// Reconciled for two months by `cron`; `agree` checked and signed by Ana and Ben, a row noted.
    pub async fn built() -> Self {
        let cutover = Self { dir: tempfile::tempdir().unwrap() };
        let dir = cutover.dir();
        let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/books/specimen");
        cutover.must(0, "ana", &["demo", "--setup-only", "--dir", dir.to_str().unwrap(), "--book", book.to_str().unwrap()]);
        let config = dir.join("dualrun.toml");
        fs::write(&config, fs::read_to_string(&config).unwrap() + PEOPLE).unwrap();
        fs::write(dir.join("runbook.toml"), RUNBOOK).unwrap();
        fs::create_dir(dir.join("keys")).unwrap();
        let lines: Vec<String> = ["ana", "ben"].map(|who| format!("{who}@x {}\n", key(&dir.join("keys"), who, "ed25519", "").1)).into();
        fs::write(dir.join("allowed_signers"), lines.concat()).unwrap();
        cutover.must(1, "cron", &["reconcile", "--period", "2026-04"]);
        cutover.must(1, "cron", &["reconcile", "--period", "2026-05"]);
        cutover.must(0, "ben", &["note", "sub-1108", "--period", "2026-05", "the coupon was agreed"]);
        cutover.observe("agree", "restored").await;
        cutover.sign("ana", "finance").await;
        cutover.sign("ben", "engineering").await;
        cutover
    }

    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    pub fn settings(&self) -> Settings {
        load(self.dir()).unwrap_or_else(|e| panic!("{e}"))
    }

    pub fn run(&self, who: &str, args: &[&str]) -> (i32, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dualrun"));
        command.env_remove("DUALRUN_OPERATOR").env_remove("SSH_AUTH_SOCK").arg("-C").arg(self.dir()).args(["--as", who]).args(args);
        let output = command.stdin(Stdio::null()).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
    }

    pub fn must(&self, code: i32, who: &str, args: &[&str]) -> String {
        let (found, out, err) = self.run(who, args);
        assert_eq!(found, code, "{args:?}\n{out}\n{err}");
        out
    }

    pub async fn act(&self, who: &str, deed: GateDeed) -> i64 {
        let writer = Wire::default().door(self.dir()).write("test", who, Duration::from_secs(30)).await.unwrap();
        writer.gate_act(&self.settings().service.service, who, &deed, None).await.unwrap().id
    }

    async fn observe(&self, stage: &str, check: &str) {
        let settings = self.settings();
        self.act("cron", stated(&settings, (stage, check), Outcome::Pass, "stated")).await;
    }

    /// Signs `agree` as its binding is now, with the person's key, as `ssh-keygen` does.
    async fn sign(&self, who: &str, role: &str) {
        let (settings, wire) = (self.settings(), Wire::default());
        let service = settings.service.service.clone();
        let binding = {
            let store = wire.door(self.dir()).read().await.unwrap().unwrap();
            let run = store.current_runs().await.unwrap().pop();
            let (setup, outside) = (gate_setup(&settings), wire.outside(&settings));
            let now = wire.clock().now();
            let gated = gated(store.as_ref(), &service, (&setup, outside.as_ref()), run.as_ref(), now).await.unwrap().unwrap();
            gated.standing.stage("agree").unwrap().binding.clone()
        };
        let (stage, environment, role) = ("agree".into(), "production".into(), role.into());
        let mut sign = SignOff { stage, environment, role, binding, seal: Seal::Attested };
        let (message, principal) = (sign.message(&service, who), format!("{who}@x"));
        let signature = made(&self.dir().join("keys").join(who), SignOff::NAMESPACE, &message, &[]);
        let statement = Statement { principal: &principal, namespace: SignOff::NAMESPACE, message: &message, at: wire.clock().now() };
        let fingerprint = wire.verifier(&settings.allowed_signers).verify(&statement, &signature).unwrap();
        sign.seal = Seal::Ssh { principal, fingerprint, signature };
        self.act(who, GateDeed::Sign(Box::new(sign))).await;
    }

    /// Writes a dossier.
    pub fn dossier(&self) -> Dossier {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("evidence");
        let said = self.must(0, "ana", &["report", "dossier", "--out", path.to_str().unwrap()]);
        assert!(said.contains("dossier in "), "{said}");
        Dossier { _dir: dir, path }
    }
}

/// A dossier in a folder of its own.
pub struct Dossier {
    _dir: TempDir,
    pub path: PathBuf,
}

impl Dossier {
    /// Another of the same bytes.
    pub fn copy(&self) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("evidence");
        for name in self.names() {
            let to = path.join(&name);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(self.path.join(&name), to).unwrap();
        }
        Self { _dir: dir, path }
    }

    /// Every file's name.
    pub fn names(&self) -> Vec<String> {
        fn walk(top: &Path, dir: &Path, names: &mut Vec<String>) {
            for entry in fs::read_dir(dir).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(top, &path, names);
                } else {
                    names.push(path.strip_prefix(top).unwrap().to_str().unwrap().to_owned());
                }
            }
        }
        let mut names = Vec::new();
        walk(&self.path, &self.path, &mut names);
        names.sort();
        names
    }

    pub fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path.join(name)).unwrap()
    }

    pub fn put(&self, name: &str, text: &str) {
        fs::write(self.path.join(name), text).unwrap();
    }

    /// Changes a JSON file.
    pub fn change(&self, name: &str, change: impl FnOnce(&mut Value)) {
        let mut value: Value = serde_json::from_str(&self.text(name)).unwrap();
        change(&mut value);
        self.put(name, &(serde_json::to_string_pretty(&value).unwrap() + "\n"));
    }

    /// Changes the first line of a file that `change` says it changed.
    pub fn change_line(&self, name: &str, mut change: impl FnMut(&mut Value) -> bool) {
        let text = self.text(name);
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let changed = lines.iter_mut().any(|line| {
            let mut value: Value = serde_json::from_str(line).unwrap();
            let is_it = change(&mut value);
            if is_it {
                *line = value.to_string();
            }
            is_it
        });
        assert!(changed, "no line of {name} was changed:\n{text}");
        self.put(name, &(lines.join("\n") + "\n"));
    }

    /// Keeps the lines of a file whose place, of so many, is wanted.
    pub fn keep_lines(&self, name: &str, wanted: impl Fn(usize, usize) -> bool) {
        let text = self.text(name);
        let of = text.lines().count();
        let kept: Vec<&str> = text.split_inclusive('\n').enumerate().filter(|(at, _)| wanted(*at, of)).map(|(_, line)| line).collect();
        self.put(name, &kept.concat());
    }

    /// Makes a manifest that is right for the files as they are: whoever holds a dossier can do that.
    pub fn reseal(&self) {
        let mut manifest: Manifest = serde_json::from_str(&self.text("manifest.json")).unwrap();
        manifest.files = self.names().into_iter().filter(|name| name != "manifest.json").map(|name| self.sealed(name)).collect();
        manifest.digest = manifest.digest_of_all();
        self.put("manifest.json", &manifest.text().unwrap());
    }

    fn sealed(&self, name: String) -> Sealed {
        let bytes = fs::read(self.path.join(&name)).unwrap();
        Sealed { name, bytes: bytes.len() as u64, blake3: blake3::hash(&bytes).to_hex().to_string() }
    }

    /// Verifies it by its own keys.
    pub fn verified(&self) -> Result<Verified, NoDossier> {
        let keys = Wire::default().verifier(&self.path.join("allowed_signers"));
        verify(&DossierFolder::new(self.path.clone()), &Witnesses { keys: keys.as_ref(), heads: &[] })
    }

    /// What does not hold, a line each.
    pub fn complaints(&self) -> Vec<String> {
        self.verified().unwrap().complaints.into_iter().map(|c| format!("{}: {}", c.place, c.what)).collect()
    }
}

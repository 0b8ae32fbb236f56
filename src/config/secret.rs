//! Where a secret comes from, and fetching it at the moment it is needed. The secret itself is never in the file,
//! never an argument of a program, and never in a message: problems name the key and the place it should come from.

use super::document::{At, Findings, io_words, open_regular};
use super::keys::SECRET;
use super::nearest::nearest;
use super::problem::Problem;
use super::section::Value;
use super::shape::kind_of;
use crate::domain::text::shown;
use secrecy::SecretString;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use toml::de::DeValue;
use zeroize::Zeroizing;

/// Longer values are no password.
pub(super) const MAX_SECRET_BYTES: u64 = 16 << 10;

/// Where a secret comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SecretSource {
    /// An environment variable.
    Env(String),
    /// A file nobody else can read.
    File(PathBuf),
    /// A program that prints it: its arguments as a list, no shell.
    Command(Vec<String>),
}

/// A secret that can be fetched.
#[derive(Debug, Clone)]
pub struct Secret {
    source: SecretSource,
    at: At,
    /// As messages name it: `[source] password`.
    name: String,
    dir: PathBuf,
}

const FORMS: &str =
    "write password = { env = \"APP_DB_PASSWORD\" }, { file = \"secret.txt\" } or { command = [\"/usr/bin/pass\", \"show\", \"app\"] }";

impl Secret {
    /// Reads `{ env | file | command }`. A file that others can read is a finding already now.
    pub(super) fn parsed(value: &Value<'_>, name: String, dir: &Path, findings: &mut Findings<'_>) -> Option<Self> {
        let Some(table) = value.get_ref().as_table() else {
            findings.at(&value.span(), format!("{name} is {} where its source belongs", kind_of(value)), FORMS);
            return None;
        };
        for (key, _) in table {
            if !SECRET.contains(&key.get_ref().as_ref()) {
                let instead = nearest(key.get_ref(), SECRET).map_or_else(|| FORMS.to_owned(), |near| format!("write {near}"));
                findings.at(&key.span(), format!("unknown key \"{}\" in {name}", shown(key.get_ref(), 40)), instead);
            }
        }
        let given: Vec<(&str, &Value<'_>)> = SECRET.into_iter().filter_map(|k| Some((k, table.get(k)?))).collect();
        let [(key, inner)] = given.as_slice() else {
            findings.at(&value.span(), format!("{name} does not name exactly one source"), FORMS);
            return None;
        };
        let source = source_of(key, inner, &name, dir, findings)?;
        let secret = Self { source, at: findings.place(&inner.span()), name, dir: dir.to_path_buf() };
        if let SecretSource::File(path) = &secret.source
            && path.exists()
            && let Err(problem) = secret.open_private(path)
        {
            findings.push(problem);
        }
        Some(secret)
    }

    /// Fetches it. May wait up to ten seconds for a command. The problem names the key only.
    pub(super) fn fetch(&self, env: &dyn Fn(&str) -> Option<String>) -> Result<SecretString, Problem> {
        let bytes = match &self.source {
            SecretSource::Env(variable) => {
                let unset = || self.problem(format!("environment variable {variable} is not set"), format!("set {variable}, or name another source"));
                Zeroizing::new(env(variable).ok_or_else(unset)?.into_bytes())
            }
            SecretSource::File(path) => {
                let mut bytes = Zeroizing::new(Vec::new());
                let read = self.open_private(path)?.take(MAX_SECRET_BYTES + 1).read_to_end(&mut bytes);
                read.map_err(|e| self.problem(format!("file {} cannot be read: {}", shown_path(path), io_words(&e)), "check its path and owner"))?;
                bytes
            }
            SecretSource::Command(argv) => super::secret_command::output(argv, &self.dir).map_err(|(what, instead)| self.problem(what, instead))?,
        };
        self.taken(&bytes)
    }

    /// The one line of what was fetched.
    fn taken(&self, bytes: &[u8]) -> Result<SecretString, Problem> {
        if bytes.len() as u64 > MAX_SECRET_BYTES {
            return Err(self.problem("source gives more than 16 KiB", "let it give the password alone"));
        }
        let text =
            std::str::from_utf8(bytes).map_err(|_| self.problem("source gives text that is not UTF-8", "let it give the password as UTF-8"))?;
        let line = text.strip_suffix('\n').unwrap_or(text);
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.is_empty() {
            return Err(self.problem("source gives nothing", "let it give the password"));
        }
        if line.contains(['\n', '\r', '\0']) {
            return Err(self.problem("source gives more than one line", "let it give the password alone, on one line"));
        }
        Ok(SecretString::from(line.to_owned()))
    }

    /// Opens a secret's file; its mode is read from the open file, so it cannot be exchanged in between.
    fn open_private(&self, path: &Path) -> Result<std::fs::File, Problem> {
        let failed =
            |e: std::io::Error| self.problem(format!("file {} cannot be read: {}", shown_path(path), io_words(&e)), "check its path and owner");
        let file = open_regular(path).map_err(failed)?;
        let mode = file.metadata().map_err(failed)?.mode() & 0o777;
        if mode & 0o077 != 0 {
            let what = format!("file {} can be read or changed by others (mode {mode:04o})", shown_path(path));
            return Err(self.problem(what, format!("run chmod 600 {}, and change the secret if others had access", shell_word(path))));
        }
        Ok(file)
    }

    fn problem(&self, what: impl std::fmt::Display, instead: impl Into<String>) -> Problem {
        self.at.problem(format!("{}: {what}", self.name), instead)
    }
}

fn source_of(key: &str, value: &Value<'_>, name: &str, dir: &Path, findings: &mut Findings<'_>) -> Option<SecretSource> {
    match (key, value.get_ref()) {
        ("env", DeValue::String(variable)) if is_variable(variable) => return Some(SecretSource::Env(variable.to_string())),
        // The value is not repeated: somebody may have written the secret itself here.
        ("env", _) => findings.at(
            &value.span(),
            format!("{name} env is not the name of an environment variable"),
            "write capitals, digits and underscores: { env = \"APP_DB_PASSWORD\" }",
        ),
        ("file", DeValue::String(path)) if is_path(path) => return Some(SecretSource::File(dir.join(path.as_ref()))),
        ("file", _) => findings.at(&value.span(), format!("{name} file is no path"), "write { file = \"secret.txt\" }"),
        _ => match argv(value) {
            Some(argv) => return Some(SecretSource::Command(argv)),
            None => findings.at(
                &value.span(),
                format!("{name} command is not a list of arguments; no shell is used"),
                "write { command = [\"/usr/bin/pass\", \"show\", \"app\"] }",
            ),
        },
    }
    None
}

fn argv(value: &Value<'_>) -> Option<Vec<String>> {
    let list = value.get_ref().as_array()?;
    let argv: Vec<String> = list.iter().filter_map(|item| item.get_ref().as_str().filter(|a| !a.contains('\0')).map(str::to_owned)).collect();
    (argv.len() == list.iter().count() && argv.first().is_some_and(|program| is_path(program))).then_some(argv)
}

pub(super) fn is_variable(name: &str) -> bool {
    let upper = |b: u8| b.is_ascii_uppercase() || b == b'_';
    name.bytes().next().is_some_and(upper) && name.bytes().all(|b| upper(b) || b.is_ascii_digit())
}

pub(super) fn is_path(text: &str) -> bool {
    !text.trim().is_empty() && !text.contains('\0')
}

/// A path for a message.
pub(super) fn shown_path(path: &Path) -> String {
    let text = path.to_string_lossy();
    shown(text.strip_prefix("./").unwrap_or(&text), 200)
}

/// A path as one word of a shell command that can be copied.
fn shell_word(path: &Path) -> String {
    let text = shown_path(path);
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@".contains(c);
    if text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

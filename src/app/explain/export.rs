//! Golden cases: each rating of a row as a file that stands for itself, to be replayed by whoever repairs the catalogue.

use crate::app::error::AppError;
use crate::cases::{self, RatingCase};
use crate::domain::explanation::{Certainty, Explanation, Hypothesis};
use crate::domain::money::Money;
use crate::domain::profile::ServiceProfile;
use crate::domain::row::{ReconRow, Subject};
use crate::domain::text::shown;
use crate::domain::verdict::Basis;
use crate::ports::workspace::RowDetail;
use crate::rating::rate;
use serde_json::Value;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// Characters of a key in a file's name, at most.
const LONGEST: usize = 80;

/// A case, and the name of its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Golden {
    /// A plain name that ends in `.json`, whatever the key is made of.
    pub name: String,
    /// The case.
    pub case: Value,
}

/// Why a case was not written.
#[derive(Debug, thiserror::Error)]
pub enum NotKept {
    /// There is another one.
    #[error("{path} is there already and says something else — compare the two, move it, or write over it (explain ID --export DIR --force)")]
    Differs {
        /// Where.
        path: String,
    },
    /// The folder or the file would not be read or written.
    #[error("{path}: {error} — name a folder this user may write; what was there before is as it was")]
    Io {
        /// Where.
        path: String,
        /// What the system says.
        error: io::Error,
    },
}

/// The ratings of a row as cases, with what was billed instead and, where it is confirmed, why. Each was replayed before it is
/// handed out: a case that does not hold on the day it is made would hold nothing.
pub fn golden(detail: &RowDetail, told: Option<&Explanation>, profile: &ServiceProfile) -> Result<Vec<Golden>, AppError> {
    let row = &detail.row;
    let key = row.key.shown(60);
    if row.inputs.is_empty() {
        let why = row.why.as_deref().map_or_else(|| row.verdict.word().to_owned(), |why| shown(why, 200));
        return Err(AppError::Usage(format!("{key} of {} has no rating, so there is nothing to replay ({why})", row.period)));
    }
    let of = row.inputs.len();
    let mut rated = None;
    let mut all = Vec::new();
    for (at, (inputs, terms)) in row.inputs.iter().zip(&detail.terms).enumerate() {
        let absent = || AppError::Usage(format!("{key}: the terms of plan {} are not kept — reconcile the month again", shown(&inputs.plan_id, 40)));
        let terms = terms.as_ref().ok_or_else(absent)?;
        let unrated = |error| AppError::Usage(format!("{key}: {error}"));
        let net = rate(inputs, terms, &profile.target).map_err(unrated)?.net;
        rated = rated.map_or(Some(net), |sum: Money| sum.plus(net));
        let billed = |money: Option<Money>| money.filter(|m| of == 1 && m.currency == terms.plan.currency);
        let nothing = row.delta.map(|delta| Money::zero(delta.currency));
        let case = RatingCase {
            id: format!("{} {}{}", row.key.raw(), row.period, numbered(" rating ", at, of)),
            source: format!("dualrun, {}, {}", profile.service, row.period),
            note: note(row, of),
            subscription: deployment(row, at, of),
            period: row.period,
            inputs,
            terms,
            profile: &profile.target,
            actual: billed(row.actual.or(nothing)),
            actual_tax: billed(row.actual_tax),
            cause: told.and_then(confirmed).filter(|_| of == 1),
        };
        let name = format!("{}-{}{}.json", file_name(row.key.raw()), row.period, numbered(".", at, of));
        all.push(Golden { name, case: held(&key, case.to_value().map_err(unrated)?)? });
    }
    match (row.rated, rated) {
        (Some(then), Some(now)) if then != now => Err(AppError::Changed(format!(
            "{key} was rated {then} in its run and is {now} by the present configuration — reconcile the month again, then export"
        ))),
        _ => Ok(all),
    }
}

/// A case that replays as what it says. Numbers longer than a file of cases may hold are the one way not to.
fn held(key: &str, case: Value) -> Result<Value, AppError> {
    let told = |why: String| AppError::Usage(format!("{key} cannot be replayed from a file: {why}"));
    let outcome = cases::run(&cases::read(&case.to_string()).map_err(|e| told(e.to_string()))?);
    match outcome.fail.into_iter().next() {
        _ if outcome.total == outcome.hold => Ok(case),
        Some(failure) => Err(told(failure.why.unwrap_or_else(|| format!("it comes to {}", failure.got)))),
        None => Err(told("its operation is not known".to_owned())),
    }
}

fn confirmed(told: &Explanation) -> Option<&Hypothesis> {
    told.hypotheses.first().filter(|_| told.certainty == Certainty::Confirmed)
}

/// Which of several it is; nothing where there is one.
fn numbered(before: &str, at: usize, of: usize) -> String {
    if of == 1 { String::new() } else { format!("{before}{}", at + 1) }
}

/// The subscription of a rating, where it can be told: an order's ratings are those of its deployments that are due.
fn deployment(row: &ReconRow, at: usize, of: usize) -> &str {
    row.deployments.get(at).filter(|_| row.deployments.len() == of).unwrap_or(&row.key).raw()
}

fn note(row: &ReconRow, of: usize) -> Option<String> {
    if of > 1 {
        return Some(format!("one of {of} ratings of an order: what was billed does not split by them"));
    }
    let drafted = row.drafted.filter(|drafted| row.basis == Some(Basis::Draft) && row.rated != Some(*drafted))?;
    let whose = if row.subject == Subject::Order { "the order" } else { "it" };
    Some(format!("the target's own document for {whose} comes to {drafted}"))
}

/// A key as part of a file's name: letters, digits, `.`, `_` and `-` of ASCII as they are. Whatever else it holds, and one that is
/// long or begins with a sign, is cut to those and told apart by a digest, so that no two keys share a file.
fn file_name(key: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if key.len() <= LONGEST && key.chars().all(plain) && key.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return key.to_owned();
    }
    let safe: String = key.chars().map(|c| if plain(c) { c } else { '_' }).take(LONGEST / 2).collect();
    let digest = blake3::hash(key.as_bytes()).to_hex();
    format!("{}-{}", safe.trim_start_matches(['.', '-', '_']), &digest[..12]).trim_start_matches('-').to_owned()
}

/// Writes files into a folder, each whole or not at all, and says where they are. One that is there and says the same stays as it
/// is; one that says something else is only written over with `force`, and else nothing is written.
pub fn keep(dir: &Path, files: &[(String, String)], force: bool) -> Result<Vec<PathBuf>, NotKept> {
    let failed = |path: &Path, error: io::Error| NotKept::Io { path: shown(&path.to_string_lossy(), 200), error };
    fs::create_dir_all(dir).map_err(|e| failed(dir, e))?;
    let mut wanted = Vec::new();
    let mut paths = Vec::new();
    for (name, text) in files {
        let path = dir.join(name);
        match says(&path, text).map_err(|e| failed(&path, e))? {
            Some(true) => {}
            Some(false) if !force => return Err(NotKept::Differs { path: shown(&path.to_string_lossy(), 200) }),
            _ => wanted.push((path.clone(), text)),
        }
        paths.push(path);
    }
    for (path, text) in wanted {
        write(dir, &path, text, force).map_err(|e| failed(&path, e))?;
    }
    Ok(paths)
}

/// Whether a file says just that; `None` where there is none.
fn says(path: &Path, text: &str) -> io::Result<Option<bool>> {
    match fs::symlink_metadata(path) {
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
        Ok(meta) if !meta.is_file() => Err(io::Error::new(ErrorKind::AlreadyExists, "is there, and is no plain file")),
        Ok(meta) => Ok(Some(meta.len() == text.len() as u64 && fs::read(path)? == text.as_bytes())),
    }
}

fn write(dir: &Path, path: &Path, text: &str, force: bool) -> io::Result<()> {
    let mut temporary = tempfile::Builder::new().prefix(".dualrun-").suffix(".tmp").tempfile_in(dir)?;
    temporary.write_all(text.as_bytes())?;
    temporary.as_file().sync_all()?;
    if force {
        temporary.persist(path).map_err(|e| e.error)?;
    } else {
        temporary.persist_noclobber(path).map_err(|e| e.error)?;
    }
    File::open(dir)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_leaves_the_folder_and_no_two_share_a_file() {
        let long = "x".repeat(300);
        let longer = "x".repeat(301);
        let keys =
            ["sub-1", "../../etc/passwd", "/etc/passwd", "..", ".", "-rf", "a/b", "a_b", "a\0b", "a\u{202e}b", "日本", "con:", &long, &longer, " "];
        let names: std::collections::BTreeSet<String> = keys.iter().map(|key| file_name(key)).collect();
        assert_eq!(names.len(), keys.len());
        for name in &names {
            assert!(name.len() <= LONGEST && name.starts_with(|c: char| c.is_ascii_alphanumeric()), "{name}");
            assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)), "{name}");
        }
        assert!(names.contains("sub-1") && names.contains("a_b"));
    }

    #[test]
    fn a_file_that_says_something_else_stays() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("cases/of/may");
        let file = |text: &str| vec![("a.json".to_owned(), text.to_owned())];
        let said = || fs::read_to_string(folder.join("a.json")).unwrap();
        assert_eq!(keep(&folder, &file("1"), false).unwrap(), [folder.join("a.json")]);
        keep(&folder, &file("1"), false).unwrap();
        let both = vec![("b.json".to_owned(), "b".to_owned()), ("a.json".to_owned(), "2".to_owned())];
        assert!(matches!(keep(&folder, &both, false), Err(NotKept::Differs { .. })));
        assert_eq!((said().as_str(), folder.join("b.json").exists()), ("1", false));
        keep(&folder, &file("2"), true).unwrap();
        assert_eq!((said().as_str(), fs::read_dir(&folder).unwrap().count()), ("2", 1));
        fs::create_dir(folder.join("c.json")).unwrap();
        assert!(matches!(keep(&folder, &[("c.json".to_owned(), String::new())], true), Err(NotKept::Io { .. })));
    }
}

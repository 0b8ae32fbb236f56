//! `audit verify`: walks the journal's hash chain, holds every act against it, and it against older reports.

use super::out;
use crate::app::audit::{Witness, verify_against};
use crate::cli::Exit;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::domain::text::shown;
use crate::ports::workspace::JournalHead;
use serde::Deserialize;
use serde_json::json;
use std::fs::File;
use std::io::{BufRead, BufReader, Seek as _};
use std::path::{Path, PathBuf};

/// What does not hold is the error.
pub async fn verify(context: &Context, against: &[PathBuf]) -> Result<Exit, CliError> {
    let settings = context.settings()?;
    let witnesses = against.iter().map(|path| witness(path)).collect::<Result<Vec<_>, _>>()?;
    let store = context.workspace(&settings.dir).await?;
    let head = verify_against(store.as_ref(), witnesses.clone()).await?;
    if context.json() {
        let proven = witnesses.iter().map(|w| json!({ "from": w.from, "length": w.head.length, "head": w.head.hash }));
        out::json(&json!({ "holds": true, "length": head.length, "head": head.hash, "against": proven.collect::<Vec<_>>() }))?;
    } else {
        let hint = "whoever holds the file could rebuild the whole chain: hold it against an older report with --against";
        let seen = |w: &Witness| format!("it still holds the {} entries that {} saw", w.head.length, w.from);
        let proof: Vec<String> = if witnesses.is_empty() { vec![hint.to_owned()] } else { witnesses.iter().map(seen).collect() };
        out::lines([format!("the journal holds: {} entries, head {}", head.length, head.hash)].into_iter().chain(proof))?;
    }
    Ok(Exit::Clean)
}

/// Where JSON of this program says the journal's head: beside a run, or of the audit itself.
#[derive(Deserialize)]
struct Said {
    journal: Option<SaidHead>,
    length: Option<i64>,
    head: Option<String>,
    #[serde(default)]
    runs: Vec<Run>,
}

/// A run among several.
#[derive(Deserialize)]
struct Run {
    journal: Option<SaidHead>,
}

#[derive(Deserialize)]
struct SaidHead {
    length: i64,
    head: String,
}

impl Said {
    fn head(self) -> Option<JournalHead> {
        let of = |said: SaidHead| (said.length, said.head);
        let runs = || self.runs.into_iter().filter_map(|run| run.journal).map(of).max();
        self.journal.map(of).or_else(|| self.length.zip(self.head)).or_else(runs).and_then(|(length, hash)| head(length, &hash))
    }
}

/// Reads the newest head a file of this program says.
pub(super) fn witness(path: &Path) -> Result<Witness, CliError> {
    let from = shown(&path.to_string_lossy(), 200);
    let failed = |e: std::io::Error| CliError::Usage(format!("--against {from}: {e} — name a report that dualrun wrote"));
    let mut file = File::open(path).map_err(failed)?;
    let said: Option<Said> = serde_json::from_reader(BufReader::new(&file)).ok();
    let mut head = said.and_then(Said::head);
    if head.is_none() {
        file.rewind().map_err(failed)?;
        head = in_lines(BufReader::new(&file)).map_err(failed)?;
    }
    let none = || CliError::Usage(format!("--against {from}: says no head of a journal — name a report that dualrun wrote"));
    head.map(|head| Witness { head, from: from.clone() }).ok_or_else(none)
}

/// `57:3f9a…` of CSV and JSON lines, `journal 57 entries, head 3f9a…` of words.
fn in_lines(mut lines: impl BufRead) -> std::io::Result<Option<JournalHead>> {
    let (mut newest, mut bytes): (Option<JournalHead>, Vec<u8>) = (None, Vec::new());
    while lines.read_until(b'\n', &mut bytes)? > 0 {
        let found = in_line(&String::from_utf8_lossy(&bytes));
        newest = newest.into_iter().chain(found).max_by_key(|head| head.length);
        bytes.clear();
    }
    Ok(newest)
}

/// A hash of 64 digits with its number before it.
fn in_line(line: &str) -> Option<JournalHead> {
    let words: Vec<&str> = line.split(|c: char| !c.is_ascii_alphanumeric() && c != ':').filter(|word| !word.is_empty()).collect();
    let compact = || words.iter().find_map(|word| word.split_once(':').and_then(|(length, hash)| head(length.parse().ok()?, hash)));
    let plain = || words.windows(4).find_map(|w| if w[1..3] == ["entries", "head"] { head(w[0].parse().ok()?, w[3]) } else { None });
    compact().or_else(plain)
}

fn head(length: i64, hash: &str) -> Option<JournalHead> {
    let is_hash = hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    (is_hash && length > 0).then(|| JournalHead { length, hash: hash.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_report_is_a_witness() {
        let hash = "3f".repeat(32);
        for text in [
            format!("run #1\njournal  57 entries, head {hash}\n"),
            format!("dualrun: journal 9 entries, head {}\ndualrun: journal 57 entries, head {hash}\n", "0".repeat(64)),
            format!("period,run,journal_head\r\n2026-05,1,57:{hash}\r\n"),
            format!("{{\"key\":\"s\",\"journal_head\":\"57:{hash}\"}}\n{{\"key\":\"t\",\"journal_head\":\"57:{hash}\"}}\n"),
            format!("{{\"run\":1,\"journal\":{{\"head\":\"{hash}\",\"length\":57}},\"row_list\":[{{}}]}}"),
            format!("{{\"runs\":[{{\"journal\":{{\"head\":\"{hash}\",\"length\":57}}}}]}}"),
            format!("{{\"holds\":true,\"length\":57,\"head\":\"{hash}\"}}"),
        ] {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("report");
            std::fs::write(&path, &text).unwrap();
            assert_eq!(witness(&path).unwrap_or_else(|e| panic!("{text}: {e}")).head, JournalHead { length: 57, hash: hash.clone() });
        }
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("x"), "no journal 57 entries, head 3f9a").unwrap();
        assert!(witness(&dir.path().join("x")).is_err() && witness(dir.path()).is_err());
    }
}

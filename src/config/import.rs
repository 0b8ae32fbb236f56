//! `[import]`: how records reach the target. dualrun never writes there itself.

use super::document::Findings;
use super::keys::IMPORT;
use super::section::{Section, Value};
use super::shape::duration;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What hands records over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoaderSettings {
    /// Records as JSON lines to a program.
    Command {
        /// The program and its arguments. A program with a slash is meant from the directory of `dualrun.toml`.
        argv: Vec<String>,
        /// Most records it gets at once.
        batch: usize,
        /// Longest it may take for them.
        timeout: Duration,
        /// Pause before a record is tried a second time.
        pause: Duration,
        /// Variables of the environment it gets, beside the usual few.
        env: Vec<String>,
    },
    /// Files to load by hand.
    Pack {
        /// The directory packs are made in.
        dir: PathBuf,
    },
}

const BATCH: usize = 100;
const TIMEOUT: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_secs(1);

/// Reads the section; `None` where it is not written, or wrong.
pub(super) fn import(value: Option<&Value<'_>>, dir: &Path, findings: &mut Findings<'_>) -> Option<LoaderSettings> {
    let section = Section::checked(value?, "[import]".to_owned(), IMPORT, findings)?;
    let loader = section.choose("loader", &[("command", true), ("pack", false)], None)?;
    let (command_only, pack_only) = (["program", "batch", "timeout", "pause", "env"], ["dir"]);
    let (foreign, kind): (&[&str], _) = if loader { (&pack_only, "command") } else { (&command_only, "pack") };
    for key in foreign.iter().filter(|k| section.names(k)) {
        let what = format!("[import] {key} does not belong to loader = \"{kind}\"");
        findings.at(&section.span_of(key), what, "remove it, or change the loader");
    }
    if !loader {
        return Some(LoaderSettings::Pack { dir: dir.join(section.text("dir").unwrap_or("packs")) });
    }
    let argv: Vec<String> = section.words("program").into_iter().map(|(word, _)| word.to_owned()).collect();
    if !section.names("program") {
        findings.missing(&section.span, "[import] has no program", "write program = [\"./load.py\"]: it gets records as JSON lines");
    }
    let batch = section.integer("batch").and_then(|n| usize::try_from(n).ok()).unwrap_or(BATCH);
    let timeout = section.text("timeout").and_then(duration).unwrap_or(TIMEOUT);
    let pause = section.text("pause").and_then(duration).unwrap_or(PAUSE);
    let env = section.words("env").into_iter().map(|(name, _)| name.to_owned()).collect();
    (!argv.is_empty()).then_some(LoaderSettings::Command { argv, batch, timeout, pause, env })
}

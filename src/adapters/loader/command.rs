//! The loader `command`: each batch to a program of the operator's, one line a record, one line back for each.
//!
//! What counts is what the program says of a record under its key. Lines that are no answer, answers nobody asked for and answers
//! that contradict each other leave the records concerned in doubt, and doubt is settled by looking into the target.

use super::program::{NotRun, Program, Ran};
use crate::adapters::process::without_values;
use crate::domain::import::Answer;
use crate::domain::secret_text::looks_secret;
use crate::domain::text::shown;
use crate::ports::loader::{FlipLoader, FlipParcel, Likeness, Loader, LoaderFault, Parcel};
use crate::ports::loader_lines::{FlipRequest, Reply, Request, Verdict};
use async_trait::async_trait;
use serde::Serialize;
use std::collections::HashMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How the program is run.
#[derive(Debug, Clone)]
pub struct CommandSetup {
    /// The program and its arguments.
    pub argv: Vec<String>,
    /// The project's directory: where it runs.
    pub dir: PathBuf,
    /// Most records at once.
    pub batch: usize,
    /// Longest it may take for them.
    pub timeout: Duration,
    /// Pause before a record is tried a second time.
    pub pause: Duration,
    /// Variables it gets beside the usual few.
    pub env: Vec<String>,
    /// The file its words go to.
    pub log: PathBuf,
    /// Where it is configured, for messages: `program in [import]`.
    pub written: &'static str,
}

/// Hands records to a program.
#[derive(Debug)]
pub struct CommandLoader {
    program: Program,
    batch: usize,
    pause: Duration,
    written: &'static str,
}

impl CommandLoader {
    /// Nothing is started yet.
    pub fn new(setup: CommandSetup) -> Self {
        let CommandSetup { argv, dir, batch, timeout, pause, env, log, written } = setup;
        Self { program: Program { argv, dir, timeout, env, log }, batch, pause, written }
    }

    fn fault(&self, not_run: &NotRun) -> LoaderFault {
        let (name, log) = (self.program.name(), shown(&self.program.log.to_string_lossy(), 200));
        match not_run {
            NotRun::Busy => LoaderFault::Busy {
                what: format!("{name} of an earlier import still runs, or something it left behind does"),
                remedy: format!("wait until it has ended, or end it ({log} is what it says; `fuser {log}` is who it is)"),
            },
            NotRun::Log(e) => LoaderFault::Io { what: format!("{log}: {e}"), remedy: "let this user write there, and free some space".to_owned() },
            NotRun::Start(e) => LoaderFault::Unusable {
                what: format!("{name} cannot be started: {e}"),
                remedy: format!("correct {} of dualrun.toml: a whole path, or one relative to that file, of a file that may be run", self.written),
            },
        }
    }
}

#[async_trait]
impl Loader for CommandLoader {
    fn place(&self) -> String {
        format!("command {}", self.program.name())
    }

    fn likeness(&self) -> Likeness {
        self.program.likeness()
    }

    fn batch(&self) -> Option<usize> {
        Some(self.batch)
    }

    fn pause(&self) -> Duration {
        self.pause
    }

    async fn ready(&self, wait: Duration) -> Result<(), LoaderFault> {
        let path = self.program.path();
        if path.is_absolute() {
            let may_run = std::fs::metadata(&path).and_then(|m| match (m.is_file(), m.permissions().mode() & 0o111) {
                (false, _) => Err(std::io::Error::other("it is no file")),
                (true, 0) => Err(std::io::Error::other("it is not executable — chmod +x")),
                _ => Ok(()),
            });
            may_run.map_err(|e| self.fault(&NotRun::Start(e)))?;
        }
        let log = self.program.claim(wait).await.map_err(|n| self.fault(&n))?;
        // A new import, a new log: what the last one said has been read by whoever wanted to.
        log.set_len(0).map_err(|e| self.fault(&NotRun::Log(e)))
    }

    async fn quiet(&self) -> Result<(), LoaderFault> {
        self.program.quiet().await.map_err(|n| self.fault(&n))
    }

    async fn deliver(&self, parcels: &[Parcel], cancel: &CancellationToken) -> Result<Vec<Answer>, LoaderFault> {
        self.hand(parcels.iter().map(|p| (p.key.as_str(), Request::of(p))).collect(), cancel).await
    }
}

#[async_trait]
impl FlipLoader for CommandLoader {
    async fn change(&self, parcels: &[FlipParcel], cancel: &CancellationToken) -> Result<Vec<Answer>, LoaderFault> {
        self.hand(parcels.iter().map(|p| (p.key.as_str(), FlipRequest::of(p))).collect(), cancel).await
    }
}

impl CommandLoader {
    /// Hands lines over, each under its key.
    async fn hand<T: Serialize + Sync>(&self, lines: Vec<(&str, T)>, cancel: &CancellationToken) -> Result<Vec<Answer>, LoaderFault> {
        let mut input = Vec::new();
        for (key, line) in &lines {
            serde_json::to_writer(&mut input, line)
                .map_err(|e| LoaderFault::Unusable { what: format!("{key}: {e}"), remedy: "report this: it is a bug".to_owned() })?;
            input.push(b'\n');
        }
        let keys: Vec<&str> = lines.iter().map(|(key, _)| *key).collect();
        let ran = self.program.run(input, keys.len(), cancel).await.map_err(|n| self.fault(&n))?;
        Ok(self.answers(&keys, &ran))
    }

    /// One answer for each key, in their order.
    fn answers(&self, keys: &[&str], ran: &Ran) -> Vec<Answer> {
        let asked: HashMap<&str, usize> = keys.iter().enumerate().map(|(at, key)| (*key, at)).collect();
        let mut told: Vec<Option<Reply>> = vec![None; keys.len()];
        let mut torn = vec![false; keys.len()];
        let mut strange = None;
        for line in &ran.lines {
            let Ok(reply) = serde_json::from_slice::<Reply>(line) else {
                strange = Some(format!("it answered with a line that is no answer: {}", self.told(line, 80)));
                continue;
            };
            let Some(at) = asked.get(reply.key.as_str()).copied() else {
                strange = Some(format!("it answered for a record it was not asked about: {}", shown(&reply.key, 60)));
                continue;
            };
            match told.get_mut(at) {
                Some(place @ None) => *place = Some(reply),
                // The same answer twice is one answer; two different ones are none.
                Some(Some(first)) if first.result == reply.result && first.target_id == reply.target_id => {}
                _ => torn.iter_mut().skip(at).take(1).for_each(|t| *t = true),
            }
        }
        let why = || {
            let what = ran.trouble.clone().or_else(|| strange.clone()).unwrap_or_else(|| "it ended without an answer for this record".to_owned());
            format!("{what}{}", self.last_words())
        };
        let answer = |(reply, torn): (Option<Reply>, bool)| match reply {
            _ if torn => Answer::Unknown { reason: "it gave two answers that contradict each other".to_owned() },
            None => Answer::Silent { reason: why() },
            Some(Reply { result: Verdict::Ok, target_id, .. }) => Answer::Ok { target_id: target_id.filter(|id| !id.trim().is_empty()) },
            Some(Reply { result: Verdict::Rejected, reason, .. }) => Answer::Rejected { reason: self.in_words(reason) },
            Some(Reply { result: Verdict::Unknown, reason, .. }) => Answer::Unknown { reason: self.in_words(reason) },
        };
        told.into_iter().zip(torn).map(answer).collect()
    }

    fn in_words(&self, reason: Option<String>) -> String {
        reason.filter(|r| !r.trim().is_empty()).map_or_else(|| "it gives no reason".to_owned(), |r| self.told(r.as_bytes(), 200))
    }

    /// The last line of its log, for a reason.
    fn last_words(&self) -> String {
        let bytes = tail(&self.program.log).unwrap_or_default();
        let last = bytes.split(|b| *b == b'\n').rfind(|l| !l.iter().all(u8::is_ascii_whitespace));
        last.map_or_else(String::new, |line| format!(" (it says: {})", self.told(line, 120)))
    }

    /// What the program said, fit to be shown, stored and journalled: the secrets it was given are named and not repeated.
    fn told(&self, words: &[u8], width: usize) -> String {
        let text = without_values(&String::from_utf8_lossy(words), &self.program.env);
        if looks_secret(&text) { "words that look like a password or token, and are not shown".to_owned() } else { shown(&text, width) }
    }
}

/// The end of a file.
fn tail(file: &Path) -> std::io::Result<Vec<u8>> {
    use std::io::{Read as _, Seek as _, SeekFrom};
    let mut file = std::fs::File::open(file)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(4096)))?;
    let mut bytes = Vec::new();
    file.take(4096).read_to_end(&mut bytes)?;
    Ok(bytes)
}

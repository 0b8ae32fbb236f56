//! The loader `command`: each batch to a program of the operator's, one line a record, one line back for each.
//!
//! What counts is what the program says of a record under its key. Lines that are no answer, answers nobody asked for and answers
//! that contradict each other leave the records concerned in doubt, and doubt is settled by looking into the target.

use super::program::{NotRun, Program, Ran};
use crate::domain::import::Answer;
use crate::domain::text::{shown, shown_bytes};
use crate::ports::loader::{Loader, LoaderFault, Parcel};
use crate::ports::loader_lines::{Reply, Request, Verdict};
use async_trait::async_trait;
use std::collections::HashMap;
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
    /// Variables it gets beside the usual few.
    pub env: Vec<String>,
    /// The file its words go to.
    pub log: PathBuf,
}

/// Hands records to a program.
#[derive(Debug)]
pub struct CommandLoader {
    program: Program,
    batch: usize,
}

impl CommandLoader {
    /// Nothing is started yet.
    pub fn new(setup: CommandSetup) -> Self {
        let CommandSetup { argv, dir, batch, timeout, env, log } = setup;
        Self { program: Program { argv, dir, timeout, env, log }, batch }
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
                remedy: "correct program in [import] of dualrun.toml: a whole path, or one relative to that file, of a file that may be run"
                    .to_owned(),
            },
        }
    }
}

#[async_trait]
impl Loader for CommandLoader {
    fn place(&self) -> String {
        format!("command {}", self.program.name())
    }

    fn batch(&self) -> Option<usize> {
        Some(self.batch)
    }

    async fn ready(&self, wait: Duration) -> Result<(), LoaderFault> {
        let path = self.program.path();
        if path.components().count() > 1 && !path.is_file() {
            let error = std::io::Error::from(std::io::ErrorKind::NotFound);
            return Err(self.fault(&NotRun::Start(error)));
        }
        let log = self.program.claim(wait).await.map_err(|n| self.fault(&n))?;
        // A new import, a new log: what the last one said has been read by whoever wanted to.
        log.set_len(0).map_err(|e| self.fault(&NotRun::Log(e)))
    }

    async fn deliver(&self, parcels: &[Parcel], cancel: &CancellationToken) -> Result<Vec<Answer>, LoaderFault> {
        let mut input = Vec::new();
        for parcel in parcels {
            serde_json::to_writer(&mut input, &Request::of(parcel))
                .map_err(|e| LoaderFault::Unusable { what: format!("{}: {e}", parcel.id), remedy: "report this: it is a bug".to_owned() })?;
            input.push(b'\n');
        }
        let ran = self.program.run(input, parcels.len(), cancel).await.map_err(|n| self.fault(&n))?;
        Ok(answers(parcels, &ran, &self.program.log))
    }
}

/// One answer for each parcel, in their order.
fn answers(parcels: &[Parcel], ran: &Ran, log: &Path) -> Vec<Answer> {
    let asked: HashMap<&str, usize> = parcels.iter().enumerate().map(|(at, p)| (p.key.as_str(), at)).collect();
    let mut told: Vec<Option<Reply>> = vec![None; parcels.len()];
    let mut torn = vec![false; parcels.len()];
    let mut strange = None;
    for line in &ran.lines {
        let reply = match serde_json::from_slice::<Reply>(line) {
            Ok(reply) => reply,
            Err(_) => {
                strange = Some(format!("it answered with a line that is no answer: {}", shown_bytes(line, 80)));
                continue;
            }
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
        format!("{what}{}", last_words(log))
    };
    let answer = |(reply, torn): (Option<Reply>, bool)| match reply {
        _ if torn => Answer::Unknown { reason: "it gave two answers that contradict each other".to_owned() },
        None => Answer::Silent { reason: why() },
        Some(Reply { result: Verdict::Ok, target_id, .. }) => Answer::Ok { target_id: target_id.filter(|id| !id.trim().is_empty()) },
        Some(Reply { result: Verdict::Rejected, reason, .. }) => Answer::Rejected { reason: in_words(reason) },
        Some(Reply { result: Verdict::Unknown, reason, .. }) => Answer::Unknown { reason: in_words(reason) },
    };
    told.into_iter().zip(torn).map(answer).collect()
}

fn in_words(reason: Option<String>) -> String {
    reason.filter(|r| !r.trim().is_empty()).map_or_else(|| "it gives no reason".to_owned(), |r| shown(&r, 200))
}

/// The last line of its log, for a reason.
fn last_words(log: &Path) -> String {
    use std::io::{Read as _, Seek as _, SeekFrom};
    let tail = || -> std::io::Result<Vec<u8>> {
        let mut file = std::fs::File::open(log)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(4096)))?;
        let mut bytes = Vec::new();
        file.take(4096).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = tail().unwrap_or_default();
    let last = bytes.split(|b| *b == b'\n').rfind(|l| !l.iter().all(u8::is_ascii_whitespace));
    last.map_or_else(String::new, |line| format!(" (it says: {})", shown_bytes(line, 120)))
}

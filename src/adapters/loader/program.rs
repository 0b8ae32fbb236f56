//! Running a loader's program for one batch: arguments as a list, no shell, few variables, its own process group, a bounded time,
//! bounded output.
//!
//! What it writes to stderr goes into a log file whose lock the program inherits, once as its stderr and once more, so that a program
//! that sends its stderr elsewhere holds it too. While it lives, or anything it left behind, the lock is held, whatever became of
//! dualrun: so a later import knows that the target may still be changed behind its back. What it left in its process group when it
//! ended is ended as well.

use crate::adapters::process::{self, AFTER_EXIT, Group};
use crate::ports::loader::Likeness;
use rustix::process::Signal;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdout};
use tokio_util::sync::CancellationToken;

/// How long what was killed may take to be gone.
const GONE: Duration = Duration::from_secs(1);
/// How long what left the program's group may go on before its load is given up.
const LEFT_BEHIND: Duration = Duration::from_secs(10);
/// Most bytes one line may have.
const LONGEST_LINE: usize = 64 << 10;
/// Bytes kept of all answers, for each record.
const ROOM_OF_AN_ANSWER: usize = 8 << 10;
/// Most bytes of log it may write in one batch.
const MOST_LOG: u64 = 16 << 20;
const POLL: Duration = Duration::from_millis(20);

/// How a program is run.
#[derive(Debug, Clone)]
pub(super) struct Program {
    pub argv: Vec<String>,
    pub dir: PathBuf,
    pub timeout: Duration,
    pub env: Vec<String>,
    pub log: PathBuf,
}

/// What came of a run.
#[derive(Debug)]
pub(super) struct Ran {
    /// Whole lines, as far as they came.
    pub lines: Vec<Vec<u8>>,
    /// What went wrong, in words; `None` where it read everything and ended well.
    pub trouble: Option<String>,
}

/// Why it was not run.
#[derive(Debug)]
pub(super) enum NotRun {
    /// The log is locked: a program of an earlier load lives.
    Busy,
    /// The log cannot be made.
    Log(io::Error),
    /// It cannot be started.
    Start(io::Error),
}

impl Program {
    /// Its name for people.
    pub fn name(&self) -> String {
        crate::domain::text::shown(self.argv.first().map_or("", String::as_str), 100)
    }

    /// The file to start: a name with a slash is meant from the project's directory.
    pub fn path(&self) -> PathBuf {
        process::path_of(self.argv.first().map_or("", String::as_str), &self.dir)
    }

    /// What it is told apart by from another: the same program with the same words acts on the same. A word that names a file is
    /// another one where the file is, as it is for a program that stands in two directories.
    pub fn likeness(&self) -> Likeness {
        let path = self.path();
        let digest = std::fs::read(&path).map(|bytes| blake3::hash(&bytes).to_hex().to_string());
        let what = digest.unwrap_or_else(|_| path.to_string_lossy().into_owned());
        let words = self.argv.iter().skip(1).map(|word| self.placed(word)).collect();
        let value = |name: &String| std::env::var(name).ok().map(|value| blake3::hash(value.as_bytes()).to_hex().to_string());
        Likeness { what, words, env: self.env.iter().map(|name| (name.clone(), value(name))).collect() }
    }

    /// A word, or `name=word`, with the file that it names from the program's directory.
    fn placed(&self, word: &str) -> String {
        let (name, path) = word.split_once('=').map_or(("", word), |(name, path)| (name, path));
        match std::fs::canonicalize(self.dir.join(path)) {
            Ok(file) if !path.is_empty() => format!("{name}={}", file.to_string_lossy()),
            _ => word.to_owned(),
        }
    }

    /// Takes the log's lock, waiting at most `wait` for what still holds it.
    pub async fn claim(&self, wait: Duration) -> Result<File, NotRun> {
        let until = Instant::now() + wait;
        let log = OpenOptions::new().create(true).append(true).mode(0o600).open(&self.log).map_err(NotRun::Log)?;
        loop {
            match log.try_lock() {
                Ok(()) => return Ok(log),
                Err(TryLockError::WouldBlock) if Instant::now() < until => tokio::time::sleep(POLL).await,
                Err(TryLockError::WouldBlock) => return Err(NotRun::Busy),
                Err(TryLockError::Error(e)) => return Err(NotRun::Log(e)),
            }
        }
    }

    /// Runs it on one batch.
    pub async fn run(&self, input: Vec<u8>, answers: usize, cancel: &CancellationToken) -> Result<Ran, NotRun> {
        let log = self.claim(LEFT_BEHIND).await?;
        let logged_before = size(&self.log);
        let mut child = self.start(log)?;
        let group = Group::of(&child);
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let feeding = tokio::spawn(async move {
            if let Some(mut stdin) = stdin {
                // A program that does not read everything shows in what it answers.
                let _ = stdin.write_all(&input).await;
                let _ = stdin.shutdown().await;
            }
        });
        let (sender, mut lines_read) = tokio::sync::mpsc::unbounded_channel();
        let flood = CancellationToken::new();
        let mut reading = tokio::spawn(read_lines(stdout, answers, sender, flood.clone()));
        let trouble = self.watch(&mut child, group, logged_before, (cancel, &flood)).await;
        let ended_at = Instant::now();
        feeding.abort();
        let read = tokio::time::timeout(AFTER_EXIT, &mut reading).await;
        let left = !self.is_left_alone(ended_at, group).await;
        let trouble = match read {
            Ok(Ok(Some(broken))) if flood.is_cancelled() => Some(broken),
            Ok(Ok(broken)) => trouble.or(broken),
            // Whatever it left behind kept its output open; what came so far counts.
            Ok(Err(_)) | Err(_) => trouble.or_else(|| Some("it ended and left its output open".to_owned())),
        };
        let trouble = trouble.or_else(|| left.then(|| "it ended and left something running".to_owned()));
        reading.abort();
        let mut lines = Vec::new();
        while let Ok(line) = lines_read.try_recv() {
            lines.push(line);
        }
        Ok(Ran { lines, trouble })
    }

    fn start(&self, log: File) -> Result<Child, NotRun> {
        let mut command = process::command(&self.path(), self.argv.get(1..).unwrap_or_default(), &self.dir, &self.env);
        // Open across the start of the program, unlike every other file of this process: its further hold on the lock.
        let hold = rustix::io::dup(&log).map_err(|e| NotRun::Log(e.into()))?;
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::from(log));
        let child = command.spawn().map_err(NotRun::Start);
        drop(hold);
        let child = child?;
        // Nothing was handed to it yet; and it is ended with its handle.
        process::limit(&child, self.timeout).map_err(NotRun::Start)?;
        Ok(child)
    }

    /// Whether nothing of what was started is at work any more, waiting a little for it.
    pub async fn quiet(&self) -> Result<(), NotRun> {
        self.claim(LEFT_BEHIND).await.map(drop)
    }

    /// Whether the program that ended left nothing running. What it left in its group has as long as its output had, then it is killed.
    async fn is_left_alone(&self, ended_at: Instant, group: Option<Group>) -> bool {
        if self.claim(AFTER_EXIT.saturating_sub(ended_at.elapsed())).await.is_ok() {
            return true;
        }
        // Somebody holds the lock, so the group's number cannot be another's by now.
        group.inspect(|g| g.signal(Signal::KILL));
        let _ = self.claim(GONE).await;
        false
    }

    /// Until it ends; what was wrong with its end.
    async fn watch(
        &self,
        child: &mut Child,
        group: Option<Group>,
        logged_before: u64,
        (cancel, flood): (&CancellationToken, &CancellationToken),
    ) -> Option<String> {
        let deadline = tokio::time::Instant::now() + self.timeout;
        loop {
            tokio::select! {
                ended = child.wait() => return match ended {
                    Ok(status) if status.success() => None,
                    Ok(status) => Some(format!("it ended with {status}")),
                    Err(e) => Some(format!("it cannot be waited for: {e}")),
                },
                () = cancel.cancelled() => return Some(end(child, group, "the import was stopped").await),
                () = flood.cancelled() => return Some(end(child, group, "it floods its output").await),
                () = tokio::time::sleep_until(deadline) => {
                    let took = format!("it took longer than {}", humantime::format_duration(self.timeout));
                    return Some(end(child, group, &took).await);
                }
                () = tokio::time::sleep(Duration::from_millis(200)) => {
                    if size(&self.log).saturating_sub(logged_before) > MOST_LOG {
                        return Some(end(child, group, "it floods its log").await);
                    }
                }
            }
        }
    }
}

/// Ends it, and says why.
async fn end(child: &mut Child, group: Option<Group>, why: &str) -> String {
    process::end(child, group).await;
    why.to_owned()
}

fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |m| m.len())
}

/// Reads whole lines; words where there were more of them, or longer ones, than any answer has: then `flood` is told as well.
async fn read_lines(
    stdout: Option<ChildStdout>,
    answers: usize,
    out: tokio::sync::mpsc::UnboundedSender<Vec<u8>>,
    flood: CancellationToken,
) -> Option<String> {
    let mut reader = BufReader::new(stdout?);
    // Twice and late is forgiven; a flood is not.
    let most = answers.saturating_mul(4).saturating_add(100);
    let mut room = answers.saturating_mul(ROOM_OF_AN_ANSWER).saturating_add(16 * LONGEST_LINE);
    for _ in 0..most {
        let mut line = Vec::new();
        let limit = u64::try_from(LONGEST_LINE).unwrap_or(u64::MAX) + 1;
        match (&mut reader).take(limit).read_until(b'\n', &mut line).await {
            Ok(0) => return None,
            Ok(n) if line.last() == Some(&b'\n') => {
                room = room.saturating_sub(n);
                if room == 0 {
                    break;
                }
                line.pop();
                let _ = out.send(line);
            }
            Ok(n) if n > LONGEST_LINE => {
                flood.cancel();
                return Some(format!("it answered with a line of more than {} KiB", LONGEST_LINE >> 10));
            }
            Ok(_) => return Some("its last line has no end".to_owned()),
            Err(e) => return Some(format!("its output cannot be read: {e}")),
        }
    }
    flood.cancel();
    Some(format!("it answered with more lines than {answers} records can need"))
}

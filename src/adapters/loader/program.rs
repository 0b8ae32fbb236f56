//! Running a loader's program for one batch: arguments as a list, no shell, few variables, its own process group, a bounded time,
//! bounded output.
//!
//! What it writes to stderr goes into a log file whose lock the program inherits. While it lives, or anything it left behind, the
//! lock is held, whatever became of dualrun: so a later import knows that the target may still be changed behind its back.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio_util::sync::CancellationToken;

/// How long its output may stay open after it ended, held by what it left behind.
const AFTER_EXIT: Duration = Duration::from_millis(500);
/// How long it has after it was asked to end, before it is made to.
const GRACE: Duration = Duration::from_secs(2);
/// Most bytes one line may have.
const LONGEST_LINE: usize = 64 << 10;
/// Most bytes of log it may write in one batch.
const MOST_LOG: u64 = 16 << 20;
const POLL: Duration = Duration::from_millis(20);
/// Variables it gets without being named.
const USUAL: [&str; 4] = ["PATH", "HOME", "LANG", "TZ"];

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

    /// The file to start: a name with a slash is meant from the project's directory. Absolute, for it is looked up after the
    /// program was moved there.
    pub fn path(&self) -> PathBuf {
        let name = self.argv.first().map_or("", String::as_str);
        if !name.contains('/') {
            return name.into();
        }
        let place = self.dir.join(name);
        std::path::absolute(&place).unwrap_or(place)
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
        let log = self.claim(Duration::from_secs(10)).await?;
        let logged_before = size(&self.log);
        let mut child = self.start(log)?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let feeding = tokio::spawn(async move {
            if let Some(mut stdin) = stdin {
                // A program that does not read everything shows in what it answers.
                let _ = stdin.write_all(&input).await;
                let _ = stdin.shutdown().await;
            }
        });
        let (sender, mut lines_read) = tokio::sync::mpsc::unbounded_channel();
        let reading = tokio::spawn(read_lines(stdout, answers, sender));
        let trouble = self.watch(&mut child, logged_before, cancel).await;
        feeding.abort();
        let trouble = match tokio::time::timeout(AFTER_EXIT, reading).await {
            Ok(Ok(None)) => trouble,
            Ok(Ok(Some(flood))) => trouble.or(Some(flood)),
            // Whatever it left behind keeps its output open; what came so far counts.
            Ok(Err(_)) | Err(_) => trouble.or_else(|| Some("it ended and left its output open".to_owned())),
        };
        let mut lines = Vec::new();
        while let Ok(line) = lines_read.try_recv() {
            lines.push(line);
        }
        Ok(Ran { lines, trouble })
    }

    fn start(&self, log: File) -> Result<Child, NotRun> {
        let mut command = Command::new(self.path());
        command.args(self.argv.iter().skip(1)).current_dir(&self.dir).env_clear();
        for name in USUAL.into_iter().chain(self.env.iter().map(String::as_str)) {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::from(log)).process_group(0).kill_on_drop(true);
        command.spawn().map_err(NotRun::Start)
    }

    /// Until it ends; what was wrong with its end.
    async fn watch(&self, child: &mut Child, logged_before: u64, cancel: &CancellationToken) -> Option<String> {
        let deadline = tokio::time::Instant::now() + self.timeout;
        loop {
            tokio::select! {
                ended = child.wait() => return match ended {
                    Ok(status) if status.success() => None,
                    Ok(status) => Some(format!("it ended with {status}")),
                    Err(e) => Some(format!("it cannot be waited for: {e}")),
                },
                () = cancel.cancelled() => return Some(end(child, "the import was stopped").await),
                () = tokio::time::sleep_until(deadline) => {
                    let took = format!("it took longer than {}", humantime::format_duration(self.timeout));
                    return Some(end(child, &took).await);
                }
                () = tokio::time::sleep(Duration::from_millis(200)) => {
                    if size(&self.log).saturating_sub(logged_before) > MOST_LOG {
                        return Some(end(child, "it floods its log").await);
                    }
                }
            }
        }
    }
}

/// Asks the program and all it started to end, then makes it.
async fn end(child: &mut Child, why: &str) -> String {
    signal(child, rustix::process::Signal::TERM);
    if tokio::time::timeout(GRACE, child.wait()).await.is_err() {
        signal(child, rustix::process::Signal::KILL);
        let _ = child.wait().await;
    }
    why.to_owned()
}

fn signal(child: &Child, signal: rustix::process::Signal) {
    let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw);
    if let Some(group) = group {
        // It may have ended this moment; then there is nobody to tell.
        let _ = rustix::process::kill_process_group(group, signal);
    }
}

fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |m| m.len())
}

/// Reads whole lines; words where there were more of them, or longer ones, than any answer has.
async fn read_lines(stdout: Option<ChildStdout>, answers: usize, out: tokio::sync::mpsc::UnboundedSender<Vec<u8>>) -> Option<String> {
    let mut reader = BufReader::new(stdout?);
    // Twice and late is forgiven; a flood is not.
    let most = answers.saturating_mul(4).saturating_add(100);
    for _ in 0..most {
        let mut line = Vec::new();
        let limit = u64::try_from(LONGEST_LINE).unwrap_or(u64::MAX) + 1;
        match (&mut reader).take(limit).read_until(b'\n', &mut line).await {
            Ok(0) => return None,
            Ok(_) if line.last() == Some(&b'\n') => {
                line.pop();
                let _ = out.send(line);
            }
            Ok(n) if n > LONGEST_LINE => return Some(format!("it answered with a line of more than {} KiB", LONGEST_LINE >> 10)),
            Ok(_) => return Some("its last line has no end".to_owned()),
            Err(e) => return Some(format!("its output cannot be read: {e}")),
        }
    }
    Some(format!("it answered with more than {most} lines for {answers} records"))
}

//! [`Runner`]: programs of command checks on this machine.
//!
//! A program gets no terminal, no input, few variables and a process group of its own; it has a bounded time and a bounded output, of
//! which the beginning and the end are kept, and on Linux bounded processor time, files and open files. When it has ended, its outputs are read for half a second more; then whatever it left
//! running is ended, also what left its group: found by a variable every one of its children inherits, by their parents while it ran,
//! and by the group.

mod family;
mod output;

use crate::adapters::found;
use crate::adapters::process::{self, AFTER_EXIT, Group};
use crate::domain::gate::{CommandCheck, Ended, ProgramRun, Said};
use crate::ports::runner::Runner;
use async_trait::async_trait;
use family::Family;
use output::{Kept, keep};
use rustix::process::Signal;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::process::Child;
use tokio_util::sync::CancellationToken;

/// The variable that marks everything a check starts.
const MARK: &str = "DUALRUN_CHECK";
/// How often a running program's children are looked at.
const LOOK: Duration = Duration::from_millis(200);

/// Runs programs of a project.
#[derive(Debug, Clone)]
pub struct ProgramRunner {
    dir: PathBuf,
}

impl ProgramRunner {
    /// Of the project in that directory, which is where they run.
    pub fn new(dir: &Path) -> Self {
        Self { dir: std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned()) }
    }
}

#[async_trait]
impl Runner for ProgramRunner {
    async fn run(&self, command: &CommandCheck, cancel: &CancellationToken) -> ProgramRun {
        let began = Instant::now();
        let not_started = |why: String, program| ProgramRun {
            ended: Ended::NotStarted(why),
            took: Duration::ZERO,
            program,
            output: Vec::new(),
            left_behind: Vec::new(),
        };
        let program = match self.resolve(command) {
            Ok(program) => program,
            Err(why) => return not_started(why, None),
        };
        let mark = mark();
        let mut starting = process::command(Path::new(&program.0), command.argv.get(1..).unwrap_or_default(), &self.dir, &command.env);
        starting.env(MARK, &mark).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // Before it is started: under load it may have ended before this goes on, and who lost its parent by then would be nobody's.
        let mut family = Family::expected(&mark);
        let mut child = match starting.spawn() {
            Ok(child) => child,
            Err(e) => {
                family.end_before_it_began();
                return not_started(e.to_string(), Some(program));
            }
        };
        let group = Group::of(&child);
        family.begins(group.map(Group::number));
        if let Err(e) = process::limit(&child, Duration::from_secs(command.timeout_seconds)) {
            group.inspect(|g| g.signal(Signal::KILL));
            let _ = child.wait().await;
            let left_behind = family.end(tokio::time::Instant::now()).await;
            return ProgramRun { left_behind, ..not_started(format!("its limits cannot be set: {e}"), Some(program)) };
        }
        let (written, flood) = (Arc::new(AtomicU64::new(0)), CancellationToken::new());
        let reading = |pipe, on| tokio::spawn(keep(pipe, on, (Arc::clone(&written), command.output_bytes), flood.clone()));
        let stdout = child.stdout.take().map(output::Pipe::Out);
        let stderr = child.stderr.take().map(output::Pipe::Err);
        let mut outputs = [(Kept::default(), reading(stdout, "stdout")), (Kept::default(), reading(stderr, "stderr"))];
        let bounds = (Duration::from_secs(command.timeout_seconds), &flood);
        let ended = watch(&mut child, group, &mut family, bounds, cancel).await;
        let took = began.elapsed();
        let until = tokio::time::Instant::now() + AFTER_EXIT;
        let mut is_open = read_until(&mut outputs, until).await;
        let mut left_behind = family.end(until).await;
        // With the last of them gone its outputs are closed.
        is_open = is_open && read_until(&mut outputs, tokio::time::Instant::now() + AFTER_EXIT).await;
        if is_open {
            left_behind.push("something that was not found holds its output open".to_owned());
        }
        for (_, task) in &outputs {
            task.abort();
        }
        let ended = if flood.is_cancelled() && matches!(ended, Ended::Exit(_) | Ended::Signal(_)) { Ended::Flood } else { ended };
        let output = outputs.iter().map(|(kept, _)| said(kept, &command.env)).collect();
        ProgramRun { ended, took, program: Some(program), output, left_behind }
    }

    fn resolve(&self, command: &CommandCheck) -> Result<(String, String), String> {
        found::program(command.argv.first().map_or("", String::as_str), &self.dir)
    }
}

/// A word nobody else has.
fn mark() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let hash = std::collections::hash_map::RandomState::new();
    let random = std::hash::BuildHasher::hash_one(&hash, NEXT.fetch_add(1, Ordering::Relaxed));
    format!("{}-{random:016x}", std::process::id())
}

/// Until it ends, or is ended.
async fn watch(
    child: &mut Child,
    group: Option<Group>,
    family: &mut Family,
    (timeout, flood): (Duration, &CancellationToken),
    cancel: &CancellationToken,
) -> Ended {
    let deadline = tokio::time::Instant::now() + timeout;
    let ended = loop {
        tokio::select! {
            biased;
            () = cancel.cancelled() => break Ended::Stopped,
            () = flood.cancelled() => break Ended::Flood,
            ended = child.wait() => return match ended {
                Ok(status) => status.code().map_or_else(|| Ended::Signal(status.signal().unwrap_or(0)), Ended::Exit),
                Err(e) => Ended::NotStarted(format!("it cannot be waited for: {e}")),
            },
            () = tokio::time::sleep_until(deadline) => break Ended::Timeout,
            () = tokio::time::sleep(LOOK) => family.look(),
        }
    };
    // Those that would leave when it goes are known by then.
    family.look();
    if ended == Ended::Flood {
        group.inspect(|g| g.signal(Signal::KILL));
        let _ = child.wait().await;
    } else {
        process::end(child, group).await;
    }
    ended
}

/// Reads on until both outputs are closed; true where one is still open at that moment.
async fn read_until(outputs: &mut [(Kept, tokio::task::JoinHandle<Kept>); 2], until: tokio::time::Instant) -> bool {
    let mut is_open = false;
    for (kept, task) in outputs {
        if task.is_finished() && !kept.on.is_empty() {
            continue;
        }
        match tokio::time::timeout_at(until, &mut *task).await {
            Ok(Ok(read)) => *kept = read,
            // It cannot be asked again.
            Ok(Err(_)) => kept.on = "output",
            Err(_) => is_open = true,
        }
    }
    is_open
}

fn said(kept: &Kept, env: &[String]) -> Said {
    let clean = |bytes: &[u8]| {
        // Only text can hold a value it was given; what is no text stays as it is.
        std::str::from_utf8(bytes).map_or_else(|_| bytes.to_vec(), |text| process::without_values(text, env).into_bytes())
    };
    let (head, tail) = kept.parts();
    Said { on: kept.on, bytes: kept.bytes, head: clean(&head), tail: clean(&tail) }
}

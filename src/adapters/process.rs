//! Shared ground of everything that starts a program: arguments as a list, no shell, few variables, a process group of its own, and
//! an end that is asked for before it is made.

use rustix::process::{Pid, Signal};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::process::{Child, Command};

/// Variables a program gets without being named.
pub(super) const USUAL: [&str; 4] = ["PATH", "HOME", "LANG", "TZ"];
/// How long its output may stay open after it ended, held by what it left behind.
pub(super) const AFTER_EXIT: Duration = Duration::from_millis(500);
/// How long it has after it was asked to end, before it is made to.
const GRACE: Duration = Duration::from_secs(2);
/// Bytes of the largest file it may write.
#[cfg(target_os = "linux")]
const LARGEST_FILE: u64 = 2 << 30;
/// Files it may have open.
#[cfg(target_os = "linux")]
const MOST_OPEN: u64 = 8_192;
/// Values of its variables shorter than this are no secrets: `1`, `prod`.
const SHORTEST_SECRET: usize = 6;

/// The file to start: a name with a slash is meant from a directory. Absolute, for it is looked up after the program was moved there.
pub(super) fn path_of(name: &str, dir: &Path) -> PathBuf {
    if !name.contains('/') {
        return name.into();
    }
    let place = dir.join(name);
    std::path::absolute(&place).unwrap_or(place)
}

/// A program that is not started yet: its arguments, its directory, the usual variables and those named, its own group.
pub(super) fn command(program: &Path, arguments: &[String], dir: &Path, env: &[String]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(dir).env_clear().process_group(0).kill_on_drop(true);
    for name in USUAL.into_iter().chain(env.iter().map(String::as_str)) {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}

/// Words of a program without the values it was given by name: each stands as `(NAME)`.
pub(super) fn without_values(words: &str, env: &[String]) -> String {
    let mut text = words.to_owned();
    for name in env {
        if let Some(value) = std::env::var(name).ok().filter(|v| v.trim().len() >= SHORTEST_SECRET) {
            text = text.replace(value.trim(), &format!("({name})"));
        }
    }
    text
}

/// Limits a program has beside its time and its output, and whatever it starts has them as well, also what nobody finds any more.
///
/// They are set right after its start, since nothing can be run in it before: what it starts in that very moment has none of them.
/// Only Linux sets limits of another process; elsewhere the rest has to do.
pub(super) fn limit(child: &Child, timeout: Duration) -> std::io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::io::Errno;
        use rustix::process::{Resource, Rlimit, getrlimit, prlimit};
        let Some(pid) = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw) else { return Ok(()) };
        // As much as all processors can do in its time: who stays within that time never meets it.
        let processors = std::thread::available_parallelism().map_or(1, |n| n.get() as u64);
        let cpu = timeout.as_secs().saturating_add(1).saturating_mul(processors);
        for (resource, most) in [(Resource::Cpu, cpu), (Resource::Fsize, LARGEST_FILE), (Resource::Nofile, MOST_OPEN), (Resource::Core, 0)] {
            // Never more than it has already.
            let had = getrlimit(resource);
            let at_most = |had: Option<u64>| Some(had.map_or(most, |had| had.min(most)));
            match prlimit(Some(pid), resource, Rlimit { current: at_most(had.current), maximum: at_most(had.maximum) }) {
                Ok(_) => {}
                // It has ended already.
                Err(Errno::SRCH) => return Ok(()),
                Err(e) => return Err(e.into()),
            }
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (child, timeout);
    Ok(())
}

/// The process group of a program: itself and what it started, as long as that stays.
#[derive(Debug, Clone, Copy)]
pub(super) struct Group(Pid);

impl Group {
    pub fn of(child: &Child) -> Option<Self> {
        child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw).map(Self)
    }

    pub fn signal(self, signal: Signal) {
        // It may have ended this moment; then there is nobody to tell.
        let _ = rustix::process::kill_process_group(self.0, signal);
    }

    /// Its number, which is the program's own.
    pub const fn number(self) -> i32 {
        self.0.as_raw_nonzero().get()
    }
}

/// Asks the program and all it started to end, then makes it.
pub(super) async fn end(child: &mut Child, group: Option<Group>) {
    group.inspect(|g| g.signal(Signal::TERM));
    if tokio::time::timeout(GRACE, child.wait()).await.is_err() {
        group.inspect(|g| g.signal(Signal::KILL));
        let _ = child.wait().await;
    }
}

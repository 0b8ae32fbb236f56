//! What a program started, as `/proc` shows it: children of children too, and such as left its group and its session. Whoever loses
//! its parent meanwhile becomes a child of this process, so that nobody is lost who clears its variables and is quick about leaving.
//! Where there is no `/proc`, only the group is known.

use crate::domain::text::shown_bytes;
use rustix::process::{Pid, Signal};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How long what was killed may take to be gone.
const GONE: Duration = Duration::from_secs(2);
const POLL: Duration = Duration::from_millis(20);

/// Everything that was seen to come from one program.
#[derive(Debug)]
pub(super) struct Family {
    /// As it stands in the variables of each of them that did not clear them.
    mark: Vec<u8>,
    /// The program's own number, which is its group's.
    root: Option<i32>,
    /// When it began.
    since: u64,
    /// The session of this process, which is that of everything it starts itself.
    session: i32,
    /// Numbers with the moment each began: a number is given again, that moment is not.
    seen: BTreeMap<i32, u64>,
}

/// A process as it is now.
struct Process {
    pid: i32,
    parent: i32,
    group: i32,
    session: i32,
    began: u64,
    is_gone: bool,
    name: String,
}

impl Family {
    /// Of a program that is about to be started: whoever loses its parent from now on is found, however soon that is.
    pub fn expected(mark: &str) -> Self {
        adopt(true);
        let session = now(own_number()).map_or(0, |process| process.session);
        Self { mark: format!("{}={mark}", super::MARK).into_bytes(), root: None, since: 0, session, seen: BTreeMap::new() }
    }

    /// It was started, with that number.
    pub fn begins(&mut self, root: Option<i32>) {
        self.since = root.and_then(now).map_or(0, |process| process.began);
        self.root = root;
    }

    /// It was not started.
    pub fn end_before_it_began(self) {
        drop(self);
        adopt(false);
    }

    /// Notes who belongs to it now.
    pub fn look(&mut self) {
        let _ = self.alive();
    }

    /// Ends what is left of it, having given it until then to end by itself; says what there was, and what would not end.
    pub async fn end(&mut self, until: tokio::time::Instant) -> Vec<String> {
        while !self.alive().is_empty() && tokio::time::Instant::now() < until {
            tokio::time::sleep(POLL).await;
        }
        let mut told = BTreeMap::new();
        let gone_by = tokio::time::Instant::now() + GONE;
        loop {
            let left = self.alive();
            for process in &left {
                told.insert(process.pid, format!("{} (process {})", process.name, process.pid));
                if let Some(pid) = Pid::from_raw(process.pid) {
                    let _ = rustix::process::kill_process(pid, Signal::KILL);
                }
            }
            if left.is_empty() {
                adopt(false);
                return told.into_values().map(|what| format!("{what}, ended")).collect();
            }
            if tokio::time::Instant::now() >= gone_by {
                adopt(false);
                let still: BTreeSet<i32> = left.iter().map(|p| p.pid).collect();
                let word = |pid: i32| if still.contains(&pid) { "STILL RUNNING: end it by hand" } else { "ended" };
                return told.into_iter().map(|(pid, what)| format!("{what}, {}", word(pid))).collect();
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Those of it that run now, the program itself left out.
    fn alive(&mut self) -> Vec<Process> {
        let all = processes();
        let ours = own_number();
        let mut members: BTreeSet<i32> = self.root.into_iter().collect();
        for process in &all {
            let is_known = self.seen.get(&process.pid) == Some(&process.began);
            // Adopted: no child this process starts itself has a session of its own.
            let is_adopted = process.parent == ours && process.session != self.session && process.began >= self.since;
            if is_known || Some(process.group) == self.root || Self::mark_of(process.pid).map_or(is_adopted, |mark| mark == self.mark) {
                members.insert(process.pid);
            }
        }
        // Children of children, whatever they did with their variables.
        loop {
            let more: Vec<i32> = all.iter().filter(|p| members.contains(&p.parent) && !members.contains(&p.pid)).map(|p| p.pid).collect();
            if more.is_empty() {
                break;
            }
            members.extend(more);
        }
        for gone in all.iter().filter(|p| p.is_gone && p.parent == ours && members.contains(&p.pid) && Some(p.pid) != self.root) {
            // Nobody else waits for it any more.
            let _ = rustix::process::waitpid(Pid::from_raw(gone.pid), rustix::process::WaitOptions::NOHANG);
        }
        let alive: Vec<Process> =
            all.into_iter().filter(|p| members.contains(&p.pid) && !p.is_gone && p.pid != ours && Some(p.pid) != self.root).collect();
        self.seen.extend(alive.iter().map(|p| (p.pid, p.began)));
        alive
    }

    /// The mark a process carries, its own or that of another check.
    fn mark_of(pid: i32) -> Option<Vec<u8>> {
        let variables = std::fs::read(format!("/proc/{pid}/environ")).ok()?;
        let name = format!("{}=", super::MARK).into_bytes();
        variables.split(|b| *b == 0).find(|variable| variable.starts_with(&name)).map(<[u8]>::to_vec)
    }
}

/// Whether processes that lose their parent become children of this one.
fn adopt(is_on: bool) {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_child_subreaper(is_on.then(rustix::process::getpid));
    #[cfg(not(target_os = "linux"))]
    let _ = is_on;
}

/// A process as it is now.
fn now(pid: i32) -> Option<Process> {
    parse(pid, &std::fs::read(format!("/proc/{pid}/stat")).ok()?)
}

fn own_number() -> i32 {
    i32::try_from(std::process::id()).unwrap_or(0)
}

fn processes() -> Vec<Process> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let numbers = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    numbers.filter_map(now).collect()
}

/// `4711 (name, whatever it is) S 1 4711 4711 …`: the name may hold anything, so the rest is told from its end.
fn parse(pid: i32, stat: &[u8]) -> Option<Process> {
    let (open, close) = (stat.iter().position(|b| *b == b'(')?, stat.iter().rposition(|b| *b == b')')?);
    let name = shown_bytes(stat.get(open + 1..close)?, 40);
    let rest = std::str::from_utf8(stat.get(close + 1..)?).ok()?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    Some(Process {
        pid,
        parent: fields.get(1)?.parse().ok()?,
        group: fields.get(2)?.parse().ok()?,
        session: fields.get(3)?.parse().ok()?,
        began: fields.get(19)?.parse().ok()?,
        is_gone: matches!(*fields.first()?, "Z" | "X" | "x"),
        name,
    })
}

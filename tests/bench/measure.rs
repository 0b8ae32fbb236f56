//! What a piece of work costs: wall, the CPU of the programs it starts, the CPU of the server it asks, and peak memory.
//! All from `/proc`: a child's time is added to its parent's when the parent has waited for it.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Ticks a second in `/proc`: a constant of the kernel's interface.
const TICKS: u64 = 100;
/// Between two looks at a program's memory. The peak is the kernel's own high-water mark; only its last growth can be missed.
const LOOK: Duration = Duration::from_millis(5);
/// The server's processes take a moment to end after their client has.
const REAPED: Duration = Duration::from_millis(200);

/// What it took.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cost {
    pub wall: Duration,
    /// From the start until the last run was published: what follows is explaining. The whole wall where nothing is.
    pub stored: Duration,
    /// User and system time of the programs started.
    pub client: Duration,
    /// User and system time of the server and all its processes.
    pub server: Duration,
    /// Highest resident memory of one of the programs, in KiB.
    pub peak: u64,
}

/// How a program ended.
pub struct Said {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// Runs programs all at once to their end; `postmaster` is the server they ask.
pub fn measured(postmaster: Option<u32>, commands: &mut [Command]) -> (Cost, Vec<Said>) {
    let server_time = || postmaster.map_or(Duration::ZERO, server_time);
    let (client, server, begun) = (waited_for(), server_time(), Instant::now());
    let started: Vec<Started> = commands.iter_mut().map(Started::new).collect();
    let (mut peak, mut said) = (0, Vec::new());
    for program in started {
        let (high, words) = program.finish();
        peak = peak.max(high);
        said.push(words);
    }
    let wall = begun.elapsed();
    std::thread::sleep(REAPED);
    (Cost { wall, stored: wall, client: waited_for().saturating_sub(client), server: server_time().saturating_sub(server), peak }, said)
}

struct Started {
    child: Child,
    out: std::thread::JoinHandle<String>,
    err: std::thread::JoinHandle<String>,
}

impl Started {
    /// Standard output goes where the command says; only what is piped comes back.
    fn new(command: &mut Command) -> Self {
        let mut child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program can be run");
        let (out, err) = (reader(child.stdout.take()), reader(child.stderr.take()));
        Self { child, out, err }
    }

    fn finish(mut self) -> (u64, Said) {
        let status = format!("/proc/{}/status", self.child.id());
        let mut peak = 0;
        let ended = loop {
            peak = peak.max(high_water(&status));
            match self.child.try_wait().expect("a child") {
                Some(ended) => break ended,
                None => std::thread::sleep(LOOK),
            }
        };
        let text = |thread: std::thread::JoinHandle<String>| thread.join().expect("a reader");
        (peak, Said { code: ended.code(), out: text(self.out), err: text(self.err) })
    }
}

fn reader(pipe: Option<impl std::io::Read + Send + 'static>) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut text = String::new();
        if let Some(mut pipe) = pipe {
            pipe.read_to_string(&mut text).expect("UTF-8");
        }
        text
    })
}

fn high_water(status: &str) -> u64 {
    let text = fs::read_to_string(status).unwrap_or_default();
    let line = text.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    line.and_then(|l| l.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

/// Fields 14 to 17 of a process's `stat`: its own user and system time, and that of the children it waited for.
fn times(process: &str) -> [u64; 4] {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let after = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let mut fields = after.split_whitespace().skip(11).map(|f| f.parse().unwrap_or(0));
    std::array::from_fn(|_| fields.next().unwrap_or(0))
}

fn ticks(count: u64) -> Duration {
    Duration::from_millis(count * 1000 / TICKS)
}

fn waited_for() -> Duration {
    let [_, _, user, system] = times("self");
    ticks(user + system)
}

/// The postmaster, what it waited for, and its processes that live.
fn server_time(postmaster: u32) -> Duration {
    let children = fs::read_to_string(format!("/proc/{postmaster}/task/{postmaster}/children")).unwrap_or_default();
    let living = children.split_whitespace().map(|child| times(child)[..2].iter().sum::<u64>());
    ticks(times(&postmaster.to_string()).iter().sum::<u64>() + living.sum::<u64>())
}

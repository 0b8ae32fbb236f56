//! Measures the main job from outside: the release binary reads two PostgreSQL databases, and what is timed ends when the
//! verdicts are stored and published. `tests/bench/README.md` says how to run it and how to read what it prints.

#![allow(clippy::expect_used, clippy::panic, reason = "a measurement that went wrong is none: it ends here")]
#![allow(clippy::float_arithmetic, clippy::print_stdout, clippy::print_stderr, reason = "times for people, no money")]

#[path = "../support/postgres.rs"]
#[allow(dead_code, reason = "the tests' server; not all of it is of use here")]
mod cluster;
mod generated;
mod looks;
mod measure;
#[path = "../pty/terminal.rs"]
#[allow(dead_code, reason = "the tests' pseudo-terminal; not all of it is of use here")]
mod pty;
mod seat;
mod slow;
#[path = "../support/slow_link.rs"]
mod slow_link;
mod subject;
mod table;

use clap::{Args, Parser, Subcommand};
use dualrun::domain::period::Month;
use measure::{Cost, measured};
use slow_link::Passed;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use subject::{Counts, Outcome, Subject, outcome, published};
use table::Line;

#[derive(Parser)]
struct Asked {
    #[command(subcommand)]
    book: Book,
}

#[derive(Subcommand)]
enum Book {
    /// A book of its own, in a server of its own
    Generated {
        #[arg(long, default_value_t = 100_000)]
        subscriptions: u64,
        #[arg(long, default_value_t = 10)]
        months: u32,
        #[arg(long, default_value_t = 1)]
        seed: u64,
        #[command(flatten)]
        how: How,
    },
    /// Looks at a run that is stored already
    Looks {
        /// Directory of the dualrun.toml
        #[arg(long)]
        project: PathBuf,
        /// The run's number
        #[arg(long, default_value_t = 1)]
        run: i64,
    },
    /// What a person at the terminal waits for on what is stored already
    Seat {
        /// Directory of the dualrun.toml
        #[arg(long)]
        project: PathBuf,
    },
    /// Databases that are there already
    Loaded {
        /// Directory of the dualrun.toml
        #[arg(long)]
        project: PathBuf,
        /// FROM..TO
        #[arg(long)]
        period: String,
        /// match=N delta=N …
        #[arg(long)]
        expect: String,
        #[arg(long, default_value = "postgres")]
        superuser: String,
        #[command(flatten)]
        how: How,
    },
}

#[derive(Args)]
struct How {
    /// The dualrun to measure
    #[arg(long)]
    program: PathBuf,
    /// Times each is measured; medians are printed
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// Also over a line of 50 ms each way, and one of 100 Mbit/s
    #[arg(long)]
    slow: bool,
    /// Another build of dualrun, measured in turns with this one
    #[arg(long, value_name = "PROGRAM")]
    beside: Option<PathBuf>,
}

fn main() {
    // cargo test starts this among the tests, with nothing or a test's words.
    if !std::env::args().nth(1).is_some_and(|word| ["generated", "loaded", "looks", "seat", "help"].contains(&word.as_str())) {
        println!("nothing measured: tests/bench/run does");
        return;
    }
    match Asked::parse().book {
        Book::Generated { subscriptions, months, seed, how } => {
            let server = generated::server();
            let size = [("--subscriptions", subscriptions), ("--months", u64::from(months)), ("--seed", seed)];
            let subject = generated::load(&server, &how.program, &size);
            measure(&subject, &how);
        }
        Book::Looks { project, run } => looks::print(&project, run),
        Book::Seat { project } => seat::print(&project),
        Book::Loaded { project, period, expect, superuser, how } => measure(&loaded(&project, &period, &expect, superuser), &how),
    }
}

fn loaded(project: &Path, period: &str, expect: &str, superuser: String) -> Subject {
    let toml = std::fs::read_to_string(project.join("dualrun.toml")).expect("a dualrun.toml");
    let parsed: toml::Table = toml.parse().expect("TOML");
    let port = parsed["source"]["port"].as_integer().and_then(|p| p.try_into().ok()).expect("a port");
    let (first, last) = period.split_once("..").expect("FROM..TO");
    let month = |text| Month::parse(text).expect("a month");
    let count = |pair: &str| pair.split_once('=').and_then(|(v, n)| Some((v.to_owned(), n.parse().ok()?))).expect("verdict=number");
    let expected: Counts = expect.split_whitespace().map(count).collect();
    Subject { toml, port, superuser, psql: cluster::bin_directory().join("psql"), first: month(first), last: month(last), expected }
}

/// Floor and dualrun in turns, so that what else the machine does falls on both.
fn measure(subject: &Subject, how: &How) {
    let mut bench = Bench { subject, postmaster: subject.postmaster(), came_to: None };
    println!("{} subscription-periods, {}; PostgreSQL {}; load {}", subject.cells(), subject.period(), subject.version(), load());
    let mut lines = vec![Line::new("floor: concurrent COPY"), Line::new("dualrun")];
    lines.extend(how.beside.iter().map(|other| Line::new(&other.to_string_lossy())));
    let slow_lines = if how.slow { slow::lines().to_vec() } else { Vec::new() };
    let mut slow: Vec<(Line, Passed)> = slow_lines.iter().map(|(name, _)| (Line::new(name), Passed::default())).collect();
    bench.read_all();
    for _ in 0..how.runs {
        lines[0].costs.push(bench.read_all());
        for (line, program) in lines[1..].iter_mut().zip(std::iter::once(&how.program).chain(&how.beside)) {
            line.costs.push(bench.reconcile(program, &subject.toml));
        }
        for ((line, passed), (_, kind)) in slow.iter_mut().zip(&slow_lines) {
            let (cost, what) = slow::through(subject, *kind, |toml| bench.reconcile(&how.program, toml));
            line.costs.push(cost);
            *passed = what;
        }
    }
    let direct = lines[1].median(|c| c.wall);
    let all: Vec<&Line> = lines.iter().chain(slow.iter().map(|(line, _)| line)).collect();
    table::print(&all, subject.cells());
    for ((line, passed), (_, kind)) in slow.iter().zip(&slow_lines) {
        slow::explain(line, *kind, passed, direct);
    }
    println!("Counts by verdict were those expected and all digests the same, in every run. Integrity checks are always on.");
}

/// The machine's own time, as the program tells when it published.
#[allow(clippy::disallowed_methods)] // the clock the program under test goes by
fn wall_clock() -> chrono::DateTime<chrono::Utc> {
    chrono::Utc::now()
}

fn load() -> String {
    std::fs::read_to_string("/proc/loadavg").unwrap_or_default().split_whitespace().take(3).collect::<Vec<_>>().join(" ")
}

struct Bench<'a> {
    subject: &'a Subject,
    postmaster: u32,
    /// What the first run came to.
    came_to: Option<Outcome>,
}

impl Bench<'_> {
    fn read_all(&self) -> Cost {
        let (cost, said) = measured(Some(self.postmaster), &mut self.subject.floor());
        for program in said {
            assert_eq!(program.code, Some(0), "{}", program.err);
        }
        cost
    }

    /// One reconciliation of all months into a workspace of its own. With other counts than expected, or another digest than
    /// before, there is no time to report.
    fn reconcile(&mut self, program: &Path, toml: &str) -> Cost {
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::write(dir.path().join("dualrun.toml"), toml).expect("written");
        let mut command = Command::new(program);
        command.arg("-C").arg(dir.path()).args(["reconcile", "--period", &self.subject.period(), "--format", "json", "-q", "--as", "bench"]);
        let begun = wall_clock();
        let (mut cost, mut said) = measured(Some(self.postmaster), std::slice::from_mut(command.stdout(Stdio::piped())));
        let said = said.pop().expect("one program");
        assert!(matches!(said.code, Some(0 | 1)), "dualrun ended with {:?}: {}", said.code, said.err);
        cost.stored = (published(&said.out) - begun).to_std().expect("published after it was begun");
        let outcome = outcome(&said.out);
        assert_eq!(outcome.counts, self.subject.expected, "rows by verdict");
        match &self.came_to {
            None => self.came_to = Some(outcome),
            Some(before) => assert_eq!(before.digests, outcome.digests, "the same data, another digest"),
        }
        cost
    }
}

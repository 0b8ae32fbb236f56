//! What a person at the terminal waits for on a stored run: the first frame, a key until the screen settled, a frame over hostile cells;
//! what the program costs while nobody touches it, and while all of a run is scrolled through; and what a report of all rows costs.

use crate::measure::measured;
use crate::pty::Pty;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use dualrun::adapters::clock::SystemClock;
use dualrun::adapters::workspace::Door;
use dualrun::domain::period::Zone;
use dualrun::ports::clock::Clock as _;
use dualrun::tui::effects::Runner;
use dualrun::tui::theme::Theme;
use dualrun::tui::{Effect, Model, Msg, Services, Setup, update, view};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{Receiver, channel};

const SIZE: (u16, u16) = (140, 42);
/// Presses of each key.
const PRESSES: usize = 300;
/// How long the program is left alone.
const IDLE: Duration = Duration::from_secs(20);
/// Ticks of a second in `/proc/PID/stat`.
const TICKS: u64 = 100;

struct Seat {
    model: Model,
    runner: Runner,
    answers: Receiver<Msg>,
    screen: Terminal<TestBackend>,
}

impl Seat {
    /// Does effects one after the other until nothing is left, and draws.
    async fn settle(&mut self, mut waiting: Vec<Effect>) {
        while let Some(effect) = waiting.pop() {
            if matches!(effect, Effect::Copy(_) | Effect::Suspend | Effect::Quit) {
                continue;
            }
            self.runner.start(effect);
            // How far a page has come is told in between.
            loop {
                let msg = self.answers.recv().await.expect("an answer");
                let is_word = matches!(msg, Msg::Looked(..));
                waiting.extend(update(&mut self.model, msg));
                if !is_word {
                    break;
                }
            }
        }
        self.screen.draw(|frame| view(&self.model, frame)).expect("drawn");
    }

    async fn press(&mut self, code: KeyCode) -> Duration {
        let began = Instant::now();
        let effects = update(&mut self.model, Msg::Key(KeyEvent::new(code, KeyModifiers::NONE)));
        self.settle(effects).await;
        began.elapsed()
    }
}

fn setup() -> Setup {
    Setup {
        service: String::new(),
        source: None,
        target: None,
        actor: "bench".to_owned(),
        config_digest: String::new(),
        inertness_digest: String::new(),
        checks: Vec::new(),
        loader: None,
        coverage_floor: 9_900,
        zone: Zone::UTC,
        manual: BTreeMap::new(),
        can_flip: false,
        can_run: false,
        theme: Theme::default(),
        keys: Arc::default(),
    }
}

/// Everything, a line each.
pub fn print(project: &Path) {
    tokio::runtime::Runtime::new().expect("a runtime").block_on(waits(project));
    costs(project);
    reports(project);
}

async fn waits(project: &Path) {
    let clock = Arc::new(SystemClock);
    let began = Instant::now();
    let services = Services {
        door: Arc::new(Door::new(project, Arc::clone(&clock) as _)),
        project: None,
        clock: Arc::clone(&clock) as _,
        agent: None,
        steps: Arc::new(|_| Vec::new()),
        tour: false,
        ask_month: false,
        copies: None,
        looks: dualrun::config::user::Looks::default(),
        keys: Arc::default(),
        memory: None,
    };
    let (sender, answers) = channel(64);
    let (model, effects) = Model::new(setup(), clock.now(), SIZE);
    let screen = Terminal::new(TestBackend::new(SIZE.0, SIZE.1)).expect("a screen");
    let mut seat = Seat { model, runner: Runner::new(services, sender), answers, screen };
    seat.screen.draw(|frame| view(&seat.model, frame)).expect("drawn");
    let first = began.elapsed();
    seat.settle(effects).await;
    println!("first frame {first:?}, with the run's numbers {:?}", began.elapsed());
    seat.press(KeyCode::Char('3')).await;
    let mut all = Vec::new();
    for code in [KeyCode::Down, KeyCode::PageDown, KeyCode::Up, KeyCode::PageUp, KeyCode::Char('s'), KeyCode::Char('G'), KeyCode::Char('g')] {
        let mut took = Vec::with_capacity(PRESSES);
        let presses = if matches!(code, KeyCode::Char(_)) { PRESSES / 10 } else { PRESSES };
        for _ in 0..presses {
            took.push(seat.press(code).await);
        }
        println!("key {code:?} to settled screen: {}", spread(&mut took));
        all.extend(took);
    }
    println!("any key to settled screen: {}", spread(&mut all));
    println!("a frame over hostile cells: {}", hostile(&mut seat));
}

/// Median, 99th percentile and slowest.
fn spread(took: &mut [Duration]) -> String {
    took.sort_unstable();
    let at = |part: usize| took[(took.len() * part / 100).min(took.len() - 1)];
    format!("median {:?}, p99 {:?}, slowest {:?} of {}", at(50), at(99), at(100), took.len())
}

fn hostile(seat: &mut Seat) -> String {
    let texts = [
        "e\u{301}".repeat(20_000),
        "\u{202e}\u{1b}[2J".repeat(10_000),
        "👨‍👩‍👧‍👦".repeat(4_000),
        "日本語".repeat(10_000),
        "\u{200b}".repeat(40_000),
        "a".repeat(100_000),
    ];
    for (at, (_, row)) in seat.model.table.rows.iter_mut().enumerate() {
        let text = texts[at % texts.len()].as_str();
        (row.customer, row.plan, row.documents) = (text.into(), text.into(), text.into());
        row.cause = Some(text.to_owned());
    }
    let mut took: Vec<Duration> = (0..50)
        .map(|_| {
            let began = Instant::now();
            seat.screen.draw(|frame| view(&seat.model, frame)).expect("drawn");
            began.elapsed()
        })
        .collect();
    spread(&mut took)
}

/// The real program in a pseudo-terminal: processor time while it is left alone, memory while it scrolls.
fn costs(project: &Path) {
    let mut pty = Pty::start(env!("CARGO_BIN_EXE_dualrun"), &["tui"], project, SIZE, &[]);
    pty.expect("Pipeline");
    pty.keys("3");
    let (pid, before) = (pty.id(), processor(pty.id()));
    std::thread::sleep(IDLE);
    let (ticks, budget) = (processor(pid) - before, IDLE.as_secs() * TICKS);
    println!("idle: {ticks} of {budget} ticks of a processor, {}.{} %", ticks * 100 / budget, ticks * 1000 / budget % 10);
    pty.keys("G");
    let at_first = resident(pid);
    for _ in 0..40 {
        pty.keys(&"\x1b[5~".repeat(50));
    }
    let scrolled = resident(pid);
    pty.keys("gG");
    println!("memory: {at_first} kB at the run's end, {scrolled} kB after 2,000 pages up, {} kB at its end again", resident(pid));
    pty.keys("q");
    pty.end();
}

/// All rows of the newest month in each format of machines.
fn reports(project: &Path) {
    let dir = tempfile::tempdir().expect("a directory");
    for kind in ["csv", "jsonl"] {
        let out = dir.path().join(kind);
        let mut command = Command::new(env!("CARGO_BIN_EXE_dualrun"));
        command.arg("-C").arg(project).args(["report", kind, "-q", "-o"]).arg(&out);
        let (cost, said) = measured(None, std::slice::from_mut(&mut command));
        assert!(said.iter().all(|program| program.code == Some(0)), "{}", said[0].err);
        let bytes = std::fs::metadata(&out).expect("a report").len();
        println!("report {kind}: {} MB in {:?} of CPU, peak {} kB", bytes / 1_000_000, cost.client, cost.peak);
    }
}

fn processor(pid: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("its times");
    let fields: Vec<&str> = text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    [11, 12].iter().filter_map(|at| fields.get(*at)?.parse::<u64>().ok()).sum()
}

fn resident(pid: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("its memory");
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kb| kb.parse().ok()).unwrap_or(0)
}

//! Drives the terminal as a person would: keys in, effects done by the real runner, pictures out.

#[path = "outside.rs"]
mod outside;

use super::demo_book::demo;
use super::fake_workspace::{FakeDoor, FakeWorkspace, now};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use dualrun::app::gates::GateSetup;
use dualrun::app::project::{ImportSetup, Project, SideAccess};
use dualrun::config::user::Looks;
use dualrun::domain::period::Zone;
use dualrun::domain::profile::ServiceProfile;
use dualrun::domain::run::DatabaseKind;
use dualrun::ports::clock::Clock;
use dualrun::ports::database::{Database, DoctorFinding, Fault, Limits, Session};
use dualrun::ports::workspace::WorkspaceDoor;
use dualrun::tui::effects::Runner;
use dualrun::tui::theme::{Depth, Theme};
use dualrun::tui::{Effect, Model, Msg, Services, Setup, update, view};
use outside::Blind;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::mpsc::{Receiver, channel};
use tokio_util::sync::CancellationToken;

#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> DateTime<Utc> {
        now()
    }
}

pub struct Driver {
    pub model: Model,
    /// Effects the terminal itself would do.
    pub left: Vec<Effect>,
    /// The project's directory.
    pub folder: TempDir,
    runtime: Runtime,
    runner: Runner,
    answers: Receiver<Msg>,
}

pub fn setup(depth: Depth) -> Setup {
    Setup {
        service: "nexacloud".to_owned(),
        source: Some(DatabaseKind::Postgres),
        target: Some(DatabaseKind::Sqlite),
        actor: "ana".to_owned(),
        config_digest: "config-1".to_owned(),
        inertness_digest: "checks-1".to_owned(),
        checks: ["no payment token", "no charge linked", "mail queue empty"].map(str::to_owned).to_vec(),
        loader: Some("command load-billing".to_owned()),
        coverage_floor: 9500,
        zone: Zone::UTC,
        manual: BTreeMap::from([("truth/support".to_owned(), "support knows what to say to customers".to_owned())]),
        can_flip: true,
        can_run: true,
        theme: Theme { depth, ..Theme::default() },
        keys: Arc::default(),
    }
}

/// Both sides, out of reach: nothing here reads them.
#[derive(Debug)]
struct Away;

#[async_trait]
impl Database for Away {
    fn kind(&self) -> DatabaseKind {
        DatabaseKind::Sqlite
    }

    fn place(&self) -> String {
        "away".to_owned()
    }

    async fn open(&self, _: &Limits, _: &CancellationToken) -> Result<Box<dyn Session>, Fault> {
        panic!("no test of the terminal reads a side")
    }

    async fn inspect(&self, _: &Limits, _: &CancellationToken) -> Vec<DoctorFinding> {
        Vec::new()
    }
}

const CONFIG: &str = r#"
[service]
name = "nexacloud"
time_zone = "UTC"
[source]
kind = "sqlite"
path = "source.db"
active = ["active"]
billable = ["paid"]
ends = "exclusive"
round_per = "line"
round_mode = "half_even"
[source.queries]
plans = "select 1"
[target]
kind = "sqlite"
path = "target.db"
active = ["active"]
billable = ["posted"]
ends = "exclusive"
round_per = "line"
round_mode = "half_even"
[target.queries]
plans = "select 1"
"#;

/// The project the terminal is opened in.
fn project(dir: &Path, door: Arc<dyn WorkspaceDoor>, gates: GateSetup) -> Project {
    static PROFILE: OnceLock<ServiceProfile> = OnceLock::new();
    let profile = PROFILE.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("dualrun.toml"), CONFIG).unwrap();
        dualrun::config::load(dir.path()).unwrap_or_else(|e| panic!("{e}")).service
    });
    let side = || SideAccess { database: Arc::new(Away), queries: BTreeMap::new() };
    Project {
        dir: dir.to_owned(),
        profile: profile.clone(),
        limits: Limits::default(),
        source: side(),
        target: side(),
        import: ImportSetup::default(),
        flip: None,
        door,
        clock: Arc::new(Still),
        config_digest: "config-1".to_owned(),
        coverage_floor: 9500,
        actor: "ana".to_owned(),
        program: "test".to_owned(),
        gates,
        outside: Arc::new(Blind),
        checks: None,
    }
}

impl Driver {
    /// Over a door, its first effects still to be done.
    pub fn unread(door: FakeDoor, size: (u16, u16)) -> (Self, Vec<Effect>) {
        Self::gated(door, size, GateSetup::default())
    }

    /// The same, with gates.
    fn gated(door: FakeDoor, size: (u16, u16), gates: GateSetup) -> (Self, Vec<Effect>) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (sender, answers) = channel(64);
        let steps = Arc::new(|_: &_| vec!["flat 200.00 × 1 = 200.00".to_owned(), "cpu_seconds 12,000 used, 36,000 included: 0.00".to_owned()]);
        let door: Arc<dyn WorkspaceDoor> = Arc::new(door);
        let folder = tempfile::tempdir().unwrap();
        let services = Services {
            door: Arc::clone(&door),
            project: Some(project(folder.path(), door, gates)),
            clock: Arc::new(Still),
            agent: None,
            steps,
            memory: None,
            copies: None,
            tour: false,
            ask_month: false,
            looks: Looks::default(),
            keys: Arc::default(),
        };
        let (model, effects) = Model::new(setup(Depth::Many), now(), size);
        (Self { model, left: Vec::new(), folder, runtime, runner: Runner::new(services, sender), answers }, effects)
    }

    /// Over a door, settled.
    pub fn over(door: FakeDoor, size: (u16, u16)) -> Self {
        let (mut driver, effects) = Self::unread(door, size);
        driver.settle(effects);
        driver
    }

    pub fn holding(workspace: FakeWorkspace, size: (u16, u16)) -> Self {
        Self::over(FakeDoor::Holds(Arc::new(workspace)), size)
    }

    /// With a runbook.
    pub fn under(gates: GateSetup, workspace: FakeWorkspace, size: (u16, u16)) -> Self {
        let (mut driver, effects) = Self::gated(FakeDoor::Holds(Arc::new(workspace)), size, gates);
        driver.settle(effects);
        driver
    }

    pub fn demo(size: (u16, u16)) -> Self {
        Self::holding(demo(), size)
    }

    /// Does effects, and what their answers ask for, until nothing is left.
    pub fn settle(&mut self, effects: Vec<Effect>) {
        let mut waiting = effects;
        while let Some(effect) = waiting.pop() {
            if matches!(
                effect,
                Effect::Copy(_) | Effect::Suspend | Effect::Quit | Effect::CancelJob | Effect::Start(_) | Effect::Settle(..) | Effect::Do(_)
            ) {
                self.left.push(effect);
                continue;
            }
            let (runner, answers) = (&mut self.runner, &mut self.answers);
            let msg = self.runtime.block_on(async {
                runner.start(effect);
                answers.recv().await.unwrap()
            });
            waiting.extend(update(&mut self.model, msg));
        }
    }

    /// Does a job that was asked for, until it ended.
    pub fn work(&mut self, effect: Effect) {
        let (runner, answers) = (&mut self.runner, &mut self.answers);
        let msg = self.runtime.block_on(async {
            runner.start(effect);
            answers.recv().await.unwrap()
        });
        self.send(msg);
    }

    pub fn send(&mut self, msg: Msg) {
        let effects = update(&mut self.model, msg);
        self.settle(effects);
    }

    /// Presses keys one after the other: characters as they are, others by `<name>`.
    pub fn press(&mut self, keys: &str) {
        let mut rest = keys;
        while let Some(c) = rest.chars().next() {
            let named = rest.strip_prefix('<').and_then(|r| r.split_once('>'));
            let (code, after) = match named {
                Some((name, after)) => (code(name), after),
                None => (KeyCode::Char(c), &rest[c.len_utf8()..]),
            };
            self.send(Msg::Key(KeyEvent::new(code, KeyModifiers::NONE)));
            rest = after;
        }
    }

    /// The screen as it is drawn.
    pub fn buffer(&self) -> Buffer {
        let mut terminal = Terminal::new(TestBackend::new(self.model.size.0, self.model.size.1)).unwrap();
        terminal.draw(|frame| view(&self.model, frame)).unwrap();
        terminal.backend().buffer().clone()
    }

    /// The screen's characters.
    pub fn picture(&self) -> String {
        text(&self.buffer())
    }
}

fn code(name: &str) -> KeyCode {
    match name {
        "enter" => KeyCode::Enter,
        "esc" => KeyCode::Esc,
        "down" => KeyCode::Down,
        "up" => KeyCode::Up,
        "left" => KeyCode::Left,
        "right" => KeyCode::Right,
        "pgdn" => KeyCode::PageDown,
        "pgup" => KeyCode::PageUp,
        "backspace" => KeyCode::Backspace,
        "tab" => KeyCode::Tab,
        "home" => KeyCode::Home,
        "end" => KeyCode::End,
        other => panic!("no key {other}"),
    }
}

/// A buffer's characters, lines without the blanks at their ends.
pub fn text(buffer: &Buffer) -> String {
    use unicode_width::UnicodeWidthStr;
    let mut out = String::new();
    for y in 0..buffer.area.height {
        let mut line = String::new();
        let mut x = 0;
        while x < buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            line.push_str(symbol);
            x += u16::try_from(symbol.width().max(1)).unwrap();
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

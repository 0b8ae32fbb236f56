//! The loop: signals, keys, answers, and time while a job runs. It draws only what changed.

use super::effects::{Runner, Services};
use super::model::{Model, Overlay, Remembered, Setup, Trouble};
use super::msg::{Effect, Msg};
use super::terminal::{self, Held};
use super::theme::Theme;
use super::{update, view};
use crate::app::project::Project;
use crate::domain::gate::CheckKind;
use crate::domain::period::Zone;
use crate::domain::side::Side;
use crate::ports::memory::Memory;
use crossterm::clipboard::CopyToClipboard;
use crossterm::event::{Event, EventStream};
use crossterm::execute;
use futures::StreamExt as _;
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc::{Receiver, channel};
use tokio::task::JoinHandle;
use tokio::time::{Interval, MissedTickBehavior, interval};

/// Answers waiting at most; more wait in their tasks.
const ANSWERS: usize = 64;
/// Messages taken before the next picture, at most.
const BURST: usize = 256;
/// Between two looks at the running job.
const JOB_TICK: Duration = Duration::from_millis(100);
/// Between two tries while the workspace cannot be read.
const TROUBLE_TICK: Duration = Duration::from_secs(5);
/// Between two looks at the clock while nothing runs: ages are told in minutes.
const IDLE_TICK: Duration = Duration::from_secs(20);
/// Between two writings of what returns at the next start.
const KEEP: Duration = Duration::from_secs(2);
/// How long a cancelled job may take to write that it was interrupted, after a signal.
const GRACE: Duration = Duration::from_secs(5);

/// Why the terminal ended badly.
#[derive(Debug, thiserror::Error)]
pub enum TuiError {
    /// It is no terminal, or it went away.
    #[error("the terminal: {0} — run dualrun in a terminal, or use dualrun status and dualrun report")]
    Terminal(#[from] io::Error),
    /// A task panicked: the report was printed, the terminal given back.
    #[error("bug: a part of dualrun panicked — please report what is printed above; nothing half done was published")]
    Panicked,
}

/// Runs the terminal until the operator leaves, or SIGTERM or SIGHUP comes.
pub async fn run(services: Services) -> Result<(), TuiError> {
    let mut signals = Signals::new()?;
    let mut held = Held::take()?;
    let size = held.terminal.size()?;
    let (sender, mut answers) = channel(ANSWERS);
    let (mut model, effects) = Model::new(setup(&services), services.clock.now(), (size.width, size.height));
    if services.tour {
        model.overlays.push(Overlay::Tour(0));
    }
    if services.ask_month {
        update::ask_month(&mut model);
    }
    let mut keeper = Keeper::new(services.memory.clone(), &mut model);
    let mut runner = Runner::new(services.clone(), sender);
    start(&mut runner, effects);
    runner.watch();
    let mut keys = listen();
    let mut ticks = Ticks::new();
    loop {
        if !held.draw(|frame| view(&model, frame))? {
            return Err(TuiError::Panicked);
        }
        keeper.look(&model);
        let happened = next(&mut signals, &mut keys, &mut answers, ticks.of(&model)).await;
        let mut inbox = Vec::new();
        match happened {
            Happened::Ended => {
                keeper.last_look(&model).await;
                return leave_after(&runner, &mut answers, model.job_runs()).await;
            }
            Happened::Continued => held.again()?,
            Happened::Time => {}
            Happened::Message(msg) => inbox.push(*msg),
        }
        // Whatever waits already is taken before the next picture: held keys and bursts cost one.
        while let (true, Ok(msg)) = (inbox.len() < BURST, keys.try_recv()) {
            inbox.push(msg);
        }
        while let (true, Ok(msg)) = (inbox.len() < BURST, answers.try_recv()) {
            inbox.push(msg);
        }
        let heard = runner.heard.take();
        inbox.insert(0, Msg::Tick(services.clock.now()));
        if !heard.is_empty() {
            inbox.insert(1, Msg::Progress(heard));
        }
        for msg in inbox {
            for effect in update(&mut model, msg) {
                match effect {
                    Effect::Quit => {
                        keeper.last_look(&model).await;
                        return leave_after(&runner, &mut answers, false).await;
                    }
                    Effect::Suspend => suspend(&mut held).await?,
                    Effect::Copy(text) => {
                        let done = execute!(io::stdout(), CopyToClipboard::to_clipboard_from(text.as_bytes()));
                        let copied = crate::domain::text::shown(&text, 60);
                        update(&mut model, Msg::Copied(done.map(|()| copied).map_err(|e| Trouble::of(&e))));
                    }
                    other => runner.start(other),
                }
            }
        }
    }
}

/// Keeps what returns at the next start: now and then while things change, and at the end. What cannot be kept is no reason to stop.
struct Keeper {
    memory: Option<Arc<dyn Memory>>,
    kept: Remembered,
    at: Instant,
    /// The newest writing: a later one waits for it, or the older text could come last.
    writing: Option<JoinHandle<()>>,
}

impl Keeper {
    /// Takes up what was kept.
    fn new(memory: Option<Arc<dyn Memory>>, model: &mut Model) -> Self {
        if let Some(memory) = &memory {
            model.recall(memory.recall());
        }
        Self { memory, kept: Remembered::of(model), at: Instant::now(), writing: None }
    }

    fn look(&mut self, model: &Model) {
        let writes = self.writing.as_ref().is_some_and(|writing| !writing.is_finished());
        let Some(memory) = self.memory.clone().filter(|_| self.at.elapsed() >= KEEP && !writes) else { return };
        let now = Remembered::of(model);
        if now == self.kept {
            return;
        }
        (self.kept, self.at) = (now, Instant::now());
        let text = self.kept.text();
        self.writing = Some(tokio::task::spawn_blocking(move || drop(memory.keep(&text))));
    }

    async fn last_look(&mut self, model: &Model) {
        if let Some(writing) = self.writing.take() {
            let _ = writing.await;
        }
        let _ = self.memory.as_ref().map(|memory| memory.keep(&Remembered::of(model).text()));
    }
}

fn start(runner: &mut Runner, effects: Vec<Effect>) {
    for effect in effects {
        runner.start(effect);
    }
}

fn setup(services: &Services) -> Setup {
    let project = services.project.as_ref();
    let text = |f: fn(&Project) -> &str| project.map(f).unwrap_or_default().to_owned();
    Setup {
        service: text(|p| &p.profile.service),
        source: project.map(|p| p.side(Side::Source).database.kind()),
        target: project.map(|p| p.side(Side::Target).database.kind()),
        actor: text(|p| &p.actor),
        config_digest: text(|p| &p.config_digest),
        inertness_digest: text(|p| &p.import.inertness_digest),
        checks: project.map(|p| p.import.inertness.iter().map(|(name, _)| name.clone()).collect()).unwrap_or_default(),
        loader: project.and_then(|p| p.import.loader.as_ref()).map(|l| l.place()),
        coverage_floor: project.map_or(10_000, |p| p.coverage_floor),
        zone: project.map_or(Zone::UTC, |p| p.profile.zone),
        manual: project.map(manual).unwrap_or_default(),
        can_flip: project.is_some_and(|p| p.flip.is_some()),
        can_run: project.is_some(),
        theme: Theme::chosen(services.looks, |name| std::env::var(name).ok()),
        keys: Arc::clone(&services.keys),
    }
}

/// Checks that a person answers, each with what is to be stated.
fn manual(project: &Project) -> BTreeMap<String, String> {
    let stages = project.gates.runbook.iter().flat_map(|runbook| &runbook.stages);
    let all = stages.flat_map(|stage| stage.checks.iter().map(move |check| (stage, check)));
    let stated = all.filter_map(|(stage, check)| match &check.kind {
        CheckKind::Manual(manual) => Some((format!("{}/{}", stage.id, check.id), manual.statement.clone())),
        _ => None,
    });
    stated.collect()
}

/// Gives a running job the time to write that it was interrupted.
async fn leave_after(runner: &Runner, answers: &mut Receiver<Msg>, job_runs: bool) -> Result<(), TuiError> {
    if job_runs {
        runner.cancel();
        let ended = async { while !matches!(answers.recv().await, None | Some(Msg::JobEnded(_))) {} };
        // Past the grace the run stays `running` in the store, and recovery marks it interrupted.
        let _ = tokio::time::timeout(GRACE, ended).await;
    }
    Ok(())
}

/// Signals the loop listens to.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    quit: Signal,
    hang_up: Signal,
    go_on: Signal,
}

impl Signals {
    pub(super) fn new() -> io::Result<Self> {
        // SIGCONT has no name of its own in tokio; its number is 18 on Linux and 19 on the BSDs and macOS.
        let go_on = if cfg!(target_os = "linux") { 18 } else { 19 };
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            hang_up: signal(SignalKind::hangup())?,
            go_on: signal(SignalKind::from_raw(go_on))?,
        })
    }
}

pub(super) enum Happened {
    /// SIGTERM, SIGHUP, SIGINT or SIGQUIT from another program, or no terminal any more.
    Ended,
    /// SIGCONT: somebody else may have drawn.
    Continued,
    /// A tick.
    Time,
    /// A key or an answer.
    Message(Box<Msg>),
}

pub(super) async fn next(signals: &mut Signals, keys: &mut Receiver<Msg>, answers: &mut Receiver<Msg>, tick: &mut Interval) -> Happened {
    let msg = tokio::select! {
        biased;
        _ = signals.terminate.recv() => return Happened::Ended,
        _ = signals.interrupt.recv() => return Happened::Ended,
        _ = signals.quit.recv() => return Happened::Ended,
        _ = signals.hang_up.recv() => return Happened::Ended,
        _ = signals.go_on.recv() => return Happened::Continued,
        key = keys.recv() => key,
        answer = answers.recv() => answer,
        _ = tick.tick() => return if terminal::is_gone() { Happened::Ended } else { Happened::Time },
    };
    // A closed channel of keys is a terminal that went away.
    msg.map_or(Happened::Ended, |msg| Happened::Message(Box::new(msg)))
}

/// Reads the terminal's events in a task of its own: crossterm's stream remembers only the first waker, so it must be
/// polled by one task alone. The channel closes when the terminal is gone.
pub(super) fn listen() -> Receiver<Msg> {
    let (sender, keys) = channel(BURST);
    tokio::spawn(async move {
        let mut events = EventStream::new();
        loop {
            // Once nobody takes keys any more, none may be taken from whoever listens next in this process.
            let event = tokio::select! {
                biased;
                () = sender.closed() => return,
                event = events.next() => event,
            };
            let Some(Ok(event)) = event else { return };
            if let Some(msg) = message(event)
                && sender.send(msg).await.is_err()
            {
                return;
            }
        }
    });
    keys
}

fn message(event: Event) -> Option<Msg> {
    match event {
        Event::Key(key) => Some(Msg::Key(key)),
        Event::Mouse(mouse) if !matches!(mouse.kind, crossterm::event::MouseEventKind::Moved) => Some(Msg::Mouse(mouse)),
        Event::Paste(text) => Some(Msg::Paste(text)),
        Event::Resize(width, height) => Some(Msg::Resize(width, height)),
        _ => None,
    }
}

struct Ticks {
    job: Interval,
    trouble: Interval,
    idle: Interval,
}

impl Ticks {
    fn new() -> Self {
        let every = |period| {
            let mut ticks = interval(period);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
            ticks
        };
        Self { job: every(JOB_TICK), trouble: every(TROUBLE_TICK), idle: every(IDLE_TICK) }
    }

    fn of(&mut self, model: &Model) -> &mut Interval {
        match (model.job_runs(), &model.trouble) {
            (true, _) => &mut self.job,
            (false, Some(_)) => &mut self.trouble,
            (false, None) => &mut self.idle,
        }
    }
}

/// Stops into the shell's background as any program does at Ctrl-Z; comes back by `fg`.
pub(super) async fn suspend(held: &mut Held) -> Result<(), TuiError> {
    terminal::leave();
    let pid = std::process::id().to_string();
    let stopped = tokio::process::Command::new("kill").args(["-TSTP", &pid]).status().await;
    held.again()?;
    stopped.map(|_| ()).map_err(TuiError::from)
}

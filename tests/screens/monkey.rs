//! Random keys, mouse events, pastes, resizes and answers on hostile data: nothing panics, nothing forbidden is drawn, and the
//! program can always be left. `DUALRUN_MONKEY=SEED` plays one seed again.

use crate::demo_flip::{acts, gates, plan};
use crate::demo_import::{breach, inert, planned, with_import};
use crate::driver::Driver;
use crate::fake_workspace::{FakeWorkspace, now};
use crate::invariants;
use crate::rules::{HOSTILE, hostile};
use chrono::TimeDelta;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use dualrun::app::progress::Progress;
use dualrun::domain::contract::Entity;
use dualrun::domain::flip::FlipDeed;
use dualrun::domain::gate::SignatureRule;
use dualrun::domain::random::draw;
use dualrun::domain::side::Side;
use dualrun::tui::model::job::{JobAsked, JobDone};
use dualrun::tui::model::{Overlay, Trouble};
use dualrun::tui::msg::Kept;
use dualrun::tui::{Effect, Model, Msg, update};

/// All seeds together.
const STEPS: u64 = 20_000;
const SEEDS: u64 = 4;

/// Draws from one stream; tells where it was when a test falls over.
struct Dice {
    seed: u64,
    at: u64,
    last: Vec<String>,
}

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.at += 1;
        usize::try_from(draw(self.seed, 7, self.at) % n as u64).unwrap()
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        let at = self.below(of.len());
        &of[at]
    }

    fn up_to(&mut self, most: u16) -> u16 {
        u16::try_from(self.below(usize::from(most))).unwrap() + 1
    }
}

impl Drop for Dice {
    #[allow(clippy::print_stderr, reason = "how to play it again")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            let from = self.last.len().saturating_sub(30);
            eprintln!("DUALRUN_MONKEY={} plays it again; what came last: {:#?}", self.seed, &self.last[from..]);
        }
    }
}

/// Every list has lines, every name is hostile.
fn workspace() -> FakeWorkspace {
    let mut deeds = vec![plan(), FlipDeed::Hold { reason: HOSTILE.concat() }, FlipDeed::Resume { reason: HOSTILE.concat() }];
    if let FlipDeed::Planned(plan) = &mut deeds[0] {
        for (line, name) in plan.waves.iter_mut().flat_map(|w| &mut w.lines).zip(HOSTILE) {
            line.customer = name.into();
        }
        for (left, name) in plan.left_out.iter_mut().zip(HOSTILE) {
            left.why = vec![name.to_owned()];
        }
    }
    FakeWorkspace { gate_acts: acts(deeds), ..with_import(hostile(), breach()) }
}

fn mouse(dice: &mut Dice, (width, height): (u16, u16)) -> Msg {
    let kinds = [
        MouseEventKind::Down(MouseButton::Left),
        MouseEventKind::Down(MouseButton::Left),
        MouseEventKind::ScrollUp,
        MouseEventKind::ScrollDown,
        MouseEventKind::Down(MouseButton::Right),
        MouseEventKind::Up(MouseButton::Left),
        MouseEventKind::Drag(MouseButton::Left),
        MouseEventKind::Moved,
    ];
    let kind = *dice.one(&kinds);
    let (column, row) = (dice.up_to(width + 3) - 1, dice.up_to(height + 3) - 1);
    Msg::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE })
}

fn trouble() -> Trouble {
    Trouble { what: "the server closed the connection".to_owned(), remedy: "try again".to_owned() }
}

/// What comes from outside without being asked for.
fn answer(dice: &mut Dice, model: &Model) -> Msg {
    let rows = dice.below(1_000_000) as u64;
    match dice.below(9) {
        7 => Msg::CopySeen(1, Ok(("/srv/copy".into(), vec![HOSTILE.concat()]))),
        8 => Msg::Written(None),
        0 => Msg::Book(Err(trouble())),
        1 => Msg::Done(if rows.is_multiple_of(2) { Ok(Kept { words: "act 7: kept by ana".to_owned(), undo: None }) } else { Err(trouble()) }),
        2 => Msg::Touched(Err(trouble())),
        3 => Msg::Progress(vec![
            Progress::Phase(HOSTILE.concat()),
            Progress::Read { side: Side::Source, entity: Entity::Usage, rows, bytes: rows * 48, done: rows.is_multiple_of(2) },
            Progress::Judged { keys: rows, of: 1_000_000, rows },
        ]),
        4 => Msg::Progress(vec![Progress::Loaded { done: rows, of: 1_000_000, rejected: 2, parked: 1 }]),
        _ if model.job_runs() => Msg::JobEnded(match &model.job.as_ref().unwrap().asked {
            JobAsked::Plan(_) => Ok(JobDone::Planned(Box::new(planned(if rows.is_multiple_of(2) { inert() } else { breach() })))),
            JobAsked::Reconcile(_) if rows.is_multiple_of(2) => Ok(JobDone::Runs(model.book.runs.iter().take(1).cloned().collect())),
            JobAsked::Inertness => Ok(JobDone::Inertness(breach())),
            _ => Err(trouble()),
        }),
        _ => Msg::Tick(now() + TimeDelta::seconds(i64::try_from(rows).unwrap())),
    }
}

fn event(dice: &mut Dice, model: &Model, keys: &[KeyEvent]) -> Msg {
    const SIZES: [(u16, u16); 8] = [(1, 1), (2, 90), (300, 3), (60, 16), (59, 16), (80, 24), (100, 30), (140, 42)];
    match dice.below(100) {
        0..66 => Msg::Key(*dice.one(keys)),
        66..76 => {
            let chars: Vec<char> = HOSTILE.concat().chars().chain("verdict:delta >10 money 2026-05 yn".chars()).collect();
            Msg::Key(KeyEvent::new(KeyCode::Char(*dice.one(&chars)), KeyModifiers::NONE))
        }
        76..88 => mouse(dice, model.size),
        88..91 => Msg::Paste((*dice.one(&HOSTILE)).to_owned()),
        91..93 => {
            let (width, height) = (dice.up_to(200), dice.up_to(60));
            Msg::Resize(width, height)
        }
        93..95 => {
            let (width, height) = *dice.one(&SIZES);
            Msg::Resize(width, height)
        }
        _ => answer(dice, model),
    }
}

/// From any state two Ctrl-C leave at once.
fn can_be_interrupted(model: &Model, told: &str) {
    let mut model = model.clone();
    let interrupt = || Msg::Key(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL));
    let effects: Vec<Effect> = [interrupt(), interrupt()].into_iter().flat_map(|msg| update(&mut model, msg)).collect();
    assert!(effects.contains(&Effect::Quit), "{told}: Ctrl-C does not leave: {effects:?}");
}

/// From any state Esc and q leave, a running job having ended.
fn can_be_left(driver: &mut Driver, told: &str) {
    driver.send(Msg::Resize(80, 24));
    for _ in 0..12 {
        driver.press("<esc>");
    }
    assert!(driver.model.overlays.is_empty() && driver.model.table.editing.is_none(), "{told}: Esc does not lead out\n{}", driver.picture());
    driver.left.clear();
    driver.press("q");
    if driver.model.job_runs() {
        driver.press("y");
        driver.send(Msg::JobEnded(Err(trouble())));
    }
    assert!(driver.left.contains(&Effect::Quit), "{told}: q does not leave: {:?}\n{}", driver.left, driver.picture());
}

fn play(seed: u64, steps: u64) {
    let keys = invariants::keys();
    let mut dice = Dice { seed, at: 0, last: Vec::new() };
    let mut driver = Driver::under(gates(SignatureRule::Attested), workspace(), (140, 42));
    driver.model.overlays.push(Overlay::Tour(0));
    for step in 0..steps {
        let msg = event(&mut dice, &driver.model, &keys);
        dice.last.push(format!("{step}: {msg:?}"));
        driver.send(msg);
        driver.left.clear();
        driver.model.leaving = false;
        let told = format!("seed {seed}, step {step}");
        invariants::hold(&driver.model, &driver.buffer(), &told);
        if step.is_multiple_of(100) {
            can_be_interrupted(&driver.model, &told);
            // What lies on top of numbers cuts them.
            if driver.model.overlays.is_empty() {
                invariants::numbers_are_whole(&driver.model, &told);
            }
        }
        if step % 1000 == 999 {
            can_be_left(&mut driver, &told);
            driver.model.leaving = false;
        }
    }
    can_be_left(&mut driver, &format!("seed {seed}, at the end"));
}

#[test]
fn random_input_breaks_nothing_and_can_always_be_left() {
    if let Some(seed) = std::env::var("DUALRUN_MONKEY").ok().and_then(|seed| seed.parse().ok()) {
        return play(seed, STEPS);
    }
    std::thread::scope(|scope| {
        let seeds: Vec<_> = (1..=SEEDS).map(|seed| scope.spawn(move || play(seed, STEPS / SEEDS))).collect();
        for played in seeds {
            if let Err(broken) = played.join() {
                std::panic::resume_unwind(broken);
            }
        }
    });
}

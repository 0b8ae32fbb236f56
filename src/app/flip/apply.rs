//! Applying a wave, and backing one out: the phrase typed, everything checked once more, one act that says so, and then step by step.

use super::billing::of_target;
use super::check::{Checked, Gatekeeper, checked, in_the_way};
use super::drive::{Drive, End, point_of_no_return};
use super::plan::today;
use super::{Standing, WaveStanding, keep, setup, standing_in, wave_of, writer};
use crate::app::error::AppError;
use crate::app::progress::Observer;
use crate::app::project::{FlipSetup, Project};
use crate::domain::flip::{Begun, Direction, FlipDeed, Point, Seen, Step, Timed};
use crate::domain::gate::{GateAct, GateDeed};
use crate::flip::captured;
use crate::ports::loader::FlipLoader;
use crate::ports::workspace::WorkspaceWriter;
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Hours after which what the gates certified is not good enough to go on by.
const CERTIFIED_HOURS: i64 = 24;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Apply {
    /// The wave.
    pub wave: u32,
    /// The phrase as it was typed; it must be the pack's own.
    pub phrase: String,
    /// Longest wait for another program that writes the workspace, or for a loader's program of an earlier flip.
    pub wait: Duration,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct Came {
    /// The flip as it stands now.
    pub standing: Standing,
    /// The wave.
    pub wave: u32,
    /// Whether every line is where it was to be brought.
    pub whole: bool,
    /// Subscriptions for which nothing can be done before somebody looked at them, each with why.
    pub stuck: Vec<(String, String)>,
    /// Why it was stopped, where it was.
    pub stopped: Option<String>,
    /// What each step took.
    pub steps: Vec<Timed>,
}

fn target_loader(setup: &FlipSetup) -> Result<&dyn FlipLoader, AppError> {
    setup
        .target
        .as_deref()
        .ok_or_else(|| AppError::Usage("no loader is named in [import] of dualrun.toml: nobody makes the changes in the target".to_owned()))
}

/// Applies a wave, or goes on with one that was begun. Nothing is done unless the phrase is right and nothing blocks.
pub async fn apply(
    project: &Project,
    asked: &Apply,
    gates: &dyn Gatekeeper,
    observer: Arc<dyn Observer>,
    cancel: CancellationToken,
) -> Result<Came, AppError> {
    let setup = setup(project)?;
    let target = target_loader(setup)?;
    let _turn = project.door.turn("flip apply", &project.actor).await?;
    let standing = super::standing(project).await?;
    let wave = wave_of(&standing, asked.wave)?;
    refuse(standing.allowed(asked.wave, today(project)).apply)?;
    typed(&wave.pack.phrase(Direction::Forward), &asked.phrase)?;
    let mut drive = Drive { project, setup, target, standing, wave: asked.wave, observer: &observer, cancel: &cancel, steps: Vec::new() };
    // Before anything is read: what an earlier program still does would be missed.
    drive.ready(asked.wait).await?;
    let store = writer(project, asked.wait).await?;
    drive.standing = standing_in(store.as_ref(), &project.profile.service).await?;
    let begin = Begin { project, store: store.as_ref(), gates, asked, observer: &observer, cancel: &cancel };
    drive.standing = begin.forward(&drive.standing).await?;
    drop(store);
    came(drive).await
}

/// Backs a wave out, or goes on with it: every change undone in reverse order.
pub async fn back_out(project: &Project, asked: &Apply, observer: Arc<dyn Observer>, cancel: CancellationToken) -> Result<Came, AppError> {
    let setup = setup(project)?;
    let target = target_loader(setup)?;
    let _turn = project.door.turn("flip back-out", &project.actor).await?;
    let standing = super::standing(project).await?;
    let wave = wave_of(&standing, asked.wave)?;
    refuse(standing.allowed(asked.wave, today(project)).back_out)?;
    same_place(project, wave)?;
    typed(&wave.pack.phrase(Direction::Back), &asked.phrase)?;
    let mut drive = Drive { project, setup, target, standing, wave: asked.wave, observer: &observer, cancel: &cancel, steps: Vec::new() };
    drive.ready(asked.wait).await?;
    let now = of_target(project, setup, &cancel).await?;
    let store = writer(project, asked.wait).await?;
    let standing = standing_in(store.as_ref(), &project.profile.service).await?;
    let wave = wave_of(&standing, asked.wave)?;
    if let Some(payment) = captured(wave, &now.payments, project.profile.zone) {
        let words = point_of_no_return(&payment);
        keep(store.as_ref(), project, FlipDeed::PointOfNoReturn { wave: asked.wave, payment }, None).await?;
        return Err(AppError::Changed(words));
    }
    let (phrase, pack) = (wave.pack.phrase(Direction::Back), wave.pack.digest());
    let begun = Begun {
        wave: asked.wave,
        direction: Direction::Back,
        pack,
        phrase,
        certificate: None,
        run: None,
        place: Some(project.gates.place.acts_on()),
    };
    keep(store.as_ref(), project, FlipDeed::Begun(Box::new(begun)), Some(standing.seen)).await?;
    drive.standing = standing_in(store.as_ref(), &project.profile.service).await?;
    drop(store);
    came(drive).await
}

async fn came(mut drive: Drive<'_>) -> Result<Came, AppError> {
    let (whole, stuck, stopped) = match drive.run().await? {
        End::Done => (true, Vec::new(), None),
        End::Stuck(stuck) => (false, stuck, None),
        End::Stopped(why) => (false, Vec::new(), Some(why)),
    };
    Ok(Came { wave: drive.wave, standing: drive.standing, whole, stuck, stopped, steps: drive.steps })
}

fn refuse(may: Result<(), String>) -> Result<(), AppError> {
    may.map_err(|why| AppError::Changed(format!("nothing was done: {why}")))
}

/// What was begun goes on, or back, where it was begun: read back from another database, or done by another loader, it says nothing.
fn same_place(project: &Project, wave: &WaveStanding) -> Result<(), AppError> {
    match wave.begun.as_ref().and_then(|(_, begun)| begun.place.as_deref()) {
        Some(then) if then != project.gates.place.acts_on() => Err(AppError::Changed(
            "nothing was done: this wave was begun on other databases, or with other loaders, than the configuration names now — name those again"
                .to_owned(),
        )),
        _ => Ok(()),
    }
}

/// Blanks around it do not count; everything else does.
fn typed(phrase: &str, typed: &str) -> Result<(), AppError> {
    if typed.trim() == phrase {
        return Ok(());
    }
    let given = crate::domain::text::shown(typed.trim(), 120);
    let given = if given.is_empty() { "nothing".to_owned() } else { format!("\"{given}\"") };
    Err(AppError::Changed(format!(
        "nothing was done: {given} was typed, and the phrase is now \"{phrase}\" — look at what it stands for: dualrun flip show"
    )))
}

struct Begin<'a> {
    project: &'a Project,
    store: &'a dyn WorkspaceWriter,
    gates: &'a dyn Gatekeeper,
    asked: &'a Apply,
    observer: &'a Arc<dyn Observer>,
    cancel: &'a CancellationToken,
}

impl Begin<'_> {
    /// Checks everything, and keeps that it begins; the standing from then on.
    async fn forward(&self, standing: &Standing) -> Result<Standing, AppError> {
        refuse(standing.allowed(self.asked.wave, today(self.project)).apply)?;
        let wave = wave_of(standing, self.asked.wave)?;
        let pack = wave.pack.digest();
        let phrase = wave.pack.phrase(Direction::Forward);
        let untouched = wave.untouched();
        // One that was begun and of which nothing is there is checked as if it had not been.
        let (certificate, run, barred) = if untouched.len() == wave.pack.lines.len() {
            let ground = (self.project, self.store);
            let checked = checked(ground, standing, self.asked.wave, self.gates, (self.observer, self.cancel)).await?;
            let Checked { blockers, certificate, run, .. } = checked;
            if !blockers.is_empty() {
                return Err(AppError::Changed(format!("nothing was done, for this is in the way: {}", blockers.join("; "))));
            }
            (certificate, run, BTreeMap::new())
        } else {
            same_place(self.project, wave)?;
            let certificate = self.still_certified(wave).await?;
            let run = wave.begun.as_ref().and_then(|(_, begun)| begun.run);
            (Some(certificate), run, self.barred((standing, wave), untouched).await?)
        };
        let begun = Begun {
            wave: self.asked.wave,
            direction: Direction::Forward,
            pack,
            phrase,
            certificate,
            run,
            place: Some(self.project.gates.place.acts_on()),
        };
        // Nobody else can have acted: the workspace is held. What came since are the checks that were just made.
        let seen = self.now().await?.seen;
        keep(self.store, self.project, FlipDeed::Begun(Box::new(begun)), Some(seen)).await?;
        if !barred.is_empty() {
            let seen = barred.values().map(|why| Seen::HeldBack { why: format!("it was not begun: {why}") }).collect();
            let subscriptions = barred.into_keys().collect();
            let of = Point { wave: self.asked.wave, direction: Direction::Forward, step: Step::SwitchOff, subscriptions };
            keep(self.store, self.project, FlipDeed::ReadBack { of, seen }, None).await?;
        }
        self.now().await
    }

    async fn now(&self) -> Result<Standing, AppError> {
        Ok(standing_in(self.store, &self.project.profile.service).await?)
    }

    /// A wave half applied is not let stand for a gate that its own first steps shut: what was certified when it was begun holds for
    /// a while, then the gates are asked again.
    async fn still_certified(&self, wave: &WaveStanding) -> Result<String, AppError> {
        let begun = wave.begun.as_ref().filter(|(_, begun)| begun.direction == Direction::Forward);
        let now = self.project.clock.now();
        let is_fresh = |at: DateTime<Utc>| now >= at && (now - at).num_hours() < CERTIFIED_HOURS;
        let acts = self.store.gate_acts(&self.project.profile.service).await?;
        let still = |at: DateTime<Utc>| acts.iter().all(|act| !takes_back(act, (at, now)));
        let fresh = begun.filter(|(at, _)| wave.first_begun.is_some_and(is_fresh) && still(*at));
        if let Some(certificate) = fresh.and_then(|(_, begun)| begun.certificate.clone()) {
            return Ok(certificate);
        }
        self.gates.certify().await?.map_err(|blockers| {
            let words = format!("nothing was done: what it was begun under holds no more, and the gates do not hold: {}", blockers.join("; "));
            AppError::Changed(words)
        })
    }

    /// Subscriptions of a begun wave of which nothing was done yet get every check that a wave gets before it begins. Those for which
    /// something is in the way stay where they are, each with what; what is half done goes on.
    async fn barred(&self, of: (&Standing, &WaveStanding), untouched: BTreeSet<String>) -> Result<BTreeMap<String, String>, AppError> {
        if untouched.is_empty() {
            return Ok(BTreeMap::new());
        }
        let ground = (self.project, self.store);
        let way = match in_the_way(ground, of, &untouched, self.gates, (self.observer, self.cancel)).await {
            Ok(way) => way,
            // Nothing they could be held against is what it was.
            Err(AppError::Changed(why)) => return Ok(untouched.into_iter().map(|id| (id, why.clone())).collect()),
            Err(error) => return Err(error),
        };
        let hours = setup(self.project)?.rules.buffer_hours;
        let why = |id: &String| {
            let of_one = way.of_one.iter().filter(|of| of.subscription == *id).map(|of| format!("since it was planned: {}", of.what));
            let near = way.near.contains(id).then(|| format!("it renews within {hours} hours"));
            let all: Vec<String> = way.of_all.iter().cloned().chain(of_one).chain(near).collect();
            (!all.is_empty()).then(|| all.join("; "))
        };
        Ok(untouched.into_iter().filter_map(|id| why(&id).map(|why| (id, why))).collect())
    }
}

/// Whether an act takes from what a wave was begun under: a no, something taken back, or broken glass whose time is over.
fn takes_back(act: &GateAct, (begun, now): (DateTime<Utc>, DateTime<Utc>)) -> bool {
    match &act.deed {
        GateDeed::NoGo { .. } | GateDeed::Withdraw { .. } => act.at >= begun,
        GateDeed::BreakGlass(terms) => act.at <= begun && begun < terms.expires && terms.expires <= now,
        _ => false,
    }
}

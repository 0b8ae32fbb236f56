//! Drives a wave: does what the engine says comes next. Each batch is an act before it is handed over, is answered, and is read back
//! before anything goes on. Between two steps others may write the workspace: a hold is heard before the next batch.

use super::billing::{OfSource, of_source, of_target};
use super::plan::today;
use super::{Standing, WaveStanding, keep, standing_in, wave_of, writer};
use crate::app::error::AppError;
use crate::app::progress::{Observer, Progress};
use crate::app::project::{FlipSetup, Project};
use crate::domain::flip::{Direction, FlipDeed, PackLine, Payment, Point, Seen, Step, Timed, Told};
use crate::domain::import::Answer;
use crate::domain::side::Side;
use crate::domain::text::shown;
use crate::flip::{LineState, Next, captured, seen};
use crate::ports::loader::{FlipLoader, FlipParcel};
use crate::ports::workspace::StoreError;
use chrono::{DateTime, Utc};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Longest wait for another program that writes the workspace, between two steps.
const BETWEEN: Duration = Duration::from_secs(30);

/// A wave under way.
pub(super) struct Drive<'a> {
    pub project: &'a Project,
    pub setup: &'a FlipSetup,
    pub target: &'a dyn FlipLoader,
    pub standing: Standing,
    pub wave: u32,
    pub observer: &'a Arc<dyn Observer>,
    pub cancel: &'a CancellationToken,
    /// What each step took.
    pub steps: Vec<Timed>,
}

/// How a drive ended.
pub(super) enum End {
    /// Every line is where it was to be brought.
    Done,
    /// For what is left nothing can be done, each subscription with why.
    Stuck(Vec<(String, String)>),
    /// Somebody or something stopped it; what is left can go on later.
    Stopped(String),
}

/// What became of an attempt to keep an act.
enum Kept {
    Kept,
    /// Others acted meanwhile; the standing is the newest.
    Overtaken,
}

impl Drive<'_> {
    pub fn standing(&self) -> Result<&WaveStanding, AppError> {
        wave_of(&self.standing, self.wave)
    }

    fn loader(&self, side: Side) -> &dyn FlipLoader {
        match side {
            Side::Source => self.setup.source.as_ref(),
            Side::Target => self.target,
        }
    }

    /// Whether both programs can be used, and nothing of an earlier flip is still at work. Before anything is read.
    pub async fn ready(&self, wait: Duration) -> Result<(), AppError> {
        self.setup.source.ready(wait).await?;
        Ok(self.target.ready(wait).await?)
    }

    /// Until nothing is left to do in the direction the wave was begun in.
    pub async fn run(&mut self) -> Result<End, AppError> {
        loop {
            self.tell()?;
            if self.cancel.is_cancelled() {
                return Ok(End::Stopped("it was stopped; the same command goes on from there".to_owned()));
            }
            let began = self.project.clock.now();
            let stopped = match self.standing()?.next() {
                Next::Done => {
                    let direction = self.standing()?.direction();
                    self.note(FlipDeed::Ended { wave: self.wave, direction }).await?;
                    return Ok(End::Done);
                }
                Next::Stuck(left) => return Ok(End::Stuck(left)),
                Next::LookFor(point) => {
                    self.look_for(&point).await?;
                    self.time(format!("read back {}", point.step.act(point.direction).word()), began);
                    None
                }
                Next::Send(point) => {
                    let stopped = self.send(&point).await?;
                    self.time(point.step.act(point.direction).word().to_owned(), began);
                    stopped
                }
            };
            if let Some(why) = stopped {
                return Ok(End::Stopped(why));
            }
        }
    }

    fn time(&mut self, what: String, began: DateTime<Utc>) {
        let took = (self.project.clock.now() - began).num_milliseconds();
        let milliseconds = u64::try_from(took).unwrap_or(0);
        match self.steps.iter_mut().find(|step| step.what == what) {
            Some(step) => step.milliseconds = step.milliseconds.saturating_add(milliseconds),
            None => self.steps.push(Timed { what, milliseconds }),
        }
    }

    /// Reads what some changes came to, once nothing of them is at work any more.
    async fn look_for(&mut self, point: &Point) -> Result<(), AppError> {
        let act = point.step.act(point.direction).word();
        self.observer.hear(Progress::Phase(format!("reading back {act}")));
        self.loader(point.step.side()).quiet().await?;
        let (mut source, mut target) = (None, None);
        if matches!(point.step, Step::SwitchOff | Step::Confirm) {
            source = Some(of_source(self.project, self.setup, self.cancel).await?);
        }
        if point.step.side() == Side::Target {
            target = Some(of_target(self.project, self.setup, self.cancel).await?);
        }
        let of = |line: &PackLine| {
            let (source, target) = (of_line(source.as_ref(), line), target.as_ref().and_then(|t| t.of.get(&line.subscription).copied()));
            seen(point.step, point.direction, line, source, target)
        };
        let pack = &self.standing()?.pack;
        let unplanned = || Seen::Unclear { why: "it is in no pack".to_owned() };
        let seen = point.subscriptions.iter().map(|id| pack.line(id).map_or_else(unplanned, &of)).collect();
        self.note(FlipDeed::ReadBack { of: point.clone(), seen }).await
    }

    /// Hands a batch over; why the drive must stop, where it must.
    async fn send(&mut self, point: &Point) -> Result<Option<String>, AppError> {
        if let Some(why) = self.may_go_on()? {
            return Ok(Some(why));
        }
        let most = self.loader(point.step.side()).batch().unwrap_or(usize::MAX).max(1);
        let subscriptions = point.subscriptions.iter().take(most).cloned().collect();
        let mut point = Point { subscriptions, ..point.clone() };
        if let Some(why) = self.may_still(&mut point).await? {
            return Ok(Some(why));
        }
        if point.subscriptions.is_empty() {
            return Ok(None);
        }
        let parcels = self.parcels(&point)?;
        // Kept first: after a crash this is what may have arrived. Whoever held or aborted meanwhile is heard here.
        match self.decide(FlipDeed::Sending(point.clone())).await? {
            Kept::Kept => {}
            Kept::Overtaken => return self.may_go_on(),
        }
        let act = point.step.act(point.direction).word();
        self.observer.hear(Progress::Phase(format!("{act}: {} subscriptions", parcels.len())));
        match self.loader(point.step.side()).change(&parcels, self.cancel).await {
            Ok(answers) => {
                let pack = self.loader(point.step.side()).pack();
                let told = (0..parcels.len()).map(|at| told(answers.get(at), pack.as_deref())).collect();
                self.note(FlipDeed::Answered { of: point, told }).await?;
                // What somebody does by hand takes its time.
                Ok(pack.map(|pack| format!("the changes {act} are in {pack}, to be made by hand")))
            }
            Err(fault) => {
                let told = vec![Told::Unsent { why: fault.to_string() }; parcels.len()];
                self.note(FlipDeed::Answered { of: point, told }).await?;
                Err(fault.into())
            }
        }
    }

    fn parcels(&self, point: &Point) -> Result<Vec<FlipParcel>, AppError> {
        let wave = self.standing()?;
        let turn = format!("wave {}", self.wave);
        let parcel = |id: &String| {
            let change = wave.pack.line(id).and_then(|line| line.change(point.step));
            let change = change.ok_or_else(|| AppError::Bug(format!("{} has no change {}", shown(id, 60), point.step.word())))?;
            Ok(FlipParcel { key: change.key(point.direction, &turn), change: change.clone(), direction: point.direction })
        };
        point.subscriptions.iter().map(parcel).collect()
    }

    /// Takes those out of a batch for which the other side is not as it must be, and keeps what was seen of them. Forward, the target
    /// is told nothing before the source is off; backward, the source is told nothing before the target is off, and nothing at all
    /// once a payment was captured.
    async fn may_still(&mut self, point: &mut Point) -> Result<Option<String>, AppError> {
        match (point.direction, point.step.side()) {
            (Direction::Forward, Side::Source) => Ok(None),
            (Direction::Forward, Side::Target) => {
                let source = of_source(self.project, self.setup, self.cancel).await?;
                self.leave_out(point, (Step::SwitchOff, Direction::Forward), |line| {
                    match seen(Step::SwitchOff, Direction::Forward, line, of_line(Some(&source), line), None) {
                        Seen::There => None,
                        Seen::NotThere => Some(Seen::Wrong { why: "the source bills it".to_owned() }),
                        other => Some(other),
                    }
                })
                .await?;
                Ok(None)
            }
            (Direction::Back, side) => {
                let target = of_target(self.project, self.setup, self.cancel).await?;
                if let Some(payment) = captured(self.standing()?, &target.payments, self.project.profile.zone) {
                    let words = point_of_no_return(&payment);
                    self.note(FlipDeed::PointOfNoReturn { wave: self.wave, payment }).await?;
                    return Ok(Some(words));
                }
                if side == Side::Source {
                    self.leave_out(point, (Step::Confirm, Direction::Back), |line| {
                        match seen(Step::Confirm, Direction::Back, line, None, target.of.get(&line.subscription).copied()) {
                            Seen::There => None,
                            other => Some(other),
                        }
                    })
                    .await?;
                }
                Ok(None)
            }
        }
    }

    async fn leave_out(
        &mut self,
        point: &mut Point,
        (step, direction): (Step, Direction),
        not: impl Fn(&PackLine) -> Option<Seen> + Send,
    ) -> Result<(), AppError> {
        let pack = &self.standing()?.pack;
        let (mut left, mut why) = (Vec::new(), Vec::new());
        for id in &point.subscriptions {
            let seen = pack.line(id).map_or_else(|| Some(Seen::Unclear { why: "it is in no pack".to_owned() }), &not);
            if let Some(seen) = seen {
                left.push(id.clone());
                why.push(seen);
            }
        }
        if left.is_empty() {
            return Ok(());
        }
        point.subscriptions.retain(|id| !left.contains(id));
        self.note(FlipDeed::ReadBack { of: Point { wave: self.wave, direction, step, subscriptions: left }, seen: why }).await
    }

    /// Why the wave may not go on, by the newest acts; `None` where it may.
    fn may_go_on(&self) -> Result<Option<String>, AppError> {
        let direction = self.standing()?.direction();
        let allowed = self.standing.allowed(self.wave, today(self.project));
        let may = if direction == Direction::Forward { allowed.apply } else { allowed.back_out };
        Ok(may.err())
    }

    /// Keeps what was decided, unless others acted since.
    async fn decide(&mut self, deed: FlipDeed) -> Result<Kept, AppError> {
        let store = writer(self.project, BETWEEN).await?;
        match keep(store.as_ref(), self.project, deed, Some(self.standing.seen)).await {
            Ok(act) => {
                self.standing.hear(&act);
                Ok(Kept::Kept)
            }
            Err(AppError::Store(StoreError::Overtaken { .. })) => {
                self.standing = standing_in(store.as_ref(), &self.project.profile.service).await?;
                Ok(Kept::Overtaken)
            }
            Err(error) => Err(error),
        }
    }

    /// Keeps what happened, whatever others decided meanwhile: that is heard before the next batch.
    async fn note(&mut self, deed: FlipDeed) -> Result<(), AppError> {
        let store = writer(self.project, BETWEEN).await?;
        let act = keep(store.as_ref(), self.project, deed, None).await?;
        let next = self.standing.seen + 1;
        self.standing.hear(&act);
        if act.id != next {
            // Somebody else's act lies between: what is decided next is decided on all of them.
            self.standing = standing_in(store.as_ref(), &self.project.profile.service).await?;
        }
        Ok(())
    }

    fn tell(&self) -> Result<(), AppError> {
        let counts = self.standing()?.counts();
        let of = |state: LineState| counts.get(&state).copied().unwrap_or(0);
        let done = match self.standing()?.direction() {
            Direction::Forward => of(LineState::Verified),
            Direction::Back => of(LineState::BackedOut),
        };
        self.observer.hear(Progress::Loaded { done, of: counts.values().sum(), rejected: of(LineState::Rejected), parked: of(LineState::Unknown) });
        Ok(())
    }
}

fn of_line(source: Option<&OfSource>, line: &PackLine) -> Option<crate::domain::flip::SourceBilling> {
    source.and_then(|source| source.of.get(&line.subscription).copied())
}

/// In words.
pub(super) fn point_of_no_return(payment: &Payment) -> String {
    let on = payment.on.map_or_else(String::new, |on| format!(" on {on}"));
    let of = shown(&payment.subscription, 60);
    format!("the point of no return is passed: the target captured a payment of {of}{on} — refunds and credits are made by hand")
}

/// What an answer says of a change.
fn told(answer: Option<&Answer>, pack: Option<&str>) -> Told {
    match answer {
        Some(Answer::Ok { .. }) => Told::Applied,
        Some(Answer::Rejected { reason }) => Told::Rejected { why: format!("refused: {reason}") },
        Some(Answer::Unknown { reason } | Answer::Silent { reason }) => Told::Unknown { why: reason.clone() },
        Some(Answer::HandedOver) => {
            let place = pack.map_or_else(String::new, |pack| format!(" ({pack})"));
            Told::Unknown { why: format!("it is to be made by hand{place}") }
        }
        None => Told::Unknown { why: "no answer".to_owned() },
    }
}

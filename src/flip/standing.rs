//! Where the flip stands: every act about it folded into waves and lines.

use super::course::{Next, next};
use super::waves::List;
use crate::domain::flip::{Begun, Direction, FlipDeed, FlipPack, FlipPlan, LeftOut, Look, Payment, Point, Rehearsal, Seen, Step, Told};
use crate::domain::gate::{GateAct, GateDeed};
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// How far a change came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LineState {
    /// Nothing was done, or what was done was read back as not there.
    Planned,
    /// About to be handed over, or handed over; no answer is kept.
    Sending,
    /// Whoever does it says it is done; not read back yet.
    Applied,
    /// Refused, or something else was read back: not sent again before somebody looked at it.
    Rejected,
    /// Nobody knows. It is looked for before anything is sent again.
    Unknown,
    /// Read back as it was to be.
    Verified,
    /// Undone, and read back as undone.
    BackedOut,
}

impl LineState {
    /// The word in files and on screens.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Sending => "sending",
            Self::Applied => "applied",
            Self::Rejected => "rejected",
            Self::Unknown => "unknown",
            Self::Verified => "verified",
            Self::BackedOut => "backed_out",
        }
    }
}

/// A change and how far it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineStanding {
    /// How far.
    pub state: LineState,
    /// The direction it was last sent in.
    pub direction: Direction,
    /// Times it was sent since the wave was last begun.
    pub tries: u32,
    /// Why it is where it is; empty where there is nothing to say.
    pub reason: String,
    /// Whether it was looked for since it was last sent.
    pub looked: bool,
    /// Whether anything of it was seen; `None` where that is not known.
    pub there: Option<bool>,
}

impl Default for LineStanding {
    fn default() -> Self {
        Self { state: LineState::Planned, direction: Direction::Forward, tries: 0, reason: String::new(), looked: false, there: Some(false) }
    }
}

/// What a wave comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WaveState {
    /// Nothing was done.
    Planned,
    /// Begun, and not every line is verified.
    Applying,
    /// Every line is verified; its first invoices are not all clean.
    Applied,
    /// Its first invoices are clean.
    Clean,
    /// On its way back.
    BackingOut,
    /// Back where it was.
    BackedOut,
}

impl WaveState {
    /// The word in files and on screens.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Applying => "applying",
            Self::Applied => "applied",
            Self::Clean => "clean",
            Self::BackingOut => "backing_out",
            Self::BackedOut => "backed_out",
        }
    }
}

/// What may be done with a wave next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    /// Applying it, from its beginning or from where it stopped: allowed, or why not.
    pub apply: Result<(), String>,
    /// Backing it out, from its beginning or from where that stopped: allowed, or why not.
    pub back_out: Result<(), String>,
}

/// A wave as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaveStanding {
    /// Its pack, as it was planned.
    pub pack: FlipPack,
    /// When it was last begun, and how.
    pub begun: Option<(DateTime<Utc>, Begun)>,
    /// When it was first begun forward: payments before it are none of the flip.
    pub first_begun: Option<DateTime<Utc>>,
    /// Its changes.
    pub lines: BTreeMap<(String, Step), LineStanding>,
    /// The direction every line was last brought to the end of.
    pub ended: Option<Direction>,
    /// Not before that day, and why.
    pub postponed: Option<(NaiveDate, String)>,
    /// Why it goes no further.
    pub aborted: Option<String>,
    /// The first captured payment.
    pub no_return: Option<Payment>,
    /// The newest look at its first invoices.
    pub look: Option<Look>,
    /// The newest rehearsal of this very pack.
    pub rehearsal: Option<Rehearsal>,
}

impl WaveStanding {
    fn new(pack: FlipPack) -> Self {
        let keys = pack.lines.iter().flat_map(|line| Step::ALL.map(|step| (line.subscription.clone(), step)));
        let lines = keys.map(|key| (key, LineStanding::default())).collect();
        Self {
            pack,
            begun: None,
            first_begun: None,
            lines,
            ended: None,
            postponed: None,
            aborted: None,
            no_return: None,
            look: None,
            rehearsal: None,
        }
    }

    /// The way it goes, or last went.
    pub fn direction(&self) -> Direction {
        self.begun.as_ref().map_or(Direction::Forward, |(_, begun)| begun.direction)
    }

    /// What it comes to.
    pub fn state(&self) -> WaveState {
        match (self.begun.is_some(), self.direction(), self.ended) {
            (false, ..) => WaveState::Planned,
            (true, Direction::Forward, Some(Direction::Forward)) if self.look.as_ref().is_some_and(|look| self.covers(look)) => WaveState::Clean,
            (true, Direction::Forward, Some(Direction::Forward)) => WaveState::Applied,
            (true, Direction::Forward, _) => WaveState::Applying,
            (true, Direction::Back, Some(Direction::Back)) => WaveState::BackedOut,
            (true, Direction::Back, _) => WaveState::BackingOut,
        }
    }

    /// Whether a look is of every subscription, each clean.
    fn covers(&self, look: &Look) -> bool {
        look.is_clean() && look.lines.iter().map(|l| &l.subscription).eq(self.pack.lines.iter().map(|l| &l.subscription))
    }

    /// The state of a line.
    pub fn line(&self, subscription: &str, step: Step) -> LineState {
        self.lines.get(&(subscription.to_owned(), step)).map_or(LineState::Planned, |line| line.state)
    }

    /// Subscriptions of which nothing was done, or nothing of it is there.
    pub fn untouched(&self) -> BTreeSet<String> {
        let is_open = |line: &LineStanding| match line.state {
            LineState::Planned => true,
            LineState::Rejected | LineState::Unknown => line.there == Some(false),
            LineState::Sending | LineState::Applied | LineState::Verified | LineState::BackedOut => false,
        };
        let touched: BTreeSet<&String> = self.lines.iter().filter(|(_, line)| !is_open(line)).map(|((id, _), _)| id).collect();
        self.pack.lines.iter().map(|line| &line.subscription).filter(|id| !touched.contains(id)).cloned().collect()
    }

    /// How many lines are in each state.
    pub fn counts(&self) -> BTreeMap<LineState, u64> {
        let mut counts = BTreeMap::new();
        for line in self.lines.values() {
            *counts.entry(line.state).or_insert(0) += 1;
        }
        counts
    }

    /// Subscriptions the target bills, as far as it was read back.
    pub fn bills(&self) -> impl Iterator<Item = &str> {
        let there = |state| matches!(state, LineState::Verified | LineState::Applied | LineState::Sending | LineState::Unknown);
        self.lines.iter().filter(move |((_, step), line)| *step == Step::Confirm && there(line.state)).map(|((id, _), _)| id.as_str())
    }

    fn take(&mut self, of: &Point, mut change: impl FnMut(usize, &mut LineStanding)) {
        for (at, subscription) in of.subscriptions.iter().enumerate() {
            if let Some(line) = self.lines.get_mut(&(subscription.clone(), of.step)) {
                change(at, line);
            }
        }
    }

    fn begin(&mut self, at: DateTime<Utc>, begun: &Begun) {
        // Whoever begins again says that refused and doubtful lines are to be looked at again.
        for line in self.lines.values_mut() {
            line.tries = 0;
            if matches!(line.state, LineState::Rejected | LineState::Unknown) {
                (line.state, line.looked) = (LineState::Unknown, false);
            }
        }
        if begun.direction == Direction::Forward {
            self.first_begun.get_or_insert(at);
        }
        self.ended = None;
        // What was seen of first invoices before is not what this brings about.
        self.look = None;
        self.begun = Some((at, begun.clone()));
    }

    fn answered(&mut self, of: &Point, told: &[Told]) {
        let undone = if of.direction == Direction::Back { LineState::Verified } else { LineState::Planned };
        self.take(of, |at, line| match told.get(at) {
            Some(Told::Applied) => (line.state, line.reason) = (LineState::Applied, String::new()),
            Some(Told::Rejected { why }) => (line.state, line.reason) = (LineState::Rejected, why.clone()),
            Some(Told::Unknown { why }) => (line.state, line.reason) = (LineState::Unknown, why.clone()),
            Some(Told::Unsent { why }) => {
                (line.state, line.reason, line.tries) = (undone, why.clone(), line.tries.saturating_sub(1));
                line.there = Some(of.direction == Direction::Back);
            }
            None => (line.state, line.reason) = (LineState::Unknown, "no answer".to_owned()),
        });
    }

    fn read_back(&mut self, of: &Point, seen: &[Seen]) {
        let (done, undone) = match of.direction {
            Direction::Forward => (LineState::Verified, LineState::Planned),
            Direction::Back => (LineState::BackedOut, LineState::Verified),
        };
        self.take(of, |at, line| {
            line.looked = true;
            match seen.get(at) {
                Some(Seen::There) => (line.state, line.there, line.reason) = (done, Some(of.direction == Direction::Forward), String::new()),
                Some(Seen::NotThere) => {
                    line.there = Some(of.direction == Direction::Back);
                    match line.state {
                        LineState::Rejected => {}
                        state => {
                            if state == LineState::Applied {
                                "it was said to be done, and is not there".clone_into(&mut line.reason);
                            }
                            line.state = undone;
                        }
                    }
                }
                Some(Seen::Wrong { why }) => (line.state, line.there, line.reason) = (LineState::Rejected, Some(true), why.clone()),
                Some(Seen::HeldBack { why }) => (line.state, line.reason) = (LineState::Rejected, why.clone()),
                Some(Seen::Unclear { why }) => (line.state, line.there, line.reason) = (LineState::Unknown, None, why.clone()),
                None => (line.state, line.there) = (LineState::Unknown, None),
            }
        });
    }
}

/// The flip as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    /// The newest act of the service, of whatever kind: what is decided on this standing is decided on that act.
    pub seen: i64,
    /// The plan waves were last cut by, without them.
    pub plan: Option<FlipPlan>,
    /// The plan's digest.
    pub plan_digest: String,
    /// Waves by number: those that began, and those planned last.
    pub waves: BTreeMap<u32, WaveStanding>,
    /// Subscriptions in no wave, by the newest plan.
    pub left_out: Vec<LeftOut>,
    /// Subscriptions that are not flipped before a day, with why, whatever wave they are planned in.
    pub postponed: BTreeMap<String, (NaiveDate, String)>,
    /// Who holds it, since when and why.
    pub held: Option<(String, DateTime<Utc>, String)>,
    /// When it was completed.
    pub completed: Option<DateTime<Utc>>,
}

/// Folds every act of a service, oldest first.
pub fn fold(acts: &[GateAct]) -> Standing {
    let mut standing = Standing::default();
    for act in acts {
        standing.hear(act);
    }
    standing
}

impl Standing {
    /// Hears the act after the newest one it knows.
    pub fn hear(&mut self, act: &GateAct) {
        self.seen = self.seen.max(act.id);
        if let GateDeed::Flip(deed) = &act.deed {
            self.take(act, deed);
        }
    }

    fn take(&mut self, act: &GateAct, deed: &FlipDeed) {
        if let FlipDeed::Planned(plan) = deed {
            return self.planned(plan);
        }
        match deed {
            FlipDeed::Hold { reason } => self.held = Some((act.actor.clone(), act.at, reason.clone())),
            FlipDeed::Resume { .. } => self.held = None,
            FlipDeed::Completed { .. } => self.completed = Some(act.at),
            FlipDeed::Postponed { wave, until, reason } => self.postpone(*wave, Some((*until, reason.clone()))),
            // Its day came, or whoever aborted it decided anew.
            FlipDeed::Begun(begun) if begun.direction == Direction::Forward => self.postpone(begun.wave, None),
            FlipDeed::Aborted { wave, .. } => self.postpone(*wave, None),
            _ => {}
        }
        let Some(wave) = deed_wave(deed).and_then(|number| self.waves.get_mut(&number)) else { return };
        match deed {
            FlipDeed::Begun(begun) => wave.begin(act.at, begun),
            FlipDeed::Sending(of) => wave.take(of, |_, line| {
                (line.state, line.direction, line.looked, line.there) = (LineState::Sending, of.direction, false, None);
                line.tries = line.tries.saturating_add(1);
                line.reason.clear();
            }),
            FlipDeed::Answered { of, told } => wave.answered(of, told),
            FlipDeed::ReadBack { of, seen } => wave.read_back(of, seen),
            FlipDeed::Ended { direction, .. } => wave.ended = Some(*direction),
            FlipDeed::Aborted { reason, .. } => wave.aborted = Some(reason.clone()),
            FlipDeed::PointOfNoReturn { payment, .. } => drop(wave.no_return.get_or_insert_with(|| payment.clone())),
            FlipDeed::Looked(look) => wave.look = Some(Look::clone(look)),
            FlipDeed::Rehearsed(rehearsal) if rehearsal.pack == wave.pack.digest() => wave.rehearsal = Some(Rehearsal::clone(rehearsal)),
            _ => {}
        }
    }

    fn planned(&mut self, plan: &FlipPlan) {
        self.waves.retain(|_, wave| wave.begun.is_some());
        for pack in &plan.waves {
            let of_lines = pack.lines.iter().filter_map(|line| self.postponed.get(&line.subscription));
            let postponed = of_lines.max_by_key(|(until, _)| *until).cloned();
            self.waves.entry(pack.wave).or_insert_with(|| WaveStanding { postponed, ..WaveStanding::new(pack.clone()) });
        }
        self.plan_digest = plan.digest();
        self.left_out.clone_from(&plan.left_out);
        self.plan = Some(FlipPlan { waves: Vec::new(), left_out: Vec::new(), ..plan.clone() });
        self.completed = None;
    }

    /// A wave is not applied before a day, nor is anybody of it in another; or nothing of that holds any more.
    fn postpone(&mut self, number: u32, until: Option<(NaiveDate, String)>) {
        let Some(wave) = self.waves.get_mut(&number) else { return };
        for line in &wave.pack.lines {
            match &until {
                Some(until) => drop(self.postponed.insert(line.subscription.clone(), until.clone())),
                None => drop(self.postponed.remove(&line.subscription)),
            }
        }
        if until.is_some() {
            wave.postponed = until;
        }
    }

    /// Who is postponed beyond that day, a list for each day, the next first.
    pub fn postponed_lists(&self, today: NaiveDate) -> Vec<List> {
        let mut days: BTreeMap<NaiveDate, Vec<String>> = BTreeMap::new();
        for (subscription, (until, _)) in self.postponed.iter().filter(|(_, (until, _))| today < *until) {
            days.entry(*until).or_default().push(subscription.clone());
        }
        days.into_iter().map(|(until, subscriptions)| List { name: format!("postponed to {until}"), subscriptions }).collect()
    }

    /// The number of the next wave that is cut.
    pub fn next_number(&self) -> u32 {
        let begun = self.waves.iter().filter(|(_, wave)| wave.begun.is_some()).map(|(number, _)| *number);
        begun.max().unwrap_or(0).saturating_add(1)
    }

    /// The wave a subscription is in for good: begun, and not backed out.
    pub fn wave_of(&self, subscription: &str) -> Option<u32> {
        let is_in = |wave: &WaveStanding| wave.begun.is_some() && wave.state() != WaveState::BackedOut && wave.pack.line(subscription).is_some();
        self.waves.iter().find(|(_, wave)| is_in(wave)).map(|(number, _)| *number)
    }

    /// What may be done with a wave, on that day.
    pub fn allowed(&self, number: u32, today: NaiveDate) -> Allowed {
        let no = |why: String| Allowed { apply: Err(why.clone()), back_out: Err(why) };
        let Some(wave) = self.waves.get(&number) else { return no(format!("there is no wave {number} — dualrun flip shows which there are")) };
        if let Some((who, _, why)) = &self.held {
            let shown = |text: &str| crate::domain::text::shown(text, 120);
            return no(format!("the flip is held by {}: {} — dualrun flip resume", shown(who), shown(why)));
        }
        Allowed { apply: self.may_apply(number, wave, today), back_out: may_back_out(wave) }
    }

    fn may_apply(&self, number: u32, wave: &WaveStanding, today: NaiveDate) -> Result<(), String> {
        match wave.state() {
            WaveState::Planned | WaveState::Applying => {}
            WaveState::Applied | WaveState::Clean => return Err("it is applied".to_owned()),
            WaveState::BackingOut => return Err("it is on its way back — dualrun flip back-out goes on".to_owned()),
            WaveState::BackedOut => return Err("it was backed out — dualrun flip plan makes new waves".to_owned()),
        }
        if let Some(why) = &wave.aborted {
            return Err(format!("it was aborted: {} — dualrun flip back-out, or flip plan", crate::domain::text::shown(why, 120)));
        }
        if let Some((until, why)) = wave.postponed.as_ref().filter(|(until, _)| today < *until) {
            return Err(format!("it is postponed to {until}: {}", crate::domain::text::shown(why, 120)));
        }
        let is_open = |w: &WaveStanding| matches!(w.state(), WaveState::Planned | WaveState::Applying | WaveState::BackingOut);
        match self.waves.range(..number).find(|(_, w)| is_open(w)) {
            Some((earlier, w)) => Err(format!("wave {earlier} comes first, and is {}", w.state().word().replace('_', " "))),
            None => Ok(()),
        }
    }

    /// Why it cannot be completed, a sentence each; empty where it can.
    pub fn incomplete(&self) -> Vec<String> {
        let mut why = Vec::new();
        if self.waves.is_empty() {
            why.push("no wave was ever planned".to_owned());
        }
        if let Some((who, _, _)) = &self.held {
            why.push(format!("it is held by {}", crate::domain::text::shown(who, 60)));
        }
        for (number, wave) in &self.waves {
            let state = wave.state();
            let moved_on = state == WaveState::BackedOut && wave.pack.lines.iter().all(|l| self.wave_of(&l.subscription).is_some());
            if state != WaveState::Clean && !moved_on {
                why.push(format!("wave {number} is {}, not clean", state.word().replace('_', " ")));
            }
        }
        why
    }
}

fn may_back_out(wave: &WaveStanding) -> Result<(), String> {
    match wave.state() {
        WaveState::Planned => return Err("nothing of it was done".to_owned()),
        WaveState::BackedOut => return Err("it is backed out".to_owned()),
        _ => {}
    }
    match &wave.no_return {
        Some(payment) => {
            let on = payment.on.map_or_else(String::new, |on| format!(" on {on}"));
            let of = crate::domain::text::shown(&payment.subscription, 60);
            Err(format!("the point of no return is passed: the target captured a payment of {of}{on} — refunds and credits are made by hand"))
        }
        None => Ok(()),
    }
}

/// The wave an act is about.
fn deed_wave(deed: &FlipDeed) -> Option<u32> {
    match deed {
        FlipDeed::Begun(begun) => Some(begun.wave),
        FlipDeed::Sending(of) | FlipDeed::Answered { of, .. } | FlipDeed::ReadBack { of, .. } => Some(of.wave),
        FlipDeed::Ended { wave, .. } | FlipDeed::Postponed { wave, .. } | FlipDeed::Aborted { wave, .. } | FlipDeed::PointOfNoReturn { wave, .. } => {
            Some(*wave)
        }
        FlipDeed::Looked(look) => Some(look.wave),
        FlipDeed::Rehearsed(rehearsal) => Some(rehearsal.wave),
        FlipDeed::Planned(_) | FlipDeed::Hold { .. } | FlipDeed::Resume { .. } | FlipDeed::Completed { .. } => None,
    }
}

impl WaveStanding {
    /// What comes next on its way.
    pub fn next(&self) -> Next {
        next(self, self.direction())
    }
}

//! Drives a load: does what [`Loading`] says, stores every step before and after it is taken, and in the end reads the target
//! again and holds each record against what was sent.

use super::reading::{Sides, TargetNow, look_at_target, read_target};
use super::{Apply, Ended};
use crate::app::error::AppError;
use crate::app::progress::Progress;
use crate::domain::contract::Entity;
use crate::domain::import::{
    Act, Answer, Delivery, DeliveryState, Fate, ImportPlan, InTarget, Inertness, LoadTally, MappedId, Occasion, PlanLine, TargetRecord,
};
use crate::domain::shadow::{DECIDING, RecordId, Shadow};
use crate::import::compare::{Compared, compare};
use crate::import::loading::Place;
use crate::import::{Item, Loading, Seen, Step, TargetHolding};
use crate::ports::loader::{Loader, Parcel};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Longest look at the target after a load that was broken off.
const LAST_LOOK: Duration = Duration::from_secs(10);

/// A load about to run.
pub(super) struct Load<'a> {
    pub apply: &'a Apply<'a>,
    pub loader: &'a dyn Loader,
    pub plan: &'a ImportPlan,
    /// Pairs of ids that earlier loads left.
    pub mapping: &'a [MappedId],
    /// What earlier loads handed over.
    pub deliveries: &'a BTreeMap<RecordId, Delivery>,
}

/// What it came to.
pub(super) struct Loaded {
    pub tally: LoadTally,
    /// Inertness after it; `None` where nothing was handed over.
    pub inertness: Option<Inertness>,
    /// Why it was given up before its end.
    pub stopped: Option<String>,
}

/// Where the load is, beside the machine.
struct State<'a> {
    lines: BTreeMap<&'a RecordId, &'a PlanLine>,
    deliveries: BTreeMap<RecordId, Delivery>,
    loading: Loading,
    /// Parked or dropped by earlier loads, and not asked for again.
    left: Vec<Delivery>,
    /// Delivered by earlier loads, and found to be in the target by now.
    found: u64,
}

impl State<'_> {
    fn parcel(&self, at: usize) -> Option<Parcel> {
        let item = self.loading.items().get(at)?;
        let line = self.lines.get(&item.id)?;
        let record = line.source.clone().filter(|_| item.act == Act::Put);
        let target_id = line.target.as_ref().map(|t| t.target_id.clone());
        Some(Parcel { key: key_of(item.act, line), id: item.id.clone(), act: item.act, target_id, record })
    }
}

impl Load<'_> {
    pub async fn run(&self, sides: Sides) -> Result<Loaded, Ended> {
        let mut state = self.begin();
        let target = TargetHolding::new(&sides.target, self.mapping);
        state.found = self.found_there(&target).await?;
        if state.loading.items().is_empty() {
            self.map(&target).await?;
            return Ok(Loaded { tally: self.tally(&state)?, inertness: None, stopped: None });
        }
        drop((sides, target));
        let stopped = match self.hand_over(&mut state).await {
            Ok(stopped) => stopped,
            Err(error) => return Err(self.broken_off(error, &state).await),
        };
        self.apply.observer.hear(Progress::Phase("verifying".to_owned()));
        let (tally, inertness) = match self.verify(&mut state).await {
            Ok(verified) => verified,
            Err(error) => return Err(self.broken_off(error, &state).await),
        };
        Ok(Loaded { tally, inertness: Some(inertness), stopped })
    }

    /// What was handed over so far may have made the target able to bill: it is looked at once more where it can be reached, and the
    /// first error is the one that is told.
    async fn broken_off(&self, error: AppError, state: &State<'_>) -> Ended {
        let look = async {
            // What still works there is not waited for long: whoever stopped the import wants to go.
            let _ = tokio::time::timeout(LAST_LOOK / 5, self.loader.quiet()).await;
            look_at_target(&self.apply.watch(Occasion::AfterLoad), &CancellationToken::new()).await
        };
        let _ = tokio::time::timeout(LAST_LOOK, look).await;
        Ended { error, load: self.counted(state) }
    }

    /// Everything the plan asks a loader for, but what was parked or dropped with this very content.
    fn begin(&self) -> State<'_> {
        let lines: BTreeMap<&RecordId, &PlanLine> = self.plan.lines.iter().filter(|l| l.act().is_some()).map(|l| (&l.id, l)).collect();
        let mut left = Vec::new();
        let mut items = Vec::new();
        for line in lines.values() {
            let Some(act) = line.act().filter(|a| *a == Act::Put || self.apply.options.retire) else { continue };
            match waits(line, act) {
                Some(delivery) => left.push(delivery.clone()),
                None => items.push(Item { id: line.id.clone(), act, needs: needs(line, act) }),
            }
        }
        // What differs is handed over, or left with the wrong content: what refers to it waits until it is as it should be.
        let is_there = |l: &&PlanLine| matches!(l.in_target, Some(InTarget::Present));
        let there: BTreeSet<RecordId> = self.plan.lines.iter().filter(is_there).map(|l| l.id.clone()).collect();
        State { lines, deliveries: BTreeMap::new(), loading: Loading::new(items, there, self.loader.batch(), self.loader.pause()), left, found: 0 }
    }

    /// Until nothing is left to do; the reason where the loader was given up.
    async fn hand_over(&self, state: &mut State<'_>) -> Result<Option<String>, AppError> {
        self.apply.observer.hear(Progress::Phase("loading".to_owned()));
        loop {
            self.tell(state);
            self.apply.stop_if_cancelled("loading; the next import goes on from there")?;
            match state.loading.next() {
                Step::Done => return Ok(None),
                Step::Stop(why) => return Ok(Some(why)),
                Step::Send(batch) => self.send(state, &batch).await?,
                Step::LookFor { items, after } => self.look_for(state, &items, after).await?,
            }
        }
    }

    async fn send(&self, state: &mut State<'_>, batch: &[usize]) -> Result<(), AppError> {
        let parcels: Vec<Parcel> = batch.iter().filter_map(|at| state.parcel(*at)).collect();
        // Stored first: after a crash this is what may have arrived.
        self.note(state, batch, |_, delivery| {
            delivery.state = DeliveryState::Sending;
            delivery.tries += 1;
        })
        .await?;
        let answers = match self.loader.deliver(&parcels, self.apply.cancel).await {
            Ok(answers) => answers,
            Err(fault) => {
                // Nothing of this batch was handed over.
                self.note(state, batch, |_, delivery| {
                    delivery.state = DeliveryState::Unknown;
                    delivery.tries = delivery.tries.saturating_sub(1);
                    delivery.reason = fault.to_string();
                })
                .await?;
                return Err(fault.into());
            }
        };
        let silent = || Answer::Silent { reason: "no answer".to_owned() };
        let told: Vec<Answer> = batch.iter().enumerate().map(|(i, _)| answers.get(i).cloned().unwrap_or_else(silent)).collect();
        self.note(state, batch, |i, delivery| answer(delivery, told.get(i))).await?;
        state.loading.answered(batch, told);
        Ok(())
    }

    async fn look_for(&self, state: &mut State<'_>, items: &[usize], after: Duration) -> Result<(), AppError> {
        tokio::select! {
            () = tokio::time::sleep(after) => {}
            () = self.apply.cancel.cancelled() => return self.apply.stop_if_cancelled("loading; the next import goes on from there"),
        }
        self.apply.observer.hear(Progress::Phase("looking in the target for what nobody answered for".to_owned()));
        let now = self.read_again().await?;
        let target = TargetHolding::new(&now.holding, &self.mapping_by_now(state));
        let seen: Vec<Seen> = items
            .iter()
            .map(|at| {
                match state
                    .loading
                    .items()
                    .get(*at)
                    .and_then(|i| state.lines.get(&i.id).map(|line| holds(i.act, &i.id, line.source.as_ref(), &target)))
                {
                    Some(Ok(_)) => Seen::AsSent,
                    _ => Seen::Not,
                }
            })
            .collect();
        state.loading.seen(items, &seen);
        let places: Vec<Option<Place>> = items.iter().map(|at| state.loading.places().get(*at).cloned()).collect();
        self.note(state, items, |i, delivery| match places.get(i).cloned().flatten() {
            Some(Place::Arrived) => {
                delivery.state = DeliveryState::Answered;
                delivery.reason.clear();
            }
            Some(Place::Parked { reason, .. }) => {
                delivery.state = DeliveryState::Parked;
                delivery.reason = reason;
            }
            _ => delivery.state = DeliveryState::Unknown,
        })
        .await?;
        self.apply.observer.hear(Progress::Phase("loading".to_owned()));
        Ok(())
    }

    /// The target as it is once nothing of what was handed over is at work there any more.
    async fn read_again(&self) -> Result<TargetNow, AppError> {
        tokio::select! {
            quiet = self.loader.quiet() => quiet?,
            () = self.apply.cancel.cancelled() => return Err(AppError::Stopped("loading; the next import goes on from there".to_owned())),
        }
        read_target(&self.apply.watch(Occasion::AfterLoad), self.apply.observer, self.apply.cancel).await
    }

    /// Reads the target and holds every record against what was sent.
    async fn verify(&self, state: &mut State<'_>) -> Result<(LoadTally, Inertness), AppError> {
        let now = self.read_again().await?;
        self.apply.watch(Occasion::AfterLoad).settle(&now.look).await?;
        let inertness = now.look.inertness;
        let target = TargetHolding::new(&now.holding, &self.mapping_by_now(state));
        let arrived: Vec<usize> = state.loading.places().iter().enumerate().filter(|(_, p)| matches!(p, Place::Arrived)).map(|(at, _)| at).collect();
        let (mut unread, mut deciding) = (0, 0);
        let mut found: Vec<Result<Option<String>, String>> = Vec::with_capacity(arrived.len());
        for at in &arrived {
            let item = state.loading.items().get(*at);
            let result = match item.and_then(|i| state.lines.get(&i.id).map(|line| holds(i.act, &i.id, line.source.as_ref(), &target))) {
                Some(Ok(held)) => {
                    unread += u64::try_from(held.unread.len()).unwrap_or(u64::MAX);
                    deciding += u64::try_from(held.unread.iter().filter(|f| DECIDING.contains(f)).count()).unwrap_or(u64::MAX);
                    Ok(held.target_id)
                }
                Some(Err(why)) => Err(why),
                None => Err("it is in no plan".to_owned()),
            };
            found.push(result);
        }
        self.note(state, &arrived, |i, delivery| match found.get(i) {
            Some(Ok(target_id)) => {
                delivery.state = DeliveryState::Verified;
                delivery.reason.clear();
                if target_id.is_some() {
                    delivery.target_id.clone_from(target_id);
                }
            }
            Some(Err(why)) => {
                delivery.state = DeliveryState::Mismatch;
                delivery.reason.clone_from(why);
            }
            None => {}
        })
        .await?;
        self.map(&target).await?;
        Ok((LoadTally { unread_fields: unread, unread_deciding: deciding, ..self.tally(state)? }, inertness))
    }

    /// Keeps which target record stands for which source record. What the source does not know is nobody's pair.
    async fn map(&self, target: &TargetHolding) -> Result<(), AppError> {
        let of_source: BTreeSet<&RecordId> = self.plan.lines.iter().filter(|l| l.fate != Fate::Absent).map(|l| &l.id).collect();
        let earlier: BTreeSet<&RecordId> = self.mapping.iter().map(|pair| &pair.id).collect();
        let mut pairs = target.mapping();
        pairs.retain(|pair| of_source.contains(&pair.id) || earlier.contains(&pair.id));
        Ok(self.apply.store.map_ids(&self.apply.project.profile.service, &pairs).await?)
    }

    /// The pairs of ids of earlier loads, and those the loader told in this one.
    fn mapping_by_now(&self, state: &State<'_>) -> Vec<MappedId> {
        let told: Vec<MappedId> = state
            .deliveries
            .values()
            .filter(|d| d.act == Act::Put && d.id.entity != Entity::Charges)
            .filter_map(|d| Some(MappedId { id: d.id.clone(), target_id: d.target_id.clone()? }))
            .collect();
        let again: BTreeSet<&RecordId> = told.iter().map(|m| &m.id).collect();
        let earlier: Vec<MappedId> = self.mapping.iter().filter(|m| !again.contains(&m.id)).cloned().collect();
        earlier.into_iter().chain(told).collect()
    }

    /// Deliveries nobody had verified, of which the target shows by now what they asked for: a pack that was taken in meanwhile, or
    /// what arrived just before a crash. How many records they are.
    async fn found_there(&self, target: &TargetHolding) -> Result<u64, AppError> {
        // A record of the target's own stands in the plan under the target's id, which the source may use for another.
        let of_source = self.plan.lines.iter().filter(|l| l.source.is_some() || l.act().is_some());
        let lines: BTreeMap<&RecordId, &PlanLine> = of_source.map(|l| (&l.id, l)).collect();
        let is_there_nameless = |d: &Delivery| {
            let is_it = |r: &TargetRecord| r.live && d.target_id.as_ref() == Some(&r.target_id);
            target.others.iter().any(|(entity, record, _)| *entity == d.id.entity && is_it(record))
        };
        let is_there = |d: &&Delivery| match (d.act, lines.get(&d.id)) {
            (Act::Put, Some(line)) => d.key == key_of(Act::Put, line) && holds(d.act, &d.id, line.source.as_ref(), target).is_ok(),
            (Act::Put, None) => false,
            // What is wanted again is put, and not retired.
            (Act::Retire, line) => line.is_none_or(|l| l.act().is_none()) && holds(d.act, &d.id, None, target).is_ok() && !is_there_nameless(d),
        };
        let found: Vec<Delivery> = self
            .deliveries
            .values()
            .filter(|d| d.state != DeliveryState::Verified)
            .filter(is_there)
            .map(|d| Delivery { state: DeliveryState::Verified, reason: String::new(), ..d.clone() })
            .collect();
        if !found.is_empty() {
            self.apply.store.note_deliveries(&self.apply.project.profile.service, &found).await?;
        }
        Ok(u64::try_from(found.len()).unwrap_or(u64::MAX))
    }

    /// Changes the deliveries of some records and stores them, in one transaction.
    async fn note(&self, state: &mut State<'_>, items: &[usize], mut change: impl FnMut(usize, &mut Delivery)) -> Result<(), AppError> {
        let mut changed = Vec::with_capacity(items.len());
        for (i, at) in items.iter().enumerate() {
            let Some(item) = state.loading.items().get(*at) else { continue };
            let Some(line) = state.lines.get(&item.id) else { continue };
            let key = key_of(item.act, line);
            let delivery = state.deliveries.entry(item.id.clone()).or_insert_with(|| {
                let target_id = line.target.as_ref().map(|t| t.target_id.clone());
                Delivery { id: item.id.clone(), act: item.act, key, state: DeliveryState::Sending, tries: 0, reason: String::new(), target_id }
            });
            change(i, delivery);
            changed.push(delivery.clone());
        }
        Ok(self.apply.store.note_deliveries(&self.apply.project.profile.service, &changed).await?)
    }

    fn tell(&self, state: &State<'_>) {
        let of = u64::try_from(state.loading.items().len()).unwrap_or(u64::MAX);
        let (mut done, mut rejected, mut parked) = (0, 0, 0);
        for place in state.loading.places() {
            match place {
                Place::Arrived | Place::HandedOver | Place::Held(_) => done += 1,
                Place::Parked { refused, .. } => {
                    done += 1;
                    if *refused { rejected += 1 } else { parked += 1 }
                }
                Place::Waiting | Place::Sent | Place::Doubtful { .. } => {}
            }
        }
        self.apply.observer.hear(Progress::Loaded { done, of, rejected, parked });
    }

    /// Every record the plan asked for, in exactly one place: what was to be handed over, counted by itself, is the sum of the places.
    fn tally(&self, state: &State<'_>) -> Result<LoadTally, AppError> {
        let out = self.counted(state);
        let told = out.verified + out.mismatched + out.handed_over + out.rejected + out.parked + out.dropped + out.held + out.unsent;
        if told == out.of { Ok(out) } else { Err(AppError::Bug(format!("{} records to be handed over, {told} accounted for", out.of))) }
    }

    fn counted(&self, state: &State<'_>) -> LoadTally {
        let mut out = LoadTally { verified: state.found, ..LoadTally::default() };
        for (item, place) in state.loading.items().iter().zip(state.loading.places()) {
            match place {
                Place::Arrived => match state.deliveries.get(&item.id).map(|d| d.state) {
                    Some(DeliveryState::Verified) => out.verified += 1,
                    Some(DeliveryState::Mismatch) => out.mismatched += 1,
                    _ => out.unsent += 1,
                },
                Place::HandedOver => out.handed_over += 1,
                Place::Parked { refused: true, .. } => out.rejected += 1,
                Place::Parked { .. } => out.parked += 1,
                Place::Held(_) => out.held += 1,
                Place::Waiting | Place::Sent | Place::Doubtful { .. } => out.unsent += 1,
            }
        }
        let left = |wanted: DeliveryState| u64::try_from(state.left.iter().filter(|d| d.state == wanted).count()).unwrap_or(u64::MAX);
        out.parked += left(DeliveryState::Parked);
        out.dropped = left(DeliveryState::Dropped);
        let cannot_be_told = |l: &&PlanLine| l.fate.is_taken() && matches!(l.in_target, Some(InTarget::Unknown(_)));
        let unclear = u64::try_from(self.plan.lines.iter().filter(cannot_be_told).count()).unwrap_or(u64::MAX);
        out.held += unclear;
        let number = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        out.of = number(state.loading.items().len()) + number(state.left.len()) + state.found + unclear;
        out
    }
}

/// The delivery of an act that waits for somebody's word, of this very content: it is not handed over again.
pub(super) fn waits(line: &PlanLine, act: Act) -> Option<&Delivery> {
    let is_left = |d: &&Delivery| matches!(d.state, DeliveryState::Parked | DeliveryState::Dropped) && d.key == key_of(act, line);
    line.delivery.as_ref().filter(is_left)
}

/// Names act, record and content. What is retired has no content but the id the target gave it.
fn key_of(act: Act, line: &PlanLine) -> String {
    let content = match (act, &line.source) {
        (Act::Put, Some(shadow)) => shadow.digest(),
        _ => line.target.as_ref().map(|t| t.target_id.clone()).unwrap_or_default(),
    };
    Delivery::key_of(act, &line.id, &content)
}

fn needs(line: &PlanLine, act: Act) -> Vec<RecordId> {
    match (&line.source, act) {
        (Some(shadow), Act::Put) => shadow.needs(),
        _ => Vec::new(),
    }
}

/// What an answer makes of a delivery.
fn answer(delivery: &mut Delivery, answer: Option<&Answer>) {
    let (state, reason) = match answer {
        Some(Answer::Ok { target_id }) => {
            if target_id.is_some() {
                delivery.target_id.clone_from(target_id);
            }
            (DeliveryState::Answered, String::new())
        }
        Some(Answer::HandedOver) => (DeliveryState::HandedOver, String::new()),
        Some(Answer::Rejected { reason }) => (DeliveryState::Parked, format!("the target refuses it: {reason}")),
        Some(Answer::Unknown { reason } | Answer::Silent { reason }) => (DeliveryState::Unknown, reason.clone()),
        None => (DeliveryState::Unknown, "no answer".to_owned()),
    };
    (delivery.state, delivery.reason) = (state, reason);
}

/// A record that is in the target as it should be.
struct Held {
    target_id: Option<String>,
    unread: Vec<&'static str>,
}

/// Whether the target shows what was asked for; if not, why.
fn holds(act: Act, id: &RecordId, source: Option<&Shadow>, target: &TargetHolding) -> Result<Held, String> {
    if let Some(why) = target.unclear.get(id) {
        return Err(why.clone());
    }
    let found = target.known.get(id);
    match (act, found, source) {
        (Act::Retire, None, _) => match target.blind.get(&id.entity) {
            Some(why) => Err(why.clone()),
            None => Ok(Held { target_id: None, unread: Vec::new() }),
        },
        (Act::Retire, Some(record), _) if record.live => Err("it is still alive in the target".to_owned()),
        (Act::Retire, Some(record), _) => Ok(Held { target_id: Some(record.target_id.clone()), unread: Vec::new() }),
        (Act::Put, None, _) => Err("it is not in the target".to_owned()),
        (Act::Put, Some(_), None) => Err("it is in no staged copy".to_owned()),
        (Act::Put, Some(record), Some(shadow)) => {
            let Compared { differences, unread } = compare(shadow, record);
            if differences.is_empty() {
                return Ok(Held { target_id: Some(record.target_id.clone()), unread });
            }
            let text = |t: &Option<String>| t.as_deref().map_or_else(|| "nothing".to_owned(), |t| crate::domain::text::shown(t, 60));
            let words = differences.iter().map(|d| format!("{} is {} and not {}", d.field, text(&d.found), text(&d.wanted)));
            Err(words.collect::<Vec<_>>().join(", "))
        }
    }
}

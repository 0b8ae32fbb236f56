//! The steps of a load, as a machine that never acts: it says what to send, what to look for in the target and how long to wait,
//! and is told what came of it.
//!
//! What holds, whatever a loader does:
//! * nothing is sent before what it refers to is there;
//! * what nobody answered for is looked for in the target before it is sent again;
//! * a batch that fails as a whole is halved until the record that breaks it stands alone;
//! * a record alone has [`TRIES`] tries, with growing pauses, then it is parked; what the target refuses is parked at once;
//! * a loader that answers for nothing, or for nothing any more, is not asked for every record three times: the load stops.

use crate::domain::contract::Entity;
use crate::domain::import::{Act, Answer};
use crate::domain::shadow::{CARRIED, RecordId};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

/// Times a record is handed over alone before it is parked.
pub const TRIES: u32 = 3;
/// Records parked one after another for want of an answer, before anything ever arrived, after which the loader is taken for broken.
const HOPELESS: u32 = 3;
/// The same once something arrived: a few records in a row may well be bad, all the rest hardly.
const BROKEN: u32 = 5;

/// A record to be handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Which.
    pub id: RecordId,
    /// What is to be done with it.
    pub act: Act,
    /// Records that must be there before it.
    pub needs: Vec<RecordId>,
}

/// What is seen of a record in the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// As it was sent.
    AsSent,
    /// Not there, or not as it was sent.
    Not,
}

/// Where a record is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Waits its turn.
    Waiting,
    /// Handed over, no answer yet.
    Sent,
    /// To be looked for in the target; whether it had its try, and why.
    Doubtful {
        /// Whether it is to count as a try of this record alone.
        counts: bool,
        /// Why nobody knows.
        reason: String,
    },
    /// The loader did it, or it was seen in the target.
    Arrived,
    /// Written to a pack.
    HandedOver,
    /// Not tried again; why, and whether the target refused it.
    Parked {
        /// Why.
        reason: String,
        /// Refused by the target, rather than out of tries.
        refused: bool,
    },
    /// Never sent, because what it refers to is not there; what.
    Held(String),
}

/// The next thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Hand these over, by their place in the list, all of one entity and act. Then [`Loading::answered`].
    Send(Vec<usize>),
    /// Wait, read the target, look for these. Then [`Loading::seen`].
    LookFor {
        /// Which.
        items: Vec<usize>,
        /// How long to wait first.
        after: Duration,
    },
    /// Nothing is left to do.
    Done,
    /// The loader is taken for broken; why.
    Stop(String),
}

/// A load under way.
#[derive(Debug)]
pub struct Loading {
    items: Vec<Item>,
    places: Vec<Place>,
    tries: Vec<u32>,
    batches: VecDeque<Vec<usize>>,
    there: BTreeSet<RecordId>,
    by_id: BTreeMap<RecordId, usize>,
    at_once: bool,
    pause: Duration,
    arrived: u32,
    parked_in_a_row: u32,
    last_silence: String,
}

impl Loading {
    /// A load of these records, `there` being what the target holds already. `batch` records at most are handed over at once;
    /// `None` hands all of them over as one, whatever they refer to among themselves. `pause` comes after a first try, four times
    /// as long after each further one; after the last it is as long as before it: what arrives late is still seen.
    pub fn new(mut items: Vec<Item>, there: BTreeSet<RecordId>, batch: Option<usize>, pause: Duration) -> Self {
        items.sort_by(|a, b| (a.act, order(a)).cmp(&(b.act, order(b))).then_with(|| a.id.external_id.cmp(&b.id.external_id)));
        let mut batches: VecDeque<Vec<usize>> = VecDeque::new();
        for at in 0..items.len() {
            let kind = |at: &usize| items.get(*at).map(|i| (i.act, i.id.entity));
            let fits = |b: &&mut Vec<usize>| match batch {
                None => true,
                Some(most) => b.last().and_then(kind) == kind(&at) && b.len() < most.max(1),
            };
            match batches.back_mut().filter(fits) {
                Some(open) => open.push(at),
                None => batches.push_back(vec![at]),
            }
        }
        let by_id = items.iter().enumerate().filter(|(_, i)| i.act == Act::Put).map(|(at, i)| (i.id.clone(), at)).collect();
        let (places, tries) = (vec![Place::Waiting; items.len()], vec![0; items.len()]);
        let at_once = batch.is_none();
        Self { items, places, tries, batches, there, by_id, at_once, pause, arrived: 0, parked_in_a_row: 0, last_silence: String::new() }
    }

    /// The records, in the order they are handed over.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// Where each record is.
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// Times a record was handed over and did not arrive.
    pub fn tries(&self, at: usize) -> u32 {
        self.tries.get(at).copied().unwrap_or(0)
    }

    /// What to do next.
    pub fn next(&mut self) -> Step {
        if self.parked_in_a_row >= if self.arrived == 0 { HOPELESS } else { BROKEN } {
            let first = if self.arrived == 0 { "the first " } else { "" };
            return Step::Stop(format!("the loader answered for none of {first}{} records in a row: {}", self.parked_in_a_row, self.last_silence));
        }
        let doubtful: Vec<usize> = self.places.iter().enumerate().filter(|(_, p)| matches!(p, Place::Doubtful { .. })).map(|(at, _)| at).collect();
        if !doubtful.is_empty() {
            let tries = doubtful.iter().map(|at| self.tries(*at)).max().unwrap_or(0);
            let after = if tries == 0 { Duration::ZERO } else { self.pause.saturating_mul(4_u32.saturating_pow(tries.min(TRIES - 1) - 1)) };
            return Step::LookFor { items: doubtful, after };
        }
        while let Some(batch) = self.batches.pop_front() {
            let ready: Vec<usize> = batch.into_iter().filter(|at| self.is_ready(*at)).collect();
            if !ready.is_empty() {
                for at in &ready {
                    self.put(*at, Place::Sent);
                }
                return Step::Send(ready);
            }
        }
        Step::Done
    }

    /// Whether what a record refers to is there; if not it is held.
    fn is_ready(&mut self, at: usize) -> bool {
        let Some(item) = self.items.get(at) else { return false };
        let lacking = item.needs.iter().find(|need| !self.is_there(need)).cloned();
        match lacking {
            None => true,
            Some(need) => {
                let one = crate::domain::import::singular(need.entity);
                self.put(at, Place::Held(format!("its {one} {} is not in the target", crate::domain::text::shown(&need.external_id, 60))));
                false
            }
        }
    }

    fn is_there(&self, need: &RecordId) -> bool {
        match self.by_id.get(need).and_then(|at| self.places.get(*at)) {
            Some(place) => self.at_once || matches!(place, Place::Arrived | Place::HandedOver),
            None => self.there.contains(need),
        }
    }

    fn put(&mut self, at: usize, place: Place) {
        if let Some(old) = self.places.get_mut(at) {
            *old = place;
        }
    }

    /// Takes the answers to the last [`Step::Send`], in its order. What is not answered for counts as [`Answer::Silent`].
    pub fn answered(&mut self, sent: &[usize], answers: Vec<Answer>) {
        let silent = || Answer::Silent { reason: "no answer".to_owned() };
        let answers = answers.into_iter().chain(std::iter::repeat_with(silent));
        let alone = sent.len() == 1;
        for (at, answer) in sent.iter().copied().zip(answers) {
            match answer {
                Answer::Ok { .. } => self.arrive(at, Place::Arrived),
                Answer::HandedOver => self.arrive(at, Place::HandedOver),
                Answer::Rejected { reason } => {
                    // Even a refusal is an answer: the loader works.
                    self.arrived += 1;
                    self.parked_in_a_row = 0;
                    self.put(at, Place::Parked { reason, refused: true });
                }
                Answer::Unknown { reason } => self.put(at, Place::Doubtful { counts: true, reason }),
                Answer::Silent { reason } => self.put(at, Place::Doubtful { counts: alone, reason }),
            }
            if let (Some(Place::Doubtful { counts: true, .. }), Some(tries)) = (self.places.get(at), self.tries.get_mut(at)) {
                *tries += 1;
            }
        }
    }

    fn arrive(&mut self, at: usize, place: Place) {
        self.arrived += 1;
        self.parked_in_a_row = 0;
        self.put(at, place);
    }

    /// Takes what the last [`Step::LookFor`] saw, in its order. What is not there is queued again, in halves, or parked.
    pub fn seen(&mut self, looked_for: &[usize], seen: &[Seen]) {
        let mut again: Vec<usize> = Vec::new();
        for (at, seen) in looked_for.iter().copied().zip(seen) {
            let Some(Place::Doubtful { counts, reason }) = self.places.get(at).cloned() else { continue };
            if *seen == Seen::AsSent {
                self.arrive(at, Place::Arrived);
            } else if counts && self.tries(at) >= TRIES {
                self.park(at, reason);
            } else if counts {
                self.put(at, Place::Waiting);
                self.batches.push_front(vec![at]);
            } else {
                self.put(at, Place::Waiting);
                again.push(at);
            }
        }
        self.halve(&again);
    }

    fn park(&mut self, at: usize, reason: String) {
        self.parked_in_a_row += 1;
        self.last_silence.clone_from(&reason);
        self.put(at, Place::Parked { reason, refused: false });
    }

    /// Two batches of what one batch left open, each of one entity and act.
    fn halve(&mut self, open: &[usize]) {
        let kind = |at: &usize| self.items.get(*at).map(|i| (i.act, i.id.entity));
        let kinds: Vec<Vec<usize>> = open.chunk_by(|a, b| kind(a) == kind(b)).map(<[usize]>::to_vec).collect();
        for batch in kinds.into_iter().rev() {
            let (first, second) = batch.split_at(batch.len().div_ceil(2));
            for half in [second, first].into_iter().filter(|h| !h.is_empty()) {
                self.batches.push_front(half.to_vec());
            }
        }
    }
}

/// What is put goes up the references, what is retired comes down them.
fn order(item: &Item) -> usize {
    let place = |entity: Entity| CARRIED.iter().position(|e| *e == entity).unwrap_or(CARRIED.len());
    match item.act {
        Act::Put => place(item.id.entity),
        Act::Retire => CARRIED.len() - place(item.id.entity),
    }
}

//! What an import comes to: one line for every record of either side, and what became of each that was handed to a loader.

use super::contract::Entity;
use super::currency::Currency;
use super::money::Money;
use super::run::SnapshotInfo;
use super::shadow::{Field, RecordId, Shadow};
use super::text::Untrusted;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What an import does with a source record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// Not in the staged copy yet.
    Create,
    /// In the staged copy with other content.
    Update,
    /// In the staged copy just so.
    Unchanged,
    /// Left out by what was asked for; why, in few words that are the same for all of a kind.
    Filtered(String),
    /// Refused: it cannot be carried over as it is; why, with the ids.
    Rejected(String),
    /// Not in the source at all: only the target has it.
    Absent,
}

impl Fate {
    /// The word in files, filters and on screens.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Unchanged => "unchanged",
            Self::Filtered(_) => "filtered",
            Self::Rejected(_) => "rejected",
            Self::Absent => "absent",
        }
    }

    /// Whether the record is part of the staged copy.
    pub const fn is_taken(&self) -> bool {
        matches!(self, Self::Create | Self::Update | Self::Unchanged)
    }

    /// Why it is left out or refused.
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Filtered(why) | Self::Rejected(why) => Some(why),
            _ => None,
        }
    }
}

/// A field in which the target is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldDifference {
    /// Which.
    pub field: String,
    /// What the source has; `None` is no value.
    pub wanted: Option<String>,
    /// What the target has.
    pub found: Option<String>,
}

/// How a record stands in the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InTarget {
    /// There, and every field that is read back is as wanted.
    Present,
    /// There, with other content.
    Differs(Vec<FieldDifference>),
    /// Not there.
    Missing,
    /// There and alive, and should not be; why.
    Retire(String),
    /// It cannot be told; why. Such a record is never handed to a loader.
    Unknown(String),
    /// There, and none of an import's business: another's record, or one that bills nothing any more; why.
    Left(String),
}

impl InTarget {
    /// The word in files, filters and on screens.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Differs(_) => "differs",
            Self::Missing => "missing",
            Self::Retire(_) => "retire",
            Self::Unknown(_) => "unknown",
            Self::Left(_) => "left",
        }
    }
}

/// A record as the target has it. Holds only fields that its queries deliver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetRecord {
    /// The target's own id.
    pub target_id: String,
    /// Whether it could bill: a plan on sale, a subscription that is neither over nor paused.
    pub live: bool,
    /// Its fields as canonical text, those of a [`Shadow`].
    pub fields: Vec<Field>,
}

/// One record of either side and everything an import knows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanLine {
    /// Entity and the source's id (of a record that only the target has and that names none: the target's own).
    pub id: RecordId,
    /// Name for people.
    pub name: Untrusted,
    /// What it is worth: a plan's price, a subscription's price per interval. `None` where it has none.
    pub money: Option<Money>,
    /// What the import does with it.
    pub fate: Fate,
    /// How it stands in the target; `None` for what is neither wanted nor there.
    pub in_target: Option<InTarget>,
    /// What would be written.
    pub source: Option<Shadow>,
    /// What is staged.
    pub staged: Option<Shadow>,
    /// What the target has.
    pub target: Option<TargetRecord>,
    /// What the last delivery came to.
    pub delivery: Option<Delivery>,
}

impl PlanLine {
    /// What a loader has to do about it: put it where it is missing or differs, retire it where it should not be.
    pub fn act(&self) -> Option<Act> {
        match (&self.in_target, &self.source) {
            (Some(InTarget::Missing | InTarget::Differs(_)), Some(_)) if self.fate.is_taken() => Some(Act::Put),
            (Some(InTarget::Retire(_)), _) => Some(Act::Retire),
            _ => None,
        }
    }

    /// The act in words, and the act that takes it back, in words.
    pub fn act_and_inverse(&self) -> Option<(String, String)> {
        let target = self.target.as_ref().map_or("", |t| t.target_id.as_str());
        let shown = |text: &str| super::text::shown(text, 80);
        let (entity, id) = (singular(self.id.entity), shown(&self.id.external_id));
        Some(match (self.act()?, &self.in_target) {
            (Act::Retire, _) if self.id.entity == Entity::Charges => {
                let had = self.target.iter().flat_map(|t| &t.fields).filter_map(|(name, value)| Some(format!("{name} {}", shown(value.as_deref()?))));
                (format!("remove {entity} {id}"), format!("put {entity} {id} back: {}", had.collect::<Vec<_>>().join(", ")))
            }
            (Act::Retire, _) => (format!("retire {entity} {} ({id})", shown(target)), format!("restore {entity} {} ({id})", shown(target))),
            (Act::Put, Some(InTarget::Differs(fields))) => {
                let set = |pick: fn(&FieldDifference) -> &Option<String>| {
                    let each = |f: &FieldDifference| format!("{} = {}", f.field, pick(f).as_deref().map_or_else(|| "nothing".to_owned(), shown));
                    fields.iter().map(each).collect::<Vec<_>>().join(", ")
                };
                (format!("update {entity} {}: {}", shown(target), set(|f| &f.wanted)), format!("set {}", set(|f| &f.found)))
            }
            (Act::Put, _) => (format!("create {entity} {id}"), format!("retire {entity} {id}")),
        })
    }
}

/// One of an entity's records, for people.
pub const fn singular(entity: Entity) -> &'static str {
    match entity {
        Entity::Customers => "customer",
        Entity::Plans => "plan",
        Entity::Charges => "charge",
        Entity::Subscriptions => "subscription",
        other => other.word(),
    }
}

/// What a loader is asked to do with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Have it there with this content, created or changed; never a second one.
    Put,
    /// Have it bill nothing any more: a plan off sale, a subscription over, a charge gone.
    Retire,
}

impl Act {
    /// The word in files and on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Put => "put",
            Self::Retire => "retire",
        }
    }
}

/// How far a delivery came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Handed to the loader; no answer is stored. After a crash nobody knows whether it arrived.
    Sending,
    /// The loader does not know, or did not say. It is looked for in the target before anything is sent again.
    Unknown,
    /// Written to a pack; whether the target took it is seen when it is read.
    HandedOver,
    /// The loader says it did it; not read back yet.
    Answered,
    /// Read back from the target, field by field.
    Verified,
    /// Read back, and not as it was sent.
    Mismatch,
    /// Not tried again until somebody says so: the target refused it, or three tries came to nothing.
    Parked,
    /// Somebody gave it up; not tried again unless its content changes.
    Dropped,
}

impl DeliveryState {
    /// All of them.
    pub const ALL: [Self; 8] =
        [Self::Sending, Self::Unknown, Self::HandedOver, Self::Answered, Self::Verified, Self::Mismatch, Self::Parked, Self::Dropped];

    /// The word in files and on screens.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sending => "sending",
            Self::Unknown => "unknown",
            Self::HandedOver => "handed_over",
            Self::Answered => "answered",
            Self::Verified => "verified",
            Self::Mismatch => "mismatch",
            Self::Parked => "parked",
            Self::Dropped => "dropped",
        }
    }

    /// The state of that word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.word() == word)
    }
}

/// The newest delivery of a record and how far it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Entity and the source's id.
    pub id: RecordId,
    /// What was asked.
    pub act: Act,
    /// Names act, record and content: the same delivery has the same key, whenever it is sent.
    pub key: String,
    /// How far it came.
    pub state: DeliveryState,
    /// Times it was handed over.
    pub tries: u32,
    /// Why it is where it is; empty where there is nothing to say. From outside, neutralised.
    pub reason: String,
    /// The target's own id, as answered or read back.
    pub target_id: Option<String>,
}

impl Delivery {
    /// The key of an act on a record with this content.
    pub fn key_of(act: Act, id: &RecordId, content: &str) -> String {
        let mut hasher = blake3::Hasher::new_derive_key("dualrun delivery v1");
        for part in [act.word(), id.entity.word(), &id.external_id, content] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        hasher.finalize().to_hex().as_str().get(..32).unwrap_or_default().to_owned()
    }
}

/// What a loader says of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Done; with the target's own id where it says it.
    Ok {
        /// The target's own id.
        target_id: Option<String>,
    },
    /// Written to a pack.
    HandedOver,
    /// The target refuses it; why.
    Rejected {
        /// Why, in the target's words, neutralised.
        reason: String,
    },
    /// It says that it does not know; why.
    Unknown {
        /// Why.
        reason: String,
    },
    /// It said nothing of this record; what happened to the batch.
    Silent {
        /// What happened.
        reason: String,
    },
}

/// A record of the staged copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staged {
    /// What it is.
    pub shadow: Shadow,
    /// The import that staged this content.
    pub import: i64,
}

/// Which target record stands for a source record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappedId {
    /// Entity and the source's id.
    pub id: RecordId,
    /// The target's own id.
    pub target_id: String,
}

/// Records of a kind: all of them counted, their money by currency in minor units, some of their ids.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Group {
    /// How many.
    pub count: u64,
    /// What they are worth.
    pub money: BTreeMap<Currency, i64>,
    /// The first ids in byte order, at most [`Group::SAMPLES`].
    pub samples: Vec<Untrusted>,
}

impl Group {
    /// Ids listed at most.
    pub const SAMPLES: usize = 5;

    /// Counts a record in. Money that no longer fits stays at the largest number that does.
    pub fn add(&mut self, id: &str, money: Option<Money>) {
        self.count += 1;
        if let Some(money) = money {
            let sum = self.money.entry(money.currency).or_default();
            *sum = sum.saturating_add(money.minor);
        }
        if self.samples.len() < Self::SAMPLES {
            self.samples.push(Untrusted::new(id));
        }
    }
}

/// What an import does to one entity.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct EntityPlan {
    /// Rows read of the source: each is in exactly one of the next five.
    pub read: u64,
    /// Not staged yet.
    pub create: Group,
    /// Staged with other content.
    pub update: Group,
    /// Staged just so.
    pub unchanged: Group,
    /// Left out, by why.
    pub filtered: BTreeMap<String, Group>,
    /// Refused, by why.
    pub rejected: BTreeMap<String, Group>,
    /// Rows among the rejected that could not be read.
    pub unreadable: u64,
    /// Staged once, and no longer wanted: what changed in the source since.
    pub withdrawn: Group,
    /// How the records stand in the target, by [`InTarget::word`].
    pub in_target: BTreeMap<String, Group>,
}

/// Everything an import would do, computed from one snapshot of each side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportPlan {
    /// Every record of either side, by entity in the order of [`super::shadow::CARRIED`], then by id.
    pub lines: Vec<PlanLine>,
    /// The same counted.
    pub entities: BTreeMap<Entity, EntityPlan>,
    /// Staged records that are not wanted any more.
    pub withdrawn: Vec<RecordId>,
    /// Where it was read from, source first.
    pub snapshots: Vec<SnapshotInfo>,
    /// When the staged copy it was compared with was taken from the source; `None` where nothing is staged.
    pub staged_at: Option<DateTime<Utc>>,
}

impl ImportPlan {
    /// Records of all entities that a picker finds.
    pub fn count(&self, pick: impl Fn(&EntityPlan) -> u64) -> u64 {
        self.entities.values().map(pick).sum()
    }

    /// Records in the target by a word of [`InTarget::word`].
    pub fn in_target(&self, word: &str) -> u64 {
        self.count(|e| e.in_target.get(word).map_or(0, |g| g.count))
    }

    /// Refused records.
    pub fn rejected(&self) -> u64 {
        self.count(|e| e.rejected.values().map(|g| g.count).sum())
    }

    /// Source rows that could not be read.
    pub fn unreadable(&self) -> u64 {
        self.count(|e| e.unreadable)
    }

    /// Records left out by what was asked for.
    pub fn filtered(&self) -> u64 {
        self.count(|e| e.filtered.values().map(|g| g.count).sum())
    }

    /// Records of the staged copy once this is applied.
    pub fn taken(&self) -> u64 {
        self.count(|e| e.create.count + e.update.count + e.unchanged.count)
    }

    /// Records that staging would change.
    pub fn to_stage(&self) -> u64 {
        self.count(|e| e.create.count + e.update.count + e.withdrawn.count)
    }
}

/// What a load came to. Every record handed over ends in exactly one of these.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LoadTally {
    /// To be handed over.
    pub of: u64,
    /// Read back as sent.
    pub verified: u64,
    /// Written to a pack.
    pub handed_over: u64,
    /// Read back otherwise.
    pub mismatched: u64,
    /// Refused by the target, parked.
    pub rejected: u64,
    /// Parked after their tries.
    pub parked: u64,
    /// Not sent, because what they refer to is not there.
    pub held: u64,
    /// Not sent, or not known to have arrived, when the load was stopped.
    pub unsent: u64,
    /// Fields the target's queries do not deliver, so that nobody has seen them.
    pub unread_fields: u64,
}

impl LoadTally {
    /// Whether everything that was asked for is proven to be there.
    pub const fn is_whole(&self) -> bool {
        self.mismatched == 0 && self.rejected == 0 && self.parked == 0 && self.held == 0 && self.unsent == 0
    }
}

/// How far an import came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportState {
    /// Begun.
    Running,
    /// Staged; no loader is configured, or loading was not asked for.
    Staged,
    /// Staged, loaded, and everything that was sent is verified (or handed over as a pack).
    Complete,
    /// Staged; something of the load is refused, parked, held, unsent or not as it was sent.
    Incomplete,
    /// Stopped by the operator, a signal or a crash.
    Interrupted,
    /// Ended with an error.
    Failed,
}

impl ImportState {
    /// The word in files and on screens.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Staged => "staged",
            Self::Complete => "complete",
            Self::Incomplete => "incomplete",
            Self::Interrupted => "interrupted",
            Self::Failed => "failed",
        }
    }
}

/// What was asked of an import.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ImportRequest {
    /// The service.
    pub service: String,
    /// Only these subscriptions, normalised, with what they need; empty is all.
    pub only: Vec<String>,
    /// Inactive records too.
    pub all: bool,
    /// Stage, and hand nothing to a loader.
    pub stage_only: bool,
    /// Retire what should not be in the target.
    pub retire: bool,
    /// Who acts.
    pub actor: String,
    /// Version of this program.
    pub program: String,
    /// Digest of the configuration that decides numbers.
    pub config_digest: String,
}

/// An import that acted, as the workspace keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// Its number, from 1.
    pub id: i64,
    /// What was asked.
    pub request: ImportRequest,
    /// How far it came.
    pub state: ImportState,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// Both sides' snapshots, source first; empty until staged.
    pub snapshots: Vec<SnapshotInfo>,
    /// What was planned, counted; empty until staged.
    pub entities: BTreeMap<Entity, EntityPlan>,
    /// What the load came to.
    pub load: LoadTally,
    /// The pack that was written or found written.
    pub pack: Option<String>,
    /// Why it failed or was stopped, in words.
    pub failure: Option<String>,
}

/// When inertness was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    /// Before a load.
    BeforeLoad,
    /// After a load.
    AfterLoad,
    /// With a reconciliation.
    Reconcile,
    /// When somebody asked.
    Asked,
}

impl Occasion {
    /// For people.
    pub const fn word(self) -> &'static str {
        match self {
            Self::BeforeLoad => "before a load",
            Self::AfterLoad => "after a load",
            Self::Reconcile => "with a reconciliation",
            Self::Asked => "asked for",
        }
    }
}

/// What one check of inertness came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Light {
    /// It counted nought.
    Inert,
    /// So many things that could bill, send or charge.
    Breach {
        /// How many.
        count: u64,
        /// The query's second column, where it has one: an example. From outside.
        sample: Option<Untrusted>,
    },
    /// It could not be told, which is as bad.
    Unknown {
        /// Why.
        why: String,
    },
}

/// A check of inertness and what it came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InertnessCheck {
    /// Its name, as configured.
    pub name: String,
    /// What it came to.
    pub light: Light,
}

/// All checks of inertness at one moment, over one snapshot of the target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inertness {
    /// When, by this machine's clock.
    pub at: DateTime<Utc>,
    /// Why it was looked at.
    pub occasion: Occasion,
    /// The import it belongs to.
    pub import: Option<i64>,
    /// The run it belongs to.
    pub run: Option<i64>,
    /// Digest of the checks as they were configured.
    pub digest: String,
    /// Each check, in the configured order. Empty proves nothing.
    pub checks: Vec<InertnessCheck>,
}

impl Inertness {
    /// Whether the target is proven inert: there are checks, and each counted nought.
    pub fn holds(&self) -> bool {
        !self.checks.is_empty() && self.checks.iter().all(|c| c.light == Light::Inert)
    }

    /// Checks that do not hold, breaches and unknown ones.
    pub fn broken(&self) -> impl Iterator<Item = &InertnessCheck> {
        self.checks.iter().filter(|c| c.light != Light::Inert)
    }

    /// Whether something was seen that could bill, send or charge.
    pub fn is_breached(&self) -> bool {
        self.checks.iter().any(|c| matches!(c.light, Light::Breach { .. }))
    }

    /// `has a payment token: 2 (sub-1003); mail queue: not known (…)`; `None` where it holds.
    pub fn alarm(&self) -> Option<String> {
        if self.checks.is_empty() {
            return Some("no check of inertness is configured: nothing proves that the target cannot bill".to_owned());
        }
        let words = |c: &InertnessCheck| match &c.light {
            Light::Inert => None,
            Light::Breach { count, sample } => {
                let sample = sample.as_ref().map_or_else(String::new, |s| format!(" ({})", s.shown(60)));
                Some(format!("{}: {count}{sample}", super::text::shown(&c.name, 60)))
            }
            Light::Unknown { why } => Some(format!("{}: not known, {why}", super::text::shown(&c.name, 60))),
        };
        let all: Vec<String> = self.checks.iter().filter_map(words).collect();
        (!all.is_empty()).then(|| all.join("; "))
    }
}

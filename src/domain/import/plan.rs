//! The plan: one line for every record of either side, and the same counted.

use super::delivery::{Act, Delivery};
use crate::domain::contract::Entity;
use crate::domain::currency::Currency;
use crate::domain::money::Money;
use crate::domain::run::SnapshotInfo;
use crate::domain::shadow::{Field, RecordId, Shadow};
use crate::domain::text::Untrusted;
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

impl InTarget {
    /// Why it is so, where that is said.
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Retire(why) | Self::Unknown(why) | Self::Left(why) => Some(why),
            Self::Present | Self::Differs(_) | Self::Missing => None,
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
    /// Fields of a record in the target that its query does not deliver: nobody has seen them.
    pub unread: Vec<&'static str>,
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
        let shown = |text: &str| crate::domain::text::shown(text, 80);
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

    /// Counts a record in. Whoever counts has made sure that all of it fits.
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
    /// Records in the target of which nobody reads a field that decides what is billed, by field.
    pub unread: BTreeMap<String, u64>,
    /// Staged once, and no longer wanted: what changed in the source since.
    pub withdrawn: Group,
    /// How the records stand in the target, by [`InTarget::word`].
    pub in_target: BTreeMap<String, Group>,
}

/// Everything an import would do, computed from one snapshot of each side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportPlan {
    /// Every record of either side, by entity in the order of [`crate::domain::shadow::CARRIED`], then by id.
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
    /// Names what would be done, hex: another digest, another plan. When and where it was read is not in it.
    pub fn digest(&self) -> String {
        let mut hasher = blake3::Hasher::new_derive_key("dualrun import plan v1");
        let mut text = |text: &str| {
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        };
        for line in &self.lines {
            let content = line.source.as_ref().map(Shadow::digest).unwrap_or_default();
            let found = line.target.as_ref().map_or("", |t| t.target_id.as_str());
            for part in
                [line.id.entity.word(), &line.id.external_id, line.fate.word(), &content, line.in_target.as_ref().map_or("", InTarget::word), found]
            {
                text(part);
            }
            if let Some(InTarget::Differs(fields)) = &line.in_target {
                for field in fields {
                    text(&field.field);
                    text(field.found.as_deref().unwrap_or("\u{0}"));
                }
            }
        }
        for id in &self.withdrawn {
            text(id.entity.word());
            text(&id.external_id);
        }
        hasher.finalize().to_hex().as_str().get(..32).unwrap_or_default().to_owned()
    }

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

    /// Fields that decide what is billed and that nobody reads back, over all records.
    pub fn unread(&self) -> u64 {
        self.count(|e| e.unread.values().sum())
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

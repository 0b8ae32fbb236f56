//! The plan: every record of either side in one line, with what the import does with it and how it stands in the target.

use super::compare::compare;
use super::select::{Chosen, INACTIVE, NOT_SELECTED, Selected, Selection};
use super::target::TargetHolding;
use crate::domain::contract::Entity;
use crate::domain::import::{Delivery, EntityPlan, Fate, ImportPlan, InTarget, MappedId, PlanLine, Staged, TargetRecord};
use crate::domain::run::SnapshotInfo;
use crate::domain::shadow::{CARRIED, RecordId, Shadow};
use crate::domain::text::{Untrusted, shown};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// What the workspace knows from earlier imports.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The staged copy.
    pub staged: BTreeMap<RecordId, Staged>,
    /// When it was taken from the source.
    pub staged_at: Option<DateTime<Utc>>,
    /// The newest delivery of each record.
    pub deliveries: BTreeMap<RecordId, Delivery>,
    /// Pairs of ids that earlier loads left.
    pub mapping: Vec<MappedId>,
}

/// Two counts that must be one are not: a bug, and nothing of the plan may be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{entity}: {read} rows read, {told} accounted for")]
pub struct Unbalanced {
    /// Which entity.
    pub entity: Entity,
    /// Rows read.
    pub read: u64,
    /// Rows in the buckets.
    pub told: u64,
}

/// Makes the plan. `partial` where only some subscriptions were asked for: what was not asked for stays as it is staged.
pub fn plan(
    selection: &Selection,
    target: &TargetHolding,
    known: &Known,
    partial: bool,
    snapshots: Vec<SnapshotInfo>,
) -> Result<ImportPlan, Unbalanced> {
    let mapped = known.mapping.iter().map(|pair| &pair.id).collect();
    let planner = Planner { selection, target, known, mapped, partial };
    let mut lines = planner.lines();
    lines.sort_by(|(a, _), (b, _)| (place(a.id.entity), &a.id.external_id).cmp(&(place(b.id.entity), &b.id.external_id)));
    let withdrawn = planner.withdrawn();
    let mut entities = BTreeMap::new();
    for entity in CARRIED {
        let counted = count(entity, &lines, selection, &withdrawn, known)?;
        entities.insert(entity, counted);
    }
    let lines = lines.into_iter().map(|(line, _)| line).collect();
    Ok(ImportPlan { lines, entities, withdrawn, snapshots, staged_at: known.staged_at })
}

fn place(entity: Entity) -> usize {
    CARRIED.iter().position(|e| *e == entity).unwrap_or(CARRIED.len())
}

struct Planner<'a> {
    selection: &'a Selection,
    target: &'a TargetHolding,
    known: &'a Known,
    /// Source records of which an earlier load noted the pair of ids.
    mapped: BTreeSet<&'a RecordId>,
    partial: bool,
}

/// A line and the source rows it stands for.
type Counted = (PlanLine, u64);

impl Planner<'_> {
    fn lines(&self) -> Vec<Counted> {
        let of_source = |(id, selected): (&RecordId, &Selected)| (self.of_source(id, selected), selected.rows);
        let mut lines: Vec<Counted> = self.selection.records.iter().map(of_source).collect();
        // Rows without a usable record of their own: each is a line, so that its reason can be read where the others stand.
        for error in &self.selection.unreadable {
            let why = format!("{} = \"{}\": {}", error.column, error.raw, error.reason);
            lines.push((line(RecordId::new(error.entity, &*error.id), Fate::Rejected(why)), 1));
        }
        let unreadable_ids: BTreeSet<(Entity, &str)> = self.selection.unreadable.iter().map(|e| (e.entity, e.id.as_str())).collect();
        for (id, record) in &self.target.known {
            if !self.selection.records.contains_key(id) {
                let mut absent = line(id.clone(), Fate::Absent);
                absent.in_target = Some(self.absent(id, record, &unreadable_ids));
                absent.name = name_of(record);
                absent.target = Some(record.clone());
                self.remember(&mut absent);
                lines.push((absent, 0));
            }
        }
        for (entity, record, why) in &self.target.others {
            let mut other = line(RecordId::new(*entity, &*record.target_id), Fate::Absent);
            other.in_target = Some(InTarget::Left(why.clone()));
            other.name = name_of(record);
            other.target = Some(record.clone());
            lines.push((other, 0));
        }
        lines
    }

    fn remember(&self, line: &mut PlanLine) {
        line.staged = self.known.staged.get(&line.id).map(|s| s.shadow.clone());
        line.delivery = self.known.deliveries.get(&line.id).cloned();
    }

    fn of_source(&self, id: &RecordId, selected: &Selected) -> PlanLine {
        let mut out = line(id.clone(), Fate::Absent);
        out.name = selected.name.clone();
        out.money = selected.money;
        out.target = self.target.known.get(id).cloned();
        self.remember(&mut out);
        out.fate = match &selected.chosen {
            Chosen::Filtered(why) => Fate::Filtered(why.clone()),
            Chosen::Rejected(why) => Fate::Rejected(why.clone()),
            Chosen::Taken(shadow) => match &out.staged {
                None => Fate::Create,
                Some(staged) if staged == shadow => Fate::Unchanged,
                Some(_) => Fate::Update,
            },
        };
        out.in_target = match &selected.chosen {
            Chosen::Taken(shadow) => Some(self.wanted(id, shadow)),
            Chosen::Filtered(why) => out.target.as_ref().map(|record| unwanted(id, record, why)),
            Chosen::Rejected(_) => {
                out.target.as_ref().map(|_| InTarget::Left("the source's record is rejected: what should be here is not known".to_owned()))
            }
        };
        if let Chosen::Taken(shadow) = &selected.chosen {
            out.source = Some(shadow.clone());
        }
        out
    }

    fn wanted(&self, id: &RecordId, shadow: &Shadow) -> InTarget {
        if let Some(why) = self.target.unclear.get(id) {
            return InTarget::Unknown(why.clone());
        }
        match (self.target.known.get(id), self.target.blind.get(&id.entity)) {
            (Some(record), _) => {
                let differences = compare(shadow, record).differences;
                if differences.is_empty() { InTarget::Present } else { InTarget::Differs(differences) }
            }
            (None, Some(why)) => InTarget::Unknown(why.clone()),
            (None, None) => InTarget::Missing,
        }
    }

    /// A target record the source does not know.
    fn absent(&self, id: &RecordId, record: &TargetRecord, unreadable: &BTreeSet<(Entity, &str)>) -> InTarget {
        if let Some(why) = self.target.unclear.get(id) {
            return InTarget::Left(why.clone());
        }
        // A source row that cannot be read may be this one: its id as listed, or any where its id is what cannot be read.
        let may_be_unread = unreadable.iter().any(|(entity, name)| *entity == id.entity && (name.is_empty() || *name == shown(&id.external_id, 120)));
        if may_be_unread {
            return InTarget::Left("a source row that cannot be read may stand for it".to_owned());
        }
        if self.partial {
            return InTarget::Left(NOT_SELECTED.to_owned());
        }
        // Who keeps other things in the target than this service's would not thank an import for retiring them.
        if !self.is_ours(id) {
            return InTarget::Left("not in the source, and no import of this workspace brought it".to_owned());
        }
        unwanted(id, record, "not in the source any more")
    }

    /// Whether an import of this workspace had to do with a record.
    fn is_ours(&self, id: &RecordId) -> bool {
        self.known.staged.contains_key(id) || self.known.deliveries.contains_key(id) || self.mapped.contains(id)
    }

    /// Staged records that are not wanted any more. Where only some were asked for, the others stay.
    fn withdrawn(&self) -> Vec<RecordId> {
        let still = |id: &&RecordId| match self.selection.records.get(*id).map(|s| &s.chosen) {
            Some(Chosen::Taken(_)) => true,
            Some(Chosen::Filtered(why)) => why == NOT_SELECTED,
            // A plan or customer that was staged and became unreadable is not what was staged.
            Some(Chosen::Rejected(_)) => false,
            None => self.partial,
        };
        self.known.staged.keys().filter(|id| !still(id)).cloned().collect()
    }
}

/// A target record that is not wanted: retired while it lives. Customers bill nothing by themselves and are left alone.
fn unwanted(id: &RecordId, record: &TargetRecord, why: &str) -> InTarget {
    if id.entity == Entity::Customers {
        InTarget::Left("a customer alone bills nothing".to_owned())
    } else if why == NOT_SELECTED {
        InTarget::Left(why.to_owned())
    } else if !record.live && id.entity == Entity::Charges {
        InTarget::Left("its plan is not on sale".to_owned())
    } else if !record.live {
        InTarget::Left("bills nothing any more".to_owned())
    } else if why == INACTIVE {
        InTarget::Retire("inactive in the source".to_owned())
    } else {
        InTarget::Retire(why.to_owned())
    }
}

fn name_of(record: &TargetRecord) -> Untrusted {
    let name = record.fields.iter().find(|(name, _)| *name == "name").and_then(|(_, value)| value.as_deref());
    Untrusted::new(name.unwrap_or_default())
}

fn line(id: RecordId, fate: Fate) -> PlanLine {
    PlanLine { id, name: Untrusted::default(), money: None, fate, in_target: None, source: None, staged: None, target: None, delivery: None }
}

/// Counts an entity's lines, and proves that every row read is in one of them.
fn count(entity: Entity, lines: &[Counted], selection: &Selection, withdrawn: &[RecordId], known: &Known) -> Result<EntityPlan, Unbalanced> {
    let unreadable = u64::try_from(selection.unreadable.iter().filter(|e| e.entity == entity).count()).unwrap_or(u64::MAX);
    let mut out = EntityPlan { read: selection.read.get(&entity).copied().unwrap_or(0), unreadable, ..EntityPlan::default() };
    let mut told = 0;
    for (line, rows) in lines.iter().filter(|(l, _)| l.id.entity == entity) {
        let (id, money) = (line.id.external_id.as_str(), line.money);
        match &line.fate {
            Fate::Create => out.create.add(id, money),
            Fate::Update => out.update.add(id, money),
            Fate::Unchanged => out.unchanged.add(id, money),
            Fate::Filtered(why) => out.filtered.entry(why.clone()).or_default().add(id, money),
            Fate::Rejected(why) => {
                let group = out.rejected.entry(why.clone()).or_default();
                group.add(id, money);
                group.count += rows.saturating_sub(1);
            }
            Fate::Absent => {}
        }
        told += rows;
        if let Some(in_target) = &line.in_target {
            out.in_target.entry(in_target.word().to_owned()).or_default().add(id, money);
        }
    }
    for id in withdrawn.iter().filter(|id| id.entity == entity && known.staged.contains_key(*id)) {
        out.withdrawn.add(&id.external_id, None);
    }
    if told == out.read { Ok(out) } else { Err(Unbalanced { entity, read: out.read, told }) }
}

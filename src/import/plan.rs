//! The plan: every record of either side in one line, with what the import does with it and how it stands in the target.

use super::compare::compare;
use super::select::{Chosen, INACTIVE, NOT_SELECTED, Selected, Selection};
use super::target::TargetHolding;
use crate::domain::contract::Entity;
use crate::domain::currency::Currency;
use crate::domain::import::{Delivery, EntityPlan, Fate, ImportPlan, InTarget, MappedId, PlanLine, Staged, TargetRecord};
use crate::domain::run::SnapshotInfo;
use crate::domain::shadow::{CARRIED, DECIDING, RecordId, Shadow};
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

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoPlan {
    /// Two counts that must be one are not: a bug, and nothing of the plan may be used.
    #[error("{entity}: {read} rows read, {told} accounted for")]
    Unbalanced {
        /// Which entity.
        entity: Entity,
        /// Rows read.
        read: u64,
        /// Rows in the buckets.
        told: u64,
    },
    /// The prices of an entity's records do not fit a total.
    #[error("the prices of the {entity} do not fit a total at {id} — check money_unit of the source and the price of that record")]
    Overflow {
        /// Which entity.
        entity: Entity,
        /// The record that filled it, neutralised.
        id: String,
    },
}

/// Makes the plan. `partial` where only some subscriptions were asked for: what was not asked for stays as it is staged.
pub fn plan(selection: &Selection, target: &TargetHolding, known: &Known, partial: bool, snapshots: Vec<SnapshotInfo>) -> Result<ImportPlan, NoPlan> {
    let mapped = known.mapping.iter().map(|pair| &pair.id).collect();
    let strangers = target.known.keys().filter(|id| !selection.records.contains_key(*id));
    let nearly = strangers.map(|id| ((id.entity, folded(&id.external_id)), id.external_id.as_str())).collect();
    let planner = Planner { selection, target, known, mapped, nearly, partial };
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
    /// Ids of target records that no source record has, by what they look like.
    nearly: BTreeMap<(Entity, String), &'a str>,
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
        for (id, record) in &self.target.known {
            if !self.selection.records.contains_key(id) {
                let mut absent = line(id.clone(), Fate::Absent);
                absent.in_target = Some(self.absent(id, record));
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
        self.spare(&mut lines);
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
            Chosen::Filtered { why, .. } => Fate::Filtered(why.clone()),
            Chosen::Rejected(why) => Fate::Rejected(why.clone()),
            Chosen::Taken(shadow) => match &out.staged {
                None => Fate::Create,
                Some(staged) if staged == shadow => Fate::Unchanged,
                Some(_) => Fate::Update,
            },
        };
        out.in_target = match &selected.chosen {
            Chosen::Taken(shadow) => Some(self.wanted(id, shadow)),
            Chosen::Filtered { why, over } => out.target.as_ref().map(|record| unwanted(id, record, why, *over)),
            Chosen::Rejected(_) => {
                out.target.as_ref().map(|_| InTarget::Left("the source's record is rejected: what should be here is not known".to_owned()))
            }
        };
        if let Chosen::Taken(shadow) = &selected.chosen {
            out.source = Some(shadow.clone());
            out.unread = out.target.as_ref().map(|record| compare(shadow, record).unread).unwrap_or_default();
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
            (None, None) => match self.nearly.get(&(id.entity, folded(&id.external_id))) {
                Some(near) => {
                    InTarget::Unknown(format!("the target has nearly the same id, \"{}\" — make the two one, or tell them apart", shown(near, 80)))
                }
                None => InTarget::Missing,
            },
        }
    }

    /// A target record the source does not know.
    fn absent(&self, id: &RecordId, record: &TargetRecord) -> InTarget {
        if let Some(why) = self.target.unclear.get(id) {
            return InTarget::Left(why.clone());
        }
        if self.selection.may_be_unread(id) {
            return InTarget::Left("a source row that cannot be read may stand for it".to_owned());
        }
        if id.entity == Entity::Charges && self.is_of_doubtful_plan(record) {
            return InTarget::Left("its plan's charges in the source cannot all be read".to_owned());
        }
        if self.partial {
            return InTarget::Left(NOT_SELECTED.to_owned());
        }
        if self.selection.read.get(&id.entity).copied().unwrap_or(0) == 0 {
            return InTarget::Left(format!("the source delivers no {} at all", id.entity));
        }
        // Who keeps other things in the target than this service's would not thank an import for retiring them.
        if !self.is_ours(id) {
            return InTarget::Left("not in the source, and no import of this workspace brought it".to_owned());
        }
        unwanted(id, record, "not in the source any more", true)
    }

    /// Whether an import of this workspace had to do with a record.
    fn is_ours(&self, id: &RecordId) -> bool {
        self.known.staged.contains_key(id) || self.known.deliveries.contains_key(id) || self.mapped.contains(id)
    }

    /// Whether a charge's plan is one of which the source's charges are not all known. That one is not among them says nothing then.
    fn is_of_doubtful_plan(&self, charge: &TargetRecord) -> bool {
        let plan = RecordId::new(Entity::Plans, field(charge, "plan").unwrap_or_default());
        let chosen = self.selection.records.get(&plan).map(|s| &s.chosen);
        matches!(chosen, Some(Chosen::Rejected(_))) || self.selection.may_be_unread(&plan)
    }

    /// Plans and charges that are to be retired and that a live subscription of the target is still on stay: it would bill without its
    /// price, or not at all. Nor is a price taken away while nobody can say who has it.
    fn spare(&self, lines: &mut [Counted]) {
        let stays = |l: &PlanLine| l.id.entity == Entity::Subscriptions && l.target.as_ref().is_some_and(|t| t.live) && !is_retired(l);
        let mut users: BTreeMap<String, String> = BTreeMap::new();
        let mut somebody = self.target.blind.get(&Entity::Subscriptions).cloned();
        for (line, _) in lines.iter().filter(|(l, _)| stays(l)) {
            match line.target.as_ref().and_then(|t| field(t, "plan")) {
                Some(plan) => drop(users.insert(plan.to_owned(), line.id.external_id.clone())),
                None => somebody = Some("which plan the target's subscriptions have is not read".to_owned()),
            }
        }
        for (line, _) in lines.iter_mut().filter(|(l, _)| is_retired(l)) {
            let plan = match line.id.entity {
                Entity::Plans => Some(line.id.external_id.clone()),
                Entity::Charges => Some(line.target.as_ref().and_then(|t| field(t, "plan")).unwrap_or_default().to_owned()),
                _ => None,
            };
            let Some(plan) = plan else { continue };
            let user = users.get(&plan).map(|user| format!("subscription {} of the target is on it and bills", shown(user, 60)));
            if let Some(why) = user.or_else(|| somebody.clone()) {
                line.in_target = Some(InTarget::Left(why));
            }
        }
    }

    /// Staged records that are not wanted any more. Where only some were asked for, the others stay.
    fn withdrawn(&self) -> Vec<RecordId> {
        let still = |id: &&RecordId| match self.selection.records.get(*id).map(|s| &s.chosen) {
            Some(Chosen::Taken(_)) => true,
            Some(Chosen::Filtered { why, .. }) => why == NOT_SELECTED,
            // A plan or customer that was staged and became unreadable is not what was staged.
            Some(Chosen::Rejected(_)) => false,
            None => self.partial,
        };
        self.known.staged.keys().filter(|id| !still(id)).cloned().collect()
    }
}

/// A target record that is not wanted: retired while it lives. Customers bill nothing by themselves and are left alone.
fn unwanted(id: &RecordId, record: &TargetRecord, why: &str, over: bool) -> InTarget {
    if id.entity == Entity::Customers {
        InTarget::Left("a customer alone bills nothing".to_owned())
    } else if !record.live && id.entity == Entity::Charges {
        InTarget::Left("its plan is not on sale".to_owned())
    } else if !record.live {
        InTarget::Left("bills nothing any more".to_owned())
    } else if !over && id.entity == Entity::Subscriptions && why != NOT_SELECTED {
        InTarget::Left(format!("{why} in the source, and alive here: it would bill — --all carries its status over"))
    } else if !over {
        InTarget::Left(why.to_owned())
    } else if why == INACTIVE {
        InTarget::Retire("inactive in the source".to_owned())
    } else {
        InTarget::Retire(why.to_owned())
    }
}

fn field<'a>(record: &'a TargetRecord, wanted: &str) -> Option<&'a str> {
    record.fields.iter().find(|(name, _)| *name == wanted).and_then(|(_, value)| value.as_deref())
}

const fn is_retired(line: &PlanLine) -> bool {
    matches!(line.in_target, Some(InTarget::Retire(_)))
}

/// What an id looks like to a person, or to a column that pads and folds: without blanks around it and without case.
fn folded(id: &str) -> String {
    id.trim().to_lowercase()
}

fn name_of(record: &TargetRecord) -> Untrusted {
    Untrusted::new(field(record, "name").unwrap_or_default())
}

fn line(id: RecordId, fate: Fate) -> PlanLine {
    PlanLine {
        id,
        name: Untrusted::default(),
        money: None,
        fate,
        in_target: None,
        source: None,
        staged: None,
        target: None,
        delivery: None,
        unread: Vec::new(),
    }
}

/// Counts an entity's lines, and proves that every row read is in one of them.
fn count(entity: Entity, lines: &[Counted], selection: &Selection, withdrawn: &[RecordId], known: &Known) -> Result<EntityPlan, NoPlan> {
    let unreadable = u64::try_from(selection.unreadable.iter().filter(|e| e.entity == entity).count()).unwrap_or(u64::MAX);
    let mut out = EntityPlan { read: selection.read.get(&entity).copied().unwrap_or(0), unreadable, ..EntityPlan::default() };
    let mut told = 0;
    // Of all records together, whatever their sign: then no sum of some of them is too large either.
    let mut all: BTreeMap<Currency, i64> = BTreeMap::new();
    for (line, rows) in lines.iter().filter(|(l, _)| l.id.entity == entity) {
        let (id, money) = (line.id.external_id.as_str(), line.money);
        if let Some(money) = money {
            let sum = all.entry(money.currency).or_default();
            let fits = money.minor.checked_abs().and_then(|minor| sum.checked_add(minor));
            *sum = fits.ok_or_else(|| NoPlan::Overflow { entity, id: shown(id, 60) })?;
        }
        for field in line.unread.iter().filter(|f| DECIDING.contains(f)) {
            *out.unread.entry((*field).to_owned()).or_default() += 1;
        }
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
    if told == out.read { Ok(out) } else { Err(NoPlan::Unbalanced { entity, read: out.read, told }) }
}

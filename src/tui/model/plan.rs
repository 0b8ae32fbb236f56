//! The import's plan as a table: which lines are listed, in which order, and the one that is open.

use super::{Editing, Trouble};
use crate::domain::import::{Act, Delivery, DeliveryState, Fate, ImportPlan, InTarget, Inertness, PlanLine};
use crate::domain::shadow::{CARRIED, RecordId};
use crate::present::import::filter::LineFilter;
use crate::present::import::{ImportColumn, ImportRow, is_withdrawn};
use crate::tui::model::table::window;
use chrono::{DateTime, Utc};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The newest delivery of each record.
pub type Deliveries = BTreeMap<RecordId, Delivery>;

/// What is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum View {
    /// What applying would change, and what keeps it from being right: the lines a person has to look at.
    #[default]
    Changes,
    /// Every line.
    All,
    /// Left out by what was asked for.
    Filtered,
    /// Refused.
    Rejected,
    /// Deliveries that wait for somebody's word.
    Parked,
    /// In the target, and should not be.
    Retire,
}

impl View {
    /// All of them, in the order of their names on the screen.
    pub const ALL: [Self; 6] = [Self::Changes, Self::All, Self::Filtered, Self::Rejected, Self::Parked, Self::Retire];

    /// Its name.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Changes => "Changes",
            Self::All => "All",
            Self::Filtered => "Filtered",
            Self::Rejected => "Rejected",
            Self::Parked => "Parked",
            Self::Retire => "Retire",
        }
    }

    /// Its place, from 0.
    pub fn index(self) -> usize {
        Self::ALL.iter().position(|v| *v == self).unwrap_or(0)
    }

    /// Whether a line is listed there. Parked ones are deliveries, not lines.
    pub fn lists(self, line: &PlanLine) -> bool {
        match self {
            Self::All => true,
            Self::Parked => false,
            Self::Filtered => matches!(line.fate, Fate::Filtered(_)),
            Self::Rejected => matches!(line.fate, Fate::Rejected(_)),
            Self::Retire => matches!(line.in_target, Some(InTarget::Retire(_))),
            Self::Changes => {
                let staged = matches!(line.fate, Fate::Create | Fate::Update | Fate::Rejected(_)) || is_withdrawn(line);
                staged || matches!(line.in_target, Some(InTarget::Differs(_) | InTarget::Missing | InTarget::Retire(_) | InTarget::Unknown(_)))
            }
        }
    }
}

/// A plan that was made, and what is worked out of it once.
#[derive(Debug, Clone)]
pub struct ShownPlan {
    /// The plan.
    pub plan: ImportPlan,
    /// Inertness over the same snapshot of the target.
    pub inertness: Inertness,
    /// When it came.
    pub made: DateTime<Utc>,
    /// The import that carried it out, as it was then.
    pub applied: Option<i64>,
    /// Lines of each view, by its place; those of `Parked` are counted elsewhere.
    counts: [u64; 6],
}

/// What a loader would be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Asked {
    /// Records to create.
    pub create: u64,
    /// Records to change.
    pub update: u64,
    /// Records to retire.
    pub retire: u64,
    /// Of all these, parked or dropped ones: they wait unless their content changed.
    pub waiting: u64,
    /// Never handed over, because nobody can tell how they stand in the target.
    pub unknown: u64,
}

impl ShownPlan {
    /// A plan that came now.
    pub fn new(plan: ImportPlan, inertness: Inertness, made: DateTime<Utc>, applied: Option<i64>) -> Self {
        let mut counts = [0; 6];
        for line in &plan.lines {
            for view in View::ALL.into_iter().filter(|v| v.lists(line)) {
                counts[view.index()] += 1;
            }
        }
        Self { plan, inertness, made, applied, counts }
    }

    /// Lines of a view.
    pub fn count(&self, view: View) -> u64 {
        self.counts[view.index()]
    }

    /// The line of a record.
    pub fn line(&self, id: &RecordId) -> Option<&PlanLine> {
        let place = |id: &RecordId| CARRIED.iter().position(|e| *e == id.entity);
        let at = self.plan.lines.partition_point(|l| (place(&l.id), &l.id.external_id) < (place(id), &id.external_id));
        self.plan.lines.get(at).filter(|l| l.id == *id)
    }

    /// What a loader would be asked for, with or without retiring.
    pub fn asked(&self, deliveries: &Deliveries, retire: bool) -> Asked {
        let mut out = Asked::default();
        for line in &self.plan.lines {
            match (line.act(), &line.in_target) {
                (Some(Act::Put), Some(InTarget::Differs(_))) => out.update += 1,
                (Some(Act::Put), _) => out.create += 1,
                (Some(Act::Retire), _) if retire => out.retire += 1,
                (None, Some(InTarget::Unknown(_))) if line.fate.is_taken() => {
                    out.unknown += 1;
                    continue;
                }
                _ => continue,
            }
            let state = deliveries.get(&line.id).or(line.delivery.as_ref()).map(|d| d.state);
            out.waiting += u64::from(matches!(state, Some(DeliveryState::Parked | DeliveryState::Dropped)));
        }
        out
    }
}

/// One thing listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// A line of the plan, by its place there.
    Line(usize),
    /// A parked delivery.
    Parked(RecordId),
}

/// The table.
#[derive(Debug, Clone)]
pub struct PlanTable {
    /// The plan, once one was made.
    pub shown: Option<Arc<ShownPlan>>,
    /// Why the newest plan, import or look did not end well; the plan is the last good one.
    pub trouble: Option<Trouble>,
    /// What is listed.
    pub view: View,
    /// Which of it.
    pub filter: LineFilter,
    /// By which column, and whether the greatest comes first.
    pub sort: (ImportColumn, bool),
    /// What passes, in that order.
    pub items: Vec<Item>,
    /// Deliveries that wait for somebody's word, all of them.
    pub parked: u64,
    /// The selected one.
    pub selected: usize,
    /// The first one drawn.
    pub offset: usize,
    /// The filter being typed.
    pub editing: Option<Editing>,
    /// Lines scrolled in the open record; `None` where none is open.
    pub open: Option<u16>,
    /// A decision about parked deliveries is being written.
    pub settling: bool,
}

/// How soon a record needs a look, soonest first: what cannot go over or be told, what is wrong in the target, what is to be done there.
const fn pressing(line: &PlanLine) -> u8 {
    match (&line.fate, &line.in_target) {
        (Fate::Rejected(_), _) => 0,
        (_, Some(InTarget::Unknown(_))) => 1,
        (_, Some(InTarget::Differs(_))) => 2,
        (_, Some(InTarget::Missing)) => 3,
        (_, Some(InTarget::Retire(_))) => 4,
        (_, None) => 5,
        (_, Some(InTarget::Left(_))) => 6,
        (_, Some(InTarget::Present)) => 7,
    }
}

impl Default for PlanTable {
    fn default() -> Self {
        Self {
            shown: None,
            trouble: None,
            view: View::default(),
            filter: LineFilter::default(),
            sort: (ImportColumn::InTarget, false),
            items: Vec::new(),
            parked: 0,
            selected: 0,
            offset: 0,
            editing: None,
            open: None,
            settling: false,
        }
    }
}

impl PlanTable {
    /// Sorts and filters anew; the selected record stays selected where it is still listed.
    pub fn arrange(&mut self, deliveries: &Deliveries) {
        let before = self.selected_id().cloned();
        self.parked = deliveries.values().filter(|d| d.state == DeliveryState::Parked).count() as u64;
        self.items = self.listed(deliveries);
        let again = before.and_then(|id| (0..self.items.len()).find(|i| self.id_at(*i) == Some(&id)));
        self.selected = again.unwrap_or(self.selected).min(self.items.len().saturating_sub(1));
        if self.items.is_empty() {
            self.open = None;
        }
    }

    fn listed(&self, deliveries: &Deliveries) -> Vec<Item> {
        let mut items: Vec<Item> = if self.view == View::Parked {
            let parked = deliveries.values().filter(|d| d.state == DeliveryState::Parked);
            let row = |d: &&Delivery| self.filter.passes(ImportRow::delivered(d, self.shown.as_ref().and_then(|s| s.line(&d.id))));
            parked.filter(row).map(|d| Item::Parked(d.id.clone())).collect()
        } else {
            let lines = self.lines().iter().enumerate();
            let row = |l: &PlanLine| self.view.lists(l) && self.filter.passes(ImportRow::of(l, deliveries.get(&l.id)));
            lines.filter(|(_, l)| row(l)).map(|(at, _)| Item::Line(at)).collect()
        };
        let (column, descending) = self.sort;
        if column != ImportColumn::Id {
            items.sort_by(|a, b| self.order(column, descending, a, b));
        } else if descending {
            items.reverse();
        }
        items
    }

    /// The order of two items; those without a value stand last whichever way it is sorted.
    fn order(&self, column: ImportColumn, descending: bool, a: &Item, b: &Item) -> Ordering {
        let (Some(a), Some(b)) = (self.line_of(a), self.line_of(b)) else { return Ordering::Equal };
        let turned = |order: Ordering| if descending { order.reverse() } else { order };
        match column {
            ImportColumn::Money => match (a.money, b.money) {
                (Some(x), Some(y)) => x.currency.cmp(&y.currency).then(turned(x.minor.cmp(&y.minor))),
                (x, y) => x.is_none().cmp(&y.is_none()),
            },
            ImportColumn::Name => turned(a.name.cmp(&b.name)),
            ImportColumn::Fate => turned(a.fate.word().cmp(b.fate.word())),
            ImportColumn::InTarget => turned(pressing(a).cmp(&pressing(b))),
            _ => Ordering::Equal,
        }
    }

    fn lines(&self) -> &[PlanLine] {
        self.shown.as_ref().map_or(&[], |s| &s.plan.lines)
    }

    fn line_of(&self, item: &Item) -> Option<&PlanLine> {
        match item {
            Item::Line(at) => self.lines().get(*at),
            Item::Parked(id) => self.shown.as_ref()?.line(id),
        }
    }

    /// The row of an item.
    pub fn row<'a>(&'a self, at: usize, deliveries: &'a Deliveries) -> Option<ImportRow<'a>> {
        match self.items.get(at)? {
            Item::Line(line) => self.lines().get(*line).map(|l| ImportRow::of(l, deliveries.get(&l.id))),
            item @ Item::Parked(id) => deliveries.get(id).map(|d| ImportRow::delivered(d, self.line_of(item))),
        }
    }

    fn id_at(&self, at: usize) -> Option<&RecordId> {
        match self.items.get(at)? {
            Item::Line(line) => self.lines().get(*line).map(|l| &l.id),
            Item::Parked(id) => Some(id),
        }
    }

    /// The selected record.
    pub fn selected_id(&self) -> Option<&RecordId> {
        self.id_at(self.selected)
    }

    /// The columns of the view.
    pub const fn columns(&self) -> &'static [ImportColumn] {
        if matches!(self.view, View::Parked) { &ImportColumn::PARKED } else { &ImportColumn::PLAN }
    }

    /// Lists another view, from its top.
    pub fn show(&mut self, view: View, deliveries: &Deliveries) {
        (self.view, self.selected, self.offset, self.open) = (view, 0, 0, None);
        self.items.clear();
        self.arrange(deliveries);
    }

    /// Moves the selection.
    pub fn step(&mut self, by: isize, height: usize) {
        self.selected = self.selected.saturating_add_signed(by).min(self.items.len().saturating_sub(1));
        self.keep_visible(height);
    }

    /// Scrolls so that the selection is among `height` drawn rows.
    pub fn keep_visible(&mut self, height: usize) {
        self.offset = window(self.offset, self.selected, height, self.items.len());
    }

    /// The columns one can sort by, in the order `s` takes them.
    pub const SORTS: [ImportColumn; 5] = [ImportColumn::InTarget, ImportColumn::Money, ImportColumn::Id, ImportColumn::Name, ImportColumn::Fate];
}

/// The parked deliveries a decision about these ids is about, the ids in order: it goes by the id alone, whatever the entity.
pub fn parked_of<'a>(deliveries: &'a Deliveries, ids: &[RecordId]) -> Vec<&'a Delivery> {
    let parked = deliveries.values().filter(|d| d.state == DeliveryState::Parked);
    parked.filter(|d| ids.binary_search(&d.id).is_ok()).collect()
}

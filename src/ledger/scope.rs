//! Which months and subscriptions a reconciliation is about, and which period a day of a subscription falls into.

use super::interned::KeyId;
use crate::domain::key::{Key, KeyRef};
use crate::domain::period::{Grid, Month, Period};
use chrono::NaiveDate;
use std::collections::{BTreeSet, HashMap};

/// Months asked for, ascending and without gaps, and the subscriptions that have a day of their own to start on.
#[derive(Debug, Clone)]
pub struct Scope {
    first: Month,
    months: usize,
    /// Calendar months, by slot.
    calendar: Vec<Period>,
    only: BTreeSet<Key>,
    anchored: HashMap<KeyId, Grid>,
}

/// Place of a month in the scope.
pub type Slot = u16;

impl Scope {
    /// `months` months from `first` on; `only` empty is every subscription.
    pub fn new(first: Month, months: usize, only: BTreeSet<Key>) -> Self {
        let calendar = (0..months).filter_map(|i| i32::try_from(i).ok()).map(|i| Grid::CALENDAR.period_in(first.plus(i))).collect();
        Self { first, months, calendar, only, anchored: HashMap::new() }
    }

    /// Notes a subscription's own grid. The first one told wins: tell the source's before the target's.
    pub fn anchor(&mut self, key: KeyId, grid: Grid) {
        if !grid.is_calendar() {
            self.anchored.entry(key).or_insert(grid);
        }
    }

    /// Whether any subscription has periods of its own.
    pub fn any_anchored(&self) -> bool {
        !self.anchored.is_empty()
    }

    /// How many months are asked for.
    pub const fn len(&self) -> usize {
        self.months
    }

    /// True where no month is asked for.
    pub const fn is_empty(&self) -> bool {
        self.months == 0
    }

    /// The month of a slot.
    pub fn month(&self, slot: Slot) -> Month {
        self.first.plus(i32::from(slot))
    }

    /// Months asked for.
    pub fn months(&self) -> impl Iterator<Item = (Slot, Month)> + '_ {
        (0..self.months).filter_map(|i| Slot::try_from(i).ok()).map(|slot| (slot, self.month(slot)))
    }

    /// The grid of a subscription; one that no catalogue has is billed by calendar months.
    #[inline]
    pub fn grid(&self, key: Option<KeyId>) -> Grid {
        if self.anchored.is_empty() { Grid::CALENDAR } else { key.and_then(|k| self.anchored.get(&k)).copied().unwrap_or(Grid::CALENDAR) }
    }

    /// The slot of the period a subscription's day falls into; `None` where that is not asked for.
    #[inline]
    pub fn slot_of(&self, key: Option<KeyId>, day: NaiveDate) -> Option<Slot> {
        let grid = self.grid(key);
        self.calendar_slot(if grid.is_calendar() { day } else { grid.period_of(day).start })
    }

    /// Whether the periods before and after one were asked for too: then all usage that may be told to be its own was read.
    pub fn is_inner(&self, period: Period) -> bool {
        self.calendar_slot(period.start).is_some_and(|slot| slot > 0 && usize::from(slot) + 1 < self.months)
    }

    /// The slot of a calendar day, for money without a subscription.
    pub fn calendar_slot(&self, day: NaiveDate) -> Option<Slot> {
        let at = usize::try_from(self.first.months_to(day)).ok()?;
        (at < self.months).then(|| Slot::try_from(at).ok()).flatten()
    }

    /// The period of a subscription in a slot's month.
    #[inline]
    pub fn period(&self, key: Option<KeyId>, slot: Slot) -> Period {
        let grid = self.grid(key);
        match self.calendar.get(usize::from(slot)) {
            Some(period) if grid.is_calendar() => *period,
            _ => grid.period_in(self.month(slot)),
        }
    }

    /// Whether a subscription is asked for.
    #[inline]
    pub fn wants(&self, key: KeyRef<'_>) -> bool {
        self.only.is_empty() || self.only.contains(&key.to_key())
    }

    /// The subscriptions asked for; none where all are.
    pub fn only(&self) -> impl Iterator<Item = &Key> {
        self.only.iter()
    }

    /// Whether all subscriptions are asked for: only then do unlinked documents have rows and is money whole.
    pub fn is_full(&self) -> bool {
        self.only.is_empty()
    }

    /// First day and first day after, of everything that can matter: anchored periods reach into the month after the last.
    /// Documents of a side with a `period_shift` are dated that many months off the period they are for: the window reaches there too.
    pub fn window(first: Month, months: usize, any_anchor: bool, period_shift: i32) -> Period {
        let after = first.plus(i32::try_from(months).unwrap_or(i32::MAX) + i32::from(any_anchor));
        let (early, late) = (first.plus(-period_shift.max(0)), after.plus((-period_shift).max(0)));
        Period { start: early.first_day(), end: late.first_day() }
    }
}

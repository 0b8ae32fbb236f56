//! Usage records that add up, added before they go on their way: of many records of a key only their sum is laid.
//!
//! A table of bounded size with one sum a place. A record finds the sum it belongs to, or takes its place, and what stood there is laid.
//! So nothing hangs on the order of records but how few are laid: where a source delivers period by period, as one that appends does,
//! nearly all of a period meet.

use super::interned::KeyId;
use crate::domain::exact::Exact;

/// Sums at most. At 16 bytes each they are what a million keys cost in memory; of more keys, those that come near each other meet.
const MOST: usize = 1 << 20;

/// A quantity that adds up with others of the same key, time and metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Addend {
    /// Whose.
    pub key: KeyId,
    /// When, by a number of the caller's.
    pub when: u16,
    metric: u8,
    scale: u8,
    mantissa: i64,
}

/// No key has this number.
const NOBODY: KeyId = KeyId::MAX;
const EMPTY: Addend = Addend { key: NOBODY, when: 0, metric: 0, scale: 0, mantissa: 0 };

impl Addend {
    /// `None` of a quantity or metric that does not fit: it is laid by itself.
    #[inline]
    pub fn new(key: KeyId, when: u16, metric: u32, quantity: Exact) -> Option<Self> {
        let (metric, scale, mantissa) = (u8::try_from(metric).ok()?, quantity.decimals()?, i64::try_from(quantity.num()).ok()?);
        Some(Self { key, when, metric, scale, mantissa })
    }

    /// What was metered.
    pub fn metric(self) -> u32 {
        u32::from(self.metric)
    }

    /// How much, at the scale of the records.
    pub fn quantity(self) -> Exact {
        Exact::scaled(i128::from(self.mantissa), u32::from(self.scale)).unwrap_or_default()
    }

    fn joins(&self, other: &Self) -> bool {
        (self.key, self.when, self.metric, self.scale) == (other.key, other.when, other.metric, other.scale)
    }
}

/// What became of a quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Added {
    /// It joined a sum.
    Joined,
    /// It began one, and took the place of another.
    Began(Option<Addend>),
}

/// Sums on their way.
#[derive(Debug)]
pub(super) struct Adding {
    held: Vec<Addend>,
    mask: u32,
    /// How many of them were handed out at the end.
    left: usize,
}

impl Adding {
    /// For so many keys.
    pub fn new(keys: usize) -> Self {
        let places = keys.next_power_of_two().min(MOST);
        let mask = u32::try_from(places - 1).unwrap_or(0);
        Self { held: vec![EMPTY; places], mask, left: 0 }
    }

    /// Adds a quantity. A sum it would not fit is handed out.
    #[inline]
    pub fn add(&mut self, one: Addend) -> Added {
        // Keys stand beside each other as their catalogue named them, metrics of a key far apart.
        let at = (one.key ^ u32::from(one.metric).wrapping_mul(0x9E37_79B1)) & self.mask;
        let held = &mut self.held[at as usize];
        if held.joins(&one)
            && let Some(mantissa) = held.mantissa.checked_add(one.mantissa)
        {
            held.mantissa = mantissa;
            return Added::Joined;
        }
        let before = std::mem::replace(held, one);
        Added::Began((before.key != NOBODY).then_some(before))
    }

    /// Hands out the sums that stand, at most so many at a time; empty after the last.
    pub fn rest(&mut self, most: usize) -> impl Iterator<Item = Addend> + use<> {
        let end = (self.left + most).min(self.held.len());
        let some: Vec<Addend> = self.held[self.left..end].to_vec();
        self.left = end;
        if self.left == self.held.len() {
            self.held = Vec::new();
        }
        some.into_iter().filter(|one| one.key != NOBODY)
    }

    /// Whether all were handed out.
    pub const fn is_over(&self) -> bool {
        self.held.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        /// Whatever comes in whatever order, what is handed out adds up to it, by key, time and metric.
        #[test]
        fn nothing_is_lost_and_nothing_comes_twice(
            records in prop::collection::vec((0u32..9, 0u16..3, 0u32..300, 0u32..3, prop_oneof![Just(i64::MAX), 0i64..1_000]), 0..200),
            keys in 1usize..10,
            most in 1usize..5,
        ) {
            let mut adding = Adding::new(keys);
            let (mut told, mut truth) = (BTreeMap::new(), BTreeMap::new());
            let take = |told: &mut BTreeMap<(u32, u16, u32), Exact>, key, when, metric, quantity: Exact| {
                let sum = told.entry((key, when, metric)).or_insert(Exact::ZERO);
                *sum = sum.add(quantity).unwrap();
            };
            for (key, when, metric, scale, n) in records {
                let quantity = Exact::scaled(i128::from(n), scale).unwrap();
                take(&mut truth, key, when, metric, quantity);
                match Addend::new(key, when, metric, quantity).map(|one| adding.add(one)) {
                    Some(Added::Joined | Added::Began(None)) => {}
                    Some(Added::Began(Some(before))) => take(&mut told, before.key, before.when, before.metric(), before.quantity()),
                    None => take(&mut told, key, when, metric, quantity),
                }
            }
            while !adding.is_over() {
                for one in adding.rest(most) {
                    take(&mut told, one.key, one.when, one.metric(), one.quantity());
                }
            }
            prop_assert_eq!(told, truth);
        }
    }
}

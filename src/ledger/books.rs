//! What both sides sell, and to whom: the ground every movement is read on. Fixed before the first document or usage record comes.

use super::catalogue::Catalogue;
use super::interned::{KeyId, Keys};
use super::scope::Scope;
use crate::domain::key::{Key, KeyRef, UUID_TEXT};
use crate::domain::profile::ServiceProfile;
use crate::domain::side::Side;
use std::collections::HashSet;

/// The catalogues of both sides over one table of keys, and in which part of the book each key stands.
#[derive(Debug)]
pub struct Books {
    /// What is declared.
    pub profile: ServiceProfile,
    /// What is asked for.
    pub scope: Scope,
    /// Every key a catalogue names.
    pub keys: Keys,
    /// The source's catalogue.
    pub source: Catalogue,
    /// The target's catalogue.
    pub target: Catalogue,
    /// Numbers of the keys, in byte order of the keys.
    order: Vec<KeyId>,
    /// The place of each key in that order, by its number.
    ranks: Vec<u32>,
    /// Keys in one part of the book.
    span: usize,
    /// The first key of every part but the first.
    bounds: Vec<Key>,
    /// Orders of several deployments with all of these: their money may not split, so they are judged together.
    together: HashSet<Key>,
}

/// Parts a book is divided into at most: each must fit in memory with all its movements.
const PARTS: usize = 2048;
/// Keys of a part at least: so few that desks find work side by side and what they have in hand stays in the processor's caches.
const SPAN: usize = 512;

/// Whom a movement belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Party<'a> {
    /// The key.
    pub key: KeyRef<'a>,
    /// Its number, where a catalogue names it.
    pub id: Option<KeyId>,
}

impl Books {
    /// Puts the keys in order. `scope` knows each subscription's own periods already.
    pub fn new(profile: ServiceProfile, scope: Scope, keys: Keys, source: Catalogue, target: Catalogue) -> Self {
        let order = keys.sorted();
        let mut ranks = vec![0u32; order.len()];
        for (rank, id) in (0u32..).zip(&order) {
            ranks[*id as usize] = rank;
        }
        let span = order.len().div_ceil(PARTS).max(SPAN);
        let bounds = order.chunks(span).skip(1).filter_map(|part| part.first()).map(|id| keys.get(*id).to_key()).collect();
        let several = target.orders.iter().filter(|(_, deployments)| deployments.len() > 1);
        let together = several.flat_map(|(order, deployments)| std::iter::once(order).chain(deployments)).cloned().collect();
        Self { profile, scope, keys, source, target, order, ranks, span, bounds, together }
    }

    /// A side's catalogue.
    pub const fn catalogue(&self, side: Side) -> &Catalogue {
        match side {
            Side::Source => &self.source,
            Side::Target => &self.target,
        }
    }

    /// Whom a key stands for.
    #[inline]
    pub fn party<'a>(&self, key: KeyRef<'a>) -> Party<'a> {
        Party { key, id: self.keys.find(key) }
    }

    /// Whom a document's key stands for: a target's order of one subscription for that subscription.
    #[inline]
    pub fn resolve<'a>(&'a self, side: Side, key: KeyRef<'a>) -> Party<'a> {
        match self.deployments(side, key) {
            Some([only]) => self.party(only.as_ref()),
            _ => self.party(key),
        }
    }

    /// The subscriptions of an order; `None` for a key that is no order of that side's documents.
    pub fn deployments(&self, side: Side, key: KeyRef<'_>) -> Option<&[Key]> {
        if side == Side::Source || self.target.orders.is_empty() {
            return None;
        }
        self.target.orders.get(&key.to_key()).map(Vec::as_slice)
    }

    /// How many parts the book has, beside the one of what is judged together.
    pub const fn parts(&self) -> usize {
        self.bounds.len() + 1
    }

    /// The part of what is judged together; the last one.
    pub const fn together(&self) -> usize {
        self.parts()
    }

    /// Whether anything is judged together.
    pub fn any_together(&self) -> bool {
        !self.together.is_empty()
    }

    /// Whether a key is judged together with others.
    #[inline]
    pub fn is_together(&self, key: KeyRef<'_>) -> bool {
        !self.together.is_empty() && self.together.contains(&key.to_key())
    }

    /// All keys that are judged together, in no order.
    pub fn all_together(&self) -> impl Iterator<Item = &Key> {
        self.together.iter()
    }

    /// The part a party's movements stand in.
    #[inline]
    pub fn part_of(&self, party: Party<'_>) -> usize {
        if self.is_together(party.key) {
            return self.together();
        }
        match party.id {
            Some(id) => self.ranks[id as usize] as usize / self.span,
            None => self.part_at(party.key.as_str(&mut [0; UUID_TEXT])),
        }
    }

    /// The part a text stands in by its bytes.
    pub fn part_at(&self, text: &str) -> usize {
        self.bounds.partition_point(|first| first.as_str() <= text)
    }

    /// All keys, in byte order.
    pub fn order(&self) -> &[KeyId] {
        &self.order
    }

    /// The place of a key among all, in byte order.
    #[inline]
    pub fn rank(&self, id: KeyId) -> u32 {
        self.ranks[id as usize]
    }

    /// The keys of a part, in byte order, and the rank of the first.
    pub fn keys_of(&self, part: usize) -> (&[KeyId], u32) {
        let start = (part * self.span).min(self.order.len());
        let end = (start + self.span).min(self.order.len());
        (&self.order[start..end], u32::try_from(start).unwrap_or(u32::MAX))
    }

    /// Whether a catalogue names a key, readable or not.
    pub fn lists(&self, key: KeyRef<'_>) -> bool {
        self.keys.find(key).is_some() || self.target.orders.contains_key(&key.to_key()) || self.source.orders.contains_key(&key.to_key())
    }
}

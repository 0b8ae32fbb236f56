//! Usage, added up exactly by subscription, period and metric.

use super::errors::RowErrors;
use super::scope::{Scope, Slot};
use crate::domain::contract::columns::usage as columns;
use crate::domain::decode::{Reason, Row};
use crate::domain::exact::Exact;
use crate::domain::key::Key;
use crate::domain::records::Usage;
use crate::domain::text::Untrusted;
use chrono::NaiveDate;
use std::collections::{BTreeMap, HashMap, HashSet};

/// A quantity beyond this is an error of its row: with it, price arithmetic could leave 128 bits.
const MOST: i128 = 1_000_000_000_000_000;

/// Usage of one subscription in one period.
#[derive(Debug, Clone, Default)]
pub struct UsageSum {
    /// By metric; small, kept in byte order of the metric.
    pub metrics: Vec<(u32, Exact)>,
    /// A record of it could not be read: the sum is not known.
    pub unreadable: bool,
}

/// A record that arrived after its period had ended.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LateRecord {
    /// In which slot.
    pub slot: Slot,
    /// The record's own id.
    pub id: Untrusted,
    /// When it arrived.
    pub ingested_on: NaiveDate,
}

/// All usage of a run.
#[derive(Debug, Clone, Default)]
pub struct UsageLedger {
    sums: HashMap<Key, Vec<(Slot, UsageSum)>>,
    metrics: Vec<String>,
    metric_ids: HashMap<String, u32>,
    /// What came under an idempotency key first: its slot, and 64 bits of its quantity.
    seen: HashMap<(u128, u32, Slot), u64>,
    /// Every record read, in exactly one bucket: `in_period`, `other_period`, `repeated`, `unreadable`.
    pub buckets: BTreeMap<&'static str, u64>,
    /// Records that arrived late, by subscription; a bounded number of them.
    pub late: HashMap<Key, Vec<LateRecord>>,
    late_listed: usize,
    /// Idempotency keys that came more than once: added once where all say the same, else nobody knows which one holds.
    pub repeated: Vec<Untrusted>,
    /// What could not be read.
    pub errors: RowErrors,
    /// Subscriptions with an unreadable record of unknown day: unknown in every period.
    pub unknown_day: HashSet<Key>,
    /// Rows read.
    pub read: u64,
}

/// Late records kept for listing.
const LATE_LISTED: usize = 100_000;

impl UsageLedger {
    /// Takes a row.
    pub fn push(&mut self, row: &Row<'_>, scope: &Scope) {
        self.read += 1;
        let bucket = match Usage::read(row) {
            Ok(usage) => self.add(row, &usage, scope),
            Err(bad) => {
                self.spoil(bad.key, bad.day, scope);
                self.errors.push(*bad.error);
                "unreadable"
            }
        };
        *self.buckets.entry(bucket).or_default() += 1;
    }

    fn add(&mut self, row: &Row<'_>, usage: &Usage, scope: &Scope) -> &'static str {
        let Some(slot) = scope.slot_of(&usage.key, usage.day) else { return "other_period" };
        let id = || row.display_id(&[columns::IDEMPOTENCY_KEY, columns::SUBSCRIPTION_ID]);
        if usage.quantity.is_negative() || usage.quantity > Exact::whole(MOST) {
            let reason = if usage.quantity.is_negative() { Reason::Negative } else { Reason::TooManyDigits };
            self.errors.push(*row.error(&id(), columns::QUANTITY, reason));
            self.spoil(Some(usage.key.clone()), Some(usage.day), scope);
            return "unreadable";
        }
        let metric = self.metric_id(&row.text(columns::METRIC).ok().flatten().unwrap_or_default());
        if let Ok(Some(token)) = row.text(columns::IDEMPOTENCY_KEY)
            && !token.is_empty()
            && self.is_repeated((fingerprint(usage.key.as_str(), &token), metric, slot), usage)
        {
            if self.repeated.len() < LATE_LISTED {
                self.repeated.push(Untrusted::new(&*token));
            }
            return "repeated";
        }
        let sum = self.sum_mut(&usage.key, slot);
        let place = sum.metrics.binary_search_by_key(&metric, |(m, _)| *m);
        let added = match place {
            Ok(at) => sum.metrics.get_mut(at).map_or(Ok(()), |(_, total)| total.add(usage.quantity).map(|t| *total = t)),
            Err(at) => {
                sum.metrics.insert(at, (metric, usage.quantity));
                Ok(())
            }
        };
        if added.is_err() {
            sum.unreadable = true;
            self.errors.push(*row.error(&id(), columns::QUANTITY, Reason::Overflow));
            return "unreadable";
        }
        self.note_late(row, usage, slot, scope);
        "in_period"
    }

    /// True when the record's idempotency key came before in the period: a month alone and a range of months judge alike.
    /// Two that contradict each other make the usage unknown: which of them came first is the server's whim.
    fn is_repeated(&mut self, record: (u128, u32, Slot), usage: &Usage) -> bool {
        let says = low_half(fingerprint("", &usage.quantity.to_string()));
        let Some(said) = self.seen.get(&record).copied() else {
            self.seen.insert(record, says);
            return false;
        };
        if said != says {
            self.sum_mut(&usage.key, record.2).unreadable = true;
        }
        true
    }

    fn note_late(&mut self, row: &Row<'_>, usage: &Usage, slot: Slot, scope: &Scope) {
        let Some(ingested_on) = usage.ingested_on else { return };
        let period = scope.grid(&usage.key).period_of(usage.day);
        if ingested_on >= period.end && self.late_listed < LATE_LISTED {
            self.late_listed += 1;
            let id = Untrusted::new(&*row.display_id(&[columns::IDEMPOTENCY_KEY, columns::SUBSCRIPTION_ID]));
            self.late.entry(usage.key.clone()).or_default().push(LateRecord { slot, id, ingested_on });
        }
    }

    fn spoil(&mut self, key: Option<Key>, day: Option<NaiveDate>, scope: &Scope) {
        let Some(key) = key else { return };
        match day {
            None => {
                self.unknown_day.insert(key);
            }
            Some(day) => {
                if let Some(slot) = scope.slot_of(&key, day) {
                    self.sum_mut(&key, slot).unreadable = true;
                }
            }
        }
    }

    fn sum_mut(&mut self, key: &Key, slot: Slot) -> &mut UsageSum {
        if !self.sums.contains_key(key) {
            self.sums.insert(key.clone(), Vec::with_capacity(1));
        }
        let slots = self.sums.entry(key.clone()).or_default();
        let at = match slots.binary_search_by_key(&slot, |(s, _)| *s) {
            Ok(at) => at,
            Err(at) => {
                slots.insert(at, (slot, UsageSum::default()));
                at
            }
        };
        &mut slots[at].1
    }

    fn metric_id(&mut self, metric: &str) -> u32 {
        if let Some(id) = self.metric_ids.get(metric) {
            return *id;
        }
        let id = u32::try_from(self.metrics.len()).unwrap_or(u32::MAX);
        self.metrics.push(metric.to_owned());
        self.metric_ids.insert(metric.to_owned(), id);
        id
    }

    /// The usage of a subscription in a slot, by metric in byte order; `None` where it cannot be known.
    pub fn of(&self, key: &Key, slot: Slot) -> Option<Vec<(String, Exact)>> {
        if self.unknown_day.contains(key) {
            return None;
        }
        let Some(sum) = self.sum(key, slot) else { return Some(Vec::new()) };
        if sum.unreadable {
            return None;
        }
        let mut out: Vec<(String, Exact)> =
            sum.metrics.iter().map(|(m, q)| (self.metrics.get(usize::try_from(*m).unwrap_or(usize::MAX)).cloned().unwrap_or_default(), *q)).collect();
        out.sort_by(|a, b| a.0.cmp(&b.0));
        Some(out)
    }

    /// Whether anything was used (or could not be read) in a slot.
    pub fn has(&self, key: &Key, slot: Slot) -> bool {
        self.unknown_day.contains(key) || self.sum(key, slot).is_some()
    }

    fn sum(&self, key: &Key, slot: Slot) -> Option<&UsageSum> {
        let slots = self.sums.get(key)?;
        slots.binary_search_by_key(&slot, |(s, _)| *s).ok().and_then(|at| slots.get(at)).map(|(_, sum)| sum)
    }

    /// Everybody who used anything, each once, in no order.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        self.sums.keys().chain(self.unknown_day.iter().filter(|k| !self.sums.contains_key(*k)))
    }
}

/// 128 bits of an idempotency key within its subscription: what two different events would have to share to be taken for one.
fn fingerprint(key: &str, token: &str) -> u128 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(key.as_bytes()).update(&[0]).update(token.as_bytes());
    let mut first = [0u8; 16];
    first.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    u128::from_le_bytes(first)
}

fn low_half(bits: u128) -> u64 {
    u64::try_from(bits & u128::from(u64::MAX)).unwrap_or(0)
}

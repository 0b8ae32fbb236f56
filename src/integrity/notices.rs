//! Collects what checks notice into findings.

use super::codes::Code;
use crate::domain::currency::Currency;
use crate::domain::finding::{About, Finding};
use crate::domain::money::Money;
use crate::domain::text::Untrusted;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::Arc;

/// What was noticed so far, by code and side.
#[derive(Debug, Clone, Default)]
pub struct Notices {
    by_code: BTreeMap<(&'static str, About), Noticed>,
}

#[derive(Debug, Clone)]
struct Noticed {
    code: &'static Code,
    count: u64,
    ids: BinaryHeap<Untrusted>,
    money: BTreeMap<Currency, i64>,
}

impl Notices {
    /// Notices one thing.
    pub fn note(&mut self, code: &'static Code, side: impl Into<About>, id: impl Into<Arc<str>>, money: Option<Money>) {
        let noticed = self.by_code.entry((code.word, side.into())).or_insert_with(|| Noticed {
            code,
            count: 0,
            ids: BinaryHeap::new(),
            money: BTreeMap::new(),
        });
        noticed.count += 1;
        noticed.list(Untrusted::new(id));
        if let Some(m) = money {
            noticed.add(m.currency, m.minor);
        }
    }

    /// Takes over what was noticed elsewhere.
    pub fn absorb(&mut self, other: Self) {
        for (of, theirs) in other.by_code {
            match self.by_code.entry(of) {
                Entry::Vacant(free) => {
                    free.insert(theirs);
                }
                Entry::Occupied(mut taken) => {
                    let ours = taken.get_mut();
                    ours.count += theirs.count;
                    theirs.ids.into_iter().for_each(|id| ours.list(id));
                    theirs.money.into_iter().for_each(|(currency, minor)| ours.add(currency, minor));
                }
            }
        }
    }

    /// All findings: blocking first, then by code and side.
    pub fn findings(self) -> Vec<Finding> {
        let mut out: Vec<Finding> = self
            .by_code
            .into_iter()
            .map(|((word, side), noticed)| Finding {
                code: word.to_owned(),
                side,
                weight: noticed.code.weight,
                count: noticed.count,
                ids: noticed.ids.into_sorted_vec(),
                money: noticed.money,
                message: noticed.code.message.to_owned(),
                remedy: noticed.code.remedy.to_owned(),
            })
            .collect();
        out.sort_by(|a, b| b.weight.cmp(&a.weight).then_with(|| a.code.cmp(&b.code)).then(a.side.cmp(&b.side)));
        out
    }
}

impl Noticed {
    /// The first in byte order are listed, so that the order of rows does not choose them.
    fn list(&mut self, id: Untrusted) {
        if self.ids.len() < Finding::MAX_IDS {
            self.ids.push(id);
        } else if let Some(mut last) = self.ids.peek_mut().filter(|last| **last > id) {
            *last = id;
        }
    }

    fn add(&mut self, currency: Currency, minor: i64) {
        let total = self.money.entry(currency).or_default();
        *total = total.saturating_add(minor);
    }
}

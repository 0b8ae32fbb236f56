//! Collects what checks notice into findings.

use super::codes::Code;
use crate::domain::currency::Currency;
use crate::domain::finding::{About, Finding};
use crate::domain::money::Money;
use crate::domain::text::Untrusted;
use std::collections::{BTreeMap, BinaryHeap};

/// What was noticed so far, by code and side.
#[derive(Debug, Default)]
pub struct Notices {
    by_code: BTreeMap<(&'static str, About), Noticed>,
}

#[derive(Debug)]
struct Noticed {
    code: &'static Code,
    count: u64,
    ids: BinaryHeap<Untrusted>,
    money: BTreeMap<Currency, i64>,
}

impl Notices {
    /// Notices one thing.
    pub fn note(&mut self, code: &'static Code, side: impl Into<About>, id: impl Into<String>, money: Option<Money>) {
        let noticed = self.by_code.entry((code.word, side.into())).or_insert_with(|| Noticed {
            code,
            count: 0,
            ids: BinaryHeap::new(),
            money: BTreeMap::new(),
        });
        noticed.count += 1;
        // The first in byte order are listed, so that the order of rows does not choose them.
        let id = Untrusted::new(id);
        if noticed.ids.len() < Finding::MAX_IDS {
            noticed.ids.push(id);
        } else if let Some(mut last) = noticed.ids.peek_mut().filter(|last| **last > id) {
            *last = id;
        }
        if let Some(m) = money {
            let total = noticed.money.entry(m.currency).or_default();
            *total = total.saturating_add(m.minor);
        }
    }

    /// Takes over what was noticed elsewhere, under codes not noticed here.
    pub fn absorb(&mut self, other: Self) {
        self.by_code.extend(other.by_code);
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

//! What a side says of its subscriptions beside what they are: coupons and changes. Nothing of it decides an amount; it is looked up
//! for the rows that differ, which are few, and held in few bytes until then.

use super::interned::{KeyId, Keys};
use crate::domain::decode::When;
use crate::domain::evidence::{Change, Discount, DiscountKind, Event, ExchangeRate, SideEvidence};
use crate::domain::key::{Key, KeyRef};
use crate::domain::pack::{Bent, Cut, Pen};
use crate::domain::text::Untrusted;
use chrono::DateTime;
use std::collections::BTreeMap;

/// A record as it is read back.
enum Said {
    Discount(Discount),
    Event(Event),
}

/// Coupons and changes of one side, by subscription. A key need be no key of a catalogue: billed it may be all the same.
#[derive(Debug, Clone, Default)]
pub struct Dossiers {
    keys: Keys,
    held: Vec<u8>,
    /// Whose, and where in `held`: by key once settled.
    index: Vec<(KeyId, usize)>,
    /// Exchange rates, which are of no subscription; in order and each once when settled.
    pub rates: Vec<ExchangeRate>,
    pen: Pen,
}

impl Dossiers {
    /// Takes a coupon.
    pub fn discount(&mut self, key: KeyRef<'_>, discount: &Discount) {
        let pen = self.begin();
        pen.byte(match discount.kind {
            DiscountKind::Percent => PERCENT,
            DiscountKind::Fixed => FIXED,
        });
        pen.signed(discount.position);
        pen.text(discount.code.raw());
        pen.exact(discount.value);
        pen.maybe_day(discount.valid_from);
        pen.maybe_day(discount.valid_until);
        self.lay(key);
    }

    /// Takes a change.
    pub fn event(&mut self, key: KeyRef<'_>, event: &Event) {
        let pen = self.begin();
        pen.byte(match event.what {
            Change::Status => STATUS,
            Change::Plan => PLAN,
            Change::Quantity => QUANTITY,
            Change::Other => OTHER,
        });
        match event.at {
            When::Day(_) => pen.flag(false),
            When::At(at) => {
                pen.flag(true);
                pen.signed(at.timestamp());
                pen.whole(u64::from(at.timestamp_subsec_nanos()));
            }
        }
        pen.day(event.day);
        pen.text(event.word.raw());
        pen.maybe_text(event.from.as_ref().map(Untrusted::raw));
        pen.maybe_text(event.to.as_ref().map(Untrusted::raw));
        self.lay(key);
    }

    fn begin(&mut self) -> &mut Pen {
        self.pen.clear();
        &mut self.pen
    }

    fn lay(&mut self, key: KeyRef<'_>) {
        self.index.push((self.keys.intern(key), self.held.len()));
        self.held.extend_from_slice(self.pen.bytes());
    }

    /// Puts what was read in the order of its keys. Call once, after the last record. What names an order of one subscription is that
    /// subscription's.
    pub fn settle(&mut self, orders: &BTreeMap<Key, Vec<Key>>) {
        for (order, deployments) in orders {
            if let (Some(from), [only]) = (self.keys.find(order.as_ref()), deployments.as_slice()) {
                let to = self.keys.intern(only.as_ref());
                self.index.iter_mut().filter(|(key, _)| *key == from).for_each(|(key, _)| *key = to);
            }
        }
        self.index.sort_unstable();
        self.rates.sort();
        self.rates.dedup();
    }

    /// True where nothing was read.
    pub const fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// What is said of a key, in orders that hang on nothing but what is said.
    pub fn of(&self, key: KeyRef<'_>) -> Result<SideEvidence, Bent> {
        let mut evidence = SideEvidence::default();
        let Some(id) = self.keys.find(key).filter(|_| !self.is_empty()) else { return Ok(evidence) };
        let first = self.index.partition_point(|(other, _)| *other < id);
        for (_, at) in self.index[first..].iter().take_while(|(other, _)| *other == id) {
            match self.read(*at)? {
                Said::Discount(discount) => evidence.discounts.push(discount),
                Said::Event(event) => evidence.events.push(event),
            }
        }
        order(&mut evidence);
        Ok(evidence)
    }

    /// Every key anything is said of.
    pub fn keys(&self) -> impl Iterator<Item = KeyRef<'_>> {
        let first = |at: usize| at.checked_sub(1).is_none_or(|before| self.index[before].0 != self.index[at].0);
        (0..self.index.len()).filter(move |at| first(*at)).map(|at| self.keys.get(self.index[at].0))
    }

    fn read(&self, at: usize) -> Result<Said, Bent> {
        let mut cut = Cut::new(self.held.get(at..).unwrap_or_default());
        let kind = cut.byte()?;
        if let PERCENT | FIXED = kind {
            return Ok(Said::Discount(Discount {
                kind: if kind == PERCENT { DiscountKind::Percent } else { DiscountKind::Fixed },
                position: cut.signed()?,
                code: Untrusted::new(cut.text()?),
                value: cut.exact()?,
                valid_from: cut.maybe_day()?,
                valid_until: cut.maybe_day()?,
            }));
        }
        let what = match kind {
            STATUS => Change::Status,
            PLAN => Change::Plan,
            QUANTITY => Change::Quantity,
            _ => Change::Other,
        };
        let moment = if cut.flag()? { Some((cut.signed()?, u32::try_from(cut.number()?).unwrap_or(u32::MAX))) } else { None };
        let day = cut.day()?;
        let at = match moment {
            None => When::Day(day),
            Some((seconds, nanos)) => When::At(DateTime::from_timestamp(seconds, nanos).ok_or(Bent("a moment of it is none"))?),
        };
        let word = Untrusted::new(cut.text()?);
        let (from, to) = (cut.maybe_text()?.map(Untrusted::new), cut.maybe_text()?.map(Untrusted::new));
        Ok(Said::Event(Event { at, day, what, word, from, to }))
    }
}

const PERCENT: u8 = 0;
const FIXED: u8 = 1;
const STATUS: u8 = 2;
const PLAN: u8 = 3;
const QUANTITY: u8 = 4;
const OTHER: u8 = 5;

/// Puts coupons in the order of stacking and changes oldest first.
pub fn order(evidence: &mut SideEvidence) {
    evidence.discounts.sort();
    let moment = |event: &Event| match event.at {
        When::Day(_) => None,
        When::At(at) => Some(at),
    };
    evidence.events.sort_by(|a, b| {
        let facts = |e: &Event| (e.day, moment(e), e.what);
        facts(a).cmp(&facts(b)).then_with(|| (&a.word, &a.from, &a.to).cmp(&(&b.word, &b.from, &b.to)))
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn coupon(position: i64, code: &str) -> Discount {
        let value = "12.5".parse().unwrap();
        Discount { position, code: code.into(), kind: DiscountKind::Fixed, value, valid_from: None, valid_until: Some(day("2026-06-01")) }
    }

    fn change(at: When, what: Change) -> Event {
        Event { at, day: day("2026-05-03"), what, word: "w".into(), from: None, to: Some("b".into()) }
    }

    #[test]
    fn what_was_said_comes_back_in_its_own_order() {
        let moment = When::At("2026-05-03T04:00:00.25Z".parse().unwrap());
        let said = SideEvidence {
            discounts: vec![coupon(-1, "Z"), coupon(2, "A"), coupon(2, "B")],
            events: vec![change(When::Day(day("2026-05-03")), Change::Plan), change(moment, Change::Status), change(moment, Change::Other)],
        };
        let orders = BTreeMap::from([(Key::stored("order-1"), vec![Key::stored("sub-1")])]);
        for turn in 0..3 {
            let mut dossiers = Dossiers::default();
            assert!(dossiers.is_empty());
            dossiers.discount(KeyRef::stored("sub-2"), &coupon(0, "other"));
            for n in 0..3 {
                dossiers.discount(KeyRef::stored("order-1"), &said.discounts[(n + turn) % 3]);
                dossiers.event(KeyRef::stored("sub-1"), &said.events[(n + turn) % 3]);
            }
            dossiers.settle(&orders);
            assert_eq!(dossiers.of(KeyRef::stored("sub-1")).unwrap(), said);
            assert_eq!(dossiers.of(KeyRef::stored("sub-2")).unwrap().discounts, [coupon(0, "other")]);
            assert_eq!(dossiers.of(KeyRef::stored("order-1")).unwrap(), SideEvidence::default());
            assert_eq!(dossiers.keys().count(), 2);
        }
    }
}

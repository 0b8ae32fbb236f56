//! What was read of one key and one period: its documents on both sides and what it used.

use super::expected::{Dues, due_of};
use super::known::Known;
use crate::domain::exact::Exact;
use crate::domain::pack::{Bent, Cut};
use crate::domain::period::Period;
use crate::domain::row::DocumentPart;
use crate::domain::side::Side;
use crate::ledger::interned::Texts;
use crate::ledger::movements::{self, Kind};
use crate::ledger::posting::{self, Posted};
use crate::ledger::usage::{self, Moved};
use chrono::NaiveDate;
use std::collections::HashMap;

/// One subscription-period.
#[derive(Debug)]
pub struct Cell<'a> {
    /// Whose: the subscription, or the order.
    pub known: &'a Known<'a>,
    /// Its period.
    pub period: Period,
    /// What the source billed.
    pub actual: Held<'a>,
    /// The target's own documents.
    pub drafts: Held<'a>,
    /// What was used.
    pub usage: Used<'a>,
    dues: Dues<'a>,
}

impl<'a> Cell<'a> {
    /// A key and period of which nothing was read yet.
    pub(super) fn new(known: &'a Known<'a>, period: Period) -> Self {
        let dues = Dues { source: due_of(known.of(Side::Source), period), target: due_of(known.of(Side::Target), period) };
        Self { known, period, actual: Held::default(), drafts: Held::default(), usage: Used::default(), dues }
    }

    /// Who is due in it on either side.
    pub(super) const fn dues(&self) -> Dues<'a> {
        self.dues
    }

    /// A side's documents.
    pub const fn documents(&self, side: Side) -> &Held<'a> {
        match side {
            Side::Source => &self.actual,
            Side::Target => &self.drafts,
        }
    }

    pub(super) fn settle(&mut self) {
        self.actual.settle();
        self.drafts.settle();
        self.usage.settle();
    }
}

/// One side's documents of a cell.
#[derive(Debug, Default)]
pub struct Held<'a> {
    /// Its parts, in an order that does not hang on the order of reading.
    pub parts: Vec<Posted>,
    /// Days covered by documents whose parts do not tell.
    pub covers: Vec<(Period, &'a str)>,
    /// What the digest takes of documents whose parts do not tell, in byte order.
    pub marks: Vec<&'a [u8]>,
    /// True when a document could not be read.
    pub unreadable: bool,
}

impl<'a> Held<'a> {
    pub(super) fn take(&mut self, kind: Kind, record: &mut Cut<'a>, side: Side) -> Result<(), Bent> {
        match kind {
            Kind::Document => {
                // Almost every key has one document: a list grown by itself begins with room for four.
                if self.parts.capacity() == 0 {
                    self.parts.reserve_exact(1);
                }
                self.parts.push(posting::read(record, side)?);
            }
            Kind::Mark => self.marks.push(record.bytes(record.rest().len())?),
            Kind::Cover => self.covers.push(posting::read_cover(record)?),
            Kind::Spoiled => self.unreadable = true,
            Kind::Usage | Kind::SpoiledUsage | Kind::MovedUsage => return Err(movements::OUTSIDE),
        }
        Ok(())
    }

    pub(super) fn settle(&mut self) {
        if self.parts.len() > 1 {
            self.parts.sort_by(|a, b| order(&a.document, &b.document).then_with(|| a.serial.cmp(&b.serial)));
        }
        self.marks.sort_unstable();
    }

    /// True where nothing stands here.
    pub const fn is_empty(&self) -> bool {
        self.parts.is_empty() && !self.unreadable
    }
}

/// Documents of one id in an order of their own: which was read first says nothing.
pub(super) fn order(a: &DocumentPart, b: &DocumentPart) -> std::cmp::Ordering {
    let facts = |d: &DocumentPart| (d.kind, d.issued_on, d.net.currency, d.net.minor);
    a.id.cmp(&b.id)
        .then_with(|| facts(a).cmp(&facts(b)))
        .then_with(|| a.exact.cmp(&b.exact))
        .then_with(|| a.number.cmp(&b.number))
        .then_with(|| a.tax.map(|t| t.minor).cmp(&b.tax.map(|t| t.minor)))
}

/// A record that arrived after its period had ended.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LateRecord<'a> {
    /// What was metered.
    pub metric: &'a str,
    /// When it arrived.
    pub ingested_on: NaiveDate,
    /// What names the event, where it carries a name.
    pub name: Option<&'a str>,
    /// How much.
    pub quantity: Exact,
}

/// A record that came again under a name already counted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RepeatedRecord<'a> {
    /// What names the event.
    pub name: &'a str,
    /// What was metered.
    pub metric: &'a str,
    /// How much it says.
    pub quantity: Exact,
    /// The day it arrived, where that is after its period.
    pub late: Option<NaiveDate>,
}

/// A record that a side's own zone puts into another period.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MovedRecord<'a> {
    /// Whose zone.
    pub side: Side,
    /// What was metered.
    pub metric: &'a str,
    /// What names the event, where it carries a name.
    pub name: Option<&'a str>,
    /// Whether it comes into this period, or leaves it.
    pub comes: bool,
    /// How much.
    pub quantity: Exact,
}

/// Usage of a cell, added up exactly.
#[derive(Debug, Default)]
pub struct Used<'a> {
    sums: Vec<(&'a str, Exact)>,
    /// What came under a name first.
    named: HashMap<(&'a str, &'a str), Exact>,
    /// A record of it could not be read, or two contradict each other: the sum is not known.
    pub unreadable: bool,
    /// Anything was used, or could not be read.
    pub any: bool,
    /// Records with a name that were added.
    pub in_period: u64,
    /// Names that came more than once: added once where all say the same, else nobody knows which one holds.
    pub repeated: Vec<RepeatedRecord<'a>>,
    /// Metrics of which the sum does not fit: each once, since with which of its records it stopped fitting hangs on their order.
    pub overflows: Vec<&'a str>,
    /// Records that arrived late.
    pub late: Vec<LateRecord<'a>>,
    /// Records that a side's own zone puts into another period.
    pub moved: Vec<MovedRecord<'a>>,
}

impl<'a> Used<'a> {
    pub(super) fn take(&mut self, record: &mut Cut<'a>, metrics: &'a Texts) -> Result<(), Bent> {
        let recorded = usage::read(record)?;
        if recorded.metric as usize >= metrics.len() {
            return Err(Bent("a metric of it is none"));
        }
        let metric = metrics.get(recorded.metric);
        self.any = true;
        if let Some(name) = recorded.name {
            if let Some(said) = self.named.get(&(metric, name)) {
                self.unreadable |= *said != recorded.quantity;
                self.repeated.push(RepeatedRecord { name, metric, quantity: recorded.quantity, late: recorded.late });
                return Ok(());
            }
            self.named.insert((metric, name), recorded.quantity);
            self.in_period += 1;
        }
        let at = self.sums.iter().position(|(m, _)| *m == metric).unwrap_or_else(|| {
            if self.sums.capacity() == 0 {
                self.sums.reserve_exact(1);
            }
            // Nought at the quantity's own scale: the sums of one column are one addition each.
            let nought = Exact::scaled(0, u32::from(recorded.quantity.decimals().unwrap_or(0))).unwrap_or_default();
            self.sums.push((metric, nought));
            self.sums.len() - 1
        });
        let sum = &mut self.sums[at].1;
        if let Ok(total) = sum.add(recorded.quantity) {
            *sum = total;
        } else {
            self.unreadable = true;
            if !self.overflows.contains(&metric) {
                self.overflows.push(metric);
            }
        }
        if let Some(ingested_on) = recorded.late {
            self.late.push(LateRecord { metric, ingested_on, name: recorded.name, quantity: recorded.quantity });
        }
        Ok(())
    }

    pub(super) fn take_moved(&mut self, record: &mut Cut<'a>, metrics: &'a Texts) -> Result<(), Bent> {
        let Moved { side, metric, quantity, comes, name } = usage::read_moved(record)?;
        if metric as usize >= metrics.len() {
            return Err(Bent("a metric of it is none"));
        }
        self.moved.push(MovedRecord { side, metric: metrics.get(metric), name, comes, quantity });
        Ok(())
    }

    fn settle(&mut self) {
        if !self.moved.is_empty() {
            self.settle_moved();
        }
        self.sums.sort_by(|a, b| a.0.cmp(b.0));
        self.overflows.sort_unstable();
        if !self.late.is_empty() && !self.repeated.is_empty() {
            self.settle_late();
        }
    }

    /// Where a record that moves came again under its name, nobody knows which of them the other zone counts: then none of it is told.
    fn settle_moved(&mut self) {
        self.moved.sort_unstable();
        let again = |m: &MovedRecord<'_>, name: &str| {
            let is_known = m.comes && self.named.contains_key(&(m.metric, name));
            is_known || self.repeated.iter().any(|r| (r.metric, r.name) == (m.metric, name))
        };
        let twice = self.moved.windows(2).any(|w| w[0].name.is_some() && (w[0].side, w[0].metric, w[0].name) == (w[1].side, w[1].metric, w[1].name));
        if twice || self.moved.iter().any(|m| m.name.is_some_and(|name| again(m, name))) {
            self.moved.clear();
        }
    }

    /// What came again arrived when it first came, whichever record was read first: on the earliest day, or in time.
    fn settle_late(&mut self) {
        let mut again: HashMap<(&str, &str), Option<NaiveDate>> = HashMap::new();
        for record in &self.repeated {
            let first = again.entry((record.metric, record.name)).or_insert(record.late);
            *first = (*first).min(record.late);
        }
        self.late.retain_mut(|late| match late.name.and_then(|name| again.get(&(late.metric, name))) {
            None => true,
            Some(None) => false,
            Some(Some(day)) => {
                late.ingested_on = late.ingested_on.min(*day);
                true
            }
        });
    }

    pub(super) fn spoil(&mut self) {
        self.any = true;
        self.unreadable = true;
    }

    /// The sums by metric, in byte order; `None` where they cannot be known.
    pub fn sums(&self) -> Option<&[(&'a str, Exact)]> {
        (!self.unreadable).then_some(&*self.sums)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::pack::Pen;

    #[test]
    fn a_sum_that_does_not_fit_is_told_once_whatever_comes_first() {
        let mut metrics = Texts::default();
        let (metric, whole, deep) = (metrics.intern("cpu"), Exact::whole(1_000_000_000_000), Exact::scaled(1, 28).unwrap());
        let told = |quantities: &[Exact]| {
            let mut pens = Vec::new();
            for quantity in quantities {
                let mut pen = Pen::default();
                pen.byte(0);
                pen.whole(u64::from(metric));
                pen.exact(*quantity);
                pens.push(pen);
            }
            let mut used = Used::default();
            for pen in &pens {
                used.take(&mut Cut::new(pen.bytes()), &metrics).unwrap();
            }
            (used.unreadable, used.overflows.join(" "))
        };
        let at_once = (true, "cpu".to_owned());
        for quantities in [&[whole, whole, deep][..], &[deep, whole, whole], &[whole, deep, whole], &[whole.add(whole).unwrap(), deep]] {
            assert_eq!(told(quantities), at_once);
        }
        assert_eq!(told(&[whole, whole]), (false, String::new()));
    }
}

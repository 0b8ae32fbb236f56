//! The form of a block: some hundred rows of a run, packed. [`super::pack`] writes it; [`super::unpack`] reads its
//! lines and [`super::whole`] a row with its details.
//!
//! A block is two runs of bytes. The first is what lists show: the version, the number of rows, the [words](super::words) rows
//! repeat, their periods and currencies, then a line a row. The second is what only a row's own page shows. Most of a row can be told from the rest
//! of it: a match has the expected amount of its actual one, and a document the amount of its row. Such values are not
//! stored, only that they are as told. What may be told is in this file, so that both directions tell alike.
//!
//! A change of a domain type shows as a compile error in the packing; a change of the form needs a new [`VERSION`], and older ones must be read.

use super::columns::Amounts;
use crate::domain::money::Money;
use crate::domain::period::Period;
use crate::domain::row::ReconRow;
use crate::domain::side::Side;

/// The first byte of every block.
pub(super) const VERSION: u8 = 2;
/// What it was while words stood as they are; such blocks are still read.
pub(super) const FIRST_FORM: u8 = 1;

/// How a value is given: two bits of a mask.
pub(super) mod given {
    /// There is none.
    pub const NONE: u64 = 0;
    /// It is as told by the rest of the row.
    pub const TOLD: u64 = 1;
    /// It follows; money in the row's first currency.
    pub const HERE: u64 = 2;
    /// It follows with its own currency.
    pub const ODD: u64 = 3;
}

/// Bits of a row's first number, by their lowest.
pub(super) mod head {
    pub const VERDICT: u32 = 2;
    pub const BASIS: u32 = 5;
    pub const REVIEW: u32 = 7;
    pub const UUID: u32 = 9;
    pub const PERIOD: u32 = 10;
}

/// Bits of a detail's first number.
pub(super) mod detail {
    pub const SOURCE: u64 = 1 << 2;
    pub const TARGET: u64 = 1 << 3;
    pub const CUSTOMER: u64 = 1 << 4;
    pub const WHY: u64 = 1 << 5;
    pub const DEPLOYMENTS: u64 = 1 << 6;
}

/// Where a side's facts are not as told.
pub(super) mod facts {
    pub const CUSTOMER: u64 = 1;
    pub const PLAN: u64 = 1 << 1;
    pub const STARTED: u64 = 1 << 2;
    pub const ENDED: u64 = 1 << 3;
    pub const TRIAL: u64 = 1 << 4;
    pub const QUANTITY: u64 = 1 << 5;
    pub const OVERRIDE: u64 = 1 << 6;
    pub const DISCOUNT: u64 = 1 << 7;
    pub const DUE: u64 = 1 << 8;
    pub const STATUS: u64 = 1 << 9;
}

/// What of a rating's inputs follows.
pub(super) mod inputs {
    pub const USAGE: u64 = 1;
    pub const TAXES: u64 = 1 << 1;
    pub const PLAN: u64 = 1 << 2;
    pub const QUANTITY: u64 = 1 << 3;
    pub const OVERRIDE: u64 = 1 << 4;
    pub const DISCOUNT: u64 = 1 << 5;
    pub const DAYS: u64 = 1 << 6;
    pub const OF_DAYS: u64 = 1 << 7;
    /// What held on stretches of the interval: no block written before changes were rated has it.
    pub const STRETCHES: u64 = 1 << 8;
}

/// What of a document follows; its number, lines and tax by two bits each.
pub(super) mod document {
    pub const NUMBER: u32 = 0;
    pub const ISSUED: u64 = 1 << 2;
    pub const LINES: u32 = 3;
    pub const TAX: u32 = 5;
    pub const CREDIT: u64 = 1 << 7;
    pub const NET: u64 = 1 << 8;
    pub const EXACT: u64 = 1 << 9;
}

/// What of a document's line follows; its quantity by two bits.
pub(super) mod line {
    pub const DESCRIPTION: u64 = 1;
    pub const QUANTITY: u32 = 1;
    pub const AMOUNT: u64 = 1 << 3;
    /// Typed as not recurring: no block written before kinds were kept has it.
    pub const ONE_OFF: u64 = 1 << 4;
}

/// Two bits of a count: up to two as it is, three for "it follows".
pub(super) const MORE: u64 = 3;

/// All amounts of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Monies {
    pub actual: Option<Money>,
    pub expected: Option<Money>,
    pub delta: Option<Money>,
    pub actual_tax: Option<Money>,
    pub expected_tax: Option<Money>,
    pub delta_tax: Option<Money>,
    pub rated: Option<Money>,
    pub drafted: Option<Money>,
}

/// How many there are.
pub(super) const MONIES: usize = 8;

impl Monies {
    /// Those of a row.
    pub fn of(row: &ReconRow) -> Self {
        Self {
            actual: row.actual,
            expected: row.expected,
            delta: row.delta,
            actual_tax: row.actual_tax,
            expected_tax: row.expected_tax,
            delta_tax: row.delta_tax,
            rated: row.rated,
            drafted: row.drafted,
        }
    }

    /// In the order they are packed.
    pub const fn all(&self) -> [Option<Money>; MONIES] {
        [self.actual, self.expected, self.delta, self.actual_tax, self.expected_tax, self.delta_tax, self.rated, self.drafted]
    }

    /// The amount of that place, to be put there.
    #[inline]
    pub const fn at(&mut self, i: usize) -> &mut Option<Money> {
        match i {
            0 => &mut self.actual,
            1 => &mut self.expected,
            2 => &mut self.delta,
            3 => &mut self.actual_tax,
            4 => &mut self.expected_tax,
            5 => &mut self.delta_tax,
            6 => &mut self.rated,
            _ => &mut self.drafted,
        }
    }

    /// What the amounts before that place tell of it.
    #[inline]
    pub fn told(&self, i: usize) -> Option<Money> {
        match i {
            1 => self.actual,
            6 | 7 => self.expected,
            2 => match (self.expected, self.actual) {
                (Some(expected), Some(actual)) => expected.minus(actual),
                (Some(expected), None) => Some(expected),
                (None, Some(actual)) => actual.minor.checked_neg().map(|minor| Money { minor, ..actual }),
                (None, None) => None,
            },
            4 => self.actual_tax,
            5 => self.expected_tax.zip(self.actual_tax).and_then(|(expected, actual)| expected.minus(actual)),
            _ => None,
        }
    }

    /// Money at stake, as [`ReconRow::at_stake`] has it.
    #[inline]
    pub fn at_stake(&self) -> i64 {
        self.delta.or(self.actual).or(self.expected).map_or(0, |m| m.minor.saturating_abs())
    }

    /// Net and tax that a document of a side has when it is the only one.
    pub fn told_of_document(&self, side: Side) -> (Option<Money>, Option<Money>) {
        match side {
            Side::Source => (self.actual, self.actual_tax),
            Side::Target => (self.drafted.or(self.expected), self.expected_tax),
        }
    }

    /// What of them fits the columns of a list.
    pub fn amounts(&self) -> Amounts {
        Amounts::of(self)
    }
}

/// Days of a period: what is told of a rating's days.
pub(super) fn days_of(period: Period) -> i64 {
    period.end.signed_duration_since(period.start).num_days()
}

#[cfg(test)]
mod tests {
    use super::super::pack::Packer;
    use super::super::unpack::Block;
    use super::*;
    use crate::domain::currency::Currency;
    use crate::domain::exact::Exact;
    use crate::domain::pack::{Bent, Cut, put_size};
    use crate::domain::records::DocumentKind;
    use crate::domain::row::{AppliedTax, DocumentPart, LinePart, RatingInputs, Stretch, Subject, SubscriptionFacts};
    use crate::domain::text::Untrusted;
    use crate::domain::verdict::{Basis, Review, Verdict};
    use chrono::NaiveDate;

    /// A small generator of odd values: good enough to mix, and the same everywhere.
    struct Dice(u64);

    impl Dice {
        fn below(&mut self, n: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            usize::try_from(self.0 % n as u64).unwrap()
        }

        fn of<T: Copy>(&mut self, all: &[T]) -> T {
            all[self.below(all.len())]
        }

        fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
            (self.below(3) > 0).then(|| make(self))
        }

        fn many<T>(&mut self, most: usize, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
            (0..self.below(most + 1)).map(|_| make(self)).collect()
        }

        fn money(&mut self) -> Money {
            let any = self.0.cast_signed();
            Money::new(self.of(&[0, 913, i64::MAX, i64::MIN, any]), Currency::known(self.of(&["CAD", "CAD", "JPY", "KWD"])).unwrap())
        }

        fn exact(&mut self) -> Exact {
            let any = i128::from(self.0.cast_signed()) * 3;
            let parts = (self.of(&[0, 1, 100, i128::MAX, i128::MIN, any, any >> 40]), self.of(&[1, 1, 100, 3, i128::MAX, 10i128.pow(30)]));
            Exact::ratio(parts.0, parts.1).unwrap()
        }

        fn word(&mut self) -> String {
            let known = ["", "sub-1", "sub-1", "0f8fad5b-d9cb-469f-a165-70867728950e", "0F8fad5b-d9cb-469f-a165-70867728950e", "\u{202e}\0\n日本"];
            let any = format!("{:x}", self.0);
            self.of(&known).to_owned() + self.of(&["", "", "'", &any])
        }

        fn text(&mut self) -> Untrusted {
            Untrusted::new(self.word())
        }

        fn day(&mut self) -> NaiveDate {
            let near = NaiveDate::from_num_days_from_ce_opt(739_000 + i32::try_from(self.below(900)).unwrap()).unwrap();
            self.of(&[near, near, NaiveDate::MIN, NaiveDate::MAX])
        }

        fn facts(&mut self) -> SubscriptionFacts {
            SubscriptionFacts {
                customer_id: self.text(),
                plan_id: self.text(),
                started_on: self.day(),
                ended_on: self.maybe(Self::day),
                trial_end: self.maybe(Self::day),
                quantity: self.exact(),
                price_override: self.maybe(Self::exact),
                discount_percent: self.exact(),
                status: self.of(&["active", "ended"]).to_owned().into(),
                due: self.below(2) == 0,
            }
        }

        fn document(&mut self) -> DocumentPart {
            let line = |d: &mut Self| LinePart {
                description: d.maybe(Self::text),
                quantity: d.maybe(Self::exact),
                amount: d.exact(),
                one_off: d.below(3) == 0,
            };
            DocumentPart {
                side: self.of(&Side::BOTH),
                id: self.text(),
                number: self.maybe(Self::text),
                kind: self.of(&[DocumentKind::Charge, DocumentKind::Credit]),
                issued_on: self.maybe(Self::day),
                net: self.money(),
                exact: self.exact(),
                tax: self.maybe(Self::money),
                lines: self.many(5, line),
            }
        }

        fn inputs(&mut self) -> RatingInputs {
            let tax = |d: &mut Self| AppliedTax { name: d.text(), rate: d.exact() };
            let stretch = |d: &mut Self| Stretch {
                from: d.day(),
                plan_id: d.word(),
                price: d.exact(),
                overridden: d.below(2) == 0,
                quantity: d.exact(),
                days: d.of(&[0, 9, i64::MIN]),
            };
            RatingInputs {
                plan_id: self.word(),
                quantity: self.exact(),
                price_override: self.maybe(Self::exact),
                discount_percent: self.exact(),
                days: self.0.cast_signed(),
                of_days: self.of(&[31, i64::MIN]),
                usage: self.many(4, |d| (d.word(), d.exact())),
                taxes: self.maybe(|d| d.many(2, tax)),
                stretches: self.many(3, stretch),
            }
        }

        fn row(&mut self) -> ReconRow {
            let mut all = Monies::default();
            for i in 0..MONIES {
                *all.at(i) = if self.below(2) == 0 { all.told(i) } else { self.maybe(Self::money) };
            }
            let period = Period { start: self.day(), end: self.day() };
            let source = self.maybe(Self::facts);
            ReconRow {
                subject: self.of(&[Subject::Subscription, Subject::Order, Subject::UnlinkedDocument, Subject::UnlinkedRemainder]),
                key: self.text(),
                period,
                customer: self.text(),
                customer_id: source.as_ref().map_or_else(|| self.text(), |f| f.customer_id.clone()),
                plan: self.text(),
                verdict: self.of(&Verdict::ALL),
                basis: self.of(&[None, Some(Basis::Draft), Some(Basis::Rated)]),
                actual: all.actual,
                expected: all.expected,
                delta: all.delta,
                exact_delta: self.maybe(Self::exact),
                actual_tax: all.actual_tax,
                expected_tax: all.expected_tax,
                delta_tax: all.delta_tax,
                rated: all.rated,
                drafted: all.drafted,
                documents: self.many(4, Self::document),
                deployments: self.many(3, Self::text),
                why: self.maybe(Self::word),
                target: if self.below(3) == 0 { source.clone() } else { self.maybe(Self::facts) },
                source,
                inputs: self.many(4, Self::inputs),
                review: self.of(&[Review::Open, Review::Explained, Review::Waived, Review::Resolved]),
            }
        }
    }

    fn unpacked((lines, details): (&[u8], &[u8])) -> Result<Vec<ReconRow>, Bent> {
        let block = Block::open(lines)?;
        let mut line = block.lines();
        while line.step()? {
            line.owned(1)?;
        }
        (0..block.rows()).map(|at| block.row(at, details)).collect()
    }

    /// The same lines as blocks had them before: all words' lengths, then all their texts.
    fn as_the_first_form(lines: &[u8]) -> Vec<u8> {
        let mut cut = Cut::new(lines);
        assert_eq!(cut.byte(), Ok(VERSION));
        let rows = cut.count().unwrap();
        let words: Vec<String> = (0..cut.count().unwrap()).map(|_| cut.id().unwrap().0.text().unwrap()).collect();
        let mut out = vec![FIRST_FORM];
        put_size(&mut out, rows);
        put_size(&mut out, words.len());
        for word in &words {
            put_size(&mut out, word.len());
        }
        [out, words.concat().into_bytes(), cut.rest().to_vec()].concat()
    }

    #[test]
    fn whatever_is_packed_comes_back_and_bent_bytes_give_an_error_or_a_row_but_never_a_panic() {
        let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
        for _ in 0..200 {
            let rows = dice.many(5, Dice::row);
            let mut packer = Packer::default();
            for row in &rows {
                packer.push(row, &Monies::of(row));
            }
            let (mut lines, mut details) = packer.take();
            assert_eq!(unpacked((&lines, &details)), Ok(rows.clone()));
            assert_eq!(unpacked((&as_the_first_form(&lines), &details)), Ok(rows.clone()));
            if rows.is_empty() {
                continue;
            }
            for _ in 0..40 {
                let (at, bit) = (dice.below(lines.len()), 1u8 << dice.below(8));
                assert!(unpacked((&lines[..at], &details)).is_err(), "lines cut at {at}");
                lines[at] ^= bit;
                drop(unpacked((&lines, &details)));
                lines[at] ^= bit;
                let at = dice.below(details.len());
                assert!(unpacked((&lines, &details[..at])).is_err(), "details cut at {at}");
                details[at] ^= bit;
                drop(unpacked((&lines, &details)));
                details[at] ^= bit;
            }
        }
    }
}

//! What has been tried for a row: what fits, what came nearest, and what has a row of the data and may be half of the answer.

use super::bits::{BIT, log2};
use super::case::Case;
use super::datum::Datum;
use super::view::Alter;
use crate::domain::exact::Exact;
use crate::domain::explanation::{Cause, Step};
use crate::domain::money::Money;
use crate::domain::side::Side;
use chrono::NaiveDate;

/// A row of the data that speaks for a cause, and how much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// What it says.
    pub words: String,
    /// Bits it adds.
    pub bits: i32,
    /// The days it holds on by the data, where that may be more than the period: other periods then can refute it.
    pub holds: Option<Span>,
    /// Whether it is so for all subscriptions of the plan: rows of others then can refute it.
    pub of_plan: bool,
    /// Which data it is.
    pub data: Vec<Datum>,
}

/// Bits that rows with one reason in common add: above those of any other row of the data by what a rival must stand below.
const JOINT: i32 = 10;

/// Days from a first one on, and before another; open where there is none.
pub type Span = (Option<NaiveDate>, Option<NaiveDate>);

impl Named {
    /// A record that says the cause outright.
    pub fn record(words: String, data: impl IntoIterator<Item = Datum>) -> Self {
        Self::of_bits(6, words, data)
    }

    /// The same, of what a subscription or plan is without saying since when.
    pub fn standing(words: String, datum: Datum) -> Self {
        Self { holds: Some((None, None)), ..Self::record(words, [datum]) }
    }

    /// Other rows that have the same reason, and only together.
    pub fn joint(words: String) -> Self {
        Self::of_bits(JOINT, words, [Datum::OtherRows])
    }

    /// Whether it is other rows that have the same reason.
    pub const fn is_joint(&self) -> bool {
        self.bits == JOINT
    }

    /// A date within the period, a price, a coupon.
    pub fn dated(words: String, data: impl IntoIterator<Item = Datum>) -> Self {
        Self::of_bits(5, words, data)
    }

    /// The same, of all subscriptions of a plan.
    pub fn of_plan(self) -> Self {
        Self { of_plan: true, ..self }
    }

    /// Declared rules of a side.
    pub fn declared(words: String, side: Side) -> Self {
        Self::of_bits(3, words, [Datum::Declared(side)]).of_plan()
    }

    fn of_bits(bits: i32, words: String, data: impl IntoIterator<Item = Datum>) -> Self {
        Self { words, bits, holds: None, of_plan: false, data: data.into_iter().collect() }
    }

    /// Whether a datum of it is also one of another's.
    fn shares(&self, other: &Self) -> bool {
        self.data.iter().any(|datum| other.data.contains(datum))
    }

    /// Another row says the same: what a subscription has without saying since when, it has since its coupon's first day. Where that
    /// narrows the days, both rows are the reason.
    fn narrow(&mut self, other: &Self) {
        let narrower = self.holds.zip(other.holds).map(|((from, until), (since, before))| {
            let until = match (until, before) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
            // No day is before the first of all.
            (from.max(since), until)
        });
        if narrower != self.holds {
            (self.holds, self.words) = (narrower, format!("{}; {}", self.words, other.words));
            self.data.extend(other.data.iter().filter(|datum| !self.data.contains(datum)).cloned().collect::<Vec<_>>());
        }
    }

    /// The same, with the days it holds on.
    pub fn over(self, holds: Span) -> Self {
        Self { holds: Some(holds), ..self }
    }
}

/// A way a cause could have made the amount.
#[derive(Debug, Clone)]
pub struct Try<'a> {
    /// Which cause.
    pub cause: Cause,
    /// What tells it from others of its cause.
    pub parameters: String,
    /// What is rated otherwise.
    pub alter: Alter<'a>,
    /// Which step of the bridge that is.
    pub step: Step,
    /// How many amounts the cause could have made.
    pub choices: u32,
    /// The row that says so.
    pub named: Option<Named>,
    /// Parameters that were read from nowhere.
    pub free: i32,
}

/// A try that hits.
#[derive(Debug, Clone)]
pub struct Hit<'a> {
    /// One, or two that each have a row: not always one of its own.
    pub of: Vec<Try<'a>>,
    /// What the altered rating comes to before rounding, after each.
    pub exact: Vec<Exact>,
    /// Information, in sixteenths of a bit.
    pub bits: i32,
    /// The same with what speaks for and against it.
    pub score: i32,
}

impl Hit<'_> {
    /// Whether rows of the data say all of it, of two causes each by its own.
    pub fn is_named(&self) -> bool {
        self.is_spoken_for() && !self.shares_datum()
    }

    /// Whether rows of the data say all of it, be it one row of two causes.
    pub fn is_spoken_for(&self) -> bool {
        self.of.iter().all(|t| t.named.is_some())
    }

    /// Whether one datum would have to speak for two causes.
    pub fn shares_datum(&self) -> bool {
        shares(&self.of)
    }
}

/// Whether one datum speaks for two causes.
fn shares(of: &[Try<'_>]) -> bool {
    let named = |at: usize| of[at].named.as_ref();
    (1..of.len()).any(|at| (0..at).any(|before| named(at).zip(named(before)).is_some_and(|(a, b)| a.shares(b))))
}

/// All that was tried.
#[derive(Debug)]
pub struct Tries<'c, 'a> {
    case: &'c Case<'a>,
    /// What the unaltered rating comes to, as the source rounds.
    pub base: Option<(Exact, Money)>,
    pub hits: Vec<Hit<'a>>,
    /// Those with a row of the data that change the amount and do not hit.
    pub halves: Vec<Try<'a>>,
    /// The nearest miss.
    pub nearest: Option<(i64, Cause, String, Money)>,
    /// How many amounts were tried.
    pub tried: u64,
    reach: u128,
}

/// Halves kept: more rows that speak for something than anybody could check by hand.
const HALVES: usize = 12;

impl<'c, 'a> Tries<'c, 'a> {
    pub fn new(case: &'c Case<'a>) -> Self {
        let base = case.base.as_ref().and_then(|view| case.amount(view));
        Self { case, base, hits: Vec::new(), halves: Vec::new(), nearest: None, tried: 0, reach: case.reach() }
    }

    /// Tries an alteration of the rating.
    pub fn offer(&mut self, one: Try<'a>) {
        self.tried += 1;
        if let Some((exact, money)) = self.altered(&one.alter) {
            self.take(one, exact, money);
        }
    }

    /// The same where there are many, and few of them come to anything: what it is called is made up only for those.
    pub fn offer_of(&mut self, (cause, is_named): (Cause, bool), alter: Alter<'a>, one: impl FnOnce(Alter<'a>) -> Try<'a>) {
        self.tried += 1;
        let Some((exact, money)) = self.altered(&alter) else { return };
        let tells = money == self.case.sought || self.is_nearer(money) || (is_named && self.halves.len() < HALVES);
        if tells && !self.changes_nothing(cause, money) {
            self.take(one(alter), exact, money);
        }
    }

    fn altered(&self, alter: &Alter<'a>) -> Option<(Exact, Money)> {
        self.case.amount(&self.case.base.as_ref()?.altered(alter)?)
    }

    /// What changes nothing says nothing, also where the rounding alone closes the delta.
    fn changes_nothing(&self, cause: Cause, money: Money) -> bool {
        cause != Cause::Rounding && self.base.is_some_and(|(_, base)| base == money)
    }

    fn is_nearer(&self, money: Money) -> bool {
        let sought = self.case.sought;
        let off = i64::try_from(money.minor.abs_diff(sought.minor)).unwrap_or(i64::MAX);
        money.currency == sought.currency && self.nearest.as_ref().is_none_or(|(least, ..)| off < *least)
    }

    /// Tries an amount that is not made by the rating.
    pub fn amount(&mut self, one: Try<'a>, exact: Exact, money: Money) {
        self.tried += 1;
        self.take(one, exact, money);
    }

    fn take(&mut self, one: Try<'a>, exact: Exact, money: Money) {
        if self.changes_nothing(one.cause, money) {
            return;
        }
        if money == self.case.sought {
            let hit = self.hit(vec![one], vec![exact]);
            self.keep(hit);
            return;
        }
        if self.is_nearer(money) {
            let off = i64::try_from(money.minor.abs_diff(self.case.sought.minor)).unwrap_or(i64::MAX);
            self.nearest = Some((off, one.cause, one.parameters.clone(), money));
        }
        // The other part of a period is an error of its own: with a second cause it would fit by luck before it fits by right.
        let is_half = one.named.is_some() && one.cause != Cause::ComplementProration && !matches!(one.alter, Alter::Whole(_));
        if is_half && self.halves.len() < HALVES {
            self.halves.push(one);
        }
    }

    /// Two causes, each with a row, where no single one fits; whether the rows are two is told by the hit.
    pub fn pair_up(&mut self) {
        let Some(base) = &self.case.base else { return };
        let halves = std::mem::take(&mut self.halves);
        for (at, first) in halves.iter().enumerate() {
            let Some(view) = base.altered(&first.alter) else { continue };
            let Some((half, _)) = self.case.amount(&view) else { continue };
            for second in halves[at + 1..].iter().filter(|s| s.cause != first.cause && s.step != first.step) {
                self.tried += 1;
                let Some((exact, money)) = view.altered(&second.alter).and_then(|v| self.case.amount(&v)) else { continue };
                if money == self.case.sought {
                    let hit = self.hit(vec![first.clone(), second.clone()], vec![half, exact]);
                    self.keep(hit);
                }
            }
        }
        self.halves = halves;
    }

    /// bits = log2(reach ÷ choices); what speaks for it is added, each parameter out of thin air costs 6, a second cause 8. A datum that
    /// would have to speak for two causes is counted for one.
    fn hit(&self, of: Vec<Try<'a>>, exact: Vec<Exact>) -> Hit<'a> {
        let choices: i32 = of.iter().map(|t| log2(u128::from(t.choices.max(1)))).sum();
        let bits = (log2(self.reach) - choices).max(0);
        let spoken = of.iter().filter_map(|t| t.named.as_ref()).map(|n| n.bits);
        let named: i32 = if shares(&of) { spoken.max().unwrap_or(0) } else { spoken.sum() };
        let free: i32 = of.iter().map(|t| t.free).sum();
        let second = if of.len() > 1 { 8 } else { 0 };
        let score = bits + (named - 6 * free - second) * BIT;
        Hit { of, exact, bits, score }
    }

    /// Keeps a hit. The same reason met twice is one reason, with the better row of the two, and since when the other says it is.
    fn keep(&mut self, mut hit: Hit<'a>) {
        let same = |known: &&mut Hit<'a>| {
            known.of.len() == hit.of.len()
                && known.of.iter().zip(&hit.of).all(|(a, b)| a.cause == b.cause && (a.parameters == b.parameters || a.alter == b.alter))
        };
        match self.hits.iter_mut().find(same) {
            Some(known) => {
                if known.score < hit.score {
                    std::mem::swap(known, &mut hit);
                }
                for (kept, other) in known.of.iter_mut().zip(hit.of) {
                    if let (Some(kept), Some(other)) = (&mut kept.named, other.named) {
                        kept.narrow(&other);
                    }
                }
            }
            None => self.hits.push(hit),
        }
    }
}

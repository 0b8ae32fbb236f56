//! A [block](super::block) back into rows: lines one after the other without their details, or one row whole.
//!
//! Whatever the bytes are, reading them ends in a value or in [`Bent`].

use super::block::{FIRST_FORM, MONIES, Monies, VERSION, given, head};
use super::columns::{self, Amounts};
use super::words::Book;
use crate::domain::currency::Currency;
use crate::domain::exact::Exact;
use crate::domain::money::Money;
use crate::domain::pack::{Bent, Cut, Packed};
use crate::domain::period::Period;
use crate::domain::row::{ReconRow, Subject};
use crate::domain::side::Side;
use crate::domain::text::Untrusted;
use crate::domain::verdict::{Basis, Review, Verdict};
use crate::ports::workspace::RowLine;
use chrono::NaiveDate;
use std::borrow::Cow;
use std::ops::Range;

/// A block opened for reading.
#[derive(Debug)]
pub(super) struct Block<'a> {
    rows: usize,
    pub words: Book<'a>,
    periods: Vec<Period>,
    currencies: Vec<Currency>,
    lines: &'a [u8],
}

impl<'a> Block<'a> {
    /// Reads what is common to its rows.
    pub fn open(body: &'a [u8]) -> Result<Self, Bent> {
        let mut cut = Cut::new(body);
        let read_words = match cut.byte()? {
            VERSION => Book::read,
            FIRST_FORM => Book::of_first_form,
            _ => return Err(Bent("its form is unknown")),
        };
        let rows = cut.count()?;
        let words = read_words(&mut cut)?;
        let count = cut.count()?;
        let periods = (0..count).map(|_| Ok(Period { start: day(cut.signed()?)?, end: day(cut.signed()?)? })).collect::<Result<_, Bent>>()?;
        let count = cut.count()?;
        let mut currencies = Vec::with_capacity(count);
        for _ in 0..count {
            let known = std::str::from_utf8(cut.bytes(3)?).ok().and_then(Currency::known).ok_or(Bent("a currency of it is unknown"))?;
            currencies.push(known);
        }
        Ok(Self { rows, words, periods, currencies, lines: cut.rest() })
    }

    /// How many rows it has.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Its rows; the first is read by the first step.
    pub fn lines(&self) -> Line<'_> {
        Line {
            block: self,
            cut: Cut::new(self.lines),
            left: self.rows,
            shared: Vec::new(),
            uuid: None,
            subject: Subject::Subscription,
            period: Period { start: NaiveDate::MIN, end: NaiveDate::MIN },
            customer: 0,
            plan: 0,
            verdict: Verdict::NotComparable,
            basis: None,
            review: Review::Open,
            monies: Monies::default(),
            exact_delta: None,
            documents: Documents { cut: Cut::new(&[]), left: 0 },
            detail: 0..0,
            room: String::new(),
            shown: Vec::new(),
        }
    }

    /// The row of that place in the block, from nought, whole.
    pub fn row(&self, at: usize, details: &[u8]) -> Result<ReconRow, Bent> {
        let mut line = self.lines();
        for _ in 0..=at {
            if !line.step()? {
                return Err(Bent("a row of it is missing"));
            }
        }
        line.row(details)
    }

    /// A word named by number.
    pub fn named(&self, cut: &mut Cut<'_>) -> Result<Cow<'a, str>, Bent> {
        self.words.get(cut.size()?)
    }

    fn currency(&self, cut: &mut Cut<'_>) -> Result<Currency, Bent> {
        let number = cut.size()?;
        self.currencies.get(number).copied().ok_or(Bent("a currency of it is missing"))
    }

    /// An amount with its currency.
    pub fn money(&self, cut: &mut Cut<'_>) -> Result<Money, Bent> {
        Ok(Money { currency: self.currency(cut)?, minor: cut.signed()? })
    }

    /// Reads the amounts of a row into their places, and gives the exact delta.
    fn monies(&self, cut: &mut Cut<'_>, monies: &mut Monies) -> Result<Option<Exact>, Bent> {
        let mask = cut.number()?;
        *monies = Monies::default();
        let amounts = mask & ((1 << (2 * MONIES)) - 1);
        if amounts != 0 {
            let usual = self.currency(cut)?;
            for i in 0..MONIES {
                let money = match amounts >> (2 * i) & 3 {
                    given::NONE => continue,
                    given::TOLD => monies.told(i).ok_or(Bent("an amount of it is missing"))?,
                    given::HERE => Money { currency: usual, minor: cut.signed()? },
                    _ => self.money(cut)?,
                };
                *monies.at(i) = Some(money);
            }
        }
        match mask >> (2 * MONIES) {
            given::NONE => Ok(None),
            given::TOLD => monies.delta.and_then(|d| d.exact().ok()).ok_or(Bent("an exact delta of it is missing")).map(Some),
            given::HERE => cut.exact().map(Some),
            _ => Err(Bent("an exact delta of it is none")),
        }
    }
}

/// The documents of a line: whose, and their ids.
#[derive(Debug, Clone, Copy)]
pub(super) struct Documents<'b> {
    cut: Cut<'b>,
    /// How many are left.
    pub left: usize,
}

impl<'b> Documents<'b> {
    /// The next of them.
    pub fn next(&mut self) -> Result<Option<(Side, Packed<'b>)>, Bent> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        let (id, target) = self.cut.id()?;
        Ok(Some((if target { Side::Target } else { Side::Source }, id)))
    }

    /// `S:INV-77 T:DR-5`, in the order the row lists them.
    pub fn push(mut self, out: &mut String) -> Result<(), Bent> {
        let mut first = true;
        while let Some((side, id)) = self.next()? {
            if !first {
                out.push(' ');
            }
            first = false;
            out.push_str(match side {
                Side::Source => "S:",
                Side::Target => "T:",
            });
            id.push(out)?;
        }
        Ok(())
    }
}

/// A row of a block as far as lists need it, one after the other; nothing of it is copied but what [`Self::owned`] hands out.
#[derive(Debug)]
pub(super) struct Line<'b> {
    pub block: &'b Block<'b>,
    cut: Cut<'b>,
    left: usize,
    /// The newest key that is no UUID: the next begins alike.
    shared: Vec<u8>,
    uuid: Option<[u8; 16]>,
    pub subject: Subject,
    pub period: Period,
    /// Number of the word that is its customer.
    pub customer: usize,
    /// Number of the word that is its plan.
    pub plan: usize,
    pub verdict: Verdict,
    pub basis: Option<Basis>,
    pub review: Review,
    pub monies: Monies,
    pub exact_delta: Option<Exact>,
    pub documents: Documents<'b>,
    /// Which bytes of the details are its own.
    pub detail: Range<usize>,
    /// Where texts are put together.
    room: String,
    /// Words of the block as lists have them, made when first asked for: rows share them.
    shown: Vec<Option<Untrusted>>,
}

impl Line<'_> {
    /// Goes on to the next row; says whether there is one. After the last, nothing may be left.
    pub fn step(&mut self) -> Result<bool, Bent> {
        let (block, cut) = (self.block, &mut self.cut);
        if self.left == 0 {
            return cut.end().map(|()| false);
        }
        self.left -= 1;
        let first = cut.number()?;
        let bits = |at: u32, width: u32| (first >> at & ((1 << width) - 1)).to_le_bytes()[0];
        if bits(head::UUID, 1) == 1 {
            self.uuid = Some(cut.sixteen()?);
        } else {
            self.uuid = None;
            let shared = cut.size()?;
            if shared > self.shared.len() {
                return Err(Bent("a key of it is missing"));
            }
            let length = cut.size()?;
            self.shared.truncate(shared);
            self.shared.extend_from_slice(cut.bytes(length)?);
        }
        let period = usize::try_from(first >> head::PERIOD).ok().and_then(|n| block.periods.get(n));
        self.period = *period.ok_or(Bent("a period of it is missing"))?;
        self.subject = columns::subject(bits(0, 2))?;
        self.verdict = Verdict::of_code(bits(head::VERDICT, 3)).ok_or(Bent("a verdict of it is unknown"))?;
        self.basis = columns::basis(bits(head::BASIS, 2))?;
        self.review = columns::review(bits(head::REVIEW, 2))?;
        (self.customer, self.plan) = (cut.size()?, cut.size()?);
        self.exact_delta = block.monies(cut, &mut self.monies)?;
        let count = cut.count()?;
        self.documents = Documents { cut: *cut, left: count };
        for _ in 0..count {
            cut.id()?;
        }
        let from = self.detail.end;
        self.detail = from..from.checked_add(cut.size()?).ok_or(Bent("its details are too long"))?;
        Ok(true)
    }

    /// Key, order or document id.
    pub fn key(&self) -> Packed<'_> {
        self.uuid.map_or(Packed::Text(&self.shared), Packed::Uuid)
    }

    /// A word of the block it is in.
    pub fn word(&self, number: usize) -> Result<Cow<'_, str>, Bent> {
        self.block.words.get(number)
    }

    /// A word as lists have it.
    fn listed(&mut self, number: usize) -> Result<Untrusted, Bent> {
        if let Some(Some(word)) = self.shown.get(number) {
            return Ok(word.clone());
        }
        let word = Untrusted::new(&*self.word(number)?);
        self.shown.resize(self.shown.len().max(number + 1), None);
        self.shown[number] = Some(word.clone());
        Ok(word)
    }

    /// The line for lists.
    pub fn owned(&mut self, seq: i64) -> Result<RowLine, Bent> {
        let Amounts { actual, actual_currency, expected, expected_currency, delta, actual_tax, expected_tax, rated, drafted } = self.monies.amounts();
        let key = self.key().with(|text| Untrusted::new(text))?;
        let (customer, plan) = (self.listed(self.customer)?, self.listed(self.plan)?);
        self.room.clear();
        self.documents.push(&mut self.room)?;
        let documents = Untrusted::new(self.room.as_str());
        self.room.clear();
        let exact_delta = self.exact_delta.map(|delta| {
            delta.push_text(&mut self.room);
            self.room.as_str().to_owned()
        });
        Ok(RowLine {
            seq,
            subject: self.subject,
            key,
            period: self.period,
            customer,
            plan,
            verdict: self.verdict,
            basis: self.basis,
            actual,
            actual_currency,
            expected,
            expected_currency,
            delta,
            exact_delta,
            actual_tax,
            expected_tax,
            rated,
            drafted,
            documents,
            cause: None,
            review: self.review,
        })
    }
}

pub(super) const NO_DAY: Bent = Bent("a day of it is none");

pub(super) fn day(days: i64) -> Result<NaiveDate, Bent> {
    i32::try_from(days).ok().and_then(NaiveDate::from_num_days_from_ce_opt).ok_or(NO_DAY)
}

//! What is declared about a side and a service: the words, units and rules its numbers follow.

use super::currency::Currency;
use super::exact::{Exact, NumberError};
use super::key::{KeyKind, KeyNormaliser};
use super::period::Zone;
use super::rounding::RoundMode;
use super::side::Side;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Whether amounts come as `12.34` or as `1234`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MoneyUnit {
    /// Major units: dollars, yen.
    Major,
    /// Minor units by the currency's exponent: cents, yen.
    Minor,
}

/// Whether an end date is the last day or the first day after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ends {
    /// The last day that still counts.
    Inclusive,
    /// The first day that no longer counts.
    Exclusive,
}

/// What decides the period of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeriodRule {
    /// Its `period_start`, else its `issued_on`.
    PeriodColumns,
    /// Its `issued_on` always.
    IssuedOn,
}

/// What is rounded to the minor unit: each line, or the document once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Each line alone, then they add up.
    Line,
    /// The document (or the rating) once.
    Invoice,
}

impl Stage {
    /// Every stage with its word in files.
    pub const WORDS: [(&'static str, Self); 2] = [("invoice", Self::Invoice), ("line", Self::Line)];
}

/// Where tax is rounded to the minor unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaxStage {
    /// Each rate on each line.
    Line,
    /// Each rate once on the document.
    Invoice,
    /// All rates together once on the document.
    Once,
}

impl TaxStage {
    /// Every stage with its word in files.
    pub const WORDS: [(&'static str, Self); 3] = [("line", Self::Line), ("invoice", Self::Invoice), ("once", Self::Once)];
}

/// How part of a period is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proration {
    /// By days over the days of the period.
    Day,
    /// By days over 30 a month.
    Fixed30,
    /// By the days of months of 30 days, over 30 a month: the last day of a month is its 30th.
    #[serde(rename = "30_360")]
    Days30360,
    /// The price of a day is rounded to the minor unit, then multiplied.
    DailyPrice,
    /// The ratio of days is rounded to nine decimals, then multiplied (Kill Bill).
    Ratio9,
    /// Not at all: any day costs the whole flat price.
    None,
}

impl Proration {
    /// Every rule with its word in files.
    pub const WORDS: [(&'static str, Self); 6] = [
        ("day", Self::Day),
        ("fixed_30", Self::Fixed30),
        ("30_360", Self::Days30360),
        ("daily_price", Self::DailyPrice),
        ("ratio_9", Self::Ratio9),
        ("none", Self::None),
    ];
}

/// What the first tier's fee does where nothing was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ZeroUsage {
    /// The fee is due (Lago, OpenMeter).
    #[default]
    Charged,
    /// Nothing is due.
    Free,
}

impl ZeroUsage {
    /// Both with their words in files.
    pub const WORDS: [(&'static str, Self); 2] = [("charged", Self::Charged), ("free", Self::Free)];

    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
    const fn is_default(&self) -> bool {
        matches!(self, Self::Charged)
    }
}

/// What becomes of pauses and of changes of plan or quantity within an interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangesWithin {
    /// A subscription is rated as it is.
    #[default]
    Ignored,
    /// By its `events`: each stretch as it was then.
    Rated,
}

impl ChangesWithin {
    /// Both with their words in files.
    pub const WORDS: [(&'static str, Self); 2] = [("ignored", Self::Ignored), ("rated", Self::Rated)];

    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
    const fn is_default(&self) -> bool {
        matches!(self, Self::Ignored)
    }
}

/// What a timestamp without a zone means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NaiveTimestamps {
    /// It is UTC (Odoo, Lago).
    Utc,
    /// It is the service's local time.
    Local,
    /// It is a row error: nothing was declared.
    Refuse,
}

/// What a subscription's status word means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubscriptionState {
    /// Bills while its dates say so.
    Active,
    /// Over; its `ended_on` says since when.
    Ended,
    /// Known, and not billing (paused, on hold).
    Inactive,
}

impl SubscriptionState {
    /// The word in files.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Ended => "ended",
            Self::Inactive => "inactive",
        }
    }
}

/// What a document's status word means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentState {
    /// Counts.
    Billable,
    /// Cancelled, never owed.
    Void,
    /// Not issued (on a source; a target's drafts are listed as billable).
    Draft,
}

/// The words a side uses, each with its meaning. A word that is not here is unknown, and unknown never passes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vocabulary {
    /// Of subscriptions.
    pub subscriptions: BTreeMap<String, SubscriptionState>,
    /// Of documents.
    pub documents: BTreeMap<String, DocumentState>,
}

/// Everything declared about one side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SideProfile {
    /// Which side.
    pub side: Side,
    /// What its subscription ids are.
    pub key: KeyKind,
    /// What is done to text ids.
    pub key_normaliser: KeyNormaliser,
    /// Unit of its amounts and prices.
    pub money_unit: MoneyUnit,
    /// Whether subtotals and lines hold tax.
    pub tax_inclusive: bool,
    /// Its status words.
    pub vocabulary: Vocabulary,
    /// Whether documents of a zero subtotal are left out.
    pub leave_out_zero: bool,
    /// Whether credit notes carry positive amounts (subtracted) or already signed ones.
    pub credits_positive: bool,
    /// What decides a document's period.
    pub period_rule: PeriodRule,
    /// Months added to that date first: a document issued in June for May has -1.
    pub period_shift: i32,
    /// Meaning of `period_end` and `ended_on`.
    pub ends: Ends,
    /// How part of a period is charged, where this side is rated.
    pub proration: Proration,
    /// What is rounded to the minor unit.
    pub round_per: Stage,
    /// How ties fall.
    pub round_mode: RoundMode,
    /// Where tax is taken.
    pub tax_per: TaxStage,
    /// Meaning of a timestamp without a zone.
    pub naive_timestamps: NaiveTimestamps,
    /// Digits of the minor unit where the side's own differ from ISO's (Stripe writes a króna with two), by currency.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub minor_digits: BTreeMap<Currency, u8>,
    /// What the first tier's fee does where nothing was used, where this side is rated.
    #[serde(default, skip_serializing_if = "ZeroUsage::is_default")]
    pub zero_usage: ZeroUsage,
    /// What becomes of pauses and changes of plan or quantity within an interval, where this side is rated.
    #[serde(default, skip_serializing_if = "ChangesWithin::is_default")]
    pub changes: ChangesWithin,
    /// The zone by whose midnights this side puts usage into periods, where that is not the service's. Nothing is rated by it: it is what a
    /// delta may come of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage_zone: Option<Zone>,
    /// Whether `infinity` in `ended_on`, `trial_end` or `valid_to` means no end. Otherwise it is a row error.
    pub infinity_is_open: bool,
}

impl SideProfile {
    /// A side of which nothing is declared: text keys, major units, parts of a period by days, rounded half-up once a document.
    pub fn plain(side: Side) -> Self {
        Self {
            side,
            key: KeyKind::Text,
            key_normaliser: KeyNormaliser::None,
            money_unit: MoneyUnit::Major,
            tax_inclusive: false,
            vocabulary: Vocabulary::default(),
            leave_out_zero: true,
            credits_positive: true,
            period_rule: PeriodRule::PeriodColumns,
            period_shift: 0,
            ends: Ends::Exclusive,
            proration: Proration::Day,
            round_per: Stage::Invoice,
            round_mode: RoundMode::HalfUp,
            tax_per: TaxStage::Invoice,
            naive_timestamps: NaiveTimestamps::Utc,
            minor_digits: BTreeMap::new(),
            zero_usage: ZeroUsage::Charged,
            changes: ChangesWithin::Ignored,
            usage_zone: None,
            infinity_is_open: false,
        }
    }

    /// An amount of the side's money unit in major units.
    #[inline]
    pub fn major(&self, value: Exact, currency: Currency) -> Result<Exact, NumberError> {
        match self.money_unit {
            MoneyUnit::Major => Ok(value),
            MoneyUnit::Minor => {
                let own = if self.minor_digits.is_empty() { None } else { self.minor_digits.get(&currency) };
                value.mul(Exact::scaled(1, own.map_or(currency.exponent(), |digits| u32::from(*digits)))?)
            }
        }
    }
}

/// Which of draft and rating decides a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BasisRule {
    /// The target's own document where it has one, else the rating.
    DraftFirst,
    /// Always the rating.
    Rated,
    /// Only the target's own documents.
    Draft,
}

/// Everything declared about the service and both sides: what the engines need, and nothing about databases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceProfile {
    /// The service's name.
    pub service: String,
    /// Its zone: a period is a span of its local days.
    pub zone: Zone,
    /// Currency of plans and documents that name none.
    pub currency: Option<Currency>,
    /// Side whose usage is rated.
    pub usage_from: Side,
    /// Which of draft and rating decides.
    pub basis: BasisRule,
    /// Largest |delta| in major units that counts as `within_tolerance`; nought is off.
    pub tolerance: Exact,
    /// The source.
    pub source: SideProfile,
    /// The target.
    pub target: SideProfile,
}

impl ServiceProfile {
    /// The zones by which sides put usage into periods otherwise than the service does, each with its side.
    pub fn usage_zones(&self) -> impl Iterator<Item = (Side, Zone)> + '_ {
        Side::BOTH.into_iter().filter_map(|side| Some((side, self.side(side).usage_zone.filter(|zone| *zone != self.zone)?)))
    }

    /// The profile of one side.
    pub const fn side(&self, side: Side) -> &SideProfile {
        match side {
            Side::Source => &self.source,
            Side::Target => &self.target,
        }
    }
}

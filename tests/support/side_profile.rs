//! A side that declares nothing special.

use dualrun::domain::key::{KeyKind, KeyNormaliser};
use dualrun::domain::profile::{Ends, MoneyUnit, NaiveTimestamps, PeriodRule, Proration, SideProfile, Stage, TaxStage, Vocabulary};
use dualrun::domain::rounding::RoundMode;
use dualrun::domain::side::Side;

/// A source of text keys that are compared byte by byte.
pub fn plain() -> SideProfile {
    SideProfile {
        side: Side::Source,
        key: KeyKind::Text,
        key_normaliser: KeyNormaliser::None,
        money_unit: MoneyUnit::Major,
        tax_inclusive: false,
        vocabulary: Vocabulary::default(),
        leave_out_zero: true,
        credits_positive: false,
        period_rule: PeriodRule::PeriodColumns,
        period_shift: 0,
        ends: Ends::Exclusive,
        proration: Proration::Day,
        round_per: Stage::Invoice,
        round_mode: RoundMode::HalfUp,
        tax_per: TaxStage::Invoice,
        naive_timestamps: NaiveTimestamps::Utc,
        minor_digits: std::collections::BTreeMap::new(),
        zero_usage: dualrun::domain::profile::ZeroUsage::Charged,
        infinity_is_open: false,
    }
}

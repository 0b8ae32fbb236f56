//! Usage record by record, or as the server's own sums: when sums tell all that the records do, and when they cost less.

use super::books::Party;
use crate::domain::contract::columns::usage;
use crate::domain::decode::ResultColumn;
use crate::domain::key::UUID_TEXT;
use crate::domain::run::{UsageReading, UsageRule, UsageWay};
use std::collections::HashSet;

/// Records a sum from which the server's sums are asked for.
///
/// Measured on PostgreSQL 15, 4,000,000 records over 10 months, program and server on one machine of two busy cores, whole
/// reconciliations in turns, medians of three; sums ÷ records:
///
/// | records a sum | wall | CPU here | CPU of the server | both | bytes |
/// |---|---|---|---|---|---|
/// | 4 | 1.38 | 0.64 | 2.97 | 1.17 | 0.29 |
/// | 16 | 0.96 | 0.28 | 2.68 | 1.06 | 0.07 |
/// | 32 | 0.71 | 0.17 | 2.01 | 0.82 | 0.04 |
/// | 64 | 0.57 | 0.10 | 1.61 | 0.68 | 0.02 |
/// | 256 | 0.41 | 0.03 | 1.29 | 0.51 | 0.005 |
///
/// Break-even is near 16. Twice that, for the server's CPU is not ours to spend for nothing; a slow line gains sooner and can be told so.
pub const DENSE: u64 = 32;

/// A way of reading usage, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The way.
    pub way: UsageWay,
    /// Why, in words for a person.
    pub why: String,
}

/// Chooses by what an earlier run of the same service and configuration counted; `earlier` is that run's number and what it told.
/// Where nothing was counted nothing is guessed: records are read, and counted.
pub fn choose(rule: UsageRule, earlier: Option<(i64, &UsageReading)>) -> Choice {
    let records = |why: String| Choice { way: UsageWay::Records, why };
    match (rule, earlier) {
        (UsageRule::Records, _) => records("as configured".to_owned()),
        (UsageRule::Sums, _) => Choice { way: UsageWay::Sums, why: "as configured".to_owned() },
        (UsageRule::Auto, None) => records("no earlier run counted them".to_owned()),
        (UsageRule::Auto, Some((run, told))) => match told.sums {
            _ if told.refused => records(format!("run #{run} could not take the server's sums")),
            None => records(format!("in run #{run} a sum would not have told all that a record does")),
            Some(sums) => {
                let each = told.records.checked_div(sums).unwrap_or(0);
                let way = if each >= DENSE { UsageWay::Sums } else { UsageWay::Records };
                Choice { way, why: format!("run #{run} counted {each} records a sum; sums from {DENSE}") }
            }
        },
    }
}

/// The columns of which sums tell all that records do: by the first three, of the last.
pub const SUMMED: [&str; 4] = [usage::SUBSCRIPTION_ID.name(), usage::METRIC.name(), usage::PERIOD_START.name(), usage::QUANTITY.name()];

/// Whether sums by subscription, metric and `period_start` tell all that a query's records do; else why not. A record's own time, its name
/// and when it came are looked at record by record; of a column beyond the contract the server might compute what fails.
pub fn tells_all(columns: &[ResultColumn]) -> Result<(), String> {
    if let Some(own) = columns.iter().find(|c| !SUMMED.contains(&c.name.as_str())) {
        return Err(format!("each record has a {} of its own", own.name));
    }
    if let Some(lacking) = SUMMED.iter().find(|name| columns.iter().filter(|c| c.name == **name).count() != 1) {
        return Err(format!("the query does not deliver {lacking} once"));
    }
    match columns.iter().find(|c| c.approximate) {
        Some(float) => Err(format!("{} is binary floating point, whose sum is not exact", float.name)),
        None => Ok(()),
    }
}

/// Sums that are told one by one; of more, an even sample.
const KEPT: usize = 4096;
/// An odd number without a pattern (the golden ratio's fraction).
const ODD: u64 = 0x9E37_79B9_7F4A_7C15;

/// Counts the sums that records make: exactly up to [`KEPT`], beyond them from a sample whose share is halved whenever it has outgrown
/// that, so that the count is some percent off at most.
#[derive(Debug, Default)]
pub struct SumCount {
    kept: HashSet<u64>,
    halvings: u32,
    last: Option<u64>,
}

impl SumCount {
    /// Takes note of the sum a record belongs to. Records of one sum often come together: those after the first cost nothing.
    pub fn note(&mut self, party: Party<'_>, metric: &str, period_start: &[u8]) {
        let whose = match party.id {
            Some(id) => mixed(0, &id.to_le_bytes()),
            None => mixed(1, party.key.as_str(&mut [0; UUID_TEXT]).as_bytes()),
        };
        let sum = mixed(mixed(whose, metric.as_bytes()), period_start);
        if self.last.replace(sum) == Some(sum) || sum.leading_zeros() < self.halvings {
            return;
        }
        self.kept.insert(sum);
        while self.kept.len() > KEPT {
            self.halvings += 1;
            self.kept.retain(|kept| kept.leading_zeros() >= self.halvings);
        }
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        u64::try_from(self.kept.len()).unwrap_or(u64::MAX) << self.halvings
    }
}

/// Bytes mixed into a number: the same in every run.
fn mixed(seed: u64, bytes: &[u8]) -> u64 {
    let fold = |state: u64, word: u64| {
        let wide = u128::from(state ^ word ^ ODD) * u128::from(ODD);
        // Both halves: the upper one has heard of every bit.
        let [low, high] = [wide & u128::from(u64::MAX), wide >> 64].map(|half| u64::try_from(half).unwrap_or(0));
        low ^ high.rotate_left(29)
    };
    let whole = bytes.chunks(8).fold(seed, |state, chunk| {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        fold(state, u64::from_le_bytes(word))
    });
    fold(whole, u64::try_from(bytes.len()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::decode::Wire;
    use crate::domain::key::KeyRef;

    fn told(records: u64, sums: Option<u64>, refused: bool) -> UsageReading {
        UsageReading { way: UsageWay::Records, why: String::new(), records, sums, refused }
    }

    #[test]
    fn only_counts_choose_sums() {
        use UsageRule::{Auto, Records, Sums};
        for (rule, earlier, way, why) in [
            (Auto, None, UsageWay::Records, "no earlier run"),
            (Auto, Some(told(0, Some(0), false)), UsageWay::Records, "0 records a sum"),
            (Auto, Some(told(32_000, Some(1_001), false)), UsageWay::Records, "31 records a sum"),
            (Auto, Some(told(32_000, Some(1_000), false)), UsageWay::Sums, "32 records a sum"),
            (Auto, Some(told(64_000, None, false)), UsageWay::Records, "not have told all"),
            (Auto, Some(told(64_000, Some(1), true)), UsageWay::Records, "could not take"),
            (Records, Some(told(64_000, Some(1), false)), UsageWay::Records, "configured"),
            (Sums, None, UsageWay::Sums, "configured"),
        ] {
            let choice = choose(rule, earlier.as_ref().map(|told| (7, told)));
            assert_eq!(choice.way, way, "{rule:?} {earlier:?}");
            assert!(choice.why.contains(why), "{rule:?} {earlier:?}: {}", choice.why);
        }
    }

    #[test]
    fn sums_tell_all_of_four_columns_and_no_other() {
        let column =
            |name: &&str| ResultColumn { name: (*name).to_owned(), type_name: String::new(), approximate: *name == "float", wire: Wire::Text };
        let told = |names: &[&str]| tells_all(&names.iter().map(column).collect::<Vec<_>>());
        assert_eq!(told(&["quantity", "period_start", "metric", "subscription_id"]), Ok(()));
        assert_eq!(told(&SUMMED[..3]), Err("the query does not deliver quantity once".to_owned()));
        assert!(told(&["quantity", "quantity", "period_start", "metric", "subscription_id"]).is_err());
        assert!(told(&["quantity", "period_start", "metric", "subscription_id", "occurred_at"]).is_err());
    }

    #[test]
    fn sums_are_counted_exactly_and_then_nearly() {
        for many in [1u32, 100, 4_096, 50_000, 400_000] {
            let mut count = SumCount::default();
            for record in 0..2 * many {
                let sum = record % many;
                let metric = if sum % 2 == 0 { "events" } else { "Events" };
                count.note(Party { key: KeyRef::stored("k"), id: Some(sum / 20) }, metric, &(sum % 20 / 2).to_be_bytes());
            }
            let (many, counted) = (u64::from(many), count.count());
            let off = counted.abs_diff(many);
            assert!(if many <= 4_096 { off == 0 } else { off * 20 < many }, "{counted} of {many}");
        }
    }
}

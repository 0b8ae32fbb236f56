//! What backing a wave out costs, as far as it was seen.

use super::standing::{LineState, WaveStanding};
use crate::domain::flip::{Cost, Step};

/// What it costs now.
pub fn cost(wave: &WaveStanding) -> Cost {
    let mut cost = Cost::default();
    for line in &wave.pack.lines {
        let of = wave.lines.range((line.subscription.clone(), Step::SwitchOff)..).take_while(|((id, _), _)| *id == line.subscription);
        let open = of.filter(|(_, standing)| !matches!(standing.state, LineState::Planned | LineState::BackedOut)).count();
        if open > 0 {
            cost.subscriptions += 1;
            cost.changes += u64::try_from(open).unwrap_or(u64::MAX);
            let sum = cost.billed_again.entry(line.expected.net.currency).or_default();
            *sum = sum.saturating_add(line.expected.net.minor);
        }
    }
    for actual in wave.look.iter().flat_map(|look| &look.lines).filter_map(|line| line.actual) {
        cost.documents += 1;
        let sum = cost.to_credit.entry(actual.currency).or_default();
        *sum = sum.saturating_add(actual.minor);
    }
    cost
}

//! Whom the target bills by the flip's own record: everybody else's shadow must be inert.

use super::standing::{LineStanding, LineState, Standing};
use crate::domain::flip::Step;
use crate::domain::gate::digest_of;
use std::collections::BTreeSet;

/// Subscriptions the target was told to bill, and that were not brought back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Flipped(BTreeSet<String>);

impl Flipped {
    /// Whether nobody is.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a subscription is.
    pub fn has(&self, subscription: &str) -> bool {
        self.0.contains(subscription)
    }

    /// Digest of them all, empty where nobody is: what was looked at while others were flipped proves nothing now.
    pub fn digest(&self) -> String {
        if self.0.is_empty() { String::new() } else { digest_of("flipped subscriptions v1", &self.0) }
    }
}

impl Standing {
    /// Whom the target bills as it shall: told to, and neither brought back nor read back as refused.
    pub fn flipped(&self) -> Flipped {
        let lines = self.waves.values().flat_map(|wave| &wave.lines);
        let told = lines.filter(|((_, step), line)| *step != Step::SwitchOff && may_be_there(line));
        Flipped(told.map(|((subscription, _), _)| subscription.clone()).collect())
    }
}

/// Whether something of a step may be in the target.
const fn may_be_there(line: &LineStanding) -> bool {
    match line.state {
        LineState::Planned | LineState::BackedOut => false,
        LineState::Rejected => !(line.looked && matches!(line.there, Some(false))),
        LineState::Sending | LineState::Applied | LineState::Unknown | LineState::Verified => true,
    }
}

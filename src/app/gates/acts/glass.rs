//! Breaking the glass: opening the flip although gates do not hold. Two people, a price, an end.

use super::seal::{Sealing, sealed};
use super::{GateDesk, reason_of};
use crate::app::error::AppError;
use crate::app::gates::place_now;
use crate::domain::gate::{BreakGlass, GateAct, GateDeed, Seal};
use crate::domain::money::Money;
use crate::gates::{Blocker, signature_rule, stakes};
use chrono::{DateTime, TimeDelta, Utc};

/// Longest it may be open: an emergency ends.
const LONGEST: TimeDelta = TimeDelta::hours(24);

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Break<'a> {
    /// Why it cannot wait.
    pub reason: &'a str,
    /// What blocks now.
    pub blockers: &'a [Blocker],
    /// The money at stake behind all of it, each amount once.
    pub exposure: &'a [Money],
    /// When it ends.
    pub expires: DateTime<Utc>,
    /// The newest act when the blockers were looked at.
    pub seen: i64,
}

/// Breaks the glass. It counts for nothing until a second person confirms it.
pub async fn break_glass(desk: &GateDesk<'_>, wanted: &Break<'_>, sealing: Sealing<'_>) -> Result<GateAct, AppError> {
    desk.listed()?;
    let refuse = |why: &str| Err(AppError::Usage(why.to_owned()));
    if wanted.blockers.is_empty() {
        return refuse("nothing blocks: there is no glass to break — dualrun flip apply WAVE goes the ordinary way");
    }
    let now = desk.clock.now();
    if wanted.expires <= now || wanted.expires - now > LONGEST {
        return refuse("a broken glass is open for some time up to 24 hours — write an --expires within them");
    }
    let glass = BreakGlass {
        reason: reason_of(wanted.reason, "breaking the glass")?,
        blockers: wanted.blockers.iter().map(|blocker| blocker.what.clone()).collect(),
        stakes: stakes(wanted.blockers),
        configuration: Some(desk.setup.configuration.clone()),
        place: Some(place_now(&desk.setup.place, desk.outside).digest()),
        exposure: wanted.exposure.to_vec(),
        expires: wanted.expires,
        seal: Seal::Attested,
    };
    let deed = GateDeed::BreakGlass(Box::new(glass));
    let rule = signature_rule(desk.runbook()?, &deed);
    let deed = sealed(desk, deed, rule, sealing)?;
    let store = desk.enter("break glass").await?;
    Ok(store.gate_act(desk.service, desk.actor, &deed, Some(wanted.seen)).await?)
}

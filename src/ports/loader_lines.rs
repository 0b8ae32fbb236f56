//! The lines between dualrun and a loader's program.
//!
//! To the program, one JSON object a line, all of one entity and act, until the end of its input:
//! ```json
//! {"key":"9f…","act":"put","entity":"plans","external_id":"p-1","target_id":null,"record":{"external_id":"p-1","name":"Large",…}}
//! {"key":"c4…","act":"retire","entity":"plans","external_id":"p-9","target_id":"NC-009"}
//! ```
//! Of the flip it gets lines with other acts (`link_charge`, `confirm`, `attach_payment` and what undoes them: `unlink_charge`,
//! `redraft`, `detach_payment`; the source's program `switch_off` and `switch_on`), each about one subscription:
//! ```json
//! {"key":"1b…","act":"confirm","subscription":"sub-1","target_id":"S00017","change":{"step":"confirm","first_period_start":"2026-06-01","first_bill_day":"2026-07-01"}}
//! {"key":"7e…","act":"switch_off","subscription":"sub-1","change":{"step":"switch_off","billed_through":"2026-06-01"}}
//! ```
//! `billed_through` is the first day the source has not billed. No line carries a payment method: the target attaches its own.
//!
//! Back, one line for each record, in any order, carrying its key:
//! ```json
//! {"key":"9f…","result":"ok","target_id":"NC-001"}
//! {"key":"c4…","result":"rejected","reason":"still has an open invoice"}
//! {"key":"aa…","result":"unknown","reason":"the server did not answer"}
//! ```
//! Numbers are exact decimals as text, days are `2026-05-01`; `ended_on` and `trial_end` are the first day that no longer counts.
//! The same key twice is the same delivery twice: it must leave one record. A last line without an end is none.
//! What the program leaves running in its process group is ended half a second after it.

use super::loader::{FlipParcel, Parcel};
use crate::domain::contract::Entity;
use crate::domain::flip::{Content, FlipAct};
use crate::domain::import::Act;
use crate::domain::shadow::Shadow;
use crate::domain::side::Side;
use serde::{Deserialize, Serialize};

/// A line to the program.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Request {
    /// Names act, record and content.
    pub key: String,
    /// What to do.
    pub act: Act,
    /// With a record of which entity.
    pub entity: Entity,
    /// The source's id.
    pub external_id: String,
    /// The target's own id, where it is known.
    pub target_id: Option<String>,
    /// The content; absent where it is to be retired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Shadow>,
}

impl Request {
    /// The line of a parcel.
    pub fn of(parcel: &Parcel) -> Self {
        Self {
            key: parcel.key.clone(),
            act: parcel.act,
            entity: parcel.id.entity,
            external_id: parcel.id.external_id.clone(),
            target_id: parcel.target_id.clone(),
            record: parcel.record.clone(),
        }
    }
}

/// A line to the program about the flip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlipRequest {
    /// Names direction, subscription and content.
    pub key: String,
    /// What to do.
    pub act: FlipAct,
    /// Of which subscription, by its external id.
    pub subscription: String,
    /// The target's own id of it; absent in the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_id: Option<String>,
    /// What exactly; what undoes a change carries what it undoes.
    pub change: Content,
}

impl FlipRequest {
    /// The line of a parcel.
    pub fn of(parcel: &FlipParcel) -> Self {
        let step = parcel.change.step();
        Self {
            key: parcel.key.clone(),
            act: step.act(parcel.direction),
            subscription: parcel.change.subscription.clone(),
            target_id: (step.side() == Side::Target).then(|| parcel.change.target_id.clone()),
            change: parcel.change.content.clone(),
        }
    }
}

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Done.
    Ok,
    /// Refused.
    Rejected,
    /// Nobody knows.
    Unknown,
}

/// A line from the program. Further members are ignored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// The key of the request it answers.
    pub key: String,
    /// What became of it.
    pub result: Verdict,
    /// The target's own id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_id: Option<String>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

//! One change of one subscription: where, what exactly, and what undoes it.

use crate::domain::side::Side;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// The steps of a subscription's flip, in their order. Each is taken only where the one before it was read back, and undone only
/// where those after it are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The source bills it no more.
    SwitchOff,
    /// The charges of its plan are linked in the target.
    LinkCharge,
    /// Its shadow in the target becomes a subscription that bills.
    Confirm,
    /// The target may charge its customer's payment method. Last: until then no money moves.
    AttachPayment,
}

impl Step {
    /// All of them, in order.
    pub const ALL: [Self; 4] = [Self::SwitchOff, Self::LinkCharge, Self::Confirm, Self::AttachPayment];

    /// The word in files and on screens.
    pub const fn word(self) -> &'static str {
        match self {
            Self::SwitchOff => "switch_off",
            Self::LinkCharge => "link_charge",
            Self::Confirm => "confirm",
            Self::AttachPayment => "attach_payment",
        }
    }

    /// The step before it.
    pub const fn before(self) -> Option<Self> {
        match self {
            Self::SwitchOff => None,
            Self::LinkCharge => Some(Self::SwitchOff),
            Self::Confirm => Some(Self::LinkCharge),
            Self::AttachPayment => Some(Self::Confirm),
        }
    }

    /// The step after it.
    pub const fn after(self) -> Option<Self> {
        match self {
            Self::SwitchOff => Some(Self::LinkCharge),
            Self::LinkCharge => Some(Self::Confirm),
            Self::Confirm => Some(Self::AttachPayment),
            Self::AttachPayment => None,
        }
    }

    /// The side it changes.
    pub const fn side(self) -> Side {
        match self {
            Self::SwitchOff => Side::Source,
            _ => Side::Target,
        }
    }

    /// What is asked of whoever does it, or undoes it.
    pub const fn act(self, direction: Direction) -> FlipAct {
        match (self, direction) {
            (Self::SwitchOff, Direction::Forward) => FlipAct::SwitchOff,
            (Self::SwitchOff, Direction::Back) => FlipAct::SwitchOn,
            (Self::LinkCharge, Direction::Forward) => FlipAct::LinkCharge,
            (Self::LinkCharge, Direction::Back) => FlipAct::UnlinkCharge,
            (Self::Confirm, Direction::Forward) => FlipAct::Confirm,
            (Self::Confirm, Direction::Back) => FlipAct::Redraft,
            (Self::AttachPayment, Direction::Forward) => FlipAct::AttachPayment,
            (Self::AttachPayment, Direction::Back) => FlipAct::DetachPayment,
        }
    }
}

/// Towards the target, or back to the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The flip.
    Forward,
    /// The way back.
    Back,
}

/// What a program is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlipAct {
    /// In the source: bill it no more.
    SwitchOff,
    /// In the source: bill it again.
    SwitchOn,
    /// In the target: link the charges of its plan.
    LinkCharge,
    /// In the target: link them no more.
    UnlinkCharge,
    /// In the target: let it bill.
    Confirm,
    /// In the target: make it a draft again, which bills nothing.
    Redraft,
    /// In the target: attach the payment method the target itself has of the customer. dualrun knows none.
    AttachPayment,
    /// In the target: take it away again.
    DetachPayment,
}

impl FlipAct {
    /// The word in files and on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::SwitchOff => "switch_off",
            Self::SwitchOn => "switch_on",
            Self::LinkCharge => "link_charge",
            Self::UnlinkCharge => "unlink_charge",
            Self::Confirm => "confirm",
            Self::Redraft => "redraft",
            Self::AttachPayment => "attach_payment",
            Self::DetachPayment => "detach_payment",
        }
    }
}

/// What exactly a change is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case", deny_unknown_fields)]
pub enum Content {
    /// Of [`Step::SwitchOff`].
    SwitchOff {
        /// The first day the source has not billed: nothing from it on is the source's any more.
        billed_through: NaiveDate,
    },
    /// Of [`Step::LinkCharge`].
    LinkCharge {
        /// Its plan, by the target's own id.
        plan: String,
        /// What is metered, in byte order. Empty where the plan meters nothing: then the link says just that.
        metrics: Vec<String>,
    },
    /// Of [`Step::Confirm`].
    Confirm {
        /// First day of the first period the target bills.
        first_period_start: NaiveDate,
        /// Day of its first invoice.
        first_bill_day: NaiveDate,
    },
    /// Of [`Step::AttachPayment`].
    AttachPayment {
        /// Whose payment method, by the source's id, which both sides carry.
        customer: String,
    },
}

impl Content {
    /// Its step.
    pub const fn step(&self) -> Step {
        match self {
            Self::SwitchOff { .. } => Step::SwitchOff,
            Self::LinkCharge { .. } => Step::LinkCharge,
            Self::Confirm { .. } => Step::Confirm,
            Self::AttachPayment { .. } => Step::AttachPayment,
        }
    }
}

/// A change of one subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Whose: the external subscription id.
    pub subscription: String,
    /// The target's own id of it.
    pub target_id: String,
    /// What.
    pub content: Content,
}

impl Change {
    /// Its step.
    pub const fn step(&self) -> Step {
        self.content.step()
    }

    /// Names direction, subscription and content: the same change has the same key, whenever it is sent. `turn` tells a flip apart
    /// from another of the same subscription, after a back-out.
    pub fn key(&self, direction: Direction, turn: &str) -> String {
        let digest = crate::domain::gate::digest_of("flip change v1", &(self.step().act(direction), turn, self));
        digest.get(..32).unwrap_or_default().to_owned()
    }

    /// What is done in that direction, for people: `source: switch off, billed until 2026-06-01`.
    pub fn words(&self, direction: Direction) -> String {
        let shown = |text: &str| crate::domain::text::shown(text, 60);
        let what = match (&self.content, direction) {
            (Content::SwitchOff { billed_through }, Direction::Forward) => format!("bill it no more; it has billed up to {billed_through}"),
            (Content::SwitchOff { billed_through }, Direction::Back) => format!("bill it again, from {billed_through} on"),
            (Content::LinkCharge { plan, metrics }, Direction::Forward) if metrics.is_empty() => {
                format!("link its charges: plan {} meters nothing", shown(plan))
            }
            (Content::LinkCharge { plan, metrics }, Direction::Forward) => {
                format!("link the charges of plan {}: {}", shown(plan), metrics.iter().map(|m| shown(m)).collect::<Vec<_>>().join(", "))
            }
            (Content::LinkCharge { plan, .. }, Direction::Back) => format!("link the charges of plan {} no more", shown(plan)),
            (Content::Confirm { first_period_start, first_bill_day }, Direction::Forward) => {
                format!("confirm it: first period from {first_period_start}, first invoice on {first_bill_day}")
            }
            (Content::Confirm { .. }, Direction::Back) => "make it a draft again".to_owned(),
            (Content::AttachPayment { customer }, Direction::Forward) => format!("attach the payment method of customer {}", shown(customer)),
            (Content::AttachPayment { customer }, Direction::Back) => format!("take the payment method of customer {} away", shown(customer)),
        };
        format!("{}: {what}", self.step().side())
    }
}

//! Who bills a subscription, as each side says itself. What a side does not say is `None`, and never taken for a no.

use crate::domain::exact::Exact;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// A subscription's billing in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SourceBilling {
    /// Whether the source will bill it again.
    pub billing: Option<bool>,
    /// The first day it has not billed, whatever the side's own ends.
    pub billed_through: Option<NaiveDate>,
}

/// A subscription's billing in the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TargetBilling {
    /// Whether the target will bill it.
    pub billing: Option<bool>,
    /// First day of the first period it will bill; a draft may not have one yet.
    pub first_period_start: Option<NaiveDate>,
    /// Day of its first invoice; a draft may not have one yet.
    pub first_bill_day: Option<NaiveDate>,
    /// Whether it has a payment method.
    pub has_payment_token: Option<bool>,
    /// Whether its metered charges are linked.
    pub charge_linked: Option<bool>,
}

/// A payment the target captured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// For which subscription.
    pub subscription: String,
    /// The day; `None` where it cannot be read.
    pub on: Option<NaiveDate>,
    /// How much in major units, where it is said.
    pub amount: Option<Exact>,
}

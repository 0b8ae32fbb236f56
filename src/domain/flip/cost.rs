//! What backing a wave out costs.

use crate::domain::currency::Currency;
use std::collections::BTreeMap;

/// The cost of backing out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cost {
    /// Changes to be undone.
    pub changes: u64,
    /// Subscriptions they are of.
    pub subscriptions: u64,
    /// First invoices the source makes again instead, net, by currency, minor units.
    pub billed_again: BTreeMap<Currency, i64>,
    /// Documents the target has made already, which must be cancelled or credited there: how many, and their net by currency.
    pub documents: u64,
    /// Their net, by currency.
    pub to_credit: BTreeMap<Currency, i64>,
}

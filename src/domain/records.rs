//! The records of the contract as values, and how each is read from a row.
//! What a record's row cannot tell is a [`RowError`](super::decode::RowError); nothing is guessed.

mod catalogue;
mod documents;
mod evidence;
mod subscriptions;
pub mod tiers;

pub use catalogue::{Charge, ChargeModel, Customer, Interval, Link, Plan, Tax};
pub use documents::{Covered, DocumentKind, DocumentStatus, Invoice, InvoiceError, InvoiceLine, LineError, LineKind};
pub use subscriptions::{Subscription, SubscriptionRef, SubscriptionStatus, SubscriptionTerms, Usage, UsageError};

//! Typed values for the `:name` parameters of queries.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// A typed value for a query's `:name` parameter. Bound where the path can bind, else rendered by one function of typed literals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Parameter {
    /// A day, as a date.
    Date(NaiveDate),
    /// A moment, as a timestamp with its zone (UTC).
    Instant(DateTime<Utc>),
    /// A whole number.
    Integer(i64),
    /// Text.
    Text(String),
}

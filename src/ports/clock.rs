//! The clock, injected so that runs and reports can be repeated byte by byte.

use chrono::{DateTime, Utc};

/// Tells the time of this machine.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// Now.
    fn now(&self) -> DateTime<Utc>;
}

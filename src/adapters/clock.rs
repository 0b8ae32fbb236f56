//! This machine's clock.

use crate::ports::clock::Clock;
use chrono::{DateTime, Utc};

/// Tells the time of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "the one place that reads the machine's clock; everybody else is handed a Clock")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

//! Unreadable rows: counted whole, listed up to a bound.

use crate::domain::decode::RowError;

/// Rows that could not be read.
#[derive(Debug, Clone, Default)]
pub struct RowErrors {
    listed: Vec<RowError>,
    count: u64,
}

/// Rows kept for listing; the count goes on.
const LISTED: usize = 100_000;

impl RowErrors {
    /// Adds one.
    pub fn push(&mut self, error: RowError) {
        self.count += 1;
        if self.listed.len() < LISTED {
            self.listed.push(error);
        }
    }

    /// Adds all of another list.
    pub fn absorb(&mut self, other: Self) {
        self.count += other.count;
        let room = LISTED.saturating_sub(self.listed.len());
        self.listed.extend(other.listed.into_iter().take(room));
    }

    /// How many there are.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Those that are listed, sorted.
    pub fn sorted(mut self) -> Vec<RowError> {
        self.listed.sort();
        self.listed
    }

    /// Those that are listed.
    pub fn listed(&self) -> &[RowError] {
        &self.listed
    }
}

//! Runs the program of a command check: without a shell, within its bounds, and leaving nothing behind.

use crate::domain::gate::{CommandCheck, ProgramRun};
use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

/// Runs programs.
#[async_trait]
pub trait Runner: Send + Sync {
    /// Runs one to its end and says what was seen; that it could not be started, too, is something seen. The file that is started is
    /// found once, and its digest is that of the very file. What it leaves running is ended, or reported where it cannot be.
    async fn run(&self, command: &CommandCheck, cancel: &CancellationToken) -> ProgramRun;

    /// The file that would be started, absolute, with its digest; in words why there is none. Starts nothing.
    fn resolve(&self, command: &CommandCheck) -> Result<(String, String), String>;
}

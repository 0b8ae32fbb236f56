//! How long to wait for another program that writes the workspace, as the operator asked.

use crate::ports::workspace::{StoreError, Workspace, WorkspaceDoor, WorkspaceWriter};
use async_trait::async_trait;
use std::sync::Arc;
use std::time::Duration;

struct Waiting {
    door: Arc<dyn WorkspaceDoor>,
    wait: Duration,
}

/// The same door, whose lock is waited for so long whatever the use case would.
pub fn waiting(door: Arc<dyn WorkspaceDoor>, wait: Duration) -> Arc<dyn WorkspaceDoor> {
    Arc::new(Waiting { door, wait })
}

#[async_trait]
impl WorkspaceDoor for Waiting {
    async fn read(&self) -> Result<Option<Arc<dyn Workspace>>, StoreError> {
        self.door.read().await
    }

    async fn write(&self, purpose: &str, actor: &str, _: Duration) -> Result<Arc<dyn WorkspaceWriter>, StoreError> {
        self.door.write(purpose, actor, self.wait).await
    }
}

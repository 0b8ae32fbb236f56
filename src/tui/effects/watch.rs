//! Looks now and then whether another program wrote into the workspace: a look at the journal's head, which costs next to nothing and
//! wakes the terminal only where it is another one.

use crate::ports::workspace::{JournalHead, StoreError, WorkspaceDoor};
use crate::tui::msg::Msg;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::Sender;

/// Between two looks.
const EVERY: Duration = Duration::from_secs(2);

/// Looks until nobody listens any more. The first look is told as well: something may have been written since the book was read.
pub async fn watch(door: Arc<dyn WorkspaceDoor>, answers: Sender<Msg>) {
    let mut known = None;
    loop {
        let now = head(door.as_ref()).await;
        // What cannot be read is told by who reads it; that it can be read again is news.
        if known.as_ref() != Some(&now) {
            let hash = now.as_ref().ok().and_then(Option::as_ref).map(|head| head.hash.clone());
            if answers.send(Msg::Written(hash)).await.is_err() {
                return;
            }
            known = Some(now);
        }
        tokio::time::sleep(EVERY).await;
    }
}

async fn head(door: &dyn WorkspaceDoor) -> Result<Option<JournalHead>, StoreError> {
    match door.read().await? {
        Some(store) => store.journal_head().await.map(Some),
        None => Ok(None),
    }
}

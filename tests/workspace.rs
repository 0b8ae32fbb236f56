//! The workspace by its port: what was written comes back, pages are exact, one writer at a time.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed expectation of a test is a failed test")]

#[path = "workspace/child.rs"]
mod child;
#[path = "workspace/damage.rs"]
mod damage;
#[path = "workspace/explanations.rs"]
mod explanations;
#[path = "workspace/gates.rs"]
mod gates;
#[path = "workspace/locking.rs"]
mod locking;
#[path = "workspace/older.rs"]
mod older;
#[path = "workspace/paging.rs"]
mod paging;
#[path = "workspace/recovery.rs"]
mod recovery;
#[path = "workspace/reviews.rs"]
mod reviews;
#[path = "workspace/round_trip.rs"]
mod round_trip;
#[path = "workspace/sample.rs"]
mod sample;
#[path = "workspace/staging.rs"]
mod staging;

use dualrun::adapters::workspace::Door;
use dualrun::ports::workspace::{WorkspaceDoor, WorkspaceWriter};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

fn door(dir: &Path) -> Door {
    Door::new(dir, Arc::new(sample::Ticking::default()))
}

async fn writer(dir: &Path) -> Arc<dyn WorkspaceWriter> {
    door(dir).write("reconcile", "ana", Duration::from_secs(5)).await.unwrap()
}

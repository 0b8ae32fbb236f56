//! What a reader must not miss about a run: that it is no evidence, and why.

use crate::domain::run::{Run, RunState};

/// Loud words, one line each; none for a complete, full run read with roles that cannot write.
pub fn notices(run: &Run) -> Vec<String> {
    let mut lines = Vec::new();
    match run.state {
        RunState::Complete => {}
        RunState::Running => lines.push("RUNNING: this run has not ended; nothing of it counts".to_owned()),
        RunState::Incomplete => {
            let n = run.tally.rejected;
            let rows = if n == 1 { "1 row" } else { "rows" };
            let count = if n == 1 { String::new() } else { format!("{n} ") };
            lines.push(format!("INCOMPLETE: {count}{rows} could not be read; this run counts for nothing"));
        }
        RunState::Interrupted => lines.push("INTERRUPTED: stopped before its end; this run counts for nothing".to_owned()),
        RunState::Failed => {
            let why = run.failure.as_deref().unwrap_or("no reason was kept");
            lines.push(format!("FAILED: {why}; this run counts for nothing"));
        }
    }
    if run.request.dry_run {
        lines.push("DRY RUN: kept apart; it counts for nothing".to_owned());
    }
    if !run.request.only.is_empty() {
        lines.push(format!("PARTIAL: only {} named subscriptions; it counts for nothing", run.request.only.len()));
    }
    for snapshot in run.snapshots.iter().filter(|s| s.writable_role) {
        lines.push(format!("WRITABLE ROLE: the {} was read with a role that can write; the flip stays blocked", snapshot.side));
    }
    lines
}

/// The same for one column of a machine format: `complete`, `incomplete`, `complete dry_run partial` …
pub fn state_word(run: &Run) -> String {
    let mut words = vec![run.state.word()];
    if run.request.dry_run {
        words.push("dry_run");
    }
    if !run.request.only.is_empty() {
        words.push("partial");
    }
    if run.snapshots.iter().any(|s| s.writable_role) {
        words.push("writable_role");
    }
    words.join(" ")
}

//! `inertness`: looks now whether anything in the target could bill, send or charge.

use super::out;
use crate::app::inertness::look_now;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::{Exit, signals};
use crate::report::import_plan::{inertness_lines, inertness_object};
use std::time::Duration;

/// Runs it. What is not proven inert is exit code 1.
pub async fn run(context: &Context) -> Result<Exit, CliError> {
    let cancel = signals::cancel_on_signal();
    let settings = context.settings()?;
    let project = context.project(&settings)?;
    let seen = look_now(&project, Duration::from_secs(5), &cancel).await?;
    if context.json() {
        out::json(&inertness_object(&seen))?;
    } else {
        out::lines(inertness_lines(&seen))?;
        out::say(if seen.holds() {
            "the target is inert"
        } else {
            "the target is not proven inert: stop in the target what these count; until then the flip stays blocked"
        });
    }
    Ok(if seen.holds() { Exit::Clean } else { Exit::Differences })
}

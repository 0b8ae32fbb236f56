//! `explain --fixes`: the few corrections that would close most, and what each would do.

use crate::app::explain::{Explainer, fixes};
use crate::cli::commands::out;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::{Exit, signals};
use crate::domain::run::Run;
use crate::domain::verdict::Verdict;
use crate::ports::workspace::Workspace;
use crate::present::fixes::lines;
use crate::report::fixes::object;
use serde_json::json;

/// Prints them. Exit code 1 where rows differ, whatever would close them.
pub async fn print(context: &Context, store: &dyn Workspace, run: &Run, explainer: Explainer) -> Result<Exit, CliError> {
    let cancel = signals::cancel_on_signal();
    let found = fixes(store, run, explainer, &cancel).await?;
    if context.json() {
        let mut all = object(&found);
        (all["run"], all["period"]) = (json!(run.id), json!(run.request.month));
        out::json(&all)?;
    } else {
        out::lines(lines(&found))?;
    }
    let differ = Verdict::ALL.into_iter().any(|v| v.differs() && run.tally.counts.of(v) > 0);
    Ok(if differ { Exit::Differences } else { Exit::Clean })
}

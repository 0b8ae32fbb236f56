//! `audit verify`: walks the journal's hash chain, and holds every decision against it.

use super::out;
use crate::cli::Exit;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use serde_json::json;

/// An entry that does not hold is the error.
pub async fn verify(context: &Context) -> Result<Exit, CliError> {
    let settings = context.settings()?;
    let store = context.workspace(&settings.dir).await?;
    let head = store.verify_journal().await?;
    if context.json() {
        out::json(&json!({ "holds": true, "length": head.length, "head": head.hash }))?;
    } else {
        out::lines([
            format!("the journal holds: {} entries, head {}", head.length, head.hash),
            "whoever holds the file could rebuild the whole chain: compare the head with one printed in an older report".to_owned(),
        ])?;
    }
    Ok(Exit::Clean)
}

//! `config check`, `config schema` and `config runbook-schema`.

use super::out;
use crate::cli::Exit;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::config;
use serde_json::json;

/// Reads the configuration; whatever is wrong with it is the error. No secret is fetched.
pub fn check(context: &Context) -> Result<Exit, CliError> {
    let settings = context.settings()?;
    // The operator's own file is told of where there is something wrong with it.
    context.wiring.keys(&context.user()?)?;
    let file = settings.path.to_string_lossy();
    if context.json() {
        out::json(&json!({ "file": file, "service": settings.service.service, "digest": settings.digest }))?;
    } else {
        let shown = crate::domain::text::shown(&file, 200);
        out::lines([format!("{shown}: sound"), format!("digest {}", settings.digest)])?;
    }
    Ok(Exit::Clean)
}

/// Prints the JSON schema.
pub fn schema() -> Result<Exit, CliError> {
    out::json(&config::schema())?;
    Ok(Exit::Clean)
}

/// Prints the JSON schema of the runbook.
pub fn runbook_schema() -> Result<Exit, CliError> {
    out::json(&config::runbook_schema())?;
    Ok(Exit::Clean)
}

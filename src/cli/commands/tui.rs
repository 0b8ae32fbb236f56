//! `tui`: opens the terminal.

use crate::cli::Exit;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use std::io::IsTerminal as _;

/// Signals are the terminal's own to handle: it must put the screen back first.
pub async fn run(context: &Context) -> Result<Exit, CliError> {
    if !(std::io::stdin().is_terminal() && std::io::stdout().is_terminal()) {
        return Err(CliError::Usage("the terminal needs stdin and stdout to be one — dualrun status tells the same in lines".to_owned()));
    }
    let user = context.user()?;
    let settings = context.settings()?;
    let project = context.project(&settings)?;
    context.wiring.terminal(&settings, project, &user).await?;
    Ok(Exit::Clean)
}

//! `tui`: opens the terminal.

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::{Exit, Opening};
use std::io::IsTerminal as _;

/// Whether a screen can be drawn here: both streams are a terminal, and one that can move its cursor.
pub fn can_draw() -> bool {
    is_terminal() && !is_dumb()
}

fn is_terminal() -> bool {
    std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
}

fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}

/// Signals are the terminal's own to handle: it must put the screen back first.
pub async fn run(context: &Context, opening: Opening) -> Result<Exit, CliError> {
    if !is_terminal() {
        return Err(CliError::Usage("the terminal needs stdin and stdout to be one — dualrun status tells the same in lines".to_owned()));
    }
    if is_dumb() {
        let words = "this terminal cannot move its cursor (TERM=dumb) — dualrun status tells the same in lines; or say in TERM what it is";
        return Err(CliError::Usage(words.to_owned()));
    }
    let user = context.user()?;
    let settings = context.settings()?;
    let project = context.project(&settings)?;
    context.wiring.terminal(&settings, project, (&user, opening)).await?;
    Ok(Exit::Clean)
}

//! `completions SHELL`: what a shell needs to complete dualrun's words.

use super::out;
use crate::cli::Exit;
use crate::cli::args::{Cli, CompletionsArgs};
use crate::cli::error::CliError;
use clap::CommandFactory as _;

/// Prints it.
pub fn run(args: CompletionsArgs) -> Result<Exit, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "dualrun", &mut script);
    out::bytes(&script)?;
    Ok(Exit::Clean)
}

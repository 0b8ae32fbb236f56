//! `man`: the manual page of every command, as one document for `man -l -`.

use super::out;
use crate::cli::Exit;
use crate::cli::args::Cli;
use crate::cli::error::CliError;
use clap::CommandFactory as _;

/// Prints it.
pub fn run() -> Result<Exit, CliError> {
    let mut page = Vec::new();
    let mut command = Cli::command();
    command.build();
    clap_mangen::Man::new(command.clone()).render(&mut page).map_err(CliError::unexpected)?;
    for sub in command.get_subcommands().filter(|c| c.get_name() != "help") {
        let name = format!("dualrun-{}", sub.get_name());
        clap_mangen::Man::new(sub.clone().name(name)).render(&mut page).map_err(CliError::unexpected)?;
    }
    out::bytes(&page)?;
    Ok(Exit::Clean)
}

//! The commands, one file each.

mod audit;
mod cases;
mod checks;
mod completions;
mod config;
mod demo;
mod doctor;
mod explain;
mod flip;
mod gates;
mod import;
mod inertness;
mod init;
mod man;
mod note;
mod reconcile;
mod report;
mod resolve;
mod standing;
mod status;
mod tui;
mod waive;

use super::args::{AuditCommand, CasesCommand, Command, ConfigCommand, GatesArgs};
use super::context::Context;
use super::error::CliError;
use super::{Exit, out};

/// Runs a command.
pub async fn run(context: Context, command: Command) -> Result<Exit, CliError> {
    match command {
        Command::Demo(args) => demo::run(&context, &args).await,
        Command::Init(args) => init::run(&context, &args),
        Command::Doctor => doctor::run(&context).await,
        Command::Import(args) => Box::pin(import::run(&context, &args)).await,
        Command::Inertness => inertness::run(&context).await,
        Command::Reconcile(args) => reconcile::run(&context, &args).await,
        Command::Status => status::run(&context).await,
        Command::Gates(GatesArgs { command: None }) => gates::run(&context).await,
        Command::Gates(GatesArgs { command: Some(command) }) => Box::pin(checks::run(&context, &command)).await,
        Command::Flip(args) => Box::pin(flip::run(&context, &args)).await,
        Command::Explain(args) => Box::pin(explain::run(&context, &args)).await,
        Command::Waive(args) => Box::pin(waive::run(&context, &args)).await,
        Command::Note(args) => note::run(&context, &args).await,
        Command::Resolve(args) => resolve::run(&context, &args).await,
        Command::Report(args) => report::run(&context, &args).await,
        Command::Cases(CasesCommand::Run(args)) => cases::run(&context, &args),
        Command::Audit(AuditCommand::Verify) => audit::verify(&context).await,
        Command::Config(ConfigCommand::Check) => config::check(&context),
        Command::Config(ConfigCommand::Schema) => config::schema(),
        Command::Config(ConfigCommand::RunbookSchema) => config::runbook_schema(),
        Command::Completions(args) => completions::run(args),
        Command::Man => man::run(),
        Command::Tui => tui::run(&context).await,
    }
}

//! The commands, one file each.

mod audit;
mod cases;
mod checks;
mod completions;
mod config;
mod demo;
mod doctor;
mod dossier;
mod explain;
mod flip;
mod gates;
mod import;
mod inertness;
mod init;
mod keys;
mod man;
mod note;
mod opening;
mod reconcile;
mod report;
mod resolve;
mod sign;
mod standing;
mod status;
mod tui;
mod verify;
mod waive;

use super::args::{
    AuditCommand, CasesCommand, Command, ConfigCommand, FlipCommand, GatesArgs, GatesCommand, ImportCommand, ParkedCommand, WaiveCommand,
};
use super::context::Context;
use super::error::CliError;
use super::{Exit, Opening, out};

/// What a command came to, and the line to end with where it acted: where the journal stands then. Whoever keeps that line can prove a
/// later change.
pub type Ended = (Result<Exit, CliError>, Option<String>);

/// Runs a command.
pub async fn run(context: Context, command: Command) -> Ended {
    let acts = acts(&command);
    let result = run_one(&context, command).await;
    let tells = acts && !matches!(result, Err(CliError::ClosedPipe | CliError::Config(_)));
    let last = if tells { journal_line(&context).await } else { None };
    (result, last)
}

/// Whether a command may have written to the workspace.
fn acts(command: &Command) -> bool {
    match command {
        Command::Reconcile(_) | Command::Inertness => true,
        // Whatever is done about it, and a wave that is checked, leaves an act or a run that is kept apart.
        Command::Flip(args) => args.wave.is_some() || !matches!(args.command, None | Some(FlipCommand::Show { .. } | FlipCommand::Simulate)),
        Command::Import(args) => {
            args.apply || matches!(args.command, Some(ImportCommand::Parked(ParkedCommand::Retry { .. } | ParkedCommand::Drop { .. })))
        }
        Command::Waive(args) => args.apply || matches!(args.command, Some(WaiveCommand::Confirm { .. } | WaiveCommand::Revoke { .. })),
        Command::Note(args) => args.text.is_some() || args.owner.is_some(),
        Command::Resolve(args) => args.apply,
        Command::Gates(args) => !matches!(args.command, None | Some(GatesCommand::Check)),
        Command::Sign(args) => args.command.is_none() && !args.message,
        _ => false,
    }
}

async fn journal_line(context: &Context) -> Option<String> {
    let settings = context.settings().ok()?;
    // What keeps the workspace from being opened was the command's own error.
    let store = context.wiring.door(&settings.dir).read().await.ok()??;
    Some(match store.journal_head().await {
        Ok(head) => format!("journal {} entries, head {}", head.length, head.hash),
        Err(error) => format!("journal: {error}"),
    })
}

async fn run_one(context: &Context, command: Command) -> Result<Exit, CliError> {
    match command {
        Command::Demo(args) => Box::pin(demo::run(context, &args)).await,
        Command::Init(args) => init::run(context, &args).await,
        Command::Doctor => doctor::run(context).await,
        Command::Import(args) => Box::pin(import::run(context, &args)).await,
        Command::Inertness => inertness::run(context).await,
        Command::Reconcile(args) => Box::pin(reconcile::run(context, &args)).await,
        Command::Status => status::run(context).await,
        Command::Gates(GatesArgs { command: None }) => gates::run(context).await,
        Command::Gates(GatesArgs { command: Some(command) }) => Box::pin(checks::run(context, &command)).await,
        Command::Flip(args) => Box::pin(flip::run(context, &args)).await,
        Command::Explain(args) => Box::pin(explain::run(context, &args)).await,
        Command::Waive(args) => Box::pin(waive::run(context, &args)).await,
        Command::Note(args) => note::run(context, &args).await,
        Command::Resolve(args) => resolve::run(context, &args).await,
        Command::Sign(args) => Box::pin(sign::run(context, &args)).await,
        Command::Report(args) => Box::pin(report::run(context, &args)).await,
        Command::Verify(args) => verify::run(context, &args),
        Command::Cases(CasesCommand::Run(args)) => cases::run(context, &args),
        Command::Audit(AuditCommand::Verify { against }) => audit::verify(context, &against).await,
        Command::Config(ConfigCommand::Check) => config::check(context),
        Command::Config(ConfigCommand::Schema) => config::schema(),
        Command::Config(ConfigCommand::RunbookSchema) => config::runbook_schema(),
        Command::Keys(args) => keys::run(context, &args),
        Command::Completions(args) => completions::run(args),
        Command::Man => man::run(),
        Command::Tui => tui::run(context, Opening::Plain).await,
    }
}

//! What `gates` takes.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `gates`.
#[derive(Debug, Clone, Args)]
pub struct GatesArgs {
    /// What is done with the checks of runbook.toml, instead of saying what blocks
    #[command(subcommand)]
    pub command: Option<GatesCommand>,
}

/// `gates …`.
#[derive(Debug, Clone, Subcommand)]
pub enum GatesCommand {
    /// Make checks and keep what was seen as evidence; manual ones are left to `gates attest`
    Run(GatesRunArgs),
    /// Say that a manual check holds, or does not
    Attest(GatesAttestArgs),
    /// Look whether the checks can be made: every query is prepared on its server, every program looked for. Runs and keeps nothing
    Check,
}

/// `gates run`.
#[derive(Debug, Clone, Args)]
pub struct GatesRunArgs {
    /// Only these stages and checks
    #[arg(value_name = "STAGE[/CHECK]")]
    pub what: Vec<String>,
    /// The environment it is evidence of; else the runbook's own
    #[arg(long, value_name = "NAME")]
    pub environment: Option<String>,
    /// How long to wait for another dualrun that writes this workspace
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    pub wait: u64,
}

/// `gates attest`.
#[derive(Debug, Clone, Args)]
pub struct GatesAttestArgs {
    /// The check
    #[arg(value_name = "STAGE/CHECK")]
    pub what: String,
    /// What was looked at and found
    #[arg(long, value_name = "TEXT")]
    pub note: String,
    /// A file that shows it; its digest is kept, not the file
    #[arg(long, value_name = "FILE")]
    pub attach: Option<PathBuf>,
    /// The statement does not hold
    #[arg(long)]
    pub fails: bool,
    /// The environment it is evidence of; else the runbook's own
    #[arg(long, value_name = "NAME")]
    pub environment: Option<String>,
    /// How long to wait for another dualrun that writes this workspace
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    pub wait: u64,
}

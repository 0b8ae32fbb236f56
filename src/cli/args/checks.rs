//! What `gates` takes.

use super::signing::VouchWith;
use clap::{Args, Subcommand};
use std::path::PathBuf;
use std::time::Duration;

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
    /// Accept a check that does not pass, for what was seen of it; counts once a second person confirms it
    Waive(GatesWaiveArgs),
    /// Agree, as a second person, that a check is waived or the glass is broken
    Confirm(GatesConfirmArgs),
    /// Open the flip although gates do not hold: two people, and a stamp on every later report
    BreakGlass(GatesBreakArgs),
}

/// `gates waive`.
#[derive(Debug, Clone, Args)]
pub struct GatesWaiveArgs {
    /// The check
    #[arg(value_name = "STAGE/CHECK")]
    pub what: String,
    /// Why it is accepted
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// How long: 30m, 24h, 7d
    #[arg(long = "for", value_name = "DURATION", value_parser = humantime::parse_duration)]
    pub lasting: Duration,
    /// The environment its evidence is of; else the runbook's own
    #[arg(long, value_name = "NAME")]
    pub environment: Option<String>,
    /// How it is signed: where the runbook asks for no signature, the name will do
    #[command(flatten)]
    pub with: VouchWith,
    /// How long to wait for another dualrun that writes this workspace
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    pub wait: u64,
}

/// `gates confirm`.
#[derive(Debug, Clone, Args)]
pub struct GatesConfirmArgs {
    /// The number of the act
    #[arg(value_name = "ACT")]
    pub act: i64,
    /// The phrase that agrees to the terms; without it they are shown and nothing is done
    #[arg(long, value_name = "PHRASE")]
    pub confirm: Option<String>,
    /// How it is signed: where the runbook asks for no signature, the name will do
    #[command(flatten)]
    pub with: VouchWith,
    /// How long to wait for another dualrun that writes this workspace
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    pub wait: u64,
}

/// `gates break-glass`.
#[derive(Debug, Clone, Args)]
pub struct GatesBreakArgs {
    /// Why it cannot wait
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// How long it is open, 24 hours at most
    #[arg(long = "for", value_name = "DURATION", default_value = "2h", value_parser = humantime::parse_duration)]
    pub lasting: Duration,
    /// The phrase that names the reasons and their money; without it they are shown, and nothing is done
    #[arg(long, value_name = "PHRASE")]
    pub confirm: Option<String>,
    /// How it is signed: where the runbook asks for no signature, the name will do
    #[command(flatten)]
    pub with: VouchWith,
    /// How long to wait for another dualrun that writes this workspace
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    pub wait: u64,
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

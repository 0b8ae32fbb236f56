//! `sign`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

const SIGNATURES: &str = "\
A sign-off counts for exactly what was shown: when the gate, the configuration, the data, the run, a decision, a piece of evidence, what
would be acted on (databases, loaders, keys) or this program is another, it counts no more, and dualrun says what changed. Two different people sign, each in a role of theirs; who last
changed the configuration or a waiver does not count. The key is looked for in allowed_signers by the person's ssh_principal: --key names
its file, else ssh-agent signs. A key held elsewhere signs too:
  dualrun sign STAGE --message > m; ssh-keygen -Y sign -n dualrun-signoff -f KEY m; dualrun sign STAGE --signature m.sig";

/// `sign`.
#[derive(Debug, Clone, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true, after_long_help = SIGNATURES)]
pub struct SignArgs {
    /// What is done with sign-offs, instead of signing
    #[command(subcommand)]
    pub command: Option<SignCommand>,
    /// The stage
    #[arg(value_name = "STAGE", required_unless_present = "withdraw")]
    pub stage: Option<String>,
    /// In which role; else the first of yours that is open
    #[arg(long, value_name = "ROLE")]
    pub role: Option<String>,
    /// In which environment; else the runbook's
    #[arg(long, value_name = "NAME")]
    pub environment: Option<String>,
    /// Say no: the stage does not pass while that stands
    #[arg(long, requires = "reason", conflicts_with_all = ["withdraw", "role"])]
    pub no_go: bool,
    /// Take an act back: a sign-off, a waiver of a check, a breaking of the glass, or a no-go of your own
    #[arg(long, value_name = "ACT", requires = "reason", conflicts_with_all = ["role", "environment", "stage"])]
    pub withdraw: Option<i64>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// How it is signed
    #[command(flatten)]
    pub with: SignWith,
    /// Print what would be signed, byte by byte, and sign nothing
    #[arg(long, conflicts_with_all = ["no_go", "withdraw"])]
    pub message: bool,
    /// Sign without asking
    #[arg(long, short = 'y')]
    pub yes: bool,
    /// How long to wait for another dualrun that writes this workspace
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    pub wait: u64,
}

/// What signs.
#[derive(Debug, Clone, Args)]
pub struct SignWith {
    /// A key, or none
    #[command(flatten)]
    pub by: VouchWith,
    /// A signature that ssh-keygen -Y sign made of the --message
    #[arg(long, value_name = "FILE", conflicts_with_all = ["key", "attested"])]
    pub signature: Option<PathBuf>,
}

/// How a word that opens something is vouched for.
#[derive(Debug, Clone, Args)]
pub struct VouchWith {
    /// The private key's file; else ssh-agent signs
    #[arg(long, value_name = "FILE", conflicts_with = "attested")]
    pub key: Option<PathBuf>,
    /// Its passphrase is the first line of this file (mode 0600) or descriptor (/dev/fd/3); else it is asked for
    #[arg(long, value_name = "FILE", requires = "key")]
    pub passphrase_file: Option<PathBuf>,
    /// By the name alone, where the runbook lets it
    #[arg(long)]
    pub attested: bool,
}

/// `sign …`.
#[derive(Debug, Clone, Subcommand)]
pub enum SignCommand {
    /// Say all sign-offs, and what changed since
    List,
    /// Verify every signature that is kept, by allowed_signers as it is now
    Verify {
        /// Another file of principals and keys than the project's
        #[arg(long, value_name = "FILE")]
        allowed_signers: Option<PathBuf>,
    },
    /// Write the message and signature of a sign-off, a waiver of a check, broken glass or an agreement, and the ssh-keygen command
    /// that checks them
    Export {
        /// Its number
        #[arg(value_name = "ACT")]
        act: i64,
        /// Into this directory
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
}

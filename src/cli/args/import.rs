//! `import`, as it is typed.

use clap::{Args, Subcommand};

const LOADER_LINES: &str = "\
A loader's program (loader = \"command\") gets JSON lines on stdin until they end, and prints one line for each, in any order:
  {\"key\":\"9f…\",\"act\":\"put\",\"entity\":\"plans\",\"external_id\":\"p-1\",\"target_id\":null,\"record\":{\"external_id\":\"p-1\",…}}
  {\"key\":\"c4…\",\"act\":\"retire\",\"entity\":\"plans\",\"external_id\":\"p-9\",\"target_id\":\"NC-009\"}
  → {\"key\":\"9f…\",\"result\":\"ok\",\"target_id\":\"NC-001\"}
  → {\"key\":\"c4…\",\"result\":\"rejected\",\"reason\":\"still has an open invoice\"}, or \"unknown\" where it does not know
It takes a record by its external_id: the same line twice must leave one record. Its stderr goes to .dualrun/loader.log. What it
leaves running in its process group is ended with it. Whatever it answers, the target is read and each record held against it.";

/// `import`.
#[derive(Debug, Clone, Args)]
#[command(args_conflicts_with_subcommands = true, after_long_help = LOADER_LINES)]
pub struct ImportArgs {
    /// What is parked, instead of an import
    #[command(subcommand)]
    pub command: Option<ImportCommand>,
    /// Stage what the plan shows and hand it to the target; without this nothing is changed
    #[arg(long)]
    pub apply: bool,
    /// Only where what would be done is still what was looked at (with the same --retire)
    #[arg(long, value_name = "DIGEST", requires = "apply")]
    pub plan: Option<String>,
    /// Only these subscriptions, with the customers and plans they need
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Inactive plans and subscriptions too
    #[arg(long)]
    pub all: bool,
    /// Retire what should not be in the target
    #[arg(long, conflicts_with = "stage_only")]
    pub retire: bool,
    /// Stage, and hand nothing to the target
    #[arg(long, requires = "apply")]
    pub stage_only: bool,
    /// How long to wait for another dualrun, or for a loader's program of an earlier import
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    pub wait: u64,
}

/// `import …`.
#[derive(Debug, Clone, Subcommand)]
pub enum ImportCommand {
    /// Records that are not tried again until somebody says so
    #[command(subcommand)]
    Parked(ParkedCommand),
}

/// `import parked …`.
#[derive(Debug, Clone, Subcommand)]
pub enum ParkedCommand {
    /// Say which, with why
    List,
    /// Hand them over again with the next import
    Retry {
        /// These; all of them where none is named
        #[arg(value_name = "ID")]
        ids: Vec<String>,
    },
    /// Give them up until their content changes
    Drop {
        /// These; all of them where none is named
        #[arg(value_name = "ID")]
        ids: Vec<String>,
    },
}

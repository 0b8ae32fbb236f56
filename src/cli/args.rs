//! What can be typed. Plain values only: resolving them happens in the commands, once.

mod checks;
mod flip;
mod import;
mod signing;
mod verify;

pub use checks::{GatesArgs, GatesAttestArgs, GatesBreakArgs, GatesCommand, GatesConfirmArgs, GatesRunArgs, GatesWaiveArgs};
pub use flip::{FlipArgs, FlipCommand, ReasonArgs, WaveArgs};
pub use import::{ImportArgs, ImportCommand, ParkedCommand};
pub use signing::{SignArgs, SignCommand, SignWith, VouchWith};
pub use verify::VerifyArgs;

use crate::config::user::ThemeName;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// The terminal for moving a company's billing: dual run, reconciliation, gates and flip, read-only on both sides.
#[derive(Debug, Parser)]
#[command(name = "dualrun", version, about, long_about = None, max_term_width = 110, after_help = EXIT_CODES)]
pub struct Cli {
    /// What holds for every command.
    #[command(flatten)]
    pub global: Global,
    /// The command; without one the terminal opens.
    #[command(subcommand)]
    pub command: Option<Command>,
}

const EXIT_CODES: &str = "Exit codes: 0 clean · 1 differences, or a gate that does not pass · 2 usage or configuration · \
3 a database unreachable or refused · 4 incomplete data · 70 a bug";

/// Options every command takes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "For every command")]
pub struct Global {
    /// Directory of the project (where dualrun.toml is)
    #[arg(short = 'C', long = "directory", value_name = "DIR", global = true, default_value = ".")]
    pub directory: PathBuf,
    /// Who acts; else the login name. Attested, not signed
    #[arg(long = "as", value_name = "OPERATOR", global = true, env = "DUALRUN_OPERATOR", hide_env_values = true)]
    pub operator: Option<String>,
    /// How the result is printed
    #[arg(long, value_enum, value_name = "FORMAT", global = true, default_value = "text")]
    pub format: Format,
    /// Let in a database role that can write; stamped on every report, and the flip stays blocked
    #[arg(long, global = true)]
    pub allow_writable_role: bool,
    /// Colours of the terminal: dark, light, high_contrast, mono; else as the operator's own file says, else by the terminal
    #[arg(long, value_name = "THEME", global = true, value_parser = theme)]
    pub theme: Option<ThemeName>,
    /// No colours (as with `NO_COLOR`)
    #[arg(long, global = true)]
    pub no_color: bool,
    /// No progress on stderr
    #[arg(long, short = 'q', global = true)]
    pub quiet: bool,
}

fn theme(word: &str) -> Result<ThemeName, String> {
    ThemeName::named(word).ok_or_else(|| format!("known: {}", ThemeName::ALL.map(ThemeName::word).join(", ")))
}

/// How a result is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// One JSON object.
    Json,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Build the demo and open it
    Demo(DemoArgs),
    /// Write a commented dualrun.toml and its JSON schema
    Init(InitArgs),
    /// Reach both databases, prove they are read-only, judge every query
    Doctor,
    /// Show what would be carried over to the target as drafts; with --apply, do it
    Import(ImportArgs),
    /// Look whether anything in the target could bill, send or charge
    Inertness,
    /// Read both sides in one snapshot each, rate, pair and judge
    Reconcile(ReconcileArgs),
    /// How the newest and the current run of each month stand
    Status,
    /// What blocks the flip; with a word behind it, the runbook's checks
    Gates(GatesArgs),
    /// How the flip stands: what blocks, waves; plan, check, apply and undo them
    Flip(FlipArgs),
    /// Why rows differ: causes with what they stand on, and the way from actual to expected
    Explain(ExplainArgs),
    /// Accept rows that differ: shows what it would touch; with --apply, makes a waiver for a second person to confirm
    Waive(WaiveArgs),
    /// Say a word about a row, or whose task it is
    Note(NoteArgs),
    /// Say that rows are mended: shows what it would touch; with --apply, does it
    Resolve(ResolveArgs),
    /// Sign a stage of the runbook: shows what is signed, asks, and binds the sign-off to exactly that
    Sign(SignArgs),
    /// Write a run as text, CSV, JSON or JSON lines, or all of it as a dossier
    Report(ReportArgs),
    /// Verify a dossier, with no database and no workspace
    Verify(VerifyArgs),
    /// Worked cases of billing arithmetic
    #[command(subcommand)]
    Cases(CasesCommand),
    /// The journal
    #[command(subcommand)]
    Audit(AuditCommand),
    /// The configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    /// The terminal's keys, as this operator has them, and where other keys are written
    Keys(KeysArgs),
    /// Print completions for a shell
    Completions(CompletionsArgs),
    /// Print the manual page
    Man,
    /// Open the terminal
    Tui,
}

/// `keys`.
#[derive(Debug, Clone, Args)]
pub struct KeysArgs {
    /// As the page of the documentation, of the keys as they are made
    #[arg(long)]
    pub markdown: bool,
}

/// `demo`.
#[derive(Debug, Clone, Args)]
pub struct DemoArgs {
    /// Build it here (an empty or new directory) instead of a private temporary one
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// Only build it: no reconciliation, no terminal
    #[arg(long)]
    pub setup_only: bool,
    /// Build from a folder of CSV files in the format of the specimen book
    #[arg(long, value_name = "DIR", conflicts_with = "subscriptions")]
    pub book: Option<PathBuf>,
    /// Add records that cannot be read, to see how they are listed
    #[arg(long, requires = "book")]
    pub bad: bool,
    /// A large made-up book of so many subscriptions
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=20_000_000))]
    pub subscriptions: Option<u64>,
    /// Seed of the large book
    #[arg(long, value_name = "S", default_value_t = 1, requires = "subscriptions")]
    pub seed: u64,
    /// Months of the large book
    #[arg(long, value_name = "M", default_value_t = 1, requires = "subscriptions", value_parser = clap::value_parser!(u32).range(1..=120))]
    pub months: u32,
    /// Write the book as two scripts for psql instead: into OUT, else into --dir. Opens nothing
    #[arg(long, value_name = "OUT")]
    #[allow(clippy::option_option, reason = "not asked for, asked for without a place, asked for with one")]
    pub as_sql: Option<Option<PathBuf>>,
}

/// `init`.
#[derive(Debug, Clone, Args)]
pub struct InitArgs {
    /// Where; else the directory of -C
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// Kind of database both sides start with; postgres where none is named
    #[arg(long, value_enum)]
    pub kind: Option<InitKind>,
    /// Start from one of the whole runbooks instead of a small one: alga, nexacloud-odoo. Where dualrun.toml is there already, only
    /// the runbook is written
    #[arg(long, value_name = "NAME")]
    pub runbook: Option<String>,
}

/// Kinds of database `init` can write for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum InitKind {
    /// PostgreSQL servers.
    Postgres,
    /// `SQLite` files.
    Sqlite,
}

/// `reconcile`.
#[derive(Debug, Clone, Args)]
pub struct ReconcileArgs {
    /// Month by the service's zone: 2026-05, `previous`, or 2026-01..2026-05 (one run a month over one snapshot)
    #[arg(long, value_name = "PERIOD", default_value = "previous")]
    pub period: String,
    /// Only these subscriptions; such a run never counts as evidence
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Compare and show, but never become the current run
    #[arg(long)]
    pub dry_run: bool,
    /// Check the month's current run again over a new snapshot
    #[arg(long, conflicts_with_all = ["only", "dry_run"])]
    pub recheck: bool,
    /// How long to wait for another dualrun that writes this workspace
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    pub wait: u64,
}

/// `explain`.
#[derive(Debug, Clone, Args)]
pub struct ExplainArgs {
    /// Subscriptions, as they are written in the table
    #[arg(value_name = "ID", required_unless_present_any = ["all", "fixes", "since", "calibrate"], conflicts_with_all = ["all", "fixes", "since", "calibrate"])]
    pub ids: Vec<String>,
    /// Every row that differs, what all of them come to together, and usage far from a subscription's own other months
    #[arg(long, conflicts_with = "calibrate")]
    pub all: bool,
    /// The few corrections that would close most of the run (prices, rules of the target, mappings, what subscriptions carry), and
    /// what each would do to matches, net and gross: every row it touches is rated anew, those that match today among them
    #[arg(long, conflicts_with_all = ["all", "since", "calibrate"])]
    pub fixes: bool,
    /// What changed since an earlier run of the month (since the one before, where no number is given): usage, prices, subscriptions,
    /// documents and rows, and how far each moved the deltas
    #[arg(long, value_name = "RUN", num_args = 0..=1, conflicts_with_all = ["all", "calibrate"])]
    #[allow(clippy::option_option, reason = "asked for or not, and with a number or without")]
    pub since: Option<Option<i64>>,
    /// This run; else the current one of the period
    #[arg(long, value_name = "N", conflicts_with_all = ["period", "calibrate"])]
    pub run: Option<i64>,
    /// The current run of this month (2026-05 or `previous`); else of the newest month
    #[arg(long, value_name = "PERIOD", conflicts_with = "calibrate")]
    pub period: Option<String>,
    /// Write each rating of these subscriptions into this folder as a case that `cases run` replays; the customer is replaced
    #[arg(long, value_name = "DIR", conflicts_with_all = ["all", "calibrate"])]
    pub export: Option<PathBuf>,
    /// Write over cases that are there and say something else
    #[arg(long, requires = "export")]
    pub force: bool,
    /// Measure the explainer itself: known causes named, noise left alone. Needs no project
    #[arg(long)]
    pub calibrate: bool,
    /// Rows of each kind of a made-up book
    #[arg(long, value_name = "N", default_value_t = 10_000, requires = "calibrate", value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    pub rows: u64,
    /// Seed of the made-up book
    #[arg(long, value_name = "S", default_value_t = 1, requires = "calibrate")]
    pub seed: u64,
    /// A book of CSV files with a labels.csv (period, subscription_id, cause, parameters) instead of a made-up one
    #[arg(long, value_name = "DIR", requires = "calibrate", conflicts_with_all = ["rows", "seed"])]
    pub book: Option<PathBuf>,
}

/// Which run is looked at.
#[derive(Debug, Clone, Args)]
pub struct RunArgs {
    /// This run; else the current one of the period
    #[arg(long, value_name = "N", conflicts_with = "period")]
    pub run: Option<i64>,
    /// The current run of this month (2026-05 or `previous`); else of the newest month
    #[arg(long, value_name = "PERIOD")]
    pub period: Option<String>,
    /// How long to wait for another dualrun that writes this workspace
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    pub wait: u64,
}

const WAIVERS: &str = "\
A waiver counts for nothing until a second person confirms it (dualrun waive confirm ID --as NAME). It opens its rows again by itself
when an amount moves, when all its rows together pass the cap, and when its last day is over. It holds in later months too, for the
same subscriptions and causes. What is waived is never a match: it is counted apart, with its money, in every report.";

/// `waive`.
#[derive(Debug, Clone, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true, after_long_help = WAIVERS)]
pub struct WaiveArgs {
    /// What is done with waivers, instead of making one
    #[command(subcommand)]
    pub command: Option<WaiveCommand>,
    /// Which rows: `cause:coupon plan:large`, of key: cust: plan: cause: verdict: currency:
    #[arg(long, value_name = "EXPR", required = true)]
    pub filter: Option<String>,
    /// By what they may differ: `now` (each by what it does now), `5.00 CAD`, `delta = -10 % of actual`, `delta = 5.00 CAD, tax = 13 % of delta`
    #[arg(long, value_name = "FORMULA", required = true, allow_hyphen_values = true)]
    pub delta: Option<String>,
    /// Most money of one run in each currency: `200.00 CAD`
    #[arg(long, value_name = "AMOUNT", required = true, value_delimiter = ',')]
    pub cap: Vec<String>,
    /// Who answers for it
    #[arg(long, value_name = "NAME", required = true)]
    pub owner: Option<String>,
    /// Why it is accepted
    #[arg(long, value_name = "TEXT", required = true)]
    pub reason: Option<String>,
    /// The last day it counts, in the service's zone
    #[arg(long, value_name = "DATE", required = true)]
    pub expires: Option<chrono::NaiveDate>,
    /// Make it; without this nothing is changed
    #[arg(long)]
    pub apply: bool,
    /// Which run is looked at; the waiver holds from its month on
    #[command(flatten)]
    pub of: RunArgs,
}

/// `waive …`.
#[derive(Debug, Clone, Subcommand)]
pub enum WaiveCommand {
    /// Say all of them, with what they come to in the newest month
    List,
    /// Confirm one, as another person than who made it
    Confirm {
        /// Its number
        #[arg(value_name = "ID")]
        id: i64,
    },
    /// End one now
    Revoke {
        /// Its number
        #[arg(value_name = "ID")]
        id: i64,
        /// Why
        #[arg(long, value_name = "TEXT", default_value = "no longer needed")]
        reason: String,
    },
}

/// `note`.
#[derive(Debug, Clone, Args)]
pub struct NoteArgs {
    /// The row, as its key is written in the table
    #[arg(value_name = "KEY")]
    pub key: String,
    /// The word; without one, what was said so far is shown
    #[arg(value_name = "TEXT")]
    pub text: Option<String>,
    /// Whose task the row is
    #[arg(long, value_name = "NAME")]
    pub owner: Option<String>,
    /// Which run is looked at
    #[command(flatten)]
    pub of: RunArgs,
}

/// `resolve`.
#[derive(Debug, Clone, Args)]
pub struct ResolveArgs {
    /// The row, as its key is written in the table
    #[arg(value_name = "KEY", required_unless_present = "filter", conflicts_with = "filter")]
    pub key: Option<String>,
    /// Every row that passes, as typed in the terminal: `cause:trial money:<5`
    #[arg(long, value_name = "EXPR")]
    pub filter: Option<String>,
    /// How it was mended
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Take it back: the rows are open again
    #[arg(long)]
    pub reopen: bool,
    /// Do it; without this nothing is changed
    #[arg(long)]
    pub apply: bool,
    /// Which run is looked at
    #[command(flatten)]
    pub of: RunArgs,
}

/// `report`.
#[derive(Debug, Clone, Args)]
pub struct ReportArgs {
    /// What to write
    #[arg(value_enum, value_name = "KIND")]
    pub kind: ReportKind,
    /// This run; else the current one of the period
    #[arg(long, value_name = "N", conflicts_with = "period")]
    pub run: Option<i64>,
    /// The current run of this month (2026-05 or `previous`); else of the newest month
    #[arg(long, value_name = "PERIOD")]
    pub period: Option<String>,
    /// Only rows that pass, as typed in the terminal: `verdict:delta money:>10`
    #[arg(long, value_name = "EXPR")]
    pub filter: Option<String>,
    /// Write to a file, whole or not at all; `-` is stdout. A dossier goes to a new folder
    #[arg(long, short = 'o', value_name = "FILE", default_value = "-")]
    pub out: PathBuf,
}

/// Kinds of report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportKind {
    /// Header, findings and table for people.
    Text,
    /// RFC 4180, one line a row; text cells are made harmless for spreadsheets.
    Csv,
    /// One object: the run and its rows.
    Json,
    /// One row object a line.
    Jsonl,
    /// An evidence pack of plain files in a new folder: configuration, runs with their rows, gates, signatures and journal.
    Dossier,
}

/// `cases …`.
#[derive(Debug, Clone, Subcommand)]
pub enum CasesCommand {
    /// Replay cases: each expected figure against what dualrun computes
    Run(CasesRunArgs),
}

/// `cases run`.
#[derive(Debug, Clone, Args)]
pub struct CasesRunArgs {
    /// A file of cases, or a folder of such files (*.json); the format is in assets/cases/README.md
    #[arg(value_name = "DIR|FILE")]
    pub path: PathBuf,
}

/// `audit …`.
#[derive(Debug, Clone, Subcommand)]
pub enum AuditCommand {
    /// Walk the journal's hash chain, hold every act against it, and it against older reports
    Verify {
        /// A report written earlier (JSON, JSON lines, CSV or text, or the words of a command), each a witness of the journal then
        #[arg(long, value_name = "FILE")]
        against: Vec<PathBuf>,
    },
}

/// `config …`.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum ConfigCommand {
    /// Read dualrun.toml and say everything that is wrong with it
    Check,
    /// Print the JSON schema of dualrun.toml
    Schema,
    /// Print the JSON schema of runbook.toml
    RunbookSchema,
}

/// `completions`.
#[derive(Debug, Clone, Copy, Args)]
pub struct CompletionsArgs {
    /// Which shell
    pub shell: clap_complete::Shell,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }
}

//! The command line: what was typed in, use cases called, results out. Data goes to stdout, words go to stderr.
//! One file a command; if one needs more than a use case and a report, logic has leaked.

pub mod args;
mod atomic_file;
mod bug;
mod commands;
mod context;
mod error;
mod out;
mod period;
mod progress;
mod signals;
mod who;
mod wiring;

pub use bug::install_hooks;
pub use error::CliError;
pub use wiring::{Asked, DemoBook, DemoBuilt, DemoPlan, Opening, PROGRAM, Started, Wiring, WriteProject, gate_setup};

use args::Cli;
use clap::Parser as _;
use context::Context;
use std::ffi::OsString;
use std::io::IsTerminal as _;
use std::os::unix::process::CommandExt as _;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::process::Command;
use std::sync::Arc;

/// What a command that ran came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Nothing to say against it.
    Clean,
    /// Differences, or a gate that does not pass.
    Differences,
    /// A database unreachable or refused (told as findings, by `doctor`).
    Refused,
    /// Data that could not be read, or a run that was stopped.
    Incomplete,
}

impl Exit {
    /// Its exit code.
    pub const fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Differences => 1,
            Self::Refused => 3,
            Self::Incomplete => 4,
        }
    }
}

/// Exit code of a bug: a panic, or an error that must not be.
pub const BUG: u8 = 70;
const USAGE: u8 = 2;

/// Runs what was typed and gives the exit code. Errors have been said on stderr by then.
pub fn run(args: impl IntoIterator<Item = OsString>, wiring: Arc<dyn Wiring>) -> u8 {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(answer) => {
            // Help and version come this way too; a closed pipe is no reason to complain.
            let _ = answer.print();
            return if answer.use_stderr() { USAGE } else { 0 };
        }
    };
    let Some(command) = cli.command.or_else(default_command) else {
        out::say("a command is needed where stdin or stdout is no terminal — dualrun --help lists them");
        return USAGE;
    };
    if cli.global.no_color && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty()) {
        // Everything that draws asks the environment, which only a new process may have changed.
        let again = std::env::current_exe().map(|program| Command::new(program).args(std::env::args_os().skip(1)).env("NO_COLOR", "1").exec());
        out::say(&format!("--no-color: {} — set NO_COLOR=1 instead", again.unwrap_or_else(|e| e)));
        return USAGE;
    }
    let (result, last) = match start(cli.global, command, wiring) {
        Ok(ended) => ended,
        Err(error) => (Err(error), None),
    };
    if let Err(error) = &result {
        error.say();
    }
    if let Some(last) = last {
        out::say(&last);
    }
    result.map_or_else(|error| error.exit_code(), Exit::code)
}

fn default_command() -> Option<args::Command> {
    (std::io::stdin().is_terminal() && std::io::stdout().is_terminal()).then_some(args::Command::Tui)
}

fn start(global: args::Global, command: args::Command, wiring: Arc<dyn Wiring>) -> Result<commands::Ended, CliError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(CliError::unexpected)?;
    let context = Context::new(global, wiring)?;
    let ended = catch_unwind(AssertUnwindSafe(|| runtime.block_on(commands::run(context, command))));
    // What was left behind (a host name that does not resolve, a reader of a terminal that is gone) must not hold the end up, nor that of
    // a panic.
    runtime.shutdown_timeout(std::time::Duration::from_millis(200));
    ended.map_or_else(|broken| resume_unwind(broken), Ok)
}

//! The program: hands what was typed and the real parts to the command line. A panic is a bug: told in short, exit code 70.

use dualrun::cli;
use dualrun::wire::Wire;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Arc;

fn main() -> ExitCode {
    cli::install_hooks();
    let code = catch_unwind(AssertUnwindSafe(|| cli::run(std::env::args_os(), Arc::new(Wire::default()))));
    ExitCode::from(code.unwrap_or(cli::BUG))
}

//! The program: hands what was typed and the real parts to the command line. A panic is a bug: told in short, exit code 70.
//! Started under the name `demo-target` it is another program: the target of the demo.

use dualrun::wire::Wire;
use dualrun::{cli, demo_target};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Arc;

fn main() -> ExitCode {
    let mut args = std::env::args_os();
    if args.next().is_some_and(|name| demo_target::is_meant(&name)) {
        return demo_target::run(args);
    }
    cli::install_hooks();
    let code = catch_unwind(AssertUnwindSafe(|| cli::run(std::env::args_os(), Arc::new(Wire::default()))));
    ExitCode::from(code.unwrap_or(cli::BUG))
}

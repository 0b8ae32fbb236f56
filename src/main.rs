//! The program: hands what was typed and the real parts to the command line. A panic is a bug: told in short, exit code 70.
//! Started under the name `demo-target` it is another program: the target of the demo.

use dualrun::wire::Wire;
use dualrun::{cli, demo_target};
use std::os::unix::process::CommandExt as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::Arc;

fn main() -> ExitCode {
    let mut args = std::env::args_os();
    if args.next().is_some_and(|name| demo_target::is_meant(&name)) {
        return demo_target::run(args);
    }
    with_few_arenas();
    cli::install_hooks();
    let code = catch_unwind(AssertUnwindSafe(|| cli::run(std::env::args_os(), Arc::new(Wire::default()))));
    ExitCode::from(code.unwrap_or(cli::BUG))
}

/// Starts the program once more with glibc told to keep three arenas of memory instead of one for nearly every thread, and to take large
/// pieces from the system and give them back, always: what one thread has given back is then there for the next. A million rows hold a
/// fifth less, at the same speed. The settings are looked at when a program starts and never again, so there is no other way to them
/// without code the compiler cannot check. Where it fails, all goes on as it is.
fn with_few_arenas() {
    const ARENAS: &str = "MALLOC_ARENA_MAX";
    // With this set, glibc leaves off raising it to the largest piece that was ever given back.
    const LARGE: (&str, &str) = ("MALLOC_MMAP_THRESHOLD_", "262144");
    let mut args = std::env::args_os();
    if !cfg!(target_env = "gnu") || std::env::var_os(ARENAS).is_some() {
        return;
    }
    // Started through the loader, by its name, the program that runs is the loader.
    let is_own = |program: &Path| program.file_name().is_some_and(|name| !name.to_string_lossy().starts_with("ld"));
    if let (Some(program), Some(name)) = (std::env::current_exe().ok().filter(|program| is_own(program)), args.next()) {
        // It comes back only where it failed.
        drop(Command::new(program).arg0(name).args(args).env(ARENAS, "3").env(LARGE.0, LARGE.1).exec());
    }
}

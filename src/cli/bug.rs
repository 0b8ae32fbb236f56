//! How a bug is told: in one line with its place, and a short report beside the workspace; never with the data it fell over.

use super::out;
use crate::domain::text::shown;
use std::backtrace::Backtrace;
use std::fs::OpenOptions;
use std::io::{IsTerminal as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Functions of this program that a report names, innermost first.
const FRAMES: usize = 16;
/// Reports of one process at most: tasks may fall over one after the other.
const REPORTS: usize = 3;

/// The project whose workspace a report goes beside, once a command knows it.
static PROJECT: Mutex<Option<PathBuf>> = Mutex::new(None);

/// From now on reports go into the workspace's folder of that project, where it has one; of none, among temporary files.
pub(super) fn belongs_to(directory: Option<&Path>) {
    *PROJECT.lock().unwrap_or_else(PoisonError::into_inner) = directory.map(Path::to_owned);
}

/// Installs both hooks: for panics, and for reports of errors nobody foresaw (without colours where nobody could see them).
pub fn install_hooks() {
    let plain = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty()) || !std::io::stderr().is_terminal();
    let theme = if plain { color_eyre::config::Theme::new() } else { color_eyre::config::Theme::dark() };
    let hooks = color_eyre::config::HookBuilder::blank().theme(theme).display_env_section(false).display_location_section(false);
    // A second installation (in a test) changes nothing.
    let _ = hooks.into_hooks().1.install();
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(|| "unknown place".to_owned(), |at| format!("{}:{}", at.file(), at.line()));
        let told = match keep(&report(&place, &Backtrace::force_capture().to_string())) {
            Some(path) => format!("report this line and {}, which holds none of your data", shown(&path.to_string_lossy(), 300)),
            None => "report this line".to_owned(),
        };
        out::say(&format!("bug at {place} — please {told}; nothing half-done was published"));
    }));
}

/// What helps whoever mends it. Left out: the panic's own words and every argument, since those may hold ids, names and amounts.
fn report(place: &str, backtrace: &str) -> String {
    let known = |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty()).map_or_else(|| "not set".to_owned(), |v| shown(&v, 40));
    let thread = std::thread::current();
    let command = std::env::args().nth(1).filter(|word| word.chars().all(|c| c.is_ascii_lowercase()));
    let mut lines = vec![
        "dualrun: report of a bug".to_owned(),
        format!("program   dualrun {} on {} {}", env!("CARGO_PKG_VERSION"), std::env::consts::OS, std::env::consts::ARCH),
        format!("place     {place}"),
        format!("thread    {}", shown(thread.name().unwrap_or("without a name"), 40)),
        format!("command   {}", command.as_deref().unwrap_or("not told")),
        format!("terminal  TERM {}, LANG {}", known("TERM"), known("LANG")),
    ];
    let frames = functions(backtrace);
    if frames.is_empty() {
        lines.push("functions not known: this build has no symbols".to_owned());
    }
    lines.extend(frames.into_iter().map(|name| format!("function  {name}")));
    lines.push("Left out: the words of the bug itself, arguments, ids, names, amounts and the configuration.".to_owned());
    lines.join("\n") + "\n"
}

/// Names of this program's own functions in a backtrace, as `   7: dualrun::tui::view::view` says them.
fn functions(backtrace: &str) -> Vec<String> {
    let names = backtrace.lines().filter_map(|line| line.trim().split_once(": ")).map(|(_, name)| name.trim());
    let ours = names.filter(|name| name.starts_with("dualrun::") && !name.starts_with("dualrun::cli::bug"));
    ours.take(FRAMES).map(|name| shown(name, 120)).collect()
}

/// Writes it beside the workspace, else among temporary files, readable for its owner alone. Says where; nothing is overwritten.
fn keep(report: &str) -> Option<PathBuf> {
    let project = PROJECT.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let workspace = project.map(|dir| dir.join(".dualrun")).filter(|dir| dir.is_dir());
    let folders = workspace.into_iter().chain([std::env::temp_dir()]);
    folders.flat_map(|folder| (1..=REPORTS).map(move |n| folder.join(format!("dualrun-bug-{}-{n}.txt", std::process::id())))).find(|path| {
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        file.and_then(|mut file| file.write_all(report.as_bytes())).is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_short_and_names_only_functions_of_this_program() {
        let trace = "   0: std::panicking::begin\n   1: dualrun::cli::bug::install_hooks::{{closure}}\n             at ./src/cli/bug.rs:9\n   \
                     2: dualrun::tui::view::view\n   3: core::ops::function::FnOnce::call_once\n   4: dualrun::app::read::read\n";
        let text = report("src/tui/view.rs:40", trace);
        assert!(text.contains("place     src/tui/view.rs:40") && text.lines().count() < 24, "{text}");
        assert_eq!(functions(trace), ["dualrun::tui::view::view", "dualrun::app::read::read"]);
        assert!(functions("").is_empty() && report("x", "").contains("no symbols"));
    }
}

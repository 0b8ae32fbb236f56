//! The keys of the terminal as a page: for people, for the documentation, for machines.

use serde::Serialize;
use std::fmt::Write as _;

/// A command in one place of the terminal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeyLine {
    /// The place, as a configuration names it.
    pub context: &'static str,
    /// The same for people.
    pub title: &'static str,
    /// The command, as a configuration names it.
    pub command: &'static str,
    /// Its keys, the one shown first.
    pub keys: Vec<String>,
    /// What it does.
    pub help: &'static str,
}

/// Lines for a person: a heading for each place, its commands below.
pub fn lines(all: &[KeyLine]) -> Vec<String> {
    let mut out = Vec::new();
    for group in all.chunk_by(|a, b| a.context == b.context) {
        if !out.is_empty() {
            out.push(String::new());
        }
        out.extend(group.first().map(|line| format!("{} [{}]", line.title, line.context)));
        out.extend(group.iter().map(|line| format!("  {:<16}  {:<17}  {}", line.keys.join(" "), line.command, line.help)));
    }
    out
}

/// The page of the documentation.
pub fn markdown(all: &[KeyLine]) -> String {
    let mut out = String::from(
        "# Keys\n\nMade by `dualrun keys --markdown`. `?` shows the same in the terminal, `:` finds a command by a few of its letters.\n\n\
         Other keys are written into the operator's own file (`dualrun keys` says where it is), by context and command:\n\n\
         ```toml\n[keys]\ntable.waive = \"W\"\nglobal.help = [\"?\", \"F1\"]\n```\n",
    );
    for group in all.chunk_by(|a, b| a.context == b.context) {
        if let Some(first) = group.first() {
            let _ = write!(out, "\n## {} (`{}`)\n\n| keys | command | |\n|---|---|---|\n", first.title, first.context);
        }
        for line in group {
            let keys: Vec<String> = line.keys.iter().map(|key| format!("`{}`", key.replace('|', "\\|"))).collect();
            let _ = writeln!(out, "| {} | `{}` | {} |", keys.join(" "), line.command, line.help);
        }
    }
    out
}

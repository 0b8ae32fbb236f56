//! `command = [...]`: a program and its arguments, never text for a shell.

use super::keys;
use crate::config::document::Findings;
use crate::config::section::Section;
use crate::domain::gate::CommandCheck;
use crate::domain::text::shown;
use std::time::Duration;

/// Programs that run text.
const SHELLS: [&str; 13] = ["sh", "bash", "dash", "zsh", "ksh", "ash", "fish", "csh", "tcsh", "busybox", "cmd", "powershell", "pwsh"];
/// Longest a program may take where nothing is said.
const TIMEOUT: Duration = Duration::from_mins(10);
/// Most bytes it may write where nothing is said.
const OUTPUT: u64 = 1 << 20;

/// Reads the keys of a command check.
pub(super) fn command(section: &Section<'_, '_>, findings: &mut Findings<'_>) -> Option<CommandCheck> {
    let mut env = Vec::new();
    for (name, span) in section.words("env") {
        if name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            env.push(name.to_owned());
        } else {
            findings.at(&span, format!("{} env \"{}\" is no variable's name", section.title, shown(name, 40)), super::example(keys::CHECK, "env"));
        }
    }
    let span = section.span_of("command");
    section.value("command")?;
    let argv: Vec<String> = section.words("command").into_iter().map(|(word, _)| word.to_owned()).collect();
    if argv.is_empty() {
        findings.at(&span, format!("{} command is an empty list", section.title), super::example(keys::CHECK, "command"));
        return None;
    }
    if let Some(shell) = shell_text(&argv) {
        let what = format!("{} command gives a text to the shell {}", section.title, shown(shell, 40));
        findings.at(
            &span,
            what,
            "write the program and its arguments as a list, or put the text into a file that may be run: command = [\"./check.sh\"]",
        );
        return None;
    }
    let timeout = section.text("timeout").and_then(crate::config::shape::duration).unwrap_or(TIMEOUT);
    let output = section.integer("output_bytes").and_then(|n| u64::try_from(n).ok()).unwrap_or(OUTPUT);
    Some(CommandCheck { argv, env, timeout_seconds: timeout.as_secs().max(1), output_bytes: output })
}

/// The shell that is handed a text to run, wherever in the list it stands (`env bash -lc …`).
fn shell_text(argv: &[String]) -> Option<&str> {
    let is_shell = |word: &str| SHELLS.contains(&word.rsplit('/').next().unwrap_or(word).trim_end_matches(".exe"));
    let (at, shell) = argv.iter().enumerate().find(|(_, word)| is_shell(word))?;
    // Behind a program that is not one of those that start others, a shell's name is only a word.
    let starts = ["env", "nice", "nohup", "timeout", "setsid", "sudo", "doas", "xargs", "stdbuf", "time"];
    let program = argv.first().map(|p| p.rsplit('/').next().unwrap_or(p))?;
    if at > 0 && !starts.contains(&program) {
        return None;
    }
    let takes_text = |word: &String| {
        let flags = word.strip_prefix('-').filter(|f| !f.starts_with('-'));
        flags.is_some_and(|f| f.contains('c')) || word.eq_ignore_ascii_case("-command") || word.eq_ignore_ascii_case("/c") || is_shell(word)
    };
    argv.iter().skip(at + 1).any(takes_text).then_some(shell.as_str())
}

#[cfg(test)]
mod tests {
    use super::shell_text;

    #[test]
    fn a_shell_is_told_from_a_script() {
        let found = |words: &[&str]| shell_text(&words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>()).is_some();
        for text in [&["sh", "-c", "x | y"][..], &["/bin/bash", "-lc", "x"], &["env", "A=1", "zsh", "-c", "x"], &["busybox", "sh", "-c", "x"]] {
            assert!(found(text), "{text:?}");
        }
        for plain in
            [&["./check.sh", "-c", "x"][..], &["bash", "check.sh"], &["grep", "-c", "sh"], &["cargo", "test"], &["sh", "./run.sh", "--color"]]
        {
            assert!(!found(plain), "{plain:?}");
        }
    }
}

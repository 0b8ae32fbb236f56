//! `runbook.toml`: the stages of the cutover, read as `dualrun.toml` is: every problem at once, each with its place.
//!
//! What can never pass is refused here: a stage fewer than two people sign, signers nobody of the project can be, a reference to a
//! check that is not there, a program that is only a shell's way to run text.

mod check;
mod command;
pub mod keys;
mod signers;
mod stage;

use super::RUNBOOK_NAME;
use super::document::{Findings, read_text};
use super::section::Section;
use super::service::Service;
use super::{keys as main_keys, plain_secret, query};
use crate::domain::currency::Currency;
use crate::domain::gate::Runbook;
use crate::domain::parameter::Parameter;
use crate::domain::person::Operator;
use crate::domain::text::shown;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What stages and checks are read with.
pub(super) struct Around<'a> {
    /// The project's directory.
    pub dir: &'a Path,
    /// The service's currency.
    pub currency: Option<Currency>,
    /// The people of the project.
    pub operators: &'a [Operator],
    /// The runbook's environment.
    pub environment: String,
    /// Parameters of every SQL check.
    pub parameters: BTreeMap<String, Parameter>,
}

/// Where the runbook of a project is, or would be.
pub(super) fn path(service: Option<&Service>, dir: &Path) -> PathBuf {
    service.and_then(|s| s.runbook.as_ref()).map_or_else(|| dir.join(RUNBOOK_NAME), |(name, _)| dir.join(name))
}

/// Reads the runbook a project names, or the one beside `dualrun.toml`; `None` where there is none, or where it is wrong.
pub(super) fn runbook(service: Option<&Service>, dir: &Path, operators: &[Operator], findings: &mut Findings<'_>) -> Option<Runbook> {
    let named = service.and_then(|s| s.runbook.as_ref());
    let path = path(service, dir);
    if named.is_none() && path.symlink_metadata().is_err_and(|e| e.kind() == std::io::ErrorKind::NotFound) {
        return None;
    }
    let text = match read_text(&path) {
        Ok(text) => text,
        Err(problem) => {
            match named.filter(|_| problem.line == 0) {
                Some((name, span)) => {
                    let what = format!("runbook {} {}", shown(name, 100), problem.what);
                    findings.at(span, what, "write a path relative to dualrun.toml, or make the file (dualrun init --help)");
                }
                None => findings.push(problem),
            }
            return None;
        }
    };
    let mut own = Findings::new(&path, &text);
    let runbook = read(&mut own, service.and_then(|s| s.currency), dir, operators);
    let sound = own.is_empty();
    own.into_problems().all().iter().for_each(|problem| findings.push(problem.clone()));
    runbook.filter(|_| sound)
}

fn read(findings: &mut Findings<'_>, currency: Option<Currency>, dir: &Path, operators: &[Operator]) -> Option<Runbook> {
    let table = findings.parse();
    plain_secret::refuse_plain_secrets(table.get_ref(), findings);
    let root = Section::of_table(table.get_ref(), 0..0, "the runbook".to_owned(), keys::RUNBOOK, findings);
    let environment = root.text("environment").map_or("production", str::trim).to_owned();
    stage::check_environment(&environment, &root.span_of("environment"), findings);
    let parameters = root.value("parameters").map(|value| query::shared(value, "the runbook's", dir, findings)).unwrap_or_default();
    let around = Around { dir, currency, operators, environment, parameters };
    let sections = root.sections("stage", keys::STAGE, findings, |n| format!("[[stage]] {n}"));
    if sections.is_empty() && root.names("stage") && root.value("stage").is_some() {
        findings.missing(&root.span_of("stage"), "the runbook has no stage", "write [[stage]] on a line of its own, its keys below");
    }
    let read: Vec<_> = sections.iter().map(|section| stage::stage(section, &around, findings)).collect();
    stage::ids_are_unique(&sections, findings);
    stage::references_resolve(&sections, &read, findings);
    let name = root.text("name")?.trim().to_owned();
    let stages = read.into_iter().collect::<Option<Vec<_>>>()?;
    Some(Runbook { name, environment: around.environment, stages })
}

/// `write id = "…"` for the key of a table.
fn example(keys: &'static [main_keys::KeySpec], name: &str) -> String {
    main_keys::key(keys, name).map_or_else(String::new, |spec| format!("write {}", spec.example))
}

//! `doctor`: is everything in place? Every finding with its remedy.

use super::out;
use crate::app::doctor::{doctor, is_refusal};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::{Exit, signals};
use crate::domain::text::shown;
use crate::ports::database::{DoctorFinding, Severity};
use serde_json::json;

const WIDTH: usize = 400;

/// Runs it.
pub async fn run(context: &Context) -> Result<Exit, CliError> {
    let cancel = signals::cancel_on_signal();
    let settings = context.settings()?;
    let project = context.project(&settings)?;
    let findings = doctor(&project, cancel.clone()).await;
    if context.json() {
        out::json(&json!({ "findings": findings }))?;
    } else {
        out::lines(findings.iter().flat_map(lines))?;
        out::say(&verdict(&findings));
    }
    Ok(if cancel.is_cancelled() { Exit::Incomplete } else { exit(&findings) })
}

fn exit(findings: &[DoctorFinding]) -> Exit {
    if findings.iter().any(is_refusal) {
        Exit::Refused
    } else if findings.iter().any(|f| f.severity == Severity::Error) {
        Exit::Differences
    } else {
        Exit::Clean
    }
}

fn lines(finding: &DoctorFinding) -> Vec<String> {
    let sign = match finding.severity {
        Severity::Info => "✓ ok     ",
        Severity::Warning => "! warning",
        Severity::Error => "✗ error  ",
    };
    let side = finding.side.map_or("project", |s| s.word());
    let mut lines = vec![format!("{sign} {side:<7} {}: {}", finding.code, shown(&finding.message, WIDTH))];
    if finding.severity != Severity::Info && !finding.remedy.is_empty() {
        lines.push(format!("                  → {}", shown(&finding.remedy, WIDTH)));
    }
    lines
}

fn verdict(findings: &[DoctorFinding]) -> String {
    let of = |severity| findings.iter().filter(|f| f.severity == severity).count();
    match (of(Severity::Error), of(Severity::Warning)) {
        (0, 0) => "everything is in place — dualrun reconcile".to_owned(),
        (0, warnings) => format!("{warnings} warnings, nothing that blocks — dualrun reconcile"),
        (errors, warnings) => format!("{errors} errors, {warnings} warnings — mend the errors first"),
    }
}

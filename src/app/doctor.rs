//! Is everything in place for a reconciliation? Reaches both sides, proves their roles read-only, judges every mapped
//! query on its server, compares the clocks. Never fails: what fails is a finding, and every finding has its remedy.

mod queries;

use super::parameters;
use super::project::{Project, SideAccess};
use crate::domain::contract::Entity;
use crate::domain::period::{Month, Period};
use crate::domain::run::SnapshotInfo;
use crate::domain::side::Side;
use crate::domain::text::shown;
use crate::ports::database::{DoctorFinding, Fault, FaultKind, Query, Severity};
use tokio_util::sync::CancellationToken;

/// Without these no reconciliation can be made.
const NEEDED: [(Side, &[Entity]); 2] =
    [(Side::Source, &[Entity::Subscriptions, Entity::Invoices]), (Side::Target, &[Entity::Subscriptions, Entity::Plans])];
/// Clocks further apart than this are worth a look.
const SKEW_WARNING_MS: i64 = 2_000;
/// Clocks further apart than this put records into the wrong day.
const SKEW_ERROR_MS: i64 = 60_000;

/// All findings, good ones too: the project's own first, then the source's, then the target's; graver ones first.
pub async fn doctor(project: &Project, cancel: CancellationToken) -> Vec<DoctorFinding> {
    let last_month = Month::of(project.profile.zone.day_of(project.clock.now())).plus(-1);
    let days = parameters::window(last_month, last_month);
    let (source, target) = tokio::join!(examine(project, Side::Source, days, &cancel), examine(project, Side::Target, days, &cancel));
    let mut findings = Vec::new();
    same_database(project, &mut findings);
    unmapped(project, &mut findings);
    if let (Some(source), Some(target)) = (&source.info, &target.info) {
        let apart = skew_ms(source) - skew_ms(target);
        clock(None, "the clocks of source and target", apart, &mut findings);
    }
    findings.extend(source.findings);
    findings.extend(target.findings);
    findings.sort_by_key(|f| (f.side, std::cmp::Reverse(f.severity)));
    findings
}

/// A finding of `doctor` with an error's own word: whether it says that a side cannot be reached or will not be read.
pub fn is_refusal(finding: &DoctorFinding) -> bool {
    let refusals =
        [FaultKind::Unreachable, FaultKind::Authentication, FaultKind::Tls, FaultKind::WritableRole, FaultKind::NotReadOnly, FaultKind::Damaged];
    let refused = |code: &str| refusals.into_iter().chain([FaultKind::PermissionDenied]).any(|kind| kind.word() == code);
    finding.severity == Severity::Error && (refused(&finding.code) || finding.code.starts_with("role_"))
}

struct Examined {
    info: Option<SnapshotInfo>,
    findings: Vec<DoctorFinding>,
}

async fn examine(project: &Project, side: Side, days: Period, cancel: &CancellationToken) -> Examined {
    let access = project.side(side);
    let mut findings = access.database.inspect(&project.limits, cancel).await;
    // Opening it would wait as long once more, only to say the same.
    if findings.iter().any(|f| {
        f.severity == Severity::Error && [FaultKind::Unreachable, FaultKind::Authentication, FaultKind::Tls].iter().any(|k| f.code == k.word())
    }) {
        return Examined { info: None, findings };
    }
    let mut session = match access.database.open(&project.limits, cancel).await {
        Ok(session) => session,
        Err(fault) => {
            push_new(&mut findings, of_fault(&fault));
            return Examined { info: None, findings };
        }
    };
    let info = session.info().clone();
    clock(Some(side), "the server's clock and this machine's", skew_ms(&info), &mut findings);
    if info.writable_role {
        let message = "its role can write and was let in by name: every report says so, and the flip stays blocked".to_owned();
        let remedy = "give dualrun a role with SELECT only".to_owned();
        findings.push(DoctorFinding { severity: Severity::Warning, side: Some(side), code: "writable_role_let_in".to_owned(), message, remedy });
    }
    let zone = project.profile.zone;
    let mapped: Vec<Query> = access.queries.values().map(|query| parameters::over(query, days, zone)).collect();
    queries::judge(session.as_mut(), &mapped, &mut findings).await;
    if let Err(fault) = session.close().await {
        push_new(&mut findings, of_fault(&fault));
    }
    Examined { info: Some(info), findings }
}

/// `inspect` may have found the same already.
fn push_new(findings: &mut Vec<DoctorFinding>, finding: DoctorFinding) {
    let told = |f: &DoctorFinding| {
        f.severity == Severity::Error && (f.code == finding.code || finding.code == "writable_role" && f.code.starts_with("role_"))
    };
    if !findings.iter().any(told) {
        findings.push(finding);
    }
}

fn of_fault(fault: &Fault) -> DoctorFinding {
    let message = fault.query.as_ref().map_or_else(|| fault.what.clone(), |query| format!("{query}: {}", fault.what));
    DoctorFinding { severity: Severity::Error, side: Some(fault.side), code: fault.kind.word().to_owned(), message, remedy: fault.remedy.clone() }
}

fn skew_ms(info: &SnapshotInfo) -> i64 {
    (info.server_clock - info.local_clock).num_milliseconds()
}

fn clock(side: Option<Side>, whose: &str, apart_ms: i64, findings: &mut Vec<DoctorFinding>) {
    let severity = match apart_ms.abs() {
        ms if ms > SKEW_ERROR_MS => Severity::Error,
        ms if ms > SKEW_WARNING_MS => Severity::Warning,
        _ => Severity::Info,
    };
    let message = format!("{whose} are {}.{:03} s apart", apart_ms.abs() / 1000, apart_ms.abs() % 1000);
    let remedy = if severity == Severity::Info { "" } else { "set both clocks by NTP: records near midnight fall into the wrong day otherwise" };
    findings.push(DoctorFinding { severity, side, code: "clock_skew".to_owned(), message, remedy: remedy.to_owned() });
}

fn same_database(project: &Project, findings: &mut Vec<DoctorFinding>) {
    let place = |access: &SideAccess| (access.database.kind(), access.database.place());
    let source = place(&project.source);
    if source == place(&project.target) {
        let message = format!("source and target are the same database: {}", shown(&source.1, 200));
        let remedy = "if that is not meant, correct [source] or [target] in dualrun.toml".to_owned();
        findings.push(DoctorFinding { severity: Severity::Warning, side: None, code: "same_database".to_owned(), message, remedy });
    }
}

fn unmapped(project: &Project, findings: &mut Vec<DoctorFinding>) {
    for (side, entities) in NEEDED {
        for entity in entities.iter().filter(|e| !project.side(side).queries.contains_key(e)) {
            let message = format!("{entity} is not mapped, and no reconciliation can be made without it");
            let remedy = format!("write a query for {entity} under [{side}.queries] in dualrun.toml");
            findings.push(DoctorFinding { severity: Severity::Error, side: Some(side), code: "not_mapped".to_owned(), message, remedy });
        }
    }
}

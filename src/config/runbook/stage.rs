//! `[[stage]]`: one stage, and what must hold among all of them.

use super::{Around, check, example, keys, signers};
use crate::config::document::Findings;
use crate::config::nearest::nearest;
use crate::config::section::Section;
use crate::config::shape::span_seconds;
use crate::domain::gate::{Forbidden, Freeze, RunbookStage, SignatureRule};
use crate::domain::text::shown;
use std::collections::BTreeMap;
use std::ops::Range;

/// Reads one; what is wrong with it was said where it is `None`.
pub(super) fn stage(section: &Section<'_, '_>, around: &Around<'_>, findings: &mut Findings<'_>) -> Option<RunbookStage> {
    let id = id(section, findings);
    let title = format!("{}{}", section.title, id.as_ref().map_or_else(String::new, |id| format!(" ({id})")));
    let of_list = |list: &str, number: usize| format!("{title} {list} {number}");
    let checks = section.sections("check", keys::CHECK, findings, |n| of_list("check", n));
    unique(&checks, &title, findings);
    let checks: Vec<_> = checks.iter().map(|c| check::check(c, around, findings)).collect();
    let forbids = section.sections("forbids", keys::FORBID, findings, |n| of_list("forbids", n));
    let freezes = section.sections("freezes", keys::FREEZE, findings, |n| of_list("freezes", n));
    let freezes: Vec<_> = freezes.iter().map(|f| freeze(f, findings)).collect();
    let environments = environments(section, around, findings);
    let signers = signers::signers(section, &title, around.operators, findings);
    let texts = |name: &str| section.words(name).into_iter().map(|(text, _)| text.trim().to_owned()).collect();
    let seconds = |name: &str| section.text(name).and_then(span_seconds);
    Some(RunbookStage {
        id: id?,
        title: section.text("title")?.trim().to_owned(),
        requires: texts("requires"),
        environments,
        checks: checks.into_iter().collect::<Option<_>>()?,
        signers: signers?,
        signature: section.choose(
            "signature",
            &[("signed", SignatureRule::Signed), ("attested", SignatureRule::Attested)],
            Some(SignatureRule::Signed),
        )?,
        forbids: forbids.iter().map(forbidden).collect::<Option<_>>()?,
        reopened_by: texts("reopened_by"),
        back_out: texts("back_out"),
        wait_seconds: seconds("wait").unwrap_or(0),
        expires_seconds: seconds("expires"),
        freezes: freezes.into_iter().collect::<Option<_>>()?,
    })
}

/// An id that a command line can name: `stage/check` has one slash.
pub(super) fn id(section: &Section<'_, '_>, findings: &mut Findings<'_>) -> Option<String> {
    let id = section.text("id")?;
    if id.len() <= 64 && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)) {
        return Some(id.to_owned());
    }
    let what = format!("{} id \"{}\" is no id", section.title, shown(id, 40));
    findings.at(&section.span_of("id"), what, "write up to 64 letters, digits, - and _");
    None
}

/// An environment's name: words of a command line and of files.
pub(super) fn check_environment(name: &str, span: &Range<usize>, findings: &mut Findings<'_>) {
    if name.is_empty() || name.len() > 64 || name.chars().any(|c| c.is_control() || c.is_whitespace()) {
        findings.at(span, format!("environment \"{}\" is no name", shown(name, 40)), "write one word: production, staging, ci");
    }
}

fn environments(section: &Section<'_, '_>, around: &Around<'_>, findings: &mut Findings<'_>) -> Vec<String> {
    let mut named: Vec<String> = Vec::new();
    for (name, span) in section.words("environments") {
        check_environment(name.trim(), &span, findings);
        if named.iter().any(|n| n == name.trim()) {
            findings.at(&span, format!("{} lists environment {} twice", section.title, shown(name, 40)), "list it once");
        }
        named.push(name.trim().to_owned());
    }
    if section.value("environments").is_some() && named.is_empty() {
        findings.at(&section.span_of("environments"), format!("{} environments is an empty list", section.title), "leave it out, or name one");
    }
    if named.is_empty() { vec![around.environment.clone()] } else { named }
}

fn forbidden(section: &Section<'_, '_>) -> Option<Forbidden> {
    let environments = section.words("environments").into_iter().map(|(text, _)| text.trim().to_owned()).collect();
    Some(Forbidden { action: section.text("action")?.trim().to_owned(), environments })
}

fn freeze(section: &Section<'_, '_>, findings: &mut Findings<'_>) -> Option<Freeze> {
    let (from, until) = (section.moment("from")?, section.moment("until")?);
    if from >= until {
        findings.at(&section.span_of("until"), format!("{} ends before it begins", section.title), "write an until after its from");
        return None;
    }
    Some(Freeze { from, until, why: section.text("why").unwrap_or_default().trim().to_owned() })
}

/// Says of each id that is there twice where it is.
pub(super) fn ids_are_unique(sections: &[Section<'_, '_>], findings: &mut Findings<'_>) {
    unique(sections, "the runbook", findings);
}

fn unique(sections: &[Section<'_, '_>], of: &str, findings: &mut Findings<'_>) {
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for section in sections {
        let Some(id) = section.text("id") else { continue };
        if let Some(first) = seen.insert(id, &section.title) {
            let what = format!("{} id \"{}\" is already that of {first}", section.title, shown(id, 40));
            findings.at(&section.span_of("id"), what, format!("give each its own in {of}: evidence and sign-offs are kept under it"));
        }
    }
}

/// Every `reopened_by` must name a check that is there.
pub(super) fn references_resolve(sections: &[Section<'_, '_>], stages: &[Option<RunbookStage>], findings: &mut Findings<'_>) {
    let there: Vec<String> = stages.iter().flatten().flat_map(|s| s.checks.iter().map(move |c| format!("{}/{}", s.id, c.id))).collect();
    // Where a stage could not be read, its checks may be meant.
    if stages.iter().any(Option::is_none) {
        return;
    }
    for section in sections {
        for (name, span) in section.words("reopened_by") {
            if there.iter().any(|t| t == name.trim()) {
                continue;
            }
            let near = nearest(name, there.iter().map(String::as_str)).map(|near| format!("write \"{near}\""));
            let what = format!("{} is reopened by {}, which is no check", section.title, shown(name, 80));
            findings.at(&span, what, near.unwrap_or_else(|| example(keys::STAGE, "reopened_by")));
        }
    }
}

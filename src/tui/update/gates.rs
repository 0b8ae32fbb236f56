//! The Gates screen: its stages, the checks of one, and the making of checks.

use super::{commands, deeds, jobs};
use crate::app::gates::Made;
use crate::app::standing::CheckStanding;
use crate::domain::text::shown;
use crate::present::words::outcome_label;
use crate::present::{numbers, times};
use crate::tui::keymap::Command;
use crate::tui::model::deed::Typing;
use crate::tui::model::gates::GateLine;
use crate::tui::model::job::JobAsked;
use crate::tui::model::{Model, Notice, Overlay};
use crate::tui::msg::Effect;

/// Obeys a command given there.
pub fn obey(model: &mut Model, command: Command) -> Vec<Effect> {
    match command {
        Command::Open => open(model),
        Command::Back => {
            if model.check.take().is_some() {
                return Vec::new();
            }
            if model.chosen.is_some() { commands::show_run(model, None) } else { Vec::new() }
        }
        Command::MakeCheck => make(model, true),
        Command::MakeStage => make(model, false),
        Command::Sign => of_stage(model, deeds::look_to_sign),
        Command::NoGo => of_stage(model, |model, stage| deeds::ask(model, Typing::NoGo { stage })),
        Command::Attest => attest(model, true),
        Command::AttestFails => attest(model, false),
        Command::Agree => agree(model),
        _ => {
            if let Some(by) = commands::steps(model, command) {
                step(model, by);
            }
            Vec::new()
        }
    }
}

fn step(model: &mut Model, by: isize) {
    let checks = model.gate_stage().map_or(0, |stage| stage.checks.len());
    let to = |at: usize, len: usize| at.saturating_add_signed(by).min(len.saturating_sub(1));
    match model.check {
        Some(at) => model.check = (checks > 0).then(|| to(at, checks)),
        None => model.stage.at = to(model.stage.at, model.gate_lines().len()),
    }
}

fn open(model: &mut Model) -> Vec<Effect> {
    if let Some(at) = model.check {
        let page = model.gate_stage().and_then(|stage| Some(evidence(model, &stage.id, stage.checks.get(at)?)));
        model.overlays.extend(page);
        return Vec::new();
    }
    match model.gate_lines().get(model.stage.at).copied() {
        Some(GateLine::Runbook(_)) => {
            model.check = model.gate_stage().filter(|stage| !stage.checks.is_empty()).map(|_| 0);
            Vec::new()
        }
        Some(GateLine::Way(stage)) => commands::work_on(model, stage),
        None => Vec::new(),
    }
}

/// What was seen of a check, whole.
fn evidence(model: &Model, stage: &str, check: &CheckStanding) -> Overlay {
    let mut lines = vec![
        shown(&check.title, 200),
        String::new(),
        format!("{} in {}: {}", outcome_label(check.outcome.word()), shown(&check.environment, 40), shown(&check.why, 400)),
    ];
    match (check.observed_at, &check.observed_by, check.act) {
        (Some(at), Some(by), Some(act)) => {
            lines.push(format!("seen {} ({}) by {}, act {act}", times::absolute(at), times::relative(model.now, at), shown(by, 60)));
        }
        _ => lines.push("nobody has looked yet".to_owned()),
    }
    lines.extend(check.owner.as_ref().map(|owner| format!("answered for by {}", shown(owner, 60))));
    lines.extend(check.evidence.as_ref().map(|digest| format!("digest {digest}")));
    if !check.observed.is_empty() {
        lines.push(String::new());
        lines.extend(check.observed.iter().map(|line| shown(line, 400)));
    }
    Overlay::Text { title: format!("{}/{}", shown(stage, 40), shown(&check.check, 40)), lines, scroll: 0 }
}

fn say(model: &mut Model, word: &str) -> Vec<Effect> {
    model.notice = Some(Notice::Done(word.to_owned()));
    Vec::new()
}

/// Does something with the selected stage of the runbook.
fn of_stage(model: &mut Model, what: impl FnOnce(&mut Model, String) -> Vec<Effect>) -> Vec<Effect> {
    match model.gate_stage().map(|stage| stage.id.clone()) {
        Some(stage) => what(model, stage),
        None if model.book.gates.is_some() => say(model, "choose a stage of the runbook first"),
        None => say(model, "there is no runbook: dualrun init writes one"),
    }
}

/// Makes the selected check, or all of its stage.
fn make(model: &mut Model, one: bool) -> Vec<Effect> {
    of_stage(model, |model, stage| {
        let check = model.check.filter(|_| one).and_then(|at| model.gate_stage()?.checks.get(at));
        let name = check.map_or_else(|| stage.clone(), |check| format!("{stage}/{}", check.check));
        jobs::start(model, JobAsked::Checks(vec![name]))
    })
}

/// Asks what was seen of the selected check, where it is a person's word.
fn attest(model: &mut Model, holds: bool) -> Vec<Effect> {
    let selected = model.gate_stage().zip(model.check).and_then(|(stage, at)| Some((stage, stage.checks.get(at)?)));
    let Some((stage, check)) = selected else { return Vec::new() };
    let (name, environment) = (format!("{}/{}", stage.id, check.check), check.environment.clone());
    match model.setup.manual.get(&name).cloned() {
        Some(statement) => deeds::ask(model, Typing::Attest { name, environment, statement, holds }),
        None => say(model, "dualrun makes this check itself: r makes it"),
    }
}

/// Shows what waits for a second person; the phrase of one agrees to it.
fn agree(model: &mut Model) -> Vec<Effect> {
    let waits = model.waits();
    if waits.is_empty() {
        return say(model, "nothing waits for a second person");
    }
    deeds::ask(model, Typing::Agree(waits))
}

/// What checks that were made came to, and whether all of them hold.
pub fn made_words(made: &[Made]) -> (String, bool) {
    let open: Vec<String> = made.iter().filter(|m| !m.evidence.outcome.opens()).map(|m| told(&m.evidence)).collect();
    let count = numbers::counted(made.len() as u64, "check", "checks");
    match (made.is_empty(), open.is_empty()) {
        (true, _) => ("nothing was made: what is left there, a person must state (dualrun gates attest)".to_owned(), false),
        (false, true) => (format!("{count} made, all hold"), true),
        (false, false) => (format!("{count} made · {}", open.join(" · ")), false),
    }
}

fn told(evidence: &crate::domain::gate::CheckEvidence) -> String {
    let (check, summary) = (shown(&evidence.check, 40), shown(&evidence.summary, 80));
    format!("{check} {}: {summary}", outcome_label(evidence.outcome.word()))
}

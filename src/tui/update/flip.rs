//! The Flip screen: its list, its waves, its questions, and what comes of its jobs.

use super::{commands, deeds, jobs};
use crate::app::flip::{LineState, Standing};
use crate::domain::flip::Direction;
use crate::present::money;
use crate::tui::keymap::Command;
use crate::tui::layout;
use crate::tui::model::deed::Typing;
use crate::tui::model::flip::FlipLine;
use crate::tui::model::job::{FlipAsked, FlipDone, JobAsked};
use crate::tui::model::{Model, Notice, Overlay, Trouble};
use crate::tui::msg::Effect;
use crate::tui::screens::flip::words::{self, Ending};
use std::sync::Arc;

/// Obeys a command given there.
pub fn obey(model: &mut Model, command: Command) -> Vec<Effect> {
    if model.flip.open.is_some() && scroll(model, command) {
        return Vec::new();
    }
    match command {
        Command::Open => open(model),
        Command::Back => {
            if model.flip.open.take().is_some() {
                return Vec::new();
            }
            if model.chosen.is_some() { commands::show_run(model, None) } else { Vec::new() }
        }
        Command::Plan => start(model, FlipAsked::Plan),
        Command::CheckWave => of_wave(model, |model, wave| start(model, FlipAsked::Check(wave))),
        Command::Care => of_wave(model, |model, wave| start(model, FlipAsked::Care(wave))),
        Command::Apply => of_wave(model, apply),
        Command::BackOut => of_wave(model, back_out),
        Command::Hold => hold(model),
        Command::Simulate => start(model, FlipAsked::Simulate),
        Command::Postpone => of_wave(model, |model, wave| deeds::ask(model, Typing::Postpone { wave })),
        Command::Abort => of_wave(model, |model, wave| deeds::ask(model, Typing::Abort { wave })),
        Command::Rehearse => of_wave(model, |model, wave| deeds::ask(model, Typing::Rehearse { wave })),
        Command::Complete => complete(model),
        _ => {
            if let Some(by) = commands::steps(model, command) {
                let len = model.flip_lines().len();
                model.flip.at = model.flip.at.min(len.saturating_sub(1)).saturating_add_signed(by).min(len.saturating_sub(1));
            }
            Vec::new()
        }
    }
}

/// Scrolls the open wave; false for what is no movement.
fn scroll(model: &mut Model, command: Command) -> bool {
    let page = i16::try_from(layout::page_height(model)).unwrap_or(10).max(1);
    let by = match command {
        Command::Up => -1,
        Command::Down => 1,
        Command::PageUp => -page,
        Command::PageDown => page,
        Command::Top => i16::MIN,
        _ => return false,
    };
    model.flip.open = model.flip.open.map(|at| at.saturating_add_signed(by).min(5_000));
    true
}

fn open(model: &mut Model) -> Vec<Effect> {
    match model.flip_line() {
        Some(FlipLine::Wave(_)) => {
            model.flip.open = Some(0);
            Vec::new()
        }
        Some(FlipLine::Blocker(at)) => {
            let stage = model.flip_blockers().get(at).map(|b| b.stage);
            stage.map_or_else(Vec::new, |stage| commands::work_on(model, stage))
        }
        None => Vec::new(),
    }
}

fn say(model: &mut Model, what: &str, remedy: &str) -> Vec<Effect> {
    model.notice = Some(Notice::Trouble(Trouble { what: what.to_owned(), remedy: remedy.to_owned() }));
    Vec::new()
}

/// False, with a word to the operator, where nothing is configured about the flip.
fn is_configured(model: &mut Model) -> bool {
    if model.setup.can_flip {
        return true;
    }
    say(model, "nothing is configured about the flip", "write [flip] with its three queries in dualrun.toml; dualrun init shows how");
    false
}

pub(super) fn start(model: &mut Model, asked: FlipAsked) -> Vec<Effect> {
    if is_configured(model) { jobs::start(model, JobAsked::Flip(asked)) } else { Vec::new() }
}

/// Does something with the chosen wave.
fn of_wave(model: &mut Model, what: impl FnOnce(&mut Model, u32) -> Vec<Effect>) -> Vec<Effect> {
    if !is_configured(model) {
        return Vec::new();
    }
    match model.flip_wave().map(|(number, _)| number) {
        Some(number) => what(model, number),
        None => say(model, "no wave is planned", "p plans waves"),
    }
}

/// Asks for the phrase; while anything blocks, says what, and does nothing.
fn apply(model: &mut Model, wave: u32) -> Vec<Effect> {
    let Some(standing) = model.book.flip.waves.get(&wave) else { return Vec::new() };
    // One that was begun is not stopped by gates that its own first steps shut; going on is judged by itself.
    let begun = standing.lines.values().any(|line| line.state != LineState::Planned);
    let phrase = standing.pack.phrase(Direction::Forward);
    let mut blocks: Vec<String> = model.book.flip.allowed(wave, model.today()).apply.err().iter().map(|why| words::by_key(why)).collect();
    if !begun && model.flip_blocked() > 0 {
        for blocker in model.flip_blockers() {
            let amount = money::list(blocker.money.iter().copied());
            let amount = if amount.is_empty() { amount } else { format!(" · {amount}") };
            blocks.push(format!("{}: {}{amount}", blocker.stage.word(), blocker.what));
            blocks.push(format!("    → {}", blocker.remedy));
        }
    }
    if blocks.is_empty() {
        return deeds::ask(model, Typing::Phrase { wave, direction: Direction::Forward, phrase });
    }
    let mut lines = vec![format!("Wave {wave} was not applied, and nothing was changed. In the way:"), String::new()];
    lines.extend(blocks);
    lines.extend([String::new(), "Enter on a reason goes where it is worked on; d checks the wave as for good.".to_owned()]);
    model.overlays.push(Overlay::Text { title: format!("Wave {wave} is blocked"), lines, scroll: 0 });
    Vec::new()
}

/// Asks for the phrase, its cost shown; or says why there is no way back.
fn back_out(model: &mut Model, wave: u32) -> Vec<Effect> {
    let phrase = model.book.flip.waves.get(&wave).map(|of| of.pack.phrase(Direction::Back));
    match (model.book.flip.allowed(wave, model.today()).back_out, phrase) {
        (Ok(()), Some(phrase)) => deeds::ask(model, Typing::Phrase { wave, direction: Direction::Back, phrase }),
        (Err(why), _) => say(model, &format!("wave {wave} cannot be backed out: {}", words::by_key(&why)), ""),
        (Ok(()), None) => Vec::new(),
    }
}

/// Holds it, or resumes it: at any moment, also while a wave is applied.
fn hold(model: &mut Model) -> Vec<Effect> {
    if !is_configured(model) {
        return Vec::new();
    }
    let of = if model.book.flip.held.is_some() { Typing::Resume } else { Typing::Hold };
    deeds::ask(model, of)
}

/// Asks for the phrase that closes the flip; while a wave is open, says which.
fn complete(model: &mut Model) -> Vec<Effect> {
    if !is_configured(model) {
        return Vec::new();
    }
    match model.book.flip.incomplete().first() {
        Some(why) => say(model, &format!("the flip is not complete: {}", words::by_key(why)), ""),
        None => deeds::ask(model, Typing::Complete),
    }
}

/// The phrase was typed letter by letter.
pub fn typed(model: &mut Model, wave: u32, direction: Direction, phrase: String) -> Vec<Effect> {
    start(model, if direction == Direction::Forward { FlipAsked::Apply(wave, phrase) } else { FlipAsked::BackOut(wave, phrase) })
}

/// What a job of the flip came to.
pub fn done_words(done: &FlipDone) -> Ending {
    match done {
        FlipDone::Planned(planned) => words::planned(planned),
        FlipDone::Checked(checked) => words::checked(checked).0,
        FlipDone::Came(came) => words::came(came).0,
        FlipDone::Cared(cared) => words::cared(cared).0,
        FlipDone::Simulated(simulation) => words::simulated(simulation).0,
        FlipDone::Rehearsed(rehearsal, _) => words::rehearsed(rehearsal).0,
        FlipDone::Completed(_) => ("the flip is complete: every wave is clean and the source bills nobody".to_owned(), true),
    }
}

/// Shows it: at once, before the workspace is read again.
pub fn done(model: &mut Model, done: &FlipDone) {
    let (standing, page): (Option<&Standing>, _) = match done {
        FlipDone::Planned(planned) => (Some(&planned.standing), None),
        FlipDone::Checked(checked) => (None, Some(words::checked(checked).1)),
        FlipDone::Came(came) => (Some(&came.standing), Some(words::came(came).1)),
        FlipDone::Cared(cared) => (Some(&cared.standing), Some(words::cared(cared).1)),
        FlipDone::Simulated(simulation) => (None, Some(words::simulated(simulation).1)),
        FlipDone::Rehearsed(rehearsal, standing) => (Some(standing.as_ref()), Some(words::rehearsed(rehearsal).1)),
        FlipDone::Completed(standing) => (Some(standing.as_ref()), None),
    };
    if let Some(standing) = standing {
        model.book.flip = Arc::new(standing.clone());
    }
    if matches!(done, FlipDone::Planned(_)) {
        let first = model.flip_lines().iter().position(|line| matches!(line, FlipLine::Wave(_)));
        model.flip.at = first.unwrap_or(model.flip.at);
    }
    if let Some((title, lines)) = page {
        model.overlays.push(Overlay::Text { title, lines, scroll: 0 });
    }
}

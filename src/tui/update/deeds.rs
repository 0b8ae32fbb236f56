//! What a person does at once: what is typed or signed, and what came of it.

use super::{decide, flip, jobs, rows};
use crate::app::flip::Decision;
use crate::domain::text::shown;
use crate::present::flip::ON_THE_COPY;
use crate::tui::model::deed::{COMPLETE, DeedAsked, SignLook, Typing, abort_phrase, after_phrase};
use crate::tui::model::job::FlipAsked;
use crate::tui::model::marks::Marks;
use crate::tui::model::{Model, Notice, Overlay, Screen, Trouble};
use crate::tui::msg::{Effect, Kept};
use crate::tui::view::signing;
use chrono::NaiveDate;
use std::path::PathBuf;
use tui_input::Input;

/// Asks for words.
pub fn ask(model: &mut Model, of: Typing) -> Vec<Effect> {
    if !model.setup.can_run {
        model.notice = jobs::cannot_run(model).map(Notice::Trouble);
        return Vec::new();
    }
    model.overlays.push(Overlay::Typing { of, input: Input::default(), error: None });
    Vec::new()
}

/// Takes what was typed. A phrase that is another acts in no way; neither does a reason of no words.
pub fn typed(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Typing { of, input, error }) = model.overlays.last_mut() else { return Vec::new() };
    let text = input.value().trim().to_owned();
    if let Some(lacks) = lacks(of, &text) {
        *error = Some(lacks.to_owned());
        return Vec::new();
    }
    let of = of.clone();
    model.overlays.pop();
    match of {
        Typing::Phrase { wave, direction, .. } => flip::typed(model, wave, direction, text),
        Typing::Hold => vec![Effect::Do(DeedAsked::Decide(Decision::Hold, text))],
        Typing::Resume => vec![Effect::Do(DeedAsked::Decide(Decision::Resume, text))],
        Typing::NoGo { stage } => vec![Effect::Do(DeedAsked::NoGo { stage, reason: text })],
        Typing::Attest { name, environment, holds, .. } => {
            let (note, file) = with_file(&text);
            vec![Effect::Do(DeedAsked::Attest { name, environment, note, holds, file })]
        }
        Typing::Postpone { wave } => {
            let Some((until, why)) = day_and_why(&text) else { return Vec::new() };
            vec![Effect::Do(DeedAsked::Decide(Decision::Postpone(wave, until), why.to_owned()))]
        }
        Typing::Abort { wave } => {
            let why = after_phrase(&abort_phrase(wave), &text).unwrap_or_default().to_owned();
            vec![Effect::Do(DeedAsked::Decide(Decision::Abort(wave), why))]
        }
        Typing::Rehearse { wave } => {
            model.notice = Some(Notice::Done("looking at the copy …".to_owned()));
            vec![Effect::LookAtCopy { wave, dir: text.into() }]
        }
        Typing::OnTheCopy { wave, dir, .. } => flip::start(model, FlipAsked::Rehearse(wave, dir)),
        Typing::Complete => {
            let why = after_phrase(COMPLETE, &text).unwrap_or_default().to_owned();
            flip::start(model, FlipAsked::Complete(why))
        }
        Typing::Agree(waits) => {
            let one = waits.into_iter().find(|waits| waits.phrase() == text);
            one.map(|one| Effect::Do(DeedAsked::Agree(one.made))).into_iter().collect()
        }
    }
}

/// Why what is typed does nothing yet.
fn lacks(of: &Typing, text: &str) -> Option<&'static str> {
    const PHRASE: &str = "that is not the phrase, letter by letter: nothing was done";
    const PHRASE_AND_WHY: &str = "type the phrase, letter by letter, and why after it: nothing was done";
    match of {
        Typing::Phrase { phrase, .. } => (phrase != text).then_some(PHRASE),
        Typing::OnTheCopy { .. } => (text != ON_THE_COPY).then_some(PHRASE),
        Typing::Agree(waits) => (!waits.iter().any(|waits| waits.phrase() == text)).then_some(PHRASE),
        Typing::Abort { wave } => after_phrase(&abort_phrase(*wave), text).is_none().then_some(PHRASE_AND_WHY),
        Typing::Complete => after_phrase(COMPLETE, text).is_none().then_some(PHRASE_AND_WHY),
        Typing::Postpone { .. } => day_and_why(text).is_none().then_some("write a day, and why after it: 2026-07-01 finance is away"),
        Typing::Attest { .. } => with_file(text).0.is_empty().then_some("say it in words: nothing was done"),
        _ => text.is_empty().then_some("say it in words: nothing was done"),
    }
}

/// `2026-07-01 finance is away`.
fn day_and_why(text: &str) -> Option<(NaiveDate, &str)> {
    let (day, why) = text.split_once(' ')?;
    let why = why.trim();
    day.parse().ok().filter(|_| !why.is_empty()).map(|day| (day, why))
}

/// `all balances agree @sheet.pdf`: what was found, and a file that shows it.
fn with_file(text: &str) -> (String, Option<PathBuf>) {
    match text.rsplit_once('@').filter(|(before, name)| !name.trim().is_empty() && (before.is_empty() || before.ends_with(' '))) {
        Some((note, file)) => (note.trim().to_owned(), Some(PathBuf::from(file.trim()))),
        None => (text.to_owned(), None),
    }
}

/// The copy was looked at: its programs are named, and somebody must say that they act on it alone.
pub fn copy_seen(model: &mut Model, wave: u32, answer: Result<(PathBuf, Vec<String>), Trouble>) -> Vec<Effect> {
    match answer {
        Ok((dir, programs)) => {
            model.notice = None;
            ask(model, Typing::OnTheCopy { wave, dir, programs })
        }
        Err(trouble) => {
            model.notice = Some(Notice::Trouble(trouble));
            Vec::new()
        }
    }
}

/// Looks at a stage to sign it.
pub fn look_to_sign(model: &mut Model, stage: String) -> Vec<Effect> {
    if model.signing {
        let what = "a sign-off is being made: ssh-agent may be asking you".to_owned();
        model.notice = Some(Notice::Trouble(Trouble { what, remedy: "answer it, or wait a minute".to_owned() }));
        return Vec::new();
    }
    if !model.setup.can_run {
        model.notice = jobs::cannot_run(model).map(Notice::Trouble);
        return Vec::new();
    }
    model.notice = Some(Notice::Done(format!("looking at {} anew …", shown(&stage, 40))));
    vec![Effect::LookToSign(stage)]
}

/// The stage was looked at: where it can be signed it is asked, else it is said why not and what to do.
pub fn looked(model: &mut Model, answer: Result<Box<SignLook>, Trouble>) -> Vec<Effect> {
    match answer {
        Ok(look) if look.can_be_signed() => {
            model.notice = None;
            model.overlays.push(Overlay::Sign { look, scroll: 0 });
        }
        Ok(look) => {
            model.notice = None;
            let (title, lines) = (signing::title(&look), signing::lines(model, &look));
            model.overlays.push(Overlay::Text { title, lines, scroll: 0 });
        }
        Err(trouble) => model.notice = Some(Notice::Trouble(trouble)),
    }
    Vec::new()
}

/// A yes: signs what is shown.
pub fn sign(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Sign { look, .. }) = model.overlays.pop() else { return Vec::new() };
    let SignLook { view, by: Ok(by) } = *look else { return Vec::new() };
    model.signing = true;
    model.notice = Some(Notice::Done("signing …".to_owned()));
    vec![Effect::Do(DeedAsked::Sign(Box::new(view), by))]
}

/// Something was done, or not. Who did it is said; the journal's head follows as soon as it is read.
pub fn done(model: &mut Model, answer: Result<Kept, Trouble>) -> Vec<Effect> {
    model.signing = false;
    match answer {
        Ok(kept) => {
            model.notice = Some(Notice::Done(kept.words));
            model.owes_head = true;
            if let Some(undo) = kept.undo {
                decide::remember(model, undo);
            }
            // How rows stand may have changed, and with it which of them pass the filter.
            model.table.marks = Marks::default();
        }
        Err(trouble) => model.notice = Some(Notice::Trouble(trouble)),
    }
    let mut effects = vec![Effect::LoadBook];
    effects.extend(rows::reread(model));
    // What was said of the open row is shown with it.
    if model.screen == Screen::Reconcile && model.detail.is_some() {
        effects.extend(rows::open(model));
    }
    effects
}

/// The journal was read: its head belongs to the word about what was done.
pub fn tell_head(model: &mut Model) {
    if !std::mem::take(&mut model.owes_head) {
        return;
    }
    let head = model.book.journal.first().map(|entry| format!(" · journal {} {}", entry.seq, entry.hash.get(..12).unwrap_or(&entry.hash)));
    if let (Some(Notice::Done(words)), Some(head)) = (&mut model.notice, head) {
        words.push_str(&head);
    }
}

//! What a person does at once: what is typed or signed, and what came of it.

use super::{decide, flip, jobs, rows};
use crate::app::flip::Decision;
use crate::domain::text::shown;
use crate::tui::model::deed::{DeedAsked, SignLook, Typing};
use crate::tui::model::marks::Marks;
use crate::tui::model::{Model, Notice, Overlay, Screen, Trouble};
use crate::tui::msg::{Effect, Kept};
use crate::tui::view::signing;
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
    let lacks = match of {
        Typing::Phrase { phrase, .. } => (*phrase != text).then_some("that is not the phrase, letter by letter: nothing was done"),
        _ => text.is_empty().then_some("say it in words: nothing was done"),
    };
    if let Some(lacks) = lacks {
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
        Typing::Attest { name, environment, .. } => vec![Effect::Do(DeedAsked::Attest { name, environment, note: text })],
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

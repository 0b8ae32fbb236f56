//! What somebody who signs sees: the stage, what must be so, its checks, earlier words, the digest; what stands against it, or the question.

use crate::domain::text::shown;
use crate::present::gates::{check_line, seat_line, void_line};
use crate::tui::model::Model;
use crate::tui::model::deed::{SealBy, SignLook};

/// Widest a sentence is shown.
const TEXT: usize = 200;
/// Widest a name is shown.
const NAME: usize = 60;

/// The title of the page.
pub fn title(look: &SignLook) -> String {
    if look.can_be_signed() {
        format!("Sign {}?", shown(&look.view.stage.id, NAME))
    } else {
        format!("{} cannot be signed", shown(&look.view.stage.id, NAME))
    }
}

/// Everything the sign-off is bound to, and what stands against it.
pub fn lines(model: &Model, look: &SignLook) -> Vec<String> {
    let (view, mut out) = (&look.view, Vec::new());
    let standing = &view.standing;
    if !look.can_be_signed() {
        out.extend(against(model, look));
        out.push(String::new());
    }
    let role = view.role.as_ref().map_or_else(String::new, |role| format!(" · as {}", shown(role, NAME)));
    out.push(format!("{} · {}{role}", shown(&view.stage.title, TEXT), shown(&view.environment, NAME)));
    out.extend(view.stage.requires.iter().map(|sentence| format!("must be so: {}", shown(sentence, TEXT))));
    out.push(String::new());
    let (now, signs) = (model.now, model.setup.theme.signs);
    out.extend(standing.checks.iter().map(|check| check_line(check, now, signs)));
    out.push(String::new());
    out.extend(standing.seats.iter().map(|seat| seat_line(seat, now, signs)));
    out.extend(standing.void.iter().map(void_line));
    out.extend(standing.refused.iter().map(|(who, why)| format!("✗ NO-GO by {}: {}", shown(who, NAME), shown(why, TEXT))));
    out.push(String::new());
    out.extend(view.place.lines().iter().map(|line| format!("acts on: {}", shown(line, TEXT))));
    out.push(format!("digest {}", standing.binding.digest()));
    out
}

/// What a yes does, in two lines.
pub fn question(model: &Model, look: &SignLook) -> [String; 2] {
    let role = shown(look.view.role.as_deref().unwrap_or_default(), NAME);
    let how = match &look.by {
        Ok(SealBy::Agent) => "with the key ssh-agent holds",
        Ok(SealBy::Name) => "by name only (ATTESTED, no signature)",
        Err(_) => "",
    };
    [
        format!("{} signs GO as {role}, {how}, bound to this digest.", shown(&model.setup.actor, NAME)),
        "Any change of it voids the sign-off. With every seat filled, this gate opens.".to_owned(),
    ]
}

/// Why it cannot be signed here, and what to do.
fn against(model: &Model, look: &SignLook) -> Vec<String> {
    if !look.view.refusals.is_empty() {
        return look.view.refusals.iter().map(|refusal| format!("✗ {refusal}")).collect();
    }
    match &look.by {
        Err(why) => {
            let (stage, actor) = (shown(&look.view.stage.id, NAME), shown(&model.setup.actor, NAME));
            vec![
                format!("✗ this stage wants a signature, and none can be made here: {}", shown(why, 300)),
                format!("  type in a shell: dualrun sign {stage} --as {actor} --key FILE"),
            ]
        }
        Ok(_) => vec!["✗ the stage asks nobody to sign".to_owned()],
    }
}

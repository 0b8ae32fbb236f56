//! Who may sign a stage: two different people, each in a role of theirs that the stage asks for, and nobody who last changed what the
//! numbers rest on. All that stands against a sign-off is said at once.

use crate::domain::gate::{Binding, GateAct, GateDeed, Part, RunbookStage, Seal, SignOff};
use crate::domain::person::{Person, folded, same_person};
use crate::domain::text::shown;

/// The role that is anybody's.
pub const ANYBODY: &str = "any";
/// Widest a name is shown.
const NAME: usize = 60;

/// What somebody wants to sign, and what is known then.
#[derive(Debug, Clone, Copy)]
pub struct SignOrder<'a> {
    /// The stage.
    pub stage: &'a RunbookStage,
    /// Where.
    pub environment: &'a str,
    /// Who.
    pub person: &'a str,
    /// The people there are; nobody listed is nobody known.
    pub people: &'a [Person],
    /// Every act of the service.
    pub acts: &'a [GateAct],
    /// What would be signed.
    pub binding: &'a Binding,
    /// Who last changed what the numbers rest on.
    pub editors: &'a [Editor],
}

/// Somebody who last changed what the numbers rest on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Editor {
    /// Who.
    pub person: String,
    /// What that was: `adopted the configuration`, `made waiver #3`.
    pub did: String,
}

/// What stands against a sign-off, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not one of the people listed.
    #[error("{} is not in [[operators]] — have an entry added there, or write --as with your own name", shown(.0, NAME))]
    NotListed(String),
    /// The stage does not ask for the role.
    #[error("the stage asks for {}, not for {} — write --role with one of these", .asked.join(", "), shown(.role, NAME))]
    RoleNotAsked {
        /// The role.
        role: String,
        /// Those it asks for.
        asked: Vec<String>,
    },
    /// The role is not one of the person's.
    #[error("{} does not have the role {} — roles are given in [[operators]]", shown(.person, NAME), shown(.role, NAME))]
    RoleNotTheirs {
        /// Who.
        person: String,
        /// The role.
        role: String,
    },
    /// The person signed it in another role.
    #[error("{} signed this stage already, as {} (act {act}) — another person signs for the other role", shown(.person, NAME), shown(.role, NAME))]
    SignedInOtherRole {
        /// Who.
        person: String,
        /// The other role.
        role: String,
        /// The act.
        act: i64,
    },
    /// The person signed exactly this.
    #[error("{} signed exactly this already (act {act}) — nothing is left for that person to sign here", shown(.person, NAME))]
    SignedAlready {
        /// Who.
        person: String,
        /// The act.
        act: i64,
    },
    /// Somebody else signed exactly this in the role.
    #[error("{} signed this as {} already (act {act}) — sign in a role that is open", shown(.by, NAME), shown(.role, NAME))]
    RoleTaken {
        /// Who did.
        by: String,
        /// The role.
        role: String,
        /// The act.
        act: i64,
    },
    /// Who changed it does not vouch for it.
    #[error("{} {} last, and who did that does not count — another person signs", shown(&.0.person, NAME), shown(&.0.did, 80))]
    Edited(Editor),
    /// A part of what is signed is not there.
    #[error("{} is not there, or not of this configuration — {}", .0.word(), remedy(*.0))]
    Absent(Part),
}

const fn remedy(part: Part) -> &'static str {
    match part {
        Part::Gate | Part::Configuration | Part::Program => "this is a bug in dualrun: please report it",
        Part::SourceInputs | Part::TargetInputs | Part::Run => "dualrun reconcile reads both sides",
        Part::Review => "dualrun status looks at the decisions anew",
        Part::Evidence => "dualrun gates run makes the checks of the stage",
    }
}

/// Everything that stands against signing in a role; nothing where it may be signed.
pub fn refusals(order: &SignOrder<'_>, role: &str) -> Vec<Refusal> {
    let SignOrder { stage, person, people, binding, editors, .. } = *order;
    let mut found = Vec::new();
    let owned = str::to_owned;
    let listed = Person::named(people, person);
    if listed.is_none() && !people.is_empty() {
        found.push(Refusal::NotListed(owned(person)));
    }
    if !stage.signers.iter().any(|asked| same_role(asked, role)) {
        found.push(Refusal::RoleNotAsked { role: owned(role), asked: stage.signers.iter().map(|asked| shown(asked, NAME)).collect() });
    } else if !has(listed, role) {
        found.push(Refusal::RoleNotTheirs { person: owned(person), role: owned(role) });
    }
    let signed = standing_signoffs(order.acts, &stage.id, order.environment);
    for (act, signoff) in signed.iter().filter(|(act, _)| same_person(&act.actor, person)) {
        if !same_role(&signoff.role, role) {
            found.push(Refusal::SignedInOtherRole { person: owned(person), role: signoff.role.clone(), act: act.id });
        } else if signoff.binding == *binding {
            found.push(Refusal::SignedAlready { person: owned(person), act: act.id });
        }
    }
    found.extend(taken(order, &signed, role));
    let edits = editors.iter().filter(|editor| same_person(&editor.person, person));
    found.extend(edits.map(|editor| Refusal::Edited(editor.clone())));
    found.extend(Part::ALL.into_iter().filter(|part| binding.0.get(part).is_none_or(String::is_empty)).map(Refusal::Absent));
    found
}

/// Roles are told apart as people are.
fn same_role(a: &str, b: &str) -> bool {
    folded(a) == folded(b)
}

/// Whether somebody may sign in a role. Who is not listed has none but anybody's.
fn has(person: Option<&Person>, role: &str) -> bool {
    same_role(role, ANYBODY) || person.is_some_and(|person| person.roles.iter().any(|own| same_role(own, role)))
}

/// Where every place of the role is filled by others who signed exactly this: the last of them.
fn taken(order: &SignOrder<'_>, signed: &[(&GateAct, &SignOff)], role: &str) -> Option<Refusal> {
    let others = |(act, signoff): &&(&GateAct, &SignOff)| {
        !same_person(&act.actor, order.person) && same_role(&signoff.role, role) && signoff.binding == *order.binding
    };
    let (places, filled) = (order.stage.signers.iter().filter(|asked| same_role(asked, role)).count(), signed.iter().filter(others).count());
    let (act, _) = signed.iter().rfind(others).filter(|_| places > 0 && filled >= places)?;
    Some(Refusal::RoleTaken { by: act.actor.clone(), role: role.to_owned(), act: act.id })
}

/// The role somebody signs in where none is named: one the person signed in before, else the first of theirs that is open, else the
/// first of theirs; where the person has none of them, the first the stage asks for, which will be refused.
pub fn role_for<'a>(order: &SignOrder<'a>) -> Option<&'a str> {
    let signed = standing_signoffs(order.acts, &order.stage.id, order.environment);
    let before = signed.iter().find(|(act, _)| same_person(&act.actor, order.person)).map(|(_, signoff)| signoff.role.as_str());
    let asked = || order.stage.signers.iter().map(String::as_str);
    let own = |role: &&str| has(Person::named(order.people, order.person), role);
    let open = |role: &&str| taken(order, &signed, role).is_none();
    before.filter(|before| asked().any(|role| same_role(role, before))).or_else(|| asked().filter(own).find(open)).or_else(|| asked().find(own)).or_else(|| asked().next())
}

/// The sign-offs of a stage that stand: each person's newest that was not withdrawn, whatever changed since. Oldest first.
pub fn standing_signoffs<'a>(acts: &'a [GateAct], stage: &str, environment: &str) -> Vec<(&'a GateAct, &'a SignOff)> {
    let mut standing: Vec<(&GateAct, &SignOff)> = Vec::new();
    for act in acts {
        match &act.deed {
            GateDeed::Sign(signoff) if signoff.stage == stage && signoff.environment == environment => {
                standing.retain(|(before, _)| !same_person(&before.actor, &act.actor));
                standing.push((act, signoff));
            }
            GateDeed::Withdraw { act: withdrawn, .. } => standing.retain(|(before, _)| before.id != *withdrawn),
            _ => {}
        }
    }
    standing
}

/// Another person's standing sign-off of the stage by the same key: two people with one key are one.
pub fn same_key<'a>(acts: &'a [GateAct], signoff: &SignOff, person: &str) -> Option<&'a GateAct> {
    let of = |seal: &Seal| match seal {
        Seal::Ssh { fingerprint, .. } => Some(fingerprint.clone()),
        Seal::Attested => None,
    };
    let key = of(&signoff.seal)?;
    let signed = standing_signoffs(acts, &signoff.stage, &signoff.environment);
    signed.into_iter().find(|(act, other)| !same_person(&act.actor, person) && of(&other.seal).as_ref() == Some(&key)).map(|(act, _)| act)
}

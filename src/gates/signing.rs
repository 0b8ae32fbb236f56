//! Who may sign a stage as it stands: one of the people listed, in a role of theirs that has a free seat, who did not move the goal
//! last; and only what is whole and holds. All that stands against a sign-off is said at once.

use super::StageStanding;
use crate::domain::gate::{Part, RunbookStage};
use crate::domain::person::{ANYBODY, Operator, same_person};
use crate::domain::text::shown;

/// Widest a name is shown.
const NAME: usize = 60;

/// What somebody wants to sign, and what is known then.
#[derive(Debug, Clone, Copy)]
pub struct SignOrder<'a> {
    /// The stage.
    pub stage: &'a RunbookStage,
    /// How it stands.
    pub standing: &'a StageStanding,
    /// Who.
    pub person: &'a str,
    /// The people there are.
    pub operators: &'a [Operator],
    /// People whose sign-off does not count now, each with why.
    pub barred: &'a [(String, String)],
    /// Whether the run that counts was made by the configuration as it is now.
    pub is_run_current: bool,
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
    /// The person sits in a seat of the stage.
    #[error("{} signed this already (act {act}), for {} — what is left is for another person", shown(.person, NAME), shown(.role, NAME))]
    SignedAlready {
        /// Who.
        person: String,
        /// The seat's role.
        role: String,
        /// The act.
        act: i64,
    },
    /// Others sit in every seat of the role.
    #[error("{} signed this as {} already (act {act}) — sign in a role that is open", shown(.by, NAME), shown(.role, NAME))]
    RoleTaken {
        /// Who did.
        by: String,
        /// The role.
        role: String,
        /// The act.
        act: i64,
    },
    /// Who moved the goal does not say that it was reached.
    #[error("{} {}, and who did that does not count — another person signs", shown(.person, NAME), shown(.why, 80))]
    Barred {
        /// Who.
        person: String,
        /// What that was.
        why: String,
    },
    /// What would be signed does not hold.
    #[error("the stage does not hold: {} — dualrun gates says what is missing; a no-go is always possible", shown(.0, 160))]
    NotReady(String),
    /// A part of what is signed is not there.
    #[error("{} is not there — {}", .0.word(), remedy(*.0))]
    Absent(Part),
    /// The run that counts is of another configuration.
    #[error("the configuration is another than the reconciliation's — dualrun reconcile reads both sides anew")]
    OldRun,
}

const fn remedy(part: Part) -> &'static str {
    match part {
        Part::Gate | Part::Configuration | Part::Review | Part::Place | Part::Program => "this is a bug in dualrun: please report it",
        Part::SourceInputs | Part::TargetInputs | Part::Run => "dualrun reconcile reads both sides",
        Part::Evidence => "dualrun gates run makes the checks of the stage",
    }
}

/// Everything that stands against signing in a role; nothing where it may be signed.
pub fn refusals(order: &SignOrder<'_>, role: &str) -> Vec<Refusal> {
    let SignOrder { stage, standing, person, operators, barred, is_run_current } = *order;
    let mut found = Vec::new();
    let owned = str::to_owned;
    let listed = named(operators, person);
    if listed.is_none() {
        found.push(Refusal::NotListed(owned(person)));
    }
    if !stage.signers.iter().any(|asked| asked == role || asked == ANYBODY) {
        found.push(Refusal::RoleNotAsked { role: owned(role), asked: stage.signers.iter().map(|asked| shown(asked, NAME)).collect() });
    } else if listed.is_some_and(|person| !person.may_sign_as(role)) {
        found.push(Refusal::RoleNotTheirs { person: owned(person), role: owned(role) });
    }
    let seated = standing.seats.iter().filter_map(|seat| Some((seat, seat.signed.as_ref()?)));
    let own = seated.filter(|(_, signed)| same_person(&signed.person, person));
    found.extend(own.map(|(seat, signed)| Refusal::SignedAlready { person: owned(person), role: seat.role.clone(), act: signed.act }));
    if found.is_empty() {
        found.extend(taken(standing, role));
    }
    let barred = barred.iter().filter(|(who, _)| same_person(who, person));
    found.extend(barred.map(|(_, why)| Refusal::Barred { person: owned(person), why: why.clone() }));
    let absent: Vec<Part> = Part::ALL.into_iter().filter(|part| standing.binding.0.get(part).is_none_or(String::is_empty)).collect();
    found.extend(absent.iter().copied().map(Refusal::Absent));
    if !absent.contains(&Part::Run) && !is_run_current {
        found.push(Refusal::OldRun);
    }
    if !standing.ready && !absent.contains(&Part::Evidence) {
        found.push(Refusal::NotReady(standing.summary.clone()));
    }
    found
}

/// The person of a name.
fn named<'a>(operators: &'a [Operator], name: &str) -> Option<&'a Operator> {
    operators.iter().find(|operator| same_person(&operator.id, name))
}

/// Where no seat is left in which the role may sit: who sits in the last of them.
fn taken(standing: &StageStanding, role: &str) -> Option<Refusal> {
    let seats = || standing.seats.iter().filter(|seat| seat.role == role || seat.role == ANYBODY);
    if seats().any(|seat| seat.signed.is_none()) {
        return None;
    }
    let signed = seats().filter_map(|seat| seat.signed.as_ref()).next_back()?;
    Some(Refusal::RoleTaken { by: signed.person.clone(), role: role.to_owned(), act: signed.act })
}

/// The role somebody signs in where none is named: the first of theirs that is open, else the first of theirs; where the person has none
/// of them, the first the stage asks for, which will be refused.
pub fn role_for<'a>(order: &SignOrder<'a>) -> Option<&'a str> {
    let asked = || order.stage.signers.iter().map(String::as_str);
    let person = named(order.operators, order.person);
    let own = |role: &&str| person.is_some_and(|person| person.may_sign_as(role));
    asked().filter(own).find(|role| taken(order.standing, role).is_none()).or_else(|| asked().find(own)).or_else(|| asked().next())
}

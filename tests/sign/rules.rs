//! Who may sign, by the engine alone.

use chrono::{DateTime, Utc};
use dualrun::domain::gate::{Binding, Outcome, Part, RunbookStage, SignatureRule};
use dualrun::domain::person::Operator;
use dualrun::gates::{Refusal, Seat, SignOrder, Signed, StageStanding, refusals, role_for};

fn stage(signers: &[&str]) -> RunbookStage {
    RunbookStage {
        id: "s".into(),
        title: "S".into(),
        requires: vec![],
        environments: vec!["p".into()],
        checks: vec![],
        signers: signers.iter().map(|s| (*s).to_owned()).collect(),
        signature: SignatureRule::Signed,
        forbids: vec![],
        reopened_by: vec![],
        back_out: vec![],
        wait_seconds: 0,
        expires_seconds: None,
        freezes: vec![],
    }
}

/// A stage that holds, its seats taken by some.
fn standing(stage: &RunbookStage, seated: &[(&str, &str)]) -> StageStanding {
    let signed = |role: &str| seated.iter().find(|(of, _)| *of == role).map(|(_, who)| (*who).to_owned());
    let sits = |person: String| Signed { act: 7, person, at: DateTime::<Utc>::UNIX_EPOCH, attested: false };
    StageStanding {
        id: "s".into(),
        title: "S".into(),
        requires: vec![],
        forbids: vec![],
        back_out: vec![],
        outcome: Outcome::NotRun,
        summary: "1 of 2 checks hold".into(),
        checks: vec![],
        seats: stage.signers.iter().map(|role| Seat { role: role.clone(), signed: signed(role).map(sits) }).collect(),
        void: vec![],
        refused: vec![],
        shut_until: None,
        ready: true,
        binding: Binding(Part::ALL.into_iter().map(|part| (part, "d".to_owned())).collect()),
    }
}

fn people() -> Vec<Operator> {
    let person = |id: &str, roles: &[&str]| Operator {
        id: id.into(),
        name: id.into(),
        roles: roles.iter().map(|r| (*r).to_owned()).collect(),
        ssh_principal: None,
    };
    vec![person("Ana", &["finance"]), person("ben", &["engineering"]), person("cyd", &["finance", "engineering"])]
}

/// The words of refusals, by their first.
fn found(signers: &[&str], seated: &[(&str, &str)], person: &str, role: &str) -> Vec<String> {
    let (stage, operators) = (stage(signers), people());
    let standing = standing(&stage, seated);
    let order = SignOrder { stage: &stage, standing: &standing, person, operators: &operators, barred: &[], is_run_current: true };
    refusals(&order, role).iter().map(|refusal| format!("{refusal:?}").split([' ', '(']).next().unwrap().to_owned()).collect()
}

const TWO: &[&str] = &["finance", "engineering"];

#[test]
fn each_reason_stands_alone_and_all_are_said() {
    let none: [&str; 0] = [];
    assert_eq!(found(TWO, &[], "ana", "finance"), none);
    assert_eq!(found(TWO, &[], "ａｎａ ", "finance"), none);
    assert_eq!(found(TWO, &[], "eva", "ops"), ["NotListed", "RoleNotAsked"]);
    assert_eq!(found(TWO, &[], "ben", "finance"), ["RoleNotTheirs"]);
    assert_eq!(found(TWO, &[], "ben", "ops"), ["RoleNotAsked"]);
    assert_eq!(found(TWO, &[], "ben", "any"), ["RoleNotAsked"]);
    let before = [("finance", "cyd")];
    assert_eq!(found(TWO, &before, "CYD", "finance"), ["SignedAlready"]);
    assert_eq!(found(TWO, &before, "cyd", "engineering"), ["SignedAlready"]);
    assert_eq!(found(TWO, &before, "ana", "finance"), ["RoleTaken"]);
    assert_eq!(found(TWO, &before, "ben", "engineering"), none);
    // Anybody's seat takes who has a role, by that role or none.
    assert_eq!(found(&["finance", "any"], &before, "ana", "finance"), none);
    assert_eq!(found(&["finance", "any"], &before, "ana", "any"), none);
    assert_eq!(found(&["finance", "any"], &[("any", "cyd"), ("finance", "ana")], "ben", "any"), ["RoleTaken"]);
}

#[test]
fn only_what_is_whole_and_holds_is_signed_and_by_nobody_who_moved_the_goal() {
    let (stage, operators) = (stage(TWO), people());
    let whole = standing(&stage, &[]);
    let barred = [(" ANA".to_owned(), "made the newest waiver".to_owned())];
    let order = SignOrder { stage: &stage, standing: &whole, person: "ana", operators: &operators, barred: &[], is_run_current: true };
    assert_eq!(refusals(&order, "finance"), []);
    for part in Part::ALL {
        let (mut without, mut empty) = (whole.clone(), whole.clone());
        without.binding.0.remove(&part);
        empty.binding.0.insert(part, String::new());
        for standing in [&without, &empty] {
            assert_eq!(refusals(&SignOrder { standing, ..order }, "finance"), [Refusal::Absent(part)]);
        }
    }
    assert_eq!(refusals(&SignOrder { is_run_current: false, ..order }, "finance"), [Refusal::OldRun]);
    let shut = StageStanding { ready: false, ..whole.clone() };
    assert_eq!(refusals(&SignOrder { standing: &shut, ..order }, "finance"), [Refusal::NotReady("1 of 2 checks hold".into())]);
    assert!(matches!(refusals(&SignOrder { barred: &barred, ..order }, "finance").as_slice(), [Refusal::Barred { .. }]));
    // Where nobody is listed, nobody signs.
    assert_eq!(refusals(&SignOrder { operators: &[], ..order }, "finance"), [Refusal::NotListed("ana".into())]);
}

#[test]
fn a_role_is_found() {
    let (stage, operators) = (stage(TWO), people());
    let role = |seated: &[(&str, &str)], person: &str| {
        let standing = standing(&stage, seated);
        let order = SignOrder { stage: &stage, standing: &standing, person, operators: &operators, barred: &[], is_run_current: true };
        role_for(&order).map(str::to_owned)
    };
    assert_eq!(role(&[], "cyd").as_deref(), Some("finance"));
    assert_eq!(role(&[("finance", "ana")], "cyd").as_deref(), Some("engineering"));
    assert_eq!(role(&[("finance", "ana"), ("engineering", "ben")], "cyd").as_deref(), Some("finance"));
    assert_eq!(role(&[], "eva").as_deref(), Some("finance"));
}

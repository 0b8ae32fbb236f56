//! Who may sign, by the engine alone.

use chrono::DateTime;
use dualrun::domain::gate::{Binding, GateAct, GateDeed, Part, RunbookStage, Seal, SignOff, SignatureRule};
use dualrun::domain::person::Person;
use dualrun::gates::{Editor, Refusal, SignOrder, refusals, role_for, same_key, standing_signoffs};

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

fn binding(run: &str) -> Binding {
    Binding(Part::ALL.into_iter().map(|part| (part, if part == Part::Run { run.to_owned() } else { "d".to_owned() })).collect())
}

fn signed(id: i64, actor: &str, role: &str, run: &str, key: &str) -> GateAct {
    let seal = Seal::Ssh { principal: actor.into(), fingerprint: key.into(), signature: "s".into() };
    let signoff = SignOff { stage: "s".into(), environment: "p".into(), role: role.into(), binding: binding(run), seal };
    GateAct { id, service: "o".into(), at: DateTime::UNIX_EPOCH, actor: actor.into(), deed: GateDeed::Sign(Box::new(signoff)) }
}

fn withdrawn(id: i64, act: i64) -> GateAct {
    let deed = GateDeed::Withdraw { act, reason: "r".into() };
    GateAct { id, service: "o".into(), at: DateTime::UNIX_EPOCH, actor: "ana".into(), deed }
}

fn people() -> Vec<Person> {
    let person = |id: &str, roles: &[&str]| Person { id: id.into(), roles: roles.iter().map(|r| (*r).to_owned()).collect(), principal: None };
    vec![person("Ana", &["Finance"]), person("ben", &["engineering"]), person("cyd", &["finance", "engineering"])]
}

/// The words of refusals, by their first.
fn found(acts: &[GateAct], person: &str, role: &str) -> Vec<String> {
    let (stage, people, now) = (stage(&["finance", "engineering"]), people(), binding("r2"));
    let order = SignOrder { stage: &stage, environment: "p", person, people: &people, acts, binding: &now, editors: &[] };
    refusals(&order, role).iter().map(|refusal| format!("{refusal:?}").split([' ', '(']).next().unwrap().to_owned()).collect()
}

#[test]
fn each_reason_stands_alone_and_all_are_said() {
    let none: [&str; 0] = [];
    assert_eq!(found(&[], "ana", "finance"), none);
    assert_eq!(found(&[], "ａｎａ ", "FINANCE"), none);
    assert_eq!(found(&[], "eva", "finance"), ["NotListed", "RoleNotTheirs"]);
    assert_eq!(found(&[], "ben", "finance"), ["RoleNotTheirs"]);
    assert_eq!(found(&[], "ben", "ops"), ["RoleNotAsked"]);
    let before = [signed(1, "cyd", "finance", "r2", "k")];
    assert_eq!(found(&before, "cyd", "finance"), ["SignedAlready"]);
    assert_eq!(found(&before, "CYD", "engineering"), ["SignedInOtherRole"]);
    assert_eq!(found(&before, "ana", "finance"), ["RoleTaken"]);
    // What was signed before something changed is signed anew, in the same role only.
    let old = [signed(1, "cyd", "finance", "r1", "k")];
    assert_eq!((found(&old, "cyd", "finance"), found(&old, "ana", "finance")), (vec![], vec![]));
    assert_eq!(found(&old, "cyd", "engineering"), ["SignedInOtherRole"]);
    assert_eq!(found(&[signed(1, "cyd", "finance", "r2", "k"), withdrawn(2, 1)], "cyd", "engineering"), none);
}

#[test]
fn nothing_absent_is_signed_and_no_editor_signs() {
    let (stage, people) = (stage(&["any", "any"]), people());
    let editors = [Editor { person: " BEN".into(), did: "adopted the configuration".into() }];
    for part in Part::ALL {
        let (mut without, mut empty) = (binding("r"), binding("r"));
        without.0.remove(&part);
        empty.0.insert(part, String::new());
        for now in [&without, &empty] {
            let order = SignOrder { stage: &stage, environment: "p", person: "ana", people: &people, acts: &[], binding: now, editors: &editors };
            assert_eq!(refusals(&order, "any"), [Refusal::Absent(part)]);
        }
    }
    let now = binding("r");
    let order = SignOrder { stage: &stage, environment: "p", person: "ben", people: &people, acts: &[], binding: &now, editors: &editors };
    assert_eq!(refusals(&order, "any"), [Refusal::Edited(editors[0].clone())]);
    // Where nobody is listed, anybody's role is all there is.
    let order = SignOrder { people: &[], editors: &[], ..order };
    assert_eq!(refusals(&order, "any"), []);
    let asked = stage_of_roles();
    let order = SignOrder { stage: &asked, ..order };
    assert!(matches!(refusals(&order, "finance").as_slice(), [Refusal::RoleNotTheirs { .. }]));
}

fn stage_of_roles() -> RunbookStage {
    stage(&["finance", "engineering"])
}

#[test]
fn a_role_is_found_and_a_key_is_one_person_s() {
    let (stage, people, now) = (stage(&["finance", "engineering"]), people(), binding("r2"));
    let role = |acts: &[GateAct], person: &str| {
        let order = SignOrder { stage: &stage, environment: "p", person, people: &people, acts, binding: &now, editors: &[] };
        role_for(&order).map(str::to_owned)
    };
    assert_eq!(role(&[], "cyd").as_deref(), Some("finance"));
    assert_eq!(role(&[signed(1, "ana", "finance", "r2", "k")], "cyd").as_deref(), Some("engineering"));
    assert_eq!(role(&[signed(1, "cyd", "engineering", "r1", "k")], "cyd").as_deref(), Some("engineering"));
    assert_eq!(role(&[], "eva").as_deref(), Some("finance"));
    let acts = [signed(1, "ana", "finance", "r1", "k"), signed(2, "Ana", "finance", "r2", "k2"), signed(3, "ben", "engineering", "r2", "k3")];
    assert_eq!(standing_signoffs(&acts, "s", "p").iter().map(|(act, _)| act.id).collect::<Vec<_>>(), [2, 3]);
    assert!(standing_signoffs(&acts, "s", "q").is_empty());
    let GateDeed::Sign(by_cyd) = signed(4, "cyd", "engineering", "r2", "k2").deed else { unreachable!() };
    assert_eq!(same_key(&acts, &by_cyd, "cyd").map(|act| act.id), Some(2));
    assert_eq!(same_key(&acts, &by_cyd, "ana"), None);
}

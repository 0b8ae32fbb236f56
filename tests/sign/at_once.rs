//! Two processes that sign at the same moment.

use crate::project::Signing;
use dualrun::domain::gate::GateDeed;

/// Signs as these people, all started before any is waited for; their exit codes and words.
fn at_once(of: &Signing, people: &[(&str, &str)]) -> Vec<(i32, String)> {
    let start = |(who, role): &(&str, &str)| {
        of.command(who, &["sign", "agree", "--yes", "--wait", "60", "--role", role, "--key", of.key(who).to_str().unwrap()]).spawn().unwrap()
    };
    let children: Vec<_> = people.iter().map(start).collect();
    let ended = children.into_iter().map(|child| child.wait_with_output().unwrap());
    ended.map(|o| (o.status.code().unwrap_or(-1), String::from_utf8_lossy(&o.stderr).into_owned())).collect()
}

async fn signers(of: &Signing) -> Vec<String> {
    of.acts().await.into_iter().filter(|act| matches!(&act.deed, GateDeed::Sign(of) if of.stage == "agree")).map(|act| act.actor).collect()
}

#[tokio::test]
async fn two_people_make_two_sign_offs_and_one_person_one() {
    let of = Signing::built_to_agree().await;
    let ended = at_once(&of, &[("ana", "finance"), ("ben", "engineering")]);
    assert!(ended.iter().all(|(code, _)| *code == 0), "{ended:?}");
    let mut who = signers(&of).await;
    who.sort_unstable();
    assert_eq!(who, ["ana", "ben"]);

    let of = Signing::built_to_agree().await;
    let ended = at_once(&of, &[("ana", "finance"), ("ana", "finance"), ("ana", "finance")]);
    assert_eq!(ended.iter().filter(|(code, _)| *code == 0).count(), 1, "{ended:?}");
    assert!(ended.iter().filter(|(code, _)| *code == 2).all(|(_, said)| said.contains("ana signed this already (act 7), for finance")), "{ended:?}");
    assert_eq!(signers(&of).await, ["ana"]);

    // Two who could both be finance: one is, and the other is told who was first.
    let of = Signing::built_to_agree().await;
    let ended = at_once(&of, &[("ana", "finance"), ("cyd", "finance")]);
    let told = ended.iter().filter(|(code, said)| *code == 2 && said.contains("signed this as finance already")).count();
    assert_eq!((signers(&of).await.len(), told), (1, 1), "{ended:?}");
    assert_eq!(of.run("eva", &["audit", "verify"]).0, 0);
}

//! Signing in the terminal: the real program in a pseudo-terminal, the key in an agent of its own.

use crate::keys::Agent;
use crate::project::Signing;
use crate::pty::Pty;
use dualrun::domain::gate::{GateDeed, Seal};

fn open(of: &Signing, who: &str, agent: Option<&Agent>) -> Pty {
    let socket = agent.map_or_else(String::new, |agent| agent.socket.to_string_lossy().into_owned());
    let dir = of.dir().to_str().unwrap();
    Pty::start(env!("CARGO_BIN_EXE_dualrun"), &["-C", dir, "--as", who, "tui"], of.dir(), (120, 36), &[("SSH_AUTH_SOCK", &socket)])
}

/// Goes to the second stage of the runbook and looks at it as one who signs.
fn look_at_agree(pty: &mut Pty) {
    pty.expect("BLOCKED");
    pty.keys("5");
    pty.expect("Gates");
    pty.keys("jjjjjjj");
    pty.expect("Both systems agree");
    pty.keys("s");
}

#[tokio::test]
async fn a_stage_is_signed_by_the_agents_key() {
    let of = Signing::built_to_agree().await;
    let agent = Agent::with(of.dir(), &[&of.key("ana")]);
    let before = of.acts().await.len();
    let mut pty = open(&of, "ana", Some(&agent));
    look_at_agree(&mut pty);
    pty.expect("Sign agree?");
    pty.expect("with the key ssh-agent holds");
    // Enter alone signs nothing.
    pty.keys("\r");
    pty.expect("Sign agree?");
    pty.keys("y");
    pty.expect("ana signed agree as finance");
    pty.expect("by key SHA256:");
    pty.keys("q");
    let ended = pty.end();
    assert_eq!(ended.code, Some(0), "{}", ended.screen);
    let acts = of.acts().await;
    let [.., last] = &acts[..] else { panic!("no act") };
    assert_eq!(acts.len(), before + 1);
    assert!(matches!(&last.deed, GateDeed::Sign(sign) if matches!(sign.seal, Seal::Ssh { .. }) && last.actor == "ana"), "{last:?}");
    let (code, verified) = of.json("eva", &["sign", "verify"]);
    assert_eq!((code, verified["broken"].as_u64()), (0, Some(0)), "{verified}");
}

#[tokio::test]
async fn without_an_agent_it_says_what_to_type_and_signs_nothing() {
    let of = Signing::built_to_agree().await;
    let before = of.acts().await.len();
    let mut pty = open(&of, "ana", None);
    look_at_agree(&mut pty);
    pty.expect("agree cannot be signed");
    pty.expect("dualrun sign agree --as ana --key FILE");
    pty.keys("y");
    pty.keys("\x1b");
    pty.keys("q");
    assert_eq!(pty.end().code, Some(0));
    assert_eq!(of.acts().await.len(), before);
}

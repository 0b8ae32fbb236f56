//! The real binary: a stage looked at, signed by two people, listed, verified, exported, refused, taken back.

use crate::keys::{Agent, private};
use crate::project::Signing;
use crate::ssh_keygen::made;
use dualrun::domain::gate::{GateDeed, Outcome, SignOff};
use std::process::Command;

#[tokio::test]
async fn two_people_sign_what_they_saw_and_ssh_keygen_alone_can_check_it() {
    let of = Signing::built_to_agree().await;
    let (code, out, err) = of.sign("ana", "agree", &[]);
    assert_eq!(code, 0, "{out}{err}");
    for said in [
        "must be so: every row matches",
        "✓ pass         restored · The backup was restored · stated in production · just now by cron",
        "only looked at",
        "◌ not signed   finance",
        "acts on: source is sqlite source.db",
        "ana signed agree as finance · signed by key SHA256:",
    ] {
        assert!(out.contains(said), "{said}: {out}");
    }
    assert!(err.contains("dualrun: journal ") && err.contains(" entries, head "), "{err}");
    // By the agent, in a role that was found.
    let agent = Agent::with(of.dir(), &[&of.key("ana"), &of.key("ben")]);
    let signed = of.command("ben", &["sign", "agree", "--yes"]).env("SSH_AUTH_SOCK", &agent.socket).output().unwrap();
    let out = String::from_utf8(signed.stdout).unwrap();
    assert!(signed.status.success() && out.contains("✓ signed       finance · by ana (act 7) just now"), "{out}");
    assert!(out.contains("ben signed agree as engineering"), "{out}");

    let (code, list) = of.json("eva", &["sign", "list"]);
    let signoffs = list["signoffs"].as_array().unwrap();
    assert_eq!((code, signoffs.len(), &signoffs[2]["counts"], &signoffs[3]["by"]), (0, 4, &true.into(), &"ben".into()));
    let (code, verified) = of.json("eva", &["sign", "verify"]);
    let sums = ["hold", "broken", "attested"].map(|name| verified[name].as_u64().unwrap());
    assert_eq!((code, sums, &verified["signoffs"][3]["holds"]), (0, [2, 0, 2], &true.into()));
    let gates = of.json("eva", &["gates"]).1.to_string();
    assert!(gates.contains("signed by ana and ben"), "{gates}");
    for act in [7, 8] {
        let to = of.dir().join("export");
        let (code, exported) = of.json("eva", &["sign", "export", &act.to_string(), "--out", to.to_str().unwrap()]);
        assert_eq!(code, 0);
        let checked = Command::new("bash").args(["-c", exported["command"].as_str().unwrap()]).current_dir(&to).output().unwrap();
        assert!(checked.status.success(), "{}{}", exported["command"], String::from_utf8_lossy(&checked.stderr));
        std::fs::write(to.join(format!("signoff-{act}.txt")), "another text\n").unwrap();
        let checked = Command::new("bash").args(["-c", exported["command"].as_str().unwrap()]).current_dir(&to).output().unwrap();
        assert!(!checked.status.success());
    }
    // Who keeps the keys decides: without a person's line no signature of that person holds.
    let allowed = of.dir().join("allowed_signers");
    let lines = std::fs::read_to_string(&allowed).unwrap();
    std::fs::write(of.dir().join("fewer"), lines.lines().filter(|l| !l.starts_with("ben")).collect::<Vec<_>>().join("\n")).unwrap();
    let (code, out, _) = of.run("eva", &["sign", "verify", "--allowed-signers", of.dir().join("fewer").to_str().unwrap()]);
    assert!(code == 1 && out.contains("the signature holds") && out.contains("DOES NOT HOLD") && out.contains("no line for ben@x"), "{out}");

    // Evidence that says the same changes nothing; another voids both, and says what changed.
    of.observe("agree", "restored", Outcome::Pass, "stated").await;
    assert_eq!(of.json("eva", &["sign", "list"]).0, 0);
    of.observe("agree", "restored", Outcome::Fail, "it was not").await;
    let (code, list) = of.json("eva", &["sign", "list"]);
    assert_eq!((code, &list["signoffs"][2]["why"]), (1, &"changed since: the evidence".into()));
    let (code, out, err) = of.sign("ana", "agree", &[]);
    assert!(code == 2 && out.contains("ana's sign-off as finance (act 7) does not count: changed since: the evidence"), "{out}");
    assert!(out.contains("✗ fail         restored") && err.contains("the stage does not hold: 0 of 1 checks hold"), "{err}");
    assert_eq!(of.run("eva", &["audit", "verify"]).0, 0);
}

#[tokio::test]
async fn what_keeps_a_person_from_signing_is_said() {
    let of = Signing::built_to_agree().await;
    let refused = |who: &str, stage: &str, more: &[&str], why: &[&str]| {
        let key = of.key(if who == "dot" || who == "cron" || who == "eva" { "ana" } else { who });
        let by_key = ["--key", key.to_str().unwrap()];
        let by: &[&str] = if more.contains(&"--attested") { &[] } else { &by_key };
        let (code, out, err) = of.run(who, &[&["sign", stage, "--yes"], by, more].concat());
        assert_eq!(code, 2, "{who} {stage} {more:?}: {out}{err}");
        for why in why {
            assert!(err.contains(why), "{who} {stage}: {why}: {err}");
        }
    };
    refused("eva", "agree", &[], &["eva is not in [[operators]]"]);
    refused("ana", "agree", &["--role", "engineering"], &["ana does not have the role engineering"]);
    refused("ana", "agree", &["--role", "ops"], &["the stage asks for finance, engineering, not for ops"]);
    refused("ana", "nowhere", &[], &["the runbook has no stage nowhere — its stages: told, agree"]);
    refused("ana", "agree", &["--environment", "ci"], &["stages are signed for production, where the flip happens, not for ci"]);
    refused("ana", "agree", &["--attested"], &["its runbook asks for a signature"]);
    refused("dot", "agree", &[], &["dot has no key — write ssh_principal"]);
    let (code, _, err) = of.run("ana", &["sign", "agree"]);
    assert!(code == 2 && err.contains("no ssh-agent runs here"), "{err}");
    let (code, _, err) = of.run("ana", &["sign", "agree", "--key", of.key("ana").to_str().unwrap()]);
    assert!(code == 2 && err.contains("nobody can be asked here"), "{err}");
    // Another's key is not one's own.
    let (code, _, err) = of.run("ana", &["sign", "agree", "--yes", "--key", of.key("ben").to_str().unwrap()]);
    assert!(code == 2 && err.contains("is not ana@x's"), "{err}");
    // One person is not two, whatever the name is written like.
    assert_eq!(of.sign("cyd", "agree", &["--role", "finance"]).0, 0);
    let (code, _, err) = of.run(" CYD ", &["sign", "agree", "--yes", "--role", "engineering", "--key", of.key("cyd").to_str().unwrap()]);
    assert!(code == 2 && err.contains("cyd signed this already (act 7), for finance"), "{err}");
    refused("cyd", "agree", &[], &["cyd signed this already (act 7), for finance"]);
    refused("ana", "agree", &[], &["cyd signed this as finance already (act 7)"]);
    // Who adopted the configuration, and who had to do with the newest waiver.
    let waive = [
        "waive",
        "--filter",
        "cause:coupon",
        "--delta",
        "5.00 CAD",
        "--owner",
        "b",
        "--reason",
        "r",
        "--expires",
        "2999-12-31",
        "--cap",
        "8.00 CAD",
        "--apply",
    ];
    assert_eq!(of.run("ana", &waive).0, 0);
    assert_eq!(of.run("ben", &["waive", "confirm", "1"]).0, 0);
    refused("ana", "agree", &[], &["ana made or ended the newest waiver, and who did that does not count"]);
    let config = of.dir().join("dualrun.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, text.replace("round_mode = \"half_even\"", "round_mode = \"half_up\"")).unwrap();
    refused("ben", "agree", &[], &["the configuration is another than the reconciliation's", "the stage does not hold"]);
    of.run("cyd", &["reconcile", "--period", "2026-05"]);
    refused("cyd", "agree", &[], &["cyd brought the present configuration in"]);
    let signs = of.acts().await.into_iter().filter(|act| matches!(&act.deed, GateDeed::Sign(of) if of.stage == "agree")).count();
    assert_eq!(signs, 1, "a refusal left something behind");
}

#[tokio::test]
async fn no_goes_and_withdrawals_are_recorded_and_names_alone_are_shown_as_such() {
    let of = Signing::built_to_agree().await;
    let (code, _, err) = of.run("eva", &["sign", "agree", "--no-go"]);
    assert!(code == 2 && err.contains("--reason"), "{err}");
    let (code, out, _) = of.run("eva", &["sign", "agree", "--no-go", "--reason", "the\u{1b}[31m numbers moved"]);
    assert!(code == 0 && out.contains("no-go for agree"), "{out}");
    let (_, out, _) = of.sign("ana", "agree", &[]);
    assert!(out.contains("✗ NO-GO by eva: the") && !out.contains('\u{1b}'), "{out}");
    for (who, act, why) in [("ana", "7", "only eva takes it back"), ("ana", "1", "cannot be taken back"), ("ana", "99", "there is no act 99")] {
        let (code, _, err) = of.run(who, &["sign", "--withdraw", act, "--reason", "r"]);
        assert!(code == 2 && err.contains(why), "{err}");
    }
    assert_eq!(of.run("eva", &["sign", "--withdraw", "7", "--reason", "they did not"]).0, 0);
    assert_eq!(of.run("ana", &["sign", "--withdraw", "8", "--reason", "I was wrong"]).0, 0);
    let (code, _, err) = of.run("ana", &["sign", "--withdraw", "8", "--reason", "twice"]);
    assert!(code == 2 && err.contains("taken back already, by ana (act 10)"), "{err}");
    let (code, list, _) = of.run("eva", &["sign", "list"]);
    assert!(code == 0 && list.contains("taken back: I was wrong"), "{list}");
    // A name alone, where the stage takes it, says so loudly, and has nothing to verify.
    assert!(list.contains("dot signed told (production) as any · ATTESTED by name only"), "{list}");
    let (code, out, err) = of.run("eva", &["sign", "verify"]);
    assert!(code == 0 && out.contains("nothing to verify") && err.contains("1 of 3 sign-offs hold by signature, 2 are by name only"), "{out}{err}");
    let (code, _, err) = of.run("eva", &["sign", "export", "4", "--out", of.dir().join("x").to_str().unwrap()]);
    assert!(code == 2 && err.contains("by name only"), "{err}");
}

#[tokio::test]
async fn a_key_held_elsewhere_signs_what_is_printed() {
    let of = Signing::built_to_agree().await;
    let (code, message, _) = of.run("ana", &["sign", "agree", "--message"]);
    assert!(code == 0 && message.starts_with("dualrun sign-off v1\nservice ") && message.contains("\nperson \"ana\"\n"), "{message}");
    assert!(of.acts().await.iter().all(|act| !matches!(&act.deed, GateDeed::Sign(of) if of.stage == "agree")));
    let file = of.dir().join("m.sig");
    let sign = |signature: String| {
        std::fs::write(&file, signature).unwrap();
        of.run("ana", &["sign", "agree", "--yes", "--signature", file.to_str().unwrap()])
    };
    let (code, _, err) = sign(made(&of.key("ana"), "file", &message, &[]));
    assert!(code == 2 && err.contains("namespace file, not dualrun-signoff"), "{err}");
    let (code, _, err) = sign(made(&of.key("ana"), SignOff::NAMESPACE, &(message.clone() + "\n"), &[]));
    assert!(code == 2 && err.contains("of another text"), "{err}");
    let signature = made(&of.key("ana"), SignOff::NAMESPACE, &message, &[]);
    // It is of what was printed: when that is another by now, it is a signature of something else.
    of.observe("agree", "restored", Outcome::Pass, "stated anew").await;
    let (code, _, err) = sign(signature.clone());
    assert!(code == 2 && err.contains("of another text"), "{err}");
    of.observe("agree", "restored", Outcome::Pass, "stated").await;
    let (code, out, err) = sign(signature);
    assert!(code == 0 && out.contains("ana signed agree as finance"), "{out}{err}");
    // An encrypted key, its passphrase from a private file.
    private(&of.dir().join("passphrase"), "pass\n");
    let (locked, public) = crate::ssh_keygen::key(of.dir(), "locked", "ed25519", "pass");
    std::fs::write(of.dir().join("allowed_signers"), format!("ben@x {public}")).unwrap();
    let before = of.run("ben", &["sign", "agree", "-y", "--key", locked.to_str().unwrap()]).2;
    assert!(before.contains("the stage does not hold"), "other keys are other people: who signed before knows nothing of them: {before}");
    of.sign_told();
    let passphrase = of.dir().join("passphrase");
    let (code, out, err) =
        of.run("ben", &["sign", "agree", "-y", "--key", locked.to_str().unwrap(), "--passphrase-file", passphrase.to_str().unwrap()]);
    assert!(code == 0 && out.contains("ben signed agree as engineering"), "{out}{err}");
}

#[tokio::test]
async fn a_check_is_waived_and_agreed_to_by_signature_and_ssh_keygen_alone_can_check_both() {
    let of = Signing::built_to_agree().await;
    of.observe("agree", "restored", Outcome::Fail, "it was not").await;
    let waive = |who: &str, more: &[&str]| of.run(who, &[&["gates", "waive", "agree/restored", "--reason", "known", "--for", "2h"], more].concat());
    for (more, why) in [(&["--attested"][..], "its runbook asks for a signature"), (&[], "no ssh-agent runs here — write --key FILE")] {
        let (code, _, err) = waive("ana", more);
        assert!(code == 2 && err.contains(why), "{err}");
    }
    let key = |who: &str| of.key(who).to_str().unwrap().to_owned();
    let (code, out, err) = waive("ana", &["--key", &key("ana")]);
    assert!(code == 0 && out.contains("act 8: agree/restored is waived until") && out.contains("signed by key SHA256:"), "{out}{err}");
    let (code, out, err) = of.run("ben", &["gates", "confirm", "8"]);
    assert!(code == 2 && out.contains("act 8 by ana: waive agree/restored") && out.contains(": known"), "{out}{err}");
    assert!(err.contains("nothing was done") && err.contains("--confirm \"agree to act 8\""), "{err}");
    let agree = |who: &str, more: &[&str]| of.run(who, &[&["gates", "confirm", "8", "--confirm", "agree to act 8"], more].concat());
    let (code, _, err) = agree("ben", &["--attested"]);
    assert!(code == 2 && err.contains("asks for a signature"), "{err}");
    let (code, _, err) = agree("dot", &["--key", &key("ana")]);
    assert!(code == 2 && err.contains("dot has no key"), "{err}");
    let agent = Agent::with(of.dir(), &[&of.key("ben")]);
    let agreed = of.command("ben", &["gates", "confirm", "8", "--confirm", "agree to act 8"]).env("SSH_AUTH_SOCK", &agent.socket).output().unwrap();
    let out = String::from_utf8(agreed.stdout).unwrap();
    assert!(agreed.status.success() && out.contains("act 8 counts: confirmed by ben · signed by key"), "{out}");
    let (_, out, _) = of.sign("cyd", "agree", &[]);
    assert!(out.contains("by ana and ben: known"), "{out}");

    let (code, verified) = of.json("eva", &["sign", "verify"]);
    let others = verified["others"].as_array().unwrap();
    assert_eq!((code, others.len(), &others[0]["holds"], &others[1]["what"]), (0, 2, &true.into(), &"gate_act_confirmed".into()));
    for act in [8, 9] {
        let to = of.dir().join("export");
        let (code, exported) = of.json("eva", &["sign", "export", &act.to_string(), "--out", to.to_str().unwrap()]);
        assert_eq!(code, 0, "{exported}");
        let check = || Command::new("bash").args(["-c", exported["command"].as_str().unwrap()]).current_dir(&to).output().unwrap();
        assert!(check().status.success(), "{exported}");
        let file = to.join(format!("act-{act}.txt"));
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, text + " ").unwrap();
        assert!(!check().status.success());
    }
    // The glass opens every stage: the strictest of them asks for a signature, too.
    let broken = of.run("cyd", &["gates", "break-glass", "--reason", "tonight"]);
    let phrase = broken.2.split("--confirm \"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let by = |more: &[&str]| of.run("cyd", &[&["gates", "break-glass", "--reason", "tonight", "--confirm", &phrase], more].concat());
    let (code, _, err) = by(&[]);
    assert!(code == 2 && err.contains("asks for a signature"), "{err}");
    let (code, out, err) = by(&["--key", &key("cyd")]);
    assert!(code == 0 && out.contains("signed by key"), "{out}{err}");
}

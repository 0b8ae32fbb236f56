//! Real ssh-keygen accepts what is signed here, and what it signed is accepted here; whatever else is refused by both.

use crate::keys::{Agent, believed, private};
use crate::ssh_keygen::{key, made};
use chrono::{DateTime, Utc};
use dualrun::adapters::ssh::{AllowedSigners, SshSigner};
use dualrun::domain::gate::{Binding, Part, Seal, SignOff};
use dualrun::ports::signer::{KeyFrom, PassphraseFrom, SignatureFaultKind as Kind, Signer as _, Statement, Verifier as _};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const SPACE: &str = SignOff::NAMESPACE;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn message(digest: &str, person: &str) -> String {
    let binding = Binding(BTreeMap::from([(Part::Run, digest.to_owned())]));
    let (stage, environment, role) = ("go\u{202e}live\n".to_owned(), "production".to_owned(), "finance".to_owned());
    SignOff { stage, environment, role, binding, seal: Seal::Attested }.message("orchard", person)
}

fn statement<'a>(principal: &'a str, message: &'a str) -> Statement<'a> {
    Statement { principal, namespace: SPACE, message, at: at("2026-06-01T12:00:00Z") }
}

fn file(path: &Path) -> KeyFrom {
    KeyFrom::File { path: path.to_owned(), passphrase: PassphraseFrom::File(path.with_file_name("passphrase")) }
}

/// A folder with an `allowed_signers` of these lines.
fn allowed(dir: &Path, lines: &[String]) -> (AllowedSigners, PathBuf) {
    let path = dir.join("allowed_signers");
    std::fs::write(&path, lines.join("\n")).unwrap();
    (AllowedSigners::new(path.clone()), path)
}

#[test]
fn each_believes_the_other_s_signatures() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    private(&dir.join("passphrase"), "open sésame\nmore\n");
    let kinds = ["ed25519", "ecdsa-256", "ecdsa-384", "ecdsa-521", "rsa-3072"];
    let mut keys: Vec<(PathBuf, String)> = kinds.iter().map(|kind| key(dir, kind, kind, "")).collect();
    keys.push(key(dir, "encrypted", "ed25519", "open sésame"));
    let lines: Vec<String> = keys.iter().map(|(path, public)| format!("{}@x {public}", path.file_name().unwrap().to_str().unwrap())).collect();
    let (signers, path) = allowed(dir, &lines);
    let agent = Agent::with(dir, &keys[..5].iter().map(|(path, _)| path.as_path()).collect::<Vec<_>>());
    let text = message("d1", "ana");
    let signature = dir.join("signature");
    for (n, (key, _)) in keys.iter().enumerate() {
        let principal = format!("{}@x", key.file_name().unwrap().to_str().unwrap());
        let agents = (n < 5).then(|| KeyFrom::Agent { socket: agent.socket.clone() });
        for from in agents.into_iter().chain([file(key)]) {
            let signed =
                SshSigner::new(from.clone(), signers.clone()).sign(&statement(&principal, &text)).unwrap_or_else(|e| panic!("{from:?}: {e}"));
            std::fs::write(&signature, &signed.signature).unwrap();
            assert!(believed(&path, (&principal, SPACE), &signature, &text, None), "{from:?}");
            for (who, space, said) in
                [(principal.as_str(), "file", text.as_str()), ("ana@y", SPACE, &text), (&principal, SPACE, &message("d2", "ana"))]
            {
                assert!(!believed(&path, (who, space), &signature, said, None), "{from:?}");
            }
            let listed = std::process::Command::new("ssh-keygen").arg("-lf").arg(key.with_extension("pub")).output().unwrap();
            assert!(String::from_utf8(listed.stdout).unwrap().contains(&signed.fingerprint));
        }
        if n < 5 {
            for options in [&[][..], &["-O", "hashalg=sha256"]] {
                let theirs = made(key, SPACE, &text, options);
                let found = signers.verify(&statement(&principal, &text), &theirs).unwrap_or_else(|e| panic!("{principal} {options:?}: {e}"));
                assert!(found.starts_with("SHA256:"));
                // The same comes in as a signature made elsewhere, whatever its line ends are.
                let elsewhere = SshSigner::new(KeyFrom::Made { signature: theirs.replace('\n', "\r\n") }, signers.clone());
                assert_eq!(elsewhere.sign(&statement(&principal, &text)).unwrap().fingerprint, found);
            }
        }
    }
}

/// Every second key of P-521 has a secret number that begins with noughts, and OpenSSH writes it short.
#[test]
fn keys_whose_secret_number_is_short_sign_too() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let text = message("d1", "ana");
    for (n, passphrase) in (0..12).map(|n| (n, if n % 2 == 0 { "" } else { "open" })) {
        let (key, public) = key(dir, &format!("key{n}"), "ecdsa-521", passphrase);
        private(&dir.join("passphrase"), "open");
        let (signers, path) = allowed(dir, &[format!("ana@x {public}")]);
        let signed = SshSigner::new(file(&key), signers).sign(&statement("ana@x", &text)).unwrap_or_else(|e| panic!("{n}: {e}"));
        std::fs::write(dir.join("signature"), &signed.signature).unwrap();
        assert!(believed(&path, ("ana@x", SPACE), &dir.join("signature"), &text, None), "{n}");
        private(&dir.join("passphrase"), "wrong");
        let wrong = SshSigner::new(file(&key), AllowedSigners::new(path)).sign(&statement("ana@x", &text)).map_err(|e| e.kind);
        assert_eq!(wrong.err(), (!passphrase.is_empty()).then_some(Kind::Passphrase));
    }
}

#[test]
fn what_is_not_exactly_that_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let ((ana, public), (ben, of_ben)) = (key(dir, "ana", "ed25519", ""), key(dir, "ben", "ecdsa-256", ""));
    let (weak, of_weak) = key(dir, "weak", "rsa-1024", "");
    let lines = [format!("ana@x {public}"), format!("ben@x {of_ben}"), format!("weak@x {of_weak}"), format!("ca@x cert-authority {public}")];
    let (signers, _) = allowed(dir, &lines);
    let text = message("d1", "ana");
    let good = made(&ana, SPACE, &text, &[]);
    let verify =
        |principal: &str, text: &str, signature: &str| signers.verify(&statement(principal, text), signature).map_err(|e| (e.kind, e.to_string()));
    assert!(verify("ana@x", &text, &good).is_ok());
    let mut bent = good.clone();
    let at = bent.len() / 2;
    bent.replace_range(at..=at, if &good[at..=at] == "A" { "B" } else { "A" });
    for (principal, said, signature, expected) in [
        ("ana@x", &text, made(&ana, "file", &text, &[]), Kind::OtherNamespace),
        ("ana@x", &message("d2", "ana"), good.clone(), Kind::OtherMessage),
        ("ana@x", &message("d1", "Ana"), good.clone(), Kind::OtherMessage),
        ("ben@x", &text, good.clone(), Kind::OtherKey),
        ("ana@y", &text, good.clone(), Kind::UnknownPrincipal),
        ("ca@x", &text, good.clone(), Kind::OtherKey),
        ("ana@x", &text, made(&ben, SPACE, &text, &[]), Kind::OtherKey),
        ("weak@x", &text, made(&weak, SPACE, &text, &[]), Kind::NoSignature),
        ("ana@x", &text, String::new(), Kind::NoSignature),
        ("ana@x", &text, good[..good.len() / 2].to_owned(), Kind::NoSignature),
        ("ana@x", &text, good.replace("SSH SIGNATURE", "PGP SIGNATURE"), Kind::NoSignature),
    ] {
        let (kind, why) = verify(principal, said, &signature).unwrap_err();
        assert_eq!(kind, expected, "{principal}: {why}");
    }
    assert!(verify("ca@x", &text, &good).unwrap_err().1.contains("cert-authority"));
    assert!(verify("ana@x", &text, &bent).is_err());
}

/// Lines that hold or not at a moment: here as there.
#[test]
fn lines_mean_what_they_mean_to_ssh_keygen() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let (ana, public) = key(dir, "ana", "ed25519", "");
    let (_, other) = key(dir, "other", "ed25519", "");
    let (text, signature) = (message("d1", "ana"), dir.join("signature"));
    let good = made(&ana, SPACE, &text, &[]);
    std::fs::write(&signature, &good).unwrap();
    for (line, holds) in [
        ("ana@x KEY", Ok(())),
        ("# all of them\n\n  *@x   KEY  a comment of hers\n", Ok(())),
        ("ben@x,ana@x KEY", Ok(())),
        ("*,!ana@x KEY", Err(Kind::UnknownPrincipal)),
        ("?na@x KEY", Ok(())),
        ("ana@X KEY", Err(Kind::UnknownPrincipal)),
        ("\"ana@x\" KEY", Ok(())),
        ("ana@x OTHER\nana@x KEY", Ok(())),
        ("ana@x OTHER", Err(Kind::OtherKey)),
        ("ana@x namespaces=\"file,dualrun-*\" KEY", Ok(())),
        ("ana@x namespaces=\"file\" KEY", Err(Kind::OtherKey)),
        ("ana@x namespaces=\"*,!dualrun-signoff\" KEY", Err(Kind::OtherKey)),
        ("ana@x valid-after=\"20260601120000Z\" KEY", Ok(())),
        ("ana@x valid-after=\"20260601120001Z\" KEY", Err(Kind::NotYetValid)),
        ("ana@x valid-before=\"20260601120000Z\" KEY", Ok(())),
        ("ana@x valid-before=\"20260601115959Z\" KEY", Err(Kind::Expired)),
        ("ana@x valid-after=\"20260601\",valid-before=\"20260602\",namespaces=\"dualrun-signoff\" KEY", Ok(())),
        ("ana@x valid-before=\"20260601Z\" KEY\nana@x KEY", Ok(())),
        ("ana@x cert-authority KEY", Err(Kind::OtherKey)),
    ] {
        let (signers, path) = allowed(dir, &[line.replace("KEY", &public).replace("OTHER", &other)]);
        let found = signers.verify(&statement("ana@x", &text), &good).map(drop).map_err(|e| e.kind);
        assert_eq!(found, holds, "{line}");
        assert_eq!(believed(&path, ("ana@x", SPACE), &signature, &text, Some("20260601120000Z")), holds.is_ok(), "ssh-keygen on {line}");
    }
}

#[test]
fn keys_that_cannot_be_used_say_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let ((ana, public), (ben, _)) = (key(dir, "ana", "ed25519", "secret"), key(dir, "ben", "ed25519", ""));
    let (signers, path) = allowed(dir, &[format!("ana@x {public}")]);
    let text = message("d1", "ana");
    let sign = |from: KeyFrom| SshSigner::new(from, signers.clone()).sign(&statement("ana@x", &text)).map_err(|e| (e.kind, e.to_string())).map(drop);
    let refused = |from: KeyFrom, kind: Kind, why: &str| {
        let (found, said) = sign(from).unwrap_err();
        assert!(found == kind && said.contains(why), "{found:?}: {said}");
        assert!(!said.contains("wrong secret"), "{said}");
    };
    refused(file(&ana), Kind::Passphrase, "passphrase");
    private(&dir.join("passphrase"), "wrong secret");
    refused(file(&ana), Kind::Passphrase, "sign again with the right one");
    private(&dir.join("passphrase"), "secret");
    assert_eq!(sign(file(&ana)), Ok(()));
    let open = |name: &str, mode: u32| std::fs::set_permissions(dir.join(name), std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
    open("passphrase", 0o644);
    refused(file(&ana), Kind::Passphrase, "chmod 600");
    open("passphrase", 0o600);
    open("ana", 0o640);
    refused(file(&ana), Kind::Key, "chmod 600");
    open("ana", 0o600);
    // Not one of hers: nobody is asked for a passphrase.
    refused(file(&ben), Kind::OtherKey, "ana@x");
    refused(file(&dir.join("nobody")), Kind::Key, "check the path");
    open("ana.pub", 0o600);
    refused(file(&dir.join("ana.pub")), Kind::Key, "without .pub");
    refused(KeyFrom::Agent { socket: dir.join("no.sock") }, Kind::Agent, "ssh-add");
    let agent = Agent::with(dir, &[&ben]);
    refused(KeyFrom::Agent { socket: agent.socket.clone() }, Kind::OtherKey, "ana@x");
    std::fs::write(&path, "ana@x\n").unwrap();
    refused(file(&ana), Kind::Signers, "line 1");
    std::fs::remove_file(&path).unwrap();
    refused(file(&ana), Kind::Signers, "ssh-ed25519 AAAA");
}

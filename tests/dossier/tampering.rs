//! Each kind of tampering, by somebody who makes the manifest anew: found all the same, and named with its place.

use crate::project::{Cutover, Dossier};
use crate::ssh_keygen::key;
use serde_json::{Value, json};
use std::fs;

/// Tampers with a copy, makes its manifest anew, and wants a complaint with all these words.
fn found(dossier: &Dossier, what: &str, tamper: impl FnOnce(&Dossier), words: &[&str]) {
    let copy = dossier.copy();
    tamper(&copy);
    copy.reseal();
    let complaints = copy.complaints();
    let is_named = complaints.iter().any(|line| words.iter().all(|word| line.contains(word)));
    assert!(is_named, "{what}: nothing says {words:?}\n{}", complaints.join("\n"));
}

fn more(value: &mut Value) {
    *value = (value.as_i64().unwrap() + 1).into();
}

/// The run of May.
fn may(dossier: &Dossier) -> String {
    let stand: Value = serde_json::from_str(&dossier.text("stand.json")).unwrap();
    format!("runs/{}", stand["gated_by"])
}

#[tokio::test]
async fn numbers_are_found() {
    let dossier = Cutover::built().await.dossier();
    let run = may(&dossier);
    let (rows, header) = (format!("{run}/rows.jsonl"), format!("{run}/run.json"));
    let row = |change: fn(&mut Value)| {
        let rows = rows.clone();
        move |d: &Dossier| {
            d.change_line(&rows, |line| {
                let is_it = line["row"]["key"] == "sub-1108";
                if is_it {
                    change(&mut line["row"]);
                }
                is_it
            });
        }
    };
    found(&dossier, "an amount", row(|r| more(&mut r["actual"]["minor"])), &[&rows, "sub-1108", "actual is", "makes"]);
    found(&dossier, "an amount, in the digest", row(|r| more(&mut r["actual"]["minor"])), &[&header, "its digest is"]);
    found(&dossier, "a delta", row(|r| more(&mut r["delta"]["minor"])), &[&rows, "sub-1108", "delta is"]);
    found(&dossier, "a verdict", row(|r| r["verdict"] = "match".into()), &[&rows, "sub-1108", "its verdict is match"]);
    found(&dossier, "an input", row(|r| r["inputs"][0]["quantity"] = "3".into()), &[&rows, "sub-1108", "its rating is"]);
    found(&dossier, "a document", row(|r| more(&mut r["documents"][0]["net"]["minor"])), &[&rows, "sub-1108", "makes"]);
    let usage = |d: &Dossier| {
        d.change_line(&rows, |line| {
            let is_it = line["row"]["inputs"][0]["usage"][0].is_array() && line["row"]["basis"] == "rated";
            if is_it {
                line["row"]["inputs"][0]["usage"][0][1] = "987654321".into();
            }
            is_it
        });
    };
    found(&dossier, "usage", usage, &[&rows, "its rating is"]);
    let price = |d: &Dossier| {
        d.change_line(&format!("{run}/terms.jsonl"), |terms| {
            terms["plan"]["flat_price"] = "12345.67".into();
            // A plan that somebody is rated by.
            d.text(&rows).contains(&format!("\"plan_id\":{},\"quantity\"", terms["plan"]["id"]))
        });
    };
    found(&dossier, "a price", price, &[&rows, "its rating is"]);
    found(&dossier, "a count", |d| d.change(&header, |r| more(&mut r["tally"]["counts"][0])), &[&header, "rows that are match", "stated"]);
    let money = |d: &Dossier| d.change(&header, |r| more(&mut r["tally"]["money"]["CAD"]["gross"]));
    found(&dossier, "a total", money, &[&header, "CAD gross", "by its rows"]);
    found(&dossier, "what was read", |d| d.change(&header, |r| r["digests"]["source"] = "00".into()), &[&header, "its digest is"]);
    let cut = |d: &Dossier| d.keep_lines(&rows, |at, _| at > 0);
    found(&dossier, "a row taken out", cut, &[&header, "there"]);
    let config = |d: &Dossier| d.put("configuration.json", &d.text("configuration.json").replace("\"tolerance\":\"0\"", "\"tolerance\":\"9\""));
    found(&dossier, "the configuration", config, &["stand.json", "the configuration's digest is stated as"]);
    let left_out = |d: &Dossier| {
        d.change("stand.json", |stand| {
            stand["runs"].as_array_mut().unwrap().pop();
            stand["gated_by"] = stand["runs"][0].clone();
        });
        fs::remove_dir_all(d.path.join(&run)).unwrap();
    };
    found(&dossier, "a run left out", left_out, &["journal.jsonl", "counts for 2026-05", "the dossier has none"]);
}

#[tokio::test]
async fn acts_and_gates_are_found() {
    let dossier = Cutover::built().await.dossier();
    let act = |id: i64, change: fn(&mut Value)| {
        move |d: &Dossier| {
            d.change_line("gate_acts.jsonl", |act| {
                let is_it = act["id"] == id;
                if is_it {
                    change(act);
                }
                is_it
            });
        }
    };
    found(
        &dossier,
        "evidence",
        act(1, |a| a["deed"]["summary"] = "better".into()),
        &["journal.jsonl", "act 1, which it is of, is not what was written"],
    );
    found(&dossier, "evidence, by the gate", act(1, |a| a["deed"]["outcome"] = "fail".into()), &["gates.json", "stages/agree", "is stated as"]);
    let forged = |a: &mut Value| a["deed"]["seal"]["signature"] = a["deed"]["seal"]["signature"].as_str().unwrap().replacen("AAAA", "AAAB", 1).into();
    found(&dossier, "a signature", act(2, forged), &["gate_acts.jsonl", "the signature of act 2 by ana does not hold"]);
    found(&dossier, "who signed", act(2, |a| a["actor"] = "ben".into()), &["the signature of act 2 by ben does not hold"]);
    let bound = |a: &mut Value| a["deed"]["binding"]["run"] = "00".into();
    found(&dossier, "what was signed", act(3, bound), &["the signature of act 3 by ben does not hold"]);
    let gone = |d: &Dossier| d.keep_lines("gate_acts.jsonl", |at, _| at < 2);
    found(&dossier, "an act taken out", gone, &["journal.jsonl", "act 3, which it is of, is not there"]);
    let decision = |d: &Dossier| {
        d.change_line("reviews.jsonl", |r| {
            r["act"]["deed"]["text"] = "nobody agreed".into();
            true
        });
    };
    found(&dossier, "a decision", decision, &["journal.jsonl", "decision 1, which it is of, is not what was written"]);
    let outcome = |d: &Dossier| d.change("gates.json", |g| g["standing"]["stages"][1]["outcome"] = "pass".into());
    found(&dossier, "how a gate stands", outcome, &["gates.json", "stages/told/outcome is stated as \"pass\", and is \"not_run\""]);
    let runbook = |d: &Dossier| d.change("runbook.json", |r| r["stages"][0]["signers"] = json!(["finance", "any"]));
    found(&dossier, "the runbook", runbook, &["gates.json", "stages/agree/outcome is stated as \"pass\""]);
    let people = |d: &Dossier| d.change("stand.json", |s| s["operators"][1]["ssh_principal"] = "ana@x".into());
    found(&dossier, "the people", people, &["stand.json", "the digest of all that sign-offs are bound to"]);
    let (_, stranger) = key(dossier.path.parent().unwrap(), "mallory", "ed25519", "");
    let swapped = |d: &Dossier| d.put("allowed_signers", &format!("ana@x {stranger}\nben@x {stranger}\n"));
    found(&dossier, "the keys", swapped, &["gate_acts.jsonl", "the signature of act 3 by ben does not hold"]);
}

#[tokio::test]
async fn the_journal_is_found() {
    let dossier = Cutover::built().await.dossier();
    let entries = dossier.text("journal.jsonl").lines().count();
    let edit = |d: &Dossier| {
        d.change_line("journal.jsonl", |entry| {
            let is_it = entry["kind"] == "config_adopted";
            if is_it {
                entry["actor"] = "somebody".into();
            }
            is_it
        });
    };
    found(&dossier, "an entry edited", edit, &["journal.jsonl entry", "it was changed after it was written"]);
    let keep = |wanted: fn(usize, usize) -> bool| move |d: &Dossier| d.keep_lines("journal.jsonl", wanted);
    found(&dossier, "an entry taken out", keep(|at, _| at != 3), &["journal.jsonl entry 5", "an entry before it is missing"]);
    found(&dossier, "the tail, by the head", keep(|at, of| at + 1 < of), &["journal.jsonl", &format!("had {entries}"), "the newest are gone"]);
    found(&dossier, "the tail, by the act", keep(|at, of| at + 1 < of), &["journal.jsonl", "act 3 about the gates has no entry"]);
    let twice = |d: &Dossier| {
        let text = d.text("journal.jsonl");
        d.put("journal.jsonl", &format!("{text}{}\n", text.lines().next_back().unwrap()));
    };
    found(&dossier, "an entry put in", twice, &[&format!("journal.jsonl entry {entries}"), "an entry before it is missing"]);
}

#[tokio::test]
async fn files_are_found_by_the_manifest() {
    let dossier = Cutover::built().await.dossier();
    let said = |tamper: &dyn Fn(&Dossier)| {
        let copy = dossier.copy();
        tamper(&copy);
        copy.complaints().join("\n")
    };
    for name in dossier.names() {
        let gone = dossier.copy();
        fs::remove_file(gone.path.join(&name)).unwrap();
        match gone.verified() {
            Ok(verified) => assert!(verified.complaints.iter().any(|c| c.place == name && c.what.contains("is gone")), "{name}: {verified:?}"),
            Err(error) => assert_eq!((name.as_str(), error.to_string().contains("no manifest.json")), ("manifest.json", true)),
        }
    }
    let added = said(&|d| d.put("runs/notes.txt", "trust me"));
    assert!(added.contains("runs/notes.txt: was put in"), "{added}");
    let text = said(&|d| d.put("runbook.toml", "name = \"another\"\n"));
    assert!(text.contains("runbook.toml: is not what was written"), "{text}");
    let link = said(&|d| {
        fs::rename(d.path.join("README.txt"), d.path.parent().unwrap().join("README.txt")).unwrap();
        std::os::unix::fs::symlink(d.path.parent().unwrap().join("README.txt"), d.path.join("README.txt")).unwrap();
    });
    assert!(link.contains("README.txt: is no plain file"), "{link}");
    let spaced = said(&|d| d.put("manifest.json", &d.text("manifest.json").replace('\n', "\n ")));
    assert!(spaced.contains("manifest.json: is not written as dualrun writes it"), "{spaced}");
    // Sealed with the rest, a file that means nothing here is still none of a dossier.
    let sealed = said(&|d| {
        d.put("runs/notes.txt", "trust me");
        d.reseal();
    });
    assert!(sealed.contains("runs/notes.txt: is no file of a dossier"), "{sealed}");
}

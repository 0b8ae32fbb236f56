//! The command itself: nothing is applied while anything blocks, and everything it says is told twice, for people and machines.

use crate::harness::{said, sqlite_text, workspace};
use crate::project::{NOTHING, bills, phrase, planned, ready};
use dualrun::domain::flip::Direction;

#[test]
fn a_blocked_flip_says_so_and_does_nothing() {
    let folder = ready();
    let dir = folder.path();
    let none = said(dir, &["flip"]);
    assert_eq!(none.code, 1, "{none:#?}");
    assert!(none.out.starts_with("BLOCKED (") && none.out.contains("no wave is planned"), "{}", none.out);
    said(dir, &["flip", "show", "1"]).fails(2, &["there is no wave 1"]);
    planned(dir);
    let standing = said(dir, &["flip", "--format", "json"]).json();
    assert_eq!((standing["waves"][0]["state"].as_str(), standing["waves"][0]["lines"]["planned"].as_i64()), (Some("planned"), Some(8)));
    assert!(standing["blockers"].as_array().is_some_and(|b| !b.is_empty()));
    let checked = said(dir, &["flip", "1", "--format", "json", "-q"]);
    assert_eq!((checked.code, checked.json()["certificate"].is_null()), (1, true));
    let phrase = phrase(dir, 1, Direction::Forward);
    said(dir, &["flip", "apply", "1", "-q"]).fails(2, &["there is no terminal to ask on", &phrase]);
    said(dir, &["flip", "apply", "1", "-q", "--confirm", &phrase]).fails(1, &["nothing was done", "Gates: "]);
    said(dir, &["flip", "apply", "1", "-q", "--confirm", "yes"]).fails(1, &["\"yes\" was typed", &phrase]);
    said(dir, &["flip", "back-out", "1", "-q", "--confirm", "x"]).fails(1, &["nothing of it was done"]);
    said(dir, &["flip", "complete", "--reason", "x"]).fails(1, &["not complete"]);
    said(dir, &["flip", "hypercare", "1", "-q"]).fails(2, &["it has no first invoices"]);
    said(dir, &["flip", "hold", "--reason", " "]).fails(2, &["say why"]);
    assert_eq!(bills(dir), NOTHING);
    assert_eq!(sqlite_text(&workspace(dir), "select cast((select count(*) from journal where kind in ('flip_begun', 'flip_sending')) as text)"), "0");
}

#[test]
fn waves_as_somebody_wants_them() {
    let folder = ready();
    let dir = folder.path();
    std::fs::write(dir.join("friends.txt"), "# who knows us\n\nsub-1003\n sub-1001 \nsub-1007\n").expect("written");
    let file = dir.join("friends.txt");
    let file = file.to_str().expect("UTF-8");
    let plan = said(dir, &["flip", "plan", "--list", file, "--format", "json", "-q"]).json();
    let ids: Vec<&str> = plan["waves"][0]["lines"].as_array().expect("lines").iter().map(|l| l["subscription"].as_str().expect("an id")).collect();
    assert_eq!((ids, &plan["waves"][0]["from"]), (vec!["sub-1001", "sub-1003"], &"friends.txt".into()));
    let left: Vec<&str> = plan["left_out"].as_array().expect("a list").iter().map(|l| l["subscription"].as_str().expect("an id")).collect();
    assert_eq!(left, ["sub-1007", "sub-1008", "sub-1009"]);
    std::fs::write(dir.join("friends.txt"), "sub-9999\n").expect("written");
    said(dir, &["flip", "plan", "--list", file, "-q"]).fails(2, &["friends.txt names sub-9999"]);
    std::fs::write(dir.join("friends.txt"), "\n").expect("written");
    said(dir, &["flip", "plan", "--list", file, "-q"]).fails(2, &["lists nobody"]);
}

#[test]
fn without_a_configuration_nothing_can_be_flipped() {
    let folder = ready();
    let dir = folder.path();
    let file = dir.join("dualrun.toml");
    let text = std::fs::read_to_string(&file).expect("a configuration");
    std::fs::write(&file, &text[..text.find("[flip]").expect("a section")]).expect("written");
    for command in [&["flip", "plan"][..], &["flip", "simulate"], &["flip", "apply", "1", "--confirm", "x"], &["flip", "1"]] {
        said(dir, command).fails(2, &["write [flip]"]);
    }
    assert_eq!(said(dir, &["flip"]).code, 1);
}

//! Keys an operator has chosen: dispatch, footer, help and palette follow; what is wrong with them is told.

use crate::driver::Driver;
use dualrun::config::user::load;
use dualrun::present::keys::markdown;
use dualrun::tui::keymap::Keymap;
use dualrun::tui::model::{Overlay, Screen};
use std::sync::Arc;

fn changed(text: &str) -> Result<Keymap, String> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.toml");
    std::fs::write(&path, text).unwrap();
    let user = load(Some(path)).map_err(|e| e.to_string())?;
    Keymap::with(&user.keys).map_err(|e| e.to_string().replace(&dir.path().to_string_lossy().into_owned(), ""))
}

#[test]
fn other_keys_are_obeyed_and_told_everywhere() {
    let mut driver = Driver::demo((140, 42));
    driver.model.setup.keys = Arc::new(changed("[keys]\ntable.waive = [\"W\", \"F2\"]\nglobal.go_import = \"i\"\n").unwrap());
    driver.press("3w");
    assert!(driver.model.overlays.is_empty(), "the old key means nothing any more");
    assert!(driver.picture().contains("W waive"), "{}", driver.picture());
    driver.press("?");
    assert!(driver.picture().contains("W F2"), "{}", driver.picture());
    driver.press("<esc>:waive the row");
    assert!(driver.picture().contains("W F2"), "{}", driver.picture());
    driver.press("<esc>W");
    assert!(matches!(&driver.model.overlays[..], [Overlay::Waive(_)]));
    driver.press("<esc>i");
    assert_eq!(driver.model.screen, Screen::Import);
}

#[test]
fn two_commands_may_change_places() {
    let keys = changed("[keys]\ntable.note = \"m\"\ntable.resolve = \"t\"\n").unwrap();
    let pages = keys.pages();
    let of = |command: &str| pages.iter().find(|l| l.context == "table" && l.command == command).unwrap().keys.join(" ");
    assert_eq!((of("note"), of("resolve")), ("m".to_owned(), "t".to_owned()));
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let text = "[keys]\ntable.wave = \"W\"\ntabel.waive = \"W\"\ntable.note = \"s\"\ntable.mark = \"?\"\nfilter.open = \"x\"\nact.open = \"Enter\"\ntable.jump = []\ntable.own = \"Hyper-x\"\n";
    let problems = changed(text).unwrap_err();
    let lines: Vec<&str> = problems.lines().collect();
    let expected = [
        (2, "no command \"wave\" in table — write waive"),
        (3, "no context \"tabel\" of keys — write table"),
        (4, "\"s\" is table.next_sort already — give table.next_sort another key, or this one"),
        (5, "\"?\" would hide global.help there"),
        (6, "\"x\" is typed as a letter in filter"),
        (7, "Enter would say yes to what cannot be taken back"),
        (8, "table.jump has no key"),
        (9, "\"Hyper-x\" is no key"),
    ];
    assert_eq!(lines.len(), expected.len(), "{problems}");
    for (line, (number, words)) in lines.iter().zip(expected) {
        assert!(line.starts_with(&format!("/config.toml:{number}:")) && line.contains(words), "{line}");
    }
}

/// The page of the documentation is made of the table: whoever changes a key writes it anew, by `dualrun keys --markdown`.
#[test]
fn the_page_of_the_documentation_is_fresh() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/keys.md");
    let page = markdown(&Keymap::default().pages());
    if std::env::var("INSTA_UPDATE").is_ok_and(|how| how == "always") {
        std::fs::write(path, &page).unwrap();
    }
    assert!(std::fs::read_to_string(path).unwrap_or_default() == page, "dualrun keys --markdown > assets/keys.md");
}

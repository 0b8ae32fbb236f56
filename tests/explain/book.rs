//! Books that were labelled by hand come out as labelled, by the program itself.

use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

fn books() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/books")
}

fn calibrated(book: &Path) -> (Value, String, Option<i32>) {
    let output =
        Command::new(env!("CARGO_BIN_EXE_dualrun")).args(["explain", "--calibrate", "--format", "json", "--book"]).arg(book).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let found = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {said}"));
    (found, said, output.status.code())
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let place = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &place);
        } else {
            std::fs::copy(&path, &place).unwrap();
        }
    }
}

#[test]
fn labelled_books_come_out_as_labelled() {
    for (book, injected) in [("labelled", 145), ("labelled_prorated", 148)] {
        let (found, said, code) = calibrated(&books().join(book));
        let expected =
            json!({ "injected": injected, "named_first": injected, "without_evidence_confirmed": 0, "noise_rows": 16, "noise_explained": 0 });
        assert_eq!((found, code), (expected, Some(0)), "{book}: {said}");
    }
}

#[test]
fn a_label_that_does_not_come_out_is_told_and_is_exit_1() {
    let dir = tempfile::tempdir().unwrap();
    let book = dir.path().join("book");
    copy(&books().join("labelled"), &book);
    // A day of the period, words of a column in capitals, a document without subscription, and a label that is wrong.
    std::fs::write(
        book.join("labels.csv"),
        "\u{feff}Period,SUBSCRIPTION_ID,cause,parameters\n2026-05-01,sub-0024,wrong plan mapped,\n2026-05,INV-9,unlinked,\n2026-05,sub-0025,P2,\n",
    )
    .unwrap();
    let (found, said, code) = calibrated(&book);
    assert_eq!((found["injected"].clone(), found["named_first"].clone(), code), (json!(2), json!(1), Some(1)), "{said}");
    assert!(said.contains("2026-05 sub-0025: labelled proration_by_second; told other_plan"), "{said}");
    std::fs::write(book.join("labels.csv"), "period,subscription_id,cause\nMay,sub-0024,R2\n").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_dualrun")).args(["explain", "--calibrate", "--book"]).arg(&book).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("line 2: May is no period; write 2026-05"));
}

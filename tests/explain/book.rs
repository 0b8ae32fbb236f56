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
    for (book, injected) in [("labelled", 185), ("labelled_prorated", 188)] {
        let (found, said, code) = calibrated(&books().join(book));
        let expected =
            json!({ "injected": injected, "named_first": injected, "without_evidence_confirmed": 0, "noise_rows": 21, "noise_explained": 0 });
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

fn of_labels(labels: &str) -> (Option<i32>, String, String) {
    let dir = tempfile::tempdir().unwrap();
    let book = dir.path().join("book");
    copy(&books().join("labelled"), &book);
    std::fs::write(book.join("labels.csv"), labels).unwrap();
    said(&book)
}

fn said(book: &Path) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_dualrun")).args(["explain", "--calibrate", "--book"]).arg(book).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// Labels as people write them: what can be meant is read, and where nothing was said nothing passes.
#[test]
fn labels_are_read_as_they_are_written_or_refused() {
    // A comma in the last column, carriage returns, a cause of nobody's taxonomy.
    let (code, _, err) = of_labels("period,subscription_id,cause,parameters\r\n2026-05,sub-0024,R2,200, not 50\r\n2026-05,sub-0023,a favour,\r\n");
    assert!(!err.contains("labels.csv"), "{err}");
    assert!(code == Some(0) || code == Some(1), "{err}");
    for (labels, told) in [
        ("period,subscription_id,cause,parameters\n", "no label of a subscription in it"),
        ("period;subscription_id;cause\n2026-05;sub-0024;R2\n", "no column period: its first line names"),
        ("period,subscription_id,cause\n2026-05,sub-0024\n", "line 2 ends before its cause"),
        ("period,subscription_id,cause\n2026-05,,R2\n", "line 2 has no subscription_id"),
        ("period,subscription_id,cause\n2026-13,sub-0024,R2\n", "line 2: 2026-13 is no period"),
        ("", "no column period"),
    ] {
        let (code, out, err) = of_labels(labels);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{err}");
        assert!(err.contains(told), "{told}: {err}");
    }
}

/// A book as a spreadsheet saves it: names of columns in capitals, a mark of the byte order, and columns of somebody's own with any name.
#[test]
fn a_book_is_read_as_spreadsheets_save_it() {
    let dir = tempfile::tempdir().unwrap();
    let book = dir.path().join("book");
    copy(&books().join("labelled"), &book);
    let file = book.join("source/events.csv");
    let text = std::fs::read_to_string(&file).unwrap();
    let (head, rows) = text.split_once('\n').unwrap();
    let rows = rows.lines().map(|line| format!("{line},x,y\r\n")).collect::<Vec<_>>().concat();
    std::fs::write(&file, format!("\u{feff}{},When,\"a \"\"select\"\"\"\r\n{rows}", head.to_uppercase())).unwrap();
    let (found, said, code) = calibrated(&book);
    assert_eq!((found["named_first"].clone(), code), (json!(185), Some(0)), "{said}");
    std::fs::write(&file, "subscription_id,AT,what,from,to,at\n").unwrap();
    let (code, _, err) = self::said(&book);
    assert_eq!(code, Some(2));
    assert!(err.contains("the first line must name every column once"), "{err}");
}

/// A source that sells in US dollars and bills Canadian ones, converted on the day of its invoice, and a line that names a currency.
#[test]
fn a_book_with_exchange_rates_names_them_and_without_them_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let book = dir.path().join("book");
    copy(&books().join("labelled"), &book);
    let add = |file: &str, rows: &str| {
        let text = std::fs::read_to_string(book.join(file)).unwrap();
        std::fs::write(book.join(file), text + rows).unwrap();
    };
    add("source/plans.csv", "p-usd,Abroad,USD,month,1,99,true\n");
    add("target/plans.csv", "PRD-USD,Abroad,CAD,month,1,99,true\n");
    for (file, plan, status) in [("source/subscriptions.csv", "c001,p-usd", "active"), ("target/subscriptions.csv", "9c001,PRD-USD", "running")] {
        for key in ["sub-9001", "sub-9002"] {
            let plan = if key == "sub-9002" { plan.replace("p-usd", "p-m").replace("PRD-USD", "PRD-M") } else { plan.to_owned() };
            add(file, &format!("{key},{plan},{status},2026-05-01,,,1,,,,false,CAD\n"));
        }
    }
    // 99 × 1.3521 = 133.8579; 50 × 1.3521 = 67.605.
    add(
        "source/invoices.csv",
        "INV-9001,,sub-9001,c001,paid,charge,2026-05-01,2026-05-31,2026-06-01,CAD,133.86,17.40,151.26\n\
         INV-9002,,sub-9002,c001,paid,charge,2026-05-01,2026-05-31,2026-06-01,CAD,67.61,8.79,76.40\n",
    );
    add("source/invoice_lines.csv", "INV-9001,sub-9001,,,charge,Plan,1,,133.86\nINV-9002,sub-9002,,,charge,\"Plan, USD\",1,,67.61\n");
    std::fs::write(
        book.join("source/exchange_rates.csv"),
        "from_currency,to_currency,valid_from,rate\nUSD,CAD,2026-05-01,1.3702\nUSD,CAD,2026-06-01,1.3521\nUSD,CAD,2026-06-02,1.3498\n",
    )
    .unwrap();
    let label = |cause: &str| format!("period,subscription_id,cause,parameters\n2026-05,sub-9001,{cause},\n2026-05,sub-9002,{cause},\n");
    std::fs::write(book.join("labels.csv"), label("C4")).unwrap();
    let (found, said, code) = calibrated(&book);
    let expected = json!({ "injected": 2, "named_first": 2, "without_evidence_confirmed": 0, "noise_rows": 0, "noise_explained": 0 });
    assert_eq!((found, code), (expected, Some(0)), "{said}");
    // Nobody's cause without the rates.
    std::fs::remove_file(book.join("source/exchange_rates.csv")).unwrap();
    std::fs::write(book.join("labels.csv"), label("a favour")).unwrap();
    let (found, said, code) = calibrated(&book);
    assert_eq!((found["noise_rows"].clone(), found["noise_explained"].clone(), code), (json!(2), json!(0), Some(0)), "{said}");
}

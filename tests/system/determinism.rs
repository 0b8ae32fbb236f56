//! The same book, the same digest and the same rows: whatever the zone, the language, the order of the rows or the kind of database.

use crate::harness::{READER, RECONCILE, Said, csv_rows, dualrun, on_postgres, on_sqlite, reconciled, specimen, specimen_folder};
use dualrun::adapters::book_files::read_book;
use dualrun::demo::Book;
use serde_json::Value;
use std::path::Path;

/// The specimen with further records at the end of some files, all of it the other way round where asked.
fn specimen_with(further: &[(&str, &str)], turned: bool) -> Book {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::copy(specimen_folder().join("profile.toml"), folder.path().join("profile.toml")).expect("copied");
    for side in ["source", "target"] {
        std::fs::create_dir(folder.path().join(side)).expect("made");
        for entry in std::fs::read_dir(specimen_folder().join(side)).expect("a folder").map(|e| e.expect("an entry")) {
            let text = std::fs::read_to_string(entry.path()).expect("text");
            let name = format!("{side}/{}", entry.file_name().to_string_lossy());
            let more = further.iter().filter(|(file, _)| *file == name).map(|(_, record)| *record);
            let (heading, records) = text.split_once('\n').expect("a heading");
            // No field of the specimen spans lines.
            let mut records: Vec<&str> = records.lines().chain(more).collect();
            if turned {
                records.reverse();
            }
            std::fs::write(folder.path().join(&name), format!("{heading}\n{}\n", records.join("\n"))).expect("written");
        }
    }
    read_book(folder.path(), false).unwrap_or_else(|e| panic!("{e}"))
}

fn under(dir: &Path, environment: &[(&str, &str)]) -> Value {
    let mut command = dualrun(dir, &RECONCILE);
    let said = Said::of(command.env_remove("LC_ALL").envs(environment.iter().copied()).output().expect("it runs"));
    assert_eq!(said.code, 1, "{environment:?}: {said:?}");
    said.json()
}

#[test]
fn zone_language_order_and_kind_of_database_change_nothing() {
    let book = specimen();
    let (sqlite, other_way) = (on_sqlite(&book), on_sqlite(&specimen_with(&[], true)));
    let postgres = on_postgres(&book, "same");
    let postgres_other_way = on_postgres(&specimen_with(&[], true), "turned");
    // The server's own habits are not ours either.
    let habits = "set timezone = 'Asia/Kolkata'; alter role R set datestyle = 'German, DMY'; alter role R set intervalstyle = 'sql_standard'; \
                  alter role R set extra_float_digits = -3; alter role R set lc_monetary = 'C'";
    postgres.cluster.psql("postgres", &format!("alter role R {habits}").replace('R', READER));
    let first = reconciled(sqlite.path());
    let rows = csv_rows(sqlite.path(), &first);
    assert_eq!(rows.len(), 64);
    for dir in [sqlite.path(), other_way.path(), postgres.path(), postgres_other_way.path()] {
        for environment in [
            [("TZ", "UTC"), ("LANG", "C")],
            [("TZ", "America/Toronto"), ("LANG", "tr_TR.UTF-8")],
            [("TZ", "Asia/Kolkata"), ("LC_ALL", "fr_CA.UTF-8")],
            [("TZ", "Nowhere/Atall"), ("PGOPTIONS", "-c datestyle=German -c search_path=pg_catalog")],
        ] {
            let run = under(dir, &environment);
            assert_eq!(run["digest"], first["digest"], "{environment:?}");
            assert_eq!(csv_rows(dir, &run), rows, "{environment:?}");
        }
    }
}

/// Ids that come twice and differ: whichever comes first, the outcome is the same.
#[test]
fn the_order_of_records_with_one_id_decides_nothing() {
    let twice = [
        ("source/customers.csv", "cust-01,Another 01,a@b.example,CA,AB,CAD,active"),
        ("target/customers.csv", "301,Another 01,a@b.example,CA,AB,CAD,active"),
        ("target/plans.csv", "PRD-M,Medium again,CAD,month,1,51.00,true"),
        ("target/charges.csv", "PRD-CPU,cpu_seconds,standard,36000,3600,0.0085,,,"),
        ("target/subscriptions.csv", "sub-1103,302,PRD-S,running,2025-11-03,,,2,,,,false,CAD,draft,false,false"),
        ("source/subscriptions.csv", "sub-1103,cust-02,p-m,cancelled,2025-11-03,2026-01-01,,2,,,,false,CAD"),
        ("source/invoices.csv", "INV-5104,R-9999,sub-1104,cust-02,open,charge,2026-05-01,2026-05-31,2026-06-01,CAD,7.00,0.91,7.91"),
        ("source/invoice_lines.csv", "INV-5104,sub-1104,,,charge,Plan,1,7.00,7.00"),
        // One cent of tax that two equal lines could both have.
        ("source/invoices.csv", "INV-9001,R-9001,,cust-02,paid,charge,2026-05-01,2026-05-31,2026-06-01,CAD,2.00,0.27,2.27"),
        ("source/invoice_lines.csv", "INV-9001,sub-1101,,,charge,Plan,1,1.00,1.00"),
        ("source/invoice_lines.csv", "INV-9001,sub-1102,,,charge,Plan,1,1.00,1.00"),
        // One idempotency key for two quantities, and for two months.
        ("source/usage.csv", "sub-1109,cpu_seconds,2026-05-10T12:00:00Z,72000,2026-05-10T12:00:00Z,u-0001"),
        ("source/usage.csv", "sub-1151,events,2026-04-20T12:00:00Z,20,2026-04-20T12:00:00Z,u-0014"),
        ("target/taxes.csv", "GST,6,AB,,2008-01-01,,false"),
    ];
    let run = |turned| {
        let project = on_sqlite(&specimen_with(&twice, turned));
        let run = reconciled(project.path());
        (csv_rows(project.path(), &run), run["findings"].clone(), run["digest"].clone())
    };
    let (rows, findings, digest) = run(false);
    let verdict = |key: &str| rows.iter().find(|r| r[1] == key).map(|r| r[2].as_str());
    for key in ["sub-1103", "sub-1107", "sub-1109"] {
        assert_eq!(verdict(key), Some("not_comparable"), "{key}: none of two that contradict each other is chosen");
    }
    assert_eq!(run(true), (rows, findings, digest));
}

//! A run beside the expected files of a book.

use crate::memory::Kept;
use dualrun::domain::money::Money;
use dualrun::domain::row::ReconRow;
use dualrun::domain::run::RunState;
use dualrun::domain::side::Side;
use dualrun::domain::verdict::{Basis, Verdict};
use serde_json::Value;
use std::path::Path;

/// Columns of `expected.csv` without its note, of all subscription rows; then those of `expected_unlinked.csv`.
pub fn expected_rows(book: &Path) -> Vec<Vec<String>> {
    let mut out = Vec::new();
    for (file, take) in [("expected.csv", 13), ("expected_unlinked.csv", 8)] {
        let mut reader = csv::Reader::from_path(book.join(file)).expect("a file of the book");
        out.extend(reader.records().map(|r| r.expect("a record").iter().take(take).map(ToOwned::to_owned).collect()));
    }
    out
}

/// The same columns of a run.
pub fn rows_of(kept: &Kept) -> Vec<Vec<String>> {
    let (unlinked, subscriptions): (Vec<&ReconRow>, Vec<&ReconRow>) = kept.rows.iter().partition(|r| r.subject.is_unlinked());
    subscriptions.into_iter().map(subscription).chain(unlinked.into_iter().map(document)).collect()
}

fn text<T: std::fmt::Display>(value: Option<T>) -> String {
    value.map_or_else(String::new, |v| v.to_string())
}

fn subscription(row: &ReconRow) -> Vec<String> {
    let documents: Vec<String> = row.documents.iter().map(|d| format!("{}:{}", if d.side == Side::Source { "S" } else { "T" }, d.id.raw())).collect();
    vec![
        row.period.to_string(),
        row.key.raw().to_owned(),
        row.verdict.word().to_owned(),
        row.basis.map_or("", Basis::word).to_owned(),
        text(row.actual),
        text(row.expected),
        text(row.delta),
        text(row.exact_delta),
        text(row.actual_tax),
        text(row.expected_tax),
        text(row.rated),
        text(row.drafted),
        documents.join(" "),
    ]
}

fn document(row: &ReconRow) -> Vec<String> {
    let part = row.documents.first().expect("a document");
    vec![
        row.period.to_string(),
        row.key.raw().to_owned(),
        text(part.number.as_ref().map(|n| n.raw().to_owned())),
        row.customer_id.raw().to_owned(),
        part.net.currency.to_string(),
        text(row.actual),
        text(row.actual_tax),
        row.subject.word().to_owned(),
    ]
}

/// A JSON file of a book.
pub fn expected_json(book: &Path, file: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(book.join(file)).expect("a file of the book")).expect("JSON")
}

/// Counts, money, coverage, buckets and findings.
pub fn check_run(kept: &Kept, expected: &Value) {
    let run = &kept.run;
    assert_eq!(run.state.word(), expected["state"]);
    assert_eq!(run.tally.counts.total(), expected["rows"]);
    for verdict in Verdict::ALL {
        assert_eq!(run.tally.counts.of(verdict), expected["counts"][verdict.word()], "{verdict:?}");
    }
    let basis = run.tally.basis;
    assert_eq!([basis.draft, basis.rated, basis.none].map(Value::from), ["draft", "rated", "none"].map(|w| expected["basis"][w].clone()));
    let money = expected["money"].as_object().expect("money");
    assert_eq!(run.tally.money.len(), money.len());
    for (currency, totals) in &run.tally.money {
        let of = &money[currency.code()];
        let words = [
            ("actual", totals.actual),
            ("expected", totals.expected),
            ("net", totals.net),
            ("gross", totals.gross),
            ("unlinked", totals.unlinked),
            ("not_comparable_actual", totals.not_comparable_actual),
            ("not_comparable_expected", totals.not_comparable_expected),
        ];
        for (word, minor) in words {
            assert_eq!(Money::new(minor, *currency).to_string(), of[word], "{currency} {word}");
        }
        let coverage = totals.coverage().expect("coverage");
        assert_eq!(format!("{}.{:04}", coverage / 10_000, coverage % 10_000), expected["coverage"][currency.code()]);
    }
    for (bucket, count) in expected["source_invoices"].as_object().expect("buckets") {
        assert_eq!(run.tally.source_invoices.get(bucket).copied().unwrap_or(0), *count, "{bucket}");
    }
    for finding in expected["findings"].as_array().expect("findings") {
        let ours = kept.findings.iter().find(|f| f.code == finding["code"] && f.side.word() == finding["side"]);
        let ours = ours.unwrap_or_else(|| panic!("no finding {finding}"));
        let ids: Vec<&str> = ours.ids.iter().map(dualrun::domain::text::Untrusted::raw).collect();
        assert_eq!(Value::from(ids), finding["ids"], "{}", finding["code"]);
        assert_eq!(ours.count, finding["count"], "{}", finding["code"]);
    }
}

/// The book with its unreadable rows: each listed, the named rows changed, all others the same.
pub fn check_bad(kept: &Kept, got: &[Vec<String>], good: &[Vec<String>], expected: &Value) {
    assert_eq!(kept.run.state, RunState::Incomplete);
    assert!(!kept.run.current && !kept.run.counts_as_evidence());
    for verdict in Verdict::ALL {
        assert_eq!(kept.run.tally.counts.of(verdict), expected["counts"][verdict.word()], "{verdict:?}");
    }
    let wanted = expected["rejected_rows"].as_array().expect("rows");
    assert_eq!(kept.run.tally.rejected, wanted.len() as u64);
    for row in wanted {
        let of = |word: &str| row[word].as_str().expect("text").to_owned();
        let found = kept.rejected.iter().any(|e| {
            [e.side.word().to_owned(), e.entity.word().to_owned(), e.id.clone(), e.column.clone(), e.reason.to_string()]
                == [of("side"), of("entity"), of("id"), of("column"), of("reason")]
        });
        assert!(found, "{row} is not among {:#?}", kept.rejected);
    }
    let changed = expected["rows_that_change"].as_array().expect("rows");
    for (now, before) in got.iter().zip(good) {
        match changed.iter().find(|c| c["subscription_id"] == now[1]) {
            None => assert_eq!(now, before),
            Some(c) => {
                let words = ["period", "subscription_id", "verdict", "basis", "actual_net", "expected_net", "delta_net"];
                assert_eq!(now[..7].to_vec(), words.map(|w| c[w].as_str().expect("text").to_owned()).to_vec());
            }
        }
    }
}

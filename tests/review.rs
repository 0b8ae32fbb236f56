//! The engine of decisions: what waivers and words make of rows, by table and against a slow model.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed expectation of a test is a failed test")]

#[path = "review/model.rs"]
mod model;
#[path = "review/table.rs"]
mod table;

use chrono::{DateTime, NaiveDate};
use dualrun::domain::currency::Currency;
use dualrun::domain::money::Money;
use dualrun::domain::period::Month;
use dualrun::domain::review::{Act, Amounts, Deed, Facts, Predicate, Subject, Terms, cause_word};
use dualrun::domain::verdict::Verdict;

/// A row of a test: key, plan, cause, delta in cents of CAD.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    key: String,
    plan: &'static str,
    cause: Option<String>,
    delta: i64,
}

fn cad() -> Currency {
    Currency::known("CAD").unwrap()
}

fn month(text: &str) -> Month {
    Month::parse(text).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn row(key: &str, plan: &'static str, cause: Option<&str>, delta: i64) -> Row {
    Row { key: key.to_owned(), plan, cause: cause.map(str::to_owned), delta }
}

impl Row {
    fn facts(&self) -> Facts<'_> {
        Facts {
            key: &self.key,
            customer: "Acme Ltd",
            plan: self.plan,
            verdict: if self.delta == 0 { Verdict::Match } else { Verdict::Delta },
            cause: self.cause.as_deref(),
            is_confirmed: self.cause.as_ref().is_some_and(|c| !c.ends_with('?')),
            currency: Some(cad()),
            actual: Some(10_000),
            expected: Some(10_000 + self.delta),
            delta: Some(self.delta),
            tax: None,
        }
    }

    fn subject(&self) -> Subject {
        let amounts = Some(Amounts { currency: cad(), delta: self.delta, tax: None });
        Subject { key: self.key.as_str().into(), cause: self.cause.as_deref().map(|c| cause_word(c).to_owned()), amounts }
    }
}

fn act(id: i64, actor: &str, deed: Deed, subjects: Vec<Subject>) -> Act {
    Act { id, service: "nexacloud".into(), at: DateTime::UNIX_EPOCH, actor: actor.into(), run: 1, month: month("2026-05"), deed, subjects }
}

fn terms(predicate: Predicate, expected: &str, cap: i64) -> Terms {
    Terms {
        predicate,
        expected: expected.parse().unwrap(),
        cap: vec![Money::new(cap, cad())],
        owner: "billing".into(),
        reason: "agreed".into(),
        from: month("2026-05"),
        expires: day("2026-08-31"),
    }
}

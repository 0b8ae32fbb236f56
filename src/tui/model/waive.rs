//! The form of a waiver: six words, what they would touch, and only then a yes.

use crate::domain::period::Month;
use tui_input::Input;

/// The fields, in order.
pub const FIELDS: [(&str, &str); 6] = [
    ("rows", "a filter: cause: plan: cust: key: verdict: currency:"),
    ("delta", "now: what each differs by now; or a formula, as 5.00"),
    ("cap", "most money of one run, as 200.00 CAD; several by comma"),
    ("owner", "who answers for it"),
    ("reason", "why it is accepted"),
    ("until", "the last day it counts, as 2026-12-31"),
];

/// What is typed.
#[derive(Debug, Clone)]
pub struct WaiveForm {
    /// On which run.
    pub run: i64,
    /// Its month, from which on it counts.
    pub month: Month,
    /// What is typed, by [`FIELDS`].
    pub fields: [Input; 6],
    /// The field in use.
    pub at: usize,
    /// What is wrong with it.
    pub error: Option<String>,
    /// What it would touch, as it is typed now; `None` until that was looked at.
    pub touched: Option<Vec<String>>,
}

//! The demo that is inside the program: the known dual run as a book (`demo-data/`, its README says what is invented).

use super::book::{Book, BookError, NamedFile};

macro_rules! csv {
    ($side:literal, $name:literal) => {
        ($name, include_bytes!(concat!("../../demo-data/", $side, "/", $name)).as_slice())
    };
}

const PROFILE: &str = include_str!("../../demo-data/profile.toml");
/// The runbook of the embedded demo.
pub const RUNBOOK: &str = include_str!("../../demo-data/runbook.toml");
const SOURCE: &[NamedFile<'static>] = &[
    csv!("source", "customers.csv"),
    csv!("source", "plans.csv"),
    csv!("source", "charges.csv"),
    csv!("source", "subscriptions.csv"),
    csv!("source", "usage.csv"),
    csv!("source", "invoices.csv"),
    csv!("source", "invoice_lines.csv"),
    csv!("source", "discounts.csv"),
    csv!("source", "events.csv"),
    csv!("source", "jobs.csv"),
];
const TARGET: &[NamedFile<'static>] = &[
    csv!("target", "customers.csv"),
    csv!("target", "plans.csv"),
    csv!("target", "charges.csv"),
    csv!("target", "subscriptions.csv"),
    csv!("target", "invoices.csv"),
    csv!("target", "invoice_lines.csv"),
    csv!("target", "taxes.csv"),
    csv!("target", "jobs.csv"),
];

/// The embedded demo book.
pub fn embedded() -> Result<Book, BookError> {
    Book::read(PROFILE, SOURCE, TARGET, false)
}

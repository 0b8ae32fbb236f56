//! A row whole, as lines a person can redo by hand.

use super::money;
use crate::domain::currency::Currency;
use crate::domain::exact::Exact;
use crate::domain::records::DocumentKind;
use crate::domain::rounding::{RoundMode, to_minor};
use crate::domain::row::{DocumentPart, LinePart, ReconRow, Subject, SubscriptionFacts};
use crate::domain::side::Side;
use crate::ports::workspace::RowDetail;
use std::fmt::Write as _;

/// Columns a text from outside may take in one line.
const WIDE: usize = 60;

/// A headed group of lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// What it is about: `expected`, `actual` …
    pub title: String,
    /// Its lines, safe to print.
    pub lines: Vec<String>,
}

impl Section {
    fn new(title: impl Into<String>, lines: Vec<String>) -> Self {
        Self { title: title.into(), lines }
    }
}

/// The detail of a row. `steps` are the lines of its rating, already words; empty where it was not rated.
pub fn sections(detail: &RowDetail, steps: &[String]) -> Vec<Section> {
    let row = &detail.row;
    let mut out = vec![Section::new("verdict", verdict(row))];
    if let Some(told) = &detail.explanation {
        out.push(Section::new("why", super::explain::lines(row, told)));
    }
    out.extend([Section::new("expected", expected(row, steps)), Section::new("actual", actual(row))]);
    if row.documents.iter().any(|d| d.side == Side::Target) {
        out.push(Section::new("target documents", documents(row, Side::Target)));
    }
    if !row.subject.is_unlinked() {
        out.push(Section::new("both sides", both_sides(row)));
    }
    if !row.deployments.is_empty() {
        let ids: Vec<String> = row.deployments.iter().map(|d| d.shown(WIDE)).collect();
        out.push(Section::new("deployments of the order", vec![ids.join(" · ")]));
    }
    if !detail.rechecks.is_empty() {
        let lines = detail.rechecks.iter().map(|(run, verdict)| format!("run #{run}: {}", verdict.map_or("no such row any more", |v| v.word())));
        out.push(Section::new("checked again", lines.collect()));
    }
    out
}

fn verdict(row: &ReconRow) -> Vec<String> {
    let mut lines = vec![format!("{}: {}", row.verdict.word(), super::words::verdict_meaning(row.verdict))];
    if let Some(delta) = row.delta {
        let mut line = format!("{} = expected {} − actual {}", money::signed_named(delta), or_nothing(row.expected), or_nothing(row.actual));
        match row.exact_delta {
            Some(exact) if delta.exact().ok() != Some(exact) => {
                let _ = write!(line, "   before rounding {}", exact_text(exact));
            }
            _ => {}
        }
        lines.push(line);
    }
    if let Some(tax) = row.delta_tax {
        let (expected, actual) = (or_nothing(row.expected_tax), or_nothing(row.actual_tax));
        lines.push(format!("tax {} = expected {expected} − actual {actual}", money::signed_named(tax)));
    }
    if let Some(why) = &row.why {
        lines.push(format!("why: {}", crate::domain::text::shown(why, 3 * WIDE)));
    }
    lines
}

fn or_nothing(amount: Option<crate::domain::money::Money>) -> String {
    amount.map_or_else(|| "nothing".to_owned(), |m| money::grouped(m.minor, m.currency))
}

fn expected(row: &ReconRow, steps: &[String]) -> Vec<String> {
    let mut lines = Vec::new();
    match (row.expected, row.basis) {
        (Some(amount), Some(basis)) => lines.push(format!("{} by {}", money::named(amount), basis.word())),
        (Some(amount), None) => lines.push(money::named(amount)),
        (None, _) if row.subject.is_unlinked() => lines.push("nothing: it has no subscription to rate".to_owned()),
        (None, _) => lines.push("nothing".to_owned()),
    }
    if let (Some(rated), Some(drafted)) = (row.rated, row.drafted)
        && rated != drafted
    {
        lines.push(format!("rated {} and drafted {} differ", money::named(rated), money::named(drafted)));
    }
    lines.extend(steps.iter().map(|s| format!("  {}", crate::domain::text::shown(s, 4 * WIDE))));
    lines
}

fn actual(row: &ReconRow) -> Vec<String> {
    let mut lines =
        vec![row.actual.map_or_else(|| "nothing billed by the source".to_owned(), |a| format!("{} billed by the source", money::named(a)))];
    lines.extend(documents(row, Side::Source));
    lines
}

fn documents(row: &ReconRow, side: Side) -> Vec<String> {
    row.documents.iter().filter(|d| d.side == side).flat_map(document).collect()
}

fn document(part: &DocumentPart) -> Vec<String> {
    let mut head = format!("  {}", part.id.shown(WIDE));
    if let Some(number) = &part.number {
        let _ = write!(head, " ({})", number.shown(WIDE / 2));
    }
    if part.kind == DocumentKind::Credit {
        head.push_str(" credit");
    }
    if let Some(day) = part.issued_on {
        let _ = write!(head, " of {day}");
    }
    let _ = write!(head, "  {}", money::named(part.net));
    if part.net.exact().ok() != Some(part.exact) {
        let _ = write!(head, " (stored {})", exact_text(part.exact));
    }
    if let Some(tax) = part.tax {
        let _ = write!(head, "  tax {}", money::grouped(tax.minor, tax.currency));
    }
    let mut lines = vec![head];
    if part.lines.is_empty() {
        lines.push("    no lines: the header's own amount".to_owned());
    }
    lines.extend(part.lines.iter().map(|l| line(l, part.net.currency)));
    lines
}

fn line(part: &LinePart, currency: Currency) -> String {
    let words = part.description.as_ref().map_or_else(|| "rest of the header".to_owned(), |d| d.shown(WIDE));
    let quantity = part.quantity.map_or_else(String::new, |q| format!("{} × ", exact_text(q)));
    let typed = if part.one_off { ", one-off" } else { "" };
    format!("    {}  {quantity}{words}{typed}", amount_text(part.amount, currency))
}

fn both_sides(row: &ReconRow) -> Vec<String> {
    vec![facts("source", row.source.as_ref(), row), facts("target", row.target.as_ref(), row)]
}

fn facts(side: &str, facts: Option<&SubscriptionFacts>, row: &ReconRow) -> String {
    let Some(f) = facts else {
        let what = if row.subject == Subject::Order { "an order: see its deployments" } else { "no such subscription" };
        return format!("{side}  {what}");
    };
    let mut line = format!("{side}  {}, {}", f.status, if f.due { "due" } else { "not due" });
    let _ = write!(line, " · customer {} · plan {}", f.customer_id.shown(24), f.plan_id.shown(24));
    let _ = write!(line, " · from {}", f.started_on);
    if let Some(day) = f.ended_on {
        let _ = write!(line, " until before {day}");
    }
    if let Some(day) = f.trial_end {
        let _ = write!(line, " · trial until before {day}");
    }
    if f.quantity != Exact::ONE {
        let _ = write!(line, " · quantity {}", exact_text(f.quantity));
    }
    if let Some(price) = f.price_override {
        let _ = write!(line, " · own price {}", exact_text(price));
    }
    if !f.discount_percent.is_zero() {
        let _ = write!(line, " · discount {} %", exact_text(f.discount_percent));
    }
    line
}

/// An exact number for people: grouped where it is a decimal, `n/d` where none ends.
pub fn exact_text(value: Exact) -> String {
    let text = value.to_string();
    if text.contains('/') { text } else { money::group(&text) }
}

/// An exact amount for people: as money where it is whole minor units, else every digit it has.
pub fn amount_text(value: Exact, currency: Currency) -> String {
    match to_minor(value, currency, RoundMode::Down) {
        Ok(money) if money.exact().ok() == Some(value) => money::grouped(money.minor, currency),
        _ => exact_text(value),
    }
}

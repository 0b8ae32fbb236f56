//! The filter language of tables and reports: `verdict:delta,duplicate money:>10 plan:pro cust:"acme co" free text`.
//!
//! Words are parted by blanks and must all hold. `name:value` narrows one thing, anything else is searched in key,
//! customer, plan and documents. Quotes keep blanks and colons; inside them `\"` and `\\` stand for themselves.

use crate::domain::currency::Currency;
use crate::domain::exact::Exact;
use crate::domain::review::Predicate;
use crate::domain::text::shown;
use crate::domain::verdict::{Basis, Review, Verdict};
use crate::ports::workspace::RowFilter;
use std::fmt::Write as _;

/// What is known, for errors and help.
pub const KNOWN: &str = "verdict: money:> money:< key: cust: plan: currency: basis: review: cause: or free text";

/// A word of a filter that says nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{word:?}: {problem} — {known}")]
pub struct FilterError {
    /// The word as typed, safe to print.
    pub word: String,
    /// Where it begins, in characters from 0.
    pub at: usize,
    /// What is wrong with it.
    pub problem: &'static str,
    /// What would be right.
    pub known: String,
}

/// One word as typed.
pub(super) struct Word {
    at: usize,
    /// Before the first colon outside quotes, where there is one.
    pub(super) name: Option<String>,
    pub(super) value: String,
}

impl Word {
    pub(super) fn error(&self, problem: &'static str, known: impl Into<String>) -> FilterError {
        let whole = self.name.as_ref().map_or_else(|| self.value.clone(), |n| format!("{n}:{}", self.value));
        FilterError { word: shown(&whole, 40), at: self.at, problem, known: known.into() }
    }
}

/// Reads a filter.
pub fn parse(text: &str) -> Result<RowFilter, FilterError> {
    let mut filter = RowFilter::default();
    let mut free: Vec<String> = Vec::new();
    for word in split(text)? {
        match word.name.as_deref() {
            None => free.push(word.value),
            Some(name) => narrow(&mut filter, &name.to_ascii_lowercase(), &word)?,
        }
    }
    let free = free.join(" ");
    filter.text = (!free.is_empty()).then_some(free);
    Ok(filter)
}

fn narrow(filter: &mut RowFilter, name: &str, word: &Word) -> Result<(), FilterError> {
    if word.value.is_empty() {
        return Err(word.error("nothing after the colon", KNOWN));
    }
    let value = word.value.as_str();
    match name {
        "verdict" | "v" => verdicts(&mut filter.verdicts, word)?,
        "money" | "m" => money_bound(&mut filter.money_above, &mut filter.money_below, word)?,
        "key" | "id" => filter.key = Some(value.to_owned()),
        "cust" | "customer" => filter.customer = Some(value.to_owned()),
        "plan" => filter.plan = Some(value.to_owned()),
        "currency" | "cur" => {
            let known = Currency::known(&value.to_ascii_uppercase());
            filter.currency = Some(known.ok_or_else(|| word.error("no known currency", "three letters such as CAD"))?);
        }
        "cause" => filter.cause = Some(value.to_owned()),
        "basis" => {
            let known = [Basis::Draft, Basis::Rated].into_iter().find(|b| b.word() == value);
            filter.basis = Some(known.ok_or_else(|| word.error("no known basis", "draft or rated"))?);
        }
        "review" => {
            let known = [Review::Open, Review::Explained, Review::Waived, Review::Resolved].into_iter().find(|r| r.word() == value);
            filter.review = Some(known.ok_or_else(|| word.error("no known review state", "open, explained, waived or resolved"))?);
        }
        _ => return Err(word.error("no such word (quote it to search for it)", format!("known: {KNOWN}"))),
    }
    Ok(())
}

fn verdicts(into: &mut Vec<Verdict>, word: &Word) -> Result<(), FilterError> {
    use Verdict::{Delta, Duplicate, MissingInSource, MissingInTarget, NotComparable, WithinTolerance};
    for part in word.value.split(',') {
        let found: Vec<Verdict> = match part {
            "missing" => vec![MissingInSource, MissingInTarget],
            "tolerance" => vec![WithinTolerance],
            "differs" => vec![Delta, MissingInSource, MissingInTarget, Duplicate, NotComparable],
            _ => Verdict::named(part).into_iter().collect(),
        };
        if found.is_empty() {
            let words: Vec<&str> = Verdict::ALL.iter().map(|v| v.word()).collect();
            return Err(word.error("no known verdict", format!("{}, missing or differs", words.join(", "))));
        }
        for verdict in found {
            if !into.contains(&verdict) {
                into.push(verdict);
            }
        }
    }
    Ok(())
}

/// Reads `>10` or `<0.50` into the bound it sets.
pub(super) fn money_bound(above: &mut Option<Exact>, below: &mut Option<Exact>, word: &Word) -> Result<(), FilterError> {
    const SHAPE: &str = "money:>10 or money:<0.50, in the row's own currency";
    let (place, number) = match word.value.split_at_checked(1) {
        Some((">", number)) => (above, number),
        Some(("<", number)) => (below, number),
        _ => return Err(word.error("say > or <", SHAPE)),
    };
    let value: Exact = number.parse().map_err(|_| word.error("no number", SHAPE))?;
    *place = Some(value);
    Ok(())
}

/// Parts a text into words, minding quotes.
pub(super) fn split(text: &str) -> Result<Vec<Word>, FilterError> {
    let mut words = Vec::new();
    let mut chars = text.chars().enumerate().peekable();
    while let Some((at, c)) = chars.peek().copied() {
        if c.is_whitespace() {
            chars.next();
            continue;
        }
        let mut word = Word { at, name: None, value: String::new() };
        let mut quoted = false;
        while let Some((_, c)) = chars.peek().copied() {
            if !quoted && c.is_whitespace() {
                break;
            }
            chars.next();
            match c {
                '"' => quoted = !quoted,
                '\\' if quoted => word.value.extend(chars.next().map(|(_, escaped)| escaped)),
                ':' if !quoted && word.name.is_none() => word.name = Some(std::mem::take(&mut word.value)),
                _ => word.value.push(c),
            }
        }
        if quoted {
            return Err(word.error("the quote is not closed", "close it with \""));
        }
        words.push(word);
    }
    Ok(words)
}

/// Writes a filter as it would be typed; [`parse`] of it gives the same filter.
pub fn to_text(filter: &RowFilter) -> String {
    let mut out = String::new();
    let mut word = |name: &str, value: &str| {
        let gap = if out.is_empty() { "" } else { " " };
        let _ = write!(out, "{gap}{name}{value}");
    };
    if !filter.verdicts.is_empty() {
        let verdicts: Vec<&str> = filter.verdicts.iter().map(|v| v.word()).collect();
        word("verdict:", &verdicts.join(","));
    }
    if let Some(above) = &filter.money_above {
        word("money:>", &above.to_string());
    }
    if let Some(below) = &filter.money_below {
        word("money:<", &below.to_string());
    }
    if let Some(key) = &filter.key {
        word("key:", &quote(key));
    }
    if let Some(customer) = &filter.customer {
        word("cust:", &quote(customer));
    }
    if let Some(plan) = &filter.plan {
        word("plan:", &quote(plan));
    }
    if let Some(currency) = filter.currency {
        word("currency:", currency.code());
    }
    if let Some(basis) = filter.basis {
        word("basis:", basis.word());
    }
    if let Some(review) = filter.review {
        word("review:", review.word());
    }
    if let Some(cause) = &filter.cause {
        word("cause:", &quote(cause));
    }
    if let Some(text) = &filter.text {
        word("", &quote(text));
    }
    out
}

/// What a waiver is about, as it would be typed.
pub fn of_predicate(predicate: &Predicate) -> String {
    let Predicate { key, customer, plan, cause, verdicts, currency } = predicate.clone();
    to_text(&RowFilter { verdicts, key, customer, plan, currency, cause, ..RowFilter::default() })
}

/// Text as it would be typed to be searched for.
pub(super) fn quote(text: &str) -> String {
    let plain = !text.is_empty() && !text.chars().any(|c| c.is_whitespace() || matches!(c, '"' | ':' | '\\'));
    if plain { text.to_owned() } else { format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_narrow_and_the_rest_is_searched() {
        let filter = parse(
            r#"verdict:delta,duplicate money:>10 money:<5 plan:pro cust:"acme co" currency:cad basis:draft review:open cause:proration free text"#,
        )
        .unwrap();
        assert_eq!(filter.verdicts, [Verdict::Delta, Verdict::Duplicate]);
        assert_eq!(filter.money_above.unwrap().to_string(), "10");
        assert_eq!((filter.customer.as_deref(), filter.plan.as_deref()), (Some("acme co"), Some("pro")));
        assert_eq!((filter.cause.as_deref(), filter.wants_unexplained()), (Some("proration"), false));
        assert!(parse("cause:UNEXPLAINED").unwrap().wants_unexplained());
        assert_eq!((filter.currency.unwrap().code(), filter.text.as_deref()), ("CAD", Some("free text")));
        assert_eq!(parse("   ").unwrap(), RowFilter::default());
        assert_eq!(parse(r#""urn:uuid""#).unwrap().text.as_deref(), Some("urn:uuid"));
    }

    #[test]
    fn errors_name_the_word_and_what_is_known() {
        let error = parse("plan:pro verdict:dleta").unwrap_err();
        assert_eq!((error.word.as_str(), error.at), ("verdict:dleta", 9));
        assert!(error.to_string().contains("missing_in_target"), "{error}");
        assert!(parse("money:10").unwrap_err().to_string().contains("say > or <"));
        assert!(parse("money:>ten").unwrap_err().to_string().contains("no number"));
        assert!(parse("colour:red").unwrap_err().to_string().contains("known: verdict:"));
        assert!(parse("cust:\"acme").unwrap_err().to_string().contains("not closed"));
        assert!(parse("plan:").unwrap_err().to_string().contains("nothing after"));
    }

    fn some_text() -> impl Strategy<Value = Option<String>> {
        proptest::option::of("[ -~é日\u{a0}]{1,12}")
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            verdicts in proptest::sample::subsequence(Verdict::ALL.to_vec(), 0..=8),
            above in proptest::option::of((0i64..1_000_000, 0u32..4)),
            key in some_text(), customer in some_text(), plan in some_text(), text in some_text(), cause in some_text(),
            review in proptest::option::of(proptest::sample::select(vec![Review::Open, Review::Waived])),
        ) {
            let money_above = above.map(|(m, s)| Exact::scaled(m.into(), s).unwrap());
            let filter = RowFilter { verdicts, money_above, text, key, customer, plan, review, cause, basis: Some(Basis::Draft), ..RowFilter::default() };
            prop_assert_eq!(parse(&to_text(&filter)).unwrap(), filter);
        }

        #[test]
        fn nothing_typed_panics(text in "\\PC{0,40}") {
            let _ = parse(&text);
        }
    }
}

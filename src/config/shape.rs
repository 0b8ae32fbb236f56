//! Whether a value has the shape its key asks for. Values are repeated in a message only where they are words of
//! the configuration itself (a zone, a choice), and never when they could be a secret.

use super::document::Findings;
use super::keys::{KeySpec, Shape};
use super::nearest::nearest;
use super::section::{Value, choices, one_of};
use crate::domain::currency::Currency;
use crate::domain::exact::Exact;
use crate::domain::period::Zone;
use crate::domain::text::shown;
use chrono::{DateTime, Utc};
use std::time::Duration;
use toml::de::DeValue;

/// Longest time a limit may be.
const LONGEST: Duration = Duration::from_hours(24);

/// True when the value fits; otherwise the finding says what to write.
pub(super) fn fits(spec: &KeySpec, value: &Value<'_>, title: &str, findings: &mut Findings<'_>) -> bool {
    if findings.is_secret(&value.span()) {
        return false;
    }
    let fault = match (spec.shape, value.get_ref()) {
        (Shape::Number, DeValue::String(text)) => number_fault(spec, text),
        (Shape::Signed, DeValue::String(text)) => Exact::parse(text.as_bytes()).err().map(|e| no_number(spec, &e.to_string())),
        (Shape::Number | Shape::Signed, DeValue::Float(float)) => Some((
            format!("{} is a float, which cannot hold money exactly", spec.name),
            format!("write it as text: \"{}\"", shown(float.as_str(), 40)),
        )),
        (Shape::Number | Shape::Signed, DeValue::Integer(n)) => {
            Some((format!("{} is a bare number", spec.name), format!("write it as text: \"{}\"", shown(&n.to_string(), 40))))
        }
        (Shape::Duration, DeValue::String(text)) => duration_fault(spec, text),
        (Shape::Span, DeValue::String(text)) => span_fault(spec, text),
        (Shape::Moment, DeValue::String(text)) => moment_fault(spec, text),
        (Shape::Moment, DeValue::Datetime(at)) => moment_fault(spec, &at.to_string()),
        (Shape::Zone, DeValue::String(text)) => zone_fault(spec, text),
        (Shape::Currency, DeValue::String(text)) => currency_fault(text),
        (Shape::OneOf(words), DeValue::String(text)) => word_fault(spec, text, words),
        (Shape::Text | Shape::Path, DeValue::String(text)) => text_fault(spec, text),
        (Shape::Integer(low, high), DeValue::Integer(_)) => integer_fault(spec, value, low, high),
        (Shape::Words, DeValue::Array(_)) => return words_fit(spec, value, title, findings),
        (Shape::WordMap(words), DeValue::Table(_)) => return word_map_fits(spec, value, words, title, findings),
        // Their own readers judge these.
        (Shape::Secret | Shape::Query | Shape::Parameters | Shape::Queries | Shape::Checks | Shape::Section(_) | Shape::Sections(_), _)
        | (Shape::Flag, DeValue::Boolean(_)) => None,
        _ => Some((format!("{} is {} where {} belongs", spec.name, kind_of(value), wanted(spec.shape)), format!("write {}", choices(spec)))),
    };
    let Some((what, instead)) = fault else { return true };
    findings.at(&value.span(), if title.is_empty() { what } else { format!("{title} {what}") }, instead);
    false
}

type Fault = Option<(String, String)>;

fn number_fault(spec: &KeySpec, text: &str) -> Fault {
    match Exact::parse(text.as_bytes()) {
        Ok(number) if !number.is_negative() => None,
        Ok(_) => Some((format!("{} is below nought", spec.name), format!("write {}", spec.example))),
        Err(e) => Some(no_number(spec, &e.to_string())),
    }
}

fn no_number(spec: &KeySpec, why: &str) -> (String, String) {
    (format!("{} is no decimal number: {why}", spec.name), "write plain digits with at most one point: \"0.01\"".to_owned())
}

/// A time limit written `10m`.
pub(super) fn duration(text: &str) -> Option<Duration> {
    humantime::parse_duration(text).ok().filter(|d| !d.is_zero() && d.subsec_nanos() % 1_000_000 == 0 && *d <= LONGEST)
}

fn duration_fault(spec: &KeySpec, text: &str) -> Fault {
    duration(text).is_none().then(|| (format!("{} is no time from 1ms to 24h: {}", spec.name, quoted(text)), format!("write {}", spec.example)))
}

/// Longest span.
const LONGEST_SPAN: Duration = Duration::from_hours(366 * 24);

/// A span in whole seconds, written `24h` or `7d`.
pub(super) fn span_seconds(text: &str) -> Option<u64> {
    let span = humantime::parse_duration(text).ok().filter(|d| d.subsec_nanos() == 0 && *d <= LONGEST_SPAN)?;
    Some(span.as_secs())
}

fn span_fault(spec: &KeySpec, text: &str) -> Fault {
    let fault = || (format!("{} is no time of whole seconds up to 366d: {}", spec.name, quoted(text)), format!("write {}", spec.example));
    span_seconds(text).is_none().then(fault)
}

/// A moment with its offset.
pub(super) fn moment(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|at| at.with_timezone(&Utc))
}

fn moment_fault(spec: &KeySpec, text: &str) -> Fault {
    let fault = || (format!("{} is no moment with its offset: {}", spec.name, quoted(text)), format!("write {}", spec.example));
    moment(text).is_none().then(fault)
}

fn zone_fault(spec: &KeySpec, text: &str) -> Fault {
    if Zone::named(text).is_some() {
        return None;
    }
    let near = nearest(text, chrono_tz::TZ_VARIANTS.iter().map(|z| z.name()));
    let instead = near.map_or_else(|| "write an IANA name such as \"America/Toronto\" or \"UTC\"".to_owned(), |z| format!("write \"{z}\""));
    Some((format!("{} is an unknown zone: {}", spec.name, quoted(text)), instead))
}

fn currency_fault(text: &str) -> Fault {
    if Currency::known(text).is_some() {
        return None;
    }
    let capitals = text.trim().to_ascii_uppercase();
    let instead = Currency::known(&capitals).map_or_else(|| "write an ISO 4217 code such as \"CAD\"".to_owned(), |c| format!("write \"{c}\""));
    Some((format!("currency is unknown: {}", quoted(text)), instead))
}

fn word_fault(spec: &KeySpec, text: &str, words: &[&str]) -> Fault {
    if words.contains(&text) {
        return None;
    }
    let instead = nearest(text, words.iter().copied()).map_or_else(|| format!("write {}", one_of(words)), |near| format!("write \"{near}\""));
    Some((format!("{} cannot be {}", spec.name, quoted(text)), instead))
}

fn text_fault(spec: &KeySpec, text: &str) -> Fault {
    let what = if text.trim().is_empty() {
        "is empty"
    } else if text.contains('\0') {
        "holds a NUL character"
    } else {
        return None;
    };
    Some((format!("{} {what}", spec.name), format!("write {}", spec.example)))
}

/// A whole number of the file, in any of TOML's notations.
pub(super) fn integer(value: &Value<'_>) -> Option<i64> {
    let n = value.get_ref().as_integer()?;
    i64::from_str_radix(n.as_str(), n.radix()).ok()
}

fn integer_fault(spec: &KeySpec, value: &Value<'_>, low: i64, high: i64) -> Fault {
    let fits = integer(value).is_some_and(|n| (low..=high).contains(&n));
    (!fits).then(|| (format!("{} is not from {low} to {high}", spec.name), format!("write {}", spec.example)))
}

fn words_fit(spec: &KeySpec, value: &Value<'_>, title: &str, findings: &mut Findings<'_>) -> bool {
    let list = value.get_ref().as_array().into_iter().flatten();
    let mut fit = true;
    for item in list {
        let what = match item.get_ref() {
            DeValue::String(text) => text_fault(spec, text).map(|_| format!("{title} {} lists an empty or unreadable text", spec.name)),
            _ => Some(format!("{title} {} lists {} where text belongs", spec.name, kind_of(item))),
        };
        if let Some(what) = what {
            findings.at(&item.span(), what, format!("write {}", spec.example));
            fit = false;
        }
    }
    if fit && spec.required && value.get_ref().as_array().is_some_and(|a| a.iter().next().is_none()) {
        findings.at(&value.span(), format!("{title} {} is an empty list", spec.name), format!("write {}", spec.example));
        return false;
    }
    fit
}

fn word_map_fits(spec: &KeySpec, value: &Value<'_>, words: &[&str], title: &str, findings: &mut Findings<'_>) -> bool {
    let mut fit = true;
    for (word, meaning) in value.get_ref().as_table().into_iter().flatten() {
        if meaning.get_ref().as_str().is_none_or(|m| !words.contains(&m)) {
            let what = format!("{title} {} does not say what \"{}\" means", spec.name, shown(word.get_ref(), 40));
            findings.at(&meaning.span(), what, format!("write {}", one_of(words)));
            fit = false;
        }
    }
    fit
}

/// A value for a message: short, harmless, and withheld where it could be a secret.
pub(super) fn quoted(text: &str) -> String {
    if crate::domain::secret_text::looks_secret(text) { "(not shown)".to_owned() } else { format!("\"{}\"", shown(text, 40)) }
}

/// `an integer`, `text` …
pub(super) fn kind_of(value: &Value<'_>) -> &'static str {
    match value.get_ref() {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

const fn wanted(shape: Shape) -> &'static str {
    match shape {
        Shape::Flag => "true or false",
        Shape::Integer(..) => "a whole number",
        Shape::Words => "a list of texts",
        Shape::WordMap(_) => "a table of words",
        _ => "text",
    }
}

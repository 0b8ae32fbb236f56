//! JUnit XML, as the many tools that write it do: suites in suites, counters in headers that nobody keeps honest. The cases are
//! counted; the headers are only held against them. A document type is refused before anything of it could be looked up.

use crate::domain::gate::Outcome;
use crate::domain::text::shown;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;
use std::borrow::Cow;

/// Elements inside each other beyond this are no report.
const DEEPEST: usize = 100;
/// Counters beyond this are no count.
const MOST: u64 = 100_000_000;

/// How a case ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Passed,
    Failed,
    Error,
    Skipped,
}

impl End {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Error => "error",
            Self::Skipped => "skipped",
        }
    }
}

/// A case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Case {
    /// `class.name`, or the name alone.
    pub name: String,
    pub end: End,
}

impl Case {
    pub const fn is_broken(&self) -> bool {
        matches!(self.end, End::Failed | End::Error)
    }
}

/// A report that could be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Report {
    pub cases: Vec<Case>,
    /// Headers that say otherwise than the cases, in words.
    pub mismatches: Vec<String>,
    /// As written.
    pub timestamps: Vec<String>,
}

/// Why a report cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub outcome: Outcome,
    pub why: String,
}

fn refuse<T>(outcome: Outcome, why: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal { outcome, why: why.into() })
}

/// Reads a report.
pub(super) fn read(bytes: &[u8]) -> Result<Report, Refusal> {
    let text = decoded(bytes)?;
    if text.trim().is_empty() {
        return refuse(Outcome::Fail, "it is empty: no tests ran");
    }
    let broken = |e: &dyn std::fmt::Display| Refusal { outcome: Outcome::Fail, why: format!("not well formed: {}", shown(&e.to_string(), 120)) };
    let mut reader = Reader::from_str(&text);
    reader.config_mut().enable_all_checks(true);
    let mut walk = Walk::default();
    loop {
        match reader.read_event().map_err(|e| broken(&e))? {
            Event::DocType(_) => return refuse(Outcome::Invalid, "it has a DTD, which is not read"),
            Event::Start(element) => walk.open(&element)?,
            Event::Empty(element) => {
                walk.open(&element)?;
                walk.close();
            }
            Event::End(_) => walk.close(),
            Event::Eof => break,
            _ => {}
        }
    }
    if !walk.stack.is_empty() || !walk.has_root {
        return refuse(Outcome::Fail, "not well formed: it ends before its elements do");
    }
    Ok(walk.report)
}

/// The text; UTF-16 is told by its mark.
fn decoded(bytes: &[u8]) -> Result<Cow<'_, str>, Refusal> {
    let wide = |read: fn([u8; 2]) -> u16, rest: &[u8]| {
        let pairs = rest.chunks_exact(2);
        let whole = pairs.remainder().is_empty();
        let units: Vec<u16> = pairs.map(|pair| read([pair[0], pair[1]])).collect();
        String::from_utf16(&units).ok().filter(|_| whole).map(Cow::Owned)
    };
    let text = match bytes {
        [0xff, 0xfe, rest @ ..] => wide(u16::from_le_bytes, rest),
        [0xfe, 0xff, rest @ ..] => wide(u16::from_be_bytes, rest),
        [0xef, 0xbb, 0xbf, rest @ ..] => std::str::from_utf8(rest).ok().map(Cow::Borrowed),
        _ => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
    };
    text.map_or_else(|| refuse(Outcome::Invalid, "it is neither UTF-8 nor UTF-16 — write it as UTF-8"), Ok)
}

/// The counters of a header, as far as they are there.
#[derive(Debug, Default, Clone, Copy)]
struct Counters {
    tests: Option<u64>,
    failures: Option<u64>,
    errors: Option<u64>,
    skipped: Option<u64>,
}

enum Open {
    Suite { name: String, counters: Counters, first: usize },
    Case(Case),
    Other,
}

#[derive(Default)]
struct Walk {
    stack: Vec<Open>,
    has_root: bool,
    report: Report,
}

impl Walk {
    fn open(&mut self, element: &BytesStart<'_>) -> Result<(), Refusal> {
        let name = element.local_name();
        let name: &str = name.as_ref();
        if self.stack.len() >= DEEPEST {
            return refuse(Outcome::Invalid, "its elements are too deep inside each other");
        }
        if self.stack.is_empty() {
            if self.has_root || !["testsuites", "testsuite"].contains(&name) {
                return refuse(Outcome::Fail, format!("no JUnit report: it has <{}> where <testsuites> or <testsuite> belongs", shown(name, 40)));
            }
            self.has_root = true;
        }
        let open = match name {
            "testsuites" | "testsuite" => self.suite(element)?,
            "testcase" => Open::Case(case(element)?),
            _ => {
                self.mark(name);
                Open::Other
            }
        };
        self.stack.push(open);
        Ok(())
    }

    /// What stands in a case says how it ended; the worst counts. A retry that failed is no end.
    fn mark(&mut self, name: &str) {
        let Some(Open::Case(case)) = self.stack.last_mut() else { return };
        case.end = match (name, case.end) {
            ("error", _) => End::Error,
            ("failure", End::Passed | End::Skipped) => End::Failed,
            ("skipped" | "disabled", End::Passed) => End::Skipped,
            (_, end) => end,
        };
    }

    fn suite(&mut self, element: &BytesStart<'_>) -> Result<Open, Refusal> {
        let mut counters = Counters::default();
        let mut name = String::new();
        for (key, value) in attributes(element)? {
            match key.as_str() {
                "name" => name = shown(&value, 60),
                "timestamp" => self.report.timestamps.push(shown(&value, 60)),
                "tests" => counters.tests = Some(counter(&key, &value)?),
                "failures" => counters.failures = Some(counter(&key, &value)?),
                "errors" => counters.errors = Some(counter(&key, &value)?),
                "skipped" | "skips" | "disabled" | "ignored" => {
                    counters.skipped = Some(counters.skipped.unwrap_or(0) + counter(&key, &value)?);
                }
                _ => {}
            }
        }
        Ok(Open::Suite { name, counters, first: self.report.cases.len() })
    }

    fn close(&mut self) {
        match self.stack.pop() {
            Some(Open::Case(case)) => self.report.cases.push(case),
            Some(Open::Suite { name, counters, first }) => {
                let inside = self.report.cases.get(first..).unwrap_or_default();
                let count = |end: End| inside.iter().filter(|c| c.end == end).count() as u64;
                let told = [
                    ("tests", counters.tests, inside.len() as u64),
                    ("failures", counters.failures, count(End::Failed)),
                    ("errors", counters.errors, count(End::Error)),
                    ("skipped", counters.skipped, count(End::Skipped)),
                ];
                // Some tools count an error as a failure; together they must come to the same.
                let broken = (counters.failures.unwrap_or(0) + counters.errors.unwrap_or(0)) == count(End::Failed) + count(End::Error);
                for (what, said, counted) in told {
                    let forgiven = broken && matches!(what, "failures" | "errors");
                    if let Some(said) = said.filter(|said| *said != counted && !forgiven) {
                        let of = if name.is_empty() { "its header".to_owned() } else { format!("suite {name}") };
                        self.report.mismatches.push(format!("{of} says {said} {what}, its cases are {counted}"));
                    }
                }
            }
            _ => {}
        }
    }
}

fn case(element: &BytesStart<'_>) -> Result<Case, Refusal> {
    let (mut name, mut class, mut end) = (String::new(), String::new(), End::Passed);
    for (key, value) in attributes(element)? {
        match key.as_str() {
            "name" => name = value,
            "classname" => class = value,
            // Google Test and others: a case that is listed and did not run.
            "status" | "result" if ["notrun", "skipped", "suppressed", "disabled", "ignored"].contains(&value.to_lowercase().as_str()) => {
                end = End::Skipped;
            }
            "status" | "result" if ["failed", "failure", "fail"].contains(&value.to_lowercase().as_str()) => end = End::Failed,
            "status" | "result" if value.eq_ignore_ascii_case("error") => end = End::Error,
            _ => {}
        }
    }
    Ok(Case { name: if class.is_empty() { name } else { format!("{class}.{name}") }, end })
}

fn attributes(element: &BytesStart<'_>) -> Result<Vec<(String, String)>, Refusal> {
    let mut out = Vec::new();
    for attribute in element.attributes() {
        let broken = |why: String| Refusal { outcome: Outcome::Fail, why: format!("not well formed: {}", shown(&why, 120)) };
        let attribute = attribute.map_err(|e| broken(e.to_string()))?;
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|e| broken(e.to_string()))?;
        let key: &str = attribute.key.as_ref();
        out.push((key.to_owned(), value.into_owned()));
    }
    Ok(out)
}

fn counter(name: &str, value: &str) -> Result<u64, Refusal> {
    match value.trim().parse::<u64>() {
        Ok(n) if n <= MOST => Ok(n),
        _ => refuse(Outcome::Invalid, format!("its header says {name}=\"{}\", which is no count", shown(value, 30))),
    }
}

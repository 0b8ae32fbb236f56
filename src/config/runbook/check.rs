//! `[[stage.check]]`: one check, by its kind.

use super::keys::{CHECK, KINDS, Kind, OF_EVERY_KIND, OF_KIND};
use super::stage::id;
use super::{Around, command, example};
use crate::config::document::Findings;
use crate::config::query;
use crate::config::section::{Section, one_of};
use crate::config::shape::span_seconds;
use crate::domain::currency::Currency;
use crate::domain::exact::Exact;
use crate::domain::gate::{
    Bound, Check, CheckKind, Expectation, LogCheck, ManualCheck, Metric, MetricCheck, ScheduleCheck, SqlCheck, SqlOn, TestsCheck,
};
use std::path::Path;

/// Evidence counts so long where nothing is said.
const MAX_AGE: u64 = 24 * 60 * 60;

/// Reads one; what is wrong with it was said where it is `None`.
pub(super) fn check(section: &Section<'_, '_>, around: &Around<'_>, findings: &mut Findings<'_>) -> Option<Check> {
    let id = id(section, findings);
    let kind = section.text("kind").and_then(|word| OF_KIND.iter().find(|k| k.name == word));
    if let Some(kind) = kind {
        keys_fit(section, kind, findings);
    }
    let reader = Reader { section, around };
    let asked = match kind?.name {
        "sql" => reader.sql(findings).map(CheckKind::Sql),
        "command" => command::command(section, findings).map(CheckKind::Command),
        "tests" => reader.tests(findings).map(CheckKind::Tests),
        "log" => reader.log(findings).map(CheckKind::Log),
        "metric" => reader.metric(findings).map(CheckKind::Metric),
        "schedule" => Some(CheckKind::Schedule(ScheduleCheck { jobs: reader.texts("jobs") })),
        _ => section.text("statement").map(|statement| {
            CheckKind::Manual(ManualCheck { statement: statement.trim().to_owned(), attachment: section.flag("attachment").unwrap_or(false) })
        }),
    };
    Some(Check {
        id: id?,
        title: section.text("title")?.trim().to_owned(),
        owner: section.text("owner").map(|owner| owner.trim().to_owned()),
        observe_only: section.flag("observe_only").unwrap_or(false),
        max_age_seconds: section.text("max_age").and_then(span_seconds).unwrap_or(MAX_AGE),
        kind: asked?,
    })
}

/// A kind has its own keys and no other kind's.
fn keys_fit(section: &Section<'_, '_>, kind: &Kind, findings: &mut Findings<'_>) {
    for spec in CHECK.iter().filter(|spec| section.names(spec.name)) {
        if OF_EVERY_KIND.contains(&spec.name) || kind.needs.contains(&spec.name) || kind.takes.contains(&spec.name) {
            continue;
        }
        let kinds: Vec<&str> = KINDS
            .iter()
            .copied()
            .filter(|k| OF_KIND.iter().any(|o| o.name == *k && (o.needs.contains(&spec.name) || o.takes.contains(&spec.name))))
            .collect();
        let what = format!("{} {} does not belong to kind \"{}\"", section.title, spec.name, kind.name);
        findings.at(&section.span_of(spec.name), what, format!("leave it out, or write kind = {}", one_of(&kinds)));
    }
    for need in kind.needs.iter().filter(|need| !section.names(need)) {
        findings.missing(&section.span, format!("{} has no {need}", section.title), example(CHECK, need));
    }
}

struct Reader<'a, 'd, 'i> {
    section: &'a Section<'d, 'i>,
    around: &'a Around<'a>,
}

impl Reader<'_, '_, '_> {
    fn texts(&self, name: &str) -> Vec<String> {
        self.section.words(name).into_iter().map(|(text, _)| text.trim().to_owned()).collect()
    }

    fn number(&self, name: &str) -> Option<Exact> {
        Exact::parse(self.section.text(name)?.as_bytes()).ok().map(Exact::reduced)
    }

    /// `at_least` and `at_most`, where either is written.
    fn bound(&self, findings: &mut Findings<'_>) -> Option<Bound> {
        let bound = Bound { at_least: self.number("at_least"), at_most: self.number("at_most") };
        if let (Some(least), Some(most)) = (&bound.at_least, &bound.at_most)
            && least > most
        {
            let what = format!("{} at_least is above its at_most: no number is within", self.section.title);
            findings.at(&self.section.span_of("at_least"), what, "write the smaller one as at_least");
        }
        (bound.at_least.is_some() || bound.at_most.is_some()).then_some(bound)
    }

    fn sql(&self, findings: &mut Findings<'_>) -> Option<SqlCheck> {
        let (section, dir): (_, &Path) = (self.section, self.around.dir);
        let on = section.choose("on", &[("source", SqlOn::Source), ("target", SqlOn::Target), ("workspace", SqlOn::Workspace)], None);
        let name = format!("{} sql", section.title);
        let query = section
            .value("sql")
            .and_then(|value| query::one(value, (&name, "no row, or what the check expects"), dir, &self.around.parameters, findings));
        let bound = self.bound(findings);
        let expects = match (section.text("value"), bound) {
            (Some(_), Some(_)) => {
                let what = format!("{} expects a value and a number", section.title);
                findings.at(&section.span_of("value"), what, "write value, or at_least and at_most");
                return None;
            }
            (Some(value), None) => Expectation::Value { value: value.to_owned() },
            (None, Some(bound)) => Expectation::Number { bound },
            (None, None) => Expectation::NoRows,
        };
        // A bound that could not be read was said, and must not turn into "no rows".
        let unread = ["value", "at_least", "at_most"].iter().any(|key| section.names(key) && section.value(key).is_none());
        let query = query?;
        (!unread).then_some(SqlCheck { on: on?, sql: query.sql, parameters: query.parameters, expects })
    }

    fn tests(&self, findings: &mut Findings<'_>) -> Option<TestsCheck> {
        let least = self.section.integer("least").and_then(|n| u64::try_from(n).ok()).unwrap_or(1);
        Some(TestsCheck { files: self.files(findings)?, least, skips: self.texts("skips") })
    }

    fn log(&self, findings: &mut Findings<'_>) -> Option<LogCheck> {
        let files = self.files(findings);
        Some(LogCheck { files: files?, events: self.some("events", findings)? })
    }

    fn files(&self, findings: &mut Findings<'_>) -> Option<Vec<String>> {
        for (file, span) in self.section.words("files") {
            if file.rsplit_once('/').is_some_and(|(folder, _)| folder.contains('*')) {
                let what = format!("{} files has a * in a folder's name", self.section.title);
                findings.at(&span, what, "write * only behind the last slash, and name each folder");
                return None;
            }
        }
        self.some("files", findings)
    }

    fn some(&self, name: &str, findings: &mut Findings<'_>) -> Option<Vec<String>> {
        self.section.value(name)?;
        let texts = self.texts(name);
        if texts.is_empty() {
            findings.at(&self.section.span_of(name), format!("{} {name} is an empty list", self.section.title), example(CHECK, name));
            return None;
        }
        Some(texts)
    }

    fn metric(&self, findings: &mut Findings<'_>) -> Option<MetricCheck> {
        let section = self.section;
        let word = section.text("metric")?;
        let in_money = ["unexplained_gross", "coverage"].contains(&word);
        for (key, fits) in [("currency", in_money), ("least_rows", word == "clean_cycles"), ("least_days", word == "clean_cycles")] {
            if section.names(key) && !fits {
                let what = format!("{} {key} does not belong to metric \"{word}\"", section.title);
                findings.at(&section.span_of(key), what, "leave it out");
            }
        }
        let currency = section.text("currency").and_then(Currency::known).or(self.around.currency);
        if in_money && currency.is_none() && !section.names("currency") {
            findings.missing(&section.span, format!("{} has no currency, and the service neither", section.title), example(CHECK, "currency"));
        }
        let count = |name: &str, default: u64| section.integer(name).and_then(|n| u64::try_from(n).ok()).unwrap_or(default);
        let metric = match word {
            "match_rate" => Metric::MatchRate,
            "unexplained_gross" => Metric::UnexplainedGross { currency: currency? },
            "coverage" => Metric::Coverage { currency: currency? },
            "clean_cycles" => Metric::CleanCycles { least_rows: count("least_rows", 1), least_days: count("least_days", 0) },
            "rejected_rows" => Metric::RejectedRows,
            _ => Metric::NotInert,
        };
        let nought = matches!(metric, Metric::RejectedRows | Metric::NotInert).then(|| Bound { at_least: None, at_most: Some(Exact::whole(0)) });
        let written = section.names("at_least") || section.names("at_most");
        let bound = self.bound(findings);
        if bound.is_none() && nought.is_none() && !written {
            findings.missing(&section.span, format!("{} has no at_least and no at_most", section.title), example(CHECK, "at_least"));
        }
        Some(MetricCheck { metric, bound: if written { bound? } else { nought? } })
    }
}

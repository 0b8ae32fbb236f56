//! One section of the file, held against the key table: unknown keys, wrong shapes and missing keys are findings,
//! and what is right can be taken by name. A key that is wrong counts as absent: it was already said.

use super::document::Findings;
use super::keys::{FLIP, IMPORT, INERTNESS, KeySpec, LIMITS, SERVICE, SIDE, SIGNING, Shape, key};
use super::known::Known;
use super::nearest::nearest;
use super::runbook;
use super::shape;
use crate::domain::text::shown;
use chrono::{DateTime, Utc};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value with its place.
pub(super) type Value<'i> = Spanned<DeValue<'i>>;

/// A checked section.
pub(super) struct Section<'d, 'i> {
    table: &'d DeTable<'i>,
    keys: &'static [KeySpec],
    /// As messages name it: `[source]`.
    pub title: String,
    /// Where it begins.
    pub span: Range<usize>,
    /// Keys whose value has the wrong shape.
    wrong: Vec<&'static str>,
    /// The known system that answers where nothing is written.
    pub known: Option<&'static Known>,
}

impl<'d, 'i> Section<'d, 'i> {
    /// Checks a table against its keys; every fault in it is a finding.
    pub fn checked(value: &'d Value<'i>, title: String, keys: &'static [KeySpec], findings: &mut Findings<'_>) -> Option<Self> {
        let DeValue::Table(table) = value.get_ref() else {
            let example = if title.starts_with("[[") { &title } else { "a section" };
            findings.at(
                &value.span(),
                format!("{title} is {} where a section belongs", shape::kind_of(value)),
                format!("write {example} on a line of its own, its keys below"),
            );
            return None;
        };
        Some(Self::of_table(table, value.span(), title, keys, findings))
    }

    /// The same for a table that is known to be one.
    pub fn of_table(table: &'d DeTable<'i>, span: Range<usize>, title: String, keys: &'static [KeySpec], findings: &mut Findings<'_>) -> Self {
        let mut section = Self { table, keys, title, span, wrong: Vec::new(), known: None };
        for (name, value) in table {
            match key(keys, name.get_ref()) {
                Some(spec) => {
                    if !shape::fits(spec, value, &section.title, findings) {
                        section.wrong.push(spec.name);
                    }
                }
                None if findings.is_secret(&value.span()) => {}
                None => section.unknown(name.get_ref(), &name.span(), findings),
            }
        }
        section.known = key(keys, "profile").and_then(|_| Known::named(section.text("profile")?));
        for spec in keys.iter().filter(|k| k.required && !matches!(k.shape, Shape::Section(_) | Shape::Queries | Shape::Checks)) {
            if !section.names(spec.name) && section.known.and_then(|known| known.word(spec.name)).is_none() {
                let why = if spec.about.contains("No default") { format!(": {}", lower_first(spec.about)) } else { String::new() };
                findings.missing(&section.span, format!("{} has no {}", section.title, spec.name), format!("write {}{why}", choices(spec)));
            }
        }
        section
    }

    fn unknown(&self, name: &str, span: &Range<usize>, findings: &mut Findings<'_>) {
        let whole_file = self.title.is_empty();
        let what = if whole_file {
            format!("unknown section \"{}\"", shown(name, 40))
        } else {
            format!("unknown key \"{}\" in {}", shown(name, 40), self.title)
        };
        findings.at(span, what, advice(name, self.keys));
    }

    /// Whether the key is written, rightly or wrongly.
    pub fn names(&self, name: &str) -> bool {
        self.table.contains_key(name)
    }

    /// The value of a key, when it has the right shape.
    pub fn value(&self, name: &str) -> Option<&'d Value<'i>> {
        if self.wrong.contains(&name) { None } else { self.table.get(name) }
    }

    /// Where a key's value stands, else the section.
    pub fn span_of(&self, name: &str) -> Range<usize> {
        self.table.get(name).map_or_else(|| self.span.clone(), Spanned::span)
    }

    pub fn text(&self, name: &str) -> Option<&'d str> {
        self.value(name)?.get_ref().as_str()
    }

    /// The moment of a key.
    pub fn moment(&self, name: &str) -> Option<DateTime<Utc>> {
        match self.value(name)?.get_ref() {
            DeValue::String(text) => shape::moment(text),
            DeValue::Datetime(at) => shape::moment(&at.to_string()),
            _ => None,
        }
    }

    /// The sections of a list, each checked against its keys under a title made of its number and itself.
    pub fn sections(&self, name: &str, keys: &'static [KeySpec], findings: &mut Findings<'_>, title: impl Fn(usize) -> String) -> Vec<Self> {
        let Some(value) = self.value(name) else { return Vec::new() };
        let example = key(self.keys, name).map_or("", |spec| spec.example);
        let Some(list) = value.get_ref().as_array() else {
            let what = format!("{} {name} is {} where a list of sections belongs", self.title, shape::kind_of(value));
            findings.at(&value.span(), what, format!("write {example}"));
            return Vec::new();
        };
        let mut sections = Vec::new();
        for (number, item) in (1..).zip(list.iter()) {
            if let DeValue::Table(table) = item.get_ref() {
                sections.push(Section::of_table(table, item.span(), title(number), keys, findings));
            } else {
                let what = format!("{} is {} where a section belongs", title(number), shape::kind_of(item));
                findings.at(&item.span(), what, format!("write {example}"));
            }
        }
        sections
    }

    pub fn flag(&self, name: &str) -> Option<bool> {
        self.value(name)?.get_ref().as_bool()
    }

    pub fn integer(&self, name: &str) -> Option<i64> {
        shape::integer(self.value(name)?)
    }

    /// The texts of a list, each with its place.
    pub fn words(&self, name: &str) -> Vec<(&'d str, Range<usize>)> {
        let list = self.value(name).and_then(|v| v.get_ref().as_array());
        list.into_iter().flatten().filter_map(|v| Some((v.get_ref().as_str()?, v.span()))).collect()
    }

    /// What a word of the table stands for, else the known system's, else the default.
    pub fn choose<T: Copy>(&self, name: &str, words: &[(&str, T)], default: Option<T>) -> Option<T> {
        let word = match (self.names(name), self.known.and_then(|known| known.word(name))) {
            (true, _) => self.text(name)?,
            (false, Some(word)) => word,
            (false, None) => return default,
        };
        words.iter().find(|(w, _)| *w == word).map(|(_, meaning)| *meaning)
    }
}

/// What to write in place of an unknown key.
fn advice(name: &str, keys: &[KeySpec]) -> String {
    match name {
        "period" => return "leave it out and give the period to the command: reconcile --period 2026-05".to_owned(),
        "dsn" | "url" | "uri" | "database_url" | "connection" if key_of(keys, "host") => {
            return "write host, port, database and user, and password = { env = \"APP_DB_PASSWORD\" }".to_owned();
        }
        "sslmode" if key_of(keys, "tls") => return "write tls = \"verify-full\"".to_owned(),
        "include" => return "leave it out: a configuration is one file; SQL may be in files of its own".to_owned(),
        _ => {}
    }
    if let Some(home) = home_of(name).filter(|_| !key_of(keys, name) && !runbook::keys::is_of_runbook(keys)) {
        return format!("write it in {home}");
    }
    nearest(name, keys.iter().map(|k| k.name))
        .map_or_else(|| format!("known here: {}", keys.iter().map(|k| k.name).collect::<Vec<_>>().join(", ")), |near| format!("write {near}"))
}

/// The section a key belongs to, for a key that was written in another.
pub(super) fn home_of(name: &str) -> Option<&'static str> {
    if key(SERVICE, name).is_some() && name != "name" {
        Some("[service]")
    } else if key(LIMITS, name).is_some() {
        Some("[limits]")
    } else if key(SIDE, name).is_some() {
        Some("[source] or [target], above its queries")
    } else if key(IMPORT, name).is_some() {
        Some("[import]")
    } else if key(INERTNESS, name).is_some() {
        Some("[inertness]")
    } else if key(SIGNING, name).is_some() {
        Some("[signing]")
    } else if key(FLIP, name).is_some() {
        Some("[flip]")
    } else {
        None
    }
}

fn key_of(keys: &[KeySpec], name: &str) -> bool {
    keys.iter().any(|k| k.name == name)
}

/// `ends = "inclusive" or "exclusive"`, or the example.
pub(super) fn choices(spec: &KeySpec) -> String {
    match spec.shape {
        Shape::OneOf(words) => format!("{} = {}", spec.name, one_of(words)),
        _ => spec.example.to_owned(),
    }
}

/// `"a", "b" or "c"`.
pub(super) fn one_of(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|w| format!("\"{w}\"")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}

fn lower_first(text: &str) -> String {
    let text = text.trim_end_matches('.');
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_lowercase().chain(chars).collect())
}

//! `[flip]`: how waves are cut, what proves who bills, and who switches the source's billing off. dualrun itself writes nowhere.

use super::document::Findings;
use super::import::LoaderSettings;
use super::inertness::Check;
use super::keys::FLIP;
use super::query::{self, QueryText};
use super::section::{Section, Value};
use super::shape::duration;
use crate::domain::exact::Exact;
use crate::domain::flip::FlipRules;
use crate::domain::gate::digest_of;
use crate::domain::side::Side;
use crate::domain::text::shown;
use crate::ports::database::Query;
use std::path::Path;
use std::time::Duration;

/// What is configured about the flip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlipSettings {
    /// How waves are cut and first invoices are held.
    pub rules: FlipRules,
    /// Who bills, by the source: `subscription_id`, `billing`, `billed_through`.
    pub source_billing: QueryText,
    /// Who bills, by the target: `subscription_id`, `billing`, `first_period_start`, `has_payment_token`, `charge_linked`, and if it
    /// says so `first_bill_day`.
    pub target_billing: QueryText,
    /// Payments the target captured: `subscription_id`, `captured_on`, and if it says so `amount`.
    pub target_payments: QueryText,
    /// What switches billing off in the source, and on again.
    pub source: LoaderSettings,
    /// Names of checks of inertness that end with the first flip.
    pub switches_on: Vec<String>,
}

/// The queries, each with its side and what it is for.
const QUERIES: [(&str, Side); 3] = [("source_billing", Side::Source), ("target_billing", Side::Target), ("target_payments", Side::Target)];

impl FlipSettings {
    /// The queries as the sides are asked: the source's billing, the target's, its payments.
    pub fn queries(&self) -> [Query; 3] {
        let [source_billing, target_billing, target_payments] = QUERIES;
        let query = |(name, side): (&str, Side), text: &QueryText| Query {
            side,
            entity: None,
            name: format!("flip.queries.{name}"),
            sql: text.sql.clone(),
            parameters: text.parameters.clone(),
        };
        [query(source_billing, &self.source_billing), query(target_billing, &self.target_billing), query(target_payments, &self.target_payments)]
    }

    /// BLAKE3 in hex over rules and queries: waves that were cut by others are planned anew.
    pub fn digest(&self) -> String {
        let of = |query: &Query| (query.name.clone(), query.sql.clone(), query.parameters.clone());
        digest_of("flip settings v1", &(&self.rules, self.queries().map(|query| of(&query))))
    }
}

const TIMEOUT: Duration = Duration::from_mins(1);
const BATCH: usize = 100;

/// Reads the section; `None` where it is not written, or wrong.
pub(super) fn flip(value: Option<&Value<'_>>, dir: &Path, checks: &[Check], findings: &mut Findings<'_>) -> Option<FlipSettings> {
    let section = Section::checked(value?, "[flip]".to_owned(), FLIP, findings)?;
    let (rules, source) = (rules(&section), source(&section, dir, findings));
    let switches_on = switches_on(&section, checks, findings);
    let named = section.value("queries").map(|value| query::named(value, "flip.queries", dir, findings)).unwrap_or_default();
    for (name, _) in named.iter().filter(|(name, _)| !QUERIES.iter().any(|(known, _)| known == name)) {
        let instead = format!("known here: {}", QUERIES.map(|(name, _)| name).join(", "));
        findings.at(&section.span_of("queries"), format!("unknown query \"{}\" in [flip.queries]", shown(name, 40)), instead);
    }
    let mut texts = QUERIES.into_iter().map(|(name, side)| {
        let found = named.iter().find(|(n, _)| n == name).map(|(_, text)| text.clone());
        if found.is_none() && !section.names("queries") | section.value("queries").is_some() {
            let what = format!("[flip.queries] has no {name}");
            findings.missing(&section.span, what, format!("write {name} = \"select subscription_id, … from …\": the {side} is asked"));
        }
        found
    });
    let (source_billing, target_billing, target_payments) = (texts.next()?, texts.next()?, texts.next()?);
    let (source_billing, target_billing, target_payments) = (source_billing?, target_billing?, target_payments?);
    Some(FlipSettings { rules, source_billing, target_billing, target_payments, source, switches_on })
}

/// Each is a check that there is.
fn switches_on(section: &Section<'_, '_>, checks: &[Check], findings: &mut Findings<'_>) -> Vec<String> {
    let named: Vec<String> = section.words("switches_on").into_iter().map(|(word, _)| word.to_owned()).collect();
    for name in named.iter().filter(|name| !checks.iter().any(|check| check.name == **name)) {
        let known = checks.iter().map(|check| shown(&check.name, 40)).collect::<Vec<_>>().join(", ");
        let instead = if known.is_empty() { "write [inertness] first".to_owned() } else { format!("known here: {known}") };
        findings.at(&section.span_of("switches_on"), format!("[flip] switches_on: there is no check of inertness \"{}\"", shown(name, 40)), instead);
    }
    named
}

fn rules(section: &Section<'_, '_>) -> FlipRules {
    let usual = FlipRules::default();
    let whole = |name: &str| section.integer(name);
    let size = |name: &str, usual: usize| whole(name).and_then(|n| usize::try_from(n).ok()).unwrap_or(usual);
    let count = |name: &str, usual: u32| whole(name).and_then(|n| u32::try_from(n).ok()).unwrap_or(usual);
    let number = |name: &str, usual: Exact| section.text(name).and_then(|text| Exact::parse(text.as_bytes()).ok()).unwrap_or(usual);
    FlipRules {
        canary: size("canary", usual.canary),
        growth: size("growth", usual.growth),
        buffer_hours: count("buffer_hours", usual.buffer_hours),
        band_amount: number("band_amount", usual.band_amount),
        band_percent: number("band_percent", usual.band_percent),
        candidate_days: count("candidate_days", usual.candidate_days),
    }
}

/// Without a program, somebody switches by hand what a pack lists.
fn source(section: &Section<'_, '_>, dir: &Path, findings: &mut Findings<'_>) -> LoaderSettings {
    let argv: Vec<String> = section.words("source_program").into_iter().map(|(word, _)| word.to_owned()).collect();
    if argv.is_empty() {
        for key in ["batch", "timeout", "env"].iter().filter(|key| section.names(key)) {
            findings.at(&section.span_of(key), format!("[flip] {key} does not belong to a pack"), "remove it, or write a source_program");
        }
        return LoaderSettings::Pack { dir: dir.join(section.text("dir").unwrap_or("packs")) };
    }
    if section.names("dir") {
        findings.at(&section.span_of("dir"), "[flip] dir does not belong to a source_program", "remove it, or remove the program");
    }
    let batch = section.integer("batch").and_then(|n| usize::try_from(n).ok()).unwrap_or(BATCH);
    let timeout = section.text("timeout").and_then(duration).unwrap_or(TIMEOUT);
    let env = section.words("env").into_iter().map(|(name, _)| name.to_owned()).collect();
    LoaderSettings::Command { argv, batch, timeout, pause: Duration::ZERO, env }
}

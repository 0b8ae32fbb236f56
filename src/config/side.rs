//! `[source]` and `[target]`: how the side is reached, its profile, its queries.

use super::connection::ConnectionPlace;
use super::document::Findings;
use super::keys::SIDE;
use super::problem::Problems;
use super::query::{QueryText, queries};
use super::section::{Section, Value};
use super::vocabulary::vocabulary;
use crate::domain::contract::Entity;
use crate::domain::currency::Currency;
use crate::domain::key::{KeyKind, KeyNormaliser};
use crate::domain::period::Zone;
use crate::domain::profile::{ChangesWithin, Ends, MoneyUnit, NaiveTimestamps, PeriodRule, Proration, SideProfile, Stage, TaxStage, ZeroUsage};
use crate::domain::rounding::RoundMode;
use crate::domain::side::Side;
use crate::domain::text::shown;
use crate::ports::connection::Connection;
use crate::ports::database::Query;
use std::collections::BTreeMap;
use std::path::Path;

/// How one side is reached and what is asked there. Its profile is in [`super::Settings::service`].
#[derive(Debug, Clone)]
pub struct SideSettings {
    /// Which side.
    pub side: Side,
    /// Where its database is.
    pub place: ConnectionPlace,
    /// What is mapped.
    pub queries: BTreeMap<Entity, QueryText>,
}

impl SideSettings {
    /// The connection with its secret, which is fetched only now: by environment variable (`env`), file or command.
    /// A command may take ten seconds; call it off the terminal's thread.
    pub fn connection(&self, env: &dyn Fn(&str) -> Option<String>) -> Result<Connection, Problems> {
        self.place.connection(env)
    }

    /// The query of an entity with its own parameters; those of the window are whoever reads one's to add. `None` where the entity is not mapped.
    pub fn query(&self, entity: Entity) -> Option<Query> {
        let text = self.queries.get(&entity)?;
        let file = text.file.as_ref().map_or_else(String::new, |f| format!(" ({})", shown(&f.to_string_lossy(), 100)));
        let parameters = text.parameters.clone();
        Some(Query { side: self.side, entity: Some(entity), name: format!("{}.{entity}{file}", self.side), sql: text.sql.clone(), parameters })
    }
}

/// A side as far as it could be read.
pub(super) struct ParsedSide {
    pub settings: Option<SideSettings>,
    pub profile: Option<SideProfile>,
}

/// Reads one side.
pub(super) fn side(value: &Value<'_>, side: Side, dir: &Path, findings: &mut Findings<'_>) -> ParsedSide {
    let Some(section) = Section::checked(value, format!("[{side}]"), SIDE, findings) else {
        return ParsedSide { settings: None, profile: None };
    };
    let place = ConnectionPlace::parsed(&section, dir, findings);
    let profile = profile(&section, side, findings);
    let mapped = section.value("queries").map(|value| queries(value, &format!("{side}.queries"), dir, findings));
    if mapped.is_none() {
        let instead = format!("write [{side}.queries] with invoices = \"select …\" and what else is mapped");
        findings.missing(&section.span, format!("[{side}] has no queries"), instead);
    }
    let mapped = mapped.unwrap_or_default();
    if profile.as_ref().is_some_and(|p| p.changes == ChangesWithin::Rated) && !mapped.contains_key(&Entity::Events) {
        let what = format!("[{side}] rates changes and maps none");
        findings.missing(&section.span, what, format!("map events in [{side}.queries], or write changes = \"ignored\""));
    }
    ParsedSide { settings: place.map(|place| SideSettings { side, place, queries: mapped }), profile }
}

fn profile(section: &Section<'_, '_>, side: Side, findings: &mut Findings<'_>) -> Option<SideProfile> {
    let vocabulary = vocabulary(section, findings);
    let keys = [("text", KeyKind::Text), ("uuid", KeyKind::Uuid), ("int", KeyKind::Int)];
    let normalisers = [("none", KeyNormaliser::None), ("uuid", KeyNormaliser::Uuid)];
    let rules = [("period_columns", PeriodRule::PeriodColumns), ("issued_on", PeriodRule::IssuedOn)];
    let naive = [("utc", NaiveTimestamps::Utc), ("local", NaiveTimestamps::Local)];
    Some(SideProfile {
        side,
        key: section.choose("key", &keys, Some(KeyKind::Text))?,
        key_normaliser: section.choose("key_normaliser", &normalisers, Some(KeyNormaliser::None))?,
        money_unit: section.choose("money_unit", &[("major", MoneyUnit::Major), ("minor", MoneyUnit::Minor)], Some(MoneyUnit::Major))?,
        tax_inclusive: section.flag("tax_inclusive").unwrap_or(false),
        vocabulary,
        leave_out_zero: section.choose("zero_invoices", &[("left_out", true), ("kept", false)], Some(true))?,
        credits_positive: section.choose("credit_amounts", &[("positive", true), ("signed", false)], Some(true))?,
        period_rule: section.choose("period_rule", &rules, Some(PeriodRule::PeriodColumns))?,
        period_shift: section.integer("period_shift").and_then(|n| i32::try_from(n).ok()).unwrap_or(0),
        ends: section.choose("ends", &[("inclusive", Ends::Inclusive), ("exclusive", Ends::Exclusive)], None)?,
        proration: section.choose("proration", &Proration::WORDS, Some(Proration::Day))?,
        round_per: section.choose("round_per", &Stage::WORDS, None)?,
        round_mode: section.choose("round_mode", &RoundMode::WORDS, None)?,
        tax_per: section.choose("tax_per", &TaxStage::WORDS, Some(TaxStage::Invoice))?,
        naive_timestamps: section.choose("naive_timestamps", &naive, Some(NaiveTimestamps::Refuse))?,
        minor_digits: minor_digits(section, findings),
        zero_usage: section.choose("zero_usage", &ZeroUsage::WORDS, Some(ZeroUsage::Charged))?,
        changes: section.choose("changes", &ChangesWithin::WORDS, Some(ChangesWithin::Ignored))?,
        usage_zone: section.text("usage_zone").and_then(Zone::named),
        infinity_is_open: section.flag("infinity_is_open").unwrap_or(false),
    })
}

/// Digits by currency; a code nobody knows is a finding.
fn minor_digits(section: &Section<'_, '_>, findings: &mut Findings<'_>) -> BTreeMap<Currency, u8> {
    let mut digits = BTreeMap::new();
    if !section.names("minor_digits") {
        let known = section.known.map_or(&[][..], |known| known.minor_digits);
        digits.extend(known.iter().filter_map(|(code, n)| Some((Currency::known(code)?, n.parse().ok()?))));
    }
    for (code, value) in section.value("minor_digits").and_then(|v| v.get_ref().as_table()).into_iter().flatten() {
        let said = (Currency::known(code.get_ref()), value.get_ref().as_str().and_then(|n| n.parse().ok()));
        if let (Some(currency), Some(n)) = said {
            digits.insert(currency, n);
        } else {
            let what = format!("{} minor_digits names an unknown currency: \"{}\"", section.title, shown(code.get_ref(), 40));
            findings.at(&code.span(), what, "write an ISO 4217 code such as ISK = \"2\"");
        }
    }
    digits
}

//! `[service]` and `[limits]`.

use super::document::Findings;
use super::keys::{LIMITS, SERVICE};
use super::section::{Section, Value};
use super::shape::duration;
use crate::domain::currency::Currency;
use crate::domain::exact::Exact;
use crate::domain::period::Zone;
use crate::domain::profile::BasisRule;
use crate::domain::side::Side;
use crate::ports::database::Limits;
use std::time::Duration;

/// `[service]`, before the sides' profiles join it.
pub(super) struct Service {
    pub name: String,
    pub zone: Zone,
    pub currency: Option<Currency>,
    pub usage_from: Side,
    pub basis: BasisRule,
    pub tolerance: Exact,
}

/// Reads `[service]`.
pub(super) fn service(value: &Value<'_>, findings: &mut Findings<'_>) -> Option<Service> {
    let section = Section::checked(value, "[service]".to_owned(), SERVICE, findings)?;
    let bases = [("draft_first", BasisRule::DraftFirst), ("rated", BasisRule::Rated), ("draft", BasisRule::Draft)];
    Some(Service {
        name: section.text("name")?.trim().to_owned(),
        zone: Zone::named(section.text("time_zone")?)?,
        currency: section.text("currency").and_then(Currency::known),
        usage_from: section.choose("usage_from", &[("source", Side::Source), ("target", Side::Target)], Some(Side::Source))?,
        basis: section.choose("basis", &bases, Some(BasisRule::DraftFirst))?,
        tolerance: section.text("tolerance").map_or(Ok(Exact::whole(0)), |t| Exact::parse(t.as_bytes())).ok()?.reduced(),
    })
}

/// Reads `[limits]`; what is not written keeps its default.
pub(super) fn limits(value: Option<&Value<'_>>, findings: &mut Findings<'_>) -> Limits {
    let defaults = Limits::default();
    let Some(section) = value.and_then(|v| Section::checked(v, "[limits]".to_owned(), LIMITS, findings)) else { return defaults };
    let time = |key: &str, default: Duration| section.text(key).and_then(duration).unwrap_or(default);
    let count = |key: &str, default: usize| section.integer(key).and_then(|n| usize::try_from(n).ok()).unwrap_or(default);
    Limits {
        statement_timeout: time("statement_timeout", defaults.statement_timeout),
        lock_timeout: time("lock_timeout", defaults.lock_timeout),
        snapshot_budget: time("snapshot_budget", defaults.snapshot_budget),
        max_rows: section.integer("max_rows").and_then(|n| u64::try_from(n).ok()).unwrap_or(defaults.max_rows),
        max_field_bytes: count("max_field_bytes", defaults.max_field_bytes),
        max_streams: count("max_streams", defaults.max_streams),
    }
}

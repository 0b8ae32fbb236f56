//! `[service]` and `[limits]`.

use super::document::Findings;
use super::keys::{LIMITS, SERVICE};
use super::section::{Section, Value};
use super::shape::duration;
use crate::domain::currency::Currency;
use crate::domain::exact::Exact;
use crate::domain::period::Zone;
use crate::domain::profile::BasisRule;
use crate::domain::rounding::{RoundMode, to_units};
use crate::domain::run::UsageRule;
use crate::domain::side::Side;
use crate::ports::database::Limits;
use std::ops::Range;
use std::time::Duration;

/// `[service]`, before the sides' profiles join it.
pub(super) struct Service {
    pub name: String,
    pub zone: Zone,
    pub currency: Option<Currency>,
    pub usage_from: Side,
    pub basis: BasisRule,
    pub tolerance: Exact,
    /// In ten-thousandths.
    pub coverage_floor: i64,
    /// The runbook's file, with where it is named.
    pub runbook: Option<(String, Range<usize>)>,
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
        coverage_floor: coverage_floor(&section, findings),
        runbook: section.text("runbook").map(|file| (file.to_owned(), section.span_of("runbook"))),
        tolerance: section.text("tolerance").map_or(Ok(Exact::whole(0)), |t| Exact::parse(t.as_bytes())).ok()?.reduced(),
    })
}

/// A match rate on less of the money than this proves little.
const COVERAGE_FLOOR: i64 = 9_900;

fn coverage_floor(section: &Section<'_, '_>, findings: &mut Findings<'_>) -> i64 {
    let Some(written) = section.text("coverage_floor").and_then(|t| Exact::parse(t.as_bytes()).ok()) else { return COVERAGE_FLOOR };
    if written.is_negative() || written > Exact::ONE {
        let advice = "write a number from \"0\" to \"1\", as coverage_floor = \"0.99\"";
        findings.at(&section.span_of("coverage_floor"), "coverage_floor is a part of 1", advice);
        return COVERAGE_FLOOR;
    }
    to_units(written, 4, RoundMode::Up).unwrap_or(COVERAGE_FLOOR)
}

/// Reads `[limits]`; what is not written keeps its default.
pub(super) fn limits(value: Option<&Value<'_>>, findings: &mut Findings<'_>) -> Limits {
    let defaults = Limits::default();
    let Some(section) = value.and_then(|v| Section::checked(v, "[limits]".to_owned(), LIMITS, findings)) else { return defaults };
    let time = |key: &str, default: Duration| section.text(key).and_then(duration).unwrap_or(default);
    let count = |key: &str, default: usize| section.integer(key).and_then(|n| usize::try_from(n).ok()).unwrap_or(default);
    let rules = [("auto", UsageRule::Auto), ("raw", UsageRule::Records), ("server", UsageRule::Sums)];
    Limits {
        statement_timeout: time("statement_timeout", defaults.statement_timeout),
        lock_timeout: time("lock_timeout", defaults.lock_timeout),
        snapshot_budget: time("snapshot_budget", defaults.snapshot_budget),
        max_rows: section.integer("max_rows").and_then(|n| u64::try_from(n).ok()).unwrap_or(defaults.max_rows),
        max_field_bytes: count("max_field_bytes", defaults.max_field_bytes),
        max_streams: count("max_streams", defaults.max_streams),
        usage_sums: section.choose("usage_sums", &rules, None).unwrap_or(defaults.usage_sums),
    }
}

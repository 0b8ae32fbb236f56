//! The parameters every query may use: the window of days a reading asks for.

use crate::domain::period::{Month, Period, Zone};
use crate::ports::database::{Parameter, Query};

/// The days from the first of one month to the first after another.
pub fn window(first: Month, last: Month) -> Period {
    Period { start: first.first_day(), end: last.plus(1).first_day() }
}

/// A query over a window: `:period_start`, `:period_end` (days), `:period_start_at`, `:period_end_at` (their local midnights)
/// and `:zone`. The query's own parameters stay.
#[must_use]
pub fn over(query: &Query, days: Period, zone: Zone) -> Query {
    let mut query = query.clone();
    let values = [
        ("period_start", Parameter::Date(days.start)),
        ("period_end", Parameter::Date(days.end)),
        ("period_start_at", Parameter::Instant(zone.start_of(days.start))),
        ("period_end_at", Parameter::Instant(zone.start_of(days.end))),
        ("zone", Parameter::Text(zone.name().to_owned())),
    ];
    query.parameters.extend(values.into_iter().map(|(name, value)| (name.to_owned(), value)));
    query
}

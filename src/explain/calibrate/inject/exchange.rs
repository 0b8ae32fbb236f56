//! Amounts converted between currencies at a stored rate.

use super::{made, product};
use crate::domain::currency::Currency;
use crate::domain::evidence::ExchangeRate;
use crate::domain::exact::Exact;
use crate::domain::explanation::Cause;
use crate::domain::rounding::{RoundMode, to_minor};
use crate::domain::row::LinePart;
use crate::explain::calibrate::ground::Ground;
use chrono::{Days, NaiveDate};

/// A rate from another currency to the row's, from a day on: 0.2000 to 4.1999.
pub fn rate(ground: &mut Ground, valid_from: NaiveDate) -> Option<ExchangeRate> {
    let from = ["USD", "EUR"].into_iter().filter_map(Currency::known).find(|c| *c != ground.currency)?;
    let rate = Exact::scaled(i128::from(2_000 + ground.below(40_000)), 4).ok()?;
    let row = ExchangeRate { from, to: ground.currency, valid_from, rate };
    ground.shelves[0].rates.push(row.clone());
    ground.shelves[0].rates.sort();
    Some(row)
}

/// The source sells in another currency and converts on the day of its invoice; rates of before and after stand beside.
pub fn priced_abroad(ground: &mut Ground) -> Option<Cause> {
    let issued = ground.row.period.end;
    let (long, since) = (40 + ground.below(20), ground.below(5));
    rate(ground, issued - Days::new(long))?;
    rate(ground, issued + Days::new(1))?;
    let now = rate(ground, issued - Days::new(since))?;
    let price = ground.price();
    let plan = &mut ground.shelves[0].terms[0].plan;
    (plan.currency, plan.flat_price) = (now.from, price);
    let usage = ground.metered(ground.used());
    let abroad = to_minor(price.add(usage).ok()?, now.from, RoundMode::HalfUp).ok()?;
    ground.bill(product(&[abroad.exact().ok()?, now.rate]));
    // The same number under another currency is another cause.
    let same = ground.row.actual.and_then(|a| a.exact().ok()) == price.add(usage).ok();
    made(ground, Cause::Exchange).filter(|_| !same)
}

/// The source converted the amount once too often, or the target once too seldom; a line of its invoice says from what.
pub fn converted(ground: &mut Ground) -> Option<Cause> {
    let day = ground.row.period.start - Days::new(ground.below(30));
    let now = rate(ground, day)?;
    let (factor, words) = if ground.below(2) == 0 { (now.rate, "converted") } else { (Exact::ONE.div(now.rate).ok()?, "unconverted") };
    ground.bill(product(&[ground.row.expected?.exact().ok()?, factor]));
    let amount = ground.row.actual?.exact().ok()?;
    let line = LinePart { description: Some(format!("{words}, {}", now.from).as_str().into()), quantity: None, amount, one_off: false };
    ground.row.documents[0].lines = vec![line];
    made(ground, Cause::Exchange)
}

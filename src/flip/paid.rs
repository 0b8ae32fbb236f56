//! Payments the target captured: from the first of a wave on nothing of it can be undone.

use super::standing::WaveStanding;
use crate::domain::decode::When;
use crate::domain::exact::Exact;
use crate::domain::flip::Payment;
use crate::domain::period::Zone;

/// A payment as the target tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paid {
    /// For which subscription.
    pub subscription: String,
    /// When; `None` where that cannot be read.
    pub on: Option<When>,
    /// How much in major units, where it is said.
    pub amount: Option<Exact>,
}

/// The first payment of a wave since it was begun, by days of the service's zone. One of which nobody can say when counts.
///
/// A moment has its day in that zone. A plain date does not say whose day it is: a system that keeps UTC writes the day there, which may
/// be the one before, so that it counts from the earlier of both on.
pub fn captured(wave: &WaveStanding, paid: &[Paid], zone: Zone) -> Option<Payment> {
    let begun = wave.first_begun?;
    let since = zone.day_of(begun);
    let earliest = since.min(Zone::UTC.day_of(begun));
    let counts = |on: When| match on {
        When::At(_) => on.day(zone) >= since,
        When::Day(day) => day >= earliest,
    };
    let of_wave = paid.iter().filter(|p| wave.pack.line(&p.subscription).is_some() && p.on.is_none_or(counts));
    let payment = |p: &Paid| Payment { subscription: p.subscription.clone(), on: p.on.map(|on| on.day(zone)), amount: p.amount };
    of_wave.map(payment).min_by(|a, b| (a.on, &a.subscription).cmp(&(b.on, &b.subscription)))
}

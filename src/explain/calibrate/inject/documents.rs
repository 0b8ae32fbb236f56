//! Causes that show in how documents are dated, counted and lined.

use super::{flat, has_usage, made};
use crate::domain::exact::Exact;
use crate::domain::explanation::Cause;
use crate::domain::money::Money;
use crate::domain::period::{Grid, Month};
use crate::domain::records::DocumentKind;
use crate::domain::row::LinePart;
use crate::domain::side::Side;
use crate::explain::calibrate::ground::{Ground, document, plus};
use chrono::{Datelike, Days};

pub fn duplicate(ground: &mut Ground) -> Option<Cause> {
    let one = ground.row.expected?;
    let twice = one.plus(one)?;
    let end = ground.row.period.end;
    ground.row.documents = ["INV-1", "INV-2"].map(|id| document(id, DocumentKind::Charge, one, end)).into();
    ground.settle(Some(twice));
    made(ground, Cause::DuplicateInvoice)
}

pub fn credited(ground: &mut Ground) -> Option<Cause> {
    let whole = ground.row.expected?;
    let off = Money::new(i64::try_from(1 + ground.below(whole.minor.unsigned_abs())).ok()?, ground.currency);
    let end = ground.row.period.end;
    let note = Money::new(-off.minor, ground.currency);
    ground.row.documents = vec![document("INV-1", DocumentKind::Charge, whole, end), document("CN-1", DocumentKind::Credit, note, end)];
    ground.settle(whole.minus(off));
    made(ground, Cause::Credited)
}

/// A fee beside what recurs; what recurs is a line of its own.
pub fn one_off(ground: &mut Ground) -> Option<Cause> {
    let fee = ground.price();
    let amount = plus(ground.rated(), fee);
    ground.bill(amount);
    let line = |words: &str, amount: Exact, one_off: bool| LinePart { description: Some(words.into()), quantity: Some(Exact::ONE), amount, one_off };
    ground.row.documents[0].lines = vec![line("plan", amount.sub(fee).ok()?, false), line("setup", fee, true)];
    made(ground, Cause::OneOffLine)
}

pub fn refund(ground: &mut Ground) -> Option<Cause> {
    let turned = Money::new(-ground.row.expected?.minor, ground.currency);
    ground.row.documents = vec![document("CN-1", DocumentKind::Credit, turned, ground.row.period.end)];
    ground.settle(Some(turned));
    made(ground, Cause::Sign)
}

pub fn usage_unit(ground: &mut Ground) -> Option<Cause> {
    let factor = Exact::whole([60, 3600, 1000, 8][usize::try_from(ground.below(4)).ok()?]);
    let other = ground.used().mul(factor).ok().filter(|_| has_usage(ground))?;
    ground.bill(plus(flat(ground), ground.metered(other)));
    let amount = ground.row.actual?.exact().ok()?;
    let line = LinePart { description: Some("usage".into()), quantity: Some(other), amount, one_off: false };
    ground.row.documents[0].lines = vec![line];
    made(ground, Cause::UsageUnit)
}

/// Anchored on the 31st, the source bills from the 28th (or the 29th) after February: that long period has two of its invoices.
pub fn drifted(ground: &mut Ground) -> Option<Cause> {
    let february = Month::new(ground.row.period.start.year(), 2)?;
    ground.row.period = Grid::anchored(31)?.period_in(february);
    let period = ground.row.period;
    for side in Side::BOTH {
        ground.facts(side).started_on = period.start - Days::new(400);
    }
    (ground.row.inputs[0].days, ground.row.inputs[0].of_days) = (period.days(), period.days());
    ground.rerate();
    let one = ground.row.expected?;
    let again = period.start.with_month(3)?;
    let dated = [("INV-1", period.start), ("INV-2", again)];
    ground.row.documents = dated.map(|(id, day)| document(id, DocumentKind::Charge, one, day)).into();
    ground.settle(one.plus(one));
    made(ground, Cause::MonthEndAnchor)
}

/// The source bills started hours of what the target bills by the second.
pub fn started_units(ground: &mut Ground) -> Option<Cause> {
    let hour = Exact::whole(3600);
    let hours = ground.used().div(hour).ok().filter(|_| has_usage(ground))?.ceil();
    let other = hours.mul(hour).ok().filter(|other| *other != ground.used())?;
    ground.bill(plus(flat(ground), ground.metered(other)));
    let amount = ground.row.actual?.exact().ok()?;
    ground.row.documents[0].lines = vec![LinePart { description: Some("hours".into()), quantity: Some(hours), amount, one_off: false }];
    made(ground, Cause::PartialUnits)
}

//! Made-up lines, packs and acts.

use chrono::{NaiveDate, TimeZone as _, Utc};
use dualrun::domain::currency::Currency;
use dualrun::domain::flip::{Change, Content, Expected, FlipDeed, FlipPack, FlipPlan, FlipRules, PackLine, SourceBilling, TargetBilling};
use dualrun::domain::gate::{GateAct, GateDeed};
use dualrun::domain::money::Money;
use dualrun::domain::period::{Month, Period};
use dualrun::domain::text::Untrusted;

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn cad(minor: i64) -> Money {
    Money::new(minor, Currency::known("CAD").unwrap())
}

pub fn line(id: &str, net: Money) -> PackLine {
    let period = Period { start: day("2026-06-01"), end: day("2026-07-01") };
    let change = |content| Change { subscription: id.to_owned(), target_id: format!("T-{id}"), content };
    PackLine {
        subscription: id.to_owned(),
        customer: Untrusted::new("Acme"),
        plan: Untrusted::new("Large"),
        billed_through: period.start,
        expected: Expected { period, bill_on: period.end, net, tax: None },
        changes: vec![
            change(Content::SwitchOff { billed_through: period.start }),
            change(Content::LinkCharge { plan: "NC-1".to_owned(), metrics: vec!["cpu".to_owned()] }),
            change(Content::Confirm { first_period_start: period.start, first_bill_day: period.end }),
            change(Content::AttachPayment { customer: "cust-1".to_owned() }),
        ],
    }
}

pub fn pack(wave: u32, ids: &[&str]) -> FlipPack {
    FlipPack { wave, from: "canary".to_owned(), lines: ids.iter().map(|id| line(id, cad(1000))).collect() }
}

pub fn plan(waves: Vec<FlipPack>) -> FlipPlan {
    FlipPlan {
        month: Month::parse("2026-05").unwrap(),
        run: 1,
        run_digest: "run".to_owned(),
        config_digest: "config".to_owned(),
        flip_digest: "flip".to_owned(),
        rules: FlipRules::default(),
        waves,
        left_out: Vec::new(),
    }
}

/// Acts with their numbers, an hour apart.
pub fn acts(deeds: Vec<FlipDeed>) -> Vec<GateAct> {
    let act = |(n, deed): (u32, FlipDeed)| GateAct {
        id: i64::from(n) + 1,
        service: "s".to_owned(),
        at: Utc.with_ymd_and_hms(2026, 6, 3, n % 24, 0, 0).unwrap(),
        actor: "ana".to_owned(),
        deed: GateDeed::Flip(Box::new(deed)),
    };
    (0..).zip(deeds).map(act).collect()
}

pub const OFF: TargetBilling = TargetBilling {
    billing: Some(false),
    first_period_start: None,
    first_bill_day: None,
    has_payment_token: Some(false),
    charge_linked: Some(false),
};

pub fn source(billing: bool, through: &str) -> SourceBilling {
    SourceBilling { billing: Some(billing), billed_through: Some(day(through)) }
}

//! Captured payments, by days of the service's zone.

use crate::made::{day, pack, plan};
use chrono::{DateTime, Utc};
use dualrun::domain::decode::When;
use dualrun::domain::flip::{Begun, Direction, FlipDeed};
use dualrun::domain::gate::{GateAct, GateDeed};
use dualrun::domain::period::Zone;
use dualrun::flip::{Paid, WaveStanding, captured, fold};

fn moment(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Wave 1 of `a`, begun at a moment.
fn begun(at: &str) -> WaveStanding {
    let (pack_of, phrase) = ("p".to_owned(), "x".to_owned());
    let begun = Begun { wave: 1, direction: Direction::Forward, pack: pack_of, phrase, certificate: None, run: None, place: None };
    let deeds = [FlipDeed::Planned(Box::new(plan(vec![pack(1, &["a"])]))), FlipDeed::Begun(Box::new(begun))];
    let act = |(id, deed)| GateAct { id, service: "s".to_owned(), at: moment(at), actor: "ana".to_owned(), deed: GateDeed::Flip(Box::new(deed)) };
    fold(&(1..).zip(deeds).map(act).collect::<Vec<_>>()).waves[&1].clone()
}

/// The day a payment is told for, where it counts.
fn counts(wave: &WaveStanding, zone: &str, on: Option<When>) -> Option<String> {
    let paid = Paid { subscription: "a".to_owned(), on, amount: None };
    captured(wave, &[paid], Zone::named(zone).unwrap()).map(|p| p.on.map_or_else(|| "no day".to_owned(), |on| on.to_string()))
}

#[test]
fn a_moment_is_of_the_day_it_is_in_the_zone() {
    let at = |text| Some(When::At(moment(text)));
    // One in the morning of the second in Tokyo.
    let tokyo = begun("2026-06-01T16:00:00Z");
    assert_eq!(counts(&tokyo, "Asia/Tokyo", at("2026-06-01T17:00:00Z")).as_deref(), Some("2026-06-02"), "and not the first, as in UTC");
    assert_eq!(counts(&tokyo, "Asia/Tokyo", at("2026-06-01T14:59:59Z")), None, "that was the day before");
    // Nine in the evening of the first in Toronto.
    let toronto = begun("2026-06-02T01:00:00Z");
    assert_eq!(counts(&toronto, "America/Toronto", at("2026-06-02T02:00:00Z")).as_deref(), Some("2026-06-01"), "and not the second, as in UTC");
    assert_eq!(counts(&toronto, "America/Toronto", at("2026-06-01T03:59:59Z")), None);
}

#[test]
fn a_plain_date_may_be_a_day_of_utc() {
    let on = |text| Some(When::Day(day(text)));
    let tokyo = begun("2026-06-01T16:00:00Z");
    // A target that writes days of UTC dates a payment after the flip by the day before it.
    assert_eq!(counts(&tokyo, "Asia/Tokyo", on("2026-06-01")).as_deref(), Some("2026-06-01"));
    assert_eq!(counts(&tokyo, "Asia/Tokyo", on("2026-05-31")), None);
    let toronto = begun("2026-06-02T01:00:00Z");
    assert_eq!(counts(&toronto, "America/Toronto", on("2026-06-01")).as_deref(), Some("2026-06-01"));
    assert_eq!(counts(&toronto, "America/Toronto", None).as_deref(), Some("no day"), "what nobody can date counts");
}

#[test]
fn the_first_counts_and_only_of_the_wave() {
    let wave = begun("2026-06-01T12:00:00Z");
    let paid = |of: &str, on: &str| Paid { subscription: of.to_owned(), on: Some(When::Day(day(on))), amount: None };
    let all = [paid("b", "2026-06-01"), paid("a", "2026-06-05"), paid("a", "2026-06-03")];
    assert_eq!(captured(&wave, &all, Zone::UTC).unwrap().on, Some(day("2026-06-03")));
    assert_eq!(captured(&wave, &all[..1], Zone::UTC), None);
}

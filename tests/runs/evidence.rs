//! A small book with coupons, dated prices, exchange rates, changes, late and repeated usage: what is kept beside the rows that differ is exactly
//! that, and what cannot be read of it is named.

use crate::memory::{Kept, Memory};
use dualrun::adapters::book_files::{read_book, write_project};
use dualrun::app::progress::Silent;
use dualrun::app::reconcile::reconcile;
use dualrun::domain::contract::Entity;
use dualrun::domain::currency::Currency;
use dualrun::domain::decode::{Reason, When};
use dualrun::domain::evidence::{Change, Discount, DiscountKind, Event, Evidence, ExchangeRate, LateUsage, PriceVersion, SideEvidence};
use dualrun::domain::exact::Exact;
use dualrun::domain::run::RunState;
use dualrun::domain::side::Side;
use dualrun::domain::verdict::Verdict;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

const PROFILE: &str = r#"
[service]
name = "small"
currency = "CAD"
time_zone = "America/Toronto"
period = "2026-05"
usage_from = "source"

[source]
key = "text"
money_unit = "minor"
active = ["active"]
billable = ["paid"]
ends = "inclusive"
round_per = "invoice"
round_mode = "half_up"

[target]
key = "text"
money_unit = "major"
active = ["running"]
billable = ["draft"]
ends = "exclusive"
round_per = "invoice"
round_mode = "half_up"
"#;

/// Every file of the book. sub-2 is billed as it should be: whatever is said of it, nothing is kept.
const FILES: &[(&str, &str)] = &[
    ("source/customers.csv", "id,name\nc-1,Acme\n"),
    ("source/plans.csv", "id,name,currency,flat_price\np-s,Small,CAD,3000\n"),
    ("source/charges.csv", "plan_id,metric,unit_price\np-s,api_calls,1\n"),
    (
        "source/subscriptions.csv",
        "id,customer_id,plan_id,status,started_on\nsub-1,c-1,p-s,active,2025-01-01\nsub-2,c-1,p-s,active,2025-01-01\n\
         sub-3,c-1,p-s,active,2025-01-01\nsub-4,c-1,p-s,active,2025-01-01\n",
    ),
    (
        "source/usage.csv",
        "subscription_id,metric,occurred_at,quantity,ingested_at,idempotency_key\n\
         sub-1,api_calls,2026-05-10T12:00:00Z,100,2026-05-10T12:00:00Z,u-1\nsub-1,api_calls,2026-05-10T12:00:00Z,100,2026-05-11T12:00:00Z,u-1\n\
         sub-1,api_calls,2026-05-20T12:00:00Z,50,2026-06-03T12:00:00Z,u-2\nsub-1,api_calls,2026-05-31T12:00:00Z,25,2026-06-03T13:00:00Z,\n\
         sub-1,api_calls,2026-05-31T12:00:00Z,0.5,2026-06-01T03:59:00Z,\nsub-1,api_calls,2026-05-31T12:00:00Z,1,2026-06-04T12:00:00Z,\n\
         sub-4,disk,2026-05-31T12:00:00Z,7,2026-07-01T12:00:00Z,u-3\nsub-4,disk,2026-05-31T12:00:00Z,7,2026-07-02T12:00:00Z,u-3\n\
         sub-4,disk,2026-05-31T12:00:00Z,8,2026-07-02T12:00:00Z,u-5\nsub-4,disk,2026-05-31T12:00:00Z,8,2026-05-31T12:00:00Z,u-5\n\
         sub-2,disk,2026-05-31T12:00:00Z,7,2026-07-01T12:00:00Z,u-4\n",
    ),
    (
        "source/invoices.csv",
        "id,subscription_id,status,period_start,issued_on,currency,subtotal\nI-1,sub-1,paid,2026-05-01,2026-06-01,CAD,2700\n\
         I-2,sub-2,paid,2026-05-01,2026-06-01,CAD,3000\nI-3,sub-3,paid,2026-05-01,2026-06-01,CAD,2000\nI-4,sub-4,paid,2026-05-01,2026-06-01,CAD,3000\n",
    ),
    (
        "source/discounts.csv",
        "subscription_id,code,kind,value,valid_from,valid_to,position\nsub-1,TEN,percent,10,2026-05-01,2026-05-31,2\nsub-1,OFF5,fixed,500,,,1\n\
         sub-2,TEN,percent,10,,,\nsub-3,THREE,Percentage,3,,,\nsub-9,NOBODY,percent,1,,,\n",
    ),
    (
        "source/events.csv",
        "subscription_id,at,what,from,to\nsub-1,2026-05-03T03:00:00Z,status,trialing,active\nsub-4,2026-05-09,seats,1,2\nsub-1,2026-02-01,Plan,p-x,p-s\n",
    ),
    (
        "source/price_versions.csv",
        "plan_id,metric,price,valid_from,valid_to\np-s,,2900,2025-01-01,2026-04-30\np-s,api_calls,0.9,,\np-s,,3000,2026-05-01,\n",
    ),
    (
        "source/exchange_rates.csv",
        "from_currency,to_currency,valid_from,rate\nUSD,CAD,2026-05-01,1.3521\nEUR,CAD,2026-04-30,1.5\nEUR,CAD,2026-04-30,1.50\n\
         USD,CAD,2026-04-01T03:00:00Z,0.0000013\n",
    ),
    ("target/customers.csv", "id,name\n7,Acme\n"),
    ("target/plans.csv", "id,name,currency,flat_price\nT-S,Small,CAD,30.00\n"),
    ("target/charges.csv", "plan_id,metric,unit_price\nT-S,api_calls,0.01\n"),
    (
        "target/subscriptions.csv",
        "id,customer_id,plan_id,status,started_on\nsub-1,7,T-S,running,2025-01-01\nsub-2,7,T-S,running,2025-01-01\nsub-3,7,T-S,running,2025-01-01\n\
         sub-4,7,T-S,running,2025-01-01\n",
    ),
    ("target/links.csv", "order_id,subscription_id\nSO-1,sub-3\nSO-1,sub-4\nSO-2,sub-1\n"),
    ("target/invoices.csv", "id,subscription_id,status,period_start,issued_on,currency,subtotal\nD-1,SO-1,draft,2026-05-01,2026-06-01,CAD,60.00\n"),
    (
        "target/discounts.csv",
        "subscription_id,code,kind,value,valid_from,valid_to,position\nSO-2,TGT,FIXED,1.50,2026-05-01,2026-06-01,\nSO-1,BOTH,percent,5,,,\n",
    ),
    ("target/events.csv", "subscription_id,at,what,from,to\nsub-1,2026-05-05,renamed,,Acme 2\n"),
];

/// Writes the book, each file as `change` makes it; one that is empty then is left out.
fn write(dir: &Path, change: &dyn Fn(&str, &str) -> String) {
    for side in Side::BOTH {
        std::fs::create_dir_all(dir.join(side.word())).expect("a folder");
    }
    std::fs::write(dir.join("profile.toml"), PROFILE).expect("written");
    for (file, text) in FILES {
        let text = change(file, text);
        if !text.is_empty() {
            std::fs::write(dir.join(file), text).expect("written");
        }
    }
}

async fn run(change: &dyn Fn(&str, &str) -> String) -> Kept {
    let (book, dir) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    write(book.path(), change);
    let book = read_book(book.path(), false).unwrap_or_else(|e| panic!("{e}"));
    write_project(&book, dir.path()).await.unwrap_or_else(|e| panic!("{e}"));
    reconciled(dir.path()).await
}

async fn reconciled(dir: &Path) -> Kept {
    let memory = Memory::default();
    let project = crate::project::project(dir, Arc::new(memory.clone()));
    reconcile(&project, &crate::project::whole(&["2026-05"]), Arc::new(Silent), CancellationToken::new()).await.unwrap_or_else(|e| panic!("{e}"));
    memory.kept().pop().expect("a run")
}

fn as_it_is(_: &str, text: &str) -> String {
    text.to_owned()
}

/// A book whose sides say nothing beside their catalogues.
fn without_evidence(file: &str, text: &str) -> String {
    if is_evidence(file) { String::new() } else { text.to_owned() }
}

fn is_evidence(file: &str) -> bool {
    ["discounts", "events", "exchange_rates", "price_versions"].iter().any(|entity| file.contains(entity))
}

fn by_key(kept: &Kept) -> BTreeMap<&str, &Evidence> {
    kept.evidence.iter().map(|(at, evidence)| (kept.rows[*at].key.raw(), evidence)).collect()
}

fn coupon(position: i64, code: &str, kind: DiscountKind, value: &str, days: Option<(&str, &str)>) -> Discount {
    let day = |text: &str| text.parse().expect("a day");
    let (valid_from, valid_until) = days.map(|(from, until)| (day(from), day(until))).unzip();
    Discount { position, code: code.into(), kind, value: value.parse().expect("a number"), valid_from, valid_until }
}

fn event(at: When, day: &str, what: Change, word: &str, from: Option<&str>, to: &str) -> Event {
    Event { at, day: day.parse().expect("a day"), what, word: word.into(), from: from.map(Into::into), to: Some(to.into()) }
}

fn late(metric: &str, day: &str, quantity: &str) -> LateUsage {
    LateUsage { metric: metric.into(), arrived_on: day.parse().expect("a day"), quantity: quantity.parse().expect("a number") }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_beside_a_row_is_what_the_book_says() {
    use DiscountKind::{Fixed, Percent};
    let kept = run(&as_it_is).await;
    let verdicts: Vec<(&str, Verdict)> = kept.rows.iter().map(|r| (r.key.raw(), r.verdict)).collect();
    assert_eq!(verdicts, [("SO-1", Verdict::Delta), ("sub-1", Verdict::Delta), ("sub-2", Verdict::Match)]);
    assert_eq!(kept.rejected, []);
    let may = Some(("2026-05-01", "2026-06-01"));
    let on = |day: &str| When::Day(day.parse().expect("a day"));
    let moment = When::At("2026-05-03T03:00:00Z".parse().expect("a moment"));
    let first = Evidence {
        source: SideEvidence {
            discounts: vec![coupon(1, "OFF5", Fixed, "5", None), coupon(2, "TEN", Percent, "10", may)],
            events: vec![
                event(on("2026-02-01"), "2026-02-01", Change::Plan, "Plan", Some("p-x"), "p-s"),
                event(moment, "2026-05-02", Change::Status, "status", Some("trialing"), "active"),
            ],
        },
        target: SideEvidence {
            discounts: vec![coupon(0, "TGT", Fixed, "1.50", may)],
            events: vec![event(on("2026-05-05"), "2026-05-05", Change::Other, "renamed", None, "Acme 2")],
        },
        late: vec![late("api_calls", "2026-06-03", "75"), late("api_calls", "2026-06-04", "1")],
        repeated: vec![("api_calls".into(), Exact::whole(100))],
        moved: vec![],
    };
    let order = Evidence {
        source: SideEvidence {
            discounts: vec![coupon(0, "THREE", Percent, "3", None)],
            events: vec![event(on("2026-05-09"), "2026-05-09", Change::Quantity, "seats", Some("1"), "2")],
        },
        target: SideEvidence { discounts: vec![coupon(0, "BOTH", Percent, "5", None)], events: vec![] },
        // One came late twice, and counts from the first time; one came in time and late, and did not come late.
        late: vec![late("disk", "2026-07-01", "7")],
        repeated: vec![("disk".into(), Exact::whole(15))],
        moved: vec![],
    };
    assert_eq!(by_key(&kept), BTreeMap::from([("sub-1", &first), ("SO-1", &order)]));

    let version = |metric: Option<&str>, price: &str, from: Option<&str>, until: Option<&str>| PriceVersion {
        plan_id: "p-s".into(),
        metric: metric.map(Into::into),
        price: price.parse().expect("a number"),
        valid_from: from.map(|d| d.parse().expect("a day")),
        valid_until: until.map(|d| d.parse().expect("a day")),
    };
    let prices = [
        version(None, "29", Some("2025-01-01"), Some("2026-05-01")),
        version(None, "30", Some("2026-05-01"), None),
        version(Some("api_calls"), "0.009", None, None),
    ];
    assert_eq!(kept.shelves[&Side::Source].prices, prices);
    let known = |code: &str| Currency::known(code).expect("a currency");
    let rate = |from: &str, since: &str, rate: &str| ExchangeRate {
        from: known(from),
        to: known("CAD"),
        valid_from: since.parse().expect("a day"),
        rate: rate.parse().expect("a number"),
    };
    // Said twice it is one; a moment is the day it was in the service's zone; no minor unit divides it.
    let rates = [rate("EUR", "2026-04-30", "1.5"), rate("USD", "2026-03-31", "0.0000013"), rate("USD", "2026-05-01", "1.3521")];
    assert_eq!(kept.shelves[&Side::Source].rates, rates);
    assert_eq!(kept.shelves[&Side::Target].rates, []);
    assert_eq!(kept.shelves[&Side::Source].plan("p-s").map(|t| t.charges.len()), Some(1));
    assert_eq!((kept.shelves[&Side::Target].prices.len(), kept.shelves[&Side::Target].terms.len()), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_order_of_reading_changes_nothing_and_what_is_said_goes_into_the_digest() {
    let kept = run(&as_it_is).await;
    let turned = run(&|file, text| {
        let mut lines: Vec<&str> = text.lines().collect();
        if is_evidence(file) || file.ends_with("usage.csv") {
            lines[1..].reverse();
        }
        lines.join("\n") + "\n"
    })
    .await;
    assert_eq!((&turned.run.digests, &turned.evidence, &turned.shelves), (&kept.run.digests, &kept.evidence, &kept.shelves));
    for (said, other) in [("percent,10,2026-05-01", "percent,11,2026-05-01"), ("trialing", "paused"), (",2900,", ",2901,"), ("1.3521", "1.3522")] {
        let changed = run(&|_, text| text.replace(said, other)).await;
        assert_ne!(changed.run.digests.source, kept.run.digests.source, "{said}");
        assert_eq!(changed.run.digests.target, kept.run.digests.target, "{said}");
    }
    // Unmapped, nothing is kept of it and nothing else changes.
    let bare = run(&without_evidence).await;
    assert_eq!(bare.rows, kept.rows);
    let only_usage = by_key(&bare).values().all(|e| e.source == SideEvidence::default() && e.target == SideEvidence::default());
    assert!(only_usage && bare.evidence.len() == 2);
    let kept = run(&|file, text| without_evidence(file, text).replace(",ingested_at,", ",arrived,")).await;
    let repeated = Evidence { repeated: vec![("api_calls".into(), Exact::whole(100))], ..Evidence::default() };
    let of_order = Evidence { repeated: vec![("disk".into(), Exact::whole(15))], ..Evidence::default() };
    assert_eq!(by_key(&kept), BTreeMap::from([("sub-1", &repeated), ("SO-1", &of_order)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_named() {
    for (good, bad, (entity, id, column, reason)) in [
        ("TEN,percent,10,2026", "TEN,percnt,10,2026", (Entity::Discounts, "sub-1 TEN", "kind", Reason::UnknownWord)),
        ("OFF5,fixed,500", "OFF5,fixed,-500", (Entity::Discounts, "sub-1 OFF5", "value", Reason::Negative)),
        ("OFF5,fixed,500,,,1", "OFF5,fixed,500,,,first", (Entity::Discounts, "sub-1 OFF5", "position", Reason::NotANumber)),
        ("sub-9,NOBODY,percent", "sub-9,NOBODY,fixed", (Entity::Discounts, "sub-9 NOBODY", "value", Reason::UnknownCurrency)),
        ("2026-05-01,2026-05-31,2", "2026-05-01,2026-04-01,2", (Entity::Discounts, "sub-1 TEN", "valid_to", Reason::EndsBeforeStart)),
        ("sub-4,2026-05-09,seats", ",2026-05-09,seats", (Entity::Events, "2026-05-09", "subscription_id", Reason::EmptyId)),
        ("sub-4,2026-05-09,seats", "sub-4,9 May,seats", (Entity::Events, "sub-4", "at", Reason::NotADate)),
        ("p-s,api_calls,0.9", "p-s,api_calls,cheap", (Entity::PriceVersions, "p-s api_calls", "price", Reason::NotANumber)),
        ("05-01,1.3521", "05-01,0.000", (Entity::ExchangeRates, "USD CAD", "rate", Reason::NotPositive)),
        ("05-01,1.3521", "05-01,-1.3521", (Entity::ExchangeRates, "USD CAD", "rate", Reason::NotPositive)),
        ("05-01,1.3521", "05-01,NaN", (Entity::ExchangeRates, "USD CAD", "rate", Reason::NotANumber)),
        ("05-01,1.3521", "05-01,Infinity", (Entity::ExchangeRates, "USD CAD", "rate", Reason::Infinite)),
        ("05-01,1.3521", "05-01,1.35e0", (Entity::ExchangeRates, "USD CAD", "rate", Reason::NotANumber)),
        ("05-01,1.3521", "05-01,1.3521000000000000000000000000000001", (Entity::ExchangeRates, "USD CAD", "rate", Reason::TooManyDigits)),
        ("05-01,1.3521", "05-01,", (Entity::ExchangeRates, "USD CAD", "rate", Reason::Missing)),
        ("USD,CAD,2026-05-01", "usd,CAD,2026-05-01", (Entity::ExchangeRates, "usd CAD", "from_currency", Reason::UnknownCurrency)),
        ("USD,CAD,2026-05-01", "USD,XDR,2026-05-01", (Entity::ExchangeRates, "USD XDR", "to_currency", Reason::UnknownCurrency)),
        ("USD,CAD,2026-05-01", ",CAD,2026-05-01", (Entity::ExchangeRates, "CAD", "from_currency", Reason::Missing)),
        ("USD,CAD,2026-05-01", "USD,CAD,infinity", (Entity::ExchangeRates, "USD CAD", "valid_from", Reason::Infinite)),
        ("USD,CAD,2026-05-01", "USD,CAD,May", (Entity::ExchangeRates, "USD CAD", "valid_from", Reason::NotADate)),
        ("USD,CAD,2026-05-01", "USD,CAD,", (Entity::ExchangeRates, "USD CAD", "valid_from", Reason::Missing)),
        ("p-s,,2900", "p-t,,2900", (Entity::PriceVersions, "p-t", "price", Reason::UnknownCurrency)),
    ] {
        let kept = run(&|_, text| text.replace(good, bad)).await;
        let rejected: Vec<(Side, Entity, &str, &str, Reason)> =
            kept.rejected.iter().map(|e| (e.side, e.entity, e.id.as_str(), e.column.as_str(), e.reason)).collect();
        assert_eq!(rejected, [(Side::Source, entity, id, column, reason)], "{bad}");
        assert_eq!(kept.run.state, RunState::Incomplete, "{bad}");
    }
}

/// The same from a server, by the queries that are written for it.
#[tokio::test(flavor = "multi_thread")]
async fn postgresql_says_the_same() {
    let (folder, dir) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    write(folder.path(), &as_it_is);
    let book = read_book(folder.path(), false).unwrap_or_else(|e| panic!("{e}"));
    crate::on_postgres::load_book(crate::cluster::shared(), &book, "evidence", dir.path());
    let memory = Memory::default();
    let project = crate::on_postgres::project_in(dir.path(), &memory);
    reconcile(&project, &crate::project::whole(&["2026-05"]), Arc::new(Silent), CancellationToken::new()).await.unwrap_or_else(|e| panic!("{e}"));
    let (there, here) = (memory.kept().pop().expect("a run"), run(&as_it_is).await);
    assert_eq!((&there.run.digests, &there.evidence, &there.shelves), (&here.run.digests, &here.evidence, &here.shelves));
}

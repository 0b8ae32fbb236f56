//! A source that puts usage into periods by the midnights of its own zone: rows on either side of a midnight are explained by it, and only
//! where both say so.

use crate::memory::Noon;
use crate::project::{project, whole};
use crate::random_book::{PROFILE, read_files};
use dualrun::adapters::book_files::write_project;
use dualrun::adapters::workspace::Door;
use dualrun::app::progress::Silent;
use dualrun::app::reconcile::reconcile;
use dualrun::demo::Book;
use dualrun::domain::evidence::MovedUsage;
use dualrun::domain::explanation::{Cause, Certainty, Explanation};
use dualrun::domain::side::Side;
use dualrun::ports::workspace::{RowDetail, WorkspaceDoor};
use std::fmt::Write as _;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Toronto's May ends four hours after UTC's. u-1 and u-2 are of May and June in both; u-3 (named twice) is of Toronto's May and of UTC's June;
/// u-4 of Toronto's June and UTC's July; u-5 of Toronto's April and UTC's May.
const USAGE: &str = "subscription_id,metric,occurred_at,quantity,idempotency_key\n\
    sub-1,calls,2026-05-10T12:00:00Z,1000,u-1\nsub-1,calls,2026-06-10T12:00:00Z,1000,u-2\n\
    sub-1,calls,2026-06-01T03:59:59Z,70,u-3\nsub-1,calls,2026-06-01T03:59:59Z,70,u-3\n\
    sub-1,calls,2026-07-01T00:00:00Z,11,u-4\nsub-1,calls,2026-05-01T03:00:00Z,5,u-5\n";

/// What UTC makes of it: 30.00 and a cent a call.
const BILLED: [(&str, &str); 3] = [("2026-04", "30.00"), ("2026-05", "40.05"), ("2026-06", "40.70")];

fn book(zone: &str, usage: &str) -> Book {
    let mut invoices = String::from("id,subscription_id,customer_id,status,period_start,issued_on,currency,subtotal\n");
    for (month, billed) in BILLED {
        let _ = writeln!(invoices, "INV-{month},sub-1,c1,paid,{month}-01,{month}-28,CAD,{billed}");
    }
    let file = |entity: &str, text: &str| (format!("{entity}.csv"), text.as_bytes().to_vec());
    let both = [
        file("customers", "id,name\nc1,One\n"),
        file("subscriptions", "id,customer_id,plan_id,status,started_on,currency\nsub-1,c1,p0,active,2025-01-01,CAD\n"),
        file("plans", "id,name,currency,flat_price\np0,Plan,CAD,30.00\n"),
        file("charges", "plan_id,metric,unit_price\np0,calls,0.01\n"),
    ];
    let profile = PROFILE.replace("[target]", &format!("usage_zone = \"{zone}\"\n[target]"));
    read_files(&profile, &[both.to_vec(), vec![file("invoices", &invoices), file("usage", usage)]].concat(), &both)
}

/// The row of the last of some months, reconciled together.
async fn row(book: &Book, months: &[&str], of: usize) -> RowDetail {
    let dir = tempfile::tempdir().expect("a folder");
    write_project(book, dir.path()).await.unwrap_or_else(|e| panic!("{e}"));
    let door = Arc::new(Door::new(dir.path(), Arc::new(Noon)));
    let of_files = project(dir.path(), door.clone());
    let runs = reconcile(&of_files, &whole(months), Arc::new(Silent), CancellationToken::new()).await.unwrap_or_else(|e| panic!("{e}"));
    let store = door.read().await.expect("a workspace that can be read").expect("a workspace");
    let line = store.find(runs[of].id, "sub-1", None).await.expect("a look").expect("a row");
    store.detail(runs[of].id, line.seq).await.expect("a row")
}

/// The causes of what fits best.
fn causes(told: &Explanation) -> Vec<Cause> {
    told.hypotheses.first().map(|h| h.causes.clone()).unwrap_or_default()
}

fn moved(comes: bool, quantity: &str) -> MovedUsage {
    MovedUsage { side: Side::Source, zone: "UTC".into(), metric: "calls".into(), comes, quantity: quantity.parse().expect("a number") }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_midnight_moves_is_told_exactly_and_confirmed_by_the_month_beside() {
    let book = book("UTC", USAGE);
    let may = row(&book, &["2026-04", "2026-05", "2026-06"], 1).await;
    let evidence = may.evidence.expect("evidence").moved;
    assert_eq!(evidence, [moved(false, "70"), moved(true, "5")]);
    let told = may.explanation.expect("an explanation");
    assert_eq!((told.certainty, causes(&told)), (Certainty::Confirmed, vec![Cause::ZoneBoundary]), "{told:#?}");
    let june = row(&book, &["2026-04", "2026-05", "2026-06"], 2).await;
    assert_eq!(june.evidence.expect("evidence").moved, [moved(false, "11"), moved(true, "70")]);
    assert_eq!(june.explanation.expect("an explanation").certainty, Certainty::Confirmed);
}

#[tokio::test(flavor = "multi_thread")]
async fn alone_it_is_read_beyond_its_window_and_stays_a_candidate() {
    let may = row(&book("UTC", USAGE), &["2026-05"], 0).await;
    assert_eq!(may.evidence.expect("evidence").moved, [moved(false, "70"), moved(true, "5")]);
    let told = may.explanation.expect("an explanation");
    assert_eq!((told.certainty, causes(&told)), (Certainty::Candidate, vec![Cause::ZoneBoundary]), "{told:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zone_that_moves_nothing_and_days_without_a_time_say_nothing() {
    // The service's own zone, and usage that names days.
    let days = "subscription_id,metric,period_start,quantity\nsub-1,calls,2026-05-31,1070\nsub-1,calls,2026-06-01,1000\n";
    for (zone, usage) in [("America/Toronto", USAGE), ("UTC", days)] {
        let may = row(&book(zone, usage), &["2026-04", "2026-05", "2026-06"], 1).await;
        assert_eq!(may.evidence.map(|e| e.moved).unwrap_or_default(), []);
        let told = may.explanation.expect("an explanation");
        assert!(!causes(&told).contains(&Cause::ZoneBoundary) && told.certainty != Certainty::Confirmed, "{told:#?}");
    }
}

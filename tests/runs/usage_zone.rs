//! A source that puts usage into periods by the midnights of its own zone: what those move is told exactly or not at all, changes nothing that
//! is rated, and makes a candidate.

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

/// Toronto's May ends four hours after UTC's. u-1 and u-2 are of May and June in both; u-3 is of Toronto's May and of UTC's June;
/// u-4 of Toronto's June and UTC's July; u-5 of Toronto's April and UTC's May.
const USAGE: &str = "subscription_id,metric,occurred_at,quantity,idempotency_key\n\
    sub-1,calls,2026-05-10T12:00:00Z,1000,u-1\nsub-1,calls,2026-06-10T12:00:00Z,1000,u-2\n\
    sub-1,calls,2026-06-01T03:59:59Z,70,u-3\n\
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

const MONTHS: [&str; 3] = ["2026-04", "2026-05", "2026-06"];

fn moved_of(row: &RowDetail) -> Vec<MovedUsage> {
    row.evidence.as_ref().map(|e| e.moved.clone()).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_midnight_moves_is_told_exactly_and_makes_a_candidate() {
    let book = book("UTC", USAGE);
    let may = row(&book, &MONTHS, 1).await;
    assert_eq!(moved_of(&may), [moved(false, "70"), moved(true, "5")]);
    let told = may.explanation.expect("an explanation");
    assert_eq!((told.certainty, causes(&told)), (Certainty::Candidate, vec![Cause::ZoneBoundary]), "{told:#?}");
    // The order of reading changes nothing.
    let lines: Vec<&str> = USAGE.lines().collect();
    let turned = [&lines[..1], &lines[1..].iter().rev().copied().collect::<Vec<_>>()].concat().join("\n");
    assert_eq!(moved_of(&row(&self::book("UTC", &turned), &MONTHS, 1).await), [moved(false, "70"), moved(true, "5")]);
    // Of the first and the last month not all that may come in was read.
    for (months, of) in [(&MONTHS[..], 2), (&MONTHS[1..2], 0), (&MONTHS[..2], 1)] {
        assert_eq!(moved_of(&row(&book, months, of).await), []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_rated_does_not_hang_on_it() {
    let [with, without] = [book("UTC", USAGE), book("America/Toronto", USAGE)];
    for of in 0..3 {
        let [with, without] = [row(&with, &MONTHS, of).await, row(&without, &MONTHS, of).await];
        assert_eq!(with.row, without.row);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_can_tell_is_not_told() {
    // The service's own zone; usage that names days, or whose periods begin at a moment; a name that came again, in May or in June.
    let days = "subscription_id,metric,period_start,quantity\nsub-1,calls,2026-05-31,1070\nsub-1,calls,2026-06-01,1000\n";
    let periods = "subscription_id,metric,period_start,quantity\nsub-1,calls,2026-06-01T03:00:00Z,1070\nsub-1,calls,2026-06-01T05:00:00Z,1000\n";
    let again = |at: &str| format!("{USAGE}sub-1,calls,{at},70,u-3\n");
    let (in_may, in_june) = (again("2026-05-09T12:00:00Z"), format!("{USAGE}sub-1,calls,2026-05-20T12:00:00Z,5,u-5\n"));
    for (zone, usage) in [("America/Toronto", USAGE), ("UTC", days), ("UTC", periods), ("UTC", &in_may), ("UTC", &in_june)] {
        let may = row(&book(zone, usage), &MONTHS, 1).await;
        assert_eq!(moved_of(&may), [], "{zone} {usage}");
        assert!(!causes(&may.explanation.expect("an explanation")).contains(&Cause::ZoneBoundary));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zones_midnight_is_that_of_its_own_day() {
    let usage = "subscription_id,metric,occurred_at,quantity,idempotency_key\nsub-1,calls,2026-05-31T14:00:00Z,3,u-1\n\
        sub-1,calls,2026-05-01T04:30:00Z,9,u-2\nsub-1,calls,2026-05-15T00:00:00Z,1000,u-3\n";
    // In Kiritimati it is June for fourteen hours before it is in UTC.
    let may = row(&book("Pacific/Kiritimati", usage), &MONTHS, 1).await;
    assert_eq!(moved_of(&may).iter().map(|m| (m.comes, m.quantity.to_string())).collect::<Vec<_>>(), [(false, "3".to_owned())]);
    // In Los Angeles it is April for three hours after it is in Toronto.
    let may = row(&book("America/Los_Angeles", usage), &MONTHS, 1).await;
    assert_eq!(moved_of(&may).iter().map(|m| (m.comes, m.quantity.to_string())).collect::<Vec<_>>(), [(false, "9".to_owned())]);
}

//! How far what explains a cluster carries among the rows of its plan, and what the rows of a currency say together.

use crate::changed_book::Reconciled;
use crate::random_book::{PROFILE, read_files};
use dualrun::app::explain::{Explainer, Gathering, History, Pass, together};
use dualrun::demo::Book;
use dualrun::domain::explanation::{Cause, Certainty};
use dualrun::domain::together::{Together, Votes};
use std::fmt::Write as _;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Five are billed the source's price, one something else, one as the target would.
const BILLED: [&str; 7] = ["30.00", "30.00", "30.00", "30.00", "30.00", "17.77", "31.00"];

/// The last has a price of its own, or it is billed against the list.
fn book(own_price: bool) -> Book {
    let mut subscriptions = String::from("id,customer_id,plan_id,status,started_on,currency,price_override\n");
    let mut invoices = String::from("id,subscription_id,customer_id,status,period_start,issued_on,currency,subtotal\n");
    for (n, billed) in BILLED.iter().enumerate() {
        let own = if own_price && n + 1 == BILLED.len() { *billed } else { "" };
        let _ = writeln!(subscriptions, "sub-{n},c1,p0,active,2025-01-01,CAD,{own}");
        let _ = writeln!(invoices, "INV-{n},sub-{n},c1,paid,2026-05-01,2026-06-01,CAD,{billed}");
    }
    let file = |entity: &str, text: &str| (format!("{entity}.csv"), text.as_bytes().to_vec());
    let plans = |price: &str| file("plans", &format!("id,name,currency,flat_price\np0,Plan,CAD,{price}\n"));
    let both = [file("customers", "id,name\nc1,One\n"), file("subscriptions", &subscriptions)];
    let source = [both.to_vec(), vec![plans("30.00"), file("invoices", &invoices)]].concat();
    read_files(PROFILE, &source, &[both.to_vec(), vec![plans("31.00")]].concat())
}

fn check(of: &Together, certainty: Certainty) {
    assert_eq!(of.of(certainty), 5, "{of:#?}");
    let cluster = of.clusters.iter().find(|c| c.causes == [Cause::OtherPrice]).expect("a cluster");
    assert_eq!((cluster.rows, cluster.votes), (5, Some(Votes { closes: 5, of: 6 })));
    let unexplained = of.clusters.iter().find(|c| c.certainty == Certainty::Unexplained).expect("a cluster");
    assert_eq!((unexplained.rows, unexplained.votes), (1, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_says_how_many_rows_of_its_plan_it_closes() {
    // A list price is of all its plan: where one of them is billed otherwise, and agrees, the list is no reason for the others.
    for (own_price, certainty) in [(true, Certainty::Confirmed), (false, Certainty::Candidate)] {
        let now = Reconciled::of(&book(own_price)).await;
        let explainer = Explainer::open(now.store.as_ref(), &now.run, &now.profile, Arc::new(History::default())).await.expect("an explainer");
        let mut gathering = Gathering::default();
        let mut pass = Pass::new(now.store.as_ref(), explainer).await.expect("a pass");
        while let Some(rows) = pass.next(&CancellationToken::new()).await.expect("rows") {
            for told in &rows {
                gathering.add(&told.row, &told.explanation, &told.fits);
            }
        }
        check(&gathering.finish(), certainty);
        // The same as the run itself kept it.
        check(&together(now.store.as_ref(), now.run.id).await.expect("a look").expect("causes"), certainty);
    }
}

/// Rows of nought that agree, then three that are a hundredfold, then one that agrees in money, in the order of their keys.
fn scaled(agrees: bool) -> Book {
    let mut subscriptions = String::from("id,customer_id,plan_id,status,started_on,currency\n");
    let mut invoices = String::from("id,subscription_id,customer_id,status,period_start,issued_on,currency,subtotal\n");
    let mut add = |key: &str, plan: &str, billed: Option<&str>| {
        let _ = writeln!(subscriptions, "{key},c1,{plan},active,2025-01-01,CAD");
        if let Some(billed) = billed {
            let _ = writeln!(invoices, "INV-{key},{key},c1,paid,2026-05-01,2026-06-01,CAD,{billed}");
        }
    };
    (0..1_100).for_each(|n| add(&format!("a-{n:04}"), "free", None));
    (0..3).for_each(|n| add(&format!("b-{n}"), "p0", Some("3000.00")));
    add("c-0", "p0", Some(if agrees { "30.00" } else { "3000.00" }));
    let file = |entity: &str, text: &str| (format!("{entity}.csv"), text.as_bytes().to_vec());
    let plans = || file("plans", "id,name,currency,flat_price\np0,Plan,CAD,30.00\nfree,Free,CAD,0.00\n");
    let both = [file("customers", "id,name\nc1,One\n"), file("subscriptions", &subscriptions), plans()];
    read_files(PROFILE, &[both.to_vec(), vec![file("invoices", &invoices)]].concat(), &both)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_agrees_refutes_a_factor_wherever_it_stands() {
    for (agrees, confirmed) in [(false, 4), (true, 0)] {
        let now = Reconciled::of(&scaled(agrees)).await;
        let told = together(now.store.as_ref(), now.run.id).await.expect("a look").expect("causes");
        assert_eq!(told.of(Certainty::Confirmed), confirmed, "{told:#?}");
    }
}

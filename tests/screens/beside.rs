//! What other rows and other runs say: votes of a cluster, what changed of the open row, and usage to look at.

use crate::demo_book::{demo, month, run};
use crate::driver::Driver;
use crate::fake_workspace::cad;
use dualrun::domain::exact::Exact;
use dualrun::domain::together::{Together, Votes};
use dualrun::domain::usage_review::Unusual;

const SIZE: (u16, u16) = (140, 42);

#[test]
fn the_open_row_tells_what_changed_since_the_run_before_and_what_it_used() {
    let mut workspace = demo();
    let mut before = workspace.rows[&14].clone();
    let of = |key: &str| before.iter().position(|row| row.key.raw() == key).unwrap();
    let at = of("sub-1002");
    before[at].actual = Some(cad(5_000));
    before[at].delta = before[at].expected.and_then(|expected| expected.minus(cad(5_000)));
    workspace.runs.insert(0, dualrun::domain::run::Run { current: false, ..run(1, month("2026-05"), &before) });
    workspace.rows.insert(1, before);
    let mut driver = Driver::holding(workspace, SIZE);
    driver.press("3/sub-1002<enter><enter>");
    let picture = driver.picture();
    assert!(picture.contains("SINCE RUN #1"), "{picture}");
    assert!(picture.contains("what a side declares, or how an amount is read"), "{picture}");
    assert!(!picture.contains("USAGE TO LOOK AT"), "{picture}");
    let row = driver.model.detail.as_ref().unwrap().row.as_ref().unwrap().row.clone();
    let unusual = Unusual {
        key: row.key,
        customer: row.customer,
        period: row.period,
        metric: "calls".to_owned(),
        quantity: Exact::whole(9_000),
        median: Exact::whole(100),
        deviation: Exact::ONE,
        months: 5,
    };
    driver.model.detail.as_mut().unwrap().beside.unusual.push(unusual);
    let picture = driver.picture();
    assert!(picture.contains("USAGE TO LOOK AT BEFORE IT IS BILLED"), "{picture}");
    assert!(picture.contains("calls 9,000: median 100, deviation 1 over 5 months"), "{picture}");
    // Of a row that is as it was, nothing is said.
    driver.press("<esc>c/sub-1001<enter><enter>");
    let picture = driver.picture();
    assert!(picture.contains("sub-1001") && !picture.contains("SINCE RUN"), "{picture}");
}

#[test]
fn a_cluster_tells_how_far_it_carries() {
    let mut workspace = demo();
    let mut together: Together = serde_json::from_str(&workspace.clusters[&14]).unwrap();
    together.clusters[0].votes = Some(Votes { closes: 3, of: 4 });
    workspace.clusters.insert(14, serde_json::to_string(&together).unwrap());
    let mut driver = Driver::holding(workspace, SIZE);
    driver.press("4");
    let picture = driver.picture();
    assert!(picture.contains("closes 3 of the 4 rows of its plan that differ"), "{picture}");
}

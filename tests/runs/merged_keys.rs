//! Keys that a database's own collation takes for one: `a`, `A`, `a ` with its blank, `é`, `e`. A whole reconciliation over databases of
//! MariaDB's default collation keeps them apart, by their bytes, and pairs each with its own.

use dualrun::adapters::book_files::read_book;
use dualrun::domain::money::Money;
use dualrun::domain::verdict::Verdict;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// Keys in the order of their bytes, each with a price of its own.
const KEYS: [(&str, u32); 7] = [("A", 11), ("a", 12), ("a ", 13), ("e", 14), ("ss", 15), ("ß", 16), ("é", 17)];

/// The book: one plan a key, in the source billed by it, in the target rated by it.
fn write_book(dir: &Path) {
    let specimen = crate::project::specimen();
    fs::copy(specimen.join("profile.toml"), dir.join("profile.toml")).expect("the profile");
    for (side, status) in [("source", "active"), ("target", "running")] {
        let folder = dir.join(side);
        fs::create_dir(&folder).expect("a folder");
        let mut plans = "id,name,currency,interval,interval_count,flat_price,active\n".to_owned();
        let mut subscriptions = "id,customer_id,plan_id,status,started_on\n".to_owned();
        let mut invoices = "id,subscription_id,customer_id,status,kind,period_start,period_end,issued_on,currency,subtotal\n".to_owned();
        for (at, (key, price)) in KEYS.iter().enumerate() {
            let _ = writeln!(plans, "p{at},Plan {at},CAD,month,1,{price}.00,true");
            let _ = writeln!(subscriptions, "{key},c1,p{at},{status},2025-01-01");
            let _ = writeln!(invoices, "INV-{at},{key},c1,paid,charge,2026-05-01,2026-05-31,2026-05-01,CAD,{price}.00");
        }
        fs::write(folder.join("plans.csv"), plans).expect("written");
        fs::write(folder.join("subscriptions.csv"), subscriptions).expect("written");
        fs::write(folder.join("customers.csv"), "id,name\nc1,One\n").expect("written");
        if side == "source" {
            fs::write(folder.join("invoices.csv"), invoices).expect("written");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_the_server_merges_stay_apart() {
    let dir = tempfile::tempdir().expect("a folder");
    write_book(dir.path());
    let book = read_book(dir.path(), false).unwrap_or_else(|e| panic!("{e}"));
    let server = crate::server::shared(&[]);
    crate::on_mariadb::load_book(server, &book, "merged", dir.path());
    let merged = server.sql("merged_source", "select count(distinct id) from subscriptions");
    assert!(merged.parse::<usize>().is_ok_and(|n| n < KEYS.len()), "the server itself sees {merged} keys");

    let kept = crate::on_mariadb::run_in(dir.path(), "2026-05").await;
    let rows: BTreeMap<&str, (Verdict, Option<Money>, Option<Money>)> =
        kept.rows.iter().map(|r| (r.key.raw(), (r.verdict, r.actual, r.expected))).collect();
    assert_eq!(rows.keys().copied().collect::<Vec<_>>(), KEYS.map(|(key, _)| key));
    for (key, price) in KEYS {
        let (verdict, actual, expected) = rows[key];
        assert_eq!(verdict, Verdict::Match, "{key:?}");
        assert_eq!(actual.map(|m| m.minor), Some(i64::from(price) * 100), "{key:?}");
        assert_eq!(actual, expected, "{key:?}");
    }
    assert!(kept.rejected.is_empty(), "{:?}", kept.rejected);
}

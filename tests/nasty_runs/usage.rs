//! P080–P082: usage that cannot be added up makes the rating refuse its subscription, and says why.

use crate::desk::Desk;
use dualrun::domain::decode::Reason;

const METERED: &str = "select 'basic' as plan_id, 'cpu_seconds' as metric, 0.01 as unit_price";

fn books(usage: &str) -> Desk {
    Desk::against("select id from (values ('P080'), ('P081'), ('P082'), ('quiet')) as t(id)")
        .target("charges", METERED)
        .source(
            "invoices",
            "select 'i-' || id as id, id as subscription_id, 'paid' as status, date '2026-04-01' as period_start, 'CAD' as currency, 10 as subtotal \
                 from (values ('P080'), ('P081'), ('P082'), ('quiet')) as t(id)",
        )
        .source("usage", usage)
}

#[tokio::test(flavor = "multi_thread")]
async fn unreadable_usage_is_listed_and_its_subscription_not_rated() {
    let kept = books("select subscription_id, metric, qty as quantity, at as occurred_at from src.usage").run().await;
    let listed = |case, id, column, raw, reason| (case, "source", "usage", id, column, raw, reason);
    kept.lists_exactly(&[
        listed("P080", "P080", "quantity", "NaN", Reason::NotANumber),
        listed("P081", "P081", "quantity", "-5", Reason::Negative),
        listed("P082", "P082", "quantity", "10000000000000000000000000", Reason::TooManyDigits),
        listed("P080 NULL key", "", "subscription_id", "NULL", Reason::EmptyId),
        listed("P080 infinite time", "P080", "occurred_at", "infinity", Reason::Infinite),
    ]);
    for case in ["P080", "P081", "P082"] {
        kept.judges(&[(case, case, "not_comparable", "10.00", "")]);
        let row = kept.row(case, case);
        assert_eq!((row.why.as_deref(), row.rated, row.delta), (Some("its usage cannot be read"), None, None), "{case}");
    }
    kept.judges(&[("P080 the neighbour", "quiet", "match", "10.00", "10.00")]);
    assert_eq!(kept.run.tally.usage.get("unreadable"), Some(&5), "P080: left out of no count");
    assert_eq!(kept.run.tally.usage.get("read"), Some(&5), "P080");
}

/// A record of unknown time spoils every month of its subscription; one whose month is known spoils only that month.
#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_unknown_is_spoiled() {
    let all = "select subscription_id, metric, qty as quantity, at as occurred_at from src.usage";
    let may = books(all).source(
        "invoices",
        "select 'i' as id, null as subscription_id, 'paid' as status, date '2026-05-01' as period_start, 'CAD' as currency, 10 as subtotal",
    );
    let kept = may.month("2026-05").await;
    let verdicts = ["P080", "P081", "P082"].map(|case| kept.row(case, case).verdict.word());
    assert_eq!(verdicts, ["not_comparable", "missing_in_source", "missing_in_source"], "P080 is of any month, P081 and P082 of April");
}

//! Both sides on PostgreSQL, everything done by hand from packs: each time the same command reads both sides and goes on only where the
//! change is seen.

use crate::harness::{OnPostgres, on_postgres, said};
use crate::project::{flip, is_whole, planned, stands, undo};
use dualrun::app::flip::WaveState;
use dualrun::demo::embedded::embedded;
use dualrun::domain::side::Side;
use std::path::Path;

const TABLES: [(Side, &str); 2] = [
    (
        Side::Source,
        "create table billing as select id as subscription_id, true as billing, date '2026-06-01' as billed_through from subscriptions where status = 'active'",
    ),
    (
        Side::Target,
        "create table billing as select id as subscription_id, false as billing, null::date as first_period_start, null::timestamptz as first_bill_day, false as has_payment_token, 0::smallint as charge_linked from subscriptions;
         create table payments (subscription_id text, captured_on timestamptz, amount numeric)",
    ),
];

const FLIP: &str = "
[import]
loader = \"pack\"

[flip]
canary = 2
buffer_hours = 0

[flip.queries]
source_billing = \"select subscription_id, billing, billed_through from billing\"
target_billing = \"select subscription_id, billing, first_period_start, first_bill_day, has_payment_token, charge_linked from billing\"
target_payments = \"select subscription_id, captured_on, amount from payments\"
";

pub fn ready(name: &str) -> OnPostgres {
    let of = on_postgres(&embedded().expect("the demo"), name);
    of.psql(Side::Source, crate::project::MEND);
    of.psql(Side::Target, crate::project::MEND_TARGET);
    of.psql(Side::Target, "update subscriptions set started_on = '2026-05-23' where id = 'sub-1002'");
    of.psql(Side::Target, "update subscriptions set discount_percent = '10' where id = 'sub-1004'");
    for (side, sql) in TABLES {
        of.psql(side, sql);
        of.psql(side, &format!("grant select on all tables in schema public to {}", crate::harness::READER));
    }
    let file = of.path().join("dualrun.toml");
    let text = std::fs::read_to_string(&file).expect("a configuration");
    std::fs::write(&file, text + FLIP).expect("written");
    let imported = said(of.path(), &["import", "--apply", "-q"]);
    assert_eq!(imported.code, 0, "{imported:#?}");
    let compared = said(of.path(), &["reconcile", "--period", "2026-05", "-q"]);
    assert!(compared.code <= 1, "{compared:#?}");
    of
}

fn packs(dir: &Path, act: &str) -> usize {
    let all = std::fs::read_dir(dir.join("packs")).expect("a folder").filter_map(Result::ok);
    all.filter(|e| e.file_name().to_string_lossy().contains(&format!("-flip-{act}-"))).count()
}

#[test]
fn step_by_step_and_back() {
    let of = ready("by_hand");
    let dir = of.path();
    let plan = planned(dir).plan;
    assert_eq!(plan.waves.iter().map(|w| w.lines.len()).collect::<Vec<_>>(), [2, 4], "{:#?}", plan.left_out);
    let ids: Vec<String> = plan.waves[0].lines.iter().map(|l| format!("'{}'", l.subscription)).collect();
    let ids = ids.join(", ");
    let steps = [
        (Side::Source, "switch-off", "billing = false"),
        (Side::Target, "link-charge", "charge_linked = 1"),
        (Side::Target, "confirm", "billing = true, first_period_start = '2026-06-01', first_bill_day = '2026-07-01 12:00+00'"),
        (Side::Target, "attach-payment", "has_payment_token = true"),
    ];
    for (side, act, change) in steps {
        let came = flip(dir, 1).expect("it ran");
        assert!(came.stopped.as_deref().is_some_and(|why| why.contains("to be made by hand")), "{act}: {:?} {:?}", came.stopped, came.stuck);
        let again = flip(dir, 1).expect("it ran");
        assert!(!again.whole && again.stuck.is_empty(), "{act}: {:?}", again.stuck);
        assert_eq!(packs(dir, act), 1, "the same changes are one pack");
        of.psql(side, &format!("update billing set {change} where subscription_id in ({ids})"));
    }
    is_whole(&flip(dir, 1).expect("all is seen"));
    assert_eq!(stands(dir).waves[&1].state(), WaveState::Applied);
    let back = [
        (Side::Target, "detach-payment", "has_payment_token = false"),
        (Side::Target, "redraft", "billing = false, first_period_start = null, first_bill_day = null"),
        (Side::Target, "unlink-charge", "charge_linked = 0"),
        (Side::Source, "switch-on", "billing = true"),
    ];
    for (side, act, change) in back {
        let came = undo(dir, 1).expect("it ran");
        assert!(!came.whole && packs(dir, act) == 1, "{act}: {:?}", came.stuck);
        of.psql(side, &format!("update billing set {change} where subscription_id in ({ids})"));
    }
    is_whole(&undo(dir, 1).expect("all is seen"));
    assert_eq!(stands(dir).waves[&1].state(), WaveState::BackedOut);
}

/// A first period on another day than was planned is there, and wrong; NULL says nothing.
#[test]
fn what_is_made_otherwise_by_hand_is_told() {
    let of = ready("otherwise");
    let dir = of.path();
    let plan = planned(dir).plan;
    let (a, b) = (plan.waves[0].lines[0].subscription.clone(), plan.waves[0].lines[1].subscription.clone());
    let change = |side, what: &str| of.psql(side, &format!("update billing set {what}"));
    flip(dir, 1).expect("it ran");
    change(Side::Source, &format!("billing = false where subscription_id in ('{a}', '{b}')"));
    flip(dir, 1).expect("it ran");
    change(Side::Target, &format!("charge_linked = 1 where subscription_id in ('{a}', '{b}')"));
    flip(dir, 1).expect("it ran");
    change(Side::Target, &format!("billing = true, first_period_start = '2026-06-02' where subscription_id = '{a}'"));
    change(Side::Target, &format!("billing = true where subscription_id = '{b}'"));
    let stuck = flip(dir, 1).expect("it ran").stuck;
    assert!(stuck[0].1.contains("the first day the target bills is 2026-06-02 and not 2026-06-01"), "{stuck:?}");
    assert!(stuck[1].1.contains("is not said"), "{stuck:?}");
    assert_eq!(packs(dir, "attach-payment"), 0, "no payment method is attached to either");
}

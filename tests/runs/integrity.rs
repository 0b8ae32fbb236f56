//! Each integrity check on the smallest book that shows it: the finding's ids, its money, and silence where nothing is wrong.

use crate::memory::{Kept, Memory};
use crate::project::{project, whole};
use crate::random_book::{PROFILE, read_files};
use dualrun::adapters::book_files::write_project;
use dualrun::app::progress::Silent;
use dualrun::app::reconcile::reconcile;
use dualrun::domain::finding::{Finding, Weight};
use dualrun::integrity::codes;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// A book of two agreeing sides with one subscription of 30.00, to which each case adds or changes rows.
#[derive(Clone)]
struct Small {
    source: BTreeMap<&'static str, Vec<String>>,
    target: BTreeMap<&'static str, Vec<String>>,
}

const HEADS: &[(&str, &str)] = &[
    ("customers", "id,name,region"),
    ("plans", "id,name,currency,interval,interval_count,flat_price,active"),
    ("charges", "plan_id,metric,model,included,package_size,unit_price"),
    ("subscriptions", "id,customer_id,plan_id,status,started_on,ended_on,quantity,currency,anchor_day"),
    ("usage", "subscription_id,metric,occurred_at,quantity,ingested_at,idempotency_key"),
    ("invoices", "id,number,subscription_id,customer_id,status,kind,period_start,period_end,issued_on,currency,subtotal,tax,total"),
    ("invoice_lines", "invoice_id,subscription_id,kind,amount"),
    ("taxes", "name,rate,region"),
    ("links", "order_id,subscription_id"),
];

impl Small {
    fn new() -> Self {
        let mut small = Self { source: BTreeMap::new(), target: BTreeMap::new() };
        for side in [true, false] {
            small.add(side, "customers", "c1,One,ON");
            small.add(side, "plans", "p1,Small,CAD,month,1,30.00,true");
            small.add(side, "charges", "p1,calls,standard,0,1000,0.50");
            small.add(side, "subscriptions", "sub-1,c1,p1,active,2026-01-01,,1,CAD,");
            small.add(side, "taxes", "HST,13,ON");
        }
        small.add(true, "invoices", "I1,,sub-1,c1,paid,charge,2026-05-01,2026-06-01,2026-06-01,CAD,30.00,3.90,33.90");
        small
    }

    fn add(&mut self, source: bool, entity: &'static str, row: &str) {
        let side = if source { &mut self.source } else { &mut self.target };
        side.entry(entity).or_default().push(row.to_owned());
    }

    fn source(mut self, entity: &'static str, row: &str) -> Self {
        self.add(true, entity, row);
        self
    }

    fn target(mut self, entity: &'static str, row: &str) -> Self {
        self.add(false, entity, row);
        self
    }

    fn both(self, entity: &'static str, row: &str) -> Self {
        self.source(entity, row).target(entity, row)
    }

    /// Takes a side's rows of an entity out.
    fn without(mut self, source: bool, entity: &'static str) -> Self {
        if source { &mut self.source } else { &mut self.target }.remove(entity);
        self
    }

    async fn run(&self) -> Kept {
        self.run_with(PROFILE).await
    }

    async fn run_with(&self, profile: &str) -> Kept {
        let files = |side: &BTreeMap<&'static str, Vec<String>>| -> Vec<(String, Vec<u8>)> {
            let file = |(entity, head): &(&str, &str)| {
                let rows = side.get(entity)?;
                Some((
                    format!("{entity}.csv"),
                    rows.iter().filter(|r| !r.is_empty()).fold(format!("{head}\n"), |all, row| all + row + "\n").into_bytes(),
                ))
            };
            HEADS.iter().filter_map(file).collect()
        };
        let book = read_files(profile, &files(&self.source), &files(&self.target));
        let dir = tempfile::tempdir().expect("a folder");
        write_project(&book, dir.path()).await.unwrap_or_else(|e| panic!("{e}"));
        let memory = Memory::default();
        let project = project(dir.path(), Arc::new(memory.clone()));
        reconcile(&project, &whole(&["2026-05"]), Arc::new(Silent), CancellationToken::new()).await.unwrap_or_else(|e| panic!("{e}"));
        memory.kept().pop().expect("a run")
    }
}

/// What a case must find: code, side, ids, and money in minor units where it says any.
type Wanted = (&'static str, &'static str, &'static [&'static str], Option<i64>);

fn told(finding: &Finding) -> (String, String, Vec<String>, Option<i64>) {
    let ids = finding.ids.iter().map(|i| i.raw().to_owned()).collect();
    (finding.code.clone(), finding.side.word().to_owned(), ids, finding.money.values().next().copied())
}

#[allow(clippy::too_many_lines, reason = "a table, a case a line")]
fn cases() -> Vec<(Small, Vec<Wanted>)> {
    let invoice = |id: &str, subscription: &str, rest: &str| format!("{id},,{subscription},c1,{rest}");
    let may = "paid,charge,2026-05-01,2026-06-01,2026-06-01,CAD,30.00,3.90,33.90";
    let base = Small::new;
    vec![
        (base(), vec![]),
        (base().source("invoices", &invoice("I2", "", may)), vec![("unlinked_invoice", "source", &["I2"], Some(3000))]),
        (
            base().source("invoices", &invoice("I2", "  ", may)),
            vec![("blank_id", "source", &["I2"], Some(3000)), ("unlinked_invoice", "source", &["I2"], Some(3000))],
        ),
        (base().target("invoices", &invoice("T1", "", may)), vec![("unlinked_target_document", "target", &["T1"], Some(3000))]),
        (
            base().source("invoices", &invoice("I2", "sub-1", "void,charge,2026-05-01,,,CAD,5.00,,")),
            vec![("void_left_out", "source", &["I2"], Some(500))],
        ),
        (
            base().source("invoices", &invoice("I2", "sub-1", "what,charge,2026-05-01,,,CAD,5.00,,")),
            vec![("unknown_document_status", "source", &["I2"], Some(500))],
        ),
        (base().source("invoices", &invoice("I2", "sub-1", "paid,charge,2026-05-01,,,CAD,0.00,,")), vec![("zero_left_out", "source", &["I2"], None)]),
        (base().source("invoice_lines", "I1,sub-1,charge,25.00"), vec![("header_lines_differ", "source", &["I1 5"], Some(500))]),
        (
            base().source("invoice_lines", "I1,sub-1,charge,30.00").source("invoice_lines", "I9,sub-1,charge,1.00"),
            vec![("orphan_line", "source", &["I9"], None)],
        ),
        (
            base()
                .without(true, "invoices")
                .source("invoices", &invoice("I1", "sub-1", "paid,charge,2026-05-01,2026-06-01,2026-06-01,CAD,30.00,3.90,34.00")),
            vec![("total_differs", "source", &["I1"], Some(10))],
        ),
        (
            base().both("subscriptions", "sub-1,c1,p1,active,2026-01-01,,1,CAD,"),
            vec![("duplicate_subscription_id", "source", &["sub-1"], None), ("duplicate_subscription_id", "target", &["sub-1"], None)],
        ),
        (base().source("plans", "p1,Small,CAD,month,1,30.00,true"), vec![("duplicate_plan_id", "source", &["p1"], None)]),
        (base().source("customers", "c1,Two,ON"), vec![("duplicate_customer_id", "source", &["c1"], None)]),
        (
            base().source("subscriptions", "SUB-1,c1,p1,paused,2026-01-01,,1,CAD,"),
            vec![("inactive_subscription", "source", &["SUB-1"], None), ("lookalike_id", "source", &["SUB-1", "sub-1"], None)],
        ),
        (
            base().source("subscriptions", "x-1,c1,p1,paused,2026-01-01,,1,CAD,").target("subscriptions", "X-1,c1,p1,paused,2026-01-01,,1,CAD,"),
            vec![
                ("inactive_subscription", "source", &["x-1"], None),
                ("inactive_subscription", "target", &["X-1"], None),
                ("lookalike_across_sides", "both", &["x-1"], None),
            ],
        ),
        (base().source("invoices", &invoice("I2", "nobody", may)), vec![("orphan_invoice", "source", &["I2 nobody"], Some(3000))]),
        (
            base().source("usage", "nobody,calls,2026-05-10T12:00:00Z,5,,"),
            vec![("orphan_usage", "source", &["nobody"], None), ("usage_not_due", "both", &["nobody"], None)],
        ),
        (
            base().source("subscriptions", "sub-2,c9,p9,paused,2026-01-01,,1,CAD,"),
            vec![
                ("inactive_subscription", "source", &["sub-2"], None),
                ("orphan_subscription_customer", "source", &["sub-2"], None),
                ("orphan_subscription_plan", "source", &["sub-2"], None),
            ],
        ),
        (base().target("charges", "p9,calls,standard,0,1,1"), vec![("orphan_charge", "target", &["p9 calls"], None)]),
        (base().source("subscriptions", "sub-2,c1,p1,odd,2026-01-01,,1,CAD,"), vec![("unknown_status", "source", &["sub-2"], None)]),
        (
            base().source("subscriptions", "sub-2,c1,p1,ended,2026-01-01,,1,CAD,"),
            vec![("ended_without_date", "source", &["sub-2"], None), ("inactive_subscription", "source", &["sub-2"], None)],
        ),
        (
            base()
                .both("plans", "p2,Old,CAD,month,1,9.00,false")
                .both("subscriptions", "sub-2,c1,p2,active,2026-01-01,,1,CAD,")
                .source("invoices", &invoice("I2", "sub-2", "paid,charge,2026-05-01,,,CAD,9.00,1.17,10.17")),
            vec![
                ("active_on_inactive_plan", "source", &["sub-2"], None),
                ("active_on_inactive_plan", "target", &["sub-2"], None),
                ("inactive_plan", "source", &["p2"], None),
                ("inactive_plan", "target", &["p2"], None),
            ],
        ),
        (
            base().source("invoices", &invoice("I2", "sub-1", "paid,charge,2026-05-01,,,CAD,-5.00,,")),
            vec![("negative_amount", "source", &["I2"], Some(-500)), ("several_documents", "source", &["sub-1"], Some(2500))],
        ),
        (
            base().source("invoices", &invoice("I2", "", "paid,charge,2026-05-01,,,CAD,30000000.00,,")),
            vec![("absurd_amount", "source", &["I2"], Some(3_000_000_000)), ("unlinked_invoice", "source", &["I2"], Some(3_000_000_000))],
        ),
        (
            base().source("invoices", &invoice("I2", "sub-1", "paid,charge,2026-05-20,2026-06-20,2026-06-01,CAD,1.00,,")),
            vec![("overlapping_periods", "source", &["I2"], None), ("several_documents", "source", &["sub-1"], Some(3100))],
        ),
        (base().source("invoices", &invoice("I2", "sub-1", may)), vec![("duplicate_document", "source", &["I1", "I2"], Some(6000))]),
        (base().source("invoices", &invoice("I1", "sub-1", may)), vec![("duplicate_id", "source", &["I1"], Some(3000))]),
        (
            base().target("invoices", &invoice("T1", "sub-1", "draft,charge,2026-05-01,2026-06-01,,CAD,31.00,4.03,35.03")),
            vec![("draft_rating_differ", "target", &["sub-1"], Some(100))],
        ),
        (base().source("usage", "sub-1,calls,2026-05-10T12:00:00Z,1000,2026-06-02T12:00:00Z,k1"), vec![("late_usage", "source", &["k1"], None)]),
        (
            base().source("usage", "sub-1,calls,2026-05-10T12:00:00Z,1000,,k1").source("usage", "sub-1,calls,2026-05-10T12:00:00Z,1000,,k1"),
            vec![("repeated_usage", "source", &["k1"], None)],
        ),
        (base().without(false, "customers").target("customers", "c1,One,QC"), vec![("no_tax_rate", "target", &["sub-1"], Some(3000))]),
        (base().source("subscriptions", "sub-2,c1,p1,active,2026-01-01,,1,CAD,"), vec![("due_unbilled", "source", &["sub-2"], Some(3000))]),
        (
            base()
                .both("plans", "p2,Two,CAD,month,1,9.00,true")
                .both("charges", "p2,disk,standard,0,1,1")
                .source("usage", "sub-1,disk,2026-05-10T12:00:00Z,5,,"),
            vec![("metric_of_another_plan", "target", &["sub-1 disk"], None)],
        ),
        (
            // 0.000417 cut to 0.0004: 2,000,000 units lose 34.00 a month, 408.00 a year.
            base()
                .without(true, "charges")
                .without(false, "charges")
                .source("charges", "p1,calls,standard,0,1,0.000417")
                .target("charges", "p1,calls,standard,0,1,0.0004")
                .source("usage", "sub-1,calls,2026-05-10T12:00:00Z,2000000,,"),
            vec![("price_precision_loss", "target", &["p1 calls"], Some(40_800))],
        ),
        (
            // 0.000014 a second is known to half of its last digit: 2,592,000 seconds a month are worth 15.55 a year.
            base()
                .without(true, "charges")
                .without(false, "charges")
                .both("charges", "p1,calls,standard,0,1,0.000014")
                .source("usage", "sub-1,calls,2026-05-10T12:00:00Z,2592000,,"),
            vec![("coarse_unit_price", "target", &["p1 calls"], Some(1555))],
        ),
        (base().target("charges", "p1,calls,standard,0,1000,0.50"), vec![("duplicate_charge", "target", &["p1 calls"], None)]),
        (
            base()
                .without(true, "subscriptions")
                .without(false, "subscriptions")
                .source("subscriptions", "sub-1,c1,p1,active,2026-01-01,,1,CAD,1")
                .target("subscriptions", "sub-1,c1,p1,active,2026-01-01,,1,CAD,15"),
            vec![("anchor_differs", "both", &["sub-1"], Some(0))],
        ),
        (
            base().without(true, "customers").source("customers", ""),
            vec![("empty_entity", "source", &["customers"], None), ("orphan_subscription_customer", "source", &["sub-1"], None)],
        ),
        (base().target("taxes", "HST,13,ON"), vec![("duplicate_tax", "target", &["HST 13"], None)]),
        (base().target("links", "sub-1,sub-1").target("links", "sub-1,sub-9"), vec![("order_id_is_subscription", "target", &["sub-1"], None)]),
        (base().without(false, "taxes"), vec![("tax_not_compared", "target", &["sub-1"], Some(390))]),
        (
            base().source("invoices", &invoice("I2", "sub-1", "paid,charge,2026-05-01,,,CAD,0.00,6.50,6.50")),
            vec![("zero_left_out", "source", &["I2"], None), ("zero_with_money", "source", &["I2"], Some(650))],
        ),
        (
            base()
                .both("plans", "p2,Yen,JPY,month,1,900,true")
                .source("subscriptions", "sub-2,c1,p2,active,2026-01-01,,1,JPY,")
                .target("subscriptions", "sub-2,c1,p1,active,2026-01-01,,1,CAD,")
                .source("invoices", &invoice("I2", "sub-2", "paid,charge,2026-05-01,,,JPY,900,0,900")),
            vec![("currency_mix", "both", &["sub-2"], Some(900))],
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn each_check_finds_its_case_and_nothing_else() {
    let mut seen = BTreeSet::new();
    for (n, (small, wanted)) in cases().into_iter().enumerate() {
        let kept = small.run().await;
        let mut got: Vec<_> = kept.findings.iter().map(told).collect();
        got.sort();
        let wanted: Vec<_> =
            wanted.iter().map(|(c, s, ids, m)| ((*c).to_owned(), (*s).to_owned(), ids.iter().map(|i| (*i).to_owned()).collect(), *m)).collect();
        assert_eq!(got, wanted, "case {n}");
        seen.extend(got.into_iter().map(|(code, ..)| code));
    }
    // header_only, draft_left_out and unit_mismatch stand in the specimen and the nasty runs.
    let elsewhere = ["header_only", "draft_left_out", "unit_mismatch"];
    let untested: Vec<_> = codes::ALL.iter().map(|c| c.word).filter(|w| !seen.contains(*w) && !elsewhere.contains(w)).collect();
    assert!(untested.is_empty(), "no case for {untested:?}");
}

/// What nobody billed is worth what the source's own catalogue tells, and nothing is guessed where that cannot be told.
#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_nobody_billed_has_a_worth_only_where_it_is_known() {
    let second = "sub-2,c1,p2,active,2026-01-01,,1,CAD,";
    for (plan, worth) in [
        ("p2,Monthly,CAD,month,1,9.00,true", Some(900)),
        ("p2,Weekly,CAD,week,1,9.00,true", None),
        ("p2,Dollars,USD,month,1,9.00,true", None),
        ("p2,Broken,CAD,month,1,nine,true", None),
        ("p3,Another,CAD,month,1,9.00,true", None),
    ] {
        let kept = Small::new().source("plans", plan).source("subscriptions", second).run().await;
        let found = kept.findings.iter().map(told).find(|(code, ..)| code == "due_unbilled");
        assert_eq!(found, Some(("due_unbilled".to_owned(), "source".to_owned(), vec!["sub-2".to_owned()], worth)), "{plan}");
    }
}

#[test]
fn every_code_says_what_it_means_and_what_to_do() {
    let words: BTreeSet<_> = codes::ALL.iter().map(|c| c.word).collect();
    assert_eq!(words.len(), codes::ALL.len(), "a word stands twice");
    assert!(codes::ALL.iter().all(|c| !c.message.is_empty() && !c.remedy.is_empty()));
    assert!(codes::ALL.iter().any(|c| c.weight == Weight::Blocking));
}

/// An order of two deployments whose draft does not split by line is one row, and its money is all there.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_does_not_split_is_one_row() {
    let small = Small::new()
        .both("plans", "p2,Medium,CAD,month,1,50.00,true")
        .both("subscriptions", "sub-2,c1,p2,active,2026-01-01,,1,CAD,")
        .source("invoices", "I2,,sub-2,c1,paid,charge,2026-05-01,2026-06-01,2026-06-01,CAD,50.00,6.50,56.50")
        .target("links", "SO-1,sub-1")
        .target("links", "SO-1,sub-2")
        .target("invoices", "T1,,SO-1,c1,draft,charge,2026-05-01,2026-06-01,,CAD,80.00,10.40,90.40");
    let kept = small.run().await;
    let [row] = kept.rows.as_slice() else { panic!("{:#?}", kept.rows) };
    let text = |m: Option<dualrun::domain::money::Money>| m.map_or_else(String::new, |m| m.to_string());
    assert_eq!((row.key.raw(), row.subject.word(), row.verdict.word()), ("SO-1", "order", "match"));
    assert_eq!([text(row.actual), text(row.expected), text(row.rated), text(row.drafted)], ["80.00", "80.00", "80.00", "80.00"]);
    assert_eq!(row.deployments.iter().map(dualrun::domain::text::Untrusted::raw).collect::<Vec<_>>(), ["sub-1", "sub-2"]);
    assert_eq!(row.documents.len(), 3);
}

/// Deployments of an order that are rows of their own are looked at like any other subscription.
#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_that_stands_alone_is_checked_as_any_subscription() {
    let small = Small::new()
        .both("subscriptions", SECOND)
        .both("plans", "p2,Medium,CAD,month,1,50.00,true")
        .target("links", "SO-1,sub-1")
        .target("links", "SO-1,sub-2")
        .source("usage", "sub-1,calls,2026-05-10T12:00:00Z,1000,2026-06-02T12:00:00Z,k1");
    let kept = small.run().await;
    let late: Vec<_> = kept.findings.iter().map(told).filter(|(code, ..)| code == "late_usage").collect();
    assert_eq!(late, [("late_usage".to_owned(), "source".to_owned(), vec!["k1".to_owned()], None)]);
}

fn rows_of(kept: &Kept) -> Vec<[String; 4]> {
    let text = |m: Option<dualrun::domain::money::Money>| m.map_or_else(String::new, |m| m.to_string());
    kept.rows.iter().map(|r| [r.key.raw().to_owned(), r.verdict.word().to_owned(), text(r.actual), text(r.expected)]).collect()
}

const SECOND: &str = "sub-2,c1,p2,active,2026-01-01,,1,CAD,";
const MAY: &str = "paid,charge,2026-05-01,2026-06-01,2026-06-01,CAD";

/// Prices that hold tax, split over many subscriptions: fractions of every denominator, and still a proof that nothing is lost.
#[tokio::test(flavor = "multi_thread")]
async fn a_tax_inclusive_side_with_many_split_documents_balances() {
    let inclusive = PROFILE.replace("key = \"text\"", "key = \"text\"\ntax_inclusive = true");
    let mut small = Small::new();
    for n in 0..40u32 {
        let (gross, tax) = (10_000 + n * 37, 1_151 + n * 7);
        let cents = |minor: u32| format!("{}.{:02}", minor / 100, minor % 100);
        small.add(true, "invoices", &format!("M{n},,,c1,{MAY},{},{},", cents(gross), cents(tax)));
        small.add(true, "invoice_lines", &format!("M{n},a-{n},charge,{}", cents(gross / 3)));
        small.add(true, "invoice_lines", &format!("M{n},b-{n},charge,{}", cents(gross - gross / 3)));
    }
    let kept = small.run_with(&inclusive).await;
    assert_eq!(kept.rows.len(), 81);
    // 52.50 at 12 %: net and tax are what the customer pays, to the cent.
    let paid =
        Small::new().without(false, "plans").without(false, "taxes").target("plans", "p1,Small,CAD,month,1,52.50,true").target("taxes", "T,12,ON");
    let row = paid.run_with(&inclusive).await.rows.remove(0);
    assert_eq!([row.expected, row.expected_tax].map(|m| m.map(|m| m.minor)), [Some(4688), Some(562)]);
}

/// Orders that share a deployment, and an order that names itself: one row each, no cent counted twice.
#[tokio::test(flavor = "multi_thread")]
async fn entangled_orders_are_one_row() {
    let base = || {
        Small::new()
            .both("plans", "p2,Medium,CAD,month,1,50.00,true")
            .both("subscriptions", SECOND)
            .both("subscriptions", "sub-3,c1,p1,active,2026-01-01,,1,CAD,")
            .source("invoices", &format!("I2,,sub-2,c1,{MAY},50.00,6.50,"))
            .source("invoices", &format!("I3,,sub-3,c1,{MAY},30.00,3.90,"))
    };
    let shared = base()
        .target("links", "A,sub-1")
        .target("links", "A,sub-2")
        .target("links", "B,sub-2")
        .target("links", "B,sub-3")
        .target("invoices", "T1,,A,c1,draft,charge,2026-05-01,2026-06-01,,CAD,80.00,10.40,")
        .target("invoices", "T2,,B,c1,draft,charge,2026-05-01,2026-06-01,,CAD,30.00,3.90,");
    assert_eq!(rows_of(&shared.run().await), [["A", "match", "110.00", "110.00"].map(str::to_owned)]);
    // One source invoice with lines for both deployments is one document of the row, not the same one twice.
    let one_invoice = Small::new()
        .without(true, "invoices")
        .both("plans", "p2,Medium,CAD,month,1,50.00,true")
        .both("subscriptions", SECOND)
        .source("invoices", &format!("I1,,,c1,{MAY},80.00,10.40,"))
        .source("invoice_lines", "I1,sub-1,charge,30.00")
        .source("invoice_lines", "I1,sub-2,charge,50.00")
        .target("links", "A,sub-1")
        .target("links", "A,sub-2")
        .target("invoices", "T1,,A,c1,draft,charge,2026-05-01,2026-06-01,,CAD,80.00,10.40,");
    assert_eq!(rows_of(&one_invoice.run().await), [["A", "match", "80.00", "80.00"].map(str::to_owned)]);
}

/// Ids that stand twice: all are counted, lines follow each of them, and what cannot be told is not comparable.
#[tokio::test(flavor = "multi_thread")]
async fn what_stands_twice_is_never_chosen() {
    let twice = Small::new()
        .without(true, "invoices")
        .source("invoices", &format!("I1,,,c1,{MAY},30.00,3.90,"))
        .source("invoices", &format!("I1,,,c1,{MAY},30.00,3.90,"))
        .source("invoice_lines", "I1,sub-1,charge,30.00");
    assert_eq!(rows_of(&twice.run().await), [["sub-1", "duplicate", "60.00", "30.00"].map(str::to_owned)]);
    let void_twin = Small::new()
        .source("invoices", "I1,,,c1,void,charge,2026-05-01,2026-06-01,2026-06-01,CAD,30.00,3.90,")
        .source("invoice_lines", "I1,sub-1,charge,30.00");
    assert_eq!(rows_of(&void_twin.run().await), [["sub-1", "match", "30.00", "30.00"].map(str::to_owned)]);
    let charges = Small::new().target("charges", "p1,calls,standard,0,1000,0.50");
    assert_eq!(rows_of(&charges.run().await)[0][1], "not_comparable");
    // Documents in two currencies have no sum; their money is below the line of coverage all the same.
    let mixed = Small::new().source("invoices", "I2,,sub-1,c1,paid,charge,2026-05-01,,,JPY,5000,,");
    let kept = mixed.run().await;
    let totals: Vec<(i64, Option<i64>)> = kept.run.tally.money.values().map(|m| (m.invoiced, m.coverage())).collect();
    assert_eq!(totals, [(3000, Some(0)), (5000, Some(0))]);
    assert!(kept.findings.iter().any(|f| f.code == "currency_mix"));
}

/// The discount first, then what the charge comes to at least: 3 × 1.00, at least 10, half off, is 10.
#[tokio::test(flavor = "multi_thread")]
async fn a_minimum_holds_after_the_discount() {
    let terms = dualrun::domain::row::Terms {
        plan: dualrun::domain::records::Plan {
            id: "p".to_owned(),
            name: dualrun::domain::text::Untrusted::new("p"),
            currency: dualrun::domain::currency::Currency::known("CAD").expect("a currency"),
            interval: dualrun::domain::records::Interval { months: 1 },
            flat_price: "50".parse().expect("a number"),
            active: true,
        },
        charges: vec![dualrun::domain::records::Charge {
            plan_id: "p".to_owned(),
            metric: "calls".to_owned(),
            model: dualrun::domain::records::ChargeModel::Standard,
            model_word: "standard".to_owned(),
            included: dualrun::domain::exact::Exact::ZERO,
            package_size: dualrun::domain::exact::Exact::ONE,
            unit_price: Some(dualrun::domain::exact::Exact::ONE),
            tiers: dualrun::domain::records::tiers::Tiers::None,
            minimum: Some("10".parse().expect("a number")),
            maximum: None,
        }],
    };
    let inputs = dualrun::domain::row::RatingInputs {
        plan_id: "p".to_owned(),
        quantity: dualrun::domain::exact::Exact::ONE,
        price_override: None,
        discount_percent: "50".parse().expect("a number"),
        days: 31,
        of_days: 31,
        usage: vec![("calls".to_owned(), "3".parse().expect("a number"))],
        taxes: None,
        stretches: Vec::new(),
    };
    let dir = tempfile::tempdir().expect("a folder");
    let book = read_files(PROFILE, &[("invoices.csv".to_owned(), b"id\n".to_vec())], &[("plans.csv".to_owned(), b"id\n".to_vec())]);
    write_project(&book, dir.path()).await.unwrap_or_else(|e| panic!("{e}"));
    let profile = project(dir.path(), Arc::new(Memory::default())).profile.target;
    let rating = dualrun::rating::rate(&inputs, &terms, &profile).expect("rated");
    assert_eq!(rating.net.to_string(), "35.00");
}

//! P001–P027, P044–P047: hostile text through a stored run to a person (`shown`, the text report) and to files (CSV, JSON, JSON lines).

use crate::desk::{self, APRIL, Desk};
use dualrun::domain::finding::Finding;
use dualrun::domain::run::Run;
use dualrun::domain::text::{Untrusted, is_hidden, marked};
use dualrun::ports::workspace::{JournalHead, PageFrom, PageRequest, RowFilter, RowLine, Sort, Workspace};
use dualrun::report::csv::CsvReport;
use dualrun::report::json::{JsonLinesReport, JsonReport};
use dualrun::report::text::TextReport;
use dualrun::report::{Facts, ReportWriter};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use unicode_width::UnicodeWidthStr;

const SLICE: &str = "(tag < 'P028' or tag between 'P044' and 'P047z')";
/// Secrets of P027: in a column nobody mapped.
const CANARIES: [&str; 3] = ["glpat-FAKE", "CANARY-pw-7f3a", "sk_live_CANARY"];

/// A case's texts as the server has them.
struct Texts {
    id: String,
    customer: String,
    note: Option<String>,
}

fn corpus() -> BTreeMap<String, Texts> {
    let all = desk::json(&format!("select json_object_agg(tag, json_build_array(id, customer, note)) from src.subscription where {SLICE}"));
    let text = |v: &Value| v.as_str().map(ToOwned::to_owned);
    let texts = |v: &Value| Texts { id: text(&v[0]).expect("an id"), customer: text(&v[1]).expect("a customer"), note: text(&v[2]) };
    all.as_object().expect("an object").iter().map(|(tag, v)| (tag.clone(), texts(v))).collect()
}

/// What must never be in a line a person sees: anything hidden, but for the joiners of an emoji.
fn offends(c: char) -> bool {
    (c.is_control() || is_hidden(c)) && !matches!(c, '\u{200d}' | '\u{fe0f}')
}

fn assert_harmless(case: &str, text: &str) {
    assert!(!text.chars().any(offends), "{case}: {:?}", text.escape_unicode().to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_text_is_one_harmless_line_of_its_width() {
    let corpus = corpus();
    assert_eq!(corpus.len(), 32, "P001–P027 and P044–P047, P014 twice");
    for (case, texts) in &corpus {
        for text in [Some(&texts.id), Some(&texts.customer), texts.note.as_ref()].into_iter().flatten() {
            let untrusted = Untrusted::new(text.as_str());
            for width in 1..=200 {
                let line = untrusted.shown(width);
                assert_harmless(case, &line);
                assert!(line.width() <= width && !line.is_empty(), "{case}: {} columns at {width}: {line:?}", line.width());
            }
            assert_eq!(untrusted.shown(0), "", "{case}");
        }
    }
    let seen = |case: &str| Untrusted::new(corpus[case].customer.as_str()).shown(200);
    assert_eq!(seen("P001"), "Evil\\u{1b}[2J\\u{1b}[H\\u{1b}[31mPASS\\u{1b}[0m", "P001");
    assert_eq!(seen("P005"), "a\\u{9b}31mb\\u{9d}0;t\\u{9c}", "P005");
    assert_eq!(seen("P008"), "PASS\\u{d}FAIL\\u{8}\\u{8}\\u{9}xv\\u{c}\\u{7f}", "P008");
    assert_eq!(seen("P009"), "<U+202E>exe.fdp<U+202C> 00.1", "P009");
    assert_eq!(seen("P010"), "<U+2066>x<U+2069>", "P010");
    assert!(seen("P018").contains("日本語") && seen("P018").contains("<U+E0041><U+E0042>"), "P018: {}", seen("P018"));
    let note = |case: &str| Untrusted::new(corpus[case].note.as_deref().expect("a note")).shown(200);
    assert_eq!(note("P019"), "a<U+2028>b<U+2029>c\\u{85}d", "P019");
    assert!(note("P017").starts_with("line␊line␊"), "P017");
}

/// P015–P017: the cost of showing is that of a bounded beginning; what stands behind it is never looked at.
#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_huge_text_is_never_looked_at() {
    let corpus = corpus();
    for (case, bytes) in [("P015", 2_000_001), ("P016", 10_000_000), ("P017", 25_000)] {
        let text = corpus[case].note.as_deref().expect("a note");
        assert_eq!(text.len(), bytes, "{case}");
        for width in [1, 20, 80, 200] {
            let looked_at = (32 * width + 68..32 * width + 72).find(|at| text.is_char_boundary(*at)).expect("a boundary");
            let line = Untrusted::new(text).shown(width);
            assert_eq!(line, Untrusted::new(&text[..looked_at]).shown(width), "{case} at {width}");
            assert!(line.ends_with('…') && line.len() <= 4 * width + 16, "{case} at {width}: {} bytes", line.len());
        }
    }
}

/// What a stored run is reported from.
struct Stored {
    run: Run,
    findings: Vec<Finding>,
    rejected: Vec<dualrun::domain::decode::RowError>,
    journal: JournalHead,
    rows: Vec<RowLine>,
}

impl Stored {
    fn report(&self, make: impl for<'a> FnOnce(&'a mut Vec<u8>, Facts<'a>) -> Box<dyn ReportWriter + 'a>) -> String {
        let facts = Facts {
            run: &self.run,
            findings: &self.findings,
            rejected: &self.rejected,
            journal: &self.journal,
            review: None,
            together: None,
            glass: &[],
            filter: None,
        };
        let mut bytes = Vec::new();
        let mut writer = make(&mut bytes, facts);
        writer.begin().expect("written");
        // As they come from the store: some at a time.
        self.rows.chunks(3).try_for_each(|some| writer.rows(some)).and_then(|()| writer.end()).expect("written");
        drop(writer);
        String::from_utf8(bytes).expect("UTF-8")
    }
}

/// Each case a subscription: its customer by name, its note as the plan's name (P027's is not mapped), kept in the real workspace.
async fn stored() -> Stored {
    let dir = tempfile::tempdir().expect("a folder");
    let subscriptions = "'active' as status, date '2020-01-01' as started_on";
    let project = Desk::new()
        .source("customers", &format!("select tag as id, customer as name from src.subscription where {SLICE}"))
        .source(
            "subscriptions",
            &format!("select id, tag as customer_id, plan as plan_id, {subscriptions}, case tag when 'P003' then note end as quantity from src.subscription where {SLICE}"),
        )
        .source(
            "invoices",
            &format!("select 'inv-' || tag as id, id as subscription_id, 'paid' as status, date '2026-04-01' as period_start, currency, list_price as subtotal from src.subscription where {SLICE}"),
        )
        .target("plans", &format!("select tag as id, case tag when 'P027' then tag else coalesce(note, tag) end as name, currency, 10.00 as flat_price from src.subscription where {SLICE}"))
        .target("subscriptions", &format!("select id, tag as customer_id, tag as plan_id, {subscriptions} from src.subscription where {SLICE}"))
        .project(dir.path());
    desk::run(&project, &[APRIL]).await.unwrap_or_else(|e| panic!("{e}"));
    let store: Arc<dyn Workspace> = project.door.read().await.expect("a workspace").expect("there");
    let run = store.runs(1).await.expect("runs").pop().expect("a run");
    let request = PageRequest { run: run.id, filter: RowFilter::default(), sort: Sort::default(), from: PageFrom::Start, limit: 1000 };
    let rows = store.page(&request).await.expect("rows").rows.into_iter().map(|(_, row)| row).collect();
    Stored {
        findings: store.findings(run.id).await.expect("findings"),
        rejected: store.rejected(run.id, 100).await.expect("rejected rows"),
        journal: store.journal_head().await.expect("a journal"),
        rows,
        run,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_carry_hostile_text_and_are_not_driven_by_it() {
    let (corpus, stored) = (corpus(), stored().await);
    assert_eq!(stored.rows.len(), corpus.len());
    let [rejected] = stored.rejected.as_slice() else { panic!("P003: {:?}", stored.rejected) };
    assert_eq!((rejected.id.as_str(), rejected.raw.as_str()), ("P003", "\\u{1b}]52;c;Y3VybCBldmlsfHNo\\u{7}"), "P003: listed, escaped");
    let texts = [80, 132, 200].map(|width| stored.report(|out, facts| Box::new(TextReport::new(out, facts, width))));
    for text in &texts {
        text.lines().for_each(|line| assert_harmless("text report", line));
        let rows: Vec<&str> = text.lines().filter(|l| l.starts_with("✓ match") || l.starts_with("✗ delta")).collect();
        assert_eq!(rows.len(), corpus.len(), "P017 P019: one line a row");
        let before = |line: &&str| line.split(" CAD ").next().map(UnicodeWidthStr::width);
        assert!(rows.iter().all(|r| before(r) == before(&rows[0])), "P018: columns stay aligned:\n{text}");
        assert!(text.len() < 60_000, "P015 P016: bounded");
    }
    csv(&stored.report(|out, facts| Box::new(CsvReport::new(out, &facts))), &corpus);
    let json = stored.report(|out, facts| Box::new(JsonReport::new(out, facts)));
    let object: Value = serde_json::from_str(&json).expect("P046 P047: one JSON object");
    json_rows(object["row_list"].as_array().expect("rows"), &corpus);
    let lines = stored.report(|out, facts| Box::new(JsonLinesReport::new(out, &facts)));
    let rows: Vec<Value> = lines.lines().map(|l| serde_json::from_str(l).expect("P017 P019: one object a line")).collect();
    json_rows(&rows, &corpus);
    for report in texts.iter().chain([&json, &lines]) {
        assert!(CANARIES.iter().all(|c| !report.contains(c)), "P027: a column nobody mapped is nowhere");
        assert_harmless("JSON", &report.replace('\n', ""));
    }
}

/// The text of a cell: one apostrophe in front is the spreadsheet's.
fn cell(field: &str) -> &str {
    field.strip_prefix('\'').unwrap_or(field)
}

fn csv(text: &str, corpus: &BTreeMap<String, Texts>) {
    assert_harmless("CSV", &text.replace("\r\n", ""));
    assert!(CANARIES.iter().all(|c| !text.contains(c)), "P027");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let (id, customer, plan, actual) = {
        let headers = reader.headers().expect("a heading").clone();
        let at = |name: &str| headers.iter().position(|h| h == name).expect(name);
        (at("subscription_id"), at("customer"), at("plan"), at("actual_net"))
    };
    let records: Vec<csv::StringRecord> = reader.records().map(|r| r.expect("P023: as many fields as the heading")).collect();
    assert_eq!(records.len(), corpus.len(), "P017 P022: a record a row");
    for (case, texts) in corpus {
        let record = records.iter().find(|r| cell(&r[id]) == marked(&texts.id)).unwrap_or_else(|| panic!("{case}: no record"));
        for field in [&record[id], &record[customer], &record[plan]] {
            let formula = field.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r', '\n']);
            assert!(!formula, "{case}: {field:?} is a formula to a spreadsheet");
        }
        if case != "P003" {
            assert_eq!(cell(&record[customer]), marked(&texts.customer), "{case}");
        }
        if let Some(note) = texts.note.as_deref().filter(|_| case != "P027") {
            assert!(cell(&record[plan]) == marked(note), "{case}: the note differs");
        }
        assert_eq!(&record[actual], if case == "P024" { "-5.00" } else { "10.00" }, "{case}: an amount stays a number");
    }
}

fn json_rows(rows: &[Value], corpus: &BTreeMap<String, Texts>) {
    assert_eq!(rows.len(), corpus.len());
    for (case, texts) in corpus {
        let row = rows.iter().find(|r| r["subscription_id"] == texts.id.as_str()).unwrap_or_else(|| panic!("{case}: no row"));
        if case != "P003" {
            assert_eq!(row["customer"], texts.customer.as_str(), "{case}: exact");
        }
        if let Some(note) = texts.note.as_deref().filter(|_| case != "P027") {
            assert!(row["plan"] == note, "{case}: exact");
        }
        assert_eq!(row["actual_net"], if case == "P024" { "-5.00" } else { "10.00" }, "{case}");
    }
}

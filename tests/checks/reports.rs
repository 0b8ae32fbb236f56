//! JUnit reports: each of `tests/nasty/junit` comes to what its table says, and what good tools write passes.

use super::nasty;
use chrono::{DateTime, TimeDelta, Utc};
use dualrun::domain::gate::{FileSeen, Outcome, TestsCheck};
use dualrun::gates::checks::{Clock, Judged, tests};

fn now() -> DateTime<Utc> {
    "2026-06-01T12:00:00Z".parse().unwrap()
}

fn file(name: &str, bytes: &[u8], age: TimeDelta) -> FileSeen {
    FileSeen { path: name.to_owned(), digest: blake3::hash(bytes).to_hex().to_string(), modified: now() - age, bytes: bytes.to_vec() }
}

fn judge(files: Vec<FileSeen>, least: u64, skips: &[&str]) -> Judged {
    let check = TestsCheck { files: vec!["*.xml".to_owned()], least, skips: skips.iter().map(|s| (*s).to_owned()).collect() };
    tests(&check, &Ok(files), &Clock { now: now(), max_age_seconds: 3600 })
}

fn of(text: &str) -> Judged {
    judge(vec![file("r.xml", text.as_bytes(), TimeDelta::zero())], 1, &[])
}

#[test]
fn the_nasty_reports_come_to_what_their_table_says() {
    let table = [
        ("j01_zero", Outcome::Fail, "no tests ran"),
        ("j02_ten_of_fourteen", Outcome::Fail, "its cases are 15"),
        ("j03_lie", Outcome::Fail, "its cases are 1"),
        ("j05_truncated", Outcome::Fail, "not well formed"),
        ("j07_xxe", Outcome::Invalid, "DTD"),
        ("j09_utf16", Outcome::Pass, "1 passed"),
        ("j11_neg", Outcome::Invalid, "no count"),
        ("j13_future", Outcome::Invalid, "clock"),
        ("j15_nested", Outcome::Fail, "1 of 3 cases"),
        ("j17_empty", Outcome::Fail, "no tests ran"),
    ];
    for (name, outcome, words) in table {
        let bytes = std::fs::read(nasty(&format!("junit/{name}.xml"))).unwrap();
        let judged = judge(vec![file(name, &bytes, TimeDelta::zero())], 1, &[]);
        assert_eq!(judged.outcome, outcome, "{name}: {judged:?}");
        let told = format!("{} {}", judged.summary, judged.observed.join(" "));
        assert!(told.contains(words), "{name}: {judged:?}");
    }
}

#[test]
fn what_good_tools_write_passes() {
    let pytest = "<?xml version=\"1.0\" encoding=\"utf-8\"?><testsuites name=\"pytest tests\"><testsuite name=\"pytest\" errors=\"0\" failures=\"0\" \
                  skipped=\"0\" tests=\"2\" time=\"0.04\" timestamp=\"2026-06-01T11:59:00.123456+00:00\" hostname=\"h\">\
                  <testcase classname=\"t.test_a\" name=\"test_one[a&lt;b]\" time=\"0.001\"/><testcase classname=\"t.test_a\" name=\"test_two\">\
                  <system-out><![CDATA[<failure/> is only text]]></system-out></testcase></testsuite></testsuites>";
    assert_eq!(of(pytest).outcome, Outcome::Pass, "{:?}", of(pytest));
    let surefire = "<testsuite xmlns:xsi=\"x\" name=\"com.acme.ATest\" time=\"1\" tests=\"1\" errors=\"0\" skipped=\"0\" failures=\"0\" flakes=\"1\">\
                    <testcase name=\"a\" classname=\"com.acme.ATest\"><flakyFailure>once</flakyFailure></testcase></testsuite>";
    assert_eq!(of(surefire).outcome, Outcome::Pass, "{:?}", of(surefire));
    // JUnit's legacy form counts an error as a failure.
    let legacy = "<testsuite tests=\"1\" failures=\"1\" errors=\"0\"><testcase name=\"a\"><error/></testcase></testsuite>";
    assert_eq!(of(legacy).observed.iter().filter(|l| l.contains("header")).count(), 0, "{:?}", of(legacy));
}

#[test]
fn skips_count_only_by_name_and_never_as_passes() {
    let report = "<testsuite><testcase classname=\"b\" name=\"ran\"/><testcase classname=\"b\" name=\"slow\"><skipped/></testcase></testsuite>";
    let files = || vec![file("r.xml", report.as_bytes(), TimeDelta::zero())];
    assert_eq!(judge(files(), 1, &[]).outcome, Outcome::Fail);
    assert_eq!(judge(files(), 1, &["b.slow"]).outcome, Outcome::Pass);
    assert_eq!(judge(files(), 2, &["b.slow"]).outcome, Outcome::Fail);
    assert_eq!(of("<testsuite><testcase name=\"a\" status=\"notrun\"/></testsuite>").outcome, Outcome::Fail);
}

#[test]
fn reports_that_are_old_or_not_yet_written_do_not_pass() {
    let good = b"<testsuite><testcase name=\"a\"/></testsuite>";
    assert_eq!(judge(vec![file("r.xml", good, TimeDelta::hours(2))], 1, &[]).outcome, Outcome::Stale);
    assert_eq!(judge(vec![file("r.xml", good, TimeDelta::hours(-2))], 1, &[]).outcome, Outcome::Invalid);
    let at = |time: &str| of(&format!("<testsuite timestamp=\"{time}\"><testcase name=\"a\"/></testsuite>")).outcome;
    assert_eq!(at("2026-06-01T11:30:00Z"), Outcome::Pass);
    // Without a zone it may be any; with one it is known.
    assert_eq!(at("2026-06-01T20:00:00"), Outcome::Pass);
    assert_eq!(at("2026-06-01T20:00:00Z"), Outcome::Invalid);
    assert_eq!(at("2026-06-01T09:00:00"), Outcome::Stale);
    assert_eq!(at("yesterday"), Outcome::Invalid);
}

#[test]
fn one_bad_report_spoils_the_good_ones() {
    let good = file("a.xml", b"<testsuite><testcase name=\"a\"/></testsuite>", TimeDelta::zero());
    let bad = file("b.xml", b"<testsuite><testcase name=\"b\"/>", TimeDelta::zero());
    let both = judge(vec![good.clone(), bad], 1, &[]);
    assert_eq!(both.outcome, Outcome::Fail);
    assert!(both.summary.starts_with("b.xml: not well formed"), "{both:?}");
    assert_eq!(judge(vec![good.clone(), good.clone()], 2, &[]).outcome, Outcome::Pass);
    assert_eq!(judge(vec![good], 2, &[]).outcome, Outcome::Fail);
    assert_eq!(judge(Vec::new(), 1, &[]).outcome, Outcome::Fail);
}

#[test]
fn what_is_no_report_is_told_so() {
    let deep = format!("<testsuite>{}{}</testsuite>", "<testsuite>".repeat(500), "</testsuite>".repeat(500));
    for (text, outcome) in [
        ("<html></html>", Outcome::Fail),
        ("<testsuite><testcase name=\"a\"/></testsuite><testsuite/>", Outcome::Fail),
        ("<testsuite><testcase name=\"&evil;\"/></testsuite>", Outcome::Fail),
        ("not xml at all", Outcome::Fail),
        ("<testsuite><testcase name='a'></testsuite></testcase>", Outcome::Fail),
        (deep.as_str(), Outcome::Invalid),
    ] {
        assert_eq!(of(text).outcome, outcome, "{:.60}: {:?}", text, of(text));
    }
    let latin = judge(vec![file("r.xml", b"<testsuite name=\"caf\xe9\"/>", TimeDelta::zero())], 1, &[]);
    assert_eq!(latin.outcome, Outcome::Invalid);
}

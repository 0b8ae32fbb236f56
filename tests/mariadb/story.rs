//! The way through a session, and the errors on the way in.

use crate::fixture::{Kept, Now, limits, open, query, query_with, side, sql, stream, to};
use chrono::NaiveDate;
use dualrun::ports::clock::Clock as _;
use dualrun::ports::connection::{MariaDbConnection, TlsMode};
use dualrun::ports::database::{Database as _, DatabaseKind, Fault, FaultKind, Parameter};
use std::process::Command;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn open_judge_stream_close() {
    let mut session = open("reader").await;
    let info = session.info().clone();
    assert_eq!((info.kind, info.transport.as_str(), info.writable_role), (DatabaseKind::MariaDb, "local socket", false));
    assert!(info.server.starts_with("MariaDB 1") && info.place.ends_with("s.sock/nasty") && info.snapshot.starts_with("connection "), "{info:?}");
    assert!(info.snapshot.contains(", binlog binlog.0") && info.snapshot.contains(", gtid 0-"), "{info:?}");
    assert!((info.server_clock - info.local_clock).abs() < chrono::TimeDelta::seconds(2));
    assert!(info.local_clock <= Now.now());

    let columns = session.judge(&query("select id, amount, big, flag, f, d from numbers")).await.expect("judged");
    let told: Vec<_> = columns.iter().map(|c| (c.name.as_str(), c.type_name.as_str(), c.approximate)).collect();
    let wanted = [
        ("id", "varchar", false),
        ("amount", "decimal", false),
        ("big", "bigint unsigned", false),
        ("flag", "boolean", false),
        ("f", "float", true),
        ("d", "double", true),
    ];
    assert_eq!(told, wanted);
    let kept = stream(&mut *session, "select n, pad = repeat('x', 50) as whole from nasty.many where n < 3 order by n;").await.expect("streamed");
    assert_eq!(kept.text(), [["1", "1"], ["2", "1"]]);
    assert!(session.fork().await.expect("no fault").is_none(), "one connection reads");
    session.close().await.expect("closed clean");
}

#[tokio::test]
async fn a_session_sees_one_moment_while_others_write() {
    let mut first = open("reader").await;
    let sum = "select sum(v), count(*) from moving";
    let before = stream(&mut *first, sum).await.expect("streamed");
    sql("insert into moving (v) values (7); delete from moving where v = 1 limit 1");
    assert_eq!(stream(&mut *first, sum).await.expect("streamed"), before);
    let mut later = open("reader").await;
    assert_ne!(stream(&mut *later, sum).await.expect("streamed"), before);
    sql("insert into moving (v) values (-6)");
    first.close().await.expect("closed");
    later.close().await.expect("closed");
}

#[tokio::test]
async fn parameters_become_literals_of_their_type() {
    let mut session = open("reader").await;
    let day = NaiveDate::from_ymd_opt(2026, 5, 1).expect("a day");
    let sql =
        "select :day + interval 1 day, :at, :n - :n, :hostile, ':day', 2 -- :day\n, \":day\" from (select 7 as \":day\") x where :hostile = :hostile";
    let hostile = "it's \\ ); drop table numbers; -- \u{202e}é`\"/*!";
    let parameters = [
        ("day", Parameter::Date(day)),
        ("at", Parameter::Instant(day.and_hms_opt(4, 0, 0).expect("a time").and_utc())),
        ("n", Parameter::Integer(-9)),
        ("hostile", Parameter::Text(hostile.to_owned())),
    ];
    let mut kept = Kept::default();
    session.stream(&query_with(sql, &parameters), &mut kept).await.unwrap_or_else(|f| panic!("{f}"));
    assert_eq!(kept.text(), [["2026-05-02", "2026-05-01 04:00:00", "0", hostile, ":day", "2", "7"]]);
    let fault = session.judge(&query_with("select :dya", &parameters)).await.expect_err("unknown");
    assert!(fault.kind == FaultKind::InvalidQuery && fault.what.contains(":at, :day, :hostile, :n"), "{fault}");
    session.close().await.expect("closed");
}

/// An instant, bound against a TIMESTAMP, is the same moment: the session is in UTC whatever the server's zone is.
#[tokio::test]
async fn instants_compare_in_utc() {
    let mut session = open("reader").await;
    let at = NaiveDate::from_ymd_opt(2026, 5, 1).and_then(|d| d.and_hms_milli_opt(4, 0, 0, 250)).expect("a moment").and_utc();
    let mut kept = Kept::default();
    let asked = query_with("select id from dates where ts = :at", &[("at", Parameter::Instant(at))]);
    session.stream(&asked, &mut kept).await.expect("streamed");
    let stored = sql("set time_zone = '+00:00'; select ts from dates where id = 'plain'");
    assert_eq!(kept.rows.len(), usize::from(stored.starts_with("2026-05-01 04:00:00.25")));
    session.close().await.expect("closed");
}

#[tokio::test]
async fn a_refusal_does_not_end_the_session() {
    let mut session = open("reader").await;
    for (sql, kind, word) in [
        ("select * from no_such", FaultKind::NoSuchTable, "no_such"),
        ("select nope from moving", FaultKind::NoSuchColumn, "nope"),
        ("select \"paid\" from moving", FaultKind::NoSuchColumn, "single quotes"),
        ("select * from hidden.secret", FaultKind::PermissionDenied, "GRANT SELECT ON"),
        ("select 1,\n\n  from where", FaultKind::InvalidQuery, "line 3"),
        ("select 'a", FaultKind::InvalidQuery, "never closed"),
        ("select from moving", FaultKind::InvalidQuery, "1064"),
        ("select no_such_function(1)", FaultKind::PermissionDenied, "correct the function's name"),
        ("select v, count(*) from moving", FaultKind::InvalidQuery, "GROUP BY"),
        ("select `sleep`(1)", FaultKind::Refused, "sleep"),
        ("select exp(1e6)", FaultKind::Failed, "1690"),
    ] {
        let fault = match session.judge(&query(sql)).await {
            Ok(_) => stream(&mut *session, sql).await.expect_err(sql),
            Err(fault) => fault,
        };
        assert_eq!(fault.kind, kind, "{sql}: {fault}");
        assert!(fault.to_string().contains(word), "{sql}: {fault}");
        assert!(fault.to_string().starts_with("source: source.probe: ") && !fault.remedy.is_empty(), "{fault}");
    }
    stream(&mut *session, "\u{feff}select 1 ; -- a file of an editor\n;").await.expect("still open");
    session.close().await.expect("closed");
}

/// Where another server would end the query, this one goes on with another value: no row of such a query counts.
#[tokio::test]
async fn a_value_the_server_changed_is_no_result() {
    let mut session = open("reader").await;
    for (sql, code) in [
        ("select '12abc' + 0 as n", "1292"),
        ("select 1 / 0 as n", "1365"),
        ("select cast('99999' as decimal(3,2)) as n", "1264"),
        ("select cast('CANARY' as date) as d", "1292"),
        ("select id from texts where v < date '2026-01-01'", "1292"),
        ("select cast('2026-13-01' as date) as d", "1292"),
        ("select json_extract('{', '$.a') as j", "4037"),
        ("select repeat('x', 1000000000) as gigabyte", "1301"),
    ] {
        let fault = stream(&mut *session, sql).await.expect_err(sql);
        assert!(fault.kind == FaultKind::Failed && fault.what.contains(code) && fault.what.contains("none of its rows count"), "{sql}: {fault}");
        assert!(!fault.to_string().contains("CANARY"), "{fault}");
    }
    stream(&mut *session, "select 1 / nullif(0, 0) as n, cast('2026-02-28' as date)").await.expect("still open, and nothing to warn of");
    session.close().await.expect("closed");
}

async fn refused(to: MariaDbConnection) -> Fault {
    let started = Instant::now();
    let fault = side(to).open(&limits(), &CancellationToken::new()).await.err().expect("no session");
    assert!(started.elapsed() < Duration::from_secs(11));
    assert!(!fault.remedy.is_empty() && !format!("{fault} {fault:?}").contains("CANARY"), "{fault:?}");
    fault
}

#[tokio::test]
async fn errors_on_the_way_in_are_plain() {
    let loopback = || MariaDbConnection { host: "127.0.0.1".to_owned(), ..to("reader") };
    let fault = refused(MariaDbConnection { port: 1, ..loopback() }).await;
    assert!(fault.kind == FaultKind::Unreachable && fault.what.contains("127.0.0.1:1"), "{fault}");
    let fault = refused(MariaDbConnection { host: "/nowhere".to_owned(), ..to("reader") }).await;
    assert_eq!(fault.kind, FaultKind::Unreachable, "{fault}");
    let fault = refused(MariaDbConnection { host: "no-such-host.invalid".to_owned(), tls: TlsMode::VerifyFull, ..to("reader") }).await;
    assert_eq!(fault.kind, FaultKind::Unreachable, "{fault}");
    let fault = refused(MariaDbConnection { database: "no_such".to_owned(), ..loopback() }).await;
    assert!(fault.kind == FaultKind::PermissionDenied && fault.what.contains("no_such") && fault.what.contains("1044"), "{fault}");
    let fault = refused(MariaDbConnection { user: "nobody_here".to_owned(), ..loopback() }).await;
    assert!(fault.kind == FaultKind::Authentication && fault.what.contains("1045"), "{fault}");
    let fault = refused(MariaDbConnection { password: Some("CANARY-wrong".into()), ..to("pw_role") }).await;
    assert!(fault.kind == FaultKind::Authentication && fault.what.contains("1045"), "{fault}");
    let right = MariaDbConnection { password: Some("CANARY-pw-7f3a".into()), ..loopback() };
    let right = MariaDbConnection { user: "pw_role".to_owned(), ..right };
    let session = side(right).open(&limits(), &CancellationToken::new()).await.unwrap_or_else(|f| panic!("{f}"));
    assert_eq!(session.info().transport, "plaintext (loopback)");
    session.close().await.expect("closed");
}

/// What the environment says for the servers' own clients changes nothing. Run in a child, whose environment can be set.
#[test]
fn the_environment_changes_nothing() {
    let tests = ["values::numbers_are_exact_text", "story::open_judge_stream_close", "roles::a_reader_is_all_green"];
    let child = Command::new(std::env::current_exe().expect("this test"))
        .arg("--exact")
        .args(tests)
        .envs([("MYSQL_HOST", "evil.invalid"), ("MYSQL_TCP_PORT", "1"), ("MYSQL_PWD", "CANARY"), ("MYSQL_UNIX_PORT", "/nowhere"), ("USER", "evil")])
        .envs([
            ("MARIADB_HOST", "evil.invalid"),
            ("MARIADB_TLS_DISABLE_PEER_VERIFICATION", "1"),
            ("MYSQL_HOME", "/nowhere"),
            ("DATABASE_URL", "mysql://evil"),
        ])
        .output()
        .expect("the child runs");
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success() && said.contains("3 passed"), "{said}");
}

//! The way through a session, and the errors on the way in.

use crate::fixture::{Kept, NASTY, Now, admin, limits, nasty, open, query, query_with, side, stream, to};
use chrono::NaiveDate;
use dualrun::ports::clock::Clock as _;
use dualrun::ports::connection::{PostgresConnection, TlsMode};
use dualrun::ports::database::{Database as _, DatabaseKind, Fault, FaultKind, Limits, Parameter};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn open_judge_stream_fork_close() {
    let mut session = open("reader").await;
    let info = session.info().clone();
    assert_eq!((info.kind, info.transport.as_str(), info.writable_role), (DatabaseKind::Postgres, "local socket", false));
    assert!(info.server.starts_with("PostgreSQL ") && info.place.ends_with("/nasty"), "{info:?}");
    assert!((info.server_clock - info.local_clock).abs() < chrono::TimeDelta::seconds(2));
    assert!(info.local_clock <= Now.now());

    let columns = session.judge(&query("select id, amount, amount_f, issued from invoice")).await.expect("judged");
    let told: Vec<_> = columns.iter().map(|c| (c.name.as_str(), c.type_name.as_str(), c.approximate)).collect();
    let wanted = [("id", "text", false), ("amount", "numeric", false), ("amount_f", "float8", true), ("issued", "timestamptz", false)];
    assert_eq!(told, wanted);

    let kept =
        stream(&mut *session, "select id, period_start from src.invoice where id in ('i-P061', 'i-P074') order by id;").await.expect("streamed");
    let row = |a: &str, b: &str| vec![Some(a.to_owned()), Some(b.to_owned())];
    assert_eq!(kept.text(), [row("i-P061", "2026-04-01"), row("i-P074", "2024-01-31")]);

    let mut fork = session.fork().await.expect("no fault").expect("a fork");
    assert_eq!(fork.info().snapshot.split(' ').next(), info.snapshot.split(' ').next());
    let count = stream(&mut *fork, "select count(*) from src.subscription").await.expect("streamed");
    assert_eq!(count.text(), stream(&mut *session, "select count(*) from src.subscription").await.expect("streamed").text());
    fork.close().await.expect("closed clean");
    session.close().await.expect("closed clean");
}

#[tokio::test]
async fn forks_end_at_max_streams() {
    let limits = Limits { max_streams: 2, ..limits() };
    let mut first = side(to("reader")).open(&limits, &CancellationToken::new()).await.expect("a session");
    let second = first.fork().await.expect("no fault").expect("a second");
    assert!(first.fork().await.expect("no fault").is_none());
    second.close().await.expect("closed");
    let third = first.fork().await.expect("no fault").expect("the seat is free again");
    third.close().await.expect("closed");
    first.close().await.expect("closed");
}

#[tokio::test]
async fn all_sessions_of_a_snapshot_see_the_same_while_others_write() {
    use sqlx::Executor as _;
    let mut admin = admin().await;
    admin.execute("create table if not exists src.moving(n int); truncate src.moving; insert into src.moving values (1), (-1); grant select on src.moving to reader").await.expect("made");
    let mut first = open("reader").await;
    let sum = "select coalesce(sum(n), 0)::text, count(*) from src.moving";
    let before = stream(&mut *first, sum).await.expect("streamed");
    admin.execute("insert into src.moving values (7); delete from src.moving where n = 1").await.expect("written");
    let mut fork = first.fork().await.expect("no fault").expect("a fork");
    assert_eq!(stream(&mut *fork, sum).await.expect("streamed"), before);
    assert_eq!(stream(&mut *first, sum).await.expect("streamed"), before);
    let mut later = open("reader").await;
    assert_ne!(stream(&mut *later, sum).await.expect("streamed"), before);
    for session in [first, fork, later] {
        session.close().await.expect("closed");
    }
}

#[tokio::test]
async fn parameters_become_literals_of_their_type() {
    let mut session = open("reader").await;
    let day = NaiveDate::from_ymd_opt(2026, 5, 1).expect("a day");
    let sql = "select :day + 1, :at::text, :n - :n, :hostile, ':day', '2'::int -- :day\n, $q$:day$q$ as q";
    let hostile = "it's \\ ); drop table src.usage; -- \u{202e}é";
    let parameters = [
        ("day", Parameter::Date(day)),
        ("at", Parameter::Instant(day.and_hms_opt(4, 0, 0).expect("a time").and_utc())),
        ("n", Parameter::Integer(-9)),
        ("hostile", Parameter::Text(hostile.to_owned())),
    ];
    let mut kept = Kept::default();
    session.stream(&query_with(sql, &parameters), &mut kept).await.expect("streamed");
    let wanted = ["2026-05-02", "2026-05-01 04:00:00+00", "0", hostile, ":day", "2", ":day"];
    assert_eq!(kept.text(), [wanted.map(|w| Some(w.to_owned())).to_vec()]);
    let fault = session.judge(&query_with("select :dya", &parameters)).await.expect_err("unknown");
    assert!(fault.kind == FaultKind::InvalidQuery && fault.what.contains(":at, :day, :hostile, :n"), "{fault}");
    session.close().await.expect("closed");
}

#[tokio::test]
async fn a_refusal_does_not_end_the_session() {
    let mut session = open("reader").await;
    for (sql, kind, word) in [
        ("select * from src.no_such", FaultKind::NoSuchTable, "no_such"),
        ("select nope from src.usage", FaultKind::NoSuchColumn, "nope"),
        ("select * from pg_authid", FaultKind::PermissionDenied, "GRANT SELECT ON pg_authid TO"),
        ("select amount_money from src.invoice", FaultKind::Refused, "::numeric"),
        ("select 1,\n\n  from where", FaultKind::InvalidQuery, "line 3"),
        ("select 'a", FaultKind::InvalidQuery, "never closed"),
        ("select from src.usage", FaultKind::InvalidQuery, "no column"),
        ("select no_such_function(1)", FaultKind::InvalidQuery, "no_such_function"),
        ("select \"pg_notify\"('a', 'b')", FaultKind::Refused, "pg_notify"),
        ("select pg_catalog . pg_notify /* */ ('a', 'b')", FaultKind::Refused, "pg_notify"),
        ("select U&\"pg_\\006eotify\"('a', 'b')", FaultKind::Refused, "side effects"),
        ("select 'CANARY'::int", FaultKind::Failed, "22P02"),
    ] {
        let fault = session.judge(&query(sql)).await.expect_err(sql);
        assert_eq!(fault.kind, kind, "{sql}: {fault}");
        assert!(fault.to_string().contains(word), "{sql}: {fault}");
        assert!(fault.to_string().starts_with("source: source.probe: ") && !fault.remedy.is_empty(), "{fault}");
        assert!(!fault.to_string().contains("CANARY"), "{fault}");
    }
    stream(&mut *session, "\u{feff}select 1 ; -- a file of an editor\n;").await.expect("still open");
    session.close().await.expect("closed");
}

async fn refused(to: PostgresConnection) -> Fault {
    let started = Instant::now();
    let fault = side(to).open(&limits(), &CancellationToken::new()).await.err().expect("no session");
    assert!(started.elapsed() < Duration::from_secs(11));
    assert!(!fault.remedy.is_empty() && !format!("{fault} {fault:?}").contains("CANARY"), "{fault:?}");
    fault
}

#[tokio::test]
async fn errors_on_the_way_in_are_plain() {
    let loopback = || PostgresConnection { host: "127.0.0.1".to_owned(), ..to("reader") };
    let fault = refused(PostgresConnection { port: 1, ..loopback() }).await;
    assert!(fault.kind == FaultKind::Unreachable && fault.what.contains("127.0.0.1:1"), "{fault}");
    let fault = refused(PostgresConnection { host: "/nowhere".to_owned(), ..to("reader") }).await;
    assert_eq!(fault.kind, FaultKind::Unreachable, "{fault}");
    let fault = refused(PostgresConnection { host: "no-such-host.invalid".to_owned(), tls: TlsMode::VerifyFull, ..to("reader") }).await;
    assert_eq!(fault.kind, FaultKind::Unreachable, "{fault}");
    let fault = refused(PostgresConnection { database: "no_such".to_owned(), ..loopback() }).await;
    assert!(fault.kind == FaultKind::Unreachable && fault.what.contains("no_such") && fault.what.contains("3D000"), "{fault}");
    let fault = refused(PostgresConnection { user: "nobody_here".to_owned(), ..loopback() }).await;
    assert!(fault.kind == FaultKind::Authentication && fault.what.contains("28000"), "{fault}");
    let fault = refused(PostgresConnection { password: Some("CANARY-wrong".into()), ..to("pw_role") }).await;
    assert!(fault.kind == FaultKind::Authentication && fault.what.contains("28P01"), "{fault}");
    let right = PostgresConnection { password: Some("CANARY-pw-7f3a".into()), host: "127.0.0.1".to_owned(), ..to("pw_role") };
    let session = side(right).open(&limits(), &CancellationToken::new()).await.expect("the right password");
    assert_eq!(session.info().transport, "plaintext (loopback)");
    assert_eq!(session.info().place, format!("127.0.0.1:{}/{NASTY}", nasty().port()));
    session.close().await.expect("closed");
}

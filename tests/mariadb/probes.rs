//! Operator SQL that must be refused, stopped or survive, as a plain account and as one that may do everything and was let in.
//! The statements are those that READ ONLY lets through on MariaDB (measured on 10.11), and more.

use crate::fixture::{Counted, endless, limits, nasty, open, open_strong, query, side, sql, stream, to, until_working, working_on};
use dualrun::ports::database::{Database as _, FaultKind, Limits};
use std::path::Path;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// Refused before anything is sent, whoever asks.
const REFUSED: [&str; 48] = [
    "create table made (i int)",
    "create temporary table made (i int)",
    "drop table numbers",
    "alter table numbers add column x int",
    "truncate table numbers",
    "grant all on *.* to reader@'%'",
    "revoke select on nasty.* from good@'%'",
    "select * from numbers into outfile '/tmp/dualrun_pwn'",
    "select 1 into dumpfile '/tmp/dualrun_pwn'",
    "select 1 into @a",
    "select 1e5into outfile '/tmp/dualrun_pwn'",
    "select 1.5into outfile '/tmp/dualrun_pwn'",
    "select 'a'into outfile '/tmp/dualrun_pwn'",
    "select \"a\\\" into outfile '/tmp/dualrun_pwn' -- \"",
    "lock tables numbers write",
    "unlock tables",
    "set global max_connections = 1",
    "set session transaction read write",
    "set transaction read write",
    "start transaction read write",
    "begin",
    "commit",
    "rollback",
    "xa start 'x'",
    "handler numbers open",
    "flush tables with read lock",
    "insert into moving (v) values (1)",
    "update moving set v = 1",
    "delete from moving",
    "replace into moving values (1, 1)",
    "load data infile '/etc/passwd' into table moving",
    "call nothing()",
    "do sleep(1)",
    "prepare p from 'delete from moving'",
    "execute immediate 'delete from moving'",
    "begin not atomic delete from moving; end",
    "select get_lock('dualrun-test', 0)",
    "select load_file('/etc/passwd')",
    "select benchmark(1000000000, md5('a'))",
    "select sleep(60)",
    "select nextval(counter)",
    "select next value for counter",
    "select * from moving for update",
    "select * from moving lock in share mode",
    "select 1 /*! into outfile '/tmp/dualrun_pwn' */",
    "select 1; delete from moving",
    "with c as (select 1) delete from moving",
    "set statement max_statement_time = 0 for select 1",
];

/// What nothing may change: rows of every table, who may do what, tables there are, marker files, settings.
fn state() -> String {
    let tables = sql(
        "select group_concat(table_name order by table_name) from information_schema.tables where table_schema = 'nasty' and table_type = 'BASE TABLE' \
                      and table_name not in ('moving', 'emptied', 'altered')",
    );
    let sums = sql(&format!("checksum table {tables}"));
    let rest = sql("select table_name from information_schema.tables where table_schema = 'nasty' order by 1; select count(*) from moving; \
                    select md5(group_concat(Priv order by User)) from mysql.global_priv where User in ('good', 'strong'); select md5(group_concat(Db, User)) from mysql.db; \
                    select @@global.max_connections; select next_not_cached_value from counter");
    format!("{sums}\n{rest}\n{}", Path::new("/tmp/dualrun_pwn").exists())
}

#[tokio::test]
async fn what_read_only_lets_through_is_refused_and_nothing_changes() {
    let before = state();
    for strong in [false, true] {
        let mut session = if strong { open_strong().await } else { open("reader").await };
        for sql in REFUSED {
            let fault = stream(&mut *session, sql).await.expect_err(sql);
            assert_eq!(fault.kind, FaultKind::Refused, "{sql}: {fault}");
            assert!(fault.to_string().contains("source.probe") && !fault.remedy.is_empty(), "{fault}");
        }
        session.close().await.expect("nothing was done that a tripwire sees");
    }
    // `moving` is written to by other tests; its rows are counted by the reader's own snapshot tests.
    let without_moving = |s: String| s.lines().filter(|l| l.parse::<u64>().is_err()).collect::<Vec<_>>().join("\n");
    assert_eq!(without_moving(state()), without_moving(before));
}

#[tokio::test]
async fn odd_but_harmless_queries_deliver_exactly() {
    let mut session = open("reader").await;
    let kept = stream(&mut *session, "select ';' as semi, ';drop table x;' as \"drop\", 'it''s' as s").await.expect("streamed");
    assert_eq!(kept.text(), [[";", ";drop table x;", "it's"]]);
    assert_eq!(stream(&mut *session, "select null").await.expect("streamed").text(), [["NULL"]]);
    assert_eq!(stream(&mut *session, "select 1 from moving where 1 = 0").await.expect("streamed").rows.len(), 0);
    let twice = stream(&mut *session, "select 1 as a, 2 as a").await.expect("streamed");
    assert_eq!(twice.columns.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["a", "a"]);
    let named = stream(&mut *session, "select 1 as `x\u{1b}[31m`").await.expect("streamed");
    assert_eq!(named.columns.first().map(|c| c.name.as_str()), Some("x\\u{1b}[31m"));
    assert_eq!(stream(&mut *session, "values (1), (2)").await.expect("streamed").rows.len(), 2);
    assert_eq!(stream(&mut *session, "(select 1) union all (select 1)").await.expect("streamed").rows.len(), 2);
    session.close().await.expect("closed");
}

/// A function with its maker's rights, or one that says it writes, is refused by name; one that hides a write meets READ ONLY.
#[tokio::test]
async fn functions_may_only_read_with_the_accounts_own_rights() {
    let mut session = open("caller").await;
    for name in ["borrowed", "writes"] {
        for call in [format!("select {name}()"), format!("select `nasty`.`{name}` () as x"), format!("select {}()", name.to_uppercase())] {
            let fault = session.judge(&query(&call)).await.expect_err(&call);
            assert!(fault.kind == FaultKind::Refused && fault.what.contains(&format!("nasty.{name}")), "{call}: {fault}");
        }
    }
    assert_eq!(stream(&mut *session, "select own()").await.expect("its own rights").text(), [["1"]]);
    let fault = stream(&mut *session, "select hides_write()").await.expect_err("READ ONLY");
    assert!(fault.kind == FaultKind::Refused && fault.what.contains("1792"), "{fault}");
    stream(&mut *session, "select own()").await.expect("the session lives on");
    session.close().await.expect("closed clean");
}

/// What a query changed of the session that its rows hang on: they do not count.
#[tokio::test]
async fn a_setting_changed_by_a_function_trips_the_wire() {
    let mut session = open("caller").await;
    let fault = stream(&mut *session, "select sets_setting()").await.expect_err("tripped");
    assert!(fault.kind == FaultKind::NotReadOnly && fault.what.contains("changed by a query"), "{fault}");
    session.close().await.expect("the breach was told already");
    // What READ ONLY does not stop: a lock by name. It is told, and free again.
    let mut session = open("caller").await;
    let fault = stream(&mut *session, "select hides_lock()").await.expect_err("tripped");
    assert!(fault.kind == FaultKind::NotReadOnly && fault.what.contains("lock by name"), "{fault}");
    session.close().await.expect("the breach was told already");
    assert_eq!(sql("select is_free_lock('dualrun-test')"), "1");
}

/// Tables that no snapshot holds are no result, by whatever way they are read.
#[tokio::test]
async fn tables_outside_the_snapshot_are_refused() {
    let mut session = open("reader").await;
    for (sql, word) in [
        ("select * from old_isam", "MyISAM"),
        ("select m.v from moving m, nasty.old_aria a", "Aria"),
        ("select * from over_isam", "nasty.old_isam"),
        ("select count(*) as n from moving where v in (select i from over_view)", "nasty.old_isam"),
        ("select * from shy_view", "GRANT SHOW VIEW ON nasty.shy_view"),
        ("select * from sleepy_view", "sleep"),
    ] {
        let fault = session.judge(&query(sql)).await.expect_err(sql);
        assert!(fault.kind == FaultKind::Refused && fault.to_string().contains(word), "{sql}: {fault}");
    }
    assert_eq!(stream(&mut *session, "select id from plain_view").await.expect("InnoDB").rows.len(), 4);
    session.close().await.expect("closed");
}

#[tokio::test]
async fn a_cancel_ends_the_servers_work() {
    let cancel = CancellationToken::new();
    let mut session = side(to("reader")).open(&limits(), &cancel).await.expect("a session");
    let work = tokio::spawn(async move { session.stream(&query(&endless("cancelled-one")), &mut Counted::default()).await });
    until_working("cancelled-one").await;
    let started = Instant::now();
    cancel.cancel();
    let fault = work.await.expect("no panic").expect_err("cancelled");
    assert!(fault.kind == FaultKind::Cancelled && started.elapsed() < Duration::from_millis(2500), "{fault} {:?}", started.elapsed());
    assert!(!fault.what.contains("not known"), "{fault}");
    assert_eq!(working_on("cancelled-one"), [0; 0]);
}

/// No seat is left for a second connection: the message says so, and the server's own timeout is what ends it.
#[tokio::test]
async fn a_cancel_without_a_second_connection_says_what_it_does_not_know() {
    sql("create user one_seat@'%' with max_user_connections 1; grant select on nasty.* to one_seat@'%'");
    let limits = Limits { statement_timeout: Duration::from_secs(4), ..limits() };
    let cancel = CancellationToken::new();
    let mut session = side(to("one_seat")).open(&limits, &cancel).await.expect("a session");
    let work = tokio::spawn(async move { session.stream(&query(&endless("one-seat")), &mut Counted::default()).await });
    let id = until_working("one-seat").await;
    cancel.cancel();
    let fault = work.await.expect("no panic").expect_err("cancelled");
    assert!(fault.kind == FaultKind::Cancelled && fault.what.contains(&format!("KILL {id}")), "{fault}");
    let started = Instant::now();
    while !working_on("one-seat").is_empty() {
        assert!(started.elapsed() < Duration::from_secs(8), "still running");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn the_servers_timeout_ends_a_statement() {
    let limits = Limits { statement_timeout: Duration::from_millis(300), ..limits() };
    let mut session = side(to("reader")).open(&limits, &CancellationToken::new()).await.expect("a session");
    let fault = stream(&mut *session, &endless("timed-out")).await.expect_err("timed out");
    assert!(fault.kind == FaultKind::Timeout && fault.what.contains("1969"), "{fault}");
    stream(&mut *session, "select 1").await.expect("still open");
    session.close().await.expect("closed");
}

#[tokio::test]
async fn the_snapshot_has_a_budget() {
    let limits = Limits { snapshot_budget: Duration::from_millis(900), ..limits() };
    let mut session = side(to("reader")).open(&limits, &CancellationToken::new()).await.expect("a session");
    let fault = stream(&mut *session, &endless("over-budget")).await.expect_err("over budget");
    assert!(fault.kind == FaultKind::Timeout && fault.what.contains("budget"), "{fault}");
    assert_eq!(working_on("over-budget"), [0; 0]);
    assert_eq!(session.judge(&query("select 1")).await.expect_err("closed").kind, FaultKind::Timeout);
}

/// A caller that drops the stream half-way: the server is told to stop, since it would not notice by itself.
#[tokio::test]
async fn a_dropped_stream_does_not_run_on() {
    let mut session = open("reader").await;
    let work = tokio::spawn(async move { session.stream(&query(&endless("dropped-one")), &mut Counted::default()).await });
    until_working("dropped-one").await;
    work.abort();
    let started = Instant::now();
    while !working_on("dropped-one").is_empty() {
        assert!(started.elapsed() < Duration::from_secs(3), "still running");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// More rows than asked for are an error, and the query is stopped.
#[tokio::test]
async fn the_row_limit_is_told_and_the_query_stopped() {
    let limits = Limits { max_rows: 10_000, ..limits() };
    let mut session = side(to("reader")).open(&limits, &CancellationToken::new()).await.expect("a session");
    let sql = "select a.seq /* row-limit */ from seq_1_to_1000000 a, seq_1_to_1000000 b";
    let fault = session.stream(&query(sql), &mut Counted::default()).await.expect_err("too many");
    assert!(fault.kind == FaultKind::Limit && fault.what.contains("10000 rows") && !fault.what.contains("not known"), "{fault}");
    assert_eq!(working_on("row-limit"), [0; 0]);
}

/// Rows before an error do not count, and the error says how many there were.
#[tokio::test]
async fn an_error_after_rows_is_no_result() {
    let mut session = open("reader").await;
    let mut counted = Counted::default();
    let sql = "select n, case when n = 25000 then exp(n) else n end as x from many order by n";
    let fault = session.stream(&query(sql), &mut counted).await.expect_err("out of range");
    assert!(fault.kind == FaultKind::Failed && fault.what.contains("1690") && fault.what.contains("after 24999 rows"), "{fault}");
    assert!(counted.0 <= 24_999);
    stream(&mut *session, "select 1").await.expect("the session lives on");
    session.close().await.expect("closed");
    assert!(nasty().port() > 0);
}

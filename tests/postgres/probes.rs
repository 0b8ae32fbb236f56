//! R001–R040: operator SQL that must be refused, stopped or survive, as a plain role and as a superuser that was let in.

use crate::fixture::{Counted, Kept, admin, limits, nasty, open, query, side, stream, to, until_working, working_on};
use dualrun::ports::connection::PostgresConnection;
use dualrun::ports::database::{Database as _, Fault, FaultKind, Limits, Session};
use sqlx::{Executor as _, Row as _};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// What a probe must come to.
enum Outcome {
    /// Ends with this kind of fault, whoever asks.
    Fault(FaultKind),
    /// Delivers this many rows.
    Rows(u64),
}
use Outcome::{Fault as Ends, Rows};

/// Probes that end by themselves; R014, R016–R019 and R035 have tests of their own.
fn table() -> BTreeMap<&'static str, Outcome> {
    let subscriptions = nasty().psql(crate::fixture::NASTY, "select count(*) from src.subscription").parse().expect("a count");
    let mut table = BTreeMap::new();
    for id in [
        "R001", "R002", "R003", "R004", "R005", "R006", "R007", "R008", "R009", "R010", "R011", "R012", "R013", "R015", "R020", "R021", "R022",
        "R023", "R025", "R026", "R027", "R028", "R031", "R032", "R033",
    ] {
        table.insert(id, Ends(FaultKind::Refused));
    }
    table.insert("R034", Ends(FaultKind::Failed));
    for (id, rows) in [("R029", 1), ("R030", 1), ("R036", 1), ("R037", 0), ("R038", 1), ("R039", 1), ("R040", subscriptions)] {
        table.insert(id, Rows(rows));
    }
    table
}

/// The probes by id. `\u001b` in the file stands for the character.
fn probes() -> Vec<(&'static str, String)> {
    let text = include_str!("../nasty/pg_probes.tsv");
    text.lines()
        .filter_map(|l| l.split_once('\t'))
        .map(|(id, rest)| (id, rest.split('\t').next().unwrap_or("").replace("\\u001b", "\u{1b}")))
        .collect()
}

fn probe(id: &str) -> String {
    probes().into_iter().find(|(i, _)| *i == id).expect(id).1
}

/// What nothing may change: rows of every table, large objects, marker files, sequences of transactions that wrote.
fn state() -> String {
    let counts = nasty().psql(
        crate::fixture::NASTY,
        "select format('%I.%I', schemaname, relname), (xpath('/row/n/text()', query_to_xml(format('select count(*) as n, md5(string_agg(t::text, '','' order by t::text)) as h from %I.%I t', schemaname, relname), false, true, '')))[1] \
         from pg_stat_user_tables where relname <> 'moving' order by 1; select count(*) from pg_largeobject_metadata; select count(*) from pg_locks where locktype = 'advisory';",
    );
    let markers: Vec<bool> = ["/tmp/dualrun_pwn", "/tmp/dualrun_pwn2"].map(|p| Path::new(p).exists()).to_vec();
    format!("{counts}\n{markers:?}")
}

async fn superuser() -> Box<dyn Session> {
    let to = PostgresConnection { allow_writable_role: true, ..to("dr_super") };
    side(to).open(&limits(), &CancellationToken::new()).await.expect("let in by name")
}

#[tokio::test]
async fn each_probe_has_the_outcome_its_table_names_and_nothing_changes() {
    let before = state();
    let table = table();
    for role in ["reader", "dr_super"] {
        let mut session = if role == "reader" { open(role).await } else { superuser().await };
        for (id, sql) in probes() {
            let Some(outcome) = table.get(id) else { continue };
            match (outcome, stream(&mut *session, &sql).await) {
                (Ends(kind), Err(fault)) => {
                    assert_eq!(fault.kind, *kind, "{role} {id}: {fault}");
                    assert!(fault.to_string().contains("source.probe") && !fault.remedy.is_empty(), "{fault}");
                }
                (Rows(rows), Ok(kept)) => assert_eq!(kept.rows.len() as u64, *rows, "{role} {id}"),
                (_, got) => panic!("{role} {id} {sql:?}: {:?}", got.map(|k| k.rows.len())),
            }
        }
        session.close().await.expect("nothing was done that a tripwire sees");
    }
    assert_eq!(state(), before);
}

/// R030, R036, R038, R039: what is delivered, exactly.
#[tokio::test]
async fn odd_but_harmless_queries_deliver_exactly() {
    let mut session = open("reader").await;
    let text = |kept: &Kept| kept.text();
    let kept = stream(&mut *session, &probe("R030")).await.expect("R030");
    assert_eq!(text(&kept), [[";", ";drop table x;", "it's"].map(|t| Some(t.to_owned())).to_vec()]);
    assert_eq!(text(&stream(&mut *session, &probe("R036")).await.expect("R036")), [[None]]);
    let twice = stream(&mut *session, &probe("R038")).await.expect("R038");
    assert_eq!(text(&twice), [["1", "2"].map(|t| Some(t.to_owned())).to_vec()]);
    assert_eq!(twice.columns.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["a", "a"]);
    let named = stream(&mut *session, &probe("R039")).await.expect("R039");
    assert_eq!(named.columns.first().map(|c| c.name.as_str()), Some("\\u{1b}[31m"));
    let fault = stream(&mut *session, &probe("R024")).await.expect_err("R024");
    assert_eq!(fault.kind, FaultKind::PermissionDenied, "{fault}");
    session.close().await.expect("closed");
}

/// R014: a function that hides a notification and an advisory lock trips the wire, and both are gone afterwards.
#[tokio::test]
async fn what_hides_in_a_function_is_caught() {
    let mut listener = sqlx::postgres::PgListener::connect_with(&listener_pool()).await.expect("a listener");
    listener.listen("dualrun").await.expect("listening");
    let mut session = open("reader").await;
    let fault = stream(&mut *session, &probe("R014")).await.expect_err("R014");
    assert!(fault.kind == FaultKind::NotReadOnly && fault.what.contains("advisory lock"), "{fault}");
    session.close().await.expect("the breach was told already");
    let mut admin = admin().await;
    // The lock is free when it can be had; the notification after ours shows that none came before it.
    admin.execute("select pg_advisory_lock(4711)").await.expect("free");
    admin.execute("select pg_notify('dualrun', 'mine')").await.expect("told");
    assert_eq!(listener.recv().await.expect("one").payload(), "mine");
}

fn listener_pool() -> sqlx::PgPool {
    let cluster = nasty();
    let options = sqlx::postgres::PgConnectOptions::new_without_pgpass().host(&cluster.socket_directory()).port(cluster.port());
    sqlx::PgPool::connect_lazy_with(options.username("postgres").password("").database(crate::fixture::NASTY))
}

/// R011, hidden: a function that writes a large object is seen by the transaction's id.
#[tokio::test]
async fn a_hidden_write_is_caught_and_rolled_back() {
    let mut admin = admin().await;
    admin.execute("create or replace function src.hidden_write() returns oid language sql as 'select lo_create(0)'").await.expect("made");
    let mut session = open("reader").await;
    let fault = stream(&mut *session, "select src.hidden_write()").await.expect_err("written");
    assert!(fault.kind == FaultKind::NotReadOnly && fault.what.contains("wrote something"), "{fault}");
    let left: i64 = admin.fetch_one("select count(*) from pg_largeobject_metadata").await.expect("count").get(0);
    assert_eq!(left, 0);
}

async fn stopped_by_cancel(sql: &str, tag: &str) -> Fault {
    let cancel = CancellationToken::new();
    let mut session = side(to("reader")).open(&limits(), &cancel).await.expect("a session");
    let tagged = query(&sql.replacen("select", &format!("select /* {tag} */"), 1));
    let work = tokio::spawn(async move { session.stream(&tagged, &mut Counted::default()).await });
    let mut admin = admin().await;
    until_working(&mut admin, tag).await;
    let started = Instant::now();
    cancel.cancel();
    let fault = work.await.expect("no panic").expect_err("cancelled");
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    assert_eq!(working_on(&mut admin, tag).await, [0; 0]);
    assert!(!fault.what.contains("not known"), "{fault}");
    fault
}

/// R016, R017, and a stream in full flow.
#[tokio::test]
async fn a_cancel_stops_the_server() {
    assert_eq!(stopped_by_cancel(&probe("R016"), "cancel-r016").await.kind, FaultKind::Cancelled);
    assert_eq!(stopped_by_cancel(&probe("R017"), "cancel-r017").await.kind, FaultKind::Cancelled);
    assert_eq!(stopped_by_cancel("select generate_series(1, 1000000000000)", "cancel-flow").await.kind, FaultKind::Cancelled);
}

/// No seat is left for a second connection: ours is closed, and the server notices by itself.
#[tokio::test]
async fn a_cancel_works_without_a_second_connection() {
    let mut admin = admin().await;
    admin.execute("create role one_seat login connection limit 1").await.expect("made");
    let cancel = CancellationToken::new();
    let mut session = side(to("one_seat")).open(&limits(), &cancel).await.expect("a session");
    let work = tokio::spawn(async move { session.stream(&query("select /* one-seat */ pg_sleep(60)"), &mut Counted::default()).await });
    until_working(&mut admin, "/* one-seat */").await;
    let started = Instant::now();
    cancel.cancel();
    let fault = work.await.expect("no panic").expect_err("cancelled");
    assert!(fault.kind == FaultKind::Cancelled && started.elapsed() < Duration::from_millis(2500), "{fault} {:?}", started.elapsed());
    assert_eq!(working_on(&mut admin, "/* one-seat */").await, [0; 0]);
}

/// R016, R017: the server's own timeout; the session lives on.
#[tokio::test]
async fn the_servers_timeout_ends_a_statement() {
    let limits = Limits { statement_timeout: Duration::from_millis(300), ..limits() };
    let mut session = side(to("reader")).open(&limits, &CancellationToken::new()).await.expect("a session");
    for id in ["R016", "R017"] {
        let fault = stream(&mut *session, &probe(id)).await.expect_err(id);
        assert!(fault.kind == FaultKind::Timeout && fault.what.contains("57014"), "{fault}");
    }
    stream(&mut *session, "select 1").await.expect("still open");
    session.close().await.expect("closed");
}

#[tokio::test]
async fn the_snapshot_has_a_budget() {
    let limits = Limits { snapshot_budget: Duration::from_millis(700), ..limits() };
    let mut session = side(to("reader")).open(&limits, &CancellationToken::new()).await.expect("a session");
    let fault = stream(&mut *session, "select /* budget */ pg_sleep(60)").await.expect_err("over budget");
    assert!(fault.kind == FaultKind::Timeout && fault.what.contains("budget"), "{fault}");
    assert_eq!(working_on(&mut admin().await, "/* budget */").await, [0; 0]);
    assert_eq!(session.judge(&query("select 1")).await.expect_err("closed").kind, FaultKind::Timeout);
}

/// A caller that drops the stream half-way: the server notices that its client is gone.
#[tokio::test]
async fn a_dropped_stream_does_not_run_on() {
    let mut session = open("reader").await;
    let work = tokio::spawn(async move { session.stream(&query("select /* dropped */ pg_sleep(60)"), &mut Counted::default()).await });
    let mut admin = admin().await;
    until_working(&mut admin, "/* dropped */").await;
    work.abort();
    let started = Instant::now();
    while !working_on(&mut admin, "/* dropped */").await.is_empty() {
        assert!(started.elapsed() < Duration::from_secs(3), "still running");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// R019: more rows than asked for are an error, and the query is stopped.
#[tokio::test]
async fn the_row_limit_is_told_and_the_query_stopped() {
    let limits = Limits { max_rows: 10_000, ..limits() };
    let mut session = side(to("reader")).open(&limits, &CancellationToken::new()).await.expect("a session");
    let sql = probe("R019").replacen("with", "with /* row-limit */", 1);
    let fault = session.stream(&query(&sql), &mut Counted::default()).await.expect_err("R019");
    assert!(fault.kind == FaultKind::Limit && fault.what.contains("10000 rows"), "{fault}");
    assert_eq!(working_on(&mut admin().await, "row-limit").await, [0; 0]);
}

/// R035: rows before an error do not count, and the error says how many there were.
#[tokio::test]
async fn an_error_after_rows_is_no_result() {
    let mut session = open("reader").await;
    let mut kept = Counted::default();
    let fault = session.stream(&query(&probe("R035")), &mut kept).await.expect_err("R035");
    assert!(fault.kind == FaultKind::Failed && fault.what.contains("22012") && fault.what.contains("after 49999 rows"), "{fault}");
    assert!(kept.0 <= 49_999);
    stream(&mut *session, "select 1").await.expect("the session lives on");
    session.close().await.expect("closed");
}

/// R018: a value of a gigabyte stays on the server; its row is there, unreadable, with its length.
#[tokio::test]
async fn a_gigabyte_value_is_not_held() {
    let mut session = open("reader").await;
    // The same gigabyte, made of longer pieces: the server needs seconds to repeat one letter as often.
    let sql = probe("R018").replace("repeat('x',1000000000)", "repeat(repeat('x', 100000), 10000)");
    assert_ne!(sql, probe("R018"));
    let kept = stream(&mut *session, &sql).await.expect("R018");
    let field = kept.rows.first().and_then(|r| r.first()).and_then(Option::as_deref).expect("a value");
    assert!(std::str::from_utf8(field).is_err() && String::from_utf8_lossy(field).contains("1000000000 bytes"));
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let peak = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).and_then(|v| v.trim().strip_suffix(" kB")).expect("VmHWM");
    assert!(peak.trim().parse::<u64>().expect("a number") < 300_000, "{peak} kB");
    session.close().await.expect("closed");
}

/// A function with its owner's rights could write where neither the role nor a tripwire stops it: it is refused by name.
#[tokio::test]
async fn a_function_with_borrowed_rights_is_refused() {
    nasty().psql(
        crate::fixture::NASTY,
        "create function src.borrowed() returns text language sql security definer as 'select ''x''::text';
         create function src.own() returns text language sql as 'select ''x''::text';
         grant execute on function src.borrowed(), src.own() to reader;",
    );
    let mut session = open("reader").await;
    for sql in ["select src.borrowed()", "select \"src\".\"borrowed\"() as x", "select * from Src.Borrowed ()"] {
        let fault = session.judge(&query(sql)).await.expect_err(sql);
        assert!(fault.kind == FaultKind::Refused && fault.what.contains("src.borrowed"), "{sql}: {fault}");
    }
    assert!(session.judge(&query("select src.own(), count(*) from src.subscription")).await.is_ok());
    session.close().await.expect("closed clean");
}

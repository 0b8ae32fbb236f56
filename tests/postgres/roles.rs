//! G001–G004: what the doctor says of each role, and who is let in.

use crate::fixture::{admin, limits, nasty, query, side, stream, to};
use dualrun::ports::connection::{Mercy, PostgresConnection};
use dualrun::ports::database::{Database as _, DoctorFinding, FaultKind, Severity};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

async fn doctor(to: PostgresConnection) -> Vec<DoctorFinding> {
    side(to).inspect(&limits(), &CancellationToken::new()).await
}

/// Codes that are not good news.
fn bad(findings: &[DoctorFinding]) -> Vec<(&str, Severity)> {
    findings.iter().filter(|f| f.severity > Severity::Info).map(|f| (f.code.as_str(), f.severity)).collect()
}

async fn let_in(role: &str) -> Result<bool, FaultKind> {
    match side(to(role)).open(&limits(), &CancellationToken::new()).await {
        Ok(session) => {
            let writable = session.info().writable_role;
            session.close().await.expect("closed");
            Ok(writable)
        }
        Err(fault) => Err(fault.kind),
    }
}

/// G001
#[tokio::test]
async fn a_reader_is_all_green() {
    let findings = doctor(to("dr_good")).await;
    assert_eq!(bad(&findings), []);
    let codes: Vec<&str> = findings.iter().map(|f| f.code.as_str()).collect();
    for code in ["connected", "transport", "clock", "settings_pinned", "write_refused"] {
        assert!(codes.contains(&code), "{code} in {codes:?}");
    }
    assert!(findings.iter().all(|f| f.remedy.is_empty()));
    assert_eq!(let_in("dr_good").await, Ok(false));
}

/// G002
#[tokio::test]
async fn a_role_that_can_write_is_red_and_refused() {
    for (role, code, remedy) in [
        ("dr_owner", "role_write_grant", "REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON src.invoice"),
        ("dr_super", "role_superuser", "ALTER ROLE dr_super NOSUPERUSER"),
        ("dr_signal", "role_membership", "REVOKE pg_signal_backend FROM dr_signal"),
        ("dr_prog", "role_membership", "REVOKE pg_execute_server_program FROM dr_prog"),
    ] {
        let findings = doctor(PostgresConnection { search_path: Vec::new(), ..to(role) }).await;
        assert_eq!(bad(&findings), [(code, Severity::Error)], "{role}");
        assert!(findings.iter().any(|f| f.code == code && f.remedy.contains(remedy) && f.message.contains(role)), "{findings:#?}");
        assert_eq!(let_in(role).await, Err(FaultKind::WritableRole), "{role}");
        let named = PostgresConnection { allow_writable_role: true, ..to(role) };
        let session = side(named).open(&limits(), &CancellationToken::new()).await.expect("let in by name");
        assert!(session.info().writable_role);
        session.close().await.expect("closed");
    }
}

/// G003
#[tokio::test]
async fn a_role_that_reads_everything_is_a_warning() {
    let findings = doctor(to("dr_readall")).await;
    assert_eq!(bad(&findings), [("role_reads_passwords", Severity::Warning)]);
    assert_eq!(let_in("dr_readall").await, Ok(false));
}

/// Rights that come by other ways than a grant on a table.
#[tokio::test]
async fn rights_by_other_ways_are_found() {
    use sqlx::Executor as _;
    admin()
        .await
        .execute(
            "create role w_schema login; grant create on schema src to w_schema;
             create role w_sequence login; create sequence tgt.counter; grant usage on tgt.counter to w_sequence;
             create role w_column login; grant update (tag) on src.subscription to w_column;
             create role w_group; grant delete on src.usage to w_group; create role w_noinherit login noinherit; grant w_group to w_noinherit;
             create role w_owner login; create table src.owned(i int); alter table src.owned owner to w_owner;
             create role w_roles login createrole; create role w_replication login replication;",
        )
        .await
        .expect("made");
    for (role, code, word) in [
        ("w_schema", "role_write_grant", "REVOKE CREATE ON SCHEMA src"),
        ("w_sequence", "role_write_grant", "tgt.counter"),
        ("w_column", "role_write_grant", "src.subscription"),
        ("w_noinherit", "role_write_grant", "src.usage"),
        ("w_owner", "role_owner", "ALTER TABLE src.owned OWNER TO"),
        ("w_roles", "role_createrole", "NOCREATEROLE"),
        ("w_replication", "role_replication", "NOREPLICATION"),
    ] {
        let findings = doctor(PostgresConnection { search_path: Vec::new(), ..to(role) }).await;
        assert!(findings.iter().any(|f| f.code == code && f.severity == Severity::Error && f.remedy.contains(word)), "{role}: {findings:#?}");
        assert_eq!(let_in(role).await, Err(FaultKind::WritableRole), "{role}");
    }
}

/// Rows that a policy hides would be money that nobody misses.
#[tokio::test]
async fn rows_hidden_by_a_policy_are_a_warning() {
    use sqlx::Executor as _;
    let made = "create schema rls; create table rls.invoice(i int); alter table rls.invoice enable row level security;
                create role w_filtered login; grant usage on schema rls to w_filtered; grant select on rls.invoice to w_filtered";
    admin().await.execute(made).await.expect("made");
    let findings = doctor(PostgresConnection { search_path: vec!["rls".to_owned()], ..to("w_filtered") }).await;
    assert_eq!(bad(&findings), [("role_rows_hidden", Severity::Warning)]);
    assert!(findings.iter().any(|f| f.message.contains("rls.invoice") && f.remedy.contains("BYPASSRLS")), "{findings:#?}");
    assert_eq!(let_in("w_filtered").await, Ok(false));
}

/// R022 on a standby, where `pg_promote` would work from inside a READ ONLY transaction.
#[tokio::test]
async fn a_standby_is_read_told_and_never_promoted() {
    let standby = crate::standby::of(nasty());
    let at = |role| PostgresConnection { host: standby.socket_directory(), port: standby.port(), ..to(role) };
    let findings = doctor(at("reader")).await;
    assert_eq!(bad(&findings), []);
    assert!(findings.iter().any(|f| f.code == "in_recovery"), "{findings:#?}");
    let mercy = Mercy { max_replica_lag: Some(Duration::from_mins(10)), ..Mercy::default() };
    let findings = doctor(PostgresConnection { mercy, ..at("reader") }).await;
    assert!(findings.iter().any(|f| f.code == "mercy" && f.message.contains("replica lag of 600 s (now ")), "{findings:#?}");
    let named = PostgresConnection { allow_writable_role: true, mercy, ..at("dr_super") };
    let mut session = side(named).open(&limits(), &CancellationToken::new()).await.expect("let in by name");
    assert!(session.info().server.ends_with("(standby)") && session.info().snapshot.contains(" at 0/"), "{:?}", session.info());
    let fault = session.judge(&query("select pg_promote()")).await.expect_err("refused");
    assert_eq!(fault.kind, FaultKind::Refused);
    let count = "select count(*) from src.subscription";
    let whole = stream(&mut *session, count).await.expect("streamed");
    if let Some(mut fork) = session.fork().await.expect("no fault") {
        assert_eq!(stream(&mut *fork, count).await.expect("streamed"), whole);
        fork.close().await.expect("closed");
    }
    session.close().await.expect("closed");
    assert_eq!(standby.psql("postgres", "select pg_is_in_recovery()"), "t");
}

#[tokio::test]
async fn the_doctor_says_how_far_it_got() {
    let findings = doctor(PostgresConnection { port: 1, host: "127.0.0.1".to_owned(), ..to("dr_good") }).await;
    assert_eq!(bad(&findings), [("unreachable", Severity::Error)]);
    let findings = doctor(PostgresConnection { password: Some("CANARY".into()), ..to("pw_role") }).await;
    assert_eq!(bad(&findings), [("authentication", Severity::Error)]);
    assert!(!format!("{findings:?}").contains("CANARY"));
    let findings = doctor(PostgresConnection { search_path: vec!["src".to_owned(), "no\u{1b}such".to_owned()], ..to("reader") }).await;
    assert_eq!(bad(&findings), [("no_such_schema", Severity::Warning)]);
    let findings = doctor(PostgresConnection { search_path: vec!["tgt".to_owned()], ..to("dr_style") }).await;
    assert_eq!(bad(&findings), [("schema_closed", Severity::Warning)]);
    assert_eq!(bad(&doctor(to("nobody_here")).await), [("authentication", Severity::Error)]);
}

//! What the doctor says of each account, and who is let in.

use crate::fixture::{limits, side, sql, stream, to};
use dualrun::ports::connection::MariaDbConnection;
use dualrun::ports::database::{Database as _, DoctorFinding, FaultKind, Severity};
use tokio_util::sync::CancellationToken;

async fn doctor(to: MariaDbConnection) -> Vec<DoctorFinding> {
    side(to).inspect(&limits(), &CancellationToken::new()).await
}

/// Codes that are not good news; the nasty database's own old tables are no matter of the account.
fn bad(findings: &[DoctorFinding]) -> Vec<(&str, Severity)> {
    let bad = findings.iter().filter(|f| f.severity > Severity::Info && f.code != "tables_outside_snapshot");
    bad.map(|f| (f.code.as_str(), f.severity)).collect()
}

async fn let_in(user: &str) -> Result<bool, FaultKind> {
    match side(to(user)).open(&limits(), &CancellationToken::new()).await {
        Ok(session) => {
            let writable = session.info().writable_role;
            session.close().await.expect("closed");
            Ok(writable)
        }
        Err(fault) => Err(fault.kind),
    }
}

#[tokio::test]
async fn a_reader_is_all_green() {
    let findings = doctor(to("reader")).await;
    assert_eq!(bad(&findings), [], "{findings:#?}");
    let codes: Vec<&str> = findings.iter().map(|f| f.code.as_str()).collect();
    for code in ["connected", "transport", "clock", "settings_pinned", "sql_mode", "write_refused"] {
        assert!(codes.contains(&code), "{code} in {codes:?}");
    }
    assert!(findings.iter().any(|f| f.code == "write_refused" && f.message.contains("1792")), "{findings:#?}");
    assert_eq!(let_in("reader").await, Ok(false));
    // The tables no snapshot holds are told before a query meets them.
    let engines = findings.iter().find(|f| f.code == "tables_outside_snapshot").expect("told");
    assert!(
        engines.severity == Severity::Warning && engines.message.contains("old_isam (MyISAM)") && engines.remedy.contains("ENGINE = InnoDB"),
        "{engines:?}"
    );
}

#[tokio::test]
async fn an_account_that_can_write_is_red_and_refused() {
    sql("create user w_super@'%'; grant super on *.* to w_super@'%';
         create user w_file@'%'; grant file on *.* to w_file@'%'; grant select on nasty.* to w_file@'%';
         create user w_table@'%'; grant select, insert, drop on nasty.numbers to w_table@'%';
         create user w_column@'%'; grant select, update (v) on nasty.moving to w_column@'%';
         create user w_all@'%'; grant all on nasty.* to w_all@'%';
         create user w_grant@'%'; grant select on nasty.* to w_grant@'%' with grant option;
         create user w_lock@'%'; grant select, lock tables on nasty.* to w_lock@'%';
         create user w_admin@'%'; grant select on nasty.* to w_admin@'%'; grant connection admin on *.* to w_admin@'%';
         create user w_proxy@'%'; grant select on nasty.* to w_proxy@'%'; grant proxy on root@localhost to w_proxy@'%';
         create role r_deletes; grant delete on nasty.moving to r_deletes; create role r_over; grant r_deletes to r_over;
         create user w_role@'%'; grant select on nasty.* to w_role@'%'; grant r_over to w_role@'%';
         create user w_default@'%'; grant select on nasty.* to w_default@'%'; grant r_deletes to w_default@'%'; set default role r_deletes for w_default@'%'");
    for (user, code, remedy) in [
        ("w_super", "role_superuser", "REVOKE SUPER ON *.* FROM `w_super`@`%`"),
        ("w_file", "role_file", "REVOKE FILE ON *.* FROM `w_file`@`%`"),
        ("w_table", "role_write_grant", "REVOKE INSERT, DROP ON `nasty`.`numbers` FROM `w_table`@`%`"),
        ("w_column", "role_write_grant", "REVOKE UPDATE (`v`) ON `nasty`.`moving` FROM `w_column`@`%`"),
        ("w_all", "role_write_grant", "REVOKE ALL PRIVILEGES ON `nasty`.* FROM `w_all`@`%`"),
        ("w_grant", "role_grant_option", "REVOKE GRANT OPTION ON `nasty`.* FROM `w_grant`@`%`"),
        ("w_lock", "role_write_grant", "REVOKE LOCK TABLES ON `nasty`.* FROM `w_lock`@`%`"),
        ("w_admin", "role_write_grant", "REVOKE CONNECTION ADMIN ON *.* FROM `w_admin`@`%`"),
        ("w_proxy", "role_proxy", "REVOKE PROXY ON `root`@`localhost` FROM `w_proxy`@`%`"),
        ("w_default", "role_write_grant", "REVOKE DELETE ON `nasty`.`moving` FROM `r_deletes`"),
        ("w_role", "role_write_grant", "REVOKE DELETE ON `nasty`.`moving` FROM `r_deletes`"),
    ] {
        let at = MariaDbConnection { database: if user == "w_super" { "information_schema" } else { "nasty" }.to_owned(), ..to(user) };
        let findings = doctor(at).await;
        assert_eq!(bad(&findings), [(code, Severity::Error)], "{user}: {findings:#?}");
        assert!(findings.iter().any(|f| f.code == code && f.remedy == remedy), "{user}: {findings:#?}");
        if user != "w_super" {
            assert_eq!(let_in(user).await, Err(FaultKind::WritableRole), "{user}");
        }
        // The remedy is SQL that the server takes, and it is one: the account is let in afterwards.
        if user != "w_default" {
            sql(remedy);
        }
        if !matches!(user, "w_super" | "w_table" | "w_all" | "w_default") {
            assert_eq!(let_in(user).await, Ok(false), "{user} after {remedy}");
        }
    }
    let named = MariaDbConnection { allow_writable_role: true, ..to("strong") };
    let session = side(named).open(&limits(), &CancellationToken::new()).await.expect("let in by name");
    assert!(session.info().writable_role);
    session.close().await.expect("closed");
    let told: Vec<String> = bad(&doctor(to("strong")).await).iter().map(|(c, _)| (*c).to_owned()).collect();
    assert_eq!(told, ["role_grant_option", "role_superuser"]);
}

/// A grant to everybody, or one that comes by a role, is the account's own.
#[tokio::test]
async fn a_role_that_reads_lets_its_account_read() {
    sql(
        "create role r_reads; grant select on nasty.numbers to r_reads; create user by_role@'%'; grant r_reads to by_role@'%'; set default role r_reads for by_role@'%'",
    );
    let mut session = side(to("by_role")).open(&limits(), &CancellationToken::new()).await.unwrap_or_else(|f| panic!("{f}"));
    assert_eq!(stream(&mut *session, "select id from numbers").await.expect("by its role").rows.len(), 4);
    session.close().await.expect("closed");
}

#[tokio::test]
async fn more_than_it_needs_is_a_warning() {
    sql("create user m_process@'%'; grant process on *.* to m_process@'%'; grant select on nasty.* to m_process@'%';
         create user m_all@'%'; grant select on *.* to m_all@'%';
         create user m_temp@'%'; grant select, create temporary tables on nasty.* to m_temp@'%'");
    for (user, code) in [
        ("m_process", "role_sees_sessions"),
        ("m_all", "role_reads_passwords"),
        ("m_temp", "role_temporary_tables"),
        ("caller", "role_calls_routines"),
    ] {
        assert_eq!(bad(&doctor(to(user)).await), [(code, Severity::Warning)], "{user}");
        assert_eq!(let_in(user).await, Ok(false), "{user}");
    }
}

#[tokio::test]
async fn the_doctor_says_how_far_it_got() {
    let findings = doctor(MariaDbConnection { port: 1, host: "127.0.0.1".to_owned(), ..to("good") }).await;
    assert_eq!(bad(&findings), [("unreachable", Severity::Error)]);
    let findings = doctor(MariaDbConnection { password: Some("CANARY".into()), ..to("pw_role") }).await;
    assert_eq!(bad(&findings), [("authentication", Severity::Error)]);
    assert!(!format!("{findings:?}").contains("CANARY"));
    assert_eq!(bad(&doctor(MariaDbConnection { database: "no_such".to_owned(), ..to("reader") }).await), [("permission_denied", Severity::Error)]);
    assert_eq!(bad(&doctor(to("nobody_here")).await), [("authentication", Severity::Error)]);
}

/// What MariaDB gives everybody on a database called test, and no SHOW GRANTS tells.
#[tokio::test]
async fn a_test_database_open_to_everybody_is_a_warning() {
    let server = crate::server::Server::start(&[], |_| {});
    server.sql(
        "",
        "create database billing; create database test; create database test_own; create user plain@'%'; grant select on billing.* to plain@'%';
         create user known@'%'; grant select on billing.* to known@'%'; grant select on test.* to known@'%'; grant select on `test\\_own`.* to known@'%'",
    );
    let at = |user: &str| MariaDbConnection { host: server.socket(), database: "billing".to_owned(), ..to(user) };
    assert_eq!(bad(&doctor(at("plain")).await), []);
    assert_eq!(bad(&doctor(at("known")).await), []);
    server.sql("mysql", "insert into db (Host, Db, User, Select_priv, Insert_priv) values ('%', 'test', '', 'Y', 'Y'), ('%', 'test\\_%', '', 'Y', 'Y'); flush privileges");
    let findings = doctor(at("plain")).await;
    assert_eq!(bad(&findings), [("role_open_test_database", Severity::Warning)], "{findings:#?}");
}

/// A server says itself which it is; another database of it is another one.
#[tokio::test]
async fn a_server_says_which_it_is() {
    let identity = async |to: MariaDbConnection| {
        let mut session = side(to).open(&limits(), &CancellationToken::new()).await.expect("it opens");
        let identity = session.identity().await.expect("it says");
        session.close().await.expect("it closes");
        identity
    };
    let (one, again) = (identity(to("reader")).await, identity(to("reader")).await);
    assert_eq!(one, again);
    for name in ["hostname", "port", "datadir", "database"] {
        assert!(one.said.iter().any(|(of, said)| *of == name && said.is_some()), "{name}: {one:?}");
    }
    let other = identity(MariaDbConnection { database: "information_schema".to_owned(), ..to("reader") }).await;
    assert!(one.may_be(&again) && !one.may_be(&other), "{one:?} {other:?}");
}

//! TLS: verified by chain and name, or refused; never plaintext instead.

use crate::fixture::{Counted, limits, nasty, query, side, to};
use crate::proxy::{Proxy, Trouble};
use crate::server::{Server, own};
use dualrun::ports::connection::{MariaDbConnection, TlsMode};
use dualrun::ports::database::{Database as _, Fault, FaultKind, Severity};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

fn openssl(directory: &Path, arguments: &str) {
    let done = Command::new("openssl").args(arguments.split(' ')).current_dir(directory).output().expect("openssl is needed for this test");
    assert!(done.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&done.stderr));
}

/// A CA, a certificate it made for `localhost`, and another CA.
fn certificates(directory: &Path) {
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    openssl(directory, &format!("req -x509 {key} -days 2 -subj /CN=dualrun-test-ca -keyout ca.key -out ca.crt"));
    openssl(directory, &format!("req -x509 {key} -days 2 -subj /CN=another-ca -keyout other.key -out other.crt"));
    openssl(directory, &format!("req {key} -subj /CN=localhost -keyout server.key -out server.csr"));
    std::fs::write(directory.join("names"), "subjectAltName=DNS:localhost\n").expect("written");
    openssl(directory, "x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile names -out server.crt");
    for name in ["server.key", "server.crt", "ca.crt"] {
        own(&directory.join(name));
    }
}

/// A server with TLS on, and an account that may only read.
fn secured() -> Server {
    let server = Server::start(&["--ssl-cert=../server.crt", "--ssl-key=../server.key"], certificates);
    server.sql(
        "",
        "create database d; create table d.t (n int primary key, x varchar(1000)); insert into d.t select seq, repeat('x', 1000) from d.seq_1_to_2000; \
                    create user reader@'%' require ssl; grant select on d.* to reader@'%'",
    );
    server
}

fn verified(server: &Server, host: &str, root_cert: Option<PathBuf>) -> MariaDbConnection {
    MariaDbConnection { host: host.to_owned(), port: server.port(), database: "d".to_owned(), tls: TlsMode::VerifyFull, root_cert, ..to("reader") }
}

async fn refused(to: MariaDbConnection) -> Fault {
    let fault = side(to).open(&limits(), &CancellationToken::new()).await.err().expect("no session");
    assert_eq!(fault.kind, FaultKind::Tls, "{fault}");
    assert!(!fault.remedy.is_empty());
    fault
}

#[tokio::test]
async fn the_chain_and_the_name_are_verified() {
    let server = secured();
    let root = || Some(server.file("ca.crt"));
    let session = side(verified(&server, "localhost", root())).open(&limits(), &CancellationToken::new()).await.unwrap_or_else(|f| panic!("{f}"));
    assert_eq!(session.info().transport, "TLS verify-full");
    session.close().await.expect("closed");
    let findings = side(verified(&server, "localhost", root())).inspect(&limits(), &CancellationToken::new()).await;
    assert!(findings.iter().any(|f| f.code == "tls" && f.message.contains("TLSv1.")), "{findings:#?}");
    assert!(findings.iter().all(|f| f.severity == Severity::Info), "{findings:#?}");

    let other = refused(verified(&server, "localhost", Some(server.file("other.crt")))).await;
    assert!(other.remedy.contains("root_cert"), "{other}");
    refused(verified(&server, "localhost", None)).await;
    let name = refused(verified(&server, "127.0.0.1", root())).await;
    assert!(name.what.contains("another name"), "{name}");
    let missing = refused(verified(&server, "localhost", Some(server.file("nowhere.crt")))).await;
    assert!(missing.what.contains("cannot be read"), "{missing}");
    let empty = refused(verified(&server, "localhost", Some(server.file("names")))).await;
    assert!(empty.what.contains("no certificate"), "{empty}");
    // On a socket TLS is taken where it is offered: MySQL's password plugin asks for it, and so does this account.
    let socket = MariaDbConnection { host: server.socket(), tls: TlsMode::Off, ..verified(&server, "", None) };
    let session = side(socket).open(&limits(), &CancellationToken::new()).await.unwrap_or_else(|f| panic!("{f}"));
    assert_eq!(session.info().transport, "local socket");
    session.close().await.expect("closed");
    a_turned_bit_is_no_data(&server).await;
}

/// Plaintext delivers a turned bit as good data; TLS must not.
async fn a_turned_bit_is_no_data(server: &Server) {
    let proxy = Proxy::start(server.port(), Trouble::Flip).await;
    let to = MariaDbConnection { port: proxy.port, ..verified(server, "localhost", Some(server.file("ca.crt"))) };
    let mut session = side(to).open(&limits(), &CancellationToken::new()).await.unwrap_or_else(|f| panic!("{f}"));
    proxy.arm(50_000);
    let fault = session.stream(&query("select n, x from t"), &mut Counted::default()).await.expect_err("turned");
    assert!(matches!(fault.kind, FaultKind::ConnectionLost | FaultKind::Tls), "{fault}");
}

#[tokio::test]
async fn a_server_without_tls_is_refused_not_spoken_to() {
    let fault = refused(verified(nasty(), "localhost", None)).await;
    assert!(fault.what.contains("does not offer TLS") && fault.remedy.contains("never tried"), "{fault}");
}

#[tokio::test]
async fn plaintext_leaves_this_machine_never() {
    let started = Instant::now();
    let fault = refused(MariaDbConnection { host: "203.0.113.7".to_owned(), tls: TlsMode::Off, ..to("reader") }).await;
    assert!(fault.what.contains("not a local host"), "{fault}");
    assert!(started.elapsed() < Duration::from_secs(1), "it did not even try");
}

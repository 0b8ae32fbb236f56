//! TLS: verified by chain and name, or refused; never plaintext instead.

use crate::cluster::{Cluster, own};
use crate::fixture::{Counted, limits, nasty, query, side, to};
use crate::proxy::{Proxy, Trouble};
use dualrun::ports::connection::{PostgresConnection, TlsMode};
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
fn certificates(directory: &Path, user: Option<u32>) {
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    openssl(directory, &format!("req -x509 {key} -days 2 -subj /CN=dualrun-test-ca -keyout ca.key -out ca.crt"));
    openssl(directory, &format!("req -x509 {key} -days 2 -subj /CN=another-ca -keyout other.key -out other.crt"));
    openssl(directory, &format!("req {key} -subj /CN=localhost -keyout server.key -out server.csr"));
    std::fs::write(directory.join("names"), "subjectAltName=DNS:localhost\n").expect("written");
    openssl(directory, "x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile names -out server.crt");
    for name in ["server.key", "server.crt"] {
        own(&directory.join(name), user);
    }
}

/// A cluster with TLS on, and a role that may only read.
fn secured() -> Cluster {
    let settings = ["ssl = on", "ssl_cert_file = '../server.crt'", "ssl_key_file = '../server.key'"];
    let cluster = Cluster::start_prepared(&settings, certificates);
    cluster.psql("postgres", "create role reader login");
    cluster
}

fn verified(cluster: &Cluster, host: &str, root_cert: Option<PathBuf>) -> PostgresConnection {
    PostgresConnection {
        host: host.to_owned(),
        port: cluster.port(),
        database: "postgres".to_owned(),
        tls: TlsMode::VerifyFull,
        root_cert,
        search_path: Vec::new(),
        ..to("reader")
    }
}

async fn refused(to: PostgresConnection) -> Fault {
    let fault = side(to).open(&limits(), &CancellationToken::new()).await.err().expect("no session");
    assert_eq!(fault.kind, FaultKind::Tls, "{fault}");
    assert!(!fault.remedy.is_empty());
    fault
}

#[tokio::test]
async fn the_chain_and_the_name_are_verified() {
    let cluster = secured();
    let root = || Some(cluster.file("ca.crt"));
    let session = side(verified(&cluster, "localhost", root())).open(&limits(), &CancellationToken::new()).await.expect("verified");
    assert_eq!(session.info().transport, "TLS verify-full");
    session.close().await.expect("closed");
    let findings = side(verified(&cluster, "localhost", root())).inspect(&limits(), &CancellationToken::new()).await;
    assert!(findings.iter().any(|f| f.code == "tls" && f.message.contains("TLSv1.")), "{findings:#?}");
    assert!(findings.iter().all(|f| f.severity == Severity::Info), "{findings:#?}");

    let other = refused(verified(&cluster, "localhost", Some(cluster.file("other.crt")))).await;
    assert!(other.remedy.contains("root_cert"), "{other}");
    refused(verified(&cluster, "localhost", None)).await;
    let name = refused(verified(&cluster, "127.0.0.1", root())).await;
    assert!(name.what.contains("another name"), "{name}");
    let missing = refused(verified(&cluster, "localhost", Some(cluster.file("nowhere.crt")))).await;
    assert!(missing.what.contains("cannot be read"), "{missing}");
    let empty = refused(verified(&cluster, "localhost", Some(cluster.file("names")))).await;
    assert!(empty.what.contains("no certificate"), "{empty}");
    a_turned_bit_is_no_data(&cluster).await;
}

/// Plaintext delivers a turned bit as good data; TLS must not.
async fn a_turned_bit_is_no_data(cluster: &Cluster) {
    let proxy = Proxy::start(cluster.port(), Trouble::Flip).await;
    let to = PostgresConnection { port: proxy.port, ..verified(cluster, "localhost", Some(cluster.file("ca.crt"))) };
    let mut session = side(to).open(&limits(), &CancellationToken::new()).await.expect("verified");
    proxy.arm(50_000);
    let sql = "select repeat('x', 1000) from generate_series(1, 2000)";
    let fault = session.stream(&query(sql), &mut Counted::default()).await.expect_err("turned");
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
    let fault = refused(PostgresConnection { host: "203.0.113.7".to_owned(), tls: TlsMode::Off, ..to("reader") }).await;
    assert!(fault.what.contains("not a local host"), "{fault}");
    assert!(started.elapsed() < Duration::from_secs(1), "it did not even try");
}

//! MySQL 8 asks for the password by plugins that send it in the clear, or under a key it hands over. A fake server asks so over plain TCP, and
//! keeps every byte it is given.

use crate::fixture::{limits, side};
use dualrun::ports::connection::{MariaDbConnection, Mercy, TlsMode};
use dualrun::ports::database::{Database as _, Fault, FaultKind};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

const PASSWORD: &str = "CANARY-mysql-8";

fn packet(number: u8, payload: &[u8]) -> Vec<u8> {
    let len = u32::try_from(payload.len()).expect("short").to_le_bytes();
    [&len[..3], &[number], payload].concat()
}

/// The greeting of a MySQL 8.0 without TLS, with the plugin it asks for by default.
fn greeting(plugin: &str) -> Vec<u8> {
    let mut out = vec![10];
    out.extend(b"8.0.36\0");
    out.extend([7, 0, 0, 0]);
    out.extend(b"12345678\0");
    // Everything but TLS (bit 11).
    out.extend(0xF7FFu16.to_le_bytes());
    out.push(255);
    out.extend(2u16.to_le_bytes());
    out.extend(0xDFFFu16.to_le_bytes());
    out.push(21);
    out.extend([0; 10]);
    out.extend(b"abcdefghijkl\0");
    out.extend(plugin.as_bytes());
    out.push(0);
    packet(0, &out)
}

async fn read_packet(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut head = [0; 4];
    stream.read_exact(&mut head).await.ok()?;
    let mut body = vec![0; usize::from(head[0]) | usize::from(head[1]) << 8];
    stream.read_exact(&mut body).await.ok()?;
    Some(body)
}

/// Serves one client by a script: after each of its packets the next answer. Returns all it said.
async fn serve(listener: TcpListener, plugin: &'static str, answers: Vec<Vec<u8>>) -> Vec<u8> {
    let (mut client, _) = listener.accept().await.expect("a client");
    client.write_all(&greeting(plugin)).await.expect("greeted");
    let mut said = Vec::new();
    let mut number = 2;
    for answer in answers {
        match read_packet(&mut client).await {
            Some(packet) => said.extend(packet),
            None => return said,
        }
        client.write_all(&packet(number, &answer)).await.expect("answered");
        number += 2;
    }
    // Whatever else it sends.
    let _ = client.read_to_end(&mut said).await;
    said
}

async fn asked(plugin: &'static str, answers: &[&[u8]]) -> (Fault, Vec<u8>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let server = tokio::spawn(serve(listener, plugin, answers.iter().map(|a| a.to_vec()).collect()));
    let to = MariaDbConnection {
        host: "127.0.0.1".to_owned(),
        port,
        database: "d".to_owned(),
        user: "u".to_owned(),
        password: Some(PASSWORD.into()),
        tls: TlsMode::Off,
        root_cert: None,
        allow_writable_role: false,
        mercy: Mercy::default(),
    };
    let fault = side(to).open(&limits(), &CancellationToken::new()).await.err().expect("no session");
    (fault, server.await.expect("no panic"))
}

const KEY: &[u8] = b"\x01-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A\n-----END PUBLIC KEY-----\n";

#[tokio::test]
async fn the_password_does_not_go_out_over_plain_tcp() {
    // Full authentication: the client is to ask for the key, and to send the password under it.
    for (plugin, answers) in [("caching_sha2_password", &[&[1u8, 4][..], KEY][..]), ("sha256_password", &[KEY][..])] {
        let (fault, said) = asked(plugin, answers).await;
        assert_eq!(fault.kind, FaultKind::Authentication, "{plugin}: {fault}");
        assert!(fault.what.contains("was not sent") && fault.remedy.contains("verify-full") && fault.remedy.contains("socket"), "{fault}");
        assert!(!said.windows(PASSWORD.len()).any(|w| w == PASSWORD.as_bytes()), "{plugin}: the password went out");
        // Nothing of a password's length under a key followed: an RSA block has 256 bytes.
        assert!(said.len() < 256, "{plugin}: {} bytes", said.len());
        assert!(!format!("{fault} {fault:?}").contains("CANARY"));
    }
}

/// A server that switches to the plugin of plain text asks in vain.
#[tokio::test]
async fn a_plugin_of_plain_text_is_refused() {
    let (fault, said) = asked("mysql_native_password", &[b"\xFEmysql_clear_password\0"]).await;
    assert!(!said.windows(PASSWORD.len()).any(|w| w == PASSWORD.as_bytes()), "the password went out");
    assert!(!fault.remedy.is_empty() && !format!("{fault:?}").contains("CANARY"), "{fault}");
    let (fault, _) = asked("mysql_native_password", &[b"\xFEdialog\0"]).await;
    assert!(fault.kind == FaultKind::Authentication && fault.what.contains("dialog"), "{fault}");
}

/// An account the server still remembers would get in without its password, until the server is restarted: refused as well.
#[tokio::test]
async fn what_works_only_for_now_is_refused_too() {
    let version = result("@@version", "8.0.36");
    let account = result("CREATE USER for u@%", "CREATE USER `u`@`%` IDENTIFIED WITH 'caching_sha2_password' AS '$A$005$CANARY'");
    let ok: &[u8] = &[0, 0, 0, 2, 0, 0, 0];
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let server = tokio::spawn(async move {
        let (mut client, _) = listener.accept().await.expect("a client");
        client.write_all(&greeting("caching_sha2_password")).await.expect("greeted");
        read_packet(&mut client).await.expect("who it is");
        client.write_all(&[packet(2, &[1, 3]), packet(3, ok)].concat()).await.expect("let in");
        for answer in [version, account] {
            read_packet(&mut client).await.expect("a question");
            client.write_all(&answer).await.expect("answered");
        }
    });
    let to = MariaDbConnection {
        host: "127.0.0.1".to_owned(),
        port,
        database: "d".to_owned(),
        user: "u".to_owned(),
        password: Some(PASSWORD.into()),
        tls: TlsMode::Off,
        root_cert: None,
        allow_writable_role: false,
        mercy: Mercy::default(),
    };
    let fault = side(to).open(&limits(), &CancellationToken::new()).await.err().expect("no session");
    assert!(fault.kind == FaultKind::Authentication && fault.what.contains("caching_sha2_password"), "{fault}");
    assert!(!format!("{fault:?}").contains("CANARY"));
    server.await.expect("no panic");
}

/// A result of one text column and one row, as a server sends it to a client that expects no EOF after the columns.
fn result(column: &str, value: &str) -> Vec<u8> {
    let text = |t: &str| [&[u8::try_from(t.len()).expect("short")], t.as_bytes()].concat();
    let definition =
        [text("def"), text(""), text(""), text(""), text(column), text(column), vec![12, 45, 0, 255, 0, 0, 0, 0xFD, 0, 0, 0, 0, 0]].concat();
    [packet(1, &[1]), packet(2, &definition), packet(3, &text(value)), packet(4, &[0xFE, 0, 0, 2, 0, 0, 0])].concat()
}

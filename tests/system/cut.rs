//! A stream cut half-way between the program and the server: the run failed, in plain words, and what counted before still counts.

use crate::harness::{OnPostgres, configure, csv_rows, on_postgres, reconcile, reconciled, said, specimen};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Without end.
const PLENTY: i64 = i64::MAX / 2;

/// Forwards one way until the common allowance is used up, then closes both.
fn forward(mut from: TcpStream, mut to: TcpStream, left: &AtomicI64) {
    let mut buffer = vec![0u8; 4096];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        let size = i64::try_from(read).expect("small");
        let allowed = left.fetch_sub(size, Ordering::SeqCst).clamp(0, size);
        if to.write_all(&buffer[..usize::try_from(allowed).expect("small")]).is_err() || allowed < size {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}

/// A proxy on a loopback port; both sides of all connections share what the server may still say.
fn proxy(server: u16) -> (u16, Arc<AtomicI64>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let (port, left) = (listener.local_addr().expect("bound").port(), Arc::new(AtomicI64::new(PLENTY)));
    let shared = Arc::clone(&left);
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let Ok(upstream) = TcpStream::connect(("127.0.0.1", server)) else { continue };
            let (Ok(client_in), Ok(upstream_out)) = (client.try_clone(), upstream.try_clone()) else { continue };
            let left = Arc::clone(&shared);
            std::thread::spawn(move || forward(client_in, upstream_out, &AtomicI64::new(PLENTY)));
            std::thread::spawn(move || forward(upstream, client, &left));
        }
    });
    (port, left)
}

fn through(project: &OnPostgres, port: u16) {
    let host = format!("host = \"{}\"\nport = {}", project.cluster.socket_directory(), project.cluster.port());
    let proxied = format!("host = \"127.0.0.1\"\nport = {port}");
    configure(project.path(), &[(host.as_str(), proxied.as_str()), (host.as_str(), proxied.as_str())]);
}

#[test]
fn a_cut_stream_publishes_nothing_and_changes_nothing() {
    let project = on_postgres(&specimen(), "cut");
    let dir = project.path();
    let (port, left) = proxy(project.cluster.port());
    through(&project, port);
    let first = reconciled(dir);
    let spoken = {
        left.store(PLENTY, Ordering::SeqCst);
        assert_eq!(reconciled(dir)["digest"], first["digest"]);
        PLENTY - left.load(Ordering::SeqCst)
    };
    let current = said(dir, &["report", "csv"]);
    let mut codes = Vec::new();
    for part in 0..12 {
        // From nothing at all to nearly everything; only the answers to the last ROLLBACK may go missing.
        left.store(spoken * part / 12, Ordering::SeqCst);
        let cut = reconcile(dir, &[]);
        left.store(PLENTY, Ordering::SeqCst);
        assert!(matches!(cut.code, 3 | 4) && cut.out.is_empty(), "{part}: {cut:?}");
        assert!(cut.err.contains("source") || cut.err.contains("target"), "{cut:?}");
        assert!(cut.err.contains("connection") || cut.err.contains("cannot reach"), "{cut:?}");
        codes.push(cut.code);
        let status = said(dir, &["status", "--format", "json"]).json();
        assert_eq!((status["months"][0]["newest"]["state"].as_str(), status["months"][0]["current"]["run"].as_i64()), (Some("failed"), Some(2)));
    }
    assert!(codes.contains(&4), "cut while streaming: {codes:?}");
    let failed = said(dir, &["report", "json", "--run", "14"]).json();
    assert!(failed["failure"].as_str().is_some_and(|f| f.contains("connection")), "{failed:#}");
    assert_eq!((failed["rows"].as_u64(), failed["digest"].as_str()), (Some(0), Some("")));
    // The journal has grown, and a report names its head; the rows are the same to the byte.
    let rows = |text: &str| text.lines().map(|l| l.rsplit_once(',').map_or("", |(row, _)| row).to_owned()).collect::<Vec<_>>();
    assert_eq!(rows(&said(dir, &["report", "csv"]).out), rows(&current.out));
    let again = reconciled(dir);
    assert_eq!((&again["digest"], csv_rows(dir, &again)), (&first["digest"], csv_rows(dir, &first)));
    assert_eq!(said(dir, &["audit", "verify"]).code, 0);
}

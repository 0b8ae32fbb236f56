//! A long, narrow line between the program and a server: every byte arrives later, and only so many a second.
//! All connections share it, as they would share a real one.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

/// What the line is like, the same both ways.
#[derive(Debug, Clone, Copy, Default)]
pub struct Line {
    /// Time a byte is under way.
    pub latency: Duration,
    /// Bytes a second; `None` is without bound.
    pub bandwidth: Option<u64>,
}

/// What passed.
#[derive(Debug, Clone, Default)]
pub struct Passed {
    /// From the server.
    pub down: u64,
    /// To the server.
    pub up: u64,
    /// Per connection, how often the program spoke after the server had: each is a round trip it waited for.
    pub round_trips: BTreeMap<usize, u64>,
}

/// A proxy on a loopback port. It ends with its runtime.
pub struct SlowLink {
    pub port: u16,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    line: Line,
    passed: Mutex<Passed>,
    /// When the line is free again, up and down.
    free: [Mutex<Option<Instant>>; 2],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Up,
    Down,
}

/// Pieces under way on one connection: the window of a line tuned for its length (4 MiB).
const WINDOW: usize = 256;
const PIECE: usize = 16 << 10;

impl SlowLink {
    pub async fn start(server: u16, line: Line) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let shared = Arc::new(Shared { line, ..Shared::default() });
        let to = Arc::clone(&shared);
        tokio::spawn(async move {
            let mut number = 0;
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(connection(client, server, number, Arc::clone(&to)));
                number += 1;
            }
        });
        Self { port, shared }
    }

    /// What passed so far.
    pub fn passed(&self) -> Passed {
        self.shared.passed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn connection(client: TcpStream, server: u16, number: usize, shared: Arc<Shared>) {
    let Ok(upstream) = TcpStream::connect(("127.0.0.1", server)).await else { return };
    let _ = (client.set_nodelay(true), upstream.set_nodelay(true));
    // The handshake of a connection is a round trip of its own.
    tokio::time::sleep(2 * shared.line.latency).await;
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = upstream.into_split();
    let spoke = Arc::new(Mutex::new(Way::Down));
    let way = |way| OneWay { way, number, spoke: Arc::clone(&spoke), shared: Arc::clone(&shared) };
    tokio::join!(way(Way::Up).carry(from_client, to_server), way(Way::Down).carry(from_server, to_client));
}

/// Timers are no finer than a millisecond: what is due sooner goes at once, and the line stays busy for as long as it should.
async fn wait(until: Instant) {
    if until > Instant::now() + Duration::from_millis(1) {
        sleep_until(until).await;
    }
}

/// One direction of one connection.
struct OneWay {
    way: Way,
    number: usize,
    /// Who spoke last on this connection.
    spoke: Arc<Mutex<Way>>,
    shared: Arc<Shared>,
}

impl OneWay {
    async fn carry(self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
        let (put, mut take) = mpsc::channel::<(Instant, Vec<u8>)>(WINDOW);
        let deliver = async move {
            while let Some((due, piece)) = take.recv().await {
                wait(due).await;
                if to.write_all(&piece).await.is_err() {
                    return;
                }
            }
            let _ = to.shutdown().await;
        };
        let accept = async move {
            let mut buffer = vec![0u8; PIECE];
            while let Ok(n @ 1..) = from.read(&mut buffer).await {
                self.count(n);
                let sent = self.sent(n);
                wait(sent).await;
                if put.send((sent + self.shared.line.latency, buffer[..n].to_vec())).await.is_err() {
                    return;
                }
            }
        };
        tokio::join!(deliver, accept);
    }

    fn count(&self, bytes: usize) {
        let bytes = u64::try_from(bytes).expect("a piece's worth");
        let mut passed = self.shared.passed.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *self.spoke.lock().unwrap_or_else(PoisonError::into_inner), self.way);
        match self.way {
            Way::Down => passed.down += bytes,
            Way::Up => {
                passed.up += bytes;
                *passed.round_trips.entry(self.number).or_default() += u64::from(before == Way::Down);
            }
        }
    }

    /// When the last of so many bytes has left, behind all that other connections put on the line before.
    fn sent(&self, bytes: usize) -> Instant {
        let now = Instant::now();
        let Some(bandwidth) = self.shared.line.bandwidth else { return now };
        let takes = Duration::from_nanos(u64::try_from(bytes).expect("a piece's worth") * 1_000_000_000 / bandwidth);
        let mut free = self.shared.free[usize::from(self.way == Way::Down)].lock().unwrap_or_else(PoisonError::into_inner);
        let sent = free.map_or(now, |at| at.max(now)) + takes;
        *free = Some(sent);
        sent
    }
}

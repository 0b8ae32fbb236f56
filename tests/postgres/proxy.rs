//! A proxy between the program and the server that does one bad thing after so many bytes of the server's answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// What happens when the bytes are used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Both directions are closed.
    Cut,
    /// Nothing is forwarded any more, on connections that exist; new ones work.
    Stall,
    /// One bit is turned, once.
    Flip,
}

/// A proxy on a loopback port.
pub struct Proxy {
    pub port: u16,
    left: Arc<AtomicI64>,
}

/// Forwards without end.
const ENDLESS: i64 = i64::MAX / 2;

impl Proxy {
    pub async fn start(server: u16, trouble: Trouble) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let left = Arc::new(AtomicI64::new(ENDLESS));
        let shared = Arc::clone(&left);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(upstream) = TcpStream::connect(("127.0.0.1", server)).await else { continue };
                let (from_client, to_client) = client.into_split();
                let (from_server, to_server) = upstream.into_split();
                // A connection made after a stall has its own, endless allowance.
                let left = if trouble == Trouble::Stall && shared.load(Ordering::SeqCst) <= 0 {
                    Arc::new(AtomicI64::new(ENDLESS))
                } else {
                    Arc::clone(&shared)
                };
                let up = tokio::spawn(forward(from_client, to_server, Arc::new(AtomicI64::new(ENDLESS)), trouble));
                tokio::spawn(async move {
                    forward(from_server, to_client, left, trouble).await;
                    up.abort();
                });
            }
        });
        Self { port, left }
    }

    /// Lets `bytes` more of the server's answers through before the trouble.
    pub fn arm(&self, bytes: i64) {
        self.left.store(bytes, Ordering::SeqCst);
    }
}

async fn forward(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, left: Arc<AtomicI64>, trouble: Trouble) {
    let mut buffer = vec![0u8; 16 << 10];
    loop {
        let Ok(n @ 1..) = from.read(&mut buffer).await else { return };
        let allowed = usize::try_from(left.fetch_sub(i64::try_from(n).expect("a buffer's worth"), Ordering::SeqCst).max(0)).expect("not negative");
        if allowed >= n {
            if to.write_all(&buffer[..n]).await.is_err() {
                return;
            }
            continue;
        }
        match trouble {
            Trouble::Flip => {
                buffer[allowed] ^= 0x10;
                left.store(ENDLESS, Ordering::SeqCst);
                if to.write_all(&buffer[..n]).await.is_err() {
                    return;
                }
            }
            Trouble::Cut => {
                let _ = to.write_all(&buffer[..allowed]).await;
                return;
            }
            Trouble::Stall => {
                let _ = to.write_all(&buffer[..allowed]).await;
                std::future::pending::<()>().await;
            }
        }
    }
}

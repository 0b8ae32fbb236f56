//! One output of a program: counted whole, kept in its beginning and its end.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::io::AsyncReadExt as _;
use tokio::process::{ChildStderr, ChildStdout};
use tokio_util::sync::CancellationToken;

/// Bytes kept of the beginning.
const HEAD: usize = 16 << 10;
/// Bytes kept of the end.
const TAIL: usize = 16 << 10;

/// One of a program's outputs.
pub(super) enum Pipe {
    Out(ChildStdout),
    Err(ChildStderr),
}

/// What is kept of an output. It can be asked for while it is still written: nothing is waited for.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub on: &'static str,
    pub bytes: u64,
    head: Vec<u8>,
    tail: VecDeque<u8>,
}

impl Kept {
    fn take(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        let room = HEAD.saturating_sub(self.head.len()).min(bytes.len());
        let (first, rest) = bytes.split_at(room);
        self.head.extend_from_slice(first);
        self.tail.extend(rest);
        let over = self.tail.len().saturating_sub(TAIL);
        self.tail.drain(..over);
    }

    /// Beginning and end; the end is empty where the beginning is all.
    pub fn parts(&self) -> (Vec<u8>, Vec<u8>) {
        (self.head.clone(), self.tail.iter().copied().collect())
    }
}

/// Reads an output to its end, or until all outputs together are more than they may be: then `flood` is told.
pub(super) async fn keep(pipe: Option<Pipe>, on: &'static str, (written, most): (Arc<AtomicU64>, u64), flood: CancellationToken) -> Kept {
    let mut kept = Kept { on, ..Kept::default() };
    let Some(mut pipe) = pipe else { return kept };
    let mut buffer = vec![0_u8; 64 << 10];
    loop {
        let read = match &mut pipe {
            Pipe::Out(pipe) => pipe.read(&mut buffer).await,
            Pipe::Err(pipe) => pipe.read(&mut buffer).await,
        };
        let Ok(n @ 1..) = read else { return kept };
        kept.take(buffer.get(..n).unwrap_or_default());
        if written.fetch_add(n as u64, Ordering::Relaxed) + n as u64 > most {
            flood.cancel();
            return kept;
        }
    }
}

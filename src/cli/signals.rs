//! Ctrl-C, SIGTERM and SIGHUP: the first asks the work to stop where it is safe, the second ends the program at once.

use super::{Exit, out};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// SIGXFSZ on Linux.
const FILE_TOO_LARGE: i32 = 25;

/// A token that the first signal cancels. Must be called on the runtime.
pub fn cancel_on_signal() -> CancellationToken {
    let token = CancellationToken::new();
    // Handled, it no longer kills: a file past its limit then fails as any write does, and is told.
    let _ = signal(SignalKind::from_raw(FILE_TOO_LARGE));
    let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
    for mut stream in kinds.into_iter().filter_map(|kind| signal(kind).ok()) {
        let token = token.clone();
        tokio::spawn(async move { listen(&mut stream, &token).await });
    }
    token
}

async fn listen(stream: &mut Signal, token: &CancellationToken) {
    while stream.recv().await.is_some() {
        if token.is_cancelled() {
            std::process::exit(i32::from(Exit::Incomplete.code()));
        }
        token.cancel();
        out::say("stopping; nothing half-done will be published (once more to stop at once)");
    }
}

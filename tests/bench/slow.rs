//! The same work over a long and over a narrow line, and what that should cost: the direct wall, a round trip's time for each
//! round trip waited for, and the bytes at the line's speed.

use super::slow_link::{Line, Passed, SlowLink};
use super::subject::Subject;
use super::table::{self, seconds};
use std::time::Duration;

/// 50 ms each way.
const LATENCY: Duration = Duration::from_millis(50);
/// 100 Mbit/s.
const BANDWIDTH: u64 = 100_000_000 / 8;

/// The lines measured, by name.
pub fn lines() -> [(&'static str, Line); 2] {
    [("50 ms each way", Line { latency: LATENCY, bandwidth: None }), ("100 Mbit/s", Line { latency: Duration::ZERO, bandwidth: Some(BANDWIDTH) })]
}

/// Runs `work` with a project behind a line of its own.
pub fn through<T>(subject: &Subject, line: Line, work: impl FnOnce(&str) -> T) -> (T, Passed) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let link = runtime.block_on(SlowLink::start(subject.port, line));
    let done = work(&subject.toml_by(link.port));
    (done, link.passed())
}

/// What passed, and what it should have cost beside the direct wall.
pub fn explain(measured: &table::Line, line: Line, passed: &Passed, direct: Duration) {
    let (name, wall) = (&measured.name, measured.median(|c| c.wall));
    let trips = &passed.round_trips;
    let (all, longest) = (trips.values().sum::<u64>(), trips.values().max().copied().unwrap_or(0));
    let waited = u32::try_from(longest).unwrap_or(u32::MAX) * 2 * line.latency;
    let sent = line.bandwidth.map_or(Duration::ZERO, |b| Duration::from_nanos(passed.down * 1_000_000_000 / b));
    let more = wall.saturating_sub(direct + waited + sent);
    println!(
        "{name}: {all} round trips on {} connections, at most {longest} on one; {} MB down, {} KB up. \
         Wall {} s; direct {} s, and for the longest connection's round trips {} s, for the bytes {} s; unexplained {} s.",
        trips.len(),
        passed.down / 1_000_000,
        passed.up / 1000,
        seconds(wall),
        seconds(direct),
        seconds(waited),
        seconds(sent),
        seconds(more),
    );
}

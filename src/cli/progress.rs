//! Progress on stderr: bars on a terminal, elsewhere plain lines at most once a second. Never on stdout.

use super::out;
use crate::app::progress::{Observer, Progress, Silent};
use crate::domain::contract::Entity;
use crate::domain::side::Side;
use crate::domain::text::shown;
use crate::present::numbers;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Least time between two plain lines.
const PAUSE: Duration = Duration::from_secs(1);

/// The observer this stderr calls for.
pub fn observer(quiet: bool) -> Arc<dyn Observer> {
    if quiet {
        Arc::new(Silent)
    } else if std::io::stderr().is_terminal() {
        Arc::new(Bars::new())
    } else {
        Arc::new(Lines::default())
    }
}

/// One line of words for a piece of progress.
fn words(progress: &Progress) -> String {
    match progress {
        Progress::Phase(phase) => shown(phase, 100),
        Progress::Read { side, entity, rows, bytes, done } => {
            let so_far = if *done { "" } else { " so far" };
            format!("{side} {entity}: {}{so_far}, {}", numbers::counted(*rows, "row", "rows"), numbers::bytes(*bytes))
        }
        Progress::Judged { keys, of, rows } => {
            format!("{} of {} judged: {}", numbers::count(*keys), numbers::counted(*of, "key", "keys"), numbers::counted(*rows, "row", "rows"))
        }
        Progress::Loaded { done, of, rejected, parked } => {
            let left = [(*rejected, "refused"), (*parked, "parked")].into_iter().filter(|(n, _)| *n > 0);
            let left: Vec<String> = left.map(|(n, word)| format!(", {} {word}", numbers::count(n))).collect();
            format!("{} of {} handed over{}", numbers::count(*done), numbers::counted(*of, "record", "records"), left.concat())
        }
    }
}

/// Plain lines.
#[derive(Default)]
struct Lines {
    last: Mutex<Option<Instant>>,
}

impl Observer for Lines {
    fn hear(&self, progress: Progress) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_none_or(|at| at.elapsed() >= PAUSE) {
            *last = Some(Instant::now());
            out::say(&words(&progress));
        }
    }
}

/// What a bar is about.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Of {
    Phase,
    Read(Side, Entity),
    Judged,
    Loaded,
}

/// Bars that go away when the work is done.
struct Bars {
    all: MultiProgress,
    bars: Mutex<BTreeMap<Of, ProgressBar>>,
}

impl Bars {
    fn new() -> Self {
        Self { all: MultiProgress::with_draw_target(ProgressDrawTarget::stderr()), bars: Mutex::default() }
    }

    fn bar(&self, of: Of) -> ProgressBar {
        let mut bars = self.bars.lock().unwrap_or_else(PoisonError::into_inner);
        let template = if matches!(of, Of::Judged | Of::Loaded) { "  {bar:30} {msg} {per_sec} ETA {eta}" } else { "  {spinner} {msg}" };
        let make = || {
            let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
            self.all.add(ProgressBar::no_length().with_style(style))
        };
        bars.entry(of).or_insert_with(make).clone()
    }

    fn measured(&self, what: Of, text: String, done: u64, of: u64) {
        let bar = self.bar(what);
        bar.set_length(of);
        bar.set_message(text);
        bar.set_position(done);
    }
}

impl Observer for Bars {
    fn hear(&self, progress: Progress) {
        let text = words(&progress);
        match progress {
            Progress::Phase(_) => self.bar(Of::Phase).set_message(text),
            Progress::Read { side, entity, rows, done, .. } => {
                let bar = self.bar(Of::Read(side, entity));
                bar.set_message(text);
                bar.set_position(rows);
                if done {
                    bar.finish_and_clear();
                }
            }
            Progress::Judged { keys, of, .. } => self.measured(Of::Judged, text, keys, of),
            Progress::Loaded { done, of, .. } => self.measured(Of::Loaded, text, done, of),
        }
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        let _ = self.all.clear();
    }
}

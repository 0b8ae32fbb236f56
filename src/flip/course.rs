//! What comes next in a wave: some lines are looked for, some are sent, or nothing is left to do.

use super::standing::{LineStanding, LineState, WaveStanding};
use crate::domain::flip::{Direction, Point, Step};
use std::collections::BTreeMap;

/// Times a change is sent before somebody must look at it.
pub const MOST_TRIES: u32 = 3;

/// The next thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Look for these: nobody knows, or nobody has read back, whether they are there. The direction is the one they were sent in.
    LookFor(Point),
    /// Send these. In the target only where the source was read back as off; undone only from the last step on.
    Send(Point),
    /// Every line is where it was to be brought.
    Done,
    /// Nothing can be done for what is left, each subscription with why.
    Stuck(Vec<(String, String)>),
}

/// What a subscription waits for.
enum Want {
    Nothing,
    Look(Direction, Step),
    Send(Step),
    Somebody(String),
}

/// What comes next on the way in that direction.
pub fn next(wave: &WaveStanding, direction: Direction) -> Next {
    let mut looks: BTreeMap<(Step, Direction), Vec<String>> = BTreeMap::new();
    let mut sends: BTreeMap<Step, Vec<String>> = BTreeMap::new();
    let mut stuck = Vec::new();
    for line in &wave.pack.lines {
        let subscription = line.subscription.clone();
        match want(wave, &line.subscription, direction) {
            Want::Nothing => {}
            Want::Look(sent, step) => looks.entry((step, sent)).or_default().push(subscription),
            Want::Send(step) => sends.entry(step).or_default().push(subscription),
            Want::Somebody(why) => stuck.push((subscription, why)),
        }
    }
    let number = wave.pack.wave;
    // Forward the first step that is open for anybody comes first, back the last: so a side is done with before the other begins.
    let (looks, sends) = match direction {
        Direction::Forward => (looks.pop_first(), sends.pop_first()),
        Direction::Back => (looks.pop_last(), sends.pop_last()),
    };
    match (looks, sends) {
        (Some(((step, sent), subscriptions)), _) => Next::LookFor(Point { wave: number, direction: sent, step, subscriptions }),
        (None, Some((step, subscriptions))) => Next::Send(Point { wave: number, direction, step, subscriptions }),
        (None, None) if stuck.is_empty() => Next::Done,
        (None, None) => Next::Stuck(stuck),
    }
}

fn want(wave: &WaveStanding, subscription: &str, direction: Direction) -> Want {
    let line = |step: Step| wave.lines.get(&(subscription.to_owned(), step));
    match direction {
        Direction::Forward => Step::ALL.into_iter().find_map(|step| forward(step, line(step)?)).unwrap_or(Want::Nothing),
        Direction::Back => Step::ALL.into_iter().rev().find_map(|step| back(step, line(step)?)).unwrap_or(Want::Nothing),
    }
}

/// What a step waits for on the way forward; `None` where it is done and the one after it may come.
fn forward(step: Step, line: &LineStanding) -> Option<Want> {
    Some(match line.state {
        LineState::Verified => return None,
        LineState::Planned if line.tries < MOST_TRIES => Want::Send(step),
        LineState::Planned => Want::Somebody(given_up(step, line)),
        LineState::BackedOut => Want::Somebody(format!("{} was undone", step.word())),
        _ => unsettled(step, line),
    })
}

/// The same on the way back; `None` where nothing of it is there.
fn back(step: Step, line: &LineStanding) -> Option<Want> {
    let sent_back = line.direction == Direction::Back;
    Some(match (line.state, line.there) {
        (LineState::Planned | LineState::BackedOut, _) => return None,
        (LineState::Verified, _) if line.tries < MOST_TRIES || !sent_back => Want::Send(step),
        (LineState::Verified, _) => Want::Somebody(given_up(step, line)),
        // Refused on the way forward, and looked for: either nothing is there, or something that must go.
        (LineState::Rejected, Some(false)) if line.looked && !sent_back => return None,
        (LineState::Rejected, Some(true)) if line.looked && !sent_back => Want::Send(step),
        _ => unsettled(step, line),
    })
}

fn unsettled(step: Step, line: &LineStanding) -> Want {
    if line.looked && !matches!(line.state, LineState::Sending | LineState::Applied) {
        return Want::Somebody(format!("{} {}: {}", step.word(), line.state.word(), crate::domain::text::shown(&line.reason, 200)));
    }
    Want::Look(line.direction, step)
}

fn given_up(step: Step, line: &LineStanding) -> String {
    let why = if line.reason.is_empty() { "it is not there".to_owned() } else { crate::domain::text::shown(&line.reason, 200) };
    format!("{} came to nothing {MOST_TRIES} times: {why}", step.word())
}

//! The flip in the model: waves of one subscription each, kept as plain facts and folded from nothing.

use crate::made::{pack, plan};
use chrono::NaiveDate;
use dualrun::domain::flip::{FlipPack, FlipPlan};

pub const SUBSCRIPTIONS: [&str; 3] = ["a", "b", "c"];

/// How far a wave came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Far {
    /// Nothing was done.
    Planned,
    /// Some of it.
    Half,
    /// All of it.
    Flipped,
    /// On its way back.
    HalfBack,
    /// Back.
    Back,
}

#[derive(Debug, Clone)]
pub struct Wave {
    pub pack: FlipPack,
    /// Which subscription.
    pub of: usize,
    pub far: Far,
    pub aborted: bool,
    pub paid: bool,
    /// Not before that day.
    pub until: Option<NaiveDate>,
}

#[derive(Debug, Default)]
pub struct Flips {
    pub waves: Vec<Wave>,
    pub held: bool,
    /// Days before which a subscription is in no wave that may be applied, as somebody decided before it was planned anew.
    pub postponed: [Option<NaiveDate>; 3],
}

impl Flips {
    /// Whether a subscription is in a wave that has begun and did not come back.
    fn is_taken(&self, of: usize) -> bool {
        self.waves.iter().any(|w| w.of == of && !matches!(w.far, Far::Planned | Far::Back))
    }

    /// Plans anew whoever is in no wave for good; what had not begun is gone.
    pub fn plan(&mut self) -> FlipPlan {
        self.waves.retain(|w| w.far != Far::Planned);
        let first = self.waves.iter().map(|w| w.pack.wave).max().unwrap_or(0) + 1;
        let free: Vec<usize> = (0..SUBSCRIPTIONS.len()).filter(|of| !self.is_taken(*of)).collect();
        let waves: Vec<Wave> = (first..)
            .zip(free)
            .map(|(number, of)| Wave {
                pack: pack(number, &[SUBSCRIPTIONS[of]]),
                of,
                far: Far::Planned,
                aborted: false,
                paid: false,
                until: self.postponed[of],
            })
            .collect();
        let made = plan(waves.iter().map(|w| w.pack.clone()).collect());
        self.waves.extend(waves);
        made
    }

    pub fn may_apply(&self, at: usize, today: NaiveDate) -> bool {
        let wave = &self.waves[at];
        let is_open = |w: &Wave| matches!(w.far, Far::Planned | Far::Half | Far::HalfBack);
        let is_first = !self.waves.iter().any(|w| w.pack.wave < wave.pack.wave && is_open(w));
        let in_time = wave.until.is_none_or(|until| today >= until);
        matches!(wave.far, Far::Planned | Far::Half) && !self.held && !wave.aborted && in_time && is_first
    }

    pub fn may_back_out(&self, at: usize) -> bool {
        let wave = &self.waves[at];
        matches!(wave.far, Far::Half | Far::Flipped | Far::HalfBack) && !self.held && !wave.paid
    }

    /// A wave that goes further, or back, is postponed no more, nor is anybody of it.
    pub fn goes(&mut self, at: usize, far: Far) {
        self.waves[at].far = far;
        self.postponed[self.waves[at].of] = None;
    }

    pub fn postpone(&mut self, at: usize, until: NaiveDate) {
        self.waves[at].until = Some(until);
        self.postponed[self.waves[at].of] = Some(until);
    }

    pub fn abort(&mut self, at: usize) {
        self.waves[at].aborted = true;
        self.postponed[self.waves[at].of] = None;
    }
}

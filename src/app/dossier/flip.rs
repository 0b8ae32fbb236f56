//! How the flip stands: stated beside the acts, and folded anew from them.

use super::read::Files;
use crate::domain::dossier::{Verified, WaveHeld, file};
use crate::domain::gate::{GateAct, GateDeed};
use crate::domain::period::Zone;
use crate::dossier::differences;
use crate::flip::{fold, told, walk};
use serde_json::Value;

fn is_flip(act: &GateAct) -> bool {
    matches!(act.deed, GateDeed::Flip(_))
}

/// What a dossier states of the flip; `None` where nothing was ever done about it.
pub(super) fn stated(acts: &[GateAct]) -> Option<Value> {
    acts.iter().any(is_flip).then(|| told(&fold(acts)))
}

/// Folds it anew from the acts of the dossier: each step must have been possible where the flip stood, and all of them come to what is
/// stated.
pub(super) fn flip(files: &mut Files<'_>, acts: &[GateAct], zone: Option<Zone>, out: &mut Verified) {
    let must = acts.iter().any(is_flip);
    if !files.has(file::FLIP, must) {
        return;
    }
    let (standing, wrong) = walk(acts, zone);
    files.complaints.all(file::GATE_ACTS, wrong);
    out.checked.flip_acts = acts.iter().filter(|act| is_flip(act)).count() as u64;
    let held = |(number, wave): (&u32, &crate::flip::WaveStanding)| WaveHeld {
        wave: *number,
        state: wave.state().word().to_owned(),
        subscriptions: wave.pack.totals().count,
        clean: wave.look.as_ref().map(crate::domain::flip::Look::is_clean),
        no_return: wave.no_return.is_some(),
    };
    out.waves = standing.waves.iter().map(held).collect();
    if let Some(stated) = files.value::<Value>(file::FLIP) {
        files.complaints.all(file::FLIP, differences(&stated, &told(&standing)));
    }
}

//! Whose sign-off does not count now: who moved the goal last does not say that it was reached.

use crate::domain::gate::{GateAct, GateDeed};
use crate::domain::review::{Act, Deed};

/// People with why. `adopters` are the actors of every adoption of a configuration, oldest first: the first of them edited nothing.
pub fn barred(adopters: &[String], reviews: &[Act], acts: &[GateAct]) -> Vec<(String, String)> {
    let editor = adopters.get(1..).and_then(<[String]>::last).map(|who| (who.clone(), "brought the present configuration in".to_owned()));
    let waiver = reviews.iter().rfind(|act| matches!(act.deed, Deed::Waive(_) | Deed::Revoke { .. }));
    let waiver = waiver.map(|act| (act.actor.clone(), "made or ended the newest waiver".to_owned()));
    let check = acts.iter().rfind(|act| matches!(act.deed, GateDeed::WaiveCheck { .. }));
    let check = check.map(|act| (act.actor.clone(), "made the newest waiver of a check".to_owned()));
    [editor, waiver, check].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_brought_the_first_configuration_edited_nothing() {
        let of = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        assert!(barred(&of(&["ana"]), &[], &[]).is_empty());
        assert_eq!(barred(&of(&["ana", "ben", "ana"]), &[], &[])[0].0, "ana");
    }
}

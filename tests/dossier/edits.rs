//! Edits of a single byte, anywhere: each is found.

use crate::project::Cutover;
use dualrun::domain::random::draw;
use std::fs;

#[tokio::test]
async fn every_edit_of_a_single_byte_is_found() {
    let dossier = Cutover::built().await.dossier();
    let copy = dossier.copy();
    let names = copy.names();
    for round in 0..200u64 {
        let below = |salt: u64, n: usize| usize::try_from(draw(0x00d0_551e, salt, round) % n as u64).unwrap();
        // Each file gets its share, however short it is; the manifest as well.
        let name = &names[usize::try_from(round).unwrap() % names.len()];
        let path = copy.path.join(name);
        let before = fs::read(&path).unwrap();
        if before.is_empty() {
            continue;
        }
        let mut after = before.clone();
        let at = below(1, before.len());
        after[at] ^= 1 << below(2, 8);
        fs::write(&path, &after).unwrap();
        let is_found = copy.verified().map_or(true, |verified| !verified.holds());
        assert!(is_found, "{name}: byte {at} from {:#x} to {:#x}", before[at], after[at]);
        fs::write(&path, &before).unwrap();
    }
    assert!(copy.verified().unwrap().holds());
}

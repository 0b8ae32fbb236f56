//! Acts that change who bills, in the terminal: the real program in a pseudo-terminal, and a phrase that must be typed.

use crate::project::{NOTHING, bills, flip, is_whole, phrase, planned, ready, sound, stands};
use crate::pty::Pty;
use dualrun::app::flip::WaveState;
use dualrun::domain::flip::Direction;
use std::path::Path;

fn open(dir: &Path) -> Pty {
    Pty::start(env!("CARGO_BIN_EXE_dualrun"), &["tui", "--as", "ana"], dir, (140, 42), &[])
}

#[test]
fn a_wave_is_backed_out_by_its_phrase_and_by_nothing_less() {
    let folder = ready();
    let dir = folder.path();
    planned(dir);
    is_whole(&flip(dir, 1).unwrap_or_else(|e| panic!("{e}")));
    let flipped = bills(dir);
    assert_ne!(flipped, NOTHING);
    let mut pty = open(dir);
    pty.expect("Overview");
    pty.keys("6");
    pty.expect("applied");
    pty.keys("Gkkkkk");
    let phrase = phrase(dir, 1, Direction::Back);
    // The wave that keys act on may be another: its number is in the question.
    for _ in 0..6 {
        pty.keys("b");
        if pty.screen().contains("Back out wave 1?") {
            break;
        }
        pty.keys("\x1b");
        pty.keys("j");
    }
    pty.expect("Back out wave 1?");
    pty.expect("THIS CHANGES BOTH SYSTEMS");
    pty.keys("yes\r");
    pty.expect("that is not the phrase, letter by letter: nothing was done");
    assert_eq!(bills(dir), flipped, "a word that is no phrase changed who bills");
    pty.keys("\x7f\x7f\x7f");
    pty.keys(&phrase);
    pty.keys("\r");
    pty.expect("is backed out, every line read back");
    pty.keys("\x1b");
    pty.keys("q");
    let ended = pty.end();
    assert_eq!(ended.code, Some(0), "{}", ended.screen);
    assert_eq!((bills(dir).as_str(), stands(dir).waves[&1].state()), (NOTHING, WaveState::BackedOut));
    sound(dir);
}

#[test]
fn a_blocked_wave_is_not_applied_and_an_aborted_one_says_so() {
    let folder = ready();
    let dir = folder.path();
    planned(dir);
    let mut pty = open(dir);
    pty.expect("BLOCKED");
    pty.keys("6");
    pty.expect("Waves, by run");
    pty.keys("a");
    pty.expect("is blocked");
    pty.expect("nothing was changed");
    pty.keys("\x1b");
    pty.keys("G");
    pty.keys("X");
    pty.expect("THIS CANNOT BE TAKEN BACK");
    let wave = *stands(dir).waves.keys().last().expect("a wave");
    pty.keys(&format!("abort wave {wave} the target is wrong\r"));
    pty.expect(&format!("wave {wave} goes no further"));
    pty.keys("q");
    assert_eq!(pty.end().code, Some(0));
    assert_eq!(bills(dir), NOTHING);
    assert!(stands(dir).waves[&wave].aborted.is_some());
    sound(dir);
}

//! Manual checks: a person's word, with a note, and a file where the check wants one.

use super::Judged;
use crate::domain::gate::{ManualCheck, Outcome};

/// What a person says of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attestation {
    /// What was looked at and found.
    pub note: String,
    /// Whether the statement holds.
    pub holds: bool,
    /// The attached file's path and digest.
    pub attachment: Option<(String, String)>,
}

/// Judges it. Nothing is known beyond the word: who gave it is kept with the evidence.
pub fn manual(check: &ManualCheck, said: &Attestation) -> Judged {
    let lines = [format!("stated: {}", check.statement), format!("note: {}", said.note)];
    let lines = lines.into_iter().chain(said.attachment.iter().map(|(path, digest)| format!("attached: {path} (BLAKE3 {digest})")));
    let judged = if said.note.trim().is_empty() {
        Judged::new(Outcome::Inconclusive, "nothing was noted")
    } else if !said.holds {
        Judged::new(Outcome::Fail, "does not hold")
    } else if check.attachment && said.attachment.is_none() {
        Judged::new(Outcome::Inconclusive, "nothing is attached, and the check wants a file")
    } else {
        Judged::new(Outcome::Pass, if said.attachment.is_some() { "stated, with a file" } else { "stated" })
    };
    judged.seeing(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_counts_with_its_note_and_its_file() {
        let judge = |attachment: bool, note: &str, holds: bool, file: bool| {
            let check = ManualCheck { statement: "the backup was restored".into(), attachment };
            let attachment = file.then(|| ("restore.log".to_owned(), "ab".to_owned()));
            manual(&check, &Attestation { note: note.into(), holds, attachment }).outcome
        };
        assert_eq!(judge(false, "restored on db2", true, false), Outcome::Pass);
        assert_eq!(judge(true, "restored on db2", true, true), Outcome::Pass);
        assert_eq!(judge(true, "restored on db2", true, false), Outcome::Inconclusive);
        assert_eq!(judge(false, "  ", true, false), Outcome::Inconclusive);
        assert_eq!(judge(true, "two tables missing", false, false), Outcome::Fail);
    }
}

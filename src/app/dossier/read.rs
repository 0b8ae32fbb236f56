//! Reading the files of a dossier: line by line, within bounds, and whatever cannot be read is told with its place.

use crate::domain::dossier::Complaint;
use crate::domain::text::shown;
use crate::ports::dossier::DossierSource;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use std::io::{self, BufRead, Read as _};

/// Longest line that is read.
const LONGEST_LINE: u64 = 64 << 20;
/// Largest file that is read whole.
const LARGEST: u64 = 64 << 20;
/// Complaints kept; the rest is counted.
const KEPT: usize = 200;

/// What does not hold, in the order it was found, each once.
#[derive(Debug, Default)]
pub(super) struct Complaints {
    pub kept: Vec<Complaint>,
    pub more: u64,
    seen: BTreeSet<Complaint>,
}

impl Complaints {
    pub fn add(&mut self, place: &str, what: &str) {
        let complaint = Complaint::new(shown(place, 160), shown(what, 400));
        if self.kept.len() >= KEPT {
            self.more += 1;
        } else if self.seen.insert(complaint.clone()) {
            self.kept.push(complaint);
        }
    }

    pub fn all(&mut self, place: &str, wrong: impl IntoIterator<Item = String>) {
        wrong.into_iter().for_each(|what| self.add(place, &what));
    }
}

/// The files of a dossier.
pub(super) struct Files<'a> {
    pub source: &'a dyn DossierSource,
    pub complaints: Complaints,
    /// Names that are there.
    pub there: BTreeSet<String>,
}

impl Files<'_> {
    /// Whether a file is there; where it must be, its absence is told.
    pub fn has(&mut self, name: &str, must: bool) -> bool {
        let is_there = self.there.contains(name);
        if must && !is_there {
            self.complaints.add(name, "is not there");
        }
        is_there
    }

    /// A whole file.
    pub fn bytes(&mut self, name: &str) -> Option<Vec<u8>> {
        if !self.has(name, true) {
            return None;
        }
        let read = self.source.open(name).and_then(|file| {
            let mut bytes = Vec::new();
            file.take(LARGEST + 1).read_to_end(&mut bytes)?;
            if bytes.len() as u64 > LARGEST { Err(io::Error::other("is larger than 64 MiB")) } else { Ok(bytes) }
        });
        read.map_err(|e| self.complaints.add(name, &e.to_string())).ok()
    }

    /// A file of one value.
    pub fn value<T: DeserializeOwned>(&mut self, name: &str) -> Option<T> {
        let bytes = self.bytes(name)?;
        serde_json::from_slice(&bytes).map_err(|e| self.complaints.add(name, &format!("cannot be read: {e}"))).ok()
    }

    /// A file of a value a line; `take` says what does not hold of each.
    pub fn lines<T: DeserializeOwned>(&mut self, name: &str, mut take: impl FnMut(T) -> Vec<(String, String)>) -> u64 {
        if !self.has(name, true) {
            return 0;
        }
        let (mut number, mut line) = (0, Vec::new());
        let mut file = match self.source.open(name) {
            Ok(file) => file,
            Err(e) => {
                self.complaints.add(name, &e.to_string());
                return 0;
            }
        };
        loop {
            line.clear();
            match file.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line) {
                Ok(0) => return number,
                Ok(_) if line.last() == Some(&b'\n') => {}
                Ok(_) => {
                    self.complaints.add(&format!("{name} line {}", number + 1), "does not end: the file was cut, or the line is longer than any");
                    return number;
                }
                Err(e) => {
                    self.complaints.add(name, &e.to_string());
                    return number;
                }
            }
            number += 1;
            match serde_json::from_slice(&line) {
                Ok(value) => take(value).into_iter().for_each(|(place, what)| self.complaints.add(&format!("{name} {place}"), &what)),
                Err(e) => self.complaints.add(&format!("{name} line {number}"), &format!("cannot be read: {e}")),
            }
        }
    }

    /// A file of a value a line, in memory.
    pub fn list<T: DeserializeOwned>(&mut self, name: &str) -> Vec<T> {
        let mut all = Vec::new();
        self.lines(name, |value| {
            all.push(value);
            Vec::new()
        });
        all
    }
}

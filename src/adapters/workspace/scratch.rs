//! [`Scratch`] in a file of the workspace's directory that has no name: whatever ends the program takes it away too.

use super::fault;
use crate::ports::scratch::Scratch;
use crate::ports::workspace::StoreError;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// A nameless file and where each pile's bytes stand in it.
#[derive(Debug)]
pub(super) struct ScratchFile {
    file: File,
    directory: PathBuf,
    end: u64,
    extents: Vec<Vec<(u64, usize)>>,
}

impl ScratchFile {
    /// An empty one.
    pub fn new(directory: &Path) -> Result<Self, StoreError> {
        let file = tempfile::tempfile_in(directory).map_err(|e| fault::at_path("making a scratch file in", directory, &e))?;
        Ok(Self { file, directory: directory.to_owned(), end: 0, extents: Vec::new() })
    }
}

impl Scratch for ScratchFile {
    fn write(&mut self, pile: usize, bytes: &[u8]) -> Result<(), StoreError> {
        self.file.write_all_at(bytes, self.end).map_err(|e| fault::at_path("writing a scratch file in", &self.directory, &e))?;
        if self.extents.len() <= pile {
            self.extents.resize(pile + 1, Vec::new());
        }
        self.extents[pile].push((self.end, bytes.len()));
        self.end += bytes.len() as u64;
        Ok(())
    }

    fn read(&mut self, pile: usize) -> Result<Vec<u8>, StoreError> {
        let extents = self.extents.get(pile).map_or(&[][..], Vec::as_slice);
        let mut all = vec![0; extents.iter().map(|(_, n)| n).sum()];
        let mut at = 0;
        for (start, n) in extents {
            let read = self.file.read_exact_at(&mut all[at..at + n], *start);
            read.map_err(|e| fault::at_path("reading a scratch file in", &self.directory, &e))?;
            at += n;
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn piles_are_read_in_the_order_they_were_laid() {
        let dir = tempfile::tempdir().unwrap();
        let mut scratch = ScratchFile::new(dir.path()).unwrap();
        for (pile, bytes) in [(3, &b"one "[..]), (0, b"zero"), (3, b"two"), (3, b"")] {
            scratch.write(pile, bytes).unwrap();
        }
        assert_eq!([0, 1, 3, 9].map(|pile| scratch.read(pile).unwrap()), [b"zero".to_vec(), vec![], b"one two".to_vec(), vec![]]);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}

//! [`Scratch`] in a file of the workspace's directory that has no name: whatever ends the program takes it away too.

use super::fault;
use crate::domain::pack::{Bent, Cut, put, put_size};
use crate::ports::scratch::Scratch;
use crate::ports::workspace::StoreError;
use std::fs::File;
use std::io::{self, IoSlice, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// A nameless file and where each pile's bytes stand in it.
#[derive(Debug)]
pub(super) struct ScratchFile {
    file: File,
    directory: PathBuf,
    end: u64,
    extents: Vec<Extents>,
}

/// Where the bytes of a pile stand: of each extent how far it begins behind the end of the one before, and its length. There are
/// hundreds of thousands of them.
#[derive(Debug, Clone, Default)]
struct Extents {
    end: u64,
    packed: Vec<u8>,
    bytes: usize,
}

impl ScratchFile {
    /// An empty one.
    pub fn new(directory: &Path) -> Result<Self, StoreError> {
        let file = tempfile::tempfile_in(directory).map_err(|e| fault::at_path("making a scratch file in", directory, &e))?;
        Ok(Self { file, directory: directory.to_owned(), end: 0, extents: Vec::new() })
    }
}

impl Scratch for ScratchFile {
    /// A call of the system for as many piles as it takes at once, and not one for each.
    fn write(&mut self, piles: &[(usize, &[u8])]) -> Result<(), StoreError> {
        let mut slices: Vec<IoSlice<'_>> = piles.iter().map(|(_, bytes)| IoSlice::new(bytes)).collect();
        // From where the last whole write ended: one that failed may have left some bytes.
        let written = self.file.seek(SeekFrom::Start(self.end)).and_then(|_| write_all(&mut self.file, &mut slices));
        written.map_err(|e| fault::at_path("writing a scratch file in", &self.directory, &e))?;
        for (pile, bytes) in piles {
            if self.extents.len() <= *pile {
                self.extents.resize(pile + 1, Extents::default());
            }
            let extents = &mut self.extents[*pile];
            put(&mut extents.packed, self.end - extents.end);
            put_size(&mut extents.packed, bytes.len());
            self.end += bytes.len() as u64;
            extents.end = self.end;
            extents.bytes += bytes.len();
        }
        Ok(())
    }

    fn read(&mut self, pile: usize) -> Result<Vec<u8>, StoreError> {
        let Some(extents) = self.extents.get(pile) else { return Ok(Vec::new()) };
        let mut all = vec![0; extents.bytes];
        let (mut cut, mut rest, mut end) = (Cut::new(&extents.packed), &mut all[..], 0);
        while !cut.is_empty() {
            let bent = |Bent(why)| fault::damaged(format!("the list of a scratch file's piles: {why}"));
            let (start, length) = (end + cut.number().map_err(bent)?, cut.size().map_err(bent)?);
            let (here, after) = rest.split_at_mut_checked(length).ok_or(Bent("it is longer than its pile")).map_err(bent)?;
            let read = self.file.read_exact_at(here, start);
            read.map_err(|e| fault::at_path("reading a scratch file in", &self.directory, &e))?;
            (rest, end) = (after, start + length as u64);
        }
        Ok(all)
    }
}

/// Writes all of the slices where the file stands.
fn write_all(file: &mut File, mut slices: &mut [IoSlice<'_>]) -> io::Result<()> {
    // Leads over slices without bytes: a write of none of them would look like a full disk.
    IoSlice::advance_slices(&mut slices, 0);
    while !slices.is_empty() {
        match file.write_vectored(slices) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => IoSlice::advance_slices(&mut slices, written),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn piles_are_read_in_the_order_they_were_laid() {
        let dir = tempfile::tempdir().unwrap();
        let mut scratch = ScratchFile::new(dir.path()).unwrap();
        scratch.write(&[(3, &b"one "[..]), (0, b"zero")]).unwrap();
        scratch.write(&[]).unwrap();
        // More at once than the system takes in one call.
        let many: Vec<(usize, &[u8])> = (10..5_000).map(|pile| (pile, &b"many"[..])).chain([(3, &b""[..]), (3, b"two")]).collect();
        scratch.write(&many).unwrap();
        assert!((10..5_000).all(|pile| scratch.read(pile).unwrap() == b"many"));
        assert_eq!([0, 1, 3, 9].map(|pile| scratch.read(pile).unwrap()), [b"zero".to_vec(), vec![], b"one two".to_vec(), vec![]]);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}

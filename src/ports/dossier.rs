//! Where the files of a dossier go, and where they come from.

use std::io::{self, BufRead};

/// Takes the files of a dossier, one after another. Nothing is seen under the folder's name before [`DossierSink::publish`] returned;
/// dropped before, it leaves nothing.
pub trait DossierSink: Send {
    /// Begins the next file: a name without `..`, parts by `/`.
    fn begin(&mut self, name: &str) -> io::Result<()>;
    /// Appends to it.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Everything is on disk under the folder's name when this returns.
    fn publish(self: Box<Self>) -> io::Result<()>;
}

/// A file that is there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DossierFile {
    /// Its name, as of [`DossierSink::begin`].
    pub name: String,
    /// Whether it is a plain file: anything else is not opened.
    pub is_plain: bool,
}

/// Gives the files of a dossier.
pub trait DossierSource: Send + Sync {
    /// Everything that is there, by name; folders only where they are empty.
    fn files(&self) -> io::Result<Vec<DossierFile>>;
    /// Opens one.
    fn open(&self, name: &str) -> io::Result<Box<dyn BufRead>>;
}

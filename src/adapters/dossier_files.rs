//! Dossiers as folders: written beside their name, synced file by file and folder by folder, then renamed whole; read back without
//! following a link.

use crate::ports::dossier::{DossierFile, DossierSink, DossierSource};
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, BufRead, BufReader, BufWriter, ErrorKind, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Component, Path, PathBuf};
use tempfile::TempDir;

/// Folders deeper than this are none of a dossier.
const DEEPEST: usize = 4;

/// A dossier on its way.
#[derive(Debug)]
pub struct NewDossier {
    /// Only its owner can look into it: there are customers in it.
    temporary: TempDir,
    path: PathBuf,
    folders: BTreeSet<PathBuf>,
    open: Option<BufWriter<File>>,
}

impl NewDossier {
    /// One that will be there under a path, which must be free or an empty folder.
    pub fn at(path: &Path) -> io::Result<Self> {
        match fs::read_dir(path) {
            Ok(mut inside) => {
                if inside.next().is_some() {
                    return Err(io::Error::new(ErrorKind::AlreadyExists, "is there already, and is not empty"));
                }
            }
            Err(e) if e.kind() == ErrorKind::NotFound => {}
            Err(e) => return Err(e),
        }
        let parent = parent(path);
        fs::create_dir_all(parent)?;
        let temporary =
            tempfile::Builder::new().prefix(".dualrun-dossier-").suffix(".tmp").permissions(Permissions::from_mode(0o700)).tempdir_in(parent)?;
        Ok(Self { temporary, path: path.to_owned(), folders: BTreeSet::new(), open: None })
    }

    fn close(&mut self) -> io::Result<()> {
        let Some(open) = self.open.take() else { return Ok(()) };
        open.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
    }
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

/// A name as a path below a folder; anything that could leave it is refused.
fn below(folder: &Path, name: &str) -> io::Result<PathBuf> {
    let path = Path::new(name);
    let plain = !name.is_empty() && path.components().all(|part| matches!(part, Component::Normal(_)));
    if plain { Ok(folder.join(path)) } else { Err(io::Error::new(ErrorKind::InvalidInput, "is no name of a file in it")) }
}

impl DossierSink for NewDossier {
    fn begin(&mut self, name: &str) -> io::Result<()> {
        self.close()?;
        let path = below(self.temporary.path(), name)?;
        let folder = parent(&path).to_owned();
        fs::create_dir_all(&folder)?;
        let top = self.temporary.path();
        self.folders.extend(folder.ancestors().take_while(|a| *a != top).map(Path::to_owned));
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        self.open = Some(BufWriter::with_capacity(1 << 16, file));
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.open.as_mut().ok_or_else(|| io::Error::other("no file was begun"))?.write_all(bytes)
    }

    fn publish(mut self: Box<Self>) -> io::Result<()> {
        self.close()?;
        for folder in self.folders.iter().rev().map(PathBuf::as_path).chain([self.temporary.path()]) {
            File::open(folder)?.sync_all()?;
        }
        // Onto an empty folder as well; onto a full one it fails.
        fs::rename(self.temporary.path(), &self.path)?;
        // There is nothing left to be taken away.
        let _ = self.temporary.keep();
        File::open(parent(&self.path))?.sync_all()
    }
}

/// A dossier that is there.
#[derive(Debug, Clone)]
pub struct DossierFolder {
    path: PathBuf,
}

impl DossierFolder {
    /// In that folder; nothing is read yet.
    pub const fn new(path: PathBuf) -> Self {
        Self { path }
    }

    fn walk(&self, folder: &Path, depth: usize, found: &mut Vec<DossierFile>) -> io::Result<()> {
        let mut is_empty = true;
        for entry in fs::read_dir(folder)? {
            is_empty = false;
            let entry = entry?;
            let path = entry.path();
            let is_plain = entry.file_type()?.is_file();
            if entry.file_type()?.is_dir() && depth < DEEPEST {
                self.walk(&path, depth + 1, found)?;
                continue;
            }
            found.push(DossierFile { name: self.name(&path), is_plain });
        }
        if is_empty && depth > 0 {
            found.push(DossierFile { name: self.name(folder), is_plain: false });
        }
        Ok(())
    }

    fn name(&self, path: &Path) -> String {
        path.strip_prefix(&self.path).unwrap_or(path).to_string_lossy().into_owned()
    }
}

impl DossierSource for DossierFolder {
    fn files(&self) -> io::Result<Vec<DossierFile>> {
        let mut found = Vec::new();
        self.walk(&self.path, 0, &mut found)?;
        found.sort();
        Ok(found)
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn BufRead>> {
        let path = below(&self.path, name)?;
        if !fs::symlink_metadata(&path)?.is_file() {
            return Err(io::Error::new(ErrorKind::InvalidInput, "is no plain file"));
        }
        Ok(Box::new(BufReader::with_capacity(1 << 16, File::open(path)?)))
    }
}

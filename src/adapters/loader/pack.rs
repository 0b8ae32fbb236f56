//! The loader `pack`: all records of a load as files, for the target's own team to load by hand.
//!
//! A pack is named after what is in it. The same records make the same pack: one that stands there is checked against its manifest
//! and recognised, never written twice. It appears under its name when it is whole.

use super::flip_files;
use super::pack_files::{self, PackFiles};
use crate::domain::import::Answer;
use crate::domain::text::shown;
use crate::ports::loader::{FlipLoader, FlipParcel, Likeness, Loader, LoaderFault, Parcel};
use async_trait::async_trait;
use std::fs::Permissions;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Writes packs.
#[derive(Debug)]
pub struct PackLoader {
    service: String,
    dir: PathBuf,
    written: Mutex<Option<String>>,
}

impl PackLoader {
    /// Packs of a service go into that directory, which is made when the first is written.
    pub fn new(service: &str, dir: PathBuf) -> Self {
        Self { service: service.to_owned(), dir, written: Mutex::default() }
    }
}

fn io(path: &Path, error: &std::io::Error) -> LoaderFault {
    let what = format!("{}: {error}", shown(&path.to_string_lossy(), 200));
    LoaderFault::Io { what, remedy: "let this user write there and free some space; nothing of the pack was kept".to_owned() }
}

#[async_trait]
impl Loader for PackLoader {
    fn place(&self) -> String {
        format!("pack in {}", shown(&self.dir.to_string_lossy(), 200))
    }

    fn likeness(&self) -> Likeness {
        let dir = std::fs::canonicalize(&self.dir).unwrap_or_else(|_| self.dir.clone());
        Likeness { what: "pack".to_owned(), words: vec![dir.to_string_lossy().into_owned()], env: Vec::new() }
    }

    fn batch(&self) -> Option<usize> {
        None
    }

    async fn ready(&self, _: Duration) -> Result<(), LoaderFault> {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.dir).map_err(|e| io(&self.dir, &e))
    }

    async fn deliver(&self, parcels: &[Parcel], _: &CancellationToken) -> Result<Vec<Answer>, LoaderFault> {
        self.write_once(pack_files::files(&self.service, parcels))?;
        Ok(vec![Answer::HandedOver; parcels.len()])
    }

    fn pack(&self) -> Option<String> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl FlipLoader for PackLoader {
    async fn change(&self, parcels: &[FlipParcel], _: &CancellationToken) -> Result<Vec<Answer>, LoaderFault> {
        self.write_once(flip_files::files(&self.service, parcels))?;
        Ok(vec![Answer::HandedOver; parcels.len()])
    }
}

impl PackLoader {
    /// Writes a pack under its name, or recognises it.
    fn write_once(&self, files: Result<PackFiles, String>) -> Result<(), LoaderFault> {
        let files = files.map_err(|what| LoaderFault::Unusable { what, remedy: "report this: it is a bug".to_owned() })?;
        let place = self.dir.join(&files.name);
        if place.symlink_metadata().is_ok() {
            // Written before: the very same, or somebody has been at it.
            if let Some(bent) = files.list.iter().find(|(name, bytes)| std::fs::read(place.join(name)).ok().as_deref() != Some(bytes)) {
                let what = format!("{} is there, and its {} is not what was written", shown(&place.to_string_lossy(), 200), bent.0);
                return Err(LoaderFault::Unusable { what, remedy: "move it away: it is then written anew".to_owned() });
            }
        } else {
            write(&self.dir, &place, &files.list)?;
        }
        *self.written.lock().unwrap_or_else(PoisonError::into_inner) = Some(shown(&place.to_string_lossy(), 400));
        Ok(())
    }
}

/// Into a directory beside, every file synced, then under its name. Customers are in it: nobody but this user reads it.
fn write(dir: &Path, place: &Path, files: &[(String, Vec<u8>)]) -> Result<(), LoaderFault> {
    let partial = tempfile::Builder::new().prefix("building-").suffix(".partial").permissions(Permissions::from_mode(0o700)).tempdir_in(dir);
    let partial = partial.map_err(|e| io(dir, &e))?;
    for (name, bytes) in files {
        let path = partial.path().join(name);
        let put = || -> std::io::Result<()> {
            use std::io::Write as _;
            let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
            file.write_all(bytes)?;
            file.sync_all()
        };
        put().map_err(|e| io(&path, &e))?;
    }
    std::fs::File::open(partial.path()).and_then(|d| d.sync_all()).map_err(|e| io(partial.path(), &e))?;
    std::fs::rename(partial.path(), place).map_err(|e| io(place, &e))?;
    // It has its name now; there is nothing left under the old one to clear away.
    let _ = partial.keep();
    std::fs::File::open(dir).and_then(|d| d.sync_all()).map_err(|e| io(dir, &e))
}

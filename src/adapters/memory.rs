//! A file in the workspace's folder, replaced whole. Where there is no workspace nothing is kept: looking makes no folder.

use crate::ports::memory::Memory;
use std::fs::File;
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// Bytes it may have at most: more is not ours.
const MOST: u64 = 64 * 1024;

/// A file of the workspace's folder.
#[derive(Debug)]
pub struct MemoryFile {
    folder: PathBuf,
    name: &'static str,
}

impl MemoryFile {
    /// A file of that name beside the workspace of a project.
    pub fn new(project_dir: &Path, name: &'static str) -> Self {
        Self { folder: project_dir.join(super::workspace::DIRECTORY), name }
    }
}

impl Memory for MemoryFile {
    fn recall(&self) -> Result<Option<String>, String> {
        let file = match File::open(self.folder.join(self.name)) {
            Ok(file) => file,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(e.to_string()),
        };
        let mut text = String::new();
        file.take(MOST + 1).read_to_string(&mut text).map_err(|e| e.to_string())?;
        if text.len() as u64 > MOST { Err(format!("it is longer than {MOST} bytes")) } else { Ok(Some(text)) }
    }

    fn keep(&self, text: &str) -> Result<(), String> {
        if !self.folder.is_dir() {
            return Ok(());
        }
        let keep = || {
            let mut file = tempfile::Builder::new().prefix(".terminal-").suffix(".tmp").tempfile_in(&self.folder)?;
            file.write_all(text.as_bytes())?;
            file.as_file().sync_all()?;
            file.persist(self.folder.join(self.name)).map_err(|e| e.error)?;
            File::open(&self.folder)?.sync_all()
        };
        keep().map_err(|e: std::io::Error| e.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn it_comes_back_whole_private_and_only_beside_a_workspace() {
        let dir = tempfile::tempdir().unwrap();
        let memory = MemoryFile::new(dir.path(), "terminal.json");
        memory.keep("one").unwrap();
        assert_eq!((memory.recall(), std::fs::read_dir(dir.path()).unwrap().count()), (Ok(None), 0));
        let folder = dir.path().join(".dualrun");
        std::fs::create_dir(&folder).unwrap();
        memory.keep("one").unwrap();
        memory.keep("two").unwrap();
        assert_eq!((memory.recall(), std::fs::read_dir(&folder).unwrap().count()), (Ok(Some("two".to_owned())), 1));
        let file = folder.join("terminal.json");
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::write(&file, "x".repeat(70_000)).unwrap();
        assert!(memory.recall().unwrap_err().contains("longer"));
        std::fs::write(&file, [0xff, 0xfe]).unwrap();
        assert!(memory.recall().is_err());
    }
}

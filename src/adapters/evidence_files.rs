//! [`Files`]: evidence on this machine's disk.

use crate::domain::gate::FileSeen;
use crate::domain::text::shown;
use crate::ports::files::Files;
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Most bytes of all files of one check.
const MOST_BYTES: u64 = 256 << 20;
/// Most files of one check.
const MOST_FILES: usize = 10_000;

/// Files of a project's directory.
#[derive(Debug, Clone)]
pub struct EvidenceFiles {
    dir: PathBuf,
}

impl EvidenceFiles {
    /// Of that directory; nothing is opened.
    pub fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }

    /// Paths a pattern names, as the pattern writes them.
    fn expand(&self, pattern: &str, out: &mut BTreeSet<String>) -> Result<(), String> {
        let (folder, name) = pattern.rsplit_once('/').map_or(("", pattern), |(folder, name)| (folder, name));
        let written = |name: &str| if pattern.contains('/') { format!("{folder}/{name}") } else { name.to_owned() };
        if !name.contains('*') {
            if self.dir.join(pattern).symlink_metadata().is_ok() {
                out.insert(pattern.to_owned());
            }
            return Ok(());
        }
        let place = if folder.is_empty() && !pattern.starts_with('/') { self.dir.clone() } else { self.dir.join(written("")) };
        let entries = match std::fs::read_dir(&place) {
            Ok(entries) => entries,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(e) => return Err(format!("{}: {e}", shown(&place.to_string_lossy(), 100))),
        };
        for entry in entries {
            let entry = entry.map_err(|e| format!("{}: {e}", shown(&place.to_string_lossy(), 100)))?;
            let Ok(found) = entry.file_name().into_string() else { continue };
            if fits(name, &found) && !entry.path().is_dir() {
                out.insert(written(&found));
            }
            if out.len() > MOST_FILES {
                return Err(format!("{} names more than {MOST_FILES} files", shown(pattern, 100)));
            }
        }
        Ok(())
    }
}

impl Files for EvidenceFiles {
    fn matching(&self, patterns: &[String]) -> Result<Vec<FileSeen>, String> {
        let mut paths = BTreeSet::new();
        let mut missing = None;
        for pattern in patterns {
            let mut found = BTreeSet::new();
            self.expand(pattern, &mut found)?;
            if found.is_empty() {
                missing = missing.or(Some(pattern));
            }
            paths.append(&mut found);
        }
        // A report that is not there while others are is one that nobody wrote.
        if let Some(pattern) = missing.filter(|_| !paths.is_empty()) {
            return Err(format!("there is no {}", shown(pattern, 100)));
        }
        let mut left = MOST_BYTES;
        paths.iter().map(|path| read(&self.dir.join(path), path, &mut left)).collect()
    }

    fn names(&self, pattern: &str) -> Result<Vec<String>, String> {
        let mut found = BTreeSet::new();
        self.expand(pattern, &mut found)?;
        Ok(found.into_iter().collect())
    }

    fn one(&self, path: &Path) -> Result<FileSeen, String> {
        // It is looked at again later, from elsewhere.
        let path = std::path::absolute(path).map_err(|e| e.to_string())?;
        read(&path, &path.to_string_lossy(), &mut MOST_BYTES.clone())
    }
}

/// Whether a name fits a pattern of one or more `*`. As with a shell, a leading point must be written.
fn fits(pattern: &str, name: &str) -> bool {
    if name.starts_with('.') && !pattern.starts_with('.') {
        return false;
    }
    let parts: Vec<&str> = pattern.split('*').collect();
    let (Some((first, rest)), Some(last)) = (parts.split_first(), parts.last()) else { return false };
    let Some(mut left) = name.strip_prefix(first) else { return false };
    for part in rest.iter().take(rest.len().saturating_sub(1)) {
        let Some(at) = left.find(part) else { return false };
        left = &left[at + part.len()..];
    }
    left.ends_with(last)
}

fn read(path: &Path, name: &str, left: &mut u64) -> Result<FileSeen, String> {
    let told = |why: String| format!("{}: {why}", shown(name, 100));
    let facts = std::fs::metadata(path).map_err(|e| told(e.to_string()))?;
    if !facts.is_file() {
        return Err(told("it is not a regular file".to_owned()));
    }
    let file = std::fs::File::open(path).map_err(|e| told(e.to_string()))?;
    let mut bytes = Vec::new();
    file.take(*left + 1).read_to_end(&mut bytes).map_err(|e| told(e.to_string()))?;
    let length = bytes.len() as u64;
    if length > *left {
        return Err(told(format!("with it there are more than {} MiB to read", MOST_BYTES >> 20)));
    }
    *left -= length;
    let modified: DateTime<Utc> = facts.modified().map_err(|e| told(e.to_string()))?.into();
    Ok(FileSeen { path: name.to_owned(), digest: blake3::hash(&bytes).to_hex().to_string(), modified, bytes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_parts_of_a_name() {
        for (pattern, name) in [("*.xml", "a.xml"), ("TEST-*-*.xml", "TEST-a-b.xml"), ("*", "x"), ("a*", "a"), ("a*b*c", "axbyc")] {
            assert!(fits(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [("*.xml", "a.xml.bak"), ("*.xml", ".xml"), ("a*a", "a"), ("a*b*c", "ac"), ("TEST-*.xml", "test-a.xml")] {
            assert!(!fits(pattern, name), "{pattern} {name}");
        }
    }

    #[test]
    fn files_are_found_once_and_anything_else_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("r")).unwrap();
        for name in ["r/b.xml", "r/a.xml", "r/c.txt"] {
            std::fs::write(dir.path().join(name), name).unwrap();
        }
        let files = EvidenceFiles::new(dir.path());
        let found = |patterns: &[&str]| files.matching(&patterns.iter().map(|p| (*p).to_owned()).collect::<Vec<_>>());
        let names = |found: Vec<FileSeen>| found.into_iter().map(|f| f.path).collect::<Vec<_>>();
        assert_eq!(names(found(&["r/*.xml", "r/a.xml"]).unwrap()), ["r/a.xml", "r/b.xml"]);
        assert!(found(&["none/*.xml", "r/none.xml"]).unwrap().is_empty());
        assert_eq!(found(&["r/*.xml", "r/none.xml"]).unwrap_err(), "there is no r/none.xml");
        assert!(found(&["r"]).unwrap_err().contains("not a regular file"));
        assert_eq!(found(&["r/c.txt"]).unwrap()[0].digest, blake3::hash(b"r/c.txt").to_hex().to_string());
    }
}

//! Views of the table that a person has named: filter, sort and columns. They lie beside the workspace, in a file of their own: they
//! decide nothing, and whoever opens the project finds them.

use crate::ports::workspace::Sort;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// The directory of a project's own things, which holds the workspace.
const DIRECTORY: &str = ".dualrun";
/// The file in it.
const FILE: &str = "views.json";
/// A file larger than this is none of ours.
const LARGEST: u64 = 1 << 20;

/// A column of a view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewColumn {
    /// Its name in files.
    pub name: String,
    /// Its width, where one was chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u16>,
}

/// A named view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedView {
    /// Its name.
    pub name: String,
    /// Which rows, in the language of filters.
    pub filter: String,
    /// In which order.
    pub sort: Sort,
    /// Columns drawn, in their order.
    pub columns: Vec<ViewColumn>,
}

/// Why views were not read or kept.
#[derive(Debug, thiserror::Error)]
pub enum ViewsError {
    /// The file, or its directory.
    #[error("{path}: {why} — the views are as they were")]
    Io {
        /// Safe to print.
        path: String,
        /// What the system said.
        why: io::Error,
    },
    /// It is no list of views.
    #[error("{path}: no list of views ({why}) — mend it, or take it away")]
    Bent {
        /// Safe to print.
        path: String,
        /// Where and what.
        why: String,
    },
}

fn file(project: &Path) -> PathBuf {
    project.join(DIRECTORY).join(FILE)
}

fn name(path: &Path) -> String {
    crate::domain::text::shown(&path.to_string_lossy(), 200)
}

/// The views of a project, by name; none where none were kept.
pub fn load(project: &Path) -> Result<Vec<SavedView>, ViewsError> {
    let path = file(project);
    let failed = |why| ViewsError::Io { path: name(&path), why };
    let bytes = match fs::metadata(&path) {
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(failed(e)),
        Ok(meta) if !meta.is_file() || meta.len() > LARGEST => return Err(failed(ErrorKind::InvalidData.into())),
        Ok(_) => fs::read(&path).map_err(failed)?,
    };
    serde_json::from_slice(&bytes).map_err(|e| ViewsError::Bent { path: name(&path), why: e.to_string() })
}

/// Changes the views of a project as they are now, whole or not at all; gives them as they are then.
pub fn change(project: &Path, change: impl FnOnce(&mut Vec<SavedView>)) -> Result<Vec<SavedView>, ViewsError> {
    let mut views = load(project)?;
    change(&mut views);
    views.sort_by(|a, b| a.name.cmp(&b.name));
    let path = file(project);
    write(project, &path, &views).map_err(|why| ViewsError::Io { path: name(&path), why })?;
    Ok(views)
}

fn write(project: &Path, path: &Path, views: &[SavedView]) -> io::Result<()> {
    let dir = project.join(DIRECTORY);
    let mut temporary = tempfile::Builder::new().prefix(".views-").suffix(".tmp").tempfile_in(&dir)?;
    temporary.write_all(&serde_json::to_vec_pretty(views)?)?;
    temporary.as_file().sync_all()?;
    temporary.persist(path).map_err(|e| e.error)?;
    File::open(dir)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_are_kept_whole_and_found_again() {
        let project = tempfile::tempdir().unwrap();
        assert_eq!(load(project.path()).unwrap(), []);
        fs::create_dir(project.path().join(DIRECTORY)).unwrap();
        let columns = vec![ViewColumn { name: "delta_net".to_owned(), width: Some(14) }];
        let view =
            |name: &str| SavedView { name: name.to_owned(), filter: "verdict:delta".to_owned(), sort: Sort::default(), columns: columns.clone() };
        change(project.path(), |views| views.push(view("b"))).unwrap();
        let kept = change(project.path(), |views| views.push(view("a"))).unwrap();
        assert_eq!(kept, [view("a"), view("b")]);
        assert_eq!(load(project.path()).unwrap(), kept);
        fs::write(file(project.path()), "{").unwrap();
        assert!(matches!(change(project.path(), |_| ()), Err(ViewsError::Bent { .. })), "what cannot be read is not written over");
        assert_eq!(fs::read_to_string(file(project.path())).unwrap(), "{");
    }
}

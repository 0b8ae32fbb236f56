//! Programs and files as they are found now, each with its digest.

use super::process;
use crate::domain::text::shown;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// BLAKE3 of a regular file, hex. Anything else, a pipe or a device, is not read.
pub fn digest(path: &Path) -> io::Result<String> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(std::fs::File::open(path)?)?;
    Ok(hasher.finalize().to_hex().to_string())
}

/// The file that a program's name starts from a directory, absolute, with its digest; else why it cannot be started.
pub fn program(name: &str, dir: &Path) -> Result<(String, String), String> {
    let path = if name.contains('/') { process::path_of(name, dir) } else { in_search_path(name)? };
    let told = |e: io::Error| format!("{}: {e}", shown(&path.to_string_lossy(), 200));
    let facts = std::fs::metadata(&path).map_err(told)?;
    if facts.is_file() && facts.permissions().mode() & 0o111 == 0 {
        return Err(told(io::Error::other("it is not executable — chmod +x")));
    }
    let digest = digest(&path).map_err(told)?;
    let text = path.to_str().ok_or_else(|| format!("{}: its path is not UTF-8", shown(&path.to_string_lossy(), 200)))?;
    Ok((text.to_owned(), digest))
}

/// The first executable of that name in `PATH`, whose relative entries are passed over: what they mean depends on where one stands.
fn in_search_path(name: &str) -> Result<PathBuf, String> {
    let places = std::env::var_os("PATH").unwrap_or_default();
    let may_run = |path: &PathBuf| std::fs::metadata(path).is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0);
    let found = std::env::split_paths(&places).filter(|dir| dir.is_absolute()).map(|dir| dir.join(name)).find(may_run);
    found.ok_or_else(|| format!("{} is in no directory of PATH — write its whole path", shown(name, 100)))
}

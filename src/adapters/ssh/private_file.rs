//! Reading a file that holds a secret: only where nobody else can read it.

use crate::domain::text::shown;
use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use zeroize::Zeroizing;

/// No key or passphrase is longer.
const LONGEST: u64 = 64 << 10;

/// What is in it; the error is what is wrong and what to do. The mode is read from the open file, so it cannot be exchanged in between.
pub(super) fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, (String, String)> {
    let name = name(path);
    let failed = |e: std::io::Error| (format!("{name}: {e}"), "check the path, and that your user may read it".to_owned());
    let file = File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if metadata.is_dir() {
        return Err((format!("{name} is a directory"), "name the file in it".to_owned()));
    }
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err((format!("{name} can be read by others (mode {mode:04o})"), format!("chmod 600 {name}")));
    }
    let mut bytes = Zeroizing::new(Vec::new());
    file.take(LONGEST + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > LONGEST {
        return Err((format!("{name} is larger than 64 KiB"), "name another file".to_owned()));
    }
    Ok(bytes)
}

/// A path for a message.
pub(super) fn name(path: &Path) -> String {
    shown(&path.to_string_lossy(), 200)
}

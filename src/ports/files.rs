//! Files that are evidence: reports of tests, logs, attachments. Read within bounds, with their digest and time.

use crate::domain::gate::FileSeen;
use std::path::Path;

/// Reads files of a project. Calls may block.
pub trait Files: Send + Sync {
    /// Every file the patterns name, each once, in the order of their paths; `*` stands for a part of a file's name. None where a
    /// pattern finds none. An error, in words, where one cannot be read, is no regular file, or all together are too large.
    fn matching(&self, patterns: &[String]) -> Result<Vec<FileSeen>, String>;

    /// The paths a pattern names now, in their order. An error, in words, where that cannot be told.
    fn names(&self, pattern: &str) -> Result<Vec<String>, String>;

    /// One file by its path as it stands.
    fn one(&self, path: &Path) -> Result<FileSeen, String>;
}

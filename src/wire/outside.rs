//! What gates stand on beside the workspace: files of the project as they are now, programs, and signatures.

use crate::adapters::evidence_files::EvidenceFiles;
use crate::adapters::found;
use crate::adapters::ssh::AllowedSigners;
use crate::app::gates::{Outside, holds};
use crate::domain::gate::GateAct;
use crate::ports::files::Files as _;
use crate::ports::signer::SignatureFault;
use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// Looks from a project's directory.
#[derive(Debug)]
pub struct FromProject {
    /// The project's directory.
    pub dir: PathBuf,
    /// The file of keys that sign.
    pub allowed_signers: PathBuf,
    /// The databases of both sides that are files. They are never opened here: to close one again would let go of every lock this
    /// process has on it (`fcntl`, POSIX), in the middle of a snapshot.
    pub databases: Vec<PathBuf>,
}

impl FromProject {
    /// Whether a path is a database, or what SQLite keeps beside one. By name and by what the system says of both, without opening.
    fn is_database(&self, path: &Path) -> bool {
        let facts = |path: &Path| std::fs::metadata(path).ok().map(|of| (of.dev(), of.ino()));
        let beside = ["", "-wal", "-shm", "-journal"];
        let named = |file: &Path, suffix: &str| {
            let mut name = file.as_os_str().to_owned();
            name.push(suffix);
            PathBuf::from(name)
        };
        let mut all = self.databases.iter().flat_map(|file| beside.map(|suffix| named(file, suffix)));
        all.any(|database| database == path || facts(&database).is_some_and(|of| facts(path) == Some(of)))
    }
}

/// What options that speak of a configuration name: `--config FILE`, `--config=FILE`.
fn configurations(words: &[String]) -> impl Iterator<Item = &str> {
    words.iter().enumerate().filter_map(|(at, word)| {
        let option = word.strip_prefix("--")?;
        let (name, value) = option.split_once('=').map_or((option, words.get(at + 1).map(String::as_str)), |(name, value)| (name, Some(value)));
        value.filter(|_| name.contains("conf"))
    })
}

impl Outside for FromProject {
    fn digest(&self, path: &str) -> Option<String> {
        found::digest(&self.dir.join(path)).ok()
    }

    fn names(&self, pattern: &str) -> Option<Vec<String>> {
        EvidenceFiles::new(&self.dir).names(pattern).ok()
    }

    fn programs(&self, argv: &[String]) -> BTreeMap<String, String> {
        let (Some(name), more) = (argv.first(), argv.get(1..).unwrap_or_default()) else { return BTreeMap::new() };
        // By the name that is written: how the project's directory is named now is no part of what is started.
        let program = found::program(name, &self.dir).ok().map(|(_, digest)| (name.clone(), digest));
        let mut found: BTreeMap<String, String> = program.into_iter().collect();
        let mut digest = |word: &str| {
            if self.is_database(&self.dir.join(word)) {
                return None;
            }
            let digest = self.digest(word)?;
            found.entry(word.to_owned()).or_insert(digest);
            Some(())
        };
        // What is not of the project runs what is: the first word after it that names a file is its script, whatever options stand before.
        if Path::new(name).is_absolute() || !name.contains('/') {
            more.iter().find_map(|word| digest(word));
        }
        // What else a program of the project is given is its own affair, but for what says how it works.
        for word in configurations(more) {
            digest(word);
        }
        found
    }

    fn signers(&self) -> Option<String> {
        found::digest(&self.allowed_signers).ok()
    }

    fn signature(&self, act: &GateAct) -> Result<(), String> {
        let signers = AllowedSigners::new(self.allowed_signers.clone());
        holds(act, &signers).unwrap_or_else(|| Err(SignatureFault::by_name_only())).map_err(|fault| fault.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_that_a_program_is_started_with_is_looked_at() {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in [("load.py", "pass"), ("live.toml", "url = 1"), ("map.csv", "a,b")] {
            std::fs::write(dir.path().join(name), text).unwrap();
        }
        std::fs::write(dir.path().join("target.db"), "not to be opened").unwrap();
        std::fs::hard_link(dir.path().join("target.db"), dir.path().join("other-name")).unwrap();
        std::fs::write(dir.path().join("target.db-wal"), "nor this").unwrap();
        let databases = vec![dir.path().join("./target.db")];
        let from = FromProject { dir: dir.path().to_owned(), allowed_signers: PathBuf::new(), databases };
        let found = |argv: &[&str]| from.programs(&argv.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
        let named = |argv: &[&str]| found(argv).into_keys().filter(|name| !name.starts_with("python")).collect::<Vec<_>>().join(" ");
        assert_eq!(named(&["./gone", "-u", "load.py", "--config=live.toml", "--to", "prod", "map.csv"]), "live.toml");
        assert_eq!(named(&["python3", "-u", "load.py", "--config", "live.toml", "map.csv"]), "live.toml load.py");
        // No database is opened, under whatever name.
        assert_eq!(named(&["python3", "target.db", "--conf=target.db-wal", "other-name", "--config", "./target.db"]), "");
        let argv = ["./gone", "--config=live.toml"];
        let before = found(&argv);
        std::fs::write(dir.path().join("live.toml"), "url = 2").unwrap();
        assert_ne!(found(&argv), before);
    }
}

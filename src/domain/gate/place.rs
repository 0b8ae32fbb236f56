//! What a project would act on: where its two databases are, what hands changes over, by which rules it flips, and whose keys sign.
//! No secret is in it. Evidence is of the databases it was observed at; a sign-off is bound to all of it.

use super::digest::digest_of;
use crate::domain::run::{DatabaseKind, Run};
use crate::domain::side::Side;
use crate::domain::text::shown;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Columns of a place that are held against one that was shown.
const SHOWN: usize = 120;

/// Where a side's database is, and as whom it is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabasePlace {
    /// The kind of database.
    pub kind: DatabaseKind,
    /// Host, port and database (`db.example:5432/billing`), or the file as the configuration writes it.
    pub at: String,
    /// The role or account that reads; a file has none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub user: String,
    /// Schemas that names are looked for in, where the configuration says so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub schemas: Vec<String>,
}

/// What hands changes to a system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "loader", rename_all = "snake_case", deny_unknown_fields)]
pub enum LoaderPlace {
    /// A program.
    Command {
        /// It and its arguments.
        argv: Vec<String>,
        /// Names of the variables it gets.
        env: Vec<String>,
        /// The program, the script of one that runs scripts, and what a `--config` names, each with its digest: as far as they are found.
        files: BTreeMap<String, String>,
    },
    /// Somebody, by files in this directory.
    Pack {
        /// It.
        dir: String,
    },
}

/// All of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Where the databases are.
    pub databases: BTreeMap<Side, DatabasePlace>,
    /// What changes each system; the source is only switched.
    pub loaders: BTreeMap<Side, LoaderPlace>,
    /// Digest of the rules and queries of the flip; `None` where none are written.
    pub flip: Option<String>,
    /// Digest of the file of those whose keys sign; `None` where it cannot be read.
    pub signers: Option<String>,
}

impl DatabasePlace {
    /// For people: `postgres reader@db.example:5432/billing`, `sqlite source.db`.
    pub fn told(&self) -> String {
        let user = if self.user.is_empty() { String::new() } else { format!("{}@", self.user) };
        let schemas = if self.schemas.is_empty() { String::new() } else { format!(" ({})", self.schemas.join(", ")) };
        format!("{} {user}{}{schemas}", self.kind.word(), self.at)
    }

    /// Whether a snapshot that was read at a place was read here. Of a file both are what the configuration writes of its path: another
    /// path is another database, and a project may be moved with its files.
    fn is_at(&self, kind: DatabaseKind, place: &str) -> bool {
        // Of a name that was cut nobody knows the rest.
        let is_cut = kind == DatabaseKind::Sqlite && shown(&self.at, SHOWN) != self.at;
        kind == self.kind && !is_cut && shown(&self.at, SHOWN) == shown(place, SHOWN)
    }
}

impl Place {
    /// The one digest that is signed.
    pub fn digest(&self) -> String {
        digest_of("place v1", self)
    }

    /// The digest of where something is done: the databases and what is started to change them, whatever its files say by now. What was
    /// begun there goes on nowhere else.
    pub fn acts_on(&self) -> String {
        let mut place = Self { flip: None, signers: None, ..self.clone() };
        for loader in place.loaders.values_mut() {
            if let LoaderPlace::Command { files, .. } = loader {
                files.clear();
            }
        }
        digest_of("acts on v1", &place)
    }

    /// Where each side's database is, in words.
    pub fn told(&self) -> BTreeMap<Side, String> {
        self.databases.iter().map(|(side, database)| (*side, database.told())).collect()
    }

    /// All of it for who signs, a line each.
    pub fn lines(&self) -> Vec<String> {
        let by = |side: &Side| match self.loaders.get(side) {
            Some(LoaderPlace::Command { argv, files, .. }) if files.is_empty() => format!(" · changed by {}, which is not found", argv.join(" ")),
            Some(LoaderPlace::Command { argv, .. }) => format!(" · changed by {}", argv.join(" ")),
            Some(LoaderPlace::Pack { dir }) => format!(" · changed by hand, from {dir}"),
            None => String::new(),
        };
        self.databases.iter().map(|(side, database)| format!("{side} is {}{}", database.told(), by(side))).collect()
    }

    /// Why a run says nothing about these databases: it read elsewhere.
    pub fn elsewhere(&self, run: &Run) -> Option<String> {
        let moved = run.snapshots.iter().find_map(|seen| {
            let here = self.databases.get(&seen.side)?;
            (!here.is_at(seen.kind, &seen.place)).then_some((seen, here))
        })?;
        let (seen, here) = moved;
        Some(format!("run #{} read the {} at {} {}, and it is {} now", run.id, seen.side, seen.kind.word(), shown(&seen.place, SHOWN), here.told()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(kind: DatabaseKind, at: &str) -> DatabasePlace {
        DatabasePlace { kind, at: at.to_owned(), user: String::new(), schemas: Vec::new() }
    }

    #[test]
    fn a_run_is_of_the_databases_it_read() {
        use DatabaseKind::{Postgres, Sqlite};
        let server = at(Postgres, "db:5432/app");
        assert!(server.is_at(Postgres, "db:5432/app"));
        assert!(!server.is_at(Postgres, "db:5433/app") && !server.is_at(DatabaseKind::MariaDb, "db:5432/app"));
        let file = at(Sqlite, "app.db");
        assert!(file.is_at(Sqlite, "app.db"));
        for other in ["staging/app.db", "/srv/p/app.db", "copy.db"] {
            assert!(!file.is_at(Sqlite, other), "{other}");
        }
    }

    #[test]
    fn who_reads_is_part_of_the_place() {
        let source = DatabasePlace { user: "ro".to_owned(), ..at(DatabaseKind::Postgres, "db:1/a") };
        let loader = LoaderPlace::Command { argv: vec!["./switch".to_owned(), "--live".to_owned()], env: Vec::new(), files: BTreeMap::new() };
        let place = Place { databases: [(Side::Source, source)].into(), loaders: [(Side::Source, loader)].into(), ..Place::default() };
        assert_eq!(place.lines(), ["source is postgres ro@db:1/a · changed by ./switch --live, which is not found"]);
        let reader =
            |user: &str| DatabasePlace { user: user.to_owned(), schemas: vec!["billing".to_owned()], ..at(DatabaseKind::Postgres, "db:1/a") };
        assert_eq!(reader("ro").told(), "postgres ro@db:1/a (billing)");
        let of = |user: &str| Place { databases: [(Side::Source, reader(user))].into(), ..Place::default() }.digest();
        assert_ne!(of("ro"), of("admin"));
    }
}

//! A random book whose target is not the source any more, reconciled into a real workspace.

use crate::memory::Noon;
use crate::project::{project, whole};
use crate::random_book::{Dice, PROFILE, RandomBook, Rows};
use dualrun::adapters::book_files::write_project;
use dualrun::adapters::workspace::Door;
use dualrun::app::progress::Silent;
use dualrun::app::reconcile::reconcile;
use dualrun::demo::Book;
use dualrun::domain::profile::ServiceProfile;
use dualrun::domain::row::ReconRow;
use dualrun::domain::run::Run;
use dualrun::ports::workspace::{Workspace, WorkspaceDoor};
use std::path::Path;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// A book and its profile.
#[derive(Clone)]
pub struct Made {
    pub book: RandomBook,
    pub profile: String,
}

/// A field of a table.
pub fn column(rows: &Rows, name: &str) -> usize {
    rows.columns.iter().position(|c| *c == name).unwrap_or_else(|| panic!("no column {name}"))
}

impl Made {
    /// A book of a seed: prices, quotas, plans, and what the target rounds and prorates by are changed here and there.
    pub fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed ^ 0x5EED);
        let mut made = Self { book: RandomBook::new(seed), profile: PROFILE.to_owned() };
        let plans: Vec<Vec<Option<String>>> = made.target("plans").rows.clone();
        let price = column(made.target("plans"), "flat_price");
        for row in &mut made.target("plans").rows {
            if dice.once_in(3) {
                row[price] = Some(dice.of(&["0", "9.99", "31.00", "210.005", "49"]).to_string());
            }
        }
        let (unit, included) = (column(made.target("charges"), "unit_price"), column(made.target("charges"), "included"));
        made.target("charges").rows.retain(|_| !dice.once_in(6));
        for row in &mut made.target("charges").rows {
            match dice.below(4) {
                0 => row[unit] = Some("0.004".to_owned()),
                1 => row[included] = Some("20".to_owned()),
                _ => {}
            }
        }
        // Some stand on another plan of the same interval.
        let (id, months) = (0, 4);
        for _ in 0..2 {
            let (from, to) = (dice.of(&plans).clone(), dice.of(&plans).clone());
            if from[months] == to[months] {
                let plan = column(made.target("subscriptions"), "plan_id");
                made.target("subscriptions").rows.iter_mut().filter(|row| row[plan] == from[id]).for_each(|row| row[plan].clone_from(&to[id]));
            }
        }
        for (name, value) in [("price_override", None), ("discount_percent", None), ("quantity", Some("2".to_owned()))] {
            let at = column(made.target("subscriptions"), name);
            for row in &mut made.target("subscriptions").rows {
                if dice.once_in(8) {
                    row[at].clone_from(&value);
                }
            }
        }
        for (key, words) in [
            ("proration", ["\"day\"", "\"none\"", "\"fixed_30\"", "\"30_360\""]),
            ("round_per", ["\"invoice\"", "\"line\"", "\"invoice\"", "\"line\""]),
            ("round_mode", ["\"half_up\"", "\"half_even\"", "\"down\"", "\"half_up\""]),
            ("tax_per", ["\"invoice\"", "\"line\"", "\"once\"", "\"invoice\""]),
        ] {
            let word: &&str = dice.of(&words);
            made.declare(key, word);
        }
        made
    }

    /// As a book.
    pub fn read(&self) -> Book {
        self.book.book(&self.profile)
    }

    /// A table of the target.
    pub fn target(&mut self, entity: &str) -> &mut Rows {
        self.book.target.iter_mut().find(|t| t.entity == entity).unwrap_or_else(|| panic!("no table {entity}"))
    }

    /// Declares something of the target otherwise.
    pub fn declare(&mut self, key: &str, value: &str) {
        let (before, target) = self.profile.split_once("[target]").expect("a target");
        let mut lines: Vec<String> = target.lines().filter(|l| !l.starts_with(&format!("{key} ="))).map(ToOwned::to_owned).collect();
        lines.push(format!("{key} = {value}"));
        self.profile = format!("{before}[target]{}\n", lines.join("\n"));
    }
}

/// A reconciled book.
pub struct Reconciled {
    pub store: Arc<dyn Workspace>,
    pub run: Run,
    pub profile: ServiceProfile,
    _dir: tempfile::TempDir,
}

impl Reconciled {
    pub async fn of(book: &Book) -> Self {
        Self::months(book, &["2026-05"]).await
    }

    /// Of several months; the run is that of the last.
    pub async fn months(book: &Book, months: &[&str]) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let run = reconciled(book, dir.path(), months).await;
        let store = door(dir.path()).read().await.expect("a workspace").expect("a workspace");
        let profile = project(dir.path(), door(dir.path())).profile;
        Self { store, run, profile, _dir: dir }
    }

    pub async fn rows(&self) -> Vec<ReconRow> {
        // Small pages, so that there are several.
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let page = self.store.whole_rows(self.run.id, after, 7).await.expect("rows");
            let is_last = page.len() < 7;
            after = page.last().map(|(seq, _)| *seq);
            all.extend(page.into_iter().map(|(_, row)| row));
            if is_last {
                return all;
            }
        }
    }
}

pub fn door(dir: &Path) -> Arc<dyn WorkspaceDoor> {
    Arc::new(Door::new(dir, Arc::new(Noon)))
}

/// Writes a book over what is in a folder and reconciles it.
pub async fn reconciled(book: &Book, dir: &Path, months: &[&str]) -> Run {
    for file in ["source.db", "target.db", "dualrun.toml"] {
        let _ = std::fs::remove_file(dir.join(file));
    }
    write_project(book, dir).await.unwrap_or_else(|e| panic!("{e}"));
    let project = project(dir, door(dir));
    let runs = reconcile(&project, &whole(months), Arc::new(Silent), CancellationToken::new()).await.unwrap_or_else(|e| panic!("{e}"));
    runs.into_iter().next_back().expect("a run")
}

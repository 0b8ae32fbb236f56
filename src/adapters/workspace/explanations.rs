//! [`Explanations`]: what may explain the rows of a run that differ, and what was made of it.

use super::columns::{place, seq};
use super::filter::Needle;
use super::ranks::Ranks;
use super::reader::{Reads, at_most};
use super::runs::Visible;
use super::seal::{self, Seal};
use super::{blocks, fault, glances, runs, shelves};
use crate::domain::evidence::{Evidence, Shelf};
use crate::domain::explanation::{Certainty, Explanation};
use crate::domain::glance::Glance;
use crate::domain::row::ReconRow;
use crate::domain::side::Side;
use crate::domain::verdict::{Review, Verdict};
use crate::ports::explanations::Explanations;
use crate::ports::workspace::{RowFilter, RowLine, SortColumn, StoreError};
use async_trait::async_trait;
use futures::TryStreamExt;
use sqlx::SqliteConnection;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

/// What an explanation's entry says for lists: its place, label, certainty, and the seal of those.
pub(super) type Label = (i64, Option<String>, i64, i64);

/// The number of a certainty in the store.
pub(super) fn certainty_code(certainty: Certainty) -> i64 {
    Certainty::ALL.iter().zip(0..).find(|(c, _)| **c == certainty).map_or(-1, |(_, code)| code)
}

/// The seal of a row's evidence.
pub(super) fn seal_of_evidence(place: i64, body: &str) -> i64 {
    seal::of_text("evidence", 0, place, body)
}

/// The seal of an explanation.
pub(super) fn seal_of(place: i64, body: &str) -> i64 {
    seal::of_text("explanation", 0, place, body)
}

/// The seal of what lists show of an explanation.
pub(super) fn seal_of_label(place: i64, label: Option<&str>, certainty: i64) -> i64 {
    Seal::of("label").number(Some(place)).text(label).number(Some(certainty)).value()
}

/// The seal of what is kept of an explained run.
pub(super) fn seal_of_run(run: i64, changes: i64, clusters: Option<&str>) -> i64 {
    Seal::of("explained").number(Some(run)).number(Some(changes)).text(clusters).value()
}

/// How often the explanations of a run changed, and what they come to together.
pub(super) async fn of_run(conn: &mut SqliteConnection, run: i64) -> Result<(i64, Option<String>), StoreError> {
    let sql = "SELECT changes, clusters, seal FROM explained WHERE run_id = ?1";
    let found: Option<(i64, Option<String>, i64)> = sqlx::query_as(sql).bind(run).fetch_optional(conn).await.map_err(fault::store)?;
    let Some((changes, clusters, stored)) = found else { return Ok((0, None)) };
    seal::check(|| format!("what explains run {run}"), stored, seal_of_run(run, changes, clusters.as_deref()))?;
    Ok((changes, clusters))
}

/// Takes away what may explain the rows of a run, and what was made of it.
pub(super) async fn drop_all(conn: &mut SqliteConnection, run: i64) -> Result<(), StoreError> {
    let (from, to) = (place(run, 0), place(run + 1, 0));
    for sql in ["DELETE FROM evidence WHERE place >= ?1 AND place < ?2", "DELETE FROM explanations WHERE place >= ?1 AND place < ?2"] {
        sqlx::query(sql).bind(from).bind(to).execute(&mut *conn).await.map_err(fault::store)?;
    }
    sqlx::query("DELETE FROM explained WHERE run_id = ?1").bind(run).execute(&mut *conn).await.map_err(fault::store)?;
    shelves::drop_side(conn, run, None).await
}

/// The evidence beside a row.
pub(super) async fn evidence(conn: &mut SqliteConnection, run: i64, seq: i64) -> Result<Option<Evidence>, StoreError> {
    Ok(evidence_at(conn, run, &[seq]).await?.remove(&seq))
}

/// The explanation of a row.
pub(super) async fn explanation(conn: &mut SqliteConnection, run: i64, seq: i64) -> Result<Option<Explanation>, StoreError> {
    Ok(some(conn, run, (seq - 1, place(run, seq) + 1), 1).await?.pop().map(|(_, explanation)| explanation))
}

async fn evidence_at(conn: &mut SqliteConnection, run: i64, seqs: &[i64]) -> Result<BTreeMap<i64, Evidence>, StoreError> {
    let places: Vec<i64> = seqs.iter().map(|seq| place(run, *seq)).collect();
    let asked = serde_json::to_string(&places).map_err(|e| fault::unreadable("asking for evidence", &e))?;
    let sql = "SELECT place, body, seal FROM evidence WHERE place IN (SELECT value FROM json_each(?1))";
    let found: Vec<(i64, String, i64)> = sqlx::query_as(sql).bind(asked).fetch_all(conn).await.map_err(fault::store)?;
    let read = |(place, body, stored): (i64, String, i64)| {
        let what = || format!("the evidence beside row {} of run {run}", seq(place));
        seal::check(what, stored, seal_of_evidence(place, &body))?;
        Ok((seq(place), runs::from_json(&what(), &body)?))
    };
    found.into_iter().map(read).collect()
}

/// Explanations after a number and before a place.
async fn some(conn: &mut SqliteConnection, run: i64, (after, before): (i64, i64), limit: usize) -> Result<Vec<(i64, Explanation)>, StoreError> {
    let sql = "SELECT place, body, seal FROM explanations WHERE place > ?1 AND place < ?2 ORDER BY place LIMIT ?3";
    let asked = sqlx::query_as(sql).bind(place(run, after)).bind(before).bind(at_most(limit));
    let found: Vec<(i64, String, i64)> = asked.fetch_all(conn).await.map_err(fault::store)?;
    let read = |(place, body, stored): (i64, String, i64)| {
        let what = || format!("the explanation of row {} of run {run}", seq(place));
        seal::check(what, stored, seal_of(place, &body))?;
        Ok((seq(place), runs::from_json(&what(), &body)?))
    };
    found.into_iter().map(read).collect()
}

/// Numbers of the rows that differ, by the ranks of their verdicts. Whoever reads such a row sees whether it is one.
async fn differing(conn: &mut SqliteConnection, run: &Visible) -> Result<Vec<i64>, StoreError> {
    if run.rows == 0 {
        return Ok(Vec::new());
    }
    let mut ranks = Ranks::of(conn, run.id, SortColumn::Verdict).await?;
    let mut found = Vec::new();
    for verdict in Verdict::ALL.into_iter().filter(|v| v.differs()) {
        let value = Some(i64::from(verdict.code()));
        let before = found.len();
        found.extend(ranks.between(conn, ((value, 1), (value, i64::MAX)), true, usize::MAX, |_| true).await?.into_iter().map(|rank| rank.seq));
        let (ranked, counted) = (found.len() - before, run.sums.rows_of(verdict));
        if u64::try_from(ranked) != Ok(counted) {
            return Err(fault::damaged(format!("{counted} rows of run {} are {}, {ranked} are ranked so", run.id, verdict.word())));
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// A label that is what was sealed.
pub(super) fn checked(run: i64, (place, label, certainty, stored): Label) -> Result<(i64, Option<String>), StoreError> {
    let what = || format!("the cause of row {} of run {run}", seq(place));
    seal::check(what, stored, seal_of_label(place, label.as_deref(), certainty))?;
    Ok((seq(place), label))
}

/// Names the causes of the rows of a page; a confirmed one explains its row.
pub(super) async fn name_causes<'l>(conn: &mut SqliteConnection, run: i64, lines: impl Iterator<Item = &'l mut RowLine>) -> Result<(), StoreError> {
    let lines: Vec<&mut RowLine> = lines.filter(|l| l.verdict.differs()).collect();
    if lines.is_empty() {
        return Ok(());
    }
    let places: Vec<i64> = lines.iter().map(|line| place(run, line.seq)).collect();
    let asked = serde_json::to_string(&places).map_err(|e| fault::unreadable("asking for causes", &e))?;
    let sql = "SELECT place, label, certainty, label_seal FROM explanations WHERE place IN (SELECT value FROM json_each(?1))";
    let mut names = Names::read(run, sqlx::query_as(sql).bind(asked).fetch_all(conn).await.map_err(fault::store)?)?;
    for line in lines {
        names.name(line);
    }
    Ok(())
}

/// The names of causes by row, and whether they are confirmed.
#[derive(Debug)]
pub(super) struct Names(HashMap<i64, (Option<String>, bool)>);

impl Names {
    /// Those of some rows of a run.
    pub async fn of(conn: &mut SqliteConnection, run: i64, rows: Range<i64>) -> Result<Self, StoreError> {
        let sql = "SELECT place, label, certainty, label_seal FROM explanations WHERE place >= ?1 AND place < ?2";
        let asked = sqlx::query_as(sql).bind(place(run, rows.start)).bind(place(run, rows.end));
        Self::read(run, asked.fetch_all(conn).await.map_err(fault::store)?)
    }

    fn read(run: i64, found: Vec<Label>) -> Result<Self, StoreError> {
        let read = |label: Label| {
            let is_confirmed = label.2 == certainty_code(Certainty::Confirmed);
            checked(run, label).map(|(seq, label)| (seq, (label, is_confirmed)))
        };
        found.into_iter().map(read).collect::<Result<_, _>>().map(Self)
    }

    /// Gives a row that differs the name of its cause; a confirmed one explains it.
    pub fn name(&mut self, line: &mut RowLine) {
        if line.verdict.differs()
            && let Some((label, is_confirmed)) = self.0.remove(&line.seq)
        {
            line.cause = label;
            if is_confirmed {
                line.review = Review::Explained;
            }
        }
    }
}

/// The rows that a filter for a cause passes.
#[derive(Debug)]
pub(super) struct Causes {
    /// Their numbers, ascending; of what has a label, where rows without one are asked for.
    seqs: Vec<u32>,
    unexplained: bool,
}

impl Causes {
    /// Those of a run; `None` where no cause is asked for.
    pub async fn wanted(conn: &mut SqliteConnection, run: i64, filter: &RowFilter) -> Result<Option<Self>, StoreError> {
        let Some(needle) = Needle::of(filter.cause.as_ref()) else { return Ok(None) };
        let unexplained = filter.wants_unexplained();
        let sql = "SELECT place, label, certainty, label_seal FROM explanations WHERE place > ?1 AND place < ?2 ORDER BY place";
        let mut found = sqlx::query_as(sql).bind(place(run, 0)).bind(place(run + 1, 0)).fetch(conn);
        let mut seqs = Vec::new();
        while let Some(label) = found.try_next().await.map_err(fault::store)? {
            let (seq, label) = checked(run, label)?;
            if label.is_some_and(|label| unexplained || needle.is_in(&label)) {
                seqs.push(u32::try_from(seq).unwrap_or(u32::MAX));
            }
        }
        Ok(Some(Self { seqs, unexplained }))
    }

    /// Whether a row of that number and verdict is one of them.
    pub fn pass(&self, seq: i64, verdict: Verdict) -> bool {
        let listed = || u32::try_from(seq).is_ok_and(|seq| self.seqs.binary_search(&seq).is_ok());
        if self.unexplained { verdict.asks_for_cause() && !listed() } else { verdict.differs() && listed() }
    }
}

#[async_trait]
impl<T: Reads> Explanations for T {
    async fn shelf(&self, run: i64, side: Side) -> Result<Shelf, StoreError> {
        let mut conn = self.reader().conn().await?;
        match runs::visible(&mut conn, run).await? {
            None => Ok(Shelf::default()),
            Some(run) => shelves::shelf(&mut conn, run.id, side).await,
        }
    }

    async fn evidence(&self, run: i64, seq: i64) -> Result<Option<Evidence>, StoreError> {
        let mut conn = self.reader().conn().await?;
        match runs::visible(&mut conn, run).await? {
            None => Ok(None),
            Some(run) => evidence(&mut conn, run.id, seq).await,
        }
    }

    async fn differing(&self, run: i64) -> Result<Vec<i64>, StoreError> {
        let mut conn = self.reader().conn().await?;
        match runs::visible(&mut conn, run).await? {
            None => Ok(Vec::new()),
            Some(run) => differing(&mut conn, &run).await,
        }
    }

    async fn glances(&self, run: i64) -> Result<Vec<Glance>, StoreError> {
        let mut conn = self.reader().conn().await?;
        match runs::visible(&mut conn, run).await? {
            None => Ok(Vec::new()),
            Some(run) => glances::of_run(&mut conn, &run).await,
        }
    }

    async fn rows_at(&self, run: i64, seqs: &[i64]) -> Result<Vec<(i64, ReconRow, Option<Evidence>)>, StoreError> {
        let mut conn = self.reader().conn().await?;
        let Some(run) = runs::visible(&mut conn, run).await? else { return Ok(Vec::new()) };
        let rows = blocks::wholes(&mut conn, run.id, seqs).await?;
        let mut evidence = evidence_at(&mut conn, run.id, seqs).await?;
        Ok(seqs.iter().zip(rows).map(|(seq, row)| (*seq, row, evidence.remove(seq))).collect())
    }

    async fn whole_rows(&self, run: i64, after: Option<i64>, limit: usize) -> Result<Vec<(i64, ReconRow)>, StoreError> {
        let mut conn = self.reader().conn().await?;
        let Some(run) = runs::visible(&mut conn, run).await? else { return Ok(Vec::new()) };
        let first = after.unwrap_or(0).max(0).saturating_add(1);
        let seqs: Vec<i64> = (first..=run.rows).take(limit).collect();
        let rows = blocks::wholes(&mut conn, run.id, &seqs).await?;
        Ok(seqs.into_iter().zip(rows).collect())
    }

    async fn explanation(&self, run: i64, seq: i64) -> Result<Option<Explanation>, StoreError> {
        let mut conn = self.reader().conn().await?;
        match runs::visible(&mut conn, run).await? {
            None => Ok(None),
            Some(run) => explanation(&mut conn, run.id, seq).await,
        }
    }

    async fn explanations(&self, run: i64, after: Option<i64>, limit: usize) -> Result<Vec<(i64, Explanation)>, StoreError> {
        let mut conn = self.reader().conn().await?;
        match runs::visible(&mut conn, run).await? {
            None => Ok(Vec::new()),
            Some(run) => some(&mut conn, run.id, (after.unwrap_or(0).max(0), place(run.id + 1, 0)), limit).await,
        }
    }

    async fn clusters(&self, run: i64) -> Result<Option<String>, StoreError> {
        let mut conn = self.reader().conn().await?;
        match runs::visible(&mut conn, run).await? {
            None => Ok(None),
            Some(run) => Ok(of_run(&mut conn, run.id).await?.1),
        }
    }
}

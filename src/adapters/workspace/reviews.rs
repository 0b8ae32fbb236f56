//! [`Reviews`]: what people decided, and how the rows of a run stand by it.

use super::columns::{place, review, seq};
use super::explanations::{certainty_code, checked};
use super::reader::Reads;
use super::seal::{self, Seal};
use super::{fault, journal, minutes, runs};
use crate::domain::currency::Currency;
use crate::domain::explanation::Certainty;
use crate::domain::review::{Act, Amounts, ReviewTally, Standing, Subject};
use crate::domain::text::Untrusted;
use crate::domain::verdict::{Review, Verdict};
use crate::ports::reviews::Reviews;
use crate::ports::workspace::{RowFilter, RowLine, StoreError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use sqlx::SqliteConnection;
use std::collections::HashMap;
use std::ops::Range;

/// A standing as it is stored: place, state, waiver, end, why, seal.
type Stored = (i64, i64, Option<i64>, Option<String>, String, i64);
/// A row of an act: act, key, cause, currency, delta, tax, seal.
pub(super) type StoredSubject = (i64, String, Option<String>, Option<String>, Option<i64>, Option<i64>, i64);

/// The seal of an act.
pub(super) fn seal_of_act(id: i64, act: &str) -> i64 {
    seal::of_text("act", 0, id, act)
}

/// The seal of a row an act is about.
pub(super) fn seal_of_subject(act: i64, key: &str, cause: Option<&str>, (currency, delta, tax): (Option<&str>, Option<i64>, Option<i64>)) -> i64 {
    Seal::of("subject").number(Some(act)).text(Some(key)).text(cause).text(currency).number(delta).number(tax).value()
}

/// The seal of a standing.
pub(super) fn seal_of_standing(place: i64, review: i64, waiver: Option<i64>, until: Option<&str>, why: &str) -> i64 {
    Seal::of("standing").number(Some(place)).number(Some(review)).number(waiver).text(until).text(Some(why)).value()
}

/// The seal of what the rows of a run come to.
pub(super) fn seal_of_run(run: i64, changes: i64, stale: bool, tally: &str) -> i64 {
    Seal::of("reviewed").number(Some(run)).number(Some(changes)).number(Some(i64::from(stale))).text(Some(tally)).value()
}

/// What is kept of the reviews of a run.
#[derive(Debug, Default)]
pub(super) struct Reviewed {
    pub changes: i64,
    /// A decision was made since: nothing of it counts.
    pub stale: bool,
    pub tally: ReviewTally,
}

/// That of one run; `None` where its rows were never looked at.
pub(super) async fn of_run(conn: &mut SqliteConnection, run: i64) -> Result<Option<Reviewed>, StoreError> {
    let sql = "SELECT changes, stale, tally, seal FROM reviewed WHERE run_id = ?1";
    let found: Option<(i64, bool, String, i64)> = sqlx::query_as(sql).bind(run).fetch_optional(conn).await.map_err(fault::store)?;
    let Some((changes, stale, tally, stored)) = found else { return Ok(None) };
    let what = || format!("what was decided of run {run}");
    seal::check(what, stored, seal_of_run(run, changes, stale, &tally))?;
    Ok(Some(Reviewed { changes, stale, tally: runs::from_json(&what(), &tally)? }))
}

/// By what a list of rows in a review state is known to be old: decisions, and waivers that ended since.
pub(super) async fn changes(conn: &mut SqliteConnection, run: i64, now: DateTime<Utc>) -> Result<(i64, bool, usize), StoreError> {
    let found = of_run(conn, run).await?.unwrap_or_default();
    Ok((found.changes, found.stale, found.tally.expired(now)))
}

/// A standing as it counts: of a run nobody looked at since a decision was made, nothing does.
fn standing(run: i64, (place, code, waiver, until, why, stored): Stored, is_stale: bool, now: DateTime<Utc>) -> Result<(i64, Standing), StoreError> {
    let what = || format!("what was decided of row {} of run {run}", seq(place));
    seal::check(what, stored, seal_of_standing(place, code, waiver, until.as_deref(), &why))?;
    let bent = || fault::damaged(what());
    let review = u8::try_from(code).ok().and_then(|code| review(code).ok()).ok_or_else(bent)?;
    let until = until.map(|text| journal::parse_instant(&text).ok_or_else(bent)).transpose()?;
    let standing = if is_stale {
        let why = "decisions were made since: dualrun reconcile, or any decision, looks at the rows again".to_owned();
        Standing { review: Review::Open, waiver: None, until: None, why }
    } else {
        Standing { review, waiver, until, why }.at(now)
    };
    Ok((seq(place), standing))
}

/// How rows of a run stand, by their numbers.
#[derive(Debug, Default)]
pub(super) struct Standings(HashMap<i64, Standing>);

impl Standings {
    /// Those of some rows.
    pub async fn of(conn: &mut SqliteConnection, run: i64, rows: Range<i64>, now: DateTime<Utc>) -> Result<Self, StoreError> {
        let Some(reviewed) = of_run(conn, run).await? else { return Ok(Self::default()) };
        let sql = "SELECT place, review, waiver, until, why, seal FROM standings WHERE place >= ?1 AND place < ?2";
        let asked = sqlx::query_as(sql).bind(place(run, rows.start)).bind(place(run, rows.end));
        Self::read(run, asked.fetch_all(conn).await.map_err(fault::store)?, &reviewed, now)
    }

    /// Those of the rows at some places.
    async fn at(conn: &mut SqliteConnection, run: i64, places: &[i64], now: DateTime<Utc>) -> Result<Self, StoreError> {
        let Some(reviewed) = of_run(conn, run).await? else { return Ok(Self::default()) };
        let asked = serde_json::to_string(places).map_err(|e| fault::unreadable("asking for decisions", &e))?;
        let sql = "SELECT place, review, waiver, until, why, seal FROM standings WHERE place IN (SELECT value FROM json_each(?1))";
        Self::read(run, sqlx::query_as(sql).bind(asked).fetch_all(conn).await.map_err(fault::store)?, &reviewed, now)
    }

    fn read(run: i64, found: Vec<Stored>, reviewed: &Reviewed, now: DateTime<Utc>) -> Result<Self, StoreError> {
        found.into_iter().map(|stored| standing(run, stored, reviewed.stale, now)).collect::<Result<_, _>>().map(Self)
    }

    /// Says of a row how it stands, where somebody decided.
    pub fn mark(&self, line: &mut RowLine) {
        if line.verdict != Verdict::Match
            && let Some(standing) = self.0.get(&line.seq)
        {
            line.review = standing.review;
        }
    }
}

/// Says of the rows of a page how they stand. Rows of confirmed causes are explained already.
pub(super) async fn mark<'l>(
    conn: &mut SqliteConnection,
    run: i64,
    lines: impl Iterator<Item = &'l mut RowLine>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let lines: Vec<&mut RowLine> = lines.filter(|l| l.verdict != Verdict::Match).collect();
    if lines.is_empty() {
        return Ok(());
    }
    let places: Vec<i64> = lines.iter().map(|line| place(run, line.seq)).collect();
    let standings = Standings::at(conn, run, &places, now).await?;
    for line in lines {
        standings.mark(line);
    }
    Ok(())
}

/// How one row stands.
pub(super) async fn one(conn: &mut SqliteConnection, run: i64, seq: i64, now: DateTime<Utc>) -> Result<Option<Standing>, StoreError> {
    Ok(Standings::at(conn, run, &[place(run, seq)], now).await?.0.remove(&seq))
}

/// How rows stand, where a filter asks for a state.
#[derive(Debug)]
pub(super) struct States {
    wanted: Review,
    /// Rows of confirmed causes, ascending.
    explained: Vec<u32>,
    decided: HashMap<i64, Review>,
}

impl States {
    /// Those of a run; `None` where no state is asked for.
    pub async fn wanted(conn: &mut SqliteConnection, run: i64, filter: &RowFilter, now: DateTime<Utc>) -> Result<Option<Self>, StoreError> {
        let Some(wanted) = filter.review else { return Ok(None) };
        let explained = explained(conn, run).await?;
        let mut decided = HashMap::new();
        if let Some(reviewed) = of_run(conn, run).await? {
            let sql = "SELECT place, review, waiver, until, why, seal FROM standings WHERE place > ?1 AND place < ?2";
            let mut found = sqlx::query_as(sql).bind(place(run, 0)).bind(place(run + 1, 0)).fetch(conn);
            while let Some(stored) = found.try_next().await.map_err(fault::store)? {
                let (seq, standing) = standing(run, stored, reviewed.stale, now)?;
                decided.insert(seq, standing.review);
            }
        }
        Ok(Some(Self { wanted, explained, decided }))
    }

    /// Whether a row stands as asked for; `own` is what its run said of it.
    pub fn pass(&self, seq: i64, verdict: Verdict, own: Review) -> bool {
        let is_explained = || verdict.differs() && u32::try_from(seq).is_ok_and(|seq| self.explained.binary_search(&seq).is_ok());
        let decided = if verdict == Verdict::Match { None } else { self.decided.get(&seq).copied() };
        let state = decided.unwrap_or_else(|| if is_explained() { Review::Explained } else { own });
        state == self.wanted
    }
}

async fn explained(conn: &mut SqliteConnection, run: i64) -> Result<Vec<u32>, StoreError> {
    let sql = "SELECT place, label, certainty, label_seal FROM explanations WHERE place > ?1 AND place < ?2 AND certainty = ?3 ORDER BY place";
    let (from, to) = (place(run, 0), place(run + 1, 0));
    let mut found = sqlx::query_as(sql).bind(from).bind(to).bind(certainty_code(Certainty::Confirmed)).fetch(conn);
    let mut seqs = Vec::new();
    while let Some(label) = found.try_next().await.map_err(fault::store)? {
        seqs.push(u32::try_from(checked(run, label)?.0).unwrap_or(u32::MAX));
    }
    Ok(seqs)
}

/// An act as it is stored: number, the service its rows are looked for under, the act itself, seal.
pub(super) type StoredAct = (i64, String, String, i64);

/// An act, without its rows.
pub(super) fn read_act((id, service, text, stored): StoredAct) -> Result<Act, StoreError> {
    let what = || format!("decision {id}");
    seal::check(what, stored, seal_of_act(id, &text))?;
    let act: Act = runs::from_json(&what(), &text)?;
    if (act.id, &act.service) == (id, &service) { Ok(act) } else { Err(fault::damaged(what())) }
}

/// A row of an act, with the number of the act.
pub(super) fn read_subject((act, key, cause, currency, delta, tax, stored): StoredSubject) -> Result<(i64, Subject), StoreError> {
    let what = || format!("a row of decision {act}");
    seal::check(what, stored, seal_of_subject(act, &key, cause.as_deref(), (currency.as_deref(), delta, tax)))?;
    let amounts = match (currency, delta) {
        (Some(code), Some(delta)) => {
            let currency = Currency::known(&code).ok_or_else(|| fault::damaged(what()))?;
            Some(Amounts { currency, delta, tax })
        }
        _ => None,
    };
    Ok((act, Subject { key: Untrusted::new(key), cause, amounts }))
}

#[async_trait]
impl<T: Reads> Reviews for T {
    async fn acts(&self, service: &str) -> Result<Vec<Act>, StoreError> {
        let mut conn = self.reader().conn().await?;
        minutes::numbered(&mut conn).await?;
        let sql = "SELECT id, service, act, seal FROM review_acts WHERE service = ?1 ORDER BY id";
        let found: Vec<StoredAct> = sqlx::query_as(sql).bind(service.to_owned()).fetch_all(&mut *conn).await.map_err(fault::store)?;
        found.into_iter().map(read_act).collect()
    }

    async fn subjects(&self, service: &str) -> Result<Vec<(i64, Subject)>, StoreError> {
        let mut conn = self.reader().conn().await?;
        let sql = "SELECT act_id, key, cause, currency, delta, tax, s.seal FROM review_subjects s JOIN review_acts a ON a.id = act_id \
                   WHERE service = ?1 ORDER BY act_id, s.id";
        let found: Vec<StoredSubject> = sqlx::query_as(sql).bind(service.to_owned()).fetch_all(&mut *conn).await.map_err(fault::store)?;
        found.into_iter().map(read_subject).collect()
    }

    async fn acts_on(&self, service: &str, key: &str) -> Result<Vec<Act>, StoreError> {
        let mut conn = self.reader().conn().await?;
        let sql = "SELECT act_id, key, cause, currency, delta, tax, seal FROM review_subjects WHERE key = ?1 ORDER BY act_id, id";
        let found: Vec<StoredSubject> = sqlx::query_as(sql).bind(key.to_owned()).fetch_all(&mut *conn).await.map_err(fault::store)?;
        let mut acts: Vec<Act> = Vec::new();
        for stored in found {
            let (id, subject) = read_subject(stored)?;
            if acts.last().is_none_or(|act| act.id != id) {
                let sql = "SELECT id, service, act, seal FROM review_acts WHERE id = ?1";
                acts.push(read_act(sqlx::query_as(sql).bind(id).fetch_one(&mut *conn).await.map_err(fault::store)?)?);
            }
            if let Some(act) = acts.last_mut() {
                act.subjects.push(subject);
            }
        }
        acts.retain(|act| act.service == service);
        Ok(acts)
    }

    async fn standing(&self, run: i64, seq: i64) -> Result<Option<Standing>, StoreError> {
        one(&mut *self.reader().conn().await?, run, seq, self.reader().now()).await
    }

    async fn review(&self, run: i64) -> Result<Option<ReviewTally>, StoreError> {
        let found = of_run(&mut *self.reader().conn().await?, run).await?;
        Ok(found.filter(|r| !r.stale).map(|r| r.tally.at(self.reader().now())))
    }
}

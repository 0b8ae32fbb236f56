//! What a run came to, asked for by case id.

use crate::memory::Kept;
use dualrun::domain::decode::Reason;
use dualrun::domain::finding::Finding;
use dualrun::domain::row::ReconRow;
use dualrun::domain::run::RunState;
use dualrun::domain::side::Side;
use dualrun::gates::{Stage, Standing, assess};
use std::collections::BTreeSet;

/// A row that must be listed: case, side, entity, id, column, raw value, reason.
pub type Listed<'a> = (&'a str, &'a str, &'a str, &'a str, &'a str, &'a str, Reason);

/// A row that must be there: case, key, verdict, actual, expected (empty where there is none).
pub type Judged<'a> = (&'a str, &'a str, &'a str, &'a str, &'a str);

impl Kept {
    /// Exactly these rows could not be read, and so the run counts for nothing.
    pub fn lists_exactly(&self, wanted: &[Listed<'_>]) {
        for (case, side, entity, id, column, raw, reason) in wanted {
            let found = self
                .rejected
                .iter()
                .any(|e| [e.side.word(), e.entity.word(), &e.id, &e.column, &e.raw] == [*side, *entity, *id, *column, *raw] && e.reason == *reason);
            assert!(found, "{case}: {side} {entity} {id:?} {column} {raw:?} {reason:?} is not listed among {:#?}", self.rejected);
        }
        assert_eq!(self.rejected.len(), wanted.len(), "more is listed than the table names: {:#?}", self.rejected);
        assert_eq!(self.run.tally.rejected, wanted.len() as u64);
        let state = if wanted.is_empty() { RunState::Complete } else { RunState::Incomplete };
        assert_eq!(self.run.state, state);
        assert_eq!(self.run.counts_as_evidence(), wanted.is_empty());
        if !wanted.is_empty() {
            self.opens_nothing();
        }
    }

    /// No gate that stands on the run passes.
    fn opens_nothing(&self) {
        let run = &self.run;
        let config_digest = &run.request.config_digest;
        let all = assess(&Standing {
            latest: Some(run),
            current: None,
            findings: &self.findings,
            review: None,
            imports: &dualrun::domain::import::ImportStanding::default(),
            inertness: None,
            inertness_digest: "",
            is_checked: true,
            config_digest,
            coverage_floor: 0,
            gates: None,
            flipped: "",
        });
        let outcome = |stage: Stage| all.stages.iter().find(|s| s.stage == stage).map(|s| s.outcome);
        for stage in [Stage::Reconcile, Stage::Review, Stage::Gates, Stage::Flip] {
            assert!(outcome(stage).is_some_and(|o| !o.opens()), "an incomplete run opens {}", stage.word());
        }
    }

    /// These rows have these verdicts and amounts.
    pub fn judges(&self, wanted: &[Judged<'_>]) {
        for (case, key, verdict, actual, expected) in wanted {
            let row = self.row(case, key);
            let text = |m: Option<dualrun::domain::money::Money>| m.map_or_else(String::new, |m| m.to_string());
            let is = [row.verdict.word().to_owned(), text(row.actual), text(row.expected)];
            assert_eq!(is, [*verdict, *actual, *expected], "{case}: {key:?}: {:?}", row.why);
        }
    }

    /// The one row of a key.
    pub fn row(&self, case: &str, key: &str) -> &ReconRow {
        let mut found = self.rows.iter().filter(|r| r.key.raw() == key);
        let row = found.next().unwrap_or_else(|| panic!("{case}: no row {key:?} among {:?}", self.keys()));
        assert!(found.next().is_none(), "{case}: {key:?} has more than one row");
        row
    }

    /// Keys of all rows.
    pub fn keys(&self) -> BTreeSet<&str> {
        self.rows.iter().map(|r| r.key.raw()).collect()
    }

    /// A finding of a code and side.
    pub fn finding(&self, case: &str, code: &str, side: &str) -> &Finding {
        let found = self.findings.iter().find(|f| f.code == code && f.side.word() == side);
        found.unwrap_or_else(|| panic!("{case}: no finding {code} ({side}) among {:#?}", self.findings))
    }

    /// A finding lists exactly these ids.
    pub fn finds(&self, case: &str, code: &str, side: &str, ids: &[&str]) {
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        let found: Vec<&str> = self.finding(case, code, side).ids.iter().map(dualrun::domain::text::Untrusted::raw).collect();
        assert_eq!(found, ids, "{case}: {code} ({side})");
    }

    /// Ids of a row's documents of the source.
    pub fn documents(&self, case: &str, key: &str) -> Vec<&str> {
        self.row(case, key).documents.iter().filter(|d| d.side == Side::Source).map(|d| d.id.raw()).collect()
    }
}

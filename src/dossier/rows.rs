//! A run of the dossier: each row judged anew from its inputs, then counts, money and the digest over all of them.

use crate::domain::currency::Currency;
use crate::domain::dossier::KeptRow;
use crate::domain::money::Money;
use crate::domain::pack::Pen;
use crate::domain::period::Period;
use crate::domain::profile::{ChangesWithin, ServiceProfile};
use crate::domain::row::{ReconRow, Subject, Terms};
use crate::domain::run::{MoneyTotals, Run, Tally};
use crate::domain::verdict::Verdict;
use crate::reconcile::digest::{self, Sequence};
use crate::reconcile::redo;
use crate::reconcile::tally::Tallier;
use std::collections::BTreeMap;
use std::fmt::Display;

/// One run while its rows are looked at, in their order.
pub struct RunCheck<'a> {
    run: &'a Run,
    /// What rates its rows; `None` where it is of another configuration, and then they are taken as they are.
    profile: Option<&'a ServiceProfile>,
    terms: &'a BTreeMap<String, Terms>,
    tallier: Tallier,
    results: Sequence,
    written: Pen,
    rows: i64,
    last: Option<(String, Period)>,
    redone: u64,
}

/// How much of a run was recomputed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Redone {
    /// Rows of it.
    pub rows: u64,
    /// Of those, judged anew from their inputs.
    pub redone: u64,
}

impl<'a> RunCheck<'a> {
    /// Begins a run.
    pub fn new(run: &'a Run, profile: Option<&'a ServiceProfile>, terms: &'a BTreeMap<String, Terms>) -> Self {
        Self {
            run,
            profile,
            terms,
            tallier: Tallier::default(),
            results: Sequence::of("rows"),
            written: Pen::default(),
            rows: 0,
            last: None,
            redone: 0,
        }
    }

    /// Looks at the next row; says what does not hold of it.
    pub fn row(&mut self, kept: &KeptRow) -> Vec<String> {
        let mut wrong = Vec::new();
        let row = &kept.row;
        self.rows += 1;
        if kept.seq != self.rows {
            wrong.push(format!("is row {} where row {} should be", kept.seq, self.rows));
        }
        let place = (row.key.raw().to_owned(), row.period);
        if self.last.as_ref().is_some_and(|last| (last.0.as_str(), last.1.start) > (place.0.as_str(), place.1.start)) {
            wrong.push("is not in the order of keys".to_owned());
        }
        self.last = Some(place);
        self.tallier.add(row);
        self.written.clear();
        digest::row(&mut self.written, row);
        self.results.take(&self.written);
        if let Some(profile) = self.profile {
            match redo(row, |plan| self.terms.get(plan), profile) {
                Ok(redone) if is_unread(row, &redone) => wrong.extend(unread(row)),
                Ok(redone) => {
                    self.redone += 1;
                    wrong.extend(different(row, &redone));
                }
                Err(why) => wrong.push(format!("cannot be judged anew: {why}")),
            }
            wrong.extend(facts(row, profile));
        }
        wrong
    }

    /// After the last row: what does not hold of the whole run.
    pub fn end(self, rejected: u64) -> (Vec<String>, Redone) {
        let Self { run, tallier, results, rows, redone, .. } = self;
        let mut wrong = Vec::new();
        match tallier.of_rows() {
            Some(tally) => tallies(&run.tally, &tally, &mut wrong),
            None => wrong.push("the money of its rows does not fit a total".to_owned()),
        }
        for (what, buckets) in [("source invoices", &run.tally.source_invoices), ("target invoices", &run.tally.target_invoices)] {
            let placed: u64 = buckets.iter().filter(|(word, _)| *word != "read").map(|(_, n)| n).sum();
            differs(what, "read", &buckets.get("read").copied().unwrap_or(0), &placed, &mut wrong);
        }
        differs("rows that could not be read", "listed", &run.tally.rejected, &rejected, &mut wrong);
        if !(run.current && run.counts_as_evidence()) {
            wrong.push("does not count: a run of a dossier is complete, full and read by roles that cannot write".to_owned());
        }
        let of = &run.digests;
        let made = digest::digests(&run.request, of.source.clone(), of.target.clone(), results).run;
        if made != of.run {
            wrong.push(format!("its digest is {}, and its rows, the digests of its inputs, its configuration and month make {made}", of.run));
        }
        (wrong, Redone { rows: rows.unsigned_abs(), redone })
    }
}

/// Whether a row is one of which something could not be read or known: nothing that is kept says it again.
fn is_unread(kept: &ReconRow, redone: &ReconRow) -> bool {
    kept.verdict == Verdict::NotComparable && redone.verdict != Verdict::NotComparable
}

/// Such a row says why, and has no delta.
fn unread(row: &ReconRow) -> Option<String> {
    let empty = row.delta.is_none() && row.exact_delta.is_none() && row.delta_tax.is_none();
    (row.why.is_none() || !empty).then(|| "is not comparable, and does not say why, or has a delta".to_owned())
}

/// What a row says and its inputs do not make.
fn different(kept: &ReconRow, redone: &ReconRow) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut say = |what: &str, kept: String, redone: String| {
        if kept != redone {
            wrong.push(format!("{what} is {kept}, and what it stands on makes {redone}"));
        }
    };
    let money = |money: Option<Money>| text(money.as_ref());
    say("its verdict", kept.verdict.word().to_owned(), redone.verdict.word().to_owned());
    say("its basis", kept.basis.map_or("none", |b| b.word()).to_owned(), redone.basis.map_or("none", |b| b.word()).to_owned());
    for (what, of) in FIELDS {
        say(what, money(of(kept)), money(of(redone)));
    }
    if kept.exact_delta != redone.exact_delta {
        say("its delta before rounding", text(kept.exact_delta.as_ref()), text(redone.exact_delta.as_ref()));
    }
    wrong
}

type Field = fn(&ReconRow) -> Option<Money>;

const FIELDS: [(&str, Field); 8] = [
    ("actual", |r| r.actual),
    ("expected", |r| r.expected),
    ("delta", |r| r.delta),
    ("actual tax", |r| r.actual_tax),
    ("expected tax", |r| r.expected_tax),
    ("delta of tax", |r| r.delta_tax),
    ("its rating", |r| r.rated),
    ("the target's own", |r| r.drafted),
];

fn text(value: Option<&impl Display>) -> String {
    value.map_or_else(|| "none".to_owned(), ToString::to_string)
}

/// The subscription that was rated is the one that is kept with the row; where changes are rated, as it was then, and it is kept as it is.
fn facts(row: &ReconRow, profile: &ServiceProfile) -> Option<String> {
    let (Subject::Subscription, [inputs], Some(target)) = (row.subject, row.inputs.as_slice(), &row.target) else { return None };
    let rates_changes = profile.target.changes != ChangesWithin::Ignored;
    let is_as_now = inputs.plan_id == target.plan_id.raw() && inputs.quantity == target.quantity && inputs.price_override == target.price_override;
    let same = (rates_changes || is_as_now) && inputs.discount_percent == target.discount_percent;
    (target.due && !same).then(|| "was rated by another plan, quantity, price or discount than its subscription has".to_owned())
}

fn differs<T: PartialEq + Display + ?Sized>(what: &str, word: &str, stated: &T, found: &T, wrong: &mut Vec<String>) {
    if stated != found {
        wrong.push(format!("{what}: {stated} stated, {found} {word}"));
    }
}

fn tallies(stated: &Tally, found: &Tally, wrong: &mut Vec<String>) {
    for verdict in Verdict::ALL {
        let what = format!("rows that are {}", verdict.word());
        differs(&what, "there", &stated.counts.of(verdict), &found.counts.of(verdict), wrong);
    }
    let bases = |t: &Tally| [t.basis.draft, t.basis.rated, t.basis.none];
    for ((what, stated), found) in ["by draft", "by rating", "without an expected amount"].into_iter().zip(bases(stated)).zip(bases(found)) {
        differs(&format!("rows {what}"), "there", &stated, &found, wrong);
    }
    let currencies: std::collections::BTreeSet<Currency> = stated.money.keys().chain(found.money.keys()).copied().collect();
    for currency in currencies {
        let of = |t: &Tally| t.money.get(&currency).copied().unwrap_or_default();
        for ((word, stated), (_, found)) in totals(&of(stated)).into_iter().zip(totals(&of(found))) {
            let money = |minor| Money::new(minor, currency).to_string();
            differs(&format!("{currency} {word}"), "by its rows", &money(stated), &money(found), wrong);
        }
    }
}

const fn totals(m: &MoneyTotals) -> [(&'static str, i64); 10] {
    [
        ("actual", m.actual),
        ("expected", m.expected),
        ("net", m.net),
        ("gross", m.gross),
        ("unlinked", m.unlinked),
        ("not comparable, actual", m.not_comparable_actual),
        ("not comparable, expected", m.not_comparable_expected),
        ("covered", m.covered),
        ("invoiced", m.invoiced),
        ("tolerated", m.tolerated),
    ]
}

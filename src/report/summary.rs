//! A run in a few lines for people: what it is, what it came to, the money, the findings.

use super::Facts;
use super::layout::table;
use crate::domain::finding::{Finding, Weight};
use crate::domain::run::Run;
use crate::domain::text::shown;
use crate::domain::together::Together;
use crate::domain::verdict::Verdict;
use crate::present::columns::Align::{Left, Right};
use crate::present::explain::together_lines;
use crate::present::{money, numbers, times, unreadable, words};
use words::Signs;

/// Clusters of causes listed.
const CLUSTERS: usize = 10;
/// Unreadable rows listed; the rest is counted.
const REJECTED_SHOWN: usize = 20;
/// Widest a text from outside is shown.
const TEXT: usize = 160;

/// The whole summary.
pub fn lines(facts: &Facts<'_>) -> Vec<String> {
    let mut out = head(facts);
    out.push(String::new());
    out.push(counts(facts.run));
    out.extend(money_lines(facts.run));
    section(&mut out, facts.review.map(super::review::lines).unwrap_or_default());
    section(&mut out, facts.together.map_or_else(Vec::new, causes));
    section(&mut out, findings(facts.findings));
    section(&mut out, rejected(facts));
    out
}

/// What carries the deltas; nothing where no row differs.
fn causes(of: &Together) -> Vec<String> {
    if of.rows.iter().sum::<u64>() == 0 { Vec::new() } else { together_lines(of, CLUSTERS) }
}

fn section(out: &mut Vec<String>, lines: Vec<String>) {
    if !lines.is_empty() {
        out.push(String::new());
        out.extend(lines);
    }
}

/// Which run it is, its loud marks, its digest and where it read from.
pub fn head(facts: &Facts<'_>) -> Vec<String> {
    let run = facts.run;
    let service = shown(&run.request.service, 60);
    let ended = run.finished_at.map_or_else(String::new, |at| format!(" · {}", times::absolute(at)));
    let mut out = vec![format!("run #{} · {service} {} · {}{ended}", run.id, run.request.month, run.state.word())];
    out.extend(words::run_marks(run).into_iter().map(|mark| format!("*** {mark}: this run counts for nothing ***")));
    out.extend(facts.glass.iter().map(super::glass::line));
    if let Some(why) = &run.failure {
        out.push(format!("because: {}", shown(why, TEXT)));
    }
    if !run.digests.run.is_empty() {
        out.push(format!("digest   {}", run.digests.run));
    }
    out.push(format!("journal  {} entries, head {}", facts.journal.length, facts.journal.hash));
    for snapshot in &run.snapshots {
        let place = shown(&snapshot.place, TEXT);
        out.push(format!("{}   {} · {place} · {}", snapshot.side, shown(&snapshot.server, 60), shown(&snapshot.transport, 60)));
    }
    if let Some(recheck) = run.recheck {
        let parent = run.request.recheck_of.map_or_else(String::new, |id| format!(" of run #{id}"));
        out.push(format!("recheck{parent}: {} match now, {} still differ, {} gone", recheck.now_matches, recheck.still_differs, recheck.gone));
    }
    if let Some(filter) = facts.filter {
        out.push(format!("rows that pass: {}", shown(filter, TEXT)));
    }
    out
}

/// `9 rows: ✓ 2 match · ✗ 4 delta · ○ 3 unlinked`.
pub fn counts(run: &Run) -> String {
    let counts = &run.tally.counts;
    let parts: Vec<String> = Verdict::ALL
        .into_iter()
        .filter(|v| counts.of(*v) > 0 || matches!(v, Verdict::Match | Verdict::Delta))
        .map(|v| format!("{} {} {}", words::verdict_sign(v, Signs::Unicode), numbers::count(counts.of(v)), words::verdict_label(v)))
        .collect();
    format!("{}: {}", numbers::counted(counts.total(), "row", "rows"), parts.join(" · "))
}

/// One line a currency under a heading; none where no money moved.
pub fn money_lines(run: &Run) -> Vec<String> {
    if run.tally.money.is_empty() {
        return Vec::new();
    }
    let heading = ["", "ACTUAL", "EXPECTED", "NET", "GROSS", "UNLINKED", "COVERED", "TOLERATED"].map(str::to_owned).to_vec();
    let mut rows = vec![heading];
    for (currency, m) in &run.tally.money {
        let grouped = |minor| money::grouped(minor, *currency);
        rows.push(vec![
            currency.to_string(),
            grouped(m.actual),
            grouped(m.expected),
            money::signed(m.net, *currency),
            grouped(m.gross),
            grouped(m.unlinked),
            m.coverage().map_or_else(|| "–".to_owned(), numbers::percent),
            grouped(m.tolerated),
        ]);
    }
    let mut lines = table(&[Left, Right, Right, Right, Right, Right, Right, Right], &rows);
    for (currency, m) in run.tally.money.iter().filter(|(_, m)| m.not_comparable_actual != 0 || m.not_comparable_expected != 0) {
        let (actual, expected) = (money::grouped(m.not_comparable_actual, *currency), money::grouped(m.not_comparable_expected, *currency));
        lines.push(format!("{currency}  not comparable, in no sum above: actual {actual}, expected {expected}"));
    }
    lines
}

/// A line a finding, blocking first; a blocking one is followed by its remedy.
pub fn findings(findings: &[Finding]) -> Vec<String> {
    let mut out = Vec::new();
    for f in findings {
        let money = if f.money.is_empty() { String::new() } else { format!(" · {}", money::list(f.money.iter().map(|(c, m)| (*c, *m)))) };
        let ids: Vec<String> = f.ids.iter().take(3).map(|id| id.shown(40)).collect();
        let more = f.count > 3 && f.ids.len() > 3;
        let ids = if ids.is_empty() { String::new() } else { format!(" · {}{}", ids.join(", "), if more { " …" } else { "" }) };
        let sign = words::weight_sign(f.weight, Signs::Unicode);
        let code = shown(&f.code, 60).replace('_', " ");
        out.push(format!("{sign} {:<8} {} × {code} ({}){money}{ids}", f.weight.word(), numbers::count(f.count), f.side.word()));
        if f.weight == Weight::Blocking && !f.remedy.is_empty() {
            out.push(format!("           {} — {}", shown(&f.message, TEXT), shown(&f.remedy, TEXT)));
        }
    }
    out
}

fn rejected(facts: &Facts<'_>) -> Vec<String> {
    let total = facts.run.tally.rejected.max(u64::try_from(facts.rejected.len()).unwrap_or(u64::MAX));
    if total == 0 {
        return Vec::new();
    }
    let mut out = vec![format!("{} could not be read:", numbers::counted(total, "row", "rows"))];
    out.extend(facts.rejected.iter().take(REJECTED_SHOWN).map(|e| format!("  {}", shown(&unreadable::line(e), 2 * TEXT))));
    let left = total.saturating_sub(u64::try_from(facts.rejected.len().min(REJECTED_SHOWN)).unwrap_or(u64::MAX));
    if left > 0 {
        out.push(format!("  and {} more (report json lists them)", numbers::count(left)));
    }
    out
}

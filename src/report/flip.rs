//! A flip pack, a plan, a look at first invoices and a rehearsal: as JSON objects, and as lines for people.

use super::layout::table;
use crate::domain::currency::Currency;
use crate::domain::flip::{CareLine, CareState, Direction, FlipPack, FlipPlan, LeftOut, Look, PackLine, Rehearsal, Totals};
use crate::domain::money::Money;
use crate::domain::text::shown;
use crate::present::columns::Align::{Left, Right};
use crate::present::{money, numbers, times};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Subscriptions listed for people where there are many; machines get all of them.
const LISTED: usize = 20;

/// Amounts by currency, as plain text.
pub fn amounts(of: &BTreeMap<Currency, i64>) -> Map<String, Value> {
    of.iter().map(|(currency, minor)| (currency.to_string(), money::plain(*minor, *currency).into())).collect()
}

fn totals_object(totals: &Totals) -> Value {
    let largest = totals.largest.iter().map(|(currency, (subscription, minor))| {
        (currency.to_string(), json!({ "subscription": subscription, "net": money::plain(*minor, *currency) }))
    });
    json!({ "subscriptions": totals.count, "money": amounts(&totals.money), "largest": largest.collect::<Map<_, _>>() })
}

/// A pack for machines: every change with its inverse.
pub fn pack_object(pack: &FlipPack) -> Value {
    let line = |line: &PackLine| {
        let changes = line.changes.iter().map(|change| {
            let step = change.step();
            json!({
                "side": step.side(),
                "act": step.act(Direction::Forward),
                "change": change.content,
                "target_id": change.target_id,
                "inverse": step.act(Direction::Back),
                "does": change.words(Direction::Forward),
                "undone_by": change.words(Direction::Back),
            })
        });
        json!({
            "subscription": line.subscription,
            "customer": line.customer,
            "plan": line.plan,
            "billed_through": line.billed_through,
            "expected": {
                "period_start": line.expected.period.start,
                "period_end": line.expected.period.end,
                "bill_on": line.expected.bill_on,
                "currency": line.expected.net.currency,
                "net": line.expected.net.to_string(),
                "tax": line.expected.tax.map(|tax| tax.to_string()),
            },
            "changes": changes.collect::<Vec<_>>(),
        })
    };
    json!({
        "wave": pack.wave,
        "from": pack.from,
        "digest": pack.digest(),
        "phrase": pack.phrase(Direction::Forward),
        "totals": totals_object(&pack.totals()),
        "lines": pack.lines.iter().map(line).collect::<Vec<_>>(),
    })
}

/// A pack for people: what it comes to, then each subscription with its changes and what undoes them.
pub fn pack_lines(pack: &FlipPack) -> Vec<String> {
    let mut out = totals_lines(pack);
    for line in &pack.lines {
        let tax = line.expected.tax.map_or_else(|| "tax not known".to_owned(), |tax| format!("tax {}", money::grouped(tax.minor, tax.currency)));
        out.push(String::new());
        out.push(format!("{} · {} · {}", shown(&line.subscription, 60), line.customer.shown(40), line.plan.shown(40)));
        out.push(format!(
            "  first invoice {} ({tax}), {} to {}, on {}",
            money::named(line.expected.net),
            line.expected.period.start,
            line.expected.period.last(),
            line.expected.bill_on
        ));
        for change in &line.changes {
            out.push(format!("  → {}", change.words(Direction::Forward)));
        }
        for change in line.changes.iter().rev() {
            out.push(format!("  ← {}", change.words(Direction::Back)));
        }
    }
    out
}

/// What a pack comes to, in a few lines.
pub fn totals_lines(pack: &FlipPack) -> Vec<String> {
    let totals = pack.totals();
    let mut out = vec![format!(
        "wave {} · {} · {} · {}",
        pack.wave,
        shown(&pack.from, 60),
        numbers::counted(totals.count, "subscription", "subscriptions"),
        money::list(totals.money.iter().map(|(c, m)| (*c, *m)))
    )];
    for (currency, (subscription, minor)) in &totals.largest {
        out.push(format!("largest  {} · {}", money::named(Money::new(*minor, *currency)), shown(subscription, 60)));
    }
    out.push(format!("digest   {}", pack.digest()));
    out
}

/// A plan for machines.
pub fn plan_object(plan: &FlipPlan) -> Value {
    json!({
        "digest": plan.digest(),
        "period": plan.month,
        "run": plan.run,
        "rules": plan.rules,
        "waves": plan.waves.iter().map(pack_object).collect::<Vec<_>>(),
        "left_out": plan.left_out,
    })
}

/// A plan for people.
pub fn plan_lines(plan: &FlipPlan) -> Vec<String> {
    let mut out = vec![format!("by run #{} of {} · plan {}", plan.run, plan.month, plan.digest())];
    if plan.waves.is_empty() {
        out.push("no subscription can be flipped".to_owned());
    } else {
        let heading = heading(["WAVE", "FROM", "SUBSCRIPTIONS", "FIRST INVOICES", "LARGEST"]);
        let rows: Vec<Vec<String>> = std::iter::once(heading).chain(plan.waves.iter().map(wave_cells)).collect();
        out.extend(table(&[Right, Left, Right, Right, Right], &rows));
    }
    out.extend(left_out_lines(&plan.left_out));
    out
}

fn heading<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(str::to_owned).to_vec()
}

fn wave_cells(pack: &FlipPack) -> Vec<String> {
    let totals = pack.totals();
    vec![
        pack.wave.to_string(),
        shown(&pack.from, 24),
        numbers::count(totals.count),
        money::list(totals.money.iter().map(|(c, m)| (*c, *m))),
        money::list(totals.largest.iter().map(|(c, (_, m))| (*c, *m))),
    ]
}

/// Who is in no wave, and why.
pub fn left_out_lines(left_out: &[LeftOut]) -> Vec<String> {
    if left_out.is_empty() {
        return Vec::new();
    }
    let count = numbers::count(u64::try_from(left_out.len()).unwrap_or(u64::MAX));
    let mut out = vec![String::new(), format!("in no wave: {count}")];
    for left in left_out.iter().take(LISTED) {
        out.push(format!("  {} · {}", shown(&left.subscription, 60), shown(&left.why.join("; "), 200)));
    }
    if left_out.len() > LISTED {
        out.push(format!("  … and {} more (--format json lists all)", left_out.len() - LISTED));
    }
    out
}

fn care_words(line: &CareLine) -> (String, String) {
    match &line.state {
        CareState::Clean { delta: 0 } => ("✓ clean".to_owned(), String::new()),
        CareState::Clean { delta } => ("✓ clean".to_owned(), format!("off by {}", money::signed_named(Money::new(*delta, line.expected.currency)))),
        CareState::Held { why } => ("✗ held".to_owned(), shown(why, 120)),
        CareState::Awaited => ("◌ awaited".to_owned(), format!("due on {}", line.bill_on)),
        CareState::Missing => ("✗ missing".to_owned(), format!("was due on {}", line.bill_on)),
        CareState::Unknown { why } => ("? unknown".to_owned(), shown(why, 120)),
    }
}

/// A look at first invoices for people.
pub fn look_lines(look: &Look) -> Vec<String> {
    let heading = heading(["STATE", "SUBSCRIPTION", "EXPECTED", "ACTUAL", "WHY"]);
    let rows: Vec<Vec<String>> = std::iter::once(heading).chain(look.lines.iter().map(care_cells)).collect();
    let mut out = vec![format!("first invoices of wave {} on {}", look.wave, look.on)];
    out.extend(table(&[Left, Left, Right, Right, Left], &rows));
    out
}

fn care_cells(line: &CareLine) -> Vec<String> {
    let (state, why) = care_words(line);
    let actual = line.actual.map_or_else(|| "–".to_owned(), money::named);
    vec![state, shown(&line.subscription, 40), money::named(line.expected), actual, why]
}

/// A look for machines.
pub fn look_object(look: &Look) -> Value {
    let line = |line: &CareLine| {
        json!({
            "subscription": line.subscription,
            "bill_on": line.bill_on,
            "currency": line.expected.currency,
            "expected": line.expected.to_string(),
            "actual": line.actual.map(|money| money.to_string()),
            "actual_currency": line.actual.map(|money| money.currency),
            "standing": line.state,
        })
    };
    json!({
        "wave": look.wave,
        "on": look.on,
        "clean": look.is_clean(),
        "alarms": look.alarms().count(),
        "lines": look.lines.iter().map(line).collect::<Vec<_>>(),
    })
}

/// A rehearsal for people.
pub fn rehearsal_lines(rehearsal: &Rehearsal) -> Vec<String> {
    let whole = match &rehearsal.failure {
        None => "applied and backed out whole".to_owned(),
        Some(why) => shown(why, 200),
    };
    let mut out = vec![format!("rehearsal of wave {} in {} · {whole}", rehearsal.wave, shown(&rehearsal.place, 200))];
    out.extend(rehearsal.steps.iter().map(|step| format!("  {:<24} {}", shown(&step.what, 40), times::duration(step.milliseconds))));
    out
}

//! How the rows of a run stand by people's decisions, and its waivers with their money: as lines for people and as one object.

use crate::domain::currency::Currency;
use crate::domain::review::{Act, Deed, Reason, ReviewTally, Sum, Waiver, WaiverRoll, WaiverState};
use crate::domain::text::shown;
use crate::domain::told::ReviewFacts;
use crate::domain::verdict::Review;
use crate::present::{filter, money, numbers, times};
use serde_json::{Map, Value, json};

/// The states in the order they are told.
const STATES: [Review; 4] = [Review::Open, Review::Explained, Review::Waived, Review::Resolved];
/// Widest a text of a person is shown.
const TEXT: usize = 160;

/// `1 row +5.00 CAD`; of several rows that differ both ways also what they come to without signs.
fn sum_text(sum: &Sum) -> String {
    let amounts = sum.money.iter().map(|(currency, (net, gross))| {
        let both_ways = if net.abs() == *gross { String::new() } else { format!(" ({} gross)", money::grouped(*gross, *currency)) };
        format!("{} {currency}{both_ways}", money::signed(*net, *currency))
    });
    let amounts: Vec<String> = amounts.collect();
    format!("{} {}", numbers::counted(sum.rows, "row", "rows"), amounts.join(", ")).trim_end().to_owned()
}

/// `review   3 rows open · 1 row waived +5.00 CAD`.
pub fn tally_line(tally: &ReviewTally) -> String {
    let parts = STATES.into_iter().map(|state| (state, tally.of(state).all())).filter(|(state, sum)| sum.rows > 0 || *state == Review::Open);
    let parts: Vec<String> = parts.map(|(state, sum)| format!("{} {}", state.word(), sum_text(&sum))).collect();
    format!("review   {}", parts.join(" · "))
}

/// The whole for people; nothing where nobody ever decided anything.
pub fn lines(facts: &ReviewFacts) -> Vec<String> {
    let mut out = match &facts.tally {
        Some(tally) => vec![tally_line(tally)],
        None if facts.waivers.is_empty() => Vec::new(),
        None => vec!["review   not looked at since decisions were made: nothing is waived".to_owned()],
    };
    for (waiver, state) in &facts.waivers {
        out.extend(waiver_lines(waiver, *state, facts.roll(waiver.id)));
    }
    out
}

/// Every waiver for a line of its own: its state, and its terms, money and people in words.
pub fn waiver_texts(facts: &ReviewFacts) -> Vec<(&'static str, String)> {
    let words = |(waiver, state): &(Waiver, WaiverState)| {
        let lines: Vec<String> = waiver_lines(waiver, *state, facts.roll(waiver.id)).iter().map(|line| line.trim().to_owned()).collect();
        (state.word(), lines.join(" · "))
    };
    facts.waivers.iter().map(words).collect()
}

fn waiver_lines(waiver: &Waiver, state: WaiverState, roll: Option<&WaiverRoll>) -> Vec<String> {
    let terms = &waiver.terms;
    let waived = roll.map(|r| r.waived.all()).unwrap_or_default();
    let caps = money::list(terms.cap.iter().map(|cap| (cap.currency, cap.minor)));
    let asked = shown(&filter::of_predicate(&terms.predicate), TEXT);
    let people = match (&waiver.confirmed_by, &waiver.revoked) {
        (_, Some((who, why))) => format!("revoked by {}: {}", shown(who, 60), shown(why, TEXT)),
        (Some(second), None) => format!("made by {}, confirmed by {}", shown(&waiver.made_by, 60), shown(second, 60)),
        (None, None) => format!("made by {}, confirmed by nobody", shown(&waiver.made_by, 60)),
    };
    let mut out = vec![
        format!("waiver #{} {} · {} of at most {caps} · {asked} · {}", waiver.id, state.word().replace('_', " "), sum_text(&waived), terms.expected),
        format!("           owner {} · until {} · {people} · {}", shown(&terms.owner, 60), terms.expires, shown(&terms.reason, TEXT)),
    ];
    for (reason, apart) in roll.into_iter().flat_map(|r| &r.reopened) {
        out.push(format!("           open again: {} {}", sum_text(&apart.all()), reason.word().replace('_', " ")));
    }
    out
}

/// Rows and money as text, so that no reader's binary floats can change it.
pub fn sum_object(sum: &Sum) -> Value {
    let amount = |(currency, (net, gross)): (&Currency, &(i64, i64))| {
        (currency.to_string(), json!({ "net": money::plain(*net, *currency), "gross": money::plain(*gross, *currency) }))
    };
    json!({ "rows": sum.rows, "money": sum.money.iter().map(amount).collect::<Map<_, _>>() })
}

/// Rows by state, documents without a subscription counted in and apart.
pub fn tally_object(tally: &ReviewTally) -> Value {
    let of = |state: Review| {
        let mut object = sum_object(&tally.of(state).all());
        object["unlinked_rows"] = tally.of(state).unlinked.rows.into();
        (state.word().to_owned(), object)
    };
    Value::Object(STATES.into_iter().map(of).collect())
}

/// The whole for machines: rows by state, then every waiver.
pub fn object(facts: &ReviewFacts) -> Value {
    json!({ "states": facts.tally.as_ref().map(tally_object), "waivers": waivers_object(facts) })
}

/// Every waiver with its money.
pub fn waivers_object(facts: &ReviewFacts) -> Value {
    facts.waivers.iter().map(|(waiver, state)| waiver_object(waiver, *state, facts.roll(waiver.id))).collect()
}

/// One waiver.
pub fn waiver_object(waiver: &Waiver, state: WaiverState, roll: Option<&WaiverRoll>) -> Value {
    let terms = &waiver.terms;
    let caps: Map<String, Value> = terms.cap.iter().map(|cap| (cap.currency.to_string(), cap.to_string().into())).collect();
    let reopened = |roll: &WaiverRoll| -> Map<String, Value> {
        roll.reopened.iter().map(|(reason, apart): (&Reason, _)| (reason.word().to_owned(), sum_object(&apart.all()))).collect()
    };
    json!({
        "id": waiver.id,
        "state": state.word(),
        "filter": filter::of_predicate(&terms.predicate),
        "delta": terms.expected.to_string(),
        "cap": caps,
        "owner": terms.owner,
        "reason": terms.reason,
        "from": terms.from,
        "expires": terms.expires,
        "made_by": waiver.made_by,
        "made_at": waiver.made_at,
        "confirmed_by": waiver.confirmed_by,
        "revoked_by": waiver.revoked.as_ref().map(|(who, _)| who),
        "revoked_because": waiver.revoked.as_ref().map(|(_, why)| why),
        "waived": sum_object(&roll.map(|r| r.waived.all()).unwrap_or_default()),
        "reopened": roll.map(reopened).unwrap_or_default(),
    })
}

/// A decision about a row: when, who, of which month, about which cause, and what.
pub fn act_line(act: &Act) -> String {
    let cause = act.subjects.first().and_then(|subject| subject.cause.as_deref()).unwrap_or("unexplained");
    let what = match &act.deed {
        Deed::Note { text } => format!("note: {}", shown(text, 400)),
        Deed::Own { owner } => format!("owner: {}", shown(owner, 60)),
        Deed::Resolve { reason } => format!("resolved: {}", shown(reason, 200)),
        Deed::Reopen { reason } => format!("reopened: {}", shown(reason, 200)),
        Deed::Waive(terms) => format!("waiver #{}: {}", act.id, shown(&terms.reason, 200)),
        Deed::Confirm { waiver } => format!("confirmed waiver #{waiver}"),
        Deed::Revoke { waiver, .. } => format!("revoked waiver #{waiver}"),
    };
    format!("  {} {} · {} · {cause} · {what}", times::absolute(act.at), shown(&act.actor, 60), act.month)
}

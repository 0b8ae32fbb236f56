//! Explanations for machines. Money and fractions are text, so that no reader's binary floats can change them.

use crate::domain::explanation::{Component, Explanation, Hypothesis, OddOne};
use crate::domain::row::ReconRow;
use crate::domain::together::{Apart, Together};
use crate::domain::usage_review::{STATISTIC, UsageReview};
use crate::present::explain::{apart, customer_eye, sixteenths};
use crate::present::money;
use serde_json::{Value, json};

/// One row with its explanation.
pub fn object(row: &ReconRow, told: &Explanation) -> Value {
    json!({
        "period": row.period.to_string(),
        "subscription_id": row.key,
        "customer": row.customer,
        "plan": row.plan,
        "verdict": row.verdict.word(),
        "currency": row.currency(),
        "actual": row.actual.map(|m| m.to_string()),
        "expected": row.expected.map(|m| m.to_string()),
        "delta": row.delta.map(|m| m.to_string()),
        "delta_tax": row.delta_tax.map(|m| m.to_string()),
        "certainty": told.certainty.word(),
        "hypotheses": told.hypotheses.iter().map(hypothesis).collect::<Vec<_>>(),
        "bridge": told.bridge.iter().map(component).collect::<Vec<_>>(),
        "residual": told.residual,
        "chance_per_10000": told.chance,
        "nearest": told.nearest,
        "wanted": told.wanted,
        "odd_one": told.odd_one.map(OddOne::word),
        "customer_eye": customer_eye(row),
    })
}

fn hypothesis(of: &Hypothesis) -> Value {
    json!({
        "causes": of.causes.iter().map(|c| c.word()).collect::<Vec<_>>(),
        "ids": of.causes.iter().map(|c| c.id()).collect::<Vec<_>>(),
        "parameters": of.parameters,
        "words": of.words,
        "evidence": of.evidence,
        "choices": of.choices,
        "bits": sixteenths(of.bits),
        "score": sixteenths(of.score),
    })
}

fn component(of: &Component) -> Value {
    json!({ "step": of.step.word(), "amount": of.amount, "words": of.words })
}

/// What they come to together.
pub fn together(of: &Together) -> Value {
    let [confirmed, ambiguous, candidate, unexplained] = of.rows;
    json!({
        "rows": { "confirmed": confirmed, "ambiguous": ambiguous, "candidate": candidate, "unexplained": unexplained },
        "confirmed": of.confirmed.iter().map(sums).collect::<Vec<_>>(),
        "unexplained": of.unexplained.iter().map(sums).collect::<Vec<_>>(),
        "clusters": of.clusters.iter().map(|c| json!({
            "certainty": c.certainty.word(),
            "causes": c.causes.iter().map(|c| c.word()).collect::<Vec<_>>(),
            "parameters": c.parameters,
            "plan": c.plan,
            "rows": c.rows,
            "money": c.money.iter().map(sums).collect::<Vec<_>>(),
            "votes": c.votes.map(|v| json!({ "closes": v.closes, "of": v.of })),
            "examples": c.examples,
            "words": apart(&c.money),
        })).collect::<Vec<_>>(),
        "masked": of.masked.iter().map(|m| json!({
            "customer": m.customer,
            "currency": m.currency,
            "over": money::plain(m.over, m.currency),
            "under": money::plain(m.under, m.currency),
            "worst_per_10000": m.worst,
        })).collect::<Vec<_>>(),
        "tolerances": of.tolerances.iter().map(|t| json!({
            "currency": t.currency,
            "tolerance": money::plain(t.tolerance, t.currency),
            "rows": t.rows,
            "hidden": money::plain(t.hidden, t.currency),
            "net": money::plain(t.net, t.currency),
            "one_sided": t.is_one_sided(),
        })).collect::<Vec<_>>(),
    })
}

fn sums(of: &Apart) -> Value {
    json!({ "currency": of.currency, "net": money::plain(of.net, of.currency), "gross": money::plain(of.gross, of.currency) })
}

/// Usage that stands out from a subscription's own history. Quantities are text.
pub fn unusual(of: &UsageReview) -> Value {
    json!({
        "months": of.months,
        "rows": of.rows,
        "statistic": STATISTIC,
        "unusual": of.unusual.iter().map(|u| json!({
            "subscription_id": u.key,
            "customer": u.customer,
            "period": u.period.to_string(),
            "metric": u.metric,
            "quantity": u.quantity,
            "median": u.median,
            "deviation": u.deviation,
            "months": u.months,
        })).collect::<Vec<_>>(),
        "more": of.more,
    })
}

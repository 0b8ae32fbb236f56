//! What changed between two runs, for machines. Money is text.

use crate::domain::money::Money;
use crate::domain::side::Side;
use crate::domain::since::{Change, Had, RowChange, Since};
use crate::present::money;
use serde_json::{Value, json};

/// One row.
pub fn object(of: &RowChange) -> Value {
    json!({
        "key": of.key,
        "period": of.period.to_string(),
        "customer": of.customer,
        "before": of.before.map(had),
        "after": of.after.map(had),
        "changes": of.changes.iter().map(change).collect::<Vec<_>>(),
    })
}

fn text(money: Option<Money>) -> Option<String> {
    money.map(|m| m.to_string())
}

fn had(of: Had) -> Value {
    let currency = of.actual.or(of.expected).map(|m| m.currency);
    json!({ "verdict": of.verdict.word(), "currency": currency, "actual": text(of.actual), "expected": text(of.expected), "delta": text(of.delta) })
}

fn change(of: &Change) -> Value {
    json!({ "what": of.what.word(), "side": of.side.map(Side::word), "words": of.words, "moved": text(of.moved) })
}

/// What all of it comes to.
pub fn together(of: &Since) -> Value {
    let kinds = of.kinds.iter().map(|(what, kind)| {
        let money = kind.money.iter().map(|(currency, (net, gross))| {
            json!({ "currency": currency, "net": money::plain(*net, *currency), "gross": money::plain(*gross, *currency) })
        });
        json!({ "what": what.word(), "changes": kind.changes, "money": money.collect::<Vec<_>>() })
    });
    json!({ "rows": of.rows, "kinds": kinds.collect::<Vec<_>>() })
}

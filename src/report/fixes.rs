//! Corrections and what they would do, for machines. Money is text.

use crate::domain::fixes::{Effect, Fix, Fixes, Standing};
use crate::domain::verdict::Verdict;
use crate::present::{fixes, money};
use serde_json::{Value, json};

/// All of it.
pub fn object(of: &Fixes) -> Value {
    json!({
        "before": standing(&of.before),
        "fixes": of.chosen.iter().map(|c| json!({
            "fix": fix(&c.fix),
            "alone": effect(&c.alone),
            "marginal": effect(&c.marginal),
            "after": standing(&c.after),
        })).collect::<Vec<_>>(),
        "others": of.others.iter().map(|(one, alone)| json!({ "fix": fix(one), "alone": effect(alone) })).collect::<Vec<_>>(),
        "proposed": of.proposed,
        "tried": of.tried,
    })
}

fn fix(of: &Fix) -> Value {
    let mut object = json!(of);
    // By the words of the configuration: what is printed can be written there.
    if let Fix::Proration { to } = of {
        object["to"] = json!(fixes::proration_key(*to));
    }
    object["words"] = json!(fixes::words(of));
    object
}

fn standing(of: &Standing) -> Value {
    let counts: serde_json::Map<String, Value> = Verdict::ALL.iter().map(|v| (v.word().to_owned(), json!(of.counts.of(*v)))).collect();
    json!({
        "rows": of.counts.total(),
        "counts": counts,
        "match_rate_per_10000": of.match_rate(),
        "money": of.money.iter().map(|m| json!({
            "currency": m.currency, "net": money::plain(m.net, m.currency), "gross": money::plain(m.gross, m.currency),
        })).collect::<Vec<_>>(),
    })
}

fn effect(of: &Effect) -> Value {
    json!({
        "rows": of.rows(),
        "gained": of.gained(),
        "lost": of.lost(),
        "untold": of.untold,
        "moved": of.moved.iter().map(|((from, to), rows)| json!({ "from": from.word(), "to": to.word(), "rows": rows })).collect::<Vec<_>>(),
        "money": of.money.iter().map(|(currency, (net, gross))| json!({
            "currency": currency, "net": money::plain(*net, *currency), "gross": money::plain(*gross, *currency),
        })).collect::<Vec<_>>(),
        "words": fixes::effect(of),
    })
}

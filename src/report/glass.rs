//! Broken glass: stamped on every report after it. That gates were opened although they did not hold is never left out again.

use crate::domain::gate::Glass;
use crate::domain::text::shown;
use crate::present::{money, times};
use serde_json::{Value, json};

/// Widest a reason is shown.
const REASON: usize = 160;

/// For people: who, when, why, and what was at stake.
pub fn line(glass: &Glass) -> String {
    let Glass { at, terms, .. } = glass;
    let exposure = if terms.exposure.is_empty() {
        "no money was named".to_owned()
    } else {
        format!("{} at stake", money::list(terms.exposure.iter().map(|m| (m.currency, m.minor))))
    };
    let ([by, second], reason) = (glass.people().map(|who| shown(&who, 72)), shown(&terms.reason, REASON));
    format!("*** BROKEN GLASS: {by} and {second} opened the flip although gates did not hold, {} · {exposure} · {reason} ***", times::absolute(*at))
}

/// For machines.
pub fn objects(glass: &[Glass]) -> Value {
    glass.iter().map(object).collect()
}

fn object(glass: &Glass) -> Value {
    let Glass { act, by, confirmed_by, at, terms, attested } = glass;
    let exposure = |m: &crate::domain::money::Money| json!({ "currency": m.currency, "amount": money::plain(m.minor, m.currency) });
    json!({
        "act": act, "by": by, "confirmed_by": confirmed_by, "attested": [attested.0, attested.1], "at": at, "reason": terms.reason, "expires": terms.expires,
        "exposure": terms.exposure.iter().map(exposure).collect::<Vec<_>>(), "blockers": terms.blockers,
    })
}

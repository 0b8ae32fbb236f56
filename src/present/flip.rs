//! The flip in words that every front end says alike.

use super::{money, numbers};
use crate::domain::flip::{Cost, Payment};
use crate::domain::text::shown;

/// What somebody says before a rehearsal: where databases are can be compared, where a program writes only its owner knows.
pub const ON_THE_COPY: &str = "these programs act on the copy alone";

/// What backing a wave out costs now, or why it cannot be. `no_return` is the first payment that was captured.
pub fn way_back(no_return: Option<&Payment>, cost: &Cost) -> Vec<String> {
    if let Some(payment) = no_return {
        let on = payment.on.map_or_else(String::new, |on| format!(" on {on}"));
        let of = shown(&payment.subscription, 60);
        return vec![format!("POINT OF NO RETURN: a payment of {of} was captured{on}; refunds and credits are made by hand")];
    }
    if cost.changes == 0 {
        return vec!["nothing of it is there to be undone".to_owned()];
    }
    let again = money::list(cost.billed_again.iter().map(|(c, m)| (*c, *m)));
    let changes = numbers::counted(cost.changes, "change", "changes");
    let subscriptions = numbers::counted(cost.subscriptions, "subscription", "subscriptions");
    let mut out = vec![format!("backing out now: {changes} of {subscriptions} undone; the source bills {again} instead")];
    if cost.documents > 0 {
        let credit = money::list(cost.to_credit.iter().map(|(c, m)| (*c, *m)));
        let documents = numbers::counted(cost.documents, "first invoice", "first invoices");
        out.push(format!("in the target {documents}, {credit} net, to be cancelled or credited by hand"));
    }
    out
}

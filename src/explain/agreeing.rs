//! Rows of the same plan that agree. What would be so for a whole plan (its price, a charge, what it includes, how its side rounds) is
//! refuted by a row of that plan on which both sides agree, and would not if it were so.

use super::case::Case;
use super::tries::Try;
use super::view::{Alter, View};
use crate::domain::explanation::Cause;
use crate::domain::money::Money;
use crate::domain::profile::ServiceProfile;
use crate::domain::records::Charge;
use crate::domain::row::{RatingInputs, ReconRow, SubscriptionFacts, Terms};
use crate::domain::side::Side;
use crate::domain::text::Untrusted;
use crate::domain::verdict::Verdict;

/// A row that agrees, as far as it can refute anything.
#[derive(Debug, Clone)]
pub struct Agreeing {
    key: Untrusted,
    inputs: RatingInputs,
    source: SubscriptionFacts,
    actual: Money,
}

impl Agreeing {
    /// Of a row; `None` where it does not agree, in more than nought, by one rating of a subscription that both sides know.
    pub fn of(row: &ReconRow) -> Option<Self> {
        let [inputs] = row.inputs.as_slice() else { return None };
        let (source, actual) = (row.source.as_ref()?, row.actual.filter(|a| a.minor != 0)?);
        let agrees = row.verdict == Verdict::Match && row.target.is_some();
        agrees.then(|| Self { key: row.key.clone(), inputs: inputs.clone(), source: source.clone(), actual })
    }

    /// The target's plan it was rated by.
    pub fn plan_id(&self) -> &str {
        &self.inputs.plan_id
    }

    /// Whether it agrees today, and would not if a try were right of its plan.
    fn refutes(&self, case: &Case<'_>, one: &Try<'_>) -> bool {
        let (Some(base), Some(own)) = (&case.base, case.facts(Side::Source)) else { return false };
        let has_own_price = self.source.price_override.is_some() || self.inputs.price_override.is_some();
        if self.inputs.plan_id != base.inputs.plan_id || self.source.plan_id != own.plan_id || (has_own_price && matches!(one.alter, Alter::Flat(_)))
        {
            return false;
        }
        let today = View::new(&self.inputs, base.terms);
        let amount = |view: View<'_>| case.amount(&view).map(|(_, money)| money);
        let agrees = |money: Option<Money>| money == Some(self.actual);
        if one.cause == Cause::Rounding {
            // How a side is declared to round is of all its amounts.
            let by_target = today.amount(&case.profile().target).map(|(_, money)| money);
            return agrees(by_target) && amount(today).is_some_and(|money| money != self.actual);
        }
        agrees(amount(today.clone())) && today.altered(&one.alter).and_then(amount).is_some_and(|money| money != self.actual)
    }
}

/// The key of a row that refutes a try; `None` where none does, or the try is of the row's own subscription only.
pub(super) fn refuting<'a>(case: &Case<'a>, one: &Try<'_>) -> Option<&'a Untrusted> {
    let is_of_plan = one.named.as_ref().is_some_and(|named| named.of_plan) && case.sought_side() == Side::Source;
    let found = case.around.agreeing.iter().filter(|_| is_of_plan).find(|row| row.refutes(case, one));
    found.map(|row| &row.key)
}

/// Whether something may be told of a whole plan of the target: the source's plan of its id or name costs or charges otherwise, or the
/// sides are declared to round otherwise. Only of such plans rows that agree are worth looking for.
pub fn may_differ(target: &Terms, source: &[Terms], profile: &ServiceProfile) -> bool {
    let declared = |side: Side| (profile.side(side).round_per, profile.side(side).round_mode);
    let (id, name) = (&target.plan.id, target.plan.name.raw().trim());
    let is_twin = |t: &&Terms| t.plan.id == *id || (!name.is_empty() && t.plan.name.raw().trim().eq_ignore_ascii_case(name));
    let prices = |c: &Charge| (c.model, c.unit_price, c.package_size, c.included, c.minimum, c.maximum);
    let differs = |twin: &Terms| {
        let charge = |c: &Charge| twin.charges.iter().find(|other| other.metric == c.metric).is_some_and(|other| prices(c) != prices(other));
        twin.plan.flat_price != target.plan.flat_price || target.charges.iter().any(charge)
    };
    declared(Side::Source) != declared(Side::Target) || source.iter().filter(is_twin).any(differs)
}

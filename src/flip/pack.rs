//! The pack line of a subscription: its four changes with their exact content, and its first invoice; and what differs between a
//! line as it was planned and as it would be now.

use super::first::{First, expected_first};
use super::single_writer::as_planned;
use crate::domain::flip::{Change, Content, Direction, FlipPack, PackLine, SourceBilling, Step, TargetBilling};
use crate::domain::money::Money;
use crate::domain::period::Grid;
use crate::domain::profile::SideProfile;
use crate::domain::row::{RatingInputs, Terms};
use crate::domain::text::Untrusted;

/// What is known of a subscription that shall be flipped.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    /// The external subscription id.
    pub subscription: &'a str,
    /// Its customer, for people.
    pub customer: Untrusted,
    /// Its customer, by the source's id.
    pub customer_id: &'a str,
    /// Its plan, for people.
    pub plan: Untrusted,
    /// The target's own id of it.
    pub target_id: &'a str,
    /// Its row of periods.
    pub grid: Grid,
    /// Whether it is billed before the period, where the source says so.
    pub in_advance: Option<bool>,
    /// What it was rated by.
    pub inputs: &'a RatingInputs,
    /// The target's plan and charges.
    pub terms: &'a Terms,
    /// What the target's own draft of a whole period came to, where it made one of the month that was compared.
    pub drafted: Option<Money>,
    /// Who bills it, by the source.
    pub source: SourceBilling,
    /// Who bills it, by the target.
    pub target: TargetBilling,
}

/// Makes the line, or says everything that is in the way.
pub fn line(facts: &Facts<'_>, profile: &SideProfile) -> Result<PackLine, Vec<String>> {
    let mut why = in_the_way(facts.source, facts.target);
    let Some(billed_through) = facts.source.billed_through else {
        return Err(why);
    };
    let first = First { from: billed_through, grid: facts.grid, in_advance: facts.in_advance, bill_day: facts.target.first_bill_day };
    let expected = match expected_first(&first, facts.inputs, facts.terms, profile) {
        Ok(expected) => expected,
        Err(reason) => {
            why.push(reason);
            return Err(why);
        }
    };
    if let Some(draft) = facts.drafted.filter(|draft| *draft != expected.net) {
        // Either its terms changed since it was drafted, or the target computes otherwise than is known: what it will bill is not known.
        let (rated, currency) = (expected.net, expected.net.currency);
        why.push(format!("its draft came to {draft} {}, its terms come to {rated} {currency}", draft.currency));
    }
    why.extend(as_planned(expected.period, facts.source, facts.target));
    if !why.is_empty() {
        return Err(why);
    }
    let change = |content: Content| Change { subscription: facts.subscription.to_owned(), target_id: facts.target_id.to_owned(), content };
    let metrics = facts.terms.charges.iter().map(|charge| charge.metric.clone()).collect();
    let changes = vec![
        change(Content::SwitchOff { billed_through }),
        change(Content::LinkCharge { plan: facts.terms.plan.id.clone(), metrics }),
        change(Content::Confirm { first_period_start: expected.period.start, first_bill_day: expected.bill_on }),
        change(Content::AttachPayment { customer: facts.customer_id.to_owned() }),
    ];
    let (customer, plan) = (facts.customer.clone(), facts.plan.clone());
    Ok(PackLine { subscription: facts.subscription.to_owned(), customer, plan, billed_through, expected, changes })
}

/// What either side says that forbids a flip: only a subscription that the source bills, and the target in no way yet, can be.
fn in_the_way(source: SourceBilling, target: TargetBilling) -> Vec<String> {
    let mut why = Vec::new();
    match source.billing {
        Some(true) => {}
        Some(false) => why.push("the source does not bill it".to_owned()),
        None => why.push("the source does not say whether it bills it".to_owned()),
    }
    if source.billed_through.is_none() {
        why.push("the source does not say up to when it has billed".to_owned());
    }
    for (is, what) in [
        (target.billing, "bills it already"),
        (target.has_payment_token, "has a payment method of it already"),
        (target.charge_linked, "has its charges linked already"),
    ] {
        match is {
            Some(false) => {}
            Some(true) => why.push(format!("the target {what}")),
            None => why.push(format!("the target does not say whether it {what}")),
        }
    }
    why
}

/// Something of a pack that is not as it was planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Of which subscription.
    pub subscription: String,
    /// What, from what to what.
    pub what: String,
}

impl std::fmt::Display for Changed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", crate::domain::text::shown(&self.subscription, 60), self.what)
    }
}

/// Everything in which lines as they would be now are not those of the pack. `now` gives a line, or what is in its way.
pub fn changed<'a>(pack: &FlipPack, mut now: impl FnMut(&str) -> Option<&'a Result<PackLine, Vec<String>>>) -> Vec<Changed> {
    let mut out = Vec::new();
    for was in &pack.lines {
        let mut say = |what: String| out.push(Changed { subscription: was.subscription.clone(), what });
        match now(&was.subscription) {
            None => say("it was not read".to_owned()),
            Some(Err(why)) => why.iter().cloned().for_each(&mut say),
            Some(Ok(is)) if is == was => {}
            Some(Ok(is)) => differences(was, is).into_iter().for_each(&mut say),
        }
    }
    out
}

fn differences(was: &PackLine, is: &PackLine) -> Vec<String> {
    let amount = |money: Money| format!("{money} {}", money.currency);
    let mut out = Vec::new();
    let mut differ = |what: &str, was: String, is: String| {
        if was != is {
            out.push(format!("{what} was {was} and is {is}"));
        }
    };
    differ("the expected first invoice", amount(was.expected.net), amount(is.expected.net));
    let tax = |line: &PackLine| line.expected.tax.map_or_else(|| "not known".to_owned(), amount);
    differ("its tax", tax(was), tax(is));
    differ("what the source has billed up to", was.billed_through.to_string(), is.billed_through.to_string());
    differ("the end of its first period", was.expected.period.end.to_string(), is.expected.period.end.to_string());
    differ("the day of the first invoice", was.expected.bill_on.to_string(), is.expected.bill_on.to_string());
    for step in Step::ALL {
        let words = |line: &PackLine| line.change(step).map_or_else(|| "none".to_owned(), |change| change.words(Direction::Forward));
        differ(&format!("the change {}", step.word()), words(was), words(is));
    }
    if out.is_empty() {
        out.push("its customer or plan has another name".to_owned());
    }
    out
}

//! What the columns do not hold of a row, packed as JSON arrays: positions instead of names, since a run may have millions.
//!
//! The shapes here are the stored format. A change of a domain type shows as a compile error in this file; a change of a
//! shape needs a migration.

use super::columns::Amounts;
use super::fault;
use crate::domain::currency::Currency;
use crate::domain::exact::Exact;
use crate::domain::money::Money;
use crate::domain::records::DocumentKind;
use crate::domain::row::{AppliedTax, DocumentPart, LinePart, RatingInputs, ReconRow, SubscriptionFacts};
use crate::domain::side::Side;
use crate::domain::text::Untrusted;
use crate::ports::workspace::{RowLine, StoreError};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// All amounts of a row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Monies {
    pub actual: Option<Money>,
    pub expected: Option<Money>,
    pub delta: Option<Money>,
    pub actual_tax: Option<Money>,
    pub expected_tax: Option<Money>,
    pub delta_tax: Option<Money>,
    pub rated: Option<Money>,
    pub drafted: Option<Money>,
}

impl Monies {
    /// Those of a row.
    pub fn of(row: &ReconRow) -> Self {
        Self {
            actual: row.actual,
            expected: row.expected,
            delta: row.delta,
            actual_tax: row.actual_tax,
            expected_tax: row.expected_tax,
            delta_tax: row.delta_tax,
            rated: row.rated,
            drafted: row.drafted,
        }
    }

    /// Those the columns tell.
    fn from_amounts(a: &Amounts) -> Self {
        let of = |minor: Option<i64>, currency: Option<Currency>| minor.zip(currency).map(|(minor, currency)| Money { minor, currency });
        let actual_tax = of(a.actual_tax, a.actual_currency);
        let expected_tax = of(a.expected_tax, a.expected_currency);
        Self {
            actual: of(a.actual, a.actual_currency),
            expected: of(a.expected, a.expected_currency),
            delta: of(a.delta, a.actual_currency.or(a.expected_currency)),
            actual_tax,
            expected_tax,
            delta_tax: expected_tax.zip(actual_tax).and_then(|(e, t)| e.minus(t)),
            rated: of(a.rated, a.expected_currency),
            drafted: of(a.drafted, a.expected_currency),
        }
    }

    fn packed(&self) -> [Option<Minor>; 8] {
        [self.actual, self.expected, self.delta, self.actual_tax, self.expected_tax, self.delta_tax, self.rated, self.drafted]
            .map(|m| m.map(|m| Minor(m.minor, m.currency)))
    }

    fn unpacked(packed: [Option<Minor>; 8]) -> Self {
        let [actual, expected, delta, actual_tax, expected_tax, delta_tax, rated, drafted] = packed.map(|m| m.map(Minor::money));
        Self { actual, expected, delta, actual_tax, expected_tax, delta_tax, rated, drafted }
    }
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Minor(i64, Currency);

impl Minor {
    const fn money(self) -> Money {
        Money { minor: self.0, currency: self.1 }
    }
}

/// customer id (where neither side's facts have it), why, deployments, source, target, inputs, documents, odd money.
#[derive(Serialize, Deserialize)]
struct Packed<'a>(
    Option<Cow<'a, str>>,
    Option<Cow<'a, str>>,
    Vec<Cow<'a, str>>,
    Option<Facts<'a>>,
    Option<Facts<'a>>,
    Vec<Inputs<'a>>,
    Vec<Document<'a>>,
    Option<[Option<Minor>; 8]>,
);

/// customer, plan, started, ended, trial end, quantity, override, discount, status, due.
#[derive(Serialize, Deserialize)]
struct Facts<'a>(Cow<'a, str>, Cow<'a, str>, NaiveDate, Option<NaiveDate>, Option<NaiveDate>, Exact, Option<Exact>, Exact, Cow<'a, str>, bool);

/// plan, quantity, override, discount, days, of days, usage, taxes.
#[derive(Serialize, Deserialize)]
struct Inputs<'a>(Cow<'a, str>, Exact, Option<Exact>, Exact, i64, i64, Vec<(Cow<'a, str>, Exact)>, Option<Vec<(Cow<'a, str>, Exact)>>);

/// side, id, number, kind, issued, net, exact, tax, lines of (description, quantity, amount).
#[derive(Serialize, Deserialize)]
struct Document<'a>(
    Side,
    Cow<'a, str>,
    Option<Cow<'a, str>>,
    DocumentKind,
    Option<NaiveDate>,
    Minor,
    Exact,
    Option<Minor>,
    Vec<(Option<Cow<'a, str>>, Option<Exact>, Exact)>,
);

/// Packs what the columns do not hold. All money is packed again only where the columns would not give it back.
pub(super) fn pack(row: &ReconRow, monies: &Monies) -> Result<String, StoreError> {
    let known = row.source.as_ref().or(row.target.as_ref()).map(|f| &f.customer_id);
    let odd = Monies::from_amounts(&Amounts::of(monies)) != *monies;
    let packed = Packed(
        (known != Some(&row.customer_id)).then(|| raw(&row.customer_id)),
        row.why.as_deref().map(Cow::Borrowed),
        row.deployments.iter().map(raw).collect(),
        row.source.as_ref().map(facts),
        row.target.as_ref().map(facts),
        row.inputs.iter().map(inputs).collect(),
        row.documents.iter().map(document).collect(),
        odd.then(|| monies.packed()),
    );
    serde_json::to_string(&packed).map_err(|e| fault::unreadable("packing a row", &e))
}

/// The whole row from its columns and what was packed.
pub(super) fn unpack(line: RowLine, amounts: &Amounts, packed: &str) -> Result<ReconRow, StoreError> {
    let Packed(customer_id, why, deployments, source, target, inputs, documents, odd) =
        serde_json::from_str(packed).map_err(|e| fault::unreadable(&format!("row {}", line.seq), &e))?;
    let monies = odd.map_or_else(|| Monies::from_amounts(amounts), Monies::unpacked);
    let source = source.map(facts_back);
    let target = target.map(facts_back);
    let known = source.as_ref().or(target.as_ref()).map(|f| f.customer_id.clone());
    let customer_id = customer_id.map(own).or(known).ok_or_else(|| fault::damaged(format!("row {} has no customer id", line.seq)))?;
    let exact_delta = line.exact_delta.as_deref().map(str::parse).transpose();
    Ok(ReconRow {
        subject: line.subject,
        key: line.key,
        period: line.period,
        customer: line.customer,
        customer_id,
        plan: line.plan,
        verdict: line.verdict,
        basis: line.basis,
        actual: monies.actual,
        expected: monies.expected,
        delta: monies.delta,
        exact_delta: exact_delta.map_err(|_| fault::damaged(format!("row {}: its exact delta is no number", line.seq)))?,
        actual_tax: monies.actual_tax,
        expected_tax: monies.expected_tax,
        delta_tax: monies.delta_tax,
        rated: monies.rated,
        drafted: monies.drafted,
        documents: documents.into_iter().map(document_back).collect(),
        deployments: deployments.into_iter().map(own).collect(),
        why: why.map(Cow::into_owned),
        source,
        target,
        inputs: inputs.into_iter().map(inputs_back).collect(),
        review: line.review,
    })
}

fn raw(text: &Untrusted) -> Cow<'_, str> {
    Cow::Borrowed(text.raw())
}

fn own(text: Cow<'_, str>) -> Untrusted {
    Untrusted::new(text)
}

fn facts(f: &SubscriptionFacts) -> Facts<'_> {
    let SubscriptionFacts { customer_id, plan_id, started_on, ended_on, trial_end, quantity, price_override, discount_percent, status, due } = f;
    Facts(
        raw(customer_id),
        raw(plan_id),
        *started_on,
        *ended_on,
        *trial_end,
        *quantity,
        *price_override,
        *discount_percent,
        Cow::Borrowed(status),
        *due,
    )
}

fn facts_back(f: Facts<'_>) -> SubscriptionFacts {
    let Facts(customer_id, plan_id, started_on, ended_on, trial_end, quantity, price_override, discount_percent, status, due) = f;
    let (customer_id, plan_id, status) = (own(customer_id), own(plan_id), status.into_owned());
    SubscriptionFacts { customer_id, plan_id, started_on, ended_on, trial_end, quantity, price_override, discount_percent, status, due }
}

fn inputs(i: &RatingInputs) -> Inputs<'_> {
    let RatingInputs { plan_id, quantity, price_override, discount_percent, days, of_days, usage, taxes } = i;
    let usage = usage.iter().map(|(metric, sum)| (Cow::Borrowed(metric.as_str()), *sum)).collect();
    let taxes = taxes.as_ref().map(|all| all.iter().map(|t| (raw(&t.name), t.rate)).collect());
    Inputs(Cow::Borrowed(plan_id), *quantity, *price_override, *discount_percent, *days, *of_days, usage, taxes)
}

fn inputs_back(i: Inputs<'_>) -> RatingInputs {
    let Inputs(plan_id, quantity, price_override, discount_percent, days, of_days, usage, taxes) = i;
    let usage = usage.into_iter().map(|(metric, sum)| (metric.into_owned(), sum)).collect();
    let taxes = taxes.map(|all| all.into_iter().map(|(name, rate)| AppliedTax { name: own(name), rate }).collect());
    RatingInputs { plan_id: plan_id.into_owned(), quantity, price_override, discount_percent, days, of_days, usage, taxes }
}

fn document(d: &DocumentPart) -> Document<'_> {
    let DocumentPart { side, id, number, kind, issued_on, net, exact, tax, lines } = d;
    let minor = |m: &Money| Minor(m.minor, m.currency);
    let lines = lines.iter().map(|LinePart { description, quantity, amount }| (description.as_ref().map(raw), *quantity, *amount)).collect();
    Document(*side, raw(id), number.as_ref().map(raw), *kind, *issued_on, minor(net), *exact, tax.as_ref().map(minor), lines)
}

fn document_back(d: Document<'_>) -> DocumentPart {
    let Document(side, id, number, kind, issued_on, net, exact, tax, lines) = d;
    let line = |(description, quantity, amount): (Option<Cow<'_, str>>, _, _)| LinePart { description: description.map(own), quantity, amount };
    DocumentPart {
        side,
        id: own(id),
        number: number.map(own),
        kind,
        issued_on,
        net: net.money(),
        exact,
        tax: tax.map(Minor::money),
        lines: lines.into_iter().map(line).collect(),
    }
}

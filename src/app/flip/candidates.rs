//! Who may be flipped: what a run made of each subscription, what the imports did with it, and who bills it now.

use super::billing::{OfSource, OfTarget};
use crate::app::error::AppError;
use crate::app::project::Project;
use crate::domain::contract::Entity;
use crate::domain::import::{Delivery, DeliveryState, Staged};
use crate::domain::money::Money;
use crate::domain::profile::SubscriptionState;
use crate::domain::row::Subject;
use crate::domain::run::Run;
use crate::domain::shadow::{RecordId, Shadow, SubscriptionShadow};
use crate::domain::verdict::{Review, Verdict};
use crate::flip::{Candidate, Complexity, Facts, Ready, Rhythm, grid_of, line};
use crate::ports::workspace::{PageFrom, PageRequest, RowDetail, RowFilter, RowLine, Sort, Workspace};
use std::collections::{BTreeMap, BTreeSet};

/// Rows asked for at once.
const PAGE: usize = 1000;
/// Months looked back for a streak.
const MONTHS: usize = 24;

/// What the workspace knows of the service's subscriptions.
pub(super) struct Known {
    /// The run that counts, of the newest month that compared anything.
    pub run: Run,
    /// Its rows by subscription.
    pub rows: BTreeMap<String, Vec<RowLine>>,
    /// Earlier months' rows, newest first, each a month before the one before it.
    earlier: Vec<BTreeMap<String, Vec<RowLine>>>,
    staged: BTreeMap<RecordId, Staged>,
    deliveries: BTreeMap<RecordId, Delivery>,
    target_ids: BTreeMap<RecordId, String>,
    /// Subscriptions of each customer.
    of_customer: BTreeMap<String, u32>,
}

/// The rows of a run's subscriptions.
pub(super) async fn rows_of<S: Workspace + ?Sized>(store: &S, run: i64) -> Result<BTreeMap<String, Vec<RowLine>>, AppError> {
    let mut rows: BTreeMap<String, Vec<RowLine>> = BTreeMap::new();
    let mut from = PageFrom::Start;
    loop {
        let page = store.page(&PageRequest { run, filter: RowFilter::default(), sort: Sort::default(), from, limit: PAGE }).await?;
        let last = page.rows.last().map(|(cursor, _)| cursor.clone());
        for (_, row) in page.rows.into_iter().filter(|(_, row)| row.subject == Subject::Subscription) {
            rows.entry(row.key.raw().to_owned()).or_default().push(row);
        }
        match last {
            Some(cursor) if page.more_after => from = PageFrom::After(cursor),
            _ => return Ok(rows),
        }
    }
}

impl Known {
    /// Reads it. The run must have been made under the configuration as it is.
    pub async fn load<S: Workspace + ?Sized>(project: &Project, store: &S) -> Result<Self, AppError> {
        let service = &project.profile.service;
        let mut runs: Vec<Run> = store.current_runs().await?.into_iter().filter(|r| r.request.service == *service).collect();
        runs.sort_by_key(|run| std::cmp::Reverse(run.request.month));
        let at = runs.iter().position(|run| run.tally.counts.total() > 0);
        let mut runs = at.map(|at| runs.split_off(at)).unwrap_or_default().into_iter();
        let run = runs.next().ok_or_else(|| AppError::Usage("nothing was compared yet that counts — dualrun reconcile".to_owned()))?;
        if run.request.config_digest != project.config_digest {
            return Err(AppError::Changed(format!("the configuration changed since run #{} — reconcile again, then plan", run.id)));
        }
        let rows = rows_of(store, run.id).await?;
        let mut earlier = Vec::new();
        for (nth, before) in (1i32..).zip(runs.take(MONTHS)) {
            // A month that nobody compared ends every streak.
            if before.request.month != run.request.month.plus(-nth) {
                break;
            }
            earlier.push(rows_of(store, before.id).await?);
        }
        let target_ids = store.mapping(service).await?.into_iter().map(|pair| (pair.id, pair.target_id)).collect();
        let staged = store.staged(service).await?;
        let mut of_customer: BTreeMap<String, u32> = BTreeMap::new();
        for of in staged.values() {
            if let Shadow::Subscription(shadow) = &of.shadow {
                *of_customer.entry(shadow.customer.clone()).or_default() += 1;
            }
        }
        Ok(Self { rows, earlier, staged, deliveries: store.deliveries(service).await?, target_ids, of_customer, run })
    }

    fn shadow(&self, subscription: &str) -> Option<&SubscriptionShadow> {
        match &self.staged.get(&RecordId::new(Entity::Subscriptions, subscription))?.shadow {
            Shadow::Subscription(shadow) => Some(shadow),
            _ => None,
        }
    }

    /// Every subscription anybody knows: staged, compared, or billed by the source.
    pub fn everybody(&self, source: &OfSource) -> BTreeSet<String> {
        let staged = self.staged.keys().filter(|id| id.entity == Entity::Subscriptions).map(|id| id.external_id.clone());
        let billed = source.of.iter().filter(|(_, billing)| billing.billing != Some(false)).map(|(id, _)| id.clone());
        staged.chain(self.rows.keys().cloned()).chain(billed).collect()
    }

    /// Months in a row, up to the newest, in which a subscription was clean.
    fn streak(&self, subscription: &str) -> u32 {
        let months = std::iter::once(&self.rows).chain(&self.earlier);
        let clean = months.take_while(|rows| rows.get(subscription).is_some_and(|rows| rows.iter().all(is_clean)));
        u32::try_from(clean.count()).unwrap_or(u32::MAX)
    }

    fn complexity(&self, shadow: &SubscriptionShadow, detail: &RowDetail) -> Complexity {
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let plans: BTreeSet<&str> = std::iter::once(&self.rows)
            .chain(&self.earlier)
            .filter_map(|rows| rows.get(&shadow.external_id))
            .flatten()
            .map(|row| row.plan.raw())
            .collect();
        let charges = detail.terms.iter().flatten().map(|terms| terms.charges.len()).sum();
        let own = usize::from(!shadow.discount_percent.is_zero()) + usize::from(shadow.price_override.is_some());
        Complexity {
            charges: count(charges),
            discounts: count(own),
            plan_changes: count(plans.len().saturating_sub(1)),
            siblings: self.of_customer.get(&shadow.customer).copied().unwrap_or_default().saturating_sub(1),
        }
    }

    /// What of the imports is in the way.
    fn not_imported(&self, subscription: &str) -> Option<String> {
        let id = RecordId::new(Entity::Subscriptions, subscription);
        let Some(shadow) = self.shadow(subscription) else { return Some("it is not imported".to_owned()) };
        if shadow.status != SubscriptionState::Active {
            return Some(format!("it is {} in the source", shadow.status.word()));
        }
        if let Some(end) = shadow.ended_on {
            return Some(format!("it ends on {end} in the source"));
        }
        let needed = [id.clone(), RecordId::new(Entity::Customers, &*shadow.customer), RecordId::new(Entity::Plans, &*shadow.plan)];
        if let Some(open) = needed.iter().filter_map(|id| self.deliveries.get(id)).find(|d| d.state != DeliveryState::Verified) {
            return Some(format!("the import of {} is {}", open.id, open.state.word().replace('_', " ")));
        }
        (!self.target_ids.contains_key(&id)).then(|| "which record of the target stands for it is not known — import again".to_owned())
    }
}

/// Whether a row lets its subscription be flipped.
pub(super) fn is_clean(row: &RowLine) -> bool {
    matches!(row.verdict, Verdict::Match | Verdict::WithinTolerance) || row.review == Review::Waived
}

/// Rows of a run over fresh snapshots, held against what was decided before: a row that differs by the very amount that is waived is
/// as clean as it was.
pub(super) fn carried(now: BTreeMap<String, Vec<RowLine>>, known: &Known) -> BTreeMap<String, Vec<RowLine>> {
    let waived = |row: &RowLine| {
        let before = known.rows.get(row.key.raw()).into_iter().flatten().find(|b| b.period == row.period);
        before.is_some_and(|b| {
            b.review == Review::Waived && b.delta.is_some() && (b.verdict, b.delta, &b.exact_delta) == (row.verdict, row.delta, &row.exact_delta)
        })
    };
    let decided = |mut row: RowLine| {
        if waived(&row) {
            row.review = Review::Waived;
        }
        row
    };
    now.into_iter().map(|(key, rows)| (key, rows.into_iter().map(decided).collect())).collect()
}

/// Rows of a run, by subscription, and which run that is.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    pub run: i64,
    pub of: &'a BTreeMap<String, Vec<RowLine>>,
}

/// Both sides' word on who bills.
#[derive(Clone, Copy)]
pub(super) struct Billing<'a> {
    pub source: &'a OfSource,
    pub target: &'a OfTarget,
}

/// A candidate, and how it is billed where it is ready.
pub(super) struct Looked {
    pub candidate: Candidate,
    pub rhythm: Option<Rhythm>,
}

/// Looks at one subscription: ready, with its line of a pack, or everything that is in its way.
pub(super) async fn look<S: Workspace + ?Sized>(
    (project, store): (&Project, &S),
    known: &Known,
    rows: Rows<'_>,
    billing: Billing<'_>,
    subscription: &str,
) -> Result<Looked, AppError> {
    let not = |why: Vec<String>| Looked { candidate: Candidate { subscription: subscription.to_owned(), ready: Err(why) }, rhythm: None };
    let mut why: Vec<String> = known.not_imported(subscription).into_iter().collect();
    let source = billing.source.of.get(subscription).copied();
    let target = billing.target.of.get(subscription).copied();
    if source.is_none() {
        why.push("the source's query of who bills does not list it".to_owned());
    }
    if target.is_none() {
        why.push("the target's query of who bills does not list it".to_owned());
    }
    let row = match rows.of.get(subscription).map(Vec::as_slice) {
        None | Some([]) => Err(format!("run #{} compared nothing of it", rows.run)),
        Some([row]) if is_clean(row) => Ok(row),
        Some([row]) => Err(open(row)),
        Some(several) => Err(format!("run #{} has {} rows of it", rows.run, several.len())),
    };
    let (row, shadow, source, target) = match (row, known.shadow(subscription), source, target) {
        (Ok(row), Some(shadow), Some(source), Some(target)) if why.is_empty() => (row, shadow, source, target),
        (row, ..) => {
            why.extend(row.err());
            return Ok(not(why));
        }
    };
    let detail = store.detail(rows.run, row.seq).await?;
    let ([inputs], [Some(terms)]) = (detail.row.inputs.as_slice(), detail.terms.as_slice()) else {
        return Ok(not(vec!["its terms in the target were not rated".to_owned()]));
    };
    // Where changes are rated, a month is rated as it was.
    if detail.row.target.as_ref().is_some_and(|now| now.plan_id.raw() != inputs.plan_id || now.quantity != inputs.quantity) {
        return Ok(not(vec![format!("its plan or quantity changed since {}", row.period)]));
    }
    if let (Some(end), Some(through)) = (shadow.trial_end, source.billed_through)
        && end > through
    {
        return Ok(not(vec![format!("its trial ends on {end}, after what is billed")]));
    }
    let id = RecordId::new(Entity::Subscriptions, subscription);
    let facts = Facts {
        subscription,
        customer: row.customer.clone(),
        customer_id: &shadow.customer,
        plan: row.plan.clone(),
        target_id: known.target_ids.get(&id).map_or("", String::as_str),
        grid: grid_of(row.period),
        in_advance: shadow.in_advance,
        inputs,
        terms,
        drafted: drafted(row).filter(|_| inputs.days == inputs.of_days),
        source,
        target,
    };
    Ok(match line(&facts, &project.profile.target) {
        Err(why) => not(why),
        Ok(line) => {
            let rhythm = Rhythm {
                subscription: subscription.to_owned(),
                grid: facts.grid,
                months: terms.plan.interval.months,
                source_in_advance: shadow.in_advance.unwrap_or(line.expected.bill_on == line.expected.period.start),
                target_in_advance: line.expected.bill_on == line.expected.period.start,
                billed_through: line.billed_through,
                target_first: target.first_period_start,
                bill: line.expected.net,
            };
            let (streak, complexity) = (known.streak(subscription), known.complexity(shadow, &detail));
            let ready = Ok(Box::new(Ready { streak, complexity, line }));
            Looked { candidate: Candidate { subscription: subscription.to_owned(), ready }, rhythm: Some(rhythm) }
        }
    })
}

/// The target's own documents of the row.
fn drafted(row: &RowLine) -> Option<Money> {
    row.drafted.zip(row.expected_currency).map(|(minor, currency)| Money::new(minor, currency))
}

/// A row that is no match, in words.
fn open(row: &RowLine) -> String {
    let verdict = row.verdict.word().replace('_', " ");
    let currency = row.actual_currency.or(row.expected_currency);
    match row.delta.zip(currency) {
        Some((delta, currency)) => format!("{verdict} {} {currency}, {}", Money::new(delta, currency), row.review.word()),
        None => format!("{verdict}, {}", row.review.word()),
    }
}

/// In what the rows of a subscription are not those that were compared and signed; `None` where they are.
pub(super) fn moved(subscription: &str, now: &BTreeMap<String, Vec<RowLine>>, known: &Known) -> Option<String> {
    let of = |rows: &BTreeMap<String, Vec<RowLine>>| {
        let told = |r: &RowLine| (r.period, r.verdict, r.actual, r.expected, r.exact_delta.clone(), r.actual_tax, r.expected_tax, r.rated, r.drafted);
        rows.get(subscription).map(|rows| rows.iter().map(told).collect::<Vec<_>>())
    };
    (of(now) != of(&known.rows)).then(|| "its row is not the one that was compared and signed any more: reconcile again".to_owned())
}

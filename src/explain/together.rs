//! Adds up the explanations of a run.

use super::Fit;
use crate::domain::currency::Currency;
use crate::domain::explanation::{Cause, Certainty, Explanation};
use crate::domain::row::ReconRow;
use crate::domain::text::Untrusted;
use crate::domain::together::{Apart, Cluster, Masked, Together, Tolerated, Votes};
use std::collections::{BTreeMap, HashMap};

/// Clusters that are told apart by their parameters, for each cause; what comes after is brought together.
const APART: usize = 200;
/// Keys named for a cluster.
const EXAMPLES: usize = 3;
/// Fits that are counted over all rows; one that is met later has no votes.
const FITS: usize = 50_000;
/// Customers listed.
const MASKED: usize = 20;
/// Tolerances looked at, in minor units.
const STEPS: [i64; 8] = [1, 2, 5, 10, 50, 100, 500, 1_000];

type Key = (Certainty, Vec<Cause>, String, Untrusted);

#[derive(Debug, Default)]
struct Sums {
    rows: u64,
    money: BTreeMap<Currency, (i64, i64)>,
    examples: Vec<(u64, Untrusted)>,
}

#[derive(Debug)]
struct OfCustomer {
    name: Untrusted,
    over: i64,
    under: i64,
    worst: Option<i64>,
}

/// Takes one explanation after another.
#[derive(Debug, Default)]
pub struct Gathering {
    together: Together,
    clusters: HashMap<Key, Sums>,
    by_causes: HashMap<Vec<Cause>, usize>,
    customers: HashMap<(Untrusted, Currency), OfCustomer>,
    tolerated: BTreeMap<(Currency, i64), Tolerated>,
    money: [BTreeMap<Currency, (i64, i64)>; 2],
    /// By plan: rows that differ, and how many of them each fit closes.
    plans: HashMap<Untrusted, (u64, HashMap<Fit, u64>)>,
    fits: usize,
}

impl Gathering {
    /// Takes a row with its explanation, and all that closes its delta. Rows without a delta only count.
    pub fn add(&mut self, row: &ReconRow, told: &Explanation, fits: &[Fit]) {
        self.together.rows[told.certainty as usize] += 1;
        self.vote(&row.plan, fits);
        let delta = row.delta.filter(|d| d.minor != 0).or(row.delta_tax);
        let first = told.hypotheses.first();
        let causes = first.map(|h| h.causes.clone()).unwrap_or_default();
        let parameters = first.map_or_else(String::new, |h| h.parameters.clone());
        let sums = self.cluster((told.certainty, causes, parameters, row.plan.clone()));
        sums.rows += 1;
        let Some(delta) = delta else { return };
        let size = delta.minor.unsigned_abs();
        add(&mut sums.money, delta.currency, delta.minor);
        let at = sums.examples.partition_point(|(known, _)| *known >= size);
        sums.examples.insert(at, (size, row.key.clone()));
        sums.examples.truncate(EXAMPLES);
        let sure = usize::from(told.certainty != Certainty::Confirmed);
        add(&mut self.money[sure], delta.currency, delta.minor);
        self.customer(row, delta.currency, delta.minor);
        for tolerance in STEPS.into_iter().filter(|step| size <= step.unsigned_abs()) {
            let nothing = Tolerated { currency: delta.currency, tolerance, rows: 0, hidden: 0, net: 0 };
            let step = self.tolerated.entry((delta.currency, tolerance)).or_insert(nothing);
            step.rows += 1;
            step.hidden = step.hidden.saturating_add(delta.minor.saturating_abs());
            step.net = step.net.saturating_add(delta.minor);
        }
    }

    fn vote(&mut self, plan: &Untrusted, fits: &[Fit]) {
        if plan.raw().is_empty() {
            return;
        }
        if !self.plans.contains_key(plan) {
            self.plans.insert(plan.clone(), (0, HashMap::new()));
        }
        let Some((rows, votes)) = self.plans.get_mut(plan) else { return };
        *rows += 1;
        for fit in fits {
            match votes.get_mut(fit) {
                Some(closes) => *closes += 1,
                None if self.fits < FITS => {
                    self.fits += 1;
                    votes.insert(fit.clone(), 1);
                }
                None => {}
            }
        }
    }

    /// The sums of a cluster: its own, or where a cause has too many different parameters already, those of all the others.
    fn cluster(&mut self, key: Key) -> &mut Sums {
        let known = self.clusters.contains_key(&key);
        let apart = self.by_causes.entry(key.1.clone()).or_default();
        let key = if known || *apart < APART { key } else { (key.0, key.1, String::new(), Untrusted::default()) };
        *apart += usize::from(!known);
        self.clusters.entry(key).or_default()
    }

    fn customer(&mut self, row: &ReconRow, currency: Currency, delta: i64) {
        let nobody = || OfCustomer { name: row.customer.clone(), over: 0, under: 0, worst: None };
        let of = self.customers.entry((row.customer_id.clone(), currency)).or_insert_with(nobody);
        if delta > 0 {
            of.over = of.over.saturating_add(delta);
        } else {
            of.under = of.under.saturating_add(delta.saturating_abs());
        }
        let actual = row.actual.filter(|a| a.minor != 0).map(|a| i128::from(a.minor).abs());
        let share = actual.and_then(|a| i64::try_from(i128::from(delta).abs() * 10_000 / a).ok());
        of.worst = of.worst.max(share);
    }

    /// What it comes to.
    pub fn finish(self) -> Together {
        let Self { mut together, clusters, customers, tolerated, money: [confirmed, others], plans, .. } = self;
        together.confirmed = apart(confirmed);
        together.unexplained = apart(others);
        together.tolerances = tolerated.into_values().collect();
        together.clusters = in_order(clusters).map(|(key, sums)| cluster(key, sums, &plans)).collect();
        together.clusters.sort_by_key(|c| std::cmp::Reverse((c.money.iter().map(|m| m.gross).max(), c.rows)));
        let hides = |of: &OfCustomer| of.over.min(of.under);
        let mut masked: Vec<_> = in_order(customers).filter(|(_, of)| hides(of) > 0).collect();
        masked.sort_by_key(|(_, of)| std::cmp::Reverse(hides(of)));
        let tell = |((_, currency), of): ((Untrusted, Currency), OfCustomer)| {
            let OfCustomer { name, over, under, worst } = of;
            Masked { customer: name, currency, over, under, worst }
        };
        together.masked = masked.into_iter().take(MASKED).map(tell).collect();
        together
    }
}

/// What was found by hash, in the order of its keys: so that of two that weigh the same the same one comes first.
fn in_order<K: Ord, V>(found: HashMap<K, V>) -> impl Iterator<Item = (K, V)> {
    let mut all: Vec<(K, V)> = found.into_iter().collect();
    all.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    all.into_iter()
}

fn add(money: &mut BTreeMap<Currency, (i64, i64)>, currency: Currency, delta: i64) {
    let (net, gross) = money.entry(currency).or_default();
    (*net, *gross) = (net.saturating_add(delta), gross.saturating_add(delta.saturating_abs()));
}

fn apart(money: BTreeMap<Currency, (i64, i64)>) -> Vec<Apart> {
    money.into_iter().map(|(currency, (net, gross))| Apart { currency, net, gross }).collect()
}

fn cluster((certainty, causes, parameters, plan): Key, sums: Sums, plans: &HashMap<Untrusted, (u64, HashMap<Fit, u64>)>) -> Cluster {
    let fit = Fit { causes, parameters };
    let votes = plans.get(&plan).and_then(|(of, closes)| Some(Votes { closes: *closes.get(&fit)?, of: *of }));
    let Fit { causes, parameters } = fit;
    let plan = Some(plan).filter(|p| !p.raw().is_empty());
    let examples = sums.examples.into_iter().map(|(_, key)| key).collect();
    Cluster { certainty, causes, parameters, plan, rows: sums.rows, money: apart(sums.money), votes, examples }
}

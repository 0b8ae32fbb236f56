//! Orders of several deployments whose documents do not split by deployment: one row for all they share.

use super::cell::Cell;
use super::month::{Outcome, outcome, row};
use crate::domain::key::Key;
use crate::domain::row::Subject;
use crate::ledger::books::Books;
use std::collections::{BTreeMap, HashSet};

/// What one row stands for: orders with all their deployments.
#[derive(Debug)]
struct Group {
    orders: Vec<Key>,
    deployments: Vec<Key>,
}

/// Orders of several deployments that hold target money their lines do not split, by the first of their ids. Orders that share a
/// deployment are one row: its money cannot be told apart.
fn unsplit(books: &Books, cells: &BTreeMap<Key, Cell<'_>>) -> BTreeMap<Key, Group> {
    let several = books.target.orders.iter().filter(|(_, deployments)| deployments.len() > 1);
    let has_money = |order: &Key| cells.get(order).is_some_and(|cell| !cell.drafts.parts.is_empty());
    let mut groups: Vec<Group> = Vec::new();
    for (order, deployments) in several.filter(|(order, _)| has_money(order)) {
        let (touching, apart): (Vec<Group>, Vec<Group>) = groups.into_iter().partition(|g| g.deployments.iter().any(|d| deployments.contains(d)));
        let mut merged = Group { orders: vec![order.clone()], deployments: deployments.clone() };
        for group in touching {
            merged.orders.extend(group.orders);
            merged.deployments.extend(group.deployments);
        }
        merged.orders.sort();
        merged.deployments.sort();
        merged.deployments.dedup();
        groups = apart;
        groups.push(merged);
    }
    groups.into_iter().filter_map(|g| Some((g.orders.first()?.clone(), g))).collect()
}

/// Judges the cells of everything that is judged together in one month: by row key, what each comes to. A cell that stands in an
/// order's row has no outcome of its own.
pub fn together<'a>(books: &'a Books, cells: &BTreeMap<Key, Cell<'a>>) -> Vec<(Key, Outcome)> {
    let groups = unsplit(books, cells);
    let taken: HashSet<&Key> = groups.values().flat_map(|g| g.orders.iter().chain(&g.deployments)).collect();
    let alone = cells.iter().filter(|(key, _)| !taken.contains(key));
    let mut out: Vec<(Key, Outcome)> = alone.map(|(key, cell)| (key.clone(), outcome(books, cell))).collect();
    for (order, group) in &groups {
        if group.deployments.iter().any(|key| books.scope.wants(key.as_ref())) {
            let of = |keys: &[Key]| keys.iter().filter_map(|key| cells.get(key)).collect::<Vec<_>>();
            let made = row(books, Subject::Order, order.text(), &of(&group.deployments), &of(&group.orders));
            out.push((order.clone(), Outcome::Row(made)));
        }
    }
    out
}

//! What changed between two runs, for people.

use super::{money, numbers};
use crate::domain::money::Money;
use crate::domain::since::{Change, Had, RowChange, Since};
use crate::domain::text::shown;

/// Columns a change may take.
const WIDE: usize = 160;

/// A row and what of it changed, each on a line.
pub fn lines(of: &RowChange) -> Vec<String> {
    let had = |had: &Option<Had>| had.as_ref().map_or_else(|| "no row".to_owned(), state);
    let names = [of.key.shown(60), of.customer.shown(40), of.period.to_string()];
    let names: Vec<String> = names.into_iter().filter(|n| !n.is_empty()).collect();
    let head = format!("{} · {} → {}", names.join(" · "), had(&of.before), had(&of.after));
    std::iter::once(head).chain(of.changes.iter().map(|c| format!("  {}", change(c)))).collect()
}

fn state(of: &Had) -> String {
    let delta = of.delta.filter(|d| d.minor != 0).map_or_else(String::new, |d| format!(" {}", money::signed_named(d)));
    format!("{}{delta}", of.verdict.word())
}

fn change(of: &Change) -> String {
    let moved = of.moved.filter(|m: &Money| m.minor != 0).map_or_else(String::new, |m| format!("   {}", money::signed_named(m)));
    format!("{:<17} {}{moved}", of.what.word(), shown(&of.words, WIDE))
}

/// What all of it comes to.
pub fn together(of: &Since) -> Vec<String> {
    let mut out = vec![format!("{} not what they were", numbers::counted(of.rows, "row is", "rows are"))];
    for (what, kind) in &of.kinds {
        let one = |(c, (net, gross)): (&_, &(i64, i64))| format!(" · net {}, gross {} {c}", money::signed(*net, *c), money::grouped(*gross, *c));
        let moved: String = kind.money.iter().map(one).collect();
        out.push(format!("  {:<17} {}{moved}", what.word(), numbers::counted(kind.changes, "change", "changes")));
    }
    out
}

//! How wide each column is drawn: what there is no room for goes, least important first; numbers are never cut.

use super::columns::{Align, Column, Shape};

/// A column that can be laid out.
pub trait Fitted: Copy {
    /// How it is laid out for people.
    fn shape(self) -> Shape;

    /// True where it holds money or another number, which must never be cut.
    fn is_number(self) -> bool {
        matches!(self.shape().align, Align::Right)
    }
}

impl Fitted for Column {
    fn shape(self) -> Shape {
        Self::shape(self)
    }
}

/// Blanks between two columns.
pub const GAP: usize = 2;

/// Columns of this priority and above give way before others are squeezed.
const NICE_TO_HAVE: u8 = 7;
/// Columns a name is comfortable in.
const NAME: usize = 14;

/// Chooses columns and their widths for `width` terminal columns. `natural` says how wide the widest cell shown is.
/// A number's column is as wide as its widest number; words take what is left, in proportion to nothing but need.
pub fn fit<C: Fitted>(columns: &[C], width: usize, natural: impl Fn(C) -> usize) -> Vec<(C, usize)> {
    fit_with(columns, width, natural, |_| None)
}

/// The same where a person has chosen the widths of some. A number is never narrower than it is.
pub fn fit_with<C: Fitted>(columns: &[C], width: usize, natural: impl Fn(C) -> usize, wanted: impl Fn(C) -> Option<usize>) -> Vec<(C, usize)> {
    let mut chosen: Vec<Bounds<C>> = columns.iter().map(|c| bounds(*c, natural(*c), wanted(*c))).collect();
    // What is nice to have goes before ids and names are squeezed; then whatever must.
    drop_columns(&mut chosen, width, NICE_TO_HAVE, comfortable);
    drop_columns(&mut chosen, width, 0, |(_, least, _)| *least);
    widened(chosen, width)
}

/// The first columns there is room for, in their order: none gives way to one behind it. The first is always there.
pub fn fit_in_order<C: Fitted>(columns: &[C], width: usize, natural: impl Fn(C) -> usize, wanted: impl Fn(C) -> Option<usize>) -> Vec<(C, usize)> {
    let mut chosen: Vec<Bounds<C>> = Vec::new();
    for column in columns {
        chosen.push(bounds(*column, natural(*column), wanted(*column)));
        let comfort = chosen.iter().map(comfortable).sum::<usize>() + GAP * chosen.len().saturating_sub(1);
        if comfort > width && chosen.len() > 1 {
            chosen.pop();
            break;
        }
    }
    widened(chosen, width)
}

/// Gives what room is left to those that want it, most important first.
fn widened<C: Fitted>(mut chosen: Vec<Bounds<C>>, width: usize) -> Vec<(C, usize)> {
    let mut spare = width.saturating_sub(needed(&chosen));
    let mut order: Vec<usize> = (0..chosen.len()).collect();
    order.sort_by_key(|i| chosen[*i].0.shape().priority);
    for i in order {
        let (_, least, wanted) = &mut chosen[i];
        let more = wanted.saturating_sub(*least).min(spare);
        *least += more;
        spare -= more;
    }
    chosen.into_iter().map(|(c, w, _)| (c, w.min(width))).collect()
}

/// Least and wanted width of a column whose widest cell has `natural` columns, and for which a person has chosen one, or none.
fn bounds<C: Fitted>(column: C, natural: usize, chosen: Option<usize>) -> Bounds<C> {
    let shape = column.shape();
    let heading = shape.heading.chars().count();
    if column.is_number() {
        let w = natural.max(heading).max(chosen.unwrap_or(0));
        return (column, w, w);
    }
    if let Some(w) = chosen {
        return (column, w, w);
    }
    let wanted = natural.clamp(heading, shape.ideal.max(heading));
    (column, shape.min.min(wanted), wanted)
}

type Bounds<C> = (C, usize, usize);

/// Drops columns of at least that priority, worst first, until the others have room; one always stays.
fn drop_columns<C: Fitted>(chosen: &mut Vec<Bounds<C>>, width: usize, priority: u8, wants: impl Fn(&Bounds<C>) -> usize) {
    loop {
        let total = chosen.iter().map(&wants).sum::<usize>() + GAP * chosen.len().saturating_sub(1);
        let worst = chosen.iter().enumerate().max_by_key(|(i, (c, ..))| (c.shape().priority, *i));
        let Some((at, _)) = worst.filter(|(_, (c, ..))| total > width && chosen.len() > 1 && c.shape().priority >= priority) else { return };
        chosen.remove(at);
    }
}

/// An id whole, a name up to [`NAME`] columns.
fn comfortable<C: Fitted>((column, least, wanted): &Bounds<C>) -> usize {
    if column.shape().priority == 0 { *wanted } else { (*wanted).min(NAME).max(*least) }
}

fn needed<C>(chosen: &[Bounds<C>]) -> usize {
    chosen.iter().map(|(_, least, _)| least).sum::<usize>() + GAP * chosen.len().saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chosen_widths_are_kept_and_numbers_are_never_cut() {
        let chosen = |c| match c {
            Column::Customer => Some(30),
            Column::DeltaNet => Some(4),
            _ => None,
        };
        let fitted = fit_with(&Column::TABLE, 300, |_| 12, chosen);
        let width = |column| fitted.iter().find(|(c, _)| *c == column).map(|(_, w)| *w);
        assert_eq!((width(Column::Customer), width(Column::DeltaNet)), (Some(30), Some(12)));
    }

    #[test]
    fn in_order_no_column_gives_way_to_one_behind_it() {
        let order = [Column::SubscriptionId, Column::Documents, Column::Basis, Column::DeltaNet];
        let fitted: Vec<Column> = fit_in_order(&order, 40, |_| 12, |_| None).into_iter().map(|(c, _)| c).collect();
        assert_eq!(fitted, order[..3]);
        assert_eq!(fit_in_order(&order, 3, |_| 12, |_| None).len(), 1);
    }

    #[test]
    fn numbers_keep_their_width_and_the_rest_gives_way() {
        for width in [20, 40, 60, 80, 140, 300] {
            let fitted = fit(&Column::TABLE, width, |c| if c.is_number() { 12 } else { 30 });
            let total: usize = fitted.iter().map(|(_, w)| w).sum::<usize>() + GAP * (fitted.len() - 1);
            assert!(total <= width, "{width}: {total}");
            assert!(fitted.iter().all(|(c, w)| !c.is_number() || *w >= 12), "{width}");
        }
        let narrow: Vec<Column> = fit(&Column::TABLE, 60, |_| 10).into_iter().map(|(c, _)| c).collect();
        assert_eq!(narrow, [Column::Verdict, Column::SubscriptionId, Column::ActualNet, Column::ExpectedNet, Column::DeltaNet]);
    }
}

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
    let mut chosen: Vec<Bounds<C>> = columns.iter().map(|c| bounds(*c, natural(*c))).collect();
    // What is nice to have goes before ids and names are squeezed; then whatever must.
    drop_columns(&mut chosen, width, NICE_TO_HAVE, comfortable);
    drop_columns(&mut chosen, width, 0, |(_, least, _)| *least);
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

/// Least and wanted width of a column whose widest cell has `natural` columns.
fn bounds<C: Fitted>(column: C, natural: usize) -> Bounds<C> {
    let shape = column.shape();
    let heading = shape.heading.chars().count();
    if column.is_number() {
        let w = natural.max(heading);
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

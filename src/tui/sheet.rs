//! Rows as lines of columns: only those on the screen are laid out, their decimal points under each other.

use super::paint::{cell, piece};
use super::theme::{Meaning, Theme};
use crate::ports::workspace::{RowLine, Sort};
use crate::present::columns::{Column, verdict_text};
use crate::present::fit::{Fitted, GAP, fit_in_order, fit_with};
use crate::present::import::{ImportColumn, ImportRow};
use crate::present::words::Signs;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// Columns the selection's marker takes.
const MARKER: usize = 2;

/// A column whose cells a sheet can draw.
pub trait Cells: Fitted + PartialEq {
    /// What it takes its cells from.
    type Row<'a>: Copy;
    /// The cell for people.
    fn cell(self, row: Self::Row<'_>, signs: Signs) -> String;
    /// What the cell means.
    fn meaning(self, row: Self::Row<'_>) -> Meaning;
}

/// Which columns may be drawn, and how.
pub struct Lay<'a, C> {
    /// They, in their order.
    pub columns: &'a [C],
    /// The column sorted by, and whether the greatest comes first.
    pub sort: Option<(C, bool)>,
    /// The column that stays while the others scroll, and how many of those are scrolled off.
    pub scrolled: Option<(C, usize)>,
    /// The width a person has chosen for a column.
    pub width: &'a dyn Fn(C) -> Option<usize>,
    /// Whether rows can be marked: then marks have their place.
    pub marks: bool,
}

impl<'a, C> Lay<'a, C> {
    /// Columns as they are made, of rows that nobody marks.
    pub fn plain(columns: &'a [C], sort: Option<(C, bool)>) -> Self {
        Self { columns, sort, scrolled: None, width: &|_| None, marks: false }
    }
}

/// How a row is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RowState {
    /// It is the selected one.
    pub selected: bool,
    /// It is marked.
    pub marked: bool,
}

/// The columns chosen for some rows and a width.
pub struct Sheet<C> {
    theme: Theme,
    /// The column sorted by, and whether the greatest comes first.
    sort: Option<(C, bool)>,
    width: usize,
    /// Columns before the first.
    lead: usize,
    /// Each with its width, and how many columns its numbers take from the decimal point on.
    columns: Vec<(C, usize, usize)>,
}

impl<C: Cells> Sheet<C> {
    /// Chooses among columns for these rows, the ones on the screen.
    pub fn of(theme: Theme, lay: &Lay<'_, C>, rows: &[C::Row<'_>], width: usize) -> Self {
        let lead = if lay.marks { MARKER + 2 } else { MARKER };
        let mut sheet = Self { theme, sort: lay.sort, width, lead, columns: Vec::new() };
        let decimals = |c: C| if c.is_number() { rows.iter().map(|r| decimals_of(&c.cell(*r, theme.signs))).max().unwrap_or(0) } else { 0 };
        let natural = |c: C| {
            let d = decimals(c);
            rows.iter().map(|r| sheet.text(c, *r, d).width()).chain([sheet.heading(c).width()]).max().unwrap_or(0)
        };
        let room = width.saturating_sub(lead);
        let fitted = match lay.scrolled.filter(|(_, first)| *first > 0) {
            None => fit_with(lay.columns, room, natural, lay.width),
            Some((sticky, first)) => {
                let others = lay.columns.iter().copied().filter(|c| *c != sticky).skip(first);
                fit_in_order(&std::iter::once(sticky).chain(others).collect::<Vec<_>>(), room, natural, lay.width)
            }
        };
        sheet.columns = fitted.into_iter().map(|(c, w)| (c, w, decimals(c))).collect();
        sheet
    }

    /// The headings; the sorted one with an arrow.
    pub fn head(&self) -> Line<'static> {
        let cells: Vec<String> = self.columns.iter().map(|(c, w, _)| cell(&self.heading(*c), *w, c.shape().align)).collect();
        Line::from(piece(self.theme, Meaning::Title, format!("{}{}", " ".repeat(self.lead), cells.join(&" ".repeat(GAP)))))
    }

    /// A row.
    pub fn row(&self, row: C::Row<'_>, RowState { selected, marked }: RowState) -> Line<'static> {
        let marker = if selected { self.theme.signs.pick("▸ ", "> ") } else { "  " };
        let mut spans = vec![piece(self.theme, Meaning::Accent, marker)];
        if self.lead > MARKER {
            spans.push(piece(self.theme, Meaning::Accent, if marked { self.theme.signs.pick("● ", "* ") } else { "  " }));
        }
        for (column, width, decimals) in &self.columns {
            let text = cell(&self.text(*column, row, *decimals), *width, column.shape().align);
            spans.push(piece(self.theme, column.meaning(row), text));
            spans.push(Span::raw(" ".repeat(GAP)));
        }
        if selected {
            let used: usize = spans.iter().map(Span::width).sum();
            spans.push(Span::raw(" ".repeat(self.width.saturating_sub(used))));
            return Line::from(spans).style(self.theme.style(Meaning::Selected));
        }
        Line::from(spans)
    }

    /// The column drawn `x` columns from the left edge.
    pub fn column_at(&self, x: usize) -> Option<C> {
        let mut from = self.lead;
        for (column, width, _) in &self.columns {
            if (from..from + width + GAP).contains(&x) {
                return Some(*column);
            }
            from += width + GAP;
        }
        None
    }

    fn heading(&self, column: C) -> String {
        let heading = column.shape().heading;
        match self.sort {
            Some((sorted, descending)) if sorted == column => {
                let arrow = if descending { self.theme.signs.pick("▾", "v") } else { self.theme.signs.pick("▴", "^") };
                format!("{heading} {arrow}")
            }
            _ => heading.to_owned(),
        }
    }

    /// A cell for people, its number padded so that decimal points stand under each other.
    fn text(&self, column: C, row: C::Row<'_>, decimals: usize) -> String {
        let text = column.cell(row, self.theme.signs);
        if column.is_number() { format!("{text}{}", " ".repeat(decimals.saturating_sub(decimals_of(&text)))) } else { text }
    }
}

/// The column of the run's table that stands for its sort; none for what is at stake.
pub fn sorted(sort: Sort) -> Option<(Column, bool)> {
    Column::TABLE.into_iter().find(|c| c.shape().sort == Some(sort.column)).map(|c| (c, sort.descending))
}

impl Cells for Column {
    type Row<'a> = &'a RowLine;

    fn cell(self, row: &RowLine, signs: Signs) -> String {
        if self == Self::Verdict { verdict_text(row, signs) } else { self.text(row) }
    }

    fn meaning(self, row: &RowLine) -> Meaning {
        match self {
            Self::Verdict => Theme::verdict(row.verdict),
            Self::DeltaNet if row.delta.is_some_and(|d| d != 0) => Meaning::Delta,
            Self::SubscriptionId => Meaning::Title,
            Self::Period | Self::Basis | Self::Currency | Self::Review | Self::Documents => Meaning::Muted,
            _ => Meaning::Normal,
        }
    }
}

impl Cells for ImportColumn {
    type Row<'a> = ImportRow<'a>;

    fn cell(self, row: ImportRow<'_>, signs: Signs) -> String {
        self.text(row, signs)
    }

    fn meaning(self, row: ImportRow<'_>) -> Meaning {
        match self {
            Self::Id => Meaning::Title,
            Self::Fate => row.line.map_or(Meaning::Normal, |l| Theme::fate(&l.fate)),
            Self::InTarget => row.line.and_then(|l| l.in_target.as_ref()).map_or(Meaning::Normal, Theme::in_target),
            Self::Delivery => row.delivery.map_or(Meaning::Normal, |d| Theme::delivery(d.state)),
            Self::Entity | Self::Currency | Self::Act => Meaning::Muted,
            _ => Meaning::Normal,
        }
    }
}

/// Columns from the decimal point to the end.
fn decimals_of(text: &str) -> usize {
    text.rfind('.').map_or(0, |at| text.len() - at)
}

//! Rows as lines of columns: only those on the screen are laid out, their decimal points under each other.

use super::paint::{cell, piece};
use super::theme::{Meaning, Theme};
use crate::ports::workspace::{RowLine, Sort};
use crate::present::columns::{Column, verdict_text};
use crate::present::fit::{GAP, fit};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// Columns the selection's marker takes.
const MARKER: usize = 2;

/// The columns chosen for some rows and a width.
pub struct Sheet {
    theme: Theme,
    sort: Option<Sort>,
    width: usize,
    /// Each with its width, and how many columns its numbers take from the decimal point on.
    columns: Vec<(Column, usize, usize)>,
}

impl Sheet {
    /// Chooses columns for these rows, the ones on the screen.
    pub fn of(theme: Theme, sort: Option<Sort>, rows: &[&RowLine], width: usize) -> Self {
        let mut sheet = Self { theme, sort, width, columns: Vec::new() };
        let decimals = |c: Column| if c.is_number() { rows.iter().map(|r| decimals_of(&c.text(r))).max().unwrap_or(0) } else { 0 };
        let natural = |c: Column| {
            let d = decimals(c);
            rows.iter().map(|r| sheet.text(c, r, d).width()).chain([sheet.heading(c).width()]).max().unwrap_or(0)
        };
        let fitted = fit(&Column::TABLE, width.saturating_sub(MARKER), natural);
        sheet.columns = fitted.into_iter().map(|(c, w)| (c, w, decimals(c))).collect();
        sheet
    }

    /// The headings; the sorted one with an arrow.
    pub fn head(&self) -> Line<'static> {
        let cells: Vec<String> = self.columns.iter().map(|(c, w, _)| cell(&self.heading(*c), *w, c.shape().align)).collect();
        Line::from(piece(self.theme, Meaning::Title, format!("{}{}", " ".repeat(MARKER), cells.join(&" ".repeat(GAP)))))
    }

    /// A row.
    pub fn row(&self, row: &RowLine, selected: bool) -> Line<'static> {
        let marker = if selected { self.theme.signs.pick("▸ ", "> ") } else { "  " };
        let mut spans = vec![piece(self.theme, Meaning::Accent, marker)];
        for (column, width, decimals) in &self.columns {
            let text = cell(&self.text(*column, row, *decimals), *width, column.shape().align);
            spans.push(piece(self.theme, meaning(*column, row), text));
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
    pub fn column_at(&self, x: usize) -> Option<Column> {
        let mut from = MARKER;
        for (column, width, _) in &self.columns {
            if (from..from + width + GAP).contains(&x) {
                return Some(*column);
            }
            from += width + GAP;
        }
        None
    }

    fn heading(&self, column: Column) -> String {
        let shape = column.shape();
        match self.sort {
            Some(sort) if shape.sort == Some(sort.column) => {
                let arrow = if sort.descending { self.theme.signs.pick("▾", "v") } else { self.theme.signs.pick("▴", "^") };
                format!("{} {arrow}", shape.heading)
            }
            _ => shape.heading.to_owned(),
        }
    }

    /// A cell for people, its number padded so that decimal points stand under each other.
    fn text(&self, column: Column, row: &RowLine, decimals: usize) -> String {
        if column == Column::Verdict {
            return verdict_text(row, self.theme.signs);
        }
        let text = column.text(row);
        if column.is_number() { format!("{text}{}", " ".repeat(decimals.saturating_sub(decimals_of(&text)))) } else { text }
    }
}

fn meaning(column: Column, row: &RowLine) -> Meaning {
    match column {
        Column::Verdict => Theme::verdict(row.verdict),
        Column::DeltaNet if row.delta.is_some_and(|d| d != 0) => Meaning::Delta,
        Column::SubscriptionId => Meaning::Title,
        Column::Period | Column::Basis | Column::Currency | Column::Review | Column::Documents => Meaning::Muted,
        _ => Meaning::Normal,
    }
}

/// Columns from the decimal point to the end.
fn decimals_of(text: &str) -> usize {
    text.rfind('.').map_or(0, |at| text.len() - at)
}

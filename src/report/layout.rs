//! Plain text in columns: cells padded by their width on a terminal.

use crate::domain::text::shown;
use crate::present::columns::Align;
use unicode_width::UnicodeWidthStr as _;

/// Pads to `width` columns; a number keeps all its digits, words are cut.
pub fn cell(text: &str, width: usize, align: Align) -> String {
    let used = text.width();
    match align {
        _ if used > width && align == Align::Left => shown(text, width),
        Align::Left => format!("{text}{}", " ".repeat(width.saturating_sub(used))),
        Align::Right => format!("{}{text}", " ".repeat(width.saturating_sub(used))),
    }
}

/// Lines of a small table: as wide as its widest cells, two blanks between columns, no blanks at the end.
pub fn table(aligns: &[Align], rows: &[Vec<String>]) -> Vec<String> {
    let widths: Vec<usize> = (0..aligns.len()).map(|i| rows.iter().filter_map(|r| r.get(i)).map(|c| c.width()).max().unwrap_or(0)).collect();
    let line = |row: &Vec<String>| {
        let cells: Vec<String> = row.iter().zip(&widths).zip(aligns).map(|((text, width), align)| cell(text, *width, *align)).collect();
        cells.join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_never_cut_and_wide_letters_count_twice() {
        assert_eq!(cell("123456.00", 4, Align::Right), "123456.00");
        assert_eq!(cell("abcdef", 4, Align::Left), "abc…");
        assert_eq!(cell("日本", 6, Align::Left), "日本  ");
        let rows = [vec!["CAD".to_owned(), "1.00".to_owned()], vec!["日".to_owned(), "10.00".to_owned()]];
        assert_eq!(table(&[Align::Left, Align::Right], &rows), ["CAD   1.00", "日   10.00"]);
    }
}

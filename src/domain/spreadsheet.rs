//! Text for cells of CSV files, which people open in spreadsheets.
//!
//! A spreadsheet takes a cell that begins with `=`, `+`, `-`, `@` (or their full-width forms, or a control character) for a
//! formula. Such text, and text that begins with an apostrophe, gets one apostrophe in front; take one leading apostrophe
//! off a text cell to have the original. Amounts are never touched. Characters that could drive a terminal or hide become
//! markers such as `\u{1b}` and `<U+200B>`.

use super::text::marked;
use std::borrow::Cow;

/// A text cell that drives neither a terminal nor a spreadsheet.
pub fn cell_text(text: &str) -> Cow<'_, str> {
    match marked(text) {
        Cow::Borrowed(text) => harmless(text),
        Cow::Owned(text) => Cow::Owned(harmless(&text).into_owned()),
    }
}

/// A text cell no spreadsheet takes for a formula.
fn harmless(text: &str) -> Cow<'_, str> {
    let dangerous = |c: char| matches!(c, '\'' | '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '\0' | '\t' | '\r' | '\n');
    let first = text.chars().find(|c| *c != ' ');
    if first.is_some_and(dangerous) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// `-20.00`, `575`, `-5/31`: digits with a sign, which no spreadsheet runs as a formula.
pub fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text).as_bytes();
    let mut mark = None;
    for byte in digits {
        match byte {
            b'0'..=b'9' => {}
            b'/' | b'.' if mark.is_none() => mark = Some(*byte),
            _ => return false,
        }
    }
    let ends = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    ends(digits.first()) && (mark != Some(b'/') || ends(digits.last()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn formulas_are_text_and_amounts_are_numbers() {
        for text in ["=1+1", "+33", "-x", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\0=1", "＝1", "＠x", "  =1", "'quoted"] {
            assert_eq!(harmless(text), format!("'{text}"));
        }
        for text in ["sub-1", "", "a=b", "日本"] {
            assert_eq!(harmless(text), text);
        }
        assert_eq!(cell_text("\u{1b}[2J\n=1"), "\\u{1b}[2J␊=1");
        assert_eq!(cell_text("=\u{200b}1"), "'=<U+200B>1");
        assert!(is_decimal("-20.00") && is_decimal("575"));
        assert!(
            is_decimal("-1/3")
                && !is_decimal("-1/")
                && !is_decimal("1/2/3")
                && !is_decimal("")
                && !is_decimal("-")
                && !is_decimal("1.2.3")
                && !is_decimal("=1")
        );
    }

    proptest! {
        #[test]
        fn the_apostrophe_can_be_taken_off_again(text: String) {
            let cell = harmless(&text).into_owned();
            let back = cell.strip_prefix('\'').unwrap_or(&cell);
            prop_assert_eq!(back, text);
        }
    }
}

//! The `:name` parameters of an SQL text, found the way a server reads it: not in literals, quoted names,
//! comments, dollar-quoted text, casts (`a::date`) or array slices (`a[1:n]`).

use std::ops::Range;

/// Each parameter's name with the place of its colon, and whether any SQL is there at all.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Scan {
    pub names: Vec<(String, Range<usize>)>,
    pub empty: bool,
}

/// Scans one SQL text.
pub(super) fn scan(sql: &str) -> Scan {
    let bytes = sql.as_bytes();
    let mut found = Scan { names: Vec::new(), empty: true };
    let mut at = 0;
    let mut before = b' ';
    while let Some(&b) = bytes.get(at) {
        let end = match b {
            b'-' if bytes.get(at + 1) == Some(&b'-') => until(bytes, at, b"\n"),
            b'/' if bytes.get(at + 1) == Some(&b'*') => comment_end(bytes, at),
            b'\'' => quoted_end(bytes, at, b'\'', matches!(before, b'e' | b'E')),
            b'"' | b'`' => quoted_end(bytes, at, b, false),
            b'$' if !is_word(before) => dollar_end(bytes, at).unwrap_or(at + 1),
            b':' if bytes.get(at + 1) == Some(&b':') => at + 2,
            b':' if !is_word(before) && !matches!(before, b')' | b']') => {
                let length = bytes[at + 1..].iter().take_while(|c| is_word(**c)).count();
                let name = &sql[at + 1..at + 1 + length];
                if name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
                    found.names.push((name.to_owned(), at..at + 1 + length));
                }
                at + 1 + length
            }
            _ => at + 1,
        };
        let comment = matches!(b, b'-' | b'/') && end > at + 1;
        found.empty &= comment || b.is_ascii_whitespace() || b == b';';
        before = if comment { b' ' } else { b };
        at = end;
    }
    found
}

const fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_' || b >= 0x80
}

/// The place after the next mark, or the end.
fn until(bytes: &[u8], from: usize, mark: &[u8]) -> usize {
    bytes[from..].windows(mark.len()).position(|w| w == mark).map_or(bytes.len(), |i| from + i + mark.len())
}

/// The end of a comment; PostgreSQL's may hold others.
fn comment_end(bytes: &[u8], from: usize) -> usize {
    let (mut at, mut depth) = (from, 0usize);
    while at < bytes.len() {
        match bytes.get(at..at + 2) {
            Some(b"/*") => depth += 1,
            Some(b"*/") if depth == 1 => return at + 2,
            Some(b"*/") => depth -= 1,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
    }
    bytes.len()
}

/// The end of a quoted text. A doubled quote closes and opens again, which comes to the same here.
fn quoted_end(bytes: &[u8], from: usize, quote: u8, escapes: bool) -> usize {
    let mut at = from + 1;
    while let Some(&b) = bytes.get(at) {
        match b {
            b'\\' if escapes => at += 2,
            b if b == quote && bytes.get(at + 1) == Some(&quote) => at += 2,
            b if b == quote => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// The end of `$tag$ … $tag$`, where one begins.
fn dollar_end(bytes: &[u8], from: usize) -> Option<usize> {
    let length = bytes[from + 1..].iter().take_while(|b| is_word(**b)).count();
    let first_digit = bytes.get(from + 1).is_some_and(u8::is_ascii_digit);
    let tag = bytes.get(from..from + length + 2).filter(|t| t.ends_with(b"$") && !first_digit)?;
    Some(until(bytes, from + tag.len(), tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(sql: &str) -> Vec<String> {
        scan(sql).names.into_iter().map(|(n, _)| n).collect()
    }

    #[test]
    fn parameters_are_told_from_everything_else_with_a_colon() {
        assert_eq!(names("select a::date, b[1:n] from t where d >= :period_start and d<:period_end"), ["period_start", "period_end"]);
        assert_eq!(names("select ':no', \":no\", $$ :no $$, $x$ :no $x$ -- :no\n, E'\\':no' /* :no /* :no */ :no */ , (:yes)"), ["yes"]);
        assert_eq!(names("select '12:30', 'it''s :no', é:no, :naïve"), ["naïve"]);
    }

    #[test]
    fn comments_and_semicolons_are_no_sql() {
        for empty in ["", "  \n;", "-- select 1", "/* select 1 */ ;"] {
            assert!(scan(empty).empty, "{empty}");
        }
        assert!(!scan("select 1").empty && !scan("-1").empty);
    }
}

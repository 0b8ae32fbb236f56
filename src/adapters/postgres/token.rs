//! A tokenizer for PostgreSQL's SQL, just enough to see past strings, quoted names and comments, by the rules of
//! `standard_conforming_strings = on`.
//!
//! It is no judge: the server decides whether a query may run. It finds `:name` parameters,
//! the words that are called as functions, and where a statement ends, for early and plain messages.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A name or keyword that is not quoted.
    Word,
    /// A quoted name, with its quotes.
    QuotedName,
    /// A string of any quoting, with its quotes and prefix.
    Text,
    /// A number.
    Number,
    /// `:name`, with its colon.
    Parameter,
    /// `;`
    Semicolon,
    /// Any other sign, one character; `::` and `:=` are one token.
    Sign,
    /// `-- …` to the end of its line, or `/* … */`.
    Comment,
    /// A string, quoted name or comment that never ends.
    Unterminated,
}

/// One token: its kind and where it stands, in bytes. White space is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'a> {
    /// What it is.
    pub kind: Kind,
    /// Its text, as it stands in the SQL.
    pub text: &'a str,
    /// Its first byte.
    pub start: usize,
}

impl Token<'_> {
    /// The byte after its last.
    pub const fn end(&self) -> usize {
        self.start + self.text.len()
    }
}

/// Splits SQL into tokens. Every byte that is not white space belongs to exactly one.
pub fn tokens(sql: &str) -> impl Iterator<Item = Token<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = sql.get(at..)?;
        let start = at + (rest.len() - rest.trim_start().len());
        let rest = sql.get(start..).filter(|r| !r.is_empty())?;
        let (kind, len) = next_token(rest);
        at = start + len;
        sql.get(start..at).map(|text| Token { kind, text, start })
    })
}

fn next_token(rest: &str) -> (Kind, usize) {
    let b = rest.as_bytes();
    let second = b.get(1).copied().unwrap_or(0);
    match b.first().copied().unwrap_or(0) {
        b'-' if second == b'-' => (Kind::Comment, rest.find('\n').unwrap_or(rest.len())),
        b'/' if second == b'*' => block_comment(b),
        b'\'' => quoted(b, 0, b'\'', false, Kind::Text),
        b'"' => quoted(b, 0, b'"', false, Kind::QuotedName),
        b'$' => dollar(rest),
        b'E' | b'e' if second == b'\'' => quoted(b, 1, b'\'', true, Kind::Text),
        b'U' | b'u' if second == b'&' && b.get(2) == Some(&b'\'') => quoted(b, 2, b'\'', false, Kind::Text),
        b'U' | b'u' if second == b'&' && b.get(2) == Some(&b'"') => quoted(b, 2, b'"', false, Kind::QuotedName),
        b':' if second == b':' || second == b'=' => (Kind::Sign, 2),
        b':' if second == b'_' || second.is_ascii_alphabetic() => (Kind::Parameter, 1 + word_len(rest.get(1..).unwrap_or(""), false)),
        b';' => (Kind::Semicolon, 1),
        c if c.is_ascii_digit() => (Kind::Number, b.iter().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'_')).count()),
        c if c == b'_' || c.is_ascii_alphabetic() || !c.is_ascii() => (Kind::Word, word_len(rest, true).max(char_len(rest))),
        _ => (Kind::Sign, char_len(rest)),
    }
}

fn char_len(rest: &str) -> usize {
    rest.chars().next().map_or(1, char::len_utf8)
}

/// Letters, digits, `_` and everything beyond ASCII; with `dollar` also `$`, which names may hold and tags may not.
fn word_len(rest: &str, dollar: bool) -> usize {
    rest.bytes().take_while(|c| c.is_ascii_alphanumeric() || *c == b'_' || !c.is_ascii() || (dollar && *c == b'$')).count()
}

/// A quoted run whose opening quote stands at `open`; a doubled quote is a quote, a backslash escapes where `escapes`.
fn quoted(b: &[u8], open: usize, quote: u8, escapes: bool, kind: Kind) -> (Kind, usize) {
    let mut at = open + 1;
    while let Some(&c) = b.get(at) {
        if (escapes && c == b'\\') || (c == quote && b.get(at + 1) == Some(&quote)) {
            at += 2;
        } else if c == quote {
            return (kind, at + 1);
        } else {
            at += 1;
        }
    }
    (Kind::Unterminated, b.len())
}

fn block_comment(b: &[u8]) -> (Kind, usize) {
    let mut depth = 1usize;
    let mut at = 2;
    while at < b.len() {
        match b.get(at..at + 2) {
            Some(b"*/") => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return (Kind::Comment, at);
                }
            }
            Some(b"/*") => {
                depth += 1;
                at += 2;
            }
            _ => at += 1,
        }
    }
    (Kind::Unterminated, b.len())
}

/// `$$…$$`, `$tag$…$tag$`, or the sign of a `$1`.
fn dollar(rest: &str) -> (Kind, usize) {
    let tag = rest.get(1..).map_or(0, |r| word_len(r, false));
    let starts_with_digit = rest.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
    let Some(open) = rest.get(..tag + 2).filter(|o| o.ends_with('$') && !starts_with_digit) else { return (Kind::Sign, 1) };
    match rest.get(open.len()..).and_then(|body| body.find(open)) {
        Some(end) => (Kind::Text, open.len() + end + open.len()),
        None => (Kind::Unterminated, rest.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(sql: &str) -> Vec<(Kind, &str)> {
        tokens(sql).map(|t| (t.kind, t.text)).collect()
    }

    #[test]
    fn what_only_looks_like_a_parameter_is_none() {
        let sql = "a::date ':x' E'\\':x' $q$:x;$q$ \":x\" -- :x\n /* /* :x */ :x */ a[1:2] b := 1 :y";
        let found: Vec<_> = kinds(sql).into_iter().filter(|(k, _)| *k == Kind::Parameter).collect();
        assert_eq!(found, [(Kind::Parameter, ":y")]);
    }

    #[test]
    fn quotes_that_never_end_are_told() {
        for sql in ["'a", "\"a", "/* a", "$x$ a", "E'a\\'", "/* /* */"] {
            assert_eq!(kinds(sql).last().map(|t| t.0), Some(Kind::Unterminated), "{sql}");
        }
    }

    #[test]
    fn each_byte_is_in_one_token() {
        let sql = "select ';' as semi, $q$;drop$q$ as q, 'it''s' as é$ /* ; */;\u{a0}x $1 U&'\\00e9' 1.5e3";
        let mut end = 0;
        for token in tokens(sql) {
            assert!(sql[end..token.start].trim().is_empty());
            end = token.end();
        }
        assert!(sql[end..].trim().is_empty());
        assert_eq!(kinds(sql).iter().filter(|t| t.0 == Kind::Semicolon).count(), 1);
    }
}

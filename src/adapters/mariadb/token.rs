//! A tokenizer for the SQL of MariaDB and MySQL, just enough to see past strings, quoted names and comments, by the rules of the
//! `sql_mode` that is pinned on every session: `"x"` and `` `x` `` are names, a backslash escapes inside `'…'`.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A name or keyword that is not quoted.
    Word,
    /// A quoted name, with its quotes.
    QuotedName,
    /// A string, with its quotes.
    Text,
    /// A number.
    Number,
    /// `:name`, with its colon.
    Parameter,
    /// `;`
    Semicolon,
    /// Any other sign; `:=`, `||` and `@@` are one token.
    Sign,
    /// `-- …` or `# …` to the end of its line, or `/* … */`.
    Comment,
    /// A comment whose content the server reads: `/*! … */`, `/*M! … */`, `/*+ … */`.
    Executable,
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

    /// Whether it is this word, in any case.
    pub fn is(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(word)
    }

    /// The name it stands for, where it can be one.
    pub fn name(&self) -> Option<String> {
        match self.kind {
            Kind::Word => Some(self.text.to_owned()),
            Kind::QuotedName => {
                let quote = self.text.chars().next()?;
                let inner = self.text.strip_prefix(quote)?.strip_suffix(quote)?;
                Some(inner.replace(&format!("{quote}{quote}"), &quote.to_string()))
            }
            _ => None,
        }
    }
}

/// Splits SQL into tokens. Every byte that is not white space belongs to exactly one.
pub fn tokens(sql: &str) -> impl Iterator<Item = Token<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = sql.get(at..)?;
        let start = at + (rest.len() - rest.trim_start_matches(is_space).len());
        let rest = sql.get(start..).filter(|r| !r.is_empty())?;
        let (kind, len) = next_token(rest);
        at = start + len;
        sql.get(start..at).map(|text| Token { kind, text, start })
    })
}

/// The server's white space: ASCII only. A no-break space is part of a name there.
const fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}')
}

fn next_token(rest: &str) -> (Kind, usize) {
    let b = rest.as_bytes();
    let second = b.get(1).copied().unwrap_or(0);
    match b.first().copied().unwrap_or(0) {
        // Two hyphens are a comment only before a blank, a control character or the end: 1--1 is 2.
        b'-' if second == b'-' && b.get(2).is_none_or(|c| c.is_ascii_whitespace() || c.is_ascii_control()) => (Kind::Comment, line_end(rest)),
        b'#' => (Kind::Comment, line_end(rest)),
        b'/' if second == b'*' => block_comment(rest),
        b'\'' => quoted(b, b'\'', true, Kind::Text),
        b'"' => quoted(b, b'"', false, Kind::QuotedName),
        b'`' => quoted(b, b'`', false, Kind::QuotedName),
        b':' if second == b'=' => (Kind::Sign, 2),
        b':' if second == b'_' || second.is_ascii_alphabetic() => (Kind::Parameter, 1 + rest.get(1..).map_or(0, parameter_len)),
        b'|' if second == b'|' => (Kind::Sign, 2),
        b'@' if second == b'@' => (Kind::Sign, 2),
        b';' => (Kind::Semicolon, 1),
        c if c.is_ascii_digit() => (Kind::Number, number_len(b)),
        c if c == b'_' || c == b'$' || c.is_ascii_alphabetic() || !c.is_ascii() => (Kind::Word, word_len(b)),
        _ => (Kind::Sign, 1),
    }
}

fn line_end(rest: &str) -> usize {
    rest.find('\n').unwrap_or(rest.len())
}

fn parameter_len(rest: &str) -> usize {
    rest.bytes().take_while(|c| c.is_ascii_alphanumeric() || *c == b'_').count()
}

fn word_len(b: &[u8]) -> usize {
    b.iter().take_while(|c| c.is_ascii_alphanumeric() || matches!(**c, b'_' | b'$') || !c.is_ascii()).count()
}

/// Digits, a fraction, an exponent, and no more: to the server `1.5into` and `1e5into` are a number and a word. What it takes
/// for one name (`1a`, `0x1f`) is two tokens here, so that no word hides behind a digit.
fn number_len(b: &[u8]) -> usize {
    let digits = |from: usize| b.get(from..).map_or(0, |r| r.iter().take_while(|c| c.is_ascii_digit()).count());
    let mut len = digits(0);
    if b.get(len) == Some(&b'.') {
        len += 1 + digits(len + 1);
    }
    if matches!(b.get(len), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(b.get(len + 1), Some(b'+' | b'-')));
        match digits(len + 1 + sign) {
            0 => {}
            exponent => len += 1 + sign + exponent,
        }
    }
    len
}

/// A quoted run; a doubled quote is a quote, a backslash escapes where `escapes`.
fn quoted(b: &[u8], quote: u8, escapes: bool, kind: Kind) -> (Kind, usize) {
    let mut at = 1;
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

/// To the first `*/`: these comments do not nest.
fn block_comment(rest: &str) -> (Kind, usize) {
    let kind = if ["/*!", "/*M!", "/*+"].iter().any(|open| rest.starts_with(open)) { Kind::Executable } else { Kind::Comment };
    match rest.get(2..).and_then(|body| body.find("*/")) {
        Some(end) => (kind, end + 4),
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
        let sql = "':x' 'it''s :x' 'a\\':x' \":x\" `:x` -- :x\n # :x\n /* :x */ @a := 1 :y";
        let found: Vec<_> = kinds(sql).into_iter().filter(|(k, _)| *k == Kind::Parameter).collect();
        assert_eq!(found, [(Kind::Parameter, ":y")]);
    }

    #[test]
    fn comments_are_the_servers() {
        assert_eq!(kinds("1--1").len(), 4);
        assert_eq!(kinds("1-- 1"), [(Kind::Number, "1"), (Kind::Comment, "-- 1")]);
        assert_eq!(kinds("/* /* */ x"), [(Kind::Comment, "/* /* */"), (Kind::Word, "x")]);
        for sql in ["/*! x */", "/*!50000 x */", "/*M!100000 x */", "/*+ SET_VAR(a=1) */"] {
            assert_eq!(kinds(sql), [(Kind::Executable, sql)]);
        }
    }

    #[test]
    fn no_word_hides_behind_a_number() {
        for sql in ["1.5into", "1e5into", "1e+5into", ".5into", "1.into", "1into", "x'41'into", "'a'into", "`a`into", "1.5e3into"] {
            assert_eq!(kinds(sql).last(), Some(&(Kind::Word, "into")), "{sql}");
        }
        assert_eq!(kinds("1.5e-3 0x1f"), [(Kind::Number, "1.5e-3"), (Kind::Number, "0"), (Kind::Word, "x1f")]);
    }

    #[test]
    fn quotes_that_never_end_are_told() {
        for sql in ["'a", "\"a", "`a", "/* a", "/*! a", "'a\\'"] {
            assert_eq!(kinds(sql).last().map(|t| t.0), Some(Kind::Unterminated), "{sql}");
        }
        assert_eq!(kinds("\"a\\\""), [(Kind::QuotedName, "\"a\\\"")]);
    }

    #[test]
    fn each_byte_is_in_one_token() {
        let sql = "select ';' as semi, \"a\"\"b\", 'it''s' as é\u{a0} /* ; */; 1.5e3 1.a @@x x'00' _utf8mb4'é'";
        let mut end = 0;
        for token in tokens(sql) {
            assert!(sql[end..token.start].trim().is_empty());
            end = token.end();
        }
        assert!(sql[end..].trim().is_empty());
        assert_eq!(kinds(sql).iter().filter(|t| t.0 == Kind::Semicolon).count(), 1);
        assert_eq!(tokens("`a``b`").next().and_then(|t| t.name()).as_deref(), Some("a`b"));
    }
}

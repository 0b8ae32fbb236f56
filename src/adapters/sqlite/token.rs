//! SQL text to SQLite's tokens, as far as the one-statement check needs them (rules of sqlite.org/lang.html's tokenizer).

/// A piece of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// White space or a comment.
    Space,
    /// A bare word: a keyword, a name or a function.
    Word(&'a str),
    /// A name in `"…"`, `[…]` or backticks, without them.
    Quoted(String),
    /// A text literal, with its quotes.
    Literal(&'a str),
    /// `:name`, without the colon.
    Parameter(&'a str),
    /// `?`, `@`, `$`: a parameter in another form.
    ForeignParameter(&'a str),
    /// A number.
    Number(&'a str),
    /// `(`
    Open,
    /// `)`
    Close,
    /// `;`
    End,
    /// Any other character.
    Other(&'a str),
}

/// Cuts a text into tokens; an error is a quote that never ends, in words.
pub(super) fn tokens(text: &str) -> Result<Vec<Token<'_>>, String> {
    let mut rest = text;
    let mut out = Vec::new();
    while !rest.is_empty() {
        let (token, length) = next(rest)?;
        out.push(token);
        rest = rest.get(length..).unwrap_or_default();
    }
    Ok(out)
}

fn next(rest: &str) -> Result<(Token<'_>, usize), String> {
    let mut chars = rest.chars();
    let first = chars.next().unwrap_or_default();
    let second = chars.next().unwrap_or_default();
    Ok(match (first, second) {
        ('-', '-') => (Token::Space, rest.find('\n').unwrap_or(rest.len())),
        ('/', '*') => {
            let end = rest.get(2..).and_then(|r| r.find("*/")).ok_or("a comment /* has no end")?;
            (Token::Space, end + 4)
        }
        ('\'', _) => {
            let (_, length) = quoted(rest, '\'')?;
            (Token::Literal(head(rest, length)), length)
        }
        ('"' | '`', _) => {
            let (name, length) = quoted(rest, first)?;
            (Token::Quoted(name), length)
        }
        ('[', _) => {
            let end = rest.find(']').ok_or("a name [ has no end")?;
            (Token::Quoted(rest.get(1..end).unwrap_or_default().to_owned()), end + 1)
        }
        (':', c) if part_of_name(c) => {
            let length = 1 + run(rest.get(1..).unwrap_or_default());
            (Token::Parameter(rest.get(1..length).unwrap_or_default()), length)
        }
        ('?' | '@' | '$', _) => {
            let length = 1 + run(rest.get(1..).unwrap_or_default());
            (Token::ForeignParameter(head(rest, length)), length)
        }
        ('0'..='9', _) => {
            let length = run(rest);
            (Token::Number(head(rest, length)), length)
        }
        ('(', _) => (Token::Open, 1),
        (')', _) => (Token::Close, 1),
        (';', _) => (Token::End, 1),
        (c, _) if part_of_name(c) => {
            let length = run(rest);
            (Token::Word(head(rest, length)), length)
        }
        (' ' | '\t' | '\n' | '\r' | '\u{c}', _) => (Token::Space, 1),
        (c, _) => (Token::Other(head(rest, c.len_utf8())), c.len_utf8()),
    })
}

/// The content of a quote that doubles itself inside, and the bytes it takes with its quotes.
fn quoted(rest: &str, quote: char) -> Result<(String, usize), String> {
    let mut content = String::new();
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c != quote {
            content.push(c);
        } else if chars.next_if(|(_, after)| *after == quote).is_some() {
            content.push(quote);
        } else {
            return Ok((content, at + 1));
        }
    }
    Err(format!("a quote {quote} has no end"))
}

const fn part_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '$') || !c.is_ascii()
}

fn run(text: &str) -> usize {
    text.find(|c| !part_of_name(c)).unwrap_or(text.len())
}

fn head(text: &str, length: usize) -> &str {
    text.get(..length).unwrap_or(text)
}

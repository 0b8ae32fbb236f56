//! JSON that may be printed to a terminal: characters that could drive one, or hide, are written as `\uXXXX`. A reader gets the
//! exact text back.

use crate::domain::text::is_hidden;
use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};
use std::io::{Error, Write};

/// Appends a text as a JSON string. Most need no escape, and are copied as they are.
pub fn push(out: &mut String, text: &str) -> serde_json::Result<()> {
    let is_odd = |b: &u8| !(b' '..=b'~').contains(b) || matches!(b, b'"' | b'\\');
    // Counted, not looked for: without an end in between, many bytes are looked at at once.
    if text.as_bytes().iter().filter(|b| is_odd(b)).count() == 0 {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        out.push_str(&line(&text)?);
    }
    Ok(())
}

/// A value as text, on one line.
pub fn line(value: &impl Serialize) -> serde_json::Result<String> {
    text(value, Plain(CompactFormatter))
}

/// A value as indented text.
pub fn pretty(value: &impl Serialize) -> serde_json::Result<String> {
    text(value, Plain(PrettyFormatter::new()))
}

/// A value as a text file of its own.
pub fn file(value: &impl Serialize) -> serde_json::Result<String> {
    Ok(pretty(value)? + "\n")
}

fn text(value: &impl Serialize, formatter: impl Formatter) -> serde_json::Result<String> {
    let mut out = Vec::new();
    value.serialize(&mut Serializer::with_formatter(&mut out, formatter))?;
    String::from_utf8(out).map_err(|e| serde_json::Error::io(Error::other(e)))
}

/// Another formatter's layout, with hidden characters escaped. C0 controls are escaped by every formatter.
struct Plain<F>(F);

macro_rules! laid_out_by_the_other {
    ($($name:ident ($($first:ident)?);)*) => {
        $(fn $name<W: ?Sized + Write>(&mut self, writer: &mut W $(, $first: bool)?) -> Result<(), Error> {
            self.0.$name(writer $(, $first)?)
        })*
    };
}

impl<F: Formatter> Formatter for Plain<F> {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> Result<(), Error> {
        let mut from = 0;
        for (at, c) in fragment.char_indices().filter(|(_, c)| !(' '..='~').contains(c) && is_hidden(*c)) {
            writer.write_all(&fragment.as_bytes()[from..at])?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            from = at + c.len_utf8();
        }
        writer.write_all(&fragment.as_bytes()[from..])
    }

    laid_out_by_the_other! {
        begin_array(); end_array(); begin_array_value(first); end_array_value();
        begin_object(); end_object(); begin_object_key(first); end_object_key();
        begin_object_value(); end_object_value();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_hidden_is_printed_and_the_text_comes_back() {
        let hostile = "\u{1b}[2J\u{9b}31m\u{7f}\u{202e}x\u{200d}\u{e0041}\u{feff}日本 \"}\\";
        let value = serde_json::json!({ hostile: [hostile, 1] });
        for text in [line(&value).unwrap(), pretty(&value).unwrap()] {
            assert!(text.chars().all(|c| c == '\n' || !is_hidden(c)), "{text}");
            assert!(text.contains("\\udb40\\udc41") && text.contains("日本"));
            assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
        }
        assert_eq!(line(&[1, 2]).unwrap(), "[1,2]");
        assert_eq!(pretty(&[1]).unwrap(), "[\n  1\n]");
    }
}

//! Parameters as typed literals, for the one path that cannot bind: COPY. One function renders them all.

use super::token::{Kind, tokens};
use crate::ports::database::Parameter;
use chrono::{DateTime, Datelike as _, NaiveDate, SecondsFormat, Utc};
use std::collections::BTreeMap;

/// Why a query's parameters cannot be filled in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LiteralError {
    /// A name nobody gave a value for.
    #[error("no value for the parameter :{name}; known are {}", if known.is_empty() { "none".to_owned() } else { known.join(", ") })]
    Unknown {
        /// The name, without its colon.
        name: String,
        /// Names that have values, with colons.
        known: Vec<String>,
    },
    /// Text with a NUL, which PostgreSQL cannot hold.
    #[error("the value of :{0} holds a NUL character, which PostgreSQL text cannot")]
    Nul(String),
    /// A date PostgreSQL and this program do not write alike.
    #[error("the value of :{0} is a date outside the years 1 to 9999")]
    Date(String),
}

/// Replaces each `:name` of `sql` by the literal of its value. Strings, quoted names, comments, dollar quotes and
/// `::casts` are left as they are. A literal stands in blanks, so that it never grows together with its neighbours.
pub fn fill(sql: &str, parameters: &BTreeMap<String, Parameter>) -> Result<String, LiteralError> {
    let mut out = String::with_capacity(sql.len() + 64);
    let mut copied = 0;
    for token in tokens(sql).filter(|t| t.kind == Kind::Parameter) {
        let name = token.text.get(1..).unwrap_or_default();
        let value = parameters.get(name).ok_or_else(|| LiteralError::Unknown {
            name: crate::domain::text::shown(name, 60),
            known: parameters.keys().map(|k| format!(":{k}")).collect(),
        })?;
        out.push_str(sql.get(copied..token.start).unwrap_or_default());
        out.push(' ');
        out.push_str(&literal(name, value)?);
        out.push(' ');
        copied = token.end();
    }
    out.push_str(sql.get(copied..).unwrap_or_default());
    Ok(out)
}

/// One value as a literal, for `standard_conforming_strings = on` (pinned on every session).
fn literal(name: &str, value: &Parameter) -> Result<String, LiteralError> {
    match value {
        Parameter::Date(day) => date(name, *day),
        Parameter::Instant(at) => instant(name, *at),
        // In brackets: "- -5" and "--5" are two things.
        Parameter::Integer(n) => Ok(format!("({n}::bigint)")),
        Parameter::Text(text) => quote(name, text),
    }
}

fn date(name: &str, day: NaiveDate) -> Result<String, LiteralError> {
    if !(1..=9999).contains(&day.year()) {
        return Err(LiteralError::Date(name.to_owned()));
    }
    Ok(format!("DATE '{}'", day.format("%Y-%m-%d")))
}

fn instant(name: &str, at: DateTime<Utc>) -> Result<String, LiteralError> {
    if !(1..=9999).contains(&at.year()) {
        return Err(LiteralError::Date(name.to_owned()));
    }
    Ok(format!("TIMESTAMPTZ '{}'", at.to_rfc3339_opts(SecondsFormat::AutoSi, true)))
}

/// Text in quotes; the `E''` form where a backslash is in it, so that it means the same under either setting.
pub fn quote(name: &str, text: &str) -> Result<String, LiteralError> {
    if text.contains('\0') {
        return Err(LiteralError::Nul(name.to_owned()));
    }
    let doubled = text.replace('\'', "''");
    Ok(if doubled.contains('\\') { format!("E'{}'", doubled.replace('\\', "\\\\")) } else { format!("'{doubled}'") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(sql: &str, name: &str, value: Parameter) -> Result<String, LiteralError> {
        fill(sql, &BTreeMap::from([(name.to_owned(), value)]))
    }

    #[test]
    fn each_kind_is_typed() {
        let day = NaiveDate::from_ymd_opt(2026, 5, 1).unwrap();
        let at = day.and_hms_opt(4, 0, 0).unwrap().and_utc();
        assert_eq!(filled("x>=:d::text", "d", Parameter::Date(day)).unwrap(), "x>= DATE '2026-05-01' ::text");
        assert_eq!(filled("x<:d", "d", Parameter::Instant(at)).unwrap(), "x< TIMESTAMPTZ '2026-05-01T04:00:00Z' ");
        assert_eq!(filled("1-:d", "d", Parameter::Integer(-5)).unwrap(), "1- (-5::bigint) ");
    }

    /// Whatever the text, the result is the same tokens with one string in the place of the parameter, and reading
    /// that string back by the server's rules gives the text.
    #[test]
    fn hostile_text_stays_one_string() {
        let hostile = [
            "'",
            "''",
            "\\",
            "\\'",
            "'; drop table x; --",
            "$$",
            "$q$",
            "/*",
            "*/",
            "--",
            "\n",
            "E'",
            "it's",
            ":d",
            "é'\u{202e}",
            "x') to program 'id",
        ];
        for text in hostile {
            let sql = filled("select :d as a, ':d'", "d", Parameter::Text(text.to_owned())).unwrap();
            let found: Vec<_> = tokens(&sql).collect();
            let kinds: Vec<_> = found.iter().map(|t| t.kind).collect();
            assert_eq!(kinds, [Kind::Word, Kind::Text, Kind::Word, Kind::Word, Kind::Sign, Kind::Text], "{sql}");
            let raw = found.get(1).unwrap().text;
            let (body, escaped) = raw.strip_prefix('E').map_or((raw, false), |r| (r, true));
            let body = body[1..body.len() - 1].replace("''", "'");
            assert_eq!(if escaped { body.replace("\\\\", "\\") } else { body }, text);
        }
        assert!(matches!(filled(":d", "d", Parameter::Text("a\0b".to_owned())), Err(LiteralError::Nul(_))));
    }

    #[test]
    fn an_unknown_name_lists_the_known() {
        let error = filled("select :perod_start", "period_start", Parameter::Integer(1)).unwrap_err();
        assert_eq!(error.to_string(), "no value for the parameter :perod_start; known are :period_start");
    }
}

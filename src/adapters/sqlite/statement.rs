//! The check before anything is sent: exactly one statement, and only one that reads.
//!
//! sqlx runs every statement of one text, and a read-only connection still obeys `VACUUM INTO`, `ATTACH` and
//! `PRAGMA query_only=off`; so the text is judged here, and only what is judged is sent: comments left out,
//! `:name` as a numbered parameter, `"name"` in backticks. The last matters: SQLite takes a `"name"` it does not know for
//! a text literal, so a misspelt column would deliver its own name on every row.

use super::token::{Token, tokens};
use crate::domain::text::shown;
use std::fmt::Write as _;

/// Functions that reach beyond the database: extensions, and files as the sqlite3 shell offers them.
const BLOCKED: &[&str] = &["load_extension", "readfile", "writefile", "edit", "fsdir", "lsdir", "zipfile", "fts3_tokenizer", "sqlite_dbpage"];

/// A statement that may be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Statement {
    /// Its text, with `?1`, `?2` … for the parameters.
    pub(super) sql: String,
    /// Names of the parameters, the first at `?1`.
    pub(super) parameters: Vec<String>,
}

/// Judges an operator's SQL; an error says in words why it is not sent.
pub(super) fn one_statement(text: &str) -> Result<Statement, String> {
    if text.contains('\0') {
        return Err("holds a NUL character".to_owned());
    }
    let mut judge = Judge::default();
    // An editor's byte order mark is no part of the SQL.
    for token in tokens(text.trim_start_matches('\u{feff}'))? {
        judge.take(&token)?;
    }
    judge.end()
}

#[derive(Default)]
struct Judge {
    sql: String,
    parameters: Vec<String>,
    depth: usize,
    ended: bool,
    started: bool,
    /// Inside a WITH that has not come to its own SELECT yet.
    in_with: bool,
    /// The name just read, which an opening parenthesis makes a function.
    name: Option<String>,
}

impl Judge {
    fn take(&mut self, token: &Token<'_>) -> Result<(), String> {
        if *token == Token::Space {
            self.sql.push(' ');
            return Ok(());
        }
        if *token == Token::End {
            self.ended = self.started;
            return if self.started { Ok(()) } else { Err("begins with `;`: write one SELECT, WITH or VALUES".to_owned()) };
        }
        if self.ended {
            return Err("holds more than one statement: only one is run".to_owned());
        }
        if !self.started {
            self.start(token)?;
        }
        let name = self.name.take();
        match token {
            Token::Word(word) => self.word(word)?,
            Token::Quoted(inner) => {
                self.sql.push('`');
                self.sql.push_str(&inner.replace('`', "``"));
                self.sql.push('`');
                self.name = Some(inner.clone());
            }
            Token::Parameter(parameter) => self.parameter(parameter),
            Token::ForeignParameter(text) => return Err(format!("uses the parameter {}: write parameters as :name", shown(text, 40))),
            Token::Open => self.open(name)?,
            Token::Close => {
                self.depth = self.depth.checked_sub(1).ok_or("closes a parenthesis that was not opened")?;
                self.sql.push(')');
            }
            Token::Literal(text) | Token::Number(text) | Token::Other(text) => self.sql.push_str(text),
            Token::Space | Token::End => {}
        }
        Ok(())
    }

    fn start(&mut self, token: &Token<'_>) -> Result<(), String> {
        self.started = true;
        let word = if let Token::Word(word) = token { word.to_ascii_uppercase() } else { String::new() };
        self.in_with = word == "WITH";
        if matches!(word.as_str(), "SELECT" | "WITH" | "VALUES") {
            return Ok(());
        }
        let begins = if word.is_empty() { "something else".to_owned() } else { shown(&word, 40) };
        Err(format!("begins with {begins}: only SELECT, WITH and VALUES read"))
    }

    fn word(&mut self, word: &str) -> Result<(), String> {
        let upper = word.to_ascii_uppercase();
        if self.in_with && self.depth == 0 {
            match upper.as_str() {
                "SELECT" | "VALUES" => self.in_with = false,
                "INSERT" | "UPDATE" | "DELETE" | "REPLACE" => return Err(format!("a WITH that leads to {upper} writes")),
                _ => {}
            }
        }
        self.sql.push_str(word);
        self.name = Some(word.to_owned());
        Ok(())
    }

    fn open(&mut self, name: Option<String>) -> Result<(), String> {
        if let Some(blocked) = name.map(|n| n.to_ascii_lowercase()).filter(|n| BLOCKED.contains(&n.as_str())) {
            return Err(format!("calls {blocked}(), which reaches beyond the database"));
        }
        self.depth += 1;
        self.sql.push('(');
        Ok(())
    }

    fn parameter(&mut self, name: &str) {
        let at = self.parameters.iter().position(|p| p == name).unwrap_or_else(|| {
            self.parameters.push(name.to_owned());
            self.parameters.len() - 1
        });
        let _ = write!(self.sql, "?{}", at + 1);
    }

    fn end(self) -> Result<Statement, String> {
        if !self.started {
            return Err("is empty: write one SELECT, WITH or VALUES".to_owned());
        }
        if self.depth > 0 {
            return Err("opens a parenthesis that is not closed".to_owned());
        }
        Ok(Statement { sql: self.sql.trim().to_owned(), parameters: self.parameters })
    }
}

#[cfg(test)]
mod tests {
    use super::one_statement;

    #[test]
    fn one_reading_statement_passes() {
        let table = [
            ("\u{feff}select 1", "select 1"),
            ("select 1 -- comment; at the end", "select 1"),
            ("select ';' as semi, 'it''s' as s /* ; */ ;;", "select ';' as semi, 'it''s' as s"),
            ("SELECT \"a;\"\"b\", [c;d], `e``;` FROM t;\n-- done", "SELECT `a;\"b`, `c;d`, `e``;` FROM t"),
            ("with r(i) as (values (1)) select i, replace(i, 1, 2) from r", "with r(i) as (values (1)) select i, replace(i, 1, 2) from r"),
            ("select ':not', 1 where :a = 1e5 and :b <> :a", "select ':not', 1 where ?1 = 1e5 and ?2 <> ?1"),
            ("select x'00', a->>'$.b', delete_at from t", "select x'00', a->>'$.b', delete_at from t"),
        ];
        for (text, sent) in table {
            assert_eq!(one_statement(text).unwrap().sql, sent, "{text}");
        }
        assert_eq!(one_statement("select :b, :a, :b").unwrap().parameters, ["b", "a"]);
    }

    #[test]
    fn everything_else_is_refused_in_words() {
        let table = [
            ("", "is empty"),
            (" -- only a comment", "is empty"),
            (";", "begins with `;`"),
            ("select 1; delete from invoice", "more than one"),
            ("select 1;;;pragma query_only=off", "more than one"),
            ("select * from invoice) ; vacuum into '/x' --", "not opened"),
            ("select (1", "not closed"),
            ("select 'a", "no end"),
            ("select \"a", "no end"),
            ("select [a", "no end"),
            ("select 1 /* ; delete", "no end"),
            ("explain select 1", "EXPLAIN"),
            ("'select' 1", "something else"),
            ("/**/ Vacuum into 'x'", "VACUUM"),
            ("with w as (select 1) insert into t select * from w", "INSERT"),
            ("with w(a) as (select 1), v as (values (1)) Replace into t values (1)", "REPLACE"),
            ("select load_extension('/tmp/x.so')", "load_extension"),
            ("select \"Load_Extension\" /* */ ('/tmp/x.so')", "load_extension"),
            ("select ?1", ":name"),
            ("select @a", ":name"),
            ("select 1\0; delete from t", "NUL"),
        ];
        for (text, words) in table {
            let refusal = one_statement(text).unwrap_err();
            assert!(refusal.contains(words), "{text:?}: {refusal}");
        }
    }
}

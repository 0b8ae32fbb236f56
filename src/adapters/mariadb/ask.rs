//! Our own small questions to the server, by the text protocol: every answer is text as the server prints it.
//! Operator SQL never comes this way.

use futures::FutureExt as _;
use sqlx::mysql::{MySql, MySqlConnection, MySqlRow};
use sqlx::{Column as _, Decode, Executor as _, Row as _, SqlSafeStr};
use std::panic::AssertUnwindSafe;

/// One row of an answer; `None` is NULL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer(Vec<Option<String>>);

impl Answer {
    /// A field's text; empty for NULL or a field that is not there.
    pub fn text(&self, at: usize) -> &str {
        self.0.get(at).and_then(Option::as_deref).unwrap_or_default()
    }
}

/// All rows of an answer. `sql` is one statement of ours.
pub async fn rows(connection: &mut MySqlConnection, sql: impl SqlSafeStr + Send) -> Result<Vec<Answer>, sqlx::Error> {
    let rows = no_panic(connection.fetch_all(sql)).await?;
    Ok(rows.iter().map(|row| Answer((0..row.len()).map(|at| field(row, at).map(|b| String::from_utf8_lossy(b).into_owned())).collect())).collect())
}

/// One column of an answer, row by row, by the first of its names that the answer has. Where it has none, each row's is `None`, as NULL is.
pub async fn column(connection: &mut MySqlConnection, sql: impl SqlSafeStr + Send, names: &[&str]) -> Result<Vec<Option<String>>, sqlx::Error> {
    let rows = no_panic(connection.fetch_all(sql)).await?;
    let place = |row: &MySqlRow| names.iter().find_map(|name| row.columns().iter().position(|c| c.name().eq_ignore_ascii_case(name)));
    Ok(rows.iter().map(|row| place(row).and_then(|at| field(row, at)).map(|b| String::from_utf8_lossy(b).into_owned())).collect())
}

/// The first row of an answer that has one.
pub async fn row(connection: &mut MySqlConnection, sql: impl SqlSafeStr + Send) -> Result<Answer, sqlx::Error> {
    rows(connection, sql).await?.into_iter().next().ok_or(sqlx::Error::RowNotFound)
}

/// Runs a statement of ours that answers nothing.
pub async fn run(connection: &mut MySqlConnection, sql: impl SqlSafeStr + Send) -> Result<(), sqlx::Error> {
    no_panic(connection.execute(sql)).await.map(|_| ())
}

/// A field's bytes as they came; `None` is NULL. The driver's own test for NULL is not asked: it takes a zero date for one.
pub fn field(row: &MySqlRow, at: usize) -> Option<&[u8]> {
    row.try_get_raw(at).ok().and_then(|raw| <&[u8] as Decode<'_, MySql>>::decode(raw).ok())
}

/// The driver's reader panics on answers that are not of the protocol (a flipped bit, another service on the port).
pub async fn no_panic<T>(work: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|_| Err(sqlx::Error::Protocol("it is not of the MySQL protocol".to_owned())))
}

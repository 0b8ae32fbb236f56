//! Warnings of a query: where PostgreSQL ends one, these servers go on with another value and only warn. `'12abc' + 0` is 12, a
//! division by nought is NULL, a text that is no date matches no date. A number is exact, or it is not shown.

use super::ask;
use super::fault::{Blame, without_values};
use crate::domain::text::shown;
use crate::ports::database::{Fault, FaultKind};
use sqlx::mysql::MySqlConnection;

/// Warnings that speak of the query's words and not of its values: deprecated syntax, blanks around names, character sets.
const OF_WORDS: [&str; 11] = ["1287", "1466", "1474", "1618", "1681", "3005", "3090", "3135", "3719", "3720", "3778"];
/// Columns of a message that are shown.
const MESSAGE_WIDTH: usize = 160;

/// Forgets the warnings of statements before. One that names no table would leave them.
pub async fn clear(connection: &mut MySqlConnection, blame: Blame<'_>) -> Result<(), Fault> {
    let any = "SELECT COUNT(*) FROM information_schema.character_sets WHERE 1 = 0";
    ask::rows(connection, any).await.map(|_| ()).map_err(|e| blame.driver(&e))
}

/// Looks at the warnings of the statement just run. Must be asked before any other. The server keeps only so many of them
/// (`max_error_count`, which MySQL lets nobody set who may only read), but counts all.
pub async fn check(connection: &mut MySqlConnection, blame: Blame<'_>) -> Result<(), Fault> {
    let count = ask::row(connection, "SHOW COUNT(*) WARNINGS").await.map_err(|e| blame.driver(&e))?;
    let warnings = ask::rows(connection, "SHOW WARNINGS").await.map_err(|e| blame.driver(&e))?;
    let of_values = |level: &str, code: &str| level != "Note" && !OF_WORDS.contains(&code);
    let what = match warnings.iter().find(|w| of_values(w.text(0), w.text(1))) {
        Some(first) => format!(
            "the server took other values than it met, and only warns: {} ({}); none of its rows count",
            shown(&without_values(first.text(2)), MESSAGE_WIDTH),
            shown(first.text(1), 10)
        ),
        None if count.text(0) == warnings.len().to_string() => return Ok(()),
        None => format!(
            "the server warns {} times and tells {} of them: whether it took other values than it met is not known; none of its rows count",
            shown(count.text(0), 20),
            warnings.len()
        ),
    };
    Err(blame.fault(
        FaultKind::Failed,
        what,
        "correct the query or the data, so that every value is taken as it is: CAST, NULLIF(…, 0), a WHERE that leaves such rows out",
    ))
}

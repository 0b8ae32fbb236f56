//! A judged query as the server's own sums of it.

use super::judge::Judged;
use crate::domain::decode::ResultColumn;
use crate::ports::database::Summing;
use sqlx::TypeInfo as _;
use sqlx::postgres::PgTypeInfo;

/// The query of sums over a judged one, or why the server's sums would not be those of its rows.
///
/// Values are put together only where equal ones are the same bytes: of texts under the collation `C`, for others may hold letters
/// of two cases equal; and not of decimals (1.0 and 1.00 are equal) or types of extensions. Added up are whole numbers and decimals,
/// whose sums the server makes exactly, with the decimals of the longest.
pub fn over(judged: &Judged, summing: Summing) -> Result<String, String> {
    let named = |name: &str| {
        let found = judged.columns.iter().zip(&judged.types).enumerate().find(|(_, (column, _))| column.name == name);
        found.ok_or_else(|| format!("the query delivers no {name}"))
    };
    let typed = |(column, _): (&ResultColumn, &PgTypeInfo)| format!("{} is of the type {}", column.name, column.type_name);
    let mut selected = Vec::new();
    for name in summing.by {
        let (at, found) = named(name)?;
        let value = match found.1.name() {
            "UUID" | "INT2" | "INT4" | "INT8" | "DATE" | "TIMESTAMP" | "TIMESTAMPTZ" => format!("c{at}"),
            "TEXT" | "VARCHAR" => format!("c{at} COLLATE pg_catalog.\"C\""),
            _ => return Err(format!("{}, whose equal values may differ", typed(found))),
        };
        selected.push(format!("{value} AS {name}"));
    }
    let (of, found) = named(summing.of)?;
    if !matches!(found.1.name(), "NUMERIC" | "INT2" | "INT4" | "INT8") {
        return Err(format!("{}, whose sum is not exact", typed(found)));
    }
    // The sum itself tells of NaN and infinities, and the counts of NULL and of what is below nought.
    selected
        .push(format!("pg_catalog.sum(c{of}) AS {}, pg_catalog.count(*) AS n, pg_catalog.count(*) FILTER (WHERE c{of} >= 0) AS sound", summing.of));
    let names: Vec<String> = (0..judged.types.len()).map(|i| format!("c{i}")).collect();
    Ok(format!("SELECT {} FROM (\n{}\n) AS q({}) GROUP BY 1, 2, 3", selected.join(", "), judged.sql, names.join(", ")))
}

//! SQL checks: what a query must give. No value, several values or one of another type are errors, never a pass.

use super::Judged;
use super::figure::figure;
use crate::domain::exact::Exact;
use crate::domain::gate::{Expectation, Outcome, SqlSeen};
use crate::domain::text::{shown, shown_bytes};

/// Rows named as evidence of a violation.
const NAMED: usize = 20;
/// Columns shown of each of their fields.
const FIELD: usize = 100;

/// Judges what a query gave.
pub fn sql(expects: &Expectation, seen: &SqlSeen) -> Judged {
    let (columns, rows, first) = match seen {
        SqlSeen::Invalid(why) => return Judged::new(Outcome::Invalid, format!("invalid SQL: {why}")),
        SqlSeen::Broke(why) => return Judged::new(Outcome::Error, why),
        SqlSeen::Rows { columns, rows, first } => (columns, *rows, first),
    };
    match expects {
        Expectation::NoRows => no_rows(columns, rows, first),
        Expectation::Value { value } => match one(columns, rows, first) {
            Ok(found) if found == value.as_bytes() => Judged::new(Outcome::Pass, format!("\"{}\"", shown(value, 80))),
            Ok(found) => Judged::new(Outcome::Fail, format!("\"{}\" where \"{}\" was expected", shown_bytes(found, 80), shown(value, 80))),
            Err(why) => Judged::new(Outcome::Error, why),
        },
        Expectation::Number { bound } => {
            let found = one(columns, rows, first);
            let number = found.and_then(|bytes| Exact::parse(bytes).map_err(|e| format!("\"{}\" is no number: {e}", shown_bytes(bytes, FIELD))));
            match number {
                Ok(number) => figure(number, bound, ""),
                Err(why) => Judged::new(Outcome::Error, why),
            }
        }
    }
}

fn no_rows(columns: &[String], rows: u64, first: &[Vec<Option<Vec<u8>>>]) -> Judged {
    if rows == 0 {
        return Judged::new(Outcome::Pass, "0 rows");
    }
    let field = |(name, value): (&String, &Option<Vec<u8>>)| {
        let value = value.as_ref().map_or_else(|| "NULL".to_owned(), |bytes| shown_bytes(bytes, FIELD));
        format!("{} = {value}", shown(name, 40))
    };
    let line = |row: &Vec<Option<Vec<u8>>>| columns.iter().zip(row).map(field).collect::<Vec<_>>().join(" · ");
    let named = first.iter().take(NAMED).map(line);
    let left = rows.saturating_sub(u64::try_from(first.len().min(NAMED)).unwrap_or(u64::MAX));
    let summary = if rows == 1 { "1 row where none may be".to_owned() } else { format!("{rows} rows where none may be") };
    Judged::new(Outcome::Fail, summary).seeing(named.chain((left > 0).then(|| format!("… and {left} more rows"))))
}

/// The one value of the one row.
fn one<'a>(columns: &[String], rows: u64, first: &'a [Vec<Option<Vec<u8>>>]) -> Result<&'a [u8], String> {
    if columns.len() != 1 {
        return Err(format!("the query gives {} columns where one value belongs", columns.len()));
    }
    if rows != 1 {
        let what = if rows == 0 { "no row: no value".to_owned() } else { format!("{rows} rows") };
        return Err(format!("the query gives {what}, where one value belongs"));
    }
    let value = first.first().and_then(|row| row.first()).and_then(Option::as_deref);
    value.ok_or_else(|| "the query gives NULL: no value".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::gate::Bound;

    fn rows(columns: usize, rows: &[&[Option<&str>]]) -> SqlSeen {
        let first: Vec<Vec<Option<Vec<u8>>>> = rows.iter().map(|r| r.iter().map(|v| v.map(|v| v.as_bytes().to_vec())).collect()).collect();
        SqlSeen::Rows { columns: (0..columns).map(|n| format!("c{n}")).collect(), rows: first.len() as u64, first }
    }

    #[test]
    fn what_a_query_gives_is_judged() {
        use Outcome::{Error, Fail, Invalid, Pass};
        let none = Expectation::NoRows;
        let value = Expectation::Value { value: "on".to_owned() };
        let number = Expectation::Number { bound: Bound { at_least: Some(Exact::whole(2)), at_most: Some(Exact::whole(5)) } };
        let table: [(&Expectation, SqlSeen, Outcome); 17] = [
            (&none, rows(1, &[]), Pass),
            (&none, rows(2, &[&[Some("a"), None]]), Fail),
            (&none, SqlSeen::Invalid("no such column x".to_owned()), Invalid),
            (&none, SqlSeen::Broke("division by zero".to_owned()), Error),
            (&value, rows(1, &[&[Some("on")]]), Pass),
            (&value, rows(1, &[&[Some("On")]]), Fail),
            (&value, rows(1, &[&[None]]), Error),
            (&value, rows(1, &[]), Error),
            (&value, rows(1, &[&[Some("on")], &[Some("on")]]), Error),
            (&value, rows(2, &[&[Some("on"), Some("on")]]), Error),
            (&number, rows(1, &[&[Some("2")]]), Pass),
            (&number, rows(1, &[&[Some("5.000")]]), Pass),
            (&number, rows(1, &[&[Some("5.0000001")]]), Fail),
            (&number, rows(1, &[&[Some("-3")]]), Fail),
            (&number, rows(1, &[&[Some("NaN")]]), Error),
            (&number, rows(1, &[&[Some("three")]]), Error),
            (&number, rows(1, &[&[None]]), Error),
        ];
        for (expects, seen, outcome) in table {
            let judged = sql(expects, &seen);
            assert_eq!(judged.outcome, outcome, "{expects:?} {seen:?} {judged:?}");
        }
        let unbound = Expectation::Number { bound: Bound { at_least: None, at_most: None } };
        assert_eq!(sql(&unbound, &rows(1, &[&[Some("1")]])).outcome, Fail);
    }

    #[test]
    fn violations_are_named_and_counted_and_cannot_drive_a_terminal() {
        let many = SqlSeen::Rows { columns: vec!["id".into()], rows: 1000, first: vec![vec![Some(b"\x1b[31mx".to_vec())]; 20] };
        let judged = sql(&Expectation::NoRows, &many);
        assert_eq!(judged.summary, "1000 rows where none may be");
        assert_eq!((judged.observed.len(), judged.observed.last().unwrap().as_str()), (21, "… and 980 more rows"));
        assert!(judged.observed.iter().all(|line| !line.contains('\u{1b}')));
    }
}

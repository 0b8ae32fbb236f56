//! One SQLite value to the text of a [`Batch`] field; the table is in the module above.

use crate::adapters::real_text::decimal_or_doubt;
use crate::domain::decode::{Batch, ResultColumn};
use sqlx::sqlite::SqliteRow;
use sqlx::{Decode, Row, Sqlite, TypeInfo, ValueRef};
use std::io::Write as _;

/// Digits every decimal keeps on its way into a REAL and back.
const FAITHFUL_DIGITS: usize = 15;

/// Significant bits of a REAL: a whole number with more of them was never one.
const REAL_BITS: u32 = 53;

/// Why a row cannot be taken over.
#[derive(Debug)]
pub(super) enum ValueError {
    /// A field beyond the limit, with its column and bytes.
    TooLong { column: usize, bytes: usize },
    /// The driver could not hand a value over.
    Driver(sqlx::Error),
}

/// SQLite's storage classes beside NULL.
#[derive(Debug, Clone, Copy)]
enum Class {
    Integer,
    Real,
    Text,
    Blob,
}

impl Class {
    /// By the driver's word for a value that is not NULL.
    fn named(word: &str) -> Self {
        match word {
            "INTEGER" => Self::Integer,
            "REAL" => Self::Real,
            "TEXT" => Self::Text,
            _ => Self::Blob,
        }
    }
}

/// Appends a row's fields, with what is known of their columns. The batch is unusable after an error.
pub(super) fn push_row(batch: &mut Batch, row: &SqliteRow, columns: &[ResultColumn], max_field_bytes: usize) -> Result<(), ValueError> {
    for (column, described) in columns.iter().enumerate() {
        let bytes = push_value(batch, row, column, described.approximate).map_err(ValueError::Driver)?;
        if bytes > max_field_bytes {
            return Err(ValueError::TooLong { column, bytes });
        }
    }
    Ok(())
}

/// Appends one field and says how many bytes it has in the file.
fn push_value(batch: &mut Batch, row: &SqliteRow, column: usize, approximate: bool) -> Result<usize, sqlx::Error> {
    let raw = row.try_get_raw(column)?;
    if raw.is_null() {
        batch.push(None);
        return Ok(0);
    }
    let class = Class::named(raw.type_info().name());
    let decoded = |error| sqlx::Error::ColumnDecode { index: column.to_string(), source: error };
    match class {
        Class::Integer => {
            let n = <i64 as Decode<'_, Sqlite>>::decode(raw).map_err(decoded)?;
            if approximate && may_be_rounded(n) {
                write!(batch.buffer(), "≈{n} (REAL)")?;
            } else {
                write!(batch.buffer(), "{n}")?;
            }
            batch.end_field();
            Ok(8)
        }
        Class::Real => {
            let text = real_text(<f64 as Decode<'_, Sqlite>>::decode(raw).map_err(decoded)?);
            batch.push(Some(text.as_bytes()));
            Ok(8)
        }
        Class::Text => {
            let bytes = <&[u8] as Decode<'_, Sqlite>>::decode(raw).map_err(decoded)?;
            batch.push(Some(bytes));
            Ok(bytes.len())
        }
        Class::Blob => {
            let bytes = <&[u8] as Decode<'_, Sqlite>>::decode(raw).map_err(decoded)?;
            batch.push(Some(format!("<blob {} bytes>", bytes.len()).as_bytes()));
            Ok(bytes.len())
        }
    }
}

/// A NUMERIC column keeps a REAL without decimals as an INTEGER. Beyond 53 bits that REAL may have lost digits before; an
/// INTEGER that no REAL can be is safe.
const fn may_be_rounded(n: i64) -> bool {
    let magnitude = n.unsigned_abs();
    magnitude > 1 << REAL_BITS && u64::BITS - magnitude.leading_zeros() - magnitude.trailing_zeros() <= REAL_BITS
}

/// The decimal a REAL stands for, or a text no decoder takes for a number.
fn real_text(real: f64) -> String {
    decimal_or_doubt(real.to_string(), FAITHFUL_DIGITS, "REAL")
}

#[cfg(test)]
mod tests {
    use super::{may_be_rounded, real_text};

    #[test]
    fn only_a_large_whole_number_that_a_real_can_be_is_doubted() {
        for exact in [0, -1, 123_456, 9_007_199_254_740_992, 9_007_199_254_740_993, i64::MAX] {
            assert!(!may_be_rounded(exact), "{exact}");
        }
        for doubted in [9_007_199_254_740_994, -9_007_199_254_740_994, 1_000_000_000_000_000_000, i64::MIN] {
            assert!(may_be_rounded(doubted), "{doubted}");
        }
    }

    #[test]
    fn only_what_fifteen_digits_name_is_a_number() {
        let table = [
            (10.1, "10.1"),
            (12.34, "12.34"),
            (-5.0, "-5"),
            (-0.0, "0"),
            (0.0075, "0.0075"),
            (1e-7, "0.0000001"),
            (123_456_789_012_345.0, "123456789012345"),
            (0.1 + 0.2, "≈0.30000000000000004 (REAL)"),
            (9_007_199_254_740_994.0, "≈9007199254740994 (REAL)"),
            (1e20, "≈100000000000000000000 (REAL)"),
            (f64::INFINITY, "Infinity"),
            (f64::NEG_INFINITY, "-Infinity"),
            (f64::NAN, "NaN"),
        ];
        for (real, text) in table {
            assert_eq!(real_text(real), text);
        }
    }
}

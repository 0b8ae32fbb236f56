//! One value of the binary protocol to the text of a [`Batch`] field; the table is in the module above.

use crate::adapters::real_text::decimal_or_doubt;
use crate::domain::decode::Batch;
use sqlx::mysql::{MySql, MySqlTypeInfo};
use sqlx::{Type, TypeInfo as _};
use std::io::Write as _;

/// Digits every decimal keeps on its way into a FLOAT or a DOUBLE and back.
const FAITHFUL_FLOAT: usize = 6;
const FAITHFUL_DOUBLE: usize = 15;

/// How a column's bytes are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Print {
    /// An integer of 1, 2, 4 or 8 bytes.
    Signed,
    /// The same without a sign; YEAR too.
    Unsigned,
    /// Four bytes of binary floating point.
    Float,
    /// Eight.
    Double,
    /// A day.
    Date,
    /// A day and a time without a zone.
    Datetime,
    /// The same in UTC.
    Timestamp,
    /// A span of time.
    Time,
    /// Bits, the highest first.
    Bit,
    /// Text, digits of a DECIMAL, or bytes.
    Bytes,
}

impl Print {
    /// By a column's type. The driver's name of a TINYINT(1) hides whether it has a sign; its types compare by it.
    pub fn of(info: &MySqlTypeInfo) -> Self {
        match info.name() {
            "BOOLEAN" if *info == <u8 as Type<MySql>>::type_info() => Self::Unsigned,
            "BOOLEAN" | "TINYINT" | "SMALLINT" | "MEDIUMINT" | "INT" | "BIGINT" => Self::Signed,
            "TINYINT UNSIGNED" | "SMALLINT UNSIGNED" | "MEDIUMINT UNSIGNED" | "INT UNSIGNED" | "BIGINT UNSIGNED" | "YEAR" => Self::Unsigned,
            "FLOAT" => Self::Float,
            "DOUBLE" => Self::Double,
            "DATE" => Self::Date,
            "DATETIME" => Self::Datetime,
            "TIMESTAMP" => Self::Timestamp,
            "TIME" => Self::Time,
            "BIT" => Self::Bit,
            _ => Self::Bytes,
        }
    }
}

/// A value whose bytes are not those of its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a value is not of its column's type")]
pub struct Misshapen;

/// Appends one field. Beyond `max_field` bytes it becomes unreadable: it starts with a byte that no UTF-8 text has, so that
/// reading it as text, number, date or key is an error of its row, and says how long the value is.
pub fn push(batch: &mut Batch, print: Print, raw: Option<&[u8]>, max_field: usize) -> Result<(), Misshapen> {
    let Some(raw) = raw else {
        batch.push(None);
        return Ok(());
    };
    if print != Print::Bytes {
        let text = text(print, raw).ok_or(Misshapen)?;
        batch.push(Some(text.as_bytes()));
    } else if raw.len() > max_field {
        let out = batch.buffer();
        out.push(0xFF);
        write!(out, " value of {} bytes, beyond the field limit", raw.len()).map_err(|_| Misshapen)?;
        batch.end_field();
    } else {
        batch.push(Some(raw));
    }
    Ok(())
}

fn text(print: Print, raw: &[u8]) -> Option<String> {
    Some(match print {
        Print::Signed => signed(raw)?.to_string(),
        Print::Unsigned => unsigned(raw)?.to_string(),
        Print::Float => decimal_or_doubt(f32::from_le_bytes(raw.try_into().ok()?).to_string(), FAITHFUL_FLOAT, "FLOAT"),
        Print::Double => decimal_or_doubt(f64::from_le_bytes(raw.try_into().ok()?).to_string(), FAITHFUL_DOUBLE, "DOUBLE"),
        Print::Date => Moment::read(raw)?.date(),
        Print::Datetime => Moment::read(raw)?.with_time(),
        Print::Timestamp => format!("{}+00:00", Moment::read(raw)?.with_time()),
        Print::Time => time(raw)?,
        Print::Bit if raw.len() <= 8 => raw.iter().fold(0u64, |n, b| n << 8 | u64::from(*b)).to_string(),
        Print::Bit | Print::Bytes => return None,
    })
}

fn signed(raw: &[u8]) -> Option<i64> {
    Some(match raw.len() {
        1 => i8::from_le_bytes(raw.try_into().ok()?).into(),
        2 => i16::from_le_bytes(raw.try_into().ok()?).into(),
        4 => i32::from_le_bytes(raw.try_into().ok()?).into(),
        _ => i64::from_le_bytes(raw.try_into().ok()?),
    })
}

fn unsigned(raw: &[u8]) -> Option<u64> {
    Some(match raw.len() {
        1 => u8::from_le_bytes(raw.try_into().ok()?).into(),
        2 => u16::from_le_bytes(raw.try_into().ok()?).into(),
        4 => u32::from_le_bytes(raw.try_into().ok()?).into(),
        _ => u64::from_le_bytes(raw.try_into().ok()?),
    })
}

/// A date with its time, as the server sent it: whether such a day exists is for the decoder to say.
#[derive(Default)]
struct Moment {
    year: u16,
    month: u8,
    day: u8,
    clock: [u8; 3],
    micros: u32,
}

impl Moment {
    /// A length byte, then as many of year, month, day, time and microseconds as are not nought.
    fn read(raw: &[u8]) -> Option<Self> {
        let (&len, rest) = raw.split_first()?;
        if usize::from(len) != rest.len() || !matches!(len, 0 | 4 | 7 | 11) {
            return None;
        }
        let mut moment = Self::default();
        if let Some(day) = rest.first_chunk::<4>() {
            moment.year = u16::from_le_bytes([day[0], day[1]]);
            (moment.month, moment.day) = (day[2], day[3]);
        }
        if let Some(clock) = rest.get(4..7) {
            moment.clock = clock.try_into().ok()?;
        }
        if let Some(micros) = rest.get(7..11) {
            moment.micros = u32::from_le_bytes(micros.try_into().ok()?);
        }
        Some(moment)
    }

    fn date(&self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }

    fn with_time(&self) -> String {
        let [hour, minute, second] = self.clock;
        format!("{} {hour:02}:{minute:02}:{second:02}{}", self.date(), fraction(self.micros))
    }
}

/// A length byte, then sign, days, hours, minutes, seconds and microseconds.
fn time(raw: &[u8]) -> Option<String> {
    let (&len, rest) = raw.split_first()?;
    if usize::from(len) != rest.len() || !matches!(len, 0 | 8 | 12) {
        return None;
    }
    let Some(head) = rest.first_chunk::<8>() else { return Some("00:00:00".to_owned()) };
    let [sign, d0, d1, d2, d3, hour, minute, second] = *head;
    let hours = u32::from_le_bytes([d0, d1, d2, d3]).checked_mul(24)?.checked_add(hour.into())?;
    let micros = rest.get(8..12).and_then(|m| m.try_into().ok()).map_or(0, u32::from_le_bytes);
    Some(format!("{}{hours:02}:{minute:02}:{second:02}{}", if sign == 0 { "" } else { "-" }, fraction(micros)))
}

/// `.5`, or nothing.
fn fraction(micros: u32) -> String {
    let digits = format!("{micros:06}");
    match digits.trim_end_matches('0') {
        "" => String::new(),
        kept => format!(".{kept}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zero_date_is_a_text_and_never_null() {
        let table: [(Print, &[u8], &str); 9] = [
            (Print::Date, &[0], "0000-00-00"),
            (Print::Date, &[4, 0xEA, 7, 0, 10], "2026-00-10"),
            (Print::Date, &[4, 0xEA, 7, 2, 31], "2026-02-31"),
            (Print::Datetime, &[0], "0000-00-00 00:00:00"),
            (Print::Datetime, &[4, 0xEA, 7, 5, 1], "2026-05-01 00:00:00"),
            (Print::Timestamp, &[7, 0xEA, 7, 5, 1, 4, 0, 9], "2026-05-01 04:00:09+00:00"),
            (Print::Datetime, &[11, 0xEA, 7, 5, 1, 4, 0, 9, 0x20, 0xA1, 7, 0], "2026-05-01 04:00:09.5"),
            (Print::Time, &[8, 1, 34, 0, 0, 0, 22, 59, 59], "-838:59:59"),
            (Print::Time, &[0], "00:00:00"),
        ];
        for (print, raw, wanted) in table {
            assert_eq!(text(print, raw).as_deref(), Some(wanted), "{raw:?}");
        }
    }

    #[test]
    fn numbers_are_their_digits() {
        let table: [(Print, &[u8], &str); 9] = [
            (Print::Signed, &[0xFF], "-1"),
            (Print::Unsigned, &[0xFF], "255"),
            (Print::Unsigned, &[0xFF; 8], "18446744073709551615"),
            (Print::Signed, &[0, 0, 0, 0, 0, 0, 0, 0x80], "-9223372036854775808"),
            (Print::Bit, &[1], "1"),
            (Print::Bit, &[1, 0], "256"),
            (Print::Float, &10.1f32.to_le_bytes(), "10.1"),
            (Print::Float, &16_777_216f32.to_le_bytes(), "≈16777216 (FLOAT)"),
            (Print::Double, &0.000_417f64.to_le_bytes(), "0.000417"),
        ];
        for (print, raw, wanted) in table {
            assert_eq!(text(print, raw).as_deref(), Some(wanted), "{raw:?}");
        }
        assert_eq!(text(Print::Double, &9_007_199_254_740_994f64.to_le_bytes()).as_deref(), Some("≈9007199254740994 (DOUBLE)"));
    }

    #[test]
    fn bytes_of_another_shape_are_no_value() {
        for (print, raw) in [(Print::Date, &[4u8, 1][..]), (Print::Date, &[]), (Print::Time, &[9]), (Print::Signed, &[1, 2, 3]), (Print::Float, &[0])]
        {
            assert_eq!(push(&mut Batch::new(1), print, Some(raw), 9), Err(Misshapen), "{raw:?}");
        }
        let mut batch = Batch::new(1);
        push(&mut batch, Print::Bytes, Some(b"1234567890"), 9).unwrap();
        assert!(std::str::from_utf8(batch.field(0, 0).unwrap()).is_err());
    }
}

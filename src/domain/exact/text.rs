//! Exact numbers as text: written without a float in between, and read back.

use super::{Exact, NumberError};
use std::fmt::{self, Write as _};

/// A decimal without trailing zeros where one ends, else a reduced fraction `n/d`.
impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        self.push_text(&mut text);
        f.write_str(&text)
    }
}

impl Exact {
    /// Appends what `Display` writes: millions of them are written, each without room of its own.
    pub fn push_text(&self, out: &mut String) {
        if let Some((mantissa, scale)) = self.shortest_decimal() {
            push_decimal(out, mantissa, u32::from(scale));
        } else {
            let r = self.reduced();
            let _ = write!(out, "{}/{}", r.num, r.den);
        }
    }
}

/// `mantissa / 10^scale` with exactly `scale` decimals; nought has no sign.
pub fn decimal_text(mantissa: i128, scale: u32) -> String {
    let mut out = String::new();
    push_decimal(&mut out, mantissa, scale);
    out
}

/// Appends [`decimal_text`]: millions of numbers are written, each without room of its own.
pub fn push_decimal(out: &mut String, mantissa: i128, scale: u32) {
    // What 128 bits and a scale within bounds come to, with a point.
    let mut room = [b'0'; 96];
    let scale = scale as usize;
    if scale > room.len() - 42 {
        out.push_str(if mantissa < 0 { "-0." } else { "0." });
        let digits = mantissa.unsigned_abs().to_string();
        out.extend(std::iter::repeat_n('0', scale - digits.len()));
        return out.push_str(&digits);
    }
    let (mut at, mut written) = (room.len(), 0);
    let mut put = |digit: u8| {
        if written == scale && scale > 0 {
            at -= 1;
            room[at] = b'.';
        }
        at -= 1;
        room[at] = b'0' + digit;
        written += 1;
        written
    };
    let mut rest = mantissa.unsigned_abs();
    let mut done = 0;
    while u64::try_from(rest).is_err() {
        done = put((rest % 10).to_le_bytes()[0]);
        rest /= 10;
    }
    let mut rest = u64::try_from(rest).unwrap_or_default();
    while rest > 0 || done <= scale {
        done = put((rest % 10).to_le_bytes()[0]);
        rest /= 10;
    }
    if mantissa < 0 {
        out.push('-');
    }
    out.push_str(std::str::from_utf8(&room[at..]).unwrap_or_default());
}

impl std::str::FromStr for Exact {
    type Err = NumberError;

    /// Reads what `Display` wrote: a decimal or `n/d`.
    fn from_str(text: &str) -> Result<Self, NumberError> {
        match text.split_once('/') {
            None => Self::parse(text.as_bytes()),
            Some((num, den)) => {
                let whole = |t: &str| t.parse::<i128>().map_err(|_| NumberError::NotANumber);
                Self::ratio(whole(num)?, whole(den)?)
            }
        }
    }
}

impl serde::Serialize for Exact {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Exact {
    /// Strings only: a JSON number would come through a binary float.
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

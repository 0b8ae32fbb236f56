//! Currencies of ISO 4217 and the digits of their minor unit.

use serde::{Deserialize, Serialize};
use std::num::NonZeroU8;

/// A known ISO 4217 code. Unknown codes are no currency: there is no default of two digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency {
    code: [u8; 3],
    /// One more than the digits: never nought, so that no currency at all takes no room of its own.
    digits: NonZeroU8,
}

/// Active codes of ISO 4217 in alphabetical order, funds codes too, and codes that ended lately and may still be in old documents
/// (ANG, BGN are such). Metals, `XDR` and the like have no minor unit and are no currency here.
const TWO_DIGITS: [&[u8; 3]; 141] = [
    b"AED", b"AFN", b"ALL", b"AMD", b"ANG", b"AOA", b"ARS", b"AUD", b"AWG", b"AZN", b"BAM", b"BBD", b"BDT", b"BGN", b"BMD", b"BND", b"BOB", b"BOV",
    b"BRL", b"BSD", b"BTN", b"BWP", b"BYN", b"BZD", b"CAD", b"CDF", b"CHE", b"CHF", b"CHW", b"CNY", b"COP", b"COU", b"CRC", b"CUP", b"CVE", b"CZK",
    b"DKK", b"DOP", b"DZD", b"EGP", b"ERN", b"ETB", b"EUR", b"FJD", b"FKP", b"GBP", b"GEL", b"GHS", b"GIP", b"GMD", b"GTQ", b"GYD", b"HKD", b"HNL",
    b"HTG", b"HUF", b"IDR", b"ILS", b"INR", b"IRR", b"JMD", b"KES", b"KGS", b"KHR", b"KPW", b"KYD", b"KZT", b"LAK", b"LBP", b"LKR", b"LRD", b"LSL",
    b"MAD", b"MDL", b"MGA", b"MKD", b"MMK", b"MNT", b"MOP", b"MRU", b"MUR", b"MVR", b"MWK", b"MXN", b"MXV", b"MYR", b"MZN", b"NAD", b"NGN", b"NIO",
    b"NOK", b"NPR", b"NZD", b"PAB", b"PEN", b"PGK", b"PHP", b"PKR", b"PLN", b"QAR", b"RON", b"RSD", b"RUB", b"SAR", b"SBD", b"SCR", b"SDG", b"SEK",
    b"SGD", b"SHP", b"SLE", b"SOS", b"SRD", b"SSP", b"STN", b"SVC", b"SYP", b"SZL", b"THB", b"TJS", b"TMT", b"TOP", b"TRY", b"TTD", b"TWD", b"TZS",
    b"UAH", b"USD", b"USN", b"UYU", b"UZS", b"VED", b"VES", b"WST", b"XAD", b"XCD", b"XCG", b"YER", b"ZAR", b"ZMW", b"ZWG",
];
const NO_DIGITS: [&[u8; 3]; 17] =
    [b"BIF", b"CLP", b"DJF", b"GNF", b"ISK", b"JPY", b"KMF", b"KRW", b"PYG", b"RWF", b"UGX", b"UYI", b"VND", b"VUV", b"XAF", b"XOF", b"XPF"];
const THREE_DIGITS: [&[u8; 3]; 7] = [b"BHD", b"IQD", b"JOD", b"KWD", b"LYD", b"OMR", b"TND"];
const FOUR_DIGITS: [&[u8; 3]; 2] = [b"CLF", b"UYW"];

/// One more than the digits of every currency, by [`place`], and nought where there is none: amounts are read by the million.
static DIGITS: [u8; 26 * 26 * 26] = {
    let mut all = [0; 26 * 26 * 26];
    let lists: [(&[&[u8; 3]], u8); 4] = [(&TWO_DIGITS, 2), (&NO_DIGITS, 0), (&THREE_DIGITS, 3), (&FOUR_DIGITS, 4)];
    let mut list = 0;
    while list < lists.len() {
        let (codes, digits) = lists[list];
        let mut at = 0;
        while at < codes.len() {
            if let Some(place) = place(*codes[at]) {
                all[place] = digits + 1;
            }
            at += 1;
        }
        list += 1;
    }
    all
};

/// Where a code of three capitals stands among all there could be.
const fn place([a, b, c]: [u8; 3]) -> Option<usize> {
    if a.is_ascii_uppercase() && b.is_ascii_uppercase() && c.is_ascii_uppercase() {
        Some(((a - b'A') as usize * 26 + (b - b'A') as usize) * 26 + (c - b'A') as usize)
    } else {
        None
    }
}

impl Currency {
    /// The currency of that code, exactly as ISO writes it: three capitals.
    #[inline]
    pub fn known(code: &str) -> Option<Self> {
        Self::of(code.as_bytes().try_into().ok()?)
    }

    /// The same of its bytes.
    #[inline]
    pub fn of(code: [u8; 3]) -> Option<Self> {
        Some(Self { code, digits: NonZeroU8::new(*DIGITS.get(place(code)?)?)? })
    }

    /// The bytes of its code.
    #[inline]
    pub const fn bytes(self) -> [u8; 3] {
        self.code
    }

    /// The code.
    #[inline]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.code).unwrap_or("???")
    }

    /// Digits after the point in its minor unit: JPY 0, CAD 2, KWD 3.
    #[inline]
    pub const fn exponent(self) -> u32 {
        self.digits.get() as u32 - 1
    }
}

impl std::fmt::Display for Currency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl std::fmt::Debug for Currency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let code = String::deserialize(d)?;
        Self::known(&code).ok_or_else(|| serde::de::Error::custom(format!("unknown currency {code:?}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_in_order() {
        assert!(TWO_DIGITS.is_sorted() && NO_DIGITS.is_sorted() && THREE_DIGITS.is_sorted() && FOUR_DIGITS.is_sorted());
        assert_eq!(["JPY", "CAD", "KWD"].map(|c| Currency::known(c).map(Currency::exponent)), [Some(0), Some(2), Some(3)]);
        assert_eq!(["cad", "XXX", "", "CADS"].map(Currency::known), [None; 4]);
    }
}

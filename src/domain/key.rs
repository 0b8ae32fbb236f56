//! Subscription keys: the one place where both sides' spellings of an id become the same bytes.

use super::text::Untrusted;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use std::sync::Arc;

/// What kind of id a side uses for its subscriptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    /// Any text, compared byte by byte.
    #[default]
    Text,
    /// A UUID in any of its written forms; anything else is an error.
    Uuid,
    /// A whole number; `007` is 7.
    Int,
}

/// What is done to text keys before they are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyNormaliser {
    /// Nothing: bytes are bytes.
    #[default]
    None,
    /// A value in a UUID form (upper case, braces, `urn:uuid:`, no hyphens) becomes lower case with hyphens.
    Uuid,
}

/// A normalised, non-empty subscription id. Cheap to clone; ordered and compared by its bytes.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Key(Arc<str>);

/// A key in its normal form that owns nothing: what a row is paired by while it streams past.
/// The lower-case hyphenated form of a UUID is always `Uuid`, whatever the declared kind; so equal keys are equal values.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum KeyRef<'a> {
    /// The sixteen bytes of a UUID.
    Uuid([u8; 16]),
    /// Any other text, never in that form.
    Text(&'a str),
}

/// Bytes of a UUID's written form.
pub const UUID_TEXT: usize = 36;

impl<'a> KeyRef<'a> {
    /// Of text that is already in its normal form.
    pub fn stored(text: &'a str) -> Self {
        match uuid_of(text.as_bytes()) {
            Some(uuid) => Self::Uuid(uuid),
            None => Self::Text(text),
        }
    }

    /// Normalises a raw id as [`Key::normalised`] does. `scratch` holds the few normal forms that are no part of the raw text.
    pub fn normalised(raw: &'a str, kind: KeyKind, normaliser: KeyNormaliser, scratch: &'a mut String) -> Result<Self, KeyError> {
        if let Some(uuid) = uuid_of(raw.as_bytes()) {
            return if kind == KeyKind::Int { Err(KeyError::NotInt) } else { Ok(Self::Uuid(uuid)) };
        }
        if raw.trim().is_empty() {
            return Err(KeyError::Empty);
        }
        // What is left of UUIDs is written in another of their forms.
        let uuid = |scratch: &'a mut String| {
            uuid_form(raw).map(move |form| {
                scratch.clear();
                scratch.push_str(&form);
                Self::stored(scratch)
            })
        };
        match (kind, normaliser) {
            (KeyKind::Text, KeyNormaliser::None) => Ok(Self::Text(raw)),
            (KeyKind::Text, KeyNormaliser::Uuid) => Ok(uuid(scratch).unwrap_or(Self::Text(raw))),
            (KeyKind::Uuid, _) => uuid(scratch).ok_or(KeyError::NotUuid),
            (KeyKind::Int, _) => {
                let number = raw.parse::<i128>().map_err(|_| KeyError::NotInt)?;
                if is_plain_whole(raw) {
                    return Ok(Self::Text(raw));
                }
                scratch.clear();
                let _ = write!(scratch, "{number}");
                Ok(Self::Text(scratch))
            }
        }
    }

    /// The normal form as text; `buffer` is where a UUID is written.
    pub fn as_str(self, buffer: &'a mut [u8; UUID_TEXT]) -> &'a str {
        match self {
            Self::Text(text) => text,
            Self::Uuid(uuid) => {
                write_uuid(&uuid, buffer);
                std::str::from_utf8(buffer).unwrap_or_default()
            }
        }
    }

    /// The same, owned.
    pub fn to_key(self) -> Key {
        Key(self.as_str(&mut [0; UUID_TEXT]).into())
    }

    /// By the bytes of the normal form.
    pub fn order(self, other: KeyRef<'_>) -> std::cmp::Ordering {
        match (self, other) {
            (Self::Uuid(a), KeyRef::Uuid(b)) => a.cmp(&b),
            (a, b) => a.as_str(&mut [0; UUID_TEXT]).cmp(b.as_str(&mut [0; UUID_TEXT])),
        }
    }
}

impl Ord for KeyRef<'_> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.order(*other)
    }
}

impl PartialOrd for KeyRef<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Whether the text of a whole number is the one it is printed as.
fn is_plain_whole(text: &str) -> bool {
    match text.strip_prefix('-').unwrap_or(text).as_bytes() {
        [b'0'] => text.len() == 1,
        [first, ..] => (b'1'..=b'9').contains(first),
        [] => false,
    }
}

/// The bytes of a UUID in its lower-case hyphenated form; `None` for anything else.
pub fn uuid_of(text: &[u8]) -> Option<[u8; 16]> {
    let text: &[u8; UUID_TEXT] = text.try_into().ok()?;
    let mut uuid = [0u8; 16];
    let mut at = 0;
    for (i, byte) in uuid.iter_mut().enumerate() {
        if matches!(i, 4 | 6 | 8 | 10) {
            if text[at] != b'-' {
                return None;
            }
            at += 1;
        }
        let (high, low) = (NIBBLE[usize::from(text[at])], NIBBLE[usize::from(text[at + 1])]);
        if (high | low) > 15 {
            return None;
        }
        *byte = high << 4 | low;
        at += 2;
    }
    Some(uuid)
}

/// Writes the lower-case hyphenated form of a UUID.
pub fn write_uuid(uuid: &[u8; 16], out: &mut [u8; UUID_TEXT]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut at = 0;
    for (i, byte) in uuid.iter().enumerate() {
        if matches!(i, 4 | 6 | 8 | 10) {
            out[at] = b'-';
            at += 1;
        }
        out[at] = DIGITS[usize::from(byte >> 4)];
        out[at + 1] = DIGITS[usize::from(byte & 15)];
        at += 2;
    }
}

/// What a lower-case hexadecimal digit is worth; 255 for any other byte.
const NIBBLE: [u8; 256] = {
    let mut table = [255u8; 256];
    let mut digit = 0u8;
    while digit < 10 {
        table[(b'0' + digit) as usize] = digit;
        digit += 1;
    }
    while digit < 16 {
        table[(b'a' + digit - 10) as usize] = digit;
        digit += 1;
    }
    table
};

/// Why a value is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// NULL, empty, or only blanks. An empty key never joins anything.
    #[error("empty id")]
    Empty,
    /// The side declares UUID keys and this is none.
    #[error("not a UUID")]
    NotUuid,
    /// The side declares whole-number keys and this is none.
    #[error("not a whole number")]
    NotInt,
}

impl Key {
    /// Normalises a raw id.
    pub fn normalised(raw: &str, kind: KeyKind, normaliser: KeyNormaliser) -> Result<Self, KeyError> {
        if raw.trim().is_empty() {
            return Err(KeyError::Empty);
        }
        match (kind, normaliser) {
            (KeyKind::Text, KeyNormaliser::None) => Ok(Self(raw.into())),
            (KeyKind::Text, KeyNormaliser::Uuid) => Ok(Self(uuid_form(raw).map_or_else(|| raw.into(), Into::into))),
            (KeyKind::Uuid, _) => uuid_form(raw).map(|u| Self(u.into())).ok_or(KeyError::NotUuid),
            (KeyKind::Int, _) => raw.parse::<i128>().map(|n| Self(n.to_string().into())).map_err(|_| KeyError::NotInt),
        }
    }

    /// A key that is already in its normal form (read back from the workspace).
    pub fn stored(text: &str) -> Self {
        Self(text.into())
    }

    /// The normal form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Without owning it.
    pub fn as_ref(&self) -> KeyRef<'_> {
        KeyRef::stored(&self.0)
    }

    /// The same as text for people.
    pub fn text(&self) -> Untrusted {
        Untrusted::new(Arc::clone(&self.0))
    }
}

/// The lower-case hyphenated form of a UUID, when the text is one.
fn uuid_form(raw: &str) -> Option<String> {
    // Almost every id that is no UUID is told by its length alone.
    if !matches!(raw.len(), 32 | 36 | 38 | 41 | 45) {
        return None;
    }
    let inner = raw.strip_prefix("urn:uuid:").or_else(|| raw.strip_prefix("URN:UUID:")).unwrap_or(raw);
    let inner = inner.strip_prefix('{').and_then(|r| r.strip_suffix('}')).unwrap_or(inner);
    let bytes = inner.as_bytes();
    let hyphens = match bytes.len() {
        32 => false,
        36 if [8, 13, 18, 23].iter().all(|&i| bytes.get(i) == Some(&b'-')) => true,
        _ => return None,
    };
    let mut out = String::with_capacity(36);
    for (i, b) in bytes.iter().enumerate() {
        if hyphens && matches!(i, 8 | 13 | 18 | 23) {
            continue;
        }
        if !b.is_ascii_hexdigit() {
            return None;
        }
        if matches!(out.len(), 8 | 13 | 18 | 23) {
            out.push('-');
        }
        out.push(char::from(b.to_ascii_lowercase()));
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuid_forms_meet() {
        let plain = "e4b7c2d0-1a2b-4c3d-8e4f-5a6b7c8d9e0f";
        for form in
            ["{E4B7C2D0-1A2B-4C3D-8E4F-5A6B7C8D9E0F}", "e4b7c2d01a2b4c3d8e4f5a6b7c8d9e0f", "urn:uuid:E4B7C2D0-1A2B-4C3D-8E4F-5A6B7C8D9E0F", plain]
        {
            assert_eq!(Key::normalised(form, KeyKind::Text, KeyNormaliser::Uuid).unwrap().as_str(), plain);
        }
        for other in ["Sub-2001", "sub-33 ", "010", "e4b7c2d01a2b4c3d8e4f5a6b7c8d9e0g"] {
            assert_eq!(Key::normalised(other, KeyKind::Text, KeyNormaliser::Uuid).unwrap().as_str(), other);
        }
    }

    #[test]
    fn a_borrowed_key_is_the_owned_one() {
        let upper = "E4B7C2D0-1A2B-4C3D-8E4F-5A6B7C8D9E0F";
        let plain = upper.to_lowercase();
        for (raw, kind, normaliser) in [
            (upper, KeyKind::Text, KeyNormaliser::Uuid),
            (upper, KeyKind::Text, KeyNormaliser::None),
            (&plain, KeyKind::Text, KeyNormaliser::None),
            (&plain, KeyKind::Uuid, KeyNormaliser::None),
            (&plain, KeyKind::Int, KeyNormaliser::None),
            ("-007", KeyKind::Int, KeyNormaliser::None),
            ("-0", KeyKind::Int, KeyNormaliser::None),
            ("+12", KeyKind::Int, KeyNormaliser::None),
            ("12", KeyKind::Int, KeyNormaliser::None),
            ("0", KeyKind::Int, KeyNormaliser::None),
            ("twelve", KeyKind::Int, KeyNormaliser::None),
            ("sub-12 ", KeyKind::Text, KeyNormaliser::Uuid),
            ("sub-12", KeyKind::Uuid, KeyNormaliser::None),
            ("e4b7c2d0+1a2b-4c3d-8e4f-5a6b7c8d9e0f", KeyKind::Text, KeyNormaliser::Uuid),
            (" ", KeyKind::Text, KeyNormaliser::None),
        ] {
            let owned = Key::normalised(raw, kind, normaliser);
            let mut scratch = String::new();
            assert_eq!(KeyRef::normalised(raw, kind, normaliser, &mut scratch).map(KeyRef::to_key), owned, "{raw:?} {kind:?}");
        }
        assert_eq!(KeyRef::stored(&plain).order(KeyRef::Text("e4b7c2d0-z")), std::cmp::Ordering::Less);
    }

    #[test]
    fn empty_is_no_key() {
        for empty in ["", "   ", "\t"] {
            assert_eq!(Key::normalised(empty, KeyKind::Text, KeyNormaliser::None), Err(KeyError::Empty));
        }
        assert_eq!(Key::normalised("x", KeyKind::Uuid, KeyNormaliser::None), Err(KeyError::NotUuid));
        assert_eq!(Key::normalised("007", KeyKind::Int, KeyNormaliser::None).unwrap().as_str(), "7");
    }
}

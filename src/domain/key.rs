//! Subscription keys: the one place where both sides' spellings of an id become the same bytes.

use super::text::Untrusted;
use serde::{Deserialize, Serialize};
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

    /// The same as text for people.
    pub fn text(&self) -> Untrusted {
        Untrusted::new(&*self.0)
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
    fn empty_is_no_key() {
        for empty in ["", "   ", "\t"] {
            assert_eq!(Key::normalised(empty, KeyKind::Text, KeyNormaliser::None), Err(KeyError::Empty));
        }
        assert_eq!(Key::normalised("x", KeyKind::Uuid, KeyNormaliser::None), Err(KeyError::NotUuid));
        assert_eq!(Key::normalised("007", KeyKind::Int, KeyNormaliser::None).unwrap().as_str(), "7");
    }
}

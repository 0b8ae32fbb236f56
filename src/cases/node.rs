//! JSON as a case may have it: texts, yes or no, nothing, lists, objects. Numbers are none of these, so none is read through a float.

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

/// A value of a file of cases.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(untagged)]
pub(super) enum Node {
    /// `null`.
    Null,
    /// `true`, `false`.
    Flag(bool),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// An object.
    Object(Pairs),
    /// A number, or an object in which a key stands twice: nothing a case may have.
    Other(#[allow(dead_code, reason = "nothing of it is looked at")] IgnoredAny),
}

/// The pairs of an object, each key once.
#[derive(Debug, Clone)]
pub(super) struct Pairs(pub Vec<(String, Node)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Once;
        impl<'de> Visitor<'de> for Once {
            type Value = Pairs;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
                let mut pairs: Vec<(String, Node)> = Vec::new();
                while let Some((key, value)) = map.next_entry::<String, Node>()? {
                    if pairs.iter().any(|(seen, _)| *seen == key) {
                        return Err(A::Error::custom("a key stands twice"));
                    }
                    pairs.push((key, value));
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(Once)
    }
}

impl Node {
    /// A value of an object.
    pub fn get(&self, name: &str) -> Option<&Self> {
        let Self::Object(Pairs(pairs)) = self else { return None };
        pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// As JSON again, for reports.
    pub fn to_value(&self) -> Value {
        match self {
            Self::Null | Self::Other(_) => Value::Null,
            Self::Flag(flag) => Value::Bool(*flag),
            Self::Text(text) => Value::String(text.clone()),
            Self::List(list) => list.iter().map(Self::to_value).collect(),
            Self::Object(Pairs(pairs)) => Value::Object(pairs.iter().map(|(key, value)| (key.clone(), value.to_value())).collect()),
        }
    }
}

//! One digest over what decides the numbers of a configuration.
//!
//! In: the service's name, zone, currency, usage side, basis and tolerance; both sides' profiles with their whole
//! vocabulary (defaults as if written); every query's SQL and its parameters.
//! Out: where the sides are and who reads them (host, path, kind, user, secrets), limits, operators, the file's own
//! path, comments, key order and notation, and whether SQL stood inline or in a file.

use super::side::SideSettings;
use crate::domain::profile::ServiceProfile;
use serde_json::{Map, Value, json};

/// Raised when the canonical form changes.
const FORM: &str = "dualrun configuration 1";

/// The canonical form: what the digest is over, byte by byte. `serde_json` writes maps in the order of their keys, and no float is
/// in them.
pub(super) fn canonical(service: &ServiceProfile, sides: [&SideSettings; 2]) -> Result<String, serde_json::Error> {
    let mut queries = Map::new();
    for side in sides {
        let mut of_side = Map::new();
        for (entity, query) in &side.queries {
            of_side.insert(entity.word().to_owned(), json!({ "sql": query.sql, "parameters": serde_json::to_value(&query.parameters)? }));
        }
        queries.insert(side.side.word().to_owned(), Value::Object(of_side));
    }
    Ok(json!({ "form": FORM, "service": serde_json::to_value(service)?, "queries": queries }).to_string())
}

/// BLAKE3 over a canonical form, in lower-case hex.
pub(super) fn digest(canonical: &str) -> String {
    blake3::hash(canonical.as_bytes()).to_hex().to_string()
}

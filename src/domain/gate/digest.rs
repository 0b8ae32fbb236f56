//! Digests of what gates stand on.

use serde::Serialize;

/// BLAKE3, hex, over a value's JSON as this program writes it: fields in the order of their type, maps in the order of their keys.
/// `what` separates digests of different things, and names the encoding: `runbook stage v1`.
pub fn digest_of<T: Serialize + ?Sized>(what: &str, value: &T) -> String {
    let mut hasher = blake3::Hasher::new_derive_key("dualrun gates v1");
    // A value that cannot be written has a digest of its own, which no other value has.
    let text = serde_json::to_string(value).unwrap_or_else(|e| format!("\u{0}{e}"));
    for part in [what, &text] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}

//! The commented configuration that `init` writes.

/// A `dualrun.toml` to start from: every key with its meaning, options commented out at their defaults.
pub const fn template() -> &'static str {
    include_str!("../../assets/dualrun.toml")
}

//! The commented files that `init` writes, and whole runbooks to start from.

/// A `dualrun.toml` to start from: every key with its meaning, options commented out at their defaults.
pub const fn template() -> &'static str {
    include_str!("../../assets/dualrun.toml")
}

/// A `runbook.toml` to start from: every key with its meaning, a small runbook that can be run.
pub const fn runbook_template() -> &'static str {
    include_str!("../../assets/runbook.toml")
}

/// Whole runbooks to take over and fit, by name.
pub const fn runbooks() -> [(&'static str, &'static str); 2] {
    [("alga", include_str!("../../assets/runbooks/alga.toml")), ("nexacloud-odoo", include_str!("../../assets/runbooks/nexacloud-odoo.toml"))]
}

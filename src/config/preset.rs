//! What the program knows of a target by name: today its checks of inertness.

use super::inertness::Check;
use crate::ports::database::Parameter;
use std::collections::BTreeMap;

macro_rules! check {
    ($name:literal, $preset:literal, $file:literal) => {
        ($name, include_str!(concat!("../../assets/presets/", $preset, "/inertness/", $file, ".sql")))
    };
}

/// Names that `[inertness] preset` can have.
pub const PRESETS: &[&str] = &["odoo19"];

/// Odoo 17 to 19. Imported orders are known by `sale_order.origin`, which is the service's name.
const ODOO19: [(&str, &str); 6] = [
    check!("draft", "odoo19", "draft_orders"),
    check!("no payment token", "odoo19", "payment_tokens"),
    check!("charge not linked", "odoo19", "linked_charges"),
    check!("scheduler off", "odoo19", "scheduler"),
    check!("mail queue empty", "odoo19", "mail_queue"),
    check!("webhook queue empty", "odoo19", "webhooks"),
];

/// The checks of a preset, with the parameters their SQL uses.
pub(super) fn checks(preset: &str, service: &str) -> Vec<Check> {
    let all: &[(&str, &str)] = match preset {
        "odoo19" => &ODOO19,
        _ => &[],
    };
    let parameters = |sql: &str| {
        let used = sql.contains(":service").then(|| ("service".to_owned(), Parameter::Text(service.to_owned())));
        used.into_iter().collect::<BTreeMap<_, _>>()
    };
    all.iter().map(|(name, sql)| Check { name: (*name).to_owned(), sql: sql.trim().to_owned(), parameters: parameters(sql) }).collect()
}

//! Finds secrets that were written into the file itself, and never repeats them.

use super::document::Findings;
use super::section::Value;
use crate::domain::secret_text::looks_secret;
use crate::domain::text::shown;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Keys whose plain text can only be a secret.
const SECRET_KEYS: [&str; 7] = ["password", "passwd", "pwd", "pass", "secret", "token", "api_key"];

/// Walks the whole file, but for SQL, and refuses each secret in plain text.
pub(super) fn refuse_plain_secrets(table: &DeTable<'_>, findings: &mut Findings<'_>) {
    for (name, value) in table {
        if name.get_ref() != "queries" {
            refuse(name.get_ref(), value, findings);
        }
    }
}

fn refuse(name: &str, value: &Value<'_>, findings: &mut Findings<'_>) {
    match value.get_ref() {
        DeValue::Table(table) => refuse_plain_secrets(table, findings),
        DeValue::Array(list) => list.iter().for_each(|item| refuse(name, item, findings)),
        DeValue::String(text) => {
            let is_password = SECRET_KEYS.contains(&name.to_lowercase().as_str());
            if is_password || looks_secret(text) {
                tell(name, value, is_password, findings);
            }
        }
        _ => {}
    }
}

fn tell(name: &str, value: &Spanned<DeValue<'_>>, is_password: bool, findings: &mut Findings<'_>) {
    let what = if is_password {
        format!("{} is written in plain text", shown(name, 40))
    } else {
        format!("{} holds a password or token in plain text", shown(name, 40))
    };
    let instead = if is_password {
        "change it if others could read it, and write password = { env = \"APP_DB_PASSWORD\" }, { file = \"secret.txt\" } or { command = [\"/usr/bin/pass\", \"show\", \"app\"] }"
    } else {
        "change it if others could read it, and write host, port, database and user, and password = { env = \"APP_DB_PASSWORD\" }"
    };
    findings.at(&value.span(), what, instead);
    findings.mark_secret(&value.span());
}

//! Finds secrets that were written into the file itself, and never repeats them.

use super::document::Findings;
use super::section::Value;
use crate::domain::text::shown;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Keys whose plain text can only be a secret.
const SECRET_KEYS: [&str; 7] = ["password", "passwd", "pwd", "pass", "secret", "token", "api_key"];
/// How known kinds of token begin.
const TOKEN_STARTS: [&str; 8] = ["whsec_", "sk_live_", "sk_test_", "glpat-", "ghp_", "github_pat_", "xoxb-", "AKIA"];

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

/// A URL with a password, a connection string with one, or a known kind of token.
pub(super) fn looks_secret(text: &str) -> bool {
    // Up to the last @: a password may hold an unescaped slash.
    let user_info = text.split_once("://").and_then(|(_, rest)| rest.rsplit_once('@'));
    let lower = text.to_lowercase();
    user_info.is_some_and(|(user, _)| user.contains(':'))
        || ["password=", "passwd=", "pwd=", "-----begin"].iter().any(|mark| lower.replace(' ', "").contains(mark))
        || TOKEN_STARTS.iter().any(|start| text.contains(start))
}

#[cfg(test)]
mod tests {
    use super::looks_secret;

    #[test]
    fn tells_secrets_from_names() {
        for secret in ["postgres://app:pw@db/app?sslmode=prefer", "host=db password = x", "sk_live_CANARY51abc", "https://u:p/w@h/"] {
            assert!(looks_secret(secret), "{secret}");
        }
        for name in ["db.internal", "postgres://app@db/app", "America/Toronto", "/var/run/postgresql"] {
            assert!(!looks_secret(name), "{name}");
        }
    }
}

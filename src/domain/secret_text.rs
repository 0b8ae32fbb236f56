//! Which texts look like a password or token: such text is never repeated, wherever it came from.

/// How known kinds of token begin.
const TOKEN_STARTS: [&str; 10] = ["whsec_", "sk_live_", "sk_test_", "glpat-", "ghp_", "github_pat_", "xoxb-", "AKIA", "GOCSPX-", "eyJhbGciOi"];

/// A URL with a password, a connection string with one, or a known kind of token.
pub fn looks_secret(text: &str) -> bool {
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

//! A line of `SHOW GRANTS`, read: which privileges, on what, for whom. MariaDB and MySQL print them alike.

use super::token::{Kind, Token, tokens};

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grant {
    /// `GRANT SELECT, INSERT (a) ON db.* TO …`
    Privileges {
        /// Each with its columns, as REVOKE takes them: `INSERT (a)`.
        privileges: Vec<String>,
        /// As REVOKE takes it: `*.*`, `` `db`.* ``, `` FUNCTION `db`.`f` ``.
        object: String,
        /// Account or role.
        grantee: String,
        /// May be handed on.
        with_grant_option: bool,
    },
    /// `GRANT role TO …`
    Roles {
        /// Their names, quoted, with their hosts where they have some.
        roles: Vec<String>,
        /// Account or role.
        grantee: String,
    },
    /// `GRANT PROXY ON …`: may act as another account.
    Proxy {
        /// As which.
        of: String,
        /// Who may.
        grantee: String,
    },
    /// Takes nothing and gives nothing: `SET DEFAULT ROLE`, and `REVOKE … FROM` (MySQL's partial revokes).
    Nothing,
}

/// Reads a line; `None` for one in words that are not known here.
pub fn parse(line: &str) -> Option<Grant> {
    let tokens: Vec<Token<'_>> = tokens(line).collect();
    let (first, rest) = tokens.split_first()?;
    if first.is("REVOKE") || (first.is("SET") && rest.first()?.is("DEFAULT")) {
        return Some(Grant::Nothing);
    }
    if !first.is("GRANT") || tokens.iter().any(|t| matches!(t.kind, Kind::Unterminated | Kind::Semicolon | Kind::Executable)) {
        return None;
    }
    let to = rest.iter().position(|t| t.is("TO"))?;
    let (given, receiver) = (rest.get(..to)?, rest.get(to + 1..)?);
    let grantee = joined(receiver.split(|t| ["IDENTIFIED", "REQUIRE", "WITH", "AS"].iter().any(|w| t.is(w))).next()?);
    let Some(on) = given.iter().position(|t| t.is("ON")) else {
        return Some(Grant::Roles { roles: comma_list(given)?, grantee });
    };
    let privileges = comma_list(given.get(..on)?)?;
    let object = joined(given.get(on + 1..)?);
    if privileges == ["PROXY"] {
        return Some(Grant::Proxy { of: object, grantee });
    }
    let with_grant_option = receiver.windows(2).any(|pair| matches!(pair, [a, b] if a.is("GRANT") && b.is("OPTION")));
    (!object.is_empty()).then_some(Grant::Privileges { privileges, object, grantee, with_grant_option })
}

/// Pieces between commas that stand in no brackets; none may be empty.
fn comma_list(tokens: &[Token<'_>]) -> Option<Vec<String>> {
    let mut depth = 0usize;
    let mut pieces = vec![Vec::new()];
    for token in tokens {
        match token.text {
            "(" => depth += 1,
            ")" => depth = depth.checked_sub(1)?,
            "," if depth == 0 => {
                pieces.push(Vec::new());
                continue;
            }
            _ => {}
        }
        pieces.last_mut()?.push(*token);
    }
    let pieces: Vec<String> = pieces.iter().map(|p| joined(p)).collect();
    (depth == 0 && pieces.iter().all(|p| !p.is_empty())).then_some(pieces)
}

/// Tokens as one text: words with a blank between, names in backticks.
fn joined(tokens: &[Token<'_>]) -> String {
    let mut out = String::new();
    let mut after_word = false;
    for token in tokens {
        let word = token.kind == Kind::Word;
        if !out.is_empty() && after_word && (word || token.kind == Kind::QuotedName || token.text == "(") {
            out.push(' ');
        }
        match (token.kind, token.name()) {
            (Kind::QuotedName, Some(name)) => out.push_str(&backticked(&name)),
            (Kind::Text, _) => out.push_str(&backticked(token.text.trim_matches('\''))),
            _ => out.push_str(token.text),
        }
        after_word = word;
    }
    out
}

/// A name as a statement may hold it.
pub fn backticked(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn privileges(line: &str) -> (Vec<String>, String, String, bool) {
        match parse(line) {
            Some(Grant::Privileges { privileges, object, grantee, with_grant_option }) => (privileges, object, grantee, with_grant_option),
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn the_lines_of_both_servers_are_read() {
        let hash = "GRANT USAGE ON *.* TO `u`@`%` IDENTIFIED BY PASSWORD '*CANARY' REQUIRE SSL";
        assert_eq!(privileges(hash), (vec!["USAGE".into()], "*.*".into(), "`u`@`%`".into(), false));
        let columns = "GRANT SELECT, INSERT (\"i\", \"j\"), LOCK TABLES ON \"d\".\"t\" TO \"c\"@\"localhost\" WITH GRANT OPTION";
        let wanted = vec!["SELECT".to_owned(), "INSERT (`i`,`j`)".to_owned(), "LOCK TABLES".to_owned()];
        assert_eq!(privileges(columns), (wanted, "`d`.`t`".into(), "`c`@`localhost`".into(), true));
        assert_eq!(privileges("GRANT EXECUTE ON FUNCTION `d`.`f` TO `u`@`h`").1, "FUNCTION `d`.`f`");
        assert_eq!(privileges("GRANT BACKUP_ADMIN,XA_RECOVER_ADMIN ON *.* TO `root`@`localhost`").0, ["BACKUP_ADMIN", "XA_RECOVER_ADMIN"]);
        assert_eq!(privileges("GRANT DELETE ON `d`.* TO `r2`").2, "`r2`");
        assert_eq!(privileges("GRANT SELECT ON `d`.* TO PUBLIC").2, "PUBLIC");
        assert_eq!(
            parse("GRANT `r1`@`%`,`r2`@`%` TO `u`@`%`"),
            Some(Grant::Roles { roles: vec!["`r1`@`%`".into(), "`r2`@`%`".into()], grantee: "`u`@`%`".into() })
        );
        assert_eq!(parse("GRANT `r2` TO `u`@`h` WITH ADMIN OPTION"), Some(Grant::Roles { roles: vec!["`r2`".into()], grantee: "`u`@`h`".into() }));
        let proxy = Grant::Proxy { of: "``@`%`".into(), grantee: "`root`@`localhost`".into() };
        assert_eq!(parse("GRANT PROXY ON ''@'%' TO 'root'@'localhost' WITH GRANT OPTION"), Some(proxy.clone()));
        assert_eq!(parse("GRANT PROXY ON ``@`%` TO `root`@`localhost` WITH GRANT OPTION"), Some(proxy));
        assert_eq!(parse("SET DEFAULT ROLE `r2` FOR `u`@`h`"), Some(Grant::Nothing));
        assert_eq!(parse("REVOKE INSERT ON `d`.* FROM `u`@`h`"), Some(Grant::Nothing));
    }

    #[test]
    fn what_is_no_grant_is_not_read() {
        for line in [
            "",
            "ALLOW SELECT ON *.* TO `u`",
            "GRANT SELECT ON *.*",
            "GRANT SELECT, ON *.* TO `u`",
            "GRANT ON *.* TO `u`",
            "GRANT SELECT ON TO `u`",
            "GRANT 'x",
        ] {
            assert_eq!(parse(line), None, "{line}");
        }
    }
}

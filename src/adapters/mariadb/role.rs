//! What the account may do beyond reading. Judged for the session's own grants and for those of every role it could take on.

use super::ask::{self, Answer};
use super::fault::{Blame, number};
use super::grant::{Grant, backticked, parse};
use super::product::Product;
use crate::domain::text::shown;
use crate::ports::database::{Fault, Severity};
use sqlx::mysql::MySqlConnection;
use sqlx::{AssertSqlSafe, SqlSafeStr};
use std::collections::BTreeSet;

/// Something the account may do, with the SQL that takes it away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleFinding {
    /// `role_superuser`, `role_write_grant` …
    pub code: &'static str,
    /// Error: it can write or act; warning: it can do or see more than it needs.
    pub severity: Severity,
    /// What is so, with names.
    pub message: String,
    /// The exact SQL.
    pub remedy: String,
}

/// There is no such grant.
const NO_SUCH_GRANT: u16 = 1141;
/// From here on MariaDB has grants to everybody.
const PUBLIC_FROM: (u32, u32) = (10, 11);
/// Columns of a name that are shown.
const NAME_WIDTH: usize = 120;

/// Everything the account may do that a reader need not. Empty for one as it should be.
pub async fn inspect(connection: &mut MySqlConnection, blame: Blame<'_>, product: &Product) -> Result<Vec<RoleFinding>, Fault> {
    let lines = lines(connection, blame, product).await?;
    let mut findings = judge(&lines);
    findings.extend(open_to_everybody(connection, blame, &lines).await?);
    Ok(findings)
}

/// Databases named `test` or `test_…` that the account sees and has no grant on: on MariaDB as it is delivered, everybody may
/// write to these, which no SHOW GRANTS tells.
async fn open_to_everybody(connection: &mut MySqlConnection, blame: Blame<'_>, lines: &BTreeSet<String>) -> Result<Option<RoleFinding>, Fault> {
    let seen =
        asked(connection, blame, "SELECT schema_name FROM information_schema.schemata WHERE schema_name = 'test' OR schema_name LIKE 'test\\_%'")
            .await?;
    let granted = |name: &str| {
        lines.iter().filter_map(|l| parse(l)).any(|grant| match grant {
            Grant::Privileges { privileges, object, .. } => {
                privileges != ["USAGE"] && (object == "*.*" || object.contains('%') || object.replace('\\', "").contains(&backticked(name)))
            }
            _ => false,
        })
    };
    let Some(open) = seen.iter().map(|r| r.text(0)).find(|name| !granted(name)) else { return Ok(None) };
    Ok(Some(RoleFinding {
        code: "role_open_test_database",
        severity: Severity::Warning,
        message: format!("every account of this server may write to the database {}", shown(open, NAME_WIDTH)),
        remedy: "DELETE FROM mysql.db WHERE User = ''; FLUSH PRIVILEGES (mariadb-secure-installation does it)".to_owned(),
    }))
}

/// True for what lets an account write or act on others.
pub fn is_writable(findings: &[RoleFinding]) -> bool {
    findings.iter().any(|f| f.severity == Severity::Error)
}

/// Every line the server says of this account, its roles and everybody.
async fn lines(connection: &mut MySqlConnection, blame: Blame<'_>, product: &Product) -> Result<BTreeSet<String>, Fault> {
    let mut lines = BTreeSet::new();
    let mut add = |rows: Vec<Answer>| lines.extend(rows.iter().map(|r| r.text(0).to_owned()));
    let own = asked(connection, blame, "SHOW GRANTS").await?;
    let roles: Vec<String> = own.iter().filter_map(|row| of_account(row.text(0))).flatten().collect();
    add(own);
    if product.mariadb && !roles.is_empty() {
        // A role shows its own grants and those of the roles within it once it is taken on; then the session is left as it was found.
        let now = asked(connection, blame, "SELECT COALESCE(CURRENT_ROLE(), '')").await?;
        let now = now.first().map(|r| r.text(0).to_owned()).filter(|r| !r.is_empty()).map_or_else(|| "NONE".to_owned(), |r| backticked(&r));
        for role in roles.iter().chain([&now]) {
            ask::run(connection, AssertSqlSafe(format!("SET ROLE {role}"))).await.map_err(|e| blame.driver(&e))?;
            add(asked(connection, blame, "SHOW GRANTS").await?);
        }
    } else if product.has_roles() && !roles.is_empty() {
        add(asked(connection, blame, AssertSqlSafe(format!("SHOW GRANTS FOR CURRENT_USER() USING {}", roles.join(", ")))).await?);
    }
    if product.mariadb && product.version >= PUBLIC_FROM {
        match ask::rows(connection, "SHOW GRANTS FOR PUBLIC").await {
            Ok(rows) => add(rows),
            Err(error) if number(&error) == Some(NO_SUCH_GRANT) => {}
            Err(error) => return Err(blame.driver(&error)),
        }
    }
    Ok(lines)
}

/// Roles given to the account itself, not to one of its roles: only accounts have a host.
fn of_account(line: &str) -> Option<Vec<String>> {
    match parse(line)? {
        Grant::Roles { roles, grantee } if grantee.contains('@') => Some(roles),
        _ => None,
    }
}

async fn asked(connection: &mut MySqlConnection, blame: Blame<'_>, sql: impl SqlSafeStr + Send) -> Result<Vec<Answer>, Fault> {
    ask::rows(connection, sql).await.map_err(|e| blame.driver(&e))
}

/// What a privilege lets an account do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Power {
    /// Reads, or does nothing.
    Reads,
    /// More than a reader needs, yet nothing it could change: the code and why.
    More(&'static str, &'static str),
    /// Everything.
    All,
    /// Reads and writes files of the server.
    Files,
    /// Changes data, structure or the server, or holds up others.
    Acts,
    /// Not known here; it never passes.
    Unknown,
}

/// Privileges of both servers that change something or hold up others; those of MySQL end in `_ADMIN` besides.
const ACTS: [&str; 36] = [
    "INSERT",
    "UPDATE",
    "DELETE",
    "CREATE",
    "DROP",
    "ALTER",
    "INDEX",
    "TRIGGER",
    "EVENT",
    "CREATE VIEW",
    "CREATE ROUTINE",
    "ALTER ROUTINE",
    "CREATE USER",
    "CREATE ROLE",
    "DROP ROLE",
    "CREATE TABLESPACE",
    "LOCK TABLES",
    "RELOAD",
    "SHUTDOWN",
    "REPLICATION SLAVE",
    "DELETE HISTORY",
    "DELETE VERSIONING ROWS",
    "SET USER",
    "SET_USER_ID",
    "SET_ANY_DEFINER",
    "ALLOW_NONEXISTENT_DEFINER",
    "FLUSH_OPTIMIZER_COSTS",
    "FLUSH_STATUS",
    "FLUSH_TABLES",
    "FLUSH_USER_RESOURCES",
    "FLUSH_PRIVILEGES",
    "BINLOG REPLAY",
    "REPLICATION_APPLIER",
    "FIREWALL_USER",
    "VERSION_TOKEN_ADMIN",
    "ALTER ROUTINES",
];
const READS: [&str; 12] = [
    "USAGE",
    "SELECT",
    "SHOW VIEW",
    "SHOW DATABASES",
    "REPLICATION CLIENT",
    "BINLOG MONITOR",
    "SLAVE MONITOR",
    "REPLICA MONITOR",
    "SHOW CREATE ROUTINE",
    "SHOW_ROUTINE",
    "AUDIT_ABORT_EXEMPT",
    "FIREWALL_EXEMPT",
];

fn power(privilege: &str) -> Power {
    let name = privilege.split(" (").next().unwrap_or_default().to_ascii_uppercase();
    match name.as_str() {
        "ALL PRIVILEGES" | "ALL" | "SUPER" => Power::All,
        "FILE" => Power::Files,
        "PROCESS" => Power::More("role_sees_sessions", "sees what other sessions run"),
        "EXECUTE" => Power::More("role_calls_routines", "may call stored routines, which run with the rights of who made them"),
        "CREATE TEMPORARY TABLES" => Power::More("role_temporary_tables", "may make temporary tables"),
        "REFERENCES" => Power::More("role_references", "may refer to tables by foreign keys"),
        reads if READS.contains(&reads) => Power::Reads,
        acts if ACTS.contains(&acts) || acts.ends_with(" ADMIN") || acts.ends_with("_ADMIN") => Power::Acts,
        _ => Power::Unknown,
    }
}

/// Findings of some lines of SHOW GRANTS.
fn judge(lines: &BTreeSet<String>) -> Vec<RoleFinding> {
    let mut findings: Vec<RoleFinding> = Vec::new();
    for line in lines {
        match parse(line) {
            None => findings.push(RoleFinding {
                code: "role_unreadable_grant",
                severity: Severity::Error,
                message: "the server tells of a grant in words this program does not know, so what it allows is not known".to_owned(),
                remedy: "run SHOW GRANTS as this account; connect as one with plain GRANT SELECT".to_owned(),
            }),
            Some(Grant::Proxy { of, grantee }) => findings.push(found(
                "role_proxy",
                Severity::Error,
                &grantee,
                &format!("may act as {}", shown(&of, NAME_WIDTH)),
                &format!("REVOKE PROXY ON {of} FROM {grantee}"),
            )),
            Some(Grant::Privileges { privileges, object, grantee, with_grant_option }) => {
                findings.extend(of_privileges(&privileges, &object, &grantee));
                if with_grant_option {
                    let remedy = format!("REVOKE GRANT OPTION ON {object} FROM {grantee}");
                    findings.push(found("role_grant_option", Severity::Error, &grantee, &format!("may hand on its rights on {object}"), &remedy));
                }
            }
            // What the roles allow is told by lines of their own.
            Some(Grant::Roles { .. } | Grant::Nothing) => {}
        }
    }
    findings.sort_by(|a, b| (b.severity, a.code, &a.message).cmp(&(a.severity, b.code, &b.message)));
    findings.dedup();
    findings
}

fn of_privileges(privileges: &[String], object: &str, grantee: &str) -> Vec<RoleFinding> {
    let having = |wanted: Power| privileges.iter().filter(|p| power(p) == wanted).cloned().collect::<Vec<_>>().join(", ");
    let revoke = |what: &str| format!("REVOKE {what} ON {object} FROM {grantee}");
    let mut findings = Vec::new();
    for (wanted, code, before) in [
        (Power::All, if object == "*.*" { "role_superuser" } else { "role_write_grant" }, "has"),
        (Power::Files, "role_file", "reads and writes files of the server: it has"),
        (Power::Acts, "role_write_grant", "may change things or hold up others: it has"),
        (Power::Unknown, "role_unknown_privilege", "has a privilege this program does not know:"),
    ] {
        let having = having(wanted);
        if !having.is_empty() {
            findings.push(found(code, Severity::Error, grantee, &format!("{before} {having} on {object}"), &revoke(&having)));
        }
    }
    for privilege in privileges {
        if let Power::More(code, why) = power(privilege) {
            findings.push(found(code, Severity::Warning, grantee, &format!("{why} ({privilege} on {object})"), &revoke(privilege)));
        }
    }
    let reads_accounts = matches!(object, "*.*" | "`mysql`.*" | "`mysql`.`user`" | "`mysql`.`global_priv`");
    if reads_accounts && privileges.iter().any(|p| p == "SELECT") {
        let remedy = format!("{}; GRANT SELECT on the database that is read", revoke("SELECT"));
        findings.push(found("role_reads_passwords", Severity::Warning, grantee, "reads password hashes in the database mysql", &remedy));
    }
    findings
}

fn found(code: &'static str, severity: Severity, grantee: &str, what: &str, remedy: &str) -> RoleFinding {
    RoleFinding { code, severity, message: format!("the account {} {}", shown(grantee, NAME_WIDTH), shown(what, 400)), remedy: shown(remedy, 600) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(lines: &[&str]) -> Vec<(&'static str, Severity)> {
        judge(&lines.iter().map(|l| (*l).to_owned()).collect()).iter().map(|f| (f.code, f.severity)).collect()
    }

    #[test]
    fn only_a_reader_passes() {
        let reader = ["GRANT USAGE ON *.* TO `r`@`h` IDENTIFIED BY PASSWORD '*CANARY'", "GRANT SELECT, SHOW VIEW ON `d`.* TO `r`@`h`"];
        assert_eq!(codes(&reader), []);
        let table = [
            ("GRANT ALL PRIVILEGES ON *.* TO `r`@`h`", "role_superuser", Severity::Error),
            ("GRANT ALL PRIVILEGES ON `d`.* TO `r`@`h`", "role_write_grant", Severity::Error),
            ("GRANT SUPER ON *.* TO `r`@`h`", "role_superuser", Severity::Error),
            ("GRANT FILE ON *.* TO `r`@`h`", "role_file", Severity::Error),
            ("GRANT SELECT, INSERT (`a`) ON `d`.`t` TO `r`@`h`", "role_write_grant", Severity::Error),
            ("GRANT READ_ONLY ADMIN ON *.* TO `r`@`h`", "role_write_grant", Severity::Error),
            ("GRANT SYSTEM_VARIABLES_ADMIN ON *.* TO `r`@`h`", "role_write_grant", Severity::Error),
            ("GRANT FLY ON *.* TO `r`@`h`", "role_unknown_privilege", Severity::Error),
            ("PERMIT SELECT ON *.* TO `r`@`h`", "role_unreadable_grant", Severity::Error),
            ("GRANT SELECT ON `d`.* TO `r`@`h` WITH GRANT OPTION", "role_grant_option", Severity::Error),
            ("GRANT PROXY ON ``@`%` TO `r`@`h`", "role_proxy", Severity::Error),
            ("GRANT PROCESS ON *.* TO `r`@`h`", "role_sees_sessions", Severity::Warning),
            ("GRANT EXECUTE ON FUNCTION `d`.`f` TO `r`@`h`", "role_calls_routines", Severity::Warning),
            ("GRANT SELECT ON *.* TO `r`@`h`", "role_reads_passwords", Severity::Warning),
        ];
        for (line, code, severity) in table {
            assert_eq!(codes(&[line]), [(code, severity)], "{line}");
        }
    }

    #[test]
    fn the_remedy_is_the_exact_revoke_and_no_hash_is_told() {
        let lines = BTreeSet::from(["GRANT SELECT, INSERT (\"a\"), DROP ON \"d\".\"t\" TO \"r\"@\"h\" IDENTIFIED BY PASSWORD '*CANARY'".to_owned()]);
        let findings = judge(&lines);
        assert_eq!(findings.first().map(|f| f.remedy.as_str()), Some("REVOKE INSERT (`a`), DROP ON `d`.`t` FROM `r`@`h`"));
        assert!(!format!("{findings:?}").contains("CANARY"));
    }
}

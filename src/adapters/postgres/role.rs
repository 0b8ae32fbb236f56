//! What the role may do beyond reading. Judged for the session's own role and for every role it could become.

use super::fault::Blame;
use crate::domain::text::shown;
use crate::ports::database::{Fault, Severity};
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Executor as _, Row as _};

/// Something the role may do, with the SQL that takes it away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleFinding {
    /// `role_superuser`, `role_write_grant` …
    pub code: &'static str,
    /// Error: it can write or act; warning: it reads too much.
    pub severity: Severity,
    /// What is so, with names.
    pub message: String,
    /// The exact SQL.
    pub remedy: String,
}

/// Names shown of a list.
const NAMES: usize = 5;
/// Roles whose members can write, run programs or disturb others.
const DANGEROUS: &str = "pg_execute_server_program,pg_write_server_files,pg_read_server_files,pg_signal_backend,pg_write_all_data,\
                         pg_maintain,pg_create_subscription,pg_checkpoint";

/// Who we are, and the attributes of every role we are or could become.
const ATTRIBUTES: &str = "\
SELECT pg_catalog.quote_ident(session_user::text), COALESCE(bool_or(r.rolsuper), false), COALESCE(bool_or(r.rolcreaterole), false), \
       COALESCE(bool_or(r.rolreplication), false), COALESCE(bool_or(r.rolcreatedb), false) \
FROM pg_catalog.pg_roles r WHERE pg_catalog.pg_has_role(session_user, r.oid, 'MEMBER')";

/// Grants and ownership: `(kind, name, of)`. System schemas and their tables are left out; other sessions' temporary schemas too.
const RIGHTS: &str = "\
WITH me AS MATERIALIZED (SELECT oid FROM pg_catalog.pg_roles r WHERE pg_catalog.pg_has_role(session_user, r.oid, 'MEMBER')), \
ns AS MATERIALIZED (SELECT oid, nspname, nspowner FROM pg_catalog.pg_namespace \
       WHERE nspname <> 'information_schema' AND nspname !~ '^pg_'), \
rel AS MATERIALIZED (SELECT c.oid, c.relkind, c.relowner, pg_catalog.format('%I.%I', ns.nspname, c.relname) AS name \
        FROM pg_catalog.pg_class c JOIN ns ON ns.oid = c.relnamespace WHERE c.relkind IN ('r','p','v','m','f','S')) \
SELECT 'owns' AS kind, name FROM rel WHERE relowner IN (SELECT oid FROM me) \
UNION ALL SELECT 'owns_schema', pg_catalog.quote_ident(nspname) FROM ns WHERE nspowner IN (SELECT oid FROM me) \
UNION ALL SELECT 'owns_database', pg_catalog.quote_ident(datname) FROM pg_catalog.pg_database \
       WHERE datname = pg_catalog.current_database() AND datdba IN (SELECT oid FROM me) \
UNION ALL SELECT 'writes', name FROM rel WHERE relkind <> 'S' AND EXISTS (SELECT 1 FROM me \
       WHERE pg_catalog.has_table_privilege(me.oid, rel.oid, 'INSERT, UPDATE, DELETE, TRUNCATE') \
          OR pg_catalog.has_any_column_privilege(me.oid, rel.oid, 'INSERT, UPDATE')) \
UNION ALL SELECT 'sequence', name FROM rel WHERE relkind = 'S' AND EXISTS (SELECT 1 FROM me \
       WHERE pg_catalog.has_sequence_privilege(me.oid, rel.oid, 'USAGE, UPDATE')) \
UNION ALL SELECT 'creates', pg_catalog.quote_ident(nspname) FROM ns WHERE EXISTS (SELECT 1 FROM me \
       WHERE pg_catalog.has_schema_privilege(me.oid, ns.oid, 'CREATE')) \
UNION ALL SELECT 'creates_schemas', pg_catalog.quote_ident(pg_catalog.current_database()) WHERE EXISTS (SELECT 1 FROM me \
       WHERE pg_catalog.has_database_privilege(me.oid, pg_catalog.current_database(), 'CREATE')) \
UNION ALL SELECT 'member', rolname FROM pg_catalog.pg_roles WHERE rolname = ANY (pg_catalog.string_to_array($1, ',')) \
       AND oid IN (SELECT oid FROM me) \
UNION ALL SELECT 'filtered', name FROM rel WHERE relkind IN ('r','p') AND pg_catalog.row_security_active(rel.oid) \
       AND pg_catalog.has_table_privilege(rel.oid, 'SELECT') \
UNION ALL SELECT 'reads_all', rolname FROM pg_catalog.pg_roles WHERE rolname = 'pg_read_all_data' AND oid IN (SELECT oid FROM me) \
UNION ALL SELECT 'reads_passwords', 'pg_authid' WHERE pg_catalog.has_column_privilege('pg_catalog.pg_authid', 'rolpassword', 'SELECT') \
ORDER BY 1, 2";

/// Everything the role may do that a reader need not. Empty for a role as it should be.
pub async fn inspect(connection: &mut PgConnection, blame: Blame<'_>) -> Result<Vec<RoleFinding>, Fault> {
    let rows = connection.fetch_all(AssertSqlSafe(question())).await.map_err(|e| blame.driver(&e))?;
    findings(&rows, blame)
}

/// What the server is asked, in one message: each round trip of an opening is waited for.
pub fn question() -> String {
    format!("{ATTRIBUTES}; {}", RIGHTS.replace("$1", &format!("'{DANGEROUS}'")))
}

/// What its answer means.
pub fn findings(rows: &[PgRow], blame: Blame<'_>) -> Result<Vec<RoleFinding>, Fault> {
    let Some((row, rows)) = rows.split_first() else { return Err(blame.driver(&sqlx::Error::RowNotFound)) };
    let get = |at: usize| row.try_get::<bool, _>(at).map_err(|e| blame.driver(&e));
    let name: String = row.try_get(0).map_err(|e| blame.driver(&e))?;
    let me = shown(&name, 80);
    if get(1)? {
        return Ok(vec![attribute("role_superuser", &me, "is a superuser", "NOSUPERUSER")]);
    }
    let mut findings = Vec::new();
    for (at, code, what, remedy) in [
        (2, "role_createrole", "can create roles", "NOCREATEROLE"),
        (3, "role_replication", "can replicate", "NOREPLICATION"),
        (4, "role_createdb", "can create databases", "NOCREATEDB"),
    ] {
        if get(at)? {
            findings.push(attribute(code, &me, what, remedy));
        }
    }
    let mut rights: Vec<(String, String)> = Vec::with_capacity(rows.len());
    for row in rows {
        rights.push((row.try_get(0).map_err(|e| blame.driver(&e))?, row.try_get(1).map_err(|e| blame.driver(&e))?));
    }
    findings.extend(RIGHT_KINDS.iter().filter_map(|kind| kind.finding(&me, &rights)));
    // Membership in pg_read_all_data already says that the hashes are readable.
    findings.dedup_by(|later, first| later.code == "role_reads_passwords" && first.code == later.code);
    Ok(findings)
}

/// True for what lets a role write or act on others.
pub fn is_writable(findings: &[RoleFinding]) -> bool {
    findings.iter().any(|f| f.severity == Severity::Error)
}

fn attribute(code: &'static str, me: &str, what: &str, remedy: &str) -> RoleFinding {
    RoleFinding {
        code,
        severity: Severity::Error,
        message: format!("the role {me} (or one it is a member of) {what}"),
        remedy: format!("ALTER ROLE {me} {remedy}; or connect as a role that may only read"),
    }
}

/// One kind of right: how it is told and taken away. `{names}` and `{me}` are filled in.
struct RightKind {
    kind: &'static str,
    code: &'static str,
    severity: Severity,
    message: &'static str,
    remedy: &'static str,
}

const RIGHT_KINDS: [RightKind; 11] = [
    right("owns", "role_owner", Severity::Error, "owns {names}", "ALTER TABLE {first} OWNER TO another_role (for each of them)"),
    right("owns_schema", "role_owner", Severity::Error, "owns the schema {names}", "ALTER SCHEMA {first} OWNER TO another_role"),
    right("owns_database", "role_owner", Severity::Error, "owns the database {names}", "ALTER DATABASE {first} OWNER TO another_role"),
    right(
        "writes",
        "role_write_grant",
        Severity::Error,
        "may write to {names}",
        "REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {all} FROM {me} (or from PUBLIC or the role that grants it)",
    ),
    right("sequence", "role_write_grant", Severity::Error, "may advance the sequence {names}", "REVOKE USAGE, UPDATE ON SEQUENCE {all} FROM {me}"),
    right(
        "creates",
        "role_write_grant",
        Severity::Error,
        "may create tables in the schema {names}",
        "REVOKE CREATE ON SCHEMA {all} FROM {me}, PUBLIC",
    ),
    right(
        "creates_schemas",
        "role_write_grant",
        Severity::Error,
        "may create schemas in {names}",
        "REVOKE CREATE ON DATABASE {first} FROM {me}, PUBLIC",
    ),
    right("member", "role_membership", Severity::Error, "is a member of {names}", "REVOKE {all} FROM {me}"),
    right(
        "filtered",
        "role_rows_hidden",
        Severity::Warning,
        "sees only the rows that row level security lets it see in {names}",
        "ALTER ROLE {me} BYPASSRLS, or add a policy FOR SELECT TO {me} USING (true) on {all}",
    ),
    right(
        "reads_all",
        "role_reads_passwords",
        Severity::Warning,
        "is a member of {names} and reads password hashes in pg_authid",
        "REVOKE pg_read_all_data FROM {me}; GRANT SELECT on the tables that are read",
    ),
    right(
        "reads_passwords",
        "role_reads_passwords",
        Severity::Warning,
        "reads password hashes in {names}",
        "REVOKE SELECT ON pg_catalog.pg_authid FROM {me}",
    ),
];

const fn right(kind: &'static str, code: &'static str, severity: Severity, message: &'static str, remedy: &'static str) -> RightKind {
    RightKind { kind, code, severity, message, remedy }
}

impl RightKind {
    fn finding(&self, me: &str, rights: &[(String, String)]) -> Option<RoleFinding> {
        let names: Vec<String> = rights.iter().filter(|(kind, _)| kind == self.kind).map(|(_, name)| shown(name, 80)).collect();
        let first = names.first()?;
        let all = names.iter().take(NAMES).cloned().collect::<Vec<_>>().join(", ");
        let more = names.len().saturating_sub(NAMES);
        let listed = if more == 0 { all.clone() } else { format!("{all} and {more} more") };
        Some(RoleFinding {
            code: self.code,
            severity: self.severity,
            message: format!("the role {me} {}", self.message.replace("{names}", &listed)),
            remedy: self.remedy.replace("{first}", first).replace("{all}", &all).replace("{me}", me),
        })
    }
}

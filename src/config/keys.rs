//! The key table: every key of `dualrun.toml` with its shape, default and meaning.
//! The parser, the JSON schema and the documentation are made from it, so they cannot part ways.

/// What a key's value must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Text that is not blank.
    Text,
    /// A path, relative to the directory of `dualrun.toml`.
    Path,
    /// An IANA time zone.
    Zone,
    /// An ISO 4217 code.
    Currency,
    /// A decimal number as text, never a float; not below nought.
    Number,
    /// A decimal number as text, never a float; also below nought.
    Signed,
    /// A span of time as text: `10m`, `2s`.
    Duration,
    /// A longer one: `24h`, `7d`.
    Span,
    /// A moment: a date and time with its offset.
    Moment,
    /// A query: SQL, or `{ file | sql, parameters }`.
    Query,
    /// true or false.
    Flag,
    /// A whole number within bounds.
    Integer(i64, i64),
    /// One of some words.
    OneOf(&'static [&'static str]),
    /// A list of texts.
    Words,
    /// A table of texts, each to one of some words.
    WordMap(&'static [&'static str]),
    /// Where a secret comes from; never the secret.
    Secret,
    /// Names to values of queries' parameters.
    Parameters,
    /// Entities to queries.
    Queries,
    /// Names to queries.
    Checks,
    /// A section of its own keys.
    Section(&'static [KeySpec]),
    /// A list of sections.
    Sections(&'static [KeySpec]),
}

/// One key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeySpec {
    /// Its name.
    pub name: &'static str,
    /// What its value must be.
    pub shape: Shape,
    /// Whether it must be there.
    pub required: bool,
    /// A line to write, for messages.
    pub example: &'static str,
    /// What it means, with its default and, where it has none, why.
    pub about: &'static str,
}

pub(super) const fn must(name: &'static str, shape: Shape, example: &'static str, about: &'static str) -> KeySpec {
    KeySpec { name, shape, required: true, example, about }
}

pub(super) const fn may(name: &'static str, shape: Shape, example: &'static str, about: &'static str) -> KeySpec {
    KeySpec { name, shape, required: false, example, about }
}

use Shape::{Checks, Currency, Duration, Flag, Integer, Number, OneOf, Path, Queries, Secret, Section, Sections, Text, WordMap, Words, Zone};

/// The whole file.
pub const ROOT: &[KeySpec] = &[
    must("service", Section(SERVICE), "[service]", "The billed product line and the rules of the comparison."),
    may("limits", Section(LIMITS), "[limits]", "Bounds every database session keeps."),
    must("source", Section(SIDE), "[source]", "The system that bills today."),
    must("target", Section(SIDE), "[target]", "The system that shall bill after the flip."),
    may("import", Section(IMPORT), "[import]", "How records reach the target. Default: an import ends with the staged copy."),
    may("inertness", Section(INERTNESS), "[inertness]", "Queries of the target that count what could bill, send or charge there."),
    may("signing", Section(SIGNING), "[signing]", "How signatures of sign-offs are verified."),
    may(
        "flip",
        Section(FLIP),
        "[flip]",
        "How waves are cut, what proves who bills, and who switches the source off. Default: nothing can be flipped.",
    ),
    may("operators", Sections(OPERATOR), "[[operators]]", "The people who may act and sign."),
];

/// `[service]`.
pub const SERVICE: &[KeySpec] = &[
    must("name", Text, "name = \"orchard\"", "The service's name."),
    may("currency", Currency, "currency = \"CAD\"", "Currency of plans and documents that name none. Default: none; such a record is a finding."),
    must("time_zone", Zone, "time_zone = \"America/Toronto\"", "IANA zone in which billing periods begin and end at midnight."),
    may("usage_from", OneOf(&["source", "target"]), "usage_from = \"source\"", "The side whose usage is rated. Default: source."),
    may(
        "basis",
        OneOf(&["draft_first", "rated", "draft"]),
        "basis = \"draft_first\"",
        "What is compared with the source's invoices: the target's own document, else dualrun's rating; always the rating; only the target's documents. Default: draft_first.",
    ),
    may(
        "tolerance",
        Number,
        "tolerance = \"0\"",
        "Largest difference, in major units, counted as within_tolerance. Text, never a float. Default: \"0\", off.",
    ),
    may(
        "coverage_floor",
        Number,
        "coverage_floor = \"0.99\"",
        "Part of the invoiced money that must be reconciled before the flip may happen, \"0\" to \"1\". Default: \"0.99\".",
    ),
    may("runbook", Path, "runbook = \"runbook.toml\"", "The stages and checks of the cutover. Default: runbook.toml, where it is there."),
];

/// `[limits]`.
pub const LIMITS: &[KeySpec] = &[
    may("statement_timeout", Duration, "statement_timeout = \"10m\"", "Longest one statement may run on the server. Default: 10m."),
    may("lock_timeout", Duration, "lock_timeout = \"2s\"", "Longest a statement may wait for a lock. Default: 2s."),
    may("snapshot_budget", Duration, "snapshot_budget = \"15m\"", "Longest the snapshot may be held. Default: 15m."),
    may("max_rows", Integer(1, i64::MAX), "max_rows = 2000000000", "Most rows one query may deliver. Default: 2000000000."),
    may(
        "max_field_bytes",
        Integer(1, 1 << 30),
        "max_field_bytes = 16777216",
        "Most bytes of one field before its row is an error. Default: 16777216.",
    ),
    may("max_streams", Integer(1, 64), "max_streams = 4", "Most parallel sessions on a side. Default: 4."),
    may(
        "usage_sums",
        OneOf(&["auto", "raw", "server"]),
        "usage_sums = \"auto\"",
        "Whether usage is read as raw records or as the server's own exact sums of them (PostgreSQL, where they tell the same): by what an earlier run counted, never, always. Default: auto.",
    ),
];

/// `[source]` and `[target]`: first how to reach it, then its profile.
pub const SIDE: &[KeySpec] = &[
    must(
        "kind",
        OneOf(&["postgres", "mariadb", "mysql", "sqlite"]),
        "kind = \"postgres\"",
        "The kind of database. mariadb and mysql mean the same: the server says which it is.",
    ),
    may("path", Path, "path = \"source.db\"", "SQLite: the file, relative to dualrun.toml. Opened read-only."),
    may(
        "host",
        Text,
        "host = \"db.internal\"",
        "Servers: host name, address, or a Unix socket (PostgreSQL: its directory; MariaDB and MySQL: its path, or the directory of mysqld.sock).",
    ),
    may("port", Integer(1, 65535), "port = 5432", "Servers: the port (PostgreSQL: also of the socket). Default: 5432, for MariaDB and MySQL 3306."),
    may("database", Text, "database = \"app\"", "Servers: the database."),
    may("user", Text, "user = \"dualrun_ro\"", "Servers: the role or account; one that can only read."),
    may(
        "password",
        Secret,
        "password = { env = \"APP_DB_PASSWORD\" }",
        "Servers: where the password comes from: an environment variable, a file of mode 0600, or a command. Default: none.",
    ),
    may(
        "tls",
        OneOf(&["verify-full", "off"]),
        "tls = \"verify-full\"",
        "Servers: chain and host name are verified, or no TLS (only for a socket or loopback). Default: verify-full, for a local host off.",
    ),
    may("root_cert", Path, "root_cert = \"ca.pem\"", "Servers: an extra root certificate (PEM). Default: the system's."),
    may("search_path", Words, "search_path = [\"public\"]", "PostgreSQL: schemas looked in after pg_catalog. Default: [\"public\"]."),
    may(
        "max_streams",
        Integer(1, 64),
        "max_streams = 2",
        "PostgreSQL: most parallel sessions on this side. Default: what [limits] says. Elsewhere one session reads.",
    ),
    may(
        "max_replica_lag",
        Duration,
        "max_replica_lag = \"30s\"",
        "Servers: reading pauses while the replica read from lags more; on PostgreSQL also while the last of those does that follow the server. Default: never.",
    ),
    may(
        "max_active_sessions",
        Integer(1, 100_000),
        "max_active_sessions = 40",
        "Servers: reading pauses while more sessions than this are at work, dualrun's own not counted. Default: never.",
    ),
    may(
        "profile",
        OneOf(super::known::NAMES),
        "profile = \"lago\"",
        "A known system: what it does where systems differ is the default of money_unit, ends, proration, round_per, round_mode, tax_per, zero_usage, naive_timestamps and minor_digits. A key that is written goes before. Default: none.",
    ),
    may("key", OneOf(&["text", "uuid", "int"]), "key = \"text\"", "What the external subscription ids are. Default: text."),
    may(
        "key_normaliser",
        OneOf(&["none", "uuid"]),
        "key_normaliser = \"uuid\"",
        "What is done to text ids before they are compared: nothing, or every UUID form becomes lower case with hyphens. Default: none.",
    ),
    may("money_unit", OneOf(&["major", "minor"]), "money_unit = \"major\"", "Whether amounts and prices are 12.34 or 1234. Default: major."),
    may(
        "minor_digits",
        WordMap(&["0", "1", "2", "3", "4"]),
        "minor_digits = { ISK = \"2\" }",
        "Digits of the minor unit of currencies that this side writes with others than ISO 4217. Default: none.",
    ),
    may("tax_inclusive", Flag, "tax_inclusive = false", "Whether subtotals and lines hold tax. Default: false."),
    must(
        "active",
        Words,
        "active = [\"active\"]",
        "Status words of a subscription that bills. No default: a guessed word would bill the wrong subscriptions, or none.",
    ),
    may("ended", Words, "ended = [\"cancelled\"]", "Status words of a subscription that is over by its dates. Default: none."),
    may(
        "inactive",
        Words,
        "inactive = [\"paused\"]",
        "Status words of a subscription that is known and does not bill. Default: paused, on_hold, suspended, pending, draft, inactive, trialing_paused, as far as not listed elsewhere.",
    ),
    must(
        "billable",
        Words,
        "billable = [\"paid\", \"open\"]",
        "Status words of a document that counts. No default: a guessed word would count void or draft invoices as billed.",
    ),
    may(
        "left_out",
        WordMap(&["void", "draft"]),
        "left_out = { void = \"void\", draft = \"draft\" }",
        "Status words of documents that do not count, each with why: void or draft. Default: none.",
    ),
    may("zero_invoices", OneOf(&["left_out", "kept"]), "zero_invoices = \"left_out\"", "Documents of a zero subtotal. Default: left_out."),
    may(
        "credit_amounts",
        OneOf(&["positive", "signed"]),
        "credit_amounts = \"positive\"",
        "Whether credit notes carry positive amounts (to be subtracted) or signed ones. Default: positive.",
    ),
    may(
        "period_rule",
        OneOf(&["period_columns", "issued_on"]),
        "period_rule = \"period_columns\"",
        "What decides a document's period. Default: period_columns.",
    ),
    may(
        "period_fallback",
        OneOf(&["issued_on"]),
        "period_fallback = \"issued_on\"",
        "What decides the period of a document whose period_start is empty. Default and only choice: issued_on.",
    ),
    may(
        "period_shift",
        Integer(-12, 12),
        "period_shift = 0",
        "Months added to that date first: -1 where an invoice issued in June is for May. Default: 0.",
    ),
    may(
        "usage_zone",
        Zone,
        "usage_zone = \"UTC\"",
        "IANA zone by whose midnights this side puts usage into periods, where that is not time_zone. Nothing is rated by it: it makes candidates for what explains a delta. Default: time_zone.",
    ),
    must(
        "ends",
        OneOf(&["inclusive", "exclusive"]),
        "ends = \"inclusive\"",
        "Whether period_end and ended_on are the last day that counts or the first that does not. No default: the wrong one bills a day too many or too few.",
    ),
    may(
        "proration",
        OneOf(&["day", "fixed_30", "30_360", "daily_price", "ratio_9", "none"]),
        "proration = \"day\"",
        "How part of a period is charged where this side is rated: by its days; by days over 30 a month; by months of 30 days; by a daily price rounded first; by a ratio rounded to 9 decimals; not at all. Default: day.",
    ),
    may(
        "zero_usage",
        OneOf(&["charged", "free"]),
        "zero_usage = \"charged\"",
        "Whether the fee of a charge's first tier is due where nothing was used, where this side is rated. Default: charged.",
    ),
    may(
        "changes",
        OneOf(&["ignored", "rated"]),
        "changes = \"ignored\"",
        "What becomes of pauses and changes of plan or quantity within a period, where this side is rated: it is rated as it is, or each stretch as it was by the side's events. Default: ignored.",
    ),
    must(
        "round_per",
        OneOf(&["invoice", "line"]),
        "round_per = \"invoice\"",
        "What is rounded to the minor unit. No default: the wrong one is off by cents on every invoice of several lines.",
    ),
    must(
        "round_mode",
        OneOf(&["half_up", "half_even", "half_down", "up", "down", "ceil", "floor"]),
        "round_mode = \"half_up\"",
        "How ties and rests fall. No default: the wrong one is off by a cent wherever a tie occurs.",
    ),
    may(
        "tax_per",
        OneOf(&["line", "invoice", "once"]),
        "tax_per = \"invoice\"",
        "Where tax is rounded: each rate on each line, each rate on the document, or all rates together on the document. Default: invoice.",
    ),
    may(
        "naive_timestamps",
        OneOf(&["utc", "local"]),
        "naive_timestamps = \"utc\"",
        "What a timestamp without a zone means. Default: it is a row error.",
    ),
    may("infinity_is_open", Flag, "infinity_is_open = false", "Whether infinity in an end date means no end. Default: false, a row error."),
    must(
        "queries",
        Queries,
        "[source.queries]",
        "Per entity a read-only query: SQL text, { sql = …, parameters = … } or { file = …, parameters = … }.",
    ),
];

/// `[import]`.
pub const IMPORT: &[KeySpec] = &[
    must(
        "loader",
        OneOf(&["command", "pack"]),
        "loader = \"command\"",
        "What hands records to the target: a program that gets them as JSON lines, or files to load by hand. No default: it acts.",
    ),
    may(
        "program",
        Words,
        "program = [\"./load.py\"]",
        "command: the program and its arguments. No shell; one with a slash is relative to dualrun.toml.",
    ),
    may("batch", Integer(1, 100_000), "batch = 100", "command: most records the program gets at once. Default: 100."),
    may("timeout", Duration, "timeout = \"1m\"", "command: longest the program may take for a batch. Default: 1m."),
    may("pause", Duration, "pause = \"1s\"", "command: pause before a record's second try; before the third it is four times as long. Default: 1s."),
    may("env", Words, "env = [\"ERP_API_KEY\"]", "command: environment variables the program gets beside PATH, HOME, LANG and TZ. Default: none."),
    may("dir", Path, "dir = \"packs\"", "pack: the directory packs are made in. Default: packs."),
];

/// `[inertness]`.
pub const INERTNESS: &[KeySpec] = &[
    may("preset", OneOf(super::preset::PRESETS), "preset = \"odoo19\"", "The checks of a known target. Default: none."),
    may(
        "checks",
        Checks,
        "[inertness.checks]",
        "Names to read-only queries of the target: a row for each thing that could bill, send or charge, with its subscription_id, so that those of flipped subscriptions are told apart; or, for what is of no subscription, one row with how many there are (0 is inert). A second column is an example, if you like.",
    ),
];

/// `[signing]`.
pub const SIGNING: &[KeySpec] = &[may(
    "allowed_signers",
    Path,
    "allowed_signers = \"allowed_signers\"",
    "The file of principals and their keys, as ssh-keygen -Y verify reads it, relative to dualrun.toml. Default: allowed_signers.",
)];

/// `[flip]`.
pub const FLIP: &[KeySpec] = &[
    may("canary", Integer(1, 1_000_000), "canary = 5", "Subscriptions of the first wave. Default: 5."),
    may("growth", Integer(1, 1000), "growth = 3", "How many times as many the next wave has. Default: 3."),
    may("buffer_hours", Integer(0, 8760), "buffer_hours = 48", "Hours around a renewal in which nothing should be flipped. Default: 48."),
    may(
        "band_amount",
        Number,
        "band_amount = \"0\"",
        "Most that a first invoice of the target may be off, in major units. Text, never a float. Default: \"0\", to the cent.",
    ),
    may(
        "band_percent",
        Number,
        "band_percent = \"0\"",
        "The same in per cent of what was expected; the wider of the two holds. Text, never a float. Default: \"0\".",
    ),
    may("candidate_days", Integer(1, 366), "candidate_days = 45", "Days ahead that flip simulate looks at. Default: 45."),
    may(
        "source_program",
        Words,
        "source_program = [\"./switch-billing.py\"]",
        "What switches billing off in the source, and on again: a program that gets the changes as JSON lines. No shell; one with a slash is relative to dualrun.toml. Default: a pack, to be done by hand.",
    ),
    may(
        "switches_on",
        Words,
        "switches_on = [\"scheduler off\"]",
        "Checks of [inertness], by name, that count what the target needs running to bill anybody, such as the job that makes invoices: once somebody is flipped they are told, and hold nothing up. Default: none.",
    ),
    may("batch", Integer(1, 100_000), "batch = 100", "Most changes the program gets at once. Default: 100."),
    may("timeout", Duration, "timeout = \"1m\"", "Longest the program may take for a batch. Default: 1m."),
    may("env", Words, "env = [\"APP_API_KEY\"]", "Environment variables the program gets beside PATH, HOME, LANG and TZ. Default: none."),
    may("dir", Path, "dir = \"packs\"", "Without a program: the directory packs are made in. Default: packs."),
    may(
        "queries",
        Checks,
        "[flip.queries]",
        "source_billing (subscription_id, billing, billed_through), target_billing (subscription_id, billing, first_period_start, has_payment_token, charge_linked, and if it says so first_bill_day) and target_payments (subscription_id, captured_on as a moment, and if it says so amount): read-only queries that prove who bills, and whether a payment was captured. billed_through is as the source's ends say. All three are needed.",
    ),
];

/// `[[operators]]`.
pub const OPERATOR: &[KeySpec] = &[
    must("id", Text, "id = \"ana\"", "Who acts: given by --as, DUALRUN_OPERATOR or the login name."),
    may("name", Text, "name = \"Ana\"", "The name shown. Default: the id."),
    may("roles", Words, "roles = [\"finance\"]", "What the person may sign as. Default: none."),
    may(
        "ssh_principal",
        Text,
        "ssh_principal = \"ana@example.org\"",
        "The principal of the person's SSH key. Default: none; acts are attested, not signed.",
    ),
];

/// The keys of `{ file | sql, parameters }`.
pub const QUERY: [&str; 3] = ["file", "sql", "parameters"];
/// The keys of a secret, of which one is given.
pub const SECRET: [&str; 3] = ["env", "file", "command"];
/// Parameters every query may use; dualrun sets them.
pub const PERIOD_PARAMETERS: [&str; 5] = ["period_start", "period_end", "period_start_at", "period_end_at", "zone"];

/// A section's key by its name.
pub fn key(keys: &'static [KeySpec], name: &str) -> Option<&'static KeySpec> {
    keys.iter().find(|k| k.name == name)
}

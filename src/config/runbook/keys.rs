//! The key tables of `runbook.toml`: parser and schema are made from them, as those of `dualrun.toml`.

use crate::config::keys::Shape::{Currency, Duration, Flag, Integer, Moment, OneOf, Parameters, Query, Sections, Signed, Span, Text, Words};
use crate::config::keys::{KeySpec, may, must};

/// The whole file.
pub const RUNBOOK: &[KeySpec] = &[
    must("name", Text, "name = \"Billing cutover\"", "The runbook's name, for people."),
    may(
        "environment",
        Text,
        "environment = \"production\"",
        "Where the flip happens: checks must pass there where a stage says nothing else. Default: production.",
    ),
    may(
        "parameters",
        Parameters,
        "parameters = { tenant = \"…\" }",
        "Values every SQL check may use as :name, beside those dualrun sets. Default: none.",
    ),
    must("stage", Sections(STAGE), "[[stage]]", "The stages in their order: one passes only after the one before it."),
];

/// `[[stage]]`.
pub const STAGE: &[KeySpec] = &[
    must("id", Text, "id = \"reconcile\"", "What commands and sign-offs name it by: letters, digits, - and _."),
    must("title", Text, "title = \"Both systems agree\"", "Its title, for people."),
    may("requires", Words, "requires = [\"every row matches\"]", "What must be so, a sentence each. Default: none."),
    may(
        "environments",
        Words,
        "environments = [\"ci\", \"production\"]",
        "Where its checks must have passed, each with evidence of its own, observed at databases of its own. Default: the runbook's environment.",
    ),
    may("check", Sections(CHECK), "[[stage.check]]", "What proves it. A stage without a check that counts never passes."),
    may(
        "signers",
        Words,
        "signers = [\"finance\", \"engineering\"]",
        "The role of each person who must sign, two at least; any is anybody's. As many different people sign. Default: [\"any\", \"any\"].",
    ),
    may(
        "signature",
        OneOf(&["signed", "attested"]),
        "signature = \"signed\"",
        "Whether a sign-off, or a waiver of one of its checks, needs an SSH signature, or a name will do and is shown as such. Default: signed.",
    ),
    may(
        "forbids",
        Sections(FORBID),
        "forbids = [{ action = \"drop the old tables\" }]",
        "What must not be done before it passed, and where. Default: nothing.",
    ),
    may(
        "reopened_by",
        Words,
        "reopened_by = [\"reconcile/unexplained\"]",
        "Checks (stage/check) that open it again while they do not pass. Default: none.",
    ),
    may("back_out", Words, "back_out = [\"switch the old scheduler on\"]", "How to go back, step by step. Default: nothing."),
    may("wait", Span, "wait = \"30m\"", "Time between the last sign-off and the opening of the gate. Default: none."),
    may("expires", Span, "expires = \"24h\"", "How long a sign-off counts. Default: as long as nothing changes."),
    may(
        "freezes",
        Sections(FREEZE),
        "freezes = [{ from = 2026-12-20T00:00:00Z, until = 2027-01-04T00:00:00Z, why = \"year end\" }]",
        "Times in which the gate stays shut. Default: none.",
    ),
];

/// `forbids = [{ … }]`.
pub const FORBID: &[KeySpec] = &[
    must("action", Text, "action = \"drop the old tables\"", "What, in words."),
    may("environments", Words, "environments = [\"production\"]", "Where. Default: everywhere."),
];

/// `freezes = [{ … }]`.
pub const FREEZE: &[KeySpec] = &[
    must("from", Moment, "from = 2026-12-20T00:00:00Z", "From this moment on."),
    must("until", Moment, "until = 2027-01-04T00:00:00Z", "Up to this moment, which is open again."),
    may("why", Text, "why = \"year end\"", "Why. Default: nothing said."),
];

/// Kinds of check.
pub const KINDS: &[&str] = &["sql", "command", "tests", "log", "metric", "schedule", "manual"];
/// Metrics.
pub const METRICS: &[&str] = &["match_rate", "unexplained_gross", "coverage", "clean_cycles", "rejected_rows", "not_inert"];

/// `[[stage.check]]`: first what every check has, then the keys of single kinds.
pub const CHECK: &[KeySpec] = &[
    must("id", Text, "id = \"no-orphans\"", "What commands name it by, after the stage: letters, digits, - and _."),
    must("title", Text, "title = \"No invoice without its customer\"", "What it proves, for people."),
    must(
        "kind",
        OneOf(KINDS),
        "kind = \"sql\"",
        "What is asked: a database, a program, reports of tests, logs, a figure of the workspace, the schedulers, a person.",
    ),
    may("owner", Text, "owner = \"ana\"", "Who answers for it. Default: nobody."),
    may("observe_only", Flag, "observe_only = false", "Shown and counted apart; neither opens nor shuts the gate. Default: false."),
    may("max_age", Span, "max_age = \"24h\"", "How long its evidence counts. Default: 24h."),
    may("on", OneOf(&["source", "target", "workspace"]), "on = \"target\"", "sql: which database is asked."),
    may(
        "sql",
        Query,
        "sql = \"select id from …\"",
        "sql: the read-only query; each row is a violation unless value, at_least or at_most say otherwise.",
    ),
    may("value", Text, "value = \"on\"", "sql: the one value the query must give, byte by byte."),
    may("at_least", Signed, "at_least = \"99.5\"", "sql, metric: the number must be no less. Text, never a float."),
    may("at_most", Signed, "at_most = \"0\"", "sql, metric: the number must be no more. Text, never a float."),
    may(
        "command",
        Words,
        "command = [\"./check.sh\", \"--all\"]",
        "command: the program and its arguments. No shell; one with a slash is relative to dualrun.toml.",
    ),
    may("env", Words, "env = [\"STAGE\"]", "command: environment variables the program gets beside PATH, HOME, LANG and TZ. Default: none."),
    may("timeout", Duration, "timeout = \"10m\"", "command: longest it may take. Default: 10m."),
    may("output_bytes", Integer(1, 1 << 30), "output_bytes = 1048576", "command: most bytes it may write. Default: 1048576."),
    may("files", Words, "files = [\"reports/*.xml\"]", "tests, log: files, relative to dualrun.toml; * stands for a part of a file's name."),
    may("least", Integer(1, 1 << 40), "least = 12", "tests: least cases that must have run and passed. Default: 1."),
    may("skips", Words, "skips = [\"billing.test_slow\"]", "tests: cases that may be skipped, as class.name. Default: none; a skip fails."),
    may("events", Words, "events = [\"contract.ensured\"]", "log: names that must each occur, as whole words."),
    may("metric", OneOf(METRICS), "metric = \"match_rate\"", "metric: which figure."),
    may("currency", Currency, "currency = \"CAD\"", "metric unexplained_gross, coverage: of which money. Default: the service's currency."),
    may("least_rows", Integer(1, 1 << 40), "least_rows = 50", "metric clean_cycles: least rows a month needs to count. Default: 1."),
    may("least_days", Integer(0, 3660), "least_days = 56", "metric clean_cycles: least days those months must span together. Default: 0."),
    may("jobs", Words, "jobs = [\"Create invoices\"]", "schedule: jobs that must be there; every other one is looked at too. Default: none."),
    may("statement", Text, "statement = \"The backup was restored on another machine\"", "manual: what the person states."),
    may("attachment", Flag, "attachment = false", "manual: whether a file must be attached. Default: false."),
];

/// The keys of one kind.
pub(in crate::config) struct Kind {
    /// Its word.
    pub name: &'static str,
    /// Keys it must have.
    pub needs: &'static [&'static str],
    /// Keys it may have.
    pub takes: &'static [&'static str],
}

/// Which of [`CHECK`]'s keys belong to which kind.
pub(in crate::config) const OF_KIND: [Kind; 7] = [
    Kind { name: "sql", needs: &["on", "sql"], takes: &["value", "at_least", "at_most"] },
    Kind { name: "command", needs: &["command"], takes: &["env", "timeout", "output_bytes"] },
    Kind { name: "tests", needs: &["files"], takes: &["least", "skips"] },
    Kind { name: "log", needs: &["files", "events"], takes: &[] },
    Kind { name: "metric", needs: &["metric"], takes: &["at_least", "at_most", "currency", "least_rows", "least_days"] },
    Kind { name: "schedule", needs: &[], takes: &["jobs"] },
    Kind { name: "manual", needs: &["statement"], takes: &["attachment"] },
];

/// Keys every check has.
pub(in crate::config) const OF_EVERY_KIND: [&str; 6] = ["id", "title", "kind", "owner", "observe_only", "max_age"];

/// Whether a table is one of this file's.
pub(in crate::config) fn is_of_runbook(keys: &[KeySpec]) -> bool {
    [RUNBOOK, STAGE, FORBID, FREEZE, CHECK].contains(&keys)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::keys::key;

    #[test]
    fn every_key_of_a_check_has_a_kind_and_every_kind_its_keys() {
        assert_eq!(OF_KIND.map(|kind| kind.name), KINDS);
        let of_kinds: Vec<&str> = OF_KIND.iter().flat_map(|kind| kind.needs.iter().chain(kind.takes)).copied().collect();
        for name in &of_kinds {
            assert!(key(CHECK, name).is_some(), "{name}");
        }
        for spec in CHECK {
            assert!(OF_EVERY_KIND.contains(&spec.name) || of_kinds.contains(&spec.name), "{}", spec.name);
        }
    }
}

//! Demo projects whose target is emptied, with a loader's program of the test's own between dualrun and the demo's target.

use crate::harness::{Said, configure, dualrun, said, sqlite, sqlite_numbers, sqlite_text, workspace};
use serde_json::Value;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// Records of the demo that are carried over: customers, plans, charges, subscriptions.
pub const CARRIED: [i64; 4] = [7, 14, 14, 9];
/// All of them.
pub const ALL: i64 = 44;

/// The demo as it is built.
pub fn demo() -> TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    let built = Command::new(env!("CARGO_BIN_EXE_dualrun")).args(["demo", "--setup-only", "--dir"]).arg(dir.path()).output().expect("it runs");
    assert!(built.status.success(), "{built:?}");
    dir
}

/// The demo with a target that holds nothing.
pub fn fresh() -> TempDir {
    let dir = demo();
    empty(dir.path());
    dir
}

/// Takes everything an import carries out of the target.
pub fn empty(dir: &Path) {
    target(dir, "delete from customers; delete from plans; delete from charges; delete from subscriptions");
}

/// Changes the source.
pub fn source(dir: &Path, sql: &str) {
    sqlite(&dir.join("source.db"), sql);
}

/// Changes the target behind everybody's back.
pub fn target(dir: &Path, sql: &str) {
    sqlite(&dir.join("target.db"), sql);
}

/// What the target says.
pub fn target_text(dir: &Path, sql: &str) -> String {
    sqlite_text(&dir.join("target.db"), sql)
}

/// The lines of `[import]` that every loader of a test has: pauses that a test can wait for.
const QUICK: &str = "pause = \"20ms\"";

/// Puts a shell script between dualrun and the demo's target, with further keys of `[import]`. It is read by `sh`, never run as a
/// file: a file that was just written may still be open for writing in a child another test started.
pub fn loader(dir: &Path, script: &str, keys: &str) {
    std::fs::write(dir.join("loader.sh"), script).expect("written");
    configure(dir, &[("program = [\"./demo-target\", \"target.db\"]", &format!("program = [\"sh\", \"loader.sh\"]\n{QUICK}\n{keys}"))]);
}

/// A script that decides about each record on its own: `$line` is the request, `$id` its external id, `$entity` its entity, `$n` its
/// number among all that ever came. `real` hands it to the demo's target and prints the answer; `key` prints its key.
pub fn each(body: &str) -> String {
    format!(
        "n=$(cat seen 2>/dev/null || echo 0)\n\
         real() {{ printf '%s\\n' \"$line\" | ./demo-target target.db; }}\n\
         while IFS= read -r line; do\n\
         n=$((n + 1)); echo $n > seen; printf '%s\\n' \"$line\" >> requests.log\n\
         rest=${{line#*\\\"external_id\\\":\\\"}}; id=${{rest%%\\\"*}}; rest=${{line#*\\\"entity\\\":\\\"}}; entity=${{rest%%\\\"*}}\n\
         rest=${{line#*\\\"key\\\":\\\"}}; key=${{rest%%\\\"*}}\n\
         {body}\n\
         done\n"
    )
}

/// Requests the program was handed, whole, in their order.
pub fn requests(dir: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(dir.join("requests.log")).unwrap_or_default();
    text.lines().map(|l| serde_json::from_str(l).unwrap_or_else(|e| panic!("{e}: {l}"))).collect()
}

/// How often a record was handed over.
pub fn sent(dir: &Path, id: &str) -> usize {
    requests(dir).iter().filter(|r| r["external_id"] == id).count()
}

/// The plan, or with `--apply` what came of it.
pub fn import(dir: &Path, args: &[&str]) -> Said {
    said(dir, &[&["import", "--format", "json", "-q"], args].concat())
}

/// Imports for good.
pub fn apply(dir: &Path) -> Said {
    import(dir, &["--apply"])
}

/// A command that imports for good, to be started.
pub fn applying(dir: &Path, more: &[&str]) -> Command {
    dualrun(dir, &[&["import", "--apply", "--format", "json", "-q"], more].concat())
}

/// Imports for good and expects that exit code and state.
#[track_caller]
pub fn ends(dir: &Path, code: i32, state: &str) -> Value {
    let said = apply(dir);
    assert_eq!(said.code, code, "{said:#?}");
    let object = said.json();
    assert_eq!(object["import"]["state"], state, "{:#}", object["import"]);
    object
}

/// Imports for good: everything arrives and is verified.
#[track_caller]
pub fn complete(dir: &Path) -> Value {
    ends(dir, 0, "complete")
}

/// A number of the load's tally.
pub fn load(object: &Value, what: &str) -> i64 {
    object["import"]["load"][what].as_i64().unwrap_or_else(|| panic!("{what}: {:#}", object["import"]))
}

/// Records of the target by entity, and how many ids they have: each record is there once where the two are one.
pub fn held(dir: &Path) -> [(i64, i64); 4] {
    let of = |table: &str, id: &str| {
        let counted = sqlite_numbers(&dir.join("target.db"), &format!("select count(*), count(distinct {id}), 0 from {table}"));
        (counted[0].0, counted[0].1)
    };
    [of("customers", "external_id"), of("plans", "external_id"), of("charges", "plan_id || '/' || metric"), of("subscriptions", "id")]
}

/// The target holds everything that is carried over, each record once, and is inert.
#[track_caller]
pub fn is_whole(dir: &Path) {
    assert_eq!(held(dir), CARRIED.map(|n| (n, n)));
    let bent = "select count(*) from subscriptions where state <> 'draft' or has_payment_token <> 'false' or charge_linked <> 'false'";
    assert_eq!(sqlite_text(&dir.join("target.db"), &format!("select cast(({bent}) as text)")), "0");
}

/// No record of the target is there twice.
#[track_caller]
pub fn nothing_twice(dir: &Path) {
    for (records, ids) in held(dir) {
        assert_eq!(records, ids, "{:?}", held(dir));
    }
}

/// The workspace and its journal are whole.
#[track_caller]
pub fn sound(dir: &Path) {
    let verified = said(dir, &["audit", "verify"]);
    assert_eq!(verified.code, 0, "{verified:#?}");
    assert_eq!(sqlite_text(&workspace(dir), "pragma integrity_check"), "ok");
}

/// The stage of the import as `gates` has it: outcome, and what blocks there.
pub fn gate(dir: &Path) -> (String, Vec<String>) {
    let gates = said(dir, &["gates", "--format", "json"]).json();
    let stage = gates["stages"].as_array().expect("stages").iter().find(|s| s["stage"] == "import").expect("the import's").clone();
    let of_import = |b: &&Value| b["stage"] == "import";
    let blockers = gates["blockers"].as_array().expect("blockers").iter().filter(of_import);
    (stage["outcome"].as_str().expect("a word").to_owned(), blockers.map(|b| b["what"].as_str().expect("words").to_owned()).collect())
}

/// The gate of the import is blocked, and says so with these words.
#[track_caller]
pub fn is_blocked(dir: &Path, words: &str) {
    let (outcome, blockers) = gate(dir);
    assert_ne!(outcome, "pass");
    assert!(blockers.iter().any(|b| b.contains(words)), "{words} is not said: {blockers:?}");
}

/// Kinds of the journal's entries, oldest first.
pub fn journal(dir: &Path) -> Vec<String> {
    sqlite_text(&workspace(dir), "select group_concat(kind) from (select kind from journal order by seq)").split(',').map(ToOwned::to_owned).collect()
}

/// What is parked or given up: id, state, tries, reason.
pub fn parked(dir: &Path) -> Vec<(String, String, u64, String)> {
    let listed = said(dir, &["import", "parked", "list", "--format", "json"]).json();
    let text = |v: &Value| v.as_str().expect("text").to_owned();
    let of = |r: &Value| (text(&r["id"]), text(&r["state"]), r["tries"].as_u64().expect("a number"), text(&r["reason"]));
    listed["records"].as_array().expect("records").iter().map(of).collect()
}

/// Puts another script in the loader's place.
pub fn program(dir: &Path, script: &str) {
    std::fs::write(dir.join("loader.sh"), script).expect("written");
}

/// Whether the process whose number a script left in a file is there and is no zombie.
pub fn is_alive(dir: &Path, file: &str) -> bool {
    let pid = std::fs::read_to_string(dir.join(file)).expect("its number");
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| !rest.trim().is_empty() && !rest.trim().starts_with('Z'))
}

//! The demo, mended so that every subscription matches, imported and compared: ready to be flipped. Its gates are open, for the tests
//! are about what comes after them.

use crate::harness::{configure, dualrun, said, sqlite, sqlite_text};
use async_trait::async_trait;
use dualrun::app::error::AppError;
use dualrun::app::flip::{Apply, Came, Certified, Gatekeeper, PlanOptions, Planned, Standing, apply, back_out, plan, standing};
use dualrun::app::progress::Silent;
use dualrun::app::project::Project;
use dualrun::cli::{Asked, Wiring as _};
use dualrun::config;
use dualrun::domain::flip::Direction;
use dualrun::wire::Wire;
use serde_json::Value;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// What makes the source bill what the target would.
pub const MEND: &str = "\
update invoices set subtotal = '200.00', tax = '26.00', total = '226.00' where id = 'INV-76';
update invoice_lines set amount = '200.00', unit_price = '200.00' where invoice_id = 'INV-76';
update invoices set subtotal = '50.00', tax = '6.50', total = '56.50' where id = 'INV-78';
update invoice_lines set amount = '50.00', unit_price = '50.00' where invoice_id = 'INV-78';";

/// What makes the target's own draft what its terms come to once the discount is carried over.
pub const MEND_TARGET: &str = "\
update invoices set subtotal = '45.00', tax = '5.85', total = '50.85' where id = 'DR-313';
update invoice_lines set amount = '45.00', unit_price = '45.00' where invoice_id = 'DR-313';";

/// Gates that are open.
pub struct Open;

#[async_trait]
impl Gatekeeper for Open {
    async fn certify(&self) -> Result<Certified, AppError> {
        Ok(Ok("certificate".to_owned()))
    }
}

/// Gates that are shut.
pub struct Shut;

#[async_trait]
impl Gatekeeper for Shut {
    async fn certify(&self) -> Result<Certified, AppError> {
        Ok(Err(vec!["Gates: nobody signed".to_owned()]))
    }
}

pub fn wait_for<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime").block_on(work)
}

pub fn silent() -> Arc<Silent> {
    Arc::new(Silent)
}

/// A project of a folder, as the binary would make it.
pub fn project(dir: &Path) -> Project {
    let settings = config::load(dir).unwrap_or_else(|e| panic!("{e}"));
    Wire::default().project(&settings, &Asked { actor: "ana".to_owned(), allow_writable_role: false }).unwrap_or_else(|e| panic!("{e}"))
}

/// The demo, mended, imported and compared; six of its subscriptions can be flipped.
pub fn ready() -> TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    ready_in(dir.path());
    dir
}

pub fn ready_in(dir: &Path) {
    let built = Command::new(env!("CARGO_BIN_EXE_dualrun")).args(["demo", "--setup-only", "--dir"]).arg(dir).output().expect("it runs");
    assert!(built.status.success(), "{built:?}");
    source(dir, MEND);
    target(dir, MEND_TARGET);
    // Whatever day the tests run on, no renewal is near.
    configure(dir, &[("canary = 1\n", "canary = 2\nbuffer_hours = 0\n")]);
    let imported = said(dir, &["import", "--apply", "-q"]);
    assert_eq!(imported.code, 0, "{imported:#?}");
    let compared = said(dir, &["reconcile", "--period", "2026-05", "-q"]);
    assert!(compared.code <= 1, "{compared:#?}");
}

/// Puts a shell script in the place of one of the two programs. `real` is the demo's own; what it is handed goes to `requests.log`.
pub fn program(dir: &Path, side: &str, body: &str) {
    let file = format!("{side}.sh");
    let known = dir.join(&file).exists();
    let script = format!("tee -a {side}.log > {side}.in\nreal() {{ ./demo-target {side}.db < {side}.in; }}\n{body}\n");
    std::fs::write(dir.join(&file), script).expect("written");
    if !known {
        configure(dir, &[(&format!("program = [\"./demo-target\", \"{side}.db\"]"), &format!("program = [\"sh\", \"{file}\"]"))]);
    }
}

/// What a program was handed, line by line.
pub fn handed(dir: &Path, side: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(dir.join(format!("{side}.log"))).unwrap_or_default();
    text.lines().map(|l| serde_json::from_str(l).unwrap_or_else(|e| panic!("{e}: {l}"))).collect()
}

/// Its acts, in their order.
pub fn acts(dir: &Path, side: &str) -> Vec<String> {
    handed(dir, side).iter().map(|v| format!("{} {}", v["act"].as_str().expect("an act"), v["subscription"].as_str().expect("an id"))).collect()
}

pub fn source(dir: &Path, sql: &str) {
    sqlite(&dir.join("source.db"), sql);
}

pub fn target(dir: &Path, sql: &str) {
    sqlite(&dir.join("target.db"), sql);
}

/// Subscriptions that either side bills, and those with a payment method: `source: sub-1 …; target: …; pays: …`.
pub fn bills(dir: &Path) -> String {
    let of = |file: &str, sql: &str| {
        sqlite_text(
            &dir.join(file),
            &format!("select coalesce(group_concat(id, ' '), '') from (select id from subscriptions where {sql} order by id)"),
        )
    };
    let off = of("source.db", "id in (select subscription_id from billing_switch)");
    let on = of("target.db", "state <> 'draft'");
    let pays = of("target.db", "has_payment_token = 'true'");
    format!("off: {off}; on: {on}; pays: {pays}")
}

pub const NOTHING: &str = "off: ; on: ; pays: ";

pub fn planned(dir: &Path) -> Planned {
    let project = project(dir);
    wait_for(plan(&project, &PlanOptions::default(), silent(), CancellationToken::new())).unwrap_or_else(|e| panic!("{e}"))
}

pub fn stands(dir: &Path) -> Standing {
    wait_for(standing(&project(dir))).unwrap_or_else(|e| panic!("{e}"))
}

pub fn phrase(dir: &Path, wave: u32, direction: Direction) -> String {
    stands(dir).waves[&wave].pack.phrase(direction)
}

/// Applies a wave with the right phrase.
pub fn flip(dir: &Path, wave: u32) -> Result<Came, AppError> {
    let asked = Apply { wave, phrase: phrase(dir, wave, Direction::Forward), wait: Duration::from_secs(5) };
    wait_for(apply(&project(dir), &asked, &Open, silent(), CancellationToken::new()))
}

/// Backs a wave out with the right phrase.
pub fn undo(dir: &Path, wave: u32) -> Result<Came, AppError> {
    let asked = Apply { wave, phrase: phrase(dir, wave, Direction::Back), wait: Duration::from_secs(5) };
    wait_for(back_out(&project(dir), &asked, silent(), CancellationToken::new()))
}

/// The journal is whole.
pub fn sound(dir: &Path) {
    let verified = Command::output(&mut dualrun(dir, &["audit", "verify"])).expect("it runs");
    assert!(verified.status.success(), "{verified:?}");
}

/// The wave's subscriptions are where an apply is to bring them.
#[track_caller]
pub fn is_whole(came: &Came) {
    assert!(came.whole && came.stuck.is_empty() && came.stopped.is_none(), "{:?} {:?}", came.stuck, came.stopped);
}

/// A planned project whose programs do what they are told.
pub fn with_programs() -> TempDir {
    let folder = ready();
    program(folder.path(), "source", "real");
    program(folder.path(), "target", "real");
    planned(folder.path());
    folder
}

//! Inertness on a server: the preset of Odoo on tables shaped as Odoo 19's are, each check silent on what is inert and loud on one
//! thing that is not; and a reconciliation that meets it.

use crate::cluster::shared;
use crate::memory::Memory;
use crate::on_postgres::{READER, load_book, project_in};
use crate::project::whole;
use crate::random_book::{PROFILE, RandomBook};
use dualrun::app::inertness::look_now;
use dualrun::app::progress::Silent;
use dualrun::app::reconcile::reconcile;
use dualrun::domain::finding::Weight;
use dualrun::domain::import::{Inertness, Light};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// The columns the checks read, as a real Odoo 19 database has them, and a state in which nothing can bill.
const ODOO: &str = "
    create table sale_order (id int4 primary key, partner_id int4, partner_invoice_id int4, state varchar, client_order_ref varchar, origin varchar);
    create table payment_token (id int4, partner_id int4, active bool);
    create table sale_order_transaction_rel (transaction_id int4, sale_order_id int4);
    create table ir_act_server (id int4, state varchar, code text, webhook_url varchar);
    create table ir_cron (id int4, ir_actions_server_id int4, cron_name varchar, active bool);
    create table mail_mail (id int4, state varchar, email_to text);
    insert into sale_order values (1, 6, 6, 'draft', 'sub-1', 'random'), (2, 6, 6, 'cancel', 'sub-2', 'random'), (3, 9, 9, 'sale', 'own-3', null);
    insert into payment_token values (1, 9, true), (2, 6, false);
    insert into sale_order_transaction_rel values (1, 3);
    insert into ir_act_server values (1, 'code', 'model._autopost_draft_entries()', null), (2, 'code', 'model._run_vacuum_cleaner()', null);
    insert into ir_cron values (1, 1, 'Post draft entries', false), (2, 2, 'Auto-vacuum', true);
    insert into mail_mail values (1, 'sent', 'a@example.org');";

/// One act for each check that makes the target able to bill, send or charge; and its inverse.
const BREACHES: [(&str, &str, &str); 7] = [
    ("draft", "update sale_order set state = null where id = 1", "update sale_order set state = 'draft' where id = 1"),
    ("draft", "update sale_order set state = 'sale' where id = 1", "update sale_order set state = 'draft' where id = 1"),
    ("no payment token", "update payment_token set active = true where id = 2", "update payment_token set active = false where id = 2"),
    ("charge not linked", "insert into sale_order_transaction_rel values (2, 1)", "delete from sale_order_transaction_rel where transaction_id = 2"),
    ("scheduler off", "update ir_cron set active = true where id = 1", "update ir_cron set active = false where id = 1"),
    ("mail queue empty", "insert into mail_mail values (2, 'outgoing', 'b@example.org')", "delete from mail_mail where id = 2"),
    (
        "webhook queue empty",
        "insert into ir_act_server values (3, 'webhook', null, 'https://example.org/x')",
        "delete from ir_act_server where id = 3",
    ),
];

fn lights(seen: &Inertness) -> Vec<(&str, bool)> {
    seen.checks.iter().map(|c| (c.name.as_str(), c.light == Light::Inert)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_preset_of_odoo_is_silent_on_drafts_and_loud_on_whatever_bills() {
    let (cluster, dir) = (shared(), tempfile::tempdir().expect("a folder"));
    load_book(cluster, &RandomBook::new(7).book(PROFILE), "inert", dir.path());
    cluster.psql("inert_target", ODOO);
    cluster.psql("inert_target", &format!("grant select on all tables in schema public to {READER}"));
    let config = dir.path().join("dualrun.toml");
    let text = std::fs::read_to_string(&config).expect("a file") + "\n[inertness]\npreset = \"odoo19\"\n";
    std::fs::write(&config, text).expect("written");
    let memory = Memory::default();
    let project = project_in(dir.path(), &memory);
    let look = async || look_now(&project, Duration::ZERO, &CancellationToken::new()).await.unwrap_or_else(|e| panic!("{e}"));
    assert!(look().await.holds(), "{:?}", look().await);
    for (name, breach, inverse) in BREACHES {
        cluster.psql("inert_target", breach);
        let seen = look().await;
        assert!(lights(&seen).iter().all(|(check, inert)| *inert == (*check != name)), "{name}: {seen:?}");
        assert!(seen.is_breached() && seen.alarm().is_some_and(|a| a.contains(name)), "{name}");
        assert!(!format!("{seen:?}").contains("example.org"), "{name}: an address is told: {seen:?}");
        cluster.psql("inert_target", inverse);
    }
    // A table the role may not read is not a table without rows.
    cluster.psql("inert_target", &format!("revoke select on payment_token from {READER}"));
    let seen = look().await;
    assert!(!seen.holds() && !seen.is_breached(), "{seen:?}");
    let run = async || reconcile(&project, &whole(&["2026-05"]), Arc::new(Silent), CancellationToken::new()).await.unwrap_or_else(|e| panic!("{e}"));
    run().await;
    let kept = memory.kept().pop().expect("a run");
    let told: Vec<_> =
        kept.findings.iter().filter(|f| f.code == "target_not_inert").map(|f| (f.weight, f.count, f.ids[0].raw().to_owned())).collect();
    assert_eq!(told, [(Weight::Blocking, 1, "no payment token".to_owned())]);
    cluster.psql("inert_target", &format!("grant select on payment_token to {READER}"));
    run().await;
    let kept = memory.kept().pop().expect("a run");
    assert!(kept.findings.iter().all(|f| f.code != "target_not_inert"));
}

//! One whole cycle of a real target: both sides on PostgreSQL, each changed by a program of its own through a function of that database.
//! First invoices as predicted and not, the alarm, the way back, the flip anew, a captured payment, and the end.

use crate::by_hand;
use crate::cluster::bin_directory;
use crate::harness::{OnPostgres, configure, said};
use crate::project::{flip, is_whole, planned, stands, undo};
use dualrun::app::flip::WaveState;
use dualrun::domain::side::Side;
use std::path::Path;

/// What each side's own interface is: one request in, one answer out.
const FUNCTIONS: [(Side, &str); 2] = [
    (
        Side::Source,
        "create function act(r jsonb) returns text language plpgsql as $$ begin
           update billing set billing = (r->>'act' = 'switch_on') where subscription_id = r->>'subscription';
           return jsonb_build_object('key', r->>'key', 'result', case when found then 'ok' else 'rejected' end)::text;
         end $$;",
    ),
    (
        Side::Target,
        "create function act(r jsonb) returns text language plpgsql as $$ declare a text := r->>'act'; c jsonb := r->'change'; begin
           update billing b set
             charge_linked = case a when 'link_charge' then 1 when 'unlink_charge' then 0 else b.charge_linked end,
             billing = case a when 'confirm' then true when 'redraft' then false else b.billing end,
             first_period_start = case a when 'confirm' then (c->>'first_period_start')::date when 'redraft' then null else b.first_period_start end,
             first_bill_day = case a when 'confirm' then ((c->>'first_bill_day') || ' 12:00+00')::timestamptz when 'redraft' then null else b.first_bill_day end,
             has_payment_token = case a when 'attach_payment' then true when 'detach_payment' then false else b.has_payment_token end
           where b.subscription_id = r->>'subscription';
           return jsonb_build_object('key', r->>'key', 'result', case when found then 'ok' else 'rejected' end)::text;
         end $$;",
    ),
];

fn ready() -> OnPostgres {
    let of = by_hand::ready("cycle");
    for (side, sql) in FUNCTIONS {
        of.psql(side, sql);
        let (psql, sockets, port) = (bin_directory().join("psql"), of.cluster.socket_directory(), of.cluster.port());
        let (psql, database) = (psql.display(), of.database(side));
        let call = format!("{psql} -X -qtA -h {sockets} -p {port} -U postgres -d {database} -v line=\"$line\"");
        let script = format!("while read -r line; do printf \"select act(:'line'::jsonb);\\\\n\" | {call}; done\n");
        std::fs::write(of.path().join(format!("{side}.sh")), script).expect("written");
    }
    let loader = ("loader = \"pack\"", "loader = \"command\"\nprogram = [\"sh\", \"target.sh\"]");
    configure(of.path(), &[loader, ("buffer_hours = 0\n", "buffer_hours = 0\nsource_program = [\"sh\", \"source.sh\"]\n")]);
    of
}

/// Who is billed by whom, and whose payment method the target has.
fn bills(of: &OnPostgres) -> String {
    let list = |side, rule: &str| {
        of.psql(side, &format!("select coalesce(string_agg(subscription_id, ' ' order by subscription_id), '') from billing where {rule}"))
    };
    format!("off: {}; on: {}; pays: {}", list(Side::Source, "not billing"), list(Side::Target, "billing"), list(Side::Target, "has_payment_token"))
}

fn ids(dir: &Path, wave: u32) -> Vec<String> {
    stands(dir).waves[&wave].pack.lines.iter().map(|l| l.subscription.clone()).collect()
}

/// The target makes the first invoices of a wave, each so many cents more than was predicted.
fn invoice(of: &OnPostgres, wave: u32, off: &[i64]) {
    for (line, off) in stands(of.path()).waves[&wave].pack.lines.iter().zip(off.iter().cycle()) {
        let id = &line.subscription;
        let net = dualrun::domain::money::Money::new(line.expected.net.minor + off, line.expected.net.currency);
        let columns = "id, number, subscription_id, customer_id, status, kind, period_start, period_end, issued_on, currency, subtotal, tax, total";
        let values = format!(
            "'JUNE-{id}', 'J', '{id}', (select customer_id from subscriptions where id = '{id}'), 'posted', 'charge', '2026-06-01', '2026-06-30', '2026-07-01', 'CAD', '{net}', null, null"
        );
        of.psql(Side::Target, &format!("delete from invoices where id = 'JUNE-{id}'; insert into invoices ({columns}) values ({values})"));
    }
}

#[track_caller]
fn is_incomplete(dir: &Path, words: &[&str]) {
    let refused = said(dir, &["flip", "complete", "--reason", "the old system is off"]);
    refused.fails(1, &[&["not complete"], words].concat());
}

/// The look at a wave's first invoices, as its operator sees it: its exit code, its states, whether it raises an alarm.
fn look(dir: &Path, wave: u32) -> (i32, Vec<String>, String) {
    let number = wave.to_string();
    let object = said(dir, &["flip", "hypercare", &number, "--format", "json", "-q"]);
    let lines = object.json()["lines"].as_array().expect("lines").clone();
    let states = lines.iter().map(|l| l["standing"]["state"].as_str().expect("a state").to_owned()).collect();
    (object.code, states, said(dir, &["flip", "hypercare", &number]).err)
}

#[test]
fn predicted_held_alarmed_backed_out_flipped_again_and_complete() {
    let of = ready();
    let dir = of.path();
    let nothing = bills(&of);
    planned(dir);
    is_whole(&flip(dir, 1).expect("applied"));
    let wave = ids(dir, 1).join(" ");
    assert_eq!(bills(&of), format!("off: {wave}; on: {wave}; pays: {wave}"));
    is_incomplete(dir, &["wave 1 is applied, not clean", "wave 2 is planned, not clean", "the source bills"]);

    // Nobody invoiced anything, and the day is over.
    let (code, states, alarm) = look(dir, 1);
    assert_eq!((code, states), (1, vec!["missing".to_owned(); 2]));
    assert!(alarm.contains("2 first invoices want a look before anything is sent or charged"), "{alarm}");
    // One as it was predicted, one a dollar over: that one is held.
    invoice(&of, 1, &[0, 100]);
    let (code, states, alarm) = look(dir, 1);
    assert_eq!((code, states), (1, vec!["clean".to_owned(), "held".to_owned()]));
    assert!(alarm.contains("1 first invoice wants a look"), "{alarm}");
    let held = stands(dir).waves[&1].look.clone().expect("a look").lines[1].clone();
    assert_eq!(held.actual.expect("it is there").minor - held.expected.minor, 100);
    is_incomplete(dir, &["wave 1 is applied, not clean"]);

    // The way back: all of it, read back on both sides.
    is_whole(&undo(dir, 1).expect("backed out"));
    assert_eq!((bills(&of), stands(dir).waves[&1].state()), (nothing, WaveState::BackedOut));
    is_incomplete(dir, &["wave 1 is backed out, not clean"]);
    of.psql(Side::Target, "delete from invoices where id like 'JUNE-%'");

    // Again, with first invoices as they were predicted.
    let plan = planned(dir).plan;
    assert_eq!(plan.waves.iter().map(|w| (w.wave, w.lines.len())).collect::<Vec<_>>(), [(2, 2), (3, 4)]);
    for wave in [2, 3] {
        is_whole(&flip(dir, wave).expect("applied"));
        invoice(&of, wave, &[0]);
        let (code, states, _) = look(dir, wave);
        assert_eq!((code, states.iter().all(|s| s == "clean")), (0, true), "{states:?}");
    }
    // The target charges the first of them: there is no way back any more.
    let paid = ids(dir, 2)[0].clone();
    of.psql(Side::Target, &format!("insert into payments values ('{paid}', now(), 30)"));
    assert!(undo(dir, 2).expect_err("no way back").to_string().contains("point of no return"));
    is_incomplete(dir, &["the source bills"]);
    of.psql(Side::Source, "update billing set billing = false");
    let done = said(dir, &["flip", "complete", "--reason", "the old system is off"]);
    assert_eq!(done.code, 0, "{done:#?}");
    assert!(stands(dir).completed.is_some());
    crate::project::sound(dir);
}

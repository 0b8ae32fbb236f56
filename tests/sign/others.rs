//! Waivers of checks and broken glass: two people, for what there is now, with an end; and who looked before another acted is told.

use crate::project::Signing;
use chrono::{DateTime, TimeDelta, Utc};
use dualrun::adapters::clock::SystemClock;
use dualrun::adapters::ssh::{AllowedSigners, SshSigner};
use dualrun::app::error::AppError;
use dualrun::app::gates::{Break, CheckWaiver, GateDesk, Sealing, break_glass, confirm, look, no_go, sign, waive_check, withdraw};
use dualrun::app::standing::{Blocker, Stage};
use dualrun::cli::{Wiring as _, gate_setup};
use dualrun::domain::currency::Currency;
use dualrun::domain::gate::{GateDeed, Outcome};
use dualrun::domain::money::Money;
use dualrun::ports::clock::Clock;
use dualrun::ports::signer::{KeyFrom, PassphraseFrom};
use dualrun::ports::workspace::StoreError;
use dualrun::wire::Wire;
use std::time::Duration;

/// Works at the desk of somebody.
async fn at_desk<T>(of: &Signing, who: &str, work: impl AsyncFnOnce(&GateDesk<'_>) -> Result<T, AppError>) -> Result<T, AppError> {
    let (settings, door) = (of.settings(), of.door());
    let (setup, outside) = (gate_setup(&settings), Wire::default().outside(&settings));
    let desk = GateDesk {
        door: &door,
        clock: &SystemClock,
        service: &settings.service.service,
        actor: who,
        setup: &setup,
        outside: outside.as_ref(),
        wait: Duration::from_secs(30),
    };
    work(&desk).await
}

/// The key of somebody.
fn signer(of: &Signing, who: &str) -> SshSigner {
    let from = KeyFrom::File { path: of.key(who), passphrase: PassphraseFrom::Terminal };
    SshSigner::new(from, AllowedSigners::new(of.dir().join("allowed_signers")))
}

fn in_hours(hours: i64) -> DateTime<Utc> {
    SystemClock.now() + TimeDelta::hours(hours)
}

fn waiver(expires: DateTime<Utc>, seen: i64) -> CheckWaiver<'static> {
    CheckWaiver { stage: "agree", check: "restored", environment: None, reason: "restored by hand", expires, seen }
}

fn refused<T: std::fmt::Debug>(result: Result<T, AppError>, why: &str) {
    let said = result.unwrap_err().to_string();
    assert!(said.contains(why), "{said}");
}

#[tokio::test]
async fn a_check_is_waived_by_two_people_for_the_evidence_there_is() {
    let of = Signing::built_to_agree().await;
    let waive = async |who: &str, wanted: CheckWaiver<'_>| {
        at_desk(&of, who, async |desk| waive_check(desk, &wanted, Sealing::Signed(&signer(&of, who))).await).await
    };
    let confirmed = async |who: &str, act: i64, seen: i64| {
        at_desk(&of, who, async |desk| confirm(desk, act, seen, Sealing::Signed(&signer(&of, who))).await).await
    };
    refused(waive("ana", waiver(in_hours(1), 6)).await, "is pass: there is nothing to waive");
    of.observe("agree", "restored", Outcome::Error, "no answer").await;
    refused(waive("eva", waiver(in_hours(1), 7)).await, "eva is not in [[operators]]");
    refused(waive("ana", waiver(in_hours(-1), 7)).await, "its end is over already");
    refused(waive("ana", CheckWaiver { check: "seen", ..waiver(in_hours(1), 7) }).await, "only looked at");
    refused(waive("ana", CheckWaiver { check: "no", ..waiver(in_hours(1), 7) }).await, "no check agree/no");
    refused(waive("ana", CheckWaiver { reason: " ", ..waiver(in_hours(1), 7) }).await, "has a reason");
    refused(waive("ana", CheckWaiver { environment: Some("ci"), ..waiver(in_hours(1), 7) }).await, "was never made in ci");
    let overtaken = waive("ana", waiver(in_hours(1), 6)).await;
    assert!(matches!(&overtaken, Err(AppError::Store(StoreError::Overtaken { by, .. })) if by == "cron"), "{overtaken:?}");
    let made = waive("ana", waiver(in_hours(1), 7)).await.unwrap();
    refused(confirmed(" ANA", made.id, 8).await, "a second person confirms it");
    refused(confirmed("ben", 1, 8).await, "needs no second person");
    refused(confirmed("ben", 99, 8).await, "there is no act 99");
    let overtaken = confirmed("ben", made.id, 7).await;
    assert!(matches!(&overtaken, Err(AppError::Store(StoreError::Overtaken { by, .. })) if by == "ana"), "{overtaken:?}");
    // Until the second person agreed it counts for nothing: the stage does not hold, and nobody signs it.
    let seen = async |who: &str| at_desk(&of, who, async |desk| look(desk, "agree", None, None).await).await.unwrap();
    assert!(seen("cyd").await.refusals.iter().any(|r| r.to_string().contains("0 of 1 checks hold")));
    confirmed("ben", made.id, 8).await.unwrap();
    refused(confirmed("cyd", made.id, 9).await, "confirmed already, by ben");
    assert_eq!(seen("cyd").await.refusals, []);
    assert!(seen("ana").await.refusals.iter().any(|r| r.to_string().contains("ana made the newest waiver of a check")));
    refused(waive("cyd", waiver(in_hours(1), 9)).await, "is waived: there is nothing to waive");
    of.observe("agree", "restored", Outcome::Error, "no answer, again").await;
    let again = waive("cyd", waiver(in_hours(1), 10)).await.unwrap();
    of.observe("agree", "restored", Outcome::Fail, "it is not").await;
    refused(confirmed("ben", again.id, 12).await, "evidence that is not the newest any more");
    at_desk(&of, "ben", async |desk| withdraw(desk, again.id, "wrong").await).await.unwrap();
    refused(confirmed("ben", again.id, 13).await, "was taken back");
}

#[tokio::test]
async fn the_glass_is_broken_by_two_people_with_its_price_and_an_end() {
    let of = Signing::built_to_agree().await;
    let currency = |code: &str| Currency::known(code).unwrap();
    let blocker = |what: &str, money: &[(&str, i64)]| {
        let money = money.iter().map(|(code, minor)| (currency(code), *minor)).collect();
        Blocker { stage: Stage::Reconcile, what: what.into(), money, remedy: "r".into(), owner: None }
    };
    let blockers = [blocker("18 rows do not match", &[("CAD", -500), ("JPY", 7)]), blocker("nobody signed", &[]), blocker("stale", &[("CAD", 125)])];
    let broken = async |who: &str, wanted: Break<'_>| {
        at_desk(&of, who, async |desk| break_glass(desk, &wanted, Sealing::Signed(&signer(&of, who))).await).await
    };
    let exposure = [Money::new(500, currency("CAD")), Money::new(7, currency("JPY"))];
    let wanted = Break { reason: "the old system dies tonight", blockers: &blockers, exposure: &exposure, expires: in_hours(2), seen: 6 };
    refused(broken("ana", Break { blockers: &[], ..wanted }).await, "nothing blocks");
    refused(broken("ana", Break { expires: in_hours(25), ..wanted }).await, "up to 24 hours");
    refused(broken("ana", Break { expires: in_hours(0), ..wanted }).await, "up to 24 hours");
    refused(broken("ana", Break { reason: "", ..wanted }).await, "has a reason");
    refused(broken("eva", wanted).await, "not in [[operators]]");
    let act = broken("ana", wanted).await.unwrap();
    let GateDeed::BreakGlass(glass) = &act.deed else { panic!("{act:?}") };
    assert_eq!((glass.exposure.as_slice(), glass.blockers.len()), (&exposure[..], 3));
    let agree =
        async |who: &str, key: &str| at_desk(&of, who, async |desk| confirm(desk, act.id, act.id, Sealing::Signed(&signer(&of, key))).await).await;
    refused(agree("ana", "ana").await, "a second person confirms it");
    agree("ben", "ben").await.unwrap();
    at_desk(&of, "cyd", async |desk| withdraw(desk, act.id, "it lives").await).await.unwrap();
}

#[tokio::test]
async fn who_looked_before_something_changed_signs_nothing() {
    let of = Signing::built_to_agree().await;
    let signer = |who: &str| signer(&of, who);
    let seen = async |who: &str| at_desk(&of, who, async |desk| look(desk, "agree", None, None).await).await.unwrap();
    let ana = seen("ana").await;
    let signs = async |view| at_desk(&of, "ana", async |desk| sign(desk, view, Sealing::Signed(&signer("ana"))).await).await;
    of.observe("agree", "restored", Outcome::Pass, "stated by another").await;
    let changed = signs(&ana).await.unwrap_err();
    assert!(matches!(&changed, AppError::Changed(what) if what.starts_with("the evidence: another now")), "{changed}");
    let ana = seen("ana").await;
    at_desk(&of, "eva", async |desk| no_go(desk, "agree", None, "wait").await).await.unwrap();
    let overtaken = signs(&ana).await.unwrap_err();
    assert!(
        matches!(&overtaken, AppError::Store(StoreError::Overtaken { by, what, .. }) if (by.as_str(), what.as_str()) == ("eva", "stage refused")),
        "{overtaken}"
    );
    // Another's sign-off, and evidence that says the same, are nothing new: it goes on, and says so.
    let (ana, ben) = (seen("ana").await, seen("ben").await);
    at_desk(&of, "ben", async |desk| sign(desk, &ben, Sealing::Signed(&signer("ben"))).await).await.unwrap();
    of.observe("agree", "restored", Outcome::Pass, "stated by another").await;
    let signed = signs(&ana).await.unwrap();
    assert_eq!(signed.meanwhile.iter().map(|act| act.actor.as_str()).collect::<Vec<_>>(), ["ben", "cron"]);
    // One key for two names is one person.
    let allowed = of.dir().join("allowed_signers");
    let lines = std::fs::read_to_string(&allowed).unwrap().replace("ana@x", "ana@x,cyd@x");
    std::fs::write(&allowed, lines).unwrap();
    of.sign_told();
    at_desk(&of, "ben", async |desk| withdraw(desk, 9, "cyd signs").await).await.unwrap();
    let cyd = at_desk(&of, "cyd", async |desk| look(desk, "agree", None, Some("engineering")).await).await.unwrap();
    let same = at_desk(&of, "cyd", async |desk| sign(desk, &cyd, Sealing::Signed(&signer("ana"))).await).await;
    refused(same, "ana signed this stage with the same key");
}

//! A preview says to the row and to the cent what a correction comes to when it is made.

use crate::changed_book::{Made, Reconciled, column};
use crate::random_book::Dice;
use dualrun::app::explain::{Explainer, History, fixes};
use dualrun::domain::evidence::Shelf;
use dualrun::domain::exact::Exact;
use dualrun::domain::fixes::{Carried, Fix, Standing};
use dualrun::domain::profile::{Proration, Stage, TaxStage};
use dualrun::domain::records::Charge;
use dualrun::domain::rounding::RoundMode;
use dualrun::domain::side::Side;
use dualrun::explain::fixes::{Corrected, Round};
use dualrun::present::fixes::proration_key;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// The value a name of a declaration has in a file.
fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("a word")
}

/// Makes a correction for real: in the target's tables, or in what is declared about it.
fn make(made: &mut Made, fix: &Fix) {
    match fix {
        Fix::FlatPrice { plan, to, .. } => {
            let plans = made.target("plans");
            let at = column(plans, "flat_price");
            plans.rows.iter_mut().filter(|row| row[0].as_ref() == Some(plan)).for_each(|row| row[at] = Some(to.to_string()));
        }
        Fix::Charge { plan, metric, to, .. } => {
            let charges = made.target("charges");
            charges.rows.retain(|row| (row[0].as_ref(), row[1].as_ref()) != (Some(plan), Some(metric)));
            if let Some(Charge { model_word, included, package_size, unit_price, .. }) = to.as_deref() {
                let numbers = [Some(included.to_string()), Some(package_size.to_string()), unit_price.map(|price| price.to_string())];
                charges.rows.push([Some(plan.clone()), Some(metric.clone()), Some(model_word.clone())].into_iter().chain(numbers).collect());
            }
        }
        Fix::Rounding { per, mode } => {
            made.declare("round_per", &word(per));
            made.declare("round_mode", &word(mode));
        }
        Fix::TaxPer { per } => made.declare("tax_per", &word(per)),
        Fix::TaxInclusive { to } => made.declare("tax_inclusive", &to.to_string()),
        Fix::Proration { to } => made.declare("proration", &format!("\"{}\"", proration_key(*to))),
        Fix::Mapping { source_plan, from, to } => {
            for row in of_both(made) {
                if row.0[2].as_ref() == Some(source_plan) && row.1[2].as_ref() == Some(from) {
                    row.1[2] = Some(to.clone());
                }
            }
        }
        Fix::Carry { what } => {
            let at = column(made.target("subscriptions"), what.word());
            for (source, target) in of_both(made) {
                target[at].clone_from(&source[at]);
            }
        }
    }
}

type Fields = Vec<Option<String>>;

/// Subscriptions that are on both sides.
fn of_both(made: &mut Made) -> Vec<(Fields, &mut Fields)> {
    let source = made.book.source.iter().find(|t| t.entity == "subscriptions").expect("subscriptions").rows.clone();
    let target = made.target("subscriptions").rows.iter_mut();
    target.filter_map(|row| Some((source.iter().find(|s| s[0] == row[0])?.clone(), row))).collect()
}

/// Corrections of every kind, whether anything asks for them or not.
fn any(target: &Shelf, dice: &mut Dice) -> Vec<Fix> {
    let mut all = vec![
        Fix::Rounding { per: Stage::Line, mode: RoundMode::HalfEven },
        Fix::Rounding { per: Stage::Invoice, mode: RoundMode::Up },
        Fix::TaxPer { per: *dice.of(&[TaxStage::Line, TaxStage::Invoice, TaxStage::Once]) },
        Fix::TaxInclusive { to: true },
    ];
    all.extend(Carried::ALL.map(|what| Fix::Carry { what }));
    all.extend([Proration::Day, Proration::Fixed30, Proration::Days30360, Proration::None].map(|to| Fix::Proration { to }));
    let plan = dice.of(&target.terms);
    let to: Exact = dice.of(&["0", "31", "12.345", "200"]).parse().expect("a number");
    all.push(Fix::FlatPrice { plan: plan.plan.id.clone(), from: plan.plan.flat_price, to });
    let charged = target.terms.iter().find_map(|t| t.charges.first());
    if let Some(charge) = charged {
        let to = Charge { included: Exact::whole(7), unit_price: Some("0.0123".parse().expect("a number")), ..charge.clone() };
        let (plan, metric, from) = (charge.plan_id.clone(), charge.metric.clone(), Some(Box::new(charge.clone())));
        all.push(Fix::Charge { plan: plan.clone(), metric: metric.clone(), from: from.clone(), to: Some(Box::new(to)) });
        all.push(Fix::Charge { plan, metric, from, to: None });
    }
    let other = dice.of(&target.terms);
    let (source_plan, from, to) = (plan.plan.id.clone(), plan.plan.id.clone(), other.plan.id.clone());
    all.push(Fix::Mapping { source_plan, from, to });
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_made_comes_to_what_was_previewed() {
    let (mut told, mut untold, mut moved) = (0, 0, 0);
    for seed in 0..10 {
        let made = Made::new(seed);
        let now = Reconciled::of(&made.read()).await;
        let target = Arc::new(now.store.shelf(now.run.id, Side::Target).await.expect("a shelf"));
        let all = any(&target, &mut Dice::new(seed));
        let round = Round::new(Corrected::nothing(target, Arc::new(now.profile.clone())), &all);
        let mut effects = round.nothing();
        now.rows().await.iter().for_each(|row| round.weigh(row, &mut effects));
        for (fix, effect) in all.iter().zip(&effects) {
            if effect.untold > 0 {
                untold += 1;
                continue;
            }
            let mut corrected = made.clone();
            make(&mut corrected, fix);
            let then = Reconciled::of(&corrected.read()).await;
            assert_eq!(Standing::of(&then.run), Standing::of(&now.run).after(effect), "seed {seed}: {fix:?} {effect:?}");
            told += 1;
            moved += usize::from(effect.rows() > 0);
        }
    }
    assert!(told > 5 * untold && moved * 2 > told, "{told} told, {moved} of them move rows, {untold} untold");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_set_comes_to_what_was_previewed_correction_by_correction() {
    let mut made_for_real = 0;
    for seed in 100..112 {
        let mut made = Made::new(seed);
        let now = Reconciled::of(&made.read()).await;
        let history = Arc::new(History::default());
        let explainer = Explainer::open(now.store.as_ref(), &now.run, &now.profile, history).await.expect("an explainer");
        let found = fixes(now.store.as_ref(), &now.run, explainer, &CancellationToken::new()).await.unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(found.before, Standing::of(&now.run));
        let mut gross = i64::MAX;
        for chosen in found.chosen {
            let is_told = chosen.marginal.untold == 0;
            make(&mut made, &chosen.fix);
            if !is_told {
                break;
            }
            let then = Reconciled::of(&made.read()).await;
            assert_eq!(Standing::of(&then.run), chosen.after, "seed {seed}: {:?}", chosen.fix);
            let left = chosen.after.money.iter().map(|m| m.gross).sum();
            assert!(left <= gross && chosen.marginal.helps(), "seed {seed}: {:?}", chosen.fix);
            (gross, made_for_real) = (left, made_for_real + 1);
        }
    }
    assert!(made_for_real > 20, "{made_for_real}");
}

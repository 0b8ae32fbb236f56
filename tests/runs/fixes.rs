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
use dualrun::domain::row::ReconRow;
use dualrun::domain::side::Side;
use dualrun::domain::verdict::Basis;
use dualrun::explain::fixes::{Corrected, Left, Round};
use dualrun::present::fixes::proration_key;
use dualrun::rating::rate;
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
        Fix::Changes { .. } => made.declare("changes", "\"rated\""),
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

/// Makes the target's documents of some rows anew, as its catalogue says; `now` is what the book is. False where there are none.
async fn draw(made: &mut Made, now: &Reconciled, rows: &[ReconRow]) -> bool {
    let shelf = now.store.shelf(now.run.id, Side::Target).await.expect("a shelf");
    let mut any = false;
    for row in rows {
        let terms = shelf.plan(&row.inputs[0].plan_id).expect("a plan");
        let rating = rate(&row.inputs[0], terms, &now.profile.target).expect("a rating");
        // One of nought is left out: then the rating says the same.
        let Some(document) = row.documents.iter().find(|d| d.side == Side::Target) else { continue };
        let invoices = made.target("invoices");
        let (net, tax) = (column(invoices, "subtotal"), column(invoices, "tax"));
        let invoice = invoices.rows.iter_mut().find(|row| row[0].as_deref() == Some(document.id.raw())).expect("its invoice");
        invoice[net] = Some(rating.net.to_string());
        if invoice[tax].is_some() {
            invoice[tax] = rating.tax.map(|tax| tax.to_string());
        }
        any = true;
    }
    any
}

/// Reconciles a corrected book in which the target made those documents anew that were what its catalogue said.
async fn remade(now: &Reconciled, made: &mut Made, corrected: &Corrected) -> Reconciled {
    let then = Reconciled::of(&made.read()).await;
    let redrawn: Vec<ReconRow> = now.rows().await.into_iter().filter(|old| matches!(corrected.left(old, None), Left::Redrawn(_))).collect();
    let is_redrawn = |new: &ReconRow| redrawn.iter().any(|old| (&new.key, new.period) == (&old.key, old.period));
    let rows: Vec<ReconRow> = then.rows().await.into_iter().filter(is_redrawn).collect();
    assert_eq!(rows.len(), redrawn.len());
    if draw(made, &then, &rows).await { Reconciled::of(&made.read()).await } else { then }
}

/// A book of a seed; of every second one the target's documents are what its catalogue says.
async fn start(seed: u64) -> (Made, Reconciled) {
    let mut made = Made::new(seed);
    let now = Reconciled::of(&made.read()).await;
    if seed % 2 == 1 {
        return (made, now);
    }
    for row in now.rows().await.iter().filter(|row| row.basis == Some(Basis::Rated) && row.inputs.len() == 1) {
        let (key, day) = (row.key.raw(), row.period.start.to_string());
        let fields = [&format!("NEW-{key}"), "", key, "c1", "draft", "charge", day.as_str(), "2026-06-01", "CAD", "1.00", "1.00"];
        made.target("invoices").rows.push(fields.map(|f| Some(f.to_owned())).to_vec());
    }
    let now = Reconciled::of(&made.read()).await;
    let drafted = |row: &ReconRow| row.basis == Some(Basis::Draft) && row.inputs.len() == 1;
    let rows: Vec<ReconRow> = now.rows().await.into_iter().filter(drafted).collect();
    if draw(&mut made, &now, &rows).await {
        let now = Reconciled::of(&made.read()).await;
        return (made, now);
    }
    (made, now)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_made_comes_to_what_was_previewed() {
    let (mut told, mut untold, mut moved, mut redrawn) = (0, 0, 0, 0);
    for seed in 0..7 {
        let (made, now) = start(seed).await;
        let target = Arc::new(now.store.shelf(now.run.id, Side::Target).await.expect("a shelf"));
        let all = any(&target, &mut Dice::new(seed));
        let round = Round::new(Corrected::nothing(Arc::clone(&target), Arc::new(now.profile.clone())), &all);
        let mut effects = round.nothing();
        now.rows().await.iter().for_each(|row| round.weigh(row, None, &mut effects));
        for (fix, effect) in all.iter().zip(&effects) {
            if effect.untold > 0 {
                untold += 1;
                continue;
            }
            let mut corrected = made.clone();
            make(&mut corrected, fix);
            let then = remade(&now, &mut corrected, &Corrected::nothing(Arc::clone(&target), Arc::new(now.profile.clone())).with(fix)).await;
            redrawn += effect.redrawn;
            assert_eq!(Standing::of(&then.run), Standing::of(&now.run).after(effect), "seed {seed}: {fix:?} {effect:?}");
            told += 1;
            moved += usize::from(effect.rows() > 0);
        }
    }
    let numbers = format!("{told} told, {moved} of them move rows, {redrawn} rows redrawn, {untold} untold");
    assert!(told > untold && moved * 2 > told && redrawn > 20, "{numbers}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_set_comes_to_what_was_previewed_correction_by_correction() {
    let mut made_for_real = 0;
    for seed in 100..110 {
        let (mut made, now) = start(seed).await;
        let history = Arc::new(History::default());
        let explainer = Explainer::open(now.store.as_ref(), &now.run, &now.profile, history).await.expect("an explainer");
        let found = fixes(now.store.as_ref(), &now.run, explainer, &CancellationToken::new()).await.unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(found.before, Standing::of(&now.run));
        let target = Arc::new(now.store.shelf(now.run.id, Side::Target).await.expect("a shelf"));
        let (mut gross, mut corrected) = (i64::MAX, Corrected::nothing(target, Arc::new(now.profile.clone())));
        for chosen in found.chosen {
            let is_told = chosen.marginal.untold == 0;
            make(&mut made, &chosen.fix);
            if !is_told {
                break;
            }
            corrected = corrected.with(&chosen.fix);
            let then = remade(&now, &mut made, &corrected).await;
            assert_eq!(Standing::of(&then.run), chosen.after, "seed {seed}: {:?}", chosen.fix);
            let left = chosen.after.money.iter().map(|m| m.gross).sum();
            assert!(left <= gross && chosen.marginal.helps(), "seed {seed}: {:?}", chosen.fix);
            (gross, made_for_real) = (left, made_for_real + 1);
        }
    }
    assert!(made_for_real > 10, "{made_for_real}");
}

//! A rating of a run as a case of its own: what [`super::rating`] reads, written.

use crate::domain::exact::{Exact, NumberError};
use crate::domain::explanation::Hypothesis;
use crate::domain::money::Money;
use crate::domain::period::Period;
use crate::domain::profile::{Proration, SideProfile, Stage, TaxStage, ZeroUsage};
use crate::domain::records::tiers::{BlockTier, Tier, Tiers};
use crate::domain::records::{Charge, ChargeModel};
use crate::domain::rounding::RoundMode;
use crate::domain::row::{RatingInputs, Stretch, Terms};
use crate::rating::{RatingError, rate_lines};
use serde_json::{Map, Value, json};

/// A rating, and what was billed instead. Who the customer is stays out of it: it may leave the house.
#[derive(Debug, Clone)]
pub struct RatingCase<'a> {
    /// Its name.
    pub id: String,
    /// Where it is from.
    pub source: String,
    /// What there is to know about it.
    pub note: Option<String>,
    /// The subscription.
    pub subscription: &'a str,
    /// Its period.
    pub period: Period,
    /// What was rated.
    pub inputs: &'a RatingInputs,
    /// The plan and its charges.
    pub terms: &'a Terms,
    /// How it was rated.
    pub profile: &'a SideProfile,
    /// What the source billed, net.
    pub actual: Option<Money>,
    /// The tax it billed.
    pub actual_tax: Option<Money>,
    /// Why, where that is known for sure.
    pub cause: Option<&'a Hypothesis>,
}

impl RatingCase<'_> {
    /// The case with the figures it comes to. Fails where it cannot be rated.
    pub fn to_value(&self) -> Result<Value, RatingError> {
        let mut case = object([("id", text(&self.id)), ("kind", text("rating")), ("source", text(&self.source))]);
        case.extend(self.note.as_deref().map(|note| ("note".to_owned(), text(note))));
        case.insert("input".to_owned(), Value::Object(self.input()));
        case.insert("expected".to_owned(), self.expected()?);
        Ok(Value::Object(case))
    }

    fn input(&self) -> Map<String, Value> {
        let (inputs, plan) = (self.inputs, &self.terms.plan);
        let usage = inputs.usage.iter().map(|(metric, quantity)| json!({ "metric": metric, "quantity": quantity }));
        let taxes = inputs.taxes.as_ref().map(|taxes| taxes.iter().map(|tax| json!({ "name": tax.name, "rate": tax.rate })).collect::<Value>());
        let mut input = object([
            ("op", text("rating")),
            ("subscription", text(self.subscription)),
            ("period", text(&self.period.to_string())),
            ("customer", text("customer-1")),
            ("plan", json!({ "id": plan.id, "name": plan.name, "currency": plan.currency, "flat_price": plan.flat_price })),
            ("charges", self.terms.charges.iter().map(charge).collect()),
            ("quantity", number(inputs.quantity)),
            ("discount_percent", number(inputs.discount_percent)),
            ("days", text(&inputs.days.to_string())),
            ("of_days", text(&inputs.of_days.to_string())),
            ("usage", usage.collect()),
            ("taxes", taxes.unwrap_or(Value::Null)),
            ("profile", profile(self.profile)),
        ]);
        let amount = |money: Option<Money>| money.map(|m| text(&m.to_string()));
        let more = [
            ("price_override", inputs.price_override.map(number)),
            ("stretches", (!inputs.stretches.is_empty()).then(|| inputs.stretches.iter().map(stretch).collect())),
            ("actual", amount(self.actual)),
            ("actual_tax", amount(self.actual_tax)),
            ("cause", self.cause.map(cause)),
        ];
        input.extend(more.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
        input
    }

    fn expected(&self) -> Result<Value, RatingError> {
        let fits = |_: NumberError| RatingError::Number(self.terms.plan.id.clone());
        let billed = |money: Option<Money>| money.map(Money::exact).transpose().map_err(fits);
        let mut lines = Vec::new();
        let rating = rate_lines(self.inputs, self.terms, self.profile, |line| lines.push(line.exact))?;
        let mut expected = object([
            ("exact", number(rating.exact)),
            ("net", text(&rating.net.to_string())),
            ("tax", rating.tax.map_or(Value::Null, |tax| text(&tax.to_string()))),
            ("lines", lines.into_iter().map(number).collect()),
        ]);
        if let Some(billed) = billed(self.actual)? {
            expected.insert("delta".to_owned(), number(rating.beyond(billed).map_err(fits)?));
        }
        if let Some(billed) = billed(self.actual_tax)? {
            expected.insert("delta_tax".to_owned(), rating.tax_beyond(billed).map_err(fits)?.map_or(Value::Null, number));
        }
        Ok(Value::Object(expected))
    }
}

fn object<const N: usize>(pairs: [(&str, Value); N]) -> Map<String, Value> {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

fn number(number: Exact) -> Value {
    Value::String(number.to_string())
}

fn stretch(of: &Stretch) -> Value {
    let Stretch { from, plan_id, price, overridden, quantity, days } = of;
    json!({ "from": from, "plan": plan_id, "price": price, "own_price": overridden, "quantity": quantity, "days": days.to_string() })
}

/// What its model asks for, and nothing else: a field that decides nothing would be one to be misled by.
fn charge(of: &Charge) -> Value {
    let mut charge = object([("metric", text(&of.metric)), ("model", text(&of.model_word)), ("included", number(of.included))]);
    let packed = matches!(of.model, ChargeModel::Standard | ChargeModel::Package | ChargeModel::PackageDown);
    let more = [
        ("package_size", Some(number(of.package_size)).filter(|_| packed)),
        ("unit_price", of.unit_price.filter(|_| of.model.has_one_price()).map(number)),
        ("tiers", tiers(of)),
        ("minimum", of.minimum.map(number)),
        ("maximum", of.maximum.map(number)),
    ];
    charge.extend(more.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    Value::Object(charge)
}

fn tiers(of: &Charge) -> Option<Value> {
    let price = if of.model == ChargeModel::GraduatedPercentage { "rate" } else { "unit" };
    let unit = |tier: &Tier| {
        Value::Object(object([("up_to", tier.up_to.map_or(Value::Null, number)), (price, number(tier.unit)), ("flat", number(tier.flat))]))
    };
    let block = |tier: &BlockTier| json!({ "block": tier.block, "max_blocks": tier.max_blocks.map(|most| most.to_string()), "price": tier.price });
    match &of.tiers {
        Tiers::None => None,
        Tiers::Units(tiers) => Some(tiers.iter().map(unit).collect()),
        Tiers::Blocks(tiers) => Some(tiers.iter().map(block).collect()),
    }
}

fn profile(of: &SideProfile) -> Value {
    json!({
        "round_per": word(&Stage::WORDS, &of.round_per),
        "round_mode": word(&RoundMode::WORDS, &of.round_mode),
        "tax_per": word(&TaxStage::WORDS, &of.tax_per),
        "tax_inclusive": of.tax_inclusive,
        "proration": word(&Proration::WORDS, &of.proration),
        "zero_usage": word(&ZeroUsage::WORDS, &of.zero_usage),
    })
}

fn word<T: PartialEq>(words: &[(&'static str, T)], of: &T) -> Option<&'static str> {
    words.iter().find(|(_, meaning)| meaning == of).map(|(word, _)| *word)
}

/// The row of the data that says so stays out: it may name documents and people.
fn cause(of: &Hypothesis) -> Value {
    json!({ "causes": of.causes.iter().map(|c| c.word()).collect::<Vec<_>>(), "parameters": of.parameters, "words": of.words })
}

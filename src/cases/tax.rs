//! Section 4 of the format: tax.

use super::Operation;
use super::answer::Answer;
use super::fields::{Fault, Fields};
use crate::domain::rounding::Rounding;
use crate::rating::tax::{
    Components, Document, Held, InvoiceLine, Per, RoundedPart, StackedTax, Step, Sum, TaxedLine, components, coupon_taxes, held, held_and_added,
    held_together, invoice, of_discounted, on_lines, stack, stack_on_lines, stack_with_rate_of_exchange,
};

const METHODS: [(&str, Per); 2] = [("per_line", Per::Line), ("global", Per::Invoice)];
/// Of a document in sequence each tax is rounded once.
const STACKED_METHODS: [(&str, Per); 2] = [("per_line", Per::Line), ("global", Per::Rate)];
const CENTS: Rounding = Rounding::half_up(2);
const WHOLE: Rounding = Rounding::half_up(0);

pub(super) const OPERATIONS: &[(&str, Operation)] = &[
    ("tax_lines", |f| {
        let lines = f.objects("lines", |line| Ok(TaxedLine { net: line.dec("net")?, rate: line.dec("rate")? }))?;
        let Sum { tax, total, .. } = on_lines(&lines, f.choice("method", &METHODS)?, f.rounding()?)?;
        Ok(Answer::one("tax", tax).and("total", total))
    }),
    ("tax_components", |f| Ok(whole(components(f.dec("net")?, &f.decs("rates")?, f.rounding()?)?))),
    ("tax_incl", |f| {
        let part = f.choice_or("round", &[("tax", RoundedPart::Tax), ("net", RoundedPart::Net)], RoundedPart::Tax)?;
        let Held { net, tax } = held(f.dec("total")?, f.dec("rate")?, step(f)?, part)?;
        Ok(Answer::one("net", net).and("tax", tax))
    }),
    ("tax_incl_plus_excl", |f| {
        let both = held_and_added(f.dec("total")?, f.dec("incl_rate")?, f.dec("excl_rate")?, f.int("dp")?)?;
        let answer = Answer::one("net", both.held.net).and("incl_tax", both.held.tax);
        Ok(answer.and("excl_tax", both.added).and("total", both.total))
    }),
    ("tax_incl_multi", |f| {
        let (net, taxes) = held_together(f.dec("total")?, &f.decs("rates")?, CENTS)?;
        Ok(Answer::one("net", net).and("taxes", taxes))
    }),
    ("tax_stack", |f| {
        let digits = f.optional("dp").is_some().then(|| f.int("dp")).transpose()?;
        let Components { taxes, total, .. } = stack(f.dec("net")?, &stacked(f)?, digits.map(Rounding::half_up))?;
        Ok(Answer::one("taxes", taxes).and("total", total))
    }),
    ("tax_stack_lines", |f| {
        let (lines, taxes) = (f.decs("lines")?, stacked(f)?);
        let per = f.choice("method", &STACKED_METHODS)?;
        Ok(whole(stack_on_lines(&Document { lines: &lines, taxes: &taxes, per, rounding: CENTS })?))
    }),
    ("tax_stack_lines_fx", |f| {
        let (lines, taxes) = (f.decs("lines")?, stacked(f)?);
        let per = f.choice("method", &STACKED_METHODS)?;
        let document = Document { lines: &lines, taxes: &taxes, per, rounding: CENTS };
        Ok(Answer::one("tax", stack_with_rate_of_exchange(&document, f.positive("fx")?)?))
    }),
    ("coupon_tax", |f| Ok(Answer::one("tax", WHOLE.of(of_discounted(f.dec("fee")?, f.dec("coupon")?, f.dec("rate")?)?)?))),
    ("coupon_tax_invoice", |f| {
        let fees = f.objects("fees", |fee| Ok((fee.dec("fee")?, fee.dec("coupon")?, fee.dec("rate")?)))?;
        let [each, once] = coupon_taxes(&fees, WHOLE)?;
        Ok(Answer::one("tax_sum_of_rounded", each).and("tax_rounded_once", once))
    }),
    ("invoice", |f| {
        let line = |line: &mut Fields<'_>| {
            Ok(InvoiceLine { quantity: line.dec("qty")?, unit: line.dec("unit")?, discount: line.dec_or_nought("discount_pct")? })
        };
        let lines = f.objects("lines", line)?;
        let Sum { net, tax, total } = invoice(&lines, f.dec("rate")?, CENTS)?;
        Ok(Answer::one("subtotal", net).and("tax", tax).and("total", total))
    }),
];

fn whole(Components { taxes, tax, total }: Components) -> Answer {
    Answer::one("taxes", taxes).and("tax", tax).and("total", total)
}

/// `dp` or `increment`, not both.
fn step(f: &mut Fields<'_>) -> Result<Step, Fault> {
    let (digits, increment) = (f.optional("dp").is_some(), f.optional("increment").is_some());
    match (digits, increment) {
        (true, true) => Err(Fault::wrong("increment", "there beside dp")),
        (true, false) => Ok(Step::Digits(f.int("dp")?)),
        (false, true) => Ok(Step::Increment(f.positive("increment")?)),
        (false, false) => Ok(Step::Exact),
    }
}

fn stacked(f: &mut Fields<'_>) -> Result<Vec<StackedTax>, Fault> {
    f.objects("taxes", |tax| {
        let rate = tax.dec("rate")?;
        Ok(StackedTax { rate, affects_next: tax.flag_or("affects_next", false)?, base_affected: tax.flag_or("base_affected", true)? })
    })
}

//! Taxes in sequence, possibly on each other (Odoo's flags; compound taxes and groups are written by them).

use super::lines::{Components, Per};
use super::share;
use crate::domain::exact::{Exact, NumberError};
use crate::domain::rounding::Rounding;

/// A tax of a sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StackedTax {
    /// Per cent.
    pub rate: Exact,
    /// Whether later taxes are taken of it too.
    pub affects_next: bool,
    /// Whether earlier taxes that affect later ones are part of its base.
    pub base_affected: bool,
}

/// The taxes of one net. With a rounding each is rounded at once, and enters later bases rounded.
pub fn stack(net: Exact, taxes: &[StackedTax], rounding: Option<Rounding>) -> Result<Components, NumberError> {
    Components::of(net, stacked(net, taxes, rounding)?)
}

fn stacked(net: Exact, taxes: &[StackedTax], rounding: Option<Rounding>) -> Result<Vec<Exact>, NumberError> {
    let mut raised = net;
    let each = taxes.iter().map(|tax| {
        let base = if tax.base_affected { raised } else { net };
        let amount = Rounding::maybe(rounding, share(base, tax.rate)?)?;
        if tax.affects_next {
            raised = raised.add(amount)?;
        }
        Ok(amount)
    });
    each.collect()
}

/// A document whose every line bears the same sequence of taxes.
#[derive(Debug, Clone, Copy)]
pub struct Document<'a> {
    /// Net of each line.
    pub lines: &'a [Exact],
    /// The taxes, in order.
    pub taxes: &'a [StackedTax],
    /// Where they are rounded: [`Per::Line`], else once a tax.
    pub per: Per,
    /// How.
    pub rounding: Rounding,
}

impl Document<'_> {
    /// The sum of each tax over the lines, `each` done to the tax of a line first.
    fn sums(&self, each: impl Fn(Exact) -> Result<Exact, NumberError>) -> Result<Vec<Exact>, NumberError> {
        let by_line = (self.per == Per::Line).then_some(self.rounding);
        let mut sums = vec![Exact::ZERO; self.taxes.len()];
        for net in self.lines {
            for (sum, tax) in sums.iter_mut().zip(stacked(*net, self.taxes, by_line)?) {
                *sum = sum.add(each(tax)?)?;
            }
        }
        match self.per {
            Per::Line => Ok(sums),
            Per::Rate | Per::Invoice => sums.into_iter().map(|sum| self.rounding.of(sum)).collect(),
        }
    }
}

/// Each tax over all lines.
pub fn stack_on_lines(document: &Document<'_>) -> Result<Components, NumberError> {
    Components::of(Exact::sum(document.lines.iter().copied())?, document.sums(Ok)?)
}

/// The tax in the company's currency: `fx` of the document's currency buy one unit of it. By line each tax of each line is rounded
/// in the document's currency, exchanged and rounded again; else the exact taxes are exchanged, added up and rounded once a tax.
pub fn stack_with_rate_of_exchange(document: &Document<'_>, fx: Exact) -> Result<Exact, NumberError> {
    let exchanged = |tax: Exact| tax.div(fx);
    let taxes = match document.per {
        Per::Line => document.sums(|tax| document.rounding.of(exchanged(tax)?))?,
        Per::Rate | Per::Invoice => document.sums(exchanged)?,
    };
    Exact::sum(taxes)
}

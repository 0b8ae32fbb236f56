//! A document's money, split over the keys it belongs to.
//!
//! Lines that name a subscription attribute their amounts; what the header holds beyond them follows the header's own id,
//! and is unlinked where that is empty. So nothing billed vanishes: the parts add up to the header.

use super::books::{Books, Party};
use super::documents::Header;
use super::scope::Slot;
use crate::domain::decode::Reason;
use crate::domain::exact::{Exact, NumberError};
use crate::domain::money::Money;
use crate::domain::profile::{SideProfile, Stage};
use crate::domain::records::{DocumentKind, LineKind};
use crate::domain::rounding::{RoundMode, to_minor};
use std::collections::BTreeMap;

/// One part of a document.
#[derive(Debug, Clone)]
pub struct Part<'a> {
    /// Whom it belongs to; `None` is unlinked.
    pub party: Option<Party<'a>>,
    /// The slot of the period it falls into; `None` is outside what was asked for.
    pub slot: Option<Slot>,
    /// True for the rest of a document whose lines name subscriptions.
    pub remainder: bool,
    /// Its part of the net amount, rounded by the side's profile.
    pub net: Money,
    /// The same before rounding.
    pub exact: Exact,
    /// Its part of the tax, where one is stored.
    pub tax: Option<Money>,
    /// The lines that make it.
    pub lines: Vec<PartLine<'a>>,
}

/// A line of a part.
#[derive(Debug, Clone, Copy)]
pub struct PartLine<'a> {
    /// Words of the line; `None` for what the header holds beyond its lines.
    pub description: Option<&'a str>,
    /// Its quantity, as stored.
    pub quantity: Option<Exact>,
    /// Its amount, signed, in major units.
    pub amount: Exact,
    /// Whether it is typed as not recurring.
    pub one_off: bool,
}

#[derive(Default)]
struct Pile<'a> {
    exact: Exact,
    lines: Vec<PartLine<'a>>,
}

/// Splits a billable document. An id that is an order for one subscription stands for that subscription.
pub fn split<'a>(header: &Header<'a>, books: &'a Books, profile: &SideProfile) -> Result<Vec<Part<'a>>, Reason> {
    let invoice = &header.invoice;
    let scope = &books.scope;
    let own = header.party;
    let slot_of = |party: Option<Party<'_>>, day| party.map_or_else(|| scope.calendar_slot(day), |p| scope.slot_of(p.id, day));
    let (net, scale) = net_of(header, profile)?;
    let mut piles: BTreeMap<(Option<Party<'a>>, Option<Slot>), Pile<'a>> = BTreeMap::new();
    let mut named = Exact::ZERO;
    let mut nameless: Vec<PartLine<'a>> = Vec::new();
    for line in &header.lines {
        if line.kind == LineKind::Tax {
            continue;
        }
        let amount = line_amount(header, line.kind, line.amount, profile)?.mul(scale)?;
        let part = PartLine { description: line.description, quantity: line.quantity, amount, one_off: line.kind == LineKind::OneOff };
        let Some(party) = line.subscription.map(|key| books.resolve(profile.side, key)) else {
            nameless.push(part);
            continue;
        };
        named = named.add(amount)?;
        let slot = slot_of(Some(party), line.day.unwrap_or(invoice.day));
        let pile = piles.entry((Some(party), slot)).or_default();
        pile.exact = pile.exact.add(amount)?;
        pile.lines.push(part);
    }
    let any_named = !piles.is_empty();
    let rest = net.sub(named)?;
    if !rest.is_zero() || !any_named {
        let slot = slot_of(own, invoice.day);
        let pile = piles.entry((own, slot)).or_default();
        let listed = sum(&nameless)?;
        pile.exact = pile.exact.add(rest)?;
        pile.lines.append(&mut nameless);
        let beyond = rest.sub(listed)?;
        if !beyond.is_zero() && !pile.lines.is_empty() {
            pile.lines.push(PartLine { description: None, quantity: None, amount: beyond, one_off: false });
        }
    }
    finish(header, piles, any_named, profile)
}

/// The one part of a document without lines.
pub fn whole<'a>(header: &Header<'a>, slot: Option<Slot>, profile: &SideProfile) -> Result<Part<'a>, Reason> {
    let invoice = &header.invoice;
    let (exact, _) = net_of(header, profile)?;
    Ok(Part {
        party: header.party,
        slot,
        remainder: false,
        net: to_minor(exact, invoice.currency, profile.round_mode)?,
        exact,
        tax: invoice.tax.map(|tax| to_minor(tax, invoice.currency, profile.round_mode)).transpose()?,
        lines: Vec::new(),
    })
}

fn finish<'a>(
    header: &Header<'a>,
    piles: BTreeMap<(Option<Party<'a>>, Option<Slot>), Pile<'a>>,
    any_named: bool,
    profile: &SideProfile,
) -> Result<Vec<Part<'a>>, Reason> {
    let invoice = &header.invoice;
    let nets: Vec<Exact> = piles.values().map(|p| p.exact).collect();
    let taxes = match invoice.tax {
        Some(tax) => split_tax(to_minor(tax, invoice.currency, profile.round_mode)?, &nets)?.into_iter().map(Some).collect(),
        None => vec![None; nets.len()],
    };
    let mut parts = Vec::with_capacity(piles.len());
    for (((party, slot), pile), tax) in piles.into_iter().zip(taxes) {
        let net = round_part(&pile, invoice.currency, profile.round_per, profile.round_mode)?;
        parts.push(Part { party, slot, remainder: any_named && party.is_none(), net, exact: pile.exact, tax, lines: pile.lines });
    }
    Ok(parts)
}

/// The document's signed net amount, and what its lines are multiplied with to be net too.
pub fn net_of(header: &Header<'_>, profile: &SideProfile) -> Result<(Exact, Exact), Reason> {
    let invoice = &header.invoice;
    if !profile.tax_inclusive {
        return Ok((invoice.subtotal, Exact::ONE));
    }
    let net = invoice.subtotal.sub(invoice.tax.ok_or(Reason::Missing)?)?;
    let scale = if invoice.subtotal.is_zero() { Exact::ONE } else { net.div(invoice.subtotal)? };
    Ok((net, scale))
}

/// A line's signed amount in major units.
pub fn line_amount(header: &Header<'_>, kind: LineKind, amount: Exact, profile: &SideProfile) -> Result<Exact, NumberError> {
    let invoice = &header.invoice;
    let amount = profile.major(amount, invoice.currency)?;
    let credit_document = invoice.kind == DocumentKind::Credit && profile.credits_positive;
    let takes_away = profile.credits_positive
        && match kind {
            LineKind::Charge | LineKind::Tax | LineKind::OneOff => credit_document,
            LineKind::Credit => true,
            LineKind::Discount => !credit_document,
        };
    if takes_away { amount.neg() } else { Ok(amount) }
}

fn sum(lines: &[PartLine<'_>]) -> Result<Exact, NumberError> {
    lines.iter().try_fold(Exact::ZERO, |total, line| total.add(line.amount))
}

fn round_part(pile: &Pile<'_>, currency: crate::domain::currency::Currency, per: Stage, mode: RoundMode) -> Result<Money, NumberError> {
    if per == Stage::Invoice || pile.lines.is_empty() {
        return to_minor(pile.exact, currency, mode);
    }
    let mut total = Money::zero(currency);
    for line in &pile.lines {
        total = to_minor(line.amount, currency, mode)?.plus(total).ok_or(NumberError::Overflow)?;
    }
    let rest = pile.exact.sub(sum(&pile.lines)?)?;
    to_minor(rest, currency, mode)?.plus(total).ok_or(NumberError::Overflow)
}

/// Splits a tax over net amounts in whole minor units: what is left over goes to the largest remainders, then in the given order.
fn split_tax(tax: Money, nets: &[Exact]) -> Result<Vec<Money>, NumberError> {
    let total = nets.iter().try_fold(Exact::ZERO, |sum, net| sum.add(*net))?;
    if nets.len() == 1 || total.is_zero() {
        let rest = nets.len().saturating_sub(1);
        return Ok(std::iter::once(tax).chain(std::iter::repeat_n(Money::zero(tax.currency), rest)).collect());
    }
    let whole = Exact::whole(i128::from(tax.minor));
    let mut shares = Vec::with_capacity(nets.len());
    for net in nets {
        let share = whole.mul(*net)?.div(total)?;
        let floor = share.num().div_euclid(share.den());
        shares.push((i64::try_from(floor).map_err(|_| NumberError::Overflow)?, share.sub(Exact::whole(floor))?));
    }
    let given: i64 = shares.iter().map(|(floor, _)| floor).sum();
    let mut order: Vec<usize> = (0..shares.len()).collect();
    order.sort_by(|a, b| shares[*b].1.cmp(&shares[*a].1).then(a.cmp(b)));
    let left = usize::try_from(tax.minor - given).unwrap_or(0);
    for at in order.into_iter().take(left) {
        shares[at].0 += 1;
    }
    Ok(shares.into_iter().map(|(minor, _)| Money::new(minor, tax.currency)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::currency::Currency;

    #[test]
    fn tax_parts_add_up_to_the_tax() {
        let cad = Currency::known("CAD").unwrap();
        let nets: Vec<Exact> = ["25", "30", "50"].iter().map(|t| t.parse().unwrap()).collect();
        let parts = split_tax(Money::new(1365, cad), &nets).unwrap();
        assert_eq!(parts.iter().map(|m| m.minor).collect::<Vec<_>>(), [325, 390, 650]);
        let thirds: Vec<Exact> = vec![Exact::ONE; 3];
        assert_eq!(split_tax(Money::new(100, cad), &thirds).unwrap().iter().map(|m| m.minor).collect::<Vec<_>>(), [34, 33, 33]);
        assert_eq!(split_tax(Money::new(-100, cad), &thirds).unwrap().iter().map(|m| m.minor).sum::<i64>(), -100);
    }
}

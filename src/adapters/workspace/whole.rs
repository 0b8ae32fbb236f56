//! A row of a [block](super::block) whole, with the details that lists never read.

use super::block::{self, MORE, Monies, given};
use super::unpack::{Line, NO_DAY, day};
use crate::domain::exact::Exact;
use crate::domain::pack::{Bent, Cut};
use crate::domain::records::DocumentKind;
use crate::domain::row::{AppliedTax, DocumentPart, LinePart, RatingInputs, ReconRow, Stretch, SubscriptionFacts};
use crate::domain::side::Side;
use crate::domain::text::Untrusted;
use chrono::{Datelike, NaiveDate};

impl Line<'_> {
    /// The row whole, from the details of its block.
    pub fn row(&self, details: &[u8]) -> Result<ReconRow, Bent> {
        let mut cut = Cut::new(details.get(self.detail.clone()).ok_or(Bent("the details of a row are missing"))?);
        let block = self.block;
        let first = cut.number()?;
        let has = |what: u64| first & what != 0;
        let customer_id = if has(block::detail::CUSTOMER) { Some(untrusted(&mut cut)?) } else { None };
        let why = if has(block::detail::WHY) { Some(block.named(&mut cut)?.into_owned()) } else { None };
        let mut deployments = Vec::new();
        if has(block::detail::DEPLOYMENTS) {
            let count = cut.count()?;
            deployments = (0..count).map(|_| untrusted(&mut cut)).collect::<Result<_, _>>()?;
        }
        let plain = SubscriptionFacts::plain(self.period.start);
        let source = if has(block::detail::SOURCE) { Some(self.facts(&mut cut, &plain)?) } else { None };
        let target = if has(block::detail::TARGET) { Some(self.facts(&mut cut, source.as_ref().unwrap_or(&plain))?) } else { None };
        let count = count(&mut cut, first & MORE)?;
        let base = target.as_ref().unwrap_or(&plain);
        let inputs = (0..count).map(|_| self.inputs(&mut cut, base)).collect::<Result<_, _>>()?;
        let documents = self.documents(&mut cut)?;
        cut.end()?;
        let known = source.as_ref().or(target.as_ref()).map(|f| f.customer_id.clone());
        let Monies { actual, expected, delta, actual_tax, expected_tax, delta_tax, rated, drafted } = self.monies;
        Ok(ReconRow {
            subject: self.subject,
            key: Untrusted::new(self.key().text()?),
            period: self.period,
            customer: Untrusted::new(self.word(self.customer)?),
            customer_id: customer_id.or(known).ok_or(Bent("a customer of it is missing"))?,
            plan: Untrusted::new(self.word(self.plan)?),
            verdict: self.verdict,
            basis: self.basis,
            actual,
            expected,
            delta,
            exact_delta: self.exact_delta,
            actual_tax,
            expected_tax,
            delta_tax,
            rated,
            drafted,
            documents,
            deployments,
            why,
            source,
            target,
            inputs,
            review: self.review,
        })
    }

    fn facts(&self, cut: &mut Cut<'_>, base: &SubscriptionFacts) -> Result<SubscriptionFacts, Bent> {
        let mask = cut.number()?;
        let differs = |what: u64| mask & what != 0;
        let mut facts = base.clone();
        if differs(block::facts::CUSTOMER) {
            facts.customer_id = untrusted(cut)?;
        }
        if differs(block::facts::PLAN) {
            facts.plan_id = Untrusted::new(self.block.named(cut)?);
        }
        if differs(block::facts::STARTED) {
            facts.started_on = near(cut, self.period.start)?;
        }
        for (which, date) in [(block::facts::ENDED, &mut facts.ended_on), (block::facts::TRIAL, &mut facts.trial_end)] {
            if differs(which) {
                *date = if flag(cut)? { Some(near(cut, self.period.start)?) } else { None };
            }
        }
        if differs(block::facts::QUANTITY) {
            facts.quantity = cut.exact()?;
        }
        if differs(block::facts::OVERRIDE) {
            facts.price_override = if flag(cut)? { Some(cut.exact()?) } else { None };
        }
        if differs(block::facts::DISCOUNT) {
            facts.discount_percent = cut.exact()?;
        }
        facts.due ^= differs(block::facts::DUE);
        if differs(block::facts::STATUS) {
            facts.status = self.block.named(cut)?.into_owned().into();
        }
        Ok(facts)
    }

    fn inputs(&self, cut: &mut Cut<'_>, base: &SubscriptionFacts) -> Result<RatingInputs, Bent> {
        let mask = cut.number()?;
        let differs = |what: u64| mask & what != 0;
        let mut usage = Vec::new();
        if differs(block::inputs::USAGE) {
            let count = cut.count()?;
            usage = (0..count).map(|_| Ok((self.block.named(cut)?.into_owned(), cut.exact()?))).collect::<Result<_, Bent>>()?;
        }
        let mut taxes = None;
        if differs(block::inputs::TAXES) {
            let count = cut.count()?;
            let tax = |_| Ok(AppliedTax { name: Untrusted::new(self.block.named(cut)?), rate: cut.exact()? });
            taxes = Some((0..count).map(tax).collect::<Result<_, Bent>>()?);
        }
        let plan_id = if differs(block::inputs::PLAN) { self.block.named(cut)?.into_owned() } else { base.plan_id.raw().to_owned() };
        let quantity = if differs(block::inputs::QUANTITY) { cut.exact()? } else { base.quantity };
        let price_override = match differs(block::inputs::OVERRIDE) {
            false => base.price_override,
            true if flag(cut)? => Some(cut.exact()?),
            true => None,
        };
        let discount_percent = if differs(block::inputs::DISCOUNT) { cut.exact()? } else { base.discount_percent };
        let days = if differs(block::inputs::DAYS) { cut.signed()? } else { block::days_of(self.period) };
        let of_days = if differs(block::inputs::OF_DAYS) { cut.signed()? } else { days };
        let mut stretches = Vec::new();
        if differs(block::inputs::STRETCHES) {
            let count = cut.count()?;
            stretches = (0..count).map(|_| self.stretch(cut)).collect::<Result<_, Bent>>()?;
        }
        Ok(RatingInputs { plan_id, quantity, price_override, discount_percent, days, of_days, usage, taxes, stretches })
    }

    fn stretch(&self, cut: &mut Cut<'_>) -> Result<Stretch, Bent> {
        Ok(Stretch {
            from: near(cut, self.period.start)?,
            plan_id: self.block.named(cut)?.into_owned(),
            price: cut.exact()?,
            overridden: flag(cut)?,
            quantity: cut.exact()?,
            days: cut.signed()?,
        })
    }

    fn documents(&self, cut: &mut Cut<'_>) -> Result<Vec<DocumentPart>, Bent> {
        let mut listed = self.documents;
        let mut documents = Vec::with_capacity(listed.left);
        while let Some((side, id)) = listed.next()? {
            documents.push(self.document(cut, side, Untrusted::new(id.text()?))?);
        }
        Ok(documents)
    }

    fn document(&self, cut: &mut Cut<'_>, side: Side, id: Untrusted) -> Result<DocumentPart, Bent> {
        let (told_net, told_tax) = self.monies.told_of_document(side);
        let mask = cut.number()?;
        let has = |what: u64| mask & what != 0;
        let lines = count(cut, mask >> block::document::LINES & MORE)?;
        let number = match mask >> block::document::NUMBER & 3 {
            given::NONE => None,
            given::TOLD => Some(id.clone()),
            _ => Some(untrusted(cut)?),
        };
        let issued_on = if has(block::document::ISSUED) { Some(near(cut, self.period.end)?) } else { None };
        let net = if has(block::document::NET) { self.block.money(cut)? } else { told_net.ok_or(Bent("an amount of a document is missing"))? };
        let exact = if has(block::document::EXACT) { Some(cut.exact()?) } else { net.exact().ok() };
        let exact = exact.ok_or(Bent("an exact amount of a document is missing"))?;
        let tax = match mask >> block::document::TAX & 3 {
            given::NONE => None,
            given::TOLD => Some(told_tax.ok_or(Bent("a tax of a document is missing"))?),
            _ => Some(self.block.money(cut)?),
        };
        let kind = if has(block::document::CREDIT) { DocumentKind::Credit } else { DocumentKind::Charge };
        let lines = (0..lines).map(|_| self.line(cut, exact)).collect::<Result<_, _>>()?;
        Ok(DocumentPart { side, id, number, kind, issued_on, net, exact, tax, lines })
    }

    fn line(&self, cut: &mut Cut<'_>, told: Exact) -> Result<LinePart, Bent> {
        let mask = cut.number()?;
        let description = if mask & block::line::DESCRIPTION != 0 { Some(Untrusted::new(self.block.named(cut)?)) } else { None };
        let quantity = match mask >> block::line::QUANTITY & 3 {
            given::NONE => None,
            given::TOLD => Some(Exact::ONE),
            _ => Some(cut.exact()?),
        };
        let amount = if mask & block::line::AMOUNT != 0 { cut.exact()? } else { told };
        Ok(LinePart { description, quantity, amount, one_off: mask & block::line::ONE_OFF != 0 })
    }
}

fn untrusted(cut: &mut Cut<'_>) -> Result<Untrusted, Bent> {
    Ok(Untrusted::new(cut.id()?.0.text()?))
}

fn flag(cut: &mut Cut<'_>) -> Result<bool, Bent> {
    match cut.byte()? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(Bent("a yes or no of it is neither")),
    }
}

/// A count of which two bits are known.
fn count(cut: &mut Cut<'_>, small: u64) -> Result<usize, Bent> {
    if small == MORE { cut.count() } else { usize::try_from(small).map_err(|_| Bent("a count of it is too long")) }
}

fn near(cut: &mut Cut<'_>, date: NaiveDate) -> Result<NaiveDate, Bent> {
    let days = i64::from(date.num_days_from_ce()).checked_add(cut.signed()?);
    days.map_or(Err(NO_DAY), day)
}

//! What a document's record says, from the side that wrote it to the part of the book where it is judged.

use super::documents::Header;
use super::parts::Part;
use crate::domain::currency::Currency;
use crate::domain::exact::Exact;
use crate::domain::key::{KeyRef, UUID_TEXT};
use crate::domain::money::Money;
use crate::domain::pack::{Bent, Cut, Pen};
use crate::domain::period::Period;
use crate::domain::records::{DocumentKind, InvoiceLine};
use crate::domain::row::{DocumentPart, LinePart};
use crate::domain::side::Side;
use crate::domain::text::Untrusted;
use chrono::NaiveDate;

const CREDIT: u8 = 1;
const REMAINDER: u8 = 2;
const SPLIT: u8 = 4;
const TAXED: u8 = 8;
const COVERS: u8 = 16;
const INCLUSIVE: u8 = 32;

/// Writes a part with the facts of its document. `serial` names a document of which there may be several parts.
pub(super) fn write(pen: &mut Pen, header: &Header<'_>, part: &Part<'_>, serial: Option<u64>) {
    let invoice = &header.invoice;
    let covers = invoice.covers.and_then(|(start, end)| Some(Period { start, end: end? })).filter(|_| serial.is_none() && part.party.is_some());
    let inclusive = serial.is_none() && invoice.subtotal != part.exact;
    let mut flags = 0;
    for (is, flag) in [
        (invoice.kind == DocumentKind::Credit, CREDIT),
        (part.remainder, REMAINDER),
        (serial.is_some(), SPLIT),
        (part.tax.is_some(), TAXED),
        (covers.is_some(), COVERS),
        (inclusive, INCLUSIVE),
    ] {
        flags |= if is { flag } else { 0 };
    }
    pen.byte(flags);
    pen.text(invoice.id);
    pen.maybe_text(invoice.number);
    pen.maybe_text(invoice.customer_id);
    pen.maybe_day(invoice.issued_on);
    pen.currency(part.net.currency);
    pen.signed(part.net.minor);
    pen.exact(part.exact);
    if let Some(tax) = part.tax {
        pen.signed(tax.minor);
    }
    if let Some(period) = covers {
        pen.day(period.start);
        pen.day(period.end);
    }
    match serial {
        None => {
            pen.day(invoice.day);
            pen.maybe_exact(invoice.tax);
            if inclusive {
                pen.exact(invoice.subtotal);
            }
        }
        Some(serial) => {
            pen.whole(serial);
            pen.whole(part.lines.len() as u64);
            for line in &part.lines {
                pen.maybe_text(line.description);
                pen.maybe_exact(line.quantity);
                pen.exact(line.amount);
                pen.flag(line.one_off);
            }
        }
    }
}

/// A document's part where it is judged.
#[derive(Debug, Clone)]
pub struct Posted {
    /// Names the document, where it may have several parts.
    pub serial: Option<u64>,
    /// True for the rest of a document whose lines name subscriptions.
    pub remainder: bool,
    /// Its customer, by the side's own id.
    pub customer_id: Option<Untrusted>,
    /// The days it covers, where it says so, is a charge and was not split.
    pub covers: Option<Period>,
    /// As rows keep it.
    pub document: DocumentPart,
    /// What the digest takes of a document that was not split.
    pub whole: Option<WholeDocument>,
}

/// Facts of a document that only the digest of what was read takes.
#[derive(Debug, Clone, Copy)]
pub struct WholeDocument {
    /// The day that decided its period.
    pub day: NaiveDate,
    /// As read.
    pub subtotal: Exact,
    /// As read.
    pub tax: Option<Exact>,
}

/// Reads what [`write`] wrote.
pub(crate) fn read(record: &mut Cut<'_>, side: Side) -> Result<Posted, Bent> {
    let flags = record.byte()?;
    let has = |flag: u8| flags & flag != 0;
    let id = Untrusted::new(record.text()?);
    let number = record.maybe_text()?.map(Untrusted::new);
    let customer_id = record.maybe_text()?.map(Untrusted::new);
    let issued_on = record.maybe_day()?;
    let currency = record.currency()?;
    let net = Money::new(record.signed()?, currency);
    let exact = record.exact()?;
    let tax = if has(TAXED) { Some(Money::new(record.signed()?, currency)) } else { None };
    let kind = if has(CREDIT) { DocumentKind::Credit } else { DocumentKind::Charge };
    let covers = if has(COVERS) { Some(Period { start: record.day()?, end: record.day()? }) } else { None };
    let (mut serial, mut lines, mut whole) = (None, Vec::new(), None);
    if has(SPLIT) {
        serial = Some(record.number()?);
        for _ in 0..record.count()? {
            let description = record.maybe_text()?.map(Untrusted::new);
            lines.push(LinePart { description, quantity: record.maybe_exact()?, amount: record.exact()?, one_off: record.flag()? });
        }
    } else {
        let (day, tax) = (record.day()?, record.maybe_exact()?);
        whole = Some(WholeDocument { day, subtotal: if has(INCLUSIVE) { record.exact()? } else { exact }, tax });
    }
    let covers = covers.filter(|_| kind == DocumentKind::Charge);
    let document = DocumentPart { side, id, number, kind, issued_on, net, exact, tax, lines };
    Ok(Posted { serial, remainder: has(REMAINDER), customer_id, covers, document, whole })
}

/// What the digest of what was read takes of a document.
#[derive(Debug)]
pub struct DigestDocument<'a> {
    /// Its id.
    pub id: &'a str,
    /// The subscription it names.
    pub key: Option<&'a str>,
    /// The word of its bucket.
    pub bucket: &'a str,
    /// The day that decided its period.
    pub day: NaiveDate,
    /// Its currency.
    pub currency: Currency,
    /// As read.
    pub subtotal: Exact,
    /// As read.
    pub tax: Option<Exact>,
}

impl DigestDocument<'_> {
    /// Writes it in the one form it has.
    pub fn write(&self, pen: &mut Pen) {
        pen.text(self.id);
        pen.maybe_text(self.key);
        pen.text(self.bucket);
        pen.day(self.day);
        pen.currency(self.currency);
        pen.canonical(self.subtotal);
        pen.flag(self.tax.is_some());
        if let Some(tax) = self.tax {
            pen.canonical(tax);
        }
    }
}

/// Writes a document as the digest takes it, lines and all.
pub(super) fn write_mark(pen: &mut Pen, header: &Header<'_>) {
    let invoice = &header.invoice;
    let mut buffer = [0; UUID_TEXT];
    let document = DigestDocument {
        id: invoice.id,
        key: invoice.subscription.map(|key| key.as_str(&mut buffer)),
        bucket: header.bucket.word(),
        day: invoice.day,
        currency: invoice.currency,
        subtotal: invoice.subtotal,
        tax: invoice.tax,
    };
    document.write(pen);
    // Lines come in the server's order, which is none.
    let mut lines: Vec<(Option<KeyRef<'_>>, Exact)> = header.lines.iter().map(|l: &InvoiceLine<'_>| (l.subscription, l.amount)).collect();
    lines.sort_unstable();
    pen.whole(lines.len() as u64);
    for (key, amount) in lines {
        pen.maybe_text(key.map(|k| k.as_str(&mut buffer)));
        pen.canonical(amount);
    }
}

/// Writes the days a document covers.
pub(super) fn write_cover(pen: &mut Pen, id: &str, period: Period) {
    pen.text(id);
    pen.day(period.start);
    pen.day(period.end);
}

/// Reads what [`write_cover`] wrote.
pub(crate) fn read_cover<'a>(record: &mut Cut<'a>) -> Result<(Period, &'a str), Bent> {
    let id = record.text()?;
    Ok((Period { start: record.day()?, end: record.day()? }, id))
}

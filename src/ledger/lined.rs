//! Documents of a side that has lines: headers and lines wait, parted by document id, until both were read; then each document is
//! put together and posted.

use super::books::Books;
use super::documents::{Documents, Header, Onlooker};
use super::movements::{Piles, records};
use super::repeated::settle_repeated;
use crate::domain::decode::Row;
use crate::domain::key::{KeyRef, UUID_TEXT};
use crate::domain::pack::{Bent, Cut, Pen};
use crate::domain::profile::DocumentState;
use crate::domain::records::{DocumentKind, DocumentStatus, Invoice, InvoiceLine, LineKind};
use crate::domain::side::Side;
use crate::domain::text::Untrusted;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher;

/// Headers and lines on their way to each other.
#[derive(Debug)]
pub struct Lined {
    side: Side,
    /// Records by the hash of the document's id.
    pub piles: Piles,
    pen: Pen,
    hasher: hashbrown::DefaultHashBuilder,
}

/// Parts documents are divided into.
pub const PARTS: usize = 64;
/// Stray lines kept for listing.
const STRAYS: usize = 100_000;

const HEADER: u8 = 0;
const LINE: u8 = 1;
/// A header that cannot be read: its lines are no strays.
const BROKEN: u8 = 2;
/// A document of which a line cannot be read.
const TORN: u8 = 3;

const STATES: [DocumentState; 3] = [DocumentState::Billable, DocumentState::Void, DocumentState::Draft];
const LINES: [LineKind; 5] = [LineKind::Charge, LineKind::Credit, LineKind::Discount, LineKind::Tax, LineKind::OneOff];

impl Lined {
    /// None yet.
    pub fn new(side: Side) -> Self {
        Self { side, piles: Piles::new(PARTS), pen: Pen::default(), hasher: hashbrown::DefaultHashBuilder::default() }
    }

    fn lay(&mut self, id: &str) {
        let part = usize::try_from(self.hasher.hash_one(id) >> 58).unwrap_or(0);
        self.piles.lay(part, &self.pen);
    }

    fn lay_word(&mut self, word: u8, id: &str) {
        self.pen.clear();
        self.pen.byte(word);
        self.pen.text(id);
        self.lay(id);
    }

    /// Takes a header.
    pub fn push_header(&mut self, row: &Row<'_>, books: &Books, documents: &mut Documents) {
        documents.read += 1;
        let mut scratch = String::new();
        match Invoice::read(row, books.profile.currency, &mut scratch) {
            Ok(invoice) => {
                self.pen.clear();
                self.pen.byte(HEADER);
                write_header(&mut self.pen, &invoice);
                self.lay(invoice.id);
            }
            Err(bad) => {
                documents.spoil_header(bad.subscription.as_ref(), bad.day, books);
                if let Some(id) = &bad.id {
                    self.lay_word(BROKEN, id);
                }
                documents.errors.push(*bad.error);
            }
        }
    }

    /// Takes a line. All headers must have been taken before.
    pub fn push_line(&mut self, row: &Row<'_>, books: &Books, documents: &mut Documents) {
        let mut scratch = String::new();
        match InvoiceLine::read(row, &mut scratch) {
            Ok(line) => {
                self.pen.clear();
                self.pen.byte(LINE);
                write_line(&mut self.pen, &line);
                self.lay(line.invoice_id);
            }
            Err(bad) => {
                if let Some(key) = &bad.subscription {
                    documents.spoil(key.as_ref(), None, books);
                }
                if let Some(id) = &bad.invoice_id {
                    self.lay_word(TORN, id);
                }
                documents.errors.push(*bad.error);
            }
        }
    }

    /// Puts the documents of a pile together and posts them.
    pub fn post(&self, pile: &[u8], books: &Books, documents: &mut Documents, look: &mut impl Onlooker) -> Result<(), Bent> {
        let mut invoices: Vec<Invoice<'_>> = Vec::new();
        let mut repeated: HashSet<&str> = HashSet::new();
        let mut first: HashMap<&str, usize> = HashMap::new();
        let (mut broken, mut torn): (HashSet<&str>, HashSet<&str>) = (HashSet::new(), HashSet::new());
        let mut lines: Vec<InvoiceLine<'_>> = Vec::new();
        for record in records(pile) {
            let (_, mut record) = record?;
            match record.byte()? {
                HEADER => {
                    let invoice = read_header(&mut record)?;
                    match first.entry(invoice.id) {
                        Entry::Occupied(_) => {
                            repeated.insert(invoice.id);
                        }
                        Entry::Vacant(free) => {
                            free.insert(invoices.len());
                        }
                    }
                    invoices.push(invoice);
                }
                LINE => lines.push(read_line(&mut record)?),
                BROKEN => {
                    broken.insert(record.text()?);
                }
                TORN => {
                    torn.insert(record.text()?);
                }
                _ => return Err(Bent("a record of no kind")),
            }
        }
        let mut headers: Vec<Header<'_>> = invoices.into_iter().map(|invoice| Header::new(invoice, Vec::new(), books, self.side)).collect();
        for line in lines {
            match first.get(line.invoice_id) {
                Some(at) => headers[*at].lines.push(line),
                None if broken.contains(line.invoice_id) => {
                    if let Some(key) = line.subscription {
                        documents.spoil(key, None, books);
                    }
                }
                None if documents.stray_lines.len() < STRAYS => documents.stray_lines.push(Untrusted::new(line.invoice_id)),
                None => {}
            }
        }
        settle_repeated(&mut headers, &repeated, books.profile.side(self.side));
        for header in headers {
            let Header { invoice, mut lines, .. } = header;
            lines.sort();
            let header = Header::new(invoice, lines, books, self.side);
            if torn.contains(invoice.id) {
                for key in header.keys() {
                    documents.spoil(key, None, books);
                }
            }
            documents.post(header, books, look);
        }
        Ok(())
    }
}

fn write_key(pen: &mut Pen, key: Option<KeyRef<'_>>) {
    pen.maybe_text(key.map(|k| k.as_str(&mut [0; UUID_TEXT]).to_owned()).as_deref());
}

fn write_header(pen: &mut Pen, i: &Invoice<'_>) {
    pen.text(i.id);
    pen.maybe_text(i.number);
    write_key(pen, i.subscription);
    pen.flag(i.blank_subscription);
    pen.maybe_text(i.customer_id);
    pen.byte(match i.status {
        DocumentStatus::Unknown => 0,
        DocumentStatus::Known(state) => STATES.iter().zip(1..).find(|(s, _)| **s == state).map_or(0, |(_, n)| n),
    });
    pen.flag(i.kind == DocumentKind::Credit);
    pen.day(i.day);
    pen.maybe_day(i.covers.map(|(start, _)| start));
    pen.maybe_day(i.covers.and_then(|(_, end)| end));
    pen.maybe_day(i.issued_on);
    pen.currency(i.currency);
    pen.exact(i.subtotal);
    pen.maybe_exact(i.tax);
    pen.maybe_exact(i.total);
}

fn read_header<'a>(r: &mut Cut<'a>) -> Result<Invoice<'a>, Bent> {
    let (id, number) = (r.text()?, r.maybe_text()?);
    let (subscription, blank_subscription, customer_id) = (r.maybe_text()?.map(KeyRef::stored), r.flag()?, r.maybe_text()?);
    let status = match usize::from(r.byte()?).checked_sub(1) {
        None => DocumentStatus::Unknown,
        Some(n) => DocumentStatus::Known(*STATES.get(n).ok_or(Bent("a status of it is none"))?),
    };
    let kind = if r.flag()? { DocumentKind::Credit } else { DocumentKind::Charge };
    let day = r.day()?;
    let (start, end) = (r.maybe_day()?, r.maybe_day()?);
    let issued_on = r.maybe_day()?;
    let currency = r.currency()?;
    let (subtotal, tax, total) = (r.exact()?, r.maybe_exact()?, r.maybe_exact()?);
    let covers = start.map(|start| (start, end));
    Ok(Invoice { id, number, subscription, blank_subscription, customer_id, status, kind, day, covers, issued_on, currency, subtotal, tax, total })
}

fn write_line(pen: &mut Pen, l: &InvoiceLine<'_>) {
    pen.text(l.invoice_id);
    write_key(pen, l.subscription);
    pen.maybe_day(l.day);
    pen.byte(LINES.iter().zip(0..).find(|(k, _)| **k == l.kind).map_or(0, |(_, n)| n));
    pen.maybe_text(l.description);
    pen.exact(l.amount);
    pen.maybe_exact(l.quantity);
}

fn read_line<'a>(r: &mut Cut<'a>) -> Result<InvoiceLine<'a>, Bent> {
    let (invoice_id, subscription, day) = (r.text()?, r.maybe_text()?.map(KeyRef::stored), r.maybe_day()?);
    let kind = LINES.get(usize::from(r.byte()?)).copied().ok_or(Bent("a line of no kind"))?;
    Ok(InvoiceLine { invoice_id, subscription, day, kind, description: r.maybe_text()?, amount: r.exact()?, quantity: r.maybe_exact()? })
}

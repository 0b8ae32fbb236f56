//! Invoices, credit notes and their lines.

use super::catalogue::{currency, filled};
use crate::domain::calendar::months_after;
use crate::domain::contract::Column;
use crate::domain::contract::columns::{invoices, lines};
use crate::domain::currency::Currency;
use crate::domain::decode::{Reason, Row, RowError};
use crate::domain::exact::Exact;
use crate::domain::key::{Key, KeyRef};
use crate::domain::profile::{DocumentState, Ends, PeriodRule};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// What a document's status means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DocumentStatus {
    /// A word of the vocabulary.
    Known(DocumentState),
    /// NULL or another word: a finding that fails.
    Unknown,
}

/// Whether a document adds or takes away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// An invoice.
    Charge,
    /// A credit note.
    Credit,
}

/// First day a document covers, and the first it does not, where it says so.
pub type Covered = (NaiveDate, Option<NaiveDate>);

/// A document's header, as long as what it was read from is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Invoice<'a> {
    /// The side's own id. Not always unique: that is a finding.
    pub id: &'a str,
    /// Number for people.
    pub number: Option<&'a str>,
    /// The subscription its header names.
    pub subscription: Option<KeyRef<'a>>,
    /// True where the header's subscription id is blanks only (not NULL, not empty).
    pub blank_subscription: bool,
    /// Its customer, by the side's own id.
    pub customer_id: Option<&'a str>,
    /// What its status means.
    pub status: DocumentStatus,
    /// Adds or takes away.
    pub kind: DocumentKind,
    /// The local day that decides its period.
    pub day: NaiveDate,
    /// The days it says it covers, half-open, where it says so.
    pub covers: Option<Covered>,
    /// The day it was issued.
    pub issued_on: Option<NaiveDate>,
    /// Its currency.
    pub currency: Currency,
    /// Signed net amount in major units: a credit is below nought. Holds tax on a tax-inclusive side.
    pub subtotal: Exact,
    /// Signed tax, where stored.
    pub tax: Option<Exact>,
    /// Signed total, where stored.
    pub total: Option<Exact>,
}

/// An unreadable header, and whose actual amount can therefore not be known.
#[derive(Debug)]
pub struct InvoiceError {
    /// What is listed.
    pub error: Box<RowError>,
    /// Its id, where that much could be read.
    pub id: Option<String>,
    /// The subscription its header names, where that much could be read.
    pub subscription: Option<Key>,
    /// The day that decides its period, where that much could be read.
    pub day: Option<NaiveDate>,
}

impl<'a> Invoice<'a> {
    /// Reads a row. `scratch` holds a key whose normal form is no part of the row.
    pub fn read(row: &Row<'a>, default_currency: Option<Currency>, scratch: &'a mut String) -> Result<Self, Box<InvoiceError>> {
        let subscription = row.key_ref(invoices::SUBSCRIPTION_ID, scratch);
        let day = document_day(row);
        read_header(row, default_currency, subscription, day).map_err(|error| {
            let subscription = subscription.ok().flatten().map(KeyRef::to_key);
            Box::new(InvoiceError { error, id: row.id(invoices::ID).ok().map(ToOwned::to_owned), subscription, day: day.ok() })
        })
    }
}

fn read_header<'a>(
    row: &Row<'a>,
    default_currency: Option<Currency>,
    subscription: Result<Option<KeyRef<'a>>, Reason>,
    day: Result<NaiveDate, (Column, Reason)>,
) -> Result<Invoice<'a>, Box<RowError>> {
    let err = |column: Column, r: Reason| row.error(&row.display_id(&[invoices::ID]), column, r);
    let id = row.id(invoices::ID).map_err(|r| err(invoices::ID, r))?;
    let text = |column: Column| row.words(column).map_err(|r| err(column, r));
    let subscription = subscription.map_err(|r| err(invoices::SUBSCRIPTION_ID, r))?;
    let day = day.map_err(|(column, r)| err(column, r))?;
    let currency = currency(row, invoices::CURRENCY)
        .map_err(|r| err(invoices::CURRENCY, r))?
        .or(default_currency)
        .ok_or_else(|| err(invoices::CURRENCY, Reason::UnknownCurrency))?;
    let kind = document_kind(row).map_err(|r| err(invoices::KIND, r))?;
    let flip = kind == DocumentKind::Credit && row.profile().credits_positive;
    let amount = |column: Column| -> Result<Option<Exact>, Box<RowError>> {
        let Some(value) = row.number(column).map_err(|r| err(column, r))? else { return Ok(None) };
        let value = row.profile().major(value, currency).map_err(|r| err(column, r.into()))?;
        if flip { value.neg().map(Some).map_err(|e| err(column, e.into())) } else { Ok(Some(value)) }
    };
    let blank = subscription.is_none() && text(invoices::SUBSCRIPTION_ID)?.is_some_and(|t| !t.is_empty());
    let word = text(invoices::STATUS)?;
    let status = word.and_then(|w| row.profile().vocabulary.documents.get(w));
    Ok(Invoice {
        id,
        number: filled(text(invoices::NUMBER)?),
        subscription,
        blank_subscription: blank,
        customer_id: filled(text(invoices::CUSTOMER_ID)?),
        status: status.map_or(DocumentStatus::Unknown, |s| DocumentStatus::Known(*s)),
        kind,
        day,
        covers: covers(row).map_err(|(column, r)| err(column, r))?,
        issued_on: row.day(invoices::ISSUED_ON).map_err(|r| err(invoices::ISSUED_ON, r))?,
        currency,
        subtotal: amount(invoices::SUBTOTAL)?.ok_or_else(|| err(invoices::SUBTOTAL, Reason::Missing))?,
        tax: amount(invoices::TAX)?,
        total: amount(invoices::TOTAL)?,
    })
}

fn document_kind(row: &Row<'_>) -> Result<DocumentKind, Reason> {
    match row.words(invoices::KIND)? {
        None | Some("" | "charge" | "invoice") => Ok(DocumentKind::Charge),
        Some("credit" | "credit_note" | "refund") => Ok(DocumentKind::Credit),
        Some(_) => Err(Reason::UnknownWord),
    }
}

/// The day that decides the period: by the side's rule, its fallback, and its shift in months.
fn document_day(row: &Row<'_>) -> Result<NaiveDate, (Column, Reason)> {
    let column = |name: Column| row.day(name).map_err(|r| (name, r));
    let day = match row.profile().period_rule {
        PeriodRule::PeriodColumns => match column(invoices::PERIOD_START)? {
            Some(day) => day,
            None => column(invoices::ISSUED_ON)?.ok_or((invoices::ISSUED_ON, Reason::Missing))?,
        },
        PeriodRule::IssuedOn => column(invoices::ISSUED_ON)?.ok_or((invoices::ISSUED_ON, Reason::Missing))?,
    };
    months_after(day, row.profile().period_shift).ok_or((invoices::ISSUED_ON, Reason::DateOutOfRange))
}

fn covers(row: &Row<'_>) -> Result<Option<Covered>, (Column, Reason)> {
    let Some(start) = row.day(invoices::PERIOD_START).map_err(|r| (invoices::PERIOD_START, r))? else { return Ok(None) };
    let end = match (row.day(invoices::PERIOD_END).map_err(|r| (invoices::PERIOD_END, r))?, row.profile().ends) {
        (Some(last), Ends::Inclusive) => last.succ_opt(),
        (end, _) => end,
    };
    if end.is_some_and(|end| end <= start) {
        return Err((invoices::PERIOD_END, Reason::EndsBeforeStart));
    }
    Ok(Some((start, end)))
}

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// Adds to the document.
    Charge,
    /// Takes away, whatever the document is.
    Credit,
    /// Makes the document less: takes away from an invoice, and from what a credit note gives back.
    Discount,
    /// Tax written as a line: no part of the net amount.
    Tax,
    /// Adds to the document, and is typed as nothing that comes again with the next period.
    OneOff,
}

/// One line of a document, as long as what it was read from is there. Its sign is the document's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct InvoiceLine<'a> {
    /// Its document, by the side's own id.
    pub invoice_id: &'a str,
    /// The subscription it names.
    pub subscription: Option<KeyRef<'a>>,
    /// The day that decides its period, where it has columns of its own.
    pub day: Option<NaiveDate>,
    /// What it is.
    pub kind: LineKind,
    /// Words for people.
    pub description: Option<&'a str>,
    /// As stored, in the side's money unit and unsigned by the document's kind.
    pub amount: Exact,
    /// As stored.
    pub quantity: Option<Exact>,
}

/// An unreadable line, and which document can therefore not be known.
#[derive(Debug)]
pub struct LineError {
    /// What is listed.
    pub error: Box<RowError>,
    /// Its document, where that much could be read.
    pub invoice_id: Option<String>,
    /// The subscription it names, where that much could be read.
    pub subscription: Option<Key>,
}

impl<'a> InvoiceLine<'a> {
    /// Reads a row. `scratch` holds a key whose normal form is no part of the row.
    pub fn read(row: &Row<'a>, scratch: &'a mut String) -> Result<Self, Box<LineError>> {
        let subscription = row.key_ref(lines::SUBSCRIPTION_ID, scratch);
        read_line(row, subscription).map_err(|error| {
            let subscription = subscription.ok().flatten().map(KeyRef::to_key);
            Box::new(LineError { error, invoice_id: row.id(lines::INVOICE_ID).ok().map(ToOwned::to_owned), subscription })
        })
    }
}

/// The words of a line's kind, whatever their case, a hyphen or a blank standing for an underscore; any other is an error, for a line
/// that is no charge must not become one. The words of [`LineKind::OneOff`] are all that count as not recurring: an explanation never
/// guesses it from a description.
fn line_kind(word: &str) -> Option<LineKind> {
    const CHARGES: [&str; 10] = ["", "charge", "flat", "plan", "recurring", "subscription", "usage", "overage", "proration", "product"];
    const ONE_OFF: [&str; 12] = [
        "one_off",
        "oneoff",
        "one_time",
        "onetime",
        "setup",
        "setup_fee",
        "activation",
        "installation",
        "fee",
        "adjustment",
        "manual",
        "non_recurring",
    ];
    let alike = |c: u8| if matches!(c, b'-' | b' ') { b'_' } else { c.to_ascii_lowercase() };
    let is = |words: &[&str]| words.iter().any(|w| w.len() == word.len() && w.bytes().eq(word.bytes().map(alike)));
    match () {
        () if is(&CHARGES) => Some(LineKind::Charge),
        () if is(&ONE_OFF) => Some(LineKind::OneOff),
        () if is(&["credit", "credit_note", "refund"]) => Some(LineKind::Credit),
        () if is(&["discount", "coupon"]) => Some(LineKind::Discount),
        () if is(&["tax", "vat", "gst", "hst", "pst", "qst"]) => Some(LineKind::Tax),
        () => None,
    }
}

/// The day of a line that has one of its own, by the same rule and shift as its document's.
fn line_day(row: &Row<'_>) -> Result<Option<NaiveDate>, Reason> {
    match (row.profile().period_rule, row.day(lines::PERIOD_START)?) {
        (PeriodRule::PeriodColumns, Some(day)) => months_after(day, row.profile().period_shift).map(Some).ok_or(Reason::DateOutOfRange),
        _ => Ok(None),
    }
}

fn read_line<'a>(row: &Row<'a>, subscription: Result<Option<KeyRef<'a>>, Reason>) -> Result<InvoiceLine<'a>, Box<RowError>> {
    let err = |column: Column, r: Reason| row.error(&row.display_id(&[lines::INVOICE_ID]), column, r);
    let word = row.words(lines::KIND).map_err(|r| err(lines::KIND, r))?.unwrap_or_default();
    Ok(InvoiceLine {
        kind: line_kind(word).ok_or_else(|| err(lines::KIND, Reason::UnknownWord))?,
        invoice_id: row.id(lines::INVOICE_ID).map_err(|r| err(lines::INVOICE_ID, r))?,
        subscription: subscription.map_err(|r| err(lines::SUBSCRIPTION_ID, r))?,
        day: line_day(row).map_err(|r| err(lines::PERIOD_START, r))?,
        description: filled(row.words(lines::DESCRIPTION).map_err(|r| err(lines::DESCRIPTION, r))?),
        amount: row.required_number(lines::AMOUNT).map_err(|r| err(lines::AMOUNT, r))?,
        quantity: row.number(lines::QUANTITY).map_err(|r| err(lines::QUANTITY, r))?,
    })
}

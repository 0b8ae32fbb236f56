//! A row that could not be read, in one line: side, entity, id, column, what stood there, why it is no value, and what to do.

use crate::domain::decode::{Reason, RowError};

/// `source invoices "INV-7": subtotal = "NaN": not a number — write a plain decimal number`.
pub fn line(error: &RowError) -> String {
    format!("{error} — {}", remedy(error.reason))
}

/// What to do about it, in the data, the query or the mapping.
pub const fn remedy(reason: Reason) -> &'static str {
    match reason {
        Reason::EmptyId => "give the record its id, or leave it out by the query",
        Reason::Missing => "fill it in, or deliver what stands for it by the query",
        Reason::NotANumber => "correct it in the data, or deliver a plain decimal number by the query",
        Reason::Infinite => "correct it in the data, or deliver NULL where it means no end",
        Reason::TooManyDigits | Reason::Overflow => "correct it in the data: no amount of money has so many digits",
        Reason::NotADate => "correct it in the data, or deliver YYYY-MM-DD by the query",
        Reason::DateOutOfRange => "correct it in the data: years from 1970 to 9998 are read",
        Reason::NoZone => "declare naive_timestamps for this side, or deliver a timestamp with its zone",
        Reason::NotABoolean => "deliver true or false by the query",
        Reason::UnknownCurrency => "correct it in the data, or deliver an ISO 4217 code by the query",
        Reason::NotUtf8 => "correct the bytes in the data, or convert them by the query",
        Reason::NotAKey => "correct the id, or declare the kind of key this side really has",
        Reason::UnknownWord => "deliver one of the contract's words by the query",
        Reason::Negative => "correct it in the data; a credit is a document of kind credit",
        Reason::NotPositive => "correct it in the data, or leave the record out by the query",
        Reason::EndsBeforeStart => "correct the two days in the data",
        Reason::NotTiers => {
            "deliver [{\"up_to\":\"100\",\"unit\":\"0.5\",\"flat\":\"2\"},{\"up_to\":null,…}] by the query: ascending, the last one open"
        }
        Reason::TooLong => "deliver less of it by the query",
    }
}

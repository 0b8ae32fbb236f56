//! Documents that share an id: read twice, or really two. All are counted, none is chosen, and which came first changes nothing.

use super::documents::Header;
use super::parts::line_amount;
use crate::domain::exact::{Exact, NumberError};
use crate::domain::profile::SideProfile;
use crate::domain::records::{Invoice, InvoiceLine, LineKind};
use std::collections::{BTreeMap, HashSet};

/// Puts documents with one id in their own order and gives each the lines it can have: lines name only the id, so where they add up
/// to one of the documents each of them has them all, and where they add up to all documents together each has its share.
pub(super) fn settle_repeated<'a>(headers: &mut [Header<'a>], repeated: &HashSet<&'a str>, profile: &SideProfile) {
    let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, header) in headers.iter().enumerate().filter(|(_, h)| repeated.contains(h.invoice.id)) {
        places.entry(header.invoice.id).or_default().push(at);
    }
    for places in places.into_values() {
        let mut invoices: Vec<Invoice<'a>> = places.iter().filter_map(|at| headers.get(*at)).map(|h| h.invoice).collect();
        let mut lines: Vec<InvoiceLine<'a>> = Vec::new();
        for at in &places {
            lines.append(&mut headers[*at].lines);
        }
        invoices.sort();
        let whole = invoices.iter().try_fold(Exact::ZERO, |sum, i| sum.add(i.subtotal));
        for (n, (at, invoice)) in places.into_iter().zip(invoices).enumerate() {
            headers[at].invoice = invoice;
            headers[at].lines = shared(&headers[at], &lines, whole, n == 0, profile);
        }
    }
}

/// The lines of one of several documents.
fn shared<'a>(
    header: &Header<'a>,
    lines: &[InvoiceLine<'a>],
    whole: Result<Exact, NumberError>,
    first: bool,
    profile: &SideProfile,
) -> Vec<InvoiceLine<'a>> {
    let counted = lines.iter().filter(|l| l.kind != LineKind::Tax);
    let sum = counted.map(|l| line_amount(header, l.kind, l.amount, profile)).try_fold(Exact::ZERO, |sum, amount| sum.add(amount?));
    let subtotal = header.invoice.subtotal;
    match (sum, whole) {
        (Ok(sum), _) if sum == subtotal => lines.to_vec(),
        (Ok(sum), Ok(whole)) if sum == whole && !sum.is_zero() => {
            let share = |l: &InvoiceLine<'a>| Some(InvoiceLine { amount: l.amount.mul(subtotal.div(sum).ok()?).ok()?, ..*l });
            lines.iter().map(share).collect::<Option<_>>().unwrap_or_default()
        }
        // They belong to nobody for certain: the first has them, and what its header holds beyond them follows the header.
        _ if first => lines.to_vec(),
        _ => Vec::new(),
    }
}

//! Taxes: on lines, held by a price, several on one net, one on another; and those of a rating.

mod held;
mod lines;
mod rated;
mod stack;

pub use held::{Held, HeldAndAdded, RoundedPart, Step, held, held_and_added, held_together, net_share};
pub use lines::{Components, InvoiceLine, Per, Sum, TaxedLine, cash, components, coupon_taxes, invoice, of_discounted, on_lines};
pub(super) use rated::Taxes;
pub use stack::{Document, StackedTax, stack, stack_on_lines, stack_with_rate_of_exchange};

use crate::domain::exact::{Exact, NumberError};

/// So many per cent of an amount, exact.
#[inline]
pub fn share(amount: Exact, percent: Exact) -> Result<Exact, NumberError> {
    amount.div(Exact::whole(100))?.mul(percent)
}

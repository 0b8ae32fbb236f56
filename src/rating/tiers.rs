//! Tiers: what a quantity costs where its price depends on how much it is.
//!
//! A tier's bound belongs to the tier: a quantity equal to it does not enter the next. The last tier takes whatever is left.
//! Tier 1 is entered at any quantity, also at nought; whether its fee is then due is the side's to declare
//! ([`ZeroUsage`](crate::domain::profile::ZeroUsage)).

use crate::domain::exact::{Exact, NumberError};
use crate::domain::records::tiers::{BlockTier, Tier};

/// The part of a quantity that lies in one tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slice<'t> {
    /// The tier.
    pub tier: &'t Tier,
    /// How much of the quantity is its own.
    pub quantity: Exact,
}

/// The slices of the tiers a quantity enters, lowest first.
pub fn slices(tiers: &[Tier], quantity: Exact) -> impl Iterator<Item = Result<Slice<'_>, NumberError>> {
    let mut before = Exact::ZERO;
    let entered = tiers.iter().enumerate().take_while(move |(at, _)| *at == 0 || tiers[at - 1].up_to.is_some_and(|bound| quantity > bound));
    entered.map(move |(at, tier)| {
        let until = tier.up_to.filter(|_| at + 1 < tiers.len()).map_or(quantity, |bound| quantity.min(bound));
        let own = until.sub(before)?;
        before = until;
        Ok(Slice { tier, quantity: own })
    })
}

/// Each tier prices its own slice.
pub fn graduated(tiers: &[Tier], quantity: Exact) -> Result<Exact, NumberError> {
    sum(tiers, quantity, |slice| slice.quantity.mul(slice.tier.unit))
}

/// Each tier takes its per cent of its own slice.
pub fn graduated_percentage(tiers: &[Tier], quantity: Exact) -> Result<Exact, NumberError> {
    sum(tiers, quantity, |slice| super::tax::share(slice.quantity, slice.tier.unit))
}

fn sum<'t>(tiers: &'t [Tier], quantity: Exact, price: impl Fn(&Slice<'t>) -> Result<Exact, NumberError>) -> Result<Exact, NumberError> {
    slices(tiers, quantity).try_fold(Exact::ZERO, |sum, slice| {
        let slice = slice?;
        sum.add(price(&slice)?)?.add(slice.tier.flat)
    })
}

/// What further usage adds to a running period: a tier's fee comes with the piece that enters it.
pub fn graduated_between(tiers: &[Tier], before: Exact, after: Exact) -> Result<Exact, NumberError> {
    graduated(tiers, after)?.sub(graduated(tiers, before)?)
}

/// The tier a quantity reaches; `None` where there are no tiers.
pub fn reached(tiers: &[Tier], quantity: Exact) -> Option<&Tier> {
    tiers.iter().find(|tier| tier.up_to.is_none_or(|bound| quantity <= bound)).or_else(|| tiers.last())
}

/// The tier reached prices everything. A greater quantity may cost less.
pub fn volume(tiers: &[Tier], quantity: Exact) -> Result<Exact, NumberError> {
    reached(tiers, quantity).map_or(Ok(Exact::ZERO), |tier| quantity.mul(tier.unit)?.add(tier.flat))
}

/// How tiers of blocks are read (Kill Bill).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockPolicy {
    /// Each tier prices the blocks it holds, one tier after the other.
    AllTiers,
    /// The first tier that holds all of them prices everything, else the last.
    TopTier,
}

/// Blocks charged in one tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blocks<'t> {
    /// The tier.
    pub tier: &'t BlockTier,
    /// Started blocks.
    pub blocks: Exact,
}

/// The blocks of each tier a quantity needs.
pub fn blocks(tiers: &[BlockTier], quantity: Exact, policy: BlockPolicy) -> Result<Vec<Blocks<'_>>, NumberError> {
    let started = |tier: &BlockTier, quantity: Exact| quantity.div(tier.block).map(Exact::ceil);
    let holds = |tier: &BlockTier| tier.max_blocks.map(|most| Exact::whole(i128::from(most)));
    let mut found = Vec::new();
    match policy {
        BlockPolicy::AllTiers => {
            let mut rest = quantity;
            for tier in tiers {
                if rest <= Exact::ZERO {
                    break;
                }
                let needed = started(tier, rest)?;
                let blocks = holds(tier).map_or(needed, |most| needed.min(most));
                rest = rest.sub(blocks.mul(tier.block)?)?;
                found.push(Blocks { tier, blocks });
            }
        }
        BlockPolicy::TopTier => {
            for (at, tier) in tiers.iter().enumerate() {
                let blocks = started(tier, quantity)?;
                if at + 1 == tiers.len() || holds(tier).is_none_or(|most| blocks <= most) {
                    found.push(Blocks { tier, blocks });
                    break;
                }
            }
        }
    }
    Ok(found)
}

/// What tiers of blocks come to.
pub fn package_tiers(tiers: &[BlockTier], quantity: Exact, policy: BlockPolicy) -> Result<Exact, NumberError> {
    let parts = blocks(tiers, quantity, policy)?;
    parts.iter().try_fold(Exact::ZERO, |sum, part| sum.add(part.blocks.mul(part.tier.price)?))
}

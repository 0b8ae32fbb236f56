//! Tiers of a charge, and the one grammar in which a catalogue delivers them as text.
//!
//! A JSON list of objects in ascending order; numbers are strings or plain decimals (`"0.5"` or `0.5`, no exponent), read
//! digit by digit and never through a float; no other key, none twice.
//!
//! | model | an object of the list |
//! |---|---|
//! | `graduated`, `volume` | `{"up_to": n or null, "unit": price of one unit, "flat": fee of the tier, 0 where absent}` |
//! | `graduated_percentage` | `{"up_to": n or null, "rate": per cent, "flat": fee, 0 where absent}` |
//! | `package_tiers`, `package_top_tier` | `{"block": units of a block, "max_blocks": n or null, "price": price of a block}` |
//!
//! `up_to` is the tier's last quantity, it belongs to the tier. The last tier is open (`null`), and only the last. Prices and
//! fees are in the side's money unit, rates are not.

use crate::domain::exact::{Exact, NumberError};
use serde::{Deserialize, Serialize};

/// A tier that prices units up to a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Tier {
    /// The last quantity that is its own; `None` for the last tier.
    pub up_to: Option<Exact>,
    /// Price of one unit; per cent of it for a percentage.
    pub unit: Exact,
    /// Fee of the tier.
    pub flat: Exact,
}

/// A tier that prices blocks of units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct BlockTier {
    /// Units of a block.
    pub block: Exact,
    /// Blocks the tier holds; `None` for as many as there are.
    pub max_blocks: Option<u64>,
    /// Price of a block.
    pub price: Exact,
}

/// The tiers of a charge. Most have none.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tiers {
    /// One price.
    #[default]
    None,
    /// By quantity.
    Units(Vec<Tier>),
    /// By blocks.
    Blocks(Vec<BlockTier>),
}

impl Tiers {
    /// Whether there are none.
    pub const fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// Tiers by quantity; empty for others.
    pub fn units(&self) -> &[Tier] {
        if let Self::Units(tiers) = self { tiers } else { &[] }
    }

    /// Tiers by blocks; empty for others.
    pub fn blocks(&self) -> &[BlockTier] {
        if let Self::Blocks(tiers) = self { tiers } else { &[] }
    }
}

/// What tiers by quantity cost per unit: their key in the grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PricedBy {
    /// `unit`: money.
    Unit,
    /// `rate`: per cent.
    Rate,
}

/// Tiers by quantity are in ascending order, from nought at least, and only the last is open.
pub fn ascending(tiers: &[Tier]) -> bool {
    let Some((last, bounded)) = tiers.split_last() else { return false };
    let mut before = None;
    let mut rises = |tier: &Tier| {
        let Some(bound) = tier.up_to else { return false };
        let rises = !bound.is_negative() && before.is_none_or(|b| bound > b);
        before = Some(bound);
        rises
    };
    bounded.iter().all(&mut rises) && last.up_to.is_none()
}

/// Tiers by blocks hold so many of them each, and only the last as many as there are.
pub fn ending_open(tiers: &[BlockTier]) -> bool {
    let Some((last, bounded)) = tiers.split_last() else { return false };
    bounded.iter().all(|t| t.max_blocks.is_some()) && last.max_blocks.is_none()
}

/// Reads tiers by quantity; `None` for any other text.
pub fn read_units(text: &str, by: PricedBy) -> Option<Vec<Tier>> {
    let price = if by == PricedBy::Rate { "rate" } else { "unit" };
    let tiers: Option<Vec<Tier>> = objects(text)?
        .iter()
        .map(|object| {
            let [up_to, unit, flat] = object.fields(["up_to", price, "flat"])?;
            let flat = flat.map_or(Some(Exact::ZERO), number)?;
            Some(Tier { up_to: bound(up_to?).ok()?, unit: number(unit?)?, flat })
        })
        .collect();
    tiers.filter(|tiers| ascending(tiers))
}

/// Reads tiers by blocks; `None` for any other text.
pub fn read_blocks(text: &str) -> Option<Vec<BlockTier>> {
    let tiers: Option<Vec<BlockTier>> = objects(text)?
        .iter()
        .map(|object| {
            let [block, most, price] = object.fields(["block", "max_blocks", "price"])?;
            let max_blocks = match bound(most?).ok()? {
                None => None,
                Some(most) => Some(u64::try_from(most.as_whole()?).ok()?),
            };
            Some(BlockTier { block: number(block?).filter(|b| *b > Exact::ZERO)?, max_blocks, price: number(price?)? })
        })
        .collect();
    tiers.filter(|tiers| ending_open(tiers))
}

/// A value of the list: a number's digits as they stand, or null.
type Scalar<'a> = Option<&'a str>;

struct Object<'a>(Vec<(&'a str, Scalar<'a>)>);

impl<'a> Object<'a> {
    /// The values of these keys; `None` where the object has another key, or one twice.
    fn fields<const N: usize>(&self, names: [&str; N]) -> Option<[Option<Scalar<'a>>; N]> {
        let mut found = [None; N];
        for (key, value) in &self.0 {
            let at = names.iter().position(|name| name == key)?;
            if found[at].replace(*value).is_some() {
                return None;
            }
        }
        Some(found)
    }
}

fn number(value: Scalar<'_>) -> Option<Exact> {
    Exact::parse(value?.as_bytes()).ok()
}

/// A number, or none for null.
fn bound(value: Scalar<'_>) -> Result<Option<Exact>, NumberError> {
    value.map(|digits| Exact::parse(digits.as_bytes())).transpose()
}

fn objects(text: &str) -> Option<Vec<Object<'_>>> {
    let mut rest = Rest(text);
    let all = rest.list('[', ']', |rest| {
        rest.list('{', '}', |rest| {
            let key = rest.quoted()?;
            rest.eat(':')?;
            Some((key, rest.scalar()?))
        })
        .map(Object)
    })?;
    rest.0.trim_start_matches(BLANK).is_empty().then_some(all)
}

/// What JSON takes for a blank.
const BLANK: [char; 4] = [' ', '\t', '\n', '\r'];

/// What is left to read.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    fn eat(&mut self, sign: char) -> Option<()> {
        self.0 = self.0.trim_start_matches(BLANK).strip_prefix(sign)?;
        Some(())
    }

    fn list<T>(&mut self, open: char, close: char, mut item: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        self.eat(open)?;
        let mut all = Vec::new();
        if self.eat(close).is_some() {
            return Some(all);
        }
        loop {
            all.push(item(self)?);
            if self.eat(close).is_some() {
                return Some(all);
            }
            self.eat(',')?;
        }
    }

    /// A text without escapes: neither keys nor numbers need any.
    fn quoted(&mut self) -> Option<&'a str> {
        self.eat('"')?;
        let (text, rest) = self.0.split_once('"')?;
        self.0 = rest;
        (!text.contains('\\')).then_some(text)
    }

    fn scalar(&mut self) -> Option<Scalar<'a>> {
        self.0 = self.0.trim_start_matches(BLANK);
        if self.0.starts_with('"') {
            return self.quoted().map(Some);
        }
        let end = self.0.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.'))).unwrap_or(self.0.len());
        let (word, rest) = self.0.split_at(end);
        self.0 = rest;
        Some(if word == "null" { None } else { Some(word) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiers_are_read_exactly_or_not_at_all() {
        let read = |text: &str| read_units(text, PricedBy::Unit);
        let tiers = read(r#" [ {"up_to":"100.5","unit":0.0075,"flat":"2"} , {"unit":"0.5","up_to":null} ] "#).unwrap();
        assert_eq!(tiers[0].unit.to_string(), "0.0075");
        assert_eq!((tiers[0].up_to.unwrap().to_string(), tiers[1].up_to, tiers[1].flat), ("100.5".to_owned(), None, Exact::ZERO));
        for wrong in [
            "",
            "[]",
            "{}",
            "null",
            r#"[{"up_to":null}]"#,
            r#"[{"unit":"1"}]"#,
            r#"[{"up_to":"10","unit":"1"}]"#,
            r#"[{"up_to":null,"unit":"1"},{"up_to":"10","unit":"1"}]"#,
            r#"[{"up_to":"10","unit":"1"},{"up_to":"10","unit":"1"},{"up_to":null,"unit":"1"}]"#,
            r#"[{"up_to":"-1","unit":"1"},{"up_to":null,"unit":"1"}]"#,
            r#"[{"up_to":null,"unit":1e2}]"#,
            r#"[{"up_to":null,"unit":"1,5"}]"#,
            r#"[{"up_to":null,"unit":null}]"#,
            r#"[{"up_to":null,"unit":"1","unit":"2"}]"#,
            r#"[{"up_to":null,"unit":"1","fee":"2"}]"#,
            r#"[{"up_to":null,"rate":"1"}]"#,
            r#"[{"up_to":null,"unit":"1"}] x"#,
            r#"[{"up_to":null,"unit":"1"},]"#,
            r#"[[null,"1"]]"#,
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert!(read_units(r#"[{"up_to":null,"rate":"1.25"}]"#, PricedBy::Rate).is_some());
    }

    #[test]
    fn blocks_are_whole_and_end_open() {
        assert!(read_blocks(r#"[{"block":"100","max_blocks":10,"price":"1"},{"block":"1000","max_blocks":null,"price":"1"}]"#).is_some());
        for wrong in [
            r#"[{"block":"100","max_blocks":"1.5","price":"1"},{"block":"1","max_blocks":null,"price":"1"}]"#,
            r#"[{"block":"0","max_blocks":null,"price":"1"}]"#,
            r#"[{"block":"1","max_blocks":"10","price":"1"}]"#,
        ] {
            assert_eq!(read_blocks(wrong), None, "{wrong}");
        }
    }
}

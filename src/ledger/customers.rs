//! A side's customers, each a few numbers and the bytes of its id and name.

use super::interned::{Keys, Texts};
use crate::domain::key::{KeyRef, UUID_TEXT};
use crate::domain::records::Customer;
use crate::domain::text::Untrusted;
use std::collections::HashSet;

/// Customers by the side's own id.
#[derive(Debug, Clone, Default)]
pub struct Customers {
    ids: Keys,
    names: Texts,
    /// Countries and regions.
    places: Texts,
    /// By number of the id: name, country, region.
    held: Vec<[u32; 3]>,
    /// Customers read twice with different regions: their tax is not known.
    torn: HashSet<u32>,
}

/// Stands for no country or region.
const NOWHERE: u32 = u32::MAX;

impl Customers {
    /// Takes one; true when its id was read before. Of two with one id the first in the order of their texts is kept:
    /// which came first is the server's whim.
    pub fn push(&mut self, customer: &Customer) -> bool {
        let id = KeyRef::stored(&customer.id);
        let Some(at) = self.ids.find(id) else {
            self.ids.intern(id);
            let held = self.pack(customer);
            self.held.push(held);
            return false;
        };
        let taken = self.get(at);
        if taken.region != customer.region {
            self.torn.insert(at);
        }
        if *customer < taken {
            let held = self.pack(customer);
            self.held[at as usize] = held;
        }
        true
    }

    fn pack(&mut self, customer: &Customer) -> [u32; 3] {
        let mut place = |text: &Option<String>| text.as_deref().map_or(NOWHERE, |t| self.places.intern(t));
        let (country, region) = (place(&customer.country), place(&customer.region));
        [self.names.intern(customer.name.raw()), country, region]
    }

    fn get(&self, at: u32) -> Customer {
        let [name, country, region] = self.held[at as usize];
        let place = |n: u32| (n != NOWHERE).then(|| self.places.get(n).to_owned());
        let id = self.ids.get(at).as_str(&mut [0; UUID_TEXT]).to_owned();
        Customer { id, name: Untrusted::new(self.names.get(name)), country: place(country), region: place(region) }
    }

    /// Whether there is one of that id.
    pub fn has(&self, id: KeyRef<'_>) -> bool {
        self.ids.find(id).is_some()
    }

    /// Its name, where it has one that is not empty.
    pub fn name(&self, id: KeyRef<'_>) -> Option<&str> {
        let [name, ..] = *self.held.get(self.ids.find(id)? as usize)?;
        Some(self.names.get(name)).filter(|n| !n.is_empty())
    }

    /// Whether two customers of that id have different regions.
    pub fn is_torn(&self, id: KeyRef<'_>) -> bool {
        !self.torn.is_empty() && self.ids.find(id).is_some_and(|at| self.torn.contains(&at))
    }

    /// Its region, where it has one.
    pub fn region(&self, id: KeyRef<'_>) -> Option<&str> {
        let [_, _, region] = *self.held.get(self.ids.find(id)? as usize)?;
        (region != NOWHERE).then(|| self.places.get(region))
    }

    /// All of them, in no order.
    pub fn iter(&self) -> impl Iterator<Item = Customer> + '_ {
        (0..).take(self.ids.len()).map(|at| self.get(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_is_found_by_its_own_writing_only_and_comes_back_as_it_was() {
        let lower = "e4b7c2d0-1a2b-4c3d-8e4f-5a6b7c8d9e0f";
        let upper = lower.to_uppercase();
        let of = |id: &str, name: &str, region: &str| Customer { id: id.into(), name: name.into(), country: None, region: Some(region.into()) };
        let all = [of(lower, "Lower", "ON"), of(&upper, "Upper", "QC"), of("c-1", "", "BC")];
        let mut customers = Customers::default();
        assert!(all.iter().all(|one| !customers.push(one)));
        assert_eq!(customers.iter().collect::<Vec<_>>(), all);
        let name = |id: &str| customers.name(KeyRef::stored(id)).map(str::to_owned);
        assert_eq!([name(lower), name(&upper), name("c-1"), name("E4B7")], [Some("Lower".into()), Some("Upper".into()), None, None]);
        assert_eq!(customers.region(KeyRef::stored(&upper)), Some("QC"));
        assert!(customers.push(&of(&upper, "Upper", "AB")) && customers.is_torn(KeyRef::stored(&upper)) && !customers.is_torn(KeyRef::stored(lower)));
    }
}

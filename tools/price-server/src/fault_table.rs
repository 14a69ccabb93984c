//! Which fault holds for whom: the most specific match wins.

use crate::error::{Error, Result};
use crate::faults::Fault;
use crate::venues::Venue;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::fmt;

/// The observer that has no faults, so that a redirect leads somewhere.
pub const HONEST: &str = "honest";

/// Most faults at a time.
const MAX_FAULTS: usize = 10_000;

/// Longest name of an observer.
const MAX_NAME_LENGTH: usize = 64;

/// One of a kind, or all.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope<T> {
    /// This one.
    Only(T),
    /// `*`.
    Every,
}

impl<T: fmt::Display> fmt::Display for Scope<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Only(one) => one.fmt(formatter),
            Self::Every => formatter.write_str("*"),
        }
    }
}

/// Whose view of which venue.
pub type Key = (Scope<String>, Scope<Venue>);

/// A fault that is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Active {
    /// What is wrong.
    pub fault: Fault,
    /// The prices of the moment in which it was set.
    pub prices: Vec<Decimal>,
}

/// All faults.
#[derive(Debug, Default)]
pub struct FaultTable {
    faults: BTreeMap<Key, Active>,
}

impl FaultTable {
    /// Sets a fault, in place of the one with the same key.
    pub fn set(&mut self, key: Key, active: Active) -> Result<()> {
        if self.faults.len() >= MAX_FAULTS && !self.faults.contains_key(&key) {
            return Err(Error::new(format!(
                "there are {MAX_FAULTS} faults already; clear them with DELETE /control/faults"
            )));
        }
        self.faults.insert(key, active);
        Ok(())
    }

    /// Clears the fault with this key; true if there was one.
    pub fn clear(&mut self, key: &Key) -> bool {
        self.faults.remove(key).is_some()
    }

    /// Clears all; the number of them.
    pub fn clear_all(&mut self) -> usize {
        std::mem::take(&mut self.faults).len()
    }

    /// All faults, in the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = (&Key, &Active)> {
        self.faults.iter()
    }

    /// What an observer gets from a venue: a fault of both, else of the observer, else of the venue,
    /// else of all.
    pub fn find(&self, observer: &str, venue: Venue) -> Option<&Active> {
        if observer == HONEST {
            return None;
        }
        let observer = Scope::Only(observer.to_owned());
        let keys = [
            (observer.clone(), Scope::Only(venue)),
            (observer, Scope::Every),
            (Scope::Every, Scope::Only(venue)),
            (Scope::Every, Scope::Every),
        ];
        keys.iter().find_map(|key| self.faults.get(key))
    }
}

/// Reads the key of a fault from the two parts of its URL.
pub fn key(observer: &str, venue: &str) -> Result<Key> {
    let observer = match observer {
        "*" => Scope::Every,
        HONEST => {
            return Err(Error::new(format!(
                "the observer `{HONEST}` can't have faults: redirects lead to it"
            )))
        }
        name if is_observer(name) => Scope::Only(name.to_owned()),
        name => {
            return Err(Error::new(format!(
                "`{name}` isn't an observer; write small letters, digits, - and _, or * for all"
            )))
        }
    };
    let venue = match venue {
        "*" => Scope::Every,
        name => Scope::Only(name.parse()?),
    };
    Ok((observer, venue))
}

/// True for the name of an observer.
pub fn is_observer(name: &str) -> bool {
    (1..=MAX_NAME_LENGTH).contains(&name.len())
        && name
            .bytes()
            .all(|letter| matches!(letter, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(faults: &[(&str, &str, Fault)]) -> FaultTable {
        let mut table = FaultTable::default();
        for (observer, venue, fault) in faults {
            let active = Active {
                fault: fault.clone(),
                prices: Vec::new(),
            };
            table
                .set(key(observer, venue).expect("a key"), active)
                .expect("there is room");
        }
        table
    }

    fn found(table: &FaultTable, observer: &str, venue: Venue) -> Option<Fault> {
        table
            .find(observer, venue)
            .map(|active| active.fault.clone())
    }

    #[test]
    fn fault_should_be_the_most_specific_when_several_match() {
        let table = table(&[
            ("*", "*", Fault::Html),
            ("*", "kraken", Fault::Zero),
            ("alice", "*", Fault::Timeout),
            ("alice", "kraken", Fault::Negative),
        ]);
        for (observer, venue, fault) in [
            ("alice", Venue::Kraken, Fault::Negative),
            ("alice", Venue::Okx, Fault::Timeout),
            ("bob", Venue::Kraken, Fault::Zero),
            ("bob", Venue::Okx, Fault::Html),
        ] {
            assert_eq!(found(&table, observer, venue), Some(fault));
        }
    }

    #[test]
    fn observer_should_be_preferred_to_venue() {
        let table = table(&[("*", "kraken", Fault::Zero), ("alice", "*", Fault::Timeout)]);
        assert_eq!(found(&table, "alice", Venue::Kraken), Some(Fault::Timeout));
    }

    #[test]
    fn honest_should_have_no_fault_when_all_have_one() {
        let table = table(&[("*", "*", Fault::Html)]);
        assert_eq!(found(&table, HONEST, Venue::Okx), None);
        assert!(key(HONEST, "*").is_err());
    }

    #[test]
    fn clear_should_remove_that_key_only() {
        let mut table = table(&[("*", "*", Fault::Html), ("bob", "okx", Fault::Zero)]);
        let bob = key("bob", "okx").expect("a key");
        assert!(table.clear(&bob));
        assert!(!table.clear(&bob));
        assert_eq!(found(&table, "bob", Venue::Okx), Some(Fault::Html));
        assert_eq!(table.clear_all(), 1);
        assert_eq!(table.iter().count(), 0);
    }

    #[test]
    fn key_should_fail_when_a_part_is_no_name() {
        for (observer, venue) in [
            ("Alice", "okx"),
            ("", "okx"),
            ("a b", "okx"),
            ("alice", "mtgox"),
            ("alice", ""),
        ] {
            assert!(key(observer, venue).is_err(), "{observer}/{venue}");
        }
    }
}

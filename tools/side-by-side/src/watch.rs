//! When each account became unsafe, by full computation, and when the engine acted on it.
//!
//! Before each block all accounts are read; after it they are valued at the prices that the block began with, which is what its
//! hooks saw. No finder is asked.

use std::collections::{BTreeMap, BTreeSet};

use caisson_chain_harness::{trading::BTC_PERP, Chain};
use caisson_primitives::{
    trading::{Account, AccountIndex, AccountRole, Markets as _},
    AccountId, BlockNumber,
};
use caisson_runtime::{Markets, Runtime, RuntimeEvent};
use pallet_margin::{health, Accounts, NextAccount};

/// The accounts and what became of them.
#[derive(Default)]
pub struct Watch {
    before: Vec<(AccountIndex, Account<AccountId>)>,
    /// Unsafe, and nobody acted yet.
    waiting: BTreeMap<AccountIndex, BlockNumber>,
    /// Acted on.
    done: BTreeSet<AccountIndex>,
    /// How many blocks each waited until the engine acted on it.
    pub latencies: Vec<u32>,
    /// How many became safe again before anyone acted.
    pub recovered: u32,
}

impl Watch {
    /// Reads all accounts that the engine has not acted on.
    pub fn before(&mut self, chain: &mut Chain) {
        let done = &self.done;
        self.before = chain.query(|| {
            (0..NextAccount::<Runtime>::get())
                .filter(|index| !done.contains(index))
                .filter_map(|index| Some((index, Accounts::<Runtime>::get(index)?)))
                .filter(|(_, account)| account.role == AccountRole::Trader)
                .collect()
        });
    }

    /// Notes who was unsafe in the last block, and on whom the engine acted in it.
    pub fn after(&mut self, chain: &mut Chain) {
        let block = chain.number();
        for (index, is_unsafe) in self.values(chain) {
            if is_unsafe {
                self.waiting.entry(index).or_insert(block);
            } else if self.waiting.remove(&index).is_some() {
                self.recovered += 1;
            }
        }
        for index in chain.events().iter().filter_map(acted_on) {
            if !self.done.insert(index) {
                continue;
            }
            let since = self
                .waiting
                .remove(&index)
                .unwrap_or_else(|| panic!("the engine acted on account {index}, which was safe"));
            self.latencies.push(block - since);
        }
    }

    /// Whether nobody is unsafe whom the engine has not acted on.
    pub fn is_clear(&self) -> bool {
        self.waiting.is_empty()
    }

    fn values(&self, chain: &mut Chain) -> Vec<(AccountIndex, bool)> {
        chain.query(|| {
            let contract = Markets::contract(BTC_PERP).expect("a market");
            let prices = Markets::prices(BTC_PERP).expect("prices");
            let known = Some((BTC_PERP, &contract, &prices));
            self.before
                .iter()
                .map(|(index, account)| {
                    let sum = health::assess::<Runtime>(account, known).expect("can be assessed");
                    (*index, sum.slack.is_negative())
                })
                .collect()
        })
    }
}

/// The account that an event says the engine acted on.
fn acted_on(event: &RuntimeEvent) -> Option<AccountIndex> {
    use pallet_liquidation::Event::{Bought, OrderEntered, TakenOver};
    match event {
        RuntimeEvent::Liquidation(
            OrderEntered { account, .. } | Bought { account, .. } | TakenOver { account, .. },
        ) => Some(*account),
        _ => None,
    }
}

/// The least of some counts that so many parts per thousand do not exceed; nothing of none.
pub fn quantile(counts: &[u32], per_mille: usize) -> Option<u32> {
    let mut sorted = counts.to_vec();
    sorted.sort_unstable();
    let place = (sorted.len() * per_mille).div_ceil(1_000);
    sorted.get(place.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantile_should_be_the_least_that_so_many_do_not_exceed() {
        let counts: Vec<u32> = (1..=100).rev().collect();
        assert_eq!(quantile(&counts, 500), Some(50));
        assert_eq!(quantile(&counts, 990), Some(99));
        assert_eq!(quantile(&counts, 1_000), Some(100));
        assert_eq!(quantile(&[7], 10), Some(7));
        assert_eq!(quantile(&[], 500), None);
    }
}

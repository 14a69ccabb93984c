//! A worker off the chain, as other chains have them: after each block it reads a page of accounts and submits a transaction for
//! each unsafe one.
//!
//! The kindest case: one worker, which never misses a block; its transactions are in the pool at once and all reach the next
//! block's author, who takes them before others'.

use std::collections::{BTreeSet, VecDeque};

use caisson_chain_harness::Chain;
use caisson_primitives::trading::{AccountIndex, AccountRole};
use caisson_runtime::{Runtime, System, UncheckedExtrinsic};
use frame_support::{dispatch::DispatchClass, weights::Weight};
use pallet_margin::{health, Accounts, NextAccount};
use sp_keyring::Sr25519Keyring::Alice;

/// How many transactions are sent before it is known what one weighs.
const FIRST: usize = 32;

/// The worker, and what of it waits in the pool.
pub struct Worker {
    /// How many accounts it reads after each block.
    page: u32,
    next: AccountIndex,
    pool: VecDeque<AccountIndex>,
    known: BTreeSet<AccountIndex>,
    /// What its transactions may take of a block.
    budget: Weight,
    /// How many of them fit.
    most: usize,
}

impl Worker {
    /// A worker that reads so many accounts after each block, and whose transactions may take so much of one.
    pub fn new(page: u32, budget: Weight) -> Self {
        Self {
            page,
            budget,
            next: 0,
            pool: VecDeque::new(),
            known: BTreeSet::new(),
            most: FIRST,
        }
    }

    /// Reads the next page.
    pub fn read(&mut self, chain: &mut Chain) {
        let (page, first) = (self.page, self.next);
        let (accounts, found) = chain.query(|| {
            let accounts = NextAccount::<Runtime>::get().max(1);
            let found: Vec<_> = (first..)
                .map(|number| number % accounts)
                .take(page.min(accounts) as usize)
                .filter(|index| is_unsafe(*index))
                .collect();
            (accounts, found)
        });
        self.next = (first + page) % accounts;
        for index in found {
            if self.known.insert(index) {
                self.pool.push_back(index);
            }
        }
    }

    /// The transactions of the next block: as many as fit what they may take. Whom the engine has in hand by
    /// then is left out, as the pool would.
    pub fn transactions(&mut self, chain: &mut Chain) -> Vec<UncheckedExtrinsic> {
        let known = &mut self.known;
        chain.query(|| {
            self.pool.retain(|index| {
                let waits = is_unsafe(*index);
                if !waits {
                    known.remove(index);
                }
                waits
            });
        });
        let nonce = chain.query(|| System::account_nonce(Alice.to_account_id()));
        (nonce..)
            .zip(self.pool.iter().take(self.most))
            .map(|(nonce, &account)| {
                let call = pallet_liquidation::Call::<Runtime>::liquidate { account };
                chain.sign_with_nonce(Alice, nonce, call.into())
            })
            .collect()
    }

    /// So many of them were in the block.
    pub fn included(&mut self, chain: &mut Chain, count: usize) {
        for index in self.pool.drain(..count) {
            self.known.remove(&index);
        }
        if count > 0 {
            let used = chain.query(|| *System::block_weight().get(DispatchClass::Operational));
            let each = (used.ref_time() / count as u64).max(1);
            self.most = usize::try_from(self.budget.ref_time() / each)
                .unwrap_or(usize::MAX)
                .max(1);
        }
    }

    /// Whether nothing waits in the pool.
    pub fn is_idle(&self) -> bool {
        self.pool.is_empty()
    }
}

/// Whether an account is unsafe, and not in the engine's hands yet.
fn is_unsafe(index: AccountIndex) -> bool {
    Accounts::<Runtime>::get(index).is_some_and(|account| {
        account.role == AccountRole::Trader
            && account.unsafe_since.is_none()
            && health::assess::<Runtime>(&account, None).is_ok_and(|sum| sum.slack.is_negative())
    })
}

//! Costs by how many accounts there are.

use caisson_chain_harness::{
    acts::{self, Effort, PRICE},
    crowd::Crowd,
    timing::micros,
    trading::{open_chain, BTC_PERP},
    Chain,
};
use codec::Encode;

use crate::{
    progress::Progress,
    table::{column, Table},
};

/// Keys of an account with a position: its record, its owner's name for it, its place in the trigger index; with the bytes of
/// their values.
const KEYS: [(u8, usize); 3] = [(0, 200), (1, 4), (2, 0)];

/// So many accounts are written before the trie takes them in.
const BATCH: usize = 50_000;

/// From a thousand accounts to ten to that power. Each has a position, half of them are long; they lie between 5 % and 60 % from
/// liquidation.
pub fn measure(power: u32, effort: Effort, progress: &Progress) -> Table {
    let mut table = Table::new(
        "accounts",
        "Costs by accounts with positions",
        &[
            column("accounts", 0),
            column("quiet block, us", 0),
            column("quiet block with as many other keys, us", 0),
            column("transfer, us", 1),
            column("place, transfers", 2),
            column("cancel, transfers", 2),
            column("ladder of 50, transfers", 2),
            column("fill, transfers", 2),
        ],
    );
    for power in 3..=power {
        let accounts = 10u32.pow(power);
        progress.say(&format!("{accounts} accounts"));
        let mut other = open_chain(PRICE);
        pad(&mut other, accounts);
        let control = acts::quiet(&mut other, effort);
        drop(other);
        let mut chain = populated(accounts);
        let acts = acts::measure(&mut chain, effort);
        table.push(vec![
            f64::from(accounts),
            micros(acts.quiet),
            micros(control),
            micros(acts.transfer),
            acts.in_transfers(acts.place),
            acts.in_transfers(acts.cancel),
            acts.in_transfers(acts.ladder),
            acts.in_transfers(acts.fill),
        ]);
    }
    table
}

/// A chain with so many accounts in the market of bitcoin.
pub fn populated(accounts: u32) -> Chain {
    let mut chain = open_chain(PRICE);
    Crowd {
        accounts,
        market: BTC_PERP,
        money_per_mille: 80..630,
        holds: true,
    }
    .enter(&mut chain);
    chain
}

/// As many keys of nothing as so many accounts have: what a larger state costs whatever is in it.
pub fn pad(chain: &mut Chain, accounts: u32) {
    for first in (0..accounts).step_by(BATCH) {
        chain.query(|| {
            for number in first..accounts.min(first + BATCH as u32) {
                for (kind, bytes) in KEYS {
                    let key = (b"padding", kind, sp_io::hashing::twox_128(&number.encode()));
                    sp_io::storage::set(&key.encode(), &vec![7; bytes]);
                }
            }
        });
        chain.commit();
    }
}

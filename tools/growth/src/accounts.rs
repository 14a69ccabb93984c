//! Costs by how many accounts there are.

use std::time::Duration;

use caisson_chain_harness::{
    acts::{self, Bench, Effort, PRICE},
    crowd::populated,
    timing::micros,
    trading::open_chain,
    Chain,
};
use codec::Encode;

use crate::{
    columns,
    progress::Progress,
    rounds::in_rounds,
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
        &columns::of_acts(
            column("accounts", 0),
            &[column("quiet block with as many other keys, us", 0)],
        ),
    );
    let mut rows: Vec<_> = (3..=power)
        .map(|power| {
            let accounts = 10u32.pow(power);
            progress.say(&format!("{accounts} accounts"));
            Row {
                accounts,
                bench: Bench::new(populated(accounts, PRICE), effort.many),
                control: padded(accounts),
                quiet_control: Duration::MAX,
            }
        })
        .collect();
    in_rounds(&mut rows, effort, progress, |row| {
        row.bench.round();
        let once = Effort { runs: 1, ..effort };
        row.quiet_control = row.quiet_control.min(acts::quiet(&mut row.control, once));
    });
    for row in &rows {
        let control = micros(row.quiet_control);
        table.push(columns::row(row.accounts, &row.bench.acts(), &[control]));
    }
    table
}

struct Row {
    accounts: u32,
    bench: Bench,
    control: Chain,
    quiet_control: Duration,
}

fn padded(accounts: u32) -> Chain {
    let mut chain = open_chain(PRICE);
    pad(&mut chain, accounts);
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

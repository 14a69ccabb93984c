//! What a block and a transaction cost whatever they do: two constants of the runtime's weights.

use std::time::Duration;

use caisson_chain_harness::{
    acts::Effort,
    timing::{self, least, micros},
    Chain,
};
use caisson_runtime::{System, UncheckedExtrinsic};
use sp_keyring::Sr25519Keyring::Alice;

use crate::{
    progress::Progress,
    table::{column, Table},
    without_markets,
};

/// Transactions of a block, so many that the block's own cost is hardly in the share of each.
const MANY: u32 = 700;
/// Blocks of each kind, each of which is executed as often as is asked for.
const BLOCKS: usize = 3;

/// A block with its inherents alone, and the share of a transaction that does nothing in a full block: its signature, all
/// extensions and its fee.
///
/// All are of one account, so that its share of the state root, which is the database's part of a weight, is not in the time; and
/// what they read is in the node's cache, as it is after the first of them.
pub fn measure(effort: Effort, progress: &Progress) -> Table {
    progress.say("a block and a transaction that do nothing");
    let mut chain = without_markets();
    let (mut empty, mut full) = (Vec::new(), Vec::new());
    for _ in 0..BLOCKS {
        empty.extend(chain.timed_cached_block(&[], effort.runs));
        let remarks = remarks(&mut chain);
        full.extend(chain.timed_cached_block(&remarks, effort.runs));
    }
    let block = least(empty.iter().copied());
    let each: Vec<_> = full
        .iter()
        .map(|full| full.saturating_sub(block) / MANY)
        .collect();
    let mut table = Table::new(
        "overhead",
        "What does nothing",
        &[
            column("mean, us", 1),
            column("least, us", 1),
            column("most, us", 1),
        ],
    );
    table.push_named("block", row(&empty));
    table.push_named("transaction", row(&each));
    table
}

fn remarks(chain: &mut Chain) -> Vec<UncheckedExtrinsic> {
    let nonce = chain.query(|| System::account_nonce(Alice.to_account_id()));
    (0..MANY)
        .map(|number| chain.sign_with_nonce(Alice, nonce + number, timing::remark()))
        .collect()
}

fn row(times: &[Duration]) -> Vec<f64> {
    let sorted = {
        let mut times: Vec<_> = times.iter().map(|time| micros(*time)).collect();
        times.sort_by(f64::total_cmp);
        times
    };
    let mean = sorted.iter().sum::<f64>() / sorted.len() as f64;
    vec![mean, sorted[0], sorted[sorted.len() - 1]]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_should_have_mean_least_and_most() {
        let times = [30, 10, 20].map(Duration::from_micros);
        assert_eq!(row(&times), [20.0, 10.0, 30.0]);
    }
}

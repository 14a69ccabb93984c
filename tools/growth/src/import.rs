//! How fast a chain of blocks is imported: `Core_execute_block`, without consensus, network and disk.

use std::time::Duration;

use caisson_chain_harness::{
    acts::{self, PRICE},
    timing,
    trading::{mark_ticks, open_chain, place, traders, Trader, BTC_PERP},
    Chain,
};
use caisson_primitives::trading::{OrderRequest, Side};
use caisson_runtime::UncheckedExtrinsic;

use crate::{
    progress::Progress,
    table::{column, Table},
};

/// How many blocks of each kind.
const BLOCKS: u32 = 10;

/// More transactions than fit a block.
const PLENTY: u32 = 4_000;

/// Empty blocks, and blocks as full as they can be of transfers, of single orders and of ladders.
pub fn measure(progress: &Progress) -> Table {
    let mut table = Table::new(
        "import",
        "Import of a chain of blocks, executed one after the other",
        &[
            column("transactions in a block", 0),
            column("a block, ms", 1),
            column("blocks in a second", 1),
            column("transactions in a second", 0),
        ],
    );
    let mut row = |what, (time, transactions): (Duration, usize)| {
        let blocks_a_second = 1.0 / time.as_secs_f64();
        table.push_named(
            what,
            vec![
                transactions as f64,
                time.as_secs_f64() * 1e3,
                blocks_a_second,
                blocks_a_second * transactions as f64,
            ],
        );
    };
    progress.say("import of empty blocks");
    row("empty", mean(&mut open_chain(PRICE), |_, _| Vec::new()));
    progress.say("import of blocks full of transfers");
    row("full of transfers", mean(&mut open_chain(PRICE), transfers));
    progress.say("import of blocks full of orders");
    row("full of orders", full_of_orders());
    progress.say("import of blocks full of ladders");
    row("full of ladders", full_of_ladders());
    table
}

/// The mean time of a block, and the least of transactions that fitted one. `fill` is told of how many there is room: nothing
/// before the first block.
fn mean(
    chain: &mut Chain,
    mut fill: impl FnMut(&mut Chain, Option<usize>) -> Vec<UncheckedExtrinsic>,
) -> (Duration, usize) {
    let (mut time, mut room) = (Duration::ZERO, None);
    // The first block finds out how many fit.
    for block in 0..=BLOCKS {
        let transactions = fill(chain, room);
        acts::fresh_prices(chain);
        let (took, results) = chain.timed_full_block(&transactions);
        if block > 0 {
            time += took;
        }
        let fitted = results.iter().filter(|result| result.is_ok()).count();
        assert_eq!(fitted, results.len(), "every transaction passes");
        room = Some(room.map_or(fitted, |room: usize| room.min(fitted)));
    }
    (time / BLOCKS, room.unwrap_or_default())
}

fn transfers(chain: &mut Chain, room: Option<usize>) -> Vec<UncheckedExtrinsic> {
    let many = room.map_or(PLENTY, |room| room as u32);
    timing::transfers(chain, many)
}

/// An order of each of many accounts.
fn full_of_orders() -> (Duration, usize) {
    let mut chain = open_chain(PRICE);
    let mut makers = traders(&mut chain, "maker", PLENTY, 0, 10_000);
    let mark = mark_ticks(&mut chain, BTC_PERP);
    let bid = OrderRequest::limit(Side::Long, 10, mark - 1_000);
    mean(&mut chain, |chain, room| {
        signed(chain, &mut makers, room, |trader| {
            place(trader.account, BTC_PERP, bid)
        })
    })
}

/// A ladder of each of some accounts, at another place in each block.
fn full_of_ladders() -> (Duration, usize) {
    let mut chain = open_chain(PRICE);
    let mut makers = traders(&mut chain, "quoter", PLENTY / 10, 0, 100_000);
    let mark = mark_ticks(&mut chain, BTC_PERP);
    let mut shift = 0;
    mean(&mut chain, |chain, room| {
        shift += 1;
        signed(chain, &mut makers, room, |trader| {
            acts::ladder(trader.account, mark, shift)
        })
    })
}

/// The next transaction of as many traders as there is room for. Those who found no room in the first block stay out: their
/// nonce was not used.
fn signed(
    chain: &mut Chain,
    traders: &mut [Trader],
    room: Option<usize>,
    call: impl Fn(&Trader) -> caisson_runtime::RuntimeCall,
) -> Vec<UncheckedExtrinsic> {
    traders
        .iter_mut()
        .take(room.unwrap_or(usize::MAX))
        .map(|trader| {
            let call = call(trader);
            trader.sign(chain, call)
        })
        .collect()
}

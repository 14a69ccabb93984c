//! Costs by how many orders rest in the market.

use std::time::{Duration, Instant};

use caisson_chain_harness::{
    acts::{self, Bench, Effort, PRICE},
    timing::{least, micros},
    trading::{mark_ticks, open_chain, place, traders, BTC_PERP},
    Chain,
};
use caisson_primitives::trading::{MarketId, OrderRequest, Side};
use caisson_runtime::RuntimeOrigin;
use codec::Encode as _;
use sp_runtime::traits::Dispatchable as _;

use crate::{
    columns,
    progress::Progress,
    rounds::in_rounds,
    table::{column, Table},
};

/// From a hundred orders to ten to that power.
pub fn measure(power: u32, effort: Effort, progress: &Progress) -> Table {
    let mut table = Table::new(
        "book",
        "Costs by resting orders of the market",
        &columns::of_acts(
            column("orders", 0),
            &[column("best of both sides from the trie, us", 0)],
        ),
    );
    let mut rows: Vec<_> = (2..=power)
        .map(|power| {
            let orders = 10u32.pow(power);
            progress.say(&format!("a book of {orders} orders"));
            let mut chain = open_chain(PRICE);
            acts::fill_book(&mut chain, orders);
            (orders, Bench::new(chain, effort.many))
        })
        .collect();
    in_rounds(&mut rows, effort, progress, |(_, bench)| bench.round());
    for (orders, bench) in rows {
        let acts = bench.acts();
        let best = time_of_best(&mut bench.into_chain(), effort);
        table.push(columns::row(orders, &acts, &[micros(best)]));
    }
    table
}

/// Finding the best order of both sides in the book itself: what the runtime API for one level takes beyond one that reads
/// nothing. One order of each side stands alone in front, so that the level is one order whatever the book.
fn time_of_best(chain: &mut Chain, effort: Effort) -> Duration {
    let mark = mark_ticks(chain, BTC_PERP);
    let front = traders(chain, "front", 1, 0, 100_000).remove(0);
    acts::fresh_prices(chain);
    chain.query(|| {
        for (side, price) in [(Side::Long, mark - 5), (Side::Short, mark + 5)] {
            let order = OrderRequest::limit(side, 10, price);
            let call = place(front.account, BTC_PERP, order);
            let origin = RuntimeOrigin::signed(front.id());
            call.dispatch(origin).expect("the order passes");
        }
    });
    chain.commit();
    let mut ask = |market: MarketId, levels: u32| {
        least((0..20 * effort.runs).map(|_| {
            let started = Instant::now();
            chain.api("ExchangeApi_depth", &(market, levels).encode());
            started.elapsed()
        }))
    };
    let depth = ask(BTC_PERP, 1);
    depth.saturating_sub(ask(MarketId::MAX, 0))
}

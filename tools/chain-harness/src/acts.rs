//! What traders do, and how long each of it takes.

use std::time::Duration;

use caisson_primitives::trading::{AccountIndex, OrderRef, Side, TradingAccounts};
use caisson_runtime::{Margin, Runtime, RuntimeCall, RuntimeOrigin, System, UncheckedExtrinsic};
use sp_runtime::traits::Dispatchable as _;

use crate::{
    timing::{self, least},
    trading::{limit, mark_ticks, place, set_prices, traders, Trader, BTC_PERP, ONE},
    Chain,
};

/// The price of bitcoin in all measurements.
pub const PRICE: u128 = 60_000 * ONE;

/// Quotes of a ladder.
pub const LADDER: u32 = 50;

/// How many traders quote ladders in a measured block.
const QUOTERS: u32 = 4;

/// How often and of how many.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Blocks of each kind, of which the least time counts. Of empty ones there are five times as many: what is looked for is a
    /// small part of them.
    pub runs: usize,
    /// Transactions in each of them.
    pub many: u32,
}

/// How long each act takes as part of a block.
#[derive(Clone, Copy, Debug)]
pub struct Acts {
    /// `balances.transfer_keep_alive`, which all else is compared with.
    pub transfer: Duration,
    /// A block without transactions, whose prices stand still.
    pub quiet: Duration,
    /// An order that rests.
    pub place: Duration,
    /// Its cancellation.
    pub cancel: Duration,
    /// `replace_all` of [`LADDER`] quotes, all of which moved.
    pub ladder: Duration,
    /// A fill, both sides: matched, booked, triggers armed anew. Without the placements.
    pub fill: Duration,
}

impl Acts {
    /// A time in transfers.
    pub fn in_transfers(&self, time: Duration) -> f64 {
        time.as_secs_f64() / self.transfer.as_secs_f64()
    }

    /// The least of both: as if their runs had been those of one measurement.
    #[must_use]
    pub fn least(self, other: Self) -> Self {
        Self {
            transfer: self.transfer.min(other.transfer),
            quiet: self.quiet.min(other.quiet),
            place: self.place.min(other.place),
            cancel: self.cancel.min(other.cancel),
            ladder: self.ladder.min(other.ladder),
            fill: self.fill.min(other.fill),
        }
    }
}

/// Measures all acts in the market of bitcoin. The book may hold orders, but none better than 80 ticks from the mark.
///
/// Panics when an order is refused or a fill does not happen.
pub fn measure(chain: &mut Chain, effort: Effort) -> Acts {
    let transfer = timing::time_of_transfer(chain, (effort.runs, effort.many), fresh_prices);
    let quiet = quiet(chain, effort);
    let mut makers = traders(chain, "maker", effort.many, 0, 100_000);
    let place = time_of_placing(chain, &mut makers, effort);
    let cancel = time_of_cancelling(chain, &mut makers, effort);
    let ladder = time_of_ladders(chain, effort);
    let fill = time_of_fills(chain, &mut makers, effort, place);
    Acts {
        transfer,
        quiet,
        place,
        cancel,
        ladder,
        fill,
    }
}

/// The prices of all measurements, fresh for the next block.
pub fn fresh_prices(chain: &mut Chain) {
    set_prices(chain, PRICE);
}

/// A block of these transactions on fresh prices.
pub fn timed(chain: &mut Chain, transactions: &[UncheckedExtrinsic]) -> Duration {
    fresh_prices(chain);
    chain.timed_block(transactions)
}

/// A block without transactions.
pub fn quiet(chain: &mut Chain, effort: Effort) -> Duration {
    least((0..5 * effort.runs).map(|_| timed(chain, &[])))
}

/// The time of one of the transactions that `call` makes for each trader in each run.
fn time_of_each(
    chain: &mut Chain,
    traders: &mut [Trader],
    effort: Effort,
    mut call: impl FnMut(&mut Chain, u32, &Trader) -> RuntimeCall,
) -> Duration {
    let without = quiet(chain, effort);
    let mut times = Vec::new();
    for run in (0..).take(effort.runs) {
        let transactions: Vec<_> = traders
            .iter_mut()
            .map(|trader| {
                let call = call(chain, run, trader);
                trader.sign(chain, call)
            })
            .collect();
        times.push(timed(chain, &transactions));
    }
    least(times).saturating_sub(without) / traders.len() as u32
}

/// Each maker rests one order a run, away from the touch.
pub fn time_of_placing(chain: &mut Chain, makers: &mut [Trader], effort: Effort) -> Duration {
    let mark = mark_ticks(chain, BTC_PERP);
    time_of_each(chain, makers, effort, |_, run, trader| {
        let price = mark - 1_000 - 10 * run;
        place(trader.account, BTC_PERP, limit(Side::Long, price, 10))
    })
}

/// Each maker cancels one of the orders that it placed, the last first.
pub fn time_of_cancelling(chain: &mut Chain, makers: &mut [Trader], effort: Effort) -> Duration {
    time_of_each(chain, makers, effort, |chain, run, trader| {
        let number = chain.query(|| last_number(trader.account)) - run;
        pallet_exchange::Call::<Runtime>::cancel {
            account: trader.account,
            market: BTC_PERP,
            order: OrderRef::Number(number),
        }
        .into()
    })
}

fn last_number(account: AccountIndex) -> u32 {
    Margin::load(account).expect("an account").next_order - 1
}

/// Some replace their ladders, all moved by a tick in each run.
fn time_of_ladders(chain: &mut Chain, effort: Effort) -> Duration {
    let mark = mark_ticks(chain, BTC_PERP);
    let mut quoters = traders(chain, "quoter", QUOTERS, 0, 1_000_000);
    let time = time_of_each(chain, &mut quoters, effort, |_, run, trader| {
        ladder(trader.account, mark, run)
    });
    for quoter in &quoters {
        let orders = chain.query(|| Margin::load(quoter.account).expect("one").orders);
        assert_eq!(u32::from(orders), LADDER, "every quote was accepted");
    }
    time
}

/// Bids rest, as many asks of others meet them; what the block takes beyond its placements is the clearing.
fn time_of_fills(
    chain: &mut Chain,
    makers: &mut [Trader],
    effort: Effort,
    placing: Duration,
) -> Duration {
    let pairs = effort.many / 2;
    let mark = mark_ticks(chain, BTC_PERP);
    let makers = &mut makers[..pairs as usize];
    let mut takers = traders(chain, "taker", pairs, 0, 100_000);
    let mut times = Vec::new();
    for _ in 0..effort.runs {
        let bids = orders(chain, makers, Side::Long, mark);
        timed(chain, &bids);
        let asks = orders(chain, &mut takers, Side::Short, mark);
        times.push(timed(chain, &asks));
    }
    let without = quiet(chain, effort) + placing * pairs;
    let first = takers[0].account;
    let filled = chain.query(|| Margin::load(first).expect("one").lots(BTC_PERP).0);
    assert_eq!(filled, -10 * effort.runs as i64, "every ask was filled");
    least(times).saturating_sub(without) / pairs
}

fn orders(
    chain: &mut Chain,
    traders: &mut [Trader],
    side: Side,
    price: u32,
) -> Vec<UncheckedExtrinsic> {
    traders
        .iter_mut()
        .map(|trader| {
            let call = place(trader.account, BTC_PERP, limit(side, price, 10));
            trader.sign(chain, call)
        })
        .collect()
}

/// The call that puts a ladder around a mark, its nearest quotes 100 ticks from it, the whole moved outwards by `shift`.
pub fn ladder(account: AccountIndex, mark: u32, shift: u32) -> RuntimeCall {
    let quotes: Vec<_> = (0..LADDER / 2)
        .flat_map(|level| {
            [
                (Side::Long, mark - 100 - level * 10 - shift),
                (Side::Short, mark + 100 + level * 10 + shift),
            ]
        })
        .map(|(side, price)| pallet_exchange::types::Quote {
            side,
            price,
            lots: 10,
            client_id: None,
        })
        .collect();
    pallet_exchange::Call::<Runtime>::replace_all {
        account,
        market: BTC_PERP,
        quotes: quotes.try_into().expect("few enough"),
    }
    .into()
}

/// Rests so many orders around the mark, through the pallet's own calls but without transactions. Whole ladders.
pub fn fill_book(chain: &mut Chain, orders: u32) {
    let mark = mark_ticks(chain, BTC_PERP);
    let makers = traders(chain, "resting", orders.div_ceil(LADDER), 0, 1_000_000);
    for some in makers.chunks(100) {
        fresh_prices(chain);
        chain.query(|| {
            for trader in some {
                let call = ladder(trader.account, mark - 20, trader.account % 97);
                let origin = RuntimeOrigin::signed(trader.id());
                call.dispatch(origin).expect("the ladder passes");
            }
            System::reset_events();
        });
        chain.commit();
    }
}

//! What traders do, and how long each of it takes.

use std::time::Duration;

use caisson_primitives::trading::{AccountIndex, OrderRef, OrderRequest, Side, TradingAccounts};
use caisson_runtime::{Margin, Runtime, RuntimeCall, RuntimeOrigin, System, UncheckedExtrinsic};
use sp_runtime::traits::Dispatchable as _;

use crate::{
    timing::{self, least},
    trading::{mark_ticks, place, set_prices, traders, Trader, BTC_PERP, ONE},
    Chain,
};

/// The price of bitcoin in all measurements.
pub const PRICE: u128 = 60_000 * ONE;

/// Quotes of a ladder.
pub const LADDER: u32 = 50;

/// How many traders quote ladders in a measured block.
const QUOTERS: u32 = 20;

/// How many empty blocks a round has: what they are subtracted from is often not much more.
const QUIET_BLOCKS: usize = 5;

/// One fill for so many transactions of another block: all fit the clearings' share of a block, so that none is left for the next.
const PAIRS: u32 = 4;

/// The size of an order.
const LOTS: u32 = 10;

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
    /// A fill, both sides, that turns both positions over: matched, booked, triggers armed anew. Without the placements.
    pub fill: Duration,
}

impl Acts {
    /// A time in transfers.
    pub fn in_transfers(&self, time: Duration) -> f64 {
        time.as_secs_f64() / self.transfer.as_secs_f64()
    }
}

/// The least times of whole blocks, each with one kind of act.
#[derive(Clone, Copy, Debug)]
struct Blocks {
    quiet: Duration,
    transfers: Duration,
    placements: Duration,
    cancels: Duration,
    ladders: Duration,
    fills: Duration,
}

/// A chain on which acts are timed in the market of bitcoin, in rounds of one block of each kind. A machine that is slow for a while is
/// so for all kinds alike, and ratios of the least times hold.
pub struct Bench {
    chain: Chain,
    mark: u32,
    makers: Vec<Trader>,
    takers: Vec<Trader>,
    quoters: Vec<Trader>,
    rounds: u32,
    blocks: Blocks,
}

impl Bench {
    /// Makes ready for blocks of so many transactions. The book may hold orders, but none better than 80 ticks from the mark.
    pub fn new(mut chain: Chain, many: u32) -> Self {
        fresh_prices(&mut chain);
        let never = Duration::MAX;
        let mut bench = Self {
            mark: mark_ticks(&mut chain, BTC_PERP),
            makers: traders(&mut chain, "maker", many, 0, 100_000),
            takers: traders(&mut chain, "taker", many / PAIRS, 0, 100_000),
            quoters: traders(&mut chain, "quoter", QUOTERS, 0, 1_000_000),
            chain,
            rounds: 0,
            blocks: Blocks {
                quiet: never,
                transfers: never,
                placements: never,
                cancels: never,
                ladders: never,
                fills: never,
            },
        };
        // What is timed replaces a ladder that is there.
        bench.ladders();
        bench.trade(Side::Long, LOTS);
        bench
    }

    /// One block of each kind. Panics when an order is refused or a fill does not happen.
    pub fn round(&mut self) {
        self.rounds += 1;
        for _ in 0..QUIET_BLOCKS {
            keep_least(&mut self.blocks.quiet, timed(&mut self.chain, &[]));
        }
        let many = self.makers.len() as u32;
        let transfers = timing::transfers(&mut self.chain, many);
        let time = timed(&mut self.chain, &transfers);
        keep_least(&mut self.blocks.transfers, time);

        // Away from the touch.
        let away = (self.mark - 1_000, LOTS);
        let bids = orders(&mut self.chain, &mut self.makers, Side::Long, away);
        let time = timed(&mut self.chain, &bids);
        keep_least(&mut self.blocks.placements, time);
        let time = self.cancels();
        keep_least(&mut self.blocks.cancels, time);

        let time = self.ladders();
        keep_least(&mut self.blocks.ladders, time);
        // Positions are turned over each time: the breaker stops open interest that only grows.
        let resting = match self.rounds % 2 {
            1 => Side::Short,
            _ => Side::Long,
        };
        let time = self.trade(resting, 2 * LOTS);
        keep_least(&mut self.blocks.fills, time);
    }

    /// What the rounds so far say. There must have been one.
    pub fn acts(&self) -> Acts {
        let blocks = &self.blocks;
        let many = self.makers.len() as u32;
        let above_quiet = |block: Duration| block.saturating_sub(blocks.quiet);
        let place = above_quiet(blocks.placements) / many;
        let pairs = self.takers.len() as u32;
        Acts {
            transfer: above_quiet(blocks.transfers) / many,
            quiet: blocks.quiet,
            place,
            cancel: above_quiet(blocks.cancels) / many,
            ladder: above_quiet(blocks.ladders) / QUOTERS,
            fill: above_quiet(blocks.fills).saturating_sub(place * pairs) / pairs,
        }
    }

    /// The chain, with what the rounds left on it.
    pub fn into_chain(self) -> Chain {
        self.chain
    }

    /// Each maker cancels its last order.
    fn cancels(&mut self) -> Duration {
        let cancels: Vec<_> = self
            .makers
            .iter_mut()
            .map(|maker| {
                let number = self.chain.query(|| last_number(maker.account));
                let call = pallet_exchange::Call::<Runtime>::cancel {
                    account: maker.account,
                    market: BTC_PERP,
                    order: OrderRef::Number(number),
                };
                maker.sign(&mut self.chain, call)
            })
            .collect();
        timed(&mut self.chain, &cancels)
    }

    /// Some replace their ladders, all moved by a tick.
    fn ladders(&mut self) -> Duration {
        let (mark, shift) = (self.mark, self.rounds % 2);
        let ladders: Vec<_> = self
            .quoters
            .iter_mut()
            .map(|quoter| {
                let call = ladder(quoter.account, mark, shift);
                quoter.sign(&mut self.chain, call)
            })
            .collect();
        let time = timed(&mut self.chain, &ladders);
        for quoter in &self.quoters {
            let account = self.chain.query(|| Margin::load(quoter.account));
            let orders = account.expect("one").orders;
            assert_eq!(u32::from(orders), LADDER, "every quote was accepted");
        }
        time
    }

    /// Makers' orders rest, as many of the takers meet them, and all end up with a position of the one size on the side they traded.
    /// The block of those that meet is timed.
    fn trade(&mut self, resting: Side, lots: u32) -> Duration {
        let makers = &mut self.makers[..self.takers.len()];
        let first = orders(&mut self.chain, makers, resting, (self.mark, lots));
        timed(&mut self.chain, &first);
        let meeting = resting.opposite();
        let second = orders(
            &mut self.chain,
            &mut self.takers,
            meeting,
            (self.mark, lots),
        );
        let time = timed(&mut self.chain, &second);
        let held = match meeting {
            Side::Long => i64::from(LOTS),
            Side::Short => -i64::from(LOTS),
        };
        for taker in &self.takers {
            let account = self.chain.query(|| Margin::load(taker.account));
            let lots = account.expect("one").lots(BTC_PERP).0;
            assert_eq!(lots, held, "every order was filled");
        }
        time
    }
}

fn keep_least(least: &mut Duration, time: Duration) {
    *least = time.min(*least);
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
    least((0..QUIET_BLOCKS * effort.runs).map(|_| timed(chain, &[])))
}

fn last_number(account: AccountIndex) -> u32 {
    Margin::load(account).expect("an account").next_order - 1
}

fn orders(
    chain: &mut Chain,
    traders: &mut [Trader],
    side: Side,
    (price, lots): (u32, u32),
) -> Vec<UncheckedExtrinsic> {
    let order = OrderRequest::limit(side, lots.into(), price);
    traders
        .iter_mut()
        .map(|trader| {
            let call = place(trader.account, BTC_PERP, order);
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
            lots: LOTS.into(),
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

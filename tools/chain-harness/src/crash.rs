//! A crash: leveraged accounts, an insurance fund, bids for a fraction of the longs, and a price that falls by 30 % in ten blocks
//! and stays there.

use caisson_primitives::{
    oracle::FeedStatus,
    trading::{Cash, OrderRequest, Side},
};
use caisson_runtime::{Insurance, Runtime, RuntimeOrigin, System};

use crate::{
    crowd::Crowd,
    reports::ETH,
    trading::{mark_ticks, open_chain, place, set_prices, traders, BTC, BTC_PERP, ONE, UNITS},
    Chain,
};

/// Bitcoin before the crash, in wholes.
pub const BEFORE: u128 = 60_000;
/// The fall, in parts per thousand.
pub const FALL: u128 = 300;
/// How many blocks it takes.
pub const BLOCKS: u128 = 10;

/// The insurance fund, in wholes of the settlement asset for each account.
const FUND_PER_ACCOUNT: u128 = 20;
/// How many bids there are, each a quarter of a percent under the one before.
const BIDS: u32 = 20;

/// A chain before the crash: so many accounts in pairs, whose money is 8 % to 48 % of their position; a fund; and bids for a
/// twentieth of the longs near the price.
pub fn prepare(accounts: u32) -> Chain {
    let mut chain = open_chain(BEFORE * ONE);
    set(&mut chain, BEFORE, FeedStatus::Live);
    Crowd {
        accounts,
        market: BTC_PERP,
        money_per_mille: 80..480,
        holds: true,
    }
    .enter(&mut chain);
    let fund = u128::from(accounts) * FUND_PER_ACCOUNT;
    let donor = traders(&mut chain, "donor", 1, 0, fund).remove(0);
    chain.query(|| {
        Insurance::donate(RuntimeOrigin::signed(donor.id()), 0, fund * UNITS).expect("donates");
        System::reset_events();
    });
    chain.commit();
    set(&mut chain, BEFORE, FeedStatus::Live);
    chain.next_block();
    let mut makers = traders(&mut chain, "maker", BIDS, 0, 1_000_000);
    let mark = mark_ticks(&mut chain, BTC_PERP);
    let lots = u64::from(accounts) * 55 / 2 / 20 / u64::from(BIDS);
    let bids: Vec<_> = (1u32..)
        .zip(&mut makers)
        .map(|(step, maker)| {
            let order = OrderRequest::limit(Side::Long, lots.max(1), mark - mark / 400 * step);
            let call = place(maker.account, BTC_PERP, order);
            maker.sign(&mut chain, call)
        })
        .collect();
    set(&mut chain, BEFORE, FeedStatus::Live);
    chain.next_block_with(bids);
    chain
}

/// Bitcoin in the block with this number since the crash began, the first being 1; in wholes.
pub fn price_in(step: u128) -> u128 {
    BEFORE * (1_000 - FALL * step.min(BLOCKS) / BLOCKS) / 1_000
}

/// What the oracle says in the next block. A price that is not live is a minute old.
pub fn set(chain: &mut Chain, wholes: u128, status: FeedStatus) {
    set_prices(chain, wholes * ONE);
    if status == FeedStatus::Live {
        return;
    }
    chain.query(|| {
        pallet_price_oracle::Aggregates::<Runtime>::mutate(|all| {
            for feed in [BTC, ETH] {
                let mut aggregate = all[&feed];
                aggregate.status = status;
                aggregate.observed_at = aggregate.observed_at.saturating_sub(60_000);
                aggregate.updated_at = aggregate.observed_at;
                all.try_insert(feed, aggregate).expect("there is room");
            }
        });
    });
}

/// Whether nobody is marked as unsafe, and no deficit is open.
pub fn is_settled(chain: &mut Chain) -> bool {
    chain.query(|| {
        pallet_liquidation::UnsafeAccounts::<Runtime>::get() == 0
            && pallet_liquidation::Work::<Runtime>::iter_values()
                .all(|work| work.deficit == Cash(0))
    })
}

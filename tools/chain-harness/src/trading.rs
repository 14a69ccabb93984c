//! Traders with money, accounts and prices.

use caisson_primitives::{
    currency::UNIT,
    oracle::{FeedId, FeedStatus, OraclePrice},
    trading::{
        AccountIndex, CompartmentId, Contract, MarketId, MarketPrices, Markets as _, OrderRequest,
        Ticks,
    },
    AccountId,
};
use caisson_runtime::{
    configs::SETTLEMENT_ASSET, Assets, Balances, Markets, Runtime, RuntimeCall, UncheckedExtrinsic,
};
use frame_support::traits::{fungible::Mutate as _, fungibles::Mutate as _};
use sp_core::{sr25519, Pair};

use crate::{reports::block_of_reports, Chain};

/// A whole in prices of the oracle.
pub const ONE: OraclePrice = 1_000_000_000_000_000_000;
/// Bitcoin's feed in the development presets.
pub const BTC: FeedId = 0;
/// Bitcoin's perpetual in the development presets.
pub const BTC_PERP: MarketId = 0;
/// Smallest units of a whole of the settlement asset.
pub const UNITS: u128 = 1_000_000;

/// A key with a margin account.
#[derive(Clone)]
pub struct Trader {
    /// The key, which signs.
    pub pair: sr25519::Pair,
    /// The number of the margin account.
    pub account: AccountIndex,
    nonce: u32,
}

impl Trader {
    /// The account of the key.
    pub fn id(&self) -> AccountId {
        self.pair.public().into()
    }

    /// Its next transaction.
    pub fn sign(&mut self, chain: &mut Chain, call: impl Into<RuntimeCall>) -> UncheckedExtrinsic {
        let nonce = self.nonce;
        self.nonce += 1;
        chain.sign_as(&self.pair, nonce, call.into())
    }
}

/// Gives a feed a fresh price, as if all validators had agreed on it in time for the next block.
pub fn set_price(chain: &mut Chain, feed: FeedId, price: OraclePrice) {
    let now = chain.next_time();
    chain.query(|| {
        pallet_price_oracle::Aggregates::<Runtime>::mutate(|all| {
            let aggregate = pallet_price_oracle::types::Aggregate {
                price,
                confidence: price / 10_000,
                observed_at: now,
                updated_at: now,
                held_back: false,
                status: FeedStatus::Live,
            };
            all.try_insert(feed, aggregate).expect("there is room");
        });
    });
}

/// Fresh prices of all feeds of the presets: bitcoin's, and ether at a twentieth.
pub fn set_prices(chain: &mut Chain, btc: OraclePrice) {
    set_price(chain, BTC, btc);
    set_price(chain, 1, btc / 20);
}

/// A chain whose markets have prices.
pub fn open_chain(btc: OraclePrice) -> Chain {
    let mut chain = Chain::from_preset("development");
    block_of_reports(&mut chain, &["Alice"], btc);
    chain.next_block();
    chain
}

/// A chain of so many markets on bitcoin in the first compartment instead of the preset's, all with prices.
pub fn chain_of(markets: u32, btc: OraclePrice) -> Chain {
    let mut chain = Chain::from_preset_with("development", |genesis| {
        let list = genesis["markets"]["markets"]
            .as_array_mut()
            .expect("a list");
        let first = list[0].clone();
        *list = (0..markets)
            .map(|number| {
                let mut market = first.clone();
                market["symbol"] = format!("M-{number}").into();
                market
            })
            .collect();
    });
    block_of_reports(&mut chain, &["Alice"], btc);
    chain.next_block();
    chain
}

/// So many new traders with an account of so many whole units in a compartment, made without transactions.
pub fn traders(
    chain: &mut Chain,
    name: &str,
    count: u32,
    compartment: CompartmentId,
    whole: u128,
) -> Vec<Trader> {
    (0..count)
        .map(|number| {
            let pair =
                sr25519::Pair::from_string(&format!("//{name}//{number}"), None).expect("a seed");
            let id = AccountId::from(pair.public());
            let account = chain.query(|| {
                Balances::mint_into(&id, 1_000 * UNIT).expect("mints");
                Assets::mint_into(SETTLEMENT_ASSET, &id, 2 * whole * UNITS).expect("mints");
                let account = pallet_margin::NextAccount::<Runtime>::get();
                pallet_margin::custody::open::<Runtime>(id.clone(), compartment, 0, whole * UNITS)
                    .expect("opens");
                account
            });
            Trader {
                pair,
                account,
                nonce: 0,
            }
        })
        .collect()
}

/// A market's contract and prices.
pub fn market(chain: &mut Chain, market: MarketId) -> (Contract, MarketPrices) {
    chain.query(|| {
        (
            Markets::contract(market).expect("a market"),
            Markets::prices(market).expect("prices"),
        )
    })
}

/// The mark in ticks.
pub fn mark_ticks(chain: &mut Chain, id: MarketId) -> Ticks {
    let (contract, prices) = market(chain, id);
    Ticks::try_from(prices.mark.0 / i128::from(contract.tick)).expect("a price")
}

/// The call that places an order.
pub fn place(account: AccountIndex, market: MarketId, request: OrderRequest) -> RuntimeCall {
    pallet_exchange::Call::<Runtime>::place {
        account,
        market,
        request,
    }
    .into()
}

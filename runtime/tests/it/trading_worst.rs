//! The worst cases of trading in the compiled runtime, against what the weights claim: as many markets as there can be,
//! accounts in as many of them as they can be, every trigger crossed.
//!
//! Claims are compared in transfers of the same run. The database is memory here, but the state root is in the times.

use std::time::Duration;

use caisson_primitives::{
    trading::{
        Account, AccountIndex, Cash, Fill, FillKind, MarketId, Markets as _, OrderRequest, Side,
        TradingAccounts, MAX_POSITIONS,
    },
    AccountId,
};
use caisson_runtime::{
    configs::{transaction, DbWeight, MAX_MARKETS},
    weights, Margin, Markets, Runtime, UncheckedExtrinsic,
};
use frame_support::weights::Weight;
use pallet_circuit_breaker::WeightInfo as _;
use pallet_exchange::WeightInfo as _;
use pallet_margin::WeightInfo as _;
use pallet_markets::WeightInfo as _;

use crate::{
    chain::Chain,
    oracle_cost::{time_of_transfer, weight_of_transfer},
    trading::{chain_of, mark_ticks, place, set_prices, traders, Trader, ONE},
};

// With the database, whose state root is in the time of a block.
type Breaker = weights::pallet_circuit_breaker::WeightInfo<DbWeight>;
type MarketsWeights = weights::pallet_markets::WeightInfo<DbWeight>;
type MarginWeights = weights::pallet_margin::WeightInfo<DbWeight>;
type ExchangeWeights = weights::pallet_exchange::WeightInfo<DbWeight>;

const RUNS: usize = 7;
const PRICE: u128 = 60_000 * ONE;
/// How many accounts place orders in a measured block.
const ACCOUNTS: u32 = 20;
/// How many of the worst accounts are looked at in a block: no more fit the sweep's budget.
const LOOKED_AT: u32 = 5;

fn least(times: impl IntoIterator<Item = Duration>) -> Duration {
    times.into_iter().min().unwrap_or_default()
}

/// A block without transactions at a price.
fn timed(chain: &mut Chain, price: u128, transactions: &[UncheckedExtrinsic]) -> Duration {
    set_prices(chain, price);
    chain.timed_block(transactions)
}

/// The same with the node's trie cache, in which the terms of all markets are: they are read in every block.
fn cached(chain: &mut Chain, transactions: &[UncheckedExtrinsic]) -> Duration {
    set_prices(chain, PRICE);
    least(chain.timed_cached_block(transactions, RUNS))
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// What a weight claims, in transfers of one account to another, whose time has nearly nothing of the database.
fn claimed(weight: Weight, transfer: u64) -> f64 {
    weight.ref_time() as f64 / transfer as f64
}

fn compare(what: &str, took: Duration, transfer: Duration, claim: f64) {
    let measured = micros(took) / micros(transfer);
    println!(
        "{what}: {:.1} us = {measured:.3} transfers, claimed {claim:.3}",
        micros(took)
    );
    assert!(
        measured <= claim,
        "{what} takes {measured:.3} transfers and claims {claim:.3}"
    );
}

/// Puts accounts into as many markets as can be, long and short in turn, so that a move costs them nothing but crosses
/// half of their triggers; those allow prices to move by so many parts per thousand.
fn fill_markets(chain: &mut Chain, accounts: &[AccountIndex], moves: i128) {
    chain.query(|| {
        let mut long = vec![0i64; MAX_POSITIONS as usize];
        let mut money = 0;
        for (number, index) in (0..).zip(accounts) {
            let mut account = Margin::load(*index).expect("an account");
            let before = account.collateral.0;
            for market in 0..MAX_POSITIONS as MarketId {
                let contract = Markets::contract(market).expect("a market");
                let prices = Markets::prices(market).expect("prices");
                let mut free = contract.clone();
                free.fees = Default::default();
                let is_long = (number + u32::from(market)) % 2 == 0;
                let fill = Fill {
                    market,
                    side: if is_long { Side::Long } else { Side::Short },
                    lots: 100,
                    price: prices.mark,
                    kind: FillKind::Taker,
                };
                // Maintenance is a little over 3 %.
                account.collateral.0 += prices.mark.0 * 100 * (33 + moves) / 1_000;
                let settled =
                    Margin::fill(&mut account, &free, &prices, prices.at, &fill).expect("fills");
                long[usize::from(market)] += settled.long_lots;
            }
            money += account.collateral.0 - before;
            Margin::settle(*index, account).expect("settles");
        }
        pallet_margin::Ledgers::<Runtime>::mutate(0, |ledger| ledger.custody.0 += money);
        for (market, long) in (0..).zip(long) {
            let contract = Markets::contract(market).expect("a market");
            Margin::conclude(market, &contract, Cash(0), long).expect("concludes");
        }
    });
    chain.commit();
}

/// Accounts without money of their own.
fn empty_accounts(chain: &mut Chain, count: u32) -> Vec<AccountIndex> {
    chain.query(|| {
        (0..count)
            .map(|_| {
                let index = pallet_margin::NextAccount::<Runtime>::get();
                pallet_margin::NextAccount::<Runtime>::put(index + 1);
                let owner = AccountId::new(sp_io::hashing::blake2_256(&index.to_le_bytes()));
                pallet_margin::Accounts::<Runtime>::insert(
                    index,
                    Account::new(owner.clone(), 0, 0),
                );
                pallet_margin::AccountIndices::<Runtime>::insert(owner, (0, 0), index);
                index
            })
            .collect()
    })
}

#[test]
fn worst_cases_should_not_take_more_than_they_claim() {
    let _alone = crate::chain::alone();
    let mut few = chain_of(1, PRICE);
    let transfer = time_of_transfer(&mut few);
    let weight = weight_of_transfer();
    println!("transfer: {:.1} us", micros(transfer));
    // Many runs: a quiet market is a small part of a block.
    let one = least((0..5 * RUNS).map(|_| timed(&mut few, PRICE, &[])));
    let mut chain = chain_of(MAX_MARKETS, PRICE);
    let all = least((0..5 * RUNS).map(|_| timed(&mut chain, PRICE, &[])));

    // Each market: its prices, the breaker's look at them, the look at its triggers, the look at its stops.
    let markets = MarketsWeights::on_initialize(1, 0) - MarketsWeights::on_initialize(0, 0);
    let margin = pallet_margin::weights::of_one(MarginWeights::quiet_markets);
    let exchange = pallet_exchange::weights::each(ExchangeWeights::quiet_market);
    let claim = claimed(
        markets + pallet_circuit_breaker::weights::each(Breaker::look_written) + margin + exchange,
        weight,
    );
    let each = all.saturating_sub(one) / (MAX_MARKETS - 1);
    compare("a quiet market", each, transfer, claim);
    let whole = micros(all.saturating_sub(one)) / 1_000.0;
    println!("{MAX_MARKETS} quiet markets: {whole:.1} ms of a block");

    // Accounts that a move of more than six thousandths crosses: they are armed anew in all their markets.
    let accounts = empty_accounts(&mut chain, LOOKED_AT);
    fill_markets(&mut chain, &accounts, 5);
    let quiet = least((0..RUNS).map(|_| timed(&mut chain, PRICE, &[])));
    let triggers = |chain: &mut Chain| -> Vec<_> {
        chain.query(|| {
            let account = Margin::load(accounts[LOOKED_AT as usize - 1]).expect("one");
            assert_eq!(account.unsafe_since, None, "a hedged account stays safe");
            account.positions.iter().map(|one| one.armed).collect()
        })
    };
    let mut times = Vec::new();
    for run in 0..RUNS as u128 {
        let before = triggers(&mut chain);
        // Each further than the last, so that the triggers made then are crossed again.
        times.push(timed(
            &mut chain,
            PRICE - PRICE * (run + 1) * 12 / 1_000,
            &[],
        ));
        let after = triggers(&mut chain);
        let moved = before
            .iter()
            .zip(&after)
            .filter(|(before, after)| before != after)
            .count();
        assert_eq!(moved, MAX_POSITIONS as usize, "every trigger is made anew");
    }
    let look = pallet_margin::weights::of_account(MarginWeights::look, MAX_POSITIONS);
    let claim = claimed(look, weight);
    compare(
        "a look at an account of 32 markets",
        least(times).saturating_sub(quiet) / LOOKED_AT,
        transfer,
        claim,
    );
}

#[test]
fn orders_of_accounts_in_many_markets_should_not_take_more_than_they_claim() {
    let _alone = crate::chain::alone();
    // On a chain of its own: while transfers are timed nobody reports prices, and the breaker would tighten.
    let mut other = chain_of(1, PRICE);
    let transfer = time_of_transfer(&mut other);
    let weight = weight_of_transfer();
    let mut chain = chain_of(MAX_POSITIONS, PRICE);
    let mark = mark_ticks(&mut chain, 0);
    let mut makers = traders(&mut chain, "maker", ACCOUNTS, 0, 1_000_000);
    let mut takers = traders(&mut chain, "taker", ACCOUNTS, 0, 1_000_000);
    let all: Vec<_> = makers
        .iter()
        .chain(&takers)
        .map(|trader| trader.account)
        .collect();
    fill_markets(&mut chain, &all, 500);
    let quiet = cached(&mut chain, &[]);

    let (mut placing, mut clearing) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let sign = |chain: &mut Chain, traders: &mut [Trader], side| -> Vec<_> {
            traders
                .iter_mut()
                .map(|trader| {
                    let call = place(trader.account, 0, OrderRequest::limit(side, 10, mark));
                    trader.sign(chain, call)
                })
                .collect()
        };
        let bids = sign(&mut chain, &mut makers, Side::Long);
        placing.push(cached(&mut chain, &bids));
        let asks = sign(&mut chain, &mut takers, Side::Short);
        clearing.push(cached(&mut chain, &asks));
    }
    let placing = least(placing).saturating_sub(quiet) / ACCOUNTS;
    let order = transaction() + ExchangeWeights::place(MAX_POSITIONS);
    let claim = claimed(order, weight);
    compare(
        "placing an order, account in 32 markets",
        placing,
        transfer,
        claim,
    );

    // Both accounts are in 32 markets; each of their orders is met and filled, and their triggers are looked at anew.
    let fill = least(clearing).saturating_sub(quiet + placing * ACCOUNTS) / ACCOUNTS;
    let of_a_side = ExchangeWeights::order_met(1)
        + ExchangeWeights::fill(1)
        + ExchangeWeights::account_met(MAX_POSITIONS);
    let claim = 2.0 * claimed(of_a_side, weight);
    compare("a fill, both accounts in 32 markets", fill, transfer, claim);
}

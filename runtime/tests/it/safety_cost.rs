//! What the safety core costs in the compiled runtime, in transfers of the same run: for each liquidated account, and in its
//! worst cases against what the weights claim.
//!
//! The database is memory here, so claims are compared without their database part.

use std::time::Duration;

use caisson_chain_harness::crowd::bring_into_custody;
use caisson_primitives::{
    trading::{
        Account, AccountIndex, Cash, Fill, FillKind, MarketId, Markets as _, OrderRequest, Scope,
        Side, TradingAccounts, MAX_POSITIONS,
    },
    AccountId,
};
use caisson_runtime::{
    weights, CircuitBreaker, Insurance, Margin, Markets, Runtime, RuntimeOrigin, System,
};
use frame_support::weights::Weight;
use pallet_liquidation::WeightInfo as _;

use crate::{
    chain::Chain,
    oracle_cost::{time_of_transfer, weight_of_transfer},
    trading::{chain_of, mark_ticks, open_chain, place, set_prices, traders, BTC_PERP, ONE, UNITS},
};

const PRICE: u128 = 60_000 * ONE;
/// How many accounts are liquidated in a measured block.
const MANY: u32 = 60;
/// How many accounts in as many markets as can be are taken over in a measured block.
const WIDE: u32 = 3;
/// The most that a liquidated account may cost, in transfers: found, its order entered, met, filled, restored.
const TARGET: f64 = 5.0;

/// Without the database, which is memory here.
type Weights = weights::pallet_liquidation::WeightInfo<()>;

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// A block at a price.
fn timed(chain: &mut Chain, price: u128) -> Duration {
    set_prices(chain, price);
    chain.timed_block(&[])
}

/// Accounts with a position in the first of so many markets, and money for so many parts per thousand of it.
pub fn hold(
    chain: &mut Chain,
    count: u32,
    markets: MarketId,
    side: Side,
    share: i128,
) -> Vec<AccountIndex> {
    let accounts = chain.query(|| {
        let (mut indices, mut money) = (Vec::new(), 0);
        let mut long = vec![0i64; usize::from(markets)];
        for _ in 0..count {
            let index = pallet_margin::NextAccount::<Runtime>::get();
            pallet_margin::NextAccount::<Runtime>::put(index + 1);
            let owner = AccountId::new(sp_io::hashing::blake2_256(&index.to_le_bytes()));
            let mut account = Account::new(owner.clone(), 0, 0);
            for market in 0..markets {
                let mut contract = Markets::contract(market).expect("a market");
                contract.fees = Default::default();
                let prices = Markets::prices(market).expect("prices");
                let fill = Fill {
                    market,
                    side,
                    lots: 100,
                    price: prices.mark,
                    kind: FillKind::Taker,
                };
                account.collateral.0 += prices.mark.0 * 100 * share / 1_000;
                let settled = Margin::fill(&mut account, &contract, &prices, prices.at, &fill)
                    .expect("fills");
                long[usize::from(market)] += settled.long_lots;
            }
            money += account.collateral.0;
            pallet_margin::AccountIndices::<Runtime>::insert(owner, (0, 0), index);
            Margin::settle(index, account).expect("settles");
            indices.push(index);
        }
        bring_into_custody(0, money);
        for (market, long) in (0..).zip(long) {
            let contract = Markets::contract(market).expect("a market");
            Margin::conclude(market, &contract, Cash(0), long).expect("concludes");
        }
        System::reset_events();
        indices
    });
    chain.commit();
    accounts
}

pub fn donate(chain: &mut Chain, wholes: u128) {
    let donor = traders(chain, "donor", 1, 0, wholes).remove(0);
    chain.query(|| {
        Insurance::donate(RuntimeOrigin::signed(donor.id()), 0, wholes * UNITS).expect("donates");
        System::reset_events();
    });
    chain.commit();
}

/// What a weight without the database claims, in transfers.
fn claimed(weight: Weight, transfer: u64) -> f64 {
    weight.ref_time() as f64 / transfer as f64
}

fn count_unsafe(chain: &mut Chain) -> u32 {
    chain.query(pallet_liquidation::UnsafeAccounts::<Runtime>::get)
}

fn taken_over(chain: &mut Chain) -> u32 {
    chain.query(|| pallet_liquidation::TotalsOf::<Runtime>::get(BTC_PERP).taken_over)
}

#[test]
fn liquidated_account_should_cost_at_most_five_transfers() {
    let _alone = crate::chain::alone();
    // On a chain of its own: while transfers are timed nobody reports prices, and the breaker would tighten.
    let transfer = time_of_transfer(&mut open_chain(PRICE));
    let mut chain = open_chain(PRICE);
    donate(&mut chain, 1_000_000);
    // Longs with 4 % behind them against shorts who have plenty; maintenance is a little over 3 %.
    let longs = hold(&mut chain, MANY, 1, Side::Long, 40);
    hold(&mut chain, MANY, 1, Side::Short, 900);
    let mut maker = traders(&mut chain, "maker", 1, 0, 1_000_000).remove(0);
    // Less than what trips the breaker in a calm market.
    let lower = PRICE * 990 / 1_000;
    let price = mark_ticks(&mut chain, BTC_PERP) * 989 / 1_000;
    let bid = OrderRequest::limit(Side::Long, 100 * u64::from(MANY), price);
    let bid = maker.sign(&mut chain, place(maker.account, BTC_PERP, bid));
    set_prices(&mut chain, PRICE);
    chain.next_block_with(vec![bid]);
    let quiet = (0..5)
        .map(|_| timed(&mut chain, PRICE))
        .min()
        .expect("some");
    let before = chain.query(|| System::block_weight().total());
    let took = timed(&mut chain, lower);
    let after = chain.query(|| System::block_weight().total());
    let restored = chain.query(|| {
        longs
            .iter()
            .filter(|index| {
                let account = Margin::load(**index).expect("an account");
                account.unsafe_since.is_none() && account.lots(BTC_PERP).0 < 100
            })
            .count()
    });
    let trips = chain.query(|| {
        [Scope::Market(BTC_PERP), Scope::Compartment(0), Scope::Chain].map(CircuitBreaker::trips)
    });
    assert_eq!(
        restored,
        longs.len(),
        "all are restored in the block in which they were found; {trips:?}"
    );
    assert_eq!(count_unsafe(&mut chain), 0);
    let each = micros(took.saturating_sub(quiet)) / f64::from(MANY);
    let ratio = each / micros(transfer);
    // The clearing's budget is claimed in every block, so this is what sweep and engine claim.
    let claim = after.saturating_sub(before).ref_time() as f64 / 1e6 / f64::from(MANY);
    println!(
        "liquidated account: {each:.1} us = {ratio:.2} transfers of {:.1} us; sweep and engine claim {claim:.1} us",
        micros(transfer)
    );
    assert!(
        ratio <= TARGET,
        "a liquidated account costs {ratio:.2} transfers"
    );
}

#[test]
fn take_over_in_as_many_markets_as_can_be_should_not_take_more_than_it_claims() {
    let _alone = crate::chain::alone();
    let mut other = open_chain(PRICE);
    let transfer = time_of_transfer(&mut other);
    let weight = weight_of_transfer();
    let mut chain = chain_of(MAX_POSITIONS, PRICE);
    set_prices(&mut chain, PRICE);
    chain.next_block();
    donate(&mut chain, 10_000_000);
    let markets = MAX_POSITIONS as MarketId;
    hold(&mut chain, WIDE, markets, Side::Long, 40);
    hold(&mut chain, WIDE, markets, Side::Short, 900);
    let quiet = (0..5)
        .map(|_| timed(&mut chain, PRICE))
        .min()
        .expect("some");
    // Nothing is left of 4 %: the funds take them over at once.
    let took = timed(&mut chain, PRICE * 965 / 1_000);
    assert_eq!(
        taken_over(&mut chain) + others(&mut chain),
        WIDE,
        "all are taken over"
    );
    let each = took.saturating_sub(quiet) / WIDE;
    use pallet_margin::WeightInfo as _;
    let look = pallet_margin::weights::of_account(
        weights::pallet_margin::WeightInfo::<()>::look,
        MAX_POSITIONS,
    );
    // The first pays for what is the markets', the others count as an account for each of theirs.
    let accounts = 1 + (WIDE - 1) * MAX_POSITIONS;
    let taking_over = claimed(Weights::take_over(accounts, MAX_POSITIONS), weight);
    // In the same block each fund with something new does its work.
    let funds = claimed(Weights::fund(0, 0), weight) * f64::from(MAX_POSITIONS);
    let claim = claimed(look, weight) + (taking_over + funds) / f64::from(WIDE);
    let measured = micros(each) / micros(transfer);
    println!(
        "a take-over in {MAX_POSITIONS} markets: {:.1} us = {measured:.2} transfers, claimed {claim:.2}",
        micros(each)
    );
    assert!(
        measured <= claim,
        "takes {measured:.2} transfers and claims {claim:.2}"
    );
}

/// Take-overs that another market than the first answers for.
fn others(chain: &mut Chain) -> u32 {
    chain.query(|| {
        pallet_liquidation::TotalsOf::<Runtime>::iter()
            .filter(|(market, _)| *market != BTC_PERP)
            .map(|(_, totals)| totals.taken_over)
            .sum()
    })
}

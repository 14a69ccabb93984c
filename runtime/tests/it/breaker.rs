//! The circuit breaker on the compiled runtime: who raises and lowers levels, and what clients are told of risk.

use caisson_primitives::trading::{
    risk_api::{ChainRisk, CollateralClass, CompartmentRisk, LiquidationView, MarketRisk},
    CompartmentFunds, Level, MarketId, OrderRequest, Scope, Side,
};
use caisson_runtime::{CircuitBreaker, Margin, Runtime, RuntimeCall};
use codec::{Decode, Encode};
use frame_support::assert_ok;
use pallet_circuit_breaker::Call as Breaker;
use sp_keyring::Sr25519Keyring::{Alice, Bob, Charlie, Dave};
use sp_runtime::{traits::Dispatchable, DispatchError};

use crate::{
    chain::{error, Chain},
    emergency::{instance, motion},
    trading::{mark_ticks, open_chain, place, set_prices, traders, BTC_PERP, ONE, UNITS},
};

const PRICE: u128 = 60_000 * ONE;

fn raise(level: Level) -> RuntimeCall {
    RuntimeCall::CircuitBreaker(Breaker::raise {
        scope: Scope::Chain,
        level,
        reason: b"drill".to_vec().try_into().expect("short"),
    })
}

fn level(chain: &mut Chain, market: MarketId) -> Level {
    chain.query(|| CircuitBreaker::level(market))
}

fn ask<T: Decode>(chain: &mut Chain, method: &str, input: impl Encode) -> T {
    let answer = chain.api(method, &input.encode());
    T::decode(&mut &answer[..]).expect("decodes")
}

#[test]
fn guardians_should_raise_levels_and_nobody_but_a_referendum_should_lower_them() {
    let mut chain = Chain::from_preset("local_testnet");
    let denied = Err(DispatchError::BadOrigin);
    // A member alone is nobody.
    assert_eq!(chain.transact(Dave, raise(Level::Halted)), denied);
    let committee = motion!(
        &mut chain,
        TechnicalCommittee,
        [Charlie, Dave],
        raise(Level::CancelOnly)
    );
    assert_eq!(committee, Ok(()));
    assert_eq!(level(&mut chain, BTC_PERP), Level::CancelOnly);
    let council = motion!(&mut chain, Council, [Alice, Bob], raise(Level::Halted));
    assert_eq!(council, Ok(()));
    assert_eq!(level(&mut chain, BTC_PERP), Level::Halted);

    // What they raised they can't lower, neither by raising to less nor by lowering.
    let less = motion!(
        &mut chain,
        Council,
        [Alice, Charlie],
        raise(Level::LongCalls)
    );
    assert!(less.is_err(), "{less:?}");
    let lower = RuntimeCall::CircuitBreaker(Breaker::lower {
        scope: Scope::Chain,
        level: Level::Open,
    });
    let lowered = motion!(&mut chain, Council, [Alice, Bob], lower.clone());
    assert_eq!(lowered, Err(DispatchError::BadOrigin));
    assert_eq!(level(&mut chain, BTC_PERP), Level::Halted);

    // The risk track of referenda can.
    let origin = caisson_runtime::governance::origins::Origin::RiskAdmin;
    chain.query(|| {
        assert_ok!(lower.dispatch(caisson_runtime::RuntimeOrigin::from(origin)));
    });
    assert_eq!(level(&mut chain, BTC_PERP), Level::Open);
}

#[test]
fn levels_should_stop_what_they_forbid_and_nothing_that_makes_an_account_safer() {
    let mut chain = open_chain(PRICE);
    let mut all = traders(&mut chain, "trader", 1, 0, 10_000);
    let trader = &mut all[0];
    let mark = mark_ticks(&mut chain, BTC_PERP);
    set_prices(&mut chain, PRICE);
    let bid = OrderRequest::limit(Side::Long, 10, mark - 100);
    let order = place(trader.account, BTC_PERP, bid);
    let order = trader.sign(&mut chain, order);
    chain.next_block_with(vec![order]);
    chain.query(|| {
        // Guardians are collectives; here the trip is made as one of them would.
        let origin = pallet_collective::RawOrigin::<
            caisson_primitives::AccountId,
            caisson_runtime::configs::TechnicalInstance,
        >::Members(3, 3);
        assert_ok!(raise(Level::Halted).dispatch(origin.into()));
    });
    chain.commit();
    set_prices(&mut chain, PRICE);
    let place = place(trader.account, BTC_PERP, bid);
    let place = trader.sign(&mut chain, place);
    let withdraw = pallet_margin::Call::<Runtime>::withdraw {
        account: trader.account,
        asset: caisson_runtime::configs::SETTLEMENT_ASSET,
        units: UNITS,
    };
    let withdraw = trader.sign(&mut chain, withdraw);
    let deposit = pallet_margin::Call::<Runtime>::deposit {
        account: trader.account,
        asset: caisson_runtime::configs::SETTLEMENT_ASSET,
        units: UNITS,
    };
    let deposit = trader.sign(&mut chain, deposit);
    let cancel = pallet_exchange::Call::<Runtime>::cancel_all {
        account: trader.account,
        market: None,
    };
    let cancel = trader.sign(&mut chain, cancel);
    chain.begin_block();
    assert_ok!(chain.apply_timestamp());
    let mut apply = |transaction| chain.apply(transaction).expect("valid");
    assert_eq!(
        apply(place),
        error(pallet_exchange::Error::<Runtime>::MarketHalted)
    );
    assert_eq!(
        apply(withdraw),
        error(pallet_circuit_breaker::Error::<Runtime>::WithdrawalsHalted)
    );
    assert_ok!(apply(deposit));
    assert_ok!(apply(cancel));
    chain.end_block();
    let left = chain.query(|| Margin::account(trader.account).map(|account| account.orders));
    assert_eq!(left, Some(0));
}

#[test]
fn clients_should_be_told_of_markets_compartments_and_the_chain() {
    let mut chain = open_chain(PRICE);
    let mut all = traders(&mut chain, "trader", 2, 0, 1_000);
    let mark = mark_ticks(&mut chain, BTC_PERP);
    set_prices(&mut chain, PRICE);
    // Ten thousand at ten times leverage.
    let lots = 10_000 / 6;
    let orders: Vec<_> = all
        .iter_mut()
        .zip([Side::Long, Side::Short])
        .map(|(trader, side)| {
            let order = OrderRequest::limit(side, lots, mark);
            let call = place(trader.account, BTC_PERP, order);
            trader.sign(&mut chain, call)
        })
        .collect();
    chain.next_block_with(orders);
    set_prices(&mut chain, PRICE);
    chain.next_block();

    let markets: Vec<MarketRisk> = ask(&mut chain, "RiskApi_market_risks", ());
    assert_eq!(markets.len(), 3);
    let one: Option<MarketRisk> = ask(&mut chain, "RiskApi_market_risk", BTC_PERP);
    let one = one.expect("it has prices");
    assert_eq!(one, markets[0]);
    assert_eq!(one.level, Level::Open, "{:?}", one.reasons);
    assert_eq!(one.open_interest, lots);
    assert_eq!(
        one.open_interest_notional.0,
        one.mark.0 * i128::from(lots),
        "open interest at mark"
    );
    let near: Vec<_> = one.near_edge.iter().map(|edge| edge.move_ppm).collect();
    assert_eq!(near, [10_000, 20_000, 50_000, 100_000, 200_000, 300_000]);
    assert_eq!(one.near_edge[0].long.0, 0, "nobody is within 1 %");
    assert_eq!(
        one.near_edge[3].long, one.open_interest_notional,
        "within 10 %"
    );

    let compartments: Vec<CompartmentRisk> = ask(&mut chain, "RiskApi_compartment_risks", ());
    assert_eq!(compartments.len(), 2);
    let pots = chain.query(|| Margin::pots(0));
    assert_eq!(compartments[0].custody, pots.custody);
    assert_eq!(compartments[0].insurance, pots.insurance);
    assert!(compartments[0].withdrawals_left_hour.0 > 0);
    assert!(compartments[0].target.0 > 0, "open interest has a target");

    let risk: ChainRisk = ask(&mut chain, "RiskApi_chain_risk", ());
    assert_eq!((risk.unsafe_accounts, risk.backlog), (0, 0));
    let (classes, next): (Vec<CollateralClass>, Option<u32>) = ask(
        &mut chain,
        "RiskApi_collateralisation",
        (0u16, 0u32, 1_000u32),
    );
    assert_eq!(next, None);
    assert_eq!(classes.iter().map(|class| class.accounts).sum::<u32>(), 2);
    let none: Option<LiquidationView> = ask(&mut chain, "RiskApi_liquidation", all[0].account);
    assert_eq!(none, None, "it is safe");
}

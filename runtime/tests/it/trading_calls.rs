//! Calls on the real runtime, executed natively: the order of a block's transactions decides nothing, and a market that
//! ends gives everyone what is theirs.

use std::collections::BTreeMap;

use caisson_primitives::{
    oracle::{FeedStatus, OraclePrice},
    trading::{
        AccountIndex, MarketId, Markets as _, OpenInterestSource, OrderRef, OrderRequest, Phase,
        Side, Ticks, TradingAccounts,
    },
    AccountId,
};
use caisson_runtime::{Margin, Markets, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin};
use frame_support::assert_ok;
use proptest::{prelude::*, test_runner::TestRunner};
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, Dave, Eve, Ferdie};

use crate::native::{dispatch, Native};

const ONE: OraclePrice = 1_000_000_000_000_000_000;
const UNITS: u128 = 1_000_000;
const MARKET: MarketId = 0;
const OWNERS: [Sr25519Keyring; 6] = [Alice, Bob, Charlie, Dave, Eve, Ferdie];

fn publish(chain: &mut Native, price: OraclePrice) {
    chain.set_price(0, price, FeedStatus::Live);
    chain.set_price(1, price / 20, FeedStatus::Live);
}

/// A chain on which each owner has an account of the same number in the first compartment.
fn opened() -> Native {
    let mut chain = Native::from_preset("development");
    publish(&mut chain, 60_000 * ONE);
    chain.block(|| {
        for owner in OWNERS {
            let call = pallet_margin::Call::open_account {
                compartment: 0,
                sub: 0,
                units: 50_000 * UNITS,
            };
            assert_ok!(dispatch(&owner.to_account_id(), call));
        }
    });
    chain
}

/// Everything that the trading pallets store.
fn stored(chain: &mut Native) -> BTreeMap<Vec<u8>, Vec<u8>> {
    chain.run(|| {
        let mut all = BTreeMap::new();
        for pallet in ["Markets", "Margin", "Exchange"] {
            let prefix = sp_io::hashing::twox_128(pallet.as_bytes()).to_vec();
            let mut key = prefix.clone();
            while let Some(next) = sp_io::storage::next_key(&key) {
                if !next.starts_with(&prefix) {
                    break;
                }
                let value = sp_io::storage::get(&next).map(|value| value.to_vec());
                all.insert(next.clone(), value.unwrap_or_default());
                key = next;
            }
        }
        all
    })
}

fn at(offset: i32) -> Ticks {
    Ticks::try_from(600_000 + offset).expect("positive")
}

/// An act of the account of that number.
type Act = (u8, RuntimeCall);

fn orders() -> impl Strategy<Value = Vec<Act>> {
    let order = (0u8..6, any::<bool>(), -40i32..40, 1u64..500, 0u8..6).prop_map(
        |(account, buy, offset, lots, kind)| {
            let side = if buy { Side::Long } else { Side::Short };
            let limit = OrderRequest::limit(side, lots, at(offset));
            let request = match kind {
                0 => limit.immediate(),
                1 => limit.post_only(),
                2 => OrderRequest::market(side, lots, 500),
                3 => limit.reduce_only(),
                _ => limit,
            };
            let call = pallet_exchange::Call::<Runtime>::place {
                account: account.into(),
                market: MARKET,
                request,
            };
            (account, call.into())
        },
    );
    let cancel = (0u8..6, 0u32..6).prop_map(|(account, number)| {
        let call = pallet_exchange::Call::<Runtime>::cancel {
            account: account.into(),
            market: MARKET,
            order: OrderRef::Number(number),
        };
        (account, call.into())
    });
    prop::collection::vec(prop_oneof![6 => order, 1 => cancel], 1..40)
}

/// The same acts in another order: those of one account keep theirs, as their nonces make them.
fn permuted(acts: &[Act], seed: &[u32]) -> Vec<Act> {
    let mut queues: BTreeMap<u8, Vec<RuntimeCall>> = BTreeMap::new();
    for (account, call) in acts.iter().rev() {
        queues.entry(*account).or_default().push(call.clone());
    }
    let mut result = Vec::new();
    let mut picks = seed.iter().cycle();
    while !queues.is_empty() {
        let pick = *picks.next().expect("a seed") as usize % queues.len();
        let account = *queues.keys().nth(pick).expect("there is one");
        let queue = queues.get_mut(&account).expect("there is one");
        result.push((account, queue.pop().expect("none is empty")));
        queues.retain(|_, queue| !queue.is_empty());
    }
    result
}

/// Two blocks of acts, the second on a book that rests; the storage after each.
fn play(blocks: [&[Act]; 2]) -> [BTreeMap<Vec<u8>, Vec<u8>>; 2] {
    let mut chain = opened();
    blocks.map(|acts| {
        publish(&mut chain, 60_000 * ONE);
        chain.block(|| {
            for (account, call) in acts {
                let owner = OWNERS[usize::from(*account)].to_account_id();
                let _ = dispatch(&owner, call.clone());
            }
        });
        stored(&mut chain)
    })
}

#[test]
fn order_of_a_blocks_transactions_should_decide_nothing() {
    let fills = std::cell::Cell::new(0);
    let mut runner = TestRunner::new(ProptestConfig {
        cases: 40,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let cases = (
        orders(),
        orders(),
        prop::collection::vec(any::<u32>(), 1..20),
    );
    runner
        .run(&cases, |(first, second, seed)| {
            let given = play([&first, &second]);
            let other = play([&permuted(&first, &seed), &permuted(&second, &seed)]);
            prop_assert!(
                given == other,
                "another order of transactions gave another state"
            );
            fills.set(fills.get() + usize::from(given[0] != given[1]));
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
    assert!(fills.get() > 0);
}

#[test]
fn market_that_ends_should_cancel_its_orders_and_settle_its_positions() {
    let mut chain = opened();
    let place = |owner: Sr25519Keyring, account: AccountIndex, side, price, lots| {
        let call = pallet_exchange::Call::<Runtime>::place {
            account,
            market: MARKET,
            request: OrderRequest::limit(side, lots, price),
        };
        assert_ok!(dispatch(&owner.to_account_id(), call));
    };
    publish(&mut chain, 60_000 * ONE);
    chain.block(|| {
        place(Alice, 0, Side::Long, at(0), 5_000);
        place(Bob, 1, Side::Short, at(0), 3_000);
        place(Charlie, 2, Side::Short, at(0), 2_000);
        // These rest.
        place(Dave, 3, Side::Long, at(-500), 100);
        place(Eve, 4, Side::Short, at(500), 100);
    });
    assert_eq!(chain.run(|| Margin::open_interest(MARKET)), 5_000);

    // A window of a minute, so that the test needs few blocks.
    let end = chain.next_time() + 62_000;
    publish(&mut chain, 60_000 * ONE);
    chain.block(|| {
        let mut parameters = pallet_markets::Parameters::<Runtime>::get(MARKET).expect("a market");
        parameters.settlement_window_ms = 60_000;
        let root = RuntimeOrigin::root;
        assert_ok!(Markets::set_risk_parameters(
            root(),
            MARKET,
            Box::new(parameters)
        ));
        assert_ok!(Markets::delist(root(), MARKET, end));
    });
    let mut blocks = 0;
    while chain
        .run(|| Markets::contract(MARKET))
        .is_some_and(|it| it.phase != Phase::Settled)
    {
        // From 60,000 to 63,000 over the window.
        let price = 60_000 * ONE + ONE * 50 * blocks.min(60);
        publish(&mut chain, price);
        chain.block(|| {
            if let Some(contract) = Markets::contract(MARKET).filter(|it| !it.phase.takes_orders())
            {
                assert_eq!(contract.phase, Phase::Settling.max(contract.phase));
                let call = pallet_exchange::Call::<Runtime>::cancel_all {
                    account: 0,
                    market: None,
                };
                assert_ok!(dispatch(&Alice.to_account_id(), call));
            }
        });
        blocks += 1;
        assert!(blocks < 120, "the market must end");
    }
    let price = chain
        .run(|| pallet_markets::SettlementPrices::<Runtime>::get(MARKET))
        .expect("a settlement price");
    let (low, high) = (6_000_000_000_000i128, 6_300_000_000_000i128);
    assert!(
        price.0 > low && price.0 < high,
        "an average of the window: {price:?}"
    );
    assert_eq!(chain.run(|| Margin::open_interest(MARKET)), 0);
    chain.run(|| {
        for account in 0..5 {
            let account = Margin::load(account).expect("an account");
            assert!(
                account.positions.is_empty() && account.orders == 0,
                "{account:?}"
            );
        }
        // What Alice won is what the other two lost; fees were paid at the fills.
        let money = |account| Margin::load(account).expect("an account").collateral.0;
        let profit = 5_000 * (price.0 - low);
        let fee = |lots: i128| lots * low * 500 / 1_000_000;
        let start = 50_000 * 1_000_000_000_000;
        assert_eq!(money(0), start + profit - fee(5_000));
        assert_eq!(money(1), start - 3_000 * (price.0 - low) - fee(3_000));
        assert_eq!(money(2), start - 2_000 * (price.0 - low) - fee(2_000));
    });
    // Money can leave, and orders are refused in words.
    publish(&mut chain, 63_000 * ONE);
    chain.block(|| {
        let who: AccountId = Alice.to_account_id();
        assert_ok!(dispatch(
            &who,
            pallet_margin::Call::<Runtime>::close_account { account: 0 }
        ));
    });
    let closed = chain.events().into_iter().any(|event| {
        matches!(
            event,
            RuntimeEvent::Margin(pallet_margin::Event::AccountClosed { account: 0, .. })
        )
    });
    assert!(closed);
}

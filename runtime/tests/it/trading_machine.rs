//! Random histories of the whole trading core on the real runtime.
//!
//! Ten accounts of six owners in two compartments and three markets: deposits, orders of every kind, cancels, price
//! moves, funding, stale feeds, parameters that move, leverage. After every block all invariants of oracle, markets,
//! margin and exchange hold as equalities, and the accounts that the trigger index found are exactly those that a full
//! scan finds (SPEC 11.7 of margin). `CAISSON_HISTORIES` sets how many histories there are.

use std::collections::BTreeSet;

use caisson_primitives::{
    oracle::{FeedId, FeedStatus, OraclePrice},
    trading::{
        AccountIndex, AccountRole, MarketId, Markets as _, OrderRef, OrderRequest, Side, Ticks,
        TradingAccounts, Trigger,
    },
    AccountId,
};
use caisson_runtime::{Margin, Markets, Runtime, RuntimeOrigin};
use frame_support::assert_ok;
use proptest::prelude::*;
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, Dave, Eve, Ferdie};

use crate::native::{dispatch, Native};

const ONE: OraclePrice = 1_000_000_000_000_000_000;
/// The markets of the preset by compartment.
const MARKETS: [&[MarketId]; 2] = [&[0, 1], &[2]];
/// Owner, compartment and sub-number of each account, in the order of their numbers.
const ACCOUNTS: [(Sr25519Keyring, u16, u8); 10] = [
    (Alice, 0, 0),
    (Bob, 0, 0),
    (Charlie, 0, 0),
    (Dave, 0, 0),
    (Eve, 0, 0),
    (Ferdie, 0, 0),
    (Alice, 0, 1),
    (Alice, 1, 0),
    (Bob, 1, 0),
    (Charlie, 1, 0),
];
/// Smallest units of the settlement asset in a whole.
const UNITS: u128 = 1_000_000;

/// What one account does.
#[derive(Clone, Debug)]
enum Act {
    Place(OrderPlan),
    Batch(Vec<OrderPlan>),
    Ladder { spread: i32, levels: u8, lots: u64 },
    Cancel { which: u8 },
    CancelAll { everywhere: bool },
    Amend { which: u8, offset: i32, lots: u64 },
    Deposit { units: u128 },
    Withdraw { units: u128 },
    Transfer { units: u128 },
    Leverage { leverage: u8 },
    Deadline { seconds: Option<u8> },
}

/// An order, its price relative to the mark.
#[derive(Clone, Debug)]
struct OrderPlan {
    second_market: bool,
    buy: bool,
    /// From the mark, in parts per ten thousand.
    offset: i32,
    lots: u64,
    kind: u8,
    reduce_only: bool,
    client: Option<u8>,
}

/// What happens to the world before a block.
#[derive(Clone, Debug)]
enum World {
    Quiet,
    /// A feed moves, in parts per ten thousand.
    Move {
        second: bool,
        by: i32,
    },
    Status {
        second: bool,
        status: FeedStatus,
    },
    /// The margins of a market move toward another floor.
    Floor {
        market: MarketId,
        ppm: u32,
    },
    Cap {
        market: MarketId,
        lots: u64,
    },
}

fn plan() -> impl Strategy<Value = OrderPlan> {
    let sizes = prop_oneof![3 => 1u64..100, 3 => 100u64..20_000, 1 => 20_000u64..900_000];
    (
        any::<bool>(),
        any::<bool>(),
        -300i32..300,
        sizes,
        0u8..9,
        prop::bool::weighted(0.2),
        prop::option::weighted(0.3, 0u8..4),
    )
        .prop_map(
            |(second_market, buy, offset, lots, kind, reduce_only, client)| OrderPlan {
                second_market,
                buy,
                offset,
                lots,
                kind,
                reduce_only,
                client,
            },
        )
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        12 => plan().prop_map(Act::Place),
        2 => prop::collection::vec(plan(), 1..8).prop_map(Act::Batch),
        3 => (1i32..100, 1u8..12, 1u64..5_000)
            .prop_map(|(spread, levels, lots)| Act::Ladder { spread, levels, lots }),
        3 => any::<u8>().prop_map(|which| Act::Cancel { which }),
        1 => any::<bool>().prop_map(|everywhere| Act::CancelAll { everywhere }),
        2 => (any::<u8>(), -300i32..300, 1u64..20_000)
            .prop_map(|(which, offset, lots)| Act::Amend { which, offset, lots }),
        1 => (1u128..5_000 * UNITS).prop_map(|units| Act::Deposit { units }),
        2 => (1u128..5_000 * UNITS).prop_map(|units| Act::Withdraw { units }),
        1 => (1u128..5_000 * UNITS).prop_map(|units| Act::Transfer { units }),
        1 => (0u8..60).prop_map(|leverage| Act::Leverage { leverage }),
        1 => prop::option::of(1u8..20).prop_map(|seconds| Act::Deadline { seconds }),
    ]
}

fn world() -> impl Strategy<Value = World> {
    use FeedStatus::{Guarded, Live, Stale, Uncertain};
    let statuses =
        prop_oneof![3 => Just(Live), 1 => Just(Stale), 1 => Just(Guarded), 1 => Just(Uncertain)];
    prop_oneof![
        4 => Just(World::Quiet),
        8 => (any::<bool>(), -400i32..400).prop_map(|(second, by)| World::Move { second, by }),
        1 => (any::<bool>(), statuses).prop_map(|(second, status)| World::Status { second, status }),
        1 => (0u16..3, 10_000u32..150_000).prop_map(|(market, ppm)| World::Floor { market, ppm }),
        1 => (0u16..3, 1_000u64..100_000_000).prop_map(|(market, lots)| World::Cap { market, lots }),
    ]
}

type Block = (World, Vec<(u8, Act)>);

fn history(blocks: usize) -> impl Strategy<Value = Vec<Block>> {
    let acts = prop::collection::vec((0..ACCOUNTS.len() as u8, act()), 0..4);
    prop::collection::vec((world(), acts), blocks)
}

/// The prices of the two feeds.
struct Feeds {
    price: [OraclePrice; 2],
    status: [FeedStatus; 2],
}

impl Feeds {
    fn apply(&mut self, world: &World) {
        match *world {
            World::Move { second, by } => {
                let price = &mut self.price[usize::from(second)];
                let moved = price.saturating_mul((10_000 + by) as u128) / 10_000;
                *price = moved.clamp(200 * ONE, 5_000_000 * ONE);
            }
            World::Status { second, status } => self.status[usize::from(second)] = status,
            _ => {}
        }
    }

    fn publish(&self, chain: &mut Native) {
        for feed in 0..2u8 {
            let place = usize::from(feed);
            chain.set_price(feed as FeedId, self.price[place], self.status[place]);
        }
    }
}

fn govern(world: &World) {
    match *world {
        World::Floor { market, ppm } => {
            let mut parameters =
                pallet_markets::Parameters::<Runtime>::get(market).expect("a market");
            parameters.floor_ppm = ppm;
            parameters.raise_ppm_per_hour = 400_000_000;
            let _ =
                Markets::set_risk_parameters(RuntimeOrigin::root(), market, Box::new(parameters));
        }
        World::Cap { market, lots } => {
            let contract = Markets::contract(market).expect("a market");
            let mut limits = pallet_markets::types::Limits::of(&contract);
            limits.open_interest_cap = lots;
            let _ = Markets::set_limits(RuntimeOrigin::root(), market, limits);
        }
        _ => {}
    }
}

fn owner(account: u8) -> AccountId {
    ACCOUNTS[usize::from(account)].0.to_account_id()
}

fn market_of(account: u8, second: bool) -> MarketId {
    let markets = MARKETS[usize::from(ACCOUNTS[usize::from(account)].1)];
    markets[usize::from(second) % markets.len()]
}

/// A price so many parts per ten thousand from the mark, in ticks.
fn ticks(market: MarketId, offset: i32) -> Ticks {
    let (Some(contract), Some(prices)) = (Markets::contract(market), Markets::prices(market))
    else {
        return 1;
    };
    let mark = prices.mark.0 / i128::from(contract.tick);
    Ticks::try_from(mark + mark * i128::from(offset) / 10_000).unwrap_or(1)
}

fn request(market: MarketId, plan: &OrderPlan) -> OrderRequest {
    use caisson_primitives::trading::Direction;
    let (now, price) = (
        pallet_babe::CurrentSlot::<Runtime>::get(),
        ticks(market, plan.offset),
    );
    let side = if plan.buy { Side::Long } else { Side::Short };
    let limit = OrderRequest::limit(side, plan.lots, price);
    let slippage_ppm = plan.offset.unsigned_abs() * 100;
    let soon = (u64::from(now) + u64::from(plan.offset.unsigned_abs() % 10)) * 1_000;
    let order = match plan.kind {
        0..=3 => limit,
        4 => limit.immediate(),
        5 => limit.post_only(),
        6 => limit.good_till(soon),
        _ => OrderRequest::market(side, plan.lots, slippage_ppm).immediate(),
    };
    let trigger = (plan.kind == 8).then_some(Trigger {
        direction: match plan.buy {
            true => Direction::AtOrAbove,
            false => Direction::AtOrBelow,
        },
        price,
    });
    OrderRequest {
        reduce_only: plan.reduce_only,
        trigger,
        client_id: plan.client.map(u64::from),
        ..order
    }
}

/// One of an account's live orders.
fn some_order(account: u8, which: u8) -> Option<(MarketId, OrderRef)> {
    let orders = pallet_exchange::api::open_orders::<Runtime>(account.into());
    let order = orders.get(usize::from(which) % orders.len().max(1))?;
    Some((order.market, OrderRef::Number(order.number)))
}

/// Does it; a refusal is fine, a broken book is not.
fn perform(account: u8, act: &Act) {
    use pallet_exchange::Call as Orders;
    use pallet_margin::Call as Money;

    let who = owner(account);
    let index = AccountIndex::from(account);
    let asset = caisson_runtime::configs::SETTLEMENT_ASSET;
    let _ = match act {
        Act::Place(plan) => {
            let market = market_of(account, plan.second_market);
            let request = request(market, plan);
            dispatch(
                &who,
                Orders::place {
                    account: index,
                    market,
                    request,
                },
            )
        }
        Act::Batch(plans) => {
            let market = market_of(account, plans[0].second_market);
            let requests: Vec<_> = plans.iter().map(|plan| request(market, plan)).collect();
            let requests = requests.try_into().expect("few enough");
            dispatch(
                &who,
                Orders::place_batch {
                    account: index,
                    market,
                    requests,
                },
            )
        }
        Act::Ladder {
            spread,
            levels,
            lots,
        } => {
            let market = market_of(account, false);
            let quotes: Vec<_> = (0..i32::from(*levels))
                .flat_map(|level| {
                    let offset = spread + level * 5;
                    [(Side::Long, -offset), (Side::Short, offset)]
                })
                .map(|(side, offset)| pallet_exchange::types::Quote {
                    side,
                    price: ticks(market, offset),
                    lots: *lots,
                    client_id: None,
                })
                .collect();
            let quotes = quotes.try_into().expect("few enough");
            dispatch(
                &who,
                Orders::replace_all {
                    account: index,
                    market,
                    quotes,
                },
            )
        }
        Act::Cancel { which } => match some_order(account, *which) {
            Some((market, order)) => dispatch(
                &who,
                Orders::cancel {
                    account: index,
                    market,
                    order,
                },
            ),
            None => Ok(()),
        },
        Act::CancelAll { everywhere } => {
            let market = (!everywhere).then(|| market_of(account, false));
            dispatch(
                &who,
                Orders::cancel_all {
                    account: index,
                    market,
                },
            )
        }
        Act::Amend {
            which,
            offset,
            lots,
        } => match some_order(account, *which) {
            Some((market, order)) => {
                let price = ticks(market, *offset);
                dispatch(
                    &who,
                    Orders::amend {
                        account: index,
                        market,
                        order,
                        price,
                        lots: *lots,
                    },
                )
            }
            None => Ok(()),
        },
        Act::Deposit { units } => dispatch(
            &who,
            Money::deposit {
                account: index,
                asset,
                units: *units,
            },
        ),
        Act::Withdraw { units } => {
            let result = dispatch(
                &who,
                Money::withdraw {
                    account: index,
                    asset,
                    units: *units,
                },
            );
            if result.is_ok() {
                let health = Margin::health(index).expect("an account");
                assert!(!health.initial_health.is_negative(), "{health:?}");
            }
            result
        }
        Act::Transfer { units } => {
            let to = AccountIndex::from(if account == 0 { 6u8 } else { 0 });
            dispatch(
                &who,
                Money::transfer {
                    from: index,
                    to,
                    units: *units,
                },
            )
        }
        Act::Leverage { leverage } => dispatch(
            &who,
            Money::set_leverage {
                account: index,
                leverage: *leverage,
            },
        ),
        Act::Deadline { seconds } => {
            let now: u64 = pallet_babe::CurrentSlot::<Runtime>::get().into();
            let at = seconds.map(|seconds| (now + u64::from(seconds)) * 1_000);
            dispatch(&who, Orders::schedule_cancel { account: index, at })
        }
    };
}

fn opened() -> (Native, Feeds) {
    let mut chain = Native::from_preset("development");
    let feeds = Feeds {
        price: [60_000 * ONE, 3_000 * ONE],
        status: [FeedStatus::Live; 2],
    };
    feeds.publish(&mut chain);
    chain.block(|| {
        for (number, (key, compartment, sub)) in ACCOUNTS.iter().enumerate() {
            let units = UNITS * (2_000 + 3_000 * (number as u128 % 4));
            let call = pallet_margin::Call::open_account {
                compartment: *compartment,
                sub: *sub,
                units,
            };
            assert_ok!(dispatch(&key.to_account_id(), call));
        }
    });
    (chain, feeds)
}

/// What the histories of a run reached, so that it can be seen that they reach anything.
#[derive(Debug, Default)]
struct Reached {
    fills: usize,
    unsafe_accounts: usize,
}

fn run(blocks: &[Block]) -> Reached {
    let (mut chain, mut feeds) = opened();
    let mut reached = Reached::default();
    for (world, acts) in blocks {
        feeds.apply(world);
        feeds.publish(&mut chain);
        chain.block(|| {
            let found: BTreeSet<AccountIndex> = found_unsafe();
            assert_eq!(
                found,
                scanned_unsafe(),
                "found after the hooks of the block"
            );
            reached.unsafe_accounts += found.len();
            govern(world);
            for (account, act) in acts {
                perform(*account, act);
            }
        });
        let events = chain.events();
        reached.fills += events
            .iter()
            .filter(|event| {
                matches!(
                    event,
                    caisson_runtime::RuntimeEvent::Exchange(pallet_exchange::Event::Filled { .. })
                )
            })
            .count();
    }
    reached
}

fn found_unsafe() -> BTreeSet<AccountIndex> {
    Margin::all()
        .into_iter()
        .filter(|(_, account)| account.unsafe_since.is_some())
        .map(|(index, _)| index)
        .collect()
}

fn scanned_unsafe() -> BTreeSet<AccountIndex> {
    Margin::all()
        .into_iter()
        .filter(|(_, account)| {
            let sum = pallet_margin::health::assess::<Runtime>(account, None).expect("adds up");
            // A fund's inventory is never unsafe: its capacity is another rule's.
            account.role == AccountRole::Trader && sum.slack.is_negative()
        })
        .map(|(index, _)| index)
        .collect()
}

#[test]
fn books_should_balance_and_nobody_unsafe_be_missed_in_any_history() {
    let cases = std::env::var("CAISSON_HISTORIES")
        .ok()
        .and_then(|number| number.parse().ok())
        .unwrap_or(60);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases,
        max_shrink_iters: 200,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let total = std::cell::RefCell::new(Reached::default());
    runner
        .run(&history(200), |blocks| {
            let reached = run(&blocks);
            let mut total = total.borrow_mut();
            total.fills += reached.fills;
            total.unsafe_accounts += reached.unsafe_accounts;
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
    let total = total.into_inner();
    println!("{cases} histories of 200 blocks: {total:?}");
    assert!(
        total.fills > 0 && total.unsafe_accounts > 0,
        "histories must reach fills and unsafe accounts: {total:?}"
    );
}

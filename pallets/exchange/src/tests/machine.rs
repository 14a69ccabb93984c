//! SPEC 11: whatever is done in whatever order, the invariants hold after every step.

use std::collections::BTreeSet;

use caisson_primitives::trading::{
    AccountIndex, AccountRole, Direction, ForcedOrders, Level, LotPrice, MarketId,
    OpenOrdersSource, OrderRef, OrderRequest, Phase, Side, Ticks, Trigger,
};
use frame_support::{storage::with_storage_layer, traits::Hooks, weights::Weight};
use proptest::prelude::*;

use crate::{mock::*, pallet::Event, try_state, types::Quote};

const ACCOUNTS: std::ops::RangeInclusive<AccountIndex> = 1..=6;

#[derive(Clone, Debug)]
enum Step {
    Place(AccountIndex, MarketId, OrderRequest),
    Batch(AccountIndex, Vec<OrderRequest>),
    Amend(AccountIndex, OrderRef, Ticks, u64),
    Cancel(AccountIndex, OrderRef),
    CancelAll(AccountIndex, Option<MarketId>),
    Replace(AccountIndex, Vec<Quote>),
    Schedule(AccountIndex, Option<u64>),
    Liquidator(AccountIndex),
    Unsafe(AccountIndex, bool),
    /// The chain enters an order for the account.
    Force(AccountIndex, Side, u64, Ticks),
    /// The last account is a fund, or is not.
    Fund(bool),
    /// The level of all markets, and by how much their calls are longer.
    Level(usize, u32),
    /// A loss elsewhere leaves the account so much slack.
    Squeeze(AccountIndex, i128),
    Mark(Ticks),
    Guard(Option<u32>),
    Budget(u64, u64),
    Fail(Option<AccountIndex>),
    CallBlocks(u32),
    Opening(bool),
    Seed(u8),
    Block,
}

fn side() -> impl Strategy<Value = Side> {
    any::<bool>().prop_map(|is_bid| if is_bid { Side::Long } else { Side::Short })
}

fn request() -> impl Strategy<Value = OrderRequest> {
    (
        (side(), 1u64..60, 900u32..1_100),
        (0u8..10, any::<bool>(), 0u64..6),
        (
            proptest::option::weighted(0.2, 900u32..1_100),
            any::<bool>(),
        ),
        proptest::option::weighted(0.2, 0u64..4),
    )
        .prop_map(
            |((side, lots, ticks), (kind, reduce_only, ttl), (trigger, rises), client_id)| {
                let limit = OrderRequest::limit(side, lots, ticks);
                let order = match kind {
                    0 => OrderRequest::market(side, lots, 50_000),
                    1 | 2 => limit.immediate(),
                    3 => limit.post_only(),
                    4 => limit.good_till((world(|world| world.slot) + ttl) * 1_000),
                    _ => limit,
                };
                OrderRequest {
                    reduce_only: reduce_only && kind > 5,
                    trigger: trigger.map(|price| Trigger {
                        direction: if rises {
                            Direction::AtOrAbove
                        } else {
                            Direction::AtOrBelow
                        },
                        price,
                    }),
                    client_id,
                    ..order
                }
            },
        )
}

fn named() -> impl Strategy<Value = OrderRef> {
    prop_oneof![
        (0u32..12).prop_map(OrderRef::Number),
        (0u64..4).prop_map(OrderRef::Client),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let quote = (side(), 1u64..30, 950u32..1_050).prop_map(|(side, lots, price)| Quote {
        side,
        price,
        lots,
        client_id: None,
    });
    let quotes = proptest::collection::vec(quote, 0..6);
    let market = prop_oneof![3 => Just(MARKET), 1 => Just(OTHER)];
    prop_oneof![
        20 => (ACCOUNTS, market, request()).prop_map(|(a, m, r)| Step::Place(a, m, r)),
        3 => (ACCOUNTS, proptest::collection::vec(request(), 0..5)).prop_map(|(a, r)| Step::Batch(a, r)),
        3 => (ACCOUNTS, named(), 900u32..1_100, 0u64..60).prop_map(|(a, o, t, l)| Step::Amend(a, o, t, l)),
        3 => (ACCOUNTS, named()).prop_map(|(a, o)| Step::Cancel(a, o)),
        1 => (ACCOUNTS, proptest::option::of(Just(MARKET))).prop_map(|(a, m)| Step::CancelAll(a, m)),
        3 => (ACCOUNTS, quotes).prop_map(|(a, q)| Step::Replace(a, q)),
        1 => (ACCOUNTS, proptest::option::of(1u64..4)).prop_map(|(a, at)| Step::Schedule(a, at)),
        1 => ACCOUNTS.prop_map(Step::Liquidator),
        2 => (ACCOUNTS, any::<bool>()).prop_map(|(a, on)| Step::Unsafe(a, on)),
        4 => (ACCOUNTS, side(), 1u64..60, 400u32..1_600)
            .prop_map(|(a, side, lots, limit)| Step::Force(a, side, lots, limit)),
        1 => any::<bool>().prop_map(Step::Fund),
        3 => (prop_oneof![3 => Just(0), 2 => 0..Level::ALL.len()], 0u32..3).prop_map(|(level, longer)| Step::Level(level, longer)),
        3 => (ACCOUNTS, -500i128..20_000).prop_map(|(a, spare)| Step::Squeeze(a, spare)),
        3 => (930u32..1_070).prop_map(Step::Mark),
        1 => proptest::option::weighted(0.3, 1u32..4).prop_map(Step::Guard),
        2 => (prop_oneof![9u64..40, Just(1_000_000)], prop_oneof![1u64..10, Just(1_000_000)])
            .prop_map(|(clearing, keeping)| Step::Budget(clearing, keeping)),
        1 => proptest::option::weighted(0.3, ACCOUNTS).prop_map(Step::Fail),
        1 => (1u32..4).prop_map(Step::CallBlocks),
        1 => any::<bool>().prop_map(Step::Opening),
        1 => any::<u8>().prop_map(Step::Seed),
        12 => Just(Step::Block),
    ]
}

fn apply(step: &Step) {
    let who = |account: &AccountIndex| RuntimeOrigin::signed(u64::from(*account));
    let _ = with_storage_layer(|| {
        match step {
            Step::Place(account, market, request) => {
                Exchange::place(who(account), *account, *market, *request)
                    .map_err(|error| error.error)?;
            }
            Step::Batch(account, requests) => {
                let requests = requests.clone().try_into().unwrap();
                Exchange::place_batch(who(account), *account, MARKET, requests)
                    .map_err(|error| error.error)?;
            }
            Step::Amend(account, order, price, lots) => {
                Exchange::amend(who(account), *account, MARKET, *order, *price, *lots)
                    .map_err(|error| error.error)?;
            }
            Step::Cancel(account, order) => {
                Exchange::cancel(who(account), *account, MARKET, *order)?;
            }
            Step::CancelAll(account, market) => {
                Exchange::cancel_all(who(account), *account, *market)
                    .map_err(|error| error.error)?;
            }
            Step::Replace(account, quotes) => {
                let quotes = quotes.clone().try_into().unwrap();
                Exchange::replace_all(who(account), *account, MARKET, quotes)
                    .map_err(|error| error.error)?;
            }
            Step::Schedule(account, slots) => {
                let now = world(|world| world.slot);
                let at = slots.map(|slots| (now + slots) * 1_000);
                Exchange::schedule_cancel(who(account), *account, at)?;
            }
            Step::Force(account, side, lots, limit) => {
                let limit = LotPrice(i128::from(*limit) * TICK);
                Exchange::force(*account, MARKET, *side, *lots, limit)?;
            }
            Step::Liquidator(account) => {
                <Exchange as OpenOrdersSource>::cancel_all(*account)?;
            }
            _ => {}
        }
        Ok::<_, sp_runtime::DispatchError>(())
    });
    match step {
        Step::Unsafe(account, is_unsafe) => Accounts::mutate(account, |stored| {
            stored.as_mut().unwrap().unsafe_since = is_unsafe.then_some(1);
        }),
        Step::Fund(is_fund) => Accounts::mutate(ACCOUNTS.end(), |stored| {
            stored.as_mut().unwrap().role = match is_fund {
                true => AccountRole::Fund,
                false => AccountRole::Trader,
            };
        }),
        Step::Level(level, longer) => world(|world| {
            (world.level, world.longer) = (Level::ALL[*level], *longer);
        }),
        Step::Squeeze(account, spare) => Accounts::mutate(account, |stored| {
            let stored = stored.as_mut().unwrap();
            stored.collateral.0 -= slack(stored) - spare;
        }),
        Step::Mark(ticks) => set_mark(*ticks),
        Step::Guard(extend) => world(|world| world.extend = *extend),
        Step::Budget(clearing, keeping) => world(|world| {
            world.clearing_budget = *clearing;
            world.housekeeping_budget = *keeping;
        }),
        Step::Fail(account) => world(|world| world.fails = *account),
        Step::CallBlocks(blocks) => change(MARKET, |contract, _| contract.call_blocks = *blocks),
        Step::Opening(is_opening) => change(MARKET, |contract, _| {
            contract.phase = if *is_opening {
                Phase::Opening
            } else {
                Phase::Trading
            };
        }),
        Step::Seed(seed) => world(|world| world.seed = [*seed; 32]),
        Step::Block => block(),
        _ => {}
    }
}

/// Money and lots come from somebody and go to somebody; trading alone makes nobody unsafe; nothing adds risk when nothing may.
fn block() {
    let all = || {
        ACCOUNTS
            .map(|account| Accounts::get(account).unwrap())
            .collect::<Vec<_>>()
    };
    let money = || {
        let held = all().into_iter().map(|account| {
            let costs: i128 = account
                .positions
                .iter()
                .map(|position| position.cost.0)
                .sum();
            account.collateral.0 - costs
        });
        held.sum::<i128>() + Fees::get().0 + Penalties::get().0
    };
    let sizes = || {
        let lots = |one: &caisson_primitives::trading::Account<AccountId>| {
            [MARKET, OTHER].map(|market| one.lots(market).0)
        };
        all().iter().flat_map(lots).collect::<Vec<_>>()
    };
    let positions = sizes();
    events();
    let slacks: Vec<_> = all().iter().map(slack).collect();
    let before = money();
    Exchange::on_idle(System::block_number(), Weight::MAX);
    end_block();
    assert_eq!(money(), before, "money is moved and not made");
    for market in [MARKET, OTHER] {
        let lots = all()
            .iter()
            .map(|account| account.lots(market).0)
            .collect::<Vec<_>>();
        assert_eq!(lots.iter().sum::<i64>(), 0);
        let long = lots.iter().map(|lots| (*lots).max(0)).sum::<i64>();
        assert_eq!(LongLots::get(market), long, "open interest");
    }
    for (before, now) in positions.iter().zip(sizes()) {
        let reduced = now.abs() <= before.abs() && now * before >= 0;
        match world(|world| world.level) {
            Level::Halted => assert_eq!(*before, now),
            Level::CancelOnly => assert!(reduced, "{before} -> {now}"),
            _ => {}
        }
    }
    // The chain may sell at a loss, and fines.
    let liquidated: BTreeSet<_> = events()
        .into_iter()
        .filter_map(|event| match event {
            Event::Filled {
                account,
                forced: true,
                ..
            } => Some(u64::from(account)),
            _ => None,
        })
        .collect();
    for (account, before) in all().iter().zip(slacks) {
        let now = slack(account);
        assert!(
            now >= 0 || now >= before || liquidated.contains(&account.owner),
            "{}: {before} -> {now}",
            account.owner
        );
    }
    begin_block();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn invariants_should_hold_after_every_step(
        steps in proptest::collection::vec(step(), 1..80),
        collateral in 20_000i128..400_000,
    ) {
        with_accounts(collateral, || {
            for account in 7..=20 {
                Accounts::remove(account);
            }
            for step in &steps {
                apply(step);
                try_state::orders::<Test>().unwrap_or_else(|error| panic!("{error:?}: {step:?}"));
            }
            // Whatever went on comes to its end.
            world(|world| (world.extend, world.fails) = (None, None));
            apply(&Step::Budget(1_000_000, 1_000_000));
            apply(&Step::Level(0, 0));
            apply(&Step::Opening(false));
            apply(&Step::CallBlocks(1));
            for _ in 0..8 {
                block();
            }
            end_block();
            let books: Vec<_> = crate::pallet::Books::<Test>::iter().collect();
            assert!(
                crate::pallet::Touched::<Test>::get().is_empty(),
                "nothing goes on for ever: {books:?} at {}, {:?}",
                System::block_number(),
                events(),
            );
        });
    }
}

//! SPEC 1.2: the order of a block's transactions decides nothing between accounts.

use caisson_primitives::trading::{
    AccountIndex, CallFlow, Level, MarketId, OrderRef, OrderRequest, Side,
};
use proptest::prelude::*;
use sp_runtime::StateVersion;

use crate::{mock::*, types::Quote};

#[derive(Clone, Debug)]
enum Act {
    Place(OrderRequest),
    Replace(Vec<Quote>),
    Cancel(u32),
    CancelAll,
}

fn act() -> impl Strategy<Value = Act> {
    let order = (any::<bool>(), 1u64..20, MARK - 5..MARK + 5, 0u8..6).prop_map(
        |(is_bid, lots, ticks, kind)| {
            let side = if is_bid { Side::Long } else { Side::Short };
            let order = OrderRequest::limit(side, lots + 1, ticks);
            match kind {
                0 => order.immediate(),
                1 => order.post_only(),
                2 => order.reduce_only(),
                _ => order,
            }
        },
    );
    let quote =
        (any::<bool>(), 2u64..20, MARK - 5..MARK + 5).prop_map(|(is_bid, lots, price)| Quote {
            side: if is_bid { Side::Long } else { Side::Short },
            price,
            lots,
            client_id: None,
        });
    prop_oneof![
        6 => order.prop_map(Act::Place),
        1 => proptest::collection::vec(quote, 0..4).prop_map(Act::Replace),
        2 => (0u32..4).prop_map(Act::Cancel),
        1 => Just(Act::CancelAll),
    ]
}

fn run(account: AccountIndex, act: &Act) {
    let who = RuntimeOrigin::signed(account.into());
    let _ = frame_support::storage::with_storage_layer(|| match act {
        Act::Place(request) => Exchange::place(who, account, MARKET, *request)
            .map(drop)
            .map_err(|error| error.error),
        Act::Replace(quotes) => {
            let quotes = quotes.clone().try_into().unwrap();
            Exchange::replace_all(who, account, MARKET, quotes)
                .map(drop)
                .map_err(|error| error.error)
        }
        Act::Cancel(number) => Exchange::cancel(who, account, MARKET, OrderRef::Number(*number)),
        Act::CancelAll => Exchange::cancel_all(who, account, None)
            .map(drop)
            .map_err(|error| error.error),
    });
}

type Acts = Vec<(AccountIndex, Act)>;

/// What blocks of acts come to: the root of all storage, who holds what, and what the guard was told.
type End = (Vec<u8>, Vec<i64>, Vec<(MarketId, CallFlow)>);

/// Runs blocks of these acts, each under a level.
fn after(blocks: &[(Level, Acts)]) -> End {
    new_test(|| {
        for (level, block) in blocks {
            world(|world| world.level = *level);
            for (account, act) in block {
                run(*account, act);
            }
            next_block();
        }
        System::reset_events();
        let positions = (1..=8).map(lots).collect();
        // A market that was only looked at tells nothing.
        let told = world(|world| world.told.clone())
            .into_iter()
            .filter(|(_, flow)| *flow != CallFlow::default());
        (
            sp_io::storage::root(StateVersion::V1),
            positions,
            told.collect(),
        )
    })
}

/// The same acts in another order, in which each account's own keep theirs.
fn shuffled(block: &Acts, seed: u32) -> Acts {
    let rank =
        |account: AccountIndex| account.wrapping_mul(2_654_435_761).rotate_left(seed % 32) ^ seed;
    let mut acts = block.clone();
    acts.sort_by_key(|(account, _)| rank(*account));
    acts
}

fn acts() -> impl Strategy<Value = Acts> {
    proptest::collection::vec((1u32..=8, act()), 0..30)
}

/// Not halted: what came in then stays in the list of immediate orders in the order in which it came.
fn level() -> impl Strategy<Value = Level> {
    prop_oneof![
        4 => Just(Level::Open),
        1 => Just(Level::ReduceOnly),
        1 => Just(Level::CancelOnly),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn block_should_end_in_the_same_state_in_whatever_order_its_transactions_came(
        blocks in proptest::collection::vec((level(), acts()), 1..4),
        seed in any::<u32>(),
    ) {
        let other: Vec<_> = blocks
            .iter()
            .map(|(level, block)| (*level, shuffled(block, seed)))
            .collect();
        prop_assert_eq!(after(&blocks), after(&other));
    }
}

//! SPEC 9: the end of a market.

use crate::{mock::*, OpenInterest, TriggerIndex, WeightInfo};
use caisson_primitives::trading::{Markets, TradingAccounts};
use frame_support::weights::Weight;

#[test]
fn positions_should_be_closed_at_the_settlement_price_once_orders_are_gone() {
    new_test_ext().execute_with(|| {
        let (alice, bob, carol) = (
            open(ALICE, 0, 1_000),
            open(BOB, 0, 1_000),
            open(CAROL, 0, 1_000),
        );
        trade(BTC, alice, bob, 10, 100 * ONE);
        trade(BTC, carol, bob, 3, 101 * ONE);
        trade(ETH, alice, carol, 2, 100 * ONE);
        set_funding(BTC, ONE);
        set_mark(BTC, 106 * ONE);
        settle_at(BTC, 105 * ONE);
        set_drained(false);
        next_block();
        assert_eq!(OpenInterest::<Test>::get(BTC), 13);
        set_drained(true);
        next_block();
        assert_eq!(OpenInterest::<Test>::get(BTC), 0);
        assert!(TestMarkets::prices(BTC).is_none());
        assert_eq!(collateral(alice), (1_000 + 50 - 10) * ONE);
        assert_eq!(collateral(bob), (1_000 - 50 - 12 + 13) * ONE);
        assert_eq!(collateral(carol), (1_000 + 12 - 3) * ONE);
        assert_eq!(Margin::load(alice).expect("one").positions.len(), 1);
        assert_eq!(TriggerIndex::<Test>::iter().count(), 2);
        next_block();
    });
}

#[test]
fn settlement_should_go_on_over_blocks_when_the_budget_is_short() {
    new_test_ext().execute_with(|| {
        let accounts: Vec<_> = (0..4)
            .flat_map(|sub| [open(ALICE, sub, 1_000), open(BOB, sub, 1_000)])
            .collect();
        for pair in accounts.chunks(2) {
            trade(BTC, pair[0], pair[1], 10, 100 * ONE);
        }
        settle_at(BTC, 105 * ONE);
        set_budget(<() as WeightInfo>::close_position(2, 0));
        let mut blocks = 0;
        while TestMarkets::prices(BTC).is_some() {
            next_block();
            blocks += 1;
        }
        assert!(blocks >= 4, "{blocks}");
        assert!(accounts
            .iter()
            .all(|index| Margin::load(*index).expect("one").positions.is_empty()));
        set_budget(Weight::MAX);
        next_block();
    });
}

//! SPEC 12: what the funds of markets hold.

use crate::{mock::*, try_state, Accounts, Error, Event, Inventories, TriggerIndex};
use caisson_primitives::trading::{
    AccountRole, Cash, LiquidationAccounts, Lots, Markets, Side, TradingAccounts,
};
use frame_support::{assert_noop, assert_ok};

fn inventory(market: u16) -> u32 {
    Margin::inventory(market).expect("an inventory")
}

#[test]
fn inventory_should_be_made_once_for_each_market() {
    new_test_ext().execute_with(|| {
        let alice = open(ALICE, 0, 100);
        let (btc, eth) = (inventory(BTC), inventory(ETH));
        assert_eq!((btc, eth), (alice + 1, alice + 2));
        assert_eq!(inventory(BTC), btc);
        let account = Margin::load(btc).expect("one");
        assert_eq!(account.role, AccountRole::Fund);
        assert_eq!(account.owner, Margin::custody(0));
        assert_eq!(Inventories::<Test>::get(BTC), Some(btc));
        assert!(Margin::accounts_of(&Margin::custody(0)).is_empty());
        System::assert_has_event(
            Event::InventoryOpened {
                account: btc,
                market: BTC,
            }
            .into(),
        );
        assert_noop!(Margin::inventory(999), Error::<Test>::NoSuchMarket);
        next_block();
    });
}

#[test]
fn inventory_should_never_be_unsafe_nor_looked_at() {
    new_test_ext().execute_with(|| {
        let fund = inventory(BTC);
        let bob = open(BOB, 0, 100_000_000);
        // Without any money, and far beyond the last tier.
        trade(BTC, fund, bob, 900_000, 100 * ONE);
        let quiet = sweep_only();
        let key = TriggerIndex::<Test>::iter_keys()
            .find(|key| key.account == fund)
            .expect("a key");
        assert_eq!(key.trigger, i64::MIN);
        set_mark(BTC, 50 * ONE);
        assert_eq!(sweep_only(), quiet);
        let account = Margin::load(fund).expect("one");
        assert_eq!(account.unsafe_since, None);
        assert!(Margin::endangered(10).is_empty());
        // Its figures say what the market owes.
        let standing = Margin::standing(&account).expect("stands");
        assert_eq!(standing.equity, Cash(-900_000 * 50 * ONE));
        assert_eq!(standing.legs.len(), 1);
    });
}

#[test]
fn inventory_should_be_added_up_when_it_is_larger_than_any_tier() {
    new_test_ext().execute_with(|| {
        let fund = inventory(BTC);
        let others: Vec<_> = (0..2).map(|sub| open(BOB, sub, 100_000_000)).collect();
        for other in others {
            trade(BTC, fund, other, 900_000, 100 * ONE);
        }
        let standing = Margin::standing(&Margin::load(fund).expect("one")).expect("stands");
        assert_eq!(standing.legs[0].lots, Lots(1_800_000));
        assert_eq!(standing.maintenance, Cash(1_800_000 * 5 * ONE));
        next_block();
        trade(BTC, open(CAROL, 0, 100_000_000), fund, 900_000, 99 * ONE);
        next_block();
    });
}

#[test]
fn inventory_should_take_positions_over_and_leave_the_index_when_it_is_sold() {
    new_test_ext().execute_with(|| {
        let fund = inventory(BTC);
        let (alice, bob) = (open(ALICE, 0, 1_000), open(BOB, 0, 1_000));
        trade(BTC, alice, bob, 10, 100 * ONE);
        trade(BTC, fund, alice, 10, 100 * ONE);
        next_block();
        // Sold and short: the key moves to the other side.
        trade(BTC, alice, fund, 15, 101 * ONE);
        let shorts = Margin::holders(BTC, Side::Short, 10, None).0;
        assert_eq!(shorts, [bob]);
        next_block();
        trade(BTC, fund, alice, 5, 101 * ONE);
        let account = Margin::load(fund).expect("one");
        assert!(account.positions.is_empty());
        assert_eq!(account.collateral, Cash(10 * ONE));
        assert!(TriggerIndex::<Test>::iter_keys().all(|key| key.account != fund));
        next_block();
    });
}

#[test]
fn inventory_should_be_settled_with_its_market() {
    new_test_ext().execute_with(|| {
        let fund = inventory(BTC);
        let bob = open(BOB, 0, 1_000);
        trade(BTC, fund, bob, 10, 100 * ONE);
        settle_at(BTC, 90 * ONE);
        next_block();
        assert!(TestMarkets::prices(BTC).is_none());
        let account = Margin::load(fund).expect("one");
        assert!(account.positions.is_empty());
        assert_eq!(account.collateral, Cash(-100 * ONE));
        assert_eq!(account.unsafe_since, None);
        assert_eq!(collateral(bob), 1_100 * ONE);
        next_block();
    });
}

#[test]
fn inventory_should_be_out_of_reach_of_calls() {
    new_test_ext().execute_with(|| {
        let fund = inventory(BTC);
        let custody = RuntimeOrigin::signed(Margin::custody(0));
        let alice = RuntimeOrigin::signed(ALICE);
        let refused = Error::<Test>::FundAccount;
        assert_noop!(Margin::deposit(custody.clone(), fund, USD, 1), refused);
        assert_noop!(
            Margin::withdraw(custody.clone(), fund, USD, 1),
            Error::<Test>::FundAccount
        );
        assert_noop!(
            Margin::transfer(custody.clone(), fund, fund + 1, 1),
            Error::<Test>::FundAccount
        );
        assert_noop!(
            Margin::set_leverage(custody.clone(), fund, 2),
            Error::<Test>::FundAccount
        );
        assert_noop!(
            Margin::close_account(custody, fund),
            Error::<Test>::FundAccount
        );
        assert_noop!(
            Margin::sweep_dust(alice.clone(), fund),
            Error::<Test>::FundAccount
        );
        assert_noop!(
            Margin::deposit(alice, fund, USD, 1),
            Error::<Test>::NotOwner
        );
    });
}

#[test]
fn penalty_should_be_nothing_when_the_fund_itself_sells() {
    new_test_ext().execute_with(|| {
        let fund = inventory(BTC);
        let mut account = Margin::load(fund).expect("one");
        account.collateral = Cash(0);
        assert_ok!(Margin::settle_liquidated(fund, account, Cash(5)), Cash(0));
        next_block();
    });
}

#[test]
fn invariants_should_not_hold_when_an_inventory_is_not_what_it_must_be() {
    let breaks = |change: fn(&mut caisson_primitives::trading::Account<AccountId>)| {
        new_test_ext().execute_with(|| {
            let fund = inventory(BTC);
            assert_ok!(try_state::check::<Test>());
            Accounts::<Test>::mutate(fund, |account| change(account.as_mut().expect("one")));
            assert!(try_state::check::<Test>().is_err());
        });
    };
    breaks(|account| account.role = AccountRole::Trader);
    breaks(|account| account.owner = ALICE);
    breaks(|account| account.unsafe_since = Some(1));
    breaks(|account| account.leverage = 1);
    breaks(|account| {
        let open = caisson_primitives::trading::OpenOrders {
            buy: 1,
            ..Default::default()
        };
        assert!(account.set_open(ETH, open));
    });
    new_test_ext().execute_with(|| {
        Inventories::<Test>::insert(ETH, inventory(BTC));
        assert!(try_state::check::<Test>().is_err());
    });
}
